//! The workspace: what is sold for how much, in which zone and currency it is reported, and what is expected.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for the workspace.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceRequest {}

/// The workspace's settings. Every change is an entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// Name of the billed product.
    pub name: String,
    /// IANA name of the reporting zone.
    pub zone: String,
    /// Reporting currency.
    pub currency: String,
    /// What must be sold, one row per price.
    pub prices: Vec<PriceExpected>,
    /// Event types an endpoint must select.
    pub events: Vec<String>,
    /// Exchange rates for converted figures.
    pub rates: Vec<ExchangeRate>,
    /// Whether past-due subscriptions count in MRR.
    pub count_past_due: bool,
    /// Which discounts lower MRR: `recurring`, `forever_only`, `all`, `none`.
    pub discounts: String,
}

/// A row of the price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PriceExpected {
    /// What it is called.
    pub name: String,
    /// Amount of one unit. **Units**: minor units, a decimal string.
    pub unit_amount: String,
    /// Currency.
    pub currency: String,
    /// `day`, `week`, `month`, `year`; empty for a one-time price.
    pub interval: String,
    /// Intervals in one period.
    pub interval_count: u32,
    /// `licensed` or `metered`.
    pub usage_type: String,
    /// `inclusive`, `exclusive`, or empty when it does not matter.
    #[serde(default)]
    pub tax_behavior: String,
}

/// An exchange rate of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// Local date, `2026-10-31`.
    pub date: String,
    /// One major unit of this …
    pub base: String,
    /// … is `rate` major units of this.
    pub quote: String,
    /// Decimal string.
    pub rate: String,
}
