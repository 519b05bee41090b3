//! The rules of observation: newer wins, equal changes nothing, deleted stays, scopes never mix.

use countersign_domain::stripe::subscription::SubscriptionStatus;
use countersign_domain::stripe::{Customer, Mode, ObjectKind, Subscription};
use countersign_store::mirror::{self, Incoming, KindDigest, Written, rollup, segments, subscription_states};

use crate::invented::{Mirror, at, customer, invoice, scope, subscription};

#[test]
fn an_older_observation_never_replaces_a_newer_one() {
    let mut mirror = Mirror::new();
    let (old, new) = (customer("cus_1", "Old", ""), customer("cus_1", "New", ""));
    assert_eq!(mirror.put("cus_1", &new, at(1000)), Written::New);
    assert_eq!(mirror.put("cus_1", &old, at(999)), Written::Stale);
    assert_eq!(mirror.put("cus_1", &new, at(1001)), Written::Same);
    assert_eq!(mirror.put("cus_1", &old, at(1000)), Written::Stale, "an equal one also moves the time it was seen");
    assert_eq!(mirror.put("cus_1", &old, at(1001)), Written::Changed);
    let stored: Customer = mirror::load(&mirror.conn, mirror.scope, "cus_1").unwrap().unwrap();
    assert_eq!(stored, old);
}

#[test]
fn a_deleted_object_stays_with_its_history() {
    let mut mirror = Mirror::new();
    let jane = customer("cus_1", "Jane", "");
    mirror.put("cus_1", &jane, at(1000));
    let bury = |seconds| {
        move |tx: &rusqlite::Transaction<'_>, scope| {
            mirror::bury(tx, scope, ObjectKind::Customer, "cus_1", at(seconds)).unwrap();
        }
    };
    mirror.write(bury(999));
    assert_eq!(mirror::count(&mirror.conn, mirror.scope, ObjectKind::Customer).unwrap(), 1, "an older deletion");
    mirror.write(bury(1001));
    assert_eq!(mirror::count(&mirror.conn, mirror.scope, ObjectKind::Customer).unwrap(), 0);
    assert_eq!(mirror::load::<Customer>(&mirror.conn, mirror.scope, "cus_1").unwrap(), Some(jane.clone()));
    assert_eq!(mirror.put("cus_1", &jane, at(1000)), Written::Stale, "a page read before the deletion");
    assert_eq!(mirror.put("cus_1", &jane, at(1002)), Written::New);
    mirror.write(|tx, scope| mirror::bury(tx, scope, ObjectKind::Price, "price_x", at(1)).unwrap());
    let unknown = mirror::stored(&mirror.conn, mirror.scope, ObjectKind::Price, "price_x").unwrap().unwrap();
    assert_eq!((unknown.raw, unknown.is_deleted), (None, true));
}

#[test]
fn the_digest_tells_content_and_nothing_else() {
    let mut one = Mirror::new();
    let mut two = Mirror::new();
    for (id, time) in [("cus_2", 5), ("cus_1", 6)] {
        one.put(id, &customer(id, "Jane", ""), at(time));
    }
    for (id, time) in [("cus_1", 50), ("cus_3", 60), ("cus_2", 70)] {
        two.put(id, &customer(id, "Jane", ""), at(time));
    }
    let digest = |mirror: &Mirror| mirror::digest(&mirror.conn, mirror.scope).unwrap()[&ObjectKind::Customer].clone();
    assert_ne!(digest(&one), digest(&two));
    two.write(|tx, scope| mirror::bury(tx, scope, ObjectKind::Customer, "cus_3", at(80)).unwrap());
    assert_eq!(digest(&one), digest(&two));
    let raw = |id: &str| serde_json::to_string(&customer(id, "Jane", "")).unwrap();
    let (first, second) = (raw("cus_1"), raw("cus_2"));
    assert_eq!(digest(&one), KindDigest::of([("cus_1", first.as_str()), ("cus_2", second.as_str())]));
    assert_eq!(digest(&one).count, 2);
}

#[test]
fn equal_ids_of_two_scopes_never_meet() {
    let mut mirror = Mirror::new();
    let live = scope(&mut mirror.conn, "acct_1", Mode::Live);
    mirror.put("cus_1", &customer("cus_1", "Test", ""), at(5));
    assert_eq!(mirror::load::<Customer>(&mirror.conn, live, "cus_1").unwrap(), None);
    assert_ne!(live, mirror.scope);
    assert_eq!(scope(&mut mirror.conn, "acct_1", Mode::Live), live);
}

