//! Readers and their rules as tables: what each file is, what it says, and what it comes to.

mod hostile;

use countersign_domain::probe::{Outcome, Unknown};

use super::*;

/// Reads with as much time as there is, and says in words why not.
pub(super) fn read(bytes: &[u8], probe: Option<&str>) -> Result<Reading, String> {
    super::read(bytes, probe, Deadline::after(TIME_MAX)).map_err(|why| why.to_string())
}

fn answer(probe: &str, line: &Line, file: Option<&Attached>) -> crate::Answer {
    super::answer(probe, line, file, Deadline::after(TIME_MAX))
}

const ESLINT: &str = r#"[{"filePath":"/app/a.ts","messages":[{"ruleId":"eqeqeq"}],"errorCount":0,"warningCount":2,
    "fixableErrorCount":0},{"filePath":"/app/b.ts","messages":[],"errorCount":0,"warningCount":1}]"#;
const AUDIT: &str = r#"{"auditReportVersion":2,"vulnerabilities":{"lodash":{"severity":"high","via":[]}},
    "metadata":{"vulnerabilities":{"info":0,"low":1,"moderate":2,"high":0,"critical":0,"total":3},"dependencies":{}}}"#;
const CLEAN_AUDIT: &str =
    r#"{"metadata":{"vulnerabilities":{"info":0,"low":1,"moderate":2,"high":0,"critical":0,"total":3}}}"#;
const OUTDATED: &str = r#"{"stripe":{"current":"15.1.0","wanted":"15.9.0","latest":"19.0.0","location":"node_modules/stripe"},
    "zod":[{"current":"3.1.0","wanted":"3.9.0","latest":"3.9.0"}],"left":{"wanted":"1.0.0","latest":"2.0.0"}}"#;
const ZAP: &str = r#"{"@programName":"ZAP","@version":"2.15.0","created":"2026-11-20T03:00:00Z","site":[{"@name":"https://a.example",
    "alerts":[{"name":"SQL Injection","riskcode":"3","confidence":"2","cweid":"89"},
    {"name":"XSS (Reflected)","riskcode":"3","confidence":"0","cweid":"79"},
    {"name":"Headers","riskcode":"1","confidence":"2","cweid":"693"}]}]}"#;
const GITHUB: &str = r#"{"id":1,"status":"completed","conclusion":"success","head_sha":"4f2a91c0de","name":"build",
    "url":"https://api.example/1","html_url":"https://ci.example/1","completed_at":"2026-11-20T03:00:00Z"}"#;
const GITLAB: &str = r#"{"status":"failed","commit":{"id":"4f2a91c0de","title":"x"},"web_url":"https://ci.example/2"}"#;
const RESTORE: &str = "# countersign-backup: kind=restore at=2026-11-20T03:00:00Z size=41234567 rows=120345 result=ok\npg_restore: done\n";
const ENV: &str = r#"{"countersign_env":"1","at":"2026-11-20T03:00:00Z","release":"v2","salt":"x","names":
    {"STRIPE_SECRET_KEY":"set:9f86d081884c7d65","OLD_FLAG":"unset","NODE_ENV":"set"}}"#;

fn kind(text: &str) -> Kind {
    read(text.as_bytes(), None).unwrap().kind
}

fn says(text: &str) -> String {
    read(text.as_bytes(), None).unwrap().says()
}

/// What a check says of a file of its release.
fn outcome(probe: &str, label: &str, text: &str) -> (Outcome, String) {
    under(probe, label, text, Meant::default())
}

/// The same of a load that somebody meant.
fn under(probe: &str, label: &str, text: &str, meant: Meant) -> (Outcome, String) {
    let line = Line {
        label: label.to_owned(),
        release: "v2".to_owned(),
        window_from: Some("2026-11-20T00:00:00Z".parse().unwrap()),
    };
    let file = Attached {
        name: "f".to_owned(),
        sha256: "00".to_owned(),
        release: Some("v2".to_owned()),
        meant,
        content: Some(text.as_bytes().to_vec()),
        beside: None,
    };
    let verdict = answer(probe, &line, Some(&file)).verdict;
    (verdict.outcome, verdict.found)
}

