//! Disputes: how many are opened, and which charges end up disputed.

use std::collections::BTreeSet;

use super::revenue::is_taken;
use crate::Instant;
use crate::ids::ChargeId;
use crate::rate::Rate;
use crate::stripe::Charge;
use crate::zones::Period;

/// A dispute, as far as the figures need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Which charge it is about.
    pub charge: ChargeId,
    /// When it was opened.
    pub created_at: Instant,
    /// Stripe's word for where it stands.
    pub status: String,
}

impl Dispute {
    /// Says whether it is a real one: inquiries and prevented ones are not.
    #[must_use]
    pub fn is_real(&self) -> bool {
        !self.status.starts_with("warning_") && self.status != "prevented"
    }
}

/// Disputes against charges of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disputes {
    /// Charges of the period that took money.
    pub successful_charges: u64,
    /// Disputes opened in the period.
    pub opened: u64,
    /// Charges of the period that are disputed by now; grows for about 120 days.
    pub disputed_charges: u64,
}

impl Disputes {
    /// Gives opened ÷ successful charges: what card networks watch.
    #[must_use]
    pub fn activity(&self) -> Option<Rate> {
        Rate::of(self.opened, self.successful_charges)
    }

    /// Gives disputed ÷ successful charges.
    #[must_use]
    pub fn rate(&self) -> Option<Rate> {
        Rate::of(self.disputed_charges, self.successful_charges)
    }
}

/// Counts disputes of a period.
///
/// **Shape**: all disputes by now, whenever opened; two on one charge are two openings and one disputed charge.
#[must_use]
pub fn disputes<'a>(
    disputes: impl IntoIterator<Item = &'a Dispute>,
    charges: impl IntoIterator<Item = &'a Charge>,
    period: Period,
) -> Disputes {
    let mut all = Disputes::default();
    let mut disputed = BTreeSet::new();
    for dispute in disputes.into_iter().filter(|dispute| dispute.is_real()) {
        all.opened += u64::from(period.contains(dispute.created_at));
        disputed.insert(&dispute.charge);
    }
    for charge in charges.into_iter().filter(|charge| is_taken(charge) && period.contains(charge.created_at)) {
        all.successful_charges += 1;
        all.disputed_charges += u64::from(disputed.contains(&charge.id));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, charge};
    use crate::stripe::charge::ChargeStatus;

    #[test]
    fn two_disputes_on_one_charge_are_two_openings() {
        let dispute = |charge: &str, day: &str, status: &str| Dispute {
            charge: charge.into(),
            created_at: at(day),
            status: status.to_owned(),
        };
        let all = [
            dispute("a", "2026-06-10", "needs_response"),
            dispute("a", "2026-06-20", "lost"),
            dispute("b", "2026-08-01", "won"),
            dispute("c", "2026-06-10", "warning_closed"),
            dispute("c", "2026-06-10", "prevented"),
        ];
        let charges = ["a", "b", "c", "d"].map(|id| charge(id, 5, "2026-06-02", ChargeStatus::Succeeded));
        let june = Period { start: at("2026-06-01"), end: at("2026-07-01") };
        let counted = disputes(&all, &charges, june);
        assert_eq!(counted, Disputes { successful_charges: 4, opened: 2, disputed_charges: 2 });
        assert_eq!(counted.activity(), Rate::of(1, 2));
        assert_eq!(disputes(&all, &[], june).activity(), None);
    }
}
