//! The Stripe client against a scripted server: what it sends, how it retries, and where it stops.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::fake::{Act, Fake, answer, json as reply};
use countersign_domain::stripe::ObjectKind;
use countersign_sources::stripe::{
    Address, Client, ConnectError, Found, Key, Patience, Standing, StripeError, TRIES_MAX, Window, listings,
    permissions,
};
use serde_json::{Value, json};

fn client(fake: &Fake) -> Client {
    let (key, _) = Key::read("sk_test_0123456789abcdef").unwrap();
    let patience = Patience { first: Duration::from_millis(2), longest: Duration::from_millis(10) };
    let client = Client::new(key, Address::parse(&fake.url).unwrap()).unwrap().with_patience(patience);
    client.set_per_second(NonZeroU32::new(25).unwrap());
    client
}

fn list(objects: &[Value], has_more: bool) -> Act {
    Act::Send(reply(200, &json!({"object": "list", "data": objects, "has_more": has_more, "url": "/"}).to_string()))
}

fn refusal(status: u16, error: Value) -> Act {
    Act::Send(reply(status, &json!({"error": error}).to_string()))
}

async fn customers(client: &Client) -> Result<usize, StripeError> {
    let page = client.page(&listings(ObjectKind::Customer)[0], &Window::default()).await?;
    Ok(page.data.len())
}

#[tokio::test]
async fn every_request_is_a_get_with_key_and_version() {
    let fake = Fake::start(|_, _| list(&[json!({"id": "cus_1"})], false)).await;
    let client = client(&fake);
    let window = Window { after: Some("cus_0"), created_from: Some(5), created_to: Some(9), only_undelivered: false };
    client.page(&listings(ObjectKind::Customer)[0], &window).await.unwrap();
    for listing in ObjectKind::all().flat_map(listings) {
        client.page(listing, &Window::default()).await.unwrap();
    }
    assert_eq!(
        fake.lines()[0],
        "GET /v1/customers?limit=100&created[gte]=5&created[lte]=9&starting_after=cus_0&expand[]=data.discount.source.coupon \
         HTTP/1.1"
    );
    for head in fake.heads() {
        assert!(head.starts_with("GET /v1/"), "{head}");
        assert!(head.contains("authorization: Bearer sk_test_0123456789abcdef\r\n"), "{head}");
        assert!(head.contains("stripe-version: 2026-10-28.endive\r\n"), "{head}");
    }
    let lines = fake.lines().join("\n");
    for needed in ["/v1/prices?limit=100&active=true", "/v1/prices?limit=100&active=false", "status=all"] {
        assert!(lines.contains(needed), "{needed} is not in\n{lines}");
    }
}

#[tokio::test]
async fn a_storm_of_refusals_ends_after_six_tries_and_slows_the_budget() {
    let fake =
        Fake::start(|_, _| Act::Send(answer(429, &[("stripe-rate-limited-reason", "global-rate")], b"{}"))).await;
    let client = client(&fake);
    assert!(matches!(customers(&client).await, Err(StripeError::RateLimited { .. })));
    assert_eq!(fake.heads().len(), TRIES_MAX);
    assert_eq!((client.counts().requests, client.counts().retries), (6, 5));
    assert_eq!(client.per_second().get(), 1);
}

