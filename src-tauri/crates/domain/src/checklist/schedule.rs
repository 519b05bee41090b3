//! Lines that come back: "Week 1", "Daily", "Month 2+" as dated occurrences.
//!
//! Separate because a dated line is never one tick. Local days come from `zones`, so a day exists exactly once however
//! long it is. Deliberately absent: who did an occurrence (`run`), and reminders.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Instant;
use crate::zones::Zone;

/// Most occurrences one rule may give: ten years of days.
pub const OCCURRENCES_MAX: usize = 3_660;

/// Beginning of the key of hours, which are counted from the instant of the deployment and not from its day.
pub(super) const HOUR: &str = "hour-";

/// How long one step of a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Unit {
    /// Sixty minutes of elapsed time.
    Hour,
    /// A local day of 23, 24 or 25 hours.
    Day,
    /// Seven local days.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// Twelve calendar months.
    Year,
}

/// A stretch of time counted from the deployment, first and last step included: `week 2-4`, `month 2+`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// What is counted.
    pub unit: Unit,
    /// The first step, from 1.
    pub first: u16,
    /// The last step; open-ended when absent.
    pub last: Option<u16>,
}

/// When a line is to be done, in words `week 1 every day`, `first month` being `month 1`.
///
/// **Shape**: without `every`, once inside the window; without a window, from the deployment on without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub struct ScheduleRule {
    /// The stretch of time, when the source names one.
    pub window: Option<Window>,
    /// The rhythm, when the line comes back.
    pub every: Option<Unit>,
}

/// One time a line is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
pub struct Occurrence {
    /// What the record of this occurrence is called: its first local date, or `hour-1`.
    pub key: String,
    /// From when on it can be done.
    pub opens_at: Instant,
    /// Until when it is on time; the first instant that is too late.
    pub due_at: Instant,
}

/// The days a run counts in.
#[derive(Debug, Clone, Copy)]
pub struct Calendar<'a> {
    /// The reporting zone.
    pub zone: &'a Zone,
    /// Moves due days off week-ends, and leaves week-ends out of daily lines.
    pub business_days: bool,
}

impl ScheduleRule {
    /// Finds the rule a heading states, together with the rhythm its line states.
    ///
    /// **Shape**: the words have to make up a whole part of the heading; "Daily Standup Notes" is no rule.
    /// **Example**: heading `Week 1` with the line `Daily monitoring of key metrics` gives `week 1 every day`.
    #[must_use]
    pub fn of_heading(heading: &str, label: &str) -> Option<Self> {
        let heading = heading.to_lowercase().replace(['–', '—'], "-");
        let mut rule = Self { window: None, every: None };
        let parts = heading.split(['(', ')', ':', ',']).flat_map(|part| {
            // `Week 2 - 4` is one part, `Launch - Week 1` are two.
            let one = window(part.trim()).is_some();
            if one { vec![part] } else { part.split(" - ").collect() }
        });
        for part in parts.map(str::trim) {
            rule.window = rule.window.or_else(|| window(part));
            rule.every = rule.every.or_else(|| rhythm(part));
        }
        if rule.window.is_none() && rule.every.is_none() {
            return None;
        }
        let first = label.split_whitespace().next().unwrap_or_default().to_lowercase();
        let said = rhythm(&first).filter(|every| rule.window.is_some_and(|window| window.holds(*every)));
        Some(Self { every: rule.every.or(said), ..rule })
    }

