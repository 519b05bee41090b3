//! Templates out and in again: those of the seeds, edited ones, and arbitrary ones.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::import::{self, Severity};
use super::super::limit::Limit;
use super::super::row::{Kind, Strength};
use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn lists() -> Vec<(Template, String)> {
    static LISTS: LazyLock<Vec<(Template, String)>> = LazyLock::new(|| {
        let names = ["seeds/devflowhub-rollout.md", "seeds/billing-module-deployment.md", "lists/payments-cutover.md"];
        let read = names.map(|name| import::read(&fixture(name), name, &[]).unwrap());
        read.into_iter().map(|read| (read.template, read.text)).collect()
    });
    LISTS.clone()
}

/// Writes a template, reads it, and holds both against each other.
fn check(template: &Template, text: &str) -> String {
    assert_eq!(template.faults(), [""; 0]);
    let written = template_markdown(template, text).unwrap();
    let again = import::read(written.as_bytes(), "other.md", &[]).unwrap();
    assert!(says_the_same(&again.template, template), "{written}");
    let twice = template_markdown(&again.template, &again.text).unwrap();
    assert_eq!(twice, written, "an export of the import is the export");
    written
}

#[test]
fn a_template_as_it_was_read_is_its_source() {
    for (template, text) in lists() {
        assert_eq!(check(&template, &text).trim_end(), text.trim_end());
    }
}

#[test]
fn a_reviewed_template_keeps_its_text_and_says_its_assignment_once() {
    for (mut template, text) in lists() {
        for row in template.rows.iter_mut().filter(|row| row.suggested) {
            row.suggested = false;
            row.rule = "It holds: `a` < *b* and \"c\" \\ ``` d.\nSecond line.".to_owned();
            row.fresh_hours = Some(7);
        }
        let written = check(&template, &text);
        assert!(written.starts_with(text.trim_end()), "the text stays");
        let read = import::read(written.as_bytes(), "x.md", &[]).unwrap();
        let warned = read.problems.iter().filter(|problem| problem.severity == Severity::Warning);
        assert!(warned.into_iter().any(|problem| problem.code == import::ProblemCode::Assigned));
        assert!(read.suggestions.is_empty());
    }
}

#[test]
fn another_name_is_another_title() {
    for (mut template, text) in lists() {
        template.name = "Ours, *quarterly* [v2]".to_owned();
        let written = check(&template, &text);
        assert!(written.contains("# Ours, \\*quarterly\\* \\[v2\\]\n"), "{}", &written[..200]);
    }
}

#[test]
fn a_text_without_a_title_gets_one_and_keeps_its_prose_and_comments() {
    let block = "Ask Bo first.\n\n```bash\n# stop workers\nsystemctl stop x\n```\n";
    for (text, name, title) in [
        (format!("- [ ] a\n\n{block}"), "Ours", "# Ours\n\n"),
        (format!("## Cutover\n### Before\n- [ ] a\n\n{block}"), "Cutover", ""),
        (format!("## Cutover\n### Before\n- [ ] a\n\n{block}"), "Ours", "# Ours\n\n"),
        (format!("## A\n- [ ] a\n## B\n- [ ] b\n\n{block}"), "Ours", "# Ours\n\n"),
    ] {
        let mut template = import::read(text.as_bytes(), "", &[]).unwrap().template;
        template.name = name.to_owned();
        assert_eq!(check(&template, &text).trim_end(), format!("{title}{text}").trim_end());
    }
    let text = format!("Theirs\n======\n\n- [ ] a\n\n{block}");
    let mut template = import::read(text.as_bytes(), "", &[]).unwrap().template;
    template.name = "Ours".to_owned();
    assert_eq!(check(&template, &text).trim_end(), text.replace("Theirs", "Ours").trim_end());
}

#[test]
fn without_its_source_a_template_is_laid_out_anew() {
    for (template, _) in lists() {
        let written = check(&template, "");
        assert!(template.rows.iter().all(|row| written.contains(inline(row.label.lines().next().unwrap()).as_str())));
    }
}

