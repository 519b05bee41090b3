//! Everything the product must be able to show is there, in a small company and in a larger one.
//! Whoever adds a situation to the story adds a line here.

use super::*;

/// A situation: what it is, and how many objects are in it.
fn situations(company: &Simulator) -> Vec<(&'static str, usize)> {
    let (customers, subscriptions) = (company.objects("customers"), company.objects("subscriptions"));
    let (invoices, charges) = (company.objects("invoices"), company.objects("charges"));
    let events = company.objects("events");
    let count = |objects: &[Value], keep: &dyn Fn(&Value) -> bool| objects.iter().filter(|object| keep(object)).count();
    let lines =
        |keep: &dyn Fn(&Value) -> bool| count(&invoices, &|invoice| list(&invoice["lines"]["data"]).iter().any(keep));
    let name = |keep: &dyn Fn(&str) -> bool| count(&customers, &|customer| keep(text(&customer["name"])));
    let now = company.now().timestamp();
    let mut found = vec![
        ("a name with markup", name(&|name| name.contains("<img"))),
        ("a name with an apostrophe", name(&|name| name.contains('’'))),
        ("a name from right to left", name(&|name| name.contains('ا') || name.contains('ל'))),
        ("a name of more than a hundred letters", name(&|name| name.chars().count() > 100)),
        ("a name in another script", name(&|name| name.chars().any(|c| ('一'..='龯').contains(&c)))),
        ("a customer without mail", count(&customers, &|customer| customer["email"].is_null())),
        ("a customer in credit", count(&customers, &|customer| int(&customer["balance"]) < 0)),
        ("a delinquent customer", count(&customers, &|customer| customer["delinquent"] == true)),
        ("a customer with a discount", count(&customers, &|customer| customer["discount"].is_object())),
        ("items of different intervals", count(&subscriptions, &has_different_intervals)),
        ("more than ten items", count(&subscriptions, &|held| list(&held["items"]["data"]).len() > 10)),
        (
            "a metered item",
            count(&subscriptions, &|held| held["items"]["data"][1]["price"]["recurring"]["meter"].is_string()),
        ),
        ("a discount on an item", count(&subscriptions, &|held| held["items"]["data"][0]["discounts"][0].is_string())),
        ("a discount on a subscription", count(&subscriptions, &|held| held["discounts"][0].is_string())),
        ("a start before its making", count(&subscriptions, &|held| int(&held["start_date"]) < int(&held["created"]))),
        ("a pause that voids", count(&subscriptions, &|held| held["pause_collection"]["behavior"] == "void")),
        (
            "a pause that keeps drafts",
            count(&subscriptions, &|held| held["pause_collection"]["behavior"] == "keep_as_draft"),
        ),
        (
            "a pause on request",
            count(&subscriptions, &|held| {
                held["status_details"]["paused"]["subscription"]["type"] == "pause_requested"
            }),
        ),
        (
            "an end with the period",
            count(&subscriptions, &|held| held["cancel_at_period_end"] == true && held["status"] == "active"),
        ),
        (
            "an end on a day",
            count(&subscriptions, &|held| {
                held["cancel_at_period_end"] == false && held["cancel_at"].as_i64() > Some(now)
            }),
        ),
        (
            "an end for want of payment",
            count(&subscriptions, &|held| held["cancellation_details"]["reason"] == "payment_failed"),
        ),
        (
            "an inline price",
            count(&subscriptions, &|held| held["items"]["data"][0]["price"]["nickname"] == "Enterprise by contract"),
        ),
        (
            "an archived price in use",
            count(&subscriptions, &|held| {
                held["items"]["data"][0]["price"]["active"] == false && held["status"] == "active"
            }),
        ),
        (
            "a currency that is not the price's",
            count(&subscriptions, &|held| held["currency"] != held["items"]["data"][0]["price"]["currency"]),
        ),
        ("an invoice of more than ten lines", count(&invoices, &|invoice| list(&invoice["lines"]["data"]).len() > 10)),
        (
            "an invoice of nothing",
            count(&invoices, &|invoice| int(&invoice["total"]) == 0 && invoice["status"] == "paid"),
        ),
        ("an invoice below nothing", count(&invoices, &|invoice| int(&invoice["total"]) < 0)),
        ("an invoice paid off Stripe", count(&invoices, &|invoice| invoice["amount_paid_off_stripe"].is_i64())),
        ("an invoice made by hand", count(&invoices, &|invoice| invoice["billing_reason"] == "manual")),
        (
            "an invoice with tax inside",
            count(&invoices, &|invoice| invoice["total_taxes"][0]["tax_behavior"] == "inclusive"),
        ),
        (
            "an invoice with tax on top",
            count(&invoices, &|invoice| invoice["total_taxes"][0]["tax_behavior"] == "exclusive"),
        ),
        (
            "unused time",
            lines(&|line| line["parent"]["subscription_item_details"]["proration"] == true && int(&line["amount"]) < 0),
        ),
        (
            "remaining time",
            lines(&|line| line["parent"]["subscription_item_details"]["proration"] == true && int(&line["amount"]) > 0),
        ),
        (
            "two discounts' worth off one line",
            lines(&|line| list(&line["discount_amounts"]).iter().any(|off| int(&off["amount"]) > 0)),
        ),
        ("a full refund", count(&charges, &|charge| charge["refunded"] == true)),
        (
            "a partial refund",
            count(&charges, &|charge| charge["refunded"] == false && int(&charge["amount_refunded"]) > 0),
        ),
        ("a dispute", count(&charges, &|charge| charge["disputed"] == true)),
        ("a blocked attempt", count(&charges, &|charge| charge["outcome"]["type"] == "blocked")),
        ("a pending debit", count(&charges, &|charge| charge["status"] == "pending")),
        (
            "a payment that came at the second attempt",
            count(&invoices, &|invoice| invoice["status"] == "paid" && invoice["attempt_count"] == 2),
        ),
    ];
    for kind in [
        "customer.deleted",
        "invoice.deleted",
        "coupon.deleted",
        "customer.subscription.trial_will_end",
        "checkout.session.completed",
        "invoice.voided",
        "charge.dispute.created",
    ] {
        found.push((kind, count(&events, &|event| event["type"] == kind)));
    }
    for currency in ["usd", "eur", "jpy"] {
        found.push((currency, count(&subscriptions, &|held| held["currency"] == currency)));
    }
    for interval in ["week", "month", "year"] {
        let is_of = |held: &Value| held["items"]["data"][0]["price"]["recurring"]["interval"] == interval;
        found.push((interval, count(&subscriptions, &is_of)));
    }
    found
}

