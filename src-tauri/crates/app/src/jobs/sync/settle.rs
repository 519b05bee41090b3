//! Reading again what no event may have told: once a day what is not final and what is young, once a week the subscriptions.
//!
//! Events are sometimes not made, and not everything makes one. This heals what they missed; it finds nothing of its own.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use countersign_store::mirror::sync::changes;
use countersign_store::mirror::sync::marks::{self, Marks};

use super::changed::window;
use super::desk::Desk;
use super::report::SyncError;

/// How often what is not final is read again.
const EVERY: TimeDelta = TimeDelta::days(1);
/// How often the subscriptions are listed from end to end.
const RELIST_EVERY: TimeDelta = TimeDelta::days(7);
/// How far back young objects are listed again.
const YOUNG: TimeDelta = TimeDelta::days(7);

/// Reads what is due; `now` is the newest instant known by Stripe's clock.
pub(super) async fn read(desk: &Desk<'_>, began_at: Instant, now: Instant) -> Result<(), SyncError> {
    let scope = desk.scope;
    let marks = desk.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    let is_due = |last: Option<Instant>, every| last.is_none_or(|last| began_at - last >= every);
    if is_due(marks.relisted_at, RELIST_EVERY) {
        whole(desk, ObjectKind::Subscription).await?;
        mark(desk, move |marks| Marks { relisted_at: Some(began_at), ..marks }).await?;
    }
    if is_due(marks.settled_at, EVERY) {
        for kind in [ObjectKind::Product, ObjectKind::Price, ObjectKind::Coupon] {
            whole(desk, kind).await?;
        }
        let since = desk.stamp();
        for kind in [ObjectKind::Customer, ObjectKind::Invoice, ObjectKind::InvoicePayment, ObjectKind::Charge] {
            if !desk.is_closed(kind) {
                window(desk, kind, Some(now - YOUNG)).await?;
            }
        }
        desk.commit(0, None, move |tx, scope| changes::want_unsettled(tx, scope, since)).await?;
        mark(desk, move |marks| Marks { settled_at: Some(began_at), ..marks }).await?;
    }
    Ok(())
}

/// Lists a kind from end to end, and wants what the lists did not bring.
pub(super) async fn whole(desk: &Desk<'_>, kind: ObjectKind) -> Result<(), SyncError> {
    if desk.is_closed(kind) {
        return Ok(());
    }
    let since = desk.stamp();
    let plan = window(desk, kind, None).await?;
    if !plan.is_complete(kind) {
        return Ok(());
    }
    desk.commit(0, None, move |tx, scope| changes::want_unseen(tx, scope, kind, since)).await
}

/// Moves a mark, unless the sync was cancelled before what it stands for was done.
async fn mark(desk: &Desk<'_>, moved: impl FnOnce(Marks) -> Marks + Send + 'static) -> Result<(), SyncError> {
    if desk.is_cancelled() {
        return Ok(());
    }
    desk.commit(0, None, move |tx, scope| marks::set(tx, scope, &moved(marks::get(tx, scope)?))).await
}
