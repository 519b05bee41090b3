//! Pages in both directions, cursors, filters and what lists leave out.
//! The truth they are compared with comes from the simulator's handle, past the wire.

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

#[tokio::test]
async fn a_walk_backwards_meets_the_same_objects() {
    let api = start(options(60)).await;
    let forward = api.walk("/v1/invoices", 50).await;
    let ids: Vec<&str> = forward.iter().map(|invoice| invoice["id"].as_str().unwrap()).collect();
    let mut backward: Vec<String> = Vec::new();
    let mut cursor = (*ids.last().unwrap()).to_owned();
    loop {
        let page = api.get(&format!("/v1/invoices?limit=33&ending_before={cursor}")).await;
        let mut page_ids = page.ids();
        let has_more = page.has_more();
        cursor = page_ids.first().unwrap().clone();
        page_ids.extend(backward);
        backward = page_ids;
        if !has_more {
            break;
        }
    }
    assert_eq!(backward, ids[..ids.len() - 1], "newest first inside each page, the page just newer than the cursor");
    let page = api.get(&format!("/v1/invoices?limit=5&ending_before={}", ids[20])).await;
    assert_eq!((page.ids(), page.has_more()), (ids[15..20].iter().map(|id| (*id).to_owned()).collect(), true));
}

#[tokio::test]
async fn a_cursor_must_exist_and_pass_the_filter() {
    let api = start(options(60)).await;
    let deleted = &api.get("/v1/events?type=customer.deleted").await.body["data"][0]["data"]["object"]["id"];
    let canceled = &api.get("/v1/subscriptions?status=canceled&limit=1").await.ids()[0];
    let old = &api.walk("/v1/charges", 100).await.pop().unwrap()["id"];
    for (path, id) in [
        ("/v1/customers", deleted.as_str().unwrap()),
        ("/v1/customers", "cus_00000000000000"),
        ("/v1/subscriptions", canceled.as_str()),
        ("/v1/charges?created[gte]=1790000000", old.as_str().unwrap()),
    ] {
        let glue = if path.contains('?') { '&' } else { '?' };
        for param in ["starting_after", "ending_before"] {
            let answer = api.get(&format!("{path}{glue}{param}={id}")).await;
            assert_eq!(answer.status, 400, "{path} {id}");
            assert_eq!(answer.error("code"), Some("resource_missing"));
            assert_eq!(answer.error("param"), Some(param));
            assert!(answer.error("message").unwrap().contains(id));
        }
    }
    let reachable = api.get(&format!("/v1/subscriptions?status=all&starting_after={canceled}")).await;
    assert_eq!(reachable.status, 200, "the same cursor passes another filter");
}

#[tokio::test]
async fn a_cursor_that_is_deleted_while_reading_is_lost() {
    let api = start(options(60)).await;
    let mut lost = 0;
    for _ in 0..40 {
        let page = api.get("/v1/customers?limit=3").await;
        let last = page.ids().pop().unwrap();
        api.simulator.mutate(3);
        let next = api.get(&format!("/v1/customers?limit=3&starting_after={last}")).await;
        let is_gone = api.get(&format!("/v1/customers/{last}")).await.body["deleted"] == true;
        assert_eq!(next.status, if is_gone { 400 } else { 200 });
        lost += usize::from(is_gone);
    }
    assert!(lost > 0, "changes aim at what a reader looks at");
}

#[tokio::test]
async fn created_filters_cut_where_they_say() {
    let api = start(options(60)).await;
    let charges = api.walk("/v1/charges", 100).await;
    let at = charges[charges.len() / 2]["created"].as_i64().unwrap();
    let expected =
        |keep: &dyn Fn(i64) -> bool| charges.iter().filter(|charge| keep(charge["created"].as_i64().unwrap())).count();
    for (filter, count) in [
        (format!("created[gte]={at}"), expected(&|created| created >= at)),
        (format!("created[gt]={at}"), expected(&|created| created > at)),
        (format!("created[lte]={at}"), expected(&|created| created <= at)),
        (format!("created[lt]={at}"), expected(&|created| created < at)),
        (format!("created={at}"), expected(&|created| created == at)),
        (format!("created[gte]={at}&created[lt]={}", at + 864_000), expected(&|c| (at..at + 864_000).contains(&c))),
    ] {
        assert_eq!(api.walk(&format!("/v1/charges?{filter}"), 100).await.len(), count, "{filter}");
    }
}

