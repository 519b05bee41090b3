//! The events tell exactly the changes, and MRR is what the objects say.
//! Whether the product can rebuild the past from them is asked in `rebuilt`.

use super::*;

/// Puts what was different before into what is now: nested objects part by part, everything else whole.
fn undo(now: &mut Value, previous: &Value) {
    match (now, previous) {
        (Value::Object(now), Value::Object(previous)) => {
            for (key, value) in previous {
                undo(now.entry(key).or_insert(Value::Null), value);
            }
        }
        (now, previous) => *now = previous.clone(),
    }
}

/// What follows from a change without an event of its own: the invoice that bills it, the discounts that are used up.
const FOLLOWS: &[&str] = &["latest_invoice", "discounts"];

#[tokio::test]
async fn events_undone_lead_from_state_to_state() {
    let company =
        company(Options { world: WorldOptions { older_renderings_pct: 0, ..options(250).world }, ..options(250) })
            .await;
    let subscriptions = by_id(&company, "subscriptions");
    // The state each event must have led to; `None` where an end hides what was before it.
    let mut states: BTreeMap<String, Option<Value>> = BTreeMap::new();
    let mut undone = 0;
    for event in company.objects("events").iter().rev().filter(|event| is_of_subscription(event)) {
        let object = &event["data"]["object"];
        let id = text(&object["id"]).to_owned();
        let after = states.remove(&id).unwrap_or_else(|| Some(cut(&subscriptions[&id])));
        let is_same = |key: &&String| {
            FOLLOWS.contains(&key.as_str()) || after.as_ref().is_none_or(|after| after[*key] == object[*key])
        };
        let different: Vec<&String> = object.as_object().unwrap().keys().filter(|key| !is_same(key)).collect();
        assert!(different.is_empty(), "{}: {different:?}: what came later did not begin here", event["id"]);
        let mut before = object.clone();
        undo(&mut before, &event["data"]["previous_attributes"]);
        undone += usize::from(before != *object);
        states.insert(id, (event["type"] == "customer.subscription.updated").then_some(before));
    }
    assert!(undone > 50, "{undone}");
}

fn is_of_subscription(event: &Value) -> bool {
    matches!(
        text(&event["type"]),
        "customer.subscription.created" | "customer.subscription.updated" | "customer.subscription.deleted"
    )
}

/// A whole subscription as the API shows it, embedded list cut.
fn cut(held: &Value) -> Value {
    let mut held = held.clone();
    let items = held["items"]["data"].as_array_mut().unwrap();
    let has_more = items.len() > 10;
    items.truncate(10);
    held["items"]["has_more"] = has_more.into();
    held
}

#[tokio::test]
async fn older_renderings_tell_the_same_in_older_places() {
    let company = company(options(250)).await;
    let events = company.objects("events");
    let older: Vec<&Value> = events.iter().filter(|event| event["api_version"] == "2024-06-20").collect();
    let share = 100 * older.len() / events.len();
    assert!((22..38).contains(&share), "{share} of a hundred");
    let invoices = by_id(&company, "invoices");
    let of =
        |word: &'static str| older.iter().map(|event| &event["data"]["object"]).filter(move |o| o["object"] == word);
    for invoice in of("invoice").filter(|invoice| invoices.contains_key(text(&invoice["id"]))) {
        let pinned = &invoices[text(&invoice["id"])];
        assert!(invoice.get("parent").is_none() && invoice.get("total_taxes").is_none());
        assert_eq!(invoice["subscription"], pinned["parent"]["subscription_details"]["subscription"]);
        assert_eq!(invoice["paid"], invoice["status"] == "paid");
        for line in list(&invoice["lines"]["data"]) {
            assert!(line["price"]["id"].is_string() && line["plan"]["id"] == line["price"]["id"]);
            assert!(line["proration"].is_boolean() && line.get("pricing").is_none());
        }
    }
    for held in of("subscription") {
        assert!(held["current_period_end"].is_i64() && held.get("billing_mode").is_none());
        assert!(list(&held["items"]["data"]).iter().all(|item| item.get("current_period_end").is_none()));
    }
    for charge in of("charge") {
        assert!(invoices.contains_key(text(&charge["invoice"])));
    }
    assert!(of("invoice").count() > 20 && of("subscription").count() > 20 && of("charge").count() > 5);
}

