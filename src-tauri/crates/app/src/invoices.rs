//! Invoices: status and amounts on both sides.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, InvoiceId};
use countersign_domain::money::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Masked, Rows, Window};
use crate::customers::{ComparedField, PaymentBrief};

/// Asks for a window of the invoices.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct InvoicesRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Keep those with this status, or empty; `overdue` is one of the words.
    #[serde(default)]
    pub status: String,
    /// Keep those with this verdict, or empty.
    #[serde(default)]
    pub verdict: String,
    /// Keep those of this currency, or empty.
    #[serde(default)]
    pub currency: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list; totals are of what remains to be paid and of the whole, per currency.
pub type Invoices = Rows<InvoiceRow>;

/// One invoice in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvoiceRow {
    /// Id.
    pub id: InvoiceId,
    /// Number; a draft has none.
    pub number: Option<String>,
    /// Who was billed.
    pub customer: Option<CustomerId>,
    /// Their name.
    pub name: Masked,
    /// Status in Stripe.
    pub status: String,
    /// Status in the billing database.
    pub database_status: Option<String>,
    /// `equal`, `differs`, `missing`, `not_expected`, `not_connected`.
    pub verdict: String,
    /// Total.
    pub total: Money,
    /// Tax in it.
    pub tax: Money,
    /// Paid so far.
    pub paid: Money,
    /// Still to pay.
    pub remaining: Money,
    /// When it was made.
    pub created_at: Instant,
    /// When it is due.
    pub due_at: Option<Instant>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// Payment attempts.
    pub attempts: u32,
    /// When the next is planned.
    pub next_attempt_at: Option<Instant>,
    /// Why it was made, in words.
    pub reason: String,
}

/// Asks for one invoice.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct InvoiceRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which.
    pub invoice: InvoiceId,
}

/// One invoice.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvoicePage {
    /// The row of the list.
    pub row: InvoiceRow,
    /// Its lines.
    pub lines: Vec<InvoiceLineRow>,
    /// Attempts to collect it, newest first.
    pub payments: Vec<PaymentBrief>,
    /// Both sides, field by field.
    pub comparison: Vec<ComparedField>,
}

/// One line of an invoice.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvoiceLineRow {
    /// What it says.
    pub what: String,
    /// How many.
    pub quantity: String,
    /// Service period from.
    pub period_start_at: Instant,
    /// Service period until.
    pub period_end_at: Instant,
    /// Whether it corrects a part of a period.
    pub is_proration: bool,
    /// Amount before discount and tax.
    pub amount: Money,
    /// Discount on it.
    pub discount: Money,
    /// Tax on it.
    pub tax: Money,
}
