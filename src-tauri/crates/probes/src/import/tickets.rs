//! A help desk's export: one row for each ticket, or for each day how many there were; as CSV or as JSON.
//!
//! Only two columns are read, when a ticket came and its category. An export may begin and end in the middle of a day: its
//! first and last day count only where its first line says that they are whole
//! (`# countersign-tickets: from=2026-11-13 to=2026-11-19`). Files that are one page of several are refused.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::metrics::daily::ByCategory;
use countersign_domain::zones::Zone;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::bounds::{Deadline, Refused};
use super::moment::{self, Moment};
use super::{Claim, Kind, Reading, Report, figure, header, json, shown};

/// What help desks call the column with the day, as letters and digits only, the surest first.
const DAYS: &[&str] = &[
    "createdat",
    "created",
    "createdtime",
    "createddate",
    "createdon",
    "createdateutc",
    "createdate",
    "creationdate",
    "datecreated",
    "dateopened",
    "openedat",
    "opened",
    "requestedat",
    "requested",
    "reportedat",
    "receivedat",
    "submittedat",
    "day",
    "date",
];
/// The column with what it is about; what people wrote themselves is none.
const CATEGORIES: &[&str] =
    &["category", "topic", "type", "tickettype", "issuetype", "kind", "group", "queue", "tags", "labels"];
/// The column with how many there were.
const COUNTS: &[&str] = &["tickets", "count"];
/// What a ticket without a category is counted as.
const NO_CATEGORY: &str = "no category";
/// What the tickets of further categories are counted as.
const FURTHER: &str = "further categories";
/// Most categories that are told apart.
const CATEGORIES_MAX: usize = 64;
/// Most tickets of one row.
const COUNT_MAX: u64 = 1_000_000;
/// Most days between the first and the last.
const DAYS_MAX: i32 = 3_660;
/// The first line of a file that says which days it covers.
const HEADER: &str = "tickets";

/// Tickets by when they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tickets {
    rows: Vec<Ticket>,
    /// Whether each row stands for a whole day.
    is_daily: bool,
    /// From which day to which the file says it covers all.
    covers: Option<(Date, Date)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Ticket {
    came: Moment,
    category: String,
    count: u64,
}

#[derive(Deserialize)]
struct Covers {
    from: String,
    to: String,
}

/// The three columns of a table that are read, whatever it was written in.
struct Table {
    has_count: bool,
    rows: Vec<Row>,
}

/// A row with where it stands: `line 3`, `ticket 3`.
struct Row {
    place: String,
    came: String,
    category: Option<String>,
    count: Option<String>,
}

/// Reads a help desk's export; `None` for what is none.
///
/// **Errors**: a day or a count that cannot be read, with its place; a file that is one page of several.
pub(super) fn read(text: &str, until: Deadline) -> Result<Option<Reading>, Refused> {
    let covers = header::read::<Covers>(text, HEADER)?.map(|said| covered(&said)).transpose()?;
    let (body, before) = match covers {
        Some(_) => (text.split_once('\n').map_or("", |(_, body)| body), 1),
        None => (text, 0),
    };
    let Some(table) = table(body, before, until)? else { return Ok(None) };
    let mut categories: BTreeMap<String, u64> = BTreeMap::new();
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        until.check()?;
        let mut ticket = row.ticket(&table, &mut known)?;
        if !categories.contains_key(&ticket.category) && categories.len() >= CATEGORIES_MAX {
            FURTHER.clone_into(&mut ticket.category);
        }
        *categories.entry(ticket.category.clone()).or_default() += ticket.count;
        rows.push(ticket);
    }
    let is_daily = table.has_count && rows.iter().all(|ticket| ticket.came.is_day());
    let tickets = Tickets { rows, is_daily, covers };
    let Some((first, last)) = tickets.ends(&Zone::utc()) else { return Ok(None) };
    if first.until(last).map_or(i32::MAX, |span| span.get_days()) > DAYS_MAX {
        return Err(format!("It goes from {first} to {last}, which is longer than {DAYS_MAX} days.").into());
    }
    let figures = vec![
        figure("tickets", categories.values().sum::<u64>()),
        figure("categories", categories.len()),
        figure("from", first),
        figure("to", last),
    ];
    Ok(Some(Reading::new(Kind::Tickets, figures, Claim::default(), Report::Tickets(tickets))))
}

