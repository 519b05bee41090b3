//! A PostgreSQL server cannot be written through the reader, whoever it logs in as.
//!
//! The database is full of traps, the server logs every statement, and the proof is the server's own: the same dump,
//! the same counters, and not one transaction id given out.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::failure::Code;
use countersign_sources::billing_db::{
    BillingReader, PageRequest, PostgresReader, SchemaName, Severity, Walk, exposure_conditions, recipe, statements,
};
use regex::Regex;

use crate::cluster::{Cluster, DATABASE, SUPERUSER};
use crate::exposure::measure;
use crate::hostile;

const DEVFLOWHUB: SchemaProfile = SchemaProfile::Devflowhub;
const KINDS: [RowKind; 4] =
    [RowKind::BillingCustomer, RowKind::BillingSubscription, RowKind::BillingInvoice, RowKind::BillingEvent];
/// The role the recipe makes.
const READER: &str = "countersign_reader";

/// Everything by which a server tells that something was done to it.
struct State {
    dump: String,
    counters: String,
    files: BTreeSet<String>,
}

impl State {
    fn of(cluster: &Cluster) -> Self {
        // The dump first: it resets nothing, but its session has to be gone before the counters are read.
        let dump = cluster.dump();
        let counters = cluster.ask(
            "SELECT 'next transaction id', pg_snapshot_xmax(pg_current_snapshot())::text
             UNION ALL SELECT 'large objects', count(*)::text FROM pg_largeobject_metadata
             UNION ALL SELECT 'slots', count(*)::text FROM pg_replication_slots
             UNION ALL SELECT 'advisory locks', count(*)::text FROM pg_locks WHERE locktype = 'advisory'
             UNION ALL SELECT 'prepared', count(*)::text FROM pg_prepared_xacts
             UNION ALL SELECT 'sprung', coalesce(string_agg(what, ','), '') FROM trap.sprung
             UNION ALL SELECT schemaname || '.' || relname,
                 concat_ws(' ', n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd) FROM pg_stat_user_tables
             ORDER BY 1",
        );
        Self { dump, counters, files: files(&cluster.data(), &cluster.socket()) }
    }

    fn assert_equals(&self, before: &Self, when: &str) {
        assert_eq!(self.counters, before.counters, "{when}");
        assert_eq!(self.files, before.files, "{when}");
        assert!(self.dump == before.dump, "the dump differs {when}");
    }
}

/// The names of the files that a statement could have made: not the log, nor what the server writes for itself.
fn files(data: &Path, beside: &Path) -> BTreeSet<String> {
    let own = ["log", "pg_wal", "pg_stat_tmp", "pg_stat", "base", "global"];
    let mut names = BTreeSet::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() && !own.iter().any(|own| entry.file_name() == **own) {
                folders.push(entry.path());
            }
            names.insert(entry.path().display().to_string());
        }
    }
    names.extend(std::fs::read_dir(beside).unwrap().map(|entry| entry.unwrap().path().display().to_string()));
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_role_can_write_through_the_reader() {
    let cluster = Cluster::start();
    cluster.psql(DATABASE, include_str!("devflowhub.sql"));
    cluster.psql(DATABASE, include_str!("traps.sql"));
    cluster.psql(DATABASE, &recipe(DATABASE, &SchemaName::default(), DEVFLOWHUB));
    the_traps_work(&cluster);
    let before = State::of(&cluster);
    let logged_before = cluster.logged(0).len();

    let watch = Watch::over(&cluster).await;
    for role in [SUPERUSER, "owner", "writer", READER] {
        audit_tells_what_a_role_may_do(&cluster, role).await;
        everything(&cluster.reader(role, "", true)).await;
        trapped_schemas_are_refused(&cluster, role).await;
        State::of(&cluster).assert_equals(&before, &format!("as {role}"));
    }
    hostile::names_and_fields_are_refused(&cluster).await;
    State::of(&cluster).assert_equals(&before, "after hostile names");
    watch.ends_well().await;
    every_statement_is_one_of_ours(&cluster, logged_before);
}

