//! Whose rows: one account in one mode.
//!
//! Test and live ids can look alike and an operator will switch keys one day, so every row belongs to a scope and no query
//! crosses two.

use countersign_domain::ids::AccountId;
use countersign_domain::stripe::Mode;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::schema::{Fill, Table};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "scopes",
    version: 1,
    create: "CREATE TABLE scopes (
        scope INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        mode TEXT NOT NULL,
        UNIQUE (account, mode)
    ) STRICT",
    drop: "DROP TABLE IF EXISTS scopes",
    fill: Fill::Kept,
};

/// An account in one mode, as the mirror numbers it. Valid for one file only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(pub(super) i64);

impl Scope {
    /// Gives the number of an account in one mode, and a new one to an account never seen.
    ///
    /// **Errors**: the file cannot be written.
    pub fn intern(tx: &Transaction<'_>, account: &AccountId, mode: Mode) -> Result<Self, StoreError> {
        if let Some(scope) = Self::find(tx, account, mode)? {
            return Ok(scope);
        }
        let sql = "INSERT INTO scopes (account, mode) VALUES (:account, :mode)";
        tx.execute(sql, named_params! {":account": account.as_str(), ":mode": mode.as_ref()})?;
        Ok(Self(tx.last_insert_rowid()))
    }

    /// Finds the number of an account in one mode; `None` before its first sync.
    ///
    /// **Errors**: the file cannot be read.
    pub fn find(conn: &Connection, account: &AccountId, mode: Mode) -> Result<Option<Self>, StoreError> {
        let sql = "SELECT scope FROM scopes WHERE account = :account AND mode = :mode";
        let params = named_params! {":account": account.as_str(), ":mode": mode.as_ref()};
        Ok(conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?.map(Self))
    }
}
