//! Which objects have lists, what those can be filtered by, and which permission reads them.
//!
//! One line in the table per endpoint; the filters of each kind beside it. **Source**: the list parameters of the
//! pinned version.

use std::collections::BTreeMap;

use serde_json::Value;

use super::list::{self, Filter, Resource};
use super::query::Param::{self, Flag, Range, Text, Texts, Word};
use super::query::Query;
use super::refusal::Refusal;
use crate::world::subscription::Status;
use crate::world::{
    BalanceTransaction, Charge, Coupon, Customer, Dispute, Event, Invoice, InvoicePayment, Meter, Object,
    PaymentIntent, PaymentMethodConfiguration, PortalConfiguration, Price, Product, PromotionCode, Refund,
    Subscription, TaxRate, TaxRegistration, WebhookEndpoint, World,
};

/// An endpoint: a list, and the reads of its objects.
pub(super) struct Endpoint {
    /// What follows `/v1/`.
    pub(super) path: &'static str,
    /// The permission that a restricted key needs.
    pub(super) permission: &'static str,
    /// The word of its objects.
    pub(super) word: &'static str,
    /// What the list takes besides the parameters of every list.
    pub(super) params: &'static [Param],
    pub(super) list: fn(&World, &str, &Query) -> Result<Value, Refusal>,
    pub(super) one: fn(&World, &str) -> Result<Value, Refusal>,
    pub(super) all: fn(&World) -> Vec<Value>,
    count: fn(&World) -> u64,
}

impl Endpoint {
    const fn of<T: Resource>(path: &'static str, permission: &'static str, params: &'static [Param]) -> Self {
        Self {
            path,
            permission,
            word: T::WORD,
            params,
            list: list::list::<T>,
            one: list::one::<T>,
            all: list::all::<T>,
            count: list::count::<T>,
        }
    }

    /// An endpoint of which this company has nothing.
    const fn empty(path: &'static str, permission: &'static str, word: &'static str, params: &'static [Param]) -> Self {
        Self {
            path,
            permission,
            word,
            params,
            list: |_, url, query| list::slice(url, query, "object", &[]),
            one: |_, id| Err(Refusal::no_such(404, "object", id, "id")),
            all: |_| Vec::new(),
            count: |_| 0,
        }
    }
}

const INTERVALS: &[&str] = &["day", "month", "week", "year"];
const COLLECTION: Param = Word("collection_method", &["charge_automatically", "send_invoice"]);
const CREATED: Param = Range("created");

