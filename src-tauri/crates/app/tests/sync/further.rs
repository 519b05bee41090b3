//! Every further sync: only what changed, and what no event tells.

use std::time::Duration;

use countersign_domain::stripe::ObjectKind;
use countersign_store::mirror::sync::marks;
use countersign_store::mirror::{self, events, subscription_states};

use crate::rig::{Rig, small};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn nothing_changed_costs_a_handful_of_requests() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    let held = rig.read(mirror::digest).await;
    let states = rig.read(|conn, scope| Ok(mirror::segments::all(conn, scope)?.len())).await;
    let report = rig.sync().await.unwrap();
    assert!(report.requests <= 4, "{} requests", report.requests);
    assert_eq!(rig.read(mirror::digest).await, held);
    assert_eq!(rig.read(|conn, scope| Ok(mirror::segments::all(conn, scope)?.len())).await, states);
}

#[tokio::test]
async fn a_few_changes_cost_a_few_requests() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    let changes = rig.simulator.mutate(5);
    let report = rig.sync().await.unwrap();
    rig.assert_equal().await;
    let at_most = u64::try_from(4 + changes.len() * 8).unwrap();
    assert!(report.requests <= at_most, "{} requests for {changes:?}", report.requests);
    assert_eq!(rig.sync().await.unwrap().requests, 3);
}

#[tokio::test]
async fn many_changes_are_read_from_lists() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    rig.simulator.mutate(400);
    let report = rig.sync().await.unwrap();
    rig.assert_equal().await;
    let touched: u64 = report.read.values().sum();
    assert!(report.requests < touched / 2, "{} requests for {touched} objects", report.requests);
}

#[tokio::test]
async fn observed_states_are_dated_by_their_events() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    // Ended subscriptions make the clearest change.
    let ended = loop {
        let change = rig.simulator.mutate(1).remove(0);
        let object = rig.simulator.objects("subscriptions").into_iter().find(|one| one["id"] == change.id.as_str());
        if let Some(object) = object.filter(|one| one["status"] == "canceled") {
            break object;
        }
    };
    rig.pass(HOUR);
    rig.sync().await.unwrap();
    let (id, customer) = (ended["id"].as_str().unwrap().into(), ended["customer"].as_str().unwrap().into());
    let states = rig.read(move |conn, scope| subscription_states::of_subscription(conn, scope, &customer, &id)).await;
    let (at, state) = states.last().unwrap();
    assert_eq!(state.status.as_str(), "canceled");
    assert_eq!(Some(*at), state.ended_at, "not when it was read, an hour later");
}

#[tokio::test]
async fn deliveries_are_looked_at_once_an_hour() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    rig.simulator.mutate(5);
    rig.sync().await.unwrap();
    let pending = |rig: &Rig| rig.simulator.requests().by_path.get("GET /v1/events").copied().unwrap_or(0);
    let before = pending(&rig);
    rig.sync().await.unwrap();
    assert_eq!(pending(&rig) - before, 1);
    rig.pass(HOUR);
    rig.sync().await.unwrap();
    assert_eq!(pending(&rig) - before, 3);
    let newest = rig.read(events::newest_at).await.unwrap();
    assert!(newest.timestamp() >= crate::rig::AS_OF);
}

#[tokio::test]
async fn what_is_not_final_is_read_again_every_day() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    let daily =
        |report: &countersign_app::jobs::sync::SyncReport| report.read.get(&ObjectKind::Invoice).copied().unwrap_or(0);
    assert_eq!(daily(&rig.sync().await.unwrap()), 0);
    rig.pass(DAY);
    let report = rig.sync().await.unwrap();
    assert!(daily(&report) > 0);
    assert!(report.read[&ObjectKind::Product] > 0);
    assert_eq!(report.read.get(&ObjectKind::Subscription), None, "those once a week");
    assert_eq!(daily(&rig.sync().await.unwrap()), 0);
    rig.pass(DAY * 7);
    assert!(rig.sync().await.unwrap().read[&ObjectKind::Subscription] > 0);
    rig.assert_equal().await;
}

#[tokio::test]
async fn after_a_long_gap_everything_is_read_again() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    // The events of these changes are gone before anybody looks.
    rig.simulator.mutate(60);
    rig.simulator.advance(31 * 86_400);
    rig.pass(DAY * 31);
    let report = rig.sync().await.unwrap();
    assert!(report.read[&ObjectKind::Invoice] >= report.objects[&ObjectKind::Invoice]);
    rig.assert_equal().await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_hides_nothing() {
    let rig = Rig::new(small()).await;
    rig.sync().await.unwrap();
    rig.set_back(DAY * 3);
    rig.simulator.mutate(30);
    rig.sync().await.unwrap();
    rig.assert_equal().await;
}

#[tokio::test]
async fn the_cursor_is_stripes_own_time() {
    let rig = Rig::new(small()).await;
    rig.pass(DAY * 20);
    rig.sync().await.unwrap();
    let through = rig.read(|conn, scope| Ok(marks::get(conn, scope)?.events_through)).await.unwrap();
    assert!(through.timestamp() <= crate::rig::AS_OF + 60, "our clock is twenty days ahead");
    rig.simulator.mutate(10);
    rig.sync().await.unwrap();
    rig.assert_equal().await;
}
