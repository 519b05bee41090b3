//! The evidence packs that were exported of a run: what a compliance review leaves behind.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::RunExported;
use countersign_domain::checklist::run::Run;

use super::SeenTable;
use crate::checklists::exports::ExportFormat;

/// Lists the packs, the newest first.
pub(super) fn packs(run: &Run) -> SeenTable {
    let packs = run.exported().iter().rev().filter(|(_, export)| export.format == ExportFormat::Pack.as_ref());
    let row = |(at, export): &(Instant, RunExported)| {
        vec![at.format("%Y-%m-%d %H:%M UTC").to_string(), export.sha256.to_string()]
    };
    let table = SeenTable::new("Evidence packs of this run", &["Exported", "SHA-256"], packs.map(row).collect());
    match table.rows.is_empty() {
        true => table.noted("None was exported yet: `run export RUN --format pack`, or Export on the page of the run."),
        false => table,
    }
}
