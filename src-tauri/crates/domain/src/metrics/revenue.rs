//! Money that went through Stripe: gross, refunds, disputes, fees, net, by settlement currency and local day.
//!
//! Cash processed, not recognised revenue and not MRR. Invoices paid outside Stripe are not here.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::Instant;
use crate::money::{Currency, Minor};
use crate::stripe::charge::ChargeStatus;
use crate::stripe::{Charge, Invoice};
use crate::zones::{Period, Zone};

/// One balance transaction, as far as revenue needs it. **Units**: minor units of the settlement currency, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceEntry {
    /// When it was made.
    pub created_at: Instant,
    /// Settlement currency.
    pub currency: Currency,
    /// Before fees.
    pub amount: Minor,
    /// Stripe's fees on it.
    pub fee: Minor,
    /// Amount less fees.
    pub net: Minor,
    /// Stripe's reporting category.
    pub reporting_category: String,
}

/// Categories that move the company's own money about.
const OWN_MONEY: &[&str] = &["payout", "payout_reversal", "topup", "topup_reversal", "transfer", "transfer_reversal"];

/// The figures of one currency, over a period or a day.
///
/// **Units**: minor units. `gross − refunds − disputes − fees + other = net`, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revenue {
    /// Charges, less what was captured only in part.
    pub gross: i64,
    /// Given back, shown positive.
    pub refunds: i64,
    /// Withdrawn by disputes, less what was won back, shown positive.
    pub disputes: i64,
    /// Stripe's fees, shown positive.
    pub fees: i64,
    /// Everything else, by category.
    pub other: BTreeMap<String, i64>,
    /// What is left.
    pub net: i64,
}

impl Revenue {
    /// Gives the sum of everything else.
    #[must_use]
    pub fn other_total(&self) -> i64 {
        self.other.values().sum()
    }

    fn add(&mut self, entry: &BalanceEntry) {
        let amount = entry.amount.0;
        self.fees += entry.fee.0;
        self.net += entry.net.0;
        match entry.reporting_category.as_str() {
            "charge" | "partial_capture_reversal" => self.gross += amount,
            "refund" | "refund_failure" => self.refunds -= amount,
            "dispute" | "dispute_reversal" => self.disputes -= amount,
            "fee" => self.fees -= amount,
            other => *self.other.entry(other.to_owned()).or_default() += amount,
        }
    }
}

/// Revenue of a period, per currency and per local day. Days without activity are absent and mean 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevenueByDay {
    /// Over the whole period.
    pub by_currency: BTreeMap<Currency, Revenue>,
    /// Day by day.
    pub by_day: BTreeMap<(Date, Currency), Revenue>,
}

/// Sums the balance transactions of a period.
#[must_use]
pub fn revenue<'a>(entries: impl IntoIterator<Item = &'a BalanceEntry>, period: Period, zone: &Zone) -> RevenueByDay {
    let mut all = RevenueByDay::default();
    for entry in entries {
        if period.contains(entry.created_at) && !OWN_MONEY.contains(&entry.reporting_category.as_str()) {
            let day = (zone.date_of(entry.created_at), entry.currency);
            all.by_currency.entry(entry.currency).or_default().add(entry);
            all.by_day.entry(day).or_default().add(entry);
        }
    }
    all
}

/// Sums what was paid outside Stripe: a line of its own beside revenue.
///
/// **Units**: minor units.
#[must_use]
pub fn off_stripe<'a>(invoices: impl IntoIterator<Item = &'a Invoice>, period: Period) -> BTreeMap<Currency, i64> {
    let mut all = BTreeMap::new();
    for invoice in invoices.into_iter().filter(|invoice| invoice.paid_at.is_some_and(|at| period.contains(at))) {
        if invoice.amount_paid_off_stripe.0 != 0 {
            *all.entry(invoice.currency).or_default() += invoice.amount_paid_off_stripe.0;
        }
    }
    all
}

/// Volume of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    /// Successful, captured charges.
    pub count: u64,
    /// What they took, in minor units.
    pub amount: i64,
    /// What of it was given back by now, whenever that was.
    pub refunded: i64,
}

impl Volume {
    /// Gives amount ÷ count; `None` without charges.
    #[must_use]
    pub fn average(&self) -> Option<crate::rate::Average> {
        crate::rate::Average::of(crate::money::Micro::from_minor(Minor(self.amount)), self.count)
    }

