//! Rows of the company's own billing database, in one shape for every schema profile.
//!
//! Only allow-listed columns are ever read: no payloads, no hashes, no addresses. A row's money is in minor units
//! whatever the profile stores.

mod damage;

pub use damage::{DamageSigns, NewDamage, ServerSigns};
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::UserId;
use crate::money::{Currency, Minor};

/// A known shape of a billing database.
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
    strum::Display,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum SchemaProfile {
    /// DevFlowHub's tables.
    Devflowhub,
    /// The billing module's compiled models.
    NestModels,
    /// The billing module's documented schema.
    NestDocumented,
}

/// Which of the company's tables a row came from.
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
    strum::Display,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RowKind {
    /// The link between a user and a Stripe customer.
    BillingCustomer,
    /// A subscription row.
    BillingSubscription,
    /// An invoice row.
    BillingInvoice,
    /// The row an event handler left.
    BillingEvent,
}

/// A user's link to Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingCustomer {
    /// Primary key of the row.
    pub row_id: String,
    /// The user.
    pub user: UserId,
    /// The Stripe customer, as text: it may be wrong.
    pub stripe_customer: Option<String>,
    /// The plan the application grants, lower case (`free`, `pro`, `enterprise`), where the profile has one.
    pub plan: Option<String>,
    /// When the row was made.
    pub created_at: Option<Instant>,
}

/// A subscription as the application believes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingSubscription {
    /// Primary key of the row.
    pub row_id: String,
    /// The user.
    pub user: UserId,
    /// The Stripe subscription, as text.
    pub stripe_subscription: Option<String>,
    /// The Stripe price, as text.
    pub stripe_price: Option<String>,
    /// Status in Stripe's lower-case words where they map, else as it stands.
    pub status: String,
    /// Current period from.
    pub period_start_at: Option<Instant>,
    /// Current period until.
    pub period_end_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Whether it ends with the period.
    pub cancels_at_period_end: bool,
    /// When the application handled the cancellation.
    pub canceled_at: Option<Instant>,
    /// Plan word of the row.
    pub plan: Option<String>,
    /// When the row was made.
    pub created_at: Option<Instant>,
    /// When the row was last written.
    pub updated_at: Option<Instant>,
}

/// An invoice as the application recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingInvoice {
    /// Primary key of the row.
    pub row_id: String,
    /// The user.
    pub user: UserId,
    /// The Stripe invoice, as text; one profile has none.
    pub stripe_invoice: Option<String>,
    /// Status in Stripe's lower-case words where they map, else as it stands.
    pub status: String,
    /// Currency of the amounts.
    pub currency: Option<Currency>,
    /// What was due.
    pub amount_due: Option<Minor>,
    /// What was paid.
    pub amount_paid: Option<Minor>,
    /// Whether turning the stored number into minor units lost anything.
    pub is_inexact: bool,
    /// When it was paid, where the profile says so.
    pub paid_at: Option<Instant>,
    /// When the row was made.
    pub created_at: Option<Instant>,
    /// When the row was last written.
    pub updated_at: Option<Instant>,
}

/// The row that an event handler of the application left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingEvent {
    /// Primary key of the row.
    pub row_id: String,
    /// The Stripe event, as text.
    pub stripe_event: Option<String>,
    /// Its type.
    pub kind: String,
    /// When the row was made: the handler ended then without an error.
    pub created_at: Option<Instant>,
}
