//! Writing the whole ledger as a bundle that anyone can check without the program.
//!
//! The form of the lines is `domain::ledger::bundle`'s; here they are only streamed out of the file, as they are: a ledger
//! that was changed is exported too, so that others can see what became of it.

use std::io::Write;

use countersign_domain::ledger::{Hash, Head, LedgerId, Line, bundle};
use rusqlite::Connection;

use crate::StoreError;

/// Writes every entry as it stands there and gives the end; nothing for an empty ledger.
///
/// **Shape**: one line each, ended by a line break; in memory is never more than one entry.
/// **Errors**: a file that cannot be read; the writer's own.
pub fn write(conn: &Connection, ledger: LedgerId, out: &mut impl Write) -> Result<Option<Head>, StoreError> {
    let written = |result: std::io::Result<()>| result.map_err(StoreError::file("the bundle"));
    let mut head: Option<Head> = None;
    let mut statement = conn.prepare("SELECT bytes, hash, signatures FROM entries NOT INDEXED ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let blob = |name| Ok::<_, StoreError>(row.get_ref(name)?.as_bytes().unwrap_or_default());
        let line = Line { seq: None, bytes: blob("bytes")?, hash: blob("hash")?, signatures: blob("signatures")? };
        if head.is_none() {
            written(writeln!(out, "{}", bundle::first_line(ledger)))?;
        }
        written(writeln!(out, "{}", bundle::found_line(&line)))?;
        // A hash of another length is no hash; its own line says so before the last one is looked at.
        let hash = Hash::from_slice(line.hash).unwrap_or(Hash([0; Hash::LENGTH]));
        head = Some(Head { ledger, seq: head.map_or(0, |head| head.seq) + 1, hash });
    }
    if let Some(head) = &head {
        written(writeln!(out, "{}", bundle::last_line(head)))?;
    }
    Ok(head)
}
