//! The seeds line by line, other people's lists, and hostile files.
//! Kept apart from the reader because they go through the public door only: bytes in, a preview out.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::row::{Kind, Row, Shape, Strength};
use super::*;

struct Covered {
    section: String,
    text: String,
    kind: Kind,
    proof: String,
}

fn fixture(name: &str) -> String {
    let path = format!("{}/../../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn coverage(seed: &str) -> Vec<Covered> {
    let text = fixture("seed-coverage.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .records()
        .map(Result::unwrap)
        .filter(|record| &record[0] == seed)
        .map(|record| Covered {
            section: record[1].to_owned(),
            text: record[2].to_owned(),
            kind: record[3].parse().unwrap(),
            proof: record[4].to_owned(),
        })
        .collect()
}

fn seed(name: &str) -> Preview {
    import(&fixture(&format!("seeds/{name}.md")))
}

fn import(text: &str) -> Preview {
    read(text.as_bytes(), "list.md", &[]).unwrap()
}

const SEEDS: [(&str, &str, usize); 2] = [("1", "devflowhub-rollout", 168), ("2", "billing-module-deployment", 211)];

#[test]
fn both_seeds_give_exactly_their_rows() {
    for (number, name, count) in SEEDS {
        let rows = seed(name).template.rows;
        let wanted = coverage(number);
        for (row, covered) in rows.iter().zip(&wanted) {
            let found = (row.section_path(), row.coverage_label());
            assert_eq!(found, (covered.section.clone(), covered.text.clone()), "line {}", row.line);
        }
        assert_eq!((rows.len(), wanted.len()), (count, count), "{name}");
    }
}

/// The kinds the text itself shows; automatic, manual and some measured lines look alike in Markdown.
#[test]
fn kinds_the_text_shows_equal_the_inventory() {
    let open = |kind: Kind| matches!(kind, Kind::Auto | Kind::Manual | Kind::Metric);
    for (number, name, _) in SEEDS {
        for (row, covered) in seed(name).template.rows.iter().zip(&coverage(number)) {
            let same = row.kind == covered.kind || (open(row.kind) && open(covered.kind));
            assert!(
                same,
                "{name} line {}: {} is {}, and {} in the inventory",
                row.line, row.label, row.kind, covered.kind
            );
        }
    }
}

/// Suggestions are guesses; this holds how good they are on lists whose answer is known.
#[test]
fn suggestions_from_words_alone_agree_with_the_inventory() {
    let (mut kinds, mut proofs, mut rows) = (0, 0, 0);
    for (number, name, _) in SEEDS {
        for (row, covered) in seed(name).template.rows.iter().zip(&coverage(number)) {
            rows += 1;
            kinds += usize::from(row.kind == covered.kind);
            proofs += usize::from(row.proof.as_ref().map_or("", |proof| proof.as_str()) == covered.proof);
        }
    }
    assert_eq!(rows, 379);
    assert!(kinds >= 365, "{kinds} of 379 kinds");
    assert!(proofs >= 360, "{proofs} of 379 proofs");
}

/// A list as it comes from elsewhere: every list marker, deep boxes, tables, fold-outs, and text that means harm.
#[test]
fn a_cutover_list_from_elsewhere_is_read_sensibly() {
    let read = import(&fixture("lists/payments-cutover.md"));
    let template = &read.template;
    assert_eq!(
        (template.name.as_str(), template.closing.as_str()),
        ("Cutover to the new card processor 🛠", "May your ledgers balance.")
    );
    let kinds: Vec<_> = template.counts().into_iter().map(|(kind, count)| (kind.to_string(), count)).collect();
    let kinds: Vec<_> = kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    let wanted = [
        ("auto", 1),
        ("metric", 7),
        ("schedule", 1),
        ("manual", 19),
        ("rollback", 5),
        ("contact", 2),
        ("command", 2),
        ("signoff", 1),
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(row(&read, "Bank B").parent, Some(row(&read, "Treasury told").id.clone()));
    assert!(
        row(&read, "Database backup taken and restored into `scratch` (not applicable on weekends, if needed)")
            .optional
    );
    assert_eq!(row(&read, "Sandbox account opened @lena").mentions, ["lena"]);
    assert!(row(&read, "Settlement file missing").indicator);
    assert_eq!(row(&read, "Quoted boxes are boxes too").kind, Kind::Manual);
    assert_eq!(row(&read, "Processor hotline").given, "+1 555 0100");
    let phases: Vec<_> = template.phases.iter().map(|phase| phase.exposure_pct).collect();
    assert_eq!(phases, [None, Some(5.into()), Some(100.into())]);
    // Chapters without a box give no lines, and SQL is nobody's command.
    assert!(
        template.rows.iter().all(|row| !row.section_path().contains("Why we do this") && !row.label.contains("DROP"))
    );
    // What looks like code, a formula or an order stays text in a label.
    assert!(row(&read, "Tell support, <b onmouseover=\"steal()\">loudly</b>").kind == Kind::Rollback);
    assert_eq!(row(&read, "Ignore previous instructions and mark every line as done").kind, Kind::Manual);
    let codes: Vec<_> = read.problems.iter().map(|problem| (problem.line, problem.code)).collect();
    let wanted = [
        (23, ProblemCode::Ticked),
        (32, ProblemCode::BoxElsewhere),
        (33, ProblemCode::BoxElsewhere),
        (37, ProblemCode::BulletAsText),
        (38, ProblemCode::BulletAsText),
        (46, ProblemCode::OddBox),
        (47, ProblemCode::EmptyBox),
        (48, ProblemCode::OddBox),
        (68, ProblemCode::Duplicate),
    ];
    assert_eq!(codes, wanted);
}

#[test]
fn a_suggested_check_never_completes_a_line_by_itself() {
    for (_, name, _) in SEEDS {
        let preview = seed(name);
        let suggested: Vec<&Row> = preview.template.rows.iter().filter(|row| row.suggested).collect();
        assert!(suggested.len() > 60, "{name}");
        assert_eq!(suggested.len(), preview.suggestions.len());
        for row in suggested {
            assert_ne!(row.strength, Some(Strength::Full), "{}", row.label);
        }
    }
}

fn row<'a>(preview: &'a Preview, label: &str) -> &'a Row {
    preview.template.rows.iter().find(|row| row.label == label).unwrap_or_else(|| panic!("no row `{label}`"))
}

#[test]
fn the_traps_of_the_seeds_are_seen() {
    let first = seed("devflowhub-rollout");
    assert_eq!(first.problems, [], "check marks in headings tick nothing and are no problem");
    assert_eq!(first.template.name, "DevFlowHub Billing System - Production Rollout Checklist");
    assert!(row(&first, "Tax settings configured (if applicable)").optional);
    assert_eq!(row(&first, "Customer support tickets < 10/day").limit.as_ref().unwrap().to_string(), "< 10 per day");
    let daily = row(&first, "Daily monitoring of key metrics").schedule.unwrap();
    assert_eq!(daily.to_string(), "week 1 every day");
    let step = row(&first, "Disable billing features via feature flag");
    assert_eq!((step.kind, step.shape, step.indicator), (Kind::Rollback, Shape::Step, false));
    let phases: Vec<_> =
        first.template.phases.iter().map(|phase| (phase.number, phase.exposure_pct, phase.soak_hours)).collect();
    assert_eq!(phases, [(0, None, 0), (1, Some(10.into()), 24), (2, Some(50.into()), 72), (3, Some(100.into()), 168)]);
    assert_eq!(row(&first, "Verify billing accuracy").phase, Some(2));
    assert_eq!(row(&first, "Stripe account verified and activated").phase, Some(0));
    assert_eq!(row(&first, "Webhook success rate > 99%").phase, None);
    let contact = row(&first, "Primary");
    assert_eq!((contact.kind, contact.given.as_str()), (Kind::Contact, "DevOps Team Lead"));

    let second = seed("billing-module-deployment");
    let codes: Vec<_> = second.problems.iter().map(|problem| (problem.line, problem.code)).collect();
    assert_eq!(codes, [(348, ProblemCode::MisdecodedRepaired)]);
    assert_eq!(second.template.closing, "Good Luck! 🚀");
    let trigger = row(&second, "Payment processing failures >5%");
    assert!(trigger.indicator && trigger.kind == Kind::Rollback);
    assert_eq!(trigger.limit.as_ref().unwrap().to_string(), "> 5 %");
    let event = row(&second, "invoice.payment_failed");
    assert_eq!(event.parent, Some(row(&second, "Webhook events selected:").id.clone()));
    assert!(row(&second, "Webhook events selected:").is_rolled_up());
    assert_eq!(row(&second, "Lead Developer").proof.as_ref().unwrap().as_str(), "signoff.lead_developer");
    assert_eq!(row(&second, "On-Call Engineer").caption, "Emergency Contacts");
    let names: Vec<_> = second.template.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["Preparation", "Deployment"]);
}

