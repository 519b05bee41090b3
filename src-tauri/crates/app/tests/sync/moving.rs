//! An account that changes while it is read: created, updated, deleted, also the object a page just ended with.

use std::sync::atomic::{AtomicU32, Ordering};

use countersign_app::jobs::sync::Options;

use crate::rig::{Rig, world};

/// Histories of one run; each is drawn from its seed.
const HISTORIES: u64 = 2;

#[tokio::test]
async fn nothing_is_lost_of_a_moving_account() {
    for seed in 0..HISTORIES {
        let rig = Rig::new(world(seed, 60, 6)).await;
        let changes = AtomicU32::new(0);
        let told = |_: &_| {
            changes.fetch_add(u32::try_from(rig.simulator.mutate(5).len()).unwrap(), Ordering::Relaxed);
        };
        rig.sync_with(Options::default(), told).await.unwrap();
        // Now it stands still, and one more look brings the rest.
        rig.sync().await.unwrap();
        rig.assert_equal().await;
        assert!(changes.load(Ordering::Relaxed) > 60, "seed {seed}: too little happened");
    }
}

#[tokio::test]
async fn nothing_is_lost_of_a_moving_account_behind_a_bad_line() {
    for seed in 10..12 {
        let mut options = world(seed, 50, 5);
        options.fault_rate = 0.1;
        let rig = Rig::new(options).await;
        let told = |_: &_| drop(rig.simulator.mutate(2));
        rig.sync_with(Options::default(), told).await.unwrap();
        rig.sync().await.unwrap();
        rig.assert_equal().await;
    }
}

#[tokio::test]
async fn interruptions_while_it_moves_lose_nothing_either() {
    for seed in 20..22 {
        let rig = Rig::new(world(seed, 60, 6)).await;
        for round in 0..5 {
            rig.sync_until_with(3 + round * 3, |_| drop(rig.simulator.mutate(2))).await;
        }
        rig.sync().await.unwrap();
        rig.assert_equal().await;
    }
}
