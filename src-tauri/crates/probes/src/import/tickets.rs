//! A help desk's export: one line for each ticket, or for each day how many there were; as CSV or as JSON.
//!
//! Only the day and the category of a ticket are read, and nothing of what anybody wrote. A list of tickets may begin and
//! end in the middle of a day: its first and last day count only where its first line says that they are whole
//! (`# countersign-tickets: from=2026-11-13 to=2026-11-19`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use countersign_domain::Instant;
use countersign_domain::metrics::daily::ByCategory;
use countersign_domain::zones::Zone;
use countersign_sources::redact;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

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
/// The column with what it is about.
const CATEGORIES: &[&str] =
    &["category", "topic", "type", "tickettype", "issuetype", "kind", "reason", "group", "queue", "tags", "labels"];
/// The column with how many there were.
const COUNTS: &[&str] = &["tickets", "count", "number", "total"];
/// What a ticket without a category is counted as.
const NO_CATEGORY: &str = "no category";
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
    came: Came,
    category: String,
    count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    At(Instant),
    On(Date),
}

#[derive(Deserialize)]
struct Covers {
    from: String,
    to: String,
}

/// A table of texts, whatever it was written in.
struct Table {
    columns: Vec<String>,
    /// Each row with the line or place it stands at.
    rows: Vec<(u64, Vec<String>)>,
}

/// Reads a help desk's export; `None` for what is none.
///
/// **Errors**: a day or a count that cannot be read, with its line.
pub(super) fn read(text: &str) -> Result<Option<Reading>, String> {
    let covers = header::read::<Covers>(text, HEADER)?;
    let covers = covers.map(|Covers { from, to }| -> Result<_, String> {
        let (from, to) = (day("its first line", &from)?, day("its first line", &to)?);
        if to < from { Err(format!("Its first line says from {from} to {to}.")) } else { Ok((from, to)) }
    });
    let (covers, is_ours) = (covers.transpose()?, text.starts_with("# countersign-"));
    let body = if is_ours { text.split_once('\n').map_or("", |(_, body)| body) } else { text };
    let Some(Table { columns, rows }) = table(body) else { return Ok(None) };
    let find = |names: &[&str]| names.iter().find_map(|name| columns.iter().position(|column| column == name));
    let Some(at) = find(DAYS) else { return Ok(None) };
    let (category, count) = (find(CATEGORIES), find(COUNTS));
    let cell = |row: &[String], at: Option<usize>| at.and_then(|at| row.get(at)).map(|text| shown(text));
    let ticket = |(line, row): &(u64, Vec<String>)| -> Result<Ticket, String> {
        let place = format!("line {line}");
        let came = came(&place, cell(row, Some(at)).unwrap_or_default().as_str())?;
        let category = cell(row, category)
            .map(|text| redact::pasted(&text).0)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| NO_CATEGORY.to_owned());
        let number = |text: String| text.parse().map_err(|_| format!("The count of {place} is `{text}`, no number."));
        let count = cell(row, count).map_or(Ok(1), number)?;
        Ok(Ticket { came, category, count })
    };
    let rows = rows.iter().map(ticket).collect::<Result<Vec<_>, _>>()?;
    let tickets = Tickets { rows, is_daily: count.is_some(), covers };
    let (Some(first), Some(last)) = tickets.ends(&Zone::utc()) else { return Ok(None) };
    if first.until(last).map_or(i32::MAX, |span| span.get_days()) > DAYS_MAX {
        return Err(format!("It goes from {first} to {last}, which is longer than {DAYS_MAX} days."));
    }
    let categories: BTreeSet<&str> = tickets.rows.iter().map(|row| row.category.as_str()).collect();
    let figures = vec![
        figure("tickets", tickets.rows.iter().map(|row| row.count).sum::<u64>()),
        figure("categories", categories.len()),
        figure("from", first),
        figure("to", last),
    ];
    Ok(Some(Reading::new(Kind::Tickets, figures, Claim::default(), Report::Tickets(tickets))))
}

impl Tickets {
    /// Counts by day and category on the days of which all is known.
    #[must_use]
    pub fn by_day(&self, zone: &Zone) -> BTreeMap<Date, ByCategory> {
        let mut days: BTreeMap<Date, ByCategory> = BTreeMap::new();
        for row in &self.rows {
            *days.entry(row.came.day(zone)).or_default().entry(row.category.clone()).or_default() += row.count;
        }
        if !self.is_daily || self.covers.is_some() {
            let inner = || {
                let (first, last) = self.ends(zone);
                Some((first?.checked_add(1.day()).ok()?, last?.checked_sub(1.day()).ok()?))
            };
            let Some((first, last)) = self.covers.or_else(inner) else { return BTreeMap::new() };
            days.retain(|day, _| (first..=last).contains(day));
            let all = first.series(1.day()).take_while(|day| *day <= last);
            for day in all {
                days.entry(day).or_default();
            }
        }
        // A day that was written down with nothing has no category.
        days.values_mut().for_each(|counted| counted.retain(|_, count| *count > 0));
        days
    }

    /// Says what a person should know before they rely on it.
    pub(super) fn remark(&self) -> Option<String> {
        let (Some(first), Some(last)) = self.ends(&Zone::utc()) else { return None };
        let cut = format!(
            "A list may begin and end in the middle of a day, so its first and its last day do not count. Where they are \
            whole, say so in a first line: # countersign-{HEADER}: from={first} to={last}"
        );
        (!self.is_daily && self.covers.is_none()).then_some(cut)
    }

