//! How reports come to lie on pages: heads repeated, nothing lost, nothing over an edge.

use super::super::report::{Column, Paper, ReportTable, Row};
use super::*;
use countersign_domain::Instant;
use proptest::prelude::*;

fn report(blocks: Vec<Block>) -> Report {
    Report {
        title: "Pack".to_owned(),
        subtitle: "November".to_owned(),
        banner: Some("TEST".to_owned()),
        watermark: None,
        foot: "Data through".to_owned(),
        author: String::new(),
        made_at: Instant::UNIX_EPOCH,
        paper: Paper::A4,
        blocks,
    }
}

fn table(rows: usize) -> Block {
    let cell = |text: String| Row { cells: vec![Some(text), None], is_total: false };
    let column = |label: &str| Column { label: label.to_owned(), is_figure: false };
    Block::Table(ReportTable {
        columns: vec![column("Name"), column("Note")],
        rows: (0..rows).map(|n| cell(format!("row {n}"))).collect(),
    })
}

fn texts(page: &[Piece]) -> Vec<String> {
    page.iter().map(Piece::text).collect()
}

#[test]
fn the_head_of_a_table_is_repeated_and_every_row_is_there_once() {
    let pages = lay_out(&report(vec![table(120)])).pages;
    assert!(pages.len() > 2);
    let heads = |page: &Vec<Piece>| page.iter().filter(|piece| piece.text() == "Name").count();
    assert!(pages.iter().all(|page| heads(page) == 1));
    let cells = pages.iter().flatten().filter(|piece| matches!(piece.part, Part::Cell { column: 0, .. }));
    let names: Vec<String> = cells.map(Piece::text).collect();
    let expected: Vec<String> =
        std::iter::once("Name".to_owned()).chain((0..120).map(|n| format!("row {n}"))).collect();
    assert_eq!(names, expected);
}

#[test]
fn pages_are_numbered_and_name_their_world() {
    let pages = lay_out(&report(vec![table(120)])).pages;
    for (at, page) in pages.iter().enumerate() {
        let texts = texts(page).join("|");
        assert!(texts.contains(&format!("Page {} of {}", at + 1, pages.len())), "{texts}");
        assert!(texts.contains("TEST") && texts.contains("Data through"), "{texts}");
    }
}

#[test]
fn a_text_too_long_for_its_cell_stands_whole_below_the_table() {
    let words = (0..900).map(|n| format!("word{n}")).collect::<Vec<_>>();
    let column = |label: &str| Column { label: label.to_owned(), is_figure: false };
    let cells = vec![Some("Backups restored".to_owned()), Some(words.join(" "))];
    let table =
        ReportTable { columns: vec![column("Line"), column("Reason")], rows: vec![Row { cells, is_total: false }] };
    let pages = lay_out(&report(vec![Block::Table(table)])).pages;
    let texts: Vec<String> =
        pages.iter().flatten().filter(|piece| piece.part == Part::Paragraph).map(Piece::text).collect();
    let all = texts.join(" ");
    assert!(all.contains("Backups restored \u{b7} Reason, whole: word0 word1 "), "{all}");
    assert!(words.iter().all(|word| all.contains(word)), "{all}");
}

#[test]
fn a_heading_is_never_the_last_thing_on_a_page() {
    for rows in 20..60 {
        let pages = lay_out(&report(vec![table(rows), Block::Heading("Next".to_owned()), table(3)])).pages;
        let with_heading = pages.iter().find(|page| texts(page).iter().any(|text| text == "Next")).unwrap();
        assert!(texts(with_heading).iter().any(|text| text == "row 0"), "{rows} rows");
    }
}

fn outside(pages: &Pages) -> Option<String> {
    let marks = pages.pages.iter().flatten().flat_map(|piece| &piece.marks);
    let inside = |x: f32, y: f32| (0.0..=pages.width).contains(&x) && (0.0..=pages.height).contains(&y);
    let escaped = |mark: &&Mark| match &mark.shape {
        Shape::Text { x, y, anchor, size, is_strong, text } => {
            let width = font::width(text, *size, *is_strong);
            let right = if *anchor == Anchor::End { *x } else { x + width };
            !inside(right - if *anchor == Anchor::Middle { width } else { 0.0 }, *y)
        }
        Shape::Rect(b) => !inside(b.x, b.y) || b.y + b.height > pages.height,
        Shape::Path { points, .. } => points.iter().any(|[x, y]| !inside(*x, *y)),
        Shape::Area { .. } | Shape::Circle { .. } => true,
    };
    marks.into_iter().find(escaped).map(|mark| format!("{mark:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn everything_lies_on_its_page(
        words in prop::collection::vec("[a-z ]{0,400}", 0..12),
        figures in prop::collection::vec("[0-9,]{1,40} USD", 1..9),
        rows in 0usize..80,
    ) {
        let headline = |value: &String| Headline { label: value.clone(), value: value.clone(), note: Some(value.clone()) };
        let column = |label: &String| Column { label: label.clone(), is_figure: true };
        let row = Row { cells: figures.iter().cloned().map(Some).collect(), is_total: true };
        let mut blocks: Vec<Block> = words.iter().cloned().map(Block::Paragraph).collect();
        blocks.extend(words.iter().cloned().map(Block::Heading));
        blocks.push(Block::Headlines(figures.iter().map(headline).collect()));
        blocks.push(Block::Facts(words.iter().map(|word| (word.clone(), word.clone())).collect()));
        blocks.push(Block::Table(ReportTable { columns: figures.iter().map(column).collect(), rows: vec![row; rows] }));
        prop_assert_eq!(outside(&lay_out(&report(blocks))), None);
    }
}
