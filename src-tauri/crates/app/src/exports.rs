//! Lists as files: the whole list behind a screen, with its filters and order, masked as it is shown.
//!
//! Each file is written whole or not at all, and its digest becomes an entry of the ledger. Where rows come from stands in
//! every row, because nothing else survives a spreadsheet.

mod columns;
pub(crate) mod made;

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::{Entry, entry};
use countersign_render::file::csv::{Cell, CsvFile, Dialect};
use countersign_store::mirror::ROWS_MAX;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::answer::{Answer, Rows, SourceState, Standing, Window};
use crate::app::App;
use crate::customers::{self, CustomersRequest};
use crate::failure::{internal, invalid, told};
use crate::invoices::{self, InvoicesRequest};
use crate::subscriptions::{self, SubscriptionsRequest};
use crate::webhooks::{self, EventsRequest};
use crate::{files, record};
use made::{Made, filter_words};

/// Rows of one file at most: what a spreadsheet still opens.
pub const EXPORT_ROWS_MAX: u64 = 200_000;
/// What failed, where an export fails.
const WHAT: &str = "Could not export the list";

/// The lists that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr, strum::EnumString, TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ListName {
    /// Customers.
    Customers,
    /// Subscriptions.
    Subscriptions,
    /// Invoices.
    Invoices,
    /// Events.
    Events,
}

/// Writes a list to a file somebody chose. A filter that the list does not have must be empty.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListExport {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which list.
    pub list: ListName,
    /// Handle of the chosen file.
    pub file: String,
    /// As in the list's own request.
    #[serde(default)]
    pub status: String,
    /// As in the list's own request.
    #[serde(default)]
    pub verdict: String,
    /// As in the list's own request.
    #[serde(default)]
    pub currency: String,
    /// As in the events' request.
    #[serde(default)]
    pub days: u16,
    /// As in the events' request.
    #[serde(default)]
    pub delivery: String,
    /// As in the events' request.
    #[serde(default)]
    pub row: String,
    /// As in the events' request.
    #[serde(default)]
    pub kind: String,
    /// Text and order; which part of the list is of no importance.
    #[serde(default)]
    pub window: Window,
}

/// A file that was written.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Exported {
    /// Its name, without its folder.
    pub name: String,
    /// Rows in it, without the header.
    #[ts(type = "number")]
    pub rows: u64,
    /// Its length. **Units**: bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
}

/// Writes a list to a file, and writes down that it was.
///
/// **Errors**: a filter the list does not have, a list over [`EXPORT_ROWS_MAX`] or one that changes meanwhile, a handle
/// that is not known, a file that cannot be written; what the ledger refuses.
pub async fn list(app: &App, request_id: Uuid, request: ListExport) -> Result<Exported, Failure> {
    let place = app.files().place(&request.file)?;
    unused(&request)?;
    let made = Made::here(app).await?;
    let (rows, bytes) = table(app, &request, &made).await?;
    let written = files::write(place, bytes, WHAT).await?;
    let entry = Entry::Exported(entry::Exported {
        what: request.list.as_ref().to_owned(),
        format: "csv".to_owned(),
        rows: rows.to_string(),
        sha256: written.sha256.clone(),
        is_masked: true,
        filter: request.filter(),
    });
    files::recorded(&written, record::note(app, request_id, Some(&request.environment), entry).await)?;
    let name = written.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Exported { name, rows, bytes: written.bytes, sha256: written.sha256 })
}

/// Refuses a filter that would be passed over in silence.
fn unused(request: &ListExport) -> Result<(), Failure> {
    let is_of_events = request.list == ListName::Events;
    let filters = [
        ("status", &request.status, !is_of_events),
        ("verdict", &request.verdict, matches!(request.list, ListName::Subscriptions | ListName::Invoices)),
        ("currency", &request.currency, matches!(request.list, ListName::Customers | ListName::Invoices)),
        ("delivery", &request.delivery, is_of_events),
        ("row", &request.row, is_of_events),
        ("kind", &request.kind, is_of_events),
    ];
    match filters.into_iter().find(|(_, value, is_known)| !value.is_empty() && !is_known) {
        Some((name, ..)) => Err(invalid(name, format!("{} have no such filter", request.list.as_ref()))),
        None => Ok(()),
    }
}