/// A trap that cannot go off proves nothing: so each way of writing is tried once by hand, and undone.
fn the_traps_work(cluster: &Cluster) {
    for (sql, what) in [
        (r#"BEGIN READ ONLY; SELECT * FROM a_view."Invoice" LIMIT 1"#, "view"),
        (r#"BEGIN READ ONLY; SET ROLE writer; SELECT * FROM a_policy."Invoice" LIMIT 1"#, "policy"),
        (r#"BEGIN READ ONLY; SELECT concat("plan") FROM "User" LIMIT 1"#, "concat"),
        (r#"BEGIN READ ONLY; SELECT "plan"::text FROM "User" LIMIT 1"#, "cast"),
        (r#"BEGIN READ ONLY; SELECT FROM "User" WHERE "id" > 'a' LIMIT 1"#, "operator"),
    ] {
        // The row went in by a connection of its own, so it is there after the session ends without a commit.
        cluster.psql(DATABASE, &format!("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA trap TO PUBLIC; {sql}"));
        assert_eq!(cluster.ask("SELECT DISTINCT what FROM trap.sprung"), what);
        cluster.ask("DELETE FROM trap.sprung");
    }
}

/// Every method of the reader, and every kind of row in every way it can be asked for.
async fn everything(reader: &PostgresReader) {
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    reader.identity().await.unwrap();
    reader.standing(&move || now).await.unwrap();
    reader.tables().await.unwrap();
    assert_eq!(reader.signs().await.unwrap().unwrap().invalid, Vec::<String>::new());
    assert_eq!(reader.detect().await.unwrap().choose(None).unwrap(), DEVFLOWHUB);
    let mut seen = Vec::new();
    for kind in KINDS {
        let count = reader.count(DEVFLOWHUB, kind).await.unwrap();
        let mut walk = Walk::new(reader, DEVFLOWHUB, kind);
        let mut rows = 0;
        while let Some(page) = walk.next().await.unwrap() {
            rows += page.len();
        }
        assert_eq!(u64::try_from(rows).unwrap(), count);
        seen.push(rows);
        let request = PageRequest { kind, after: Some("a"), changed_since: Some(now) };
        reader.page(DEVFLOWHUB, request).await.unwrap();
        let ids = ["cus_1", "sub_1", "in_1", "evt_1"];
        assert_eq!(reader.rows_by_stripe_id(DEVFLOWHUB, kind, &ids).await.unwrap().len(), 1);
    }
    assert_eq!(seen, [20, 10, 15, 2500]);
    for (table, rule, expected) in [
        ("Invoice", ("status", "=", "paid"), 15),
        ("Invoice", ("status", "!=", "paid"), 0),
        ("Invoice", ("amountDue", ">", "2900"), 0),
        ("Invoice", ("amountDue", ">=", "2900"), 15),
        ("Invoice", ("amountDue", "<", "2900.5"), 15),
        ("Invoice", ("createdAt", "<=", "2026-01-01"), 15),
        ("Subscription", ("canceledAt", "is null", ""), 9),
        ("Subscription", ("canceledAt", "is not null", ""), 1),
        ("Subscription", ("cancelAtPeriodEnd", "is true", ""), 1),
        ("Subscription", ("cancelAtPeriodEnd", "is false", ""), 9),
        ("User", ("plan", "=", "PRO"), 10),
        ("User", ("plan", "!=", "PRO"), 20),
    ] {
        let both = measure(table, rule, Some(rule));
        let counted = reader.exposed(&both).await.unwrap();
        assert_eq!((counted.exposed, counted.eligible), (expected, expected), "{both}");
        assert_eq!(reader.exposed(&measure(table, rule, None)).await.unwrap().exposed, expected);
    }
}

async fn audit_tells_what_a_role_may_do(cluster: &Cluster, role: &str) {
    let findings = cluster.reader(role, "", false).audit_role().await.unwrap();
    let of =
        |severity| findings.iter().filter(move |f| f.severity == severity).map(|f| (f.kind.as_str(), f.what.as_str()));
    let (denied, writable): (Vec<_>, Vec<_>) = (of(Severity::Deny).collect(), of(Severity::Write).collect());
    let attempt = cluster.reader(role, "", false).tables().await;
    match role {
        SUPERUSER => {
            assert!(denied.contains(&("role_attribute", "su is superuser")), "{denied:?}");
            assert_eq!(attempt.unwrap_err().code(), Code::PgRoleTooPowerful);
        }
        "owner" => {
            assert!(writable.contains(&("relation_owner", r#"public."Invoice""#)), "{writable:?}");
            assert!(denied.is_empty() && attempt.is_ok());
        }
        "writer" => {
            assert_eq!(writable, [("relation_write", r#"public."Invoice""#)]);
            assert!(denied.is_empty() && attempt.is_ok());
        }
        _ => assert!(denied.is_empty() && writable.is_empty() && attempt.is_ok(), "{findings:?}"),
    }
    assert!(findings.iter().map(|finding| finding.severity).is_sorted(), "the worst first");
    assert!(role == SUPERUSER || findings.iter().any(|finding| finding.what == "dblink"), "{findings:?}");
}

async fn trapped_schemas_are_refused(cluster: &Cluster, role: &str) {
    for (schema, expected) in [
        ("a_view", Code::PgRelationKind),
        ("a_partition", Code::PgRelationKind),
        ("a_domain", Code::PgSchemaUnknown),
        // Whoever is not above its policies is told so; nobody gets fewer rows without a word.
        ("a_policy", Code::PgAuth),
    ] {
        let reader = cluster.reader(role, schema, true);
        let refused = reader.count(DEVFLOWHUB, RowKind::BillingInvoice).await;
        match refused {
            Ok(rows) => assert_eq!((schema, role, rows), ("a_policy", SUPERUSER, 15)),
            Err(_) if role == READER || role == "owner" => {}
            Err(refused) => assert_eq!(refused.code(), expected, "{schema} as {role}: {refused}"),
        }
        let request = PageRequest { kind: RowKind::BillingInvoice, after: None, changed_since: None };
        let page = reader.page(DEVFLOWHUB, request).await;
        assert!(page.is_err() || (schema, role) == ("a_policy", SUPERUSER));
    }
}

/// Every statement the server saw from us is, word for word, one of the folder's, by the extended protocol.
fn every_statement_is_one_of_ours(cluster: &Cluster, skip: usize) {
    let room = Regex::new(r"\{(\w+)\}").unwrap();
    let conditions: Vec<Regex> =
        exposure_conditions().iter().map(|text| Regex::new(&condition(text)).unwrap()).collect();
    let ours: Vec<Regex> = statements()
        .map(|text| {
            let schemas = "public|a_view|a_policy|a_partition|a_domain";
            let tables = "User|StripeCustomer|Subscription|Invoice|BillingEvent";
            let table = format!(r#"({schemas})\."({tables})""#);
            let (mut pattern, mut end) = ("^execute <unnamed>: ".to_owned(), 0);
            for found in room.find_iter(text) {
                pattern.push_str(&regex::escape(&text[end..found.start()]));
                pattern.push_str(&match found.as_str() {
                    "{exposed}" | "{eligible}" => {
                        let all: Vec<String> = exposure_conditions().iter().map(|text| condition(text)).collect();
                        format!("(TRUE|{})", all.join("|"))
                    }
                    _ => table.clone(),
                });
                end = found.end();
            }
            Regex::new(&format!("{pattern}{}$", regex::escape(&text[end..]))).unwrap()
        })
        .collect();
    let (mut used, mut compared) = (BTreeSet::new(), BTreeSet::new());
    let mut total = 0;
    for line in cluster.logged(skip).iter().filter(|line| line.application.starts_with("countersign/")) {
        let is_statement = line.message.starts_with("execute ") || line.message.starts_with("statement: ");
        if is_statement {
            let which = ours.iter().position(|ours| ours.is_match(&line.message));
            compared.extend((0..conditions.len()).filter(|at| conditions[*at].is_match(&line.message)));
            used.insert(which.unwrap_or_else(|| panic!("not one of ours: {}", line.message)));
            total += 1;
        }
    }
    let nest = statements().filter(|text| text.contains("billing_users")).count();
    assert_eq!(used.len(), ours.len() - nest, "every statement but the other profiles' was seen");
    assert_eq!(compared.len(), conditions.len(), "every way of comparing was seen");
    assert!(total > 1_000, "{total}");
}

/// Makes a pattern of a condition: any name in the room of the column, either parameter in that of the value.
fn condition(text: &str) -> String {
    regex::escape(text).replace(r"\{column\}", r#""?\w+"?"#).replace(r"\{value\}", r"\$[12]")
}

/// Looks over the server's shoulder while the reader works: how many connections, which locks.
struct Watch {
    is_over: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<(i64, BTreeSet<String>)>,
}

impl Watch {
    async fn over(cluster: &Cluster) -> Self {
        let (is_over, client) = (Arc::new(AtomicBool::new(false)), cluster.somebody().await);
        let ended = Arc::clone(&is_over);
        let task = tokio::spawn(async move {
            let (mut connections_max, mut locks) = (0, BTreeSet::new());
            while !ended.load(Ordering::Relaxed) {
                // While a connection starts, the server itself holds its database, so that nobody drops it meanwhile.
                let seen = client
                    .query_one(
                        "SELECT count(DISTINCT a.pid),
                                array_remove(array_agg(DISTINCT l.mode || ' on ' || l.locktype), NULL)
                         FROM pg_stat_activity AS a
                         LEFT JOIN pg_locks AS l ON l.pid = a.pid AND l.locktype <> 'virtualxid'
                             AND NOT (l.locktype = 'object' AND l.classid = 'pg_database'::regclass)
                         WHERE a.application_name LIKE 'countersign/%'",
                        &[],
                    )
                    .await
                    .unwrap();
                connections_max = connections_max.max(seen.try_get(0).unwrap());
                locks.extend(seen.try_get::<_, Option<Vec<String>>>(1).unwrap().unwrap_or_default());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            (connections_max, locks)
        });
        Self { is_over, task }
    }

    async fn ends_well(self) {
        self.is_over.store(true, Ordering::Relaxed);
        let (connections_max, locks) = self.task.await.unwrap();
        assert!((1..=3).contains(&connections_max), "{connections_max} connections");
        assert_eq!(locks, BTreeSet::from(["AccessShareLock on relation".to_owned()]));
    }
}
