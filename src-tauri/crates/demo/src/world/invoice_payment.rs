//! Which payment went to which invoice.
//!
//! An invoice has one payment asked for through Stripe, and another when it was paid outside.

use serde_json::{Value, json};

use super::{Currency, Invoice, Named, No, Object, PaymentIntent, World, kept_in};

/// A payment recorded outside Stripe; it has an id but is served by no list here.
#[derive(Debug)]
pub(crate) struct PaymentRecord;

impl Named for PaymentRecord {
    const PREFIX: &'static str = "pr_1";
    const LENGTH: usize = 23;
}

/// How a payment of an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Open,
    Paid(i64),
    Canceled(i64),
}

/// A payment of an invoice. **Units**: minor units.
#[derive(Debug, Clone)]
pub(crate) struct InvoicePayment {
    pub(crate) invoice: No<Invoice>,
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    /// The payment intent; without one the money came outside Stripe.
    pub(crate) intent: Option<No<PaymentIntent>>,
    pub(crate) progress: Progress,
    pub(crate) created: i64,
}

impl InvoicePayment {
    /// The word Stripe uses for where it stands.
    pub(crate) fn status(&self) -> &'static str {
        match self.progress {
            Progress::Open => "open",
            Progress::Paid(_) => "paid",
            Progress::Canceled(_) => "canceled",
        }
    }

    /// The id of what it was recorded as, where the money came outside Stripe.
    pub(crate) fn record_id(&self, no: No<Self>, world: &World) -> Option<String> {
        self.intent.is_none().then(|| world.id(No::<PaymentRecord>::new(no.number())))
    }
}

impl Named for InvoicePayment {
    const PREFIX: &'static str = "inpay_1";
    const LENGTH: usize = 23;
}

impl Object for InvoicePayment {
    const WORD: &'static str = "invoice_payment";
    kept_in!(invoice_payments);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let (paid_at, canceled_at) = match self.progress {
            Progress::Open => (None, None),
            Progress::Paid(at) => (Some(at), None),
            Progress::Canceled(at) => (None, Some(at)),
        };
        let payment = match self.intent {
            Some(intent) => json!({ "payment_intent": world.id(intent), "type": "payment_intent" }),
            None => json!({ "payment_record": self.record_id(no, world), "type": "payment_record" }),
        };
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "amount_paid": paid_at.map(|_| self.amount),
            "amount_requested": self.amount,
            "created": self.created,
            "currency": self.currency.code(),
            "invoice": world.id(self.invoice),
            "is_default": true,
            "livemode": false,
            "payment": payment,
            "status": self.status(),
            "status_transitions": { "canceled_at": canceled_at, "paid_at": paid_at },
        })
    }
}
