//! Which payment went to which invoice: the only join between the two at the pinned version.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{ChargeId, InvoiceId, InvoicePaymentId, PaymentIntentId};
use crate::money::{Currency, Minor};
use crate::open_enum;

open_enum! {
    /// Where a payment of an invoice stands.
    pub enum InvoicePaymentStatus {
        /// Not made yet.
        Open = "open",
        /// Made.
        Paid = "paid",
        /// Given up.
        Canceled = "canceled",
    }
}

/// What an invoice was paid by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaidBy {
    /// A payment intent.
    PaymentIntent(PaymentIntentId),
    /// A bare charge.
    Charge(ChargeId),
    /// A payment recorded outside Stripe.
    PaymentRecord(Box<str>),
    /// Something this build does not know.
    Other(Box<str>),
}

/// A payment of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicePayment {
    /// Its id.
    pub id: InvoicePaymentId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// Where it stands.
    pub status: InvoicePaymentStatus,
    /// Its currency.
    pub currency: Currency,
    /// What was paid.
    pub amount_paid: Option<Minor>,
    /// What was asked for.
    pub amount_requested: Minor,
    /// Paid by what.
    pub paid_by: PaidBy,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// When it was made.
    pub created_at: Option<Instant>,
}