    /// Lists the occurrences that open before `until`, oldest first.
    ///
    /// **Shape**: anchored to the instant of deployment; the day of deployment is day 1. Each local day, week or month
    /// occurs once, whatever the clock does. At most [`OCCURRENCES_MAX`].
    #[must_use]
    pub fn occurrences(&self, deployed_at: Instant, until: Instant, calendar: Calendar<'_>) -> Vec<Occurrence> {
        if let Some(window @ Window { unit: Unit::Hour, .. }) = self.window {
            return hours(window, deployed_at, until);
        }
        let day_one = calendar.zone.date_of(deployed_at);
        let (start, end) = match self.window {
            Some(window) => (step(day_one, window.unit, window.first.saturating_sub(1)), window.end(day_one)),
            None => (day_one, None),
        };
        let Some(every) = self.every else {
            let end = end.unwrap_or_else(|| step(start, self.window.map_or(Unit::Day, |window| window.unit), 1));
            let once = calendar.occurrence(start, end);
            return once.into_iter().filter(|occurrence| occurrence.opens_at < until).collect();
        };
        // Months are counted from the day of deployment, not from a month-end already clamped.
        let (base, offset) = match self.window {
            Some(window) if window.unit == every => (day_one, window.first.saturating_sub(1)),
            _ => (start, 0),
        };
        let mut found = Vec::new();
        for index in offset..u16::MAX {
            let (from, to) = (step(base, every, index), step(base, every, index.saturating_add(1)));
            if found.len() >= OCCURRENCES_MAX || from >= to || end.is_some_and(|end| from >= end) {
                break;
            }
            if calendar.zone.start_of_day(from) >= until {
                break;
            }
            if every == Unit::Day && !calendar.works(from) {
                continue;
            }
            found.extend(calendar.occurrence(from, end.map_or(to, |end| to.min(end))));
        }
        found
    }
}

impl Window {
    fn end(self, day_one: Date) -> Option<Date> {
        self.last.map(|last| step(day_one, self.unit, last))
    }

    /// Says whether a rhythm is shorter than the window, so that it makes sense inside it.
    fn holds(self, every: Unit) -> bool {
        every < self.unit || (every == self.unit && self.last != Some(self.first))
    }
}

impl Calendar<'_> {
    fn works(&self, date: Date) -> bool {
        !self.business_days || !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// Gives the first instant after the day that is so many working days after the day of an instant.
    pub(super) fn end_of_working_day(&self, at: Instant, count: u16) -> Option<Instant> {
        let mut day = self.zone.date_of(at);
        for _ in 0..count {
            day = day.checked_add(1.day()).ok()?;
            while !self.works(day) {
                day = day.checked_add(1.day()).ok()?;
            }
        }
        Some(self.zone.day(day).end)
    }

    /// Makes the occurrence of the days from `start` up to, not including, `end`.
    fn occurrence(&self, start: Date, end: Date) -> Option<Occurrence> {
        let mut last = end.checked_sub(1.day()).ok()?.max(start);
        while !self.works(last) {
            last = last.checked_add(1.day()).ok()?;
        }
        let opens_at = self.zone.start_of_day(start);
        Some(Occurrence { key: start.to_string(), opens_at, due_at: self.zone.day(last).end })
    }
}

/// Goes `count` steps on from a date; a month is counted from the same day, clamped to the month's end.
fn step(from: Date, unit: Unit, count: u16) -> Date {
    let count = i32::from(count);
    let span = match unit {
        Unit::Hour | Unit::Day => count.days(),
        Unit::Week => count.weeks(),
        Unit::Month => count.months(),
        Unit::Quarter => count.saturating_mul(3).months(),
        Unit::Year => count.years(),
    };
    from.saturating_add(span)
}

fn hours(window: Window, deployed_at: Instant, until: Instant) -> Vec<Occurrence> {
    let at = |hours: u16| deployed_at.checked_add_signed(TimeDelta::hours(i64::from(hours)));
    let key = format!("{HOUR}{}", window.first);
    match (at(window.first.saturating_sub(1)), at(window.last.unwrap_or(window.first))) {
        (Some(opens_at), Some(due_at)) if opens_at < until => vec![Occurrence { key, opens_at, due_at }],
        _ => Vec::new(),
    }
}

/// Reads `week 2-4`, `month 2+`, `day 1`, `first hour`, `first 24 hours`.
fn window(part: &str) -> Option<Window> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let unit = |word: &str| word.strip_suffix('s').unwrap_or(word).parse::<Unit>().ok();
    match words.as_slice() {
        ["first" | "initial", name] => Some(Window { unit: unit(name)?, first: 1, last: Some(1) }),
        ["first" | "initial", count, name] => {
            Some(Window { unit: unit(name)?, first: 1, last: Some(count.parse().ok()?) })
        }
        [name, range] => range_of(unit(name)?, range),
        [name, first, "to" | "-", last] => range_of(unit(name)?, &format!("{first}-{last}")),
        _ => None,
    }
}