#[test]
fn states_of_subscriptions_are_kept_once_each_and_never_rewritten() {
    let mut mirror = Mirror::new();
    let active = subscription("sub_1", "cus_1", SubscriptionStatus::Active);
    let late = subscription("sub_1", "cus_1", SubscriptionStatus::PastDue);
    mirror.put("sub_1", &active, at(1000));
    mirror.put("sub_1", &active, at(1100));
    mirror.write(|tx, scope| {
        subscription_states::add(tx, scope, at(1050), &late).unwrap();
        subscription_states::add(tx, scope, at(1050), &active).unwrap();
    });
    mirror.put("sub_1", &late, at(1200));
    mirror.put("sub_1", &active, at(1300));
    let states = subscription_states::of_customer(&mirror.conn, mirror.scope, &"cus_1".into()).unwrap();
    let states: Vec<_> = states.iter().map(|(at, state)| (at.timestamp(), state.status.as_str())).collect();
    assert_eq!(states, [(1000, "active"), (1050, "past_due"), (1300, "active")]);
}

#[test]
fn what_changes_a_customer_marks_it_until_it_is_computed() {
    let mut mirror = Mirror::new();
    mirror.put("cus_1", &customer("cus_1", "Jane", ""), at(5));
    mirror.put("in_1", &invoice("in_1", "cus_2", "A-1", 2900, "usd"), at(5));
    let changed = rollup::changed(&mirror.conn, mirror.scope, 10).unwrap();
    let names: Vec<_> = changed.iter().map(|one| one.customer.as_str().to_owned()).collect();
    assert_eq!(names, ["cus_1", "cus_2"]);
    // Changed again while it was being computed.
    mirror.put("cus_1", &customer("cus_1", "Jane Doe", ""), at(6));
    mirror.write(|tx, scope| {
        for one in &changed {
            segments::replace(tx, scope, one, &[], &[], at(7)).unwrap();
        }
    });
    let left = rollup::changed(&mirror.conn, mirror.scope, 10).unwrap();
    assert_eq!(left.iter().map(|one| one.customer.as_str()).collect::<Vec<_>>(), ["cus_1"]);
    let book = rollup::book(&mirror.conn, mirror.scope, &"cus_2".into()).unwrap();
    assert_eq!((book.invoices.len(), book.subscriptions.len()), (1, 0));
}

#[test]
fn a_table_of_another_version_is_filled_again_from_the_records() {
    let mut mirror = Mirror::new();
    mirror.put("cus_1", &customer("cus_1", "Jane", "jane@example.com"), at(5));
    mirror.put("in_1", &invoice("in_1", "cus_1", "A-1", 2900, "usd"), at(5));
    mirror.put("sub_1", &subscription("sub_1", "cus_1", SubscriptionStatus::Active), at(5));
    let count = |mirror: &Mirror, sql: &str| mirror.conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let everything = "SELECT (SELECT count(*) FROM customers) * 1000 + (SELECT count(*) FROM search_parts) * 100
        + (SELECT count(*) FROM invoice_lines) * 10 + (SELECT count(*) FROM subscription_items)";
    assert_eq!(count(&mirror, everything), 1111);
    mirror.conn.execute("UPDATE table_versions SET version = 0 WHERE name NOT IN ('objects', 'bodies')", []).unwrap();
    mirror.conn.execute("DELETE FROM customers", []).unwrap();
    mirror::prepare(&mut mirror.conn).unwrap();
    assert_eq!(count(&mirror, everything), 1111);
    let changes = mirror.conn.total_changes();
    mirror::prepare(&mut mirror.conn).unwrap();
    assert_eq!(mirror.conn.total_changes(), changes, "what is up to date is not written");
    // The shared tables changed: all is read again, and only what cannot be is kept.
    mirror.conn.execute("UPDATE table_versions SET version = 0 WHERE name = 'bodies'", []).unwrap();
    mirror::prepare(&mut mirror.conn).unwrap();
    assert_eq!(count(&mirror, everything), 0);
    assert_eq!(mirror::load::<Subscription>(&mirror.conn, mirror.scope, "sub_1").unwrap(), None);
    assert_eq!(count(&mirror, "SELECT count(*) FROM subscription_states"), 1);
}

#[test]
fn a_page_is_written_whole_or_not_at_all() {
    let mut mirror = Mirror::new();
    let tx = mirror.conn.transaction().unwrap();
    let jane = customer("cus_1", "Jane", "");
    let incoming = Incoming { value: &jane, id: "cus_1", created_at: None, raw: "{}", fetched_at: at(5) };
    mirror::put(&tx, mirror.scope, &incoming).unwrap();
    drop(tx);
    assert_eq!(mirror::count(&mirror.conn, mirror.scope, ObjectKind::Customer).unwrap(), 0);
    assert_eq!(rollup::changed_count(&mirror.conn, mirror.scope).unwrap(), 0);
}
