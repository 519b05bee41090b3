//! A template or a run back into Markdown, in the layout of its source.
//!
//! The source is replayed line by line and only the lines of rows are touched: boxes ticked, blanks filled in, and who
//! and when added in quotes that the importer knows as ours. So headings, bullets and spacing stay, and reading the
//! export again gives the same rows. Deliberately absent: what a run says about a row; that comes in as [`Mark`]s.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::export_template::{Form, layout};
use super::import::{self, ANNOTATION};
use super::row::{Row, Shape};
use super::template::Template;
use crate::ids::ItemId;

/// What an export adds to one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mark {
    /// Whether its box is ticked.
    pub ticked: bool,
    /// The value of a form field, or the name on a signature line.
    pub value: String,
    /// The date beside a signature.
    pub date: String,
    /// Who, when and with what, one sentence each.
    pub lines: Vec<String>,
}

/// What an export adds to the whole list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Sentences under the title: environment, release, as of when.
    pub head: Vec<String>,
    /// Per row.
    pub rows: BTreeMap<ItemId, Mark>,
    /// Sentences at the end: every signature.
    pub foot: Vec<String>,
}

/// Writes a template, or a run of it, as Markdown.
///
/// **Shape**: `text` is the source as the importer understood it; when it is not the one the template was read from, a
/// plain layout is made from the rows instead. Line feeds only.
#[must_use]
pub fn markdown(template: &Template, text: &str, marks: &Marks) -> String {
    if Digest::of_bytes(text.as_bytes()) == template.source.sha256 {
        replay(template, text, marks)
    } else {
        replay(template, &layout(template, Form::Natural), marks)
    }
}

/// Goes through the source and changes what the marks say.
fn replay(template: &Template, text: &str, marks: &Marks) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut at: BTreeMap<usize, (&Row, &Mark)> = BTreeMap::new();
    let mut after: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let placed = place(template, text);
    for row in &template.rows {
        let (Some(mark), Some(index)) = (marks.rows.get(&row.id), placed.get(&row.id)) else { continue };
        at.insert(*index, (row, mark));
        let added = additions(row, mark, lines.get(*index).copied().unwrap_or_default());
        after.entry(last_line(row, &lines, *index)).or_default().extend(added);
    }
    let title = lines.iter().position(|line| line.starts_with("# "));
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let quoted = |line: &String| format!("> {ANNOTATION} {}", plain(line));
    let mut head: Vec<String> = marks.head.iter().map(quoted).collect();
    let mut foot: Vec<String> = marks.foot.iter().map(quoted).collect();
    // Behind a fence that nothing closes, the end would be read as commands.
    if !import::takes_a_quote_at_its_end(text) {
        head.append(&mut foot);
    }
    if title.is_none() && !head.is_empty() {
        out.extend(head.iter().cloned().chain([String::new()]));
    }
    for (index, line) in lines.iter().enumerate() {
        out.push(at.get(&index).map_or_else(|| (*line).to_owned(), |(row, mark)| marked(row, mark, line)));
        if title == Some(index) && !head.is_empty() {
            out.push(String::new());
            out.extend(head.iter().cloned());
        }
        out.extend(after.remove(&index).into_iter().flatten());
    }
    if !foot.is_empty() {
        let is_blank = out.last().is_none_or(|line| line.trim().is_empty());
        out.extend((!is_blank).then(String::new));
        out.extend(foot.into_iter().chain([String::new()]));
    }
    out.join("\n")
}

/// Finds the line of every row, from 0: the recorded one, or in a made layout the next line that shows its label.
fn place(template: &Template, text: &str) -> BTreeMap<ItemId, usize> {
    let is_source = Digest::of_bytes(text.as_bytes()) == template.source.sha256;
    let lines: Vec<&str> = text.split('\n').collect();
    let mut placed = BTreeMap::new();
    let mut from = 0;
    for row in &template.rows {
        let recorded = usize::try_from(row.line).unwrap_or(usize::MAX).saturating_sub(1);
        let shown = row.label.lines().next().unwrap_or_default();
        let found = lines.iter().skip(from).position(|line| line.contains(shown)).map(|index| index + from);
        let index = if is_source { Some(recorded) } else { found };
        if let Some(index) = index {
            from = index + 1;
            placed.insert(row.id.clone(), index);
        }
    }
    placed
}

