//! Attempts to take money, one row per attempt.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{ChargeId, CustomerId, PaymentIntentId};
use crate::money::{Currency, Minor};
use crate::open_enum;

open_enum! {
    /// How an attempt ended.
    pub enum ChargeStatus {
        /// Money was taken. An asynchronous debit may still fail later.
        Succeeded = "succeeded",
        /// Not known yet.
        Pending = "pending",
        /// Refused.
        Failed = "failed",
    }
}

open_enum! {
    /// Who decided on an attempt.
    pub enum OutcomeType {
        /// Let through.
        Authorized = "authorized",
        /// Let through, to be looked at.
        ManualReview = "manual_review",
        /// Refused by the customer's bank.
        IssuerDeclined = "issuer_declined",
        /// Stopped by Radar: it never reached the bank.
        Blocked = "blocked",
        /// The request itself was wrong.
        Invalid = "invalid",
    }
}

/// A charge. **Units**: minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Its id.
    pub id: ChargeId,
    /// Who was charged.
    pub customer: Option<CustomerId>,
    /// The payment it is an attempt of.
    pub payment_intent: Option<PaymentIntentId>,
    /// How it ended.
    pub status: ChargeStatus,
    /// Its currency.
    pub currency: Currency,
    /// What was asked for.
    pub amount: Minor,
    /// What was taken.
    pub amount_captured: Minor,
    /// What was given back.
    pub amount_refunded: Minor,
    /// Whether the money was taken and not only held.
    pub is_captured: bool,
    /// Whether it is disputed.
    pub is_disputed: bool,
    /// Stripe's own word for a failure.
    pub failure_code: Option<String>,
    /// Who decided.
    pub outcome_type: Option<OutcomeType>,
    /// The decline code of the bank or Radar's rule.
    pub outcome_reason: Option<String>,
    /// Card brand, where it was a card.
    pub card_brand: Option<String>,
    /// Last four digits, where it was a card. Nothing more of a card is ever read.
    pub card_last4: Option<String>,
    /// When it was made.
    pub created_at: Instant,
}
