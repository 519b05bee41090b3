//! Support tickets per day, counted from the help desk's exports that are attached to runs of the environment.
//!
//! It stands on its own: no other source has it. A day that no export covers whole is not known, which is not the same as
//! a day without tickets. The figure is the mean; a line of a checklist is held against the worst day, which is stricter.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_domain::Instant;
use countersign_domain::checklist::entry::ItemAttached;
use countersign_domain::checklist::run::Attachment;
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::ledger::Hash;
use countersign_domain::metrics::daily::{ByCategory, Daily, complete_days};
use countersign_domain::metrics::registry::{Metric, TICKETS, Window};
use countersign_domain::workspace::Environment;
use countersign_domain::zones::{Period, Zone};
use countersign_probes::import::{self, Deadline, Kind, Reading, TIME_MAX};
use countersign_render::chart::Slot;
use countersign_store::ledger::evidence::EvidenceFolder;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::ground::Ground;
use super::measure::{Measure, Reckoned};
use super::rows::{Part, Parts};
use super::span::Span;
use crate::app::App;
use crate::checklists::stories;
use crate::checklists::templates::hash_of;
use crate::clock;
use crate::failure::internal;

/// Why there is no value before a file was attached.
const NONE: &str = "no help desk's export is attached to a run of this environment";
/// Digits of a digest that are shown beside a name; the list of files has all of them.
const DIGEST_SHOWN: usize = 12;
/// Most files that are read, the newest first.
const FILES_MAX: usize = 64;

/// What is known of each environment in each zone, with the newest of the files it was read from.
#[derive(Default)]
pub struct Desk {
    read: Mutex<BTreeMap<(EnvironmentId, String), Remembered>>,
}

/// The newest entry that names an export, how many there are, and what they say together.
type Remembered = (u64, usize, Arc<Known>);

/// A file days were taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// Its digest.
    pub sha256: Hash,
    /// Who attached it.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// What is known of each day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Tickets by category, with the place of the file among `exports`.
    pub days: BTreeMap<Date, (ByCategory, usize)>,
    /// The files, the newest first.
    pub exports: Vec<Export>,
    /// Names of files that are gone or changed: what older ones say of their days does not count.
    pub lost: Vec<String>,
}

/// Says whether a metric counts tickets.
#[must_use]
pub fn is_tickets(metric: &Metric) -> bool {
    metric.id == TICKETS
}

/// Loads what the attached exports say; of two that cover a day the newer one. Read again when another one is attached.
///
/// **Errors**: closed stores, a ledger that cannot be read.
pub async fn load(app: &App, environment: &Environment, zone: &Zone) -> Result<Arc<Known>, Failure> {
    let shelf = stories::shelf(app).await?;
    let runs = shelf.runs.values().filter(|story| story.run.binding().environment == environment.id);
    let is_export =
        |file: &&Attachment| file.file.facts.as_ref().is_some_and(|facts| facts.kind == Kind::Tickets.as_ref());
    let histories =
        runs.flat_map(|story| story.run.template().rows.iter().filter_map(|row| story.run.history(&row.id)));
    let mut attached: Vec<&Attachment> = histories.flat_map(|history| &history.files).filter(is_export).collect();
    attached.sort_by_key(|file| std::cmp::Reverse(file.seq));
    let (newest, count) = (attached.first().map_or(0, |file| file.seq), attached.len());
    let stores = app.stores()?;
    let key = (environment.id.clone(), zone.name().to_owned());
    let remembered = || stores.desk.read.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, _, known)) = remembered().get(&key).filter(|(seq, files, _)| (*seq, *files) == (newest, count)) {
        return Ok(Arc::clone(known));
    }
    let attached: Vec<Attachment> = attached.into_iter().take(FILES_MAX).cloned().collect();
    let (folder, zone) = (stores.ledger.database().evidence(), zone.clone());
    let known = tokio::task::spawn_blocking(move || Known::read(&folder, &zone, attached)).await;
    let known = Arc::new(known.map_err(|error| internal("Could not read the tickets", &error))?);
    remembered().insert(key, (newest, count, Arc::clone(&known)));
    Ok(known)
}

