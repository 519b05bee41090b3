//! The past that the product rebuilds from what the API tells is the past as it was told here.
//!
//! Two programs that know nothing of each other must agree to the millionth of a cent: the story, which noted what
//! every subscription earned, and the figures, which read invoices and current objects.

use std::collections::BTreeSet;

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, SubscriptionId};
use countersign_domain::metrics::{Catalog, CustomerBook, Segment, Settings, rebuilt_segments_of, segments_of};
use countersign_domain::stripe::{Coupon, Customer, Invoice, Price, Subscription};
use countersign_sources::stripe::event::earlier_states;
use countersign_sources::stripe::{FromWire, subscription_change};

use super::*;

/// Reads every object of a list over the wire.
async fn walk(company: &Simulator, path: &str) -> Vec<Value> {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let mut all: Vec<Value> = Vec::new();
    loop {
        let after = all.last().map(|last| format!("&starting_after={}", text(&last["id"])));
        let url = format!("{}/v1/{path}&limit=100{}", company.url, after.unwrap_or_default());
        let page: Value = client.get(url).bearer_auth(&company.keys.full).send().await.unwrap().json().await.unwrap();
        all.extend(list(&page["data"]).iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}

fn read<T: FromWire>(objects: Vec<Value>) -> Vec<T> {
    let records = objects.into_iter().map(|object| T::read(object).unwrap());
    records
        .map(|record| {
            assert_eq!(record.fallbacks, 0, "{}: everything stands where the pinned version has it", record.id);
            record.value
        })
        .collect()
}

async fn subscriptions(company: &Simulator) -> Vec<Value> {
    let expand = "expand[]=data.discounts.source.coupon&expand[]=data.items.data.discounts";
    let mut listed = walk(company, &format!("subscriptions?status=all&{expand}")).await;
    let whole = by_id(company, "subscriptions");
    for held in listed.iter_mut().filter(|held| held["items"]["has_more"] == true) {
        held["items"] = whole[text(&held["id"])]["items"].clone();
    }
    listed
}

async fn catalog(company: &Simulator, subscriptions: &[Value]) -> Catalog {
    let expand = "expand[]=data.tiers&expand[]=data.currency_options";
    let mut prices = walk(company, &format!("prices?{expand}")).await;
    prices.extend(walk(company, &format!("prices?active=false&{expand}")).await);
    let is_inline = |price: &Value| price["nickname"] == "Enterprise by contract";
    prices.extend(company.objects("prices").into_iter().filter(is_inline));
    let expand = "expand[]=data.applies_to&expand[]=data.currency_options";
    let mut coupons = walk(company, &format!("coupons?{expand}")).await;
    let given = subscriptions.iter().flat_map(|held| list(&held["discounts"]));
    let deleted = given.map(|discount| &discount["source"]["coupon"]).filter(|coupon| coupon["valid"] == false);
    coupons.extend(deleted.cloned());
    Catalog {
        prices: read::<Price>(prices).into_iter().map(|price| (price.id.clone(), price)).collect(),
        coupons: read::<Coupon>(coupons).into_iter().map(|coupon| (coupon.id.clone(), coupon)).collect(),
    }
}

/// MRR of each subscription at an instant, those left out of whose past the API does not tell everything.
type Earned<'a> = BTreeMap<&'a SubscriptionId, i128>;

fn told<'a>(truth: &'a countersign_demo::Truth, unseen: &BTreeSet<&SubscriptionId>, at: Instant) -> Earned<'a> {
    let mut told = Earned::new();
    for step in truth.steps.iter().filter(|step| step.from <= at && !unseen.contains(&step.subscription)) {
        told.insert(&step.subscription, step.mrr.0);
    }
    told.retain(|_, micro| *micro > 0);
    told
}

fn rebuilt<'a>(segments: &'a [Segment], unseen: &BTreeSet<&SubscriptionId>, at: Instant) -> Earned<'a> {
    let mut rebuilt = Earned::new();
    for segment in segments.iter().filter(|segment| segment.covers(at) && !unseen.contains(&segment.subscription)) {
        *rebuilt.entry(&segment.subscription).or_default() += segment.micro.0;
    }
    rebuilt
}

