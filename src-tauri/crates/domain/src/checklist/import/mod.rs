//! Markdown into a template, by rule; a table or JSON is written as Markdown first.
//!
//! The importer reads only what the text shows; which check proves a line is a suggestion, marked as one, for a person
//! to confirm. Nothing is lost: what is no line of the checklist is listed as prose or as a problem. Deliberately
//! absent: HTML, network, and any way to fail on a strange file other than refusing it whole.

mod blocks;
mod boxes;
mod decode;
mod fence;
mod reader;
mod sections;
mod tables;
mod words;

use serde::{Deserialize, Serialize};

use super::assignment::{self, Said};
use super::digest::Digest;
use super::role;
use super::suggest::{self, Suggestion};
use super::template::{ROWS_MAX, Source, Template};
use crate::ids::{ItemId, TemplateId};

pub use decode::BYTES_MAX;
pub(super) use words::mentions;

/// Most problems that are listed one by one; the rest is counted.
pub const PROBLEMS_MAX: usize = 1_000;
/// Longest label that is not remarked on. **Units**: characters.
pub const LABEL_CHARS_MAX: usize = 2_000;
/// Longest text of a line, of a heading above it or between the lines. **Units**: bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1_024;
/// How our own exports begin the lines they add, so that an export can be read again.
pub const ANNOTATION: &str = "Countersign:";
/// Endings of files that are read.
const ENDINGS: [&str; 6] = ["md", "markdown", "txt", "csv", "tsv", "json"];

/// Why a file is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More bytes than the limit.
    #[error("the file has {bytes} bytes, and {limit} is the most")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Another encoding than UTF-8.
    #[error("the file is not UTF-8: byte {offset} does not fit")]
    NotUtf8 {
        /// Where the first wrong byte stands, from 0.
        offset: usize,
    },
    /// It begins like another form, and is not of it.
    #[error("{why}")]
    NotUnderstood {
        /// What is wrong, and where.
        why: String,
    },
    /// A text longer than any that is shown.
    #[error("the text of line {line} has {bytes} bytes, and {TEXT_BYTES_MAX} is the most")]
    TextTooLong {
        /// Line of the file, from 1.
        line: u32,
        /// Its size.
        bytes: usize,
    },
    /// More lines of the checklist than a template may have.
    #[error("the file has {rows} lines to work on, and {limit} is the most")]
    TooManyRows {
        /// How many there are.
        rows: usize,
        /// The limit.
        limit: usize,
    },
}

/// How much a problem matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::AsRefStr, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Probably not what the author meant.
    Warning,
    /// Something that looks like a line of the checklist did not become one.
    Error,
}

/// What is odd about a line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProblemCode {
    /// No line has a box; bullets were taken instead.
    NoBoxes,
    /// Nothing in the file is a line of a checklist.
    NoRows,
    /// A box without a text.
    EmptyBox,
    /// A box written in an unusual way; it was read as one.
    OddBox,
    /// A box in a table, in HTML or in indented code, where it is not read.
    BoxElsewhere,
    /// Boxes are ticked in the file; a template starts with all of them open.
    Ticked,
    /// The same text stands in the same section before.
    Duplicate,
    /// A bullet without a box was read as text.
    BulletAsText,
    /// A very long label.
    LongLabel,
    /// Lists are nested deeper than is kept.
    TooDeep,
    /// Control characters were removed.
    ControlCharacters,
    /// Characters of a wrong encoding were repaired.
    MisdecodedRepaired,
    /// Characters look like a wrong encoding and were left.
    MisdecodedLeft,
    /// Raw HTML is shown as text.
    Html,
    /// The file says itself what decides its lines.
    Assigned,
    /// The file says itself who is let in with a phase, how long it soaks or who signs it.
    AssignedPhases,
    /// The file says what decides a line it does not have.
    AssignedElsewhere,
    /// What the file says about its lines is not understood and was passed over.
    AssignedWrongly,
    /// The file is a table or JSON, and was written as Markdown.
    Table,
    /// A part of the table or of the JSON has no place in a list.
    TableLeft,
    /// Rows of the table do not fit its head.
    TableUneven,
    /// Further problems are only counted.
    More,
}

