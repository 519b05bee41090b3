//! The invented company as Stripe knows it: every object, every event, kept compact and rendered on request.
//!
//! This folder says what things are and how they look; what happens to them is told in `story`. An event shares the
//! state it tells of with the object's table until the object changes again (copy on write), so a month of full
//! payloads costs little more than the changes themselves.

pub(crate) mod account;
pub(crate) mod balance_transaction;
pub(crate) mod charge;
pub(crate) mod coupon;
pub(crate) mod customer;
pub(crate) mod dispute;
pub(crate) mod event;
pub(crate) mod invoice;
pub(crate) mod invoice_line;
pub(crate) mod invoice_payment;
pub(crate) mod mrr;
pub(crate) mod older;
pub(crate) mod payment_intent;
pub(crate) mod price;
pub(crate) mod price_list;
pub(crate) mod product;
pub(crate) mod refund;
pub(crate) mod settings;
pub(crate) mod subscription;
pub(crate) mod table;
pub(crate) mod tax_rate;
pub(crate) mod webhook_endpoint;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

pub(crate) use balance_transaction::BalanceTransaction;
pub(crate) use charge::Charge;
pub(crate) use coupon::{Coupon, Discount, PromotionCode};
pub(crate) use customer::Customer;
pub(crate) use dispute::Dispute;
pub(crate) use event::{CheckoutSession, Event, EventKind, Told};
pub(crate) use invoice::Invoice;
pub(crate) use invoice_payment::InvoicePayment;
pub(crate) use payment_intent::PaymentIntent;
pub(crate) use price::Price;
pub(crate) use product::Product;
pub(crate) use refund::Refund;
pub(crate) use settings::{Meter, PaymentMethodConfiguration, PortalConfiguration, TaxRegistration};
pub(crate) use subscription::Subscription;
pub(crate) use table::{Named, No, Table};
pub(crate) use tax_rate::TaxRate;
pub(crate) use webhook_endpoint::WebhookEndpoint;

use crate::calendar::DAY;
use crate::options::WorldOptions;

/// How long Stripe lists events, in seconds.
pub(crate) const EVENT_RETENTION_S: i64 = 30 * DAY;

/// The currencies the company sells in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Currency {
    #[default]
    Usd,
    Eur,
    Jpy,
}

impl Currency {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Usd, Self::Eur, Self::Jpy];

    /// The code as Stripe writes it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Usd => "usd",
            Self::Eur => "eur",
            Self::Jpy => "jpy",
        }
    }
}

/// An object that Stripe's API serves.
pub(crate) trait Object: Named + Clone + Send + Sync + 'static {
    /// The word in its `object` field.
    const WORD: &'static str;

    /// When it was made.
    fn created(&self) -> i64;

    /// Its id. A merchant chooses the ids of coupons; all others are made.
    fn id_of(no: No<Self>, world: &World) -> String {
        world.id(no)
    }

    /// The number behind an id. The object may not exist (any more).
    fn number_of(id: &str, world: &World) -> Option<No<Self>> {
        world.number(id)
    }

    /// Whether it was deleted and stays behind only for what refers to it.
    fn is_deleted(&self) -> bool {
        false
    }

    /// Renders it at the pinned version, nothing expanded.
    fn json(&self, no: No<Self>, world: &World) -> Value;

    /// Renders it with its embedded lists complete, as a mirror should hold it.
    fn whole_json(&self, no: No<Self>, world: &World) -> Value {
        self.json(no, world)
    }

    /// Where objects of this kind are kept.
    fn table(tables: &Tables) -> &Table<Self>;

    /// Where objects of this kind are kept, to be changed.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
}

/// Declares the tables: field, object.
macro_rules! tables {
    ($($field:ident: $object:ident),+ $(,)?) => {
        /// Every object of the company.
        #[derive(Debug, Default)]
        pub(crate) struct Tables { $(pub(crate) $field: Table<$object>,)+ }

        impl Tables {
            fn settle(&mut self) {
                $(self.$field.settle();)+
            }
        }
    };
}

