//! The lists of the screens: filters, orders, windows, totals, both sides.

use countersign_domain::billing::{BillingEvent, BillingInvoice, BillingSubscription};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::metrics::amount::Cadence;
use countersign_domain::metrics::segment::{Segment, Source};
use countersign_domain::money::{Currency, Micro, Minor};
use countersign_domain::stripe::Product;
use countersign_domain::stripe::price::Interval;
use countersign_domain::stripe::subscription::SubscriptionStatus;
use countersign_domain::zones::Period;
use countersign_store::mirror::customers::{CustomerFilter, CustomerSort};
use countersign_store::mirror::events::{Asked, EventFilter, EventSort};
use countersign_store::mirror::invoices::{InvoiceFilter, InvoiceSort};
use countersign_store::mirror::subscriptions::{SubscriptionFilter, SubscriptionSort};
use countersign_store::mirror::{Window, billing, customers, events, invoices, rollup, segments, subscriptions};

use crate::invented::{Mirror, at, charge, customer, event, invoice, subscription};

fn window(text: &str) -> Window {
    Window { text: text.to_owned(), skip: 0, take: 100 }
}

fn segment(customer: &str, subscription: &str, micro: i128) -> Segment {
    Segment {
        customer: customer.into(),
        subscription: subscription.into(),
        item: format!("si_{subscription}").into(),
        price: "price_pro".into(),
        product: Some("prod_1".into()),
        cadence: Cadence { interval: Interval::Month, count: 1 },
        quantity: Some(1.into()),
        currency: Currency::USD,
        start_at: at(100),
        end_at: None,
        micro: Micro(micro),
        list: Micro(micro),
        source: Source::Observed,
        before: None,
        after: None,
    }
}

fn shop() -> Mirror {
    let mut mirror = Mirror::new();
    let product = Product { id: "prod_1".into(), name: "Pro".to_owned(), is_active: true, created_at: None };
    mirror.put("prod_1", &product, at(5));
    for (id, name, status, micro) in [
        ("1", "Ann", SubscriptionStatus::Active, 29_000_000),
        ("2", "berta", SubscriptionStatus::PastDue, 9_000_000),
        ("3", "Cleo", SubscriptionStatus::Trialing, 0),
        ("4", "dora", SubscriptionStatus::Canceled, 0),
    ] {
        let (cus, sub) = (format!("cus_{id}"), format!("sub_{id}"));
        mirror.put(&cus, &customer(&cus, name, ""), at(5));
        let mut running = subscription(&sub, &cus, status);
        running.items[0].embedded = None;
        mirror.put(&sub, &running, at(5));
        let changed = rollup::changed(&mirror.conn, mirror.scope, 10).unwrap();
        let found = if micro > 0 { vec![segment(&cus, &sub, micro)] } else { Vec::new() };
        mirror.write(|tx, scope| segments::replace(tx, scope, &changed[0], &found, &[], at(500)).unwrap());
    }
    mirror
}

