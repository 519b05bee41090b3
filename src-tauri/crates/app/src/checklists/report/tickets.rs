//! Support tickets of a stretch by day and by what they are about, with the files they were counted from.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::checklist::row::Row;
use countersign_domain::failure::Failure;
use countersign_domain::metrics::daily::ByCategory;
use countersign_domain::rate::Rate;
use countersign_domain::workspace::Environment;
use jiff::civil::Date;

use super::{SeenTable, done_before};
use crate::app::App;
use crate::checklists::stories::Story;
use crate::clock;
use crate::figures::Ground;
use crate::figures::tickets::{self, Known};

/// Categories with a column of their own; the others share one.
const CATEGORIES_MAX: usize = 4;
/// Days a table has at least, and at most.
const DAYS: (u32, u32) = (7, 31);

/// Counts the tickets since the date before, else since the deployment.
///
/// **Errors**: closed stores, a ledger that cannot be read.
pub(super) async fn tickets(
    app: &App,
    story: &Story,
    row: &Row,
    (environment, ground): (&Environment, &Ground),
) -> Result<Vec<SeenTable>, Failure> {
    let title = "Tickets by day";
    let known = tickets::load(app, environment, &ground.zone).await?;
    if let (true, Some(lost)) = (known.exports.is_empty(), known.lost.first()) {
        let why = format!("The kept file {lost} is gone or changed. Attach it again.");
        return Ok(vec![SeenTable::unknown(title, &why)]);
    }
    if known.exports.is_empty() {
        let why = "No help desk's export is attached to a run of this environment. Attach one to this line and open \
            the date again.";
        return Ok(vec![SeenTable::unknown(title, why)]);
    }
    let (zone, now) = (&ground.zone, clock::now());
    let before = done_before(story, &row.id).map(|occasion| occasion.decision.at);
    let since = before.or(story.run.deployed_at()).map_or_else(|| zone.date_of(now), |at| zone.date_of(at));
    let (least, most) = DAYS;
    let past = u32::try_from(since.until(zone.date_of(now)).map_or(0, |span| span.get_days())).unwrap_or(0);
    let count = past.clamp(least, most);
    let days = tickets::last_days(zone, now, count);
    let earlier =
        days.first().map_or_else(Vec::new, |first| tickets::last_days(zone, zone.start_of_day(*first), count));
    Ok(vec![by_day(title, &known, &days), by_category(&known, &days, &earlier), exports(&known, &days)])
}

/// Adds up the categories of some days, the most frequent first.
fn categories(known: &Known, days: &[Date]) -> Vec<(String, u64)> {
    let mut all = ByCategory::new();
    for (of_day, _) in days.iter().filter_map(|date| known.days.get(date)) {
        for (name, count) in of_day {
            *all.entry(name.clone()).or_default() += count;
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}

fn by_day(title: &str, known: &Known, days: &[Date]) -> SeenTable {
    let all = categories(known, days);
    let own: Vec<&str> = all.iter().take(CATEGORIES_MAX).map(|(name, _)| name.as_str()).collect();
    let has_other = all.len() > own.len();
    let row = |date: &Date| {
        let mut cells = vec![date.strftime("%Y-%m-%d %a").to_string()];
        let width = own.len() + usize::from(has_other);
        let Some((of_day, _)) = known.days.get(date) else {
            cells.extend(vec![String::new(); width]);
            cells.push("not known".to_owned());
            return cells;
        };
        let sum: u64 = of_day.values().sum();
        let counts: Vec<u64> = own.iter().map(|name| of_day.get(*name).copied().unwrap_or_default()).collect();
        let other = sum - counts.iter().sum::<u64>();
        cells.extend(counts.into_iter().chain(has_other.then_some(other)).map(|count| count.to_string()));
        cells.push(sum.to_string());
        cells
    };
    let mut heads = vec!["Day".to_owned()];
    heads.extend(own.iter().map(|name| format!("{name}#")).chain(has_other.then(|| "Other#".to_owned())));
    heads.push("All#".to_owned());
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let note = match known.missing(days).len() {
        0 => String::new(),
        1 => "1 day is not covered whole by any export: it is not known, and not none.".to_owned(),
        more => format!("{more} days are not covered whole by any export: they are not known, and not none."),
    };
    SeenTable::new(title, &heads, days.iter().rev().map(row).collect()).noted(note)
}

fn by_category(known: &Known, days: &[Date], earlier: &[Date]) -> SeenTable {
    let (now, then): (_, BTreeMap<_, _>) = (categories(known, days), categories(known, earlier).into_iter().collect());
    let all: u64 = now.iter().map(|(_, count)| count).sum();
    let here: BTreeSet<&String> = now.iter().map(|(name, _)| name).collect();
    let gone: Vec<_> = then.keys().filter(|name| !here.contains(name)).map(|name| (name.clone(), 0)).collect();
    // What is known of fewer days is no measure for the others.
    let missing = known.missing(earlier).len();
    let row = |(name, count): (String, u64)| {
        let share = Rate::of(count, all).map(|rate| format!("{} %", rate.pct())).unwrap_or_default();
        let before =
            if missing > 0 { "not known".to_owned() } else { then.get(&name).copied().unwrap_or(0).to_string() };
        vec![name, count.to_string(), share, before]
    };
    let rows = now.iter().cloned().chain(gone).map(row).collect();
    let length = days.len();
    let note = match missing {
        0 => String::new(),
        missing => format!("{missing} of the {length} days before are not known."),
    };
    let before = format!("{length} days before#");
    SeenTable::new("Tickets by category", &["Category", "Tickets#", "Share#", &before], rows).noted(note)
}

fn exports(known: &Known, days: &[Date]) -> SeenTable {
    let used: BTreeSet<usize> = days.iter().filter_map(|date| known.days.get(date)).map(|(_, place)| *place).collect();
    let row = |(place, export): (usize, &tickets::Export)| {
        let of = days.iter().filter(|date| known.days.get(date).is_some_and(|(_, of)| *of == place)).count();
        let attached = format!("{}, {}", export.by, export.at.format("%Y-%m-%d %H:%M UTC"));
        used.contains(&place).then(|| vec![export.name.clone(), export.sha256.to_string(), attached, of.to_string()])
    };
    let rows = known.exports.iter().enumerate().filter_map(row).collect();
    SeenTable::new("Counted from", &["File", "SHA-256", "Attached", "Days#"], rows)
}
