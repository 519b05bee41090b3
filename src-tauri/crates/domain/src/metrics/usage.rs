//! Usage: how much of each meter was used, by whom, and whether both sides counted the same.
//!
//! Usage revenue is here too, because it is never mixed into MRR.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;

use super::amount::{exact, whole};
use super::book::Catalog;
use super::rank::nearest_rank;
use crate::Instant;
use crate::money::Currency;
use crate::rate::Rate;
use crate::stripe::Invoice;
use crate::stripe::invoice::InvoiceStatus;
use crate::stripe::price::UsageType;
use crate::zones::{Period, Zone};

/// Comparisons use whole hours or days that ended at least this long ago: meters lag. **Units**: minutes.
pub const SETTLED_AFTER_MINUTES: i64 = 60;

/// Usage that the company's database recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// Whose.
    pub customer: String,
    /// Of what.
    pub meter: String,
    /// How much.
    pub quantity: Decimal,
    /// When.
    pub used_at: Instant,
}

/// Usage that Stripe's meter counted over the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterCount {
    /// Whose.
    pub customer: String,
    /// Of what.
    pub meter: String,
    /// How much.
    pub quantity: Decimal,
}

/// One meter over a period. Statistics are over customers who used it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeterUsage {
    /// Everything used.
    pub total: BigRational,
    /// Usage of each customer above 0.
    pub by_customer: BTreeMap<String, BigRational>,
    /// Usage by local hour of the day, 0 to 23.
    pub by_hour: BTreeMap<u8, BigRational>,
    /// Usage by local weekday, 1 is Monday.
    pub by_weekday: BTreeMap<u8, BigRational>,
}

impl MeterUsage {
    /// Gives usage per active customer; `None` without any.
    #[must_use]
    pub fn mean(&self) -> Option<BigRational> {
        (!self.by_customer.is_empty()).then(|| &self.total / whole(self.by_customer.len()))
    }

    /// Gives the median; of an even count the mean of the middle two.
    #[must_use]
    pub fn median(&self) -> Option<BigRational> {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        let upper = sorted.get(middle)?;
        if sorted.len() % 2 == 1 {
            return Some(upper.clone());
        }
        sorted.get(middle.checked_sub(1)?).map(|lower| (lower + upper) / whole(2))
    }

    /// Gives the 95th percentile by nearest rank.
    #[must_use]
    pub fn p95(&self) -> Option<BigRational> {
        nearest_rank(&self.sorted(), 95).cloned()
    }

    /// Lists the customers who used most.
    #[must_use]
    pub fn top(&self, count: usize) -> Vec<(&str, &BigRational)> {
        let mut all: Vec<_> = self.by_customer.iter().map(|(customer, used)| (customer.as_str(), used)).collect();
        all.sort_by(|one, two| two.1.cmp(one.1));
        all.truncate(count);
        all
    }

    fn sorted(&self) -> Vec<BigRational> {
        let mut all: Vec<_> = self.by_customer.values().cloned().collect();
        all.sort();
        all
    }
}

/// Sums recorded usage by meter.
#[must_use]
pub fn usage<'a>(
    rows: impl IntoIterator<Item = &'a UsageRow>,
    period: Period,
    zone: &Zone,
) -> BTreeMap<String, MeterUsage> {
    let mut meters = BTreeMap::<String, MeterUsage>::new();
    for row in rows.into_iter().filter(|row| period.contains(row.used_at)) {
        let meter = meters.entry(row.meter.clone()).or_default();
        let used = exact(row.quantity);
        let local = row.used_at + chrono::TimeDelta::seconds(zone.offset_seconds(row.used_at).into());
        let hour = local.timestamp().rem_euclid(86_400) / 3_600;
        let weekday = zone.date_of(row.used_at).weekday().to_monday_one_offset();
        meter.total += &used;
        *meter.by_hour.entry(u8::try_from(hour).unwrap_or_default()).or_default() += &used;
        *meter.by_weekday.entry(weekday.unsigned_abs()).or_default() += &used;
        *meter.by_customer.entry(row.customer.clone()).or_default() += used;
    }
    for meter in meters.values_mut() {
        meter.by_customer.retain(|_, used| used.is_positive());
    }
    meters
}

/// How well both sides agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accuracy {
    /// Of each meter; `None` where both sides are 0.
    pub by_meter: BTreeMap<String, Option<Rate>>,
    /// Pairs of customer and meter that agree exactly.
    pub equal_cells: u64,
    /// All such pairs.
    pub cells: u64,
}

impl Accuracy {
    /// Gives the worst meter: the headline, otherwise a large meter would drown a small one.
    #[must_use]
    pub fn worst(&self) -> Option<&Rate> {
        self.by_meter.values().flatten().min()
    }

    /// Gives the share of pairs that agree exactly.
    #[must_use]
    pub fn matching_cells(&self) -> Option<Rate> {
        Rate::of(self.equal_cells, self.cells)
    }
}

