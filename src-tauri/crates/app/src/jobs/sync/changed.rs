//! Reading again what changed: object by object, or as a part of a list where that is fewer requests.
//!
//! What is read is written and struck off the list of changes in one transaction. A deleted object becomes a tombstone;
//! an object that is read may lead to further ones, such as the subscriptions of a deleted customer.

use countersign_domain::Instant;
use countersign_domain::stripe::{ObjectKind, Subscription};
use countersign_sources::stripe::budget::IN_FLIGHT_MAX;
use countersign_sources::stripe::event::earlier_states;
use countersign_sources::stripe::{Found, PAGE_OBJECTS, StripeError, listings};
use countersign_store::mirror::sync::changes::{self, PendingChange};
use countersign_store::mirror::sync::slices::Slice;
use countersign_store::mirror::{self, Scope, invoice_payments, subscription_states, subscriptions};
use countersign_store::{Connection, StoreError, Transaction};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::batch::{Batch, Observed};
use super::events::OVERLAP;
use super::lists::Lists;
use super::plan::Plan;
use super::report::SyncError;
use super::work::Work;

/// More objects of a kind than this are looked for in its list first.
const SINGLES_MAX: u64 = 50;
/// Objects that are read and committed together.
const CHUNK: u32 = 20;
/// One object may lead to others; more rounds than this would be a circle.
const ROUNDS_MAX: usize = 20;

/// Reads everything again that is noted as changed.
///
/// **Shape**: `known_from` is the instant from which on events are known. Ends early when the sync was cancelled.
pub(super) async fn read(work: &Work<'_>, known_from: Instant) -> Result<(), SyncError> {
    let scope = work.scope;
    let newest_payment = work.context.mirror.read(move |conn| invoice_payments::newest_at(conn, scope)).await?;
    work.commit(0, None, changes::forget_known_prices).await?;
    let mut are_invoices_read = false;
    for _ in 0..ROUNDS_MAX {
        let mut is_quiet = true;
        for kind in ObjectKind::all() {
            let found_some = read_kind(work, kind, known_from).await?;
            is_quiet &= !found_some;
            are_invoices_read |= found_some && kind == ObjectKind::Invoice;
            if work.is_cancelled() {
                return Ok(());
            }
        }
        if is_quiet {
            break;
        }
    }
    // No event tells of a payment that was only begun, so the newest ones are listed whenever an invoice changed.
    if are_invoices_read && !work.is_closed(ObjectKind::InvoicePayment) {
        let from = newest_payment.map(|newest| newest - OVERLAP);
        window(work, ObjectKind::InvoicePayment, from).await?;
    }
    Ok(())
}

/// Reads the changed objects of one kind; says whether there were any.
async fn read_kind(work: &Work<'_>, kind: ObjectKind, known_from: Instant) -> Result<bool, SyncError> {
    let scope = work.scope;
    let mut found_some = false;
    while !work.is_cancelled() {
        let next = move |conn: &Connection| changes::next(conn, scope, kind, CHUNK);
        let mut chunk = work.context.mirror.read(next).await?;
        if chunk.is_empty() {
            break;
        }
        if work.is_closed(kind) {
            work.commit(0, None, move |tx, scope| changes::forget(tx, scope, kind)).await?;
            break;
        }
        if !found_some {
            found_some = true;
            from_lists(work, kind).await?;
            chunk = work.context.mirror.read(next).await?;
        }
        one_by_one(work, kind, &chunk, known_from).await?;
    }
    Ok(found_some)
}

/// Reads the newest stretch of the kind's lists if that takes fewer requests than its changed objects do.
async fn from_lists(work: &Work<'_>, kind: ObjectKind) -> Result<(), SyncError> {
    let scope = work.scope;
    let Some(from) = work.context.mirror.read(move |conn| stretch(conn, scope, kind)).await? else { return Ok(()) };
    let since = work.stamp();
    window(work, kind, Some(from)).await?;
    work.commit(0, None, move |tx, scope| changes::settle_seen(tx, scope, kind, since)).await
}

/// Reads the lists of a kind from an instant to the present, or whole.
///
/// **Shape**: nothing of it is kept on disk; interrupted, it is simply done again.
pub(super) async fn window(work: &Work<'_>, kind: ObjectKind, from: Option<Instant>) -> Result<Plan, SyncError> {
    let from = from.map(|from| from.timestamp());
    let slices = listings(kind).iter().map(|listing| Slice::new(kind, listing.pass, from, None)).collect();
    Lists::new(work, Plan::of(slices, None)).read().await
}

/// Finds how far back a list has to be read to bring most of the changed objects for the fewest requests.
fn stretch(conn: &Connection, scope: Scope, kind: ObjectKind) -> Result<Option<Instant>, StoreError> {
    let count = changes::counts(conn, scope)?.into_iter().find(|(counted, _)| *counted == kind);
    let Some((_, count)) = count.filter(|(_, count)| *count > SINGLES_MAX) else { return Ok(None) };
    if !listings(kind).iter().all(|listing| listing.by_created) || kind == ObjectKind::Event {
        return Ok(None);
    }
    let mut best = None;
    // The changed objects come newest first; a list may stop after any quarter of them.
    for quarter in 1..=4 {
        let objects = count * quarter / 4;
        let Some(from) = changes::created_of(conn, scope, kind, objects)? else { continue };
        let listed = changes::stored_since(conn, scope, kind, from)? + objects;
        let pages = listed / u64::try_from(PAGE_OBJECTS).unwrap_or(u64::MAX) + 1;
        let saved = objects.saturating_sub(pages);
        if best.is_none_or(|(most, _)| saved > most) && saved > 0 {
            best = Some((saved, from));
        }
    }
    Ok(best.map(|(_, from)| from))
}

