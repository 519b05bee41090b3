//! The slots of a time axis: months, weeks, days or named ones, and which of them get a label.
//!
//! Slots are evenly spaced, whatever their length in hours. Labels are thinned by measured width and by calendar sense
//! (every third month, first of the month, January), never by cutting text. No clock: local dates come from the caller.

use countersign_domain::zones::Month;
use jiff::civil::{Date, Weekday};

use crate::font;

/// Text size of axis labels, in pixels.
pub(crate) const LABEL_SIZE: f32 = 11.0;
/// Least free space between two labels, in pixels.
const LABEL_GAP: f32 = 10.0;

/// One place on a time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The period in row keys: `2026-03`, `2026-03-09`.
    pub key: String,
    /// What the axis writes.
    span: Span,
    /// The period has not ended, so its figures may still change.
    pub is_provisional: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Span {
    Month(Month),
    Week(Date),
    Day(Date),
    Named(String),
}

/// A label below the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotLabel {
    /// Number of the slot.
    pub slot: usize,
    /// First line.
    pub text: String,
    /// Second line: the year, where it begins or is not clear yet.
    pub below: Option<String>,
}

impl Slot {
    /// Takes a month that has ended.
    #[must_use]
    pub fn month(month: Month) -> Self {
        Self { key: month.to_string(), span: Span::Month(month), is_provisional: false }
    }

    /// Takes a week that has ended, by its first day.
    #[must_use]
    pub fn week(first: Date) -> Self {
        Self { key: first.to_string(), span: Span::Week(first), is_provisional: false }
    }

    /// Takes a day that has ended.
    #[must_use]
    pub fn day(date: Date) -> Self {
        Self { key: date.to_string(), span: Span::Day(date), is_provisional: false }
    }

    /// Takes any other slot by its name: an hour, a class of a distribution.
    #[must_use]
    pub fn named(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self { key: key.into(), span: Span::Named(name.into()), is_provisional: false }
    }

    /// Says that the period has not ended.
    #[must_use]
    pub fn provisional(self) -> Self {
        Self { is_provisional: true, ..self }
    }

    /// Writes the period in full.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.span {
            Span::Month(month) => format!("{} {}", month_name(month.month), month.year),
            Span::Week(first) => format!("Week of {}", day_in_full(*first)),
            Span::Day(date) => day_in_full(*date),
            Span::Named(name) => name.clone(),
        }
    }

    fn year(&self) -> Option<i16> {
        match &self.span {
            Span::Month(month) => Some(month.year),
            Span::Week(date) | Span::Day(date) => Some(date.year()),
            Span::Named(_) => None,
        }
    }

    fn date(&self) -> Option<Date> {
        match &self.span {
            Span::Month(month) => Date::new(month.year, month.month, 1).ok(),
            Span::Week(date) | Span::Day(date) => Some(*date),
            Span::Named(_) => None,
        }
    }

    fn label(&self, rhythm: Rhythm) -> String {
        match (&self.span, rhythm) {
            (Span::Named(name), _) => name.clone(),
            (_, Rhythm::Years(_)) => self.year().map(|year| year.to_string()).unwrap_or_default(),
            (Span::Month(month), _) => short_month(month.month).to_owned(),
            (Span::Week(date) | Span::Day(date), Rhythm::Months(_)) => short_month(date.month()).to_owned(),
            (Span::Week(date) | Span::Day(date), _) => format!("{} {}", short_month(date.month()), date.day()),
        }
    }
}

/// How often a slot gets a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rhythm {
    /// Every n-th slot: counted from the last one in the calendar, from the first one among names.
    Slots(usize),
    /// Mondays.
    Mondays,
    /// The first slot of every n-th month of the year.
    Months(i8),
    /// The first slot of every n-th year.
    Years(i16),
}

/// From dense to sparse; the first that fits is taken.
const RHYTHMS: [Rhythm; 18] = [
    Rhythm::Slots(1),
    Rhythm::Slots(2),
    Rhythm::Mondays,
    Rhythm::Months(1),
    Rhythm::Months(2),
    Rhythm::Months(3),
    Rhythm::Months(6),
    Rhythm::Years(1),
    Rhythm::Years(2),
    Rhythm::Years(5),
    Rhythm::Slots(3),
    Rhythm::Slots(4),
    Rhythm::Slots(6),
    Rhythm::Slots(12),
    Rhythm::Slots(24),
    Rhythm::Slots(48),
    Rhythm::Slots(168),
    Rhythm::Slots(1000),
];

/// Chooses the labels that fit when neighbouring slots are `spacing` pixels apart.
pub(crate) fn labels(slots: &[Slot], spacing: f32) -> Vec<SlotLabel> {
    RHYTHMS
        .iter()
        .filter(|rhythm| suits(slots, **rhythm))
        .map(|rhythm| labelled(slots, *rhythm))
        .find(|labels| !labels.is_empty() && fits(labels, spacing))
        .unwrap_or_default()
}

