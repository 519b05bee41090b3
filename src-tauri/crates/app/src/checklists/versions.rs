//! Versions of templates: what differs between two of them, and a version as a file for others.

use countersign_domain::checklist::export_template::{Unwritable, template_markdown};
use countersign_domain::checklist::upgrade::{self, PhaseChange, RowChange};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::TemplateId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::exports::{RunFile, hand_out};
use super::stories::{self, Shelf};
use super::templates::{self, TemplateBrief};
use super::{Kept, view};
use crate::app::App;
use crate::failure::{internal, invalid, not_found, told};

/// Asks what differs between two versions of a template, or between two templates.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CompareTemplates {
    /// Which.
    pub template: TemplateId,
    /// The older version; 0 is the one before `to`.
    #[serde(default)]
    pub from: u32,
    /// The newer version; 0 is the newest.
    #[serde(default)]
    pub to: u32,
}

/// What differs between two versions.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateComparison {
    /// The older version.
    pub before: TemplateBrief,
    /// The newer version.
    pub after: TemplateBrief,
    /// Lines that are in both and say the same.
    pub same: u32,
    /// Phases that differ.
    pub phases: Vec<PhaseChange>,
    /// Each line that differs, in the order of the newer version, removed lines at the end.
    pub changes: Vec<RowChange>,
}

/// Writes a version as Markdown to a chosen file.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportTemplate {
    /// Which.
    pub template: TemplateId,
    /// Which version; 0 is the newest.
    #[serde(default)]
    pub version: u32,
    /// Handle of the chosen file.
    pub file: String,
}

/// What failed, where an export fails.
const WHAT: &str = "Could not export the template";

/// Tells what differs between two versions.
///
/// **Errors**: a template or version that does not exist; a template that has only one.
pub async fn compare(app: &App, request: CompareTemplates) -> Result<TemplateComparison, Failure> {
    let shelf = stories::shelf(app).await?;
    let CompareTemplates { template, from, to } = request;
    let after = kept(&shelf, &template, to)?;
    let from = if from == 0 { after.template.version.saturating_sub(1) } else { from };
    if from == 0 {
        return Err(invalid("from", format!("version {} of {template} is its first", after.template.version)));
    }
    let before = kept(&shelf, &template, from)?;
    let changes = upgrade::diff(&before.template, &after.template);
    let other = changes.iter().filter(|change| after.template.row(&change.item).is_some()).count();
    Ok(TemplateComparison {
        before: templates::brief(&shelf, before),
        after: templates::brief(&shelf, after),
        same: view::number(after.template.rows.len().saturating_sub(other)),
        phases: upgrade::diff_phases(&before.template, &after.template),
        changes,
    })
}

/// Writes a version as Markdown that gives the same template when it is imported, and writes down that it was.
///
/// **Errors**: a version or handle that is not known; a file that cannot be written; what the ledger refuses.
pub async fn export(app: &App, request_id: Uuid, request: ExportTemplate) -> Result<RunFile, Failure> {
    let place = app.files().place(&request.file)?;
    let shelf = stories::shelf(app).await?;
    let kept = kept(&shelf, &request.template, request.version)?;
    let rows = kept.template.rows.len();
    let text = written(app, kept).await?;
    hand_out(
        app,
        request_id,
        None,
        (place, text.into_bytes()),
        (format!("template {}", request.template), "md", rows.to_string()),
        WHAT,
    )
    .await
}

/// Gives a version as Markdown.
///
/// **Errors**: a version no Markdown gives, a file that cannot be read.
pub(super) async fn written(app: &App, kept: &Kept) -> Result<String, Failure> {
    let (text, template) = (templates::markdown(app, kept).await?, kept.template.clone());
    // A long list is read several times until its text is known to come back.
    let written = tokio::task::spawn_blocking(move || template_markdown(&template, &text)).await;
    written.map_err(|error| internal(WHAT, &error))?.map_err(|error| unwritable(WHAT, &error))
}

pub(super) fn unwritable(what: &str, error: &Unwritable) -> Failure {
    told(Code::InputInvalid, what, error.to_string())
}

pub(super) fn kept<'a>(shelf: &'a Shelf, id: &TemplateId, version: u32) -> Result<&'a Kept, Failure> {
    shelf.library.get(id, version).ok_or_else(|| not_found("template", id.as_str()))
}
