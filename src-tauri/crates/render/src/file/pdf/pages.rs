//! Lays a report out on pages.
//!
//! A page is a list of pieces, each some marks of the scene's vocabulary and the part of the document they belong to, so
//! that whoever writes the file can draw with what it knows already and still tell a reader what is a heading, a cell or
//! mere decoration. Sizes are points. Nothing here knows a file format.

use super::report::{Block, Headline, Report};
use super::table::{TableLayout, TableLine};
use crate::file::sheet::legend;
use crate::font;
use crate::scene::{Anchor, Bounds, Mark, Role, Scene, Shape, printable};

/// Space at the left and right edge.
pub(super) const SIDE: f32 = 48.0;
/// Space above and below the content.
const EDGE: f32 = 62.0;
/// Height of the band that names the world, on the first page.
const BAND: f32 = 26.0;
/// Most lines of one paragraph.
const LINES_MAX: usize = 400;
/// Text size and line distance of running text.
const TEXT: (f32, f32) = (9.5, 14.0);
/// Text size of notes, heads and feet.
const SMALL: f32 = 8.0;
/// Headlines side by side.
const HEADLINES_ABREAST: usize = 4;
/// Height of a heading of one line.
const HEADING: f32 = 36.0;
/// Height that must be left below a heading, so that it does not end a page.
const KEEP: f32 = 60.0;

/// What a piece of a page is to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing: rules, repeated heads, page numbers, watermark.
    Decoration,
    /// A heading of the level, 1 for the report itself.
    Heading(u16),
    /// Running text.
    Paragraph,
    /// A cell of a table; row 0 is the header.
    Cell { row: usize, column: usize },
    /// A chart, told by a sentence.
    Figure(String),
}

/// Marks that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// Number of the element of the document it belongs to; an element may reach over pages.
    pub element: usize,
    pub part: Part,
    pub marks: Vec<Mark>,
}

