//! Stretches of local time that figures are computed for: one for a tile, many for an axis.

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::metrics::registry::{Metric, Window};
use countersign_domain::zones::{Month, Period, Zone};
use countersign_render::chart::Slot;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::failure::invalid;

/// Most steps of one series.
pub const STEPS_MAX: usize = 1_000;

/// A stretch of local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// From local midnight to local midnight, where it is made of days.
    pub period: Period,
    /// Its last second, or the newest instant known where it is not over.
    pub closes_at: Instant,
    /// Whether it is not over.
    pub is_provisional: bool,
    /// The calendar month it is, where it is one.
    pub month: Option<Month>,
    /// Its place on an axis.
    pub slot: Slot,
}

/// Lengths of the steps of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Local days.
    Day,
    /// Weeks from Monday to Sunday.
    Week,
    /// Calendar months.
    Month,
}

impl Span {
    fn of(period: Period, now: Instant, month: Option<Month>, slot: Slot) -> Self {
        let is_provisional = now < period.closing_at();
        let slot = if is_provisional { slot.provisional() } else { slot };
        Self { period, closes_at: period.closing_at().min(now), is_provisional, month, slot }
    }

    /// Takes a calendar month.
    #[must_use]
    pub fn month(zone: &Zone, month: Month, now: Instant) -> Self {
        Self::of(zone.month(month), now, Some(month), Slot::month(month))
    }

    /// Takes the stretch over which a metric is computed where nobody says otherwise.
    #[must_use]
    pub fn usual(metric: &Metric, zone: &Zone, now: Instant) -> Self {
        let back = |length: chrono::TimeDelta, name: String| {
            let period = Period { start: now - length, end: now };
            Self { period, closes_at: now, is_provisional: false, month: None, slot: Slot::named(name.clone(), name) }
        };
        match metric.window {
            Window::Now => Self { is_provisional: false, ..Self::month(zone, zone.month_of(now), now) },
            Window::LastMonth => Self::month(zone, zone.month_of(now).plus(-1), now),
            Window::Hours(hours) => back(chrono::TimeDelta::hours(hours.into()), format!("last {hours} hours")),
            Window::Days(days) => back(chrono::TimeDelta::days(days.into()), format!("last {days} days")),
        }
    }

    /// Says the stretch in words.
    #[must_use]
    pub fn words(&self) -> String {
        self.slot.title()
    }
}

/// Lists the months of a series, oldest first, the last one the month of `now`.
#[must_use]
pub fn months(zone: &Zone, now: Instant, count: u16) -> Vec<Span> {
    zone.months_up_to(now, count).into_iter().map(|month| Span::month(zone, month, now)).collect()
}

/// Lists the steps from one local day to another, both included; steps that have not begun are left out.
///
/// **Errors**: an order turned round, or more than [`STEPS_MAX`] steps.
pub fn steps(zone: &Zone, by: By, from: Date, to: Date, now: Instant) -> Result<Vec<Span>, Failure> {
    if to < from {
        return Err(invalid("from", format!("{from} is after {to}")));
    }
    let mut all = Vec::new();
    let mut first = match by {
        By::Day => from,
        By::Week => monday(from),
        By::Month => from.first_of_month(),
    };
    let last = to.min(zone.date_of(now));
    while first <= last {
        if all.len() == STEPS_MAX {
            return Err(invalid("from", format!("more than {STEPS_MAX} steps; take longer ones or fewer")));
        }
        let (next, span) = match by {
            By::Day => (first.checked_add(1.day()), Span::of(zone.day(first), now, None, Slot::day(first))),
            By::Week => {
                let next = first.checked_add(1.week());
                let end = next.as_ref().map_or(first, |next| *next);
                let week = Period { start: zone.start_of_day(first), end: zone.start_of_day(end) };
                (next, Span::of(week, now, None, Slot::week(first)))
            }
            By::Month => {
                let month = Month { year: first.year(), month: first.month() };
                (first.checked_add(1.month()), Span::month(zone, month, now))
            }
        };
        all.push(span);
        let Ok(next) = next else { break };
        first = next;
    }
    Ok(all)
}

fn monday(date: Date) -> Date {
    date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn steps_cover_what_was_asked_for_and_stop_now() {
        let (zone, now) = (Zone::named("Europe/Berlin").unwrap(), at("2026-11-20T12:00:00Z"));
        let keys = |by, from: &str, to: &str| {
            let steps = steps(&zone, by, date(from), date(to), now).unwrap();
            steps.into_iter().map(|span| (span.slot.key, span.is_provisional)).collect::<Vec<_>>()
        };
        let expect =
            |keys: &[(&str, bool)]| keys.iter().map(|(key, open)| ((*key).to_owned(), *open)).collect::<Vec<_>>();
        assert_eq!(
            keys(By::Month, "2026-09-17", "2026-12-31"),
            expect(&[("2026-09", false), ("2026-10", false), ("2026-11", true)])
        );
        assert_eq!(keys(By::Week, "2026-11-11", "2026-11-20"), expect(&[("2026-11-09", false), ("2026-11-16", true)]));
        assert_eq!(keys(By::Day, "2026-11-19", "2026-11-30"), expect(&[("2026-11-19", false), ("2026-11-20", true)]));
        assert!(steps(&zone, By::Day, date("2026-11-02"), date("2026-11-01"), now).is_err());
        assert!(steps(&zone, By::Day, date("2000-01-01"), date("2026-11-01"), now).is_err());
    }

    #[test]
    fn a_month_that_is_not_over_closes_now() {
        let (zone, now) = (Zone::utc(), at("2026-11-20T12:00:00Z"));
        let span = Span::month(&zone, Month { year: 2026, month: 11 }, now);
        assert_eq!((span.closes_at, span.is_provisional), (now, true));
        let span = Span::month(&zone, Month { year: 2026, month: 10 }, now);
        assert_eq!((span.closes_at, span.is_provisional), (at("2026-10-31T23:59:59Z"), false));
    }
}
