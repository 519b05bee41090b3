//! Rows of the company's billing database, as they were read: one table for each of its four kinds, one for the count of
//! exposed users, and one for signs of damage.
//!
//! They belong to an environment, not to a Stripe account, because the database is the environment's. A full read brings
//! every row; what it did not bring is gone there and goes here.

mod customers;
pub mod damage;
mod events;
pub mod exposure;
mod invoices;
pub mod reads;
mod subscriptions;

use countersign_domain::Instant;
use countersign_domain::billing::RowKind;
use countersign_domain::ids::EnvironmentId;
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::column;
use crate::StoreError;

pub use events::of_period as events_of_period;

pub(super) use customers::TABLE as CUSTOMERS;
pub(super) use damage::TABLE as DAMAGE;
pub(super) use events::TABLE as EVENTS;
pub(super) use exposure::TABLE as EXPOSURE;
pub(super) use invoices::TABLE as INVOICES;
pub(super) use reads::TABLE as READS;
pub(super) use subscriptions::TABLE as SUBSCRIPTIONS;

/// The statements of one kind of row. Parameters are named alike in all four.
pub struct Statements {
    put: &'static str,
    drop_unseen: &'static str,
    drop_all: &'static str,
    count: &'static str,
    all: &'static str,
    by_stripe_id: &'static str,
}

/// A row of the billing database as the mirror keeps it.
pub trait BillingRow: Serialize + DeserializeOwned {
    /// Which kind it is.
    const KIND: RowKind;
    /// Its table's statements.
    const STATEMENTS: Statements;

    /// Gives the primary key of the row.
    fn row_id(&self) -> &str;

    /// Gives the columns of its own, by parameter name.
    fn columns(&self) -> Vec<(&'static str, Box<dyn ToSql + '_>)>;
}

/// Writes rows that were read.
///
/// **Errors**: the file cannot be written.
pub fn put<T: BillingRow>(
    tx: &Transaction<'_>,
    environment: &EnvironmentId,
    rows: &[T],
    seen_at: Instant,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(T::STATEMENTS.put)?;
    let (environment, seen_at) = (environment.as_str(), seen_at.timestamp_millis());
    for row in rows {
        let record = column::json(row)?;
        let (row_id, columns) = (row.row_id(), row.columns());
        let mut parameters: Vec<(&str, &dyn ToSql)> =
            vec![(":environment", &environment), (":row_id", &row_id), (":seen_at", &seen_at), (":record", &record)];
        parameters.extend(columns.iter().map(|(name, value)| (*name, value.as_ref())));
        statement.execute(parameters.as_slice())?;
    }
    Ok(())
}

/// Drops the rows that a full read begun at this instant did not bring.
///
/// **Shape**: gives how many.
/// **Errors**: the file cannot be written.
pub fn drop_unseen<T: BillingRow>(
    tx: &Transaction<'_>,
    environment: &EnvironmentId,
    read_since: Instant,
) -> Result<usize, StoreError> {
    let params = named_params! {":environment": environment.as_str(), ":since": read_since.timestamp_millis()};
    Ok(tx.prepare_cached(T::STATEMENTS.drop_unseen)?.execute(params)?)
}

/// Drops every row of a kind: the connection was taken away, or another database took its place.
///
/// **Errors**: the file cannot be written.
pub fn drop_all<T: BillingRow>(tx: &Transaction<'_>, environment: &EnvironmentId) -> Result<(), StoreError> {
    tx.prepare_cached(T::STATEMENTS.drop_all)?.execute(named_params! {":environment": environment.as_str()})?;
    Ok(())
}

/// Counts the rows of a kind.
///
/// **Errors**: the file cannot be read.
pub fn count<T: BillingRow>(conn: &Connection, environment: &EnvironmentId) -> Result<u64, StoreError> {
    let params = named_params! {":environment": environment.as_str()};
    Ok(conn.prepare_cached(T::STATEMENTS.count)?.query_row(params, column::count)?)
}

/// Loads every row of a kind, by primary key.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn all<T: BillingRow>(conn: &Connection, environment: &EnvironmentId) -> Result<Vec<T>, StoreError> {
    read(conn, T::STATEMENTS.all, named_params! {":environment": environment.as_str()})
}

/// Loads the rows that name an object of Stripe, by primary key; more than one is a finding.
///
/// **Errors**: as [`all`].
pub fn by_stripe_id<T: BillingRow>(
    conn: &Connection,
    environment: &EnvironmentId,
    stripe_id: &str,
) -> Result<Vec<T>, StoreError> {
    let params = named_params! {":environment": environment.as_str(), ":stripe_id": stripe_id};
    read(conn, T::STATEMENTS.by_stripe_id, params)
}

/// Finds the Stripe customer of a user, by the database's own link.
///
/// **Errors**: the file cannot be read.
pub fn stripe_customer_of(
    conn: &Connection,
    environment: &EnvironmentId,
    user: &str,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT stripe_customer FROM billing_customers
        WHERE environment = :environment AND user = :user AND stripe_customer IS NOT NULL";
    let params = named_params! {":environment": environment.as_str(), ":user": user};
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?)
}

fn read<T: BillingRow>(
    conn: &Connection,
    sql: &'static str,
    params: impl rusqlite::Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(column::record(row, "record")?);
    }
    Ok(records)
}
