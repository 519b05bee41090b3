//! The computer's clock, held against the newest time a server told.
//!
//! Order never depends on it: entries follow each other by their number. But a statement says when it was signed, so it
//! also says how far that can be believed.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::entry::ServerTime;
use crate::Instant;

/// A clock that is further off than this is told.
pub const TOLD_OVER: TimeDelta = TimeDelta::minutes(2);
/// With a clock that is further off than this, a signature needs a reason that is kept.
pub const REASON_OVER: TimeDelta = TimeDelta::minutes(10);

/// What a server told, and what the computer's clock showed when that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The time the server told.
    pub server_at: Instant,
    /// The computer's clock then.
    pub local_at: Instant,
}

impl Comparison {
    /// Says how far the clock is ahead; below zero it is behind.
    ///
    /// **Shape**: a clock that was set back since then is behind by at least what is missing to the server's time.
    #[must_use]
    pub fn ahead(&self, now: Instant) -> TimeDelta {
        let then = self.local_at - self.server_at;
        then.min(now - self.server_at)
    }

    /// Says whether the clock is further off than a limit.
    #[must_use]
    pub fn is_off(&self, now: Instant, limit: TimeDelta) -> bool {
        self.ahead(now).abs() > limit
    }

    /// Gives it as an entry names it.
    #[must_use]
    pub fn server_time(&self, now: Instant) -> ServerTime {
        let age_ms = u64::try_from((now - self.local_at).num_milliseconds()).unwrap_or(0);
        ServerTime { age_ms, at: self.server_at }
    }

    /// Says whether a further answer says something new: the clock was set, or this one is an hour old.
    ///
    /// **Shape**: a statement that was shown stays what is signed although answers come in meanwhile.
    #[must_use]
    pub fn is_followed_by(&self, next: &Self) -> bool {
        /// How long one comparison is enough.
        const ENOUGH: TimeDelta = TimeDelta::hours(1);
        /// Servers tell whole seconds, and an answer takes its time.
        const NOISE: TimeDelta = TimeDelta::seconds(30);
        let age = next.local_at - self.local_at;
        let moved = (next.local_at - next.server_at) - (self.local_at - self.server_at);
        age >= ENOUGH || age < TimeDelta::zero() || moved.abs() > NOISE
    }
}

/// Says in a sentence how a clock that is off stands to the server's; nothing for one that agrees, or is not known.
#[must_use]
pub fn warning(comparison: Option<&Comparison>, now: Instant) -> Option<String> {
    let compared = comparison.filter(|compared| compared.is_off(now, TOLD_OVER))?;
    Some(format!("The computer's clock is {} Stripe's.", distance(compared.ahead(now))))
}

/// Says why an act without a place for a reason about the clock is not signed now; nothing where it may be.
#[must_use]
pub fn refusal(comparison: Option<&Comparison>, now: Instant) -> Option<String> {
    let compared = comparison.filter(|compared| compared.is_off(now, REASON_OVER))?;
    let warning = warning(Some(compared), now).unwrap_or_default();
    Some(format!("{warning} Set it and read Stripe again."))
}

/// Gives the line of a statement: when and against what the clock was compared, or that it was not.
#[must_use]
pub fn line(comparison: Option<&Comparison>, now: Instant, reason: &str) -> String {
    let Some(compared) = comparison else { return "Clock: not compared with the clock of a server.".to_owned() };
    let at = compared.server_at.format("%Y-%m-%d %H:%M UTC");
    if !compared.is_off(now, TOLD_OVER) {
        return format!("Clock: compared with api.stripe.com at {at}; it agreed to within 2 minutes.");
    }
    let reason = if reason.is_empty() { String::new() } else { format!(" Signed with it because: {reason}") };
    format!("Clock: {} that of api.stripe.com, compared at {at}.{reason}", distance(compared.ahead(now)))
}

fn distance(ahead: TimeDelta) -> String {
    let side = if ahead < TimeDelta::zero() { "behind" } else { "ahead of" };
    let minutes = ahead.num_minutes().abs();
    match (minutes / 1_440, minutes / 60) {
        (0, 0) => format!("{minutes} min {side}"),
        (0, hours) => format!("{hours} h {} min {side}", minutes % 60),
        (days, _) => format!("{days} d {} h {side}", minutes % 1_440 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn compared(local: &str) -> Comparison {
        Comparison { server_at: at("2026-11-20T10:00:00Z"), local_at: at(local) }
    }

    #[test]
    fn a_clock_is_off_on_either_side() {
        for (local, ahead, words) in [
            ("2026-11-20T10:01:59Z", 119, None),
            ("2026-11-20T10:03:00Z", 180, Some("3 min ahead of")),
            ("2026-11-20T08:30:00Z", -5_400, Some("1 h 30 min behind")),
            ("2026-11-23T12:00:00Z", 266_400, Some("3 d 2 h ahead of")),
        ] {
            let (one, now) = (compared(local), at(local) + TimeDelta::minutes(90));
            assert_eq!(one.ahead(now).num_seconds(), ahead, "{local}");
            let told = warning(Some(&one), now);
            assert_eq!(told, words.map(|words| format!("The computer's clock is {words} Stripe's.")));
            let line = line(Some(&one), now, "");
            assert!(
                line.contains("at 2026-11-20 10:00 UTC") && words.is_none_or(|words| line.contains(words)),
                "{line}"
            );
        }
        assert_eq!(line(None, at("2026-11-20T10:00:00Z"), ""), "Clock: not compared with the clock of a server.");
    }

    #[test]
    fn an_act_without_a_place_for_a_reason_waits_for_the_clock() {
        let far_off = compared("2026-11-22T10:00:00Z");
        for (comparison, is_refused) in
            [(None, false), (Some(compared("2026-11-20T10:09:00Z")), false), (Some(far_off), true)]
        {
            let now = comparison.map_or(far_off.local_at, |comparison| comparison.local_at);
            assert_eq!(refusal(comparison.as_ref(), now).is_some(), is_refused, "{comparison:?}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_since_is_behind_for_certain() {
        let one = compared("2026-11-20T10:00:01Z");
        assert!(!one.is_off(at("2026-11-20T12:00:00Z"), TOLD_OVER), "time goes on");
        let back = at("2026-11-20T09:00:00Z");
        assert_eq!(one.ahead(back).num_minutes(), -60);
        assert!(line(Some(&one), back, "the battery is dead").ends_with("Signed with it because: the battery is dead"));
    }

    #[test]
    fn the_next_answer_counts_when_it_says_something_new() {
        let one = compared("2026-11-20T10:00:01Z");
        let later = |server: &str, local: &str| Comparison { server_at: at(server), local_at: at(local) };
        assert!(!one.is_followed_by(&later("2026-11-20T10:20:00Z", "2026-11-20T10:20:02Z")));
        assert!(one.is_followed_by(&later("2026-11-20T11:00:01Z", "2026-11-20T11:00:01Z")), "an hour");
        assert!(one.is_followed_by(&later("2026-11-20T10:20:00Z", "2026-11-20T10:25:00Z")), "it was set forward");
        assert!(one.is_followed_by(&later("2026-11-20T10:20:00Z", "2026-11-20T09:20:00Z")), "it was set back");
        assert_eq!(one.server_time(at("2026-11-20T10:00:03Z")).age_ms, 2_000);
    }
}
