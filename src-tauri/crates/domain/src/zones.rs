//! Local days, weeks and months: the only place where a wall clock exists.
//!
//! Zone rules come from jiff's bundled database, because the system's may be older. Everything else speaks UTC.

use chrono::{DateTime, Utc};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::Instant;

/// A reporting time zone by its IANA name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    zone: TimeZone,
    name: String,
}

/// The name is not in the zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a time zone, such as Europe/Berlin or UTC")]
pub struct NotAZone(pub String);

/// A half-open interval between two local midnights; an event at `end` belongs to the next period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Period {
    /// First instant of the period.
    pub start: Instant,
    /// First instant after the period.
    pub end: Instant,
}

impl Period {
    /// Says whether the instant lies in the period.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// The opening instant of the period: the second before it starts.
    #[must_use]
    pub fn opening_at(&self) -> Instant {
        self.start - chrono::TimeDelta::seconds(1)
    }

    /// The closing instant of the period: its last second.
    #[must_use]
    pub fn closing_at(&self) -> Instant {
        self.end - chrono::TimeDelta::seconds(1)
    }
}

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Year of the Gregorian calendar.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl Month {
    /// Reads `2026-03`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
        ((1..=12).contains(&month) && (1..=9998).contains(&year)).then_some(Self { year, month })
    }

    /// Gives the month `count` later (earlier, when negative).
    #[must_use]
    pub fn plus(self, count: i32) -> Self {
        let index = i32::from(self.year) * 12 + i32::from(self.month) - 1 + count;
        let year = i16::try_from(index.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(index.rem_euclid(12) + 1).unwrap_or(1);
        Self { year, month }
    }

    fn first(self) -> Date {
        Date::new(self.year, self.month, 1).unwrap_or(Date::ZERO)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Zone {
    /// Finds a zone by its IANA name.
    ///
    /// **Errors**: a name the database does not hold.
    pub fn named(name: &str) -> Result<Self, NotAZone> {
        let zone = TimeZone::get(name).map_err(|_| NotAZone(name.to_owned()))?;
        Ok(Self { zone, name: name.to_owned() })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { zone: TimeZone::UTC, name: "UTC".to_owned() }
    }

    /// Gives the IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the local date of an instant.
    #[must_use]
    pub fn date_of(&self, at: Instant) -> Date {
        stamp(at).to_zoned(self.zone.clone()).date()
    }

    /// Gives the local month of an instant.
    #[must_use]
    pub fn month_of(&self, at: Instant) -> Month {
        let date = self.date_of(at);
        Month { year: date.year(), month: date.month() }
    }

    /// Gives the instant of a local midnight; where the clock skips it, the first instant of that day.
    #[must_use]
    pub fn start_of_day(&self, date: Date) -> Instant {
        let stamp = date
            .at(0, 0, 0, 0)
            .to_zoned(self.zone.clone())
            .and_then(|zoned| zoned.start_of_day())
            .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        instant(stamp)
    }

    /// Gives a local day as a period of 23, 24 or 25 hours.
    #[must_use]
    pub fn day(&self, date: Date) -> Period {
        let next = date.checked_add(1.day()).unwrap_or(date);
        Period { start: self.start_of_day(date), end: self.start_of_day(next) }
    }

    /// Reads a local day, `2026-03-08`; `None` for anything else.
    #[must_use]
    pub fn day_named(&self, text: &str) -> Option<Period> {
        text.trim().parse().ok().map(|date| self.day(date))
    }

    /// Gives a local month as a period.
    #[must_use]
    pub fn month(&self, month: Month) -> Period {
        Period { start: self.start_of_day(month.first()), end: self.start_of_day(month.plus(1).first()) }
    }

    /// Lists `count` months that end with the month of `at`, oldest first.
    #[must_use]
    pub fn months_up_to(&self, at: Instant, count: u16) -> Vec<Month> {
        let last = self.month_of(at);
        (0..i32::from(count)).rev().map(|back| last.plus(-back)).collect()
    }

    /// Gives the zone's offset from UTC at an instant, in seconds.
    #[must_use]
    pub fn offset_seconds(&self, at: Instant) -> i32 {
        self.zone.to_offset(stamp(at)).seconds()
    }
}

fn stamp(at: Instant) -> Timestamp {
    Timestamp::from_second(at.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn instant(stamp: Timestamp) -> Instant {
    DateTime::<Utc>::from_timestamp(stamp.as_second(), 0).unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_23_or_25_hours_where_the_clock_moves() {
        let zone = Zone::named("America/New_York").unwrap();
        let hours = |y, m, d| {
            let day = zone.day(Date::new(y, m, d).unwrap());
            (day.end - day.start).num_hours()
        };
        assert_eq!(hours(2026, 3, 8), 23);
        assert_eq!(hours(2026, 11, 1), 25);
        assert_eq!(hours(2026, 7, 1), 24);
    }

    #[test]
    fn months_are_counted_across_years() {
        let month = Month::parse("2026-01").unwrap();
        assert_eq!(month.plus(-1).to_string(), "2025-12");
        assert_eq!(month.plus(13).to_string(), "2027-02");
        assert_eq!(Month::parse("2026-13"), None);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        assert!(Zone::named("Mars/Olympus").is_err());
        assert_eq!(Zone::named("Asia/Kathmandu").map(|z| z.offset_seconds(DateTime::UNIX_EPOCH)), Ok(19_800));
    }
}
