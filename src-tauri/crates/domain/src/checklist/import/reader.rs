//! Blocks into rows: which block is a line of the checklist, and what its surroundings make of it.
//!
//! Separate from the grammar (`words`, `fence`) and from the place (`sections`), which it asks. Deliberately absent:
//! suggestions of checks; a line the text alone does not decide leaves here as a person's.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{self, Block, Line, What};
use super::sections::Sections;
use super::words::{self, Topic, has_topic};
use super::{ANNOTATION, LABEL_CHARS_MAX, Problem, ProblemCode, Prose, boxes, fence, item_id};
use crate::checklist::assignment::FENCE;
use crate::checklist::limit::Limit;
use crate::checklist::role;
use crate::checklist::row::{Kind, Row, Shape};
use crate::checklist::schedule::ScheduleRule;
use crate::checklist::template::{DEPTH_MAX, Phase};

/// Name of the section of closing sentences.
const CLOSING: &str = "Closing line";

/// What was read, before suggestions.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub title: String,
    pub closing: String,
    pub phases: Vec<Phase>,
    pub rows: Vec<Row>,
    pub prose: Vec<Prose>,
    pub problems: Vec<Problem>,
    /// What the file says about its own lines, unread, with the lines it stands on.
    pub said: Vec<(u32, String)>,
}

/// What a list entry became.
#[derive(Debug, Clone)]
enum Place {
    Nothing,
    Row(usize),
    Caption(String),
}

struct Reader<'a> {
    blocks: &'a [Block],
    places: Vec<Place>,
    /// Entries that have a boxed entry somewhere below them.
    leads: BTreeSet<usize>,
    /// Whether the file has no box at all.
    boxless: bool,
    /// Whether boxes are drawn as characters; then a check mark is one that is ticked.
    drawn: bool,
    sections: Sections,
    ids: BTreeMap<String, u32>,
    seen: BTreeSet<(Vec<String>, String, Option<usize>)>,
    ticked: Vec<u32>,
    out: Reading,
}

/// Reads text into rows.
pub(super) fn read(text: &str) -> Reading {
    let blocks = blocks::blocks(text);
    let drawn = blocks.iter().any(|block| match &block.what {
        What::Item { lines, .. } | What::Text { lines, .. } => lines.iter().any(|line| boxes::is_drawn(&line.text)),
        _ => false,
    });
    let is_box = |line: &Line| boxes::read(&line.text, drawn).is_some();
    let boxed = |block: &Block| match &block.what {
        What::Item { ticked, lines, .. } => ticked.is_some() || lines.first().is_some_and(is_box),
        What::Text { lines, .. } => lines.iter().any(is_box),
        _ => false,
    };
    let mut leads = BTreeSet::new();
    for block in blocks.iter().filter(|block| boxed(block)) {
        let mut above = block.inside;
        while let Some(index) = above.filter(|index| leads.insert(*index)) {
            above = blocks.get(index).and_then(|block| block.inside);
        }
    }
    let mut reader = Reader {
        blocks: &blocks,
        places: Vec::with_capacity(blocks.len()),
        leads,
        boxless: !blocks.iter().any(boxed),
        drawn,
        sections: Sections::over(&blocks),
        ids: BTreeMap::new(),
        seen: BTreeSet::new(),
        ticked: Vec::new(),
        out: Reading::default(),
    };
    for (index, block) in blocks.iter().enumerate() {
        let place = reader.take(index, block);
        reader.places.push(place);
    }
    reader.finish()
}

