//! Markdown as a flat list of blocks with line numbers.
//!
//! Separate because the parser speaks in nested events and the rules need lines. The events are walked with a stack of
//! our own, never by recursion. Deliberately absent: HTML and any meaning of a line.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::checklist::template::DEPTH_MAX;

/// A line of text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub number: u32,
    pub text: String,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Heading {
        level: u8,
        text: String,
    },
    /// A paragraph; `bold` when all of it is.
    Text {
        lines: Vec<Line>,
        bold: bool,
    },
    /// An entry of a list: its box, its number, and the first text in it.
    Item {
        ticked: Option<bool>,
        number: Option<u32>,
        lines: Vec<Line>,
    },
    /// A block of code; indented ones have no language and are not fenced.
    Code {
        language: String,
        fenced: bool,
        lines: Vec<Line>,
    },
    /// A row of a table.
    TableRow {
        cells: Vec<String>,
        /// Whether it is the head of the table.
        head: bool,
    },
    Html {
        text: String,
    },
    Rule,
}

/// A block, the list entry it stands in, and whether it is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub line: u32,
    pub inside: Option<usize>,
    pub quoted: bool,
    pub what: What,
}

/// Reads Markdown into blocks, in the order of the source.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TASKLISTS
        | Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::over(text);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.take(event, &range);
    }
    reader.flush();
    reader.blocks
}

/// The inline text that is being read.
#[derive(Debug, Default)]
struct Inline {
    lines: Vec<Line>,
    /// Whether any text stood outside of bold.
    plain: bool,
    heading: Option<u8>,
    cell: bool,
}

struct Reader<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
    blocks: Vec<Block>,
    /// Next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// Open list entries: index of the block and the depth of quotes at its start.
    items: Vec<(usize, usize)>,
    quotes: usize,
    bold: usize,
    inline: Option<Inline>,
    /// Set while a line break waits for the text behind it.
    broken: bool,
    row: Option<(u32, Vec<String>)>,
    code: bool,
    links: Vec<String>,
}

