//! Checklists that come as a table (CSV) or as JSON: written as Markdown, and then read like every other.
//!
//! One way in for all of them, so that the review shows the same and what is kept is one form. Deliberately absent:
//! kinds, checks and limits; they are read from the text of a line as from Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::ProblemCode;

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
    /// What it calls itself; empty for a table.
    pub name: String,
    /// What is odd about it, with what that is of.
    pub odd: Vec<(ProblemCode, String)>,
}

/// Longest name of a key that is repeated. **Units**: characters.
const NAME_CHARS_SHOWN: usize = 80;
/// Lines of a file that are named where something is odd about many.
const LINES_NAMED: usize = 5;

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
    match crate::json::doubled(text, &|| false) {
        Ok(None) => {}
        Ok(Some(name)) => {
            let name: String = one_line(&name).chars().take(NAME_CHARS_SHOWN).collect();
            return Some(Err(format!("`{name}` stands twice in one object; which one counts nobody can tell.")));
        }
        Err(trouble) => return Some(Err(format!("The document cannot be read: {trouble}."))),
    }
    let rows = document.as_array().or_else(|| below(&document).map(|(_, rows)| rows));
    let Some(rows) = rows else {
        return Some(Err(format!("The document has no list of lines ({}).", CHILDREN.join(", "))));
    };
    let mut found = Found::default();
    let name = key(&document, &["name", "title"]);
    found.pass_over(&document, [name, below(&document).map(|(key, _)| key)]);
    let name = text_at(&document, name);
    rows.iter().for_each(|row| found.line(row, "", 0));
    let (markdown, odd) = (written(&name, &found.lines), found.odd());
    Some(Ok(Written { form: "JSON", markdown, name, odd }))
}

fn below(value: &Value) -> Option<(&'static str, &Vec<Value>)> {
    CHILDREN.iter().find_map(|key| Some((*key, value.get(key)?.as_array()?)))
}

