//! The sync: what Stripe has, into the mirror.
//!
//! The first one reads every list; each further one follows events and reads again only what changed. It can be stopped or
//! killed at any page and goes on from there. Nothing in it knows a screen, a job or a keychain: who runs it hands in the
//! client, the mirror, the clock, and somebody to tell.

mod batch;
mod changed;
mod events;
mod lists;
mod plan;
mod report;
mod settle;
mod work;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::ids::AccountId;
use countersign_domain::stripe::ObjectKind;
use countersign_sources::stripe::{Client, StripeError, listings};
use countersign_store::mirror::sync::kinds::{self, KindState};
use countersign_store::mirror::sync::marks::{self, Marks};
use countersign_store::mirror::sync::runs::{self, RunState};
use countersign_store::mirror::sync::slices::{self, Slice};
use countersign_store::mirror::sync::{changes, unread};
use countersign_store::mirror::{self, Scope};
use countersign_store::{Database, space};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use batch::Batch;
use events::GAP_MAX;
use lists::Lists;
use plan::Plan;
use work::{Start, Work};

pub use report::{Progress, SyncError, SyncReport, UnreadObject};

/// Objects that could not be understood and are named in a report.
const UNREAD_MAX: u32 = 100;
/// Lists alone keep a mirror fresh where events cannot be read; then they are read this often.
const WITHOUT_EVENTS_EVERY: TimeDelta = TimeDelta::hours(24);

/// What a sync works with.
pub struct Context<'a> {
    /// The connection to Stripe.
    pub client: &'a Client,
    /// The mirror.
    pub mirror: &'a Database,
    /// The account the mirror is of. Where the key may not read it, a person named it.
    pub account: &'a AccountId,
    /// The clock.
    pub now: &'a (dyn Fn() -> Instant + Sync),
    /// Whoever shows the progress; called after each page.
    pub progress: &'a (dyn Fn(&Progress) + Sync),
    /// Stops the sync after the pages under way.
    pub cancel: &'a CancellationToken,
}

/// What a person asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether everything is read again.
    pub is_full: bool,
    /// Requests per second, within Stripe's own limits; `None` leaves the client as it is.
    pub per_second: Option<NonZeroU32>,
}

/// Brings the mirror up to date.
///
/// **Shape**: cancelled, it gives a report that is not complete. Whatever ends it, every complete page is kept.
/// **Errors**: [`SyncError`]; nothing is written when the key belongs to another account.
pub async fn sync(context: &Context<'_>, options: Options) -> Result<SyncReport, SyncError> {
    let free = context.mirror.path().parent().and_then(space::free_bytes);
    if let Some(free_bytes) = free.filter(|free| *free < space::FREE_BYTES_MIN) {
        return Err(SyncError::DiskFull { free_bytes, needed_bytes: space::FREE_BYTES_MIN });
    }
    if let Some(per_second) = options.per_second {
        context.client.set_per_second(per_second);
    }
    let mut start = Start { at: tokio::time::Instant::now(), asked: context.client.counts(), about: None };
    let account = account(context).await?;
    let work = begin(context, &mut start).await?;
    let outcome = run(&work, options, account).await;
    let state = match &outcome {
        Ok(_) if context.cancel.is_cancelled() => RunState::Cancelled,
        Ok(_) => RunState::Complete,
        Err(_) => RunState::Failed,
    };
    let (run, at) = (work.run, (context.now)());
    let ended = work.commit(0, None, move |tx, _| runs::end(tx, run, state, at)).await;
    let resumed = outcome?;
    ended?;
    report(&work, resumed, state == RunState::Complete).await
}

/// Asks whose key it is, before anything is written.
async fn account(context: &Context<'_>) -> Result<Account, SyncError> {
    let account = match context.client.account().await {
        Ok(account) => account,
        Err(refusal @ (StripeError::NotPermitted { .. } | StripeError::NotOffered { .. })) => {
            return Ok(Account::Refused(refusal));
        }
        Err(cause) => return Err(SyncError::Stripe { kind: None, cause }),
    };
    let found = AccountId::from(account.get("id").and_then(Value::as_str).unwrap_or_default());
    if found != *context.account {
        return Err(SyncError::AccountMismatch { expected: context.account.clone(), found });
    }
    Ok(Account::Read(account))
}

