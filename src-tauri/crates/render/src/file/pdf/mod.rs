//! A report as PDF: PDF/A-2a and PDF/UA-1, so it can be kept for years and read aloud.
//!
//! krilla writes and validates the file; this module replays the marks of the laid-out pages with the fixed palette and
//! tells which of them are headings, cells, figures or decoration. Text only, the two embedded faces, no links, scripts or
//! attachments. Equal reports give equal bytes.

use countersign_domain::Instant;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::text::Font;
use krilla::{Document, SerializeSettings};

use crate::font;

mod pages;
mod pen;
mod report;
mod structure;
mod table;

use pages::{Part, lay_out};
use pen::Pen;
use structure::Structure;

pub use report::{Block, CHART_WIDTH, Column, Headline, Paper, ROWS_MAX, Report, ReportTable, Row};

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
    #[error("the report could not be written")]
    Writing(#[source] KrillaError),
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
            let identifier = surface.start_tagged(structure::content_tag(&piece.part));
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
