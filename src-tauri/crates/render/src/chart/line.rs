//! The line chart: one or several figures over time.
//!
//! Unknown figures are gaps. A figure whose period has not ended hangs on a provisional stroke. The surface below a
//! single line is filled only where it stands on zero; a cut axis must not look like an amount.

use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::Color;

use super::figure::Unit;
use super::frame::{Ends, Frame, Paper, Plot};
use super::scale::Scale;
use super::slot::Slot;
use super::told::{row_key, stops, sum_up, table};
use super::{ChartError, Figures, Reference, Series, Size, check_slots, steps};
use crate::backend::{GRAIN, Ink, Tape};
use crate::scene::{Datum, LegendEntry, Role, Scene};

/// Width of a series' stroke, in steps.
const STROKE: u32 = 2 * GRAIN;
/// Radius of the dot at the newest figure.
const DOT: f32 = 3.5;

/// Figures over time as lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChart {
    /// What is shown, in a few words.
    pub title: String,
    /// What the figures count; one unit, hence one currency, for each chart.
    pub unit: Unit,
    /// The axis, oldest first.
    pub slots: Vec<Slot>,
    /// At most eight lines, the most important first.
    pub series: Vec<Series>,
    /// The first series at another time, slot by slot, drawn behind it.
    pub compared: Option<Series>,
    /// Lines to hold the figures against.
    pub references: Vec<Reference>,
}

impl LineChart {
    /// Draws the chart.
    ///
    /// **Errors**: `TooMany` slots or series, `Uneven` series.
    pub fn scene(&self, size: Size) -> Result<Scene, ChartError> {
        check_slots(&self.slots, &self.series)?;
        check_slots(&self.slots, &self.compared)?;
        let lines = self.lines();
        let levels = self.references.iter().map(|reference| reference.value);
        let figures = lines.iter().flat_map(|(_, series)| series.values.iter().flatten().copied()).chain(levels);
        let scale = Scale::fitted(figures, Frame::ticks_wanted(size));
        let frame = Frame::new(size, &self.slots, self.unit, scale, Ends::Close);

        let mut tape = Tape::default();
        let mut data = Figures::default();
        let stops = {
            let paper = tape.recorder(size.width, size.height).into_drawing_area();
            let mut plot = frame.open(&paper)?;
            self.draw(&frame, &paper, &mut plot, &mut data)?;
            stops(&plot, self.unit, &self.slots, &lines)
        };
        let scene = Scene {
            width: frame.size().0,
            height: frame.size().1,
            title: self.title.clone(),
            summary: sum_up(&self.title, self.unit, &self.slots, self.series.first()),
            plot: frame.plot,
            marks: tape.marks(&data.0),
            legend: lines.iter().map(|(role, series)| legend_entry(*role, series)).collect(),
            table: table("Period", &lines, &stops),
            stops,
        };
        Ok(scene.cleaned())
    }

    /// Lists the lines with their roles in reading order.
    fn lines(&self) -> Vec<(Role, &Series)> {
        let series = Role::SERIES.into_iter().zip(&self.series);
        series.chain(self.compared.iter().map(|series| (Role::Ghost, series))).collect()
    }

    fn draw(
        &self,
        frame: &Frame<'_>,
        paper: &Paper<'_>,
        plot: &mut Plot<'_, '_>,
        data: &mut Figures,
    ) -> Result<(), ChartError> {
        if let ([only], true) = (self.series.as_slice(), frame.scale.base() == 0) {
            for run in runs(&only.values) {
                let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else { continue };
                let feet = [(*last, 0), (*first, 0)];
                let outline: Vec<(f64, i64)> = run.iter().copied().chain(feet).collect();
                plot.draw_series([Polygon::new(outline, Ink::of(Role::Series1))])?;
            }
        }
        frame.draw_base(plot)?;
        if let Some(series) = &self.compared {
            for run in runs(&series.values) {
                plot.draw_series([PathElement::new(run, Ink::of(Role::Ghost).stroke_width(GRAIN * 3 / 2))])?;
            }
        }
        for (role, series) in Role::SERIES.into_iter().zip(&self.series).rev() {
            self.draw_line(plot, role, series)?;
        }
        let known =
            |series: &Series| Some((*series.values.iter().flatten().next()?, *series.values.iter().flatten().last()?));
        let outermost = self.series.first().and_then(known).unwrap_or_default();
        frame.draw_references(paper, plot, &self.references, outermost)?;
        for (role, series) in Role::SERIES.into_iter().zip(&self.series).rev() {
            self.draw_newest(plot, role, series, data)?;
        }
        Ok(())
    }

    /// Draws a series: solid between ended periods, provisional into the one that has not ended.
    fn draw_line(&self, plot: &mut Plot<'_, '_>, role: Role, series: &Series) -> Result<(), ChartError> {
        for run in runs(&series.values) {
            let ended = run.iter().take_while(|(slot, _)| !self.is_provisional(*slot)).count();
            let (solid, open) = (run.get(..ended).unwrap_or_default(), run.get(ended.saturating_sub(1)..));
            if let [alone] = solid {
                // A figure between two gaps has no stroke to lie on.
                plot.draw_series([Circle::new(*alone, steps(2.0), Ink::of(role).filled())])?;
            } else if !solid.is_empty() {
                plot.draw_series([PathElement::new(solid.to_vec(), Ink::of(role).stroke_width(STROKE))])?;
            }
            if let Some(open) = open.filter(|open| ended < run.len() && open.len() > 1) {
                let ink = Ink { is_provisional: true, ..Ink::of(role) };
                plot.draw_series([PathElement::new(open.to_vec(), ink.stroke_width(STROKE))])?;
            }
        }
        Ok(())
    }

    fn draw_newest(
        &self,
        plot: &mut Plot<'_, '_>,
        role: Role,
        series: &Series,
        data: &mut Figures,
    ) -> Result<(), ChartError> {
        let newest = self.slots.iter().zip(&series.values).enumerate().rev();
        let mut known = newest.filter_map(|(at, (slot, value))| value.map(|value| (at, slot, value)));
        let Some((at, slot, value)) = known.next() else { return Ok(()) };
        let datum = Datum { key: row_key(slot, self.unit, &series.word), value: self.unit.full(value) };
        let ink = data.ink(role, slot.is_provisional, datum)?;
        let point = (at as f64, value);
        let ring = Circle::new(point, steps(DOT + 1.5), Ink::of(Role::Surface).filled());
        plot.draw_series([ring, Circle::new(point, steps(DOT), ink.filled())])?;
        Ok(())
    }

    fn is_provisional(&self, at: f64) -> bool {
        // Points are made from whole numbers of slots, see `runs`.
        self.slots.get(at as usize).is_some_and(|slot| slot.is_provisional)
    }
}

/// Splits a series at its gaps into runs of points.
pub(super) fn runs(values: &[Option<i64>]) -> Vec<Vec<(f64, i64)>> {
    let points: Vec<(usize, Option<i64>)> = values.iter().copied().enumerate().collect();
    points
        .split(|(_, value)| value.is_none())
        .map(|run| run.iter().filter_map(|(at, value)| Some((*at as f64, (*value)?))).collect())
        .filter(|run: &Vec<_>| !run.is_empty())
        .collect()
}

fn legend_entry(role: Role, series: &Series) -> LegendEntry {
    LegendEntry { role, label: series.label.clone(), is_line: true }
}