tables! {
    products: Product,
    prices: Price,
    coupons: Coupon,
    promotion_codes: PromotionCode,
    tax_rates: TaxRate,
    discounts: Discount,
    customers: Customer,
    subscriptions: Subscription,
    invoices: Invoice,
    invoice_payments: InvoicePayment,
    payment_intents: PaymentIntent,
    charges: Charge,
    refunds: Refund,
    disputes: Dispute,
    balance_transactions: BalanceTransaction,
    checkout_sessions: CheckoutSession,
    webhook_endpoints: WebhookEndpoint,
    meters: Meter,
    payment_method_configurations: PaymentMethodConfiguration,
    portal_configurations: PortalConfiguration,
    tax_registrations: TaxRegistration,
    events: Event,
}

/// Names the table of an object inside its `impl Object`.
macro_rules! kept_in {
    ($field:ident) => {
        fn table(tables: &crate::world::Tables) -> &crate::world::Table<Self> {
            &tables.$field
        }

        fn table_mut(tables: &mut crate::world::Tables) -> &mut crate::world::Table<Self> {
            &mut tables.$field
        }
    };
}
pub(crate) use kept_in;

/// The company, as it stands at one moment.
#[derive(Debug)]
pub(crate) struct World {
    /// What all ids and draws come from.
    pub(crate) seed: u64,
    /// The end of the generated history.
    pub(crate) as_of: i64,
    /// The beginning of the generated history.
    pub(crate) starts_at: i64,
    /// Changes before this moment leave no event that Stripe would still list.
    pub(crate) events_from: i64,
    /// Which share of events is rendered in an older version, of a hundred.
    pub(crate) older_pct: u8,
    /// Every object.
    pub(crate) tables: Tables,
    /// The subscription of each subscription item, by the item's number.
    pub(crate) item_owners: Vec<No<Subscription>>,
    /// The events too old to be listed that the application once handled.
    pub(crate) handled: Vec<event::PastEvent>,
    /// MRR of each subscription over time, by the subscription's number.
    pub(crate) mrr: Vec<mrr::Course>,
    /// From when on the planted handler fails.
    pub(crate) failing_from: i64,
    /// Subscriptions of whose past MRR the API does not tell everything.
    pub(crate) unseen: Vec<No<Subscription>>,
    /// The present moment; moves on while the company lives.
    now: AtomicI64,
    numbers: Numbers,
    is_settled: bool,
}

/// The next number of everything that has an id but no table.
#[derive(Debug, Default)]
struct Numbers {
    line: u32,
    invoice_item: u32,
}

impl World {
    /// Opens an empty company: its settings, no customers yet.
    pub(crate) fn empty(options: &WorldOptions) -> Self {
        let as_of = options.as_of.timestamp();
        Self {
            seed: options.seed,
            as_of,
            starts_at: crate::calendar::minus_months(as_of, u32::from(options.months)),
            events_from: as_of - EVENT_RETENTION_S,
            older_pct: options.older_renderings_pct,
            tables: Tables::default(),
            item_owners: Vec::new(),
            handled: Vec::new(),
            mrr: Vec::new(),
            failing_from: as_of - crate::faults::FAILING_S,
            unseen: Vec::new(),
            now: AtomicI64::new(as_of),
            numbers: Numbers::default(),
            is_settled: false,
        }
    }

    /// Brings every list into the order of creation; from here on the company lives.
    pub(crate) fn settle(&mut self) {
        self.tables.settle();
        self.is_settled = true;
    }

    /// The present moment.
    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Moves the present moment on; it never goes back.
    pub(crate) fn reach(&self, now: i64) {
        self.now.fetch_max(now, Ordering::Relaxed);
    }

    /// Writes the id of an object.
    pub(crate) fn id<T: Named>(&self, no: No<T>) -> String {
        table::id_text(self.seed, no)
    }

    /// Reads an id back. The object may not exist (any more).
    pub(crate) fn number<T: Named>(&self, id: &str) -> Option<No<T>> {
        table::number_of(self.seed, id)
    }

    /// Finds an object that was not removed.
    pub(crate) fn get<T: Object>(&self, no: No<T>) -> Option<&Arc<T>> {
        T::table(&self.tables).get(no)
    }

    /// Finds an object by its id.
    pub(crate) fn find<T: Object>(&self, id: &str) -> Option<(No<T>, &Arc<T>)> {
        let no = T::number_of(id, self)?;
        self.get(no).map(|object| (no, object))
    }

