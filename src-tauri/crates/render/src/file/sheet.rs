//! The sheet around an exported chart: what a picture needs once it has left the screen.
//!
//! Title, legend, from which world the figures are, and through when they are known. The result is a scene again, so SVG,
//! PNG and PDF need no second way of drawing.

use crate::font;
use crate::scene::{Anchor, Bounds, LegendEntry, Mark, Role, Scene, Shape, hundredths, printable};

/// Free space on all sides, in pixels.
const MARGIN: f32 = 24.0;
/// Height of the band that names the world, in pixels.
const BAND: f32 = 30.0;
/// Text size of the title, in pixels.
const TITLE: f32 = 18.0;
/// Text size of subtitle, legend and band, in pixels.
const TEXT: f32 = 12.0;
/// Text size of the foot, in pixels.
const FOOT: f32 = 10.5;
/// Distance of two lines of text, in pixels.
const LINE: f32 = 18.0;
/// Side of a colour sample in the legend, in pixels.
const SAMPLE: f32 = 10.0;

/// What is said around a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// Below the title: period, filters, method.
    pub subtitle: Option<String>,
    /// The world of the figures, in the words of the environment banner: `TEST · Acme, sandbox`.
    pub banner: Option<String>,
    /// One word across the figures, for invented ones: `DEMO`.
    pub watermark: Option<String>,
    /// Lines at the foot: data through, who, when.
    pub foot: Vec<String>,
}

impl Sheet {
    /// Puts the sheet around a scene.
    ///
    /// **Shape**: grows by the margins and the lines of text; without stops, as a file has no pointer.
    #[must_use]
    pub fn around(&self, scene: &Scene) -> Scene {
        let mut page = Page { width: scene.width + 2.0 * MARGIN, top: 0.0, marks: Vec::new() };
        if let Some(banner) = &self.banner {
            let band = Bounds { x: 0.0, y: 0.0, width: page.width, height: BAND };
            page.marks.push(Mark::plain(Role::Banner, Shape::Rect(band)));
            page.top = (BAND + TEXT * font::CAP_HEIGHT) / 2.0;
            page.text(Role::BannerText, MARGIN, Anchor::Start, TEXT, true, banner);
            page.top = BAND;
        }
        page.top += MARGIN + TITLE * font::CAP_HEIGHT;
        page.text(Role::Title, MARGIN, Anchor::Start, TITLE, true, &scene.title);
        page.top += 8.0;
        if let Some(subtitle) = &self.subtitle {
            page.top += LINE - 4.0;
            page.text(Role::Note, MARGIN, Anchor::Start, TEXT, false, subtitle);
            page.top += 6.0;
        }
        let (names, height) = legend(&scene.legend, scene.width);
        page.marks.extend(names.iter().map(|mark| mark.placed(1.0, MARGIN, page.top + 6.0)));
        page.top = (page.top + height + 14.0).round();
        let offset = page.top;
        if let Some(watermark) = &self.watermark {
            let size = (scene.plot.width / 6.0).min(scene.plot.height * 0.5).round();
            let (x, y) = (scene.plot.x + scene.plot.width / 2.0, scene.plot.y + scene.plot.height / 2.0);
            page.top = offset + y + size * font::CAP_HEIGHT / 2.0;
            page.text(Role::Watermark, MARGIN + x, Anchor::Middle, size, true, watermark);
        }
        page.marks.extend(scene.marks.iter().map(|mark| mark.placed(1.0, MARGIN, offset)));
        page.top = offset + scene.height + 6.0;
        for line in &self.foot {
            page.top += LINE - 2.0;
            page.text(Role::Note, MARGIN, Anchor::Start, FOOT, false, line);
        }
        Scene {
            width: page.width,
            height: (page.top + MARGIN).ceil(),
            plot: Bounds { x: scene.plot.x + MARGIN, y: scene.plot.y + offset, ..scene.plot },
            marks: page.marks,
            stops: Vec::new(),
            ..scene.clone()
        }
    }
}

/// The sheet while it is being filled from the top.
struct Page {
    width: f32,
    /// Base line of the next text.
    top: f32,
    marks: Vec<Mark>,
}

impl Page {
    fn text(&mut self, role: Role, x: f32, anchor: Anchor, size: f32, is_strong: bool, text: &str) {
        let text = font::fit(&printable(text), size, is_strong, self.width - 2.0 * MARGIN);
        self.marks.push(Mark::plain(
            role,
            Shape::Text { x: hundredths(x), y: hundredths(self.top), anchor, size, is_strong, text },
        ));
    }
}

/// Draws the names of the series into a width, in as many lines as they need, and says how high that is.
///
/// **Shape**: origin at the upper left; nothing for a single series, which the title names.
pub(super) fn legend(entries: &[LegendEntry], width: f32) -> (Vec<Mark>, f32) {
    let mut marks = Vec::new();
    if entries.len() < 2 {
        return (marks, 0.0);
    }
    let (mut x, mut bottom) = (0.0, LINE);
    for entry in entries {
        let text = font::fit(&entry.label, TEXT, false, width - SAMPLE - 6.0);
        let across = SAMPLE + 6.0 + font::width(&text, TEXT, false);
        if x > 0.0 && x + across > width {
            (x, bottom) = (0.0, bottom + LINE);
        }
        let base = bottom - (LINE - TEXT * font::CAP_HEIGHT) / 2.0;
        let middle = bottom - LINE / 2.0;
        let sample = if entry.is_line {
            let points =
                vec![[hundredths(x - 1.0), hundredths(middle)], [hundredths(x + SAMPLE + 1.0), hundredths(middle)]];
            Shape::Path { points, stroke: 2.0 }
        } else {
            Shape::Rect(Bounds {
                x: hundredths(x),
                y: hundredths(middle - SAMPLE / 2.0),
                width: SAMPLE,
                height: SAMPLE,
            })
        };
        marks.push(Mark::plain(entry.role, sample));
        let (x_text, y) = (hundredths(x + SAMPLE + 6.0), hundredths(base));
        let name = Shape::Text { x: x_text, y, anchor: Anchor::Start, size: TEXT, is_strong: false, text };
        marks.push(Mark::plain(Role::Label, name));
        x += across + 18.0;
    }
    (marks, bottom)
}
