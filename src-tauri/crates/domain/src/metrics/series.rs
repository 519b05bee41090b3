//! MRR over time, point by point.
//!
//! Every point is the state as of its own instant, so the same period gives the same values tomorrow.

use std::collections::BTreeMap;

use super::fx::{Rates, Total};
use super::reading::Reading;
use super::segment::Source;
use crate::Instant;
use crate::money::Micro;
use crate::zones::Month;

/// MRR at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The instant.
    pub at: Instant,
    /// MRR.
    pub mrr: Total,
    /// The converted MRR by where it is known from: the chart shows where one source ends and the next begins.
    pub by_source: BTreeMap<Source, Micro>,
    /// Customers with MRR above 0.
    pub paying_customers: u64,
}

/// Computes MRR at several instants.
///
/// **Shape**: instants ascend; one point for each. The rows behind a point are [`Reading::rows_at`].
#[must_use]
pub fn series(reading: &Reading<'_>, instants: &[Instant]) -> Vec<Point> {
    let mut sheets: Vec<Sheet<'_>> = instants.iter().map(|at| Sheet::blank(*at, reading.rates_at(*at))).collect();
    for (number, customer) in reading.customers().enumerate() {
        for segment in customer {
            let from = instants.partition_point(|at| *at < segment.start_at);
            let to = segment.end_at.map_or(instants.len(), |end| instants.partition_point(|at| *at < end));
            for sheet in sheets.get_mut(from..to).into_iter().flatten() {
                sheet.add(segment.micro, segment.currency, segment.source, number);
            }
        }
    }
    sheets.into_iter().map(|sheet| sheet.point).collect()
}

/// A point in the making.
struct Sheet<'a> {
    point: Point,
    rates: Rates<'a>,
    last_customer: Option<usize>,
}

impl<'a> Sheet<'a> {
    fn blank(at: Instant, rates: Rates<'a>) -> Self {
        let point = Point { at, mrr: Total::default(), by_source: BTreeMap::new(), paying_customers: 0 };
        Self { point, rates, last_customer: None }
    }

    fn add(&mut self, micro: Micro, currency: crate::money::Currency, source: Source, customer: usize) {
        let before = self.point.mrr.converted;
        self.point.mrr.add(micro, currency, &self.rates);
        *self.point.by_source.entry(source).or_default() += self.point.mrr.converted - before;
        if self.last_customer.replace(customer) != Some(customer) {
            self.point.paying_customers += 1;
        }
    }
}

/// A month of a series, with the instant at which it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthEnd {
    /// The month.
    pub month: Month,
    /// Its last second, or now where it is not over.
    pub closes_at: Instant,
    /// Whether it is not over yet.
    pub is_provisional: bool,
}

/// Lists the last `count` months up to the one of `now`, oldest first.
#[must_use]
pub fn month_ends(zone: &crate::zones::Zone, now: Instant, count: u16) -> Vec<MonthEnd> {
    let end = |month: Month| {
        let closing = zone.month(month).closing_at();
        MonthEnd { month, closes_at: closing.min(now), is_provisional: now < closing }
    };
    zone.months_up_to(now, count).into_iter().map(end).collect()
}
