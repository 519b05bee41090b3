//! What every part of a sync works with: the client, the mirror, the run, time stamps, and how each kind stands.
//!
//! Everything that is written goes through `commit`, which puts the run's counters into the same transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use countersign_sources::stripe::{Counts, PERMISSION_READS, StripeError};
use countersign_store::mirror::sync::kinds::{self, KindState};
use countersign_store::mirror::sync::runs::{self, Tally};
use countersign_store::mirror::sync::{changes, reads, slices};
use countersign_store::mirror::{self, Scope};
use countersign_store::{StoreError, Transaction};

use super::Context;
use super::batch::{Batch, Observed};
use super::report::{Progress, SyncError};

/// The state of one running sync.
pub(super) struct Work<'a> {
    pub context: &'a Context<'a>,
    pub scope: Scope,
    pub run: i64,
    /// Requests per second that were set; the client may be slower after a refusal.
    per_second: u32,
    /// Newest time stamp given out. **Units**: milliseconds since 1970.
    stamp: AtomicI64,
    before: Counts,
    board: Mutex<Board>,
    began: tokio::time::Instant,
}

/// How things stood before the first request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub at: tokio::time::Instant,
    /// What the client had asked before.
    pub asked: Counts,
    /// Objects at the last complete sync.
    pub about: Option<u64>,
}

/// What changes while the sync works.
#[derive(Debug, Default)]
struct Board {
    /// Requests that are already in the run's counters.
    saved: Counts,
    /// Objects read, by kind.
    read: BTreeMap<ObjectKind, u64>,
    pages: u64,
    /// Kinds that cannot be read.
    closed: BTreeSet<ObjectKind>,
    /// Objects at the last complete sync.
    about: Option<u64>,
}

impl<'a> Work<'a> {
    pub fn new(context: &'a Context<'a>, scope: Scope, run: i64, stamp: Instant, start: Start) -> Self {
        Self {
            context,
            scope,
            run,
            per_second: context.client.per_second().get(),
            stamp: AtomicI64::new(stamp.timestamp_millis()),
            before: start.asked,
            board: Mutex::new(Board { about: start.about, ..Board::default() }),
            began: start.at,
        }
    }

