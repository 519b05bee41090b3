//! Events: headers with delivery status, kept beyond Stripe's thirty days, and the list of them.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, EventId};
use countersign_domain::metrics::webhooks::GRACE_MINUTES;
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

/// Which events, in which order.
#[derive(Debug, Clone)]
pub struct EventFilter {
    /// Made in this period.
    pub period: Period,
    /// Delivery as in [`EventRow::delivery`]; empty keeps all.
    pub delivery: String,
    /// Row as in [`EventRow::row`]; empty keeps all.
    pub row: String,
    /// A type; empty keeps all.
    pub kind: String,
    /// Order.
    pub sort: EventSort,
    /// Whether the order is turned round.
    pub is_reversed: bool,
}

/// Orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventSort {
    /// Newest first.
    #[default]
    Created,
    /// By type, then newest first.
    Kind,
    /// Undelivered ones first.
    Delivery,
    /// Those without the row they should have left first.
    Row,
    /// Longest way to the row first.
    Lag,
}

/// What is asked of the events of an environment.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The environment whose rows are compared; `None` where its database keeps none.
    pub environment: Option<EnvironmentId>,
    /// Types that an enabled endpoint selects; `None` for all of them.
    pub selected: Option<Vec<String>>,
    /// Types whose handling leaves a row.
    pub recorded: Vec<String>,
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
    /// `delivered`, `pending`, `too_young` while it is pending within the grace, or `not_subscribed`.
    pub delivery: String,
    /// `found`, `duplicate`, `missing`, `awaited` while it is young or undelivered, `not_expected`, `not_connected`.
    pub row: String,
    /// When this program first saw it.
    pub first_seen_at: Instant,
    /// When this program first saw it delivered everywhere.
    pub delivered_seen_at: Option<Instant>,
    /// When the first row of the billing database that names it was made.
    pub database_row_at: Option<Instant>,
}

/// How far the delivery of an event came.
macro_rules! delivery {
    () => {
        "(CASE WHEN NOT (:selected IS NULL OR e.kind IN (SELECT value FROM json_each(:selected))) THEN 'not_subscribed'
           WHEN e.pending = 0 THEN 'delivered' WHEN e.created_at > :young THEN 'too_young' ELSE 'pending' END)"
    };
}

/// Counts the rows of the billing database that name an event.
macro_rules! found {
    () => {
        "(SELECT count(*) FROM billing_events d WHERE d.environment = :environment AND d.stripe_event = o.id)"
    };
}

/// Whether an event left the row it should have left.
macro_rules! row {
    () => {
        concat!(
            "(CASE WHEN :environment IS NULL THEN 'not_connected' ELSE CASE min(",
            found!(),
            ", 2) WHEN 1 THEN 'found' WHEN 2 THEN 'duplicate' ELSE CASE
               WHEN NOT (:selected IS NULL OR e.kind IN (SELECT value FROM json_each(:selected))) THEN 'not_expected'
               WHEN e.kind NOT IN (SELECT value FROM json_each(:recorded)) THEN 'not_expected'
               WHEN e.pending > 0 OR e.created_at > :young THEN 'awaited' ELSE 'missing' END END END)"
        )
    };
}

macro_rules! narrowed {
    () => {
        concat!(
            "FROM events e JOIN objects o ON o.row = e.row
             WHERE e.scope = :scope AND e.created_at >= :start AND e.created_at < :end
               AND (:kind = '' OR e.kind = :kind)
               AND (:text IS NULL OR o.id = :text OR e.object = :text OR e.customer = :text
                 OR (e.kind >= :text AND e.kind < :text || char(1114111)))
               AND (:delivery = '' OR :delivery = ",
            delivery!(),
            ") AND (:row = '' OR :row = ",
            row!(),
            ")"
        )
    };
}

macro_rules! ordered {
    ($($order:expr),+) => {
        concat!("SELECT e.row ", narrowed!(), " ORDER BY ", $($order),+, " LIMIT :take OFFSET :skip")
    };
}

macro_rules! by_delivery {
    () => {
        concat!(
            "CASE ",
            delivery!(),
            " WHEN 'pending' THEN 0 WHEN 'too_young' THEN 1 WHEN 'delivered' THEN 2 ELSE 3 END"
        )
    };
}

macro_rules! by_row {
    () => {
        concat!(
            "CASE ",
            row!(),
            " WHEN 'missing' THEN 0 WHEN 'duplicate' THEN 1 WHEN 'awaited' THEN 2 WHEN 'found' THEN 3 ELSE 4 END"
        )
    };
}

macro_rules! lag {
    () => {
        "((SELECT min(d.created_at) FROM billing_events d
            WHERE d.environment = :environment AND d.stripe_event = o.id) - e.created_at * 1000)"
    };
}