/// Gives the last line of the row's own text, so that additions do not cut it in two.
fn last_line(row: &Row, lines: &[&str], index: usize) -> usize {
    let own = match row.shape {
        Shape::Command => row.label.matches('\n').count(),
        Shape::Field | Shape::Phase => 0,
        _ => {
            let continues = |line: &&&str| {
                let text = line.trim_start();
                let starts = ["- ", "* ", "+ ", "#", "```", "~~~", ">", "|", "☐", "☑", "["];
                let numbered = text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']);
                !text.is_empty() && !starts.iter().any(|start| text.starts_with(start)) && !numbered
            };
            lines.iter().skip(index + 1).take_while(continues).count()
        }
    };
    index + own
}

/// Gives the lines that stand below a row.
fn additions(row: &Row, mark: &Mark, line: &str) -> Vec<String> {
    let indent = indent(line);
    let quoted = |text: &String| match row.shape {
        Shape::Command => format!("{}# {ANNOTATION} {}", leading(line), plain(text)),
        _ => format!("{indent}> {ANNOTATION} {}", plain(text)),
    };
    if row.shape == Shape::Field {
        let written_below = line.trim_end().ends_with(':');
        let lines =
            mark.value.lines().filter(|_| written_below).map(|line| format!("  {}", line.replace("```", "'''")));
        return lines.collect();
    }
    let mut added: Vec<String> = mark.lines.iter().map(quoted).collect();
    if row.shape == Shape::Policy && !added.is_empty() {
        added.push(String::new());
    }
    added
}

/// Changes the line of a row itself.
fn marked(row: &Row, mark: &Mark, line: &str) -> String {
    let line = if mark.ticked { tick(line) } else { line.to_owned() };
    // Outside a list a filled-in signature could not be told from other text when it is read again.
    let listed = indent(&line).len() > leading(&line).len();
    let written = row.shape == Shape::Field || (row.shape == Shape::Signature && listed);
    let Some((before, after)) =
        line.split_once(&format!("{}:", row.label)).filter(|_| written && !mark.value.is_empty())
    else {
        return line;
    };
    match row.shape {
        Shape::Signature => {
            let (name, date) = (plain(&mark.value), plain(&mark.date));
            format!("{before}{}: **{name}** Date: **{date}**", row.label)
        }
        _ if after.trim().is_empty() => line,
        _ => format!("{before}{}: __{}__", row.label, one_line(&mark.value).replace("```", "'''")),
    }
}

fn tick(line: &str) -> String {
    for (open, done) in [("[ ]", "[x]"), ("☐", "☑"), ("⬜", "☑"), ("[]", "[x]"), ("[-]", "[x]")] {
        if line.contains(open) {
            return line.replacen(open, done, 1);
        }
    }
    line.to_owned()
}

