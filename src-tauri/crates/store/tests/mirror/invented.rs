//! A few invented objects, and a mirror to put them into.

use countersign_domain::Instant;
use countersign_domain::ids::{AccountId, CustomerId, InvoiceId, SubscriptionId};
use countersign_domain::money::{Currency, Minor};
use countersign_domain::stripe::charge::ChargeStatus;
use countersign_domain::stripe::invoice::InvoiceStatus;
use countersign_domain::stripe::subscription::{SubscriptionItem, SubscriptionStatus};
use countersign_domain::stripe::{Charge, Customer, Event, Invoice, InvoiceLine, Mode, Subscription};
use countersign_store::mirror::{self, Incoming, Mirrored, Scope, Written};
use rusqlite::Connection;

/// An instant so many seconds after the epoch.
pub fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

/// An empty mirror with one scope.
pub struct Mirror {
    pub conn: Connection,
    pub scope: Scope,
}

impl Mirror {
    pub fn new() -> Self {
        let mut conn = Connection::open_in_memory().unwrap();
        mirror::prepare(&mut conn).unwrap();
        let scope = scope(&mut conn, "acct_1", Mode::Test);
        Self { conn, scope }
    }

    /// Writes an object that was fetched at an instant.
    pub fn put<T: Mirrored>(&mut self, id: &str, value: &T, fetched_at: Instant) -> Written {
        let raw = serde_json::to_string(value).unwrap();
        let tx = self.conn.transaction().unwrap();
        let incoming = Incoming { value, id, created_at: Some(at(100)), raw: &raw, fetched_at };
        let written = mirror::put(&tx, self.scope, &incoming).unwrap();
        tx.commit().unwrap();
        written
    }

    /// Runs work in a transaction.
    pub fn write<T>(&mut self, work: impl FnOnce(&rusqlite::Transaction<'_>, Scope) -> T) -> T {
        let tx = self.conn.transaction().unwrap();
        let answer = work(&tx, self.scope);
        tx.commit().unwrap();
        answer
    }
}

pub fn scope(conn: &mut Connection, account: &str, mode: Mode) -> Scope {
    let tx = conn.transaction().unwrap();
    let scope = Scope::intern(&tx, &AccountId::from(account), mode).unwrap();
    tx.commit().unwrap();
    scope
}

pub fn customer(id: &str, name: &str, email: &str) -> Customer {
    Customer {
        id: CustomerId::from(id),
        created_at: Some(at(100)),
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        email: Some(email.to_owned()).filter(|email| !email.is_empty()),
        phone: None,
        country: Some("DE".to_owned()),
        currency: Some(Currency::USD),
        balance: Minor::ZERO,
        is_delinquent: false,
        discount: None,
        metadata: [("userId".to_owned(), format!("user-of-{id}"))].into(),
        is_deleted: false,
    }
}

pub fn subscription(id: &str, customer: &str, status: SubscriptionStatus) -> Subscription {
    Subscription {
        id: SubscriptionId::from(id),
        customer: CustomerId::from(customer),
        status,
        currency: Currency::USD,
        created_at: Some(at(100)),
        start_at: at(100),
        billing_cycle_anchor_at: None,
        cancel_at: None,
        cancels_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        cancellation_reason: None,
        trial_start_at: None,
        trial_end_at: None,
        pause_collection: None,
        paused_since: None,
        discounts: Vec::new(),
        items: vec![SubscriptionItem {
            id: format!("si_{id}").into(),
            price: "price_pro".into(),
            embedded: None,
            quantity: Some(1.into()),
            current_period_start_at: Some(at(200)),
            current_period_end_at: Some(at(300)),
            discounts: Vec::new(),
            tax_rates: Vec::new(),
            trial_end_at: None,
            created_at: None,
        }],
        default_tax_rates: Vec::new(),
        latest_invoice: None,
        collection_method: None,
        has_automatic_tax: false,
        metadata: Default::default(),
    }
}

pub fn invoice(id: &str, customer: &str, number: &str, total: i64, currency: &str) -> Invoice {
    Invoice {
        id: InvoiceId::from(id),
        number: Some(number.to_owned()),
        customer: Some(CustomerId::from(customer)),
        subscription: None,
        status: InvoiceStatus::Open,
        currency: Currency::parse(currency).unwrap(),
        billing_reason: Some("subscription_cycle".to_owned()),
        total: Minor(total),
        subtotal: Minor(total),
        tax: Minor::ZERO,
        amount_due: Minor(total),
        amount_paid: Minor::ZERO,
        amount_remaining: Minor(total),
        amount_paid_off_stripe: Minor::ZERO,
        attempt_count: 1,
        next_attempt_at: None,
        created_at: at(150),
        due_at: Some(at(160)),
        finalized_at: Some(at(150)),
        paid_at: None,
        voided_at: None,
        marked_uncollectible_at: None,
        webhooks_delivered_at: None,
        lines: vec![InvoiceLine {
            id: format!("il_{id}").into(),
            amount: Minor(total),
            description: None,
            period_start_at: at(150),
            period_end_at: at(250),
            quantity: None,
            price: Some("price_pro".into()),
            product: None,
            unit_amount: None,
            subscription: None,
            subscription_item: None,
            is_proration: false,
            discount_amount: Minor::ZERO,
            tax_amount: Minor::ZERO,
            is_tax_inclusive: false,
        }],
    }
}

pub fn charge(id: &str, customer: &str, last4: &str, created_at: i64) -> Charge {
    Charge {
        id: id.into(),
        customer: Some(customer.into()),
        payment_intent: Some(format!("pi_{id}").into()),
        status: ChargeStatus::Succeeded,
        currency: Currency::USD,
        amount: Minor(2900),
        amount_captured: Minor(2900),
        amount_refunded: Minor::ZERO,
        is_captured: true,
        is_disputed: false,
        failure_code: None,
        outcome_type: None,
        outcome_reason: None,
        card_brand: None,
        card_last4: Some(last4.to_owned()),
        created_at: at(created_at),
    }
}

pub fn event(id: &str, kind: &str, object: &str, created_at: i64, pending: u32) -> Event {
    Event {
        id: id.into(),
        kind: kind.to_owned(),
        created_at: at(created_at),
        api_version: None,
        pending_webhooks: pending,
        object_kind: kind.split('.').next().map(str::to_owned),
        object_id: Some(object.to_owned()),
        customer: None,
        request_id: None,
    }
}
