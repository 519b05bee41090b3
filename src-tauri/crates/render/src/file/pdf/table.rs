//! Sets the table of a report: widths of the columns, lines of the cells.
//!
//! Figures are never cut: text gives way to them, then the type becomes smaller, and only then do they break. A row stays
//! on one page, so a cell of text has a bounded number of lines; what is cut there is given whole, to stand below.

use super::pages::clean;
use super::report::{ReportTable, Row};
use crate::font;
use crate::scene::{Anchor, Mark, Role, Shape};

/// Text sizes of cells, the first that lets all figures stand on one line.
const SIZES: [f32; 5] = [8.5, 8.0, 7.5, 7.0, 6.5];
/// Distance of two lines in a cell.
const LINE: f32 = 11.5;
/// Space above and below the lines of a row.
const PAD: f32 = 4.0;
/// Space between two columns.
const GAP: f32 = 12.0;
/// Narrowest a column of text may become.
const TEXT_LEAST: f32 = 52.0;
/// Most lines of one cell.
const LINES_MAX: usize = 12;
/// What stands where nothing is known.
const UNKNOWN: &str = "\u{2013}";

/// A table with every mark at its place, relative to the upper left of its row.
#[derive(Debug)]
pub(super) struct TableLayout {
    pub header: TableLine,
    pub lines: Vec<TableLine>,
    /// Whole texts of the cells that were cut, each after what it is of.
    pub whole: Vec<String>,
}

/// One row of a table.
#[derive(Debug)]
pub(super) struct TableLine {
    pub height: f32,
    pub is_total: bool,
    /// The marks of each cell.
    pub cells: Vec<Vec<Mark>>,
}

/// A column as it is set.
#[derive(Debug, Clone, Copy)]
struct SetColumn {
    left: f32,
    width: f32,
    is_figure: bool,
}

/// The cleaned texts of one row.
struct Texts {
    cells: Vec<String>,
    is_strong: bool,
}

impl TableLayout {
    /// Sets a table in a width.
    pub(super) fn new(table: &ReportTable, width: f32) -> Self {
        let header =
            Texts { cells: table.columns.iter().map(|column| clean(&column.label)).collect(), is_strong: true };
        let rows: Vec<Texts> = table.rows.iter().map(|row| texts(row, header.cells.len())).collect();
        let room = width - GAP * table.columns.len().saturating_sub(1) as f32;
        let ems = ems(std::iter::once(&header).chain(&rows), table.columns.len());
        let mut size = 0.0;
        let mut widths = Vec::new();
        for wished in SIZES {
            // Half a point of slack keeps rounding from breaking a text that just fits.
            let wishes = ems.iter().zip(&table.columns).map(|(ems, column)| (ems * wished + 0.5, column.is_figure));
            let (fits, found) = share(&wishes.collect::<Vec<_>>(), room);
            (size, widths) = (wished, found);
            if fits {
                break;
            }
        }
        let mut left = 0.0;
        let slots: Vec<SetColumn> = widths
            .into_iter()
            .zip(&table.columns)
            .map(|(width, column)| {
                let slot = SetColumn { left, width, is_figure: column.is_figure };
                left += width + GAP;
                slot
            })
            .collect();
        let whole = rows.iter().flat_map(|row| whole(row, &header, &slots, size)).collect();
        Self {
            whole,
            header: line(&header, &slots, size - 0.5, Role::Note),
            lines: rows.iter().map(|row| line(row, &slots, size, Role::Value)).collect(),
        }
    }
}

fn texts(row: &Row, columns: usize) -> Texts {
    let cell = |at: usize| row.cells.get(at).and_then(Option::as_deref).map_or_else(|| UNKNOWN.to_owned(), clean);
    Texts { cells: (0..columns).map(cell).collect(), is_strong: row.is_total }
}

/// Says how wide each column would be without a line break, in parts of the em square.
fn ems<'t>(rows: impl Iterator<Item = &'t Texts>, columns: usize) -> Vec<f32> {
    let mut widest = vec![0.0_f32; columns];
    for row in rows {
        for (widest, cell) in widest.iter_mut().zip(&row.cells) {
            *widest = widest.max(font::width(cell, 1.0, row.is_strong));
        }
    }
    widest
}

/// Shares a width among columns and says whether all figures got what they wished.
fn share(wishes: &[(f32, bool)], room: f32) -> (bool, Vec<f32>) {
    let of_kind = |kind: bool| wishes.iter().filter(move |(_, is_figure)| *is_figure == kind).map(|(wish, _)| *wish);
    let (figures, words) = (of_kind(true).sum::<f32>(), of_kind(false).sum::<f32>());
    let texts = of_kind(false).count();
    if figures + words <= room {
        // Room to spare goes to the text; figures alone share it.
        let sharers = if texts == 0 { wishes.len() } else { texts };
        let spare = (room - figures - words) / sharers.max(1) as f32;
        let width = |&(wish, is_figure): &(f32, bool)| if is_figure && texts > 0 { wish } else { wish + spare };
        return (true, wishes.iter().map(width).collect());
    }
    let least: f32 = of_kind(false).map(|wish| wish.min(TEXT_LEAST)).sum();
    if figures + least <= room {
        let level = level(of_kind(false).collect(), room - figures);
        let width = |&(wish, is_figure): &(f32, bool)| if is_figure { wish } else { wish.min(level) };
        return (true, wishes.iter().map(width).collect());
    }
    let level = level(wishes.iter().map(|(wish, _)| *wish).collect(), room);
    (false, wishes.iter().map(|(wish, _)| wish.min(level)).collect())
}

