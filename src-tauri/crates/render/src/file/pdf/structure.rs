//! What a reader is told besides the drawing: headings, paragraphs, tables with their heads, figures with a sentence.
//!
//! Pieces are collected while the pages are drawn and become one tree in the order of the document, so that a paragraph or
//! a table over two pages is one element again.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};

use super::pages::{Part, Piece};

/// Says what kind of content a piece is.
pub(super) fn content_tag(part: &Part) -> ContentTag<'static> {
    match part {
        Part::Decoration => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
        Part::Figure(_) => ContentTag::Other,
        Part::Heading(_) | Part::Paragraph | Part::Cell { .. } => ContentTag::Span(SpanTag::empty()),
    }
}

/// The structure of the document while its pages are drawn: its elements by number.
#[derive(Default)]
pub(super) struct Structure(BTreeMap<usize, Element>);

/// The cells of a table by row and column.
type Cells = BTreeMap<usize, BTreeMap<usize, Vec<Identifier>>>;

/// One element and the pieces of it on the pages.
enum Element {
    Whole { part: Part, text: String, pieces: Vec<Identifier> },
    Table(Cells),
}

impl Structure {
    /// Adds a drawn piece.
    pub(super) fn add(&mut self, piece: &Piece, identifier: Identifier) {
        if piece.part == Part::Decoration {
            return;
        }
        let element = self.0.entry(piece.element).or_insert_with(|| match piece.part {
            Part::Cell { .. } => Element::Table(Cells::new()),
            _ => Element::Whole { part: piece.part.clone(), text: piece.text(), pieces: Vec::new() },
        });
        match (element, &piece.part) {
            (Element::Table(cells), Part::Cell { row, column }) => {
                cells.entry(*row).or_default().entry(*column).or_default().push(identifier);
            }
            (Element::Table(_), _) => {}
            (Element::Whole { pieces, .. }, _) => pieces.push(identifier),
        }
    }

    /// Gives the finished tree in reading order.
    pub(super) fn finish(self) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
        for element in self.0.into_values() {
            tree.push(match element {
                Element::Whole { part, text, pieces } => whole(part, text, pieces),
                Element::Table(cells) => table(cells),
            });
        }
        tree
    }
}

fn whole(part: Part, text: String, pieces: Vec<Identifier>) -> TagGroup {
    let leaves = pieces.into_iter().map(Node::from).collect();
    match part {
        Part::Heading(level) => {
            TagGroup::with_children(Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), Some(text)), leaves)
        }
        Part::Figure(sentence) => TagGroup::with_children(Tag::Figure(Some(sentence)), leaves),
        Part::Paragraph | Part::Cell { .. } | Part::Decoration => TagGroup::with_children(Tag::P, leaves),
    }
}

fn table(rows: Cells) -> TagGroup {
    let mut head = TagGroup::new(Tag::THead);
    let mut body = TagGroup::new(Tag::TBody);
    for (row, cells) in rows {
        let mut line = TagGroup::new(Tag::TR);
        for identifiers in cells.into_values() {
            let leaves = identifiers.into_iter().map(Node::from).collect();
            line.push(match row {
                0 => TagGroup::with_children(Tag::TH(TableHeaderScope::Column), leaves),
                _ => TagGroup::with_children(Tag::TD, leaves),
            });
        }
        if row == 0 { head.push(line) } else { body.push(line) }
    }
    TagGroup::with_children(Tag::Table, vec![head.into(), body.into()])
}
