//! The few instants that decide what the next sync of a scope has to do.

use countersign_domain::Instant;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use crate::StoreError;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "sync_marks",
    version: 1,
    create: "CREATE TABLE sync_marks (
        scope INTEGER PRIMARY KEY,
        full_began_at INTEGER,
        full_ended_at INTEGER,
        changed_since INTEGER,
        events_through INTEGER,
        events_read_at INTEGER,
        undelivered_read_at INTEGER,
        settled_at INTEGER,
        relisted_at INTEGER
    ) STRICT",
    drop: "DROP TABLE IF EXISTS sync_marks",
    fill: Fill::Nothing,
};

/// Where the sync of a scope stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// When the full read under way was begun; `None` when none is.
    pub full_began_at: Option<Instant>,
    /// Up to when the newest complete full read reaches: its beginning.
    pub full_ended_at: Option<Instant>,
    /// By Stripe's clock: what an event of this instant or later says may have happened after the lists were read.
    pub changed_since: Option<Instant>,
    /// By Stripe's clock: events are known up to here.
    pub events_through: Option<Instant>,
    /// By our clock: when events were last read up to the newest.
    pub events_read_at: Option<Instant>,
    /// When the undelivered events were last read.
    pub undelivered_read_at: Option<Instant>,
    /// When everything that is not final was last read again.
    pub settled_at: Option<Instant>,
    /// When the subscriptions were last listed from end to end.
    pub relisted_at: Option<Instant>,
}

/// Gives the marks of a scope; all empty before its first sync.
///
/// **Errors**: the file cannot be read.
pub fn get(conn: &Connection, scope: Scope) -> Result<Marks, StoreError> {
    let sql = "SELECT * FROM sync_marks WHERE scope = :scope";
    let found = conn.prepare_cached(sql)?.query_row(named_params! {":scope": scope.0}, |row| {
        Ok(Marks {
            full_began_at: column::millis(row, "full_began_at")?,
            full_ended_at: column::millis(row, "full_ended_at")?,
            changed_since: column::seconds(row, "changed_since")?,
            events_through: column::seconds(row, "events_through")?,
            events_read_at: column::millis(row, "events_read_at")?,
            undelivered_read_at: column::millis(row, "undelivered_read_at")?,
            settled_at: column::millis(row, "settled_at")?,
            relisted_at: column::millis(row, "relisted_at")?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// Writes the marks of a scope.
///
/// **Errors**: the file cannot be written.
pub fn set(tx: &Transaction<'_>, scope: Scope, marks: &Marks) -> Result<(), StoreError> {
    let millis = |at: Option<Instant>| at.map(|at| at.timestamp_millis());
    let seconds = |at: Option<Instant>| at.map(|at| at.timestamp());
    tx.prepare_cached(
        "INSERT OR REPLACE INTO sync_marks
           (scope, full_began_at, full_ended_at, changed_since, events_through, events_read_at, undelivered_read_at,
            settled_at, relisted_at)
         VALUES (:scope, :full_began_at, :full_ended_at, :changed_since, :events_through, :events_read_at,
            :undelivered_read_at, :settled_at, :relisted_at)",
    )?
    .execute(named_params! {
        ":scope": scope.0, ":full_began_at": millis(marks.full_began_at),
        ":full_ended_at": millis(marks.full_ended_at), ":changed_since": seconds(marks.changed_since),
        ":events_through": seconds(marks.events_through), ":events_read_at": millis(marks.events_read_at),
        ":undelivered_read_at": millis(marks.undelivered_read_at), ":settled_at": millis(marks.settled_at),
        ":relisted_at": millis(marks.relisted_at),
    })?;
    Ok(())
}
