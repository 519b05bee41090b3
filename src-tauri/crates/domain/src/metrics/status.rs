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
/// **Source**: metrics.md, sections 3.1 and 12.
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
/// **Source**: metrics.md, section 12.C.
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
