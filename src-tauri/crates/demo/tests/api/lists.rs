//! Pages in both directions, cursors, filters and what lists leave out.

use super::*;

#[tokio::test]
async fn a_walk_meets_every_object_once_newest_first() {
    let api = start(options(60)).await;
    for path in ["customers", "invoices", "charges", "events", "invoice_payments", "products", "coupons"] {
        let walked = api.walk(&format!("/v1/{path}"), 7).await;
        let mut truth: Vec<String> =
            api.simulator.objects(path).iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect();
        truth.reverse();
        let ids: Vec<String> = walked.iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, truth, "{path}");
        assert!(!ids.is_empty(), "{path}");
        let created: Vec<i64> = walked.iter().map(|object| object["created"].as_i64().unwrap()).collect();
        assert!(created.is_sorted_by(|newer, older| newer >= older), "{path}");
    }
}

#[tokio::test]
async fn changes_leave_events_and_keep_every_list_walkable() {
    let api = start(options(60)).await;
    let newest = api.get("/v1/events?limit=1").await.ids();
    api.walk("/v1/customers", 10).await;
    let changes = api.simulator.mutate(200);
    assert_eq!(changes.len(), 200);
    for what in ["create", "update", "cancel", "pay", "delete"] {
        assert!(changes.iter().any(|change| change.what == what), "{what}");
    }
    let events = api.walk("/v1/events", 100).await;
    let new = events.iter().take_while(|event| event["id"].as_str() != Some(&newest[0])).count();
    assert!(new >= 200, "{new}");
    for path in ["customers", "invoices", "charges"] {
        let walked = api.walk(&format!("/v1/{path}"), 100).await.len();
        assert_eq!(walked, api.simulator.objects(path).len(), "{path}");
    }
}
