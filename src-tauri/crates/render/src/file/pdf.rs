//! A report as PDF: PDF/A-2a and PDF/UA-1, so it can be kept for years and read aloud.
//!
//! krilla writes and validates the file; this module replays the marks of the laid-out pages with the fixed palette and
//! tells which of them are headings, cells, figures or decoration. Text only, the two embedded faces, no links, scripts or
//! attachments. Equal reports give equal bytes.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use countersign_domain::Instant;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::Font;
use krilla::{Document, SerializeSettings};

use super::pages::{Part, Piece, lay_out};
use super::pen::Pen;
use super::report::{Block, ROWS_MAX, Report};
use crate::font;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// More table rows than a report holds.
    #[error("{given} table rows in a report; at most {limit} can be printed")]
    TooLong {
        /// What was asked for.
        given: usize,
        /// The bound.
        limit: usize,
    },
    /// An embedded face or the combination of standards was not taken; a fault of this program.
    #[error("the report could not be begun: {0}")]
    Setup(&'static str),
    /// The file would not meet the standards.
    #[error("the report could not be written: {0:?}")]
    Writing(KrillaError),
}

/// Writes a report.
///
/// **Errors**: `TooLong`; the others do not happen with texts cleaned by `pages`.
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    let rows = |block: &Block| if let Block::Table(table) = block { table.rows.len() } else { 0 };
    let given = report.blocks.iter().map(rows).sum();
    if given > ROWS_MAX {
        return Err(PdfError::TooLong { given, limit: ROWS_MAX });
    }
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| PdfError::Setup("standards exclude each other"))?;
    let face = |bytes: &[u8]| Font::new(bytes.to_vec().into(), 0).ok_or(PdfError::Setup("a face is not readable"));
    let (regular, strong) = (face(font::REGULAR)?, face(font::STRONG)?);

    let layout = lay_out(report);
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut tree = Structure::default();
    let mut outline = Outline::new();
    for (number, pieces) in layout.pages.iter().enumerate() {
        let settings =
            PageSettings::from_wh(layout.width, layout.height).ok_or(PdfError::Setup("a page without size"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for piece in pieces.iter().filter(|piece| !piece.marks.is_empty()) {
            let identifier = surface.start_tagged(content_tag(&piece.part));
            let mut pen = Pen { surface: &mut surface, regular: &regular, strong: &strong };
            piece.marks.iter().for_each(|mark| pen.draw(mark));
            surface.end_tagged();
            if let (Part::Heading(_), Some(top)) = (&piece.part, piece.top()) {
                let place = XyzDestination::new(number, Point::from_xy(0.0, top));
                outline.push_child(OutlineNode::new(piece.text(), place));
            }
            tree.add(piece, identifier);
        }
        surface.finish();
        page.finish();
    }
    document.set_metadata(metadata(report));
    document.set_outline(outline);
    document.set_tag_tree(tree.finish());
    document.finish().map_err(PdfError::Writing)
}

fn metadata(report: &Report) -> Metadata {
    Metadata::new()
        .title(format!("{} · {}", report.title(), report.subtitle))
        .authors(vec![report.author.clone()])
        .creator("Countersign".to_owned())
        .language("en".to_owned())
        .creation_date(date_time(report.made_at))
}

fn date_time(at: Instant) -> DateTime {
    // The text form is the one place where every part is known to fit its type.
    let text = at.format("%Y %m %d %H %M %S").to_string();
    let parts: Vec<u16> = text.split(' ').filter_map(|part| part.parse().ok()).collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or(0);
    let small = |at: usize| u8::try_from(part(at)).unwrap_or(0);
    DateTime::new(part(0))
        .month(small(1))
        .day(small(2))
        .hour(small(3))
        .minute(small(4))
        .second(small(5))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn content_tag(part: &Part) -> ContentTag<'static> {
    match part {
        Part::Decoration => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
        Part::Figure(_) => ContentTag::Other,
        Part::Heading(_) | Part::Paragraph | Part::Cell { .. } => ContentTag::Span(SpanTag::empty()),
    }
}

/// The structure of the document while its pages are drawn: its elements by number.
#[derive(Default)]
struct Structure(BTreeMap<usize, Element>);

/// The cells of a table by row and column.
type Cells = BTreeMap<usize, BTreeMap<usize, Vec<Identifier>>>;

/// One element and the pieces of it on the pages.
enum Element {
    Whole { part: Part, text: String, pieces: Vec<Identifier> },
    Table(Cells),
}

impl Structure {
    fn add(&mut self, piece: &Piece, identifier: Identifier) {
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

    fn finish(self) -> TagTree {
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
