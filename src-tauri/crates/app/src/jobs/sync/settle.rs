//! Reading again what no event may have told: once a day what is not final and what is young, once a week the subscriptions.
//!
//! Events are sometimes not made, and not everything makes one. This heals what they missed; it finds nothing of its own.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use countersign_store::mirror::sync::changes;
use countersign_store::mirror::sync::marks::{self, Marks};

use super::changed::window;
use super::report::SyncError;
use super::work::Work;

/// How often what is not final is read again.
const EVERY: TimeDelta = TimeDelta::days(1);
/// How often the subscriptions are listed from end to end.
const RELIST_EVERY: TimeDelta = TimeDelta::days(7);
/// How far back young objects are listed again.
const YOUNG: TimeDelta = TimeDelta::days(7);

/// Reads what is due; `now` is the newest instant known by Stripe's clock.
pub(super) async fn read(work: &Work<'_>, began_at: Instant, now: Instant) -> Result<(), SyncError> {
    let scope = work.scope;
    let marks = work.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    let is_due = |last: Option<Instant>, every| last.is_none_or(|last| began_at - last >= every);
    if is_due(marks.relisted_at, RELIST_EVERY) {
        whole(work, ObjectKind::Subscription).await?;
        mark(work, move |marks| Marks { relisted_at: Some(began_at), ..marks }).await?;
    }
    if is_due(marks.settled_at, EVERY) {
        for kind in [ObjectKind::Product, ObjectKind::Price, ObjectKind::Coupon] {
            whole(work, kind).await?;
        }
        let since = work.stamp();
        for kind in [ObjectKind::Customer, ObjectKind::Invoice, ObjectKind::InvoicePayment, ObjectKind::Charge] {
            if !work.is_closed(kind) {
                window(work, kind, Some(now - YOUNG)).await?;
            }
        }
        work.commit(0, None, move |tx, scope| changes::want_unsettled(tx, scope, since)).await?;
        mark(work, move |marks| Marks { settled_at: Some(began_at), ..marks }).await?;
    }
    Ok(())
}

/// Lists a kind from end to end, and wants what the lists did not bring.
pub(super) async fn whole(work: &Work<'_>, kind: ObjectKind) -> Result<(), SyncError> {
    if work.is_closed(kind) {
        return Ok(());
    }
    let since = work.stamp();
    let plan = window(work, kind, None).await?;
    if !plan.is_complete(kind) {
        return Ok(());
    }
    work.commit(0, None, move |tx, scope| changes::want_unseen(tx, scope, kind, since)).await
}

/// Moves a mark, unless the sync was cancelled before what it stands for was done.
async fn mark(work: &Work<'_>, moved: impl FnOnce(Marks) -> Marks + Send + 'static) -> Result<(), SyncError> {
    if work.is_cancelled() {
        return Ok(());
    }
    work.commit(0, None, move |tx, scope| marks::set(tx, scope, &moved(marks::get(tx, scope)?))).await
}