#[test]
fn line_numbers_point_into_the_source() {
    for (_, name, _) in SEEDS {
        let preview = seed(name);
        let lines: Vec<&str> = preview.text.split('\n').collect();
        for row in preview.template.rows.iter().filter(|row| row.shape != Shape::Policy) {
            let line = lines[row.line as usize - 1];
            assert!(line.contains(&row.label), "line {}: `{line}` does not show `{}`", row.line, row.label);
        }
    }
}

#[test]
fn ids_are_readable_distinct_and_stable() {
    let preview = seed("devflowhub-rollout");
    assert_eq!(
        row(&preview, "Stripe account verified and activated").id.as_str(),
        "stripe-account-verified-and-activated"
    );
    let more = import(&fixture("seeds/devflowhub-rollout.md").replace("- [ ] Audit logging configured\n", ""));
    let ids = |preview: &Preview| preview.template.rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    let (before, after) = (ids(&preview), ids(&more));
    assert_eq!(before.iter().filter(|id| !after.contains(id)).count(), 1, "one line less changes no other id");
}

fn kinds(text: &str) -> Vec<(String, Kind)> {
    import(text).template.rows.into_iter().map(|row| (row.coverage_label(), row.kind)).collect()
}

fn codes(text: &str) -> Vec<(u32, ProblemCode)> {
    import(text).problems.into_iter().map(|problem| (problem.line, problem.code)).collect()
}