    /// Gives the time stamp for an observation: now, and never before or at one given earlier.
    ///
    /// A clock that was set back would otherwise make everything read from then on older than what is stored.
    pub fn stamp(&self) -> Instant {
        let now = (self.context.now)().timestamp_millis();
        let after = |last: i64| Some(now.max(last + 1));
        let last = self.stamp.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after).unwrap_or(now);
        Instant::from_timestamp_millis(now.max(last + 1)).unwrap_or_default()
    }

    pub fn is_cancelled(&self) -> bool {
        self.context.cancel.is_cancelled()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether a kind was found to be unreadable in this run.
    pub fn is_closed(&self, kind: ObjectKind) -> bool {
        self.board().closed.contains(&kind)
    }

    /// Gives the objects this run read, by kind, and the pages.
    pub fn read_so_far(&self) -> (BTreeMap<ObjectKind, u64>, u64) {
        let board = self.board();
        (board.read.clone(), board.pages)
    }

    /// Gives what this run asked so far.
    pub fn asked(&self) -> Counts {
        since(self.context.client.counts(), self.before)
    }

    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// Writes in one transaction, together with the run's counters.
    pub async fn commit<T: Send + 'static>(
        &self,
        pages: u64,
        read: Option<(ObjectKind, u64)>,
        write: impl FnOnce(&Transaction<'_>, Scope) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let (scope, run, now) = (self.scope, self.run, (self.context.now)());
        let stamp = Instant::from_timestamp_millis(self.stamp.load(Ordering::Relaxed)).unwrap_or(now);
        let asked = self.asked();
        let unsaved = since(asked, std::mem::replace(&mut self.board().saved, asked));
        let tally = Tally {
            pages,
            objects: read.map_or(0, |(_, objects)| objects),
            requests: unsaved.requests,
            retries: unsaved.retries,
            bytes: unsaved.bytes,
        };
        let answer = self
            .context
            .mirror
            .write(move |tx| {
                let answer = write(tx, scope)?;
                runs::add(tx, run, stamp, &tally)?;
                reads::add(tx, scope, now, tally.requests)?;
                Ok(answer)
            })
            .await?;
        let mut board = self.board();
        board.pages += pages;
        if let Some((kind, objects)) = read {
            *board.read.entry(kind).or_default() += objects;
        }
        Ok(answer)
    }

    /// Checks the mode of objects, then writes them with whatever belongs to them.
    ///
    /// **Shape**: gives how many were new to the mirror.
    pub async fn write_page(
        &self,
        kind: ObjectKind,
        batch: Batch,
        observed: Observed,
        also: impl FnOnce(&Transaction<'_>, Scope, usize) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<usize, SyncError> {
        self.check_mode(kind, &batch)?;
        let count = batch.count;
        self.commit(1, Some((kind, count)), move |tx, scope| {
            let fresh = batch.write(tx, &observed)?;
            also(tx, scope, fresh)?;
            Ok(fresh)
        })
        .await
    }

    /// Refuses objects of another mode than the key's before anything of them is written.
    pub fn check_mode(&self, kind: ObjectKind, batch: &Batch) -> Result<(), SyncError> {
        let expected = self.context.client.mode();
        match batch.modes.iter().find(|mode| **mode != expected) {
            Some(found) => Err(SyncError::ModeMismatch { kind, expected, found: *found }),
            None => Ok(()),
        }
    }

    /// Says where and when something is observed that is no event to be followed.
    pub fn observed(&self, at: Instant) -> Observed {
        Observed { scope: self.scope, at, changed_since: None }
    }

    /// Takes a refusal of a whole kind as an answer: it is noted, and the rest goes on.
    ///
    /// **Errors**: anything that is not about one kind.
    pub async fn close_kind(&self, kind: ObjectKind, refusal: StripeError) -> Result<(), SyncError> {
        let state = match refusal {
            StripeError::NotPermitted { permission, says, .. } => {
                let ours =
                    PERMISSION_READS.iter().find(|read| read.kind == Some(kind)).and_then(|read| read.permission);
                KindState::NotPermitted(permission.or(ours.map(str::to_owned)).unwrap_or(says))
            }
            StripeError::NotOffered { .. } | StripeError::Refused { .. } => KindState::NotOffered,
            cause => return Err(SyncError::Stripe { kind: Some(kind), cause }),
        };
        tracing::warn!(kind = kind.as_ref(), ?state, "a kind cannot be read");
        self.board().closed.insert(kind);
        self.commit(0, None, move |tx, scope| {
            kinds::set(tx, scope, kind, &state)?;
            slices::forget(tx, scope, kind)?;
            changes::forget(tx, scope, kind)
        })
        .await
    }

    /// Counts the stored objects of every kind.
    pub async fn counts(&self) -> Result<BTreeMap<ObjectKind, u64>, SyncError> {
        let scope = self.scope;
        let count = move |conn: &countersign_store::Connection| {
            ObjectKind::all().map(|kind| Ok((kind, mirror::count(conn, scope, kind)?))).collect()
        };
        Ok(self.context.mirror.read(count).await?)
    }

    /// Tells how far the sync is.
    pub fn tell(&self, kind: ObjectKind, pages: u64) {
        let (objects, about) = {
            let board = self.board();
            (board.read.values().sum(), board.about)
        };
        let asked = self.asked();
        let per_second = self.context.client.per_second().get();
        (self.context.progress)(&Progress {
            kind,
            pages,
            objects,
            about,
            objects_per_second: rate(objects, self.seconds()),
            requests: asked.requests,
            retries: asked.retries,
            per_second,
            is_slowed: per_second < self.per_second,
        });
    }
}

fn since(now: Counts, before: Counts) -> Counts {
    Counts {
        requests: now.requests.saturating_sub(before.requests),
        retries: now.retries.saturating_sub(before.retries),
        bytes: now.bytes.saturating_sub(before.bytes),
    }
}

fn rate(objects: u64, seconds: f64) -> f64 {
    let objects = u32::try_from(objects).unwrap_or(u32::MAX);
    if seconds > 0.0 { f64::from(objects) / seconds } else { 0.0 }
}