fn range_of(unit: Unit, range: &str) -> Option<Window> {
    let (first, last) = match (range.strip_suffix('+'), range.split_once('-')) {
        (Some(first), _) => (first.parse().ok()?, None),
        (None, Some((first, last))) => (first.parse().ok()?, Some(last.parse().ok()?)),
        (None, None) => (range.parse().ok()?, Some(range.parse().ok()?)),
    };
    (first >= 1 && last.is_none_or(|last| first <= last)).then_some(Window { unit, first, last })
}

/// Reads `daily`, `weekly tasks`, `every month`.
fn rhythm(part: &str) -> Option<Unit> {
    const TAILS: &[&str] =
        &["tasks", "checks", "check", "review", "reviews", "maintenance", "monitoring", "items", "checklist"];
    let mut words = part.split_whitespace();
    let unit = match words.next()? {
        "hourly" => Unit::Hour,
        "daily" => Unit::Day,
        "weekly" => Unit::Week,
        "monthly" => Unit::Month,
        "quarterly" => Unit::Quarter,
        "yearly" | "annually" | "annual" => Unit::Year,
        "every" | "each" => words.next()?.parse().ok()?,
        _ => return None,
    };
    words.all(|word| TAILS.contains(&word)).then_some(unit)
}

impl fmt::Display for ScheduleRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Window { unit, first, last }) = self.window {
            match last {
                None => write!(f, "{unit} {first}+")?,
                Some(last) if last == first => write!(f, "{unit} {first}")?,
                Some(last) => write!(f, "{unit} {first}-{last}")?,
            }
        }
        let gap = if self.window.is_some() { " " } else { "" };
        self.every.map_or(Ok(()), |every| write!(f, "{gap}every {every}"))
    }
}

/// The text is not a schedule such as `week 1 every day`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a schedule such as `week 1 every day` or `every month`")]
pub struct NotASchedule(pub String);

impl FromStr for ScheduleRule {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Self, NotASchedule> {
        let not = || NotASchedule(text.to_owned());
        let (stretch, every) = match text.split_once("every ") {
            Some((stretch, unit)) => (stretch.trim(), Some(unit.parse().map_err(|_| not())?)),
            None => (text, None),
        };
        let window = if stretch.is_empty() { None } else { Some(window(stretch).ok_or_else(not)?) };
        if window.is_none() && every.is_none() { Err(not()) } else { Ok(Self { window, every }) }
    }
}

