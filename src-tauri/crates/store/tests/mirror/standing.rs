//! Where a sync stands: slices, changes to be read, kinds, counters.

use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::subscription::SubscriptionStatus;
use countersign_store::mirror::sync::changes::{self, Hint};
use countersign_store::mirror::sync::kinds::{self, KindState};
use countersign_store::mirror::sync::marks::{self, Marks};
use countersign_store::mirror::sync::runs::{self, RunState, Tally};
use countersign_store::mirror::sync::slices::{self, Slice};
use countersign_store::mirror::sync::{reads, unread};

use crate::invented::{Mirror, at, customer, invoice, subscription};

#[test]
fn slices_are_found_again_where_they_stood() {
    let mut mirror = Mirror::new();
    let mut first = Slice::new(ObjectKind::Invoice, "all", None, Some(900));
    let mut second = Slice::new(ObjectKind::Price, "active", None, Some(900));
    mirror.write(|tx, scope| {
        slices::add(tx, scope, &mut first).unwrap();
        slices::add(tx, scope, &mut second).unwrap();
        first.cursor = Some("in_9".to_owned());
        first.cursor_created = Some(800);
        first.objects = 100;
        slices::save(tx, scope, &first).unwrap();
    });
    assert_eq!(slices::all(&mirror.conn, mirror.scope).unwrap(), [first, second.clone()]);
    mirror.write(|tx, scope| slices::forget(tx, scope, ObjectKind::Invoice).unwrap());
    assert_eq!(slices::all(&mirror.conn, mirror.scope).unwrap(), [second]);
}

#[test]
fn changes_are_gathered_by_object_with_their_events_newest_first() {
    let mut mirror = Mirror::new();
    mirror.put("sub_1", &subscription("sub_1", "cus_1", SubscriptionStatus::Active), at(5));
    mirror.write(|tx, scope| {
        for (event, seconds, is_newer) in [("evt_1", 10, false), ("evt_3", 30, true), ("evt_2", 20, false)] {
            let payload = format!("\"{event}\"");
            let hint = Hint { event: &event.into(), at: at(seconds), is_newer, payload: Some(&payload) };
            changes::hint(tx, scope, ObjectKind::Subscription, "sub_1", &hint).unwrap();
            changes::hint(tx, scope, ObjectKind::Subscription, "sub_1", &hint).unwrap();
        }
        changes::want(tx, scope, ObjectKind::Price, "price_z").unwrap();
    });
    let found = changes::next(&mirror.conn, mirror.scope, ObjectKind::Subscription, 9).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].is_newer);
    assert_eq!(found[0].payloads, ["\"evt_3\"", "\"evt_2\"", "\"evt_1\""]);
    assert_eq!((found[0].created_at, found[0].event_at), (Some(at(100)), Some(at(10))));
    // The price of the subscription's item is in no list yet.
    let mut counts = changes::counts(&mirror.conn, mirror.scope).unwrap();
    counts.sort();
    assert_eq!(counts, [(ObjectKind::Price, 2), (ObjectKind::Subscription, 1)]);
    mirror.write(|tx, scope| changes::settle(tx, scope, ObjectKind::Subscription, "sub_1").unwrap());
    assert_eq!(changes::next(&mirror.conn, mirror.scope, ObjectKind::Subscription, 9).unwrap(), []);
}

#[test]
fn what_a_complete_list_did_not_bring_is_looked_up() {
    let mut mirror = Mirror::new();
    mirror.put("cus_1", &customer("cus_1", "", ""), at(10));
    mirror.put("cus_2", &customer("cus_2", "", ""), at(20));
    mirror.write(|tx, scope| changes::want_unseen(tx, scope, ObjectKind::Customer, at(20)).unwrap());
    let ids = |mirror: &Mirror| {
        let found = changes::next(&mirror.conn, mirror.scope, ObjectKind::Customer, 9).unwrap();
        found.into_iter().map(|change| change.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mirror), ["cus_1"]);
    mirror.put("cus_1", &customer("cus_1", "", ""), at(30));
    mirror.write(|tx, scope| changes::settle_seen(tx, scope, ObjectKind::Customer, at(25)).unwrap());
    assert_eq!(ids(&mirror), Vec::<String>::new());
}

