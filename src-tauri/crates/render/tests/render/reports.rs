//! Reports as PDF: whole, equal for equal content, and without anything that could act.

use countersign_domain::Instant;
use countersign_render::file::pdf::{Block, Column, Paper, PdfError, Report, ReportTable, Row, pdf};

use crate::hostile_cells::HOSTILE;
use crate::samples;

fn report(blocks: Vec<Block>) -> Report {
    Report {
        title: "Pack".to_owned(),
        subtitle: "November".to_owned(),
        banner: None,
        watermark: None,
        foot: String::new(),
        author: "Dana Reyes".to_owned(),
        made_at: Instant::UNIX_EPOCH,
        paper: Paper::Letter,
        blocks,
    }
}

fn table(cells: &[&str]) -> Block {
    let row = |cell: &&str| Row { cells: vec![Some((*cell).to_owned())], is_total: false };
    Block::Table(ReportTable {
        columns: vec![Column { label: "Text".to_owned(), is_figure: false }],
        rows: cells.iter().map(row).collect(),
    })
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn a_report_is_written_and_equal_reports_give_equal_bytes() {
    let bytes = pdf(&samples::report().unwrap()).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
    assert_eq!(bytes, pdf(&samples::report().unwrap()).unwrap());
    // What the file says of itself stands outside of its packed parts.
    for word in ["pdfaid:part", "pdfuaid:part", "/StructTreeRoot", "/Inter-Regular", "Dana Reyes"] {
        let word = word.trim_start_matches('/');
        assert!(contains(&bytes, word), "{word}");
    }
}

#[test]
fn nothing_in_a_report_can_act_whatever_its_texts_say() {
    let urls =
        ["https://evil.example/", "javascript:alert(1)", "file:///etc/passwd", "/OpenAction << /S /JavaScript >>"];
    let texts: Vec<&str> = HOSTILE.iter().chain(&urls).copied().collect();
    let heading = Block::Heading("(/JS) >> endobj \u{202e}\u{0}\\".to_owned());
    let bytes = pdf(&report(vec![heading, table(&texts), Block::Paragraph(texts.join(" "))])).unwrap();
    for word in
        ["/URI", "/JavaScript", "/JS ", "/Launch", "/OpenAction", "/EmbeddedFile", "/GoToR", "/SubmitForm", "/AA"]
    {
        assert!(!contains(&bytes, word), "{word}");
    }
}

#[test]
fn every_text_can_be_printed_and_an_empty_report_too() {
    let strange = ["", " ", "東京", "🚀", "\u{fffd}", "\u{0}", "a\u{301}", "ﬁ", "مرحبا", "\u{e000}", "\u{10ffff}"];
    let bytes = pdf(&report(vec![table(&strange), Block::Heading(String::new()), table(&[])])).unwrap();
    assert!(bytes.len() > 1_000);
    let bytes = pdf(&Report { title: String::new(), subtitle: String::new(), ..report(Vec::new()) }).unwrap();
    assert!(bytes.len() > 1_000);
}

#[test]
fn a_report_without_end_is_refused() {
    let long = report(vec![table(&["x"; 60_000]), table(&["x"; 60_000])]);
    assert!(matches!(pdf(&long), Err(PdfError::TooLong { given: 120_000, limit: 100_000 })));
}
