//! The application's database says what Stripe says, but for what was planted.
//! The comparison is made here by hand, past the reader and the reconciler of the product.

use std::collections::BTreeSet;

use countersign_demo::DemoError;
use countersign_demo::faults::PLANTED;
use rusqlite::Connection;

use super::*;

/// Reads two columns of a table as text, by the first.
fn pairs(file: &Connection, sql: &str) -> BTreeMap<String, String> {
    let mut statement = file.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The differences between the database and Stripe, by fault.
fn differences(company: &Simulator, file: &Connection) -> BTreeMap<&'static str, Vec<String>> {
    let mut found: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let statuses = pairs(file, r#"SELECT "stripeSubscriptionId", status FROM "Subscription""#);
    let subscriptions = by_id(company, "subscriptions");
    for (id, status) in &statuses {
        match subscriptions.get(id) {
            None => found.entry("orphan_subscription").or_default().push(id.clone()),
            Some(held) if held["status"] != **status => found.entry("status_drift").or_default().push(id.clone()),
            Some(_) => {}
        }
    }
    assert!(subscriptions.keys().all(|id| statuses.contains_key(id)));
    let amounts = pairs(file, r#"SELECT "stripeInvoiceId", CAST("amountPaid" AS text) || currency FROM "Invoice""#);
    let invoices = by_id(company, "invoices");
    for (id, invoice) in invoices.iter().filter(|(_, invoice)| invoice["status"] == "paid") {
        let expected = format!("{}{}", int(&invoice["amount_paid"]), text(&invoice["currency"]));
        if amounts[id] != expected {
            found.entry("off_by_one").or_default().push(id.clone());
        }
    }
    assert!(amounts.keys().all(|id| invoices[id]["status"] == "paid"));
    let rows = pairs(file, r#"SELECT "stripeEventId", "eventType" FROM "BillingEvent""#);
    let selected = company.objects("webhook_endpoints").remove(0)["enabled_events"].clone();
    for event in company.objects("events").iter().filter(|event| list(&selected).contains(&event["type"])) {
        let id = text(&event["id"]);
        let is_delivered = event["pending_webhooks"] == 0;
        match (rows.get(id), is_delivered, text(&event["type"])) {
            (Some(kind), _, wanted) => assert_eq!(kind, wanted),
            (None, true, _) => found.entry("silent_events").or_default().push(id.to_owned()),
            (None, false, "customer.subscription.deleted") => {
                found.entry("failing_handler").or_default().push(id.to_owned());
            }
            (None, false, other) => panic!("{id} of {other} is undelivered"),
        }
    }
    found.values_mut().for_each(|ids| ids.sort_unstable());
    found
}

#[tokio::test]
async fn the_planted_faults_are_there_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let company = company(Options { billing_db: Some(path.clone()), ..options(300) }).await;
    // Deliveries take a few seconds: those of the last moment are not under test.
    company.advance(60);
    let found = differences(&company, &Connection::open(&path).unwrap());
    let planted: BTreeMap<&str, Vec<String>> =
        company.planted().into_iter().map(|sighting| (sighting.fault.id, sighting.ids)).collect();
    assert_eq!(found, planted);
    for fault in PLANTED {
        let count = planted[fault.id].len();
        assert!(fault.count.map_or(count > 0, |expected| count == expected), "{}: {count}", fault.id);
    }
    let file = Connection::open(&path).unwrap();
    let short = planted["off_by_one"][0].clone();
    let paid: i64 = file
        .query_row(r#"SELECT "amountPaid" FROM "Invoice" WHERE "stripeInvoiceId" = ?1"#, [&short], |row| row.get(0))
        .unwrap();
    assert_eq!(paid + 1, int(&by_id(&company, "invoices")[&short]["amount_paid"]));
}

#[tokio::test]
async fn the_application_writes_down_what_happens_while_it_lives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let company = company(Options { billing_db: Some(path.clone()), ..options(60) }).await;
    let before = differences(&company, &Connection::open(&path).unwrap());
    company.mutate(150);
    company.advance(60);
    let after = differences(&company, &Connection::open(&path).unwrap());
    assert_eq!(after["orphan_subscription"], before["orphan_subscription"]);
    assert_eq!(after["silent_events"], before["silent_events"]);
    assert!(after["failing_handler"].len() > before["failing_handler"].len(), "the handler goes on failing");
    let drifted: BTreeSet<&String> = after.get("status_drift").into_iter().flatten().collect();
    assert!(drifted.iter().all(|id| before["status_drift"].contains(id)), "nothing drifts that was not planted");
    let file = Connection::open(&path).unwrap();
    let users: i64 = file.query_row(r#"SELECT count(*) FROM "StripeCustomer""#, [], |row| row.get(0)).unwrap();
    assert!(users > 60, "who signs up is written down: {users}");
}

#[tokio::test]
async fn only_a_file_of_its_own_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    std::fs::write(&path, "my notes").unwrap();
    let with = |path: &std::path::Path| Options { billing_db: Some(path.to_owned()), ..options(30) };
    let refused = serve(with(&path), "127.0.0.1:0".parse().unwrap()).await;
    assert!(matches!(refused, Err(DemoError::BillingDb(countersign_demo::BillingDbError::NotOurs(_)))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my notes");
    let own = folder.path().join("billing.db");
    for _ in 0..2 {
        company(with(&own)).await.stop().await;
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left behind");
}

#[tokio::test]
async fn the_flag_of_the_new_billing_moves_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let company = company(Options { billing_db: Some(path.clone()), ..options(200) }).await;
    let file = Connection::open(&path).unwrap();
    let on = || -> BTreeSet<String> {
        let mut statement = file.prepare(r#"SELECT id FROM "User" WHERE "newBillingEnabled""#).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let (first, customers) = (on(), company.objects("customers").len());
    assert!(first.len().abs_diff(customers / 10) <= 1, "{} of {customers}", first.len());
    company.expose(50).unwrap();
    assert!(on().is_superset(&first), "whoever has it keeps it");
    // Of every hundred it is exact; the last ones are fewer.
    assert!(on().len().abs_diff(customers / 2) <= 5, "{} of {customers}", on().len());
    company.expose(100).unwrap();
    company.mutate(150);
    let off: i64 =
        file.query_row(r#"SELECT count(*) FROM "User" WHERE NOT "newBillingEnabled""#, [], |row| row.get(0)).unwrap();
    assert_eq!(off, 0, "also of those who sign up later");
    company.expose(0).unwrap();
    assert_eq!(on().len(), 0);
}
