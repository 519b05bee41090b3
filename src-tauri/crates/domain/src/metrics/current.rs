//! Recurring revenue at one instant: MRR, ARR, what is known to leave, and MRR per customer.

use super::fx::Total;
use super::reading::Reading;
use super::segment::Segment;
use crate::Instant;
use crate::money::Micro;
use crate::rate::Average;

/// Months in a year, for ARR.
const MONTHS_PER_YEAR: i128 = 12;

/// Where recurring revenue stands.
///
/// **Units**: micro-units per month (ARR: per year); `converted` parts are of the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Current {
    /// MRR.
    pub mrr: Total,
    /// MRR of subscriptions whose end is already known.
    pub scheduled_churn: Micro,
    /// Customers with MRR above 0.
    pub paying_customers: u64,
}

impl Current {
    /// Gives ARR: twelve times MRR, before any rounding.
    #[must_use]
    pub fn arr(&self) -> Micro {
        annual(self.mrr.converted)
    }

    /// Gives committed MRR: without the subscriptions known to leave.
    #[must_use]
    pub fn cmrr(&self) -> Micro {
        self.mrr.converted - self.scheduled_churn
    }

    /// Gives MRR per paying customer; `None` without customers, or with a currency left out.
    #[must_use]
    pub fn arpa(&self) -> Option<Average> {
        Average::of(self.mrr.whole()?, self.paying_customers)
    }
}

/// Gives twelve months of a monthly amount.
#[must_use]
pub fn annual(monthly: Micro) -> Micro {
    Micro(monthly.0 * MONTHS_PER_YEAR)
}

/// Computes recurring revenue at an instant.
///
/// **Shape**: the rows behind it are [`Reading::rows_at`]; their converted micro-units sum to it exactly. A subscription
/// with a planned end counts until then and is in `scheduled_churn`.
#[must_use]
pub fn current(reading: &Reading<'_>, now: Instant) -> Current {
    let rates = reading.rates_at(now);
    let mut current = Current::default();
    for customer in reading.customers() {
        let mut is_paying = false;
        for row in customer.iter().filter(|segment| segment.covers(now)) {
            is_paying = true;
            current.mrr.add(row.micro, row.currency, &rates);
            if is_leaving(customer, row, now) {
                current.scheduled_churn += rates.convert(row.micro, row.currency).unwrap_or_default();
            }
        }
        current.paying_customers += u64::from(is_paying);
    }
    current
}

/// Says whether a row's subscription is known to end, now or after a last change of its value.
///
/// **Shape**: `customer` are all segments of the customer.
#[must_use]
pub fn is_leaving(customer: &[Segment], row: &Segment, now: Instant) -> bool {
    customer.iter().any(|segment| segment.subscription == row.subscription && segment.is_leaving(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, span};
    use crate::metrics::{Fx, Silence};
    use crate::money::Currency;
    use crate::zones::Zone;

    #[test]
    fn what_is_known_to_leave_is_told_beside() {
        // `b` loses a discount first and leaves then; `c` only changes; `d` begins later.
        let mut discounted = span("b", 50, "2026-01-01", Some("2026-07-01"));
        discounted.after = None;
        let mut changing = span("c", 30, "2026-01-01", Some("2026-07-01"));
        changing.after = Some(Silence::Free);
        let segments = [
            span("a", 100, "2026-01-01", None),
            discounted,
            span("b", 70, "2026-07-01", Some("2026-12-01")),
            changing,
            span("d", 500, "2026-09-01", None),
        ];
        let (fx, zone) = (Fx::new(Currency::USD, &[]), Zone::utc());
        let now = current(&Reading { segments: &segments, fx: &fx, zone: &zone }, at("2026-06-01"));
        let cents = [now.mrr.converted, now.scheduled_churn, now.cmrr(), now.arr()].map(|micro| micro.to_minor().0);
        assert_eq!(cents, [180, 50, 130, 2160]);
        assert_eq!(now.arpa().unwrap().to_string(), "60");
        assert_eq!(current(&Reading { segments: &[], fx: &fx, zone: &zone }, at("2026-06-01")).arpa(), None);
    }
}