#[test]
fn each_kind_is_recognised_and_says_its_figures() {
    for (text, wanted, figures) in [
        (ESLINT, Kind::Eslint, "2 files, 0 errors, 3 warnings"),
        (AUDIT, Kind::NpmAudit, "0 critical, 1 high, 2 moderate, 1 low, 0 info"),
        (OUTDATED, Kind::NpmOutdated, "3 packages behind, 1 a major version behind"),
        (ZAP, Kind::Zap, "1 high, 0 medium, 1 low, 0 informational, 1 marked as false"),
        (GITHUB, Kind::CiJob, "job build, status success, at https://ci.example/1"),
        (GITLAB, Kind::CiJob, "status failed, at https://ci.example/2"),
        (RESTORE, Kind::Backup, "shows a restore, 41234567 bytes, result ok, 120345 rows"),
        (ENV, Kind::EnvManifest, "3 names, 2 set, 1 unset, not set: OLD_FLAG"),
        ("src/a.ts(1,2): error TS2322: x\nsrc/b.ts(1,2): error TS1: y\n", Kind::Tsc, "2 errors"),
        ("\u{feff}# countersign-tsc: exit=0 commit=4f2a91c\n", Kind::Tsc, "0 errors, exit code is 0"),
        (r#"{"tool":"tsc","errors":4,"exit":2}"#, Kind::Tsc, "4 errors, exit code is 2"),
        ("a.ts(1,1): error TS1: x", Kind::Tsc, "1 error"),
        ("Found 12 errors in 3 files.\n", Kind::Tsc, "12 errors"),
        ("all tests passed", Kind::Document, ""),
    ] {
        assert_eq!((kind(text), says(text).as_str()), (wanted, figures), "{text}");
    }
}

#[test]
fn a_file_says_what_it_is_about() {
    let claim = |text: &str| read(text.as_bytes(), None).unwrap().claim;
    let at = "2026-11-20T03:00:00Z".parse().ok();
    assert_eq!(claim(GITHUB), Claim { commit: Some("4f2a91c0de".to_owned()), release: None, made_at: at });
    assert_eq!(claim(GITLAB).commit.as_deref(), Some("4f2a91c0de"));
    assert_eq!(claim(ENV), Claim { commit: None, release: Some("v2".to_owned()), made_at: at });
    for release in ["DevFlowHub-Billing-Rollout-2026-11-20", "jane@example.com/v2"] {
        let named = ENV.replace(r#""release":"v2""#, &format!(r#""release":" {release}\n""#));
        assert_eq!(claim(&named).release.as_deref(), Some(release), "it is compared as it is");
    }
    assert_eq!(claim(RESTORE).made_at, at);
    assert_eq!(claim(ESLINT), Claim::default());
}

#[test]
fn what_is_hostile_or_unknown_is_a_document() {
    let utf16: Vec<u8> = ESLINT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut huge = vec![b' '; READ_BYTES_MAX];
    huge.extend_from_slice(ESLINT.as_bytes());
    let files: [&[u8]; 10] = [
        &utf16,
        &huge,
        b"PK\x03\x04\x14\x00\x00\x00",
        b"\xff\xfe\x00",
        b"{}",
        b"[]",
        b"[1,2]",
        br#"{"status":"ok"}"#,
        br#"{"metadata":{"vulnerabilities":{"high":-1}}}"#,
        br#"[{"filePath":"a","messages":[],"errorCount":0,"errorCount":0,"warningCount":0}]"#,
    ];
    for file in files {
        let read = read(file, None).unwrap();
        assert_eq!((read.kind, read.says()), (Kind::Document, String::new()), "{:?}", &file[..file.len().min(40)]);
    }
}

#[test]
fn an_empty_report_is_one_only_where_it_is_expected() {
    let kind = |text: &str, probe| read(text.as_bytes(), Some(probe)).unwrap().kind;
    assert_eq!(kind("{}", "evidence.npm_outdated"), Kind::NpmOutdated);
    assert_eq!(kind("{}", "evidence.npm_audit"), Kind::Document);
    assert_eq!(kind("[]", "evidence.eslint"), Kind::Eslint);
}

#[test]
fn a_file_of_ours_that_is_not_of_its_form_is_refused_and_a_value_is_not_repeated() {
    let refused = |text: &str| read(text.as_bytes(), None).unwrap_err();
    assert!(refused("# countersign-backup: kind=restore at=x size=1 result=ok").contains("`x`"));
    assert!(refused("# countersign-backup: kind=restore size=1").contains("missing field"));
    assert!(refused("# countersign-backup: kind=a kind=b").contains("twice"));
    assert!(refused("# countersign-tsc: exit").contains("name=value"));
    let value = r#"{"countersign_env":"1","names":{"STRIPE_SECRET_KEY":"sk_live_51Habc123DEF"}}"#;
    assert!(refused(value).contains("STRIPE_SECRET_KEY") && !refused(value).contains("51Habc"), "{}", refused(value));
    assert!(refused(r#"{"countersign_env":"2","names":{}}"#).contains("form"));
}

#[test]
fn each_rule_decides_by_the_figures() {
    let injection = "SQL injection prevention verified";
    let previous = "size=100 previous=120 sha256=ab result=ok";
    let made = |at: &str, more: &str| format!("# countersign-backup: kind=backup at=2026-11-{at}T03:00:00Z {more}");
    let unknown = Outcome::Unknown(Unknown::InsufficientData);
    let file = |errors: u32, more: &str| {
        format!(r#"[{{"filePath":"a","messages":[],"errorCount":{errors},"warningCount":0{more}}}]"#)
    };
    let cases: Vec<(&str, &str, String, Outcome)> = vec![
        ("evidence.eslint", "", ESLINT.to_owned(), Outcome::Pass),
        ("evidence.eslint", "", file(1, ""), Outcome::Fail),
        ("evidence.eslint", "", file(0, r#","output":"x""#), Outcome::Warn),
        ("evidence.eslint", "", "[]".to_owned(), Outcome::Fail),
        ("evidence.eslint", "", CLEAN_AUDIT.to_owned(), unknown),
        ("evidence.tsc", "", "# countersign-tsc: exit=0\n".to_owned(), Outcome::Pass),
        ("evidence.tsc", "", "# countersign-tsc: exit=2\n".to_owned(), Outcome::Fail),
        ("evidence.tsc", "", "a.ts(1,1): error TS1: x".to_owned(), Outcome::Fail),
        ("evidence.tsc", "", "Found 0 errors. Watching".to_owned(), Outcome::Warn),
        ("evidence.npm_audit", "", CLEAN_AUDIT.to_owned(), Outcome::Pass),
        ("evidence.npm_audit", "", AUDIT.to_owned(), Outcome::Fail),
        ("evidence.npm_outdated", "", "{}".to_owned(), Outcome::Pass),
        ("evidence.npm_outdated", "", OUTDATED.to_owned(), Outcome::Warn),
        ("evidence.sast", injection, ZAP.to_owned(), Outcome::Fail),
        ("evidence.sast", "XSS protection verified", ZAP.to_owned(), Outcome::Warn),
        ("evidence.sast", "Scanned", ZAP.to_owned(), Outcome::Fail),
        ("evidence.sast", injection, ZAP.replace("\"89\"", "\"693\""), Outcome::Pass),
        ("evidence.sast", injection, r#"{"@version":"2","site":[]}"#.to_owned(), unknown),
        ("evidence.build", "", GITHUB.to_owned(), Outcome::Pass),
        ("evidence.build", "", GITLAB.to_owned(), Outcome::Fail),
        ("evidence.build", "", GITHUB.replace("success", "cancelled"), unknown),
        ("evidence.build", "", GITHUB.replace("\"id\":1", "\"exit_code\":1"), Outcome::Fail),
        ("evidence.backup_restore", "Backup systems tested", RESTORE.to_owned(), Outcome::Pass),
        ("evidence.backup_restore", "Backup restored", RESTORE.replace("result=ok", "result=error"), Outcome::Fail),
        ("evidence.backup_restore", "Backup restored", RESTORE.replace("rows=120345 ", ""), Outcome::Warn),
        ("evidence.backup_restore", "Backup restored", made("20", previous), unknown),
        ("evidence.backup_restore", "Backup current database", RESTORE.to_owned(), unknown),
        ("evidence.backup_restore", "Backup current database", made("20", previous), Outcome::Pass),
        ("evidence.backup_restore", "Backup current database", made("19", previous), Outcome::Fail),
        ("evidence.backup_restore", "Backup current database", made("20", "size=100 result=ok"), Outcome::Warn),
        (
            "evidence.backup_restore",
            "Backup current database",
            made("20", "size=100 previous=300 sha256=ab result=ok"),
            Outcome::Fail,
        ),
    ];
    for (probe, label, text, wanted) in cases {
        let (outcome, found) = outcome(probe, label, &text);
        assert_eq!(outcome, wanted, "{probe} {label}: {text}: {found}");
    }
}

#[test]
fn without_a_file_of_its_release_nothing_is_decided() {
    let line = Line { label: String::new(), release: "v2".to_owned(), window_from: None };
    let file = |release: Option<&str>, content: Option<&str>| Attached {
        name: "lint.json".to_owned(),
        sha256: "00".to_owned(),
        release: release.map(str::to_owned),
        meant: Meant::default(),
        beside: None,
        content: content.map(|text| text.as_bytes().to_vec()),
    };
    let said = |file: Option<&Attached>| answer("evidence.eslint", &line, file).verdict;
    let little = Outcome::Unknown(Unknown::InsufficientData);
    assert_eq!(said(None).outcome, little);
    assert_eq!(said(None).found, "No ESLint report is attached to a line of this run.");
    let other = said(Some(&file(Some("v1"), Some(ESLINT))));
    assert_eq!((other.outcome, other.found.as_str()), (little, "lint.json is about release v1, this run about v2."));
    assert_eq!(said(Some(&file(None, Some(ESLINT)))).outcome, little);
    assert_eq!(said(Some(&file(Some("v2"), None))).outcome, Outcome::Unknown(Unknown::Unreachable));
    assert_eq!(said(Some(&file(Some("v2"), Some(ESLINT)))).outcome, Outcome::Pass);
    assert_eq!(
        answer("evidence.migration_staging", &line, None).verdict.outcome,
        Outcome::Unknown(Unknown::NotSupported)
    );
}

#[test]
fn a_log_is_read_where_one_is_asked_for_and_only_its_levels_count() {
    const LOG: &str = "2026-11-20T03:00:00Z INFO started, 0 errors so far\n2026-11-20T03:05:00Z WARN slow\n\n\
        2026-11-20 04:00:00,120+00:00 INFO no error in sight\n";
    assert_eq!(kind(LOG), Kind::Document, "any text could be a log");
    let read = |text: &str| read(text.as_bytes(), Some("evidence.log_extract")).unwrap();
    let found = read(LOG);
    let wanted = "3 lines, 0 fatal, 0 errors, 1 warning, secrets none seen, \
        from 2026-11-20T03:00:00Z, to 2026-11-20 04:00:00,120+00:00";
    assert_eq!((found.kind, found.says().as_str()), (Kind::LogExtract, wanted));
    assert_eq!(found.claim.made_at, Some("2026-11-20T04:00:00.120Z".parse().unwrap()));
    assert_eq!(read("a shopping list").kind, Kind::Document);
    for (text, wanted) in [
        (LOG, Outcome::Pass),
        ("{\"level\":30,\"time\":1}\n{\"level\":50,\"msg\":\"x\"}\n", Outcome::Warn),
        ("2026/11/20 03:00:00 [error] 12#0: upstream\n", Outcome::Warn),
        ("at 2026-11-20T03:00:00Z level=fatal msg=out\n", Outcome::Fail),
        ("2026-11-20T03:00:00Z INFO key sk_live_51Habc123DEF\n", Outcome::Fail),
    ] {
        let (outcome, found) = outcome("evidence.log_extract", "Check application logs", text);
        assert_eq!(outcome, wanted, "{text}: {found}");
        assert!(!found.contains("51H"), "{found}");
    }
}

const JUNIT: &str = r#"<?xml version="1.0"?><testsuites><testsuite name="billing.service" file="src/billing.service.test.ts">
    <testcase name="charges once" classname="a"/><testcase name="refunds &amp; notes"><skipped/></testcase></testsuite>
    <testsuite name="handlers"><testcase name="create-subscription"><failure message="x">&lt;at&gt;</failure></testcase>
    </testsuite></testsuites>"#;
const JEST: &str = r#"{"numTotalTests":1,"success":false,"testResults":[
    {"name":"/app/billing.test.ts","status":"passed","assertionResults":[{"title":"a","fullName":"b a","status":"passed"}]},
    {"name":"/app/tax.test.ts","status":"failed","assertionResults":[]}]}"#;
const SCENARIOS: &str = r#"<testsuite name="errors"><testcase name="a declined card is told"/>
    <testcase name="a bad signature is refused"/><testcase name="asks for authentication"/></testsuite>"#;
const LCOV: &str =
    "TN:\nSF:a.ts\nFNF:2\nFNH:1\nLF:500\nLH:400\nBRF:4\nBRH:1\nend_of_record\nSF:b.ts\nLF:500\nLH:401\nend_of_record\n";
const SUMMARY: &str = r#"{"total":{"lines":{"total":10,"covered":8,"skipped":0,"pct":80},
    "statements":{"total":10,"covered":8},"functions":{"total":2,"covered":1},"branches":{"total":0,"covered":0}}}"#;
const K6: &str = r#"{"metrics":{"http_req_duration":{"med":80,"p(95)":180.5,"p(99)":300},"http_reqs":{"count":9000,"rate":150},
    "http_req_failed":{"value":0.0005},"vus":{"value":1,"max":200},"vus_max":{"value":500}}}"#;
const K6_SLOW: &str =
    r#"{"metrics":{"http_req_duration":{"values":{"med":80,"p(95)":200}},"http_req_failed":{"values":{"rate":0}}}}"#;
const ARTILLERY: &str = r#"{"aggregate":{"counters":{"http.requests":1000,"http.responses":1000,"http.codes.200":990,
    "http.codes.500":10,"vusers.created":50},"rates":{"http.request_rate":20},
    "summaries":{"http.response_time":{"p50":10,"p95":90,"p99":120}}}}"#;