/// Finds the width at which wide columns must stop so that all together fill the room; narrow ones keep their wish.
fn level(mut wishes: Vec<f32>, room: f32) -> f32 {
    wishes.sort_by(f32::total_cmp);
    let mut left = room;
    for (at, wish) in wishes.iter().enumerate() {
        let fair = left / (wishes.len() - at) as f32;
        if *wish > fair {
            return fair;
        }
        left -= wish;
    }
    room
}

fn line(row: &Texts, slots: &[SetColumn], size: f32, role: Role) -> TableLine {
    let wrap = |(cell, slot): (&String, &SetColumn)| font::wrap(cell, size, row.is_strong, slot.width, LINES_MAX);
    let wrapped: Vec<Vec<String>> = row.cells.iter().zip(slots).map(wrap).collect();
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(1);
    let marks = |(lines, slot): (&Vec<String>, &SetColumn)| -> Vec<Mark> {
        let (x, anchor) =
            if slot.is_figure { (slot.left + slot.width, Anchor::End) } else { (slot.left, Anchor::Start) };
        let mark = |(at, text): (usize, &String)| {
            let y = PAD + at as f32 * LINE + (LINE + size * font::CAP_HEIGHT) / 2.0;
            Mark::plain(role, Shape::Text { x, y, anchor, size, is_strong: row.is_strong, text: text.clone() })
        };
        lines.iter().enumerate().map(mark).collect()
    };
    TableLine {
        height: lines as f32 * LINE + 2.0 * PAD,
        is_total: row.is_strong && role == Role::Value,
        cells: wrapped.iter().zip(slots).map(marks).collect(),
    }
}

/// Gives the cells of a row that have more lines than it shows.
fn whole(row: &Texts, header: &Texts, slots: &[SetColumn], size: f32) -> Vec<String> {
    /// Widest name of a row before the text of its cell, in lines of the table's own type.
    const NAME_MAX: f32 = 220.0;
    let first = row.cells.first().map_or("", String::as_str);
    let of = font::fit(first, size, row.is_strong, NAME_MAX);
    let cells = row.cells.iter().zip(&header.cells).zip(slots);
    let is_cut =
        |cell: &str, slot: &SetColumn| font::wrap(cell, size, row.is_strong, slot.width, usize::MAX).len() > LINES_MAX;
    let cut = cells.filter(|((cell, _), slot)| is_cut(cell, slot));
    cut.map(|((cell, head), _)| format!("{of} \u{b7} {head}, whole: {cell}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::report::Column;
    use super::*;

    fn table(cells: &[&str], figures: &[bool]) -> ReportTable {
        let column = |is_figure: &bool| Column { label: "x".to_owned(), is_figure: *is_figure };
        let cells = cells.iter().map(|cell| Some((*cell).to_owned())).collect();
        ReportTable { columns: figures.iter().map(column).collect(), rows: vec![Row { cells, is_total: false }] }
    }

    fn written(table: &ReportTable, width: f32) -> Vec<Vec<String>> {
        let layout = TableLayout::new(table, width);
        let text = |mark: &Mark| match &mark.shape {
            Shape::Text { text, x, .. } => {
                assert!(*x <= width + 0.01, "{text} at {x}");
                text.clone()
            }
            other => panic!("{other:?}"),
        };
        layout.lines[0].cells.iter().map(|cell| cell.iter().map(text).collect()).collect()
    }

    #[test]
    fn text_gives_way_to_figures_and_short_text_keeps_its_line() {
        let long = "Too expensive for the number of seats that are used";
        let cells = written(
            &table(&["2026-03-09", "cus_QAbCdEfGhIjKlMn", long, "−12,480.00 USD"], &[false, false, false, true]),
            360.0,
        );
        assert_eq!(cells[0], ["2026-03-09"]);
        assert_eq!(cells[1], ["cus_QAbCdEfGhIjKlMn"]);
        assert!(cells[2].len() > 1 && cells[2].join(" ") == long);
        assert_eq!(cells[3], ["−12,480.00 USD"]);
    }

    #[test]
    fn figures_are_never_cut() {
        let figure = "−92,233,720,368,547,758.08 USD";
        for width in [500.0, 200.0, 90.0] {
            let cells = written(&table(&[figure, figure, figure], &[true, true, true]), width);
            assert!(cells.iter().all(|cell| cell.concat().replace(' ', "") == figure.replace(' ', "")), "{cells:?}");
        }
    }

    #[test]
    fn what_a_cell_cuts_is_given_whole() {
        let long = (0..200).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        let made = table(&["A line", &long, "short"], &[false, false, false]);
        let layout = TableLayout::new(&made, 240.0);
        assert_eq!(layout.whole, [format!("A line \u{b7} x, whole: {long}")]);
        assert!(layout.lines[0].cells[1].len() == LINES_MAX);
    }

    #[test]
    fn unknown_cells_are_a_dash() {
        let mut table = table(&["a", "b"], &[false, true]);
        table.rows[0].cells = vec![None];
        assert_eq!(written(&table, 200.0), [["–"], ["–"]]);
    }
}
