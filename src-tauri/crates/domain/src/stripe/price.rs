//! What something costs, and how often.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{PriceId, ProductId};
use crate::money::Currency;
use crate::open_enum;

open_enum! {
    /// The unit in which a price recurs.
    pub enum Interval {
        /// Every n days.
        Day = "day",
        /// Every n weeks.
        Week = "week",
        /// Every n months.
        Month = "month",
        /// Every n years.
        Year = "year",
    }
}

open_enum! {
    /// How a quantity comes about.
    pub enum UsageType {
        /// The quantity is agreed beforehand.
        Licensed = "licensed",
        /// The quantity is counted afterwards; never part of MRR.
        Metered = "metered",
    }
}

open_enum! {
    /// How tiers price a quantity.
    pub enum TiersMode {
        /// Slice by slice.
        Graduated = "graduated",
        /// All units at the tier reached.
        Volume = "volume",
    }
}

open_enum! {
    /// Whether the amount contains tax.
    pub enum TaxBehavior {
        /// Tax is inside the amount.
        Inclusive = "inclusive",
        /// Tax comes on top.
        Exclusive = "exclusive",
        /// Not said.
        Unspecified = "unspecified",
    }
}

/// How a price recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// The unit.
    pub interval: Interval,
    /// How many units make one billing period; at least 1.
    pub interval_count: u32,
    /// Licensed or metered.
    pub usage_type: UsageType,
    /// The meter a metered price counts by.
    pub meter: Option<String>,
}

/// The amounts of a price in one currency. **Units**: minor units, exact decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Amounts {
    /// Amount of one unit; `None` for tiered and customer-chosen prices.
    pub unit_amount: Option<Decimal>,
    /// Tiers from the lowest; empty when the price has none or they were not asked for.
    pub tiers: Vec<Tier>,
    /// Whether these amounts contain tax, where this currency says so itself.
    pub tax_behavior: Option<TaxBehavior>,
}

/// One tier. **Units**: minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Last unit that belongs to it; `None` is the open end.
    pub up_to: Option<u64>,
    /// Amount of each unit.
    pub unit_amount: Option<Decimal>,
    /// Amount for entering the tier.
    pub flat_amount: Option<Decimal>,
}

/// Divides a quantity before it is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformQuantity {
    /// Units in one priced pack.
    pub divide_by: u64,
    /// Whether a started pack counts.
    pub round_up: bool,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Its id.
    pub id: PriceId,
    /// The product sold; it may be deleted.
    pub product: Option<ProductId>,
    /// Whether new subscriptions may use it.
    pub is_active: bool,
    /// Name given by the merchant.
    pub nickname: Option<String>,
    /// Key given by the merchant.
    pub lookup_key: Option<String>,
    /// Currency of [`Price::amounts`].
    pub currency: Currency,
    /// Amounts in that currency.
    pub amounts: Amounts,
    /// Amounts in further currencies; empty also when they were not asked for.
    pub currency_options: BTreeMap<Currency, Amounts>,
    /// How it recurs; `None` is a one-time price.
    pub recurring: Option<Recurring>,
    /// How tiers are read; `None` for a price per unit.
    pub tiers_mode: Option<TiersMode>,
    /// Packs.
    pub transform_quantity: Option<TransformQuantity>,
    /// Whether the amount contains tax.
    pub tax_behavior: Option<TaxBehavior>,
    /// When it was made.
    pub created_at: Option<Instant>,
}