const AUTOCANNON: &str = r#"{"connections":10,"errors":0,"non2xx":0,"requests":{"total":5000,"average":500},
    "latency":{"p50":5,"p97_5":12,"p99":20}}"#;
const SARIF: &str = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[
    {"id":"js/sql","properties":{"tags":["security","external/cwe/cwe-089"]}}]}},
    "results":[{"ruleId":"js/sql","level":"error","message":{"text":"t"}},
    {"ruleId":"js/old","message":{"text":"t"},"suppressions":[{"kind":"inSource"}]},
    {"ruleId":"js/style","level":"note","message":{"text":"t"}}]}]}"#;

#[test]
fn reports_of_tests_coverage_load_and_analysers_are_recognised() {
    for (text, wanted, figures) in [
        (JUNIT, Kind::Tests, "3 tests, 1 failed, 1 skipped"),
        (JEST, Kind::Tests, "1 test, 0 failed, 0 skipped, 1 file not loaded"),
        (LCOV, Kind::Coverage, "of the lines 80.10 %, of the branches 25.00 %, of the functions 50.00 %"),
        (SUMMARY, Kind::Coverage, "of the lines 80.00 %, of the functions 50.00 %"),
        (
            K6,
            Kind::LoadTest,
            "9000 requests, at 150.00 per second, 200 users, failed 0.05 %, p50 80.00 ms, p95 180.50 ms, p99 300.00 ms",
        ),
        (
            AUTOCANNON,
            Kind::LoadTest,
            "5000 requests, at 500.00 per second, 10 users, failed 0.00 %, p50 5.00 ms, p95 12.00 ms, p99 20.00 ms",
        ),
        (SARIF, Kind::Zap, "1 high, 0 medium, 1 low, 0 informational, 1 marked as false"),
    ] {
        assert_eq!((kind(text), says(text).as_str()), (wanted, figures));
    }
    let bomb = JUNIT.replace("<testsuites>", "<!DOCTYPE x [<!ENTITY a \"b\">]><testsuites>");
    assert!(read(bomb.as_bytes(), None).unwrap_err().contains("document type"));
    assert!(read(b"<testsuite", None).is_err());
}

