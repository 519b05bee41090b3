//! Why a customer's MRR moved, for the drill-down.
//!
//! Read from what the segments at both ends say, and from the silence before and after them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::segment::{Segment, Silence};
use crate::Instant;

/// A cause of a movement. One movement may have several.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Cause {
    /// A subscription began.
    Started,
    /// A trial became paid.
    TrialConverted,
    /// Another product.
    Plan,
    /// Another price of the same product.
    Price,
    /// More or fewer units.
    Quantity,
    /// A discount began, or took more.
    DiscountBegan,
    /// A discount ended, or took less.
    DiscountEnded,
    /// An item was added.
    ItemAdded,
    /// An item was removed.
    ItemRemoved,
    /// It began or ceased to be free: a free price, no units, all of it discounted, or a trial given late.
    Free,
    /// Paused, or its invoices are given away.
    Paused,
    /// No longer paused.
    Resumed,
    /// Late or given up payments took it out.
    Unpaid,
    /// A payment brought it back.
    Recovered,
    /// Cancelled because somebody asked for it.
    Cancelled,
    /// Cancelled because a payment failed or was disputed.
    Lapsed,
    /// No invoice covers the time before or after.
    Uninvoiced,
    /// Something about it cannot be read.
    Unreadable,
}

/// Finds the causes of what happened to one customer between two instants.
pub(super) fn causes(customer: &[Segment], opening_at: Instant, closing_at: Instant) -> BTreeSet<Cause> {
    let mut causes = BTreeSet::new();
    let at = |item: &Segment, at| customer.iter().find(|other| other.item == item.item && other.covers(at));
    for opening in customer.iter().filter(|segment| segment.covers(opening_at)) {
        match at(opening, closing_at) {
            Some(closing) => changes(opening, closing, &mut causes),
            None => {
                let of_item = customer.iter().filter(|other| other.item == opening.item);
                let ended = of_item.filter(|other| other.end_at.is_some_and(|end| end <= closing_at));
                let last = ended.max_by_key(|other| other.end_at).and_then(|last| last.after);
                causes.extend(last.map(fell_silent));
            }
        }
    }
    for closing in customer.iter().filter(|segment| segment.covers(closing_at)) {
        if at(closing, opening_at).is_none() {
            let of_item = customer.iter().filter(|other| other.item == closing.item);
            let first = of_item.filter(|other| opening_at < other.start_at).min_by_key(|other| other.start_at);
            causes.extend(first.and_then(|first| first.before).map(spoke_up));
        }
    }
    causes
}

fn changes(opening: &Segment, closing: &Segment, causes: &mut BTreeSet<Cause>) {
    let same_price = opening.price == closing.price && opening.cadence == closing.cadence;
    if opening.product != closing.product {
        causes.insert(Cause::Plan);
    } else if !same_price {
        causes.insert(Cause::Price);
    }
    if opening.quantity != closing.quantity {
        causes.insert(Cause::Quantity);
    } else if same_price && opening.list != closing.list {
        causes.insert(Cause::Price);
    }
    // With the same list amount the rest is what discounts take; otherwise only their coming and going is certain.
    let (took, takes) = (opening.list - opening.micro, closing.list - closing.micro);
    if (opening.list == closing.list || took.0 == 0) && took < takes {
        causes.insert(Cause::DiscountBegan);
    } else if (opening.list == closing.list || takes.0 == 0) && takes < took {
        causes.insert(Cause::DiscountEnded);
    }
}

fn fell_silent(silence: Silence) -> Cause {
    match silence {
        Silence::Cancelled => Cause::Cancelled,
        Silence::Lapsed => Cause::Lapsed,
        Silence::Unpaid | Silence::PastDue => Cause::Unpaid,
        Silence::Paused | Silence::GivenAway => Cause::Paused,
        Silence::Absent => Cause::ItemRemoved,
        Silence::Free | Silence::Trial => Cause::Free,
        Silence::Uninvoiced => Cause::Uninvoiced,
        Silence::NotBegun | Silence::Unreadable => Cause::Unreadable,
    }
}

fn spoke_up(silence: Silence) -> Cause {
    match silence {
        Silence::NotBegun | Silence::Cancelled | Silence::Lapsed => Cause::Started,
        Silence::Trial => Cause::TrialConverted,
        Silence::Unpaid | Silence::PastDue => Cause::Recovered,
        Silence::Paused | Silence::GivenAway => Cause::Resumed,
        Silence::Absent => Cause::ItemAdded,
        Silence::Free => Cause::Free,
        Silence::Uninvoiced => Cause::Uninvoiced,
        Silence::Unreadable => Cause::Unreadable,
    }
}