fn leading(line: &str) -> &str {
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

/// Gives the white space under which a quote belongs to the list entry of this line.
fn indent(line: &str) -> String {
    let (space, text) = (leading(line), line.trim_start());
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let marker = if digits > 0 { digits + 1 } else { usize::from(text.starts_with(['-', '*', '+'])) };
    let rest = text.get(marker..).unwrap_or_default();
    let gap = rest.len() - rest.trim_start().len();
    if marker == 0 || gap == 0 { space.to_owned() } else { format!("{space}{}", " ".repeat(marker + gap)) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes text of people so that Markdown shows it as it is, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::import;
    use super::*;

    fn seed(name: &str) -> (Template, String) {
        let path = format!("{}/../../../tests/fixtures/seeds/{name}.md", env!("CARGO_MANIFEST_DIR"));
        let preview = import::read(&std::fs::read(path).unwrap(), &format!("{name}.md"), &[]).unwrap();
        (preview.template, preview.text)
    }

    fn again(markdown: &str, name: &str) -> Template {
        import::read(markdown.as_bytes(), &format!("{name}.md"), &[]).unwrap().template
    }

    /// Forgets line numbers and digest, which additions change.
    fn without_lines(mut template: Template) -> Template {
        for row in &mut template.rows {
            row.line = 0;
        }
        template.source.sha256 = Digest::of_bytes(b"");
        template
    }

    const SEEDS: [&str; 2] = ["devflowhub-rollout", "billing-module-deployment"];

    #[test]
    fn a_template_comes_back_as_it_went_in() {
        for name in SEEDS {
            let (template, text) = seed(name);
            let exported = markdown(&template, &text, &Marks::default());
            assert_eq!(exported, text);
            assert_eq!(again(&exported, name), template);
        }
    }

    #[test]
    fn a_worked_run_comes_back_as_the_same_template() {
        for name in SEEDS {
            let (template, text) = seed(name);
            let hostile = "x\n# no heading\n- [ ] no *row* ``` <b> [a](b) & Date: ____".to_owned();
            let mark = |row: &Row| Mark {
                ticked: true,
                value: if row.shape == Shape::Signature { "Ana_Ruiz *CTO*".to_owned() } else { hostile.clone() },
                date: "2026-06-01".to_owned(),
                lines: vec![hostile.clone(), "confirmed by Ana Ruiz, 2026-06-01 10:00 UTC".to_owned()],
            };
            let rows = template.rows.iter().map(|row| (row.id.clone(), mark(row))).collect();
            let (head, foot) = (vec!["Environment: production".to_owned()], vec![hostile.clone(), hostile.clone()]);
            let exported = markdown(&template, &text, &Marks { head, rows, foot });
            assert!(exported.ends_with("Date: \\_\\_\\_\\_\n"), "{exported}");
            assert_eq!(without_lines(again(&exported, name)), without_lines(template.clone()), "{exported}");
            let boxes = template.rows.iter().filter(|row| matches!(row.shape, Shape::Box | Shape::Signature)).count();
            assert_eq!(exported.matches("[x]").count(), boxes, "every box is ticked");
        }
    }

    #[test]
    fn a_signature_outside_of_a_list_is_told_below_it() {
        let text = "- [ ] a\n\nSigned: ____ Date: ____\n";
        let template = again(text, "x");
        let mark = Mark { value: "Ana".to_owned(), lines: vec!["Approved by Ana.".to_owned()], ..Mark::default() };
        let marks = Marks { rows: [("signed".into(), mark)].into(), ..Marks::default() };
        let exported = markdown(&template, text, &marks);
        assert!(exported.ends_with("Signed: ____ Date: ____\n> Countersign: Approved by Ana.\n"), "{exported}");
        assert_eq!(without_lines(again(&exported, "x")), without_lines(template));
    }

    #[test]
    fn what_stands_at_the_end_is_read_as_ours_whatever_the_list_ends_with() {
        let foot = vec!["- [ ] no row".to_owned(), "Lead: ____ Date: ____".to_owned()];
        for end in ["- [ ] b", "- [ ] b\n", "| x |\n|---|\n| [ ] y |", "```sh\nnpm start", "<!-- open", "**Bold**\n\n"]
        {
            let text = format!("# x\n\n- [ ] a\n\n{end}");
            let template = again(&text, "x");
            let exported = markdown(&template, &text, &Marks { foot: foot.clone(), ..Marks::default() });
            assert_eq!(exported.matches("> Countersign: ").count(), 2, "{exported}");
            assert_eq!(without_lines(again(&exported, "x")), without_lines(template), "{exported}");
        }
    }

    #[test]
    fn a_template_without_its_source_gets_a_plain_layout() {
        for name in SEEDS {
            let (template, _) = seed(name);
            let exported = markdown(&template, "", &Marks::default());
            let read = again(&exported, name);
            let shown = |template: &Template| {
                template.rows.iter().map(|row| (row.section_path(), row.coverage_label(), row.kind)).collect::<Vec<_>>()
            };
            assert_eq!(shown(&read), shown(&template), "{exported}");
        }
    }
}