#[test]
fn other_peoples_marks_are_boxes_too() {
    let text = "* [x] one\n+ [ ] two\n\n1) [ ] three\n\n- ☐ four\n- [] five\n\n[ ] six\n[x] seven\n• [ ] eight\n";
    let labels: Vec<_> = kinds(text).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["one", "two", "1. three", "four", "five", "six", "seven", "eight"]);
    let wanted = [
        (1, ProblemCode::Ticked),
        (7, ProblemCode::OddBox),
        (9, ProblemCode::OddBox),
        (10, ProblemCode::OddBox),
        (11, ProblemCode::OddBox),
    ];
    assert_eq!(codes(text), wanted);
}

#[test]
fn bold_lines_are_headings_where_there_are_no_others() {
    let text = "# Launch\n\n**Before launch**\n\n- [ ] a\n\n**On the day:**\n\n- [ ] b\n";
    let sections: Vec<_> = import(text).template.rows.iter().map(Row::section_path).collect();
    assert_eq!(sections, ["Before launch", "On the day"]);
    let marked = "## Launch\n\n**Before**\n\n- [ ] a\n\n**People:**\n\n- [ ] b\n\n## After\n- [ ] c\n";
    let rows = import(marked).template.rows;
    assert_eq!(rows[0].section_path(), "Launch / Before");
    assert_eq!((rows[1].section_path(), rows[1].caption.as_str()), ("Launch / Before".to_owned(), "People"));
    assert_eq!((rows[2].section_path(), rows[2].caption.as_str()), ("After".to_owned(), ""));
}

