//! The rows that event handlers of the application left behind.

use countersign_domain::billing::{BillingEvent, RowKind};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::zones::Period;
use rusqlite::types::ToSql;
use rusqlite::{Connection, named_params};

use super::{BillingRow, Statements, read};
use crate::StoreError;
use crate::mirror::Scope;
use crate::mirror::schema::{Fill, Table};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_events",
    version: 2,
    create: "CREATE TABLE billing_events (
        environment TEXT NOT NULL,
        row_id TEXT NOT NULL,
        stripe_event TEXT,
        created_at INTEGER,
        seen_at INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (environment, row_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX billing_events_by_stripe ON billing_events (environment, stripe_event, created_at);
    CREATE INDEX billing_events_by_created ON billing_events (environment, created_at)",
    drop: "DROP TABLE IF EXISTS billing_events",
    fill: Fill::Nothing,
};

impl BillingRow for BillingEvent {
    const KIND: RowKind = RowKind::BillingEvent;
    const STATEMENTS: Statements = Statements {
        put: "INSERT OR REPLACE INTO billing_events
              (environment, row_id, stripe_event, created_at, seen_at, record)
            VALUES (:environment, :row_id, :stripe_event, :created_at, :seen_at, :record)",
        drop_unseen: "DELETE FROM billing_events WHERE environment = :environment AND seen_at < :since",
        drop_all: "DELETE FROM billing_events WHERE environment = :environment",
        count: "SELECT count(*) FROM billing_events WHERE environment = :environment",
        all: "SELECT record FROM billing_events WHERE environment = :environment ORDER BY row_id",
        by_stripe_id: "SELECT record FROM billing_events
            WHERE environment = :environment AND stripe_event = :stripe_id ORDER BY row_id",
    };

    fn row_id(&self) -> &str {
        &self.row_id
    }

    fn columns(&self) -> Vec<(&'static str, Box<dyn ToSql + '_>)> {
        vec![
            (":stripe_event", Box::new(&self.stripe_event)),
            (":created_at", Box::new(self.created_at.map(|at| at.timestamp_millis()))),
        ]
    }
}

/// Loads the rows that were made in a period, and those of its events whenever they were made.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn of_period(
    conn: &Connection,
    scope: Scope,
    environment: &EnvironmentId,
    period: Period,
) -> Result<Vec<BillingEvent>, StoreError> {
    let sql = "SELECT record FROM billing_events WHERE environment = :environment AND row_id IN (
          SELECT row_id FROM billing_events
            WHERE environment = :environment AND created_at >= :start_ms AND created_at < :end_ms
          UNION SELECT d.row_id FROM events e JOIN objects o ON o.row = e.row
            JOIN billing_events d ON d.environment = :environment AND d.stripe_event = o.id
            WHERE e.scope = :scope AND e.created_at >= :start AND e.created_at < :end)";
    let params = named_params! {
        ":scope": scope.0, ":environment": environment.as_str(),
        ":start": period.start.timestamp(), ":end": period.end.timestamp(),
        ":start_ms": period.start.timestamp_millis(), ":end_ms": period.end.timestamp_millis(),
    };
    read(conn, sql, params)
}
