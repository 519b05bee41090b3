//! Which states of a subscription count at an instant.
//!
//! A state is judged either as observed, or by its dates alone where nothing older is known of it.

use super::segment::Silence;
use super::settings::Settings;
use crate::Instant;
use crate::stripe::Subscription;
use crate::stripe::subscription::{CancellationReason, PauseBehavior, SubscriptionStatus};

/// Says why nothing of a state counts at an instant after it was observed; `None` when it counts.
///
/// **Shape**: scheduled ends and pauses take effect by themselves. A trial that ran when it was observed does not convert
/// by itself, and a cancelled state still counts until it ended.
pub(super) fn observed(state: &Subscription, at: Instant, settings: &Settings) -> Option<Silence> {
    outside(state, at)
        .or_else(|| match &state.status {
            SubscriptionStatus::Active => None,
            SubscriptionStatus::PastDue => (!settings.count_past_due).then_some(Silence::PastDue),
            SubscriptionStatus::Trialing => Some(Silence::Trial),
            SubscriptionStatus::Unpaid => Some(Silence::Unpaid),
            SubscriptionStatus::Paused => Some(Silence::Paused),
            SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired => Some(Silence::NotBegun),
            SubscriptionStatus::Canceled => cancelled(state, at),
            SubscriptionStatus::Other(_) => Some(Silence::Unreadable),
        })
        .or_else(|| is_given_away(state, at).then_some(Silence::GivenAway))
}

/// Says why nothing counts at an instant of which only the dates on the present state tell.
///
/// **Shape**: `unpaid`, and late payments where they are switched off, are taken to have begun with the current period.
pub(super) fn dated(state: &Subscription, at: Instant, settings: &Settings) -> Option<Silence> {
    let since = |begun: Option<Instant>, silence| begun.is_none_or(|begun| begun <= at).then_some(silence);
    outside(state, at).or_else(|| trial(state, at)).or_else(|| match &state.status {
        SubscriptionStatus::Active => None,
        SubscriptionStatus::PastDue if settings.count_past_due => None,
        SubscriptionStatus::PastDue => since(period_start(state), Silence::PastDue),
        SubscriptionStatus::Unpaid => since(period_start(state), Silence::Unpaid),
        SubscriptionStatus::Paused => since(state.paused_since.or_else(|| period_start(state)), Silence::Paused),
        SubscriptionStatus::Canceled => cancelled(state, at),
        SubscriptionStatus::Trialing => Some(Silence::Trial),
        SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired => Some(Silence::NotBegun),
        SubscriptionStatus::Other(_) => Some(Silence::Unreadable),
    })
}

/// Says whether the instant lies before the start or from the end on.
pub(super) fn outside(state: &Subscription, at: Instant) -> Option<Silence> {
    if at < state.start_at {
        return Some(Silence::NotBegun);
    }
    end(state).is_some_and(|end| end <= at).then(|| ended(state))
}

/// Gives the earliest of the end and the planned ends.
pub(super) fn end(state: &Subscription) -> Option<Instant> {
    let with_period = state.cancels_at_period_end.then(|| period_end(state)).flatten();
    [state.ended_at, state.cancel_at, with_period].into_iter().flatten().min()
}

/// Lists every instant at which a state may begin or cease to count.
pub(super) fn turns(state: &Subscription) -> impl Iterator<Item = Instant> {
    let pause = state.pause_collection.as_ref().and_then(|pause| pause.resumes_at);
    let own = [Some(state.start_at), end(state), state.trial_start_at, state.trial_end_at, state.paused_since, pause];
    own.into_iter().chain([period_start(state)]).flatten()
}

fn ended(state: &Subscription) -> Silence {
    match state.cancellation_reason {
        Some(CancellationReason::PaymentFailed | CancellationReason::PaymentDisputed) => Silence::Lapsed,
        _ => Silence::Cancelled,
    }
}

/// A cancelled state counts until it ended; in its trial it never did.
fn cancelled(state: &Subscription, at: Instant) -> Option<Silence> {
    if state.ended_at.is_none() { Some(ended(state)) } else { trial(state, at) }
}

fn trial(state: &Subscription, at: Instant) -> Option<Silence> {
    let begun = state.trial_start_at.unwrap_or(state.start_at) <= at;
    (begun && state.trial_end_at.is_some_and(|end| at < end)).then_some(Silence::Trial)
}

fn is_given_away(state: &Subscription, at: Instant) -> bool {
    state.pause_collection.as_ref().is_some_and(|pause| {
        matches!(pause.behavior, PauseBehavior::Void | PauseBehavior::MarkUncollectible)
            && pause.resumes_at.is_none_or(|resumes| at < resumes)
    })
}

fn period_start(state: &Subscription) -> Option<Instant> {
    state.items.iter().filter_map(|item| item.current_period_start_at).max()
}