impl Reader<'_> {
    fn take(&mut self, index: usize, block: &Block) -> Place {
        match &block.what {
            What::Heading { level, text } => self.heading(block.line, *level, text),
            What::Text { lines, bold } => self.paragraph(block, lines, *bold),
            What::Item { ticked, number, lines } => return self.item(index, block, *ticked, *number, lines),
            What::Code { language, fenced, lines } => self.code(block, language, *fenced, lines),
            What::TableRow { cells, head } => self.table_row(block, cells, *head),
            What::Html { text } => self.html(block, text),
            What::Rule => self.sections.caption.clear(),
        }
        Place::Nothing
    }

    /// Reads a row of a table: a contact where contacts are listed, else text.
    fn table_row(&mut self, block: &Block, cells: &[String], head: bool) {
        let text = cells.join(" | ");
        if ["[ ]", "[x]", "[X]", "☐", "☑"].iter().any(|mark| text.contains(mark)) {
            self.problem(block.line, ProblemCode::BoxElsewhere, &text);
        } else if !head && self.topic(Topic::Contacts) {
            let mut cells =
                cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty() && !words::is_blank(cell));
            if let Some(label) = cells.next() {
                let mut row = Row::of_text(block.line, Vec::new(), label.to_owned(), Shape::Contact, Kind::Contact);
                row.given = cells.collect::<Vec<_>>().join(", ");
                self.push(row, None);
                return;
            }
        }
        self.prose(block, &text);
    }

    fn heading(&mut self, line: u32, level: u8, text: &str) {
        if let Some(phase) = self.sections.heading(level, text) {
            let label = words::without_decoration(text).to_owned();
            let mut row = Row::of_text(line, Vec::new(), label, Shape::Phase, Kind::Metric);
            row.proof = Some("metric.rollout_exposure_pct".into());
            row.phase = Some(phase);
            self.push(row, None);
        }
    }

    fn paragraph(&mut self, block: &Block, lines: &[Line], bold: bool) {
        if block.quoted && lines.iter().all(|line| line.text.starts_with(ANNOTATION)) {
            return;
        }
        let joined = join(lines);
        if block.inside.is_some_and(|item| self.row_of(item).is_some()) {
            return self.prose(block, &joined);
        }
        if let Some(gate) = words::policy(&joined) {
            let mut row = Row::of_text(block.line, Vec::new(), joined, Shape::Policy, Kind::Note);
            row.proof = Some(gate.into());
            self.push(row, None);
            return;
        }
        if bold && !block.quoted && block.inside.is_none() {
            self.out.closing = words::without_decoration(&joined).to_owned();
            return self.sections.bold(&joined);
        }
        let mut rest = Vec::new();
        for line in lines {
            if let Some((ticked, label)) = boxes::read(&line.text, self.drawn) {
                self.problem(line.number, ProblemCode::OddBox, &line.text);
                self.boxed(line.number, label.to_owned(), ticked, None, None);
            } else if !self.form_line(line.number, line.text.trim(), false) {
                rest.push(line.text.as_str());
            }
        }
        if !rest.is_empty() {
            self.prose(block, &rest.join(" "));
        }
    }

    fn item(
        &mut self,
        index: usize,
        block: &Block,
        ticked: Option<bool>,
        number: Option<u32>,
        lines: &[Line],
    ) -> Place {
        let text = join(lines);
        let odd = boxes::read(&text, self.drawn).map(|(ticked, label)| (ticked, label.to_owned()));
        let place = match (ticked, odd) {
            (Some(ticked), _) => self.boxed(block.line, text, ticked, number, block.inside),
            (None, Some((ticked, label))) => {
                if !text.starts_with(['☐', '☑', '⬜']) {
                    self.problem(block.line, ProblemCode::OddBox, &text);
                }
                self.boxed(block.line, label, ticked, number, block.inside)
            }
            (None, None) => self.plain(index, block, number, &text),
        };
        if self.depth(block.inside) >= DEPTH_MAX && matches!(place, Place::Row(_)) {
            self.problem(block.line, ProblemCode::TooDeep, "");
        }
        place
    }

    fn boxed(&mut self, line: u32, label: String, ticked: bool, number: Option<u32>, inside: Option<usize>) -> Place {
        if ticked {
            self.ticked.push(line);
        }
        if label.is_empty() {
            self.problem(line, ProblemCode::EmptyBox, "");
            return Place::Nothing;
        }
        if let Some(row) = self.signature(line, &label, true) {
            return Place::Row(self.push(row, None));
        }
        let mut row = Row::of_text(line, Vec::new(), label, Shape::Box, Kind::Manual);
        row.number = number;
        Place::Row(self.push(row, inside))
    }

    /// A list entry without a box.
    fn plain(&mut self, index: usize, block: &Block, number: Option<u32>, text: &str) -> Place {
        let (inside, line) = (block.inside, block.line);
        if inside.is_some_and(|item| self.row_of(item).is_some()) {
            let numbered = number.map(|number| format!("{number}. {text}"));
            self.prose(block, numbered.as_deref().unwrap_or(text));
            return Place::Nothing;
        }
        if text.is_empty() || self.form_line(line, text, true) {
            return Place::Nothing;
        }
        // What calls for a rollback is watched, and nobody ticks it: it needs no box to be one.
        let is_bullet = self.boxless || (self.topic(Topic::Indicators) && self.topic(Topic::Rollback));
        if number.is_some() || (is_bullet && !self.has_entries(index)) {
            let shape = if number.is_some() { Shape::Step } else { Shape::Bullet };
            let mut row = Row::of_text(line, Vec::new(), text.to_owned(), shape, Kind::Manual);
            row.number = number;
            return Place::Row(self.push(row, inside));
        }
        if is_bullet || self.leads.contains(&index) {
            return Place::Caption(text.trim_end_matches(':').to_owned());
        }
        self.problem(line, ProblemCode::BulletAsText, text);
        self.prose(block, text);
        Place::Nothing
    }

    /// Reads a signature, a form field or a contact; says whether the line was one.
    fn form_line(&mut self, line: u32, text: &str, bullet: bool) -> bool {
        if let Some(row) = self.signature(line, text, bullet) {
            self.push(row, None);
            return true;
        }
        let Some((label, value)) = words::label_value(text) else { return false };
        let blank = words::is_blank(value) || words::is_filled(value);
        let contacts = self.topic(Topic::Contacts);
        let named = contacts && bullet;
        if !blank && !named {
            return false;
        }
        let (shape, kind) = if contacts { (Shape::Contact, Kind::Contact) } else { (Shape::Field, Kind::Note) };
        let mut row = Row::of_text(line, Vec::new(), label.to_owned(), shape, kind);
        if shape == Shape::Contact && !blank {
            row.given = value.to_owned();
        }
        self.push(row, None);
        true
    }

    fn signature(&self, line: u32, text: &str, listed: bool) -> Option<Row> {
        let undated =
            words::label_value(text).filter(|(_, value)| words::is_blank(value) && self.topic(Topic::SignOff));
        let role = words::signature(text, listed).or(undated.map(|(role, _)| role))?;
        Some(Row::of_text(line, Vec::new(), role.to_owned(), Shape::Signature, Kind::Signoff))
    }

    fn code(&mut self, block: &Block, language: &str, fenced: bool, lines: &[Line]) {
        if fenced && language == FENCE {
            let said = lines.iter().filter(|line| !line.text.trim().is_empty());
            return self.out.said.extend(said.map(|line| (line.number, line.text.clone())));
        }
        if fenced && fence::is_shell(language) {
            for command in fence::commands(language, lines) {
                let mut row = Row::of_text(command.line, Vec::new(), command.text, Shape::Command, Kind::Command);
                row.detail = command.comment;
                self.push(row, block.inside);
            }
            return;
        }
        if let Some(fields) = fence::form(language, lines).filter(|_| fenced) {
            for field in fields {
                let row = Row::of_text(field.line, Vec::new(), field.label, Shape::Field, Kind::Note);
                self.push(row, None);
            }
            return;
        }
        for line in lines.iter().filter(|line| !fenced && boxes::read(&line.text, false).is_some()) {
            self.problem(line.number, ProblemCode::BoxElsewhere, &line.text);
        }
        self.prose(block, &lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"));
    }

    fn html(&mut self, block: &Block, text: &str) {
        let lower = text.trim_start().to_lowercase();
        if let Some(heading) = words::summary(text) {
            self.sections.caption = heading;
        } else if lower.starts_with("</details>") {
            self.sections.caption.clear();
        } else if lower.contains("checkbox") || lower.contains("[ ]") {
            self.problem(block.line, ProblemCode::BoxElsewhere, text);
        } else if !lower.starts_with("<!--") {
            self.problem(block.line, ProblemCode::Html, text);
        }
        self.prose(block, text);
    }

    /// Keeps text that is no row: with the row it stands under, else as prose.
    fn prose(&mut self, block: &Block, text: &str) {
        let text = text.trim_end();
        let under = block.inside.and_then(|item| self.row_of(item)).and_then(|row| self.out.rows.get_mut(row));
        match under {
            Some(row) => {
                if !row.detail.is_empty() {
                    row.detail.push('\n');
                }
                row.detail.push_str(text);
            }
            None => {
                let section = self.sections.path();
                self.out.prose.push(Prose { line: block.line, section, text: text.to_owned() });
            }
        }
    }

    /// Adds a row: gives it its place, its id, and the kind its surroundings make of it.
    fn push(&mut self, mut row: Row, inside: Option<usize>) -> usize {
        let parent = inside.and_then(|item| self.row_of(item));
        let captions = self.captions(inside);
        row.section = self.sections.path();
        row.caption = captions.first().cloned().unwrap_or_else(|| self.sections.caption.clone());
        row.parent = parent.and_then(|parent| self.out.rows.get(parent)).map(|parent| parent.id.clone());
        row.phase = row.phase.or_else(|| self.sections.phase());
        row.optional = words::is_optional(&row.label);
        row.mentions = words::mentions(&row.label);
        let parent_label = parent.and_then(|parent| self.out.rows.get(parent)).map(|parent| parent.label.clone());
        decide(&mut row, parent_label.as_deref());
        row.id = item_id(&row.label, &mut self.ids);
        if row.label.chars().count() > LABEL_CHARS_MAX {
            self.problem(row.line, ProblemCode::LongLabel, "");
        }
        if !self.seen.insert((row.section.clone(), row.label.clone(), parent)) && row.shape != Shape::Command {
            self.problem(row.line, ProblemCode::Duplicate, &row.label);
        }
        self.out.closing.clear();
        self.out.rows.push(row);
        self.out.rows.len() - 1
    }

    /// Finds the row an entry belongs to: its own, or that of the nearest entry above it.
    fn row_of(&self, item: usize) -> Option<usize> {
        let mut at = Some(item);
        while let Some(index) = at {
            if let Some(Place::Row(row)) = self.places.get(index) {
                return Some(*row);
            }
            at = self.blocks.get(index).and_then(|block| block.inside);
        }
        None
    }

    /// Lists the plain bullets an entry stands under, innermost first.
    fn captions(&self, inside: Option<usize>) -> Vec<String> {
        let mut captions = Vec::new();
        let mut at = inside;
        while let Some(index) = at {
            if let Some(Place::Caption(text)) = self.places.get(index) {
                captions.push(text.clone());
            }
            at = self.blocks.get(index).and_then(|block| block.inside);
        }
        captions
    }

    fn depth(&self, inside: Option<usize>) -> usize {
        let above = |index: &usize| self.blocks.get(*index).and_then(|block| block.inside);
        std::iter::successors(inside, above).count()
    }

    fn has_entries(&self, index: usize) -> bool {
        self.blocks
            .iter()
            .skip(index + 1)
            .take_while(|block| block.inside.is_some())
            .any(|block| block.inside == Some(index) && matches!(block.what, What::Item { .. }))
    }

    fn topic(&self, topic: Topic) -> bool {
        let path = self.sections.path();
        let mut headings: Vec<&str> = path.iter().map(String::as_str).collect();
        headings.push(&self.sections.caption);
        has_topic(&headings, topic)
    }

    fn problem(&mut self, line: u32, code: ProblemCode, text: &str) {
        self.out.problems.push(Problem::with(line, code, text.trim()));
    }

    fn finish(mut self) -> Reading {
        if let Some(first) = self.ticked.first().copied() {
            let count = format!("{} ticked", self.ticked.len());
            self.problem(first, ProblemCode::Ticked, &count);
        }
        if self.out.rows.is_empty() {
            self.problem(1, ProblemCode::NoRows, "");
        } else if self.boxless && self.out.rows.iter().any(|row| row.shape == Shape::Bullet) {
            self.problem(1, ProblemCode::NoBoxes, "");
        }
        let first_phased = self.out.rows.iter().position(|row| row.phase.is_some());
        for row in self.out.rows.iter_mut().take(first_phased.unwrap_or(0)) {
            row.phase = Some(0);
        }
        for row in self.out.rows.iter_mut().rev().take_while(|row| row.shape == Shape::Policy) {
            row.section = vec![CLOSING.to_owned()];
            row.caption.clear();
        }
        self.out.title = std::mem::take(&mut self.sections.title);
        self.out.phases = self.sections.into_phases();
        self.out
    }
}

