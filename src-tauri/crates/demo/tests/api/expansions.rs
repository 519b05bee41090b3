//! What is only there when it is asked for.
//! Which parts may be asked for, and how deep, is as strict as at Stripe.

use super::*;

#[tokio::test]
async fn ids_become_objects_and_absent_parts_appear() {
    let api = start(options(120)).await;
    let plain = api.get("/v1/subscriptions?limit=100").await.body;
    let expanded =
        api.get("/v1/subscriptions?limit=100&expand[]=data.discounts.source.coupon&expand[]=data.customer").await.body;
    let mut coupons = 0;
    for (plain, expanded) in plain["data"].as_array().unwrap().iter().zip(expanded["data"].as_array().unwrap()) {
        assert_eq!(expanded["customer"]["id"], plain["customer"]);
        let pairs = plain["discounts"].as_array().unwrap().iter().zip(expanded["discounts"].as_array().unwrap());
        for (id, discount) in pairs {
            assert_eq!((&discount["id"], discount["object"].as_str()), (id, Some("discount")));
            assert_eq!(discount["source"]["coupon"]["object"], "coupon");
            coupons += 1;
        }
    }
    assert!(coupons > 3);
    let launch = expanded["data"].as_array().unwrap().iter().flat_map(|held| held["discounts"].as_array().unwrap());
    let launch: Vec<_> = launch.filter(|discount| discount["source"]["coupon"]["id"] == "LAUNCH20").collect();
    assert!(launch.iter().all(|discount| discount["source"]["coupon"]["valid"] == false) && !launch.is_empty());

    let prices = api.get("/v1/prices?limit=100").await.body;
    assert!(prices["data"].as_array().unwrap().iter().all(|price| price.get("tiers").is_none()));
    let prices = api.get("/v1/prices?limit=100&expand[]=data.tiers&expand[]=data.currency_options").await.body;
    let tiered: Vec<&Value> =
        prices["data"].as_array().unwrap().iter().filter(|price| price.get("tiers").is_some()).collect();
    assert_eq!(tiered.len(), 2);
    assert!(tiered.iter().all(|price| price["unit_amount"].is_null() && price["tiers"][2]["up_to"].is_null()));
    let pro = prices["data"].as_array().unwrap().iter().find(|price| price["lookup_key"] == "pro_monthly").unwrap();
    assert_eq!(pro["currency_options"]["eur"]["unit_amount"], 2_700);
    assert_eq!(pro["currency_options"]["usd"]["unit_amount"], 2_900);

    let coupon = api.get("/v1/coupons/ENT125?expand[]=applies_to").await.body;
    assert_eq!(coupon["applies_to"]["products"].as_array().unwrap().len(), 1);
    assert_eq!(coupon["percent_off"], 12.5);
    let coupon = api.get("/v1/coupons/FIVEOFF?expand[]=currency_options").await.body;
    assert_eq!(coupon["currency_options"]["jpy"]["amount_off"], 700);

    let refund = api.get("/v1/refunds?limit=1&expand[]=data.charge").await.body["data"][0].clone();
    let charge = refund["charge"]["id"].as_str().unwrap();
    let charge = api.get(&format!("/v1/charges/{charge}?expand[]=refunds&expand[]=balance_transaction")).await.body;
    assert_eq!(charge["refunds"]["data"][0]["id"], refund["id"]);
    assert_eq!(charge["balance_transaction"]["source"], charge["id"]);
    let invoices = api.get("/v1/invoices?status=paid&limit=20&expand[]=data.payments").await.body;
    let payments =
        invoices["data"].as_array().unwrap().iter().filter(|invoice| invoice["payments"]["data"][0].is_object());
    assert!(payments.count() > 10);
}

#[tokio::test]
async fn what_stripe_does_not_expand_is_refused() {
    let api = start(options(60)).await;
    let id = api.get("/v1/subscriptions?limit=1").await.ids().pop().unwrap();
    for (path, said) in [
        ("/v1/subscriptions?expand[]=data.items.data.price.product", "more than 4 levels"),
        ("/v1/subscriptions?expand[]=data.items.data.price.tiers", "more than 4 levels"),
        ("/v1/invoices?expand[]=data.payments.data.payment.charge", "more than 4 levels"),
        ("/v1/invoices?expand[]=customer", "try expanding 'data.customer' instead"),
        ("/v1/invoices?expand[]=data.subscription", "cannot be expanded (data.subscription)"),
        ("/v1/invoices?expand[]=data.charge", "cannot be expanded (data.charge)"),
        ("/v1/invoices?expand[]=data.customer.name", "cannot be expanded (data.customer.name)"),
        ("/v1/subscriptions?expand[]=data.items.discounts", "cannot be expanded (data.items.discounts)"),
        ("/v1/customers?expand[]=total_count", "cannot be included (total_count)"),
        ("/v1/events?expand[]=data.data.object", "cannot be expanded"),
        ("/v1/account?expand[]=owner", "cannot be expanded"),
    ] {
        let refused = api.get(path).await;
        assert_eq!(refused.status, 400, "{path}");
        assert!(refused.error("message").unwrap().contains(said), "{path}: {}", refused.body);
    }
    for path in ["items.data.price.product", "latest_invoice.payments", "customer", "items.data.discounts"] {
        let answer = api.get(&format!("/v1/subscriptions/{id}?expand[]={path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let product = api.get(&format!("/v1/subscriptions/{id}?expand[]=items.data.price.product")).await;
    assert_eq!(product.body["items"]["data"][0]["price"]["product"]["object"], "product");
}
