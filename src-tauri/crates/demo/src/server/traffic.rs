//! How much is asked: the limits that are kept, and the counts that tests look at.
//!
//! Counts are by path template, so they do not grow with the company.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::refusal::Refusal;

/// What was asked of the simulator since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests by method and path, ids replaced by `{id}`: `GET /v1/customers/{id}`.
    pub by_path: BTreeMap<String, u64>,
    /// Answers by status; an answer that a fault cut off counts with the status it began with.
    pub by_status: BTreeMap<u16, u64>,
    /// All requests.
    pub total: u64,
    /// Requests with a method other than GET.
    pub other_than_get: u64,
    /// Requests that met a fault of the wire.
    pub faulted: u64,
    /// The most requests that were under way at a time.
    pub max_in_flight: u32,
    /// The most requests that arrived within one second.
    pub max_per_second: u32,
}

/// The second over which rates are counted.
const WINDOW: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct State {
    counts: Requests,
    in_flight: u32,
    arrived: VecDeque<Instant>,
    accepted: VecDeque<(Instant, String)>,
}

/// The limits that are kept; `None` for none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) rps: Option<u32>,
    pub(super) operation_rps: Option<u32>,
    pub(super) max_in_flight: Option<u32>,
}

/// Methods that are counted by name; the others are counted together, so that counts do not grow without bound.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Counts requests and keeps the limits.
#[derive(Debug, Default)]
pub(super) struct Traffic(Mutex<State>);

/// A request under way; it ends when this is dropped.
pub(super) struct Flight<'t>(&'t Traffic);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight = state.in_flight.saturating_sub(1);
    }
}

fn forget_before<T>(entries: &mut VecDeque<T>, now: Instant, time: impl Fn(&T) -> Instant) {
    while entries.front().is_some_and(|entry| now.duration_since(time(entry)) >= WINDOW) {
        entries.pop_front();
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Traffic {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a request, and gives its number.
    pub(super) fn arrive(&self, method: &str, template: &str) -> (u64, Flight<'_>) {
        let now = Instant::now();
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER");
        let mut state = self.state();
        forget_before(&mut state.arrived, now, |time| *time);
        state.arrived.push_back(now);
        state.in_flight += 1;
        let (rate, in_flight) = (number(state.arrived.len()), state.in_flight);
        let counts = &mut state.counts;
        *counts.by_path.entry(format!("{method} {template}")).or_default() += 1;
        counts.total += 1;
        counts.other_than_get += u64::from(method != "GET");
        counts.max_in_flight = counts.max_in_flight.max(in_flight);
        counts.max_per_second = counts.max_per_second.max(rate);
        (counts.total, Flight(self))
    }

    /// Refuses a request that comes too soon, or beside too many others.
    pub(super) fn admit(&self, limits: Limits, operation: &str) -> Result<(), Refusal> {
        let now = Instant::now();
        let mut state = self.state();
        forget_before(&mut state.accepted, now, |(time, _)| *time);
        let of_operation = || state.accepted.iter().filter(|(_, accepted)| accepted == operation).count();
        let refused = if limits.rps.is_some_and(|rps| number(state.accepted.len()) >= rps) {
            Some("global-rate")
        } else if limits.operation_rps.is_some_and(|rps| number(of_operation()) >= rps) {
            Some("endpoint-rate")
        } else if limits.max_in_flight.is_some_and(|most| state.in_flight > most) {
            Some("global-concurrency")
        } else {
            None
        };
        if let Some(limit) = refused {
            return Err(Refusal::too_many(limit));
        }
        if limits.rps.is_some() || limits.operation_rps.is_some() {
            state.accepted.push_back((now, operation.to_owned()));
        }
        Ok(())
    }

    /// Takes note of an answer.
    pub(super) fn answered(&self, status: u16, is_faulted: bool) {
        let counts = &mut self.state().counts;
        *counts.by_status.entry(status).or_default() += 1;
        counts.faulted += u64::from(is_faulted);
    }

    /// Gives the counts so far.
    pub(super) fn counts(&self) -> Requests {
        self.state().counts.clone()
    }
}