impl Serialize for ScheduleRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScheduleRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn reads(heading: &str, label: &str, wanted: Option<&str>) {
        let found = ScheduleRule::of_heading(heading, label).map(|rule| rule.to_string());
        assert_eq!(found.as_deref(), wanted, "{heading} / {label}");
        if let Some(text) = found {
            assert_eq!(text.parse::<ScheduleRule>().map(|rule| rule.to_string()), Ok(text));
        }
    }

    #[test]
    fn headings_state_the_rhythm() {
        reads("Week 1", "Customer feedback collection", Some("week 1"));
        reads("Week 1", "Daily monitoring of key metrics", Some("week 1 every day"));
        reads("Week 2-4", "Weekly metric reviews", Some("week 2-4 every week"));
        reads("Week 2 – 4", "A/B testing setup", Some("week 2-4"));
        reads("Month 2+", "Monthly business reviews", Some("month 2+ every month"));
        reads("Immediate (First Hour)", "Monitor error rates", Some("hour 1"));
        reads("Short-term (First Week)", "Daily metrics review", Some("week 1 every day"));
        reads("Long-term (First Month)", "Cost analysis", Some("month 1"));
        reads("First 24 hours", "Watch", Some("hour 1-24"));
        reads("Daily", "Check error rates", Some("every day"));
        reads("Weekly Tasks", "Review", Some("every week"));
        reads("Week 1: daily", "Look", Some("week 1 every day"));
        reads("Day 1", "Monthly look", Some("day 1"));
    }

    #[test]
    fn other_headings_state_none() {
        for heading in
            ["Daily Standup Notes", "Deployment", "Phase 1", "Week", "Monthly Revenue Targets", "Week 4-2", ""]
        {
            reads(heading, "Daily look", None);
        }
    }

    fn dates(rule: &str, zone: &str, deployed: &str, until: &str, business_days: bool) -> Vec<(String, String)> {
        let zone = Zone::named(zone).unwrap();
        let calendar = Calendar { zone: &zone, business_days };
        let rule: ScheduleRule = rule.parse().unwrap();
        rule.occurrences(deployed.parse().unwrap(), until.parse().unwrap(), calendar)
            .into_iter()
            .map(|one| (one.key, one.due_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)))
            .collect()
    }

    fn keys(found: &[(String, String)]) -> Vec<&str> {
        found.iter().map(|(key, _)| key.as_str()).collect()
    }

    #[test]
    fn a_week_of_days_holds_seven_through_the_clock_change() {
        let days = dates("week 1 every day", "Europe/Berlin", "2026-03-27T22:30:00Z", "2026-12-31T00:00:00Z", false);
        let wanted = ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02"];
        assert_eq!(keys(&days), wanted);
        assert_eq!(days[1].1, "2026-03-28T23:00:00Z");
        assert_eq!(days[2].1, "2026-03-29T22:00:00Z", "the day of 23 hours ends an hour earlier in UTC");
    }

    #[test]
    fn every_local_day_of_a_year_occurs_once_in_odd_zones() {
        for zone in ["Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"] {
            let days = dates("every day", zone, "2026-01-01T12:00:00Z", "2027-01-01T11:00:00Z", false);
            let distinct: BTreeSet<_> = days.iter().map(|(key, _)| key).collect();
            assert_eq!(distinct.len(), days.len(), "{zone}");
            assert!((365..=366).contains(&days.len()), "{zone}: {}", days.len());
            assert!(days.windows(2).all(|pair| pair[0].1 < pair[1].1), "{zone}");
        }
    }

    #[test]
    fn weeks_and_months_count_from_the_deployment() {
        let until = "2026-05-01T00:00:00Z";
        let weeks = dates("week 2-4 every week", "UTC", "2026-01-31T10:00:00Z", until, false);
        assert_eq!(keys(&weeks), ["2026-02-07", "2026-02-14", "2026-02-21"]);
        let months = dates("month 2+ every month", "UTC", "2026-01-31T10:00:00Z", until, false);
        assert_eq!(keys(&months), ["2026-02-28", "2026-03-31", "2026-04-30"]);
        let once = dates("week 1", "UTC", "2026-01-31T10:00:00Z", until, false);
        assert_eq!(once, [("2026-01-31".to_owned(), "2026-02-07T00:00:00Z".to_owned())]);
        let hour = dates("hour 1", "UTC", "2026-01-31T10:20:00Z", until, false);
        assert_eq!(hour, [("hour-1".to_owned(), "2026-01-31T11:20:00Z".to_owned())]);
    }

    #[test]
    fn business_days_leave_week_ends_out_and_move_due_days() {
        let days = dates("week 1 every day", "UTC", "2026-06-04T09:00:00Z", "2026-12-31T00:00:00Z", true);
        assert_eq!(keys(&days), ["2026-06-04", "2026-06-05", "2026-06-08", "2026-06-09", "2026-06-10"]);
        let once = dates("week 1", "UTC", "2026-06-01T09:00:00Z", "2026-12-31T00:00:00Z", true);
        assert_eq!(once[0].1, "2026-06-09T00:00:00Z", "Sunday the 7th moves to Monday the 8th");
    }

    #[test]
    fn an_endless_rule_is_bounded() {
        let days = dates("every day", "UTC", "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z", false);
        assert_eq!(days.len(), OCCURRENCES_MAX);
    }
}
