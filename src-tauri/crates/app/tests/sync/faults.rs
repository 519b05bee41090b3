//! A server that misbehaves, a key that may not read everything, an account that is not ours.

use countersign_app::jobs::sync::{Options, SyncError};
use countersign_domain::failure::Code;
use countersign_domain::ids::AccountId;
use countersign_domain::stripe::ObjectKind;
use countersign_store::mirror::Scope;
use countersign_store::mirror::sync::runs::{self, RunState};

use crate::rig::{Rig, client, small, world};

#[tokio::test]
async fn a_bad_line_changes_nothing_but_the_time() {
    let mut retries = 0;
    for seed in 0..4 {
        let mut options = world(seed, 30, 4);
        options.fault_rate = 0.1;
        let rig = Rig::new(options).await;
        retries += rig.sync().await.unwrap().retries;
        rig.assert_equal().await;
    }
    assert!(retries > 5, "{retries} retries");
}

#[tokio::test]
async fn a_storm_of_refusals_ends_with_its_code() {
    let mut options = small();
    options.rps = Some(0);
    let mut rig = Rig::new(small()).await;
    let storm = countersign_demo::serve(options, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    rig.client = client(&storm.url, &storm.keys.full);
    let error = rig.sync().await.unwrap_err();
    assert_eq!(error.code(), Code::StripeRateLimited);
    assert_eq!(storm.requests().total, 6, "six tries of the first read, and no second one");
}

#[tokio::test]
async fn a_kind_the_key_may_not_read_is_named_and_the_rest_goes_on() {
    let mut options = small();
    options.restricted_without = vec!["charge_read".to_owned(), "webhook_read".to_owned()];
    let mut rig = Rig::new(options).await;
    rig.client = client(&rig.simulator.url, &rig.simulator.keys.restricted);
    let report = rig.sync().await.unwrap();
    assert!(report.complete);
    let named: Vec<_> = report.not_permitted.iter().map(|(kind, says)| (*kind, says.as_str())).collect();
    assert_eq!(named, [(ObjectKind::WebhookEndpoint, "webhook_read"), (ObjectKind::Charge, "charge_read")]);
    assert_eq!(report.objects[&ObjectKind::Charge], 0);
    assert_eq!(report.data_through[&ObjectKind::Charge], None);
    assert!(report.data_through[&ObjectKind::Invoice].is_some());
    rig.simulator.mutate(20);
    rig.sync().await.unwrap();
    for kind in [ObjectKind::Customer, ObjectKind::Subscription, ObjectKind::Invoice, ObjectKind::InvoicePayment] {
        assert_eq!(rig.held(kind).await, rig.truth(kind), "{kind}");
    }
    // The permission is given: the next full read brings the rest.
    rig.client = client(&rig.simulator.url, &rig.simulator.keys.full);
    let report = rig.sync_with(Options { is_full: true, per_second: None }, |_| {}).await.unwrap();
    assert!(report.not_permitted.is_empty());
    rig.assert_equal().await;
}

#[tokio::test]
async fn without_events_lists_alone_keep_the_mirror() {
    let mut options = small();
    options.restricted_without = vec!["event_read".to_owned(), "connected_account_read".to_owned()];
    let mut rig = Rig::new(options).await;
    rig.client = client(&rig.simulator.url, &rig.simulator.keys.restricted);
    rig.sync().await.unwrap();
    rig.assert_equal().await;
    rig.simulator.mutate(30);
    rig.pass(std::time::Duration::from_secs(90_000));
    let report = rig.sync().await.unwrap();
    assert!(report.not_permitted.contains_key(&ObjectKind::Event));
    rig.assert_equal().await;
}

#[tokio::test]
async fn another_account_writes_nothing() {
    let mut rig = Rig::new(small()).await;
    rig.account = AccountId::from("acct_somebody_else");
    let error = rig.sync().await.unwrap_err();
    assert!(matches!(error, SyncError::AccountMismatch { .. }));
    assert_eq!(error.code(), Code::AccountMismatch);
    let (account, mode) = (rig.account.clone(), rig.client.mode());
    let scope = rig.mirror.read(move |conn| Scope::find(conn, &account, mode)).await.unwrap();
    assert_eq!(scope, None);
}

#[tokio::test]
async fn a_revoked_key_stops_everything_and_keeps_what_is_there() {
    let rig = Rig::new(world(5, 60, 8)).await;
    let told = |_: &_| rig.simulator.revoke_keys();
    let error = rig.sync_with(Options::default(), told).await.unwrap_err();
    assert_eq!(error.code(), Code::StripeKeyRejected);
    let newest = rig.read(|conn, scope| Ok(runs::newest(conn, scope)?.unwrap())).await;
    assert_eq!(newest.state, RunState::Failed);
    assert!(newest.tally.objects > 0);
}
