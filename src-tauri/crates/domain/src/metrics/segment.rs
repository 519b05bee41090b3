//! The core value of all recurring figures: one item's MRR over one stretch of time.
//!
//! MRR at an instant is the sum of the segments that cover it. How segments come about stands in `history.rs`; what is
//! read from them, in the files of the figures.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount::Cadence;
use crate::Instant;
use crate::ids::{CustomerId, PriceId, ProductId, SubscriptionId, SubscriptionItemId};
use crate::money::{Currency, Micro};

/// Where a stretch of history is known from, best first.
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
pub enum Source {
    /// The state was observed.
    Observed,
    /// Rebuilt from invoice lines.
    Rebuilt,
    /// From the dates on the subscription, at today's price and quantity.
    Dated,
}

/// Why an item counts nothing.
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
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Silence {
    /// The subscription has not begun, or never did.
    NotBegun,
    /// It is in its trial.
    Trial,
    /// A payment is late, and late ones are switched off.
    PastDue,
    /// Stripe gave up collecting.
    Unpaid,
    /// Nothing is invoiced.
    Paused,
    /// Invoices are voided or written off.
    GivenAway,
    /// It ended because somebody asked for it.
    Cancelled,
    /// It ended because a payment failed or was disputed.
    Lapsed,
    /// The subscription runs without this item.
    Absent,
    /// It costs nothing: a free price, no units, or all of it discounted.
    Free,
    /// No invoice line covers the time.
    Uninvoiced,
    /// What it costs or where it stands cannot be read.
    Unreadable,
}

/// One item's MRR from one instant until another.
///
/// **Units**: micro-units of `currency` per month, always above 0.
/// **Shape**: half-open in time; without `end_at` it runs on. It may begin or end in the future, where a discount, a pause
/// or a subscription is already known to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Who pays.
    pub customer: CustomerId,
    /// For which subscription.
    pub subscription: SubscriptionId,
    /// For which of its items.
    pub item: SubscriptionItemId,
    /// At which price.
    pub price: PriceId,
    /// For which product.
    pub product: Option<ProductId>,
    /// How often it is billed.
    pub cadence: Cadence,
    /// How many.
    pub quantity: Option<Decimal>,
    /// In which currency.
    pub currency: Currency,
    /// From.
    pub start_at: Instant,
    /// Until.
    pub end_at: Option<Instant>,
    /// MRR after recurring discounts and included tax.
    pub micro: Micro,
    /// MRR before them.
    pub list: Micro,
    /// How this is known.
    pub source: Source,
    /// Why there was nothing before; `None` where another segment of the item leads up to it.
    pub before: Option<Silence>,
    /// Why there is nothing after; `None` where another segment of the item follows, or it runs on.
    pub after: Option<Silence>,
}

impl Segment {
    /// Says whether the instant lies in it.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.start_at <= at && self.end_at.is_none_or(|end| at < end)
    }

    /// Says whether it is already known to end for good after the instant.
    #[must_use]
    pub fn is_leaving(&self, now: Instant) -> bool {
        matches!(self.after, Some(Silence::Cancelled | Silence::Lapsed)) && self.end_at.is_some_and(|end| now < end)
    }
}

/// Walks over segments customer by customer.
///
/// **Shape**: the segments of one customer stand together, in any order.
pub fn by_customer(segments: &[Segment]) -> impl Iterator<Item = &[Segment]> {
    segments.chunk_by(|one, two| one.customer == two.customer)
}