impl Piece {
    /// Gives its words, line after line.
    pub(super) fn text(&self) -> String {
        let words = self.marks.iter().filter_map(|mark| match &mark.shape {
            Shape::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Gives the upper edge of its first line of text.
    pub(super) fn top(&self) -> Option<f32> {
        self.marks.iter().find_map(|mark| match &mark.shape {
            Shape::Text { y, size, .. } => Some(y - size),
            _ => None,
        })
    }
}

/// The finished pages of a report.
#[derive(Debug)]
pub(super) struct Pages {
    pub width: f32,
    pub height: f32,
    pub pages: Vec<Vec<Piece>>,
}

/// Lays out a report.
pub(super) fn lay_out(report: &Report) -> Pages {
    let (width, height) = report.paper.size();
    let mut layout = Layout { report, width, height, pages: Vec::new(), current: Vec::new(), y: 0.0, element: 0 };
    layout.open_page();
    layout.write_title();
    for (at, block) in report.blocks.iter().enumerate() {
        layout.write(block, report.blocks.get(at + 1));
    }
    layout.finish()
}

struct Layout<'r> {
    report: &'r Report,
    width: f32,
    height: f32,
    pages: Vec<Vec<Piece>>,
    current: Vec<Piece>,
    /// Where the next piece begins, from the top of the page.
    y: f32,
    element: usize,
}

impl Layout<'_> {
    fn inner(&self) -> f32 {
        self.width - 2.0 * SIDE
    }

    fn room(&self) -> f32 {
        self.height - EDGE - self.y
    }

    /// Begins the next element of the document.
    fn begin(&mut self) {
        self.element += 1;
    }

    fn put(&mut self, part: Part, marks: Vec<Mark>) {
        self.current.push(Piece { element: self.element, part, marks });
    }

    /// Begins a new page unless there is room for a height.
    fn need(&mut self, height: f32) {
        if self.room() < height && self.y > EDGE {
            self.turn_page();
        }
    }

    fn turn_page(&mut self) {
        let page = std::mem::take(&mut self.current);
        self.pages.push(page);
        self.open_page();
    }

    fn open_page(&mut self) {
        let report = self.report;
        let mut marks = Vec::new();
        if let Some(word) = &report.watermark {
            let size = self.width / 5.0;
            let y = (self.height + size * font::CAP_HEIGHT) / 2.0;
            marks.push(text(Role::Watermark, (self.width / 2.0, y), Anchor::Middle, size, true, word));
        }
        let is_first = self.pages.is_empty();
        match (&report.banner, is_first) {
            (Some(banner), true) => {
                let band = Bounds { x: 0.0, y: 0.0, width: self.width, height: BAND };
                marks.push(Mark::plain(Role::Banner, Shape::Rect(band)));
                marks.push(text(Role::BannerText, (SIDE, 16.5), Anchor::Start, 9.5, true, banner));
            }
            (Some(banner), false) => {
                marks.push(text(Role::Banner, (self.width - SIDE, 40.0), Anchor::End, SMALL, true, banner));
            }
            (None, _) => {}
        }
        if !is_first {
            let title = format!("{} · {}", report.title(), report.subtitle);
            let title = font::fit(&title, SMALL, false, self.inner() * 0.6);
            marks.push(text(Role::Note, (SIDE, 40.0), Anchor::Start, SMALL, false, &title));
            marks.push(rule(Role::Grid, SIDE, self.width - SIDE, 47.0));
        }
        self.put(Part::Decoration, marks);
        self.y = EDGE;
    }

    fn write_title(&mut self) {
        let report = self.report;
        self.y = EDGE + 12.0;
        self.begin();
        let title = self.lines(report.title(), (22.0, 28.0), true, Role::Title, 3);
        self.put(Part::Heading(1), title);
        self.y += 2.0;
        self.begin();
        let subtitle = self.lines(&report.subtitle, (11.0, 15.0), false, Role::Note, 3);
        self.put(Part::Paragraph, subtitle);
        self.y += 10.0;
        self.put(Part::Decoration, vec![rule(Role::Axis, SIDE, self.width - SIDE, self.y)]);
        self.y += 8.0;
    }

    /// Writes a block; a heading wants to know what follows, to stay with it.
    fn write(&mut self, block: &Block, next: Option<&Block>) {
        match block {
            // A heading without words would be one for nobody, and the standard forbids it.
            Block::Heading(heading) if heading.trim().is_empty() => {}
            Block::Heading(heading) => {
                self.begin();
                let kept = if let Some(Block::Chart(scene)) = next { self.chart_height(scene) } else { KEEP };
                self.need(HEADING + kept);
                self.y += 14.0;
                let marks = self.lines(heading, (13.0, 18.0), true, Role::Title, 2);
                self.put(Part::Heading(2), marks);
                self.y += 4.0;
            }
            Block::Paragraph(paragraph) => self.write_paragraph(paragraph, Role::Value),
            Block::Alert(paragraph) => self.write_paragraph(paragraph, Role::Fail),
            Block::Headlines(headlines) => {
                for abreast in headlines.chunks(HEADLINES_ABREAST) {
                    self.write_headlines(abreast);
                }
            }
            Block::Facts(facts) => self.write_facts(facts),
            Block::Table(table) => self.write_table(&TableLayout::new(table, self.inner())),
            Block::Chart(scene) => self.write_chart(scene),
        }
    }

    /// Sets lines of text from the current place on, without regard to the end of the page.
    fn lines(
        &mut self,
        words: &str,
        (size, distance): (f32, f32),
        is_strong: bool,
        role: Role,
        lines_max: usize,
    ) -> Vec<Mark> {
        let mut marks = Vec::new();
        for line in font::wrap(&clean(words), size, is_strong, self.inner(), lines_max) {
            marks.push(text(role, (SIDE, base(self.y, distance, size)), Anchor::Start, size, is_strong, &line));
            self.y += distance;
        }
        marks
    }

    fn write_paragraph(&mut self, paragraph: &str, role: Role) {
        self.begin();
        let ((size, distance), strong) = (TEXT, role == Role::Fail);
        let lines = font::wrap(&clean(paragraph), size, strong, self.inner(), LINES_MAX);
        // At least two lines stay together at either end of a page.
        self.need(distance * lines.len().min(2) as f32);
        let mut marks = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let is_last_but_one = at + 2 == lines.len() && lines.len() > 2;
            let wanted = if is_last_but_one { 2.0 * distance } else { distance };
            if self.room() < wanted {
                self.put(Part::Paragraph, std::mem::take(&mut marks));
                self.turn_page();
            }
            marks.push(text(role, (SIDE, base(self.y, distance, size)), Anchor::Start, size, strong, line));
            self.y += distance;
        }
        self.put(Part::Paragraph, marks);
        self.y += 7.0;
    }

