//! Revenue: MRR now, its course, the month's movements, and the rows behind every figure.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, SubscriptionId};
use countersign_domain::money::Money;
use countersign_render::scene::Scene;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Figure, Masked, Rows, Window};

mod lists;
mod screen;

pub use lists::{figure_rows, movements, rows_of};
pub use screen::view;

/// Asks for the revenue screen.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevenueRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// The month looked at, `2026-10`; empty is the newest.
    #[serde(default)]
    pub month: String,
    /// One currency, or empty for all of them converted to the reporting currency.
    #[serde(default)]
    pub currency: String,
    /// Months in the chart, 1 to 60; 0 is 24.
    #[serde(default)]
    pub months: u16,
    /// Width of the charts in CSS pixels; 0 is 960.
    #[serde(default)]
    pub width: u16,
}

/// The revenue screen.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Revenue {
    /// The month looked at.
    pub month: String,
    /// Months that can be chosen, newest first.
    pub months: Vec<String>,
    /// Currency of the amounts.
    pub currency: String,
    /// Currencies with data; more than one allows "converted".
    pub currencies: Vec<String>,
    /// Currencies without a rate: left out of converted sums and named.
    pub unconverted: Vec<String>,
    /// Whether rates were used, and up to which date they reach.
    pub converted_at: Option<String>,
    /// MRR, net new, customers, ARPA, churn and what else the period has.
    pub figures: Vec<Figure>,
    /// MRR at each month's end.
    pub series: Scene,
    /// Movements of each month.
    pub movements: Scene,
    /// The month's bridge: opening + movements = closing.
    pub bridge: Vec<BridgeLine>,
    /// Where the observed history begins; before it, figures are rebuilt from invoices.
    pub observed_since: Option<Instant>,
    /// Rows that could not be counted, by reason.
    pub warnings: Vec<Warning>,
    /// Method settings in force, in words.
    pub settings: Vec<String>,
}

/// One line of the bridge.
#[derive(Debug, Clone, Serialize, TS)]
pub struct BridgeLine {
    /// Stable word: `opening`, `new`, `reactivation`, `expansion`, `contraction`, `churn`, `fx`, `closing`.
    pub word: String,
    /// What people call it.
    pub name: String,
    /// The amount, signed as it acts.
    pub money: Money,
    /// The same exactly. **Units**: micro-units, a decimal string.
    pub micro: String,
    /// Customers behind it.
    #[ts(type = "number")]
    pub customers: u64,
}

/// Rows that could not be counted.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Warning {
    /// What is wrong with them.
    pub text: String,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
    /// Some of their ids.
    pub examples: Vec<String>,
}

/// Asks for the customers behind one month's movement.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MovementsRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which month.
    pub month: String,
    /// One currency, or empty for converted.
    #[serde(default)]
    pub currency: String,
    /// One kind of movement, or empty for all.
    #[serde(default)]
    pub kind: String,
    /// Which window of the list.
    #[serde(default)]
    pub window: Window,
}

/// One customer's movement.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MovementRow {
    /// The customer.
    pub customer: CustomerId,
    /// Their name.
    pub name: Masked,
    /// Kind: `new`, `reactivation`, `expansion`, `contraction`, `churn`.
    pub kind: String,
    /// MRR before.
    pub from: Money,
    /// MRR after.
    pub to: Money,
    /// The movement.
    pub delta: Money,
    /// The movement exactly. **Units**: micro-units.
    pub delta_micro: String,
    /// Why, in words: plan, quantity, discount, cancelled by the customer …
    pub causes: Vec<String>,
}

/// Asks for the rows behind a figure at an instant.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FigureRowsRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which metric.
    pub metric: String,
    /// The month, or empty for now.
    #[serde(default)]
    pub month: String,
    /// One currency, or empty for converted.
    #[serde(default)]
    pub currency: String,
    /// Which window of the list.
    #[serde(default)]
    pub window: Window,
}

/// The rows behind a figure: their sum is the figure.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FigureRows {
    /// The figure.
    pub figure: Figure,
    /// The rows.
    pub rows: Rows<FigureRow>,
    /// Sum of all rows exactly. **Units**: micro-units, or the count.
    pub sum: String,
    /// What the sum is divided by to give the figure, in the same unit; `null` where the sum is the figure.
    pub divisor: Option<String>,
    /// The formula in words.
    pub formula: String,
    /// Version of the formula.
    pub formula_version: u32,
}

/// One row behind a figure.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FigureRow {
    /// The customer, where one is known.
    pub customer: Option<CustomerId>,
    /// Their name.
    pub name: Masked,
    /// The subscription, where the figure is made of subscriptions.
    pub subscription: Option<SubscriptionId>,
    /// The item, event, charge or invoice, where the figure is made of those; else empty.
    pub record: String,
    /// What it is: plan and interval.
    pub what: String,
    /// Its part of the figure.
    pub money: Option<Money>,
    /// Its part exactly. **Units**: micro-units, or the count.
    pub part: String,
}
