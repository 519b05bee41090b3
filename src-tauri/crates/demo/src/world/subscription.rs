//! What recurs for whom.
//!
//! Items keep their own anchor and count of periods, because those of one subscription may have different intervals.

use serde_json::{Value, json};

use super::{
    Currency, Customer, Discount, Invoice, Named, No, Object, Price, TaxRate, World, completed, embedded, joined,
    kept_in,
};

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Paused,
    Canceled,
}

impl Status {
    /// The word Stripe uses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing can happen to it any more.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// One item of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) no: No<Item>,
    pub(crate) price: No<Price>,
    /// How many; `None` for metered ones.
    pub(crate) quantity: Option<u32>,
    pub(crate) created: i64,
    /// What its periods are counted from, and how many were.
    pub(crate) anchor: i64,
    pub(crate) periods: u32,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) discount: Option<No<Discount>>,
}

impl Named for Item {
    const PREFIX: &'static str = "si_";
    const LENGTH: usize = 14;
}

/// How an end was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cancellation {
    /// Stripe's word for the reason.
    pub(crate) reason: &'static str,
    /// What the customer chose from the list.
    pub(crate) feedback: Option<&'static str>,
    /// When it was asked for.
    pub(crate) asked: i64,
}

/// What happens to invoices while collection is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    Void,
    KeepAsDraft,
}

/// A subscription.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) customer: No<Customer>,
    pub(crate) currency: Currency,
    pub(crate) status: Status,
    pub(crate) created: i64,
    /// When it began; earlier than `created` for customers brought over from elsewhere.
    pub(crate) start: i64,
    pub(crate) items: Vec<Item>,
    pub(crate) discounts: Vec<No<Discount>>,
    pub(crate) trial: Option<(i64, i64)>,
    pub(crate) cancel_at: Option<i64>,
    pub(crate) cancels_at_period_end: bool,
    pub(crate) cancellation: Option<Cancellation>,
    pub(crate) ended: Option<i64>,
    /// Paused collection, and when it resumes by itself.
    pub(crate) pause: Option<(Collection, Option<i64>)>,
    /// Since when it is paused, and why.
    pub(crate) paused: Option<(i64, &'static str)>,
    /// Days until an invoice is due, where invoices are sent and not charged.
    pub(crate) days_until_due: Option<u32>,
    pub(crate) tax: Option<No<TaxRate>>,
    pub(crate) latest_invoice: Option<No<Invoice>>,
    /// The application's word for the plan.
    pub(crate) plan: &'static str,
}

impl Subscription {
    /// The earliest end of the items' periods: its next renewal.
    pub(crate) fn next_renewal(&self) -> i64 {
        self.items.iter().map(|item| item.end).min().unwrap_or(i64::MAX)
    }

    /// The latest end of the items' periods: when it is over after being cancelled to the end of the period.
    pub(crate) fn last_paid_until(&self) -> i64 {
        self.items.iter().map(|item| item.end).max().unwrap_or(i64::MAX)
    }

