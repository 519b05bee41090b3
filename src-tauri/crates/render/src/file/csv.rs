//! Tables as CSV: RFC 4180, with typed cells, and harmless to spreadsheet programs.
//!
//! Text is always quoted and cannot begin a formula; numbers and dates are written bare, because they arrive as types and
//! not as text. One separator for each file. Rows are streamed: a million of them need no more memory than one.

use std::io::{self, Write};

use countersign_domain::Instant;
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use jiff::civil::Date;

use crate::scene::is_unseen;

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text of any origin: names, ids, words.
    Text(String),
    /// A whole number with `digits` of it behind the decimal point: 2900 with 2 digits is `29.00`.
    Number {
        /// All digits.
        value: i128,
        /// How many of them stand behind the point.
        digits: u32,
    },
    /// An instant, written in UTC with a `Z`.
    At(Instant),
    /// A local date.
    On(Date),
    /// Nothing is known; an empty cell, never a zero.
    Unknown,
}

impl Cell {
    /// Takes a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Comma between cells, decimal point: RFC 4180, for programs.
    Plain,
    /// The same with a byte order mark, so that Excel reads it as UTF-8.
    Spreadsheet,
    /// Byte order mark, semicolon between cells, decimal comma: for spreadsheets set to a language that wants it.
    SpreadsheetComma,
}

impl Dialect {
    fn separator(self) -> u8 {
        if self == Self::SpreadsheetComma { b';' } else { b',' }
    }

    fn point(self) -> char {
        if self == Self::SpreadsheetComma { ',' } else { '.' }
    }
}

/// Writes a table row by row.
#[derive(Debug)]
pub struct CsvFile<W: Write> {
    writer: Writer<W>,
    dialect: Dialect,
    columns: usize,
    rows: u64,
}

impl<W: Write> CsvFile<W> {
    /// Begins a file with its header.
    ///
    /// **Errors**: those of the sink.
    pub fn begin(mut sink: W, dialect: Dialect, headers: &[&str]) -> io::Result<Self> {
        if dialect != Dialect::Plain {
            sink.write_all("\u{feff}".as_bytes())?;
        }
        let writer = WriterBuilder::new()
            .delimiter(dialect.separator())
            .terminator(Terminator::CRLF)
            // Quotes follow the type of a cell, which the writer does not see, so they are set here.
            .quote_style(QuoteStyle::Never)
            .from_writer(sink);
        let mut file = Self { writer, dialect, columns: headers.len(), rows: 0 };
        file.writer.write_record(headers.iter().map(|header| quoted(header)))?;
        Ok(file)
    }

    /// Writes one row.
    ///
    /// **Errors**: `InvalidInput` for another number of cells than headers; those of the sink.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        if cells.len() != self.columns {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a row with another number of cells than headers"));
        }
        let dialect = self.dialect;
        self.writer.write_record(cells.iter().map(|cell| written(cell, dialect)))?;
        self.rows += 1;
        Ok(())
    }

    /// Ends the file and gives the number of rows without the header.
    ///
    /// **Errors**: those of the sink.
    pub fn finish(mut self) -> io::Result<u64> {
        self.writer.flush()?;
        Ok(self.rows)
    }
}

