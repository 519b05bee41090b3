//! That something happened: the feed that a mirror follows, with full payloads.
//!
//! An event holds the state after the change and, for an update, the state before; what Stripe calls
//! `previous_attributes` is the difference between the two renderings, so it can never tell another story.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Charge, Coupon, Currency, Customer, Dispute, Invoice, InvoicePayment, Named, No, Object, PaymentIntent,
    PromotionCode, Refund, Subscription, World, kept_in, older,
};
use crate::random::Random;

macro_rules! kinds {
    ($($kind:ident = $word:literal),+ $(,)?) => {
        /// The types of event that this company produces.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum EventKind { $($kind,)+ }

        impl EventKind {
            /// The word Stripe uses.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$kind => $word,)+ }
            }
        }
    };
}

kinds! {
    ChargeFailed = "charge.failed",
    ChargePending = "charge.pending",
    ChargeRefunded = "charge.refunded",
    ChargeSucceeded = "charge.succeeded",
    ChargeUpdated = "charge.updated",
    CheckoutCompleted = "checkout.session.completed",
    CouponDeleted = "coupon.deleted",
    CouponUpdated = "coupon.updated",
    CustomerCreated = "customer.created",
    CustomerDeleted = "customer.deleted",
    CustomerUpdated = "customer.updated",
    DisputeClosed = "charge.dispute.closed",
    DisputeCreated = "charge.dispute.created",
    IntentCanceled = "payment_intent.canceled",
    IntentCreated = "payment_intent.created",
    IntentFailed = "payment_intent.payment_failed",
    IntentProcessing = "payment_intent.processing",
    IntentSucceeded = "payment_intent.succeeded",
    InvoiceCreated = "invoice.created",
    InvoiceDeleted = "invoice.deleted",
    InvoiceFinalized = "invoice.finalized",
    InvoiceMarkedUncollectible = "invoice.marked_uncollectible",
    InvoicePaid = "invoice.paid",
    InvoicePaymentFailed = "invoice.payment_failed",
    InvoicePaymentPaid = "invoice_payment.paid",
    InvoicePaymentSucceeded = "invoice.payment_succeeded",
    InvoiceSent = "invoice.sent",
    InvoiceUpdated = "invoice.updated",
    InvoiceVoided = "invoice.voided",
    PromotionCodeUpdated = "promotion_code.updated",
    RefundCreated = "refund.created",
    SubscriptionCreated = "customer.subscription.created",
    SubscriptionDeleted = "customer.subscription.deleted",
    SubscriptionPaused = "customer.subscription.paused",
    SubscriptionTrialWillEnd = "customer.subscription.trial_will_end",
    SubscriptionUpdated = "customer.subscription.updated",
}

/// The types that the application's endpoint selects.
/// **Source**: the rollout checklist of the company names these seven.
pub(crate) const HANDLED: &[EventKind] = &[
    EventKind::CheckoutCompleted,
    EventKind::SubscriptionCreated,
    EventKind::SubscriptionUpdated,
    EventKind::SubscriptionDeleted,
    EventKind::InvoicePaymentSucceeded,
    EventKind::InvoicePaymentFailed,
    EventKind::SubscriptionTrialWillEnd,
];

impl EventKind {
    /// Whether the application's endpoint receives it.
    pub(crate) fn is_handled(self) -> bool {
        HANDLED.contains(&self)
    }
}

macro_rules! subjects {
    ($($object:ident),+ $(,)?) => {
        /// What an event is about, in the state it tells of.
        #[derive(Debug, Clone)]
        pub(crate) enum Subject { $($object(No<$object>, Arc<$object>),)+ }

        /// What an event is about, without its state.
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Mention { $($object(No<$object>),)+ }

        impl Subject {
            fn json(&self, world: &World) -> Value {
                match self { $(Self::$object(no, state) => state.json(*no, world),)+ }
            }

            /// Names it without its state.
            pub(crate) fn mention(&self) -> Mention {
                match self { $(Self::$object(no, _) => Mention::$object(*no),)+ }
            }
        }

        impl Mention {
            /// The id of the object.
            pub(crate) fn id(self, world: &World) -> String {
                match self { $(Self::$object(no) => $object::id_of(no, world),)+ }
            }

            /// The word in its `object` field.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$object(_) => $object::WORD,)+ }
            }
        }

        $(impl Told for $object {
            fn subject(no: No<Self>, state: Arc<Self>) -> Subject {
                Subject::$object(no, state)
            }

            fn mention(no: No<Self>) -> Mention {
                Mention::$object(no)
            }
        })+
    };
}

/// An object that events tell of.
pub(crate) trait Told: Sized {
    /// Takes a state of the object as what an event is about.
    fn subject(no: No<Self>, state: Arc<Self>) -> Subject;

    /// Names the object as what an event was about.
    fn mention(no: No<Self>) -> Mention;
}

subjects!(
    Charge,
    CheckoutSession,
    Coupon,
    Customer,
    Dispute,
    Invoice,
    InvoicePayment,
    PaymentIntent,
    PromotionCode,
    Refund,
    Subscription,
);

/// An event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    pub(crate) created: i64,
    pub(crate) subject: Subject,
    pub(crate) before: Option<Subject>,
    /// When every endpoint that selects it had answered; `None` for never.
    pub(crate) delivered: Option<i64>,
    /// Rendered in an older version.
    pub(crate) is_older: bool,
}