/// Gives a row the kind its shape and its surroundings show, and what follows from them without any guess.
fn decide(row: &mut Row, parent: Option<&str>) {
    let headings: Vec<&str> = row.section.iter().map(String::as_str).chain([row.caption.as_str()]).collect();
    match row.shape {
        Shape::Signature => row.proof = Some(format!("signoff.{}", role::Role::of_label(&row.label)).as_str().into()),
        Shape::Field => {
            let words = role::words(&row.label, '_');
            let name = if words.is_empty() { "field" } else { words.as_str() };
            row.proof = Some(format!("run.note.{name}").as_str().into());
        }
        Shape::Contact => {
            let link = row.given.contains("https://");
            row.proof = Some(if link { "contacts.link" } else { "contacts.complete" }.into());
        }
        Shape::Box | Shape::Step | Shape::Bullet => {
            row.limit = Limit::find(&row.label);
            let scheduled = headings.iter().rev().find_map(|heading| ScheduleRule::of_heading(heading, &row.label));
            let measured = [row.section.last().map(String::as_str), Some(row.caption.as_str())]
                .into_iter()
                .flatten()
                .any(|heading| has_topic(&[last_word(heading)], Topic::Metrics))
                || parent.is_some_and(|parent| has_topic(&[parent], Topic::Metrics));
            if has_topic(&headings, Topic::Rollback) || has_topic(&headings, Topic::Indicators) {
                row.kind = Kind::Rollback;
                row.indicator = has_topic(&headings, Topic::Indicators);
            } else if scheduled.is_some() {
                row.kind = Kind::Schedule;
                row.schedule = scheduled;
            } else if measured || (row.limit.is_some() && !row.label.ends_with(')')) {
                row.kind = Kind::Metric;
            }
        }
        Shape::Command | Shape::Policy | Shape::Phase => {}
    }
}

/// Gives what a heading is about: "3. Business Metrics" is about metrics, "Metrics pipeline" is not.
fn last_word(heading: &str) -> &str {
    let two = heading.rmatch_indices(' ').nth(1).map_or(0, |(at, _)| at);
    let tail = heading.get(two..).unwrap_or(heading);
    if tail.to_lowercase().ends_with("criteria") { tail } else { heading.rsplit(' ').next().unwrap_or(heading) }
}

fn join(lines: &[Line]) -> String {
    let texts = lines.iter().map(|line| line.text.trim()).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}