#[tokio::test]
async fn figures_rebuild_the_past_that_was_told() {
    let company = company(options(300)).await;
    let (truth, now) = (company.truth(), company.now());
    let listed = subscriptions(&company).await;
    let catalog = catalog(&company, &listed).await;
    let customers = read::<Customer>(company.objects("customers"));
    let discounts: BTreeMap<&CustomerId, _> =
        customers.iter().map(|customer| (&customer.id, customer.discount.as_ref())).collect();
    let mut books: BTreeMap<CustomerId, (Vec<Subscription>, Vec<Invoice>)> = BTreeMap::new();
    for held in read::<Subscription>(listed) {
        books.entry(held.customer.clone()).or_default().0.push(held);
    }
    for invoice in read::<Invoice>(company.objects("invoices")) {
        books.entry(invoice.customer.clone().unwrap()).or_default().1.push(invoice);
    }
    let (mut past, mut present) = (Vec::new(), Vec::new());
    for (customer, (subscriptions, invoices)) in &books {
        let observations: Vec<_> = subscriptions.iter().map(|held| (now, held.clone())).collect();
        let discount = discounts.get(customer).copied().flatten();
        let book = CustomerBook { customer, discount, subscriptions, observations: &[], invoices, catalog: &catalog };
        past.extend(rebuilt_segments_of(&book, &Settings::default(), now).segments);
        let book = CustomerBook { observations: &observations, ..book };
        let history = segments_of(&book, &Settings::default(), now);
        assert!(history.warnings.is_empty(), "{:?}", history.warnings);
        present.extend(history.segments);
    }
    let unseen: BTreeSet<&SubscriptionId> = truth.unseen.iter().collect();
    for month in &truth.months {
        let at = month.closes_at;
        assert_eq!(rebuilt(&past, &unseen, at), told(&truth, &unseen, at), "{}", month.month);
    }
    assert_eq!(rebuilt(&present, &BTreeSet::new(), now), told(&truth, &BTreeSet::new(), now), "now, nothing left out");
    assert!(told(&truth, &unseen, now).len() > 100);
}

#[tokio::test]
async fn events_rewind_to_the_past_that_was_told() {
    // Where the events begin depends on the day, so one day alone proves little.
    for day in ["2026-02-28T23:30:00Z", "2026-07-04T06:00:00Z", "2026-11-21T08:38:12Z"] {
        let as_of = day.parse().unwrap();
        let company = company(Options::of(WorldOptions { customers: 500, ..WorldOptions::at(as_of) })).await;
        events_rewind(&company, day).await;
    }
}

/// Holds every state that events lead back to against what the story says was earned in it.
async fn events_rewind(company: &Simulator, day: &str) {
    let (truth, now) = (company.truth(), company.now());
    let since = now - chrono::TimeDelta::days(30);
    let listed = subscriptions(company).await;
    let catalog = catalog(company, &listed).await;
    let customers = read::<Customer>(company.objects("customers"));
    let discounts: BTreeMap<&CustomerId, _> =
        customers.iter().map(|customer| (&customer.id, customer.discount.as_ref())).collect();
    let unseen: BTreeSet<&SubscriptionId> = truth.unseen.iter().collect();
    let mut events: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    // The newest comes first, as it is listed.
    for event in company.objects("events").iter().rev() {
        // What the product keeps of an event, and nothing else, is what it can walk back by.
        let Some(kept) = subscription_change(event) else { continue };
        let change = serde_json::from_str(&kept).unwrap();
        events.entry(text(&event["data"]["object"]["id"]).to_owned()).or_default().push(change);
    }
    let mut compared = 0;
    for held in &listed {
        let current = Subscription::read(held.clone()).unwrap().value;
        let Some(events) = events.get(current.id.as_str()).filter(|_| !unseen.contains(&current.id)) else { continue };
        let observations = earlier_states(held, events, since).unwrap();
        let book = CustomerBook {
            customer: &current.customer,
            discount: discounts.get(&current.customer).copied().flatten(),
            subscriptions: std::slice::from_ref(&current),
            observations: &observations,
            invoices: &[],
            catalog: &catalog,
        };
        let segments = segments_of(&book, &Settings::default(), now).segments;
        for (at, _) in &observations {
            let before = truth.steps.iter().rev().find(|step| step.subscription == current.id && step.from <= *at);
            let told = before.map_or(0, |step| step.mrr.0);
            let found: i128 = segments.iter().filter(|segment| segment.covers(*at)).map(|one| one.micro.0).sum();
            assert_eq!(found, told, "{day}: {} at {at}", current.id);
            compared += 1;
        }
    }
    assert!(compared > 100, "{day}: only {compared} states were compared");
}
