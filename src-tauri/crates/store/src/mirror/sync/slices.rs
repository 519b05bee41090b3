//! Parts of lists that are being read, each with its cursor.
//!
//! A slice is a stretch of creation time, read from its newest object to its oldest. Bounds are whole seconds and belong to
//! it; two slices of one list never overlap.

use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, Transaction, named_params};

use crate::StoreError;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "sync_slices",
    version: 1,
    create: "CREATE TABLE sync_slices (
        slice INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        kind TEXT NOT NULL,
        pass TEXT NOT NULL,
        created_from INTEGER,
        created_to INTEGER,
        cursor TEXT,
        cursor_created INTEGER,
        first_created INTEGER,
        objects INTEGER NOT NULL,
        is_done INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sync_slices_by_kind ON sync_slices (scope, kind)",
    drop: "DROP TABLE IF EXISTS sync_slices",
    fill: Fill::Nothing,
};

/// A part of a list. **Units**: seconds since 1970 by Stripe's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Its number; 0 before it is stored.
    pub slice: i64,
    /// Kind of the list.
    pub kind: ObjectKind,
    /// Which of the kind's lists.
    pub pass: String,
    /// Created at or after; open before anybody cut it.
    pub created_from: Option<i64>,
    /// Created at or before.
    pub created_to: Option<i64>,
    /// The last object read.
    pub cursor: Option<String>,
    /// When that was created.
    pub cursor_created: Option<i64>,
    /// When the first object read was created.
    pub first_created: Option<i64>,
    /// Objects read so far.
    pub objects: u64,
    /// Whether it is read to its end.
    pub is_done: bool,
}

impl Slice {
    /// Begins a slice that nothing was read of yet.
    #[must_use]
    pub fn new(kind: ObjectKind, pass: &str, created_from: Option<i64>, created_to: Option<i64>) -> Self {
        Self {
            slice: 0,
            kind,
            pass: pass.to_owned(),
            created_from,
            created_to,
            cursor: None,
            cursor_created: None,
            first_created: None,
            objects: 0,
            is_done: false,
        }
    }
}

/// Stores a new slice and gives it its number.
///
/// **Errors**: the file cannot be written.
pub fn add(tx: &Transaction<'_>, scope: Scope, slice: &mut Slice) -> Result<(), StoreError> {
    slice.slice = 0;
    write(tx, scope, slice)?;
    slice.slice = tx.last_insert_rowid();
    Ok(())
}

/// Stores where a slice stands.
///
/// **Errors**: the file cannot be written.
pub fn save(tx: &Transaction<'_>, scope: Scope, slice: &Slice) -> Result<(), StoreError> {
    write(tx, scope, slice)
}

fn write(tx: &Transaction<'_>, scope: Scope, slice: &Slice) -> Result<(), StoreError> {
    let number = (slice.slice != 0).then_some(slice.slice);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO sync_slices
           (slice, scope, kind, pass, created_from, created_to, cursor, cursor_created, first_created, objects, is_done)
         VALUES (:slice, :scope, :kind, :pass, :created_from, :created_to, :cursor, :cursor_created, :first_created,
           :objects, :is_done)",
    )?
    .execute(named_params! {
        ":slice": number, ":scope": scope.0, ":kind": slice.kind.as_ref(), ":pass": slice.pass,
        ":created_from": slice.created_from, ":created_to": slice.created_to, ":cursor": slice.cursor,
        ":cursor_created": slice.cursor_created, ":first_created": slice.first_created, ":objects": column::Count(slice.objects),
        ":is_done": slice.is_done,
    })?;
    Ok(())
}

/// Gives every slice of a scope, in the order in which they were made.
///
/// **Errors**: the file cannot be read.
pub fn all(conn: &Connection, scope: Scope) -> Result<Vec<Slice>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT * FROM sync_slices WHERE scope = :scope ORDER BY slice")?;
    let rows = statement.query_map(named_params! {":scope": scope.0}, |row| {
        Ok(Slice {
            slice: row.get("slice")?,
            kind: column::kind(row, "kind")?,
            pass: row.get("pass")?,
            created_from: row.get("created_from")?,
            created_to: row.get("created_to")?,
            cursor: row.get("cursor")?,
            cursor_created: row.get("cursor_created")?,
            first_created: row.get("first_created")?,
            objects: row.get("objects").map(|column::Count(objects)| objects)?,
            is_done: row.get("is_done")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets the slices of a kind: it is complete, or cannot be read.
///
/// **Errors**: the file cannot be written.
pub fn forget(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM sync_slices WHERE scope = :scope AND kind = :kind")?
        .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref()})?;
    Ok(())
}