#[test]
fn each_line_asks_its_own_of_a_report() {
    let unknown = Outcome::Unknown(Unknown::InsufficientData);
    for (probe, label, text, wanted) in [
        ("evidence.junit", "All tests pass", JUNIT, Outcome::Fail),
        ("evidence.junit", "All service tests pass", JUNIT, Outcome::Pass),
        ("evidence.junit", "All handler tests pass", JUNIT, Outcome::Fail),
        ("evidence.junit", "Controller tests pass", JUNIT, unknown),
        ("evidence.junit", "Unit tests passing (billing.test.ts)", JEST, Outcome::Pass),
        ("evidence.junit", "All tests pass", JEST, Outcome::Fail),
        ("evidence.junit", "All tests pass", "<testsuites><testsuite name=\"a\"/></testsuites>", Outcome::Fail),
        ("evidence.junit", "Error scenarios tested", SCENARIOS, Outcome::Warn),
        ("evidence.coverage", "Code coverage meets requirements (>80%)", LCOV, Outcome::Pass),
        ("evidence.coverage", "Code coverage meets requirements (>80%)", SUMMARY, Outcome::Fail),
        ("evidence.coverage", "Coverage above 70 %", SUMMARY, Outcome::Pass),
        ("evidence.load_test", "Load testing completed", K6, Outcome::Warn),
        ("evidence.load_test", "Load testing completed", K6_SLOW, Outcome::Fail),
        ("evidence.load_test", "Load testing completed", ARTILLERY, Outcome::Fail),
        ("evidence.load_test", "Concurrent user load tested", K6, Outcome::Warn),
        ("evidence.load_test", "Peak transaction volume tested", AUTOCANNON, Outcome::Warn),
        ("evidence.load_test", "API response times measured", K6, Outcome::Warn),
        ("evidence.load_test", "API response times measured", K6_SLOW, unknown),
        ("evidence.load_test", "RabbitMQ throughput tested", K6, unknown),
        ("evidence.sast", "SQL injection prevention verified", SARIF, Outcome::Fail),
        ("evidence.sast", "XSS protection verified", SARIF, Outcome::Warn),
    ] {
        let (outcome, found) = outcome(probe, label, text);
        assert_eq!(outcome, wanted, "{label}: {found}");
    }
}

