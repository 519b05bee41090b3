//! An extract of the log for an auditor: the entries that a filter finds, as a table, each with its place and hash, by
//! which it is found in a bundle of the whole ledger.

use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use countersign_render::file::csv::{Cell, CsvFile, Dialect};
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use super::{AuditRequest, EntryRow, exports, through};
use crate::answer::Window;
use crate::app::App;
use crate::exports::made::{Made, filter_words};
use crate::exports::{EXPORT_ROWS_MAX, Exported};
use crate::failure::{internal, invalid, told};
use crate::{files, record};

/// What failed, where an extract fails.
const WHAT: &str = "Could not write the extract";
/// Entries asked for at a time.
const PAGE: u32 = 500;
/// Columns of the table.
const HEADERS: &[&str] = &[
    "entry",
    "time",
    "operator",
    "action",
    "object",
    "environment",
    "summary",
    "hash",
    "signed",
    "checkpoint",
    "without effect because",
];

/// Writes the entries a filter finds to a file somebody chose.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExtractEntries {
    /// Handle of the chosen file.
    pub file: String,
    /// Which entries; which part of them is of no importance.
    pub entries: AuditRequest,
}

/// Writes an extract, and writes down that it was.
///
/// **Errors**: a filter that is none, more than [`EXPORT_ROWS_MAX`] entries, a handle that is not known, a file that
/// cannot be written; what the ledger refuses.
pub async fn extract(app: &App, request_id: Uuid, request: ExtractEntries) -> Result<Exported, Failure> {
    let place = app.files().place(&request.file)?;
    let failed = |error: std::io::Error| internal(WHAT, &error);
    let (made, record, filter) = (Made::here(app).await?, record::record(app).await?, words(&request.entries));
    // What is appended meanwhile, by this program too, would move every row by one.
    let newest = made.head.as_ref().map_or(0, |head| head.seq);
    let is_demo = |row: &EntryRow| {
        record.environments.get(&EnvironmentId::from(row.environment.as_str())).is_some_and(|known| known.is_demo)
    };
    let mut bytes = Vec::new();
    let headers: Vec<&str> = HEADERS.iter().copied().chain(Made::COLUMNS).collect();
    let mut file = CsvFile::begin(&mut bytes, Dialect::Spreadsheet, &headers).map_err(failed)?;
    let mut rows = 0;
    loop {
        let window = Window { skip: rows, take: PAGE, ..request.entries.window.clone() };
        let found = through(app, AuditRequest { window, ..request.entries.clone() }, Some(newest)).await?.entries;
        if found.total > EXPORT_ROWS_MAX {
            let why = format!("it finds {} entries, a file has {EXPORT_ROWS_MAX} at most: narrow it", found.total);
            return Err(invalid("the filter", why));
        }
        rows += found.rows.len() as u64;
        for row in &found.rows {
            let mut cells = cells(row).to_vec();
            cells.extend(made.cells(&filter, found.total, is_demo(row)));
            file.row(&cells).map_err(failed)?;
        }
        if rows == found.total {
            break;
        }
        if found.rows.is_empty() || rows > found.total {
            return Err(told(Code::StateConflict, WHAT, "the ledger changed while it was read; try again"));
        }
    }
    file.finish().map_err(failed)?;
    let written = files::write(place, bytes, WHAT).await?;
    let about = (exports::EXTRACTS, "ledger extract", "csv");
    let noted = exports::note(app, request_id, about, (rows.to_string(), written.sha256.clone())).await;
    files::recorded(&written, noted)?;
    let name = written.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Exported { name, rows, bytes: written.bytes, sha256: written.sha256 })
}

/// Says in words which entries were asked for.
fn words(request: &AuditRequest) -> String {
    let AuditRequest { kind, operator, object, environment, from, to, is_signed, window } = request;
    filter_words(&[
        ("kind", kind),
        ("operator", operator),
        ("object", object),
        ("environment", environment),
        ("from", from),
        ("to", to),
        ("text", window.text.trim()),
        ("signed", if *is_signed { "only" } else { "" }),
        ("order", if window.is_reversed { "oldest first" } else { "" }),
    ])
}

fn cells(row: &EntryRow) -> [Cell; 11] {
    let text = |text: &str| if text.is_empty() { Cell::Unknown } else { Cell::text(text) };
    [
        Cell::Number { value: i128::from(row.seq), digits: 0 },
        Cell::At(row.at),
        text(&row.operator),
        text(&row.kind),
        text(&row.object),
        text(&row.environment),
        text(&row.summary),
        text(&row.hash),
        text(if row.is_signed { "yes" } else { "no" }),
        text(row.checkpoint.as_deref().unwrap_or_default()),
        text(row.refused.as_deref().unwrap_or_default()),
    ]
}