/// Every endpoint with a list.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::of::<BalanceTransaction>(
        "balance_transactions",
        "balance_transaction_source_read",
        &[CREATED, Text("currency"), Text("payout"), Text("source"), Text("type")],
    ),
    Endpoint::of::<Charge>(
        "charges",
        "charge_read",
        &[CREATED, Text("customer"), Text("payment_intent"), Text("transfer_group")],
    ),
    Endpoint::of::<Coupon>("coupons", "coupon_read", &[CREATED]),
    Endpoint::empty(
        "credit_notes",
        "credit_note_read",
        "credit_note",
        &[CREATED, Text("customer"), Text("customer_account"), Text("invoice")],
    ),
    Endpoint::of::<Customer>("customers", "customer_read", &[CREATED, Text("email"), Text("test_clock")]),
    Endpoint::of::<Dispute>("disputes", "dispute_read", &[CREATED, Text("charge"), Text("payment_intent")]),
    Endpoint::of::<Event>("events", "event_read", &[CREATED, Text("type"), Texts("types"), Flag("delivery_success")]),
    Endpoint::of::<InvoicePayment>(
        "invoice_payments",
        "invoice_read",
        &[
            CREATED,
            Text("invoice"),
            Word("status", &["canceled", "open", "paid"]),
            Word("payment[type]", &["payment_intent", "payment_record"]),
            Text("payment[payment_intent]"),
            Text("payment[payment_record]"),
        ],
    ),
    Endpoint::of::<Invoice>(
        "invoices",
        "invoice_read",
        &[
            CREATED,
            Range("due_date"),
            COLLECTION,
            Text("customer"),
            Text("customer_account"),
            Text("subscription"),
            Word("status", &["draft", "open", "paid", "uncollectible", "void"]),
        ],
    ),
    Endpoint::of::<Meter>("billing/meters", "billing_meter_read", &[Word("status", &["active", "inactive"])]),
    Endpoint::of::<PaymentIntent>(
        "payment_intents",
        "payment_intent_read",
        &[CREATED, Text("customer"), Text("customer_account")],
    ),
    Endpoint::of::<PaymentMethodConfiguration>(
        "payment_method_configurations",
        "payment_method_configuration_read",
        &[Flag("active"), Text("application")],
    ),
    Endpoint::empty(
        "payouts",
        "payout_read",
        "payout",
        &[CREATED, Range("arrival_date"), Text("destination"), Text("status")],
    ),
    Endpoint::of::<PortalConfiguration>(
        "billing_portal/configurations",
        "customer_portal_read",
        &[Flag("active"), Flag("is_default")],
    ),
    Endpoint::of::<Price>(
        "prices",
        "plan_read",
        &[
            CREATED,
            Flag("active"),
            Text("currency"),
            Texts("lookup_keys"),
            Text("product"),
            Word("type", &["one_time", "recurring"]),
            Word("recurring[interval]", INTERVALS),
            Word("recurring[usage_type]", &["licensed", "metered"]),
            Text("recurring[meter]"),
        ],
    ),
    Endpoint::of::<Product>(
        "products",
        "product_read",
        &[CREATED, Flag("active"), Texts("ids"), Flag("shippable"), Word("type", &["good", "service"]), Text("url")],
    ),
    Endpoint::of::<PromotionCode>(
        "promotion_codes",
        "promotion_code_read",
        &[CREATED, Flag("active"), Text("code"), Text("coupon"), Text("customer"), Text("customer_account")],
    ),
    Endpoint::of::<Refund>("refunds", "charge_read", &[CREATED, Text("charge"), Text("payment_intent")]),
    Endpoint::of::<Subscription>(
        "subscriptions",
        "subscription_read",
        &[
            CREATED,
            Range("current_period_start"),
            Range("current_period_end"),
            Flag("automatic_tax[enabled]"),
            COLLECTION,
            Text("customer"),
            Text("customer_account"),
            Text("price"),
            Text("plan"),
            Text("test_clock"),
            Word(
                "status",
                &[
                    "active",
                    "all",
                    "canceled",
                    "ended",
                    "incomplete",
                    "incomplete_expired",
                    "past_due",
                    "paused",
                    "trialing",
                    "unpaid",
                ],
            ),
        ],
    ),
    Endpoint::of::<TaxRate>("tax_rates", "tax_rate_read", &[CREATED, Flag("active"), Flag("inclusive")]),
    Endpoint::of::<TaxRegistration>(
        "tax/registrations",
        "tax_settings_read",
        &[Word("status", &["active", "all", "expired", "scheduled"])],
    ),
    Endpoint::of::<WebhookEndpoint>("webhook_endpoints", "webhook_read", &[]),
];

/// The permission to read objects of a word, for those that can be expanded.
pub(super) fn permission_of(word: &str) -> Option<&'static str> {
    ENDPOINTS.iter().find(|endpoint| endpoint.word == word).map(|endpoint| endpoint.permission)
}

/// Counts the objects of every list, deleted ones left out.
pub(crate) fn counts(world: &World) -> BTreeMap<&'static str, u64> {
    ENDPOINTS.iter().map(|endpoint| (endpoint.path, (endpoint.count)(world))).collect()
}

fn everything<'q, T>() -> Filter<'q, T> {
    Box::new(|_, _| true)
}

fn is<T: PartialEq>(wanted: Option<T>, held: T) -> bool {
    wanted.is_none_or(|wanted| wanted == held)
}

impl Resource for BalanceTransaction {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let (currency, kind, source) = (query.text("currency"), query.text("type"), query.text("source"));
        let has_payout = query.text("payout").is_some();
        Ok(Box::new(move |_, transaction| {
            !has_payout
                && is(currency, transaction.currency.code())
                && is(kind, transaction.words().0)
                && source.is_none_or(|source| transaction.source_id(world) == source)
        }))
    }
}

impl Resource for Charge {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let customer = query.object::<Customer>("customer", world)?;
        let intent = query.object::<PaymentIntent>("payment_intent", world)?;
        let has_group = query.text("transfer_group").is_some();
        Ok(Box::new(move |_, charge| !has_group && is(customer, charge.customer) && is(intent, charge.intent)))
    }
}

impl Resource for Coupon {
    fn filter<'q>(_: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        Ok(everything())
    }
}