async fn table(app: &App, request: &ListExport, made: &Made) -> Result<(u64, Vec<u8>), Failure> {
    match request.list {
        ListName::Customers => {
            let ask = |window| {
                let ListExport { environment, status, currency, .. } = request.clone();
                customers::list(app, CustomersRequest { environment, status, currency, window }).boxed()
            };
            written((request, made), columns::CUSTOMERS, ask, columns::customer).await
        }
        ListName::Subscriptions => {
            let ask = |window| {
                let ListExport { environment, status, verdict, .. } = request.clone();
                subscriptions::list(app, SubscriptionsRequest { environment, status, verdict, window }).boxed()
            };
            written((request, made), columns::SUBSCRIPTIONS, ask, columns::subscription).await
        }
        ListName::Invoices => {
            let ask = |window| {
                let ListExport { environment, status, verdict, currency, .. } = request.clone();
                invoices::list(app, InvoicesRequest { environment, status, verdict, currency, window }).boxed()
            };
            written((request, made), columns::INVOICES, ask, columns::invoice).await
        }
        ListName::Events => {
            let ask = |window| {
                let ListExport { environment, days, delivery, row, kind, .. } = request.clone();
                let asked = EventsRequest { environment, days, delivery, row, kind, window };
                // Days back from one moment: a window that moves with the clock is another list in each part.
                webhooks::events_until(app, asked, made.at).boxed()
            };
            written((request, made), columns::EVENTS, ask, columns::event).await
        }
    }
}

impl ListExport {
    /// Says in words which rows were asked for, in which order.
    ///
    /// **Shape**: the text that was searched for is not repeated: it may name the person that the rows mask.
    fn filter(&self) -> String {
        let Self { list, status, verdict, currency, days, delivery, row, kind, window, .. } = self;
        let days = if *list == ListName::Events { format!("{}", (*days).max(1)) } else { String::new() };
        let text = match window.text.trim().chars().count() {
            0 => String::new(),
            count => format!("of {count} characters"),
        };
        let order = if window.is_reversed { "turned round" } else { "" };
        filter_words(&[
            ("status", status),
            ("verdict", verdict),
            ("currency", currency),
            ("days", &days),
            ("delivery", delivery),
            ("row", row),
            ("kind", kind),
            ("a searched text", &text),
            ("sorted by", &window.sort),
            ("order", order),
        ])
    }
}

/// Asks for the list part by part and writes its rows.
///
/// **Errors**: a list that is too long, or that changed between two parts: rows of two states are no list.
async fn written<'a, T>(
    (request, made): (&ListExport, &Made),
    headers: &[&str],
    ask: impl Fn(Window) -> BoxFuture<'a, Result<Answer<Rows<T>>, Failure>>,
    cells: fn(T) -> Vec<Cell>,
) -> Result<(u64, Vec<u8>), Failure> {
    let own = ["environment", "data_through", "complete"];
    let headers: Vec<&str> = headers.iter().copied().chain(own).chain(Made::COLUMNS).collect();
    let mut bytes = Vec::new();
    let failed = |error: std::io::Error| internal(WHAT, &error);
    let mut file = CsvFile::begin(&mut bytes, Dialect::Spreadsheet, &headers).map_err(failed)?;
    let (filter, mut began, mut skip) = (request.filter(), None, 0);
    loop {
        let answer = ask(Window { skip, take: ROWS_MAX, ..request.window.clone() }).await?;
        let Rows { rows, total, .. } = answer.view;
        if total > EXPORT_ROWS_MAX {
            let why = format!("the list has {total} rows, a file has {EXPORT_ROWS_MAX} at most: narrow it by a filter");
            return Err(invalid("list", why));
        }
        let through: Option<Instant> = answer.sources.first().and_then(|source| source.data_through);
        let state = (total, through);
        let (count, has_moved) = (rows.len() as u64, *began.get_or_insert(state) != state);
        skip += count;
        if has_moved || skip > total || (count == 0 && skip < total) {
            return Err(told(Code::StateConflict, WHAT, "the list changed while it was written; try again"));
        }
        let complete = if is_complete(&answer.sources) { "yes" } else { "no" };
        for row in rows {
            let mut cells = cells(row);
            cells.push(Cell::text(request.environment.as_str()));
            cells.push(through.map_or(Cell::Unknown, Cell::At));
            cells.push(Cell::text(complete));
            cells.extend(made.cells(&filter, total, answer.is_demo));
            file.row(&cells).map_err(failed)?;
        }
        if skip == total {
            break;
        }
    }
    let rows = file.finish().map_err(failed)?;
    Ok((rows, bytes))
}

/// Says whether every connected source was read to its end, as of the moment it names. One that refuses a part or failed
/// last may lack rows, whatever it has.
fn is_complete(sources: &[Standing]) -> bool {
    let mut connected = sources.iter().filter(|source| !matches!(source.state, SourceState::NotConnected)).peekable();
    let is_read = |source: &Standing| matches!(source.state, SourceState::Ready) && source.data_through.is_some();
    connected.peek().is_some() && connected.all(is_read)
}

#[cfg(test)]
mod tests;
