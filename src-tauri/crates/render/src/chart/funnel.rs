//! The funnel: how many of the first step reach each later one.
//!
//! Each bar grows in a groove as long as the step before, so what was lost on the way is seen where it was lost. Shares
//! and verdicts come from the caller; a step that failed says so in words, not by colour alone.

use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use countersign_domain::probe::Outcome;

use super::figure::Unit;
use super::frame::Paper;
use super::{ChartError, Figures, Size, steps, text_style};
use crate::backend::{Ink, Tape, pixels};
use crate::font;
use crate::scene::{Bounds, Datum, Entry, Role, Scene, Stop, TableTwin};

/// Most steps of one funnel.
const STEPS_MAX: usize = 12;
/// Height of one step, in pixels.
const ROW: u32 = 48;
/// Half the height of a bar, in pixels.
const BAR_HALF: f32 = 12.0;
/// Text size of names and figures, in pixels.
const TEXT: f32 = 12.0;
/// Text size of the second line, in pixels.
const NOTE: f32 = 11.0;
/// How far both lines of text lie from the middle of their row, in pixels.
const LIFT: f32 = 8.5;
/// Space between columns, in pixels.
const GAP: f32 = 16.0;

/// Things that pass one step after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// What is shown, in a few words.
    pub title: String,
    /// What is counted: `Events`.
    pub label: String,
    /// The steps in their order.
    pub steps: Vec<FunnelStep>,
}

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelStep {
    /// The step, as a click asks for it.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How many reached it; absent when that is not known.
    pub count: Option<i64>,
    /// Which part of the step before that is, in basis points; absent for the first step and where it is not known.
    pub share_bp: Option<i64>,
    /// What the share is held against, in words: `limit 99 %`.
    pub note: Option<String>,
    /// Whether the share is good enough; absent where nothing is asked of it.
    pub outcome: Option<Outcome>,
}

impl FunnelStep {
    fn role(&self) -> Role {
        match self.outcome {
            None => Role::Note,
            Some(Outcome::Pass) => Role::Ok,
            Some(Outcome::Warn) => Role::Warn,
            Some(Outcome::Fail) => Role::Fail,
            Some(Outcome::Unknown(_)) => Role::Unknown,
        }
    }

    fn figure(&self) -> String {
        self.count.map_or_else(|| "not known".to_owned(), |count| Unit::Count.full(count))
    }

    /// Gives the second line: the share, and the verdict in a word where it is not good.
    fn share(&self) -> Option<String> {
        let share = Unit::BasisPoints.full(self.share_bp?);
        match self.outcome {
            Some(outcome @ (Outcome::Warn | Outcome::Fail)) => Some(format!("{share} · {}", outcome.word())),
            _ => Some(share),
        }
    }

    /// Says whether things were lost on the way to this step that should not have been.
    fn has_lost(&self, before: i64) -> bool {
        matches!(self.outcome, Some(Outcome::Warn | Outcome::Fail)) && self.count.is_some_and(|count| count < before)
    }

    /// Writes name and note at the left, figure and share at the right.
    fn write_words(&self, paper: &Paper<'_>, y: i32, names: f32, right: f32) -> Result<(), ChartError> {
        let name = font::fit(&self.name, TEXT, true, names);
        let columns = [
            (0.0, HPos::Left, name, Role::Note, self.note.as_ref().map(|note| font::fit(note, NOTE, false, names))),
            (right, HPos::Right, self.figure(), self.role(), self.share()),
        ];
        for (x, across, first, role, second) in columns {
            let lift = if second.is_some() { steps(LIFT) } else { 0 };
            let style = text_style(Role::Value, TEXT, true, across, VPos::Center);
            paper.draw(&Text::new(first, (steps(x), y - lift), style))?;
            if let Some(second) = second {
                let style = text_style(role, NOTE, false, across, VPos::Center);
                paper.draw(&Text::new(second, (steps(x), y + lift), style))?;
            }
        }
        Ok(())
    }
}