impl Resource for Customer {
    fn filter<'q>(query: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        no_test_clock(query)?;
        let email = query.text("email");
        Ok(Box::new(move |_, customer| email.is_none_or(|email| customer.email.as_deref() == Some(email))))
    }
}

/// No object of this company is on a test clock.
fn no_test_clock(query: &Query) -> Result<(), Refusal> {
    match query.text("test_clock") {
        Some(id) => Err(Refusal::no_such(400, "test_clock", id, "test_clock")),
        None => Ok(()),
    }
}

impl Resource for Dispute {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let charge = query.object::<Charge>("charge", world)?;
        let intent = query.object::<PaymentIntent>("payment_intent", world)?;
        Ok(Box::new(move |_, dispute| is(charge, dispute.charge) && is(intent, dispute.intent)))
    }
}

/// How many types one read of events may name.
const TYPES_MAX: usize = 20;

impl Resource for Event {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let (kind, kinds, delivered) = (query.text("type"), query.texts("types"), query.flag("delivery_success"));
        if kinds.len() > TYPES_MAX {
            return Err(Refusal::value("types", None, "You may only specify up to 20 types."));
        }
        if kind.is_some() && !kinds.is_empty() {
            return Err(Refusal::value("types", None, "You may only specify one of these parameters: type, types."));
        }
        let now = world.now();
        Ok(Box::new(move |_, event| {
            let word = event.kind.word();
            let is_kind = |kind: &str| match kind.strip_suffix('*') {
                Some(family) => word.starts_with(family),
                None => word == kind,
            };
            !event.is_out_of_reach(world)
                && kind.is_none_or(is_kind)
                && (kinds.is_empty() || kinds.contains(&word))
                && is(delivered, event.pending_webhooks(now) == 0)
        }))
    }

    fn is_out_of_reach(&self, world: &World) -> bool {
        self.created < world.now() - crate::world::EVENT_RETENTION_S
    }

    fn lost_cursor(id: &str, param: &str, world: &World) -> Refusal {
        match world.find::<Self>(id) {
            Some((_, event)) if event.is_out_of_reach(world) => {
                Refusal::value(param, None, format!("The event '{id}' is past the retention period of 30 days."))
            }
            _ => Refusal::no_such(400, Self::WORD, id, param),
        }
    }
}

impl Resource for InvoicePayment {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let invoice = query.object::<Invoice>("invoice", world)?;
        let intent = query.object::<PaymentIntent>("payment[payment_intent]", world)?;
        let (status, kind) = (query.text("status"), query.text("payment[type]"));
        let record = query.text("payment[payment_record]");
        Ok(Box::new(move |no, payment| {
            let is_intent = payment.intent.is_some();
            is(invoice, payment.invoice)
                && is(status, payment.status())
                && (intent.is_none() || intent == payment.intent)
                && is(kind, if is_intent { "payment_intent" } else { "payment_record" })
                && record.is_none_or(|record| payment.record_id(no, world).as_deref() == Some(record))
        }))
    }
}

impl Resource for Invoice {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let customer = query.object::<Customer>("customer", world)?;
        let subscription = query.object::<Subscription>("subscription", world)?;
        let (status, collection) = (query.text("status"), query.text("collection_method"));
        let due = query.has_range("due_date").then(|| query.range("due_date"));
        let is_alien = query.text("customer_account").is_some();
        Ok(Box::new(move |_, invoice| {
            !is_alien
                && is(customer, invoice.customer)
                && (subscription.is_none() || subscription == invoice.subscription)
                && is(status, invoice.standing.word())
                && is(collection, invoice.collection_method())
                && due.as_ref().is_none_or(|due| invoice.due.is_some_and(|at| due.contains(&at)))
        }))
    }
}

impl Resource for Meter {
    const HAS_CREATED: bool = false;

    fn filter<'q>(query: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let status = query.text("status");
        Ok(Box::new(move |_, _| is(status, "active")))
    }
}

impl Resource for PaymentIntent {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let customer = query.object::<Customer>("customer", world)?;
        let is_alien = query.text("customer_account").is_some();
        Ok(Box::new(move |_, intent| !is_alien && is(customer, intent.customer)))
    }
}

impl Resource for PaymentMethodConfiguration {
    const HAS_CREATED: bool = false;