fn written(cell: &Cell, dialect: Dialect) -> String {
    match cell {
        Cell::Text(text) => quoted(text),
        Cell::Number { value, digits } => decimal(*value, *digits, dialect.point()),
        Cell::At(instant) => dated(instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        Cell::On(date) => dated(date.to_string()),
        Cell::Unknown => String::new(),
    }
}

/// Writes a date bare; a year of more than four digits is written with a sign, which a spreadsheet would run.
fn dated(text: String) -> String {
    if text.starts_with(|c: char| c.is_ascii_digit()) { text } else { quoted(&text) }
}

/// Writes digits only, with a plain minus and no grouping: `-?[0-9]+(\.[0-9]+)?`.
fn decimal(value: i128, digits: u32, point: char) -> String {
    let digits = usize::try_from(digits).unwrap_or(usize::MAX);
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", value.unsigned_abs(), width = digits.saturating_add(1));
    match text.split_at_checked(text.len().saturating_sub(digits)) {
        Some((whole, part)) if !part.is_empty() => format!("{sign}{whole}{point}{part}"),
        _ => format!("{sign}{text}"),
    }
}

/// Quotes a text and takes the power from a beginning that a spreadsheet would run.
fn quoted(text: &str) -> String {
    let guard = if is_dangerous(text) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// Says whether a spreadsheet could take the text for a formula or a command.
///
/// **Source**: OWASP, CSV injection (with the line feed added in August 2025).
#[must_use]
pub fn is_dangerous(text: &str) -> bool {
    let is_breaking = |c: char| matches!(c, '\t' | '\r' | '\n' | '\0');
    // Spreadsheets pass over these before they look for a formula.
    let is_passed_over = |c: char| !is_breaking(c) && (c.is_whitespace() || is_unseen(c));
    text.trim_start_matches(is_passed_over).starts_with(|c: char| {
        is_breaking(c)
            || matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
            // The small forms and the true minus, which some programs fold into the plain ones.
            || matches!(c, '\u{fe66}' | '\u{fe62}' | '\u{fe63}' | '\u{fe6b}' | '\u{2212}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(dialect: Dialect, headers: &[&str], rows: &[Vec<Cell>]) -> String {
        let mut bytes = Vec::new();
        let mut file = CsvFile::begin(&mut bytes, dialect, headers).unwrap();
        rows.iter().for_each(|row| file.row(row).unwrap());
        assert_eq!(file.finish().unwrap(), rows.len() as u64);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn cells_are_written_by_their_type() {
        let at = Instant::from_timestamp(1_772_409_600, 0).unwrap();
        let row = vec![
            Cell::text("Müller, \"Acme\"\nGmbH"),
            Cell::Number { value: -5, digits: 2 },
            Cell::Number { value: 1200, digits: 0 },
            Cell::At(at),
            Cell::On(jiff::civil::date(2026, 3, 9)),
            Cell::Unknown,
        ];
        let rest = "-0.05,1200,2026-03-02T00:00:00Z,2026-03-09,\r\n";
        let name = "\"Müller, \"\"Acme\"\"\nGmbH\"";
        let head = "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"\r\n";
        let headers = ["a", "b", "c", "d", "e", "f"];
        assert_eq!(file(Dialect::Plain, &headers, std::slice::from_ref(&row)), format!("{head}{name},{rest}"));
        let comma = rest.replace(',', ";").replace("-0.05", "-0,05");
        let head = head.replace(',', ";");
        assert_eq!(file(Dialect::SpreadsheetComma, &headers, &[row]), format!("\u{feff}{head}{name};{comma}"));
    }

    #[test]
    fn a_year_that_is_written_with_a_sign_begins_no_formula() {
        let at = |seconds| Cell::At(Instant::from_timestamp(seconds, 0).unwrap());
        for (cell, text) in [
            (at(253_402_300_799), "9999-12-31T23:59:59Z"),
            (at(253_402_300_800), "\"'+10000-01-01T00:00:00Z\""),
            (at(-62_198_755_200), "\"'-0001-01-01T00:00:00Z\""),
            (Cell::On(jiff::civil::date(9999, 1, 1)), "9999-01-01"),
            (Cell::On(jiff::civil::date(-1, 1, 1)), "\"'-000001-01-01\""),
            (Cell::text("\u{3164}=1+1"), "\"'\u{3164}=1+1\""),
            (Cell::text("\u{fe0f}@x"), "\"'\u{fe0f}@x\""),
        ] {
            assert_eq!(written(&cell, Dialect::Plain), text);
        }
    }

    #[test]
    fn a_row_of_another_width_is_refused() {
        let mut file = CsvFile::begin(Vec::new(), Dialect::Plain, &["a", "b"]).unwrap();
        assert!(file.row(&[Cell::Unknown]).is_err());
    }

    #[test]
    fn harmless_text_stays_as_it_is() {
        for text in
            ["", "Acme", "a=b", "3-4", "cus_123", "'quoted", "“=", "/path", "|pipe", "%", "Ω", "  plain", "\u{a0}x"]
        {
            assert!(!is_dangerous(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(texts in prop::collection::vec("(?s).{0,20}", 1..6), value: i128, digits in 0u32..6) {
            let mut row: Vec<Cell> = texts.iter().map(Cell::text).collect();
            row.push(Cell::Number { value, digits });
            let headers: Vec<String> = (0..row.len()).map(|n| format!("c{n}")).collect();
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let written = file(Dialect::Plain, &headers, &[row]);
            let mut reader = csv::Reader::from_reader(written.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            for (given, found) in texts.iter().zip(&record) {
                let expected = if is_dangerous(given) { format!("'{given}") } else { given.clone() };
                prop_assert_eq!(found, expected);
            }
            let number = record.iter().next_back().unwrap().trim_start_matches('-');
            prop_assert!(number.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
            prop_assert!(number.starts_with(|c: char| c.is_ascii_digit()));
        }
    }
}