/// What the key may know of its account.
enum Account {
    Read(Value),
    Refused(StripeError),
}

/// Opens a run, with time stamps that are not before those of the last one.
async fn begin<'a>(context: &'a Context<'a>, start: &mut Start) -> Result<Work<'a>, SyncError> {
    let (account, mode, now) = (context.account.clone(), context.client.mode(), (context.now)());
    let (scope, run, stamp, about) = context
        .mirror
        .write(move |tx| {
            let scope = Scope::intern(tx, &account, mode)?;
            let last = runs::newest(tx, scope)?;
            let stamp = last.as_ref().map_or(now, |last| last.stamp.max(now));
            let about = match marks::get(tx, scope)?.full_ended_at {
                Some(_) => Some(ObjectKind::all().map(|kind| mirror::count(tx, scope, kind)).sum::<Result<u64, _>>()?),
                None => None,
            };
            Ok((scope, runs::begin(tx, scope, now)?, stamp, about))
        })
        .await?;
    start.about = about;
    Ok(Work::new(context, scope, run, stamp, *start))
}

/// Does the work; says whether it went on where an earlier sync had stopped.
async fn run(work: &Work<'_>, options: Options, account: Account) -> Result<bool, SyncError> {
    let scope = work.scope;
    let began_at = work.stamp();
    let floor = match &account {
        Account::Read(account) => account.get("created").and_then(Value::as_i64),
        Account::Refused(_) => None,
    };
    write_account(work, account).await?;
    let marks = work.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    let resumed = marks.full_began_at.is_some();
    if resumed || options.is_full || is_full_due(work, &marks, began_at).await? {
        full(work, resumed, began_at, floor).await?;
    } else {
        further(work, began_at).await?;
    }
    Ok(resumed)
}

async fn write_account(work: &Work<'_>, account: Account) -> Result<(), SyncError> {
    let kind = ObjectKind::Account;
    match account {
        Account::Refused(refusal) => work.close_kind(kind, refusal).await,
        Account::Read(account) => {
            let observed = work.observed(work.stamp());
            let batch = Batch::of(kind, vec![account]);
            let write = work.write_page(kind, batch, observed, move |tx, scope, _| {
                kinds::set(tx, scope, kind, &KindState::Complete)
            });
            write.await.map(drop)
        }
    }
}

/// Says whether following events is not enough.
async fn is_full_due(work: &Work<'_>, marks: &Marks, began_at: Instant) -> Result<bool, SyncError> {
    let Some(ended_at) = marks.full_ended_at else { return Ok(true) };
    let scope = work.scope;
    let standing = work.context.mirror.read(move |conn| kinds::all(conn, scope)).await?;
    let can_follow = standing.iter().any(|one| one.kind == ObjectKind::Event && one.state == KindState::Complete);
    if !can_follow {
        return Ok(began_at - ended_at >= WITHOUT_EVENTS_EVERY);
    }
    Ok(marks.events_read_at.is_none_or(|read_at| began_at - read_at > GAP_MAX))
}

/// Reads everything: lists, then what happened meanwhile.
async fn full(work: &Work<'_>, resumed: bool, began_at: Instant, floor: Option<i64>) -> Result<(), SyncError> {
    if !resumed {
        open_full(work, began_at).await?;
    }
    let scope = work.scope;
    let (marks, open) =
        work.context.mirror.read(move |conn| Ok((marks::get(conn, scope)?, slices::all(conn, scope)?))).await?;
    let open: Vec<Slice> = open.into_iter().filter(|slice| slice.kind != ObjectKind::Event).collect();
    let kinds_open: Vec<ObjectKind> = ObjectKind::all().filter(|kind| open.iter().any(|s| s.kind == *kind)).collect();
    let plan = Lists::new(work, Plan::of(open, floor)).read().await?;
    let since = marks.full_began_at.unwrap_or(began_at);
    for kind in kinds_open {
        if plan.is_complete(kind) {
            work.commit(0, None, move |tx, scope| {
                kinds::set(tx, scope, kind, &KindState::Complete)?;
                changes::want_unseen(tx, scope, kind, since)?;
                slices::forget(tx, scope, kind)
            })
            .await?;
        }
    }
    if work.is_cancelled() {
        return Ok(());
    }
    let through = work.stamp();
    catch_up(work, through).await?;
    if work.is_cancelled() {
        return Ok(());
    }
    work.commit(0, None, move |tx, scope| {
        let before = marks::get(tx, scope)?;
        marks::set(
            tx,
            scope,
            &Marks {
                full_began_at: None,
                full_ended_at: Some(since),
                changed_since: None,
                settled_at: Some(since),
                relisted_at: Some(since),
                ..before
            },
        )?;
        kinds::complete_through(tx, scope, through)
    })
    .await
}

