//! Events: headers with delivery status, kept beyond Stripe's thirty days, and the list of them.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, EventId};
use countersign_domain::stripe::{Event, ObjectKind};
use countersign_domain::zones::Period;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::object::{Mirrored, Place, load_where};
use super::schema::{Fill, Table, fill};
use super::window::{Filters, Rows, Window, listed};
use super::{Scope, column};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "events",
    version: 1,
    create: "CREATE TABLE events (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        kind TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        object TEXT,
        customer TEXT,
        api_version TEXT,
        pending INTEGER NOT NULL,
        first_seen_at INTEGER NOT NULL,
        delivered_seen_at INTEGER
    ) STRICT;
    CREATE INDEX events_by_created ON events (scope, created_at);
    CREATE INDEX events_by_kind ON events (scope, kind, created_at);
    CREATE INDEX events_by_object ON events (scope, object);
    CREATE INDEX events_by_customer ON events (scope, customer, created_at);
    CREATE INDEX events_pending ON events (scope, created_at) WHERE pending > 0",
    drop: "DROP TABLE IF EXISTS events",
    fill: Fill::Records(fill::<Event>),
};

impl Mirrored for Event {
    const KIND: ObjectKind = ObjectKind::Event;

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        place
            .conn
            .prepare_cached(
                "INSERT INTO events
                   (row, scope, kind, created_at, object, customer, api_version, pending, first_seen_at,
                    delivered_seen_at)
                 VALUES (:row, :scope, :kind, :created_at, :object, :customer, :api_version, :pending, :seen_at,
                    CASE WHEN :pending = 0 THEN :seen_at END)
                 ON CONFLICT (row) DO UPDATE SET pending = excluded.pending,
                   delivered_seen_at = CASE WHEN excluded.pending = 0
                     THEN coalesce(delivered_seen_at, excluded.first_seen_at) END",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0, ":kind": self.kind,
                ":created_at": self.created_at.timestamp(), ":object": self.object_id,
                ":customer": self.customer.as_ref().map(CustomerId::as_str), ":api_version": self.api_version,
                ":pending": self.pending_webhooks, ":seen_at": place.fetched_at.timestamp_millis(),
            })?;
        Ok(())
    }
}

/// Which events.
#[derive(Debug, Clone)]
pub struct EventFilter {
    /// Made in this period.
    pub period: Period,
    /// `pending`, `delivered` or `not_subscribed`; empty keeps all.
    pub delivery: String,
    /// `found`, `missing` or `duplicate`; empty keeps all.
    pub row: String,
    /// A type; empty keeps all.
    pub kind: String,
    /// Types that an enabled endpoint selects; `None` when one selects all.
    pub selected: Option<Vec<String>>,
    /// Whether the oldest come first.
    pub is_reversed: bool,
}

/// One event in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Id.
    pub id: EventId,
    /// Type.
    pub kind: String,
    /// When it was made.
    pub created_at: Instant,
    /// Id of the object it is about.
    pub object: Option<String>,
    /// Who it concerns.
    pub customer: Option<CustomerId>,
    /// Version its payload was rendered in.
    pub api_version: Option<String>,
    /// Deliveries still without a good answer.
    pub pending: u32,
    /// When this program first saw it.
    pub first_seen_at: Instant,
    /// When this program first saw it delivered everywhere.
    pub delivered_seen_at: Option<Instant>,
    /// Rows of the billing database that name it; `None` when that is not connected.
    pub database_rows: Option<u32>,
    /// When the first of them was made.
    pub database_row_at: Option<Instant>,
}

macro_rules! narrowed {
    () => {
        "FROM events e JOIN objects o ON o.row = e.row
         WHERE e.scope = :scope AND e.created_at >= :start AND e.created_at < :end
           AND (:kind = '' OR e.kind = :kind)
           AND CASE :delivery WHEN '' THEN 1
             WHEN 'not_subscribed' THEN NOT (:selected IS NULL OR e.kind IN (SELECT value FROM json_each(:selected)))
             WHEN 'pending' THEN e.pending > 0
             WHEN 'delivered' THEN e.pending = 0
               AND (:selected IS NULL OR e.kind IN (SELECT value FROM json_each(:selected)))
             ELSE 0 END
           AND CASE :row WHEN '' THEN 1 ELSE (
             SELECT CASE :row WHEN 'found' THEN count(*) >= 1 WHEN 'missing' THEN count(*) = 0
               WHEN 'duplicate' THEN count(*) > 1 ELSE 0 END
             FROM billing_events d WHERE d.environment = :environment AND d.stripe_event = o.id) END
           AND (:text IS NULL OR o.id = :text OR e.object = :text OR e.customer = :text
             OR (e.kind >= :text AND e.kind < :text || char(1114111)))"
    };
}

const NEWEST_FIRST: &str =
    concat!("SELECT e.row ", narrowed!(), " ORDER BY e.created_at DESC, e.row DESC LIMIT :take OFFSET :skip");
const OLDEST_FIRST: &str =
    concat!("SELECT e.row ", narrowed!(), " ORDER BY e.created_at, e.row LIMIT :take OFFSET :skip");

