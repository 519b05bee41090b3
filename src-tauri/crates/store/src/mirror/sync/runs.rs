//! The syncs that were run: when, how they ended, and what they read.

use countersign_domain::Instant;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use crate::StoreError;
use crate::mirror::column::Count;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "sync_runs",
    version: 1,
    create: "CREATE TABLE sync_runs (
        run INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        began_at INTEGER NOT NULL,
        ended_at INTEGER,
        stamp INTEGER NOT NULL,
        state TEXT NOT NULL,
        pages INTEGER NOT NULL DEFAULT 0,
        objects INTEGER NOT NULL DEFAULT 0,
        requests INTEGER NOT NULL DEFAULT 0,
        retries INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX sync_runs_by_scope ON sync_runs (scope, run)",
    drop: "DROP TABLE IF EXISTS sync_runs",
    fill: Fill::Nothing,
};

/// How a run stands. A run that is `running` in a file nobody works on was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Under way, or killed.
    Running,
    /// Complete.
    Complete,
    /// Stopped by a person; what is complete is kept.
    Cancelled,
    /// Ended with a failure; what is complete is kept.
    Failed,
}

impl RunState {
    fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "complete" => Self::Complete,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed,
            _ => Self::Running,
        }
    }
}

/// A run of the sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub run: i64,
    /// When it began.
    pub began_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Newest time stamp given to an observation: the next run's are not older.
    pub stamp: Instant,
    /// How it stands.
    pub state: RunState,
    /// What it read.
    pub tally: Tally,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Pages of lists.
    pub pages: u64,
    /// Objects written or confirmed.
    pub objects: u64,
    /// Requests sent.
    pub requests: u64,
    /// How many of them were second and further tries.
    pub retries: u64,
    /// Bytes of bodies.
    pub bytes: u64,
}

/// Begins a run.
///
/// **Errors**: the file cannot be written.
pub fn begin(tx: &Transaction<'_>, scope: Scope, at: Instant) -> Result<i64, StoreError> {
    let at = at.timestamp_millis();
    tx.prepare_cached("INSERT INTO sync_runs (scope, began_at, stamp, state) VALUES (:scope, :at, :at, 'running')")?
        .execute(named_params! {":scope": scope.0, ":at": at})?;
    Ok(tx.last_insert_rowid())
}

/// Adds to what a run read.
///
/// **Errors**: the file cannot be written.
pub fn add(tx: &Transaction<'_>, run: i64, stamp: Instant, tally: &Tally) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE sync_runs SET stamp = max(stamp, :stamp), pages = pages + :pages, objects = objects + :objects,
           requests = requests + :requests, retries = retries + :retries, bytes = bytes + :bytes
         WHERE run = :run",
    )?
    .execute(named_params! {
        ":run": run, ":stamp": stamp.timestamp_millis(), ":pages": Count(tally.pages), ":objects": Count(tally.objects),
        ":requests": Count(tally.requests), ":retries": Count(tally.retries), ":bytes": Count(tally.bytes),
    })?;
    Ok(())
}

/// Ends a run.
///
/// **Errors**: the file cannot be written.
pub fn end(tx: &Transaction<'_>, run: i64, state: RunState, at: Instant) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE sync_runs SET state = :state, ended_at = :at WHERE run = :run")?
        .execute(named_params! {":run": run, ":state": state.word(), ":at": at.timestamp_millis()})?;
    Ok(())
}

/// Gives the newest run of a scope.
///
/// **Errors**: the file cannot be read.
pub fn newest(conn: &Connection, scope: Scope) -> Result<Option<Run>, StoreError> {
    let sql = "SELECT * FROM sync_runs WHERE scope = :scope ORDER BY run DESC LIMIT 1";
    let found = conn.prepare_cached(sql)?.query_row(named_params! {":scope": scope.0}, |row| {
        let word: String = row.get("state")?;
        let count = |name| row.get(name).map(|Count(count)| count);
        Ok(Run {
            run: row.get("run")?,
            began_at: column::millis(row, "began_at")?.unwrap_or_default(),
            ended_at: column::millis(row, "ended_at")?,
            stamp: column::millis(row, "stamp")?.unwrap_or_default(),
            state: RunState::of(&word),
            tally: Tally {
                pages: count("pages")?,
                objects: count("objects")?,
                requests: count("requests")?,
                retries: count("retries")?,
                bytes: count("bytes")?,
            },
        })
    });
    Ok(found.optional()?)
}
