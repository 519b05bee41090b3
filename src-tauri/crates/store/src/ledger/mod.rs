//! The ledger's file: entries that are only ever added, evidence beside them, and preferences that are no record.
//!
//! There is no table for anything that entries can add up to: runs, templates, operators, environments and settings are
//! folded from the entries, so that everything shown is covered by a hash. Migrations are numbered, additive, and never
//! edited once released; a test holds each one's SHA-256.

pub mod bundle;
pub mod entries;
pub mod evidence;
pub mod preferences;
pub mod verify;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::{Layout, StoreError};

/// The ledger among the two stores.
pub static LAYOUT: Layout = Layout {
    name: crate::error::LEDGER,
    file: "ledger.db",
    application_id: 0x4353_4c31,
    version: 1,
    is_copied_before_change: true,
    bring_up,
};

/// The schema, step by step.
///
/// The columns beside the bytes are for searching; the verifier compares them. The triggers are against our own mistakes,
/// not against somebody with the key.
const STEPS: &[&str] = &["\
CREATE TABLE entries (
  seq         INTEGER PRIMARY KEY,
  at          TEXT NOT NULL,
  kind        TEXT NOT NULL,
  object      TEXT,
  environment TEXT,
  signer      TEXT,
  request     TEXT NOT NULL UNIQUE,
  bytes       BLOB NOT NULL,
  hash        BLOB NOT NULL,
  signatures  BLOB NOT NULL
) STRICT;
CREATE INDEX entries_by_kind ON entries (kind, seq);
CREATE INDEX entries_by_object ON entries (object, seq);
CREATE INDEX entries_signed ON entries (seq) WHERE signatures <> x'';
CREATE TRIGGER entries_follow_each_other BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'an entry follows the one before'); END;
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;
CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"];

/// Brings a file to the newest version, all steps or none.
fn bring_up(conn: &mut Connection) -> Result<(), StoreError> {
    let steps: Vec<_> = STEPS.iter().copied().map(M::up).collect();
    Migrations::new(steps).to_latest(conn).map_err(|cause| match cause {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => StoreError::Sqlite(rusqlite::Error::ToSqlConversionFailure(Box::new(other))),
    })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn released_steps_are_never_edited() {
        let known = ["ddac877549ae4a687375eb0e7d2aeace902953d518305081b4564302c2a44a15"];
        let hashes: Vec<String> =
            STEPS.iter().map(|step| Sha256::digest(step).iter().map(|byte| format!("{byte:02x}")).collect()).collect();
        assert_eq!(hashes, known);
        assert_eq!(usize::try_from(LAYOUT.version), Ok(STEPS.len()));
    }

    #[test]
    fn steps_can_be_made_and_made_again() {
        let mut conn = Connection::open_in_memory().unwrap();
        bring_up(&mut conn).unwrap();
        bring_up(&mut conn).unwrap();
        let version: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, LAYOUT.version);
    }
}
