//! Customers: the list, and one customer with everything known about them.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId};
use countersign_domain::money::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Masked, Rows, Window};
use crate::invoices::InvoiceRow;
use crate::subscriptions::SubscriptionRow;

/// Asks for a window of the customers.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CustomersRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Keep those with this standing: a word of [`CustomerRow::status`], or empty.
    #[serde(default)]
    pub status: String,
    /// Keep those with this currency, or empty.
    #[serde(default)]
    pub currency: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list.
pub type Customers = Rows<CustomerRow>;

/// One customer in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomerRow {
    /// Id.
    pub id: CustomerId,
    /// Name.
    pub name: Masked,
    /// Mail address.
    pub email: Masked,
    /// Plans in words, the dearest first.
    pub plan: String,
    /// Worst status of the subscriptions: `active`, `past_due`, `trialing`, …, `none`.
    pub status: String,
    /// MRR per month.
    pub mrr: Vec<Money>,
    /// Customer since.
    pub since: Option<Instant>,
    /// Newest payment attempt.
    pub last_payment: Option<PaymentBrief>,
    /// Next renewal.
    pub renews_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Unpaid invoices.
    pub open_balance: Vec<Money>,
    /// Two-letter country.
    pub country: Option<String>,
    /// What the billing database says: `equal`, `differs`, `missing`, `not_connected`, `other_provider`.
    pub database: String,
    /// Whether Stripe deleted them.
    pub is_deleted: bool,
}

/// A payment attempt in one cell.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PaymentBrief {
    /// Amount.
    pub money: Money,
    /// When.
    pub at: Instant,
    /// `succeeded`, `failed`, `pending`.
    pub status: String,
    /// Reason of a failure in words.
    pub reason: Option<String>,
}

/// Asks for one customer.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CustomerRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Who.
    pub customer: CustomerId,
}

/// One customer.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomerPage {
    /// The row of the list.
    pub row: CustomerRow,
    /// The standing in one plain sentence.
    pub sentence: String,
    /// A summary fit for a ticket: masked, without long ids.
    pub summary: String,
    /// Phone number.
    pub phone: Masked,
    /// User of the company's application, shortened.
    pub user: Option<Masked>,
    /// Account balance with Stripe.
    pub balance: Option<Money>,
    /// Link to Stripe's dashboard can be opened.
    pub has_dashboard_link: bool,
    /// Subscriptions, running ones first.
    pub subscriptions: Vec<SubscriptionRow>,
    /// Newest invoices.
    pub invoices: Vec<InvoiceRow>,
    /// What happened, newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Stripe and the billing database, field by field.
    pub comparison: Vec<ComparedField>,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TimelineEntry {
    /// When.
    pub at: Instant,
    /// `subscription`, `invoice`, `payment`, `refund`, `event`, `row`, `gap`.
    pub kind: String,
    /// `ok`, `warn`, `fail`, `info`.
    pub tone: String,
    /// One line.
    pub title: String,
    /// A second line, may be empty.
    pub detail: String,
    /// The record behind it.
    pub id: String,
    /// Where Enter leads.
    pub route: Option<String>,
}

/// One field on both sides.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedField {
    /// The record: subscription or invoice id.
    pub record: String,
    /// The field in words.
    pub field: String,
    /// In Stripe.
    pub stripe: String,
    /// In the billing database.
    pub database: String,
    /// `equal`, `differs`, `missing`, `not_compared`.
    pub verdict: String,
    /// Why, or the tolerance used.
    pub note: String,
}

/// Reveals one masked value for a minute; written to the ledger.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which value.
    pub field: crate::answer::Reveal,
    /// Why: a ticket or a few words, three characters at least.
    pub reason: String,
}

/// A revealed value.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Revealed {
    /// The value as it stands.
    pub text: String,
    /// Until when it may stay on screen.
    pub until: Instant,
}
