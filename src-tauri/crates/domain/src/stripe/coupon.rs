//! Coupons, and the discounts that put them on somebody.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{CouponId, DiscountId, ProductId};
use crate::money::{Currency, Minor};
use crate::open_enum;

open_enum! {
    /// How long a coupon works once it is given.
    pub enum CouponDuration {
        /// For one invoice.
        Once = "once",
        /// For a number of months.
        Repeating = "repeating",
        /// Without end.
        Forever = "forever",
    }
}

/// A coupon. A deleted one stays on the discounts made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// Its id.
    pub id: CouponId,
    /// Name shown to people.
    pub name: Option<String>,
    /// Percentage taken off, 0 to 100.
    pub percent_off: Option<Decimal>,
    /// Amount taken off each invoice, in [`Coupon::currency`].
    pub amount_off: Option<Minor>,
    /// Currency of `amount_off`.
    pub currency: Option<Currency>,
    /// `amount_off` in further currencies; empty also when they were not asked for.
    pub currency_options: BTreeMap<Currency, Minor>,
    /// How long it works.
    pub duration: CouponDuration,
    /// Months of a repeating one.
    pub duration_in_months: Option<u32>,
    /// Products it is limited to; `None` when it is not, or when that was not asked for.
    pub applies_to: Option<Vec<ProductId>>,
    /// Whether it can still be given.
    pub is_valid: bool,
    /// When it was made.
    pub created_at: Option<Instant>,
}

/// A coupon at work on a customer, subscription or item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Its id.
    pub id: DiscountId,
    /// The coupon it was made from; joined with the coupon list. `None` where the answer did not name one.
    pub coupon: Option<CouponId>,
    /// The coupon itself where the answer carried it (old renderings, expanded lists): survives its deletion.
    pub embedded: Option<Box<Coupon>>,
    /// Works from; `None` where the answer gave only the discount's id.
    pub start_at: Option<Instant>,
    /// Works until; `None` is open.
    pub end_at: Option<Instant>,
}