#[test]
fn a_block_that_makes_no_sound_template_is_passed_over() {
    let list = "# A\n- [ ] one\n- [ ] two\n\n```countersign\n";
    for (said, wanted) in [
        (r#"{"item":"one","set":{"kind":"auto"}}"#, import::ProblemCode::AssignedWrongly),
        (r#"{"item":"one","set":{"proof":"no.such.check"}}"#, import::ProblemCode::AssignedWrongly),
        (r#"{"item":"one","set":{"id":"two"}}"#, import::ProblemCode::AssignedWrongly),
        (r#"{"item":"one","set":{"label":" "}}"#, import::ProblemCode::AssignedWrongly),
        (r#"{"item":"one","set":{"rule":"\u0007"}}"#, import::ProblemCode::AssignedWrongly),
        ("rm -rf /", import::ProblemCode::AssignedWrongly),
        (r#"{"item":"three","set":{"rule":"x"}}"#, import::ProblemCode::AssignedElsewhere),
    ] {
        let read = import::read(format!("{list}{said}\n```\n").as_bytes(), "a.md", &[]).unwrap();
        let codes: Vec<_> = read.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [wanted], "{said}");
        let plain = import::read(b"# A\n- [ ] one\n- [ ] two\n", "a.md", &[]).unwrap();
        assert!(says_the_same(&read.template, &plain.template), "{said}");
    }
}

#[test]
fn phases_that_only_the_block_says_are_told() {
    let list = "# A\n\n## Phase 1: Some (10% of users)\n\n- [ ] one\n";
    let plain = import::read(list.as_bytes(), "a.md", &[]).unwrap();
    let soakless = list.to_owned()
        + "\n```countersign\n"
        + r#"{"name":"A","phases":[{"number":0,"name":"P","soak_hours":0},{"number":1,"name":"Q","soak_hours":0}]}"#
        + "\n```\n";
    let read = import::read(soakless.as_bytes(), "a.md", &[]).unwrap();
    assert_ne!(read.template.phases, plain.template.phases);
    assert!(read.problems.iter().any(|problem| problem.code == import::ProblemCode::AssignedPhases));
}

#[test]
fn what_contradicts_itself_is_not_written() {
    let (mut template, text) = lists().remove(0);
    template.rows[1].id = template.rows[0].id.clone();
    assert!(template_markdown(&template, &text).is_err());
}

/// A change a person may make to a line of a list.
fn edited(template: &mut Template, at: usize, what: u8, text: &str) {
    let count = template.rows.len();
    let Some(row) = template.rows.get_mut(at % count.max(1)) else { return };
    match what % 8 {
        0 => row.label = text.to_owned(),
        1 => row.rule = text.to_owned(),
        2 => row.section = vec![text.to_owned()],
        3 => row.limit = Limit::find("< 5%"),
        4 => {
            (row.kind, row.proof, row.strength) =
                (Kind::Auto, Some("stripe.key.mode".into()), Some(Strength::Partial(text.to_owned())));
        }
        5 => {
            let gone = template.rows.remove(at % count).id;
            template.rows.iter_mut().filter(|row| row.parent.as_ref() == Some(&gone)).for_each(|row| row.parent = None);
        }
        6 => {
            let mut row = Row::of_text(1, vec!["New".to_owned()], text.to_owned(), Shape::Box, Kind::Manual);
            row.id = format!("new-{count}-{at}").as_str().into();
            row.strength = Some(Strength::Human);
            template.rows.insert(at % count, row);
        }
        _ => {
            let row = template.rows.remove(at % count);
            let to = usize::from(what) % count;
            template.rows.insert(to, Row { parent: None, ..row });
        }
    }
}

fn words() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "a",
        "`b`",
        "*c*",
        "_d_",
        "[ ]",
        "[x](y)",
        "#",
        "1.",
        "-",
        ">",
        "|",
        "Label: ____",
        "Date: ___",
        "> 9%",
        "<b>",
        "&lt;",
        "\\",
        "~~",
        "☐",
        "Phase 1 (10%)",
        "Rollback",
        "```",
        "é",
        "🚀",
        "https://a.b",
        "Remember: staging before production!",
    ]);
    let part = prop_oneof![4 => words.prop_map(str::to_owned), 1 => "[!-~]{1,6}"];
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_edited_template_comes_back(
        list in 0_usize..3, edits in prop::collection::vec((any::<usize>(), any::<u8>(), words()), 0..8), with_source in any::<bool>(),
    ) {
        let (mut template, text) = lists().remove(list);
        for (at, what, text) in &edits {
            let before = template.clone();
            edited(&mut template, *at, *what, text);
            if !template.faults().is_empty() {
                template = before;
            }
        }
        check(&template, if with_source { &text } else { "" });
    }
}
