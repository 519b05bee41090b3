//! The sparkline: the course of one figure in the height of a line of text.
//!
//! No axis, no grid, no labels; the figure itself stands beside it. It may be as small as a table cell.

use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::Color;

use super::figure::Unit;
use super::line::runs;
use super::scale::Scale;
use super::slot::Slot;
use super::told::sum_up;
use super::{ChartError, Series, Size, check_slots, steps};
use crate::backend::{GRAIN, Ink, Tape};
use crate::scene::{Bounds, Role, Scene, TableTwin};

/// Free space around the line: the radius of its dot and half a stroke.
const MARGIN: f32 = 3.0;

/// The course of one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sparkline {
    /// What is shown, in a few words.
    pub title: String,
    /// What the figures count.
    pub unit: Unit,
    /// The axis, oldest first.
    pub slots: Vec<Slot>,
    /// The figures; unknown ones are gaps.
    pub series: Series,
}

impl Sparkline {
    /// Draws the course. The scene has no stops: the table beside it tells the figures.
    ///
    /// **Errors**: `TooMany` slots, `Uneven` series.
    pub fn scene(&self, size: Size) -> Result<Scene, ChartError> {
        check_slots(&self.slots, [&self.series])?;
        let (width, height) = (size.width as f32, size.height as f32);
        let known: Vec<i64> = self.series.values.iter().flatten().copied().collect();
        let scale = Scale::fitted(known.iter().copied(), 1);
        // The line uses the whole height: a sparkline shows a course, not amounts.
        let (low, high) = (known.iter().min().copied(), known.iter().max().copied());
        let range = match (low, high) {
            (Some(low), Some(high)) if low < high => low..high,
            _ => scale.low..scale.high,
        };
        let last = self.slots.len().saturating_sub(1).max(1) as f64;

        let mut tape = Tape::default();
        {
            let paper = tape.recorder(size.width, size.height).into_drawing_area();
            let mut plot =
                ChartBuilder::on(&paper).margin(steps(MARGIN)).build_cartesian_2d(0.0..last, range.clone())?;
            let newest = self.series.values.iter().rposition(Option::is_some);
            for run in runs(&self.series.values) {
                let (Some((first, _)), Some((end, _))) = (run.first(), run.last()) else { continue };
                let feet = [(*end, range.start), (*first, range.start)];
                let outline: Vec<(f64, i64)> = run.iter().copied().chain(feet).collect();
                plot.draw_series([Polygon::new(outline, Ink::of(Role::Series1))])?;
                plot.draw_series([PathElement::new(run, Ink::of(Role::Series1).stroke_width(GRAIN * 3 / 2))])?;
            }
            if let Some((at, value)) = newest.and_then(|at| Some((at, (*self.series.values.get(at)?)?))) {
                let is_provisional = self.slots.get(at).is_some_and(|slot| slot.is_provisional);
                let ink = Ink { is_provisional, ..Ink::of(Role::Series1) };
                plot.draw_series([Circle::new((at as f64, value), steps(2.0), ink.filled())])?;
            }
        }
        let scene = Scene {
            width,
            height,
            title: self.title.clone(),
            summary: sum_up(&self.title, self.unit, &self.slots, Some(&self.series)),
            plot: Bounds { x: MARGIN, y: MARGIN, width: width - 2.0 * MARGIN, height: height - 2.0 * MARGIN },
            marks: tape.marks(&[]),
            legend: Vec::new(),
            stops: Vec::new(),
            table: TableTwin::default(),
        };
        Ok(scene.cleaned())
    }
}
