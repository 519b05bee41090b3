//! A scene: a chart as marks that know what they mean, not what colour they have.
//!
//! The user interface draws a scene as SVG elements with its own classes, and exports replay the same scene with a
//! fixed palette, so both always show the same drawing. Besides the marks a scene holds what they cannot say to
//! everyone: where the pointer may stop, the same figures as a table, and one sentence for a screen reader.
//! Nothing is drawn here; `backend` records the marks, `chart` decides them.

use serde::Serialize;
use ts_rs::TS;

/// Describes one finished chart.
///
/// **Units**: lengths in pixels of the drawing's own size, origin at the upper left, at most two decimals.
/// **Shape**: marks in drawing order (later ones lie on top); stops from left to right or top to bottom.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Scene {
    /// Width of the drawing.
    pub width: f32,
    /// Height of the drawing.
    pub height: f32,
    /// What the chart shows, in a few words; not among the marks, because the screen has its own headings.
    pub title: String,
    /// The chart in one sentence, for people who do not see it.
    pub summary: String,
    /// The rectangle inside the axes, where hover and crosshair live.
    pub plot: Bounds,
    /// Everything that is drawn.
    pub marks: Vec<Mark>,
    /// Names of the series, in the order in which they should be read.
    pub legend: Vec<LegendEntry>,
    /// Where the pointer and the arrow keys may stop, and what is told there.
    pub stops: Vec<Stop>,
    /// The same figures as a table.
    pub table: TableTwin,
}

/// A rectangle with its corner at the upper left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
pub struct Bounds {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Extent to the right.
    pub width: f32,
    /// Extent downwards.
    pub height: f32,
}

/// One drawn element.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Mark {
    /// What the element means; screens and palettes turn this into colours.
    pub role: Role,
    /// Its figure may still change, because its period has not ended; drawn dashed or paler.
    pub is_provisional: bool,
    /// Its geometry.
    pub shape: Shape,
    /// The datum it shows; absent on everything that only helps to read.
    pub datum: Option<Datum>,
}

impl Mark {
    /// Makes a mark that stands for no datum.
    pub(crate) fn plain(role: Role, shape: Shape) -> Self {
        Self { role, is_provisional: false, shape, datum: None }
    }

    /// Gives the mark at another place and in another size, rounded to hundredths of a pixel.
    pub(crate) fn placed(&self, scale: f32, right: f32, down: f32) -> Self {
        let length = |value: f32| hundredths(value * scale);
        let (across, downwards) = (|x: f32| hundredths(x * scale + right), |y: f32| hundredths(y * scale + down));
        let moved = |points: &[[f32; 2]]| points.iter().map(|[x, y]| [across(*x), downwards(*y)]).collect();
        let shape = match &self.shape {
            Shape::Path { points, stroke } => Shape::Path { points: moved(points), stroke: length(*stroke) },
            Shape::Area { points } => Shape::Area { points: moved(points) },
            Shape::Rect(b) => Shape::Rect(Bounds {
                x: across(b.x),
                y: downwards(b.y),
                width: length(b.width),
                height: length(b.height),
            }),
            Shape::Circle { x, y, radius } => {
                Shape::Circle { x: across(*x), y: downwards(*y), radius: length(*radius) }
            }
            Shape::Text { x, y, anchor, size, is_strong, text } => Shape::Text {
                x: across(*x),
                y: downwards(*y),
                anchor: *anchor,
                size: length(*size),
                is_strong: *is_strong,
                text: text.clone(),
            },
        };
        Self { shape, ..self.clone() }
    }
}

/// Rounds to hundredths, the grain of the recording backend.
pub(crate) fn hundredths(pixels: f32) -> f32 {
    (pixels * 100.0).round() / 100.0
}

/// Names the figure behind a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Datum {
    /// The row, as a click asks for it: `2026-03|usd|churn`.
    pub key: String,
    /// The figure as people read it: `12,480.00 USD`.
    pub value: String,
}

/// The geometry of a mark.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Shape {
    /// An open line through points.
    Path {
        /// Corners as x and y.
        points: Vec<[f32; 2]>,
        /// Width of the stroke.
        stroke: f32,
    },
    /// A filled outline.
    Area {
        /// Corners as x and y; the last joins the first.
        points: Vec<[f32; 2]>,
    },
    /// A filled rectangle.
    Rect(Bounds),
    /// A filled circle.
    Circle {
        /// Centre, from the left.
        x: f32,
        /// Centre, from the top.
        y: f32,
        /// Radius.
        radius: f32,
    },
    /// One line of text.
    Text {
        /// Where the anchor lies, from the left.
        x: f32,
        /// The base line of the letters, from the top.
        y: f32,
        /// Which end of the text lies at `x`.
        anchor: Anchor,
        /// Height of the letters' em square.
        size: f32,
        /// Whether it is set in the stronger face.
        is_strong: bool,
        /// The text, free of control characters.
        text: String,
    },
}

/// Which end of a text lies at its point; the words are those of SVG's `text-anchor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// The text begins there.
    Start,
    /// The text is centred there.
    Middle,
    /// The text ends there.
    End,
}

