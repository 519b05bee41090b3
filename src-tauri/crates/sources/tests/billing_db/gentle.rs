//! A busy or locked database is waited for briefly, and what is dropped here ends there.
//!
//! Another session holds a lock on a table, so that any statement over it waits until something ends it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::failure::Code;
use countersign_sources::billing_db::{BillingReader, PageRequest, Walk};

use crate::cluster::{Cluster, DATABASE};

const DEVFLOWHUB: SchemaProfile = SchemaProfile::Devflowhub;
/// Statements of ours that wait for a lock.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE application_name LIKE 'countersign/%' AND state = 'active' AND wait_event_type = 'Lock'";
/// Connections of ours.
const OURS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'countersign/%'";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_locked_table_is_left_and_a_dropped_answer_ends() {
    let cluster = Cluster::start();
    cluster.psql(DATABASE, include_str!("devflowhub.sql"));
    cluster.psql(DATABASE, "CREATE ROLE r LOGIN; GRANT pg_read_all_data TO r;");
    let reader = Arc::new(cluster.reader("r", "", false));
    reader.detect().await.unwrap();

    let mut holder = cluster.somebody().await;
    #[expect(clippy::disallowed_methods, reason = "this session is not ours: it plays somebody who changes a table")]
    let lock = holder.transaction().await.unwrap();
    lock.execute(r#"LOCK TABLE public."Invoice" IN ACCESS EXCLUSIVE MODE"#, &[]).await.unwrap();

    let started = Instant::now();
    let refused = reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap_err();
    let waited = started.elapsed();
    assert_eq!(refused.code(), Code::PgLocked, "{refused:?}");
    assert!((Duration::from_millis(900)..Duration::from_secs(4)).contains(&waited), "{waited:?}");

    dropping_ends_it_on_the_server(&cluster, &reader).await;
    stopped_by_an_administrator_is_a_timeout(&cluster, &reader).await;

    // The other tables were never affected, and nothing of ours is left waiting.
    let mut walk = Walk::new(&*reader, DEVFLOWHUB, RowKind::BillingCustomer);
    assert_eq!(walk.next().await.unwrap().unwrap().len(), 20);
    lock.rollback().await.unwrap();
    assert_eq!(reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap(), 15);
    many_at_once_share_three_connections(&cluster, &reader).await;
    a_lost_connection_is_made_again(&cluster, &reader).await;
    drop(reader);
    until(&cluster, OURS, "0").await;
}

async fn dropping_ends_it_on_the_server(cluster: &Cluster, reader: &Arc<impl BillingReader + 'static>) {
    /// On a busy machine the lock's own second may be over before the answer is dropped; then it is tried again.
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        if is_ended_on_request(cluster, reader).await {
            return;
        }
    }
    panic!("dropping the answer never ended it on the server");
}

/// Drops a waiting answer, and says whether the server ended it on request, not because the lock's own second was over.
async fn is_ended_on_request(cluster: &Cluster, reader: &Arc<impl BillingReader + 'static>) -> bool {
    let waiting = tokio::spawn({
        let reader = Arc::clone(reader);
        async move { reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.map(|_| ()) }
    });
    until(cluster, WAITING, "1").await;
    waiting.abort();
    until(cluster, WAITING, "0").await;
    let is_dropped = waiting.await.is_err_and(|ended| ended.is_cancelled());
    until(cluster, OURS, "0").await;
    is_dropped && cluster.logged(0).iter().any(|line| line.message == "canceling statement due to user request")
}

async fn stopped_by_an_administrator_is_a_timeout(cluster: &Cluster, reader: &Arc<impl BillingReader + 'static>) {
    let waiting = tokio::spawn({
        let reader = Arc::clone(reader);
        async move { reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.map(|_| ()) }
    });
    until(cluster, WAITING, "1").await;
    cluster.ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    let refused = waiting.await.unwrap().unwrap_err();
    assert_eq!(refused.code(), Code::PgTimeout, "{refused:?}");
}

async fn many_at_once_share_three_connections(cluster: &Cluster, reader: &Arc<impl BillingReader + 'static>) {
    let readings: Vec<_> = (0..24)
        .map(|_| {
            let reader = Arc::clone(reader);
            tokio::spawn(async move {
                let request = PageRequest { kind: RowKind::BillingEvent, after: None, changed_since: None };
                reader.page(DEVFLOWHUB, request).await.map(|page| page.rows.len())
            })
        })
        .collect();
    let mut most = 0;
    let somebody = cluster.somebody().await;
    while !readings.iter().all(tokio::task::JoinHandle::is_finished) {
        let seen: i64 = somebody.query_one(OURS, &[]).await.unwrap().try_get(0).unwrap();
        most = most.max(seen);
    }
    for reading in readings {
        assert_eq!(reading.await.unwrap().unwrap(), 1000);
    }
    assert!((2..=3).contains(&most), "{most} connections at once");
}

async fn a_lost_connection_is_made_again(cluster: &Cluster, reader: &Arc<impl BillingReader>) {
    cluster.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'countersign/%'");
    assert_eq!(reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap(), 15);
}

/// Asks until the answer is the expected one; a test that waits in vain fails.
async fn until(cluster: &Cluster, question: &str, expected: &str) {
    let somebody = cluster.somebody().await;
    let started = Instant::now();
    loop {
        let seen: i64 = somebody.query_one(question, &[]).await.unwrap().try_get(0).unwrap();
        if seen.to_string() == expected {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "still {seen} instead of {expected}: {question}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
