//! The bar chart over time: one figure for each slot, or several stacked.
//!
//! Gains stand on the zero line and losses hang from it; the axis always includes zero. The stack is shared with
//! `movements`, which adds its own roles and the net line.

use plotters::drawing::IntoDrawingArea;
use plotters::element::Rectangle;
use plotters::style::Color;

use super::figure::Unit;
use super::frame::{Ends, Frame, Paper, Plot};
use super::scale::Scale;
use super::slot::Slot;
use super::told::{row_key, stops, sum_up, table};
use super::{ChartError, Figures, Reference, Series, Size, check_slots, steps};
use crate::backend::{GRAIN, Ink, Tape};
use crate::scene::{Datum, LegendEntry, Role, Scene};

/// Widest bar, in pixels; wider ones look like walls.
const BAR_MAX: f32 = 44.0;
/// Part of a slot that its bar takes.
const BAR_SHARE: f32 = 0.64;
/// Space between two pieces of a stack, in pixels.
const SEAM: f32 = 1.0;

/// Figures over time as bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarChart {
    /// What is shown, in a few words.
    pub title: String,
    /// What the figures count; one unit, hence one currency, for each chart.
    pub unit: Unit,
    /// The axis, oldest first.
    pub slots: Vec<Slot>,
    /// At most eight series, stacked in this order away from zero.
    pub series: Vec<Series>,
    /// Lines to hold the figures against.
    pub references: Vec<Reference>,
}

impl BarChart {
    /// Draws the chart.
    ///
    /// **Errors**: `TooMany` slots or series, `Uneven` series.
    pub fn scene(&self, size: Size) -> Result<Scene, ChartError> {
        check_slots(&self.slots, &self.series)?;
        let stack =
            Stack { unit: self.unit, slots: &self.slots, parts: Role::SERIES.into_iter().zip(&self.series).collect() };
        let levels = self.references.iter().map(|reference| reference.value);
        let scale = Scale::from_zero(stack.ends().chain(levels), Frame::ticks_wanted(size));
        let frame = Frame::new(size, &self.slots, self.unit, scale, Ends::Whole);
        let lines: Vec<(Role, &Series)> = stack.parts.clone();

        let mut tape = Tape::default();
        let mut data = Figures::default();
        let stops = {
            let paper = tape.recorder(size.width, size.height).into_drawing_area();
            let mut plot = frame.open(&paper)?;
            stack.draw(&frame, &paper, &plot, &mut data)?;
            frame.draw_base(&mut plot)?;
            frame.draw_references(&paper, &mut plot, &self.references, stack.outermost())?;
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
}

fn legend_entry(role: Role, series: &Series) -> LegendEntry {
    LegendEntry { role, label: series.label.clone(), is_line: false }
}

/// Pieces on top of each other, slot by slot.
#[derive(Debug)]
pub(super) struct Stack<'c> {
    pub unit: Unit,
    pub slots: &'c [Slot],
    /// From the zero line outwards.
    pub parts: Vec<(Role, &'c Series)>,
}

impl Stack<'_> {
    /// Gives the pieces of a slot as the level where each begins and the level where it ends.
    fn pieces(&self, at: usize) -> impl Iterator<Item = (Role, &Series, i64, i64)> {
        let (mut above, mut below) = (0_i64, 0_i64);
        self.parts.iter().filter_map(move |(role, series)| {
            let value = series.values.get(at).copied().flatten()?;
            let level = if value < 0 { &mut below } else { &mut above };
            let from = *level;
            *level = level.saturating_add(value);
            Some((*role, *series, from, *level))
        })
    }

    /// Gives every level that the scale must reach.
    pub(super) fn ends(&self) -> impl Iterator<Item = i64> {
        (0..self.slots.len()).flat_map(|at| self.pieces(at).map(|(_, _, _, to)| to))
    }

    /// Gives the heights of the first and the last stack.
    pub(super) fn outermost(&self) -> (i64, i64) {
        let height = |at| self.pieces(at).map(|(_, _, _, to)| to).max().unwrap_or(0);
        (height(0), height(self.slots.len().saturating_sub(1)))
    }

    /// Draws all pieces, with a seam between neighbours.
    pub(super) fn draw(
        &self,
        frame: &Frame<'_>,
        paper: &Paper<'_>,
        plot: &Plot<'_, '_>,
        data: &mut Figures,
    ) -> Result<(), ChartError> {
        let half = (frame.spacing() * BAR_SHARE).min(BAR_MAX) / 2.0;
        for (at, slot) in self.slots.iter().enumerate() {
            for (role, series, from, to) in self.pieces(at).filter(|(_, _, from, to)| from != to) {
                let value = to.saturating_sub(from);
                let datum = Datum { key: row_key(slot, self.unit, &series.word), value: self.unit.full(value) };
                let ink = data.ink(role, slot.is_provisional, datum)?;
                let (x, foot) = plot.backend_coord(&(at as f64, from));
                let (_, head) = plot.backend_coord(&(at as f64, to));
                let is_thick = foot.abs_diff(head) > GRAIN * 3 / 2;
                let seam = if from != 0 && is_thick { steps(SEAM) * (head - foot).signum() } else { 0 };
                let corners = [(whole(x - steps(half)), foot + seam), (whole(x + steps(half)), head)];
                if slot.is_provisional {
                    // Drawn paler, so the grid must not shine through.
                    paper.draw(&Rectangle::new(corners, Ink::of(Role::Surface).filled()))?;
                }
                paper.draw(&Rectangle::new(corners, ink.filled()))?;
            }
        }
        Ok(())
    }
}

/// Moves a coordinate to a whole pixel, so that upright edges are sharp; bars thinner than that stay where they are.
fn whole(steps: i32) -> i32 {
    let grain = i32::try_from(GRAIN).unwrap_or(1);
    (steps + grain / 2).div_euclid(grain) * grain
}
