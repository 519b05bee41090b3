//! Figures that were computed, so that a screen need not compute them again.
//!
//! A cache and nothing more: each entry names the version of its formula and what it is complete for, and whoever reads it
//! decides whether that is still good.

use countersign_domain::Instant;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::schema::{Fill, Table};
use super::{Scope, column};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "figures",
    version: 1,
    create: "CREATE TABLE figures (
        scope INTEGER NOT NULL,
        name TEXT NOT NULL,
        formula_version INTEGER NOT NULL,
        through INTEGER NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (scope, name)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS figures",
    fill: Fill::Nothing,
};

/// A figure as it was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Version of the formula.
    pub formula_version: u32,
    /// What it is complete for.
    pub through: Instant,
    /// The value as JSON, in the shape of whoever computed it.
    pub value: String,
}

/// Keeps a figure under a name that says everything it depends on: metric, period, currency, settings.
///
/// **Errors**: the file cannot be written.
pub fn keep(tx: &Transaction<'_>, scope: Scope, name: &str, figure: &Figure) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO figures (scope, name, formula_version, through, value)
         VALUES (:scope, :name, :formula_version, :through, :value)",
    )?
    .execute(named_params! {
        ":scope": scope.0, ":name": name, ":formula_version": figure.formula_version,
        ":through": figure.through.timestamp_millis(), ":value": figure.value,
    })?;
    Ok(())
}

/// Gives a figure that was kept.
///
/// **Errors**: the file cannot be read.
pub fn get(conn: &Connection, scope: Scope, name: &str) -> Result<Option<Figure>, StoreError> {
    let sql = "SELECT * FROM figures WHERE scope = :scope AND name = :name";
    let found = conn.prepare_cached(sql)?.query_row(named_params! {":scope": scope.0, ":name": name}, |row| {
        Ok(Figure {
            formula_version: row.get("formula_version")?,
            through: column::millis(row, "through")?.unwrap_or_default(),
            value: row.get("value")?,
        })
    });
    Ok(found.optional()?)
}

/// Forgets every figure of a scope.
///
/// **Errors**: the file cannot be written.
pub fn forget(tx: &Transaction<'_>, scope: Scope) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM figures WHERE scope = :scope")?.execute(named_params! {":scope": scope.0})?;
    Ok(())
}
