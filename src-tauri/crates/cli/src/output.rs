//! What goes to the terminal: one JSON document, or text in aligned columns. Only here is anything printed.

use std::io::{ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_app::answer::Value;
use countersign_app::domain::failure::Failure;
use serde::Serialize;
use serde_json::json;

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Whether one JSON document is wanted.
    pub is_json: bool,
}

impl Output {
    /// Writes an answer: the document, or what `text` makes of it.
    pub fn answer(self, document: &impl Serialize, text: impl FnOnce(&mut Text)) {
        if self.is_json {
            let document = serde_json::to_string_pretty(document).unwrap_or_default();
            print(&format!("{document}\n"));
        } else {
            let mut page = Text::default();
            text(&mut page);
            print(&page.0);
        }
    }

    /// Writes a failure: the document on standard output, or sentences on standard error.
    pub fn failure(self, failure: &Failure) {
        if self.is_json {
            let actions: Vec<&str> = failure.actions.iter().map(|action| action.label.as_str()).collect();
            let error = json!({
                "code": failure.code, "what": failure.what, "why": failure.why, "safe": failure.safe,
                "actions": actions, "retry_after_ms": failure.retry_after_ms, "trace": failure.trace,
            });
            print(&format!("{}\n", json!({ "error": error })));
            return;
        }
        let mut text = format!("{}\n  {}\n  {}\n", failure.what, failure.why, failure.safe);
        for action in &failure.actions {
            text.push_str(&format!("  - {}\n", action.label));
        }
        text.push_str(&format!("  {} {}", failure.code, failure.trace));
        complaint(&text);
    }
}

/// Text for people: paragraphs, and tables whose columns line up.
#[derive(Debug, Default)]
pub struct Text(String);

/// How a column lines up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

impl Text {
    /// Adds a line.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.0.push_str(&visible(text.as_ref()));
        self.0.push('\n');
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.0.push('\n');
    }

    /// Adds a table; an empty one says so.
    pub fn table(&mut self, columns: &[(&str, Align)], rows: &[Vec<String>]) {
        if rows.is_empty() {
            self.line("(none)");
            return;
        }
        let cell = |row: &[String], at: usize| row.get(at).map(|text| visible(text)).unwrap_or_default();
        let width = |at: usize, name: &str| {
            let longest = rows.iter().map(|row| cell(row, at).chars().count()).max().unwrap_or(0);
            longest.max(name.chars().count())
        };
        let widths: Vec<usize> = columns.iter().enumerate().map(|(at, (name, _))| width(at, name)).collect();
        let head: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        for row in std::iter::once(&head).chain(rows) {
            let mut line = String::new();
            for (at, ((_, align), width)) in columns.iter().zip(&widths).enumerate() {
                let text = cell(row, at);
                let fill = " ".repeat(width.saturating_sub(text.chars().count()));
                let (before, after) =
                    if *align == Align::Right { (fill, String::new()) } else { (String::new(), fill) };
                line.push_str(&format!("{before}{text}{after}  "));
            }
            self.0.push_str(line.trim_end());
            self.0.push('\n');
        }
    }
}

/// Writes the value of a figure as people write it.
pub fn value(value: &Value) -> String {
    match value {
        Value::None { reason } => format!("– ({reason})"),
        value => value.to_string(),
    }
}

/// Makes what a terminal would act on visible: text of others is never a command to it.
fn visible(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether an answer could not be written to where it was asked for, such as a full disk.
static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Says whether an answer was lost on its way out. A reader that has read enough, such as `head`, loses nothing.
pub fn is_lost() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        IS_LOST.store(true, Ordering::Relaxed);
        complaint(&format!("The answer could not be written: {error}."));
    }
}

/// Writes one line to standard output.
pub fn line(text: &str) {
    print(&format!("{text}\n"));
}

/// Writes a line to standard error.
pub fn complaint(text: &str) {
    let _closed_terminal = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_text_of_others_stays_text() {
        let mut text = Text::default();
        let rows = [vec!["a".to_owned(), "1".to_owned()], vec!["b\u{1b}[2Jb".to_owned(), "12".to_owned()]];
        text.table(&[("name", Align::Left), ("n", Align::Right)], &rows);
        assert_eq!(text.0, "name     n\na        1\nb\u{fffd}[2Jb  12\n");
    }
}
