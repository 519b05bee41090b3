//! Retention by cohort: what became of the customers who began in one month.
//!
//! A cohort never changes: whoever comes back comes back to the old one.

use std::collections::BTreeSet;

use super::reading::{Reading, is_paying_at, worth_at};
use crate::Instant;
use crate::money::{Currency, Micro};
use crate::rate::Rate;
use crate::zones::Month;

/// A cohort at the close of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its customers with MRR above 0.
    pub customers: u64,
    /// Their MRR, in micro-units of the reporting currency at today's rates.
    pub mrr: Micro,
}

/// The customers whose first MRR fell into one local month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// The month.
    pub month: Month,
    /// How many they are.
    pub customers: u64,
    /// What they were at the close of this month and of each later one; `None` where that is not over.
    pub cells: Vec<Option<Cell>>,
}

impl Cohort {
    /// Gives paying customers ÷ cohort size for each month; `None` for an empty cohort or a month not over.
    #[must_use]
    pub fn logo(&self) -> Vec<Option<Rate>> {
        self.cells.iter().map(|cell| Rate::of(cell.as_ref()?.customers, self.customers)).collect()
    }

    /// Gives MRR ÷ MRR at the close of the cohort's own month; `None` where that is 0, or for a month not over.
    #[must_use]
    pub fn mrr(&self) -> Vec<Option<Rate>> {
        let first = self.cells.first().copied().flatten().unwrap_or_default();
        self.cells.iter().map(|cell| Rate::of(cell.as_ref()?.mrr.0, first.mrr.0)).collect()
    }
}

/// The cohorts asked for, and what they leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohorts {
    /// One for each month.
    pub rows: Vec<Cohort>,
    /// Currencies without a rate today.
    pub unconverted: BTreeSet<Currency>,
}

/// Follows the cohorts of some months to the last of them.
///
/// **Shape**: months ascend; every cohort has one cell for its own month and each later one of the list.
#[must_use]
pub fn cohorts(reading: &Reading<'_>, months: &[Month], now: Instant) -> Cohorts {
    let rates = reading.rates_at(now);
    let closings: Vec<Instant> = months.iter().map(|month| reading.zone.month(*month).closing_at()).collect();
    let blank = |(place, month): (usize, &Month)| {
        let cell = |closing: &Instant| (*closing <= now).then(Cell::default);
        Cohort { month: *month, customers: 0, cells: closings.iter().skip(place).map(cell).collect() }
    };
    let mut all = Cohorts { rows: months.iter().enumerate().map(blank).collect(), unconverted: BTreeSet::new() };
    for customer in reading.customers() {
        let first = customer.iter().map(|segment| segment.start_at).min().filter(|first| *first <= now);
        let Some(month) = first.map(|first| reading.zone.month_of(first)) else { continue };
        let Some(place) = months.iter().position(|known| *known == month) else { continue };
        let Some(cohort) = all.rows.get_mut(place) else { continue };
        cohort.customers += 1;
        for (cell, closing) in cohort.cells.iter_mut().zip(closings.iter().skip(place)) {
            if let Some(cell) = cell {
                cell.customers += u64::from(is_paying_at(customer, *closing));
                cell.mrr += worth_at(customer, *closing, &rates, &mut all.unconverted);
            }
        }
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
    fn months_that_are_not_over_are_empty() {
        let segments = [
            span("a", 100, "2026-01-05", Some("2026-01-20")),
            span("a", 60, "2026-02-05", None),
            span("b", 100, "2026-01-31T23:30:00", None),
            span("c", 100, "2026-06-01", None),
        ];
        let (fx, zone) = (Fx::new(Currency::USD, &[]), Zone::named("Europe/Berlin").unwrap());
        let months = ["2026-01", "2026-02", "2026-03"].map(|month| Month::parse(month).unwrap());
        let all = cohorts(&Reading { segments: &segments, fx: &fx, zone: &zone }, &months, at("2026-03-20"));
        let shown =
            |rates: Vec<Option<Rate>>| rates.into_iter().map(|rate| rate.map(|rate| rate.pct())).collect::<Vec<_>>();
        let of = |text: &str| Some(text.to_owned());
        let rows: Vec<_> = all.rows.iter().map(|row| (row.customers, shown(row.logo()), shown(row.mrr()))).collect();
        assert_eq!(
            rows,
            [
                (1, vec![of("0.00"), of("100.00"), None], vec![None, None, None]),
                (1, vec![of("100.00"), None], vec![of("100.00"), None]),
                (0, vec![None], vec![None]),
            ],
            "b began on the first of February in Berlin"
        );
    }
}
