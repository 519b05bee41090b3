//! How the server says no.
//! Keys, permissions, paths, parameters, methods, and who it does not speak to.

use super::*;

#[tokio::test]
async fn only_the_two_keys_open() {
    let api = start(options(30)).await;
    let url = format!("{}/v1/customers?limit=1", api.simulator.url);
    let none = Answer::of(api.client.get(&url)).await;
    assert_eq!((none.status, none.error("type")), (401, Some("invalid_request_error")));
    assert!(none.header("www-authenticate").is_some());
    let wrong = api.get_as("sk_test_0000000000000000", "/v1/customers").await;
    assert_eq!(wrong.status, 401);
    let message = wrong.error("message").unwrap();
    assert!(
        message.starts_with("Invalid API Key provided: sk_test_****") && !message.contains("00000000"),
        "{message}"
    );
    let publishable = api.get_as("pk_test_123", "/v1/customers").await;
    assert_eq!((publishable.status, publishable.error("code")), (401, Some("secret_key_required")));
    for key in [&api.simulator.keys.full, &api.simulator.keys.restricted] {
        let basic = Answer::of(api.client.get(&url).basic_auth(key, Some(""))).await;
        assert_eq!((basic.status, api.get_as(key, "/v1/customers").await.status), (200, 200));
    }
    api.simulator.revoke_keys();
    let revoked = api.get("/v1/customers").await;
    assert_eq!((revoked.status, revoked.error("code")), (401, Some("api_key_expired")));
}

#[tokio::test]
async fn a_missing_permission_is_named_in_each_of_the_three_wordings() {
    let lacking =
        ["charge_read", "connected_account_read", "plan_read", "subscription_read"].map(str::to_owned).to_vec();
    let api = start(Options { restricted_without: lacking, ..options(60) }).await;
    let key = &api.simulator.keys.restricted;
    for (path, said) in [
        ("/v1/charges", "'rak_charge_read'"),
        ("/v1/refunds", "'rak_charge_read'"),
        ("/v1/account", "Having more permissions"),
        ("/v1/prices", "\"Prices Read\" (`plan_read`)"),
        ("/v1/payment_intents?expand[]=data.latest_charge", "'rak_charge_read'"),
        ("/v1/customers?limit=1&expand[]=data.subscriptions", "'rak_subscription_read'"),
    ] {
        let refused = api.get_as(key, path).await;
        assert_eq!((refused.status, refused.error("type")), (403, Some("invalid_request_error")), "{path}");
        assert_eq!(refused.error("code"), None, "{path}");
        assert!(refused.error("message").unwrap().contains(said), "{path}: {}", refused.body);
        assert_eq!(api.get(path).await.status, 200, "{path} with the full key");
    }
    assert_eq!(api.get_as(key, "/v1/payment_intents").await.status, 200);
}

