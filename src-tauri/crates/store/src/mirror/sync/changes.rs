//! Objects that have to be read again by their id, and the events that say so.
//!
//! Filled in the transaction that stores the events, emptied in the one that stores the object: between the two the
//! program may end without anything being lost.

use countersign_domain::Instant;
use countersign_domain::ids::EventId;
use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use crate::StoreError;
use crate::mirror::object::Place;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "pending_changes",
    version: 1,
    create: "CREATE TABLE pending_changes (
        scope INTEGER NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        event TEXT NOT NULL,
        event_at INTEGER,
        is_newer INTEGER NOT NULL,
        payload TEXT,
        PRIMARY KEY (scope, kind, id, event)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS pending_changes",
    fill: Fill::Nothing,
};

/// What an event says about one object.
#[derive(Debug, Clone, Copy)]
pub struct Hint<'a> {
    /// The event.
    pub event: &'a EventId,
    /// When it was made.
    pub at: Instant,
    /// Whether it may have happened after the object was read: then the object is read again.
    pub is_newer: bool,
    /// What is needed to walk a subscription back through this change.
    pub payload: Option<&'a str>,
}

/// An object that has to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Whether it has to be read from Stripe; otherwise only its past is to be noted.
    pub is_newer: bool,
    /// When it was made, if the mirror has it.
    pub created_at: Option<Instant>,
    /// The oldest event about it.
    pub event_at: Option<Instant>,
    /// Payloads of its events, newest first.
    pub payloads: Vec<String>,
}

/// Notes what an event says about an object.
///
/// **Errors**: the file cannot be written.
pub fn hint(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind, id: &str, hint: &Hint<'_>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO pending_changes (scope, kind, id, event, event_at, is_newer, payload)
         VALUES (:scope, :kind, :id, :event, :event_at, :is_newer, :payload)",
    )?
    .execute(named_params! {
        ":scope": scope.0, ":kind": kind.as_ref(), ":id": id, ":event": hint.event.as_str(),
        ":event_at": hint.at.timestamp(), ":is_newer": hint.is_newer, ":payload": hint.payload,
    })?;
    Ok(())
}

/// Notes that an object has to be read, whatever events say.
///
/// **Errors**: the file cannot be written.
pub fn want(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO pending_changes (scope, kind, id, event, is_newer) VALUES (:scope, :kind, :id, '', 1)",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": id})?;
    Ok(())
}

/// Notes a price that something names and no list has brought: inline prices are in none.
pub(in crate::mirror) fn want_price(place: &Place<'_>, price: &str) -> Result<(), StoreError> {
    place
        .conn
        .prepare_cached(
            "INSERT OR IGNORE INTO pending_changes (scope, kind, id, event, is_newer)
             SELECT :scope, 'price', :id, '', 1 WHERE NOT EXISTS (
               SELECT 1 FROM objects WHERE scope = :scope AND kind = 'price' AND id = :id)",
        )?
        .execute(named_params! {":scope": place.scope.0, ":id": price})?;
    Ok(())
}

/// Takes back the wish for prices that lists have brought meanwhile.
///
/// **Errors**: the file cannot be written.
pub fn forget_known_prices(tx: &Transaction<'_>, scope: Scope) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM pending_changes WHERE scope = :scope AND kind = 'price' AND event = '' AND EXISTS (
           SELECT 1 FROM objects o WHERE o.scope = :scope AND o.kind = 'price' AND o.id = pending_changes.id)",
    )?
    .execute(named_params! {":scope": scope.0})?;
    Ok(())
}

/// Wants every object of a kind that was not seen since an instant: a complete list did not bring it.
///
/// **Errors**: the file cannot be written.
pub fn want_unseen(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind, since: Instant) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO pending_changes (scope, kind, id, event, is_newer)
         SELECT scope, kind, id, '', 1 FROM objects
         WHERE scope = :scope AND kind = :kind AND is_deleted = 0 AND fetched_at < :since",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":since": since.timestamp_millis()})?;
    Ok(())
}

/// Wants everything that is not final and was not seen since an instant, whatever its age.
///
/// **Shape**: invoices that are a draft, open or written off, open payments of invoices, pending charges.
/// **Errors**: the file cannot be written.
pub fn want_unsettled(tx: &Transaction<'_>, scope: Scope, since: Instant) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO pending_changes (scope, kind, id, event, is_newer)
         SELECT o.scope, o.kind, o.id, '', 1 FROM objects o JOIN (
           SELECT row FROM invoices WHERE scope = :scope AND status IN ('draft', 'open', 'uncollectible')
           UNION ALL SELECT row FROM invoice_payments WHERE scope = :scope AND status = 'open'
           UNION ALL SELECT row FROM charges WHERE scope = :scope AND status = 'pending') open ON open.row = o.row
         WHERE o.is_deleted = 0 AND o.fetched_at < :since",
    )?
    .execute(named_params! {":scope": scope.0, ":since": since.timestamp_millis()})?;
    Ok(())
}

