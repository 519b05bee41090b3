//! How many users were exposed when the billing database was read last, or why nobody could count them.
//!
//! One row for each environment: what a gate was opened on is in the ledger, with its numbers.

use countersign_domain::Instant;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::{ExposedCount, Exposure};
use rusqlite::types::Type;
use rusqlite::{Connection, Transaction, named_params};

use crate::StoreError;
use crate::mirror::column::{self, Count};
use crate::mirror::schema::{Fill, Table};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_exposure",
    version: 1,
    create: "CREATE TABLE billing_exposure (
        environment TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        at INTEGER NOT NULL,
        measure TEXT NOT NULL,
        exposed INTEGER,
        eligible INTEGER,
        reason TEXT
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS billing_exposure",
    fill: Fill::Nothing,
};

/// One count of the exposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureRead {
    /// Which database was asked.
    pub fingerprint: String,
    /// When.
    pub at: Instant,
    /// What was asked.
    pub measure: Exposure,
    /// What it answered, or why it could not be asked.
    pub counted: Result<ExposedCount, String>,
}

/// Gives the newest count; `None` when nobody ever counted.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn get(conn: &Connection, environment: &EnvironmentId) -> Result<Option<ExposureRead>, StoreError> {
    let sql = "SELECT * FROM billing_exposure WHERE environment = :environment";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! {":environment": environment.as_str()})?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let counts: (Option<Count>, Option<Count>) = (row.get("exposed")?, row.get("eligible")?);
    let counted = match counts {
        (Some(Count(exposed)), Some(Count(eligible))) => Ok(ExposedCount { exposed, eligible }),
        _ => Err(row.get::<_, Option<String>>("reason")?.unwrap_or_default()),
    };
    Ok(Some(ExposureRead {
        fingerprint: row.get("fingerprint")?,
        at: column::millis(row, "at")?.ok_or_else(|| column::unfit("at", Type::Null))?,
        measure: column::record(row, "measure")?,
        counted,
    }))
}

/// Keeps a count in the place of the one before.
///
/// **Errors**: the file cannot be written.
pub fn set(tx: &Transaction<'_>, environment: &EnvironmentId, read: &ExposureRead) -> Result<(), StoreError> {
    let (counted, reason) = (read.counted.as_ref().ok(), read.counted.as_ref().err());
    tx.prepare_cached(
        "INSERT OR REPLACE INTO billing_exposure (environment, fingerprint, at, measure, exposed, eligible, reason)
         VALUES (:environment, :fingerprint, :at, :measure, :exposed, :eligible, :reason)",
    )?
    .execute(named_params! {
        ":environment": environment.as_str(), ":fingerprint": read.fingerprint, ":at": read.at.timestamp_millis(),
        ":measure": column::json(&read.measure)?, ":exposed": counted.map(|count| Count(count.exposed)),
        ":eligible": counted.map(|count| Count(count.eligible)), ":reason": reason,
    })?;
    Ok(())
}