#[tokio::test]
async fn every_read_that_onboarding_tries_is_answered() {
    let api = start(options(30)).await;
    for path in [
        "/v1/balance",
        "/v1/account",
        "/v1/customers?limit=1",
        "/v1/products?limit=1",
        "/v1/prices?limit=1",
        "/v1/subscriptions?limit=1&status=all",
        "/v1/invoices?limit=1",
        "/v1/invoice_payments?limit=1",
        "/v1/charges?limit=1",
        "/v1/payment_intents?limit=1",
        "/v1/refunds?limit=1",
        "/v1/disputes?limit=1",
        "/v1/balance_transactions?limit=1",
        "/v1/payouts?limit=1",
        "/v1/events?limit=1",
        "/v1/webhook_endpoints?limit=1",
        "/v1/coupons?limit=1",
        "/v1/promotion_codes?limit=1",
        "/v1/credit_notes?limit=1",
        "/v1/tax/settings",
        "/v1/tax/registrations?limit=1",
        "/v1/payment_method_configurations?limit=1",
        "/v1/billing_portal/configurations?limit=1",
        "/v1/billing/meters?limit=1",
        "/v2/core/event_destinations?limit=1&include[0]=webhook_endpoint.url",
    ] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn paths_and_parameters_that_are_not_there_are_refused() {
    let api = start(options(60)).await;
    let customer = &api.get("/v1/customers?limit=1").await.ids()[0];
    for (path, status, code, param) in [
        ("/v1/unicorns", 404, None, None),
        ("/v1/customers/", 404, None, None),
        ("/", 404, None, None),
        ("/v1/customers/cus_00000000000000", 404, Some("resource_missing"), Some("id")),
        ("/v1/invoices/in_nowhere/lines", 404, Some("resource_missing"), Some("invoice")),
        ("/v1/subscription_items", 400, Some("parameter_missing"), Some("subscription")),
        ("/v1/customers?color=red", 400, Some("parameter_unknown"), Some("color")),
        ("/v1/webhook_endpoints?created[gt]=1", 400, Some("parameter_unknown"), Some("created[gt]")),
        ("/v1/customers/CUSTOMER?limit=3", 400, Some("parameter_unknown"), Some("limit")),
        ("/v1/customers?limit=0", 400, Some("parameter_invalid_integer"), Some("limit")),
        ("/v1/customers?limit=101", 400, Some("parameter_invalid_integer"), Some("limit")),
        ("/v1/customers?created[gte]=monday", 400, Some("parameter_invalid_integer"), Some("created[gte]")),
        ("/v1/subscriptions?status=gone", 400, None, Some("status")),
        ("/v1/prices?active=yes", 400, None, Some("active")),
        ("/v1/invoices?customer=cus_00000000000000", 400, Some("resource_missing"), Some("customer")),
        ("/v1/customers?test_clock=clock_1", 400, Some("resource_missing"), Some("test_clock")),
        ("/v1/customers?starting_after=CUSTOMER&ending_before=CUSTOMER", 400, None, None),
        ("/v1/events?type=invoice.paid&types[]=invoice.paid", 400, None, Some("types")),
    ] {
        let refused = api.get(&path.replace("CUSTOMER", customer)).await;
        assert_eq!(refused.status, status, "{path}: {}", refused.body);
        assert_eq!((refused.error("code"), refused.error("param")), (code, param), "{path}");
        assert_eq!(refused.header("stripe-should-retry"), Some("false"), "{path}");
        assert!(refused.error("request_log_url").unwrap().ends_with(refused.header("request-id").unwrap()));
    }
    let types: String = (0..21).map(|_| "&types[]=invoice.paid").collect();
    assert_eq!(api.get(&format!("/v1/events?{types}")).await.error("param"), Some("types"));
}

#[tokio::test]
async fn a_deleted_customer_leaves_a_stub() {
    let api = start(options(60)).await;
    let event = &api.get("/v1/events?type=customer.deleted").await.body["data"][0];
    let id = event["data"]["object"]["id"].as_str().unwrap();
    let stub = api.get(&format!("/v1/customers/{id}")).await;
    assert_eq!(stub.status, 200);
    assert_eq!(stub.body, serde_json::json!({ "id": id, "object": "customer", "deleted": true }));
    let held = api.walk(&format!("/v1/subscriptions?status=canceled&customer={id}"), 10).await;
    assert_eq!(held.len(), 1, "its subscription is listed as canceled");
}

#[tokio::test]
async fn only_reads_from_this_computer_are_answered() {
    let api = start(options(30)).await;
    let url = format!("{}/v1/customers", api.simulator.url);
    let key = api.simulator.keys.full.clone();
    let ask = |request: reqwest::RequestBuilder| Answer::of(request.bearer_auth(&key));
    let port = api.simulator.url.rsplit(':').next().unwrap();
    let names = [format!("localhost:{port}"), "127.0.0.1".to_owned(), "api.stripe.com".to_owned()];
    for name in names {
        assert_eq!(ask(api.client.get(&url).header("Host", &name)).await.status, 403, "{name}");
    }
    assert_eq!(ask(api.client.get(&url).header("Origin", "null")).await.status, 403);
    for method in ["POST", "DELETE", "PUT", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        assert_eq!(ask(api.client.request(method, &url)).await.status, 405);
    }
    assert_eq!(ask(api.client.get(&url)).await.status, 200);
    let requests = api.simulator.requests();
    assert_eq!((requests.other_than_get, requests.by_path["POST /v1/customers"]), (4, 1));
    let open = serve(options(30), "0.0.0.0:0".parse().unwrap()).await;
    assert!(matches!(open, Err(countersign_demo::DemoError::NotLoopback(_))));
}