impl<'a> Reader<'a> {
    fn over(text: &'a str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self {
            text,
            line_starts,
            blocks: Vec::new(),
            lists: Vec::new(),
            items: Vec::new(),
            quotes: 0,
            bold: 0,
            inline: None,
            broken: false,
            row: None,
            code: false,
            links: Vec::new(),
        }
    }

    fn line_of(&self, offset: usize) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    fn take(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, range),
            Event::End(tag) => self.close(tag, range),
            Event::TaskListMarker(done) => self.tick(done),
            Event::Text(text) if self.code => self.code_text(&text, range.start),
            Event::Text(text) => self.text(&text, range.start),
            Event::Code(code) => self.text(&format!("`{code}`"), range.start),
            Event::InlineHtml(html) => self.text(&html, range.start),
            Event::Html(html) => self.html(&html),
            Event::SoftBreak | Event::HardBreak => self.broken = true,
            Event::Rule => self.push(range.start, What::Rule),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text, range.start);
            }
        }
    }

    fn open(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph => self.start_inline(Inline::default()),
            Tag::Heading { level, .. } => {
                self.start_inline(Inline { heading: u8::try_from(level as usize).ok(), ..Inline::default() });
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => self.start_item(range.start),
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                let (language, fenced) = match kind {
                    CodeBlockKind::Fenced(language) => (language.to_string(), true),
                    CodeBlockKind::Indented => (String::new(), false),
                };
                self.push(range.start, What::Code { language, fenced, lines: Vec::new() });
                self.code = true;
            }
            Tag::HtmlBlock => self.push(range.start, What::Html { text: String::new() }),
            Tag::MetadataBlock(_) => {
                self.push(range.start, What::Code { language: "yaml".to_owned(), fenced: true, lines: Vec::new() });
                self.code = true;
            }
            Tag::TableHead | Tag::TableRow => {
                self.flush();
                self.row = Some((self.line_of(range.start), Vec::new()));
            }
            Tag::TableCell => self.start_inline(Inline { cell: true, ..Inline::default() }),
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.text("~~", range.start),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.links.push(dest_url.to_string()),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => self.flush(),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                self.items.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => self.code = false,
            TagEnd::TableCell => self.flush(),
            TagEnd::TableHead => self.finish_row(true),
            TagEnd::TableRow => self.finish_row(false),
            TagEnd::Strikethrough => self.text("~~", range.start),
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.finish_link(),
            _ => {}
        }
    }

    fn start_item(&mut self, offset: usize) {
        self.flush();
        let number = self.lists.last_mut().and_then(Option::as_mut).map(|next| {
            let number = u32::try_from(*next).unwrap_or(u32::MAX);
            *next = next.saturating_add(1);
            number
        });
        self.push(offset, What::Item { ticked: None, number, lines: Vec::new() });
        self.items.push((self.blocks.len() - 1, self.quotes));
    }

    fn tick(&mut self, done: bool) {
        let item = self.items.last().and_then(|(index, _)| self.blocks.get_mut(*index));
        if let Some(Block { what: What::Item { ticked, .. }, .. }) = item {
            *ticked = Some(done);
        }
    }

    fn start_inline(&mut self, inline: Inline) {
        self.flush();
        self.inline = Some(inline);
    }

    fn text(&mut self, text: &str, offset: usize) {
        let number = self.line_of(offset);
        let outside = self.bold == 0 && !text.trim().is_empty();
        let broken = std::mem::take(&mut self.broken);
        let inline = self.inline.get_or_insert_default();
        inline.plain |= outside;
        if broken || inline.lines.is_empty() {
            inline.lines.push(Line { number, text: String::new() });
        }
        if let Some(line) = inline.lines.last_mut() {
            line.text.push_str(text);
        }
    }

    fn code_text(&mut self, text: &str, offset: usize) {
        let first = self.line_of(offset);
        if let Some(Block { what: What::Code { lines, .. }, .. }) = self.blocks.last_mut() {
            let fresh = (first..).zip(text.lines()).map(|(number, text)| Line { number, text: text.to_owned() });
            lines.extend(fresh);
        }
    }

    fn html(&mut self, html: &str) {
        if let Some(Block { what: What::Html { text }, .. }) = self.blocks.last_mut() {
            text.push_str(html);
        }
    }

    /// Keeps the target of a link that the text does not already show.
    fn finish_link(&mut self) {
        let Some(target) = self.links.pop() else { return };
        let last = self.inline.as_mut().and_then(|inline| inline.lines.last_mut());
        if let Some(line) =
            last.filter(|line| !target.is_empty() && !line.text.contains(target.trim_start_matches("mailto:")))
        {
            line.text.push_str(&format!(" ({target})"));
        }
    }

    fn finish_row(&mut self, head: bool) {
        self.flush();
        if let Some((line, cells)) = self.row.take() {
            self.push_at(line, What::TableRow { cells, head });
        }
    }

    /// Ends the inline text that is being read and puts it where it belongs.
    fn flush(&mut self) {
        self.broken = false;
        let Some(inline) = self.inline.take() else { return };
        let joined = || inline.lines.iter().map(|line| line.text.trim()).collect::<Vec<_>>().join(" ");
        if inline.cell {
            if let Some((_, cells)) = &mut self.row {
                cells.push(joined());
            }
            return;
        }
        let Some(line) = inline.lines.first().map(|line| line.number) else { return };
        if let Some(level) = inline.heading.filter(|_| self.items.is_empty()) {
            return self.push_at(line, What::Heading { level, text: joined() });
        }
        let lead = self.items.last().filter(|(_, quotes)| *quotes == self.quotes).map(|(index, _)| *index);
        let is_first = lead.is_some_and(|index| index + 1 == self.blocks.len());
        let item = lead.filter(|_| is_first).and_then(|index| self.blocks.get_mut(index));
        if let Some(Block { what: What::Item { lines, .. }, .. }) = item
            && lines.is_empty()
        {
            *lines = inline.lines;
            return;
        }
        self.push_at(line, What::Text { lines: inline.lines, bold: !inline.plain });
    }

    fn push(&mut self, offset: usize, what: What) {
        self.flush();
        // The parser lets a block begin in the white space, even the blank lines, before it.
        let blank = self.text.get(offset..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        self.push_at(self.line_of(offset + blank), what);
    }

    fn push_at(&mut self, line: u32, what: What) {
        let inside = self.items.get(..self.items.len().min(DEPTH_MAX)).and_then(<[_]>::last).map(|(index, _)| *index);
        self.blocks.push(Block { line, inside, quoted: self.quotes > 0, what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Item = (u32, Option<usize>, Option<bool>, Option<u32>, String);

    fn items(text: &str) -> Vec<Item> {
        let read = |block: Block| match block.what {
            What::Item { ticked, number, lines } => {
                let text = lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("/");
                Some((block.line, block.inside, ticked, number, text))
            }
            _ => None,
        };
        blocks(text).into_iter().filter_map(read).collect()
    }

    #[test]
    fn boxes_of_every_kind_of_list_are_seen() {
        let text = "* [x] one\n+ [ ] two\n\n3. [ ] three\n   more\n4) [X] four\n";
        let wanted = [
            (1, None, Some(true), None, "one".to_owned()),
            (2, None, Some(false), None, "two".to_owned()),
            (4, None, Some(false), Some(3), "three/more".to_owned()),
            (6, None, Some(true), Some(4), "four".to_owned()),
        ];
        assert_eq!(items(text), wanted);
    }

    #[test]
    fn nesting_survives_tabs_and_blank_lines() {
        let text = "- [ ] a\n\n\t- [ ] b\n\t\t- [ ] c\n- [ ] d\n";
        let found: Vec<_> = items(text).into_iter().map(|(line, inside, .., text)| (line, inside, text)).collect();
        let wanted = [
            (1, None, "a".to_owned()),
            (3, Some(0), "b".to_owned()),
            (4, Some(1), "c".to_owned()),
            (5, None, "d".to_owned()),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn code_keeps_its_lines_and_its_place() {
        let found = blocks("```bash\n# one\n\nnpm start\n```\n\n    indented\n");
        let What::Code { language, lines, fenced: true } = &found[0].what else { panic!("{found:?}") };
        assert_eq!(language, "bash");
        assert_eq!(lines.last(), Some(&Line { number: 4, text: "npm start".to_owned() }));
        assert!(matches!(&found[1].what, What::Code { fenced: false, .. }));
        assert_eq!(found[1].line, 7);
    }

    #[test]
    fn bold_paragraphs_links_and_quotes_are_told_apart() {
        let found = blocks("**Contacts:**\n\n**Note** plain [run](https://x.y) <https://z.z>\n\n> quoted\n");
        assert!(matches!(&found[0].what, What::Text { bold: true, .. }));
        let What::Text { bold: false, lines } = &found[1].what else { panic!("{found:?}") };
        assert_eq!(lines[0].text, "Note plain run (https://x.y) https://z.z");
        assert!(found[2].quoted);
    }

    #[test]
    fn a_thousand_levels_hang_on_the_last_kept_one() {
        let text: String = (0..200).map(|level| format!("{}- [ ] x\n", "  ".repeat(level))).collect();
        let found = items(&text);
        assert_eq!(found.len(), 200);
        assert_eq!(found[199].1, Some(DEPTH_MAX - 1));
    }
}
