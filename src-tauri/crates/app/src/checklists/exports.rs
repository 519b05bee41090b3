//! Writing a run to a file for others: Markdown in the layout of its source, CSV for tables, PDF for a board, and all of
//! it with its evidence in one archive.
//!
//! Each file is written whole or not at all and its digest becomes an entry, so that a copy can be told from a forgery.

mod account;
mod pack;
mod paper;
mod sheet;
mod signed;

use std::path::PathBuf;

use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{Entry, RunExported};
use countersign_domain::checklist::export_markdown;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{OperatorId, RunId};
use countersign_domain::workspace::{self, entry};
use countersign_render::file::pdf::PdfError;
use countersign_render::file::write::{WriteError, WrittenFile};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::stories::{self, Story};
use super::{act, people, schedule, templates};
use crate::app::App;
use crate::exports::made::Made;
use crate::failure::{Tell, internal, not_found};
use crate::{clock, files, record};

/// Folder of the checklists inside of a pack.
pub(crate) const TEMPLATES: &str = "templates";
/// What failed, where an export fails.
const WHAT: &str = "Could not export the run";

/// Forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr, TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExportFormat {
    /// The text the template was read from, ticked, with who and when.
    Md,
    /// One row for each line.
    Csv,
    /// A report to be read and kept.
    Pdf,
    /// The dates that are not settled, for a calendar program.
    Ics,
    /// All of it with files, ledger and verifier, in one archive.
    Pack,
}

/// Writes a run to a file somebody chose.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportRun {
    /// Which run.
    pub run: RunId,
    /// In which form.
    pub format: ExportFormat,
    /// Handle of the chosen file.
    pub file: String,
    /// Who exports it; `null` for whoever works here.
    #[serde(default)]
    pub operator: Option<OperatorId>,
}

/// Files that were written.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunFiles {
    /// The files.
    pub files: Vec<RunFile>,
}

/// One file that was written.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunFile {
    /// Its name, without its folder.
    pub name: String,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// Its length. **Units**: bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// Writes a run to a file, and writes down that it was.
///
/// **Errors**: a run, handle or operator that is not known; a file that cannot be written; what the ledger refuses.
pub async fn export(app: &App, request_id: Uuid, request: ExportRun) -> Result<RunFiles, Failure> {
    let ExportRun { run, format, file, operator } = request;
    let place = app.files().place(&file)?;
    let story = stories::story(app, &run).await?;
    let by = match &operator {
        Some(id) => Some(people::named(app, id).await?),
        None => people::present(app).await?,
    };
    let made = Made::by_whom(app, by.map(|acting| (acting.id, acting.name))).await?;
    let written = match format {
        ExportFormat::Pack => pack::write(app, &story, place, &made).await?,
        _ => {
            let bytes = content(app, &story, format, &made).await?;
            files::write(place, bytes, WHAT).await?
        }
    };
    let sha256 = written.sha256.parse().map_err(|error| internal(WHAT, &error))?;
    files::recorded(&written, note(app, request_id, &story, (format.as_ref(), sha256), &made).await)?;
    Ok(RunFiles { files: vec![written.into()] })
}

async fn content(app: &App, story: &Story, format: ExportFormat, made: &Made) -> Result<Vec<u8>, Failure> {
    match format {
        ExportFormat::Md => {
            let (shelf, binding) = (stories::shelf(app).await?, story.run.binding());
            let kept = shelf.library.with_hash(&story.run.template().id, binding.template_hash);
            let kept = kept.ok_or_else(|| not_found("template", story.run.template().id.as_str()))?;
            let text = templates::markdown(app, kept).await?;
            let mut marks = story.run.marks(made.at);
            marks.head.push(format!("Exported by {} with Countersign {}.", made.by(), clock::VERSION));
            marks.head.extend(made.ledger().map(|end| format!("The ledger then ended at {end}.")));
            let signed = signed::signatures(app, story).await?;
            marks.foot = signed.iter().flat_map(|one| [one.sentence(), one.machine(&story.id)]).collect();
            Ok(export_markdown::markdown(story.run.template(), &text, &marks).into_bytes())
        }
        ExportFormat::Csv => {
            let signed = signed::signatures(app, story).await?;
            sheet::csv(story, &signed, made).map_err(|error| internal(WHAT, &error))
        }
        ExportFormat::Ics => {
            let roster = app.stores()?.ledger.roster().await;
            Ok(schedule::calendar(story, &roster, made).into_bytes())
        }
        ExportFormat::Pdf | ExportFormat::Pack => {
            let report = paper::report(app, story, made).await?;
            // Laying out some pages of text is work for a blocking thread.
            let pdf = tokio::task::spawn_blocking(move || countersign_render::file::pdf::pdf(&report)).await;
            pdf.map_err(|error| internal(WHAT, &error))?.map_err(|error| error.tell(WHAT))
        }
    }
}

/// Writes what is kept here already to a chosen place, and writes down that it was.
///
/// **Shape**: `of` is the run it is of, where it is of one; then what the entry calls it, its form and, of a list, how many
/// rows it has.
/// **Errors**: a place that cannot be written to, what the ledger refuses.
pub(super) async fn hand_out(
    app: &App,
    request_id: Uuid,
    of: Option<&Story>,
    (place, content): (PathBuf, Vec<u8>),
    (what, format, rows): (String, &str, String),
    failed: &str,
) -> Result<RunFile, Failure> {
    let written = files::write(place, content, failed).await?;
    let (format, sha256) = (format.to_owned(), written.sha256.clone());
    let told = entry::Exported { what, format, rows, sha256, is_masked: false, filter: String::new() };
    let about = (of.map(|story| stories::object(&story.id)), of.map(|story| &story.run.binding().environment));
    let by = record::acting(app).await?;
    let noted = record::note_on(app, request_id, about, by, workspace::Entry::Exported(told)).await;
    files::recorded(&written, noted)?;
    Ok(written.into())
}

impl From<WrittenFile> for RunFile {
    fn from(written: WrittenFile) -> Self {
        let name = written.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, sha256: written.sha256, bytes: written.bytes }
    }
}

/// Writes down the digest of what was made.
async fn note(
    app: &App,
    request: Uuid,
    story: &Story,
    (format, sha256): (&str, Digest),
    made: &Made,
) -> Result<(), Failure> {
    let entry = Entry::from(RunExported { format: format.to_owned(), sha256 });
    let draft = act::draft(request, (&story.id, &story.run.binding().environment), &entry, Vec::new());
    let mut draft = draft.map_err(|error| error.tell(WHAT))?;
    if let Some((id, name)) = &made.by {
        draft = draft.by(id.clone(), name.clone());
    }
    act::write(app, vec![draft], &[], WHAT).await.map(drop)
}

impl Tell for WriteError {
    fn code(&self) -> Code {
        match self {
            Self::Exists(_) | Self::NotAFile(_) => Code::ExportTarget,
            Self::Failed { cause, .. } if cause.kind() == std::io::ErrorKind::StorageFull => Code::DiskFull,
            Self::Failed { .. } => Code::ExportTarget,
        }
    }
}

impl Tell for PdfError {
    fn code(&self) -> Code {
        match self {
            Self::TooLong { .. } => Code::InputInvalid,
            Self::Setup(_) | Self::Writing(_) => Code::Internal,
        }
    }
}