const K6_ROUTES: &str = r#"{"metrics": {"http_reqs": {"count": 5000, "rate": 50.02}, "vus": {"max": 200}, "vus_max": {"value": 500},
    "http_req_failed": {"value": 0.0},
    "http_req_duration": {"med": 40.0, "p(95)": 120.0, "p(99)": 180.0},
    "http_req_duration{expected_response:true}": {"med": 40.0, "p(95)": 120.0},
    "http_req_duration{name:GET /plans}": {"med": 20.0, "p(95)": 60.0, "p(99)": 90.0},
    "http_req_duration{name:POST /checkout?token=sk_live_1}": {"med": 70.0, "p(95)": 150.0, "p(99)": 190.0}}}"#;

const JMETER: &str = r#"{"Total": {"transaction": "Total", "sampleCount": 9000, "errorCount": 2, "errorPct": 0.022,
    "meanResTime": 55.0, "medianResTime": 50.0, "minResTime": 3.0, "maxResTime": 800.0, "pct1ResTime": 90.0,
    "pct2ResTime": 130.0, "pct3ResTime": 190.0, "throughput": 149.6},
    "GET /plans": {"transaction": "GET /plans", "sampleCount": 9000, "errorCount": 2, "errorPct": 0.022,
    "meanResTime": 55.0, "medianResTime": 50.0, "minResTime": 3.0, "maxResTime": 800.0, "pct1ResTime": 90.0,
    "pct2ResTime": 130.0, "pct3ResTime": 190.0, "throughput": 149.6}}"#;