#[tokio::test]
async fn lists_leave_out_what_stripe_leaves_out() {
    let api = start(options(120)).await;
    let all = api.walk("/v1/subscriptions?status=all", 100).await;
    let plain = api.walk("/v1/subscriptions", 100).await;
    let of = |status: &str| all.iter().filter(|held| held["status"] == status).count();
    assert_eq!(plain.len() + of("canceled"), all.len());
    for status in ["active", "trialing", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired", "canceled"]
    {
        assert!(of(status) > 0, "this company has a subscription that is {status}");
        let listed = api.walk(&format!("/v1/subscriptions?status={status}"), 100).await;
        assert_eq!(listed.len(), of(status), "{status}");
    }
    let ended = api.walk("/v1/subscriptions?status=ended", 100).await.len();
    assert_eq!(ended, of("canceled") + of("incomplete_expired"));

    let active = api.walk("/v1/prices", 100).await;
    let inactive = api.walk("/v1/prices?active=false", 100).await;
    assert!(active.iter().all(|price| price["active"] == true));
    assert!(!inactive.is_empty() && inactive.iter().all(|price| price["active"] == false));
    let listed = active.len() + inactive.len();
    let whole = api.simulator.objects("prices");
    assert!(whole.len() > listed, "prices made inside subscriptions are in no list");
    let inline = whole.iter().find(|price| price["nickname"] == "Enterprise by contract").unwrap();
    assert_eq!(api.get(&format!("/v1/prices/{}", inline["id"].as_str().unwrap())).await.body["id"], inline["id"]);
    let products = api.walk("/v1/products", 100).await;
    assert!(products.iter().any(|product| product["active"] == false), "products are listed whether active or not");

    let coupon = api.get("/v1/coupons/LAUNCH20").await;
    assert_eq!((coupon.status, coupon.error("code")), (404, Some("resource_missing")));
    assert!(!api.walk("/v1/coupons", 100).await.iter().any(|coupon| coupon["id"] == "LAUNCH20"));
}

#[tokio::test]
async fn embedded_lists_are_cut_at_ten_and_complete_elsewhere() {
    let api = start(options(120)).await;
    let invoices = api.walk("/v1/invoices", 100).await;
    let long = invoices.iter().find(|invoice| invoice["lines"]["has_more"] == true).unwrap();
    assert_eq!(long["lines"]["data"].as_array().unwrap().len(), 10);
    let url = long["lines"]["url"].as_str().unwrap();
    let lines = api.walk(url, 4).await;
    assert!(lines.len() > 10);
    assert_eq!(lines[..10], long["lines"]["data"].as_array().unwrap()[..]);
    let whole = api.simulator.objects("invoices");
    let whole = whole.iter().find(|invoice| invoice["id"] == long["id"]).unwrap();
    assert_eq!(whole["lines"]["data"].as_array().unwrap(), &lines);

    let subscriptions = api.walk("/v1/subscriptions", 100).await;
    let wide = subscriptions.iter().find(|held| held["items"]["has_more"] == true).unwrap();
    let items = api.walk(wide["items"]["url"].as_str().unwrap(), 100).await;
    assert!(items.len() > 10);
    let item = api.get(&format!("/v1/subscription_items/{}", items[11]["id"].as_str().unwrap())).await;
    assert_eq!(item.body, items[11]);
}

#[tokio::test]
async fn filters_give_what_they_name() {
    let api = start(options(120)).await;
    let invoices = api.walk("/v1/invoices", 100).await;
    let customer = &invoices[30]["customer"];
    let of = |key: &str, value: &Value| invoices.iter().filter(|invoice| &invoice[key] == value).count();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let listed = async |filter: String| api.walk(&format!("/v1/invoices?{filter}"), 100).await.len();
    assert_eq!(listed(format!("customer={}", text(customer))).await, of("customer", customer));
    for status in ["draft", "open", "paid", "uncollectible", "void"] {
        assert!(of("status", &status.into()) > 0, "this company has an invoice that is {status}");
        assert_eq!(listed(format!("status={status}")).await, of("status", &status.into()));
    }
    let by_mail = of("collection_method", &"send_invoice".into());
    assert_eq!(listed("collection_method=send_invoice".to_owned()).await, by_mail);
    assert_eq!(listed("due_date[gt]=0".to_owned()).await, by_mail);
    let subscription = invoices[30]["parent"]["subscription_details"]["subscription"].clone();
    let payments = api.walk(&format!("/v1/invoice_payments?invoice={}", text(&invoices[30]["id"])), 100).await;
    assert_eq!(payments.len(), 1);
    assert!(listed(format!("subscription={}", text(&subscription))).await > 0);

    let events = api.walk("/v1/events", 100).await;
    let count = |keep: &dyn Fn(&Value) -> bool| events.iter().filter(|event| keep(event)).count();
    for (filter, expected) in [
        ("type=invoice.paid", count(&|event| event["type"] == "invoice.paid")),
        ("type=invoice.*", count(&|event| event["type"].as_str().unwrap().starts_with("invoice."))),
        (
            "types[]=invoice.paid&types[]=charge.failed",
            count(&|event| event["type"] == "invoice.paid" || event["type"] == "charge.failed"),
        ),
        ("delivery_success=false", count(&|event| event["pending_webhooks"] != 0)),
        ("delivery_success=true", count(&|event| event["pending_webhooks"] == 0)),
    ] {
        assert!(expected > 0, "{filter}");
        assert_eq!(api.walk(&format!("/v1/events?{filter}"), 100).await.len(), expected, "{filter}");
    }
    let email = &api.simulator.objects("customers")[5]["email"];
    assert_eq!(api.get(&format!("/v1/customers?email={}", text(email))).await.ids().len(), 1);
    assert_eq!(api.get("/v1/prices?lookup_keys[]=pro_monthly&lookup_keys[]=pro_yearly").await.ids().len(), 2);
    assert_eq!(api.get("/v1/prices?recurring[usage_type]=metered").await.ids().len(), 4);
    assert_eq!(api.get("/v1/prices?type=one_time").await.ids().len(), 1);
}

#[tokio::test]
async fn events_are_kept_for_thirty_days() {
    let api = start(options(60)).await;
    let events = api.walk("/v1/events", 100).await;
    let oldest = events.last().unwrap();
    api.simulator.advance(20 * 86_400);
    let kept = api.walk("/v1/events", 100).await;
    assert!(kept.len() < events.len() && !kept.is_empty());
    let lost = api.get(&format!("/v1/events?starting_after={}", oldest["id"].as_str().unwrap())).await;
    assert_eq!((lost.status, lost.error("param")), (400, Some("starting_after")));
    assert!(lost.error("message").unwrap().contains("retention"));
    assert_eq!(api.get(&format!("/v1/events/{}", oldest["id"].as_str().unwrap())).await.status, 404);
    assert_eq!(api.get(&format!("/v1/events/{}", kept[0]["id"].as_str().unwrap())).await.body, kept[0]);
}
