//! How often something happens per local day: sign-ups, tickets, updates.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::Instant;
use crate::rate::Rate;
use crate::zones::{Period, Zone};

/// What happened on a day, by what it is about.
pub type ByCategory = BTreeMap<String, u64>;

/// Occurrences by local day. A day on which nothing happened is there with 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Daily {
    /// Every day of the period that is over.
    pub by_day: BTreeMap<Date, u64>,
}

impl Daily {
    /// Gives the mean of the days that are over; `None` when none is.
    #[must_use]
    pub fn mean(&self) -> Option<Rate> {
        Rate::of(self.by_day.values().sum::<u64>(), self.by_day.len())
    }

    /// Gives the day on which most happened, the newest of several; `None` when none is over.
    #[must_use]
    pub fn worst(&self) -> Option<(Date, u64)> {
        self.by_day.iter().max_by_key(|(_, count)| **count).map(|(date, count)| (*date, *count))
    }
}

/// Lists the local days of a period that are over.
#[must_use]
pub fn complete_days(period: Period, now: Instant, zone: &Zone) -> Vec<Date> {
    let mut all = Vec::new();
    let mut date = zone.date_of(period.start);
    while zone.day(date).end <= period.end.min(now) {
        if period.start <= zone.day(date).start {
            all.push(date);
        }
        let Ok(next) = date.checked_add(1.day()) else { break };
        date = next;
    }
    all
}

/// Counts occurrences on the complete local days of a period.
#[must_use]
pub fn daily(instants: impl IntoIterator<Item = Instant>, period: Period, now: Instant, zone: &Zone) -> Daily {
    let days = complete_days(period, now, zone).into_iter().map(|date| (date, 0));
    let mut all = Daily { by_day: days.collect() };
    for at in instants {
        if let Some(count) = all.by_day.get_mut(&zone.date_of(at)) {
            *count += 1;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::at;

    #[test]
    fn only_whole_days_that_are_over_count_and_quiet_ones_do_too() {
        let zone = Zone::named("America/New_York").unwrap();
        let period = Period { start: at("2026-03-06T05:00:00"), end: at("2026-03-13T04:00:00") };
        let tickets = ["2026-03-06T05:00:00", "2026-03-09T03:59:59", "2026-03-09T04:00:00", "2026-03-11T12:00:00"];
        let counted = daily(tickets.map(at), period, at("2026-03-11T13:00:00"), &zone);
        assert_eq!(counted.by_day.values().copied().collect::<Vec<_>>(), [1, 0, 1, 1, 0]);
        assert_eq!(counted.mean().unwrap().to_string(), "3/5");
        assert_eq!(counted.worst().unwrap(), ("2026-03-09".parse().unwrap(), 1), "the newest of several");
    }
}