impl EventSort {
    const fn statement(self, is_reversed: bool) -> &'static str {
        match (self, is_reversed) {
            (Self::Created, false) => ordered!("e.created_at DESC, e.row DESC"),
            (Self::Created, true) => ordered!("e.created_at, e.row"),
            (Self::Kind, false) => ordered!("e.kind, e.created_at DESC, e.row DESC"),
            (Self::Kind, true) => ordered!("e.kind DESC, e.created_at DESC, e.row DESC"),
            (Self::Delivery, false) => ordered!(by_delivery!(), ", e.created_at DESC, e.row DESC"),
            (Self::Delivery, true) => ordered!(by_delivery!(), " DESC, e.created_at DESC, e.row DESC"),
            (Self::Row, false) => ordered!(by_row!(), ", e.created_at DESC, e.row DESC"),
            (Self::Row, true) => ordered!(by_row!(), " DESC, e.created_at DESC, e.row DESC"),
            (Self::Lag, false) => ordered!(lag!(), " DESC NULLS LAST, e.row DESC"),
            (Self::Lag, true) => ordered!(lag!(), " NULLS LAST, e.row DESC"),
        }
    }
}

/// The parameters that say what is asked.
struct Words {
    environment: Option<String>,
    selected: Option<String>,
    recorded: String,
    young: i64,
}

impl Asked {
    fn words(&self, now: Instant) -> Words {
        let list = |words: &[String]| serde_json::Value::from(words).to_string();
        Words {
            environment: self.environment.as_ref().map(EnvironmentId::to_string),
            selected: self.selected.as_deref().map(list),
            recorded: list(&self.recorded),
            young: (now - TimeDelta::minutes(GRACE_MINUTES)).timestamp(),
        }
    }
}

/// Lists a window of the events.
///
/// **Errors**: the file cannot be read.
pub fn list(
    conn: &Connection,
    scope: Scope,
    asked: &Asked,
    filter: &EventFilter,
    window: &Window,
    now: Instant,
) -> Result<Rows<EventRow>, StoreError> {
    let words = asked.words(now);
    let filters: &Filters<'_> = named_params! {
        ":scope": scope.0, ":environment": words.environment, ":selected": words.selected,
        ":recorded": words.recorded, ":young": words.young, ":start": filter.period.start.timestamp(),
        ":end": filter.period.end.timestamp(), ":kind": filter.kind, ":delivery": filter.delivery,
        ":row": filter.row, ":text": window.text(),
    };
    let statements = (filter.sort.statement(filter.is_reversed), concat!("SELECT count(*) ", narrowed!()));
    listed(conn, statements, filters, window, |row| detail(conn, &words, row))
}

/// Gives one event as the list shows it.
///
/// **Errors**: as [`list`].
pub fn row(
    conn: &Connection,
    scope: Scope,
    asked: &Asked,
    id: &EventId,
    now: Instant,
) -> Result<Option<EventRow>, StoreError> {
    let sql = "SELECT row FROM objects WHERE scope = :scope AND kind = 'event' AND id = :id";
    let params = named_params! {":scope": scope.0, ":id": id.as_str()};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    found.map(|row| detail(conn, &asked.words(now), row)).transpose()
}