#[tokio::test]
async fn mrr_now_is_what_simple_subscriptions_say() {
    let company = company(options(400)).await;
    let truth = company.truth();
    let mut steps: BTreeMap<&str, i128> = BTreeMap::new();
    truth.steps.iter().for_each(|step| _ = steps.insert(step.subscription.as_str(), step.mrr.0));
    let (mut compared, mut zero) = (0, 0);
    for held in company.objects("subscriptions") {
        let known = steps.get(text(&held["id"])).copied().unwrap_or(0);
        let items = list(&held["items"]["data"]);
        if !matches!(text(&held["status"]), "active" | "past_due") || held["pause_collection"].is_object() {
            let is_draft = held["pause_collection"]["behavior"] == "keep_as_draft";
            assert!(known == 0 || is_draft, "{}", held["id"]);
            zero += 1;
        } else if let ([item], 0, 0) =
            (items.as_slice(), list(&held["discounts"]).len(), list(&held["default_tax_rates"]).len())
            && item["price"]["billing_scheme"] == "per_unit"
            && item["price"]["currency"] == held["currency"]
            && list(&item["discounts"]).is_empty()
        {
            let amount = i128::from(int(&item["price"]["unit_amount"]) * int(&item["quantity"])) * 1_000_000;
            let monthly = match text(&item["price"]["recurring"]["interval"]) {
                "year" => (amount + 6) / 12,
                "week" => (amount * 52 + 6) / 12,
                _ => amount,
            };
            let customer = company.objects("customers").into_iter().find(|customer| customer["id"] == held["customer"]);
            if customer.is_some_and(|customer| customer["discount"].is_null()) {
                assert_eq!(known, monthly, "{}", held["id"]);
                compared += 1;
            }
        }
    }
    assert!(compared > 40 && zero > 40, "{compared} {zero}");
}

#[tokio::test]
async fn movements_bridge_every_month() {
    let company = company(options(400)).await;
    let truth = company.truth();
    assert_eq!(truth.months.len(), 23, "complete months inside 24 months that begin and end in the middle of one");
    let mut previous = None;
    for month in &truth.months {
        for (currency, moved) in &month.movements {
            let closing = moved.opening.0 + moved.new.0 + moved.reactivation.0 + moved.expansion.0
                - moved.contraction.0
                - moved.churn.0;
            assert_eq!((closing, moved.closing.0), (month.mrr[currency].0, month.mrr[currency].0), "{}", month.month);
            if let Some(before) = &previous {
                let before: &BTreeMap<_, countersign_domain::money::Micro> = before;
                assert_eq!(before.get(currency).copied().unwrap_or_default(), moved.opening);
            }
        }
        previous = Some(month.mrr.clone());
    }
    let last = truth.months.last().unwrap();
    assert_eq!(last.month, "2026-10");
    assert!(last.paying_customers > 50 && last.trials_ended > last.trials_converted && last.trials_converted > 0);
    let total = |of: fn(&countersign_demo::Movements) -> i128| -> i128 {
        truth.months.iter().flat_map(|month| month.movements.values()).map(of).sum()
    };
    for (name, amount) in [
        ("new", total(|moved| moved.new.0)),
        ("reactivation", total(|moved| moved.reactivation.0)),
        ("expansion", total(|moved| moved.expansion.0)),
        ("contraction", total(|moved| moved.contraction.0)),
        ("churn", total(|moved| moved.churn.0)),
    ] {
        assert!(amount > 0, "there is some {name}");
    }
    let inexact = truth.unseen.len() * 5;
    assert!(inexact < company.objects("subscriptions").len(), "the API tells most of the past: {inexact}");
    assert_eq!(truth.counts["customers"], u64::try_from(company.objects("customers").len()).unwrap());
}
