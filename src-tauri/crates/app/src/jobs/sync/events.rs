//! Following events: what changed since the last look, and whether webhooks were delivered.
//!
//! Events are hints. Their headers are kept; what they are about is noted to be read again, in the same transaction. The
//! cursor is the newest event's own time, so neither clock has to be right.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use countersign_sources::stripe::{Window, listings};
use countersign_store::mirror::events;
use countersign_store::mirror::sync::changes;
use countersign_store::mirror::sync::kinds::{self, KindState};
use countersign_store::mirror::sync::marks::{self, Marks};
use countersign_store::mirror::sync::slices::{self, Slice};
use serde_json::Value;

use super::batch::Batch;
use super::lists::Lists;
use super::plan::Plan;
use super::report::SyncError;
use super::work::Work;

/// How far before the newest event known each look begins, because events may become visible late.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// After so long without a look, events may be gone that nobody saw.
pub(super) const GAP_MAX: TimeDelta = TimeDelta::days(25);
/// How long Stripe keeps events.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How often the undelivered events are asked for.
const UNDELIVERED_EVERY: TimeDelta = TimeDelta::hours(1);
/// Events that were pending and are looked up one by one, at most in one sync.
const PENDING_MAX: u32 = 50;

/// Gives the instant from which on changes may have escaped lists that are read from now on.
///
/// **Shape**: ten minutes before the newest event; `None` when there is none or events cannot be read.
pub(super) async fn changed_since(work: &Work<'_>) -> Result<Option<Instant>, SyncError> {
    let Some(listing) = listings(ObjectKind::Event).first() else { return Ok(None) };
    match work.context.client.page(listing, &Window::default()).await {
        Ok(page) => {
            let newest = page.data.iter().filter_map(|event| event.get("created")?.as_i64()).max();
            Ok(newest.and_then(|newest| Instant::from_timestamp(newest, 0)).map(|newest| newest - OVERLAP))
        }
        Err(refusal) => {
            work.close_kind(ObjectKind::Event, refusal).await?;
            Ok(None)
        }
    }
}

/// Reads events up to the newest, and notes what they are about.
///
/// **Shape**: a look that was interrupted is finished first, then another one begins at the top.
pub(super) async fn follow(work: &Work<'_>, began_at: Instant) -> Result<(), SyncError> {
    let kind = ObjectKind::Event;
    let scope = work.scope;
    let interrupted = work.context.mirror.read(move |conn| slices::all(conn, scope)).await?;
    let interrupted: Vec<Slice> = interrupted.into_iter().filter(|slice| slice.kind == kind).collect();
    if !interrupted.is_empty() {
        look(work, began_at, interrupted).await?;
    }
    if work.is_cancelled() || work.is_closed(kind) {
        return Ok(());
    }
    let marks = work.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    let is_gap = marks.events_read_at.is_none_or(|read_at| began_at - read_at > GAP_MAX);
    let from = marks.events_through.filter(|_| !is_gap).map(|through| (through - OVERLAP).timestamp());
    let mut slice = Slice::new(kind, "all", from, None);
    let slice = work
        .commit(0, None, move |tx, scope| {
            slices::add(tx, scope, &mut slice)?;
            Ok(slice)
        })
        .await?;
    look(work, began_at, vec![slice]).await
}

async fn look(work: &Work<'_>, began_at: Instant, slices: Vec<Slice>) -> Result<(), SyncError> {
    let kind = ObjectKind::Event;
    let scope = work.scope;
    let marks = work.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    // The first look of all has nothing known below, and after a gap what is known is not enough.
    let stops_at_known = slices.iter().all(|slice| slice.created_from.is_some());
    // Nothing is older than what Stripe keeps: a first look is cut at half of that.
    let floor = (began_at - KEPT).timestamp();
    let lists = Lists::new(work, Plan::of(slices, Some(floor))).following(marks.changed_since, stops_at_known);
    let plan = lists.read().await?;
    if !plan.is_complete(kind) {
        return Ok(());
    }
    let newest = plan.slices().filter_map(|slice| slice.first_created).max();
    let newest = newest.and_then(|newest| Instant::from_timestamp(newest, 0));
    work.commit(0, None, move |tx, scope| {
        let before = marks::get(tx, scope)?;
        let marks =
            Marks { events_through: before.events_through.max(newest), events_read_at: Some(began_at), ..before };
        marks::set(tx, scope, &marks)?;
        kinds::set(tx, scope, kind, &KindState::Complete)?;
        slices::forget(tx, scope, kind)
    })
    .await
}

/// Reads the newest page of undelivered events, and looks up those that are no longer on it.
///
/// Once an hour is enough, because every other look carries the delivery status already.
pub(super) async fn undelivered(work: &Work<'_>, began_at: Instant) -> Result<(), SyncError> {
    let kind = ObjectKind::Event;
    let scope = work.scope;
    let marks = work.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    let is_due = marks.undelivered_read_at.is_none_or(|read_at| began_at - read_at >= UNDELIVERED_EVERY);
    let (Some(through), Some(listing)) = (marks.events_through, listings(kind).first()) else { return Ok(()) };
    if !is_due || work.is_closed(kind) {
        return Ok(());
    }
    let at = work.stamp();
    let window = Window { only_undelivered: true, ..Window::default() };
    let page = match work.context.client.page(listing, &window).await {
        Ok(page) => page,
        // A server without this filter tells no less than one that was not asked.
        Err(countersign_sources::stripe::StripeError::Refused { .. }) => return Ok(()),
        Err(cause) => return Err(SyncError::Stripe { kind: Some(kind), cause }),
    };
    let created = |event: &Value| event.get("created").and_then(Value::as_i64).unwrap_or(i64::MAX);
    let oldest = page.data.iter().map(created).min().filter(|_| page.has_more);
    let since = oldest.and_then(|oldest| Instant::from_timestamp(oldest, 0)).unwrap_or(through - KEPT);
    // Newer events are left to the next look: were they known already, it would take what lies below for known too.
    let known = page.data.into_iter().filter(|event| created(event) <= through.timestamp()).collect();
    let batch = Batch::of(kind, known);
    let observed = work.observed(at);
    let note = work.write_page(kind, batch, observed, move |tx, scope, _| {
        for event in events::pending_since(tx, scope, since, at, PENDING_MAX)? {
            changes::want(tx, scope, kind, event.as_str())?;
        }
        let before = marks::get(tx, scope)?;
        marks::set(tx, scope, &Marks { undelivered_read_at: Some(began_at), ..before })
    });
    note.await.map(drop)
}
