//! Retention over twelve months, point to point.
//!
//! Pure arithmetic on segments; it does not know where they come from.

use std::collections::BTreeSet;

use super::reading::{Reading, is_paying_at, worth_at};
use crate::Instant;
use crate::ids::CustomerId;
use crate::money::{Currency, Micro};
use crate::rate::Rate;
use crate::zones::Period;

/// One customer of the opening, then and now.
///
/// **Units**: micro-units of the reporting currency at the closing rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The customer.
    pub customer: &'a CustomerId,
    /// MRR then.
    pub opening: Micro,
    /// MRR now.
    pub closing: Micro,
}

/// What became of the customers of the opening.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention<'a> {
    /// Their MRR then.
    pub opening: Micro,
    /// What is left of it: of each customer no more than it had.
    pub kept: Micro,
    /// Their MRR now.
    pub closing: Micro,
    /// Currencies without a rate at the closing; they are in none of the sums.
    pub unconverted: BTreeSet<Currency>,
    /// The customers.
    pub rows: Vec<Row<'a>>,
}

impl Retention<'_> {
    /// Gives Σ min(now, then) ÷ Σ then; `None` without customers.
    #[must_use]
    pub fn grr(&self) -> Option<Rate> {
        Rate::of(self.kept.0, self.opening.0)
    }

    /// Gives Σ now ÷ Σ then of the same customers.
    #[must_use]
    pub fn nrr(&self) -> Option<Rate> {
        Rate::of(self.closing.0, self.opening.0)
    }
}

/// Compares customers' MRR at the closing of a period with theirs at its opening, usually twelve months earlier.
///
/// **Shape**: only customers with opening MRR above 0; one who left and came back counts with what it pays now.
#[must_use]
pub fn retention<'a>(reading: &Reading<'a>, period: Period, now: Instant) -> Retention<'a> {
    let closing_at = period.closing_at().min(now);
    let rates = reading.rates_at(closing_at);
    let mut all = Retention::default();
    for customer in reading.customers().filter(|customer| is_paying_at(customer, period.opening_at())) {
        let Some(first) = customer.first() else { continue };
        let opening = worth_at(customer, period.opening_at(), &rates, &mut all.unconverted);
        let closing = worth_at(customer, closing_at, &rates, &mut all.unconverted);
        all.opening += opening;
        all.kept += opening.min(closing);
        all.closing += closing;
        all.rows.push(Row { customer: &first.customer, opening, closing });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Fx;
    use crate::metrics::invented::{at, span};
    use crate::zones::Zone;

    #[test]
    fn growth_of_one_does_not_hide_the_loss_of_another() {
        let segments = [
            span("a", 100, "2025-01-01", None),
            span("b", 100, "2025-01-01", Some("2025-08-01")),
            span("b", 150, "2025-12-01", None),
            span("c", 100, "2025-01-01", Some("2025-08-01")),
            span("d", 900, "2026-01-01", None),
        ];
        let (fx, zone) = (Fx::new(Currency::USD, &[]), Zone::utc());
        let year = Period { start: at("2025-06-01"), end: at("2026-06-01") };
        let kept = retention(&Reading { segments: &segments, fx: &fx, zone: &zone }, year, at("2026-07-01"));
        assert_eq!(kept.rows.len(), 3);
        assert_eq!((kept.grr(), kept.nrr()), (Rate::of(2, 3), Rate::of(5, 6)));
        let nobody = retention(&Reading { segments: &[], fx: &fx, zone: &zone }, year, at("2026-07-01"));
        assert_eq!((nobody.grr(), nobody.nrr()), (None, None));
    }
}
