//! Checklists that come as a table (CSV) or as JSON: written as Markdown, and then read like every other.
//!
//! One way in for all of them, so that the review shows the same and what is kept is one form. Deliberately absent:
//! kinds, checks and limits; they are read from the text of a line as from Markdown.

use std::collections::BTreeSet;
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
    /// What of it has no place in a list, in words.
    pub left: Vec<String>,
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
    let rows = document.as_array().or_else(|| below(&document).map(|(_, rows)| rows));
    let Some(rows) = rows else {
        return Some(Err(format!("The document has no list of lines ({}).", CHILDREN.join(", "))));
    };
    let mut found = Found::default();
    let name = found.take(&document, &["name", "title"]);
    let known: Vec<&str> = ["name", "title"].into_iter().chain(below(&document).map(|(key, _)| key)).collect();
    found.pass_over(&document, &known);
    rows.iter().for_each(|row| found.line(row, "", 0));
    Some(Ok(Written { form: "JSON", markdown: written(&name, &found.lines), left: found.left() }))
}

fn below(value: &Value) -> Option<(&'static str, &Vec<Value>)> {
    CHILDREN.iter().find_map(|key| Some((*key, value.get(key)?.as_array()?)))
}

/// What was found in a document so far.
#[derive(Default)]
struct Found {
    lines: Vec<Line>,
    /// Keys nothing was made of.
    keys: BTreeSet<String>,
    /// Entries nothing was made of.
    empty: usize,
}

impl Found {
    /// Gives the text under the first of these keys that holds one.
    fn take(&self, value: &Value, keys: &[&str]) -> String {
        keys.iter().find_map(|key| value.get(key)?.as_str()).unwrap_or_default().to_owned()
    }

    /// Remembers the keys that are not among those that were read.
    fn pass_over(&mut self, value: &Value, read: &[&str]) {
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
        self.keys.extend(keys.filter(|key| !read.contains(&key.as_str())).cloned());
    }

    fn line(&mut self, row: &Value, section: &str, depth: usize) {
        let key = |keys: &[&'static str]| keys.iter().find(|key| row.get(key).is_some_and(Value::is_string)).copied();
        let (text, own, detail) = (key(&TEXTS), key(&SECTIONS), key(&DETAILS));
        let at = |key: Option<&str>| key.and_then(|key| row.get(key)?.as_str()).unwrap_or_default().to_owned();
        let children = below(row);
        let read: Vec<&str> = [text, own, detail, children.map(|(key, _)| key)].into_iter().flatten().collect();
        self.pass_over(row, &read);
        let section = own.map_or_else(|| section.to_owned(), |own| at(Some(own)));
        let text = row.as_str().map_or_else(|| at(text), str::to_owned);
        let is_line = !text.trim().is_empty();
        if is_line {
            self.lines.push(Line { section: section.clone(), text, detail: at(detail), depth });
        } else if children.is_none() {
            self.empty += 1;
        }
        for child in children.into_iter().flat_map(|(_, rows)| rows) {
            self.line(child, &section, depth + usize::from(is_line));
        }
    }

    fn left(&self) -> Vec<String> {
        let keys = (!self.keys.is_empty()).then(|| listed("keys", self.keys.iter()));
        let empty = (self.empty > 0).then(|| format!("entries without a text: {}", self.empty));
        keys.into_iter().chain(empty).collect()
    }
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> String {
    format!("{what} {}", names.map(|name| one_line(name)).collect::<Vec<_>>().join(", "))
}

fn csv(text: &str) -> Option<Result<Written, String>> {
    // Marks of Markdown are no part of the head of a table.
    let head = text.lines().next().filter(|head| !head.contains(['#', '[', ']', '*']))?;
    let separator = [b',', b';', b'\t'].into_iter().find(|one| head.as_bytes().contains(one))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let columns = reader.headers().ok()?.clone();
    let place = |words: &[&str]| columns.iter().position(|name| words.contains(&name.trim().to_lowercase().as_str()));
    let (item, section, detail) = (place(&TEXTS)?, place(&SECTIONS), place(&DETAILS));
    let is_read = |at: usize| at == item || section == Some(at) || detail == Some(at);
    let named = columns.iter().enumerate();
    let unread: Vec<String> = named.filter(|(at, _)| !is_read(*at)).map(|(_, name)| name.to_owned()).collect();
    let mut left: Vec<String> = (!unread.is_empty()).then(|| listed("columns", unread.iter())).into_iter().collect();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return Some(Err(format!("The table cannot be read: {error}."))),
        };
        let cell = |place: Option<usize>| place.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned();
        let text = cell(Some(item));
        let at = record.position().map_or(0, csv::Position::line);
        if record.len() != columns.len() {
            left.push(format!("line {at} of the table: cells {}, columns {}", record.len(), columns.len()));
        }
        if !text.is_empty() {
            lines.push(Line { section: cell(section), text, detail: cell(detail), depth: 0 });
        } else if record.iter().any(|cell| !cell.trim().is_empty()) {
            left.push(format!("line {at} of the table: no text"));
        }
    }
    Some(Ok(Written { form: "CSV", markdown: written("", &lines), left }))
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
    fn what_has_no_place_in_a_list_is_named() {
        let left = |text: &str| markdown(text).unwrap().unwrap().left;
        let table = "item,owner,section,due\nKeys,Bo,A,Monday\n,Ana,A,\nToo,short\n\"never closed,x,y,z\n";
        let wanted = [
            "columns owner, due",
            "line 3 of the table: no text",
            "line 4 of the table: cells 2, columns 4",
            "line 5 of the table: cells 1, columns 4",
        ];
        assert_eq!(left(table), wanted);
        let document =
            r#"{"name": "N", "due": 1, "items": [{"text": "a", "owner": "Bo", "label": "b"}, {"text": 5}, 7]}"#;
        assert_eq!(left(document), ["keys due, label, owner, text", "entries without a text: 2"]);
        assert_eq!(left("item,section,note\na,b,c\n"), [""; 0]);
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