fn covered(said: &Covers) -> Result<(Date, Date), String> {
    let day = |text: &str| {
        text.parse::<Date>()
            .map_err(|_| format!("Its first line names the day `{text}`; one such as 2026-11-13 is expected."))
    };
    let (from, to) = (day(&said.from)?, day(&said.to)?);
    if to < from { Err(format!("Its first line says from {from} to {to}.")) } else { Ok((from, to)) }
}

impl Tickets {
    /// Counts by day and category on the days of which all is known at an instant.
    ///
    /// **Shape**: a day that was not over then is not known, nor is what a row says of a later one. Between the first and
    /// the last ticket of a list a day without one has none; a day that a list of days leaves out is not known.
    #[must_use]
    pub fn by_day(&self, zone: &Zone, at: Instant) -> BTreeMap<Date, ByCategory> {
        let today = zone.date_of(at);
        let mut days: BTreeMap<Date, ByCategory> = BTreeMap::new();
        for (day, row) in self.rows.iter().map(|row| (row.came.day(zone), row)).filter(|(day, _)| *day <= today) {
            *days.entry(day).or_default().entry(row.category.clone()).or_default() += row.count;
        }
        let inner = || {
            let (first, last) = (days.first_key_value()?.0, days.last_key_value()?.0);
            Some((first.checked_add(1.day()).ok()?, last.checked_sub(1.day()).ok()?))
        };
        let Some((first, last)) = self.covers.or_else(inner) else { return BTreeMap::new() };
        let is_whole = |day: &Date| first <= *day && *day <= last && *day < today;
        days.retain(|day, _| is_whole(day));
        if !self.is_daily {
            for day in first.series(1.day()).take_while(is_whole) {
                days.entry(day).or_default();
            }
        }
        // A day that was written down with nothing has no category.
        days.values_mut().for_each(|counted| counted.retain(|_, count| *count > 0));
        days
    }

    /// Says what a person should know before they rely on it.
    pub(super) fn remark(&self, zone: &Zone, at: Instant) -> Option<String> {
        let all = "It is taken to hold every ticket of its days: export without a filter.";
        if self.covers.is_some() {
            return Some(all.to_owned());
        }
        let (first, last) = self.ends(zone)?;
        let last = zone.date_of(at).checked_sub(1.day()).map_or(last, |yesterday| last.min(yesterday));
        Some(format!(
            "{all} It may begin and end in the middle of a day, so its first and its last day do not count. Where they are \
             whole, say so in a first line: # countersign-{HEADER}: from={first} to={last}"
        ))
    }

    /// Gives the first and the last day.
    fn ends(&self, zone: &Zone) -> Option<(Date, Date)> {
        let days = || self.rows.iter().map(|row| row.came.day(zone));
        self.covers.or_else(|| Some((days().min()?, days().max()?)))
    }
}

impl Row {
    /// Reads the row; `known` are the categories as they are shown, which are many times the same.
    fn ticket<'a>(&'a self, table: &Table, known: &mut BTreeMap<&'a str, String>) -> Result<Ticket, String> {
        let Self { place, came, category, count } = self;
        let expected = "one such as 2026-11-13 or 2026-11-13T09:30:00Z is expected";
        let came = moment::read(came).ok_or_else(|| format!("The day of {place} is `{}`; {expected}.", shown(came)))?;
        let category = category.as_deref().map(|text| &*known.entry(text).or_insert_with(|| shown(text)));
        let category = category.filter(|text| !text.is_empty()).cloned().unwrap_or_else(|| NO_CATEGORY.to_owned());
        let count = match count.as_deref().map(str::trim).filter(|_| table.has_count) {
            None if table.has_count => return Err(format!("The count of {place} is missing.")),
            None => 1,
            Some(text) => {
                let read = text.parse().ok().filter(|count| *count <= COUNT_MAX);
                read.ok_or_else(|| format!("The count of {place} is `{}`; 0 to {COUNT_MAX} is expected.", shown(text)))?
            }
        };
        Ok(Ticket { came, category, count })
    }
}

