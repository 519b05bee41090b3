//! Writing the whole ledger as a bundle that anyone can check without the program.
//!
//! The form of the lines is `domain::ledger::bundle`'s; here they are only streamed out of the file.

use std::io::Write;

use countersign_domain::ledger::{Head, bundle};
use rusqlite::Connection;

use super::entries::{self, LOAD_MAX};
use crate::StoreError;

/// Writes every entry and gives the head; nothing for an empty ledger.
///
/// **Shape**: one line each, ended by a line break; in memory are never more than [`LOAD_MAX`] entries.
/// **Errors**: [`StoreError::Tampered`] at the first entry that is not what was written; the writer's own.
pub fn write(conn: &Connection, out: &mut impl Write) -> Result<Option<Head>, StoreError> {
    let written = |result: std::io::Result<()>| result.map_err(StoreError::file("the bundle"));
    let mut head: Option<Head> = None;
    loop {
        let entries = entries::after(conn, head.map_or(0, |head| head.seq), LOAD_MAX)?;
        for recorded in &entries {
            if head.is_none() {
                written(writeln!(out, "{}", bundle::first_line(recorded.entry.ledger)))?;
            }
            written(writeln!(out, "{}", bundle::entry_line(recorded)))?;
            head = Some(recorded.head());
        }
        if entries.is_empty() {
            break;
        }
    }
    if let Some(head) = &head {
        written(writeln!(out, "{}", bundle::last_line(head)))?;
    }
    Ok(head)
}