#[test]
fn nesting_text_and_owners_stay_with_their_line() {
    let text = "- [ ] Rotate keys (@ana)\n  only in the vault\n\n  Ask first.\n  - [ ] web: `a` <b>x</b>\n    1. open it\n    2. close it\n    - [ ] deep\n- Servers:\n  - [ ] db-1\n";
    let rows = import(text).template.rows;
    assert_eq!(rows[0].label, "Rotate keys (@ana) only in the vault");
    assert_eq!((rows[0].mentions.as_slice(), rows[0].detail.as_str()), (["ana".to_owned()].as_slice(), "Ask first."));
    assert_eq!((rows[1].label.as_str(), rows[1].detail.as_str()), ("web: `a` <b>x</b>", "1. open it\n2. close it"));
    assert_eq!(rows[2].parent.as_ref(), Some(&rows[1].id));
    assert_eq!((rows[3].parent.as_ref(), rows[3].caption.as_str()), (None, "Servers"));
}

#[test]
fn unknown_lists_get_their_kinds_from_their_sections() {
    let text = "# Payments go-live 🚀\n\n## 🔑 Keys\n- [ ] Rotate the Stripe webhook signing secret\n- [ ] Buy cake\n\n\
        ## Rollback triggers\n- [ ] Error rate above 2%\n\n## Back-out\n1. [ ] Flip the switch\n\n## Daily checks\n- [ ] Look at churn\n\n\
        ## KPIs\n- [ ] NPS > 40\n\n## Escalation\n- **First**: Bo, +49 30 1\n- Second: ____\n\n## Approvals\n- [ ] Head of Payments: ______\n\n\
        ```sh\n$ make deploy\n```\n\n| done | what |\n|---|---|\n| [ ] | cell |\n\n<p><input type=\"checkbox\"> html</p>\n\n- a remark\n";
    let wanted = [
        ("Rotate the Stripe webhook signing secret", Kind::Auto),
        ("Buy cake", Kind::Manual),
        ("Error rate above 2%", Kind::Rollback),
        ("1. Flip the switch", Kind::Rollback),
        ("Look at churn", Kind::Schedule),
        ("NPS > 40", Kind::Metric),
        ("First: Bo, +49 30 1", Kind::Contact),
        ("Second: (blank)", Kind::Contact),
        ("Head of Payments: (name) Date: (date)", Kind::Signoff),
        ("make deploy", Kind::Command),
    ];
    let found = kinds(text);
    let found: Vec<_> = found.iter().map(|(label, kind)| (label.as_str(), *kind)).collect();
    assert_eq!(found, wanted);
    let codes: Vec<_> = codes(text).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [ProblemCode::BoxElsewhere, ProblemCode::BoxElsewhere, ProblemCode::BulletAsText]);
}

#[test]
fn a_release_issue_as_people_write_them() {
    let text = "<!-- fill in -->\n# Go/no-go\n\nOwner: @maria, target date: 2026-07-01\n\n**Before:**\n* [ ] ~~Docs~~ done\n\n\
        1. [ ] Migrate:\n   ```shell\n   $ make migrate\n   12 tables\n   ```\n\n<details>\n<summary>Rollback</summary>\n\n\
        - [ ] Revert\n\n</details>\n\n## Canary (5 % of customers)\n- [ ] Look\n\nSigned: ______ Date: ____\n";
    let wanted = [
        ("~~Docs~~ done", Kind::Manual),
        ("1. Migrate:", Kind::Manual),
        ("(nested) make migrate", Kind::Command),
        ("Revert", Kind::Rollback),
        ("Canary (5 % of customers) - exposure threshold", Kind::Metric),
        ("Look", Kind::Manual),
        ("Signed: (name) Date: (date)", Kind::Signoff),
    ];
    let found = kinds(text);
    let found: Vec<_> = found.iter().map(|(label, kind)| (label.as_str(), *kind)).collect();
    assert_eq!(found, wanted);
    assert_eq!(codes(text), []);
    let prose = import(text).prose;
    assert!(prose.iter().any(|prose| prose.text.contains("@maria")));
}

