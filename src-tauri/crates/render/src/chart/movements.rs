//! The movements of MRR: what came on above the zero line, what went below it, and the net as a line.
//!
//! The colours carry meaning here, so the parts have roles of their own. The net is given, not added up: it is the
//! figure of the metric, and a bridge with exchange rates in it has more terms than the bars show.

use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement};
use plotters::style::Color;

use countersign_domain::money::Currency;

use super::bars::Stack;
use super::figure::Unit;
use super::frame::{Ends, Frame, Plot};
use super::line::runs;
use super::scale::Scale;
use super::slot::Slot;
use super::told::{row_key, stops, sum_up, table};
use super::{ChartError, Figures, Series, Size, check_slots, steps};
use crate::backend::{GRAIN, Ink, Tape};
use crate::scene::{Datum, LegendEntry, Role, Scene};

/// The movements of one period.
///
/// **Units**: minor units; contraction and churn are amounts lost and not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Movements {
    /// MRR of customers who had none before.
    pub new: i64,
    /// MRR of customers who came back.
    pub reactivation: i64,
    /// MRR that customers added.
    pub expansion: i64,
    /// MRR that customers gave up.
    pub contraction: i64,
    /// MRR of customers who left.
    pub churn: i64,
    /// Change that comes from exchange rates alone, with its sign; zero where figures are not converted.
    pub fx: i64,
    /// The change of MRR in the period, with its sign.
    pub net: i64,
}

/// Movements over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementChart {
    /// What is shown, in a few words.
    pub title: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The axis, oldest first, each with its movements; unknown ones are a gap.
    pub slots: Vec<(Slot, Option<Movements>)>,
}

/// A part of the movements: role, word in row keys, name, and its amount with its sign.
type Part = (Role, &'static str, &'static str, fn(&Movements) -> i64);

/// From the zero line outwards.
const PARTS: [Part; 6] = [
    (Role::New, "new", "New", |m| m.new),
    (Role::Reactivation, "reactivation", "Reactivation", |m| m.reactivation),
    (Role::Expansion, "expansion", "Expansion", |m| m.expansion),
    (Role::Contraction, "contraction", "Contraction", |m| m.contraction.saturating_neg()),
    (Role::Churn, "churn", "Churn", |m| m.churn.saturating_neg()),
    (Role::Fx, "fx", "Exchange rates", |m| m.fx),
];
const NET: Part = (Role::Net, "net", "Net", |m| m.net);

impl MovementChart {
    /// Draws the chart.
    ///
    /// **Errors**: `TooMany` slots.
    pub fn scene(&self, size: Size) -> Result<Scene, ChartError> {
        let unit = Unit::Money(self.currency);
        let slots: Vec<Slot> = self.slots.iter().map(|(slot, _)| slot.clone()).collect();
        let parts: Vec<(Role, Series)> =
            PARTS.iter().filter(|part| self.has(part)).map(|part| self.series(part)).collect();
        let (_, net) = self.series(&NET);
        check_slots(&slots, [&net])?;
        let stack = Stack { unit, slots: &slots, parts: parts.iter().map(|(role, series)| (*role, series)).collect() };
        let levels = stack.ends().chain(net.values.iter().flatten().copied());
        let scale = Scale::from_zero(levels, Frame::ticks_wanted(size));
        let frame = Frame::new(size, &slots, unit, scale, Ends::Whole);
        let lines: Vec<(Role, &Series)> = stack.parts.iter().copied().chain([(Role::Net, &net)]).collect();

        let mut tape = Tape::default();
        let mut data = Figures::default();
        let stops = {
            let paper = tape.recorder(size.width, size.height).into_drawing_area();
            let mut plot = frame.open(&paper)?;
            stack.draw(&frame, &paper, &plot, &mut data)?;
            frame.draw_base(&mut plot)?;
            draw_net(&mut plot, unit, &slots, &net, &mut data)?;
            stops(&plot, unit, &slots, &lines)
        };
        let scene = Scene {
            width: frame.size().0,
            height: frame.size().1,
            title: self.title.clone(),
            summary: sum_up(&format!("{}, net", self.title), unit, &slots, Some(&net)),
            plot: frame.plot,
            marks: tape.marks(&data.0),
            legend: lines.iter().map(|(role, series)| legend_entry(*role, series)).collect(),
            table: table(&slots, &lines, &stops),
            stops,
        };
        Ok(scene.cleaned())
    }

    /// Says whether a part is shown: exchange rates only where they moved anything.
    fn has(&self, (role, _, _, amount): &Part) -> bool {
        *role != Role::Fx || self.slots.iter().filter_map(|(_, movements)| movements.as_ref()).any(|m| amount(m) != 0)
    }

    fn series(&self, (role, word, label, amount): &Part) -> (Role, Series) {
        let values = self.slots.iter().map(|(_, movements)| movements.as_ref().map(amount)).collect();
        (*role, Series { word: (*word).to_owned(), label: (*label).to_owned(), values })
    }
}

fn draw_net(
    plot: &mut Plot<'_, '_>,
    unit: Unit,
    slots: &[Slot],
    net: &Series,
    data: &mut Figures,
) -> Result<(), ChartError> {
    for run in runs(&net.values) {
        // A rim of paper keeps the line apart from the bars it crosses.
        let rim = PathElement::new(run.clone(), Ink::of(Role::Surface).stroke_width(GRAIN * 4));
        plot.draw_series([rim, PathElement::new(run, Ink::of(Role::Net).stroke_width(GRAIN * 3 / 2))])?;
    }
    for (at, (slot, value)) in slots.iter().zip(&net.values).enumerate() {
        let Some(value) = *value else { continue };
        let datum = Datum { key: row_key(slot, unit, &net.word), value: unit.full(value) };
        let ink = data.ink(Role::Net, slot.is_provisional, datum)?;
        let point = (at as f64, value);
        let rim = Circle::new(point, steps(3.5), Ink::of(Role::Surface).filled());
        plot.draw_series([rim, Circle::new(point, steps(2.5), ink.filled())])?;
    }
    Ok(())
}

fn legend_entry(role: Role, series: &Series) -> LegendEntry {
    LegendEntry { role, label: series.label.clone(), is_line: role == Role::Net }
}