    /// Gives the first and the last day.
    fn ends(&self, zone: &Zone) -> (Option<Date>, Option<Date>) {
        if let Some((first, last)) = self.covers {
            return (Some(first), Some(last));
        }
        let days = || self.rows.iter().map(|row| row.came.day(zone));
        (days().min(), days().max())
    }
}

impl Came {
    fn day(self, zone: &Zone) -> Date {
        match self {
            Self::At(at) => zone.date_of(at),
            Self::On(date) => date,
        }
    }
}

/// Reads when a ticket came; a time without a zone is taken as the help desk writes it.
fn came(place: &str, text: &str) -> Result<Came, String> {
    let instant = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).map(|at| Came::At(at.to_utc()));
    instant.or_else(|_| day(place, text.get(..10).unwrap_or(text)).map(Came::On))
}

fn day(place: &str, text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("The day of {place} is `{text}`; one such as 2026-11-13 is expected."))
}

fn table(text: &str) -> Option<Table> {
    match text.trim_start().as_bytes().first()? {
        b'[' => objects(json(text)?),
        b'{' => {
            #[derive(Deserialize)]
            struct Listed {
                #[serde(alias = "results", alias = "data", alias = "conversations", alias = "issues")]
                tickets: Vec<BTreeMap<String, Value>>,
            }
            objects(json::<Listed>(text)?.tickets)
        }
        _ => sheet(text),
    }
}

fn objects(all: Vec<BTreeMap<String, Value>>) -> Option<Table> {
    let columns: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    let row = |(nth, one): (u64, &BTreeMap<String, Value>)| {
        (nth, columns.iter().map(|column| one.get(*column).map(words).unwrap_or_default()).collect())
    };
    let rows = (1..).zip(&all).map(row).collect();
    Some(Table { columns: columns.into_iter().map(|column| letters(column)).collect(), rows })
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.first().map(words).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn sheet(text: &str) -> Option<Table> {
    let head = text.lines().next()?;
    let separator =
        [b',', b';', b'\t'].into_iter().max_by_key(|one| head.bytes().filter(|byte| byte == one).count())?;
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let columns = reader.headers().ok()?.iter().map(letters).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.ok()?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    Some(Table { columns, rows })
}

/// Takes the name of a column without case, spaces and signs.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Vec<(String, u64)> {
        let Report::Tickets(tickets) = read(text).unwrap().unwrap().report else { panic!("no tickets") };
        let zone = Zone::named("Europe/Berlin").unwrap();
        tickets.by_day(&zone).iter().map(|(day, counted)| (day.to_string(), counted.values().sum())).collect()
    }

    fn days(wanted: &[(&str, u64)]) -> Vec<(String, u64)> {
        wanted.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect()
    }

    #[test]
    fn a_list_counts_whole_days_in_the_zone_of_the_workspace() {
        let list = "Id,Created at,Type\n1,2026-11-13T09:00:00Z,billing\n2,2026-11-14T23:30:00Z,billing\n\
                    3,2026-11-15 10:00,question\n4,2026-11-17,\n5,2026-11-18T08:00:00+01:00,billing\n";
        assert_eq!(
            counted(list),
            days(&[("2026-11-14", 0), ("2026-11-15", 2), ("2026-11-16", 0), ("2026-11-17", 1)]),
            "23:30 UTC is the next day in Berlin; first and last day may be cut"
        );
        let whole = format!("# countersign-tickets: from=2026-11-12 to=2026-11-18\n{list}");
        let whole = counted(&whole);
        assert_eq!((whole.len(), whole.first().unwrap().1, whole.last().unwrap().1), (7, 0, 1));
    }

    #[test]
    fn days_with_their_counts_are_whole_and_a_missing_one_is_not_none() {
        let sheet =
            "Date;Tickets;Category\n2026-11-13;3;billing\n2026-11-13;1;login\n2026-11-14;0;\n2026-11-16;2;login\n";
        assert_eq!(counted(sheet), days(&[("2026-11-13", 4), ("2026-11-14", 0), ("2026-11-16", 2)]));
    }

    #[test]
    fn json_of_an_api_is_read_by_the_same_names() {
        let api = r#"{"tickets":[{"id":1,"created_at":"2026-11-13T09:00:00Z","tags":["billing","vip"]},
                     {"id":2,"created_at":"2026-11-15T09:00:00Z","tags":[]}],"count":2}"#;
        assert_eq!(counted(api), days(&[("2026-11-14", 0)]));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let why = |text: &str| read(text).unwrap_err();
        assert!(why("Created,Type\n2026-11-13,a\n13/11/2026,b\n").contains("line 3 is `13/11/2026`"));
        assert!(why("Day,Count\n2026-11-13,many\n").contains("`many`"));
        assert!(why("# countersign-tickets: from=2026-11-13\nDay\n").contains("to"));
        assert!(why("Day,Count\n1926-11-13,1\n2026-11-13,1\n").contains("longer than"));
        for none in ["", "no table at all", "Name,Mail\na,b\n", "[1,2]", "{}", "Created,Type\n"] {
            assert_eq!(read(none), Ok(None), "{none}");
        }
    }
}
