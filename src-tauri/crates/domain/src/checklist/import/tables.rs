//! Checklists that come as a table (CSV) or as JSON: written as Markdown, and then read like every other.
//!
//! One way in for all of them, so that the review shows the same and what is kept is one form. Deliberately absent:
//! kinds, checks and limits; they are read from the text of a line as from Markdown.

use std::fmt::Write as _;

use serde_json::Value;

/// Most levels of headings Markdown has below the name of the list.
const HEADINGS_MAX: usize = 5;
/// Columns and keys that hold the text of a line.
const TEXTS: [&str; 6] = ["item", "text", "task", "label", "title", "name"];
/// Columns and keys that hold where it stands; levels are parted by ` / `.
const SECTIONS: [&str; 4] = ["section", "group", "phase", "heading"];
/// Columns and keys that hold further text.
const DETAILS: [&str; 3] = ["detail", "note", "description"];
/// Keys that hold the lines of a document, or those below a line.
const CHILDREN: [&str; 4] = ["items", "rows", "tasks", "children"];

/// What a text was, when it was no Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// `CSV` or `JSON`.
    pub form: &'static str,
    /// The same as Markdown.
    pub markdown: String,
}

struct Line {
    section: String,
    text: String,
    detail: String,
    depth: usize,
}

/// Writes a table or a JSON document as Markdown; `None` for a text that is neither.
///
/// **Shape**: a table needs a head with a column of lines (`item`, `text`, `task`, …), and may have `section` and
/// `detail`. JSON is a list of lines, or an object with a name and `items`; a line is a text or an object with the same
/// words, and may have `items` of its own.
/// **Errors**: what keeps it from being read, and where, in a sentence.
pub(super) fn markdown(text: &str) -> Option<Result<Written, String>> {
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') if !text.trim_start().starts_with("[ ]") => json(text),
        _ => csv(text),
    }
}

fn json(text: &str) -> Option<Result<Written, String>> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        // A text that only begins with a bracket is Markdown.
        Err(_) if !text.contains('"') => return None,
        Err(error) => return Some(Err(format!("This looks like JSON and is not: {error}."))),
    };
    let name = named(&document, &["name", "title"]);
    let rows = document.as_array().or_else(|| below(&document));
    let Some(rows) = rows else {
        return Some(Err(format!("The document has no list of lines ({}).", CHILDREN.join(", "))));
    };
    let mut lines = Vec::new();
    rows.iter().for_each(|row| collect(row, "", 0, &mut lines));
    Some(Ok(Written { form: "JSON", markdown: written(&name, &lines) }))
}

/// Gives the first of these keys that holds a text.
fn named(value: &Value, keys: &[&str]) -> String {
    keys.iter().find_map(|key| value.get(key)?.as_str()).unwrap_or_default().to_owned()
}

fn below(value: &Value) -> Option<&Vec<Value>> {
    CHILDREN.iter().find_map(|key| value.get(key)?.as_array())
}

fn collect(row: &Value, section: &str, depth: usize, lines: &mut Vec<Line>) {
    let own = named(row, &SECTIONS);
    let section = if own.is_empty() { section.to_owned() } else { own };
    let text = row.as_str().map_or_else(|| named(row, &TEXTS), str::to_owned);
    let is_line = !text.is_empty();
    if is_line {
        lines.push(Line { section: section.clone(), text, detail: named(row, &DETAILS), depth });
    }
    for child in below(row).into_iter().flatten() {
        collect(child, &section, depth + usize::from(is_line), lines);
    }
}

fn csv(text: &str) -> Option<Result<Written, String>> {
    // Marks of Markdown are no part of the head of a table.
    let head = text.lines().next().filter(|head| !head.contains(['#', '[', ']', '*']))?;
    let separator = [b',', b';', b'\t'].into_iter().find(|one| head.as_bytes().contains(one))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let columns = reader.headers().ok()?.clone();
    let place = |words: &[&str]| columns.iter().position(|name| words.contains(&name.trim().to_lowercase().as_str()));
    let (item, section, detail) = (place(&TEXTS)?, place(&SECTIONS), place(&DETAILS));
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return Some(Err(format!("The table cannot be read: {error}."))),
        };
        let cell = |place: Option<usize>| place.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned();
        let text = cell(Some(item));
        if !text.is_empty() {
            lines.push(Line { section: cell(section), text, detail: cell(detail), depth: 0 });
        }
    }
    Some(Ok(Written { form: "CSV", markdown: written("", &lines) }))
}