/// Gives the first of these keys that holds a text.
fn key(value: &Value, keys: &[&'static str]) -> Option<&'static str> {
    keys.iter().find(|key| value.get(key).is_some_and(Value::is_string)).copied()
}

fn text_at(value: &Value, key: Option<&str>) -> String {
    key.and_then(|key| value.get(key)?.as_str()).unwrap_or_default().to_owned()
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
    /// Remembers the keys that are not among those that were read.
    fn pass_over<const N: usize>(&mut self, value: &Value, read: [Option<&str>; N]) {
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
        self.keys.extend(keys.filter(|key| !read.contains(&Some(key.as_str()))).cloned());
    }

    fn line(&mut self, row: &Value, section: &str, depth: usize) {
        let (text, own, detail, children) = (key(row, &TEXTS), key(row, &SECTIONS), key(row, &DETAILS), below(row));
        let section = if own.is_some() { text_at(row, own) } else { section.to_owned() };
        let text = row.as_str().map_or_else(|| text_at(row, text), str::to_owned);
        let is_line = !text.trim().is_empty();
        // A group has no line its description could stand at.
        self.pass_over(row, [key(row, &TEXTS), own, detail.filter(|_| is_line), children.map(|(key, _)| key)]);
        if is_line {
            self.lines.push(Line { section: section.clone(), text, detail: text_at(row, detail), depth });
        } else if children.is_none() {
            self.empty += 1;
        }
        for child in children.into_iter().flat_map(|(_, rows)| rows) {
            self.line(child, &section, depth + usize::from(is_line));
        }
    }

    fn odd(&self) -> Vec<(ProblemCode, String)> {
        let keys = (!self.keys.is_empty()).then(|| listed("keys", self.keys.iter()));
        let empty = (self.empty > 0).then(|| format!("entries without a text: {}", self.empty));
        keys.into_iter().chain(empty).map(|what| (ProblemCode::TableLeft, what)).collect()
    }
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> String {
    format!("{what} {}", names.map(|name| one_line(name)).collect::<Vec<_>>().join(", "))
}

/// Names the first of some lines of the file and counts the rest; nothing for none.
fn counted(what: &str, lines: &[u64]) -> Option<String> {
    let shown = lines.iter().take(LINES_NAMED).map(u64::to_string).collect::<Vec<_>>().join(", ");
    match lines.len() {
        0 => None,
        all if all > LINES_NAMED => Some(format!("{what} {shown} and {} more", all - LINES_NAMED)),
        _ => Some(format!("{what} {shown}")),
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
    let is_read = |at: usize| at == item || section == Some(at) || detail == Some(at);
    let mut unread: BTreeMap<usize, String> = BTreeMap::new();
    let (mut uneven, mut empty, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return Some(Err(format!("The table cannot be read: {error}."))),
        };
        let cell = |place: Option<usize>| place.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned();
        let at = record.position().map_or(0, csv::Position::line);
        let text = cell(Some(item));
        let said: Vec<usize> = (0..record.len()).filter(|at| !cell(Some(*at)).is_empty()).collect();
        for at in said.iter().copied().filter(|at| !is_read(*at)) {
            let name = columns.get(at).unwrap_or_default().trim();
            unread.entry(at).or_insert_with(|| if name.is_empty() { (at + 1).to_string() } else { name.to_owned() });
        }
        if record.len() < columns.len() || said.last().is_some_and(|last| *last >= columns.len()) {
            uneven.push(at);
        }
        if !text.is_empty() {
            lines.push(Line { section: cell(section), text, detail: cell(detail), depth: 0 });
        } else if !said.is_empty() {
            empty.push(at);
        }
    }
    let left =
        [(!unread.is_empty()).then(|| listed("columns", unread.values())), counted("without a text: lines", &empty)];
    let left = left.into_iter().flatten().map(|what| (ProblemCode::TableLeft, what));
    let uneven = counted("lines", &uneven).map(|what| (ProblemCode::TableUneven, what));
    let odd = left.chain(uneven).collect();
    Some(Ok(Written { form: "CSV", markdown: written("", &lines), name: String::new(), odd }))
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
        let odd = |text: &str| {
            let odd = markdown(text).unwrap().unwrap().odd.into_iter();
            odd.map(|(code, what)| format!("{} {what}", code.as_ref())).collect::<Vec<_>>()
        };
        let table = "item,owner,section,due,\nKeys,Bo,A,Monday,secret\n,Ana,A,\nToo,short\n\"never closed,x,y,z\n";
        let wanted =
            ["table_left columns owner, due, 5", "table_left without a text: lines 3", "table_uneven lines 3, 4, 5"];
        assert_eq!(odd(table), wanted);
        let comma = format!("item,section\n{}", "a,b,\n".repeat(2_000));
        assert_eq!(odd(&comma), [""; 0], "an empty cell at the end says nothing");
        let many = format!("item,section\n{}", "a\n".repeat(9));
        assert_eq!(odd(&many), ["table_uneven lines 2, 3, 4, 5, 6 and 4 more"]);
        let document = r#"{"name": "N", "due": 1, "items": [{"text": "a", "owner": "Bo", "label": "b"}, {"text": 5}, 7,
            {"section": "S", "note": "all of these", "items": ["c"]}]}"#;
        let keys = "table_left keys due, label, note, owner, text";
        assert_eq!(odd(document), [keys, "table_left entries without a text: 2"]);
        assert_eq!(odd("item,section,note\na,b,c\n"), [""; 0]);
    }

    #[test]
    fn a_table_is_named_by_its_file_and_never_by_a_section() {
        let name = |text: &str, file: &str| super::super::read(text.as_bytes(), file, &[]).unwrap().template.name;
        assert_eq!(name("section,item\nBooks,Close\n", "Month end.CSV"), "Month end");
        assert_eq!(name("section,item\nBooks / May,Close\n", "close.csv"), "close");
        assert_eq!(name(r#"{"items": [{"section": "Books", "text": "Close"}]}"#, "close.json"), "close");
        assert_eq!(name(r#"{"name": "Ours", "items": ["Close"]}"#, "close.json"), "Ours");
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
        let twice = markdown(r#"{"items": [{"text": "a", "text": "b"}]}"#).unwrap().unwrap_err();
        assert!(twice.starts_with("`text` stands twice"), "{twice}");
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