#[test]
fn customers_come_in_the_order_of_their_need() {
    let mirror = shop();
    let list = |filter: &CustomerFilter, text: &str| {
        let (rows, _) = customers::list(&mirror.conn, mirror.scope, None, filter, &window(text), at(150)).unwrap();
        (rows.rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>().join(" "), rows.total)
    };
    let sorted = |sort, is_reversed| list(&CustomerFilter { sort, is_reversed, ..Default::default() }, "").0;
    assert_eq!(sorted(CustomerSort::Attention, false), "cus_2 cus_3 cus_1 cus_4");
    assert_eq!(sorted(CustomerSort::Name, false), "cus_1 cus_2 cus_3 cus_4");
    assert_eq!(sorted(CustomerSort::Name, true), "cus_4 cus_3 cus_2 cus_1");
    assert_eq!(sorted(CustomerSort::Mrr, false), "cus_1 cus_2 cus_3 cus_4");
    let late = CustomerFilter { status: "past_due".to_owned(), ..Default::default() };
    assert_eq!(list(&late, ""), ("cus_2".to_owned(), 1));
    assert_eq!(list(&CustomerFilter::default(), "ert"), ("cus_2".to_owned(), 1));
    assert_eq!(list(&CustomerFilter::default(), "d"), ("cus_4".to_owned(), 1));
    assert_eq!(list(&CustomerFilter::default(), "cus_3"), ("cus_3".to_owned(), 1));
    let second = Window { text: String::new(), skip: 1, take: 2 };
    let (rows, totals) =
        customers::list(&mirror.conn, mirror.scope, None, &CustomerFilter::default(), &second, at(150)).unwrap();
    assert_eq!(totals.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0.38 USD"], "of all, not of the window");
    assert_eq!((rows.rows.len(), rows.total), (2, 4));
    assert_eq!(rows.rows[0].id.as_str(), "cus_3");
}

#[test]
fn a_customers_row_is_put_together_from_everywhere() {
    let mut mirror = shop();
    mirror.put("ch_1", &charge("ch_1", "cus_1", "4242", 400), at(5));
    mirror.put("ch_2", &charge("ch_2", "cus_1", "4242", 300), at(5));
    let changed = rollup::changed(&mirror.conn, mirror.scope, 1).unwrap();
    let found = [segment("cus_1", "sub_1", 29_000_000)];
    mirror.write(|tx, scope| segments::replace(tx, scope, &changed[0], &found, &[], at(500)).unwrap());
    let row = customers::row(&mirror.conn, mirror.scope, None, &"cus_1".into(), at(150)).unwrap().unwrap();
    assert_eq!(row.status, "active");
    assert_eq!(row.renews_at, Some(at(300)));
    assert_eq!(row.last_payment.map(|paid| paid.charge.to_string()).as_deref(), Some("ch_1"));
    assert_eq!(row.database, "not_connected");
    let staging = "staging".into();
    let connected = customers::row(&mirror.conn, mirror.scope, Some(&staging), &"cus_1".into(), at(150)).unwrap();
    assert_eq!(connected.unwrap().database, "missing");
    assert_eq!(segments::of_customer(&mirror.conn, mirror.scope, &"cus_1".into()).unwrap(), found);
    assert_eq!(segments::all(&mirror.conn, mirror.scope).unwrap().len(), 2);
}

fn database_row(subscription: &str, status: &str) -> BillingSubscription {
    BillingSubscription {
        row_id: format!("row-{subscription}-{status}"),
        user: "u".into(),
        stripe_subscription: Some(subscription.to_owned()),
        stripe_price: None,
        status: status.to_owned(),
        period_start_at: None,
        period_end_at: None,
        trial_end_at: None,
        cancels_at_period_end: false,
        canceled_at: None,
        plan: None,
        created_at: None,
        updated_at: None,
    }
}

#[test]
fn subscriptions_stand_beside_their_rows() {
    let mut mirror = shop();
    let production = EnvironmentId::from("production");
    let rows = [
        database_row("sub_1", "active"),
        database_row("sub_2", "active"),
        database_row("sub_3", "trialing"),
        database_row("sub_3", "active"),
    ];
    mirror.write(|tx, _| billing::put(tx, &production, &rows, at(5)).unwrap());
    let verdicts = |environment: Option<&EnvironmentId>| {
        let filter = SubscriptionFilter { sort: SubscriptionSort::Started, ..Default::default() };
        let (rows, _) = subscriptions::list(&mirror.conn, mirror.scope, environment, &filter, &window("")).unwrap();
        let text = rows.rows.iter().map(|row| format!("{} {}", row.id, row.verdict));
        text.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(verdicts(Some(&production)), "sub_1 equal, sub_2 differs, sub_3 differs, sub_4 missing");
    assert_eq!(verdicts(None), "sub_1 not_connected, sub_2 not_connected, sub_3 not_connected, sub_4 not_connected");
    for (verdict, expected) in [("equal", "sub_1"), ("missing", "sub_4"), ("differs", "sub_2 sub_3")] {
        let filter =
            SubscriptionFilter { verdict: verdict.to_owned(), sort: SubscriptionSort::Started, ..Default::default() };
        let (rows, _) =
            subscriptions::list(&mirror.conn, mirror.scope, Some(&production), &filter, &window("")).unwrap();
        let ids: Vec<_> = rows.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!((ids.join(" ").as_str(), rows.total), (expected, u64::try_from(ids.len()).unwrap()));
    }
    let dearest = SubscriptionFilter { sort: SubscriptionSort::Mrr, ..Default::default() };
    let (rows, _) = subscriptions::list(&mirror.conn, mirror.scope, None, &dearest, &window("")).unwrap();
    assert_eq!((rows.rows[0].id.as_str(), rows.rows[0].mrr), ("sub_1", Micro(29_000_000)));
    let (by_name, _) = subscriptions::list(&mirror.conn, mirror.scope, None, &dearest, &window("cleo")).unwrap();
    assert_eq!(by_name.rows[0].id.as_str(), "sub_3");
    mirror.write(|tx, _| billing::drop_unseen::<BillingSubscription>(tx, &production, at(6)).unwrap());
    assert_eq!(billing::count::<BillingSubscription>(&mirror.conn, &production).unwrap(), 0);
}

#[test]
fn invoices_are_summed_per_currency() {
    let mut mirror = shop();
    mirror.put("in_1", &invoice("in_1", "cus_1", "A-1", 2900, "usd"), at(5));
    mirror.put("in_2", &invoice("in_2", "cus_2", "A-2", 900, "usd"), at(5));
    mirror.put("in_3", &invoice("in_3", "cus_2", "B-3", 500, "jpy"), at(5));
    let filter = InvoiceFilter { sort: InvoiceSort::Total, ..Default::default() };
    let (rows, totals) = invoices::list(&mirror.conn, mirror.scope, None, &filter, &window(""), at(155)).unwrap();
    assert_eq!(rows.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["in_1", "in_2", "in_3"]);
    let sums: Vec<_> = totals.iter().map(|sum| sum.total.to_string()).collect();
    assert_eq!(sums, ["500 JPY", "38.00 USD"]);
    let overdue = InvoiceFilter { status: "overdue".to_owned(), ..Default::default() };
    let late = |now| invoices::list(&mirror.conn, mirror.scope, None, &overdue, &window(""), now).unwrap().0.total;
    assert_eq!((late(at(160)), late(at(161))), (0, 3));
    let by_number = invoices::list(&mirror.conn, mirror.scope, None, &filter, &window("a-"), at(5)).unwrap().0;
    assert_eq!(by_number.total, 2);
    let by_name = invoices::list(&mirror.conn, mirror.scope, None, &filter, &window("berta"), at(5)).unwrap().0;
    assert_eq!(by_name.total, 2);
    assert_eq!(by_name.rows[0].name.as_deref(), Some("berta"));
    assert_eq!(invoices::currencies(&mirror.conn, mirror.scope).unwrap().len(), 2);
}

#[test]
fn an_invoice_is_compared_by_status_and_paid_amount() {
    let mut mirror = shop();
    mirror.put("in_1", &invoice("in_1", "cus_1", "A-1", 2900, "usd"), at(5));
    let production = EnvironmentId::from("production");
    let verdict = |mirror: &Mirror| {
        invoices::row(&mirror.conn, mirror.scope, Some(&production), &"in_1".into(), at(5)).unwrap().unwrap().verdict
    };
    assert_eq!(verdict(&mirror), "not_expected", "only what was paid leaves a row");
    let mut row = BillingInvoice {
        row_id: "1".to_owned(),
        user: "u".into(),
        stripe_invoice: Some("in_1".to_owned()),
        status: "open".to_owned(),
        currency: None,
        amount_due: None,
        amount_paid: Some(Minor(1)),
        is_inexact: false,
        paid_at: None,
        created_at: None,
        updated_at: None,
    };
    mirror.write(|tx, _| billing::put(tx, &production, std::slice::from_ref(&row), at(5)).unwrap());
    assert_eq!(verdict(&mirror), "differs", "by one minor unit");
    row.amount_paid = Some(Minor(0));
    mirror.write(|tx, _| billing::put(tx, &production, std::slice::from_ref(&row), at(5)).unwrap());
    assert_eq!(verdict(&mirror), "equal");
}

#[test]
fn events_are_listed_by_delivery_and_row() {
    let mut mirror = Mirror::new();
    for (id, kind, pending) in [("evt_1", "invoice.paid", 0), ("evt_2", "invoice.paid", 2), ("evt_3", "payout.paid", 0)]
    {
        mirror.put(id, &event(id, kind, "in_1", 100, pending), at(1000));
    }
    let production = EnvironmentId::from("production");
    let row = |row: &str, event: &str| BillingEvent {
        row_id: row.to_owned(),
        stripe_event: Some(event.to_owned()),
        kind: "invoice.paid".to_owned(),
        created_at: Some(at(103)),
    };
    mirror.write(|tx, _| billing::put(tx, &production, &[row("1", "evt_1"), row("2", "evt_1")], at(5)).unwrap());
    let base = EventFilter {
        period: Period { start: at(0), end: at(200) },
        delivery: String::new(),
        row: String::new(),
        kind: String::new(),
        sort: EventSort::Created,
        is_reversed: true,
    };
    let asked = Asked {
        environment: Some(production),
        selected: Some(vec!["invoice.paid".to_owned()]),
        recorded: vec!["invoice.paid".to_owned()],
    };
    let now = at(2_000);
    let list = |filter: EventFilter, text: &str| {
        let rows = events::list(&mirror.conn, mirror.scope, &asked, &filter, &window(text), now).unwrap();
        rows.rows.iter().map(|row| row.id.as_str().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let by = |delivery: &str, row: &str, kind: &str| EventFilter {
        delivery: delivery.to_owned(),
        row: row.to_owned(),
        kind: kind.to_owned(),
        ..base.clone()
    };
    assert_eq!(list(base.clone(), ""), "evt_1 evt_2 evt_3");
    assert_eq!(list(by("pending", "", ""), ""), "evt_2");
    assert_eq!(list(by("delivered", "", ""), ""), "evt_1");
    assert_eq!(list(by("not_subscribed", "", ""), ""), "evt_3");
    assert_eq!(list(by("", "duplicate", ""), ""), "evt_1");
    assert_eq!(list(by("", "awaited", ""), ""), "evt_2", "what is not delivered leaves no row yet");
    assert_eq!(list(by("", "not_expected", ""), ""), "evt_3");
    assert_eq!(list(by("", "", "payout.paid"), ""), "evt_3");
    assert_eq!(list(base.clone(), "payout"), "evt_3");
    let first = events::row(&mirror.conn, mirror.scope, &asked, &"evt_1".into(), now).unwrap().unwrap();
    assert_eq!((first.row.as_str(), first.database_row_at), ("duplicate", Some(at(103))));
    assert_eq!(events::of_object(&mirror.conn, mirror.scope, &asked, "in_1", 2, now).unwrap().len(), 2);
}

#[test]
fn a_delivery_is_dated_by_when_it_was_first_seen() {
    let mut mirror = Mirror::new();
    let seen = |mirror: &Mirror| {
        let row =
            events::row(&mirror.conn, mirror.scope, &Asked::default(), &"evt_1".into(), at(9_999)).unwrap().unwrap();
        (row.first_seen_at.timestamp(), row.delivered_seen_at.map(|at| at.timestamp()), row.pending)
    };
    mirror.put("evt_1", &event("evt_1", "invoice.paid", "in_1", 100, 1), at(1000));
    assert_eq!(seen(&mirror), (1000, None, 1));
    assert_eq!(events::pending_since(&mirror.conn, mirror.scope, at(0), at(1001), 9).unwrap(), ["evt_1".into()]);
    assert_eq!(events::pending_since(&mirror.conn, mirror.scope, at(0), at(1000), 9).unwrap(), []);
    mirror.put("evt_1", &event("evt_1", "invoice.paid", "in_1", 100, 0), at(2000));
    mirror.put("evt_1", &event("evt_1", "invoice.paid", "in_1", 100, 0), at(3000));
    assert_eq!(seen(&mirror), (1000, Some(2000), 0));
    assert_eq!(events::pending_since(&mirror.conn, mirror.scope, at(0), at(9999), 9).unwrap(), []);
    assert_eq!(events::newest_at(&mirror.conn, mirror.scope).unwrap(), Some(at(100)));
}
