//! Attempts to take money, one object per attempt.
//!
//! A refused attempt is kept for ever, as Stripe does it; the payment it belongs to goes on.

use serde_json::{Value, json};

use super::customer::Wallet;
use super::{
    BalanceTransaction, Currency, Customer, Invoice, Named, No, Object, PaymentIntent, World, joined, kept_in,
};

/// Why an attempt was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Decline {
    #[default]
    InsufficientFunds,
    Generic,
    ExpiredCard,
    DoNotHonor,
    ProcessingError,
    LostCard,
    /// Stopped by Radar; it never reached the bank.
    Blocked,
}

impl Decline {
    fn code(self) -> &'static str {
        match self {
            Self::ExpiredCard => "expired_card",
            Self::ProcessingError => "processing_error",
            _ => "card_declined",
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::Generic => "generic_decline",
            Self::ExpiredCard => "expired_card",
            Self::DoNotHonor => "do_not_honor",
            Self::ProcessingError => "processing_error",
            Self::LostCard => "lost_card",
            Self::Blocked => "highest_risk_level",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "Your card has insufficient funds.",
            Self::ExpiredCard => "Your card has expired.",
            Self::ProcessingError => "An error occurred while processing your card. Try again in a little bit.",
            _ => "Your card was declined.",
        }
    }

    /// Renders it as the last error of a payment intent.
    pub(crate) fn error_json(self) -> Value {
        json!({
            "code": self.code(),
            "decline_code": self.reason(),
            "message": self.message(),
            "type": "card_error",
        })
    }

    fn outcome_json(self) -> Value {
        let is_blocked = self == Self::Blocked;
        json!({
            "advice_code": if is_blocked { None } else { Some("try_again_later") },
            "network_advice_code": null,
            "network_decline_code": if is_blocked { None } else { Some("51") },
            "network_status": if is_blocked { "not_sent_to_network" } else { "declined_by_network" },
            "reason": self.reason(),
            "risk_level": if is_blocked { "highest" } else { "normal" },
            "risk_score": if is_blocked { 92 } else { 31 },
            "seller_message": if is_blocked { "Stripe blocked this payment as too risky." } else { self.message() },
            "type": if is_blocked { "blocked" } else { "issuer_declined" },
        })
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Pending,
    Failed(Decline),
}

/// A charge. **Units**: minor units.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) customer: No<Customer>,
    pub(crate) intent: No<PaymentIntent>,
    pub(crate) invoice: No<Invoice>,
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) outcome: Outcome,
    pub(crate) refunded: i64,
    pub(crate) is_disputed: bool,
    pub(crate) wallet: Wallet,
    pub(crate) balance_transaction: Option<No<BalanceTransaction>>,
    pub(crate) created: i64,
}

impl Charge {
    /// What was taken.
    pub(crate) fn captured(&self) -> i64 {
        if self.outcome == Outcome::Succeeded { self.amount } else { 0 }
    }

    fn failure(&self) -> Option<Decline> {
        match self.outcome {
            Outcome::Failed(decline) => Some(decline),
            Outcome::Succeeded | Outcome::Pending => None,
        }
    }

    fn method_json(&self) -> Value {
        match self.wallet {
            Wallet::Card { brand, last4 } => json!({
                "card": {
                    "brand": brand,
                    "country": "US",
                    "exp_month": 12,
                    "exp_year": 2031,
                    "funding": "credit",
                    "last4": format!("{last4:04}"),
                    "network": brand,
                },
                "type": "card",
            }),
            Wallet::Bank { last4 } => json!({
                "type": "us_bank_account",
                "us_bank_account": { "bank_name": "STRIPE TEST BANK", "last4": format!("{last4:04}") },
            }),
            Wallet::Empty => Value::Null,
        }
    }

    fn outcome_json(&self) -> Value {
        let failure = self.failure();
        let accepted = || {
            json!({
                "advice_code": null,
                "network_advice_code": null,
                "network_decline_code": null,
                "network_status": "approved_by_network",
                "reason": null,
                "risk_level": "normal",
                "risk_score": 12,
                "seller_message": "Payment complete.",
                "type": "authorized",
            })
        };
        json!({
            "amount_captured": self.captured(),
            "amount_refunded": self.refunded,
            "captured": self.outcome == Outcome::Succeeded,
            "disputed": self.is_disputed,
            "failure_balance_transaction": null,
            "failure_code": failure.map(Decline::code),
            "failure_message": failure.map(Decline::message),
            "outcome": failure.map_or_else(accepted, Decline::outcome_json),
            "paid": self.outcome == Outcome::Succeeded,
            "refunded": self.refunded > 0 && self.refunded == self.amount,
            "status": match self.outcome {
                Outcome::Succeeded => "succeeded",
                Outcome::Pending => "pending",
                Outcome::Failed(_) => "failed",
            },
        })
    }
}

impl Named for Charge {
    const PREFIX: &'static str = "ch_3";
    const LENGTH: usize = 23;
}

impl Object for Charge {
    const WORD: &'static str = "charge";
    kept_in!(charges);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let customer = world.get(self.customer);
        let id = world.id(no);
        let receipt = (self.outcome == Outcome::Succeeded).then(|| format!("https://pay.devflowhub.example/r/{id}"));
        let fixed = json!({
            "id": id,
            "object": Self::WORD,
            "amount": self.amount,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": self.balance_transaction.map(|transaction| world.id(transaction)),
            "billing_details": {
                "address": customer.map(|customer| customer.address_json()),
                "email": customer.and_then(|customer| customer.email.as_deref()),
                "name": customer.map(|customer| &*customer.name),
                "phone": null,
                "tax_id": null,
            },
            "calculated_statement_descriptor": "DEVFLOWHUB",
            "created": self.created,
            "currency": self.currency.code(),
            "customer": world.id(self.customer),
            "description": "Subscription",
            "fraud_details": {},
            "livemode": false,
            "metadata": {},
            "on_behalf_of": null,
            "payment_intent": world.id(self.intent),
            "payment_method": customer.and_then(|customer| customer.payment_method(self.customer, world)),
            "payment_method_details": self.method_json(),
            "receipt_email": null,
            "receipt_number": null,
            "receipt_url": receipt,
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "transfer_data": null,
            "transfer_group": null,
        });
        joined(fixed, [self.outcome_json()])
    }
}
