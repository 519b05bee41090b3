//! What all mirrored objects have in common: one row, one text, one record, and when they were seen.
//!
//! Two tables: `objects` is narrow and is scanned, `bodies` holds the long texts and is read by row. The rules of
//! observation stand here once: an older answer never replaces a newer one, an equal one changes nothing, and what was
//! deleted stays as a tombstone with its history.

use countersign_domain::Instant;
use countersign_domain::ids::CustomerId;
use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, OptionalExtension, Params, Transaction, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::schema::{Fill, Table};
use super::{Scope, column, rollup, sync};
use crate::StoreError;

pub(super) const OBJECTS: Table = Table {
    name: "objects",
    version: 1,
    create: "CREATE TABLE objects (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        created_at INTEGER,
        fetched_at INTEGER NOT NULL,
        is_deleted INTEGER NOT NULL DEFAULT 0,
        UNIQUE (scope, kind, id)
    ) STRICT",
    drop: "DROP TABLE IF EXISTS objects",
    fill: Fill::Nothing,
};

pub(super) const BODIES: Table = Table {
    name: "bodies",
    version: 1,
    create: "CREATE TABLE bodies (
        row INTEGER PRIMARY KEY,
        raw TEXT NOT NULL,
        record TEXT NOT NULL
    ) STRICT",
    drop: "DROP TABLE IF EXISTS bodies",
    fill: Fill::Nothing,
};

/// A kind of object as the mirror keeps it: a record, and columns of its own where lists and figures need some.
pub trait Mirrored: Serialize + DeserializeOwned {
    /// Which kind it is.
    const KIND: ObjectKind;

    /// Says whose figures change with it.
    fn customer(&self) -> Option<&CustomerId> {
        None
    }

    /// Writes the columns and entries of its own, in place of any older ones. May be repeated at any time.
    ///
    /// **Errors**: the file cannot be written, or a number does not fit.
    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let _has_no_columns = place;
        Ok(())
    }

    /// Records that this state was seen for the first time, where the past cannot be read again.
    ///
    /// **Errors**: the file cannot be written.
    fn observed(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let _has_no_history = place;
        Ok(())
    }
}

/// Where an object's own columns are written.
pub struct Place<'a> {
    /// The transaction, as a connection.
    pub(super) conn: &'a Connection,
    pub(super) scope: Scope,
    /// Row of the object; the same in every table.
    pub(super) row: i64,
    pub(super) id: &'a str,
    pub(super) fetched_at: Instant,
}

/// An object as it was just read.
#[derive(Debug)]
pub struct Incoming<'a, T> {
    /// What it means.
    pub value: &'a T,
    /// Its id.
    pub id: &'a str,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// Its text as it is kept.
    pub raw: &'a str,
    /// When the request that brought it was begun: its state is at least that new.
    pub fetched_at: Instant,
}

/// What became of an object that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was not there before, or was a tombstone.
    New,
    /// It differed.
    Changed,
    /// It was equal.
    Same,
    /// The mirror has seen a newer state.
    Stale,
}

/// Writes an object that was read.
///
/// **Shape**: by (scope, kind, id). An observation older than the stored one is ignored; a tombstone is lifted only by a
/// newer observation.
/// **Errors**: the file cannot be written.
pub fn put<T: Mirrored>(tx: &Transaction<'_>, scope: Scope, incoming: &Incoming<'_, T>) -> Result<Written, StoreError> {
    let (row, written) = observe(tx, scope, T::KIND, incoming)?;
    sync::unread::clear(tx, scope, T::KIND, incoming.id)?;
    if matches!(written, Written::Stale | Written::Same) {
        return Ok(written);
    }
    let record = column::json(incoming.value)?;
    tx.prepare_cached("INSERT OR REPLACE INTO bodies (row, raw, record) VALUES (:row, :raw, :record)")?
        .execute(named_params! {":row": row, ":raw": incoming.raw, ":record": record})?;
    let fetched_at = incoming.fetched_at;
    let place = Place { conn: tx, scope, row, id: incoming.id, fetched_at };
    incoming.value.index(&place)?;
    incoming.value.observed(&place)?;
    if let Some(customer) = incoming.value.customer() {
        rollup::mark(tx, scope, customer)?;
    }
    Ok(written)
}

