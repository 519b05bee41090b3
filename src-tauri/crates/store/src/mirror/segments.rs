//! MRR segments: one item's MRR over one stretch of time, computed per customer and kept for every figure.
//!
//! A customer's segments are replaced as a whole, together with everything that is read off them: MRR per subscription,
//! the customer's standing, what was doubtful.

use countersign_domain::Instant;
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::amount::Cadence;
use countersign_domain::metrics::book::Warning;
use countersign_domain::metrics::segment::{Segment, Silence};
use countersign_domain::money::Micro;
use countersign_domain::stripe::price::Interval;
use rusqlite::{Connection, Row, Transaction, named_params};

use super::rollup::Changed;
use super::schema::{Fill, Table};
use super::{Scope, column, rollup, summaries};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "mrr_segments",
    version: 1,
    create: "CREATE TABLE mrr_segments (
        scope INTEGER NOT NULL,
        customer TEXT NOT NULL,
        subscription TEXT NOT NULL,
        item TEXT NOT NULL,
        start_at INTEGER NOT NULL,
        end_at INTEGER,
        price TEXT NOT NULL,
        product TEXT,
        interval TEXT NOT NULL,
        interval_count INTEGER NOT NULL,
        quantity TEXT,
        currency TEXT NOT NULL,
        micro INTEGER NOT NULL,
        list_micro INTEGER NOT NULL,
        source TEXT NOT NULL,
        before TEXT,
        after TEXT,
        PRIMARY KEY (scope, customer, subscription, item, start_at)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS mrr_segments",
    fill: Fill::Rollup,
};

/// MRR of each subscription at the newest rollup; only for sorting and showing lists.
pub(super) const BY_SUBSCRIPTION: Table = Table {
    name: "subscription_mrr",
    version: 1,
    create: "CREATE TABLE subscription_mrr (row INTEGER PRIMARY KEY, micro INTEGER NOT NULL) STRICT",
    drop: "DROP TABLE IF EXISTS subscription_mrr",
    fill: Fill::Rollup,
};

/// What was doubtful in a customer's figures.
pub(super) const WARNINGS: Table = Table {
    name: "mrr_warnings",
    version: 1,
    create: "CREATE TABLE mrr_warnings (
        scope INTEGER NOT NULL,
        customer TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (scope, customer, record)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS mrr_warnings",
    fill: Fill::Rollup,
};

/// Replaces a customer's segments and everything read off them, and takes the customer off the list of changed ones.
///
/// **Errors**: the file cannot be written, or an amount leaves 64 bits.
pub fn replace(
    tx: &Transaction<'_>,
    scope: Scope,
    changed: &Changed,
    segments: &[Segment],
    warnings: &[Warning],
    now: Instant,
) -> Result<(), StoreError> {
    let customer = changed.customer.as_str();
    let whose = named_params! {":scope": scope.0, ":customer": customer};
    tx.prepare_cached("DELETE FROM mrr_segments WHERE scope = :scope AND customer = :customer")?.execute(whose)?;
    tx.prepare_cached("DELETE FROM mrr_warnings WHERE scope = :scope AND customer = :customer")?.execute(whose)?;
    for segment in segments {
        insert(tx, scope, segment)?;
    }
    for warning in warnings {
        let record = column::json(warning)?;
        tx.prepare_cached(
            "INSERT OR IGNORE INTO mrr_warnings (scope, customer, record) VALUES (:scope, :customer, :record)",
        )?
        .execute(named_params! {":scope": scope.0, ":customer": customer, ":record": record})?;
    }
    tx.prepare_cached(
        "INSERT OR REPLACE INTO subscription_mrr (row, micro)
         SELECT o.row, coalesce((SELECT sum(g.micro) FROM mrr_segments g
           WHERE g.scope = :scope AND g.customer = :customer AND g.subscription = o.id
             AND g.start_at <= :now AND (g.end_at IS NULL OR g.end_at > :now)), 0)
         FROM subscriptions u JOIN objects o ON o.row = u.row WHERE u.scope = :scope AND u.customer = :customer",
    )?
    .execute(named_params! {":scope": scope.0, ":customer": customer, ":now": now.timestamp_millis()})?;
    summaries::refresh(tx, scope, &changed.customer, now)?;
    rollup::settle(tx, scope, changed)
}