    fn write_headlines(&mut self, headlines: &[Headline]) {
        const GAP: f32 = 10.0;
        const HEIGHT: f32 = 70.0;
        self.need(HEIGHT + 12.0);
        let abreast = HEADLINES_ABREAST as f32;
        let width = (self.inner() - GAP * (abreast - 1.0)) / abreast;
        self.y += 4.0;
        for (at, headline) in headlines.iter().enumerate() {
            self.begin();
            let x = SIDE + at as f32 * (width + GAP);
            let tile = Bounds { x, y: self.y, width, height: HEIGHT };
            self.put(Part::Decoration, vec![Mark::plain(Role::Track, Shape::Rect(tile))]);
            let left = x + 10.0;
            let inner = width - 20.0;
            let label = font::fit(&clean(&headline.label), 8.5, false, inner);
            let value = clean(&headline.value);
            // A figure is never cut; it becomes smaller.
            let size = (15.0 * inner / font::width(&value, 15.0, true)).min(15.0);
            let mut marks = vec![
                text(Role::Note, (left, self.y + 16.0), Anchor::Start, 8.5, false, &label),
                text(Role::Title, (left, self.y + 36.0), Anchor::Start, size, true, &value),
            ];
            let note = headline.note.as_deref().map(clean).unwrap_or_default();
            for (line, words) in font::wrap(&note, SMALL, false, inner, 2).iter().enumerate() {
                let place = (left, self.y + 51.0 + 10.0 * line as f32);
                marks.push(text(Role::Note, place, Anchor::Start, SMALL, false, words));
            }
            self.put(Part::Paragraph, marks);
        }
        self.y += HEIGHT + 8.0;
    }

    fn write_facts(&mut self, facts: &[(String, String)]) {
        let (size, distance) = (9.0, 13.5);
        let clean_facts: Vec<(String, String)> =
            facts.iter().map(|(name, value)| (clean(name), clean(value))).collect();
        let names = clean_facts.iter().map(|(name, _)| font::width(name, size, false)).fold(0.0, f32::max);
        let left = names.min(self.inner() / 3.0) + 18.0;
        for (name, value) in &clean_facts {
            self.begin();
            let lines = font::wrap(value, size, false, self.inner() - left, 8);
            self.need(distance * lines.len() as f32);
            let name = font::fit(name, size, false, left - 18.0);
            let first = base(self.y, distance, size);
            let mut marks = vec![text(Role::Note, (SIDE, first), Anchor::Start, size, false, &name)];
            for line in &lines {
                let place = (SIDE + left, base(self.y, distance, size));
                marks.push(text(Role::Value, place, Anchor::Start, size, false, line));
                self.y += distance;
            }
            self.put(Part::Paragraph, marks);
        }
        self.y += 7.0;
    }

    fn write_table(&mut self, table: &TableLayout) {
        self.begin();
        self.y += 4.0;
        let first = table.lines.first().map_or(0.0, |line| line.height);
        self.need(table.header.height + first);
        self.write_line(&table.header, 0, false);
        for (at, line) in table.lines.iter().enumerate() {
            if self.room() < line.height {
                self.turn_page();
                self.write_line(&table.header, 0, true);
            }
            self.write_line(line, at + 1, false);
        }
        self.y += 12.0;
        table.whole.iter().for_each(|text| self.write_paragraph(text, Role::Value));
    }

