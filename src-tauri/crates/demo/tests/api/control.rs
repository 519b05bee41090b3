//! What can be changed at the company from outside while it is served.

use super::*;

#[tokio::test]
async fn the_endpoint_is_switched_off_and_on() {
    let api = start(options(30)).await;
    let status = async || api.get("/v1/webhook_endpoints").await.body["data"][0]["status"].clone();
    assert_eq!(status().await, "enabled");
    for (word, then) in [("disable", "disabled"), ("disable", "disabled"), ("enable", "enabled")] {
        let url = format!("{}/simulator/webhook_endpoint/{word}", api.simulator.url);
        let changed = Answer::of(api.client.post(url)).await;
        assert_eq!((changed.status, &changed.body["status"]), (200, &Value::from(then)));
        assert_eq!(status().await, then);
    }
    assert_eq!(api.simulator.requests().other_than_get, 0, "a change is no request to Stripe");
}

#[tokio::test]
async fn changes_are_refused_to_web_pages_and_to_reads() {
    let api = start(options(30)).await;
    let url = format!("{}/simulator/webhook_endpoint/disable", api.simulator.url);
    assert_eq!(Answer::of(api.client.get(&url)).await.status, 405);
    assert_eq!(Answer::of(api.client.post(&url).header("Origin", "https://example.com")).await.status, 403);
    assert_eq!(Answer::of(api.client.post(&url).header("Host", "example.com")).await.status, 403);
    for path in ["account/close", "exposure/101", "exposure/half"] {
        let elsewhere = format!("{}/simulator/{path}", api.simulator.url);
        assert_eq!(Answer::of(api.client.post(elsewhere)).await.status, 404, "{path}");
    }
    let share = format!("{}/simulator/exposure/50", api.simulator.url);
    assert_eq!(Answer::of(api.client.post(share)).await.body["exposed_pct"], 50);
    assert_eq!(api.get("/v1/webhook_endpoints").await.body["data"][0]["status"], "enabled");
}
