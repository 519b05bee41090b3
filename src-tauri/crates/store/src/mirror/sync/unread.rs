//! Objects that came and could not be understood: named and counted, never fatal.

use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, Transaction, named_params};

use crate::StoreError;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "unread_objects",
    version: 1,
    create: "CREATE TABLE unread_objects (
        scope INTEGER NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        says TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (scope, kind, id)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS unread_objects",
    fill: Fill::Nothing,
};

/// An object that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id; empty when it had none.
    pub id: String,
    /// The place and what was expected there.
    pub says: String,
}

/// Notes an object that could not be understood.
///
/// **Errors**: the file cannot be written.
pub fn note(tx: &Transaction<'_>, scope: Scope, unread: &Unread, seen_at: Instant) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO unread_objects (scope, kind, id, says, seen_at)
         VALUES (:scope, :kind, :id, :says, :seen_at)",
    )?
    .execute(named_params! {
        ":scope": scope.0, ":kind": unread.kind.as_ref(), ":id": unread.id, ":says": unread.says,
        ":seen_at": seen_at.timestamp_millis(),
    })?;
    Ok(())
}

/// Takes the note back: the object was understood, or is gone.
pub(in crate::mirror) fn clear(conn: &Connection, scope: Scope, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM unread_objects WHERE scope = :scope AND kind = :kind AND id = :id")?
        .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": id})?;
    Ok(())
}

/// Gives every object that could not be understood.
///
/// **Shape**: by kind and id, at most `limit`.
/// **Errors**: the file cannot be read.
pub fn all(conn: &Connection, scope: Scope, limit: u32) -> Result<Vec<Unread>, StoreError> {
    let sql = "SELECT kind, id, says FROM unread_objects WHERE scope = :scope ORDER BY kind, id LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0, ":limit": limit}, |row| {
        Ok(Unread { kind: column::kind(row, "kind")?, id: row.get("id")?, says: row.get("says")? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
