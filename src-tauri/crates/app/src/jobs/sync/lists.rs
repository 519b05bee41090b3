//! Reading lists: four readers, one plan, a transaction for each page.
//!
//! A page's objects, its slice's cursor and the counters are committed together, so that a sync that was killed goes on
//! with the next page.

use std::pin::pin;

use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use countersign_sources::stripe::budget::IN_FLIGHT_MAX;
use countersign_sources::stripe::{Page, StripeError, Window};
use countersign_store::mirror::sync::slices::{self, Slice};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::batch::{Batch, Observed};
use super::plan::{Endless, Plan, Seen, listing_of};
use super::report::SyncError;
use super::work::Work;

/// The reading of one phase's lists.
pub(super) struct Lists<'a> {
    work: &'a Work<'a>,
    plan: Mutex<Plan>,
    /// Says that the plan changed: whoever found nothing to do looks again.
    turned: Notify,
    /// Events made before this are older than the lists.
    changed_since: Option<Instant>,
    /// Whether a page without anything new ends its slice.
    stops_at_known: bool,
}

impl<'a> Lists<'a> {
    pub fn new(work: &'a Work<'a>, plan: Plan) -> Self {
        let plan = Mutex::new(plan);
        Self { work, plan, turned: Notify::new(), changed_since: None, stops_at_known: false }
    }

    /// Follows events: what they say is noted, and what is known already is not read again.
    pub fn following(self, changed_since: Option<Instant>, stops_at_known: bool) -> Self {
        Self { changed_since, stops_at_known, ..self }
    }

    /// Reads every slice, and gives the plan as it stands then.
    ///
    /// **Shape**: ends early when the sync was cancelled; kinds that cannot be read are closed and left out.
    pub async fn read(self) -> Result<Plan, SyncError> {
        try_join_all((0..IN_FLIGHT_MAX).map(|_| self.reader())).await?;
        Ok(self.plan.into_inner())
    }

    async fn reader(&self) -> Result<(), SyncError> {
        while !self.work.is_cancelled() {
            let mut turned = pin!(self.turned.notified());
            turned.as_mut().enable();
            let mut plan = self.plan.lock().await;
            let next = match plan.take() {
                Some(place) => Some(place),
                None if plan.is_finished() => return Ok(()),
                None => self.split(&mut plan).await?,
            };
            drop(plan);
            match next {
                Some(place) => {
                    self.slice(place).await?;
                    self.turned.notify_waiters();
                }
                None => turned.await,
            }
        }
        // Whoever waits for a turn has to see that it is over.
        self.turned.notify_waiters();
        Ok(())
    }

    /// Cuts a slice in two and stores both halves together.
    async fn split(&self, plan: &mut MutexGuard<'_, Plan>) -> Result<Option<usize>, SyncError> {
        let Some((newer, older)) = plan.split() else { return Ok(None) };
        let halves = plan.slice(newer).cloned().zip(plan.slice(older).cloned());
        if let Some((newer_half, mut older_half)) = halves.filter(|(newer, _)| is_stored(newer)) {
            let stored = self.work.commit(0, None, move |tx, scope| {
                slices::save(tx, scope, &newer_half)?;
                slices::add(tx, scope, &mut older_half)?;
                Ok(older_half.slice)
            });
            let number = stored.await?;
            plan.slice_mut(older).into_iter().for_each(|slice| slice.slice = number);
        }
        Ok(Some(older))
    }

    /// Reads a slice page by page.
    async fn slice(&self, place: usize) -> Result<(), SyncError> {
        while !self.work.is_cancelled() {
            let Some(slice) = self.plan.lock().await.open(place).cloned() else { return Ok(()) };
            let Some(listing) = listing_of(&slice) else { return Ok(()) };
            let window = Window {
                after: slice.cursor.as_deref(),
                created_from: slice.created_from,
                created_to: slice.created_to,
                only_undelivered: false,
            };
            let at = self.work.stamp();
            match self.work.context.client.page(listing, &window).await {
                Ok(page) => self.page(place, slice.kind, page, at).await?,
                Err(StripeError::CursorGone { .. }) => self.reanchor(place).await?,
                Err(StripeError::Refused { .. }) if self.plan.lock().await.unbound(place) => {}
                Err(refusal) => {
                    self.work.close_kind(slice.kind, refusal).await?;
                    self.plan.lock().await.close(slice.kind);
                }
            }
            self.turned.notify_waiters();
        }
        Ok(())
    }

    async fn page(&self, place: usize, kind: ObjectKind, page: Page, at: Instant) -> Result<(), SyncError> {
        let seen = seen(&page);
        let batch = Batch::of(kind, whole(self.work, kind, page.data).await?);
        let observed = Observed { scope: self.work.scope, at, changed_since: self.changed_since };
        // Held until the page is stored: the plan and its copy on disk move together.
        let mut plan = self.plan.lock().await;
        plan.advance(place, &seen).map_err(endless)?;
        let (slice, stops_at_known) = (plan.slice(place).cloned(), self.stops_at_known);
        let fresh = self.work.write_page(kind, batch, observed, move |tx, scope, fresh| {
            let Some(mut slice) = slice.filter(is_stored) else { return Ok(()) };
            slice.is_done |= stops_at_known && fresh == 0;
            slices::save(tx, scope, &slice)
        });
        if fresh.await? == 0 && stops_at_known {
            plan.finish(place);
        }
        let pages = plan.pages(kind);
        drop(plan);
        self.work.tell(kind, pages);
        Ok(())
    }

    async fn reanchor(&self, place: usize) -> Result<(), SyncError> {
        let mut plan = self.plan.lock().await;
        plan.reanchor(place).map_err(endless)?;
        self.save(&plan, place).await
    }

    async fn save(&self, plan: &Plan, place: usize) -> Result<(), SyncError> {
        let Some(slice) = plan.slice(place).cloned().filter(is_stored) else { return Ok(()) };
        self.work.commit(0, None, move |tx, scope| slices::save(tx, scope, &slice)).await
    }
}

/// Completes the embedded lists of objects that Stripe cut, in the order of the objects.
pub(super) async fn whole(work: &Work<'_>, kind: ObjectKind, objects: Vec<Value>) -> Result<Vec<Value>, SyncError> {
    let client = work.context.client;
    stream::iter(objects)
        .map(|object| client.whole(kind, object))
        .buffered(IN_FLIGHT_MAX)
        .try_collect()
        .await
        .map_err(|cause| SyncError::Stripe { kind: Some(kind), cause })
}

/// Says whether a slice is kept on disk; those of a short look-up are not.
fn is_stored(slice: &Slice) -> bool {
    slice.slice != 0
}

fn seen(page: &Page) -> Seen {
    let created = |object: &Value| object.get("created").and_then(Value::as_i64);
    let last = page.data.last();
    let id = last.and_then(|last| last.get("id")).and_then(Value::as_str);
    Seen {
        objects: page.data.len(),
        has_more: page.has_more,
        last: id.map(|id| (id.to_owned(), last.and_then(created))),
        first_created: page.data.first().and_then(created),
    }
}

fn endless(Endless(kind): Endless) -> SyncError {
    SyncError::Endless { kind }
}