#[test]
fn a_load_is_held_against_the_one_that_was_meant() {
    let unknown = Outcome::Unknown(Unknown::InsufficientData);
    let meant = |users: u32, per_second: u32| Meant {
        users: (users > 0).then_some(users),
        per_second: (per_second > 0).then_some(per_second),
    };
    for (label, text, load, wanted) in [
        ("Concurrent user load tested", K6_ROUTES, meant(200, 0), Outcome::Pass),
        ("Concurrent user load tested", K6_ROUTES, meant(201, 0), Outcome::Fail),
        ("Concurrent user load tested", K6_ROUTES, meant(0, 50), Outcome::Warn),
        ("Concurrent user load tested", JMETER, meant(200, 0), unknown),
        ("Peak transaction volume tested", K6_ROUTES, meant(0, 50), Outcome::Pass),
        ("Peak transaction volume tested", JMETER, meant(0, 150), Outcome::Pass),
        ("Peak transaction volume tested", JMETER, meant(0, 151), Outcome::Fail),
        ("Load testing completed", K6_ROUTES, meant(200, 50), Outcome::Pass),
        ("Load testing completed", K6_ROUTES, meant(200, 51), Outcome::Fail),
        ("Load testing completed", JMETER, meant(200, 0), unknown),
        ("Load testing completed", JMETER, meant(0, 100), Outcome::Pass),
        ("Load testing completed", K6_SLOW, meant(1, 0), Outcome::Fail),
        ("API response times measured", K6_ROUTES, meant(0, 0), Outcome::Pass),
        ("API response times measured", JMETER, meant(0, 0), Outcome::Pass),
        ("RabbitMQ throughput tested", K6_ROUTES, meant(1, 1), unknown),
    ] {
        let (outcome, found) = under("evidence.load_test", label, text, load);
        assert_eq!(outcome, wanted, "{label} {load:?}: {found}");
    }
    assert_eq!(
        says(JMETER),
        "9000 requests, at 149.60 per second, failed 0.02 %, p50 50.00 ms, p95 130.00 ms, p99 190.00 ms, 1 route"
    );
    let (_, found) = outcome("evidence.load_test", "API response times measured", K6_ROUTES);
    assert!(
        found.contains("2 routes. GET /plans: p50 20.0 ms, p95 60.0 ms, p99 90.0 ms; POST /checkout: p50"),
        "{found}"
    );
    assert!(!found.contains("sk_live"), "{found}");
}

