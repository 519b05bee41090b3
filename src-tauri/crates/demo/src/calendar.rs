//! Time inside the invented company: Unix seconds, and the few calendar steps that billing needs.
//!
//! Months are counted from the anchor, never from the last period, so that an anchor on the 31st comes back to it
//! after February. No clock is read here.

use chrono::{DateTime, Months};
use countersign_domain::zones::Zone;

/// Seconds of an hour.
pub(crate) const HOUR: i64 = 3600;
/// Seconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// How often a price recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Interval {
    Week,
    #[default]
    Month,
    Year,
}

impl Interval {
    /// The word Stripe uses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Gives the instant `count` intervals after the anchor.
    pub(crate) fn after(self, anchor: i64, count: u32) -> i64 {
        match self {
            Self::Week => anchor + i64::from(count) * 7 * DAY,
            Self::Month => plus_months(anchor, count),
            Self::Year => plus_months(anchor, count.saturating_mul(12)),
        }
    }
}

fn plus_months(at: i64, months: u32) -> i64 {
    DateTime::from_timestamp(at, 0)
        .and_then(|at| at.checked_add_months(Months::new(months)))
        .map_or(at, |later| later.timestamp())
}

/// Gives the instant some months earlier, at the same time of day.
pub(crate) fn minus_months(at: i64, months: u32) -> i64 {
    DateTime::from_timestamp(at, 0)
        .and_then(|at| at.checked_sub_months(Months::new(months)))
        .map_or(at, |earlier| earlier.timestamp())
}

/// Lists the first instants of the months (UTC) that begin after `from` and before `until`.
pub(crate) fn month_starts(from: i64, until: i64) -> Vec<i64> {
    let zone = Zone::utc();
    let at = DateTime::from_timestamp(from, 0).unwrap_or(DateTime::UNIX_EPOCH);
    let mut month = zone.month_of(at);
    let mut starts = Vec::new();
    loop {
        month = month.plus(1);
        let start = zone.month(month).start.timestamp();
        if start >= until {
            return starts;
        }
        starts.push(start);
    }
}

/// Writes an instant as PostgreSQL shows a `timestamp(3)`: `2026-03-01 09:30:00.000`, in UTC.
pub(crate) fn row_text(at: i64) -> String {
    DateTime::from_timestamp(at, 0).unwrap_or(DateTime::UNIX_EPOCH).format("%Y-%m-%d %H:%M:%S.000").to_string()
}

/// Writes the month of an instant, `2026-03`.
pub(crate) fn month_text(at: i64) -> String {
    Zone::utc().month_of(DateTime::from_timestamp(at, 0).unwrap_or(DateTime::UNIX_EPOCH)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp()
    }

    #[test]
    fn an_anchor_at_the_end_of_a_month_comes_back() {
        let anchor = at("2026-01-31T10:00:00Z");
        assert_eq!(Interval::Month.after(anchor, 1), at("2026-02-28T10:00:00Z"));
        assert_eq!(Interval::Month.after(anchor, 2), at("2026-03-31T10:00:00Z"));
        assert_eq!(Interval::Year.after(anchor, 1), at("2027-01-31T10:00:00Z"));
        assert_eq!(Interval::Week.after(anchor, 2), at("2026-02-14T10:00:00Z"));
    }

    #[test]
    fn month_starts_are_strictly_inside() {
        let starts = month_starts(at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z"));
        assert_eq!(starts, [at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z")]);
    }

    #[test]
    fn rows_carry_utc_text() {
        assert_eq!(row_text(at("2026-03-01T09:30:00Z")), "2026-03-01 09:30:00.000");
        assert_eq!(month_text(at("2026-03-31T23:59:59Z")), "2026-03");
    }
}
