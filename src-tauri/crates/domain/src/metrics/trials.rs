//! Trials that became paid, of those that ended in a period.
//!
//! Counted by when a trial ends, not by when it begins: otherwise the newest months look bad until theirs have ended.

use super::amount::period_amount;
use super::book::Catalog;
use super::mrr::is_licensed;
use crate::Instant;
use crate::ids::{CustomerId, SubscriptionId};
use crate::rate::Rate;
use crate::stripe::invoice::InvoiceStatus;
use crate::stripe::{Invoice, Subscription};
use crate::zones::Period;

/// For how long after its end a trial may still turn out paid, while Stripe retries the card. **Units**: days.
pub const MATURING_DAYS: i64 = 30;

/// One trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// Whose.
    pub customer: CustomerId,
    /// When it ends or ended: with its time, or earlier by cancellation.
    pub ended_at: Instant,
    /// Whether something was paid.
    pub is_converted: bool,
}

impl Trial {
    /// Reads the trial of a subscription, if it has one that could ever cost anything.
    ///
    /// **Shape**: converted is who has a paid invoice above 0 of this subscription, by total: paid from the customer's
    /// balance counts too.
    #[must_use]
    pub fn of(subscription: &Subscription, invoices: &[Invoice], catalog: &Catalog) -> Option<Self> {
        let ends_at = subscription.trial_end_at?;
        if !is_chargeable(subscription, catalog) {
            return None;
        }
        let begun = subscription.trial_start_at.unwrap_or(subscription.start_at);
        let is_paid = |invoice: &Invoice| {
            invoice.subscription.as_ref() == Some(&subscription.id)
                && invoice.status == InvoiceStatus::Paid
                && invoice.total.0 > 0
                && begun <= invoice.created_at
        };
        Some(Self {
            subscription: subscription.id.clone(),
            customer: subscription.customer.clone(),
            ended_at: subscription.ended_at.map_or(ends_at, |ended| ended.min(ends_at)),
            is_converted: invoices.iter().any(is_paid),
        })
    }
}

/// Says whether anything can ever be charged: a metered item, or a licensed one that is not free or not readable.
fn is_chargeable(subscription: &Subscription, catalog: &Catalog) -> bool {
    subscription.items.iter().any(|item| {
        let price = catalog.prices.get(&item.price).or(item.embedded.as_deref());
        price.is_none_or(|price| {
            let amount = || period_amount(price, subscription.currency, item.quantity);
            !is_licensed(price) || amount().is_ok_and(|amount| amount != super::amount::whole(0))
        })
    })
}

/// What became of the trials of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trials<'a> {
    /// Trials that ended in the period.
    pub ended: u64,
    /// Of these, the paid ones.
    pub converted: u64,
    /// Of these, the unpaid ones that may still turn.
    pub maturing: u64,
    /// Trials that run now, whenever they began.
    pub still_running: u64,
    /// The ended ones.
    pub rows: Vec<&'a Trial>,
}

impl Trials<'_> {
    /// Gives converted ÷ ended; `None` without any.
    #[must_use]
    pub fn conversion_rate(&self) -> Option<Rate> {
        Rate::of(self.converted, self.ended)
    }
}

/// Counts the trials that ended in a period.
#[must_use]
pub fn trials<'a>(all: impl IntoIterator<Item = &'a Trial>, period: Period, now: Instant) -> Trials<'a> {
    let mut counted = Trials::default();
    for trial in all {
        if now < trial.ended_at {
            counted.still_running += 1;
        } else if period.contains(trial.ended_at) {
            let is_young = now - trial.ended_at < chrono::TimeDelta::days(MATURING_DAYS);
            counted.ended += 1;
            counted.converted += u64::from(trial.is_converted);
            counted.maturing += u64::from(!trial.is_converted && is_young);
            counted.rows.push(trial);
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, invoice, item, price, subscription};
    use crate::money::Minor;
    use crate::stripe::price::UsageType;

    fn trial(unit: &str) -> Subscription {
        let mut trial = subscription("sub_1", "2026-03-01", vec![item("si_1", price("p", unit), 1)]);
        (trial.trial_start_at, trial.trial_end_at) = (Some(at("2026-03-01")), Some(at("2026-03-15")));
        trial
    }

    fn paid(created: &str, total: i64) -> Invoice {
        Invoice { total: Minor(total), ..invoice("in", created, vec![]) }
    }

    #[test]
    fn a_trial_ends_with_its_time_or_with_the_subscription() {
        let of = |trial: &Subscription, invoices: &[Invoice]| Trial::of(trial, invoices, &Catalog::default()).unwrap();
        assert_eq!(of(&trial("100"), &[]).ended_at, at("2026-03-15"));
        let mut left_early = trial("100");
        left_early.ended_at = Some(at("2026-03-05"));
        assert_eq!(of(&left_early, &[]).ended_at, at("2026-03-05"));
        left_early.ended_at = Some(at("2026-06-05"));
        assert_eq!(of(&left_early, &[]).ended_at, at("2026-03-15"));
        assert!(!of(&trial("100"), &[paid("2026-03-01", 0)]).is_converted, "the invoice of the trial itself");
        assert!(of(&trial("100"), &[paid("2026-03-01", 0), paid("2026-03-16", 5)]).is_converted);
        assert!(!of(&trial("100"), &[paid("2026-02-16", 5)]).is_converted, "paid before the trial");
    }

    #[test]
    fn what_can_never_cost_anything_is_no_trial() {
        assert_eq!(Trial::of(&trial("0"), &[], &Catalog::default()), None);
        let mut metered = price("tokens", "0");
        if let Some(recurring) = &mut metered.recurring {
            recurring.usage_type = UsageType::Metered;
        }
        let mut with_usage = trial("0");
        with_usage.items.push(item("si_2", metered, 1));
        assert!(Trial::of(&with_usage, &[], &Catalog::default()).is_some());
    }

    #[test]
    fn young_unpaid_trials_are_maturing() {
        let of = |ended: &str, is_converted| Trial {
            subscription: "sub".into(),
            customer: "cus".into(),
            ended_at: at(ended),
            is_converted,
        };
        let all = [
            of("2026-03-01", false),
            of("2026-03-20", false),
            of("2026-03-31T23:59:59", true),
            of("2026-05-01", false),
        ];
        let period = Period { start: at("2026-03-01"), end: at("2026-04-01") };
        let counted = trials(&all, period, at("2026-04-10"));
        assert_eq!((counted.ended, counted.converted, counted.maturing, counted.still_running), (3, 1, 1, 1));
        assert_eq!(trials(&[], period, at("2026-04-10")).conversion_rate(), None);
    }
}
