//! The first sync: everything, once, with full pages, and resumable.

use std::time::Duration;

use countersign_app::jobs::sync::Options;
use countersign_domain::stripe::ObjectKind;
use countersign_store::mirror::sync::kinds::{self, KindState};
use countersign_store::mirror::sync::{changes, reads, runs, slices};
use countersign_store::mirror::{events, rollup, subscription_states};

use crate::rig::{AS_OF, Rig, per_second, small, world};

#[tokio::test]
async fn the_mirror_equals_the_account() {
    let rig = Rig::new(small()).await;
    let report = rig.sync().await.unwrap();
    rig.assert_equal().await;
    let events = rig.held(ObjectKind::Event).await;
    for event in rig.simulator.objects("events") {
        assert!(events.contains_key(event["id"].as_str().unwrap()), "{event}");
    }
    assert!(report.complete && !report.resumed);
    assert_eq!(report.unread, []);
    assert!(report.not_permitted.is_empty() && report.not_offered.is_empty());
    assert_eq!(report.objects[&ObjectKind::Customer], rig.truth(ObjectKind::Customer).len() as u64);
    assert_eq!(report.requests, rig.simulator.requests().total - 1, "one was asked by the test");
    assert_eq!(rig.simulator.requests().other_than_get, 0);
    let now = chrono::DateTime::from_timestamp(AS_OF, 0).unwrap();
    let (standing, left, open, asked) = rig
        .read(move |conn, scope| {
            Ok((
                kinds::all(conn, scope)?,
                changes::counts(conn, scope)?,
                slices::all(conn, scope)?,
                reads::in_window(conn, scope, now)?,
            ))
        })
        .await;
    assert!(standing.iter().all(|one| one.state == KindState::Complete && one.through.is_some()), "{standing:?}");
    assert_eq!(standing.len(), ObjectKind::all().count());
    assert_eq!((left, open), (Vec::new(), Vec::new()));
    assert_eq!(asked, report.requests);
}

#[tokio::test]
async fn states_reach_back_through_the_events_that_are_left() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    let changed: Vec<_> = rig
        .simulator
        .objects("events")
        .into_iter()
        .filter(|event| event["type"] == "customer.subscription.updated")
        .map(|event| (event["data"]["object"]["id"].clone(), event["data"]["object"]["customer"].clone()))
        .collect();
    assert!(!changed.is_empty());
    let (subscription, customer) = &changed[0];
    let (subscription, customer) = (subscription.as_str().unwrap().into(), customer.as_str().unwrap().into());
    let (states, oldest) = rig
        .read(move |conn, scope| {
            Ok((
                subscription_states::of_subscription(conn, scope, &customer, &subscription)?,
                events::oldest_at(conn, scope)?.unwrap(),
            ))
        })
        .await;
    assert!(states.len() >= 2, "before and after the change");
    assert_ne!(states[0].1, states[1].1);
    assert!(states[0].0 >= oldest && states[0].0.timestamp() < AS_OF);
    let waiting = rig.read(rollup::changed_count).await;
    assert!(waiting > 0, "every customer is to be computed");
}

#[tokio::test]
async fn the_limits_are_kept_and_the_pages_are_full() {
    let mut options = world(3, 200, 12);
    options.latency_ms = 20;
    let rig = Rig::new(options).await;
    let report = rig.sync_with(per_second(25), |_| {}).await.unwrap();
    let large = [ObjectKind::Invoice, ObjectKind::InvoicePayment, ObjectKind::Charge];
    let objects: u64 = large.iter().map(|kind| report.read[kind]).sum();
    let told = rig.told.lock().unwrap().clone();
    let pages_of = |kind| told.iter().filter(|told| told.kind == kind).map(|told| told.pages).max().unwrap_or(0);
    let pages: u64 = large.iter().copied().map(pages_of).sum();
    // Each list is read in up to two parts at once, and each part ends in the middle of a page.
    let each: Vec<_> = large.iter().map(|kind| (*kind, report.read[kind], pages_of(*kind))).collect();
    assert!(pages <= objects / 100 + 6, "{each:?}");
    assert!(pages > 6, "{pages} pages are too few to tell");
    let counts = rig.simulator.requests();
    assert!(counts.max_in_flight <= 4 && counts.max_per_second <= 26, "{counts:?}");
    rig.assert_equal().await;
}

#[tokio::test]
async fn a_sync_that_was_stopped_anywhere_goes_on_where_it_stood() {
    let options = || world(5, 50, 8);
    let whole = Rig::new(options()).await.sync().await.unwrap().requests;
    for stop_after in [1, 5, 11] {
        let rig = Rig::new(options()).await;
        rig.sync_until(stop_after).await;
        let before = rig.simulator.requests().total;
        let kept = rig.read(|conn, scope| Ok(runs::newest(conn, scope)?.unwrap().tally)).await;
        let report = rig.sync().await.unwrap();
        assert!(report.resumed && report.complete);
        rig.assert_equal().await;
        let again = rig.simulator.requests().total - before;
        // Asked twice: the account, and what was under way when it was stopped.
        assert!(again + kept.pages <= whole + 6, "{again} requests after {} pages, {whole} for all", kept.pages);
    }
}

#[tokio::test]
async fn cancelling_keeps_what_is_complete() {
    let rig = Rig::new(world(5, 80, 10)).await;
    let report = rig.sync_with(Options::default(), |_| rig.cancel.cancel()).await.unwrap();
    assert!(!report.complete);
    assert!(report.data_through.values().all(Option::is_none), "{:?}", report.data_through);
    let held: u64 = report.objects.values().sum();
    assert!(held > 0);
    let state = rig.read(|conn, scope| Ok(runs::newest(conn, scope)?.unwrap().state)).await;
    assert_eq!(state, runs::RunState::Cancelled);
}

#[tokio::test]
async fn a_full_sync_can_be_asked_for_at_any_time() {
    let rig = Rig::new(small()).await;
    let first = rig.sync().await.unwrap();
    rig.pass(Duration::from_secs(60));
    let again = rig.sync_with(Options { is_full: true, per_second: None }, |_| {}).await.unwrap();
    assert!(again.read[&ObjectKind::Invoice] >= first.objects[&ObjectKind::Invoice]);
    assert_eq!(again.objects, first.objects);
    assert!(!again.resumed && again.complete);
    rig.assert_equal().await;
}
