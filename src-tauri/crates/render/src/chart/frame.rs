//! The frame of every chart with a time axis: room for the labels, grid, ticks, and plotters' coordinates.
//!
//! One frame for lines and bars keeps the same month at the same place in both. What is drawn inside the frame is the
//! business of the chart's own file.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::combinators::WithKeyPoints;
use plotters::coord::types::{RangedCoordf64, RangedCoordi64};
use plotters::drawing::DrawingArea;
use plotters::element::{PathElement, Text};
use plotters::prelude::BindKeyPoints;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::figure::Unit;
use super::scale::Scale;
use super::slot::{LABEL_SIZE, Slot, labels};
use super::{ChartError, Reference, Size, steps, text_style};
use crate::backend::{GRAIN, Ink, Recorder, pixels};
use crate::font;
use crate::scene::{Bounds, Role};

/// Space between tick labels and plot.
const TICK_GAP: f32 = 10.0;
/// Space at the right edge: half of the widest slot label.
const RIGHT: f32 = 22.0;
/// Height of one line of labels.
const LINE: f32 = 15.0;
/// Height that one tick of the scale wants for itself.
const TICK_ROOM: u32 = 52;

/// The paper on which plotters draws.
pub(crate) type Paper<'t> = DrawingArea<Recorder<'t>, Shift>;
/// plotters' coordinates inside the frame: slots across, figures upwards.
pub(crate) type Plot<'p, 't> =
    ChartContext<'p, Recorder<'t>, Cartesian2d<RangedCoordf64, WithKeyPoints<RangedCoordi64>>>;

/// How the first and last slot meet the sides of the plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Each slot has its full width, as bars need it.
    Whole,
    /// The first and the last point lie close to the sides, as a line looks best.
    Close,
}

/// Everything that is decided before the first mark.
#[derive(Debug)]
pub(crate) struct Frame<'c> {
    slots: &'c [Slot],
    unit: Unit,
    pub scale: Scale,
    tick_texts: Vec<String>,
    size: Size,
    pub plot: Bounds,
    /// Free slots left of the first and right of the last one.
    pad: f64,
}

impl<'c> Frame<'c> {
    /// Gives the number of ticks that suit a height.
    pub(crate) fn ticks_wanted(size: Size) -> u32 {
        (size.height / TICK_ROOM).clamp(2, 6)
    }

    pub(crate) fn new(size: Size, slots: &'c [Slot], unit: Unit, scale: Scale, ends: Ends) -> Self {
        let tick_texts = unit.ticks(&scale.ticks, scale.step);
        let widest = tick_texts.iter().map(|text| font::width(text, LABEL_SIZE, false)).fold(0.0, f32::max);
        let caption = unit.caption().map_or(0.0, |text| font::width(&text, LABEL_SIZE, false));
        let left = (widest.max(caption) + TICK_GAP).ceil();
        let top = if unit.caption().is_some() { 26.0 } else { 10.0 };
        let width = (size.width as f32 - left - RIGHT).max(1.0);
        let pad = match ends {
            Ends::Whole => 0.5,
            Ends::Close => (8.0 * slots.len().saturating_sub(1) as f64 / f64::from(width)).clamp(0.02, 0.5),
        };
        let spacing = width / (slots.len().saturating_sub(1) as f32 + 2.0 * pad as f32).max(0.01);
        let lines = if labels(slots, spacing).iter().any(|label| label.below.is_some()) { 2.0 } else { 1.0 };
        let height = (size.height as f32 - top - lines * LINE - 8.0).max(1.0);
        Self { slots, unit, scale, tick_texts, size, plot: Bounds { x: left, y: top, width, height }, pad }
    }

    /// Gives the distance of two neighbouring slots, in pixels.
    pub(crate) fn spacing(&self) -> f32 {
        let across = self.slots.len().saturating_sub(1) as f32 + 2.0 * self.pad as f32;
        self.plot.width / across.max(0.01)
    }