/// Gives every event about an object, oldest first.
///
/// **Shape**: at most `limit`, the newest ones.
/// **Errors**: as [`list`].
pub fn of_object(
    conn: &Connection,
    scope: Scope,
    asked: &Asked,
    object: &str,
    limit: u32,
    now: Instant,
) -> Result<Vec<EventRow>, StoreError> {
    let sql = "SELECT row FROM (SELECT row, created_at FROM events INDEXED BY events_by_object
          WHERE scope = :scope AND object = :object
        ORDER BY created_at DESC, row DESC LIMIT :limit) ORDER BY created_at, row";
    let params = named_params! {":scope": scope.0, ":object": object, ":limit": limit};
    details(conn, asked, sql, params, now)
}

/// Gives the newest events that concern a customer, newest first.
///
/// **Errors**: as [`list`].
pub fn of_customer(
    conn: &Connection,
    scope: Scope,
    asked: &Asked,
    customer: &CustomerId,
    limit: u32,
    now: Instant,
) -> Result<Vec<EventRow>, StoreError> {
    let sql = "SELECT row FROM events WHERE scope = :scope AND customer = :customer
        ORDER BY created_at DESC, row DESC LIMIT :limit";
    let params = named_params! {":scope": scope.0, ":customer": customer.as_str(), ":limit": limit};
    details(conn, asked, sql, params, now)
}

fn details(
    conn: &Connection,
    asked: &Asked,
    sql: &'static str,
    params: &Filters<'_>,
    now: Instant,
) -> Result<Vec<EventRow>, StoreError> {
    let words = asked.words(now);
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    rows.into_iter().map(|row| detail(conn, &words, row)).collect()
}

/// An event's header with when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The header.
    pub event: Event,
    /// When this program first saw it.
    pub first_seen_at: Instant,
    /// When this program first saw it delivered everywhere.
    pub delivered_seen_at: Option<Instant>,
    /// When it was last looked at.
    pub seen_at: Instant,
}

/// Loads the headers of a period with when they were looked at, oldest first.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn watched(conn: &Connection, scope: Scope, period: Period) -> Result<Vec<Watched>, StoreError> {
    let sql = "SELECT b.record, e.first_seen_at, e.delivered_seen_at, o.fetched_at
        FROM events e JOIN objects o ON o.row = e.row JOIN bodies b ON b.row = e.row
        WHERE e.scope = :scope AND e.created_at >= :start AND e.created_at < :end ORDER BY e.created_at, e.row";
    let mut statement = conn.prepare_cached(sql)?;
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    let mut rows = statement.query(named_params! {":scope": scope.0, ":start": start, ":end": end})?;
    let mut watched = Vec::new();
    while let Some(row) = rows.next()? {
        watched.push(Watched {
            event: column::record(row, "record")?,
            first_seen_at: column::millis(row, "first_seen_at")?.unwrap_or_default(),
            delivered_seen_at: column::millis(row, "delivered_seen_at")?,
            seen_at: column::millis(row, "fetched_at")?.unwrap_or_default(),
        });
    }
    Ok(watched)
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

fn detail(conn: &Connection, words: &Words, row: i64) -> Result<EventRow, StoreError> {
    let sql = concat!(
        "SELECT o.id, e.*, (SELECT min(d.created_at) FROM billing_events d
           WHERE d.environment = :environment AND d.stripe_event = o.id) AS database_row_at, ",
        delivery!(),
        " AS delivery, ",
        row!(),
        " AS row_word FROM events e JOIN objects o ON o.row = e.row WHERE e.row = :row"
    );
    let params = named_params! {
        ":row": row, ":environment": words.environment, ":selected": words.selected, ":recorded": words.recorded,
        ":young": words.young,
    };
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
        delivery: row.get("delivery")?,
        row: row.get("row_word")?,
        first_seen_at: column::millis(row, "first_seen_at")?.unwrap_or_default(),
        delivered_seen_at: column::millis(row, "delivered_seen_at")?,
        database_row_at: column::millis(row, "database_row_at")?,
    })
}
