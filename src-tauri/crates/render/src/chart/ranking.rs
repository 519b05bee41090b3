//! The ranking: one bar for each name, lying, with its figure at the right.
//!
//! For plans, countries, causes: things without an order in time. The order and the row that sums up the rest come from
//! the caller. The height follows from the number of rows.

use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::figure::Unit;
use super::{ChartError, Figures, Size, steps, text_style};
use crate::backend::{Tape, pixels};
use crate::font;
use crate::scene::{Bounds, Datum, Entry, Role, Scene, Stop, TableTwin};

/// Most rows of one ranking.
const ROWS_MAX: usize = 200;
/// Height of one row, in pixels.
const ROW: u32 = 28;
/// Half the height of a bar, in pixels.
const BAR_HALF: f32 = 7.0;
/// Text size, in pixels.
const TEXT: f32 = 12.0;
/// Space between columns, in pixels.
const GAP: f32 = 12.0;
/// Largest part of the width for the names.
const NAMES_SHARE: f32 = 0.4;
/// Widest column of names, in pixels.
const NAMES_MAX: f32 = 320.0;

/// Names with figures, compared by length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// What is shown, in a few words.
    pub title: String,
    /// What the names are, as head of their column: `Plan`.
    pub names: String,
    /// What the figures are: `MRR`.
    pub label: String,
    /// What the figures count.
    pub unit: Unit,
    /// The rows from top to bottom.
    pub rows: Vec<RankingRow>,
}

/// One name of a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingRow {
    /// The row, as a click asks for it.
    pub key: String,
    /// The name, remote text.
    pub name: String,
    /// Its figure; unknown ones have no bar.
    pub value: Option<i64>,
}

impl Ranking {
    /// Draws the ranking in a given width.
    ///
    /// **Errors**: `TooMany` rows.
    pub fn scene(&self, width: u32) -> Result<Scene, ChartError> {
        let given = self.rows.len();
        if given > ROWS_MAX {
            return Err(ChartError::TooMany { given, limit: ROWS_MAX });
        }
        let size = Size::new(width, u32::try_from(given).unwrap_or(u32::MAX).saturating_mul(ROW));
        let plot = self.plot(size);
        let values = || self.rows.iter().filter_map(|row| row.value);
        let range = values().min().unwrap_or(0).min(0)..values().max().unwrap_or(0).max(1);

        let mut tape = Tape::default();
        let mut data = Figures::default();
        let mut stops = Vec::new();
        {
            let paper = tape.recorder(size.width, size.height).into_drawing_area();
            let right = size.width as f32 - plot.x - plot.width;
            let context = ChartBuilder::on(&paper)
                .margin_left(steps(plot.x))
                .margin_right(steps(right))
                .build_cartesian_2d(range, given.max(1) as f64..0.0)?;
            for (at, row) in self.rows.iter().enumerate() {
                let x = |value: i64| context.backend_coord(&(value, at as f64 + 0.5));
                let (zero, y) = x(0);
                let name = font::fit(&row.name, TEXT, false, plot.x - GAP);
                let style = text_style(Role::Label, TEXT, false, HPos::Left, VPos::Center);
                paper.draw(&Text::new(name, (0, y), style))?;
                let role = if row.value.is_some() { Role::Value } else { Role::Note };
                let style = text_style(role, TEXT, false, HPos::Right, VPos::Center);
                paper.draw(&Text::new(self.figure(row), (steps(size.width as f32), y), style))?;
                let datum = row.value.map(|_| Datum { key: row.key.clone(), value: self.figure(row) });
                let end = row.value.map(|value| x(value).0);
                if let (Some(end), Some(datum)) = (end, datum.clone()) {
                    let ink = data.ink(Role::Series1, false, datum)?;
                    let corners = [(zero, y - steps(BAR_HALF)), (end, y + steps(BAR_HALF))];
                    paper.draw(&Rectangle::new(corners, ink.filled()))?;
                }
                let (role, across) = (Role::Series1, end.map(pixels));
                let entry = Entry { role, label: self.label.clone(), across, datum, is_provisional: false };
                stops.push(Stop { at: pixels(y), title: row.name.clone(), entries: vec![entry] });
            }
        }
        let scene = Scene {
            width: size.width as f32,
            height: size.height as f32,
            title: self.title.clone(),
            summary: self.summary(),
            plot,
            marks: tape.marks(&data.0),
            legend: Vec::new(),
            stops,
            table: self.table(),
        };
        Ok(scene.cleaned())
    }

    /// Gives the room for the bars, between the names and the figures.
    fn plot(&self, size: Size) -> Bounds {
        let widest = |texts: &mut dyn Iterator<Item = String>| {
            texts.map(|text| font::width(&text, TEXT, false)).fold(0.0, f32::max).ceil()
        };
        let names = widest(&mut self.rows.iter().map(|row| row.name.clone()))
            .min(size.width as f32 * NAMES_SHARE)
            .min(NAMES_MAX);
        let figures = widest(&mut self.rows.iter().map(|row| self.figure(row)));
        let x = names + GAP;
        Bounds { x, y: 0.0, width: (size.width as f32 - x - figures - GAP).max(1.0), height: size.height as f32 }
    }

    fn figure(&self, row: &RankingRow) -> String {
        row.value.map_or_else(|| "not known".to_owned(), |value| self.unit.full(value))
    }

    fn table(&self) -> TableTwin {
        let row = |row: &RankingRow| vec![Some(row.name.clone()), row.value.map(|value| self.unit.full(value))];
        TableTwin { headers: vec![self.names.clone(), self.label.clone()], rows: self.rows.iter().map(row).collect() }
    }

    fn summary(&self) -> String {
        let told = |row: &RankingRow| format!("{} {}", row.name, self.figure(row));
        match self.rows.as_slice() {
            [] => format!("{}: nothing to show.", self.title),
            [first] => format!("{}: {}.", self.title, told(first)),
            [first, .., last] => {
                format!("{}, {} rows: first {}, last {}.", self.title, self.rows.len(), told(first), told(last))
            }
        }
    }
}