#[test]
fn what_is_not_final_is_read_again() {
    let mut mirror = Mirror::new();
    mirror.put("in_1", &invoice("in_1", "cus_1", "A", 1, "usd"), at(10));
    mirror.put("in_2", &invoice("in_2", "cus_1", "B", 1, "usd"), at(99));
    mirror.put("sub_1", &subscription("sub_1", "cus_1", SubscriptionStatus::Active), at(10));
    mirror.write(|tx, scope| changes::want_unsettled(tx, scope, at(50)).unwrap());
    let mut counts = changes::counts(&mirror.conn, mirror.scope).unwrap();
    counts.sort();
    // The price is one that the lines name and no list has brought.
    assert_eq!(counts, [(ObjectKind::Price, 1), (ObjectKind::Invoice, 1)]);
}

#[test]
fn a_kind_keeps_what_it_was_complete_for() {
    let mut mirror = Mirror::new();
    mirror.write(|tx, scope| {
        kinds::set(tx, scope, ObjectKind::Charge, &KindState::Complete).unwrap();
        kinds::complete_through(tx, scope, at(77)).unwrap();
        kinds::set(tx, scope, ObjectKind::Charge, &KindState::NotPermitted("charge_read".to_owned())).unwrap();
        kinds::complete_through(tx, scope, at(88)).unwrap();
    });
    let all = kinds::all(&mirror.conn, mirror.scope).unwrap();
    assert_eq!(all[0].state, KindState::NotPermitted("charge_read".to_owned()));
    assert_eq!(all[0].through, Some(at(77)));
}

#[test]
fn marks_runs_and_counters_are_kept() {
    let mut mirror = Mirror::new();
    assert_eq!(marks::get(&mirror.conn, mirror.scope).unwrap(), Marks::default());
    let set = Marks { full_began_at: Some(at(5)), changed_since: Some(at(6)), ..Marks::default() };
    let run = mirror.write(|tx, scope| {
        marks::set(tx, scope, &set).unwrap();
        for (day, requests) in [(0, 7), (1, 5), (29, 2), (30, 1)] {
            reads::add(tx, scope, at(day * 86_400), requests).unwrap();
        }
        let run = runs::begin(tx, scope, at(5)).unwrap();
        let tally = Tally { pages: 1, objects: 100, requests: 2, retries: 1, bytes: 9 };
        runs::add(tx, run, at(8), &tally).unwrap();
        runs::add(tx, run, at(7), &tally).unwrap();
        run
    });
    assert_eq!(marks::get(&mirror.conn, mirror.scope).unwrap(), set);
    assert_eq!(reads::in_window(&mirror.conn, mirror.scope, at(30 * 86_400)).unwrap(), 8);
    let newest = runs::newest(&mirror.conn, mirror.scope).unwrap().unwrap();
    assert_eq!((newest.run, newest.stamp, newest.tally.objects), (run, at(8), 200));
    assert_eq!(newest.state, RunState::Running);
}

#[test]
fn an_object_that_was_understood_at_last_is_no_longer_noted() {
    let mut mirror = Mirror::new();
    let note = unread::Unread { kind: ObjectKind::Customer, id: "cus_1".to_owned(), says: "`created`".to_owned() };
    mirror.write(|tx, scope| unread::note(tx, scope, &note, at(5)).unwrap());
    assert_eq!(unread::all(&mirror.conn, mirror.scope, 9).unwrap(), [note]);
    mirror.put("cus_1", &customer("cus_1", "", ""), at(6));
    assert_eq!(unread::all(&mirror.conn, mirror.scope, 9).unwrap(), []);
}
