//! Every amount follows from others; every reference leads somewhere.
//! Checked on the rendered objects, so a fault in the rendering shows as well.

use super::*;

#[tokio::test]
async fn invoices_add_up() {
    let company = company(options(250)).await;
    for invoice in company.objects("invoices") {
        let (lines, id) = (&invoice["lines"]["data"], text(&invoice["id"]));
        let amount = sum(lines, "amount");
        let of_lines = |key: &str| -> i64 { list(lines).iter().map(|line| sum(&line[key], "amount")).sum() };
        let (discount, tax) = (of_lines("discount_amounts"), of_lines("taxes"));
        let is_inclusive = list(&invoice["total_taxes"]).iter().any(|tax| tax["tax_behavior"] == "inclusive");
        let total = amount - discount + if is_inclusive { 0 } else { tax };
        assert_eq!(int(&invoice["subtotal"]), amount, "{id}");
        assert_eq!(int(&invoice["total"]), total, "{id}");
        assert_eq!(sum(&invoice["total_discount_amounts"], "amount"), discount, "{id}");
        assert_eq!(sum(&invoice["total_taxes"], "amount"), tax, "{id}");
        assert_eq!(int(&invoice["total_excluding_tax"]), total - tax, "{id}");
        let (due, paid) = (int(&invoice["amount_due"]), int(&invoice["amount_paid"]));
        if let Some(ending) = invoice["ending_balance"].as_i64() {
            assert_eq!(due, total + int(&invoice["starting_balance"]) - ending, "{id}");
            assert!(due == 0 || due >= 50, "{id}: {due} is too little to be charged");
        }
        assert_eq!(int(&invoice["amount_remaining"]), due - paid, "{id}");
        match text(&invoice["status"]) {
            "paid" => assert!(due == paid && invoice["status_transitions"]["paid_at"].is_i64(), "{id}"),
            "draft" => assert!(invoice["number"].is_null() && paid == 0, "{id}"),
            _ => assert!(paid < due && invoice["number"].is_string(), "{id}"),
        }
    }
}

#[tokio::test]
async fn money_is_the_same_on_every_side() {
    let company = company(options(250)).await;
    let (invoices, intents) = (by_id(&company, "invoices"), by_id(&company, "payment_intents"));
    let (charges, transactions) = (by_id(&company, "charges"), by_id(&company, "balance_transactions"));
    let mut paid: BTreeMap<&str, i64> = BTreeMap::new();
    let payments = company.objects("invoice_payments");
    for payment in &payments {
        let invoice = &invoices[text(&payment["invoice"])];
        assert_eq!(payment["currency"], invoice["currency"]);
        if payment["status"] == "paid" {
            *paid.entry(text(&invoice["id"])).or_default() += int(&payment["amount_paid"]);
        }
        let Some(intent) = payment["payment"]["payment_intent"].as_str() else { continue };
        let intent = &intents[intent];
        assert_eq!((payment["status"] == "paid"), (intent["status"] == "succeeded"), "{payment}");
        if let Some(charge) = intent["latest_charge"].as_str() {
            let charge = &charges[charge];
            assert_eq!((charge["status"] == "succeeded"), (intent["status"] == "succeeded"));
            assert_eq!((&charge["amount"], &charge["payment_intent"]), (&intent["amount"], &intent["id"]));
        }
    }
    for (id, invoice) in &invoices {
        assert_eq!(int(&invoice["amount_paid"]), paid.get(id.as_str()).copied().unwrap_or(0), "{id}");
    }
    let refunds = company.objects("refunds");
    for (id, charge) in &charges {
        let refunded: i64 =
            refunds.iter().filter(|refund| refund["charge"] == *id).map(|refund| int(&refund["amount"])).sum();
        assert_eq!(int(&charge["amount_refunded"]), refunded);
        assert_eq!(charge["refunded"], refunded > 0 && refunded == int(&charge["amount"]));
        if let Some(transaction) = charge["balance_transaction"].as_str() {
            let transaction = &transactions[transaction];
            assert_eq!((&transaction["amount"], &transaction["source"]), (&charge["amount_captured"], &charge["id"]));
        }
    }
    for transaction in transactions.values() {
        assert_eq!(int(&transaction["net"]), int(&transaction["amount"]) - int(&transaction["fee"]));
        assert_eq!(sum(&transaction["fee_details"], "amount"), int(&transaction["fee"]));
    }
}

#[tokio::test]
async fn subscriptions_are_what_their_status_says() {
    let company = company(options(250)).await;
    let now = company.now().timestamp();
    let invoices = by_id(&company, "invoices");
    for held in company.objects("subscriptions") {
        let id = text(&held["id"]);
        let latest = &invoices[text(&held["latest_invoice"])];
        assert_eq!(latest["parent"]["subscription_details"]["subscription"], held["id"], "{id}");
        assert_eq!((&latest["customer"], &latest["currency"]), (&held["customer"], &held["currency"]), "{id}");
        let covers =
            |item: &Value| (int(&item["current_period_start"])..int(&item["current_period_end"])).contains(&now);
        let ended = &held["ended_at"];
        match text(&held["status"]) {
            "active" | "unpaid" => assert!(list(&held["items"]["data"]).iter().all(covers) && ended.is_null(), "{id}"),
            "past_due" => {
                assert_eq!(latest["status"], "open", "{id}");
                assert!(int(&latest["attempt_count"]) > 0 && ended.is_null(), "{id}");
            }
            "trialing" => assert!(int(&held["trial_end"]) > now && ended.is_null(), "{id}"),
            "paused" => assert!(held["status_details"]["paused"]["transitioned_at"].is_i64(), "{id}"),
            "incomplete" => assert!(int(&held["created"]) > now - 23 * 3600, "{id}"),
            "canceled" => {
                assert!(int(ended) <= now && held["cancellation_details"]["reason"].is_string(), "{id}");
            }
            "incomplete_expired" => assert_eq!(latest["status"], "void", "{id}"),
            other => panic!("{id} is {other}"),
        }
        let leaves = held["cancel_at"].is_i64() || held["ended_at"].is_i64();
        assert!(leaves || held["canceled_at"].is_null(), "{id}");
    }
}

#[tokio::test]
async fn references_lead_somewhere() {
    let company = company(options(120)).await;
    let of = |path: &str| by_id(&company, path);
    let (products, prices) = (of("products"), of("prices"));
    let (customers, subscriptions) = (of("customers"), of("subscriptions"));
    assert!(prices.values().all(|price| products.contains_key(text(&price["product"]))));
    for held in subscriptions.values() {
        for item in list(&held["items"]["data"]) {
            assert!(prices.contains_key(text(&item["price"]["id"])));
            assert_eq!(item["subscription"], held["id"]);
        }
    }
    let alone: Vec<_> =
        subscriptions.values().filter(|held| !customers.contains_key(text(&held["customer"]))).collect();
    assert!(!alone.is_empty() && alone.iter().all(|held| held["status"] == "canceled"), "only of deleted customers");
    for invoice in company.objects("invoices") {
        for line in list(&invoice["lines"]["data"]) {
            assert!(prices.contains_key(text(&line["pricing"]["price_details"]["price"])));
            if let Some(held) = line["subscription"].as_str() {
                assert!(subscriptions.contains_key(held));
            }
        }
    }
}
