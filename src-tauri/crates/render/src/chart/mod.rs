//! One file per kind of chart, and what all of them share: size, errors, series, reference lines.
//!
//! A chart is a plain struct of finished figures; its `scene` method draws it through plotters into a scene. Charts
//! decide geometry only: sums, rates and verdicts arrive with the figures.

mod bars;
mod figure;
mod frame;
mod funnel;
mod line;
mod movements;
mod ranking;
mod scale;
mod slot;
mod sparkline;
mod told;

use plotters::drawing::DrawingAreaErrorKind;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, TextStyle};

use crate::backend::{DATA_MAX, GRAIN, Ink, NotDrawable};
use crate::font;
use crate::scene::{Datum, Role};

pub use bars::BarChart;
pub use figure::Unit;
pub use funnel::{Funnel, FunnelStep};
pub use line::LineChart;
pub use movements::{MovementChart, Movements};
pub use ranking::{Ranking, RankingRow};
pub use slot::Slot;
pub use sparkline::Sparkline;

/// Most slots on one time axis: more than five years of days.
pub const SLOTS_MAX: usize = 2_000;

/// The size of a drawing in pixels, bounded so that neither side can be nothing or endless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Takes a width of 40 to 4,000 and a height of 16 to 4,000 pixels; anything beyond is brought to the bound.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width: width.clamp(40, 4_000), height: height.clamp(16, 4_000) }
    }
}

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// More slots, rows or series than a drawing may hold.
    #[error("{given} places in a chart; at most {limit} can be drawn")]
    TooMany {
        /// What was asked for.
        given: usize,
        /// The bound.
        limit: usize,
    },
    /// A series has another number of values than the axis has slots.
    #[error("series `{series}` has {given} values for {slots} slots")]
    Uneven {
        /// The word of the series.
        series: String,
        /// Its values.
        given: usize,
        /// The slots of the axis.
        slots: usize,
    },
    /// plotters asked for something a scene cannot hold.
    #[error("the chart could not be recorded")]
    Drawing(#[from] DrawingAreaErrorKind<NotDrawable>),
}

/// One row of figures along a time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The series in row keys: `mrr`.
    pub word: String,
    /// The series as people read it.
    pub label: String,
    /// One figure for each slot; an unknown one is a gap, never a zero.
    pub values: Vec<Option<i64>>,
}

/// A line across the plot that the figures are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it is called: `Target`.
    pub label: String,
    /// Where it lies, in the unit of the chart.
    pub value: i64,
    /// Whether it must not be crossed ([`Role::Limit`]) or is to be reached ([`Role::Target`]).
    pub is_limit: bool,
}

impl Reference {
    fn role(&self) -> Role {
        if self.is_limit { Role::Limit } else { Role::Target }
    }
}

/// The figures behind the marks, numbered as [`Ink::datum`] counts them.
#[derive(Debug, Default)]
struct Figures(Vec<Datum>);

impl Figures {
    /// Adds a figure and gives its ink.
    fn ink(&mut self, role: Role, is_provisional: bool, datum: Datum) -> Result<Ink, ChartError> {
        self.0.push(datum);
        let given = self.0.len();
        let datum = u16::try_from(given).map_err(|_| ChartError::TooMany { given, limit: DATA_MAX })?;
        Ok(Ink { role, is_provisional, datum })
    }
}

/// Turns pixels into steps of the recording backend.
fn steps(pixels: f32) -> i32 {
    (pixels * GRAIN as f32).round() as i32
}

/// Describes a text to plotters.
fn text_style(role: Role, size: f32, is_strong: bool, across: HPos, down: VPos) -> TextStyle<'static> {
    let face = if is_strong { FontStyle::Bold } else { FontStyle::Normal };
    let font = (font::FAMILY, f64::from(size) * f64::from(GRAIN)).into_font().style(face);
    TextStyle { font, color: Ink::of(role).to_backend_color(), pos: Pos::new(across, down) }
}

fn check_slots<'s>(slots: &[Slot], series: impl IntoIterator<Item = &'s Series>) -> Result<(), ChartError> {
    let series: Vec<&Series> = series.into_iter().collect();
    for (given, limit) in [(slots.len(), SLOTS_MAX), (series.len(), Role::SERIES.len())] {
        if given > limit {
            return Err(ChartError::TooMany { given, limit });
        }
    }
    match series.into_iter().find(|series| series.values.len() != slots.len()) {
        Some(Series { word, values, .. }) => {
            Err(ChartError::Uneven { series: word.clone(), given: values.len(), slots: slots.len() })
        }
        None => Ok(()),
    }
}