fn suits(slots: &[Slot], rhythm: Rhythm) -> bool {
    let Some(first) = slots.first() else { return false };
    match (&first.span, rhythm) {
        (Span::Named(_), Rhythm::Slots(_)) | (Span::Day(_), Rhythm::Mondays) => true,
        (Span::Named(_), _) | (_, Rhythm::Mondays) => false,
        (Span::Month(_), Rhythm::Slots(every)) => every == 1,
        (_, Rhythm::Slots(every)) => every <= 2,
        (_, Rhythm::Months(_) | Rhythm::Years(_)) => true,
    }
}

fn labelled(slots: &[Slot], rhythm: Rhythm) -> Vec<SlotLabel> {
    let mut year_shown = None;
    let mut before: Option<Date> = None;
    let mut labels = Vec::new();
    for (number, slot) in slots.iter().enumerate() {
        let is_labelled = match (rhythm, slot.date()) {
            (Rhythm::Slots(every), Some(_)) => (slots.len() - 1 - number).is_multiple_of(every),
            (Rhythm::Slots(every), None) => number.is_multiple_of(every),
            (Rhythm::Mondays, Some(date)) => date.weekday() == Weekday::Monday,
            (Rhythm::Months(every), Some(date)) => {
                begins_month(slot, date, before) && (date.month() - 1).rem_euclid(every) == 0
            }
            (Rhythm::Years(every), Some(date)) => {
                begins_month(slot, date, before) && date.month() == 1 && date.year().rem_euclid(every) == 0
            }
            (_, None) => false,
        };
        before = slot.date();
        if is_labelled {
            let year = slot.year().filter(|_| !matches!(rhythm, Rhythm::Years(_)));
            let below = year.filter(|_| year != year_shown).map(|year| year.to_string());
            year_shown = year;
            labels.push(SlotLabel { slot: number, text: slot.label(rhythm), below });
        }
    }
    labels
}

/// Says whether the slot is the first of its month; the first slot of all counts only on the first day.
fn begins_month(slot: &Slot, date: Date, before: Option<Date>) -> bool {
    match (&slot.span, before) {
        (Span::Month(_), _) => true,
        (_, Some(before)) => before.month() != date.month(),
        (_, None) => date.day() == 1,
    }
}

fn fits(labels: &[SlotLabel], spacing: f32) -> bool {
    let half = |label: &SlotLabel| {
        let below = label.below.as_deref().map_or(0.0, |text| font::width(text, LABEL_SIZE, false));
        font::width(&label.text, LABEL_SIZE, false).max(below) / 2.0
    };
    labels.iter().zip(labels.iter().skip(1)).all(|(left, right)| {
        let distance = (right.slot - left.slot) as f32 * spacing;
        distance >= half(left) + half(right) + LABEL_GAP
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("?")
}

fn short_month(month: i8) -> &'static str {
    month_name(month).get(..3).unwrap_or("?")
}

fn day_in_full(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date.month()), date.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn months(from: &str, count: i32) -> Vec<Slot> {
        let first = Month::parse(from).unwrap();
        (0..count).map(|n| Slot::month(first.plus(n))).collect()
    }

    fn days(from: &str, count: i64) -> Vec<Slot> {
        let first: Date = from.parse().unwrap();
        (0..count).map(|n| Slot::day(first.checked_add(n.days()).unwrap())).collect()
    }

    fn written(slots: &[Slot], spacing: f32) -> String {
        let text = |label: SlotLabel| match label.below {
            Some(below) => format!("{}/{below}", label.text),
            None => label.text,
        };
        labels(slots, spacing).into_iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn labels_keep_to_the_calendar_and_never_touch() {
        for (slots, spacing, expected) in [
            (months("2025-11", 4), 60.0, "Nov/2025 Dec Jan/2026 Feb"),
            (months("2025-11", 14), 20.0, "Nov/2025 Jan/2026 Mar May Jul Sep Nov"),
            (months("2025-02", 12), 6.0, "2026"),
            (months("2019-05", 90), 4.0, "2020 2021 2022 2023 2024 2025 2026"),
            (days("2026-03-01", 5), 60.0, "Mar 1/2026 Mar 2 Mar 3 Mar 4 Mar 5"),
            (days("2026-03-01", 30), 14.0, "Mar 2/2026 Mar 9 Mar 16 Mar 23 Mar 30"),
            (days("2025-11-20", 90), 3.0, "Dec/2025 Jan/2026 Feb"),
        ] {
            assert_eq!(written(&slots, spacing), expected);
        }
    }

    #[test]
    fn titles_are_unambiguous() {
        assert_eq!(months("2026-03", 1)[0].title(), "March 2026");
        assert_eq!(days("2026-03-09", 1)[0].title(), "9 March 2026");
        assert_eq!(Slot::week("2026-03-09".parse().unwrap()).title(), "Week of 9 March 2026");
        assert_eq!(Slot::named("14", "14:00").title(), "14:00");
    }

    #[test]
    fn no_slot_has_no_label_and_a_crowd_of_names_is_thinned() {
        assert!(labels(&[], 10.0).is_empty());
        let hours: Vec<Slot> = (0..24).map(|h| Slot::named(h.to_string(), format!("{h:02}:00"))).collect();
        assert_eq!(written(&hours, 20.0), "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00");
    }
}
