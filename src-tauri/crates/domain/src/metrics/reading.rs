//! Segments together with what it takes to read them in one currency and one zone.

use std::collections::BTreeSet;

use super::fx::{Fx, Rates};
use super::segment::{Segment, by_customer};
use crate::Instant;
use crate::money::{Currency, Micro};
use crate::zones::Zone;

/// The input of every recurring figure.
///
/// **Shape**: the segments of one customer stand together, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Everybody's segments.
    pub segments: &'a [Segment],
    /// Rates into the reporting currency.
    pub fx: &'a Fx,
    /// The reporting zone.
    pub zone: &'a Zone,
}

impl<'a> Reading<'a> {
    /// Walks over the segments customer by customer.
    pub fn customers(&self) -> impl Iterator<Item = &'a [Segment]> + use<'a> {
        by_customer(self.segments)
    }

    /// Gives the rates of the local date of an instant.
    #[must_use]
    pub fn rates_at(&self, at: Instant) -> Rates<'a> {
        self.fx.on(self.zone.date_of(at))
    }

    /// Lists the rows behind MRR at an instant: the segments that cover it.
    pub fn rows_at(&self, at: Instant) -> impl Iterator<Item = &'a Segment> + use<'a> {
        self.segments.iter().filter(move |segment| segment.covers(at))
    }
}

/// Sums what some segments are worth at an instant; currencies without a rate stay out and are named.
pub(super) fn worth_at(
    segments: &[Segment],
    at: Instant,
    rates: &Rates<'_>,
    unconverted: &mut BTreeSet<Currency>,
) -> Micro {
    let mut sum = Micro::ZERO;
    for row in segments.iter().filter(|segment| segment.covers(at)) {
        match rates.convert(row.micro, row.currency) {
            Some(micro) => sum += micro,
            None => {
                unconverted.insert(row.currency);
            }
        }
    }
    sum
}

/// Says whether any of some segments covers an instant.
pub(super) fn is_paying_at(segments: &[Segment], at: Instant) -> bool {
    segments.iter().any(|segment| segment.covers(at))
}
