//! The reader of the demo's file, over files these tests write themselves.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::failure::Code;
use countersign_domain::money::{Currency, Minor};
use countersign_domain::workspace::{Exposure, ExposureRule};
use countersign_sources::billing_db::{BillingError, BillingReader, PageRequest, RelationKind, Rows, Walk};
use rusqlite::Connection;
use tempfile::TempDir;

use super::SqliteReader;

const DEVFLOWHUB: SchemaProfile = SchemaProfile::Devflowhub;

const TABLES: &str = r#"
    CREATE TABLE "User" ("id" text PRIMARY KEY, "email" text, "password" text, "plan" text);
    CREATE TABLE "StripeCustomer" (
        "id" text PRIMARY KEY, "userId" text, "stripeCustomerId" text, "createdAt" timestamp, "updatedAt" timestamp);
    CREATE TABLE "Subscription" (
        "id" text PRIMARY KEY, "userId" text, "stripeSubscriptionId" text, "stripePriceId" text, "status" text,
        "currentPeriodStart" timestamp, "currentPeriodEnd" timestamp, "trialEnd" timestamp,
        "cancelAtPeriodEnd" boolean DEFAULT 0, "canceledAt" timestamp, "plan" text DEFAULT 'pro',
        "createdAt" timestamp, "updatedAt" timestamp);
    CREATE TABLE "Invoice" (
        "id" text PRIMARY KEY, "userId" text, "stripeInvoiceId" text UNIQUE, "amountDue" integer,
        "amountPaid" integer DEFAULT 0, "currency" text, "status" text, "createdAt" timestamp, "updatedAt" timestamp);
    CREATE TABLE "BillingEvent" (
        "id" text PRIMARY KEY, "eventType" text, "stripeEventId" text UNIQUE, "metadata" text, "createdAt" timestamp);
    CREATE VIEW a_view AS SELECT 1 AS one;
"#;

const ROWS: &str = r#"
    INSERT INTO "User" VALUES
        ('u1', 'a@invented.example', 'hash', 'PRO'),
        ('u2', 'b@invented.example', 'hash', 'FREE');
    INSERT INTO "StripeCustomer" VALUES
        ('c1', 'u1', 'cus_1', '2026-01-31 23:30:00.123', 0),
        ('c2', 'nobody', 'cus_2', 1769902200123, 0);
    INSERT INTO "Subscription" ("id", "userId", "stripeSubscriptionId", "status", "currentPeriodEnd", "updatedAt")
    VALUES
        ('s1', 'u1', 'sub_1', 'active', '2026-03-01T00:00:00.000+00:00', '2026-02-01T08:00:00Z'),
        ('s2', 'u2', 'sub_2', 'canceled', NULL, 1769929200000),
        ('s3', 'u2', 'sub_3', 'active', NULL, '2026-02-01 06:59:59');
    UPDATE "Subscription" SET "cancelAtPeriodEnd" = 1 WHERE "id" = 's2';
    INSERT INTO "Invoice" ("id", "userId", "stripeInvoiceId", "amountDue", "currency", "status") VALUES
        ('i1', 'u1', 'in_1', 2900, 'USD', 'open'),
        ('i2', 'u1', 'in_2', 'much', 'usd', 'paid');
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2500)
    INSERT INTO "BillingEvent"
    SELECT printf('e%05d', n), 'invoice.paid', 'evt_' || n, '{}', 1769900000000 + n FROM n;
"#;

/// A file in a folder of its own.
fn file(sql: &str) -> (TempDir, SqliteReader) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    (folder, SqliteReader::new(path))
}

fn devflowhub() -> (TempDir, SqliteReader) {
    file(&format!("BEGIN; {TABLES} {ROWS} COMMIT;"))
}

fn at(text: &str) -> Option<Instant> {
    Some(text.parse().unwrap())
}