fn period_end(state: &Subscription) -> Option<Instant> {
    state.items.iter().filter_map(|item| item.current_period_end_at).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{Shelf, at, item, price, subscription};
    use crate::stripe::subscription::PauseCollection;

    /// A subscription of 10.00 a month since January whose present state was changed.
    fn changed(change: impl FnOnce(&mut Subscription)) -> Shelf {
        let mut item = item("si_1", price("p", "1000"), 1);
        item.current_period_start_at = Some(at("2026-06-10"));
        item.current_period_end_at = Some(at("2026-07-10"));
        let mut state = subscription("sub_1", "2026-01-10", vec![item]);
        change(&mut state);
        Shelf::of(state)
    }

    const NOW: &str = "2026-06-20";

    #[test]
    fn a_status_counts_now_and_in_the_past_it_tells_of() {
        use SubscriptionStatus::{Active, Canceled, Incomplete, IncompleteExpired, PastDue, Paused, Trialing, Unpaid};
        // Now, shortly before the current period began, and long ago.
        let table = [
            (Active, [1000, 1000, 1000]),
            (PastDue, [1000, 1000, 1000]),
            (Unpaid, [0, 1000, 1000]),
            (Paused, [0, 1000, 1000]),
            (Canceled, [0, 0, 0]),
            (Trialing, [0, 0, 0]),
            (Incomplete, [0, 0, 0]),
            (IncompleteExpired, [0, 0, 0]),
            (SubscriptionStatus::Other("dreaming".into()), [0, 0, 0]),
        ];
        for (status, expected) in table {
            let shelf = changed(|state| state.status = status.clone());
            let found = [NOW, "2026-06-09", "2026-02-01"].map(|instant| shelf.mrr(NOW, instant));
            assert_eq!(found, expected, "{status}");
        }
    }

    #[test]
    fn late_payments_can_be_switched_off() {
        let shelf = changed(|state| state.status = SubscriptionStatus::PastDue);
        let strict = Settings { count_past_due: false, ..Settings::default() };
        let history = shelf.history(&strict, NOW);
        assert_eq!(history.segments.len(), 1);
        assert_eq!(history.segments[0].end_at, Some(at("2026-06-10")), "taken to be late since the current period");
        assert_eq!(history.segments[0].after, Some(Silence::PastDue));
    }

    #[test]
    fn a_leaving_subscription_counts_in_full_until_it_ends() {
        let with_period = changed(|state| state.cancels_at_period_end = true);
        assert_eq!(with_period.mrr(NOW, "2026-07-09T23:59:59"), 1000);
        assert_eq!(with_period.mrr(NOW, "2026-07-10"), 0);
        let earliest = changed(|state| {
            state.cancels_at_period_end = true;
            state.cancel_at = Some(at("2026-07-01"));
        });
        assert_eq!(earliest.mrr(NOW, "2026-07-01"), 0);
        let ended = changed(|state| {
            state.status = SubscriptionStatus::Canceled;
            state.ended_at = Some(at("2026-06-15"));
        });
        assert_eq!([ended.mrr(NOW, "2026-06-14T23:59:59"), ended.mrr(NOW, "2026-06-15")], [1000, 0]);
    }

    #[test]
    fn paused_collection_counts_where_the_invoices_will_be_collected() {
        let paused = |behavior, resumes: Option<&str>| {
            let shelf = changed(|state| {
                state.pause_collection = Some(PauseCollection { behavior, resumes_at: resumes.map(at) });
            });
            [shelf.mrr(NOW, NOW), shelf.mrr(NOW, "2026-07-01")]
        };
        assert_eq!(paused(PauseBehavior::KeepAsDraft, None), [1000, 1000]);
        assert_eq!(paused(PauseBehavior::Void, None), [0, 0]);
        assert_eq!(paused(PauseBehavior::MarkUncollectible, Some("2026-07-01")), [0, 1000]);
    }

    #[test]
    fn a_trial_does_not_convert_by_itself() {
        let trial = |state: &mut Subscription| {
            (state.trial_start_at, state.trial_end_at) = (Some(at("2026-01-10")), Some(at("2026-01-24")));
        };
        let converted = changed(trial);
        assert_eq!([converted.mrr(NOW, "2026-01-23"), converted.mrr(NOW, "2026-01-24")], [0, 1000]);
        let running = changed(|state| {
            state.status = SubscriptionStatus::Trialing;
            state.trial_end_at = Some(at("2026-06-25"));
        });
        assert_eq!(running.mrr(NOW, "2026-06-26"), 0, "until a newer state says so");
        let left_in_trial = changed(|state| {
            trial(state);
            state.status = SubscriptionStatus::Canceled;
            state.ended_at = Some(at("2026-01-20"));
        });
        assert_eq!(left_in_trial.mrr(NOW, "2026-01-19"), 0);
    }

    #[test]
    fn an_item_has_a_trial_of_its_own() {
        let shelf = changed(|state| {
            let mut second = item("si_2", price("q", "500"), 1);
            second.trial_end_at = Some(at("2026-07-01"));
            state.items.push(second);
        });
        assert_eq!([shelf.mrr(NOW, NOW), shelf.mrr(NOW, "2026-07-01")], [1000, 1500]);
    }
}
