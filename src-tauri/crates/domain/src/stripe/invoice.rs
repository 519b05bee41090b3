//! What was billed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{CustomerId, InvoiceId, InvoiceLineId, PriceId, ProductId, SubscriptionId, SubscriptionItemId};
use crate::money::{Currency, Minor};
use crate::open_enum;

open_enum! {
    /// Where an invoice stands.
    pub enum InvoiceStatus {
        /// Can still change.
        Draft = "draft",
        /// Waits for payment.
        Open = "open",
        /// Paid, through Stripe or outside.
        Paid = "paid",
        /// Written off.
        Uncollectible = "uncollectible",
        /// Taken back.
        Void = "void",
    }
}

/// An invoice with all its lines. **Units**: minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Number shown to the customer; a draft has none.
    pub number: Option<String>,
    /// Who was billed.
    pub customer: Option<CustomerId>,
    /// The subscription it belongs to.
    pub subscription: Option<SubscriptionId>,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Its currency.
    pub currency: Currency,
    /// Why it was made, for example `subscription_cycle`.
    pub billing_reason: Option<String>,
    /// After discounts and tax, before customer balance.
    pub total: Minor,
    /// Before invoice-level discounts and tax.
    pub subtotal: Minor,
    /// Tax in the total.
    pub tax: Minor,
    /// After customer balance.
    pub amount_due: Minor,
    /// Paid so far, through Stripe or outside.
    pub amount_paid: Minor,
    /// Still to pay.
    pub amount_remaining: Minor,
    /// Paid outside Stripe.
    pub amount_paid_off_stripe: Minor,
    /// How often a payment was tried.
    pub attempt_count: u32,
    /// When the next try is planned.
    pub next_attempt_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it is due.
    pub due_at: Option<Instant>,
    /// When it became open.
    pub finalized_at: Option<Instant>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// When it was voided.
    pub voided_at: Option<Instant>,
    /// When it was written off.
    pub marked_uncollectible_at: Option<Instant>,
    /// When its webhooks went through.
    pub webhooks_delivered_at: Option<Instant>,
    /// What it consists of; complete, also where Stripe cut the embedded list.
    pub lines: Vec<InvoiceLine>,
}

/// One line of an invoice. **Units**: minor units of the invoice's currency, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Its id.
    pub id: InvoiceLineId,
    /// Amount before discount and tax.
    pub amount: Minor,
    /// What it says.
    pub description: Option<String>,
    /// Service period from.
    pub period_start_at: Instant,
    /// Service period until.
    pub period_end_at: Instant,
    /// How many.
    pub quantity: Option<Decimal>,
    /// What was priced.
    pub price: Option<PriceId>,
    /// What was sold.
    pub product: Option<ProductId>,
    /// Amount of one unit.
    pub unit_amount: Option<Decimal>,
    /// The subscription it belongs to.
    pub subscription: Option<SubscriptionId>,
    /// The item it belongs to.
    pub subscription_item: Option<SubscriptionItemId>,
    /// Whether it corrects a part of a period.
    pub is_proration: bool,
    /// Discounts taken from it, summed.
    pub discount_amount: Minor,
    /// Tax on it, summed.
    pub tax_amount: Minor,
    /// Whether its tax is inside the amount.
    pub is_tax_inclusive: bool,
}
