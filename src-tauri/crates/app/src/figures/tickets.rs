//! Support tickets per day, counted from the help desk's exports that are attached to runs of the environment.
//!
//! It stands on its own: no other source has it. A day that no export covers whole is not known, which is not the same as
//! a day without tickets. The figure is the mean; a line of a checklist is held against the worst day, which is stricter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::RunId;
use countersign_domain::ledger::Hash;
use countersign_domain::metrics::daily::{ByCategory, Daily, complete_days};
use countersign_domain::metrics::registry::{Metric, Window};
use countersign_domain::workspace::Environment;
use countersign_domain::zones::{Period, Zone};
use countersign_probes::import::{self, Kind, TICKETS};
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
/// Most files that are read, the newest first.
const FILES_MAX: usize = 64;

/// What one file counts, by day.
type Counted = Arc<BTreeMap<Date, ByCategory>>;

/// The counts of the files that were read, each with the zone its days were made in.
#[derive(Default)]
pub struct Desk {
    read: Mutex<BTreeMap<(Hash, String), Counted>>,
}

/// A file days were taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// Its digest.
    pub sha256: Hash,
    /// The run it is attached to.
    pub run: RunId,
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
}

/// Says whether a metric counts tickets.
#[must_use]
pub fn is_tickets(metric: &Metric) -> bool {
    metric.id == TICKETS
}

/// Loads what the attached exports say; of two that cover a day the newer one.
///
/// **Errors**: closed stores, a ledger that cannot be read.
pub async fn load(app: &App, environment: &Environment, zone: &Zone) -> Result<Known, Failure> {
    let shelf = stories::shelf(app).await?;
    let runs = shelf.runs.values().filter(|story| story.run.binding().environment == environment.id);
    let mut attached = Vec::new();
    for story in runs {
        let histories = story.run.template().rows.iter().filter_map(|row| story.run.history(&row.id));
        let is_export = |kind: &str| kind == Kind::Tickets.as_ref();
        let files = histories.flat_map(|history| &history.files);
        let exports = files.filter(|file| file.file.facts.as_ref().is_some_and(|facts| is_export(&facts.kind)));
        attached.extend(exports.map(|file| (story.id.clone(), file.clone())));
    }
    attached.sort_by_key(|(_, file)| std::cmp::Reverse(file.seq));
    let stores = app.stores()?;
    let folder = stores.ledger.database().evidence();
    let mut known = Known::default();
    for (run, file) in attached.into_iter().take(FILES_MAX) {
        let sha256 = hash_of(file.file.sha256);
        // A file that is gone or changed counts nothing: its days are not known.
        let Some(counted) = stores.desk.counted(&folder, sha256, zone).await? else { continue };
        let place = known.exports.len();
        for (date, of_day) in counted.iter() {
            known.days.entry(*date).or_insert_with(|| (of_day.clone(), place));
        }
        known.exports.push(Export { name: file.file.name, sha256, run, by: file.by.name, at: file.at });
    }
    Ok(known)
}

impl Desk {
    async fn counted(&self, folder: &EvidenceFolder, sha256: Hash, zone: &Zone) -> Result<Option<Counted>, Failure> {
        let key = (sha256, zone.name().to_owned());
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = read().get(&key) {
            return Ok(Some(Arc::clone(counted)));
        }
        let (folder, zone) = (folder.clone(), zone.clone());
        let work = move || {
            let bytes = folder.load(&sha256).ok()?;
            let tickets = import::read(&bytes, Some(TICKETS)).ok()?.into_tickets()?;
            Some(Arc::new(tickets.by_day(&zone)))
        };
        let counted = tokio::task::spawn_blocking(work).await;
        let counted = counted.map_err(|error| internal("Could not read the tickets", &error))?;
        if let Some(counted) = &counted {
            read().insert(key, Arc::clone(counted));
        }
        Ok(counted)
    }
}

impl Known {
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

/// Lists the days a figure over a span is made of: those that are over, and for a number of days so many whole ones.
fn days_of(ground: &Ground, metric: &'static Metric, span: &Span) -> Vec<Date> {
    let (zone, now) = (&ground.zone, clock::now());
    let is_aligned = zone.start_of_day(zone.date_of(span.period.start)) == span.period.start;
    let Window::Days(count) = metric.window else { return complete_days(span.period, now, zone) };
    if is_aligned {
        return complete_days(span.period, now, zone);
    }
    // Stripe may have been read long ago; tickets need nothing of it.
    let end = if *span == Span::usual(metric, zone, ground.now) { now } else { span.period.end };
    last_days(zone, end, count)
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
    if known.exports.is_empty() {
        return Reckoned::none(metric, span, NONE);
    }
    let days = days_of(ground, metric, span);
    let (counted, missing) = (known.daily(&days), known.missing(&days));
    let (Some(mean), Some(worst), Some((last, _))) = (counted.mean(), counted.worst(), counted.by_day.last_key_value())
    else {
        let newest = known.days.last_key_value().map(|(date, _)| format!("; the newest that is known is {date}"));
        return Reckoned::none(metric, span, format!("no export covers a day of it{}", newest.unwrap_or_default()));
    };
    let span = Span { closes_at: ground.zone.day(*last).end, ..span.clone() };
    let mut notes = vec![format!("most on one day: {} on {}", worst.1, worst.0)];
    if let Some(first) = missing.first() {
        let more = if missing.len() == 1 { String::new() } else { format!(" and {} more", missing.len() - 1) };
        notes.push(format!("no export covers {first}{more}"));
    }
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
