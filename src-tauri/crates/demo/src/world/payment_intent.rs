//! The payments that invoices ask for; each may take several attempts.
//!
//! Rendered as small as the pinned version allows: nothing here confirms or captures.

use serde_json::{Value, json};

use super::charge::Decline;
use super::{Charge, Currency, Customer, Invoice, Named, No, Object, World, kept_in};

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Waits for another attempt.
    NeedsMethod,
    /// A bank debit is on its way.
    Processing,
    Succeeded,
    /// Given up, when and why.
    Canceled(i64, &'static str),
}

/// A payment intent. **Units**: minor units.
#[derive(Debug, Clone)]
pub(crate) struct PaymentIntent {
    pub(crate) customer: No<Customer>,
    pub(crate) invoice: No<Invoice>,
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) stage: Stage,
    pub(crate) latest_charge: Option<No<Charge>>,
    pub(crate) last_error: Option<Decline>,
    pub(crate) created: i64,
}

impl Named for PaymentIntent {
    const PREFIX: &'static str = "pi_3";
    const LENGTH: usize = 23;
}

impl Object for PaymentIntent {
    const WORD: &'static str = "payment_intent";
    kept_in!(payment_intents);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let (status, canceled) = match self.stage {
            Stage::NeedsMethod => ("requires_payment_method", None),
            Stage::Processing => ("processing", None),
            Stage::Succeeded => ("succeeded", None),
            Stage::Canceled(at, why) => ("canceled", Some((at, why))),
        };
        let method = world.get(self.customer).and_then(|customer| customer.payment_method(self.customer, world));
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "allowed_payment_method_types": null,
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": if self.stage == Stage::Succeeded { self.amount } else { 0 },
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": null,
            "canceled_at": canceled.map(|(at, _)| at),
            "cancellation_reason": canceled.map(|(_, why)| why),
            "capture_method": "automatic",
            "client_secret": format!("{}_secret_demo", world.id(no)),
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency.code(),
            "customer": world.id(self.customer),
            "customer_account": null,
            "description": "Subscription",
            "excluded_payment_method_types": null,
            "last_payment_error": self.last_error.map(|decline| decline.error_json()),
            "latest_charge": self.latest_charge.map(|charge| world.id(charge)),
            "livemode": false,
            "managed_payments": null,
            "metadata": {},
            "next_action": null,
            "on_behalf_of": null,
            "payment_method": if self.stage == Stage::NeedsMethod { None } else { method },
            "payment_method_configuration_details": null,
            "payment_method_options": null,
            "payment_method_types": ["card"],
            "payment_record": null,
            "processing": null,
            "receipt_email": null,
            "review": null,
            "setup_future_usage": "off_session",
            "shipping": null,
            "source": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": status,
            "transfer_data": null,
            "transfer_group": null,
        })
    }
}
