//! How many requests an account was asked, day by day: Stripe grants a number of reads in thirty days.

use countersign_domain::Instant;
use rusqlite::{Connection, Transaction, named_params};

use crate::StoreError;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

/// Days over which Stripe counts reads.
pub const WINDOW_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;

pub(in crate::mirror) const TABLE: Table = Table {
    name: "reads",
    version: 1,
    create: "CREATE TABLE reads (
        scope INTEGER NOT NULL,
        day INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (scope, day)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS reads",
    fill: Fill::Kept,
};

/// Adds requests to the day of an instant.
///
/// **Errors**: the file cannot be written.
pub fn add(tx: &Transaction<'_>, scope: Scope, at: Instant, requests: u64) -> Result<(), StoreError> {
    let day = at.timestamp().div_euclid(DAY_SECONDS);
    tx.prepare_cached(
        "INSERT INTO reads (scope, day, requests) VALUES (:scope, :day, :requests)
         ON CONFLICT (scope, day) DO UPDATE SET requests = requests + excluded.requests",
    )?
    .execute(named_params! {":scope": scope.0, ":day": day, ":requests": column::Count(requests)})?;
    Ok(())
}

/// Gives the requests of the thirty days that end with an instant.
///
/// **Errors**: the file cannot be read.
pub fn in_window(conn: &Connection, scope: Scope, now: Instant) -> Result<u64, StoreError> {
    let today = now.timestamp().div_euclid(DAY_SECONDS);
    let sql = "SELECT coalesce(sum(requests), 0) FROM reads WHERE scope = :scope AND day > :before AND day <= :today";
    let params = named_params! {":scope": scope.0, ":before": today - WINDOW_DAYS, ":today": today};
    Ok(conn.prepare_cached(sql)?.query_row(params, column::count)?)
}