/// Every file of the folder with its bytes.
fn bytes(folder: &TempDir) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn rows_are_read_as_from_a_server_and_the_file_stays_as_it_is() {
    let (folder, reader) = devflowhub();
    let before = bytes(&folder);
    assert_eq!(reader.detect().await.unwrap().choose(None).unwrap(), DEVFLOWHUB);
    let tables = reader.tables().await.unwrap();
    let kinds: Vec<_> = tables.iter().filter(|table| !table.kind.is_readable()).collect();
    assert_eq!((tables.len(), kinds[0].kind, kinds[0].name.as_str()), (6, RelationKind::View, "a_view"));

    let request = |kind| PageRequest { kind, after: None, changed_since: None };
    let Rows::Customers(customers) = reader.page(DEVFLOWHUB, request(RowKind::BillingCustomer)).await.unwrap().rows
    else {
        panic!("customers")
    };
    assert_eq!((customers[0].plan.as_deref(), customers[1].plan.as_deref()), (Some("pro"), None));
    assert_eq!(customers[0].created_at, at("2026-01-31T23:30:00.123Z"));
    assert_eq!(customers[0].created_at, customers[1].created_at, "either way of writing an instant");

    let since = PageRequest { changed_since: at("2026-02-01T07:00:00Z"), ..request(RowKind::BillingSubscription) };
    let Rows::Subscriptions(changed) = reader.page(DEVFLOWHUB, since).await.unwrap().rows else {
        panic!("subscriptions")
    };
    assert_eq!(changed.iter().map(|row| row.row_id.as_str()).collect::<Vec<_>>(), ["s1", "s2"]);
    assert_eq!((changed[0].period_end_at, changed[0].cancels_at_period_end), (at("2026-03-01T00:00:00Z"), false));
    assert!(changed[1].cancels_at_period_end && changed[1].period_end_at.is_none());

    let found =
        reader.rows_by_stripe_id(DEVFLOWHUB, RowKind::BillingInvoice, &["in_1", "in_9", "'; --"]).await.unwrap();
    let Rows::Invoices(invoices) = found else { panic!("invoices") };
    assert_eq!((invoices[0].amount_due, invoices[0].currency), (Some(Minor(2900)), Some(Currency::USD)));
    let broken = reader.page(DEVFLOWHUB, request(RowKind::BillingInvoice)).await.unwrap_err();
    assert_eq!(broken.code(), Code::PgSchemaUnknown, "text where an amount should be");

    assert_eq!(reader.count(DEVFLOWHUB, RowKind::BillingEvent).await.unwrap(), 2500);
    let mut walk = Walk::new(&reader, DEVFLOWHUB, RowKind::BillingEvent).changed_since(at("2026-01-31T22:53:20.501Z"));
    let mut rows = 0;
    while let Some(page) = walk.next().await.unwrap() {
        rows += page.len();
    }
    assert_eq!((rows, walk.key(), walk.is_complete()), (2000, Some("e02500"), true));
    assert_eq!(bytes(&folder), before, "nothing was written, and no file was made beside it");
}

