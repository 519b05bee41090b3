//! A table as Markdown (GitHub's kind), for pasting into a ticket or a checklist.
//!
//! Every cell is one line of plain text: whatever Markdown or HTML would take for markup is escaped.

use crate::scene::{TableTwin, printable};

/// Writes a table: figures are everything but the first column and stand at the right.
///
/// **Shape**: an unknown cell is a dash; ends with a line break.
#[must_use]
pub fn markdown_table(table: &TableTwin) -> String {
    let heads = table.headers.iter().map(|head| escaped(head));
    let rules = (0..table.headers.len()).map(|column| if column == 0 { ":--" } else { "--:" }.to_owned());
    let rows =
        table.rows.iter().map(|row| line(row.iter().map(|cell| cell.as_deref().map_or("–".to_owned(), escaped))));
    [line(heads), line(rules)].into_iter().chain(rows).collect()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn escaped(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(one_line.len());
    for c in printable(&one_line).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!' | ':' | '@' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_plain_text_on_one_line() {
        let table = TableTwin {
            headers: vec!["Plan".to_owned(), "MRR".to_owned()],
            rows: vec![
                vec![Some("Pro | *new*\n<b>".to_owned()), Some("−1,284.00 USD".to_owned())],
                vec![Some("[x](https://evil.example)".to_owned()), None],
            ],
        };
        let expected = "| Plan | MRR |\n| :-- | --: |\n| Pro \\| \\*new\\* \\<b\\> | −1,284.00 USD |\n\
                        | \\[x\\](https\\://evil.example) | – |\n";
        assert_eq!(markdown_table(&table), expected);
    }
}