/// Notes where events stand, and what is to be read, before the first list is.
async fn open_full(work: &Work<'_>, began_at: Instant) -> Result<(), SyncError> {
    let changed_since = events::changed_since(work).await?;
    // Stripe's clock may be ahead of ours: then its newest event is a later bound than our present.
    let newest = changed_since.map_or(began_at, |since| (since + events::OVERLAP).max(began_at));
    work.commit(0, None, move |tx, scope| {
        for kind in ObjectKind::all().filter(|kind| *kind != ObjectKind::Event) {
            slices::forget(tx, scope, kind)?;
            for listing in listings(kind) {
                let to = listing.by_created.then(|| newest.timestamp());
                slices::add(tx, scope, &mut Slice::new(kind, listing.pass, None, to))?;
            }
        }
        let before = marks::get(tx, scope)?;
        marks::set(tx, scope, &Marks { full_began_at: Some(began_at), changed_since, ..before })
    })
    .await
}

/// Reads only what changed since the last sync.
async fn further(work: &Work<'_>, began_at: Instant) -> Result<(), SyncError> {
    settle::whole(work, ObjectKind::WebhookEndpoint).await?;
    let through = work.stamp();
    catch_up(work, through).await?;
    if work.is_cancelled() {
        return Ok(());
    }
    let scope = work.scope;
    let marks = work.context.mirror.read(move |conn| marks::get(conn, scope)).await?;
    let now = marks.events_through.unwrap_or(began_at);
    settle::read(work, began_at, now).await?;
    changed::read(work, now).await?;
    if work.is_cancelled() {
        return Ok(());
    }
    work.commit(0, None, move |tx, scope| kinds::complete_through(tx, scope, through)).await
}

/// Follows events and reads again what they are about.
async fn catch_up(work: &Work<'_>, began_at: Instant) -> Result<(), SyncError> {
    let scope = work.scope;
    let known_through = work.context.mirror.read(move |conn| Ok(marks::get(conn, scope)?.events_through)).await?;
    if !work.is_closed(ObjectKind::Event) {
        events::follow(work, began_at).await?;
        events::undelivered(work, began_at).await?;
    }
    let oldest = work.context.mirror.read(move |conn| mirror::events::oldest_at(conn, scope)).await?;
    changed::read(work, known_through.or(oldest).unwrap_or(began_at)).await
}

async fn report(work: &Work<'_>, resumed: bool, complete: bool) -> Result<SyncReport, SyncError> {
    let scope = work.scope;
    let objects = work.counts().await?;
    let (standing, unread) = work
        .context
        .mirror
        .read(move |conn| Ok((kinds::all(conn, scope)?, unread::all(conn, scope, UNREAD_MAX)?)))
        .await?;
    let (read, pages) = work.read_so_far();
    let asked = work.asked();
    let mut not_permitted = BTreeMap::new();
    let mut not_offered = Vec::new();
    for one in &standing {
        match &one.state {
            KindState::NotPermitted(says) => drop(not_permitted.insert(one.kind, says.clone())),
            KindState::NotOffered => not_offered.push(one.kind),
            KindState::Partial | KindState::Complete => {}
        }
    }
    Ok(SyncReport {
        objects,
        read,
        pages,
        requests: asked.requests,
        retries: asked.retries,
        bytes: asked.bytes,
        seconds: work.seconds(),
        resumed,
        complete,
        data_through: standing.iter().map(|one| (one.kind, one.through)).collect(),
        not_permitted,
        not_offered,
        unread: unread.into_iter().map(|one| UnreadObject { kind: one.kind, id: one.id, says: one.says }).collect(),
    })
}