/// What a mark means. Its kebab-case word (`series-1`) is also the class that the screens style.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, strum::IntoStaticStr, strum::VariantArray, strum::FromRepr, TS,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[repr(u8)]
pub enum Role {
    /// First series.
    #[serde(rename = "series-1")]
    #[strum(serialize = "series-1")]
    Series1,
    /// Second series.
    #[serde(rename = "series-2")]
    #[strum(serialize = "series-2")]
    Series2,
    /// Third series.
    #[serde(rename = "series-3")]
    #[strum(serialize = "series-3")]
    Series3,
    /// Fourth series.
    #[serde(rename = "series-4")]
    #[strum(serialize = "series-4")]
    Series4,
    /// Fifth series.
    #[serde(rename = "series-5")]
    #[strum(serialize = "series-5")]
    Series5,
    /// Sixth series.
    #[serde(rename = "series-6")]
    #[strum(serialize = "series-6")]
    Series6,
    /// Seventh series.
    #[serde(rename = "series-7")]
    #[strum(serialize = "series-7")]
    Series7,
    /// Eighth series.
    #[serde(rename = "series-8")]
    #[strum(serialize = "series-8")]
    Series8,
    /// MRR of customers who had none before.
    New,
    /// MRR of customers who came back.
    Reactivation,
    /// MRR that customers added.
    Expansion,
    /// MRR that customers gave up.
    Contraction,
    /// MRR of customers who left.
    Churn,
    /// Change that comes from exchange rates alone.
    Fx,
    /// The sum of all movements.
    Net,
    /// Proved, or within its limit.
    Ok,
    /// Holds, with something to look at.
    Warn,
    /// Disproved, or beyond its limit.
    Fail,
    /// Not known.
    Unknown,
    /// The same figures at another time, drawn behind.
    Ghost,
    /// A value to be reached.
    Target,
    /// A value not to be crossed.
    Limit,
    /// The empty groove in which a bar grows.
    Track,
    /// Lines that help the eye across.
    Grid,
    /// The line on which the data stand.
    Axis,
    /// Text at an axis.
    Label,
    /// Text that tells a figure or names a mark.
    Value,
    /// Text that may be overlooked: the unit, a second line.
    Note,
    /// The paper: behind everything, and between touching marks.
    Surface,
    /// Heading of an exported drawing.
    Title,
    /// The band that says from which world the figures are.
    Banner,
    /// Text upon that band.
    BannerText,
    /// The word across an exported drawing of invented figures.
    Watermark,
}

impl Role {
    /// The roles of series, first to eighth.
    pub const SERIES: [Self; 8] = [
        Self::Series1,
        Self::Series2,
        Self::Series3,
        Self::Series4,
        Self::Series5,
        Self::Series6,
        Self::Series7,
        Self::Series8,
    ];
}

/// Names one series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LegendEntry {
    /// The role its marks have.
    pub role: Role,
    /// Its name.
    pub label: String,
    /// Whether it is drawn as a line, and not as an area or a bar.
    pub is_line: bool,
}

/// One place where the pointer stops.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Stop {
    /// Where it is, from the left (from the top where bars lie, as `Scene::marks` show).
    pub at: f32,
    /// What is told first: the period or the name.
    pub title: String,
    /// The figures there, in the order of the legend.
    pub entries: Vec<Entry>,
}

/// One figure at a stop.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Entry {
    /// The role of its series.
    pub role: Role,
    /// The name of its series.
    pub label: String,
    /// Where the crosshair's dot lies, across the direction of the stops; absent when the figure is not known.
    pub across: Option<f32>,
    /// The figure; absent when it is not known.
    pub datum: Option<Datum>,
    /// It may still change.
    pub is_provisional: bool,
}

/// The chart as a table.
///
/// **Shape**: every row has as many cells as there are headers; an unknown figure is an absent cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct TableTwin {
    /// Names of the columns.
    pub headers: Vec<String>,
    /// The rows in the order of the stops.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Scene {
    /// Makes every text fit to be shown; each chart ends with this, so that no name from outside can be missed.
    pub(crate) fn cleaned(mut self) -> Self {
        let entries = self.stops.iter_mut().flat_map(|stop| &mut stop.entries);
        let cells = self.table.rows.iter_mut().flatten().flatten();
        let texts = [&mut self.title, &mut self.summary].into_iter();
        texts
            .chain(self.legend.iter_mut().map(|entry| &mut entry.label))
            .chain(entries.map(|entry| &mut entry.label))
            .chain(&mut self.table.headers)
            .chain(cells)
            .for_each(|text| *text = printable(text));
        self.stops.iter_mut().for_each(|stop| stop.title = printable(&stop.title));
        self
    }
}

/// Makes a text fit to be shown: invisible and direction-turning characters become visible marks.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { '\u{25a1}' } else { c }).collect()
}

/// Says whether a character would leave no trace or turn the direction of the text beside it.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    #[test]
    fn the_wire_and_the_class_say_the_same_word() {
        for role in Role::VARIANTS {
            let class: &'static str = role.into();
            assert_eq!(serde_json::to_value(role).unwrap(), class);
        }
    }

    #[test]
    fn unseen_characters_are_shown() {
        for (given, shown) in [
            ("Pro plan", "Pro plan"),
            ("a\tb\u{0}c", "a\u{25a1}b\u{25a1}c"),
            ("\u{202e}evil\u{200b}", "\u{25a1}evil\u{25a1}"),
            ("Zoë – ₿", "Zoë – ₿"),
            ("\u{34f}\u{115f}\u{1160}\u{3164}\u{ffa0}", "\u{25a1}\u{25a1}\u{25a1}\u{25a1}\u{25a1}"),
            ("\u{fe00}\u{fe0f}\u{e0000}\u{e0041}\u{e007f}", "\u{25a1}\u{25a1}\u{25a1}\u{25a1}\u{25a1}"),
        ] {
            assert_eq!(printable(given), shown);
        }
    }
}