/// Finds or makes the row, and says what the observation is to what is stored.
fn observe<T>(
    tx: &Transaction<'_>,
    scope: Scope,
    kind: ObjectKind,
    incoming: &Incoming<'_, T>,
) -> Result<(i64, Written), StoreError> {
    let fetched_at = incoming.fetched_at.timestamp_millis();
    let created_at = incoming.created_at.map(|at| at.timestamp());
    let found = tx
        .prepare_cached(
            "SELECT o.row, o.fetched_at, o.is_deleted, b.raw = :raw
             FROM objects o LEFT JOIN bodies b ON b.row = o.row
             WHERE o.scope = :scope AND o.kind = :kind AND o.id = :id",
        )?
        .query_row(
            named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": incoming.id, ":raw": incoming.raw},
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?, row.get::<_, Option<bool>>(3)?)),
        )
        .optional()?;
    let Some((row, seen_at, is_deleted, is_equal)) = found else {
        tx.prepare_cached(
            "INSERT INTO objects (scope, kind, id, created_at, fetched_at)
             VALUES (:scope, :kind, :id, :created_at, :fetched_at)",
        )?
        .execute(named_params! {
            ":scope": scope.0, ":kind": kind.as_ref(), ":id": incoming.id,
            ":created_at": created_at, ":fetched_at": fetched_at,
        })?;
        return Ok((tx.last_insert_rowid(), Written::New));
    };
    if fetched_at < seen_at {
        return Ok((row, Written::Stale));
    }
    tx.prepare_cached(
        "UPDATE objects SET fetched_at = :fetched_at, created_at = :created_at, is_deleted = 0 WHERE row = :row",
    )?
    .execute(named_params! {":row": row, ":created_at": created_at, ":fetched_at": fetched_at})?;
    let written = match (is_deleted, is_equal) {
        (true, _) => Written::New,
        (false, Some(true)) => Written::Same,
        (false, _) => Written::Changed,
    };
    Ok((row, written))
}

/// Marks an object as deleted, and remembers that it is, also where it was never seen.
///
/// **Shape**: text, record and columns stay as the last state known. An observation that is newer than the deletion wins.
/// **Errors**: the file cannot be written.
pub fn bury(
    tx: &Transaction<'_>,
    scope: Scope,
    kind: ObjectKind,
    id: &str,
    fetched_at: Instant,
) -> Result<(), StoreError> {
    let fetched_at = fetched_at.timestamp_millis();
    tx.prepare_cached(
        "INSERT INTO objects (scope, kind, id, fetched_at, is_deleted) VALUES (:scope, :kind, :id, :fetched_at, 1)
         ON CONFLICT (scope, kind, id) DO UPDATE SET is_deleted = 1, fetched_at = excluded.fetched_at
         WHERE excluded.fetched_at >= fetched_at",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": id, ":fetched_at": fetched_at})?;
    rollup::mark_of_object(tx, scope, kind, id)
}

/// Loads the record of an object, deleted or not.
///
/// **Errors**: the file cannot be read, or the record is of another version.
pub fn load<T: Mirrored>(conn: &Connection, scope: Scope, id: &str) -> Result<Option<T>, StoreError> {
    let sql = "SELECT b.record FROM objects o JOIN bodies b ON b.row = o.row
        WHERE o.scope = :scope AND o.kind = :kind AND o.id = :id";
    let params = named_params! {":scope": scope.0, ":kind": T::KIND.as_ref(), ":id": id};
    Ok(load_where(conn, sql, params)?.pop())
}

/// Loads every record of a kind that is not deleted, by id.
///
/// **Shape**: meant for kinds with few objects: account, endpoints, products, prices, coupons.
/// **Errors**: as [`load`].
pub fn load_each<T: Mirrored>(conn: &Connection, scope: Scope) -> Result<Vec<T>, StoreError> {
    let sql = "SELECT b.record FROM objects o JOIN bodies b ON b.row = o.row
        WHERE o.scope = :scope AND o.kind = :kind AND o.is_deleted = 0 ORDER BY o.id";
    load_where(conn, sql, named_params! {":scope": scope.0, ":kind": T::KIND.as_ref()})
}

/// Loads the records that a statement gives.
pub(super) fn load_where<T: Mirrored>(
    conn: &Connection,
    sql: &'static str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(column::record(row, "record")?);
    }
    Ok(records)
}

/// An object as the mirror has it: its kept text, and when it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its text; `None` for one that is known only as deleted.
    pub raw: Option<String>,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// When the request that brought it was begun.
    pub fetched_at: Option<Instant>,
    /// Whether it is a tombstone.
    pub is_deleted: bool,
}

/// Gives what is stored of an object.
///
/// **Errors**: the file cannot be read.
pub fn stored(conn: &Connection, scope: Scope, kind: ObjectKind, id: &str) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT b.raw, o.created_at, o.fetched_at, o.is_deleted
        FROM objects o LEFT JOIN bodies b ON b.row = o.row
        WHERE o.scope = :scope AND o.kind = :kind AND o.id = :id";
    let params = named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": id};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| {
        Ok(Stored {
            raw: row.get("raw")?,
            created_at: column::seconds(row, "created_at")?,
            fetched_at: column::millis(row, "fetched_at")?,
            is_deleted: row.get("is_deleted")?,
        })
    });
    Ok(found.optional()?)
}

/// Counts the objects of a kind that are not deleted.
///
/// **Errors**: the file cannot be read.
pub fn count(conn: &Connection, scope: Scope, kind: ObjectKind) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM objects WHERE scope = :scope AND kind = :kind AND is_deleted = 0";
    let params = named_params! {":scope": scope.0, ":kind": kind.as_ref()};
    Ok(conn.prepare_cached(sql)?.query_row(params, column::count)?)
}
