//! The sheet around an exported chart: what a picture needs once it has left the screen.
//!
//! Title, legend, from which world the figures are, and through when they are known. The result is a scene again, so SVG,
//! PNG and PDF need no second way of drawing.

use crate::font;
use crate::scene::{Anchor, Bounds, LegendEntry, Mark, Role, Scene, Shape, printable};

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
    /// **Shape**: grows by the margins and the lines of text; stops and table stay those of the scene.
    #[must_use]
    pub fn around(&self, scene: &Scene) -> Scene {
        let mut page = Page { width: scene.width + 2.0 * MARGIN, top: 0.0, marks: Vec::new() };
        if let Some(banner) = &self.banner {
            let band = Bounds { x: 0.0, y: 0.0, width: page.width, height: BAND };
            page.mark(Role::Banner, Shape::Rect(band));
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
        page.legend(&scene.legend);
        page.top = (page.top + 14.0).round();
        let offset = page.top;
        if let Some(watermark) = &self.watermark {
            let size = (scene.plot.width / 6.0).min(scene.plot.height * 0.5).round();
            let (x, y) = (scene.plot.x + scene.plot.width / 2.0, scene.plot.y + scene.plot.height / 2.0);
            page.top = offset + y + size * font::CAP_HEIGHT / 2.0;
            page.text(Role::Watermark, MARGIN + x, Anchor::Middle, size, true, watermark);
        }
        page.marks.extend(scene.marks.iter().map(|mark| moved(mark, MARGIN, offset)));
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
    fn mark(&mut self, role: Role, shape: Shape) {
        self.marks.push(Mark { role, is_provisional: false, shape, datum: None });
    }

    fn text(&mut self, role: Role, x: f32, anchor: Anchor, size: f32, is_strong: bool, text: &str) {
        let text = font::fit(&printable(text), size, is_strong, self.width - 2.0 * MARGIN);
        self.mark(role, Shape::Text { x: cents(x), y: cents(self.top), anchor, size, is_strong, text });
    }

    /// Writes the names of the series in as many lines as they need; a single series is named by the title.
    fn legend(&mut self, entries: &[LegendEntry]) {
        if entries.len() < 2 {
            return;
        }
        self.top += LINE + 4.0;
        let mut x = MARGIN;
        for entry in entries {
            let width = SAMPLE + 6.0 + font::width(&entry.label, TEXT, false);
            if x > MARGIN && x + width > self.width - MARGIN {
                (x, self.top) = (MARGIN, self.top + LINE);
            }
            let middle = self.top - TEXT * font::CAP_HEIGHT / 2.0;
            let sample = if entry.is_line {
                let points = vec![[cents(x - 1.0), cents(middle)], [cents(x + SAMPLE + 1.0), cents(middle)]];
                Shape::Path { points, stroke: 2.0 }
            } else {
                let (x, y) = (cents(x), cents(middle - SAMPLE / 2.0));
                Shape::Rect(Bounds { x, y, width: SAMPLE, height: SAMPLE })
            };
            self.mark(entry.role, sample);
            self.text(Role::Label, x + SAMPLE + 6.0, Anchor::Start, TEXT, false, &entry.label);
            x += width + 18.0;
        }
    }
}

fn moved(mark: &Mark, right: f32, down: f32) -> Mark {
    let shift = |points: &[[f32; 2]]| points.iter().map(|[x, y]| [cents(x + right), cents(y + down)]).collect();
    let shape = match &mark.shape {
        Shape::Path { points, stroke } => Shape::Path { points: shift(points), stroke: *stroke },
        Shape::Area { points } => Shape::Area { points: shift(points) },
        Shape::Rect(b) => Shape::Rect(Bounds { x: cents(b.x + right), y: cents(b.y + down), ..*b }),
        Shape::Circle { x, y, radius } => Shape::Circle { x: cents(x + right), y: cents(y + down), radius: *radius },
        Shape::Text { x, y, anchor, size, is_strong, text } => Shape::Text {
            x: cents(x + right),
            y: cents(y + down),
            anchor: *anchor,
            size: *size,
            is_strong: *is_strong,
            text: text.clone(),
        },
    };
    Mark { shape, ..mark.clone() }
}

/// Rounds to hundredths of a pixel, as the recording backend does.
fn cents(pixels: f32) -> f32 {
    (pixels * 100.0).round() / 100.0
}
