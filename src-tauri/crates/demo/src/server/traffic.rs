//! How much is asked: the limits that are kept, and the counts that tests look at.

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
    accepted: VecDeque<Instant>,
}

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

fn forget_before(times: &mut VecDeque<Instant>, now: Instant) {
    while times.front().is_some_and(|time| now.duration_since(*time) >= WINDOW) {
        times.pop_front();
    }
}

fn count(times: &VecDeque<Instant>) -> u32 {
    u32::try_from(times.len()).unwrap_or(u32::MAX)
}

impl Traffic {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a request, and gives its number.
    pub(super) fn arrive(&self, method: &str, template: &str) -> (u64, Flight<'_>) {
        let now = Instant::now();
        let mut state = self.state();
        forget_before(&mut state.arrived, now);
        state.arrived.push_back(now);
        state.in_flight += 1;
        let (rate, in_flight) = (count(&state.arrived), state.in_flight);
        let counts = &mut state.counts;
        *counts.by_path.entry(format!("{method} {template}")).or_default() += 1;
        counts.total += 1;
        counts.other_than_get += u64::from(method != "GET");
        counts.max_in_flight = counts.max_in_flight.max(in_flight);
        counts.max_per_second = counts.max_per_second.max(rate);
        (counts.total, Flight(self))
    }

    /// Refuses a request that comes too soon, or beside too many others.
    pub(super) fn admit(&self, rps: Option<u32>, max_in_flight: Option<u32>) -> Result<(), Refusal> {
        let now = Instant::now();
        let mut state = self.state();
        forget_before(&mut state.accepted, now);
        if rps.is_some_and(|rps| count(&state.accepted) >= rps) {
            return Err(Refusal::too_many("global-rate"));
        }
        if max_in_flight.is_some_and(|most| state.in_flight > most) {
            return Err(Refusal::too_many("global-concurrency"));
        }
        state.accepted.push_back(now);
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