#[tokio::test]
async fn a_passing_fault_costs_retries_only() {
    let fake = Fake::start(|number, _| match number {
        0 => Act::Send(answer(503, &[("content-type", "text/html")], b"<html>")),
        1 => {
            Act::Send(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"obj".to_vec())
        }
        2 => Act::Send(reply(200, r#"{"object":"list","data":"#)),
        3 => Act::Send(answer(200, &[("content-type", "text/html")], b"<html>sign in</html>")),
        4 => Act::Send(reply(200, "{}")),
        _ => list(&[json!({"id": "cus_1"})], false),
    })
    .await;
    let client = client(&fake);
    assert_eq!(customers(&client).await.unwrap(), 1);
    assert_eq!(client.counts().retries, 5);
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_and_a_long_one_is_not() {
    let patient = Fake::start(|number, _| match number {
        0 => Act::Send(answer(429, &[("retry-after", "1")], b"{}")),
        _ => list(&[], false),
    })
    .await;
    let start = Instant::now();
    customers(&client(&patient)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    let endless = Fake::start(|_, _| Act::Send(answer(429, &[("retry-after", "61")], b"{}"))).await;
    assert!(matches!(customers(&client(&endless)).await, Err(StripeError::RateLimited { .. })));
    assert_eq!(endless.heads().len(), 1);
}

#[tokio::test]
async fn final_answers_are_not_tried_again() {
    let about = |code: &str, param: &str| json!({"type": "invalid_request_error", "code": code, "param": param, "message": "m"});
    for (status, error, variant) in [
        (401, about("", ""), "KeyRejected"),
        (404, about("", ""), "NotOffered"),
        (404, about("resource_missing", "id"), "Missing"),
        (400, about("resource_missing", "starting_after"), "CursorGone"),
        (402, about("", ""), "Refused"),
    ] {
        let fake = Fake::start(move |_, _| refusal(status, error.clone())).await;
        let page = client(&fake).page(&listings(ObjectKind::Invoice)[0], &Window::default()).await;
        assert!(format!("{:?}", page.unwrap_err()).starts_with(variant), "{status}");
        assert_eq!(fake.heads().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_expansion_the_key_may_not_have_is_given_up() {
    let fake = Fake::start(|_, head| {
        if head.contains("coupon") { refusal(403, json!({"message": "no `coupon_read`"})) } else { list(&[], false) }
    })
    .await;
    let client = client(&fake);
    let subscriptions = &listings(ObjectKind::Subscription)[0];
    client.page(subscriptions, &Window::default()).await.unwrap();
    client.page(subscriptions, &Window::default()).await.unwrap();
    assert_eq!(fake.heads().len(), 3, "tried once, known from then on");
    let nothing = Fake::start(|_, _| refusal(403, json!({"message": "no `rak_subscription_read`"}))).await;
    let refused = self::client(&nothing).page(subscriptions, &Window::default()).await.unwrap_err();
    let StripeError::NotPermitted { permission, .. } = refused else { panic!("{refused}") };
    assert_eq!(permission.as_deref(), Some("subscription_read"));
}

#[tokio::test]
async fn embedded_lists_are_completed() {
    let fake = Fake::start(|_, head| {
        let line = |from: u32, to: u32| (from..to).map(|n| json!({"id": format!("il_{n}")})).collect::<Vec<_>>();
        match () {
            () if head.contains("/lines") && head.contains("starting_after=il_99") => list(&line(100, 130), false),
            () if head.contains("/lines") => list(&line(0, 100), true),
            () => Act::Send(reply(
                200,
                &json!({"object": "invoice", "id": "in_1", "lines": {"data": line(0, 10), "has_more": true}})
                    .to_string(),
            )),
        }
    })
    .await;
    let Found::There(invoice) = client(&fake).object(ObjectKind::Invoice, "in_1").await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(invoice["lines"]["data"].as_array().map(Vec::len), Some(130));
    assert_eq!(invoice["lines"]["has_more"], json!(false));
    assert_eq!(fake.heads().len(), 3);
}

#[tokio::test]
async fn a_list_without_end_is_left() {
    let fake = Fake::start(|_, head| match head {
        head if head.contains("subscription_items") => list(&[], true),
        _ => list(&[], false),
    })
    .await;
    let cut = json!({"object": "subscription", "id": "sub_1", "items": {"data": [], "has_more": true}});
    let outcome = client(&fake).whole(ObjectKind::Subscription, cut).await;
    assert!(matches!(outcome, Err(StripeError::Endless { .. })));
}

#[tokio::test]
async fn what_is_gone_is_an_answer() {
    let stub = Fake::start(|_, _| Act::Send(reply(200, r#"{"id":"cus_1","object":"customer","deleted":true}"#))).await;
    assert_eq!(client(&stub).object(ObjectKind::Customer, "cus_1").await.unwrap(), Found::Gone);
    let missing = Fake::start(|_, _| refusal(404, json!({"code": "resource_missing"}))).await;
    assert_eq!(client(&missing).object(ObjectKind::Coupon, "a/b c").await.unwrap(), Found::Gone);
    assert!(missing.lines()[0].starts_with("GET /v1/coupons/a%2Fb%20c?"), "{:?}", missing.lines());
}

#[tokio::test]
async fn permissions_are_found_out_read_by_read() {
    let fake = Fake::start(|_, head| match head {
        head if head.contains("/v1/webhook_endpoints") => {
            refusal(403, json!({"message": "the 'rak_webhook_read' permission"}))
        }
        head if head.contains("/v1/tax/settings") => refusal(404, json!({"message": "Unrecognized request URL"})),
        head if head.contains("/v2/") => Act::Send(reply(200, r#"{"data":[],"next_page_url":null}"#)),
        head if head.contains("/v1/balance ") => Act::Send(reply(200, r#"{"object":"balance"}"#)),
        head if head.contains("/v1/account ") => Act::Send(reply(200, r#"{"object":"account"}"#)),
        _ => list(&[], false),
    })
    .await;
    let found = permissions(&client(&fake)).await.unwrap();
    assert_eq!((found.len(), fake.heads().len()), (25, 25));
    let odd: Vec<_> = found.iter().filter(|one| one.standing != Standing::Granted).collect();
    assert_eq!(odd[0].read.read, "webhook_endpoints");
    assert_eq!((odd[0].name.as_deref(), &odd[0].standing), (Some("webhook_read"), &Standing::Denied));
    assert!(matches!(&odd[1].standing, Standing::Unknown(why) if why.contains("does not offer")));
    assert_eq!(odd.len(), 2);
    let rejected = Fake::start(|_, _| refusal(401, json!({"message": "Invalid API Key"}))).await;
    assert!(matches!(permissions(&client(&rejected)).await, Err(StripeError::KeyRejected { .. })));
}

#[tokio::test]
async fn a_live_key_meets_no_stand_in() {
    let fake = Fake::start(|_, _| list(&[], false)).await;
    for text in [concat!("rk_li", "ve_0123456789abcdef"), concat!("sk_li", "ve_0123456789abcdef")] {
        let (key, _) = Key::read(text).unwrap();
        let refused = Client::new(key, Address::parse(&fake.url).unwrap());
        assert!(matches!(refused, Err(ConnectError::Address(_))));
    }
    assert_eq!(fake.heads().len(), 0);
}

/// Whoever wants to know hears what the server tells of the time; answers that failed, and those without a date, tell nothing.
#[tokio::test]
async fn the_time_a_server_tells_is_handed_on() {
    let body = json!({"object": "list", "data": [], "has_more": false, "url": "/"}).to_string();
    let at = |date: &'static str| [("content-type", "application/json"), ("date", date)];
    let fake = Fake::start(move |nth, _| match nth {
        0 => Act::Send(answer(503, &at("Fri, 20 Nov 2026 09:00:00 GMT"), b"{}")),
        1 => Act::Send(answer(200, &at("Fri, 20 Nov 2026 10:00:00 GMT"), body.as_bytes())),
        2 => Act::Send(answer(200, &at("yesterday"), body.as_bytes())),
        _ => Act::Send(reply(200, &body)),
    })
    .await;
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = std::sync::Arc::clone(&heard);
    let client = client(&fake).telling_time(move |at| hears.lock().unwrap().push(at.to_rfc3339()));
    for _ in 0..3 {
        customers(&client).await.unwrap();
    }
    assert_eq!(*heard.lock().unwrap(), ["2026-11-20T10:00:00+00:00"]);
}