impl ProblemCode {
    /// Says how much it matters.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::NoRows | Self::BoxElsewhere | Self::AssignedWrongly => Severity::Error,
            Self::NoBoxes
            | Self::EmptyBox
            | Self::Duplicate
            | Self::TooDeep
            | Self::LongLabel
            | Self::MisdecodedLeft
            | Self::Assigned
            | Self::AssignedPhases
            | Self::AssignedElsewhere
            | Self::TableLeft
            | Self::TableUneven
            | Self::More => Severity::Warning,
            Self::OddBox
            | Self::Ticked
            | Self::BulletAsText
            | Self::ControlCharacters
            | Self::MisdecodedRepaired
            | Self::Table
            | Self::Html => Severity::Note,
        }
    }

    /// Says it in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoBoxes => "No line has a box, so bullets were read as lines to work on.",
            Self::NoRows => "Nothing here is a line of a checklist.",
            Self::EmptyBox => "A box without a text was left out.",
            Self::OddBox => "This is not quite how a box is written; it was read as one.",
            Self::BoxElsewhere => "A box in a table, in HTML or in indented code is not read; make it a list.",
            Self::Ticked => "Boxes are ticked in the file; a template starts with all of them open.",
            Self::Duplicate => "The same text stands in this section already; both were kept.",
            Self::BulletAsText => "A bullet without a box was read as text.",
            Self::LongLabel => "This text is very long for one line of a checklist.",
            Self::TooDeep => "Lists are nested deeper than is kept.",
            Self::ControlCharacters => "Control characters were removed.",
            Self::MisdecodedRepaired => "Characters that were read in a wrong encoding were repaired.",
            Self::MisdecodedLeft => "Characters look as if read in a wrong encoding; they were left as they are.",
            Self::Html => "HTML is shown as text.",
            Self::Assigned => "The file says itself what decides its lines; look at them before you keep it.",
            Self::AssignedPhases => {
                "The file says itself who is let in, how long phases soak and who signs them; look at the phases."
            }
            Self::AssignedElsewhere => "The file says what decides a line that is not in it.",
            Self::AssignedWrongly => "What the file says about its lines does not fit and was passed over.",
            Self::Table => "The file is no Markdown; what is kept is the Markdown that was made of it.",
            Self::TableLeft => "A part of the file has no place in a checklist and was left out.",
            Self::TableUneven => "Rows of the table have another number of cells than its head; look at them.",
            Self::More => "There are further problems like these.",
        }
    }
}

/// Something odd, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Problem {
    /// Line of the file, from 1.
    pub line: u32,
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub code: ProblemCode,
    /// What stands there, when that helps; at most 200 characters.
    pub text: String,
}

impl Problem {
    fn at(line: u32, code: ProblemCode) -> Self {
        Self::with(line, code, "")
    }

    fn with(line: u32, code: ProblemCode, text: &str) -> Self {
        let text = text.chars().take(200).collect();
        Self { line, severity: code.severity(), code, text }
    }
}

/// Text of the file that is no line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Prose {
    /// Line of the file, from 1.
    pub line: u32,
    /// The headings above it.
    pub section: Vec<String>,
    /// What it says.
    pub text: String,
}

/// What the importer made of a file, for a person to review before it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The template as it would be kept.
    pub template: Template,
    /// Why each suggested proof was suggested.
    pub suggestions: Vec<Suggestion>,
    /// Text between the lines.
    pub prose: Vec<Prose>,
    /// What is odd, in the order of the file.
    pub problems: Vec<Problem>,
    /// The text the line numbers count in; its digest is in the template.
    pub text: String,
}

/// Reads a Markdown file into a template to be reviewed.
///
/// **Shape**: `reviewed` are templates whose assignments people have confirmed; a line with the same words as one of
/// theirs is suggested the same proof. A file that ends in what its lines mean, as our exports do, is taken at its word.
/// Rows stand in the order of the file.
/// **Errors**: [`Refused`], always for the whole file.
pub fn read(bytes: &[u8], file: &str, reviewed: &[&Template]) -> Result<Preview, Refused> {
    let mut decoded = decode::decode(bytes)?;
    let table = tables::markdown(&decoded.text).transpose().map_err(|why| Refused::NotUnderstood { why })?;
    if let Some(table) = &table {
        decoded.problems.push(Problem::with(1, ProblemCode::Table, table.form));
        decoded.problems.extend(table.odd.iter().map(|(code, what)| Problem::with(1, *code, what)));
        decoded.text.clone_from(&table.markdown);
    }
    let mut reading = reader::read(&decoded.text);
    // A table has no headings of its own: what its sections are called is no name of the list.
    if let Some(table) = table {
        reading.title = table.name;
    }
    if reading.rows.len() > ROWS_MAX {
        return Err(Refused::TooManyRows { rows: reading.rows.len(), limit: ROWS_MAX });
    }
    are_texts_short(&reading)?;
    let said: Vec<Said> = reading.said.iter().filter_map(|(_, line)| Said::read(line)).collect();
    // Where the file says what its lines mean, another list's words must not say it differently.
    let reviewed = if said.is_empty() { reviewed } else { &[] };
    let mut suggestions = suggest::assign(&mut reading.rows, reviewed);
    let stem = stem(file);
    let name = if reading.title.is_empty() { stem.to_owned() } else { reading.title };
    let id = role::words(if stem.is_empty() { &name } else { stem }, '-');
    let mut template = Template {
        id: TemplateId::new(if id.is_empty() { "checklist".to_owned() } else { id }),
        version: 1,
        name,
        source: Source { file: format!("{stem}.md"), sha256: Digest::of_bytes(decoded.text.as_bytes()) },
        closing: reading.closing,
        phases: reading.phases,
        rows: reading.rows,
    };
    let mut problems = decoded.problems;
    problems.extend(reading.problems);
    if let Some((line, _)) = reading.said.first() {
        problems.extend(assigned(&mut template, *line, &said, said.len() == reading.said.len()));
        let open = |item: &ItemId| template.row(item).is_some_and(|row| row.suggested);
        suggestions.retain(|suggestion| open(&suggestion.item));
    }
    problems.sort_by_key(|problem| problem.line);
    if problems.len() > PROBLEMS_MAX {
        let more = format!("{} more", problems.len() - PROBLEMS_MAX);
        problems.truncate(PROBLEMS_MAX);
        let last = problems.last().map_or(1, |problem| problem.line);
        problems.push(Problem::with(last, ProblemCode::More, &more));
    }
    Ok(Preview { template, suggestions, prose: reading.prose, problems, text: decoded.text })
}