#[tokio::test]
async fn two_files_are_two_databases() {
    let (_first, one) = devflowhub();
    let (_second, other) = devflowhub();
    let (one_id, other_id) = (one.identity().await.unwrap(), other.identity().await.unwrap());
    assert!(one_id.product.starts_with("SQLite 3.") && one_id.database == "billing.db", "{one_id:?}");
    assert_eq!(one_id.fingerprint(), one.identity().await.unwrap().fingerprint());
    assert_ne!(one_id.fingerprint(), other_id.fingerprint());
    let standing = one.standing(&|| at("2026-01-01T00:00:00Z").unwrap()).await.unwrap();
    assert_eq!((standing.clock.ahead_ms, standing.is_replica), (0, false));
    assert!(one.audit_role().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_not_the_demos_file_is_said_to_be_so() {
    let (folder, other) = file("CREATE TABLE t (a)");
    assert!(other.detect().await.unwrap().profiles.is_empty());
    let missing_table = other.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap_err();
    assert_eq!(missing_table.code(), Code::PgSchemaUnknown, "{missing_table:?}");
    let other_profile = other.count(SchemaProfile::NestModels, RowKind::BillingInvoice).await.unwrap_err();
    assert_eq!(other_profile.code(), Code::PgSchemaUnknown);

    let missing = SqliteReader::new(folder.path().join("missing.db"));
    assert_eq!(missing.tables().await.unwrap_err().code(), Code::PgUnreachable);
    assert!(!folder.path().join("missing.db").exists(), "and it was not made");
    std::fs::write(folder.path().join("text.db"), "no database at all, but a longer text than a header").unwrap();
    let text = SqliteReader::new(folder.path().join("text.db"));
    assert_eq!(text.tables().await.unwrap_err().code(), Code::PgUnreachable);
}

#[tokio::test]
async fn the_company_writes_while_it_is_read() {
    let (folder, reader) = devflowhub();
    let company = Connection::open(folder.path().join("billing.db")).unwrap();
    company.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let held_up = reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap_err();
    assert_eq!(held_up.code(), Code::PgLocked, "{held_up:?}");
    company.execute_batch("DELETE FROM \"Invoice\" WHERE \"id\" = 'i2'; COMMIT").unwrap();
    assert_eq!(reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await.unwrap(), 1);
}

#[tokio::test]
async fn exposure_is_counted_in_the_file_too() {
    let (folder, reader) =
        file(&format!("BEGIN; {TABLES} {ROWS} CREATE TABLE odd (\"a\"\"b\" integer, plain); COMMIT;"));
    let before = bytes(&folder);
    let rule = |(column, operator, value): (&str, &str, &str)| ExposureRule {
        column: column.to_owned(),
        operator: operator.parse().unwrap(),
        value: value.to_owned(),
    };
    let measure = |table: &str, exposed, eligible: Option<(&str, &str, &str)>| Exposure {
        table: table.to_owned(),
        exposed: rule(exposed),
        eligible: eligible.map(rule),
    };
    for (table, exposed, eligible, wanted) in [
        ("Subscription", ("cancelAtPeriodEnd", "is true", ""), None, (1, 3)),
        ("Subscription", ("cancelAtPeriodEnd", "is false", ""), Some(("userId", "=", "u2")), (1, 2)),
        ("Subscription", ("currentPeriodEnd", "is null", ""), None, (2, 3)),
        // Instants are milliseconds in one row and text in the others.
        ("Subscription", ("updatedAt", ">=", "2026-02-01T07:00:00Z"), None, (2, 3)),
        ("User", ("plan", "=", "PRO"), None, (1, 2)),
        ("Invoice", ("amountDue", "<", "2900.5"), Some(("currency", "!=", "usd")), (1, 1)),
        ("BillingEvent", ("id", "=", "' OR 1=1 --"), None, (0, 2500)),
        ("odd", ("a\"b", ">", "1"), None, (0, 0)),
    ] {
        let counted = reader.exposed(&measure(table, exposed, eligible)).await.unwrap();
        assert_eq!((counted.exposed, counted.eligible), wanted, "{table} {exposed:?}");
    }
    for (table, exposed, field) in [
        ("user", ("plan", "=", "PRO"), "table"),
        ("User", ("Plan", "=", "PRO"), "exposed.column"),
        ("User", ("plan", "<", "PRO"), "exposed.operator"),
        ("odd", ("plain", "=", "1"), "exposed.operator"),
        ("Invoice", ("amountDue", "=", "much"), "exposed.value"),
    ] {
        let refused = reader.exposed(&measure(table, exposed, None)).await.unwrap_err();
        let BillingError::ExposureUnfit(fault) = refused else { panic!("{refused}") };
        assert_eq!(fault.field, field, "{fault}");
    }
    let view = reader.exposed(&measure("a_view", ("one", "is null", ""), None)).await.unwrap_err();
    assert_eq!(view.code(), Code::PgRelationKind);
    assert_eq!(bytes(&folder), before, "nothing was written");
}
