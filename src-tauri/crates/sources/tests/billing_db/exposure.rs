//! Who is exposed is counted by a real server, exactly, and what does not fit is refused before anything is counted.

use countersign_domain::failure::Code;
use countersign_domain::workspace::{Exposure, ExposureRule};
use countersign_sources::billing_db::{BillingError, BillingReader};

use crate::cluster::{Cluster, DATABASE};

/// A measure over one table; a rule is column, operator and value.
pub fn measure(table: &str, exposed: (&str, &str, &str), eligible: Option<(&str, &str, &str)>) -> Exposure {
    let rule = |(column, operator, value): (&str, &str, &str)| ExposureRule {
        column: column.to_owned(),
        operator: operator.parse().unwrap(),
        value: value.to_owned(),
    };
    Exposure { table: table.to_owned(), exposed: rule(exposed), eligible: eligible.map(rule) }
}

/// A thousand users: a tenth enabled, buckets 0 to 99, a few cells empty; beside it names that try to be more than names.
const TABLES: &str = r#"
    CREATE TYPE ring AS ENUM ('inner', 'outer', 'none');
    CREATE TABLE users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n integer, enabled boolean, bucket smallint, share numeric, odds real,
        ring ring, country varchar(2), code char(4), since timestamptz, day date, flags jsonb);
    INSERT INTO users (n, enabled, bucket, share, odds, ring, country, code, since, day, flags)
    SELECT n, CASE WHEN n <= 100 THEN true WHEN n <= 990 THEN false END, n % 100, n / 1000.0, n / 1000.0,
        CASE WHEN n <= 40 THEN 'inner' WHEN n <= 500 THEN 'outer' END::ring,
        CASE n % 2 WHEN 0 THEN 'de' ELSE 'at' END, 'a', timestamptz '2026-01-01 00:00+05:30' + n * interval '1 day',
        date '2026-01-01' + n, CASE WHEN n <= 3 THEN '{}'::jsonb END
    FROM generate_series(1, 1000) AS n;
    CREATE TABLE nobody (enabled boolean);
    CREATE TABLE "{eligible}" ("select" boolean, "a""b" boolean, "$1" integer, "{relation}" text);
    INSERT INTO "{eligible}" VALUES (true, true, 1, 'x'), (false, true, 2, '{exposed}'), (NULL, false, 3, '$1');
    CREATE VIEW everybody AS SELECT * FROM users;
    CREATE TABLE "Secret" (id integer, enabled boolean, hash text);
    CREATE ROLE r LOGIN;
    GRANT SELECT ON users, nobody, everybody, "{eligible}" TO r;
    GRANT SELECT (id, enabled) ON "Secret" TO r;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn exposure_is_counted_as_it_stands() {
    let cluster = Cluster::start();
    cluster.psql(DATABASE, TABLES);
    // Days and instants without a zone are UTC, whatever the server thinks the time is.
    cluster.psql(DATABASE, "ALTER DATABASE billing SET timezone = 'Asia/Kolkata'");
    let reader = cluster.reader("r", "", false);
    let (enabled, odd) = (("enabled", "is true", ""), "{eligible}");
    for (table, exposed, eligible, wanted) in [
        ("users", enabled, None, (100, 1000)),
        ("users", enabled, Some(("enabled", "is not null", "")), (100, 990)),
        ("users", ("enabled", "is false", ""), None, (890, 1000)),
        ("users", ("bucket", "<", "10"), None, (100, 1000)),
        ("users", ("bucket", "<=", "9.5"), Some(("country", "=", "de")), (50, 500)),
        ("users", ("n", ">=", "991"), Some(("enabled", "is null", "")), (10, 10)),
        ("users", ("share", "=", "0.1"), None, (1, 1000)),
        ("users", ("odds", ">", "0.5"), None, (500, 1000)),
        ("users", ("ring", "=", "inner"), Some(("ring", "!=", "none")), (40, 500)),
        ("users", ("country", "!=", "de"), None, (500, 1000)),
        ("users", ("code", "=", "a"), None, (1000, 1000)),
        // Half past midnight in Kolkata is the day before in UTC.
        ("users", ("since", "<", "2026-01-02"), None, (1, 1000)),
        ("users", ("since", "<=", "2026-01-02T00:00:00+05:30"), None, (1, 1000)),
        ("users", ("day", "=", "2026-01-02"), None, (1, 1000)),
        ("users", ("flags", "is not null", ""), None, (3, 1000)),
        ("users", ("country", "=", "' OR '1'='1"), None, (0, 1000)),
        ("nobody", enabled, None, (0, 0)),
        (odd, ("select", "is true", ""), None, (1, 3)),
        (odd, ("a\"b", "is true", ""), Some(("{relation}", "!=", "$1")), (2, 2)),
        (odd, ("$1", ">", "1"), Some(("{relation}", "=", "{exposed}")), (1, 1)),
        ("Secret", enabled, None, (0, 0)),
    ] {
        let measure = measure(table, exposed, eligible);
        let counted = reader.exposed(&measure).await.unwrap_or_else(|error| panic!("{measure}: {error}"));
        assert_eq!((counted.exposed, counted.eligible), wanted, "{measure}");
    }
    what_does_not_fit_is_refused(&cluster).await;
}

async fn what_does_not_fit_is_refused(cluster: &Cluster) {
    let reader = cluster.reader("r", "", false);
    let enabled = ("enabled", "is true", "");
    for (table, exposed, field, why) in [
        ("Users", enabled, "table", "near it: `users`"),
        ("users; DROP TABLE nobody", enabled, "table", "is no table"),
        ("pg_class", enabled, "table", "is no table"),
        ("users", ("Enabled", "is true", ""), "exposed.column", "near it: `enabled`"),
        ("users", ("enabled) OR (TRUE", "is true", ""), "exposed.column", "is no column"),
        ("users", ("n", "=", "1 OR 1=1"), "exposed.value", "is no number"),
        ("users", ("ring", "=", "Inner"), "exposed.value", "`inner`, `outer`, `none`, and `Inner` is none of them"),
        ("users", ("since", ">", "yesterday"), "exposed.value", "is no day"),
        ("users", ("id", "=", "x"), "exposed.operator", "takes is null"),
    ] {
        let refused = reader.exposed(&measure(table, exposed, None)).await.unwrap_err();
        let BillingError::ExposureUnfit(fault) = refused else { panic!("{table} {exposed:?}: {refused}") };
        assert!(fault.field == field && fault.why.contains(why), "{fault:?}");
    }
    for (table, exposed, code) in
        [("everybody", enabled, Code::PgRelationKind), ("Secret", ("hash", "is null", ""), Code::PgAuth)]
    {
        let refused = reader.exposed(&measure(table, exposed, None)).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
    }
}