    /// Adds an object about which there is nothing to tell.
    pub(crate) fn put<T: Object>(&mut self, object: T) -> No<T> {
        let created = object.created();
        let table = T::table_mut(&mut self.tables);
        if self.is_settled { table.insert(created, object) } else { table.push(created, object) }
    }

    /// Adds an object and tells of it.
    pub(crate) fn add<T: Object + Told>(&mut self, kind: EventKind, object: T) -> No<T> {
        let at = object.created();
        let no = self.put(object);
        self.tell(kind, at, no);
        no
    }

    /// Changes an object without telling.
    pub(crate) fn touch<T: Object>(&mut self, no: No<T>, change: impl FnOnce(&mut T)) {
        if let Some(object) = T::table_mut(&mut self.tables).get_mut(no) {
            change(Arc::make_mut(object));
        }
    }

    /// Changes an object and tells what it was before.
    pub(crate) fn change<T: Object + Told>(
        &mut self,
        kind: EventKind,
        at: i64,
        no: No<T>,
        change: impl FnOnce(&mut T),
    ) {
        let before = if at < self.events_from { None } else { self.get(no).cloned() };
        self.touch(no, change);
        self.record(kind, at, no, before);
    }

    /// Removes an object and tells of its last state.
    pub(crate) fn remove<T: Object + Told>(&mut self, kind: EventKind, at: i64, no: No<T>) {
        self.tell(kind, at, no);
        T::table_mut(&mut self.tables).remove(no);
    }

    /// Tells of an object as it stands.
    pub(crate) fn tell<T: Object + Told>(&mut self, kind: EventKind, at: i64, no: No<T>) {
        self.record(kind, at, no, None);
    }

    /// Tells of a change that was made step by step, with what was before the first.
    pub(crate) fn tell_change<T: Object + Told>(
        &mut self,
        kind: EventKind,
        at: i64,
        no: No<T>,
        before: Option<Arc<T>>,
    ) {
        self.record(kind, at, no, before);
    }

    fn record<T: Object + Told>(&mut self, kind: EventKind, at: i64, no: No<T>, before: Option<Arc<T>>) {
        if at < self.events_from {
            if kind.is_handled() {
                self.handled.push(event::PastEvent::of(kind, at, self.handled.len(), T::mention(no)));
            }
            return;
        }
        let Some(after) = self.get(no).cloned() else { return };
        let number = No::at(self.tables.events.len());
        let before = before.map(|before| T::subject(no, before));
        let event = Event::new(self, kind, at, number, T::subject(no, after), before);
        self.put(event);
    }

    /// Gives the number of the next invoice line.
    pub(crate) fn next_line(&mut self) -> No<invoice_line::Line> {
        self.numbers.line += 1;
        No::new(self.numbers.line)
    }

    /// Gives the number of the next invoice item.
    pub(crate) fn next_invoice_item(&mut self) -> No<invoice_line::InvoiceItem> {
        self.numbers.invoice_item += 1;
        No::new(self.numbers.invoice_item)
    }

    /// Gives the number of the next subscription item.
    pub(crate) fn next_item(&mut self, owner: No<Subscription>) -> No<subscription::Item> {
        let no = No::at(self.item_owners.len());
        self.item_owners.push(owner);
        no
    }
}

/// Adds parts to an object that were rendered apart, because an object may have a hundred keys.
pub(crate) fn joined(whole: Value, parts: impl IntoIterator<Item = Value>) -> Value {
    let Value::Object(mut all) = whole else { return whole };
    for part in parts {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    Value::Object(all)
}

/// How many entries Stripe embeds of a list inside an object.
pub(crate) const EMBEDDED_MAX: usize = 10;

/// Renders a list inside an object: its first entries, whether there are more, and where.
pub(crate) fn embedded(url: &str, count: usize, entries: impl Iterator<Item = Value>) -> Value {
    serde_json::json!({
        "object": "list",
        "data": entries.take(EMBEDDED_MAX).collect::<Vec<_>>(),
        "has_more": count > EMBEDDED_MAX,
        "url": url,
    })
}

/// Completes a list inside a rendered object.
pub(crate) fn completed(mut object: Value, list: &str, entries: impl Iterator<Item = Value>) -> Value {
    if let Some(list) = object.get_mut(list).and_then(Value::as_object_mut) {
        list.insert("data".to_owned(), entries.collect());
        list.insert("has_more".to_owned(), Value::Bool(false));
    }
    object
}