/// What became of a changed object.
enum Outcome {
    /// It was read.
    Read { batch: Batch, object: Value, at: Instant },
    /// It is deleted.
    Gone { at: Instant },
    /// It was read before the change was noted; only its past is to be written.
    Known { object: Value },
    /// Nothing is known of it, and nothing has to be.
    Nothing,
}

async fn one_by_one(
    work: &Work<'_>,
    kind: ObjectKind,
    chunk: &[PendingChange],
    known_from: Instant,
) -> Result<(), SyncError> {
    let outcomes = stream::iter(chunk.to_vec())
        .map(|change| async move {
            let outcome = outcome(work, kind, &change).await?;
            Ok((change, outcome))
        })
        .buffered(IN_FLIGHT_MAX)
        .try_collect::<Vec<_>>()
        .await;
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(SyncError::Stripe {
            cause: refusal @ (StripeError::NotPermitted { .. } | StripeError::NotOffered { .. }),
            ..
        }) => {
            return work.close_kind(kind, refusal).await;
        }
        Err(error) => return Err(error),
    };
    let mut count = 0;
    for (_, outcome) in &outcomes {
        if let Outcome::Read { batch, .. } = outcome {
            work.check_mode(kind, batch)?;
            count += batch.count;
        }
    }
    work.commit(0, Some((kind, count)), move |tx, scope| {
        for (change, outcome) in outcomes {
            settle(tx, scope, change, outcome, known_from)?;
        }
        Ok(())
    })
    .await?;
    work.tell(kind, 0);
    Ok(())
}

async fn outcome(work: &Work<'_>, kind: ObjectKind, change: &PendingChange) -> Result<Outcome, SyncError> {
    if !change.is_newer {
        let (scope, id) = (work.scope, change.id.clone());
        let stored = work.context.mirror.read(move |conn| mirror::stored(conn, scope, kind, &id)).await?;
        let raw = stored.and_then(|stored| stored.raw);
        let object = raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok());
        return Ok(object.map_or(Outcome::Nothing, |object| Outcome::Known { object }));
    }
    let at = work.stamp();
    match work.context.client.object(kind, &change.id).await {
        Ok(Found::There(object)) => Ok(Outcome::Read { batch: Batch::of(kind, vec![object.clone()]), object, at }),
        Ok(Found::Gone) => Ok(Outcome::Gone { at }),
        Err(cause) => Err(SyncError::Stripe { kind: Some(kind), cause }),
    }
}

/// Writes one object and what follows from it, and strikes it off.
fn settle(
    tx: &Transaction<'_>,
    scope: Scope,
    change: PendingChange,
    outcome: Outcome,
    known_from: Instant,
) -> Result<(), StoreError> {
    let kind = change.kind;
    match outcome {
        Outcome::Read { batch, object, at } => {
            note_past(tx, scope, &change, &object, known_from)?;
            batch.write(tx, &Observed { scope, at, changed_since: None })?;
            if kind == ObjectKind::Invoice {
                changes::want_open_payments(tx, scope, &change.id)?;
            }
        }
        Outcome::Known { object } => note_past(tx, scope, &change, &object, known_from)?,
        Outcome::Gone { at } => {
            // An event that Stripe no longer has was not deleted: it is only older than thirty days.
            if kind != ObjectKind::Event {
                mirror::bury(tx, scope, kind, &change.id, at)?;
            }
            if kind == ObjectKind::Customer {
                // Stripe ends them with the customer.
                for subscription in subscriptions::running_of_customer(tx, scope, &change.id.as_str().into())? {
                    changes::want(tx, scope, ObjectKind::Subscription, subscription.as_str())?;
                }
            }
        }
        Outcome::Nothing => {}
    }
    changes::settle(tx, scope, kind, &change.id)
}

/// Writes the states a subscription had before, as far as its events tell.
fn note_past(
    tx: &Transaction<'_>,
    scope: Scope,
    change: &PendingChange,
    object: &Value,
    known_from: Instant,
) -> Result<(), StoreError> {
    let events: Vec<Value> = change.payloads.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    if events.is_empty() || change.kind != ObjectKind::Subscription {
        return Ok(());
    }
    match earlier_states(object, &events, known_from) {
        Ok(states) => states
            .iter()
            .try_for_each(|(at, state): &(Instant, Subscription)| subscription_states::add(tx, scope, *at, state)),
        Err(error) => {
            // The present is known all the same; the past is then rebuilt from invoices.
            tracing::warn!(kind = change.kind.as_ref(), %error, "a subscription could not be walked back");
            Ok(())
        }
    }
}
