//! What a look-up costs, counted in the database's own steps: as much among many records as among few.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_domain::ids::{CustomerId, InvoiceId, SubscriptionId};
use countersign_domain::stripe::invoice::InvoiceStatus;
use countersign_domain::stripe::subscription::SubscriptionStatus;
use countersign_domain::zones::Period;
use countersign_store::StoreError;
use countersign_store::mirror::search::search;
use countersign_store::mirror::{
    Scope, charges, customers, events, invoice_payments, invoices, rollup, samples, segments, subscriptions,
};
use rusqlite::Connection;

use crate::invented::{Mirror, at, charge, customer, event, invoice, subscription};

const FEW: u32 = 20;
const MANY: u32 = 1_000;
/// A tree of many records is a little higher, and whoever is found is one of the same few.
const HIGHER: u64 = 3;

/// So many customers, each with a subscription, a paid invoice, a charge and an event; the first few had a trial.
fn shop(customers: u32) -> Mirror {
    let mut mirror = Mirror::new();
    for n in 0..customers {
        let (cus, sub, inv) = (format!("cus_{n:05}"), format!("sub_{n:05}"), format!("in_{n:05}"));
        mirror.put(&cus, &customer(&cus, &format!("Company {n:05}"), ""), at(5));
        let mut running = subscription(&sub, &cus, SubscriptionStatus::Active);
        running.trial_start_at = (n < FEW).then(|| at(100));
        running.trial_end_at = (n < FEW).then(|| at(200));
        mirror.put(&sub, &running, at(5));
        let mut bill = invoice(&inv, &cus, &format!("A-{n:05}"), 2900, "usd");
        bill.subscription = Some(SubscriptionId::from(sub.as_str()));
        bill.status = InvoiceStatus::Paid;
        mirror.put(&inv, &bill, at(5));
        let paid = format!("ch_{n:05}");
        mirror.put(&paid, &charge(&paid, &cus, &format!("{n:04}"), 150 + i64::from(n)), at(5));
        let event_id = format!("evt_{n:05}");
        mirror.put(&event_id, &event(&event_id, "invoice.paid", &inv, 150 + i64::from(n), 0), at(5));
    }
    mirror
}

/// Counts the steps of some work on a connection.
fn steps(conn: &Connection, work: impl FnOnce() -> Result<(), StoreError>) -> u64 {
    let count = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&count);
    let handler = move || {
        counting.fetch_add(1, Ordering::Relaxed);
        false
    };
    conn.progress_handler(1, Some(handler)).unwrap();
    work().unwrap();
    conn.progress_handler(0, None::<fn() -> bool>).unwrap();
    count.load(Ordering::Relaxed)
}

type Question = fn(&Connection, Scope) -> Result<(), StoreError>;

fn whole() -> Period {
    Period { start: at(0), end: at(100_000) }
}

fn asked() -> events::Asked {
    events::Asked { environment: Some("production".into()), selected: None, recorded: vec!["invoice.paid".to_owned()] }
}

const QUESTIONS: [(&str, Question); 14] = [
    ("a customer", |conn, scope| customers::row(conn, scope, None, &CustomerId::from("cus_00003"), at(300)).map(drop)),
    ("a customer's subscriptions", |conn, scope| {
        subscriptions::of_customer(conn, scope, &CustomerId::from("cus_00003")).map(drop)
    }),
    ("a customer's invoices", |conn, scope| {
        invoices::of_customer(conn, scope, None, &CustomerId::from("cus_00003"), 50, at(300)).map(drop)
    }),
    ("a customer's charges", |conn, scope| {
        charges::of_customer(conn, scope, &CustomerId::from("cus_00003"), 50).map(drop)
    }),
    ("a customer's events", |conn, scope| {
        events::of_customer(conn, scope, &asked(), &CustomerId::from("cus_00003"), 50, at(300)).map(drop)
    }),
    ("a customer's segments", |conn, scope| {
        segments::of_customer(conn, scope, &CustomerId::from("cus_00003")).map(drop)
    }),
    ("a customer's book", |conn, scope| rollup::book(conn, scope, &CustomerId::from("cus_00003")).map(drop)),
    ("a subscription", |conn, scope| {
        subscriptions::row(conn, scope, Some(&"production".into()), &SubscriptionId::from("sub_00003")).map(drop)
    }),
    ("a subscription's invoices", |conn, scope| {
        invoices::of_subscription(conn, scope, None, &SubscriptionId::from("sub_00003"), 50, at(300)).map(drop)
    }),
    ("an invoice", |conn, scope| {
        invoices::row(conn, scope, Some(&"production".into()), &InvoiceId::from("in_00003"), at(300)).map(drop)
    }),
    ("an invoice's payments", |conn, scope| {
        invoice_payments::of_invoice(conn, scope, &InvoiceId::from("in_00003")).map(drop)
    }),
    ("an invoice's charges", |conn, scope| charges::of_invoice(conn, scope, &InvoiceId::from("in_00003")).map(drop)),
    ("an invoice's events", |conn, scope| events::of_object(conn, scope, &asked(), "in_00003", 50, at(300)).map(drop)),
    ("a search by name", |conn, scope| search(conn, scope, None, "company 00003", 20).map(drop)),
];

#[test]
fn a_look_up_costs_as_much_among_many_as_among_few() {
    let (few, many) = (shop(FEW), shop(MANY));
    for (name, question) in QUESTIONS {
        let cost = |mirror: &Mirror| steps(&mirror.conn, || question(&mirror.conn, mirror.scope));
        let (among_few, among_many) = (cost(&few), cost(&many));
        assert!(among_few > 0, "{name} asks nothing");
        assert!(among_many <= among_few * HIGHER, "{name}: {among_few} steps among few, {among_many} among many");
    }
}

#[test]
fn what_is_read_for_each_does_not_read_what_belongs_to_others() {
    // Listing trials looks at every subscription, but reads the invoices of those with a trial alone.
    let mirror = shop(MANY);
    let trials = steps(&mirror.conn, || samples::trials(&mirror.conn, mirror.scope, whole()).map(drop));
    assert!(trials < u64::from(MANY) * 20, "{trials} steps");
}

#[test]
fn a_customers_standing_is_written_without_looking_at_others() {
    let cost = |customers: u32| {
        let mut mirror = shop(customers);
        let changed = rollup::changed(&mirror.conn, mirror.scope, 1).unwrap().remove(0);
        let scope = mirror.scope;
        let tx = mirror.conn.transaction().unwrap();
        steps(&tx, || segments::replace(&tx, scope, &changed, &[], &[], at(500)))
    };
    let (among_few, among_many) = (cost(FEW), cost(MANY));
    assert!(among_many <= among_few * HIGHER, "{among_few} steps among few, {among_many} among many");
}
