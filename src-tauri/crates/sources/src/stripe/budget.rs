//! The shared read budget: how many requests a second, and how many at once.
//!
//! Separate from the client because jobs, checks and a person's look-ups share one budget per connection. It halves when
//! Stripe asks to slow down and comes back step by step. It does not know what is being read.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_domain::stripe::Mode;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Requests at once.
pub const IN_FLIGHT_MAX: usize = 4;
/// How long a lowered rate stands before it is raised by one.
const RAISE_AFTER: Duration = Duration::from_secs(60);

/// Requests per second, for live accounts and for test ones: a fraction of Stripe's limits, because the merchant's own
/// backend shares them.
#[must_use]
pub fn default_per_second(mode: Mode) -> NonZeroU32 {
    match mode {
        Mode::Live => NonZeroU32::MIN.saturating_add(9),
        Mode::Test => NonZeroU32::MIN.saturating_add(4),
    }
}

/// Stripe's own limit for all calls of an account: nothing above it can be set.
#[must_use]
pub fn most_per_second(mode: Mode) -> NonZeroU32 {
    match mode {
        Mode::Live => NonZeroU32::MIN.saturating_add(99),
        Mode::Test => NonZeroU32::MIN.saturating_add(24),
    }
}

/// Which of Stripe's limits was hit, by `Stripe-Rate-Limited-Reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Too many in a second.
    Rate,
    /// Too many at once.
    Concurrency,
    /// One object was locked; the others are not concerned.
    Object,
}

impl Limit {
    /// Reads the header of a 429; without it the object was locked.
    #[must_use]
    pub fn of_reason(reason: Option<&str>) -> Self {
        match reason {
            Some(text) if text.ends_with("concurrency") => Self::Concurrency,
            Some(_) => Self::Rate,
            None => Self::Object,
        }
    }
}

/// A budget of requests.
#[derive(Debug)]
pub struct Budget {
    pace: Mutex<Pace>,
    slots: Semaphore,
}

#[derive(Debug)]
struct Pace {
    ceiling: NonZeroU32,
    rate: NonZeroU32,
    limiter: Arc<DefaultDirectRateLimiter>,
    slots: usize,
    changed_at: Instant,
}

/// The right to send one request now. Dropping it frees the place.
#[derive(Debug)]
pub struct Turn<'a> {
    slot: SemaphorePermit<'a>,
    taken_at: Instant,
}

impl Budget {
    /// Opens a budget of so many requests a second.
    #[must_use]
    pub fn new(per_second: NonZeroU32) -> Self {
        let pace = Pace {
            ceiling: per_second,
            rate: per_second,
            limiter: limiter(per_second),
            slots: IN_FLIGHT_MAX,
            changed_at: Instant::now(),
        };
        Self { pace: Mutex::new(pace), slots: Semaphore::new(IN_FLIGHT_MAX) }
    }

    /// Waits until a request may be sent.
    pub async fn turn(&self) -> Turn<'_> {
        let slot = loop {
            // The semaphore is never closed; the loop is only there to say so without a panic.
            if let Ok(slot) = self.slots.acquire().await {
                break slot;
            }
        };
        loop {
            let limiter = self.recovered(Instant::now());
            limiter.until_ready().await;
            // Whoever waited on a limiter that was replaced meanwhile has waited for the wrong rate.
            if Arc::ptr_eq(&limiter, &self.pace().limiter) {
                return Turn { slot, taken_at: Instant::now() };
            }
        }
    }

    /// Slows down after a 429 and gives the turn back.
    ///
    /// **Shape**: requests that were already under way when the rate was halved do not halve it again.
    pub fn slow_down(&self, turn: Turn<'_>, limit: Limit) {
        let mut pace = self.pace();
        if limit == Limit::Object || turn.taken_at < pace.changed_at {
            return;
        }
        let half = NonZeroU32::new(pace.rate.get() / 2).unwrap_or(NonZeroU32::MIN);
        pace.set_rate(half);
        if limit == Limit::Concurrency && pace.slots > 1 {
            pace.slots -= 1;
            turn.slot.forget();
        }
    }

    /// Sets the rate anew, as a person chose it.
    pub fn set_per_second(&self, per_second: NonZeroU32) {
        let mut pace = self.pace();
        pace.ceiling = per_second;
        pace.set_rate(per_second);
    }

    /// Says how many requests a second are allowed at this moment.
    #[must_use]
    pub fn per_second(&self) -> NonZeroU32 {
        self.pace().rate
    }

    /// Raises a lowered rate by one for each minute gone by, gives back one place, and gives the limiter in force.
    fn recovered(&self, now: Instant) -> Arc<DefaultDirectRateLimiter> {
        let mut pace = self.pace();
        let minutes = now.duration_since(pace.changed_at).as_secs() / RAISE_AFTER.as_secs();
        let is_lowered = pace.rate < pace.ceiling || pace.slots < IN_FLIGHT_MAX;
        if let (true, Ok(minutes @ 1..)) = (is_lowered, u32::try_from(minutes)) {
            let raised = pace.rate.saturating_add(minutes).min(pace.ceiling);
            pace.set_rate(raised);
            if pace.slots < IN_FLIGHT_MAX {
                pace.slots += 1;
                self.slots.add_permits(1);
            }
        }
        pace.limiter.clone()
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    fn set_rate(&mut self, rate: NonZeroU32) {
        self.rate = rate;
        self.limiter = limiter(rate);
        self.changed_at = Instant::now();
    }
}

