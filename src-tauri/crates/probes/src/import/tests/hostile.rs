//! Files that are cut off, too large, false or full of what nobody may keep.

use super::*;

#[test]
fn what_is_deeper_or_larger_than_any_report_or_takes_too_long_is_refused() {
    let read =
        |text: &str| super::super::read(text.as_bytes(), None, Deadline::after(TIME_MAX)).map(|reading| reading.kind);
    assert_eq!(read(&"[".repeat(200_000)), Err(Refused::TooDeep));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(read(&deep_object), Err(Refused::TooDeep));
    let many = format!(r#"{{"metadata":[{}1]}}"#, "1,".repeat(2_000_000));
    assert!(matches!(read(&many), Err(Refused::TooLarge(why)) if why.contains("2000000 values")));
    let over = Deadline::after(std::time::Duration::ZERO);
    for (text, probe) in [
        (ESLINT, "evidence.eslint"),
        (JUNIT, "evidence.junit"),
        (LCOV, "evidence.coverage"),
        ("Created,Type\n2026-11-13,a\n", "metric.support_tickets"),
        ("2026-11-20T03:00:00Z ERROR a\n", "evidence.log_extract"),
        ("any text", "evidence.tsc"),
    ] {
        assert_eq!(super::super::read(text.as_bytes(), Some(probe), over), Err(Refused::TooSlow), "{probe}");
    }
    let file = Attached {
        name: "f".to_owned(),
        sha256: "00".to_owned(),
        release: Some("v2".to_owned()),
        meant: Meant::default(),
        content: Some(JUNIT.as_bytes().to_vec()),
        beside: None,
    };
    let verdict = super::super::answer("evidence.junit", &Line::default(), Some(&file), over).verdict;
    assert_eq!((verdict.outcome, verdict.fix.as_str()), (Outcome::Unknown(Unknown::Timeout), "Attach a smaller file."));
}

#[test]
fn a_report_that_is_cut_off_proves_nothing() {
    let (last, _) = JUNIT.rsplit_once("<failure").unwrap();
    for cut in [last, &JUNIT[..JUNIT.find("<testsuite name=\"handlers\"").unwrap()]] {
        let (outcome, found) = outcome("evidence.junit", "All tests pass", cut);
        assert_eq!(outcome, Outcome::Unknown(Unknown::InsufficientData), "{cut}");
        assert!(found.contains("cut off") || found.contains("no XML"), "{found}");
    }
    assert!(read(LCOV.rsplit_once("end_of_record").unwrap().0.as_bytes(), None).unwrap_err().contains("cut off"));
    assert!(read(LCOV.replacen("end_of_record\n", "", 1).as_bytes(), None).unwrap_err().contains("before line 9"));
    let named = JUNIT.replace("&amp;", "&nbsp;");
    assert!(read(named.as_bytes(), None).is_err(), "an entity of nobody's");
}

#[test]
fn a_figure_that_cannot_be_one_is_refused() {
    let refused = |text: &str| read(text.as_bytes(), None).map(|reading| reading.says()).unwrap_err();
    for text in [
        K6.replace("\"value\":0.0005", "\"value\":-0.0005"),
        K6.replace("\"med\":80", "\"med\":-80"),
        K6_ROUTES.replace("\"med\": 20.0", "\"med\": -20.0"),
        ARTILLERY.replace("\"http.codes.200\":990", "\"http.codes.200\":-990"),
        AUTOCANNON.replace("\"errors\":0", "\"errors\":-1"),
        AUTOCANNON.replace("\"errors\":0,\"non2xx\":0", "\"errors\":-5,\"non2xx\":5"),
        JMETER.replace("\"errorCount\": 2", "\"errorCount\": -2"),
    ] {
        assert!(refused(&text).contains("below nothing"), "{text}: {}", refused(&text));
    }
    assert!(refused(&K6.replace("\"value\":0.0005", "\"value\":1.5")).contains("150.00 %"));
    assert!(refused(&JMETER.replace("\"errorCount\": 2", "\"errorCount\": 9001")).contains("% of the requests"));
    assert!(refused(&SUMMARY.replace("\"covered\":8", "\"covered\":11")).contains("Of 10 lines it says 11"));
    assert!(refused(&LCOV.replace("LH:401", "LH:501")).contains("Of 500 lines it says 501"));
    assert!(refused(&LCOV.replace("BRH:1", "BRH:-1")).contains("`BRH` in line 8 is no number"));
}

#[test]
fn what_is_shown_of_a_file_holds_no_secret_and_no_person() {
    const CARD: &str = "4242 4242 4242 4242";
    let tests = format!(
        r#"<testsuite><testcase name="charges {CARD} of ana@example.com with sk_live_51Habc123DEF"><failure/></testcase></testsuite>"#
    );
    let scan = ZAP.replace("SQL Injection", &format!("SQL Injection with {CARD}"));
    let job = GITHUB.replace("\"build\"", &format!("\"build for ana@example.com, {CARD}\""));
    let job = job.replace("https://ci.example/1", "https://ci.example/1?token=hunter2&card=1#ana@example.com");
    let backup = RESTORE.replace("result=ok", &format!("result={}", CARD.replace(' ', "-")));
    let header = format!("# countersign-backup: ana@example.com {}", CARD.replace(' ', "-"));
    for (probe, text) in [
        ("evidence.junit", tests.as_str()),
        ("evidence.sast", &scan),
        ("evidence.build", &job),
        ("evidence.backup_restore", &backup),
        ("evidence.backup_restore", &header),
    ] {
        let line = Line { release: "v2".to_owned(), ..Line::default() };
        let file = Attached {
            name: "f".to_owned(),
            sha256: "00".to_owned(),
            release: Some("v2".to_owned()),
            meant: Meant::default(),
            content: Some(text.as_bytes().to_vec()),
            beside: None,
        };
        let said = format!("{:?} {:?}", answer(probe, &line, Some(&file)).verdict, read(text.as_bytes(), None));
        for secret in [CARD, "4242-4242", "ana@", "51Habc", "hunter2"] {
            // The reading itself is not kept; its figures are.
            let said = said.split("report:").next().unwrap();
            assert!(!said.contains(secret), "{said}");
        }
    }
    assert!(says(&job).ends_with("at https://ci.example/1"), "{}", says(&job));
    let commit = "29173aa2c1d0e9f8b7a6958473625140fedcba98ffffffffffffffffffffffff";
    assert_eq!(read(GITHUB.replace("4f2a91c0de", commit).as_bytes(), None).unwrap().claim.commit.unwrap(), commit);
    let sum = RESTORE.replace("result=ok", &format!("result=ok sha256={commit}")).replace("41234567", "1700000000004");
    assert!(says(&sum).contains("1700000000004 bytes") && says(&sum).ends_with(commit), "{}", says(&sum));
    assert!(shown(&"x".repeat(300)).ends_with("x…"), "what is cut says so");
    let cut = format!("{} {CARD}", "x".repeat(190));
    assert!(!shown(&cut).contains("4242"), "nothing is cut in two before it is looked at");
}

#[test]
fn a_secret_is_found_wherever_it_stands_in_a_long_text() {
    let (window, twice) = WINDOW_BYTES;
    for at in [0, window - 10, window, 2 * window - twice - 10, 2 * window] {
        let text = format!("{}\nkey sk_live_51Habc123DEF\n{}", "a".repeat(at), "ä".repeat(window / 2));
        assert_eq!(secret_in(text.as_bytes(), Deadline::after(TIME_MAX)), Ok(Some("stripe_key")), "{at}");
    }
    assert_eq!(secret_in(b"\xff sk_live_51Habc123DEF", Deadline::after(TIME_MAX)), Ok(None), "no text");
}

#[test]
fn an_audit_names_what_is_critical_or_says_that_it_does_not() {
    let critical = |text: &str| {
        let named = read(text.as_bytes(), None).unwrap().critical();
        named.map(|named| named.into_iter().collect::<Vec<_>>().join(", "))
    };
    let audit = |count: u32, packages: &str| {
        format!(
            r#"{{"vulnerabilities":{{{packages}}},"metadata":{{"vulnerabilities":{{"low":0,"moderate":0,"high":0,"critical":{count}}}}}}}"#
        )
    };
    const MINIMIST: &str = r#""minimist":{"severity":"critical","via":[
        {"source":1,"url":"https://github.com/advisories/GHSA-xvch-5gv4-984h","severity":"critical"},
        {"source":2,"severity":"critical"},{"source":3,"severity":"low"}]}"#;
    const MKDIRP: &str = r#""mkdirp":{"severity":"critical","via":["minimist"]},"lodash":{"severity":"high","via":[]}"#;
    let both = "minimist 2, minimist https://github.com/advisories/GHSA-xvch-5gv4-984h, mkdirp";
    assert_eq!(critical(&audit(2, &format!("{MINIMIST},{MKDIRP}"))).as_deref(), Some(both));
    let long = |end: &str| format!(r#""{}{end}":{{"severity":"critical"}}"#, "DevFlowHub-Billing-2".repeat(12));
    let two = critical(&audit(2, &format!("{},{}", long("A"), long("B")))).unwrap();
    assert!(two.matches("sha256:").count() == 2 && !two.contains("DevFlowHub"), "{two}");
    assert_eq!(critical(&audit(3, MINIMIST)), None, "it counts more than it names");
    assert_eq!(critical(CLEAN_AUDIT).as_deref(), Some(""));
    assert_eq!(critical(ESLINT), None);
}

#[test]
fn many_findings_of_many_rules_are_read_in_time() {
    let all = |one: fn(usize) -> String| (0..30_000).map(one).collect::<Vec<_>>().join(",");
    let rules = all(|n| format!(r#"{{"id":"r{n}","properties":{{"tags":["cwe-{n}"]}}}}"#));
    let results = all(|n| format!(r#"{{"ruleId":"r{}","message":{{}}}}"#, 29_999 - n / 2));
    let text = format!(
        r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"rules":[{rules}]}}}},"results":[{results}]}}]}}"#
    );
    let started = std::time::Instant::now();
    assert!(says(&text).contains("30000 medium"), "{}", says(&text));
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
}