impl Known {
    fn read(folder: &EvidenceFolder, zone: &Zone, attached: Vec<Attachment>) -> Self {
        let mut known = Self::default();
        let mut lost: Vec<RangeInclusive<Date>> = Vec::new();
        for Attachment { at, by, file, .. } in attached {
            let sha256 = hash_of(file.sha256);
            let until = Deadline::after(TIME_MAX);
            let read = folder.load(&sha256).ok().and_then(|bytes| import::read(&bytes, Some(TICKETS), until).ok());
            let Some(tickets) = read.and_then(Reading::into_tickets) else {
                lost.push(days_named(&file));
                known.lost.push(file.name);
                continue;
            };
            let place = known.exports.len();
            for (date, of_day) in tickets.by_day(zone, at) {
                if !lost.iter().any(|days| days.contains(&date)) {
                    known.days.entry(date).or_insert((of_day, place));
                }
            }
            known.exports.push(Export { name: file.name, sha256, by: by.name, at });
        }
        known
    }

    /// Counts the days that are known among some days.
    #[must_use]
    pub fn daily(&self, days: &[Date]) -> Daily {
        let one = |date: &Date| Some((*date, self.days.get(date)?.0.values().sum()));
        Daily { by_day: days.iter().filter_map(one).collect() }
    }

    /// Lists the days among some of which nothing is known.
    #[must_use]
    pub fn missing(&self, days: &[Date]) -> Vec<Date> {
        days.iter().filter(|date| !self.days.contains_key(date)).copied().collect()
    }
}

/// Gives the days an entry says a file is about, and one more at each end for the zone.
fn days_named(file: &ItemAttached) -> RangeInclusive<Date> {
    let figures = file.facts.as_ref().map_or(&[][..], |facts| &facts.figures);
    let day = |name: &str| figures.iter().find(|figure| figure.name == name)?.value.parse::<Date>().ok();
    let from = day("from").and_then(|date| date.checked_sub(1.day()).ok()).unwrap_or(Date::MIN);
    let to = day("to").and_then(|date| date.checked_add(1.day()).ok()).unwrap_or(Date::MAX);
    from..=to
}

/// Lists the days a figure over a span is made of: those that are over, and for a number of days so many whole ones.
fn days_of(ground: &Ground, metric: &'static Metric, span: &Span) -> Vec<Date> {
    let (zone, now) = (&ground.zone, clock::now());
    let is_aligned = zone.start_of_day(zone.date_of(span.period.start)) == span.period.start;
    let Window::Days(count) = metric.window else { return complete_days(span.period, now, zone) };
    if is_aligned {
        return complete_days(span.period, now, zone);
    }
    // Stripe may have been read long ago; tickets need nothing of it.
    let is_usual = span.period == Span::usual(metric, zone, ground.now).period;
    last_days(zone, if is_usual { now } else { span.period.end }, count)
}

/// Lists the newest whole days before an instant.
#[must_use]
pub fn last_days(zone: &Zone, end: Instant, count: u32) -> Vec<Date> {
    let today = zone.date_of(end);
    let first = today.checked_sub(i64::from(count).days()).unwrap_or(today);
    let period = Period { start: zone.start_of_day(first), end: zone.start_of_day(today) };
    complete_days(period, end, zone)
}

/// Makes the figure; its span closes with the last day that is known.
pub(super) fn reckon(known: &Known, ground: &Ground, metric: &'static Metric, span: &Span) -> Reckoned {
    over(known, &ground.zone, &days_of(ground, metric, span), metric, span)
}

/// Makes the figure of the days since a phase soaks, its first one whole: what a line of that phase is held against.
pub(crate) fn since(
    known: &Known,
    zone: &Zone,
    metric: &'static Metric,
    (soaks_since, now): (Instant, Instant),
) -> (Reckoned, u64) {
    let first = zone.date_of(soaks_since);
    let period = Period { start: zone.start_of_day(first), end: now };
    let name = format!("days of the soak since {first}");
    let slot = Slot::named(name.clone(), name);
    let span = Span { period, closes_at: now, is_provisional: false, month: None, slot };
    let days = complete_days(period, now, zone);
    let found = match days.is_empty() {
        true => Reckoned::none(metric, &span, "no day of the soak is over yet"),
        false => over(known, zone, &days, metric, &span),
    };
    (found, days.len() as u64)
}