const OPENAPI: &str = r#"{"openapi": "3.1.0", "info": {"title": "x"}, "paths": {
    "/api/plans": {"get": {}, "parameters": []}, "/api/plans/{id}": {"get": {}, "delete": {}}}}"#;
const ROUTED: &str = r#"<testsuite name="api e2e"><testcase name="GET /api/plans lists them"/>
    <testcase name="GET /api/plans/:id gives one"/></testsuite>"#;

#[test]
fn routes_without_a_test_are_named() {
    assert_eq!(says(OPENAPI), "3 routes, OpenAPI 3.1.0");
    let line = Line { label: "API endpoints tested".to_owned(), release: "v2".to_owned(), window_from: None };
    let file = |beside: Option<&str>| Attached {
        name: "f".to_owned(),
        sha256: "00".to_owned(),
        release: Some("v2".to_owned()),
        meant: Meant::default(),
        content: Some(ROUTED.as_bytes().to_vec()),
        beside: beside.map(|text| text.as_bytes().to_vec()),
    };
    let said = |beside| answer("evidence.junit", &line, Some(&file(beside))).verdict;
    assert_eq!(said(None).outcome, Outcome::Warn);
    assert!(said(None).found.contains("Which routes there are, no file says"), "{}", said(None).found);
    let some = said(Some(OPENAPI));
    assert_eq!(
        (some.outcome, some.found.as_str()),
        (Outcome::Warn, "2 tests passed; 1 of 3 routes have none: DELETE /api/plans/{id}.")
    );
    let all = said(Some(&OPENAPI.replace(", \"delete\": {}", "")));
    assert_eq!((all.outcome, all.found.as_str()), (Outcome::Pass, "2 tests passed; each of 2 routes has one."));
}
