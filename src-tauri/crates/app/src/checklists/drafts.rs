//! Changing a template by hand: what an editor works with, and the next version it makes.
//!
//! A version never changes: an edit is kept as the next one, an edit of a built-in template as a copy under a name of its
//! own. What is kept is the Markdown that gives exactly this template, so that it can be handed on.

use std::collections::BTreeSet;

use countersign_domain::checklist::catalogue::{self, CheckSource};
use countersign_domain::checklist::export_template::{says_the_same, template_markdown};
use countersign_domain::checklist::import;
use countersign_domain::checklist::revise::phases::{self, PhaseDraft};
use countersign_domain::checklist::revise::{self, RowDraft};
use countersign_domain::checklist::role::{self, Role};
use countersign_domain::checklist::template::{Source, Template};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::TemplateId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::library::{Kept, Origin};
use super::stories::{self, Shelf};
use super::templates::{self, TemplateBrief, TemplatePage};
use super::versions;
use crate::app::App;
use crate::failure::{internal, invalid, told};

/// Asks for a template as an editor works with it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DraftTemplate {
    /// Which; its newest version.
    pub template: TemplateId,
}

/// A template as an editor works with it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateDraft {
    /// The version it begins with.
    pub brief: TemplateBrief,
    /// Whether saving makes a copy, because the program's own templates stay as they are.
    pub is_copy: bool,
    /// The name that is proposed.
    pub name: String,
    /// Its phases in order.
    pub phases: Vec<PhaseDraft>,
    /// Its lines in order.
    pub rows: Vec<RowDraft>,
    /// What may decide a line.
    pub checks: Vec<CheckChoice>,
    /// Roles that may confirm a line or sign a phase.
    pub roles: Vec<String>,
}

/// A check or metric of the catalogue.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CheckChoice {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The question it answers.
    pub question: String,
    /// What a person has to confirm beside it; empty when it proves everything.
    pub remainder: String,
    /// Whether it is a measured value.
    pub is_metric: bool,
    /// How long its answer counts. **Units**: hours.
    pub fresh_hours: u32,
}

/// Keeps a template as a person left it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditTemplate {
    /// Which.
    pub template: TemplateId,
    /// The version that was worked on; it has to be the newest still.
    pub version: u32,
    /// Name of the copy, where a copy is made; of one's own template its name.
    pub name: String,
    /// Phases that are other; one that is not named stays.
    #[serde(default)]
    pub phases: Vec<PhaseDraft>,
    /// Every line that stays or is new, in order.
    pub rows: Vec<RowDraft>,
}

/// Makes a template of one's own from another.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DuplicateTemplate {
    /// Which.
    pub template: TemplateId,
    /// Which version; 0 is the newest.
    #[serde(default)]
    pub version: u32,
    /// What the other one is called.
    pub name: String,
}

/// What failed, where saving fails.
const WHAT: &str = "Could not keep the template";

/// Gives a template as an editor works with it.
///
/// **Errors**: a template that does not exist.
pub async fn draft(app: &App, request: DraftTemplate) -> Result<TemplateDraft, Failure> {
    let shelf = stories::shelf(app).await?;
    let kept = versions::kept(&shelf, &request.template, 0)?;
    let is_copy = is_of_the_program(kept);
    let name = &kept.template.name;
    let rows = kept.template.rows.iter().flat_map(|row| &row.confirm);
    let used = rows.chain(kept.template.phases.iter().flat_map(|phase| &phase.signed_by)).map(ToString::to_string);
    let mut seen = BTreeSet::new();
    let known = Role::KNOWN.iter().map(|role| (*role).to_owned());
    let roles = known.chain(used).filter(|role| seen.insert(role.clone())).collect();
    Ok(TemplateDraft {
        brief: templates::brief(&shelf, kept),
        is_copy,
        name: if is_copy { free_name(&shelf, name) } else { name.clone() },
        phases: kept.template.phases.iter().map(phases::draft).collect(),
        rows: kept.template.rows.iter().map(revise::draft).collect(),
        checks: checks(&kept.template),
        roles,
    })
}

/// Keeps a template as a person left it: as the next version, or as a copy.
///
/// **Errors**: a version that is not the newest any more, lines that make no template, nothing that differs, a name that
/// is taken; what the ledger refuses.
pub async fn edit(app: &App, request_id: Uuid, request: EditTemplate) -> Result<TemplatePage, Failure> {
    let stores = app.stores()?;
    let _one_at_a_time = stores.stories.acting.lock().await;
    if let Some(page) = templates::kept_before(app, request_id, WHAT).await? {
        return Ok(page);
    }
    let shelf = stories::shelf(app).await?;
    let kept = versions::kept(&shelf, &request.template, 0)?;
    if kept.template.version != request.version {
        let newest = kept.template.version;
        let why = format!("version {newest} was kept meanwhile; look at it and make the change there");
        return Err(told(Code::StateConflict, WHAT, why));
    }
    let revised = revise::revised(&kept.template, &request.rows, &request.phases);
    let revised = revised.map_err(|unsound| invalid("template", unsound.to_string()))?;
    if says_the_same(&revised, &kept.template) {
        return Err(told(Code::StateConflict, WHAT, format!("nothing differs from version {}", request.version)));
    }
    let named = if is_of_the_program(kept) { Some(request.name.as_str()) } else { None };
    save(app, request_id, (&shelf, kept), named, revised).await
}

