//! The observed states of subscriptions: what was true from when on.
//!
//! The API tells only the present, so a state that was seen is never rewritten and this table is never dropped. It is the
//! one part of the mirror that a fresh sync cannot bring back further than thirty days.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, SubscriptionId};
use countersign_domain::stripe::Subscription;
use rusqlite::{Connection, Transaction, named_params};

use super::object::Place;
use super::schema::{Fill, Table};
use super::{Scope, column};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "subscription_states",
    version: 1,
    create: "CREATE TABLE subscription_states (
        scope INTEGER NOT NULL,
        customer TEXT NOT NULL,
        subscription TEXT NOT NULL,
        at INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (scope, customer, subscription, at)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS subscription_states",
    fill: Fill::Kept,
};

/// Adds a state, dated by the event that brought it.
///
/// **Shape**: a state that is already known for that instant stays, and one that is equal to the state in force then adds
/// nothing.
/// **Errors**: the file cannot be written.
pub fn add(tx: &Transaction<'_>, scope: Scope, at: Instant, state: &Subscription) -> Result<(), StoreError> {
    insert(tx, scope, at, state)
}

/// Adds the state that was just read, dated by its reading.
pub(super) fn observed(subscription: &Subscription, place: &Place<'_>) -> Result<(), StoreError> {
    insert(place.conn, place.scope, place.fetched_at, subscription)
}

fn insert(conn: &Connection, scope: Scope, at: Instant, state: &Subscription) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT OR IGNORE INTO subscription_states (scope, customer, subscription, at, record)
         SELECT :scope, :customer, :subscription, :at, :record WHERE :record IS NOT (
           SELECT record FROM subscription_states
           WHERE scope = :scope AND customer = :customer AND subscription = :subscription AND at <= :at
           ORDER BY at DESC LIMIT 1)",
    )?
    .execute(named_params! {
        ":scope": scope.0, ":customer": state.customer.as_str(), ":subscription": state.id.as_str(),
        ":at": at.timestamp(), ":record": column::json(state)?,
    })?;
    Ok(())
}

/// Loads the observed states of a customer's subscriptions, each subscription's oldest first.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn of_customer(
    conn: &Connection,
    scope: Scope,
    customer: &CustomerId,
) -> Result<Vec<(Instant, Subscription)>, StoreError> {
    let sql = "SELECT at, record FROM subscription_states
        WHERE scope = :scope AND customer = :customer ORDER BY subscription, at";
    read(conn, sql, named_params! {":scope": scope.0, ":customer": customer.as_str()})
}

/// Loads the observed states of one subscription, oldest first.
///
/// **Errors**: as [`of_customer`].
pub fn of_subscription(
    conn: &Connection,
    scope: Scope,
    customer: &CustomerId,
    subscription: &SubscriptionId,
) -> Result<Vec<(Instant, Subscription)>, StoreError> {
    let sql = "SELECT at, record FROM subscription_states
        WHERE scope = :scope AND customer = :customer AND subscription = :subscription ORDER BY at";
    let (customer, subscription) = (customer.as_str(), subscription.as_str());
    read(conn, sql, named_params! {":scope": scope.0, ":customer": customer, ":subscription": subscription})
}

fn read(
    conn: &Connection,
    sql: &'static str,
    params: impl rusqlite::Params,
) -> Result<Vec<(Instant, Subscription)>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut observations = Vec::new();
    while let Some(row) = rows.next()? {
        let at = column::seconds(row, "at")?.unwrap_or_default();
        observations.push((at, column::record(row, "record")?));
    }
    Ok(observations)
}