fn has_different_intervals(held: &Value) -> bool {
    let mut intervals: Vec<&str> =
        list(&held["items"]["data"]).iter().map(|item| text(&item["price"]["recurring"]["interval"])).collect();
    intervals.dedup();
    intervals.len() > 1
}

#[tokio::test]
async fn every_situation_is_there_however_small_the_company() {
    for customers in [60, 500] {
        let company = company(options(customers)).await;
        let missing: Vec<_> = situations(&company).into_iter().filter(|(_, count)| *count == 0).collect();
        assert!(missing.is_empty(), "{customers} customers: {missing:?}");
    }
}

#[tokio::test]
async fn the_price_list_is_sold_exactly_once() {
    let company = company(options(30)).await;
    let products = by_id(&company, "products");
    let prices = company.objects("prices");
    for (product, amount, interval, usage) in [
        ("Pro", 2_900, "month", "licensed"),
        ("Pro", 29_000, "year", "licensed"),
        ("Enterprise", 9_900, "month", "licensed"),
        ("AI tokens", 1, "month", "metered"),
        ("Preview minutes", 10, "month", "metered"),
        ("Sandbox runs", 50, "month", "metered"),
        ("Deployments", 200, "month", "metered"),
    ] {
        let is_it = |price: &&Value| {
            products[text(&price["product"])]["name"] == product
                && (&price["active"], &price["currency"]) == (&true.into(), &"usd".into())
                && price["unit_amount"] == amount
                && price["recurring"]["interval"] == interval
                && price["recurring"]["usage_type"] == usage
        };
        assert_eq!(prices.iter().filter(is_it).count(), 1, "{product} {amount}");
    }
    let endpoints = company.objects("webhook_endpoints");
    assert_eq!((endpoints.len(), list(&endpoints[0]["enabled_events"]).len()), (1, 7));
}
