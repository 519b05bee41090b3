//! What recurs for whom.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Discount, Price};
use crate::Instant;
use crate::ids::{CustomerId, InvoiceId, PriceId, SubscriptionId, SubscriptionItemId};
use crate::money::Currency;
use crate::open_enum;

open_enum! {
    /// Where a subscription stands.
    pub enum SubscriptionStatus {
        /// The first payment is missing.
        Incomplete = "incomplete",
        /// The first payment never came; it never began.
        IncompleteExpired = "incomplete_expired",
        /// In its trial.
        Trialing = "trialing",
        /// Running.
        Active = "active",
        /// A payment is late and Stripe still tries.
        PastDue = "past_due",
        /// Stripe stopped trying and keeps it open.
        Unpaid = "unpaid",
        /// Nothing is invoiced.
        Paused = "paused",
        /// Ended.
        Canceled = "canceled",
    }
}

open_enum! {
    /// What happens to invoices while collection is paused.
    pub enum PauseBehavior {
        /// They wait as drafts and are collected later.
        KeepAsDraft = "keep_as_draft",
        /// They are written off.
        MarkUncollectible = "mark_uncollectible",
        /// They are voided.
        Void = "void",
    }
}

open_enum! {
    /// Why a subscription ended.
    pub enum CancellationReason {
        /// Somebody asked for it.
        CancellationRequested = "cancellation_requested",
        /// A payment failed for good.
        PaymentFailed = "payment_failed",
        /// A payment was disputed.
        PaymentDisputed = "payment_disputed",
        /// The merchant's retention rules ended it.
        CanceledByRetentionPolicy = "canceled_by_retention_policy",
    }
}

/// A pause of collection; the status stays what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseCollection {
    /// What happens to the invoices.
    pub behavior: PauseBehavior,
    /// When it ends by itself.
    pub resumes_at: Option<Instant>,
}

/// A tax rate on an item or subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    /// Percentage, 0 to 100.
    pub percentage: Decimal,
    /// Whether it is inside the price.
    pub is_inclusive: bool,
}

/// A subscription with its items and discounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Who pays.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// The currency it is billed in.
    pub currency: Currency,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// When it began; may be earlier than `created_at`.
    pub start_at: Instant,
    /// The instant its periods are counted from.
    pub billing_cycle_anchor_at: Option<Instant>,
    /// Planned end.
    pub cancel_at: Option<Instant>,
    /// Whether it ends with the current period.
    pub cancels_at_period_end: bool,
    /// When its end was asked for; it may still run.
    pub canceled_at: Option<Instant>,
    /// When it really ended.
    pub ended_at: Option<Instant>,
    /// Why it ended.
    pub cancellation_reason: Option<CancellationReason>,
    /// Trial from.
    pub trial_start_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Paused collection.
    pub pause_collection: Option<PauseCollection>,
    /// Since when the status is `paused`.
    pub paused_since: Option<Instant>,
    /// Its own discounts in list order; without any, the customer's applies.
    pub discounts: Vec<Discount>,
    /// What it is made of; complete, also where Stripe cut the embedded list.
    pub items: Vec<SubscriptionItem>,
    /// Tax rates of items without their own.
    pub default_tax_rates: Vec<TaxRate>,
    /// The newest invoice.
    pub latest_invoice: Option<InvoiceId>,
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// Whether Stripe computes tax.
    pub has_automatic_tax: bool,
    /// The merchant's own keys.
    pub metadata: BTreeMap<String, String>,
}

/// One item of a subscription. Items may have different intervals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionItem {
    /// Its id.
    pub id: SubscriptionItemId,
    /// What it costs; joined with the price list, which carries tiers and currencies.
    pub price: PriceId,
    /// The price as the answer carried it: without tiers, but there even for inline prices.
    pub embedded: Option<Box<Price>>,
    /// How many; `None` for metered ones.
    pub quantity: Option<Decimal>,
    /// Current period from.
    pub current_period_start_at: Option<Instant>,
    /// Current period until.
    pub current_period_end_at: Option<Instant>,
    /// Its own discounts in list order.
    pub discounts: Vec<Discount>,
    /// Its own tax rates.
    pub tax_rates: Vec<TaxRate>,
    /// End of a trial of this item alone.
    pub trial_end_at: Option<Instant>,
    /// When it was made.
    pub created_at: Option<Instant>,
}