fn table(text: &str, before: u64, until: Deadline) -> Result<Option<Table>, Refused> {
    match text.trim_start().as_bytes().first() {
        Some(b'[') => Ok(json(text).and_then(objects)),
        Some(b'{') => Ok(page(text)?),
        Some(_) => sheet(text, before, until),
        None => Ok(None),
    }
}

/// Finds the columns by their names: day, category, count.
fn columns<'a>(names: impl Iterator<Item = &'a str>) -> Option<(usize, Option<usize>, Option<usize>)> {
    let names: Vec<String> = names.map(letters).collect();
    let find = |wanted: &[&str]| wanted.iter().find_map(|one| names.iter().position(|name| name == one));
    Some((find(DAYS)?, find(CATEGORIES), find(COUNTS)))
}

/// Reads the answer of an API with the tickets in it.
fn page(text: &str) -> Result<Option<Table>, String> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(alias = "results", alias = "data", alias = "conversations", alias = "issues")]
        tickets: Vec<BTreeMap<String, Value>>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let Some(Page { tickets, rest }) = json::<Page>(text) else { return Ok(None) };
    let count = tickets.len() as u64;
    let Some(table) = objects(tickets) else { return Ok(None) };
    let within = rest.values().filter_map(Value::as_object).flatten();
    let is_part = |(name, value): (&String, &Value)| match letters(name).as_str() {
        "nextpage" | "next" | "nexturl" | "nextpagetoken" => !value.is_null() && value != "",
        "hasmore" => value == true,
        "count" | "total" | "totalcount" => value.as_u64().is_some_and(|total| total > count),
        _ => false,
    };
    if rest.iter().chain(within).any(is_part) {
        return Err(format!("It is one page of several, with {count} tickets. Export all of them into one file."));
    }
    Ok(Some(table))
}

fn objects(all: Vec<BTreeMap<String, Value>>) -> Option<Table> {
    let names: Vec<&str> = all.first()?.keys().map(String::as_str).collect();
    let (day, category, count) = columns(names.iter().copied())?;
    let name = |at: usize| names.get(at).copied().unwrap_or_default();
    let (day, category, count) = (name(day), category.map(name), count.map(name));
    let cell = |one: &BTreeMap<String, Value>, name: &str| one.get(name).map(words);
    let row = |(nth, one): (usize, &BTreeMap<String, Value>)| Row {
        place: format!("ticket {}", nth + 1),
        came: cell(one, day).unwrap_or_default(),
        category: category.and_then(|name| cell(one, name)),
        count: count.and_then(|name| cell(one, name)),
    };
    let rows = all.iter().enumerate().map(row).collect();
    Some(Table { has_count: count.is_some(), rows })
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.first().map(words).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn sheet(text: &str, before: u64, until: Deadline) -> Result<Option<Table>, Refused> {
    let head = text.lines().next().unwrap_or_default();
    let separators = [b',', b';', b'\t'].into_iter();
    let separator = separators.max_by_key(|one| head.bytes().filter(|byte| byte == one).count()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let Some((day, category, count)) = reader.headers().ok().and_then(|names| columns(names.iter())) else {
        return Ok(None);
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        until.check()?;
        let Ok(record) = record else { return Ok(None) };
        let line = record.position().map_or(0, csv::Position::line) + before;
        let cell = |at: usize| record.get(at).map(str::to_owned);
        rows.push(Row {
            place: format!("line {line}"),
            came: cell(day).unwrap_or_default(),
            category: category.and_then(cell),
            count: count.and_then(cell),
        });
    }
    Ok(Some(Table { has_count: count.is_some(), rows }))
}

/// Takes the name of a column without case, spaces and signs.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests;
