//! How far each kind of row was read, so that the next read asks only for what changed.

use countersign_domain::Instant;
use countersign_domain::billing::RowKind;
use countersign_domain::ids::EnvironmentId;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::StoreError;
use crate::mirror::column;
use crate::mirror::schema::{Fill, Table};

/// Its version is raised together with that of any table of rows: what was dropped has to be read from the beginning.
pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_reads",
    version: 2,
    create: "CREATE TABLE billing_reads (
        environment TEXT NOT NULL,
        kind TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        whole_at INTEGER NOT NULL,
        through INTEGER NOT NULL,
        PRIMARY KEY (environment, kind)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS billing_reads",
    fill: Fill::Nothing,
};

/// How far a kind was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Which database it was read from.
    pub fingerprint: String,
    /// When every row was last read.
    pub whole_at: Instant,
    /// Newest moment for which the rows are complete.
    pub through: Instant,
}

/// Gives how far a kind was read; `None` when it never was.
///
/// **Errors**: the file cannot be read.
pub fn get(conn: &Connection, environment: &EnvironmentId, kind: RowKind) -> Result<Option<Read>, StoreError> {
    let sql = "SELECT * FROM billing_reads WHERE environment = :environment AND kind = :kind";
    let params = named_params! {":environment": environment.as_str(), ":kind": kind.as_ref()};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| {
        Ok(Read {
            fingerprint: row.get("fingerprint")?,
            whole_at: instant(row, "whole_at")?,
            through: instant(row, "through")?,
        })
    });
    Ok(found.optional()?)
}

/// Sets how far a kind was read.
///
/// **Errors**: the file cannot be written.
pub fn set(tx: &Transaction<'_>, environment: &EnvironmentId, kind: RowKind, read: &Read) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO billing_reads (environment, kind, fingerprint, whole_at, through)
         VALUES (:environment, :kind, :fingerprint, :whole_at, :through)",
    )?
    .execute(named_params! {
        ":environment": environment.as_str(), ":kind": kind.as_ref(), ":fingerprint": read.fingerprint,
        ":whole_at": read.whole_at.timestamp_millis(), ":through": read.through.timestamp_millis(),
    })?;
    Ok(())
}

fn instant(row: &Row<'_>, name: &'static str) -> rusqlite::Result<Instant> {
    column::millis(row, name)?.ok_or_else(|| column::unfit(name, Type::Null))
}