    fn write_line(&mut self, line: &TableLine, row: usize, is_repeated: bool) {
        let (from, to) = (SIDE, self.width - SIDE);
        let mut rules = Vec::new();
        if line.is_total {
            rules.push(rule(Role::Axis, from, to, self.y));
        }
        let below = if row == 0 { Role::Axis } else { Role::Grid };
        rules.push(rule(below, from, to, self.y + line.height));
        for (column, marks) in line.cells.iter().enumerate() {
            let marks = marks.iter().map(|mark| mark.placed(1.0, SIDE, self.y)).collect();
            let part = if is_repeated { Part::Decoration } else { Part::Cell { row, column } };
            self.put(part, marks);
        }
        self.put(Part::Decoration, rules);
        self.y += line.height;
    }

    /// Gives the height that a chart with its legend takes.
    fn chart_height(&self, scene: &Scene) -> f32 {
        let (_, legend_height) = legend(&scene.legend, scene.width);
        (legend_height + 8.0 + scene.height) * self.scale(scene) + 18.0
    }

    fn scale(&self, scene: &Scene) -> f32 {
        (self.inner() / scene.width).min(1.0)
    }

    fn write_chart(&mut self, scene: &Scene) {
        self.begin();
        self.need(self.chart_height(scene));
        let scale = self.scale(scene);
        let (names, legend_height) = legend(&scene.legend, scene.width);
        let (left, top) = (SIDE + (self.inner() - scene.width * scale) / 2.0, self.y + 4.0);
        let down = top + (legend_height + 8.0) * scale;
        let marks = names.iter().map(|mark| mark.placed(scale, left, top));
        let marks = marks.chain(scene.marks.iter().map(|mark| mark.placed(scale, left, down))).collect();
        self.put(Part::Figure(scene.summary.clone()), marks);
        self.y = down + scene.height * scale + 14.0;
    }

    /// Ends the last page and writes the feet, which need to know how many pages there are.
    fn finish(mut self) -> Pages {
        let last = std::mem::take(&mut self.current);
        self.pages.push(last);
        let count = self.pages.len();
        let y = self.height - 32.0;
        let foot = font::fit(&clean(&self.report.foot), SMALL, false, self.inner() - 70.0);
        for (at, page) in self.pages.iter_mut().enumerate() {
            let number = format!("Page {} of {count}", at + 1);
            let marks = vec![
                rule(Role::Grid, SIDE, self.width - SIDE, y - 13.0),
                text(Role::Note, (SIDE, y), Anchor::Start, SMALL, false, &foot),
                text(Role::Note, (self.width - SIDE, y), Anchor::End, SMALL, false, &number),
            ];
            page.push(Piece { element: 0, part: Part::Decoration, marks });
        }
        Pages { width: self.width, height: self.height, pages: self.pages }
    }
}

/// Makes a text fit to be set: nothing unseen, nothing that has no glyph.
pub(super) fn clean(text: &str) -> String {
    font::drawable(&printable(text))
}

/// Gives the base line that centres capitals in a line.
fn base(top: f32, distance: f32, size: f32) -> f32 {
    top + (distance + size * font::CAP_HEIGHT) / 2.0
}

fn text(role: Role, (x, y): (f32, f32), anchor: Anchor, size: f32, is_strong: bool, words: &str) -> Mark {
    Mark::plain(role, Shape::Text { x, y, anchor, size, is_strong, text: clean(words) })
}

fn rule(role: Role, from: f32, to: f32, y: f32) -> Mark {
    Mark::plain(role, Shape::Path { points: vec![[from, y], [to, y]], stroke: 0.6 })
}

#[cfg(test)]
mod tests;
