//! A day or a time as programs write it into their exports: with a zone an instant, without one the day that stands there.

use chrono::{DateTime, NaiveDateTime};
use countersign_domain::Instant;
use countersign_domain::zones::Zone;
use jiff::civil::Date;

/// When something happened, as exactly as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// At an instant.
    At(Instant),
    /// On a day, at a time of which nobody says in which zone.
    Timed(Date),
    /// On a day; where a program writes midnight, it means the day.
    Day(Date),
}

impl Moment {
    /// Gives its day in a zone.
    pub fn day(self, zone: &Zone) -> Date {
        match self {
            Self::At(at) => zone.date_of(at),
            Self::Timed(date) | Self::Day(date) => date,
        }
    }

    /// Says whether it stands for the whole day.
    pub fn is_day(self) -> bool {
        matches!(self, Self::Day(_))
    }
}

/// Reads a moment; `None` for any other text.
pub(super) fn read(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (day, rest) = text.split_at_checked(10)?;
    let day: Date = day.parse().ok()?;
    let rest = rest.strip_prefix(['T', ' ', 't']).unwrap_or(rest).trim();
    // Whole days are grouped as midnights; whichever zone stands there, the day is the one that is written.
    let is_midnight =
        rest.split(['Z', 'z', '+', '-', '.']).next().is_some_and(|time| matches!(time.trim(), "00:00" | "00:00:00"));
    if rest.is_empty() || is_midnight {
        return Some(Moment::Day(day));
    }
    let zoned = ["UTC", "GMT", "Z", "z"].iter().find_map(|zone| rest.strip_suffix(zone));
    let time = zoned.map_or_else(|| rest.to_owned(), |time| format!("{}+0000", time.trim_end()));
    let whole = format!("{day} {}", time.replacen(" +", "+", 1).replacen(" -", "-", 1));
    let instant = ["%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z"];
    let instant = instant.iter().find_map(|form| DateTime::parse_from_str(&whole, form).ok());
    let local = || {
        ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&whole, form).ok())
    };
    match instant {
        Some(at) => Some(Moment::At(at.to_utc())),
        None => local().map(|_| Moment::Timed(day)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_believed_in_every_form_and_nothing_else_is_guessed() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let day = |text: &str| read(text).map(|moment| moment.day(&zone).to_string());
        for text in [
            "2026-11-13T23:30:00Z",
            "2026-11-13T23:30:00.000+0000",
            "2026-11-13T23:30Z",
            "2026-11-13 23:30:00 UTC",
            "2026-11-13 23:30:00 +0000",
            "2026-11-13T18:30:00-05:00",
            "2026-11-14",
            "2026-11-14 23:59",
            "2026-11-14T23:59:59.5",
        ] {
            assert_eq!(day(text).as_deref(), Some("2026-11-14"), "{text}");
        }
        for text in ["", "13/11/2026", "2026-11-13garbage", "2026-11-13 noon", "2026-13-01", "2026-11-13T25:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn midnight_is_the_day_that_is_written_in_any_zone() {
        let zone = Zone::named("America/New_York").unwrap();
        for text in ["2026-11-21", "2026-11-21T00:00:00Z", "2026-11-21 00:00", "2026-11-21T00:00:00.000+02:00"] {
            let moment = read(text).unwrap();
            assert!(moment.is_day() && moment.day(&zone).to_string() == "2026-11-21", "{text}");
        }
        assert!(!read("2026-11-21T09:00:00Z").unwrap().is_day());
    }
}