fn insert(tx: &Transaction<'_>, scope: Scope, segment: &Segment) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO mrr_segments
           (scope, customer, subscription, item, start_at, end_at, price, product, interval, interval_count, quantity,
            currency, micro, list_micro, source, before, after)
         VALUES (:scope, :customer, :subscription, :item, :start_at, :end_at, :price, :product, :interval,
            :interval_count, :quantity, :currency, :micro, :list_micro, :source, :before, :after)",
    )?
    .execute(named_params! {
        ":scope": scope.0, ":customer": segment.customer.as_str(), ":subscription": segment.subscription.as_str(),
        ":item": segment.item.as_str(), ":start_at": segment.start_at.timestamp_millis(),
        ":end_at": segment.end_at.map(|at| at.timestamp_millis()), ":price": segment.price.as_str(),
        ":product": segment.product.as_ref().map(|id| id.as_str()),
        ":interval": segment.cadence.interval.as_str(), ":interval_count": segment.cadence.count,
        ":quantity": segment.quantity.map(|quantity| quantity.to_string()), ":currency": segment.currency.code(),
        ":micro": column::whole(segment.micro)?, ":list_micro": column::whole(segment.list)?,
        ":source": segment.source.as_ref(), ":before": segment.before.as_ref().map(Silence::as_ref),
        ":after": segment.after.as_ref().map(Silence::as_ref),
    })?;
    Ok(())
}

/// Loads every segment of a scope, customer by customer, each item's oldest first.
///
/// **Errors**: the file cannot be read.
pub fn all(conn: &Connection, scope: Scope) -> Result<Vec<Segment>, StoreError> {
    let sql = "SELECT * FROM mrr_segments WHERE scope = :scope ORDER BY customer, subscription, item, start_at";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0}, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Loads a customer's segments, each item's oldest first.
///
/// **Errors**: the file cannot be read.
pub fn of_customer(conn: &Connection, scope: Scope, customer: &CustomerId) -> Result<Vec<Segment>, StoreError> {
    let sql = "SELECT * FROM mrr_segments WHERE scope = :scope AND customer = :customer
        ORDER BY subscription, item, start_at";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0, ":customer": customer.as_str()}, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Loads what was doubtful in the figures, with the customer it was met at.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn warnings(conn: &Connection, scope: Scope) -> Result<Vec<(CustomerId, Warning)>, StoreError> {
    let sql = "SELECT customer, record FROM mrr_warnings WHERE scope = :scope ORDER BY customer, record";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! {":scope": scope.0})?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((column::word(row, "customer")?, column::record(row, "record")?));
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Segment> {
    let text = |name| row.get::<_, String>(name);
    let micro = |name| row.get::<_, i64>(name).map(|micro| Micro(micro.into()));
    Ok(Segment {
        customer: column::word(row, "customer")?,
        subscription: column::word(row, "subscription")?,
        item: column::word(row, "item")?,
        price: column::word(row, "price")?,
        product: column::word_or_none(row, "product")?,
        cadence: Cadence { interval: Interval::from(text("interval")?.as_str()), count: row.get("interval_count")? },
        quantity: column::parsed_or_none(row, "quantity")?,
        currency: column::currency(row, "currency")?,
        start_at: column::millis(row, "start_at")?.unwrap_or_default(),
        end_at: column::millis(row, "end_at")?,
        micro: micro("micro")?,
        list: micro("list_micro")?,
        source: column::parsed(row, "source")?,
        before: column::parsed_or_none(row, "before")?,
        after: column::parsed_or_none(row, "after")?,
    })
}