impl Event {
    /// Makes the event of a number; its draws depend on the number alone.
    pub(crate) fn new(
        world: &World,
        kind: EventKind,
        at: i64,
        no: No<Self>,
        subject: Subject,
        before: Option<Subject>,
    ) -> Self {
        let mut random = Random::new(world.seed, 0xE7E7_0000_0000 | u64::from(no.number()));
        // Payments of invoices are younger than the older version: an account that old does not tell of them so.
        let is_older = random.below(100) < u64::from(world.older_pct) && kind != EventKind::InvoicePaymentPaid;
        let is_failing = kind == crate::faults::FAILING_KIND && world.failing_from <= at;
        let delivered = match (is_failing, kind.is_handled()) {
            (true, _) => None,
            (false, true) => Some(at + random.between(1, 5)),
            (false, false) => Some(at),
        };
        Self { kind, created: at, subject, before, delivered, is_older }
    }

    /// Deliveries without an answer at an instant. There is one endpoint.
    pub(crate) fn pending_webhooks(&self, at: i64) -> u32 {
        u32::from(self.delivered.is_none_or(|delivered| at < delivered))
    }

    fn rendered(&self, subject: &Subject, world: &World) -> Value {
        let mut json = subject.json(world);
        if self.is_older {
            older::render(subject, &mut json, world);
        }
        json
    }

    /// Renders what the event is about, and what of it was different before.
    fn payload_json(&self, world: &World) -> Value {
        let after = self.rendered(&self.subject, world);
        let mut payload = Map::new();
        if let Some(before) = &self.before
            && let Some(previous) = difference(&self.rendered(before, world), &after)
        {
            payload.insert("previous_attributes".to_owned(), previous);
        }
        payload.insert("object".to_owned(), after);
        Value::Object(payload)
    }
}

/// Gives the parts of `before` that are different in `after`, or `None` when nothing is.
///
/// Objects are compared key by key, lists as a whole; what was not there before is null.
fn difference(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before != after).then(|| before.clone());
    };
    let gone = old.iter().filter(|(key, _)| !new.contains_key(*key)).map(|(key, value)| (key.clone(), value.clone()));
    let changed = new.iter().filter_map(|(key, value)| {
        difference(old.get(key).unwrap_or(&Value::Null), value).map(|previous| (key.clone(), previous))
    });
    let parts: Map<String, Value> = gone.chain(changed).collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}

impl Named for Event {
    const PREFIX: &'static str = "evt_1";
    const LENGTH: usize = 23;
}

impl Object for Event {
    const WORD: &'static str = "event";
    kept_in!(events);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "api_version": if self.is_older { older::VERSION } else { countersign_domain::stripe::API_VERSION },
            "created": self.created,
            "data": self.payload_json(world),
            "livemode": false,
            "pending_webhooks": self.pending_webhooks(world.now()),
            "request": { "id": null, "idempotency_key": null },
            "type": self.kind.word(),
        })
    }
}

/// An event too old to be listed; the application kept a row of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PastEvent {
    pub(crate) no: No<Event>,
    pub(crate) kind: EventKind,
    pub(crate) created: i64,
    pub(crate) about: Mention,
}

impl PastEvent {
    /// Keeps what the application's row needs.
    pub(crate) fn of(kind: EventKind, created: i64, place: usize, about: Mention) -> Self {
        // Listed events count from 0 up, past ones from the other end down: they never meet.
        let number = u32::MAX - u32::try_from(place).unwrap_or(u32::MAX);
        Self { no: No::new(number), kind, created, about }
    }
}

/// A visit to Stripe's checkout page that led to a subscription; served by no list here.
#[derive(Debug, Clone)]
pub(crate) struct CheckoutSession {
    pub(crate) customer: No<Customer>,
    pub(crate) subscription: No<Subscription>,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) created: i64,
}

impl Named for CheckoutSession {
    const PREFIX: &'static str = "cs_test_";
    const LENGTH: usize = 58;
}

impl Object for CheckoutSession {
    const WORD: &'static str = "checkout.session";
    kept_in!(checkout_sessions);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let subscription = world.get(self.subscription);
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "amount_total": self.amount,
            "created": self.created,
            "currency": self.currency.code(),
            "customer": world.id(self.customer),
            "livemode": false,
            "metadata": {
                "plan": subscription.map(|subscription| subscription.plan),
                "userId": Customer::user_id(self.customer, world),
            },
            "mode": "subscription",
            "payment_status": if self.amount == 0 { "no_payment_required" } else { "paid" },
            "status": "complete",
            "subscription": world.id(self.subscription),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_what_was() {
        let cases = [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3}), Some(json!({"b": 2}))),
            (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": 1, "c": 3}}), Some(json!({"a": {"c": 2}}))),
            (json!({"a": [1, 2]}), json!({"a": [1, 3]}), Some(json!({"a": [1, 2]}))),
            (json!({}), json!({"a": 1}), Some(json!({"a": null}))),
            (json!({"a": 1}), json!({}), Some(json!({"a": 1}))),
            (json!({"a": null}), json!({"a": {"b": 1}}), Some(json!({"a": null}))),
        ];
        for (before, after, expected) in cases {
            assert_eq!(difference(&before, &after), expected, "{before} to {after}");
        }
    }
}