/// Writes lines below their headings.
fn written(name: &str, lines: &[Line]) -> String {
    let mut text = if name.is_empty() { String::new() } else { format!("# {}\n", one_line(name)) };
    let mut before: Vec<&str> = Vec::new();
    for line in lines {
        let path: Vec<&str> =
            line.section.split(" / ").map(str::trim).filter(|part| !part.is_empty()).take(HEADINGS_MAX).collect();
        if path != before {
            let same = path.iter().zip(&before).take_while(|(one, other)| one == other).count();
            // A section above the last one has to be opened again, or its lines would stand in the one below.
            for (depth, part) in path.iter().enumerate().skip(same.min(path.len().saturating_sub(1))) {
                let _ = write!(text, "\n{} {}\n\n", "#".repeat(depth + 2), one_line(part));
            }
            before = path;
        }
        let indent = "  ".repeat(line.depth);
        let _ = writeln!(text, "{indent}- [ ] {}", one_line(&line.text));
        // After a word, no mark of Markdown begins anything.
        if !line.detail.trim().is_empty() {
            let _ = writeln!(text, "{indent}  Note: {}", one_line(&line.detail));
        }
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (&'static str, String) {
        let written = markdown(text).unwrap().unwrap();
        (written.form, written.markdown)
    }

    #[test]
    fn a_table_becomes_boxes_below_headings() {
        let text =
            "Section;Item;Note\nBefore / Stripe;Keys are live;ask Bo\nBefore / Stripe;\"Prices; all\";\nAfter;Look;\n";
        let wanted = "\n## Before\n\n\n### Stripe\n\n- [ ] Keys are live\n  Note: ask Bo\n- [ ] Prices; all\n\n## After\n\n- [ ] Look\n";
        assert_eq!(read(text), ("CSV", wanted.to_owned()));
    }

    #[test]
    fn a_document_keeps_its_name_and_what_is_below_a_line() {
        let text = r#"{"name": "Go live", "items": [{"section": "A", "text": "One", "items": ["Two"]}, "Three"]}"#;
        assert_eq!(read(text), ("JSON", "# Go live\n\n## A\n\n- [ ] One\n  - [ ] Two\n- [ ] Three\n".to_owned()));
    }

    #[test]
    fn markdown_is_left_alone_and_a_broken_document_is_told() {
        for text in
            ["# A\n- [ ] one, two\n", "[a link](b)\n- [ ] c\n", "[ ] loose, item\n", "", "Hello, item of mine\n- [ ] x"]
        {
            assert_eq!(markdown(text), None, "{text}");
        }
        let broken = markdown("{\"items\": [\"a\",}").unwrap().unwrap_err();
        assert!(broken.starts_with("This looks like JSON and is not: "), "{broken}");
        let empty = markdown("{\"a\": \"b\"}").unwrap().unwrap_err();
        assert!(empty.contains("no list of lines"), "{empty}");
    }

    #[test]
    fn marks_in_a_cell_make_no_further_lines() {
        let evil = ["# Heading", "- [x] box", "```sh", "| a | b |", "<script>x()</script>", "1. step", "> quoted"];
        let mut text = String::from("item,section,note\n");
        for mark in evil {
            let _ = writeln!(text, "\"{mark}\",\"{mark}\",\"{mark}\n{mark}\"");
        }
        let preview = super::super::read(text.as_bytes(), "evil.csv", &[]).unwrap();
        assert_eq!(preview.template.rows.len(), evil.len(), "{:#?}", preview.text);
        let told = preview.problems.iter().find(|problem| problem.code == super::super::ProblemCode::Table).unwrap();
        assert_eq!(told.text, "CSV");
        let json = super::super::read(b"{\"items\": [\"a\",}", "broken.json", &[]);
        assert!(json.is_err_and(|refused| refused.to_string().starts_with("This looks like JSON")));
    }
}