    /// Gives what was collected and kept.
    #[must_use]
    pub fn kept(&self) -> i64 {
        self.amount - self.refunded
    }

    fn add(&mut self, charge: &Charge) {
        self.count += 1;
        self.amount += charge.amount_captured.0;
        self.refunded += charge.amount_refunded.0;
    }
}

/// Transaction volume of a period, in the currencies customers paid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VolumeByDay {
    /// Over the whole period.
    pub by_currency: BTreeMap<Currency, Volume>,
    /// Day by day.
    pub by_day: BTreeMap<(Date, Currency), Volume>,
}

/// Counts the successful, captured charges of a period.
#[must_use]
pub fn volume<'a>(charges: impl IntoIterator<Item = &'a Charge>, period: Period, zone: &Zone) -> VolumeByDay {
    let mut all = VolumeByDay::default();
    for charge in charges {
        if is_taken(charge) && period.contains(charge.created_at) {
            let day = (zone.date_of(charge.created_at), charge.currency);
            all.by_currency.entry(charge.currency).or_default().add(charge);
            all.by_day.entry(day).or_default().add(charge);
        }
    }
    all
}

/// Says whether a charge took money.
#[must_use]
pub fn is_taken(charge: &Charge) -> bool {
    charge.status == ChargeStatus::Succeeded && charge.is_captured
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::invented::{at, charge, invoice};

    #[test]
    fn what_is_kept_of_a_volume_is_without_refunds() {
        let mut refunded = charge("a", 500, "2026-05-02", ChargeStatus::Succeeded);
        refunded.amount_refunded = Minor(200);
        let mut held = charge("b", 900, "2026-05-02", ChargeStatus::Succeeded);
        held.is_captured = false;
        let charges = [refunded, held, charge("c", 100, "2026-05-02", ChargeStatus::Failed)];
        let period = Period { start: at("2026-05-01"), end: at("2026-06-01") };
        let volume = volume(&charges, period, &Zone::utc()).by_currency[&Currency::USD];
        assert_eq!((volume.count, volume.amount, volume.kept()), (1, 500, 300));
        assert_eq!(Volume::default().average(), None);
    }

    #[test]
    fn money_paid_elsewhere_is_a_line_of_its_own() {
        let paid = |at_day: &str, amount: i64| {
            let mut invoice = invoice("in", "2026-04-01", vec![]);
            (invoice.paid_at, invoice.amount_paid_off_stripe) = (Some(at(at_day)), Minor(amount));
            invoice
        };
        let period = Period { start: at("2026-05-01"), end: at("2026-06-01") };
        let all = off_stripe(&[paid("2026-05-01", 70), paid("2026-06-01", 5), paid("2026-05-03", 0)], period);
        assert_eq!(all, BTreeMap::from([(Currency::USD, 70)]));
    }

    const CATEGORIES: &[&str] =
        &["charge", "partial_capture_reversal", "refund", "refund_failure", "dispute", "fee", "tax", "payout"];

    proptest! {
        #[test]
        fn the_parts_make_up_the_net_exactly(
            entries in prop::collection::vec((0..CATEGORIES.len(), -10_000i64..10_000, 0i64..500, 0i64..5), 0..60),
        ) {
            let entry = |(category, amount, fee, day): (usize, i64, i64, i64)| BalanceEntry {
                created_at: at("2026-05-01") + chrono::TimeDelta::days(day),
                currency: Currency::USD,
                amount: Minor(amount),
                fee: Minor(fee),
                net: Minor(amount - fee),
                reporting_category: CATEGORIES[category].to_owned(),
            };
            let entries: Vec<_> = entries.into_iter().map(entry).collect();
            let period = Period { start: at("2026-05-01"), end: at("2026-05-04") };
            let all = revenue(&entries, period, &Zone::utc());
            let days: i64 = all.by_day.values().map(|day| day.net).sum();
            for one in all.by_day.values().chain(all.by_currency.values()) {
                prop_assert_eq!(one.gross - one.refunds - one.disputes - one.fees + one.other_total(), one.net);
                prop_assert!(!one.other.contains_key("payout"));
            }
            prop_assert_eq!(all.by_currency.values().map(|one| one.net).sum::<i64>(), days);
        }
    }
}
