//! The written parts: when they begin and what they do, counted back from the end of the history.
//!
//! Chance is absent here: whoever has a part meets the same fate in every company.

use super::life::{Deed, Life};
use super::persona::{Part, Persona};
use crate::calendar::{DAY, HOUR, minus_months};
use crate::random::Random;
use crate::world::subscription::Collection;
use crate::world::{No, Subscription, World};

/// When someone subscribes for the first time.
pub(super) fn begins(persona: &Persona, random: &mut Random, world: &World, arrives: i64) -> i64 {
    let as_of = world.as_of;
    // So that a monthly renewal falls this long before the end of the history.
    let renewing = |before: i64, months: u32| minus_months(as_of - before, months);
    match persona.part {
        Part::Chance => {
            let wait = if random.chance(850) { random.between(600, 3 * HOUR) } else { random.between(DAY, 40 * DAY) };
            arrives + wait
        }
        Part::PastDue => renewing(4 * DAY, 3),
        Part::Unpaid => renewing(25 * DAY, 4),
        Part::InTrial => as_of - 5 * DAY,
        Part::Incomplete => as_of - 5 * HOUR,
        Part::Expired => as_of - 10 * DAY,
        Part::TrialPaused => as_of - 20 * DAY,
        Part::PausedOnRequest | Part::PausedVoid | Part::PausedDraft => renewing(10 * DAY, 3),
        Part::LeftByDunning => renewing(45 * DAY, 2),
        Part::CameBack => renewing(DAY, 9),
        Part::Refunded | Part::PartlyRefunded | Part::Blocked => renewing(9 * DAY, 4),
        Part::Disputed => renewing(20 * DAY, 4),
        Part::BankDebit => renewing(2 * DAY, 4),
        Part::Renewing => renewing(HOUR / 2, 5),
        Part::Backdated | Part::BackdatedUnbilled => renewing(6 * DAY, 2),
        Part::Steady
        | Part::Leaving
        | Part::LeavingAt
        | Part::Deleted
        | Part::ManualDraft
        | Part::DeletedDraft
        | Part::Voided
        | Part::OffStripe
        | Part::Downgraded
        | Part::MoreSeats
        | Part::ManyLines => renewing(random.between(15, 25) * DAY, 4),
    }
}

/// Says when a subscription began elsewhere, and whether the time since is billed.
pub(super) fn backdating(part: Part, at: i64) -> Option<(i64, bool)> {
    match part {
        Part::Backdated => Some((at - 15 * DAY, true)),
        Part::BackdatedUnbilled => Some((at - 200 * DAY, false)),
        _ => None,
    }
}

/// Sets what a part needs before anything happens.
pub(super) fn declare(life: &mut Life<'_>) {
    let as_of = life.world.as_of;
    match life.persona.part {
        Part::PastDue => life.declines_from = as_of - 12 * DAY,
        Part::Unpaid => life.declines_from = as_of - 30 * DAY,
        Part::LeftByDunning => life.declines_from = as_of - 50 * DAY,
        Part::Incomplete | Part::Expired => life.declines_from = 0,
        Part::ManualDraft => life.plan(as_of - 2 * DAY, Deed::BillByHand),
        Part::DeletedDraft => life.plan(as_of - 5 * DAY, Deed::BillByHand),
        Part::Voided => life.plan(as_of - 50 * DAY, Deed::BillByHand),
        Part::Deleted => life.plan(as_of - 6 * DAY, Deed::Delete),
        Part::CameBack => life.plan(as_of - 70 * DAY, Deed::Subscribe),
        _ => {}
    }
}

/// Plans what a part does with its subscription.
pub(super) fn perform(life: &mut Life<'_>, at: i64, no: No<Subscription>) {
    let as_of = life.world.as_of;
    // The last minute before the renewal about ten days ago: what is paused then is exactly the running period.
    let before_renewal = life.world.get(no).map_or(at, |subscription| {
        subscription.items.first().map_or(at, |item| crate::calendar::Interval::Month.after(item.anchor, 3))
    }) - 60;
    match life.persona.part {
        Part::PausedOnRequest => life.plan(before_renewal, Deed::Pause(no)),
        Part::PausedVoid => life.plan(before_renewal, Deed::PauseCollection(no, Collection::Void, None)),
        Part::PausedDraft => {
            let until = Some(as_of + 20 * DAY);
            life.plan(before_renewal, Deed::PauseCollection(no, Collection::KeepAsDraft, until));
        }
        Part::Leaving => life.plan(as_of - 3 * DAY, Deed::Leave(no)),
        Part::LeavingAt => life.plan(as_of - 2 * DAY, Deed::LeaveAt(no, as_of + 40 * DAY)),
        Part::CameBack if at < as_of - 100 * DAY => life.plan(at + 40 * DAY, Deed::Leave(no)),
        Part::Downgraded => life.plan(as_of - 12 * DAY, Deed::ChangePlan(no)),
        Part::MoreSeats => life.plan(as_of - 8 * DAY, Deed::ChangeSeats(no)),
        _ => {}
    }
}
