//! Subscriptions: both sides of each, Stripe's and the billing database's.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, SubscriptionId};
use countersign_domain::money::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Masked, Rows, Window};
use crate::customers::ComparedField;
use crate::invoices::InvoiceRow;

/// Asks for a window of the subscriptions.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionsRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Keep those with this status, or empty.
    #[serde(default)]
    pub status: String,
    /// Keep those with this verdict, or empty.
    #[serde(default)]
    pub verdict: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list.
pub type Subscriptions = Rows<SubscriptionRow>;

/// One subscription in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SubscriptionRow {
    /// Id.
    pub id: SubscriptionId,
    /// Who pays.
    pub customer: CustomerId,
    /// Their name.
    pub name: Masked,
    /// Status in Stripe.
    pub status: String,
    /// Status in the billing database; `null` when there is no row or no connection.
    pub database_status: Option<String>,
    /// `equal`, `differs`, `missing`, `not_connected`.
    pub verdict: String,
    /// Plan in words.
    pub plan: String,
    /// Billing interval in words.
    pub interval: String,
    /// Quantity of the main item.
    pub quantity: String,
    /// MRR now.
    pub mrr: Money,
    /// Current period from; `null` when the items disagree.
    pub period_start_at: Option<Instant>,
    /// Current period until; the earliest of the items.
    pub period_end_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Planned or real end.
    pub ends_at: Option<Instant>,
    /// Whether it ends by itself.
    pub is_cancelling: bool,
    /// When it began.
    pub started_at: Instant,
}

/// Asks for one subscription.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which.
    pub subscription: SubscriptionId,
}

/// One subscription.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SubscriptionPage {
    /// The row of the list.
    pub row: SubscriptionRow,
    /// What it is made of.
    pub items: Vec<ItemRow>,
    /// Discounts at work.
    pub discounts: Vec<String>,
    /// Newest invoices.
    pub invoices: Vec<InvoiceRow>,
    /// MRR over its life, as segments.
    pub segments: Vec<SegmentRow>,
    /// Both sides, field by field.
    pub comparison: Vec<ComparedField>,
}

/// One item of a subscription.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemRow {
    /// Id.
    pub id: String,
    /// Product and price in words.
    pub what: String,
    /// How many.
    pub quantity: String,
    /// What one period costs, in words.
    pub price: String,
    /// MRR now.
    pub mrr: Money,
}

/// A stretch of time with one MRR.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SegmentRow {
    /// From.
    pub start_at: Instant,
    /// Until; open when still running.
    pub end_at: Option<Instant>,
    /// MRR in it.
    pub mrr: Money,
    /// `observed`, `rebuilt` from invoices, or from `dates` alone.
    pub source: String,
}