    /// Draws grid, ticks and slot labels, and gives plotters' coordinates for the rest.
    pub(crate) fn open<'p, 't>(&self, paper: &'p Paper<'t>) -> Result<Plot<'p, 't>, ChartError> {
        let plot = self.plot;
        let right = self.size.width as f32 - plot.x - plot.width;
        let bottom = self.size.height as f32 - plot.y - plot.height;
        let last = self.slots.len().saturating_sub(1) as f64;
        let figures = (self.scale.low..self.scale.high).with_key_points(self.scale.ticks.clone());
        let mut context = ChartBuilder::on(paper)
            .margin_top(steps(plot.y))
            .margin_right(steps(right))
            .margin_bottom(steps(bottom))
            .margin_left(steps(plot.x))
            .build_cartesian_2d(-self.pad..last + self.pad, figures)?;
        // plotters draws the grid; its labels come only together with an axis line, so ours are drawn below.
        let grid = Ink::of(Role::Grid).stroke_width(GRAIN);
        context.configure_mesh().disable_axes().disable_x_mesh().bold_line_style(grid).draw()?;
        self.draw_tick_labels(paper, &context)?;
        self.draw_slot_labels(paper, &context)?;
        Ok(context)
    }

    fn draw_tick_labels(&self, paper: &Paper<'_>, context: &Plot<'_, '_>) -> Result<(), ChartError> {
        let right = steps(self.plot.x - TICK_GAP);
        let style = text_style(Role::Label, LABEL_SIZE, false, HPos::Right, VPos::Center);
        for (tick, text) in self.scale.ticks.iter().zip(&self.tick_texts) {
            let (_, y) = context.backend_coord(&(0.0, *tick));
            paper.draw(&Text::new(text.clone(), (right, y), style.clone()))?;
        }
        if let Some(caption) = self.unit.caption() {
            let style = text_style(Role::Note, LABEL_SIZE, false, HPos::Right, VPos::Top);
            paper.draw(&Text::new(caption, (right, steps(1.0)), style))?;
        }
        Ok(())
    }

    fn draw_slot_labels(&self, paper: &Paper<'_>, context: &Plot<'_, '_>) -> Result<(), ChartError> {
        let first = self.plot.y + self.plot.height + 8.0;
        for label in labels(self.slots, self.spacing()) {
            let (x, _) = context.backend_coord(&(label.slot as f64, self.scale.low));
            let style = text_style(Role::Label, LABEL_SIZE, false, HPos::Center, VPos::Top);
            paper.draw(&Text::new(label.text, (x, steps(first)), style))?;
            if let Some(below) = label.below {
                let style = text_style(Role::Note, LABEL_SIZE, false, HPos::Center, VPos::Top);
                paper.draw(&Text::new(below, (x, steps(first + LINE)), style))?;
            }
        }
        Ok(())
    }

    /// Draws the line on which the figures stand, above what lies there.
    pub(crate) fn draw_base(&self, context: &mut Plot<'_, '_>) -> Result<(), ChartError> {
        let (from, to) = self.sides();
        let base = self.scale.base();
        let line = PathElement::new(vec![(from, base), (to, base)], Ink::of(Role::Axis).stroke_width(GRAIN));
        context.draw_series([line])?;
        Ok(())
    }

    /// Draws lines to hold the figures against, each named at the end where the figures leave more room.
    ///
    /// **Shape**: `first` and `last` are the outermost figures of the most important series.
    pub(crate) fn draw_references(
        &self,
        paper: &Paper<'_>,
        context: &mut Plot<'_, '_>,
        references: &[Reference],
        (first, last): (i64, i64),
    ) -> Result<(), ChartError> {
        let (from, to) = self.sides();
        for reference in references {
            let ink = Ink::of(reference.role());
            let ends = vec![(from, reference.value), (to, reference.value)];
            context.draw_series([PathElement::new(ends, ink.stroke_width(GRAIN * 3 / 2))])?;
            let is_left = first.abs_diff(reference.value) > last.abs_diff(reference.value);
            let (end, across) = if is_left { (from, HPos::Left) } else { (to, HPos::Right) };
            let (x, y) = context.backend_coord(&(end, reference.value));
            // Above the line, unless the edge of the plot is there.
            let is_above = pixels(y) - self.plot.y > LINE;
            let (down, drop) = if is_above { (VPos::Bottom, -5.0) } else { (VPos::Top, 5.0) };
            let style = text_style(reference.role(), LABEL_SIZE, true, across, down);
            let text = format!("{} {}", reference.label, self.unit.full(reference.value));
            paper.draw(&Text::new(text, (x, y + steps(drop)), style))?;
        }
        Ok(())
    }

    /// Gives the left and the right end of the plot in slots.
    fn sides(&self) -> (f64, f64) {
        (-self.pad, self.slots.len().saturating_sub(1) as f64 + self.pad)
    }

    /// Gives the size of the drawing.
    pub(crate) fn size(&self) -> (f32, f32) {
        (self.size.width as f32, self.size.height as f32)
    }
}