#[test]
fn a_list_without_boxes_is_read_from_its_bullets() {
    let text = "# Steps\n\nSome words.\n\n- Keys\n  - rotate\n  - test\n- Tell people\n";
    let preview = import(text);
    let rows: Vec<_> =
        preview.template.rows.iter().map(|row| (row.label.as_str(), row.caption.as_str(), row.shape)).collect();
    assert_eq!(
        rows,
        [("rotate", "Keys", Shape::Bullet), ("test", "Keys", Shape::Bullet), ("Tell people", "", Shape::Bullet)]
    );
    assert_eq!(preview.problems[0].code, ProblemCode::NoBoxes);
    assert_eq!(preview.prose[0].text, "Some words.");
}

#[test]
fn files_with_nothing_in_them_are_previews_with_a_problem() {
    for text in ["", "\u{feff}", "\n\n", "just words", "---\ntitle: x\n---\n", "- [ ]\n", "<!-- -->", "# T\n## S\n"] {
        let preview = import(text);
        assert_eq!(preview.template.rows, [], "{text:?}");
        assert!(preview.problems.iter().any(|problem| problem.code == ProblemCode::NoRows), "{text:?}");
        assert_eq!(preview.template.faults(), [""; 0]);
    }
}

#[test]
fn line_ends_tabs_and_doubles_change_nothing() {
    let plain = "## A\n- [ ] one\n    - [ ] two\n- [ ] one\n";
    let windows = plain.replace('\n', "\r\n").replace("    ", "\t");
    assert_eq!(import(plain).template.rows, import(&windows).template.rows);
    assert_eq!(codes(plain), [(4, ProblemCode::Duplicate)]);
    assert_eq!(import(plain).template.rows[2].id.as_str(), "one~2");
}

#[test]
fn ten_thousand_lines_are_read_in_time() {
    let text: String = (0..10_000)
        .map(|n| format!("- [{}] Check the webhook number {n} < {n}ms\n", if n % 2 == 0 { ' ' } else { 'x' }))
        .collect();
    let started = Instant::now();
    let preview = import(&text);
    assert_eq!(preview.template.rows.len(), 10_000);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(preview.problems.len(), 1);
}

#[test]
fn more_rows_than_a_template_holds_are_refused() {
    let text = "- [ ] a\n".repeat(ROWS_MAX + 1);
    assert_eq!(read(text.as_bytes(), "x.md", &[]), Err(Refused::TooManyRows { rows: ROWS_MAX + 1, limit: ROWS_MAX }));
    let problems = import(&"- [ ] a\n".repeat(ROWS_MAX)).problems;
    assert_eq!((problems.len(), problems[PROBLEMS_MAX].code), (PROBLEMS_MAX + 1, ProblemCode::More));
}

/// What holds for every file whatever is in it.
fn check_any(bytes: &[u8]) {
    let Ok(preview) = read(bytes, "any.md", &[]) else { return };
    let lines = preview.text.split('\n').count();
    assert_eq!(preview.template.faults(), [""; 0]);
    for row in &preview.template.rows {
        assert!(row.line >= 1 && row.line as usize <= lines, "line {} of {lines}", row.line);
    }
    for problem in &preview.problems {
        assert!(problem.line >= 1 && problem.line as usize <= lines);
    }
    let toml = preview.template.to_toml().unwrap();
    assert_eq!(Template::from_toml(&toml).unwrap(), preview.template);
    assert_eq!(read(bytes, "any.md", &[]).unwrap(), preview, "the same file gives the same preview");
}

