//! Signs of damage that the billing database showed, read after read.
//!
//! One row for as long as the signs stay the same. Kept whatever happens to the other tables: what was seen before a
//! deployment cannot be seen again after it.

use countersign_domain::Instant;
use countersign_domain::billing::DamageSigns;
use countersign_domain::ids::EnvironmentId;
use rusqlite::types::Type;
use rusqlite::{Connection, ToSql, Transaction, named_params};

use crate::StoreError;
use crate::mirror::column;
use crate::mirror::schema::{Fill, Table};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_damage",
    version: 1,
    create: "CREATE TABLE billing_damage (
        environment TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        since INTEGER NOT NULL,
        through INTEGER NOT NULL,
        signs TEXT NOT NULL,
        PRIMARY KEY (environment, fingerprint, since)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS billing_damage",
    fill: Fill::Kept,
};

/// Signs, and for how long they were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The first read that saw them.
    pub since: Instant,
    /// The newest that did.
    pub through: Instant,
    /// What was seen.
    pub signs: DamageSigns,
}

/// Keeps what a read saw.
///
/// **Errors**: the file cannot be written.
pub fn keep(
    tx: &Transaction<'_>,
    environment: &EnvironmentId,
    fingerprint: &str,
    signs: &DamageSigns,
    at: Instant,
) -> Result<(), StoreError> {
    let newest = newest(tx, environment, fingerprint)?;
    let since = newest.filter(|seen| seen.signs == *signs).map_or(at, |seen| seen.since);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO billing_damage (environment, fingerprint, since, through, signs)
         VALUES (:environment, :fingerprint, :since, :through, :signs)",
    )?
    .execute(named_params! {
        ":environment": environment.as_str(), ":fingerprint": fingerprint, ":since": since.timestamp_millis(),
        ":through": at.timestamp_millis(), ":signs": column::json(signs)?,
    })?;
    Ok(())
}

/// Gives what was seen last.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn newest(conn: &Connection, environment: &EnvironmentId, fingerprint: &str) -> Result<Option<Seen>, StoreError> {
    last_until(conn, environment, fingerprint, Instant::MAX_UTC)
}

/// Gives what the last read up to an instant saw.
///
/// **Errors**: as [`newest`].
pub fn last_until(
    conn: &Connection,
    environment: &EnvironmentId,
    fingerprint: &str,
    at: Instant,
) -> Result<Option<Seen>, StoreError> {
    let sql = "SELECT since, through, signs FROM billing_damage
        WHERE environment = :environment AND fingerprint = :fingerprint AND since <= :at ORDER BY since DESC LIMIT 1";
    one(conn, sql, &[(":environment", &environment.as_str()), (":fingerprint", &fingerprint), (":at", &millis(at))])
}

/// Gives what the first read from an instant on saw.
///
/// **Errors**: as [`newest`].
pub fn first_since(
    conn: &Connection,
    environment: &EnvironmentId,
    fingerprint: &str,
    at: Instant,
) -> Result<Option<Seen>, StoreError> {
    let sql = "SELECT since, through, signs FROM billing_damage
        WHERE environment = :environment AND fingerprint = :fingerprint AND through >= :at ORDER BY since LIMIT 1";
    one(conn, sql, &[(":environment", &environment.as_str()), (":fingerprint", &fingerprint), (":at", &millis(at))])
}

/// Counts subscriptions and invoices whose user has no customer, of those that are older than an instant.
///
/// **Shape**: what is younger may have come between reading customers and reading it.
/// **Errors**: the file cannot be read.
pub fn orphans(conn: &Connection, environment: &EnvironmentId, before: Instant) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM (
          SELECT environment, user, record FROM billing_subscriptions WHERE environment = :environment
          UNION ALL SELECT environment, user, record FROM billing_invoices WHERE environment = :environment) AS r
        WHERE NOT EXISTS (
            SELECT 1 FROM billing_customers AS c WHERE c.environment = r.environment AND c.user = r.user)
          AND julianday(json_extract(r.record, '$.created_at')) < julianday(:before)";
    let params = named_params! {":environment": environment.as_str(), ":before": before.to_rfc3339()};
    Ok(conn.prepare_cached(sql)?.query_row(params, column::count)?)
}

fn one(conn: &Connection, sql: &'static str, params: &[(&str, &dyn ToSql)]) -> Result<Option<Seen>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let at = |name| column::millis(row, name)?.ok_or_else(|| column::unfit(name, Type::Null));
    Ok(Some(Seen { since: at("since")?, through: at("through")?, signs: column::record(row, "signs")? }))
}

fn millis(at: Instant) -> i64 {
    at.timestamp_millis()
}
