//! What is read is what is there: every profile, page by page, in the domain's words.

use countersign_domain::Instant;
use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::money::{Currency, Minor};
use countersign_sources::billing_db::{
    BillingError, BillingReader, PageRequest, PostgresReader, RelationKind, Rows, SchemaGap, Walk,
};

use crate::cluster::{Cluster, DATABASE};

const DEVFLOWHUB: SchemaProfile = SchemaProfile::Devflowhub;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Walks to the end and gives everything with the number of pages.
async fn all(walk: &mut Walk<'_>, kind: RowKind) -> (Rows, usize) {
    let (mut rows, mut pages) = (Rows::of(kind), 0);
    while let Some(page) = walk.next().await.unwrap() {
        rows.append(page);
        pages += 1;
    }
    (rows, pages)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_profile_is_read_as_it_stands() {
    let cluster = Cluster::start();
    cluster.psql(DATABASE, include_str!("devflowhub.sql"));
    cluster.psql(DATABASE, include_str!("nest.sql"));
    // Instants without a zone are UTC whatever the server thinks the time is.
    cluster.psql(DATABASE, "ALTER DATABASE billing SET timezone = 'Asia/Kolkata'");
    cluster.psql(DATABASE, "CREATE ROLE r LOGIN; GRANT pg_read_all_data TO r; VACUUM ANALYZE;");
    let reader = cluster.reader("r", "", false);
    identity_and_standing(&cluster, &reader).await;
    devflowhub(&reader).await;
    walks_stop_and_resume(&reader).await;
    nest_models(&cluster.reader("r", "models", false)).await;
    nest_documented(&cluster.reader("r", "documented", false)).await;
    empty_schema(&cluster.reader("r", "nowhere", false)).await;
    a_replica_is_the_same_database(&cluster, &reader).await;
}

async fn a_replica_is_the_same_database(cluster: &Cluster, primary: &PostgresReader) {
    let server = cluster.replica();
    let replica = server.reader("r", "", false);
    let standing = replica.standing(&|| at("2026-01-01T00:00:00Z")).await.unwrap();
    assert!(standing.is_replica && standing.replay_lag_ms.is_some(), "{standing:?}");
    let (one, other) = (primary.identity().await.unwrap(), replica.identity().await.unwrap());
    assert_ne!(one.place, other.place);
    assert_eq!(one.fingerprint(), other.fingerprint());
    assert_eq!(replica.count(DEVFLOWHUB, RowKind::BillingEvent).await.unwrap(), 2500);
}

async fn identity_and_standing(cluster: &Cluster, reader: &PostgresReader) {
    let identity = reader.identity().await.unwrap();
    assert_eq!(
        (identity.database.as_str(), identity.schema.as_str(), identity.role.as_str()),
        ("billing", "public", "r")
    );
    assert!(identity.product.starts_with("PostgreSQL 1"), "{identity:?}");
    let system_identifier = cluster.psql(DATABASE, "SELECT system_identifier FROM pg_control_system()");
    assert_eq!(identity.system_identifier.as_deref(), Some(system_identifier.as_str()));
    let elsewhere = cluster.reader("r", "models", false).identity().await.unwrap();
    assert_ne!(identity.fingerprint(), elsewhere.fingerprint());

    // A clock that stands still in 2001 is far behind the server's.
    let standing = reader.standing(&|| at("2001-01-01T00:00:00Z")).await.unwrap();
    assert!(standing.clock.ahead_ms > 20 * 365 * 86_400_000_i64 && standing.clock.uncertainty_ms == 1, "{standing:?}");
    assert!(!standing.is_replica && standing.replay_lag_ms.is_none());

    let tables = reader.tables().await.unwrap();
    let event = tables.iter().find(|table| table.name == "BillingEvent").unwrap();
    assert_eq!((event.kind, event.rows_estimated), (RelationKind::Table, Some(2500)));
    assert_eq!(event.qualified, r#"public."BillingEvent""#);
}

async fn devflowhub(reader: &PostgresReader) {
    let detection = reader.detect().await.unwrap();
    assert_eq!(detection.choose(None).unwrap(), DEVFLOWHUB);
    assert!(detection.reports[0].gaps.is_empty(), "{detection:?}");

    let (rows, pages) =
        all(&mut Walk::new(reader, DEVFLOWHUB, RowKind::BillingCustomer), RowKind::BillingCustomer).await;
    let Rows::Customers(customers) = rows else { panic!("{rows:?}") };
    assert_eq!((customers.len(), pages), (20, 1));
    assert_eq!(customers[2].user.as_str(), "user_00003");
    assert_eq!(customers[2].stripe_customer.as_deref(), Some("cus_3"));
    assert_eq!(customers[2].plan.as_deref(), Some("pro"));
    assert_eq!(customers[2].created_at, Some(at("2026-01-31T23:30:00.123Z")));

    let (rows, _) =
        all(&mut Walk::new(reader, DEVFLOWHUB, RowKind::BillingSubscription), RowKind::BillingSubscription).await;
    let Rows::Subscriptions(subscriptions) = rows else { panic!("{rows:?}") };
    let second = &subscriptions[1];
    assert_eq!((subscriptions.len(), second.status.as_str(), second.cancels_at_period_end), (10, "active", true));
    assert_eq!(second.canceled_at, Some(at("2026-02-10T10:00:00Z")));
    assert_eq!((second.trial_end_at, second.period_end_at), (None, Some(at("2026-03-01T00:00:00Z"))));

    let since = Some(at("2026-02-01T08:00:00Z"));
    let mut walk = Walk::new(reader, DEVFLOWHUB, RowKind::BillingSubscription).changed_since(since);
    assert_eq!(all(&mut walk, RowKind::BillingSubscription).await.0.len(), 3, "8, 9 and 10 o'clock");

    let found =
        reader.rows_by_stripe_id(DEVFLOWHUB, RowKind::BillingInvoice, &["in_7", "in_none", "in_15"]).await.unwrap();
    let Rows::Invoices(invoices) = found else { panic!("{found:?}") };
    assert_eq!(invoices.iter().map(|row| row.row_id.as_str()).collect::<Vec<_>>(), ["invo_00007", "invo_00015"]);
    assert_eq!((invoices[0].amount_due, invoices[0].amount_paid), (Some(Minor(2900)), Some(Minor(2900))));
    assert_eq!((invoices[0].currency, invoices[0].is_inexact, invoices[0].paid_at), (Some(Currency::USD), false, None));
}

async fn walks_stop_and_resume(reader: &PostgresReader) {
    let kind = RowKind::BillingEvent;
    assert_eq!(reader.count(DEVFLOWHUB, kind).await.unwrap(), 2500);
    let mut walk = Walk::new(reader, DEVFLOWHUB, kind);
    let (rows, pages) = all(&mut walk, kind).await;
    let Rows::Events(events) = rows else { panic!("{rows:?}") };
    assert_eq!((events.len(), pages, walk.is_complete()), (2500, 3, true));
    assert!(events.windows(2).all(|pair| pair[0].row_id < pair[1].row_id));
    assert_eq!(
        (events[0].kind.as_str(), events[0].stripe_event.as_deref()),
        ("invoice.payment_succeeded", Some("evt_1"))
    );

    let mut limited = Walk::new(reader, DEVFLOWHUB, kind).rows_max(1500);
    assert_eq!(all(&mut limited, kind).await.0.len(), 2000, "whole pages, and no third one");
    assert!(!limited.is_complete());
    let mut resumed = Walk::new(reader, DEVFLOWHUB, kind).resume_after(limited.key().map(str::to_owned));
    assert_eq!(all(&mut resumed, kind).await.0.len(), 500);
    assert!(resumed.is_complete());

    let ids: Vec<String> = (1..=2500).map(|n| format!("evt_{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(reader.rows_by_stripe_id(DEVFLOWHUB, kind, &ids).await.unwrap().len(), 2500);
    let request = PageRequest { kind, after: None, changed_since: Some(at("2026-01-01T00:41:00Z")) };
    assert_eq!(reader.page(DEVFLOWHUB, request).await.unwrap().rows.len(), 41, "made in second 2460 or later");
}

async fn nest_models(reader: &PostgresReader) {
    let profile = reader.detect().await.unwrap().choose(None).unwrap();
    assert_eq!(profile, SchemaProfile::NestModels);
    let (rows, _) =
        all(&mut Walk::new(reader, profile, RowKind::BillingSubscription), RowKind::BillingSubscription).await;
    let Rows::Subscriptions(subscriptions) = rows else { panic!("{rows:?}") };
    assert_eq!(subscriptions[0].user.as_str(), "app_1");
    assert_eq!((subscriptions[0].status.as_str(), subscriptions[1].status.as_str()), ("past_due", "CREATED"));
    assert_eq!(
        (subscriptions[0].period_end_at, subscriptions[0].plan.as_deref()),
        (None, Some("Basic")),
        "infinity is no instant"
    );
    assert_eq!(subscriptions[0].updated_at, Some(at("2026-03-01T08:00:00Z")));
    let request = PageRequest {
        kind: RowKind::BillingSubscription,
        after: None,
        changed_since: Some(at("2026-03-01T09:00:00Z")),
    };
    assert_eq!(reader.page(profile, request).await.unwrap().rows.last_key(), Some("s_2"));

    let (rows, _) = all(&mut Walk::new(reader, profile, RowKind::BillingInvoice), RowKind::BillingInvoice).await;
    let Rows::Invoices(invoices) = rows else { panic!("{rows:?}") };
    assert_eq!(
        (invoices[0].amount_due, invoices[0].is_inexact, invoices[0].amount_paid),
        (Some(Minor(2999)), false, None)
    );
    assert_eq!((invoices[1].amount_due, invoices[1].is_inexact), (Some(Minor(12)), true));
    let twice = reader.rows_by_stripe_id(profile, RowKind::BillingCustomer, &["cus_1"]).await.unwrap();
    assert_eq!(twice.len(), 2, "two users may name one customer here");

    let no_events = reader.count(profile, RowKind::BillingEvent).await.unwrap_err();
    let no_id = reader.rows_by_stripe_id(profile, RowKind::BillingInvoice, &["in_1"]).await.unwrap_err();
    for refused in [no_events, no_id] {
        assert!(matches!(&refused, BillingError::SchemaUnknown(SchemaGap::NotKept { .. })), "{refused}");
    }
}

async fn nest_documented(reader: &PostgresReader) {
    let profile = reader.detect().await.unwrap().choose(None).unwrap();
    assert_eq!(profile, SchemaProfile::NestDocumented);
    let found = reader.rows_by_stripe_id(profile, RowKind::BillingSubscription, &["sub_1"]).await.unwrap();
    let Rows::Subscriptions(subscriptions) = found else { panic!("{found:?}") };
    assert_eq!(
        (subscriptions[0].status.as_str(), subscriptions[0].trial_end_at),
        ("PENDING", Some(at("2026-04-01T00:00:00Z")))
    );
    let found = reader.rows_by_stripe_id(profile, RowKind::BillingInvoice, &["in_1"]).await.unwrap();
    let Rows::Invoices(invoices) = found else { panic!("{found:?}") };
    assert_eq!((invoices[0].amount_due, invoices[0].status.as_str()), (Some(Minor(1200)), "paid"));
    assert_eq!(reader.count(profile, RowKind::BillingCustomer).await.unwrap(), 1);
}

async fn empty_schema(reader: &PostgresReader) {
    assert!(reader.tables().await.unwrap().is_empty());
    let detection = reader.detect().await.unwrap();
    assert!(detection.profiles.is_empty());
    assert_eq!(detection.reports[0].gaps[0], "table `StripeCustomer` is missing");
    let refused = reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap_err();
    assert!(matches!(&refused, BillingError::SchemaUnknown(SchemaGap::Table("Invoice"))), "{refused}");
}