/// Compares recorded usage with Stripe's meters: 1 − Σ|difference| ÷ the larger total, not below 0.
#[must_use]
pub fn accuracy(recorded: &BTreeMap<String, MeterUsage>, counted: &[MeterCount]) -> Accuracy {
    let mut stripe = BTreeMap::<&str, BTreeMap<&str, BigRational>>::new();
    for count in counted {
        *stripe.entry(&count.meter).or_default().entry(&count.customer).or_default() += exact(count.quantity);
    }
    let mut all = Accuracy::default();
    let meters: BTreeSet<&str> = recorded.keys().map(String::as_str).chain(stripe.keys().copied()).collect();
    for meter in meters {
        let ours: BTreeMap<&str, &BigRational> = recorded
            .get(meter)
            .map(|usage| usage.by_customer.iter().map(|(customer, used)| (customer.as_str(), used)).collect())
            .unwrap_or_default();
        let theirs = stripe.remove(meter).unwrap_or_default();
        let customers: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
        let zero = BigRational::zero();
        let mut apart = BigRational::zero();
        for customer in customers {
            let difference = *ours.get(customer).unwrap_or(&&zero) - theirs.get(customer).unwrap_or(&zero);
            all.cells += 1;
            all.equal_cells += u64::from(difference.is_zero());
            apart += difference.abs();
        }
        let larger = ours.into_values().sum::<BigRational>().max(theirs.into_values().sum());
        let rate = (!larger.is_zero()).then(|| Rate::exact((whole(1) - apart / larger).max(BigRational::zero())));
        all.by_meter.insert(meter.to_owned(), rate);
    }
    all
}

/// Sums what metered prices brought, after discount and before tax, by the end of the service period.
///
/// **Units**: minor units.
/// **Shape**: finalized invoices that are not void.
#[must_use]
pub fn usage_revenue<'a>(
    invoices: impl IntoIterator<Item = &'a Invoice>,
    catalog: &Catalog,
    period: Period,
) -> BTreeMap<Currency, i64> {
    let mut by_currency = BTreeMap::new();
    for invoice in invoices {
        if matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Void) {
            continue;
        }
        for line in invoice.lines.iter().filter(|line| period.contains(line.period_end_at)) {
            let price = line.price.as_ref().and_then(|id| catalog.prices.get(id));
            let usage_type = price.and_then(|price| price.recurring.as_ref()).map(|recurring| &recurring.usage_type);
            if usage_type == Some(&UsageType::Metered) {
                let tax = if line.is_tax_inclusive { line.tax_amount.0 } else { 0 };
                *by_currency.entry(invoice.currency).or_default() += line.amount.0 - line.discount_amount.0 - tax;
            }
        }
    }
    by_currency
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, decimal, invoice, line, price};
    use crate::money::Minor;

    fn row(customer: &str, quantity: &str, when: &str) -> UsageRow {
        UsageRow { customer: customer.into(), meter: "runs".into(), quantity: decimal(quantity), used_at: at(when) }
    }

    fn may() -> Period {
        Period { start: at("2026-05-01"), end: at("2026-06-01") }
    }

    #[test]
    fn statistics_are_over_active_customers() {
        let rows = [
            row("a", "10", "2026-05-03T23:30:00"),
            row("b", "20", "2026-05-04T10:00:00"),
            row("c", "0", "2026-05-04T10:00:00"),
            row("d", "0.5", "2026-05-04T10:00:00"),
            row("d", "39.5", "2026-05-04T11:00:00"),
            row("e", "99", "2026-06-01T00:00:00"),
            row("f", "30", "2026-05-04T10:00:00"),
        ];
        let zone = Zone::named("Europe/Berlin").unwrap();
        let usage = &usage(&rows, may(), &zone)["runs"];
        assert_eq!(usage.by_customer.len(), 4);
        assert_eq!(usage.total, whole(100));
        assert_eq!((usage.mean(), usage.median(), usage.p95()), (Some(whole(25)), Some(whole(25)), Some(whole(40))));
        assert_eq!(usage.by_hour[&1], whole(10), "half past one in Berlin");
        assert_eq!(usage.by_weekday[&1], whole(100), "and Monday there");
        assert_eq!(usage.top(1), [("d", &whole(40))]);
    }

    #[test]
    fn accuracy_is_of_the_worst_meter_and_not_below_nothing() {
        let recorded = usage(&[row("a", "10", "2026-05-03"), row("b", "5", "2026-05-03")], may(), &Zone::utc());
        let count = |customer: &str, meter: &str, quantity: i64| MeterCount {
            customer: customer.into(),
            meter: meter.into(),
            quantity: quantity.into(),
        };
        let accuracy = accuracy(&recorded, &[count("a", "runs", 15), count("a", "tokens", 7), count("b", "idle", 0)]);
        assert_eq!(accuracy.by_meter["runs"].as_ref().unwrap().to_string(), "1/3");
        assert_eq!(accuracy.by_meter["tokens"].as_ref().unwrap().to_string(), "0/1");
        assert_eq!(accuracy.by_meter["idle"], None);
        assert_eq!(accuracy.worst().unwrap().to_string(), "0/1");
        assert_eq!(accuracy.matching_cells().unwrap().to_string(), "1/4");
    }

    #[test]
    fn usage_revenue_is_after_discount_and_before_tax() {
        let mut metered = price("tokens", "1");
        metered.recurring.as_mut().unwrap().usage_type = UsageType::Metered;
        let catalog = Catalog {
            prices: [("tokens".into(), metered), ("seat".into(), price("seat", "100"))].into(),
            ..Catalog::default()
        };
        let mut used = line("tokens", 5, 1190, "2026-04-10", "2026-05-10");
        (used.discount_amount, used.tax_amount, used.is_tax_inclusive) = (Minor(100), Minor(190), true);
        let lines = vec![used.clone(), line("seat", 1, 100, "2026-04-10", "2026-05-10")];
        let mut void = invoice("in_2", "2026-05-10", vec![used]);
        void.status = InvoiceStatus::Void;
        let revenue = usage_revenue(&[invoice("in_1", "2026-05-10", lines), void], &catalog, may());
        assert_eq!(revenue, BTreeMap::from([(Currency::USD, 900)]));
    }
}
