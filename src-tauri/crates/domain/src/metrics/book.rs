//! Everything the figures need to know of one customer, and what was doubtful about it.
//!
//! One customer at a time: whoever stores segments recomputes only the customers that changed.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{CouponId, CustomerId, DiscountId, InvoiceLineId, PriceId, SubscriptionId, SubscriptionItemId};
use crate::money::Currency;
use crate::stripe::{Coupon, Discount, Invoice, Price, Subscription};

/// The price list and the coupons, by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Prices with tiers and currency options.
    pub prices: HashMap<PriceId, Price>,
    /// Coupons with what they apply to.
    pub coupons: HashMap<CouponId, Coupon>,
}

/// One customer's subscriptions, then and now, and invoices.
#[derive(Debug, Clone, Copy)]
pub struct CustomerBook<'a> {
    /// The customer.
    pub customer: &'a CustomerId,
    /// The customer's own discount, inherited by subscriptions without one.
    pub discount: Option<&'a Discount>,
    /// Subscriptions as they are now, of every status.
    pub subscriptions: &'a [Subscription],
    /// Subscriptions as they were observed, each with the instant from which that state held; in any order.
    pub observations: &'a [(Instant, Subscription)],
    /// All invoices with all lines, in any order.
    pub invoices: &'a [Invoice],
    /// The price list.
    pub catalog: &'a Catalog,
}

/// A reason to doubt a figure: something could not be read and was left out or taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Warning {
    /// The subscription it was met in.
    pub subscription: SubscriptionId,
    /// What is doubtful.
    pub kind: WarningKind,
}

/// What is doubtful.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum WarningKind {
    /// The price has no amounts in the subscription's currency: counted as 0.
    NoCurrencyOption {
        /// The price.
        price: PriceId,
        /// The currency it lacks.
        currency: Currency,
    },
    /// The price has no amount or no readable tiers: counted as 0.
    NoAmount {
        /// The price.
        price: PriceId,
    },
    /// The price is not in the price list and did not come with the item: counted as 0.
    UnknownPrice {
        /// The price.
        price: PriceId,
    },
    /// The price recurs in a unit this build does not know: counted as 0.
    UnknownInterval {
        /// The price.
        price: PriceId,
    },
    /// The subscription is in a status this build does not know: counted as 0.
    UnknownStatus,
    /// The discount's coupon is not known: the discount takes nothing off.
    UnknownCoupon {
        /// The discount.
        discount: DiscountId,
    },
    /// The coupon has no amount in the subscription's currency: it takes nothing off.
    CouponCurrency {
        /// The coupon.
        coupon: CouponId,
        /// The currency it lacks.
        currency: Currency,
    },
    /// The price includes tax and neither a rate nor a line tells how much: taken as it is.
    UnknownTax {
        /// The item.
        item: SubscriptionItemId,
    },
    /// The price of an old line cannot be read and its period tells no interval: counted as 0.
    UnreadableLine {
        /// The line.
        line: InvoiceLineId,
    },
}

/// The warnings met so far, each once per subscription.
#[derive(Debug, Default)]
pub(super) struct Warnings(BTreeSet<Warning>);

impl Warnings {
    pub(super) fn add(&mut self, subscription: &SubscriptionId, kind: WarningKind) {
        self.0.insert(Warning { subscription: subscription.clone(), kind });
    }

    pub(super) fn into_vec(self) -> Vec<Warning> {
        self.0.into_iter().collect()
    }
}