fn over(known: &Known, zone: &Zone, days: &[Date], metric: &'static Metric, span: &Span) -> Reckoned {
    if known.exports.is_empty() && known.lost.is_empty() {
        return Reckoned::none(metric, span, NONE);
    }
    let lost = known.lost.first().map(|name| format!("the kept file {name} is gone or changed; attach it again"));
    let (counted, missing) = (known.daily(days), known.missing(days));
    let (Some(mean), Some(worst), Some((last, _))) = (counted.mean(), counted.worst(), counted.by_day.last_key_value())
    else {
        let newest = known.days.last_key_value().map(|(date, _)| format!("the newest that is known is {date}"));
        let more: String = lost.into_iter().chain(newest).map(|text| format!("; {text}")).collect();
        return Reckoned::none(metric, span, format!("no export covers a day of it{more}"));
    };
    let span = Span { closes_at: zone.day(*last).end, ..span.clone() };
    let mut notes = vec![format!("most on one day: {} on {}", worst.1, worst.0)];
    if let Some(first) = missing.first() {
        let more = if missing.len() == 1 { String::new() } else { format!(" and {} more", missing.len() - 1) };
        notes.push(format!("no export covers {first}{more}"));
        notes.extend(lost);
    }
    let used: BTreeSet<usize> = days.iter().filter_map(|date| known.days.get(date)).map(|(_, place)| *place).collect();
    let from = used.into_iter().filter_map(|place| known.exports.get(place));
    let digest = |export: &Export| export.sha256.to_string().chars().take(DIGEST_SHOWN).collect::<String>();
    notes.extend(from.map(|export| format!("counted from {} (SHA-256 {}…)", export.name, digest(export))));
    let value = Ok(Measure::Number(mean.ratio().clone()));
    Reckoned { metric, value, sample: counted.by_day.len() as u64, span, notes, worst: Some(worst) }
}

/// Lists the days behind the figure.
pub fn parts(known: &Known, ground: &Ground, metric: &'static Metric, span: &Span) -> Parts {
    let days = days_of(ground, metric, span);
    let row = |date: &Date| {
        let (by_category, place) = known.days.get(date)?;
        let count: u64 = by_category.values().sum();
        let mut categories: Vec<_> = by_category.iter().collect();
        categories.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let said: Vec<String> = categories.into_iter().map(|(name, count)| format!("{count} {name}")).collect();
        let from = known.exports.get(*place).map_or("", |export| export.name.as_str());
        let what = if said.is_empty() { "none".to_owned() } else { said.join(", ") };
        Some(Part::counted(&date.to_string(), format!("{what}; from {from}"), count.into()))
    };
    let rows: Vec<Part> = days.iter().rev().filter_map(row).collect();
    let divisor = Some(rows.len() as i128);
    Parts { rows, currency: None, divisor }
}

#[cfg(test)]
mod tests {
    use countersign_domain::metrics::registry;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn known(days: &[(&str, u64)]) -> Known {
        let day =
            |(date, count): &(&str, u64)| (date.parse().unwrap(), (ByCategory::from([("a".to_owned(), *count)]), 0));
        let (name, by) = ("desk.csv".to_owned(), "Ana".to_owned());
        let export = Export { name, sha256: Hash([7; 32]), by, at: at("2026-11-22T08:00:00Z") };
        Known { days: days.iter().map(day).collect(), exports: vec![export], lost: Vec::new() }
    }

    #[test]
    fn a_soak_is_made_of_its_own_days_and_needs_all_of_them() {
        let (zone, metric) = (Zone::named("Europe/Berlin").unwrap(), registry::metric(TICKETS).unwrap());
        let known = known(&[("2026-11-17", 40), ("2026-11-18", 3), ("2026-11-19", 5), ("2026-11-21", 1)]);
        // It is the 18th in Berlin already.
        let began = at("2026-11-17T23:30:00Z");
        let until = |now: &str| {
            let (found, days) = since(&known, &zone, metric, (began, at(now)));
            (found.worst.map(|(date, most)| (date.to_string(), most)), found.sample, days, found.value.is_ok())
        };
        assert_eq!(until("2026-11-18T20:00:00Z"), (None, 0, 0, false), "no day is over");
        let second = Some(("2026-11-19".to_owned(), 5));
        assert_eq!(until("2026-11-20T09:00:00Z"), (second.clone(), 2, 2, true), "the bad day before it is no part");
        assert_eq!(until("2026-11-22T09:00:00Z"), (second, 3, 4, true), "three of the four that it takes");
    }

    #[test]
    fn what_a_lost_file_said_is_not_known() {
        let (zone, metric) = (Zone::utc(), registry::metric(TICKETS).unwrap());
        let lost = Known { lost: vec!["busy.csv".to_owned()], ..Known::default() };
        let (found, _) = since(&lost, &zone, metric, (at("2026-11-18T00:00:00Z"), at("2026-11-20T00:00:00Z")));
        assert!(found.value.unwrap_err().contains("busy.csv is gone or changed"));
    }
}
