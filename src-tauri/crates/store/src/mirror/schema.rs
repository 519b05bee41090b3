//! The tables of the mirror and their versions.
//!
//! There are no migrations: a table whose version differs from the one stored is dropped, made anew and filled from the
//! records. Only when the shared tables themselves changed is everything dropped, and the next sync reads it again.
//! What cannot be had again, such as the observed states of subscriptions, is never dropped.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params};
use serde::de::DeserializeOwned;

use super::object::{Mirrored, Place};
use super::{
    Scope, billing, charges, column, customers, events, figures, invoice_lines, invoice_payments, invoices, object,
    prices, products, rollup, scope, search, segments, subscription_items, subscription_states, subscriptions,
    summaries, sync,
};
use crate::{Layout, StoreError};

/// A table of the mirror.
pub(super) struct Table {
    pub name: &'static str,
    /// Raised with every change of `create` or of what is written into it.
    pub version: u32,
    pub create: &'static str,
    pub drop: &'static str,
    pub fill: Fill,
}

/// How a table that was made anew gets its rows.
#[derive(Clone, Copy)]
pub(super) enum Fill {
    /// A job or the next sync fills it.
    Nothing,
    /// From the records of one kind.
    Records(fn(&Connection) -> Result<(), StoreError>),
    /// By computing every customer's figures anew.
    Rollup,
    /// Never dropped: its rows cannot be had again.
    Kept,
}

/// Tables that all others are filled from: when one changes, the mirror is begun anew.
const SHARED: &[&Table] = &[&object::OBJECTS, &object::BODIES];

/// Every other table.
const DERIVED: &[&Table] = &[
    &scope::TABLE,
    &products::TABLE,
    &prices::TABLE,
    &customers::TABLE,
    &subscriptions::TABLE,
    &subscription_items::TABLE,
    &subscription_states::TABLE,
    &invoices::TABLE,
    &invoice_lines::TABLE,
    &invoice_payments::TABLE,
    &charges::TABLE,
    &events::TABLE,
    &search::PARTS,
    &search::WORDS,
    &billing::CUSTOMERS,
    &billing::SUBSCRIPTIONS,
    &billing::INVOICES,
    &billing::EVENTS,
    &billing::READS,
    &billing::EXPOSURE,
    &billing::DAMAGE,
    &rollup::TABLE,
    &segments::TABLE,
    &segments::BY_SUBSCRIPTION,
    &segments::WARNINGS,
    &summaries::TABLE,
    &figures::TABLE,
    &sync::marks::TABLE,
    &sync::slices::TABLE,
    &sync::kinds::TABLE,
    &sync::changes::TABLE,
    &sync::unread::TABLE,
    &sync::reads::TABLE,
    &sync::runs::TABLE,
];

/// Version of the file as a whole: that it has tables with versions.
const FILE_VERSION: u32 = 1;

/// How the mirror's file is told from the ledger's, and how it is brought up.
pub const MIRROR: Layout = Layout {
    name: "mirror",
    file: "mirror.db",
    application_id: 0x4353_4d31,
    version: FILE_VERSION,
    is_copied_before_change: false,
    bring_up: prepare,
};

/// Brings the tables of an open mirror to this build's versions.
///
/// **Shape**: one transaction; a file that is up to date is not written.
/// **Errors**: the file cannot be written; it is then as it was.
pub fn prepare(conn: &mut Connection) -> Result<(), StoreError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS table_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
    )?;
    let mut is_begun_anew = false;
    for table in SHARED {
        is_begun_anew |= stored_version(&tx, table)?.is_some_and(|version| version != table.version);
    }
    let mut fills = Vec::new();
    for table in SHARED.iter().chain(DERIVED) {
        let stored = stored_version(&tx, table)?;
        let is_kept = matches!(table.fill, Fill::Kept) && stored.is_some();
        if is_kept || (stored == Some(table.version) && !is_begun_anew) {
            continue;
        }
        tx.execute_batch(table.drop)?;
        tx.execute_batch(table.create)?;
        tx.execute(
            "INSERT OR REPLACE INTO table_versions (name, version) VALUES (:name, :version)",
            named_params! {":name": table.name, ":version": table.version},
        )?;
        match table.fill {
            Fill::Records(fill) => fills.push(fill),
            Fill::Rollup => fills.push(rollup::mark_everybody),
            Fill::Nothing | Fill::Kept => {}
        }
    }
    // Only now, because the columns of one kind may stand in several tables.
    for fill in fills {
        fill(&tx)?;
    }
    let version: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != FILE_VERSION {
        tx.pragma_update(None, "user_version", FILE_VERSION)?;
    }
    Ok(tx.commit()?)
}

fn stored_version(tx: &Transaction<'_>, table: &Table) -> Result<Option<u32>, StoreError> {
    let sql = "SELECT version FROM table_versions WHERE name = :name";
    Ok(tx.query_row(sql, named_params! {":name": table.name}, |row| row.get(0)).optional()?)
}

/// Writes the columns of every object of a kind again, from its record.
pub(super) fn fill<T: Mirrored + DeserializeOwned>(conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare(
        "SELECT o.row, o.scope, o.id, o.fetched_at, b.record FROM objects o JOIN bodies b ON b.row = o.row
         WHERE o.kind = :kind ORDER BY o.row",
    )?;
    let mut rows = statement.query(named_params! {":kind": T::KIND.as_ref()})?;
    while let Some(row) = rows.next()? {
        let value: T = column::record(row, "record")?;
        let id: String = row.get("id")?;
        let fetched_at = column::millis(row, "fetched_at")?.unwrap_or_default();
        value.index(&Place { conn, scope: Scope(row.get("scope")?), row: row.get("row")?, id: &id, fetched_at })?;
    }
    Ok(())
}