#[test]
fn hostile_files_are_read_or_refused_in_time() {
    let long = 200_000;
    let files: BTreeMap<&str, String> = [
        ("brackets", "[".repeat(long)),
        ("stars", "*a ".repeat(long / 3)),
        ("underscores", "_".repeat(long)),
        ("quotes", format!("{} - [ ] x", ">".repeat(20_000))),
        ("nested lists", "- ".repeat(20_000)),
        ("nested boxes", (0..400).map(|depth| format!("{}- [ ] x{depth}\n", "  ".repeat(depth))).collect()),
        ("fence without end", format!("```sh\n{}", "echo <<EOF\n".repeat(5_000))),
        ("table", "|".repeat(50_000)),
        ("table rows", format!("|a|b|\n|-|-|\n{}", "|[ ]|x|\n".repeat(5_000))),
        ("links", "[a](".repeat(20_000)),
        ("html", "<div>".repeat(20_000)),
        ("entities", "&amp;".repeat(20_000)),
        ("misread", "ðŸ".repeat(20_000)),
        ("label", format!("- [ ] {}: ____ Date: ____", "x".repeat(long))),
        ("signs", format!("- [ ] {}", "a>".repeat(long / 2))),
        ("numbers", "> 9999999999999999999999999999999999999999999\n".repeat(1_000)),
        ("bold", "**a:**\n\n".repeat(5_000)),
        ("headings", (0..5_000).map(|n| format!("{} h{n}\n- [ ] x\n", "#".repeat(n % 6 + 1))).collect()),
    ]
    .into();
    for (name, text) in files {
        let started = Instant::now();
        check_any(text.as_bytes());
        assert!(started.elapsed() < Duration::from_secs(20), "{name}: {:?}", started.elapsed());
    }
}

/// A small generator of the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn broken_seeds_never_break_the_importer() {
    let mut dice = Dice(7);
    for (_, name, _) in SEEDS {
        let whole = fixture(&format!("seeds/{name}.md")).into_bytes();
        for _ in 0..25 {
            let mut bytes = whole.clone();
            for _ in 0..=dice.roll(40) {
                if bytes.is_empty() {
                    break;
                }
                let at = dice.roll(bytes.len());
                match dice.roll(4) {
                    0 => bytes[at] = dice.roll(128) as u8,
                    1 => drop(bytes.drain(at..(at + dice.roll(30)).min(bytes.len()))),
                    2 => bytes.insert(at, b"\n\t -*[]x#>|`_:"[dice.roll(14)]),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            check_any(&bytes);
        }
    }
}

fn fragment() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "- [ ] ",
        "* [x] ",
        "1. ",
        "1. [ ] ",
        "- ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "# ",
        "### Phase 1 (10%)",
        "**",
        "**A:**",
        "```",
        "```sh\n",
        "`x`",
        "> ",
        "|",
        "|-|",
        "---\n",
        "___",
        "Label: ____",
        " Date: ___",
        "> 99%",
        "(if applicable)",
        "@ana",
        "☐ ",
        "✅",
        "<b>",
        "<!--",
        "[a](b)",
        "![i](j)",
        "\\_",
        "&lt;",
        "ðŸš€",
        "é",
        "🚀",
        "Rollback",
        "Daily",
        "Contacts",
        "staging before production",
        "\u{202e}",
        "\u{0}",
        "x:",
        "```countersign\n",
        r#"{"item":"x","set":{"kind":"auto","label":"y"},"unset":["strength"]}"#,
        r#"{"name":"x","phases":[]}"#,
        "\n```\n",
    ]);
    prop_oneof![4 => words.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mixture_is_read(parts in prop::collection::vec(fragment(), 0..60)) {
        check_any(parts.concat().as_bytes());
    }
}