/// Makes a template of one's own from another, line by line the same.
///
/// **Errors**: a version that does not exist, a name that is taken; what the ledger refuses.
pub async fn duplicate(app: &App, request_id: Uuid, request: DuplicateTemplate) -> Result<TemplatePage, Failure> {
    let stores = app.stores()?;
    let _one_at_a_time = stores.stories.acting.lock().await;
    if let Some(page) = templates::kept_before(app, request_id, WHAT).await? {
        return Ok(page);
    }
    let shelf = stories::shelf(app).await?;
    let kept = versions::kept(&shelf, &request.template, request.version)?;
    let same = kept.template.as_ref().clone();
    save(app, request_id, (&shelf, kept), Some(&request.name), same).await
}

/// Keeps a template made from another: under a new name as the first version, else as the next one.
async fn save(
    app: &App,
    request_id: Uuid,
    (shelf, kept): (&Shelf, &Kept),
    named: Option<&str>,
    mut template: Template,
) -> Result<TemplatePage, Failure> {
    if let Some(name) = named {
        template.name = templates::named(name)?;
        template.id = id_of(shelf, &template.name)?;
    }
    let markdown = templates::markdown(app, kept).await?;
    let file = format!("{}.md", template.id);
    let (meant, name) = (template.clone(), file.clone());
    let read = tokio::task::spawn_blocking(move || {
        let text = template_markdown(&meant, &markdown).map_err(|error| versions::unwritable(WHAT, &error))?;
        import::read(text.as_bytes(), &name, &[]).map_err(|error| internal(WHAT, &error))
    });
    let read = read.await.map_err(|error| internal(WHAT, &error))??;
    // What is kept is what its own Markdown gives, with the line numbers of that text.
    let source = Source { file, sha256: read.template.source.sha256 };
    let (template, _) = shelf.library.place(Template { id: template.id, source, ..read.template });
    let from = format!("{} {}", kept.template.id, kept.template.version);
    templates::keep(app, request_id, &template, read.text, Some(from)).await?;
    templates::page(app, templates::TemplateRequest { template: template.id, version: template.version }).await
}

fn is_of_the_program(kept: &Kept) -> bool {
    matches!(kept.origin, Origin::BuiltIn(_))
}

/// Gives the id of a name nobody uses yet.
fn id_of(shelf: &Shelf, name: &str) -> Result<TemplateId, Failure> {
    let words = role::words(name, '-');
    let id = TemplateId::from(if words.is_empty() { "checklist".to_owned() } else { words });
    let is_taken = !shelf.library.versions(&id).is_empty()
        || shelf.library.newest().iter().any(|kept| kept.template.name.eq_ignore_ascii_case(name));
    if is_taken {
        return Err(invalid("name", "a template has this name already; choose another"));
    }
    Ok(id)
}

/// Finds a name for a copy that nobody uses yet.
fn free_name(shelf: &Shelf, name: &str) -> String {
    let names = (1_u32..).map(|nth| if nth == 1 { format!("{name}, ours") } else { format!("{name}, ours {nth}") });
    names.take(shelf.library.newest().len() + 1).find(|name| id_of(shelf, name).is_ok()).unwrap_or_default()
}

/// Lists what may decide a line: the catalogue, and what lines of this template name under a pattern of it.
pub(super) fn checks(template: &Template) -> Vec<CheckChoice> {
    let choice = |id: &str, check: &catalogue::Check| CheckChoice {
        id: id.to_owned(),
        name: check.name.to_owned(),
        question: check.question.to_owned(),
        remainder: check.remainder.to_owned(),
        is_metric: id.starts_with("metric."),
        fresh_hours: check.fresh_hours,
    };
    let is_offered = |check: &&catalogue::Check| {
        !check.id.ends_with('*') && !matches!(check.source, CheckSource::Signature | CheckSource::Form)
    };
    let mut choices: Vec<CheckChoice> =
        catalogue::all().filter(is_offered).map(|check| choice(check.id, check)).collect();
    for proof in template.rows.iter().filter_map(|row| row.proof.as_ref()) {
        let is_there = choices.iter().any(|choice| choice.id == proof.as_str());
        if let (false, Some(check)) = (is_there, catalogue::find(proof.as_str())) {
            choices.push(choice(proof.as_str(), check));
        }
    }
    choices.sort_by(|one, other| one.id.cmp(&other.id));
    choices
}
