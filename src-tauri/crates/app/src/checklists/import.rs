//! Import: a Markdown text read by rule, reviewed by a person, and kept as a template.
//!
//! Separate from the templates that are here, because nothing of it is kept before a person has seen it.

use countersign_domain::checklist::export_template::says_the_same;
use countersign_domain::checklist::import::{self as reader, Preview, Prose};
use countersign_domain::checklist::revise::{self, phases, phases::PhaseDraft};
use countersign_domain::checklist::row::Proof;
use countersign_domain::checklist::template::Template;
use countersign_domain::checklist::{role, suggest};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, TemplateId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::drafts::{self, CheckChoice};
use super::library::{Kept, Library};
use super::templates::{
    KindCount, Problem, TemplatePage, TemplateRequest, TemplateRow, keep, kept_before, named, page, problems, row,
    shortened, unreadable,
};
use super::{stories, versions, view};
use crate::app::App;
use crate::failure::{invalid, not_found, told};

/// Reads a Markdown text without keeping it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewTemplate {
    /// The text.
    pub markdown: String,
    /// The name it shall have; empty takes the first heading, or the name of the file.
    #[serde(default)]
    pub name: String,
    /// Name of the file the text was read from, where it was one.
    #[serde(default)]
    pub file: String,
}

/// What a Markdown text would become.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplatePreview {
    /// The name it would have.
    pub name: String,
    /// Its rows.
    pub rows: Vec<TemplateRow>,
    /// Rows by kind.
    pub counts: Vec<KindCount>,
    /// Its phases.
    pub phases: Vec<PhaseDraft>,
    /// Text between its rows, which is no line of the checklist.
    pub prose: Vec<Prose>,
    /// What is odd.
    pub problems: Vec<Problem>,
    /// What may decide a row.
    pub checks: Vec<CheckChoice>,
    /// Whether it can be kept.
    pub can_import: bool,
}

/// Keeps a Markdown checklist as a template, with what the review decided.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportTemplate {
    /// The text.
    pub markdown: String,
    /// The name; empty takes the first heading, or the name of the file.
    #[serde(default)]
    pub name: String,
    /// Name of the file the text was read from, where it was one.
    #[serde(default)]
    pub file: String,
    /// What the review changed, row by row; rows not named stay as read.
    #[serde(default)]
    pub decisions: Vec<RowDecision>,
}

/// What the review decided about one row.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RowDecision {
    /// The row.
    pub row: String,
    /// Another kind, or empty.
    #[serde(default)]
    pub kind: String,
    /// The probe or metric that proves it: an id, `none`, or empty for "as suggested".
    #[serde(default)]
    pub probe: String,
    /// The limit as people write it, empty for none; `null` for the one that was read.
    #[serde(default)]
    pub limit: Option<String>,
}

/// Reads a Markdown text without keeping it.
///
/// **Errors**: a text over the limits of the importer.
pub async fn preview(app: &App, request: PreviewTemplate) -> Result<TemplatePreview, Failure> {
    let shelf = stories::shelf(app).await?;
    let preview = read(&shelf.library, &request.markdown, &request.name, &request.file)?;
    Ok(TemplatePreview {
        name: preview.template.name.clone(),
        rows: preview.template.rows.iter().map(row).collect(),
        counts: view::counts(&preview.template),
        phases: preview.template.phases.iter().map(phases::draft).collect(),
        problems: problems(&preview),
        checks: drafts::checks(&preview.template),
        prose: preview.prose,
        can_import: !preview.template.rows.is_empty() && preview.template.faults().is_empty(),
    })
}

/// Keeps a Markdown checklist as a template, with what the review decided.
///
/// **Shape**: a content that is kept already is found again and adds nothing; another content under the same name is the
/// next version.
/// **Errors**: a text that holds no line, a decision that cannot be, what the ledger refuses.
pub async fn import(app: &App, request_id: Uuid, request: ImportTemplate) -> Result<TemplatePage, Failure> {
    let what = "Could not keep the template";
    let stores = app.stores()?;
    let _one_at_a_time = stores.stories.acting.lock().await;
    if let Some(page) = kept_before(app, request_id, what).await? {
        return Ok(page);
    }
    let shelf = stories::shelf(app).await?;
    let mut preview = read(&shelf.library, &request.markdown, &request.name, &request.file)?;
    decide(&mut preview.template, &request.decisions)?;
    named(&preview.template.name)?;
    if preview.template.rows.is_empty() {
        return Err(told(Code::ImportSyntax, what, "nothing in the text is a line of a checklist"));
    }
    let faults = preview.template.faults();
    if let Some(fault) = faults.first() {
        return Err(invalid("decisions", fault.clone()));
    }
    let (template, mut same) = shelf.library.place(preview.template);
    if same.is_none() {
        same = exported_before(app, &shelf.library, &template, &preview.text).await?;
    }
    let (id, version) = match same {
        Some(kept) => (kept.template.id.clone(), kept.template.version),
        None => keep(app, request_id, &template, preview.text, None).await?,
    };
    page(app, TemplateRequest { template: id, version }).await
}

/// Finds the version a text is the export of.
async fn exported_before(
    app: &App,
    library: &Library,
    template: &Template,
    text: &str,
) -> Result<Option<Kept>, Failure> {
    for kept in library.versions(&template.id).iter().filter(|kept| says_the_same(&kept.template, template)) {
        if versions::written(app, kept).await.is_ok_and(|written| written.trim_end() == text.trim_end()) {
            return Ok(Some(kept.clone()));
        }
    }
    Ok(None)
}

/// Reads a Markdown text as it would be imported, with every template here as an example.
///
/// **Errors**: a text over the limits of the importer.
pub async fn understood(app: &App, request: &PreviewTemplate) -> Result<Preview, Failure> {
    read(&stories::shelf(app).await?.library, &request.markdown, &request.name, &request.file)
}

fn read(library: &Library, markdown: &str, name: &str, file: &str) -> Result<Preview, Failure> {
    let name = if name.trim().is_empty() { None } else { Some(named(name)?) };
    let reviewed = library.reviewed();
    let mut preview = reader::read(markdown.as_bytes(), file, &reviewed).map_err(unreadable)?;
    let template = &mut preview.template;
    template.name = name.unwrap_or_else(|| shortened(&template.name));
    let id = role::words(&template.name, '-');
    template.id = TemplateId::from(if id.is_empty() { "checklist".to_owned() } else { id });
    template.source.file = format!("{}.md", template.id);
    Ok(preview)
}

/// Applies what the review decided.
fn decide(template: &mut Template, decisions: &[RowDecision]) -> Result<(), Failure> {
    for decision in decisions {
        let id = ItemId::from(decision.row.as_str());
        let row = template.rows.iter_mut().find(|row| row.id == id);
        let row = row.ok_or_else(|| not_found("row", &decision.row))?;
        let kind = match decision.kind.as_str() {
            "" => row.kind,
            word => word.parse().map_err(|_| invalid("kind", format!("{word} is no kind of line")))?,
        };
        let proof = match decision.probe.as_str() {
            "" => row.proof.clone(),
            "none" => None,
            id => Some(Proof::from(id)),
        };
        let wrong = |why: String| invalid("decisions", format!("row {id}: {why}"));
        // A row that is only given another limit keeps what was read of the rest of it.
        if !(decision.kind.is_empty() && decision.probe.is_empty()) {
            suggest::confirm(row, kind, proof).map_err(|error| wrong(error.to_string()))?;
        }
        if let Some(limit) = &decision.limit {
            row.limit = revise::limit(limit).map_err(wrong)?;
        }
    }
    Ok(())
}