    fn filter<'q>(query: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let active = query.flag("active");
        Ok(Box::new(move |_, _| is(active, true)))
    }
}

impl Resource for PortalConfiguration {
    const HAS_CREATED: bool = false;

    fn filter<'q>(query: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let (active, is_default) = (query.flag("active"), query.flag("is_default"));
        Ok(Box::new(move |_, _| is(active, true) && is(is_default, true)))
    }
}

impl Resource for Price {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let product = query.object::<Product>("product", world)?;
        let meter = query.object::<Meter>("recurring[meter]", world)?;
        // Only active prices are listed unless the others are asked for.
        let active = query.flag("active").unwrap_or(true);
        let (currency, kind, keys) = (query.text("currency"), query.text("type"), query.texts("lookup_keys"));
        let (interval, usage) = (query.text("recurring[interval]"), query.text("recurring[usage_type]"));
        Ok(Box::new(move |_, price| {
            !price.is_inline
                && price.is_active == active
                && is(product, price.product)
                && is(currency, price.currency.code())
                && is(kind, price.kind())
                && (interval.is_none() || (price.kind() == "recurring" && is(interval, price.interval.word())))
                && (usage.is_none() || usage == price.usage_type())
                && (meter.is_none() || meter == price.meter())
                && (keys.is_empty() || price.lookup_key.is_some_and(|key| keys.contains(&key)))
        }))
    }
}

impl Resource for Product {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let (active, ids, kind) = (query.flag("active"), query.texts("ids"), query.text("type"));
        let is_alien = query.text("url").is_some() || query.flag("shippable") == Some(true);
        Ok(Box::new(move |no, product| {
            !is_alien
                && is(active, product.is_active)
                && is(kind, "service")
                && (ids.is_empty() || ids.contains(&world.id(no).as_str()))
        }))
    }
}

impl Resource for PromotionCode {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let coupon = query.object::<Coupon>("coupon", world)?;
        let (active, code) = (query.flag("active"), query.text("code"));
        let is_alien = query.text("customer").is_some() || query.text("customer_account").is_some();
        Ok(Box::new(move |_, promotion| {
            !is_alien && is(active, true) && is(code, promotion.code) && is(coupon, promotion.coupon)
        }))
    }
}

impl Resource for Refund {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let charge = query.object::<Charge>("charge", world)?;
        let intent = query.object::<PaymentIntent>("payment_intent", world)?;
        Ok(Box::new(move |_, refund| is(charge, refund.charge) && is(intent, refund.intent)))
    }
}

impl Resource for Subscription {
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        no_test_clock(query)?;
        let customer = query.object::<Customer>("customer", world)?;
        let price = query.object::<Price>("price", world)?.or(query.object::<Price>("plan", world)?);
        let (status, collection) = (query.text("status"), query.text("collection_method"));
        let (starts, ends) = (query.range("current_period_start"), query.range("current_period_end"));
        let is_alien = query.text("customer_account").is_some() || query.flag("automatic_tax[enabled]") == Some(true);
        let is_status = move |held: Status| match status {
            None => held != Status::Canceled,
            Some("all") => true,
            Some("ended") => held.is_final(),
            Some(word) => held.word() == word,
        };
        Ok(Box::new(move |_, subscription| {
            let last_start = subscription.items.iter().map(|item| item.start).max().unwrap_or(i64::MIN);
            !is_alien
                && is_status(subscription.status)
                && is(customer, subscription.customer)
                && is(collection, subscription.collection_method())
                && price.is_none_or(|price| subscription.items.iter().any(|item| item.price == price))
                && starts.contains(&last_start)
                && ends.contains(&subscription.next_renewal())
        }))
    }
}

impl Resource for TaxRate {
    fn filter<'q>(query: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let (active, inclusive) = (query.flag("active"), query.flag("inclusive"));
        Ok(Box::new(move |_, rate| is(active, true) && is(inclusive, rate.is_inclusive)))
    }
}

impl Resource for TaxRegistration {
    const HAS_CREATED: bool = false;

    fn filter<'q>(query: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        let status = query.text("status");
        Ok(Box::new(move |_, _| matches!(status, None | Some("active" | "all"))))
    }
}

impl Resource for WebhookEndpoint {
    const HAS_CREATED: bool = false;

    fn filter<'q>(_: &'q Query, _: &'q World) -> Result<Filter<'q, Self>, Refusal> {
        Ok(everything())
    }
}