/// Lists a window of the events.
///
/// **Errors**: the file cannot be read.
pub fn list(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    filter: &EventFilter,
    window: &Window,
) -> Result<Rows<EventRow>, StoreError> {
    let selected = filter.selected.as_ref().map(|types| serde_json::Value::from(types.as_slice()).to_string());
    let filters: &Filters<'_> = named_params! {
        ":scope": scope.0, ":environment": environment.map(EnvironmentId::as_str),
        ":start": filter.period.start.timestamp(), ":end": filter.period.end.timestamp(), ":kind": filter.kind,
        ":delivery": filter.delivery, ":row": filter.row, ":selected": selected, ":text": window.text(),
    };
    let rows_sql = if filter.is_reversed { OLDEST_FIRST } else { NEWEST_FIRST };
    let statements = (rows_sql, concat!("SELECT count(*) ", narrowed!()));
    listed(conn, statements, filters, window, |row| detail(conn, environment, row))
}

/// Gives one event as the list shows it.
///
/// **Errors**: as [`list`].
pub fn row(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    id: &EventId,
) -> Result<Option<EventRow>, StoreError> {
    let sql = "SELECT row FROM objects WHERE scope = :scope AND kind = 'event' AND id = :id";
    let params = named_params! {":scope": scope.0, ":id": id.as_str()};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    found.map(|row| detail(conn, environment, row)).transpose()
}

/// Gives every event about an object, oldest first.
///
/// **Shape**: at most `limit`, the newest ones.
/// **Errors**: as [`list`].
pub fn of_object(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    object: &str,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    let sql = "SELECT row FROM (SELECT row, created_at FROM events WHERE scope = :scope AND object = :object
        ORDER BY created_at DESC, row DESC LIMIT :limit) ORDER BY created_at, row";
    let mut statement = conn.prepare_cached(sql)?;
    let params = named_params! {":scope": scope.0, ":object": object, ":limit": limit};
    let rows = statement.query_map(params, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    rows.into_iter().map(|row| detail(conn, environment, row)).collect()
}

/// Gives the newest events that concern a customer, newest first.
///
/// **Errors**: as [`list`].
pub fn of_customer(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    customer: &CustomerId,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    let sql = "SELECT row FROM events WHERE scope = :scope AND customer = :customer
        ORDER BY created_at DESC, row DESC LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let params = named_params! {":scope": scope.0, ":customer": customer.as_str(), ":limit": limit};
    let rows = statement.query_map(params, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    rows.into_iter().map(|row| detail(conn, environment, row)).collect()
}

/// Loads the headers of a period, oldest first, for figures.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn in_period(conn: &Connection, scope: Scope, period: Period) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT b.record FROM events e JOIN bodies b ON b.row = e.row
        WHERE e.scope = :scope AND e.created_at >= :start AND e.created_at < :end ORDER BY e.created_at, e.row";
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    load_where(conn, sql, named_params! {":scope": scope.0, ":start": start, ":end": end})
}

/// Gives the instant of the newest event.
///
/// **Errors**: the file cannot be read.
pub fn newest_at(conn: &Connection, scope: Scope) -> Result<Option<Instant>, StoreError> {
    let sql = "SELECT max(created_at) AS at FROM events WHERE scope = :scope";
    let params = named_params! {":scope": scope.0};
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| column::seconds(row, "at"))?)
}

/// Gives the instant of the oldest event.
///
/// **Errors**: the file cannot be read.
pub fn oldest_at(conn: &Connection, scope: Scope) -> Result<Option<Instant>, StoreError> {
    let sql = "SELECT min(created_at) AS at FROM events WHERE scope = :scope";
    let params = named_params! {":scope": scope.0};
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| column::seconds(row, "at"))?)
}

/// Gives the events made since an instant that were not delivered everywhere when they were last read, oldest first.
///
/// **Shape**: those that were read at `read_before` or later are left out.
/// **Errors**: the file cannot be read.
pub fn pending_since(
    conn: &Connection,
    scope: Scope,
    since: Instant,
    read_before: Instant,
    limit: u32,
) -> Result<Vec<EventId>, StoreError> {
    let sql = "SELECT o.id FROM events e JOIN objects o ON o.row = e.row
        WHERE e.scope = :scope AND e.created_at >= :since AND e.pending > 0 AND o.fetched_at < :before
        ORDER BY e.created_at LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let (since, before) = (since.timestamp(), read_before.timestamp_millis());
    let params = named_params! {":scope": scope.0, ":since": since, ":before": before, ":limit": limit};
    let rows = statement.query_map(params, |row| column::word(row, "id"))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn detail(conn: &Connection, environment: Option<&EnvironmentId>, row: i64) -> Result<EventRow, StoreError> {
    let sql = "SELECT o.id, e.*,
          CASE WHEN :environment IS NOT NULL THEN (SELECT count(*) FROM billing_events d
            WHERE d.environment = :environment AND d.stripe_event = o.id) END AS database_rows,
          (SELECT min(d.created_at) FROM billing_events d
            WHERE d.environment = :environment AND d.stripe_event = o.id) AS database_row_at
        FROM events e JOIN objects o ON o.row = e.row WHERE e.row = :row";
    let params = named_params! {":row": row, ":environment": environment.map(EnvironmentId::as_str)};
    Ok(conn.prepare_cached(sql)?.query_row(params, read)?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        id: column::word(row, "id")?,
        kind: row.get("kind")?,
        created_at: column::seconds(row, "created_at")?.unwrap_or_default(),
        object: row.get("object")?,
        customer: column::word_or_none(row, "customer")?,
        api_version: row.get("api_version")?,
        pending: row.get("pending")?,
        first_seen_at: column::millis(row, "first_seen_at")?.unwrap_or_default(),
        delivered_seen_at: column::millis(row, "delivered_seen_at")?,
        database_rows: row.get("database_rows")?,
        database_row_at: column::millis(row, "database_row_at")?,
    })
}