/// Spaces requests evenly: a burst of a second's worth could meet the next second's and double the rate.
fn limiter(per_second: NonZeroU32) -> Arc<DefaultDirectRateLimiter> {
    // A limit beyond a billion a second is none; it must not become a period of nothing, which no quota has.
    let period = (Duration::from_secs(1) / per_second.get()).max(Duration::from_nanos(1));
    let quota = Quota::with_period(period);
    let quota = quota.unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(NonZeroU32::MIN);
    Arc::new(RateLimiter::direct(quota))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn per_second(rate: u32) -> NonZeroU32 {
        NonZeroU32::new(rate).unwrap()
    }

    #[tokio::test]
    async fn requests_are_spaced_at_the_rate() {
        let budget = Budget::new(per_second(100));
        let start = std::time::Instant::now();
        for _ in 0..21 {
            drop(budget.turn().await);
        }
        let spent = start.elapsed().as_millis();
        assert!((195..400).contains(&spent), "20 gaps of 10 ms took {spent} ms");
    }

    #[tokio::test]
    async fn a_lifted_limit_is_none() {
        let budget = Budget::new(NonZeroU32::MAX);
        let start = std::time::Instant::now();
        for _ in 0..1000 {
            drop(budget.turn().await);
        }
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn at_most_four_at_once() {
        let budget = Budget::new(per_second(1000));
        let mut turns = Vec::new();
        for _ in 0..IN_FLIGHT_MAX {
            turns.push(budget.turn().await);
        }
        let fifth = tokio::time::timeout(Duration::from_millis(50), budget.turn());
        assert!(fifth.await.is_err());
        turns.pop();
        budget.turn().await;
    }

    #[tokio::test]
    async fn one_wave_of_refusals_halves_once() {
        let budget = Budget::new(per_second(1000));
        let (a, b) = (budget.turn().await, budget.turn().await);
        budget.slow_down(a, Limit::Rate);
        budget.slow_down(b, Limit::Rate);
        assert_eq!(budget.per_second().get(), 500);
        let next = budget.turn().await;
        budget.slow_down(next, Limit::Rate);
        assert_eq!(budget.per_second().get(), 250);
        let locked = budget.turn().await;
        budget.slow_down(locked, Limit::Object);
        assert_eq!(budget.per_second().get(), 250);
        for _ in 0..20 {
            let turn = budget.turn().await;
            budget.slow_down(turn, Limit::Rate);
            if budget.per_second().get() == 1 {
                return;
            }
        }
        panic!("the rate does not fall to one");
    }

    #[tokio::test]
    async fn rate_and_places_come_back_minute_by_minute() {
        let budget = Budget::new(per_second(40));
        let turn = budget.turn().await;
        budget.slow_down(turn, Limit::Concurrency);
        assert_eq!((budget.per_second().get(), budget.slots.available_permits()), (20, 3));
        budget.recovered(Instant::now() + Duration::from_secs(59));
        assert_eq!((budget.per_second().get(), budget.slots.available_permits()), (20, 3));
        budget.recovered(Instant::now() + Duration::from_secs(61));
        assert_eq!((budget.per_second().get(), budget.slots.available_permits()), (21, 4));
        budget.recovered(Instant::now() + Duration::from_secs(60 * 100));
        assert_eq!((budget.per_second().get(), budget.slots.available_permits()), (40, 4));
    }

    #[test]
    fn the_header_names_the_limit() {
        assert_eq!(Limit::of_reason(Some("endpoint-concurrency")), Limit::Concurrency);
        assert_eq!(Limit::of_reason(Some("global-rate")), Limit::Rate);
        assert_eq!(Limit::of_reason(Some("resource-specific")), Limit::Rate);
        assert_eq!(Limit::of_reason(None), Limit::Object);
    }
}
