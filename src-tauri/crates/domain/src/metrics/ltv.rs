//! Lifetime value: revenue per customer over pooled churn. Revenue, not margin; nothing is discounted.

use super::current::current;
use super::reading::{Reading, is_paying_at};
use crate::rate::{Average, Rate};
use crate::zones::Month;

/// How many months of churn are pooled, the reported one included.
pub const POOLED_MONTHS: u16 = 6;

/// What a customer is expected to bring before it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetime {
    /// MRR per customer at the close of the month.
    pub arpa: Option<Average>,
    /// Customers lost, over the pooled months.
    pub churned: u64,
    /// Customers at the openings, over the pooled months.
    pub opening_customers: u64,
}

impl Lifetime {
    /// Gives pooled monthly churn; `None` without opening customers.
    ///
    /// Pooling, because a mean of monthly rates lets a tiny month dominate.
    #[must_use]
    pub fn churn_rate(&self) -> Option<Rate> {
        Rate::of(self.churned, self.opening_customers)
    }

    /// Gives ARPA ÷ churn; `None` without churn or without customers.
    #[must_use]
    pub fn value(&self) -> Option<Average> {
        let churn = self.churn_rate().filter(|_| self.churned > 0)?;
        Some(Average::exact(self.arpa.as_ref()?.ratio() / churn.ratio()))
    }
}

/// Lists the months whose churn is pooled for a month: it and the five before it.
#[must_use]
pub fn pooled(month: Month) -> Vec<Month> {
    (0..i32::from(POOLED_MONTHS)).rev().map(|back| month.plus(-back)).collect()
}

/// Computes lifetime value at the close of a month.
///
/// **Shape**: `window` are complete months; those before the first customer add nothing to either sum.
#[must_use]
pub fn lifetime(reading: &Reading<'_>, month: Month, window: &[Month]) -> Lifetime {
    let arpa = current(reading, reading.zone.month(month).closing_at()).arpa();
    let (mut churned, mut opening_customers) = (0, 0);
    for period in window.iter().map(|month| reading.zone.month(*month)) {
        for customer in reading.customers().filter(|customer| is_paying_at(customer, period.opening_at())) {
            opening_customers += 1;
            churned += u64::from(!is_paying_at(customer, period.closing_at()));
        }
    }
    Lifetime { arpa, churned, opening_customers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Fx;
    use crate::metrics::invented::span;
    use crate::money::Currency;
    use crate::zones::Zone;

    #[test]
    fn without_churn_there_is_no_lifetime() {
        let month = Month::parse("2026-06").unwrap();
        let window = pooled(month);
        assert_eq!((window.len(), window[0].to_string()), (6, "2026-01".to_owned()));
        let (fx, zone) = (Fx::new(Currency::USD, &[]), Zone::utc());
        let of = |segments: &[_]| lifetime(&Reading { segments, fx: &fx, zone: &zone }, month, &window);
        let loyal = [span("a", 100, "2026-01-10", None), span("b", 300, "2025-01-10", None)];
        assert_eq!((of(&loyal).churn_rate(), of(&loyal).value()), (Rate::of(0, 1), None));
        assert_eq!((of(&[]).churn_rate(), of(&[]).arpa), (None, None));
        // One of eleven openings is lost: 200 / (1 / 11).
        let fickle =
            [loyal[0].clone(), span("b", 300, "2025-01-10", Some("2026-03-05")), span("c", 300, "2026-03-20", None)];
        let lifetime = of(&fickle);
        assert_eq!((lifetime.churned, lifetime.opening_customers), (1, 11));
        assert_eq!(lifetime.value().unwrap().to_string(), "2200");
    }
}