/// Says whether a quote behind a text would be read as one, and not as a part of a block that nothing closes.
pub(super) fn takes_a_quote_at_its_end(text: &str) -> bool {
    blocks::blocks(&format!("{text}\n\n> {ANNOTATION}")).last().is_some_and(|last| last.quoted)
}

/// Says whether every text can be shown whole.
///
/// **Errors**: [`Refused::TextTooLong`]; a text is never cut in silence.
fn are_texts_short(reading: &reader::Reading) -> Result<(), Refused> {
    let of_rows = reading.rows.iter().flat_map(|row| {
        let texts = [row.label.len(), row.detail.len(), row.caption.len()];
        texts.into_iter().chain(row.section.iter().map(String::len)).map(|bytes| (row.line, bytes))
    });
    let between = reading.prose.iter().map(|prose| (prose.line, prose.text.len()));
    match of_rows.chain(between).find(|(_, bytes)| *bytes > TEXT_BYTES_MAX) {
        Some((line, bytes)) => Err(Refused::TextTooLong { line, bytes }),
        None => Ok(()),
    }
}

/// Gives the name of a file without its folder and without the ending of a form that is read.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_read = |ending: &str| ENDINGS.iter().any(|one| one.eq_ignore_ascii_case(ending));
    name.rsplit_once('.').filter(|(_, ending)| is_read(ending)).map_or(name, |(stem, _)| stem)
}

/// Gives the line of the heading that is the title of a text, from 0.
pub(super) fn title_line(text: &str) -> Option<usize> {
    let blocks = blocks::blocks(text);
    let title = blocks.iter().find(|block| matches!(block.what, blocks::What::Heading { level: 1, .. }))?;
    usize::try_from(title.line).ok()?.checked_sub(1)
}

/// Says whether a text in a list entry is read as it stands.
pub(super) fn is_read_as_it_stands(text: &str) -> bool {
    matches!(blocks::blocks(&format!("- {text}\n")).as_slice(), [blocks::Block { what: blocks::What::Item { ticked: None, lines, .. }, .. }]
        if matches!(lines.as_slice(), [only] if only.text == text))
}

/// Takes what the file says about its own lines, and says so.
fn assigned(template: &mut Template, line: u32, said: &[Said], is_understood: bool) -> Vec<Problem> {
    let shown = template.phases.clone();
    let taken = assignment::apply(template, said);
    let wrongly = (!is_understood || taken.is_none()).then(|| Problem::at(line, ProblemCode::AssignedWrongly));
    let (decided, lost) = taken.unwrap_or_default();
    let count = format!("{} lines", decided.len());
    let decided = (!decided.is_empty()).then(|| Problem::with(line, ProblemCode::Assigned, &count));
    let lost = lost.iter().map(|item| Problem::with(line, ProblemCode::AssignedElsewhere, item.as_str()));
    let phases = (template.phases != shown).then(|| Problem::at(line, ProblemCode::AssignedPhases));
    wrongly.into_iter().chain(decided).chain(phases).chain(lost).collect()
}

/// Makes the id of a row from its label, distinct among those already given.
fn item_id(label: &str, taken: &mut std::collections::BTreeMap<String, u32>) -> ItemId {
    const CHARS_MAX: usize = 60;
    let words = role::words(label, '-');
    let short = words.chars().take(CHARS_MAX).collect::<String>();
    let short = if short.len() < words.len() {
        short.rsplit_once('-').map_or(short.as_str(), |(head, _)| head)
    } else {
        &short
    };
    let stem = if short.is_empty() { "line" } else { short };
    let count = taken.entry(stem.to_owned()).or_default();
    *count += 1;
    ItemId::new(if *count == 1 { stem.to_owned() } else { format!("{stem}~{count}") })
}

#[cfg(test)]
mod tests;
