//! A report: what stands in it, in reading order, before anyone knows about pages.
//!
//! Every figure and every sentence arrives finished. How it is laid out is in `pages`, how it becomes a file in `pdf`.

use countersign_domain::Instant;

use crate::scene::{Scene, TableTwin};

/// Width in pixels at which charts for a report should be drawn; they are scaled to the width of the page.
pub const CHART_WIDTH: u32 = 660;

/// Most table rows of one report: the longest checklist with all that is listed of its lines beside them, about 2,500
/// pages. More rows belong into a CSV file.
pub const ROWS_MAX: usize = 100_000;

/// A report with its head and its blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is: `Monthly pack`.
    pub title: String,
    /// Of what: `November 2026 · Acme`.
    pub subtitle: String,
    /// The world of the figures, in the words of the environment banner.
    pub banner: Option<String>,
    /// One word across every page, for invented figures.
    pub watermark: Option<String>,
    /// At the foot of every page: data through, complete or as of, who, when.
    pub foot: String,
    /// Who made it, for the file's properties.
    pub author: String,
    /// When it was made, for the file's properties.
    pub made_at: Instant,
    /// The paper it will be printed on.
    pub paper: Paper,
    /// The content.
    pub blocks: Vec<Block>,
}

impl Report {
    /// Gives the title, or a word for a report that has none: readers and standards want one.
    pub(super) fn title(&self) -> &str {
        if self.title.trim().is_empty() { "Report" } else { &self.title }
    }
}

/// Sizes of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 210 by 297 mm.
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

impl Paper {
    /// Gives width and height in points.
    #[must_use]
    pub fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// One piece of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Begins a section; never the last thing on a page.
    Heading(String),
    /// Running text.
    Paragraph(String),
    /// Text in bold red, for what nobody may overlook; its words say so too.
    Alert(String),
    /// Figures to be seen first, up to four side by side.
    Headlines(Vec<Headline>),
    /// Names with their values, one below the other: filters, method switches, ledger head.
    Facts(Vec<(String, String)>),
    /// A table; its header is repeated on every page it reaches.
    Table(ReportTable),
    /// A chart with its legend.
    Chart(Box<Scene>),
}

/// A figure in large type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// What it is.
    pub label: String,
    /// The figure.
    pub value: String,
    /// What it is compared with, or why it is not known.
    pub note: Option<String>,
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportTable {
    /// The columns from left to right.
    pub columns: Vec<Column>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub label: String,
    /// Whether it holds figures, which stand at the right.
    pub is_figure: bool,
}

/// A row of a table.
///
/// **Shape**: as many cells as columns; missing ones are shown as unknown, further ones are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cells; an unknown one is a dash.
    pub cells: Vec<Option<String>>,
    /// Whether it sums up the rows above.
    pub is_total: bool,
}

impl From<&TableTwin> for ReportTable {
    /// Takes the table of a chart: names in the first column, figures in the others. A unit that all figures share is
    /// said once, in the head of the first column.
    fn from(twin: &TableTwin) -> Self {
        let unit = shared_unit(twin);
        let label = |(at, label): (usize, &String)| match &unit {
            Some(unit) if at == 0 => format!("{label} · {unit}"),
            _ => label.clone(),
        };
        let figure = |(at, cell): (usize, &Option<String>)| match (&unit, cell) {
            (Some(unit), Some(text)) if at > 0 => {
                text.strip_suffix(unit.as_str()).map(|text| text.trim_end().to_owned())
            }
            _ => cell.clone(),
        };
        let heads = twin.headers.iter().enumerate();
        Self {
            columns: heads.map(|head| Column { is_figure: head.0 > 0, label: label(head) }).collect(),
            rows: twin
                .rows
                .iter()
                .map(|cells| Row { cells: cells.iter().enumerate().map(figure).collect(), is_total: false })
                .collect(),
        }
    }
}

/// Finds the last word of the figures, if it is the same for all and is not a figure itself.
fn shared_unit(twin: &TableTwin) -> Option<String> {
    let mut figures = twin.rows.iter().flat_map(|cells| cells.iter().skip(1).flatten());
    let (_, unit) = figures.next()?.rsplit_once(' ')?;
    let is_shared = figures.all(|text| text.rsplit_once(' ').is_some_and(|(_, other)| other == unit));
    (is_shared && !unit.contains(|c: char| c.is_ascii_digit())).then(|| unit.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_all_figures_share_is_said_once() {
        let twin = |cells: [Option<&str>; 3]| TableTwin {
            headers: vec!["Period".to_owned(), "New".to_owned(), "Net".to_owned()],
            rows: vec![cells.map(|cell| cell.map(str::to_owned)).to_vec()],
        };
        for (cells, head, first) in [
            ([Some("March"), Some("1.00 USD"), Some("−2.00 USD")], "Period · USD", "1.00"),
            ([Some("March"), Some("1.00 USD"), None], "Period · USD", "1.00"),
            ([Some("March"), Some("1.00 USD"), Some("2.00 EUR")], "Period", "1.00 USD"),
            ([Some("March"), Some("1"), Some("2")], "Period", "1"),
        ] {
            let table = ReportTable::from(&twin(cells));
            assert_eq!(table.columns[0].label, head);
            assert_eq!(table.rows[0].cells[1].as_deref(), Some(first));
            assert_eq!(table.rows[0].cells[2].is_none(), cells[2].is_none());
        }
    }
}
