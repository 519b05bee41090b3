//! An extract of the log for an auditor: the entries that a filter finds, as a table, each with its place and hash, by
//! which it is found in a bundle of the whole ledger.

use countersign_domain::failure::Failure;
use countersign_render::file::csv::{Cell, CsvFile, Dialect};
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use super::{AuditRequest, EntryRow, exports, list};
use crate::answer::Window;
use crate::app::App;
use crate::exports::{EXPORT_ROWS_MAX, Exported};
use crate::failure::{internal, invalid};
use crate::files;

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
    let mut bytes = Vec::new();
    let mut file = CsvFile::begin(&mut bytes, Dialect::Spreadsheet, HEADERS).map_err(failed)?;
    let mut rows = 0;
    loop {
        let window = Window { skip: rows, take: PAGE, ..request.entries.window.clone() };
        let found = list(app, AuditRequest { window, ..request.entries.clone() }).await?.entries;
        if found.total > EXPORT_ROWS_MAX {
            let why = format!("it finds {} entries, a file has {EXPORT_ROWS_MAX} at most: narrow it", found.total);
            return Err(invalid("the filter", why));
        }
        rows += found.rows.len() as u64;
        for row in &found.rows {
            file.row(&cells(row)).map_err(failed)?;
        }
        if found.rows.is_empty() || rows >= found.total {
            break;
        }
    }
    file.finish().map_err(failed)?;
    let written = files::write(place, bytes, WHAT).await?;
    let about = (exports::EXTRACTS, "ledger extract", "csv");
    exports::note(app, request_id, about, (rows.to_string(), written.sha256.clone())).await?;
    let name = written.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Exported { name, rows, bytes: written.bytes, sha256: written.sha256 })
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