/// Wants the payments of an invoice that are still open: no event tells when they are given up.
///
/// **Errors**: the file cannot be written.
pub fn want_open_payments(tx: &Transaction<'_>, scope: Scope, invoice: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO pending_changes (scope, kind, id, event, is_newer)
         SELECT o.scope, o.kind, o.id, '', 1 FROM invoice_payments p JOIN objects o ON o.row = p.row
         WHERE p.scope = :scope AND p.invoice = :invoice AND p.status = 'open' AND o.is_deleted = 0",
    )?
    .execute(named_params! {":scope": scope.0, ":invoice": invoice})?;
    Ok(())
}

/// Counts the objects of each kind that have to be read.
///
/// **Errors**: the file cannot be read.
pub fn counts(conn: &Connection, scope: Scope) -> Result<Vec<(ObjectKind, u64)>, StoreError> {
    let sql = "SELECT kind, count(DISTINCT id) AS objects FROM pending_changes
        WHERE scope = :scope AND is_newer GROUP BY kind";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0}, |row| {
        Ok((column::kind(row, "kind")?, row.get("objects").map(|column::Count(objects)| objects)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives objects of a kind that have to be looked at again, the newest first.
///
/// **Errors**: the file cannot be read.
pub fn next(conn: &Connection, scope: Scope, kind: ObjectKind, limit: u32) -> Result<Vec<PendingChange>, StoreError> {
    let sql = "SELECT p.id, max(p.is_newer) AS is_newer, min(p.event_at) AS event_at, o.created_at,
          json_group_array(p.payload ORDER BY p.event_at DESC, p.event DESC)
            FILTER (WHERE p.payload IS NOT NULL) AS payloads
        FROM pending_changes p
        LEFT JOIN objects o ON o.scope = p.scope AND o.kind = p.kind AND o.id = p.id
        WHERE p.scope = :scope AND p.kind = :kind GROUP BY p.id
        ORDER BY coalesce(o.created_at, event_at) DESC, p.id LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let params = named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":limit": limit};
    let rows = statement.query_map(params, |row| {
        let payloads: String = row.get("payloads")?;
        let unfit = |_| column::unfit("payloads", rusqlite::types::Type::Text);
        Ok(PendingChange {
            kind,
            id: row.get("id")?,
            is_newer: row.get("is_newer")?,
            created_at: column::seconds(row, "created_at")?,
            event_at: column::seconds(row, "event_at")?,
            payloads: serde_json::from_str(&payloads).map_err(unfit)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How much earlier than its first event an object may have been created. **Units**: seconds.
const BEFORE_EVENT_SECONDS: i64 = 600;

/// Gives when the so-manieth newest object of a kind that has to be read was created, or at the latest may have been.
///
/// **Shape**: `None` when there are fewer, or nothing is known of its age.
/// **Errors**: the file cannot be read.
pub fn created_of(
    conn: &Connection,
    scope: Scope,
    kind: ObjectKind,
    place: u64,
) -> Result<Option<Instant>, StoreError> {
    let sql = "SELECT coalesce(o.created_at, min(p.event_at) - :before) AS at FROM pending_changes p
        LEFT JOIN objects o ON o.scope = p.scope AND o.kind = p.kind AND o.id = p.id
        WHERE p.scope = :scope AND p.kind = :kind AND p.is_newer GROUP BY p.id
        ORDER BY at DESC LIMIT 1 OFFSET :skip";
    let params = named_params! {
        ":scope": scope.0, ":kind": kind.as_ref(), ":before": BEFORE_EVENT_SECONDS,
        ":skip": column::Count(place.saturating_sub(1)),
    };
    let found = conn.prepare_cached(sql)?.query_row(params, |row| column::seconds(row, "at")).optional()?;
    Ok(found.flatten())
}

/// Counts the stored objects of a kind that were created at or after an instant, deleted ones left out.
///
/// **Errors**: the file cannot be read.
pub fn stored_since(conn: &Connection, scope: Scope, kind: ObjectKind, since: Instant) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM objects
        WHERE scope = :scope AND kind = :kind AND is_deleted = 0 AND created_at >= :since";
    let params = named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":since": since.timestamp()};
    Ok(conn.prepare_cached(sql)?.query_row(params, column::count)?)
}

/// Strikes an object off: it was read, and its past is noted.
///
/// **Errors**: the file cannot be written.
pub fn settle(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM pending_changes WHERE scope = :scope AND kind = :kind AND id = :id")?
        .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": id})?;
    Ok(())
}

/// Strikes off every object of a kind that was read since an instant and whose past needs no note.
///
/// **Errors**: the file cannot be written.
pub fn settle_seen(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind, since: Instant) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM pending_changes WHERE scope = :scope AND kind = :kind AND payload IS NULL AND EXISTS (
           SELECT 1 FROM objects o WHERE o.scope = :scope AND o.kind = :kind AND o.id = pending_changes.id
             AND o.fetched_at >= :since)",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":since": since.timestamp_millis()})?;
    tx.prepare_cached(
        "UPDATE pending_changes SET is_newer = 0 WHERE scope = :scope AND kind = :kind AND EXISTS (
           SELECT 1 FROM objects o WHERE o.scope = :scope AND o.kind = :kind AND o.id = pending_changes.id
             AND o.fetched_at >= :since)",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":since": since.timestamp_millis()})?;
    Ok(())
}

/// Forgets every wish for a kind that cannot be read.
///
/// **Errors**: the file cannot be written.
pub fn forget(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM pending_changes WHERE scope = :scope AND kind = :kind")?
        .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref()})?;
    Ok(())
}