impl Funnel {
    /// Draws the funnel in a given width; the height follows from the number of steps.
    ///
    /// **Errors**: `TooMany` steps.
    pub fn scene(&self, width: u32) -> Result<Scene, ChartError> {
        let given = self.steps.len();
        if given > STEPS_MAX {
            return Err(ChartError::TooMany { given, limit: STEPS_MAX });
        }
        let size = Size::new(width, u32::try_from(given).unwrap_or(u32::MAX).saturating_mul(ROW));
        let plot = self.plot(size);
        let mut tape = Tape::default();
        let mut data = Figures::default();
        let stops = self.draw(size, plot, &mut tape, &mut data)?;
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

    fn draw(&self, size: Size, plot: Bounds, tape: &mut Tape, data: &mut Figures) -> Result<Vec<Stop>, ChartError> {
        let most = self.steps.iter().filter_map(|step| step.count).max().unwrap_or(0).max(1);
        let paper = tape.recorder(size.width, size.height).into_drawing_area();
        let context = ChartBuilder::on(&paper)
            .margin_left(steps(plot.x))
            .margin_right(steps(size.width as f32 - plot.x - plot.width))
            .build_cartesian_2d(0..most, self.steps.len().max(1) as f64..0.0)?;
        let mut before = most;
        let mut stops = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let x = |count: i64| context.backend_coord(&(count.clamp(0, most), at as f64 + 0.5));
            let (left, y) = x(0);
            step.write_words(&paper, y, plot.x - GAP, size.width as f32)?;
            let bar = |from: i32, to: i32, ink: Ink| {
                Rectangle::new([(from, y - steps(BAR_HALF)), (to, y + steps(BAR_HALF))], ink.filled())
            };
            let (groove, _) = x(before);
            paper.draw(&bar(left, groove, Ink::of(Role::Track)))?;
            let datum = step.count.map(|_| Datum { key: step.key.clone(), value: step.figure() });
            let end = step.count.map(|count| x(count).0);
            if let (Some(end), Some(datum)) = (end, datum.clone()) {
                paper.draw(&bar(left, end, data.ink(Role::Series1, false, datum)?))?;
                if step.has_lost(before) {
                    // One lost event of a million must still be seen.
                    let from = end.min(groove - steps(2.0)).max(left);
                    paper.draw(&bar(from, groove, Ink::of(step.role())))?;
                }
            }
            before = step.count.unwrap_or(before);
            let across = end.map(pixels);
            let entry = Entry { role: Role::Series1, label: self.label.clone(), across, datum, is_provisional: false };
            stops.push(Stop { at: pixels(y), title: step.name.clone(), entries: vec![entry] });
        }
        Ok(stops)
    }

    /// Gives the room for the bars, between the names and the figures.
    fn plot(&self, size: Size) -> Bounds {
        let widest = |texts: &mut dyn Iterator<Item = (String, bool)>| {
            let width =
                |(text, is_strong): (String, bool)| font::width(&text, if is_strong { TEXT } else { NOTE }, is_strong);
            texts.map(width).fold(0.0, f32::max).ceil()
        };
        let second = |text: Option<String>| text.map(|text| (text, false));
        let names = widest(
            &mut self.steps.iter().flat_map(|s| [Some((s.name.clone(), true)), second(s.note.clone())]).flatten(),
        );
        let figures =
            widest(&mut self.steps.iter().flat_map(|s| [Some((s.figure(), true)), second(s.share())]).flatten());
        let x = names.min(size.width as f32 * 0.4) + GAP;
        Bounds { x, y: 0.0, width: (size.width as f32 - x - figures - GAP).max(1.0), height: size.height as f32 }
    }

    fn table(&self) -> TableTwin {
        let row = |step: &FunnelStep| {
            let share = step.share_bp.map(|share| Unit::BasisPoints.full(share));
            let count = step.count.map(|count| Unit::Count.full(count));
            vec![Some(step.name.clone()), count, share, step.outcome.map(|outcome| outcome.word().to_owned())]
        };
        let headers = ["Step", self.label.as_str(), "Of the step before", "Verdict"];
        TableTwin { headers: headers.map(str::to_owned).to_vec(), rows: self.steps.iter().map(row).collect() }
    }

    fn summary(&self) -> String {
        let told = |step: &FunnelStep| match step.share() {
            Some(share) => format!("{} {} ({share})", step.name, step.figure()),
            None => format!("{} {}", step.name, step.figure()),
        };
        let steps: Vec<String> = self.steps.iter().map(told).collect();
        if steps.is_empty() {
            return format!("{}: nothing to show.", self.title);
        }
        format!("{}: {}.", self.title, steps.join(", "))
    }
}