    /// The word Stripe uses for how it is paid.
    pub(crate) fn collection_method(&self) -> &'static str {
        if self.days_until_due.is_some() { "send_invoice" } else { "charge_automatically" }
    }

    /// Renders its items, all of them.
    pub(crate) fn items_json<'a>(
        &'a self,
        no: No<Self>,
        world: &'a World,
    ) -> impl DoubleEndedIterator<Item = Value> + 'a {
        self.items.iter().map(move |item| item.json(no, world))
    }

    /// Where its complete list of items is.
    pub(crate) fn items_url(no: No<Self>, world: &World) -> String {
        format!("/v1/subscription_items?subscription={}", world.id(no))
    }

    fn ending_json(&self) -> Value {
        let cancellation = self.cancellation;
        json!({
            "cancel_at": self.cancel_at,
            "cancel_at_period_end": self.cancels_at_period_end,
            "canceled_at": cancellation.map(|cancellation| cancellation.asked),
            "cancellation_details": {
                "comment": null,
                "feedback": cancellation.and_then(|cancellation| cancellation.feedback),
                "feedback_option": null,
                "reason": cancellation.map(|cancellation| cancellation.reason),
            },
            "ended_at": self.ended,
            "pause_collection": self.pause.map(|(collection, resumes_at)| json!({
                "behavior": match collection { Collection::Void => "void", Collection::KeepAsDraft => "keep_as_draft" },
                "resumes_at": resumes_at,
            })),
            "trial_end": self.trial.map(|(_, end)| end),
            "trial_start": self.trial.map(|(start, _)| start),
            "trial_settings": {
                "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": "pause" },
            },
        })
    }

    fn billing_json(&self, no: No<Self>, world: &World) -> Value {
        let tax_rates = self.tax.and_then(|no| world.get(no).map(|rate| rate.json(no, world)));
        json!({
            "billing_cycle_anchor": self.items.first().map_or(self.start, |item| item.anchor),
            "billing_cycle_anchor_config": null,
            "billing_mode": { "flexible": { "proration_discounts": "itemized" }, "type": "flexible" },
            "billing_schedules": [],
            "billing_thresholds": null,
            "collection_method": self.collection_method(),
            "days_until_due": self.days_until_due,
            "default_tax_rates": tax_rates.into_iter().collect::<Vec<_>>(),
            "discounts": self.discounts.iter().map(|discount| world.id(*discount)).collect::<Vec<_>>(),
            "items": embedded(&Self::items_url(no, world), self.items.len(), self.items_json(no, world)),
            "latest_invoice": self.latest_invoice.map(|invoice| world.id(invoice)),
        })
    }
}

impl Item {
    /// Renders it.
    pub(crate) fn json(&self, owner: No<Subscription>, world: &World) -> Value {
        let price = world.get(self.price);
        let mut json = json!({
            "id": world.id(self.no),
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": self.created,
            "current_period_end": self.end,
            "current_period_start": self.start,
            "current_trial": null,
            "discounts": self.discount.iter().map(|discount| world.id(*discount)).collect::<Vec<_>>(),
            "metadata": {},
            "plan": price.map(|price| price.plan_json(self.price, world)),
            "price": price.map(|price| price.json(self.price, world)),
            "subscription": world.id(owner),
            "tax_rates": [],
        });
        if let (Some(quantity), Some(fields)) = (self.quantity, json.as_object_mut()) {
            fields.insert("quantity".to_owned(), quantity.into());
        }
        json
    }
}

impl Named for Subscription {
    const PREFIX: &'static str = "sub_1";
    const LENGTH: usize = 23;
}

impl Object for Subscription {
    const WORD: &'static str = "subscription";
    kept_in!(subscriptions);

    fn created(&self) -> i64 {
        self.created
    }

    fn whole_json(&self, no: No<Self>, world: &World) -> Value {
        completed(self.json(no, world), "items", self.items_json(no, world))
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let fixed = json!({
            "id": world.id(no),
            "object": Self::WORD,
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "created": self.created,
            "currency": self.currency.code(),
            "customer": world.id(self.customer),
            "customer_account": null,
            "default_payment_method": null,
            "default_source": null,
            "description": null,
            "invoice_settings": {
                "account_tax_ids": null,
                "custom_fields": null,
                "description": null,
                "footer": null,
                "issuer": { "type": "self" },
            },
            "livemode": false,
            "managed_payments": null,
            "metadata": { "plan": self.plan, "userId": Customer::user_id(self.customer, world) },
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "payment_settings": {
                "payment_method_options": null,
                "payment_method_types": null,
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": null,
            "schedule": null,
            "start_date": self.start,
            "status": self.status.word(),
            "test_clock": null,
            "transfer_data": null,
        });
        let paused = self.paused.map_or(Value::Null, |(since, why)| {
            let paused = json!({ "subscription": { "type": why }, "transitioned_at": since, "type": "subscription" });
            json!({ "status_details": { "paused": paused } })
        });
        joined(fixed, [self.ending_json(), self.billing_json(no, world), paused])
    }
}
