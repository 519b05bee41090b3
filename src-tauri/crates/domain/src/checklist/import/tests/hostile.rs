//! Large, broken and hostile files: read or refused, in time.

use super::*;

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

#[test]
fn a_text_longer_than_any_that_is_shown_is_refused_with_its_line() {
    let text = |before: &str, bytes: usize| format!("# A\n\n{before}{}\n\n- [ ] b\n", "x".repeat(bytes));
    for before in ["- [ ] ", "## ", ""] {
        assert!(read(text(before, TEXT_BYTES_MAX).as_bytes(), "x.md", &[]).is_ok(), "{before}");
        let refused = read(text(before, TEXT_BYTES_MAX + 1).as_bytes(), "x.md", &[]).unwrap_err();
        assert!(matches!(refused, Refused::TextTooLong { line: 3.., .. }), "{before}: {refused}");
    }
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
