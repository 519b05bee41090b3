//! Templates: checklists as they were written, read by rule and reviewed by a person.

use countersign_domain::Instant;
use countersign_domain::checklist::assignment;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::TemplateImported;
use countersign_domain::checklist::export_template::says_the_same;
use countersign_domain::checklist::import::{self, Preview, ProblemCode, Refused, Severity};
use countersign_domain::checklist::row::{Proof, Row};
use countersign_domain::checklist::template::Template;
use countersign_domain::checklist::{role, suggest};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, TemplateId};
use countersign_domain::ledger::{Draft, Evidence, Hash};
use countersign_store::StoreError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::library::{Kept, Library, Origin};
use super::stories::{self, Shelf};
use super::{act, people, view};
use crate::app::App;
use crate::failure::{Tell as _, internal, invalid, not_found, told};
use crate::ledger::word;

/// Asks for the templates.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplatesRequest {}

/// Every template, built-in ones first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Templates {
    /// Newest version of each.
    pub templates: Vec<TemplateBrief>,
}

/// A template in one line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateBrief {
    /// Its id.
    pub id: TemplateId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// `built_in`, `imported` or `own`.
    pub source: String,
    /// Rows by kind.
    pub counts: Vec<KindCount>,
    /// Rows in all.
    pub rows: u32,
    /// First 12 hex digits of its content hash.
    pub hash: String,
    /// When it was saved; `null` for built-in ones.
    pub saved_at: Option<Instant>,
    /// When a run last began with it.
    pub used_at: Option<Instant>,
}

/// How many rows are of a kind.
#[derive(Debug, Clone, Serialize, TS)]
pub struct KindCount {
    /// The kind.
    pub kind: String,
    /// How many.
    pub count: u32,
}

/// Asks for one template.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplateRequest {
    /// Which.
    pub template: TemplateId,
    /// Which version; 0 is the newest.
    #[serde(default)]
    pub version: u32,
}

/// One template with its rows.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplatePage {
    /// In one line.
    pub brief: TemplateBrief,
    /// Its rows in order.
    pub rows: Vec<TemplateRow>,
    /// What is odd in the source.
    pub problems: Vec<Problem>,
    /// Versions that exist, newest first.
    pub versions: Vec<u32>,
}

/// One row of a template.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateRow {
    /// Id inside the template.
    pub id: String,
    /// Line in the source.
    pub line: u32,
    /// Headings above it.
    pub section: Vec<String>,
    /// The label as it stands.
    pub text: String,
    /// `auto`, `metric`, `schedule`, `manual`, `rollback`, `contact`, `command`, `signoff`, `note`.
    pub kind: String,
    /// The row it is nested in.
    pub parent: Option<String>,
    /// Probe or metric that proves it.
    pub probe: Option<String>,
    /// Whether the probe is only a suggestion that nobody confirmed.
    pub is_suggested: bool,
    /// The rule in words.
    pub rule: String,
    /// The limit, as written.
    pub limit: Option<String>,
    /// `full`, `partial`, `assist`, `human`.
    pub strength: String,
    /// Whether it may be marked as not applicable.
    pub may_be_na: bool,
    /// How long a result counts, in words.
    pub freshness: String,
}

/// Something odd in a source.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Problem {
    /// Line in the source; 0 when it concerns the whole file.
    pub line: u32,
    /// How bad: `error`, `warning`, `notice`.
    pub severity: String,
    /// What it is and what was done about it.
    pub text: String,
}

/// Reads a Markdown text without keeping it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewTemplate {
    /// The text.
    pub markdown: String,
    /// The name it shall have; empty takes the first heading.
    #[serde(default)]
    pub name: String,
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
    /// What is odd.
    pub problems: Vec<Problem>,
    /// Whether it can be kept.
    pub can_import: bool,
}

/// Keeps a Markdown checklist as a template, with what the review decided.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportTemplate {
    /// The text.
    pub markdown: String,
    /// The name; empty takes the first heading.
    #[serde(default)]
    pub name: String,
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
}

/// Longest template the record of its import can hold. **Units**: bytes of its file form.
pub const TEMPLATE_BYTES_MAX: usize = 200 * 1_024;
/// Longest name of a template. **Units**: characters.
const NAME_CHARS_MAX: usize = 120;

/// Lists the newest version of every template.
///
/// **Errors**: closed stores.
pub async fn list(app: &App, _request: TemplatesRequest) -> Result<Templates, Failure> {
    let shelf = stories::shelf(app).await?;
    let templates = shelf.library.newest().into_iter().map(|kept| brief(&shelf, kept)).collect();
    Ok(Templates { templates })
}

/// Gives one template.
///
/// **Errors**: a template or version that does not exist.
pub async fn page(app: &App, request: TemplateRequest) -> Result<TemplatePage, Failure> {
    let shelf = stories::shelf(app).await?;
    let TemplateRequest { template: id, version } = request;
    let kept = shelf.library.get(&id, version).ok_or_else(|| not_found("template", id.as_str()))?;
    let text = markdown(app, kept).await?;
    Ok(TemplatePage {
        brief: brief(&shelf, kept),
        rows: kept.template.rows.iter().map(row).collect(),
        problems: problems(&read_again(&text, &kept.template.source.file)?),
        versions: shelf.library.versions(&id).iter().rev().map(|kept| kept.template.version).collect(),
    })
}

/// Reads a Markdown text without keeping it.
///
/// **Errors**: a text over the limits of the importer.
pub async fn preview(app: &App, request: PreviewTemplate) -> Result<TemplatePreview, Failure> {
    let shelf = stories::shelf(app).await?;
    let preview = read(&shelf.library, &request.markdown, &request.name)?;
    let mut problems = problems(&preview);
    let is_kept = preview.template.to_toml().is_ok_and(|toml| toml.len() <= TEMPLATE_BYTES_MAX);
    if !is_kept {
        let text = format!("This is more than one record holds ({} KiB). Split the list.", TEMPLATE_BYTES_MAX / 1_024);
        problems.push(Problem { line: 0, severity: "error".to_owned(), text });
    }
    Ok(TemplatePreview {
        name: preview.template.name.clone(),
        rows: preview.template.rows.iter().map(row).collect(),
        counts: view::counts(&preview.template),
        problems,
        can_import: is_kept && !preview.template.rows.is_empty() && preview.template.faults().is_empty(),
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
    let mut preview = read(&shelf.library, &request.markdown, &request.name)?;
    decide(&mut preview.template, &request.decisions)?;
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

/// Finds the version whose export a text is: the same lines, and the same text but for the block at its end.
async fn exported_before(
    app: &App,
    library: &Library,
    template: &Template,
    text: &str,
) -> Result<Option<Kept>, Failure> {
    for kept in library.versions(&template.id).iter().filter(|kept| says_the_same(&kept.template, template)) {
        let source = markdown(app, kept).await?;
        if assignment::without_block(&source).trim_end() == assignment::without_block(text).trim_end() {
            return Ok(Some(kept.clone()));
        }
    }
    Ok(None)
}

/// Gives the template a request kept before.
pub(super) async fn kept_before(app: &App, request_id: Uuid, what: &str) -> Result<Option<TemplatePage>, Failure> {
    let Some(recorded) = act::written_before(app, request_id, what).await? else { return Ok(None) };
    let body: TemplateImported = recorded.entry.body_as().map_err(|error| internal(what, &error))?;
    page(app, TemplateRequest { template: body.template, version: body.version }).await.map(Some)
}

/// Reads a Markdown text as it would be imported, with every template here as an example.
///
/// **Errors**: a text over the limits of the importer.
pub async fn understood(app: &App, request: &PreviewTemplate) -> Result<Preview, Failure> {
    read(&stories::shelf(app).await?.library, &request.markdown, &request.name)
}

/// Finds a template by its id or its name, the newest version.
///
/// **Errors**: none, or more than one of that name.
pub async fn find(app: &App, text: &str) -> Result<Kept, Failure> {
    let shelf = stories::shelf(app).await?;
    if let Some(kept) = shelf.library.get(&TemplateId::from(text), 0) {
        return Ok(kept.clone());
    }
    let wanted = text.trim().to_lowercase();
    let newest = shelf.library.newest();
    let named: Vec<&&Kept> = newest.iter().filter(|kept| kept.template.name.to_lowercase() == wanted).collect();
    match named.as_slice() {
        [only] => Ok((**only).clone()),
        [] => Err(not_found("template", text)),
        several => Err(invalid("template", format!("{} templates are called {text}; use the id", several.len()))),
    }
}

/// Gives the Markdown a template was read from.
///
/// **Errors**: evidence that is gone or is not what it was.
pub(super) async fn markdown(app: &App, kept: &Kept) -> Result<String, Failure> {
    let what = format!("Could not read the source of {}", kept.template.name);
    if let Origin::BuiltIn(markdown) = kept.origin {
        return Ok(markdown.to_owned());
    }
    let sha256 = hash_of(kept.template.source.sha256);
    let evidence = app.stores()?.ledger.database().evidence();
    let loaded = tokio::task::spawn_blocking(move || evidence.load(&sha256)).await;
    let bytes = loaded.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(&what))?;
    String::from_utf8(bytes).map_err(|error| internal(what, &error))
}

/// Gives a digest as the ledger's own type has it.
pub(crate) fn hash_of(digest: Digest) -> Hash {
    // Both are 32 bytes with one written form.
    digest.to_string().parse().unwrap_or(Hash([0; Hash::LENGTH]))
}

fn read(library: &Library, markdown: &str, name: &str) -> Result<Preview, Failure> {
    let name = if name.trim().is_empty() { String::new() } else { named(name)? };
    let reviewed = library.reviewed();
    let mut preview = import::read(markdown.as_bytes(), "", &reviewed).map_err(unreadable)?;
    let template = &mut preview.template;
    if !name.is_empty() {
        template.name = name;
    }
    let id = role::words(&template.name, '-');
    template.id = TemplateId::from(if id.is_empty() { "checklist".to_owned() } else { id });
    template.source.file = format!("{}.md", template.id);
    Ok(preview)
}

/// Takes the name of a template.
pub(super) fn named(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(invalid("name", format!("a name has 1 to {NAME_CHARS_MAX} characters, on one line")));
    }
    Ok(name.to_owned())
}

fn read_again(markdown: &str, file: &str) -> Result<Preview, Failure> {
    let mut read = import::read(markdown.as_bytes(), file, &[]).map_err(unreadable)?;
    // It was looked at when it was kept.
    read.problems.retain(|problem| problem.code != ProblemCode::Assigned);
    Ok(read)
}

fn unreadable(refused: Refused) -> Failure {
    let code = match &refused {
        Refused::TooLarge { .. } | Refused::TooManyRows { .. } => Code::ImportTooLarge,
        Refused::NotUtf8 { .. } => Code::ImportEncoding,
    };
    told(code, "Could not read the checklist", refused.to_string())
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
        suggest::confirm(row, kind, proof).map_err(|error| invalid("decisions", format!("row {id}: {error}")))?;
    }
    Ok(())
}

/// Keeps a version and its Markdown; `from` names what it was made of by hand.
pub(super) async fn keep(
    app: &App,
    request: Uuid,
    template: &Template,
    text: String,
    from: Option<String>,
) -> Result<(TemplateId, u32), Failure> {
    let what = "Could not keep the template";
    let toml = template.to_toml().map_err(|error| internal(what, &error))?;
    if toml.len() > TEMPLATE_BYTES_MAX {
        let limit = TEMPLATE_BYTES_MAX / 1_024;
        let why = format!("its record would have {} KiB, and {limit} is the most; split the list", toml.len() / 1_024);
        return Err(told(Code::ImportTooLarge, what, why));
    }
    let size = text.len() as u64;
    let evidence = app.stores()?.ledger.database().evidence();
    let kept = tokio::task::spawn_blocking(move || evidence.keep(text.as_bytes())).await;
    let sha256 = kept.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(what))?;
    let body = TemplateImported {
        template: template.id.clone(),
        version: template.version,
        hash: template.content_hash(),
        toml,
        source: template.source.sha256,
        from,
    };
    let file = Evidence { name: template.source.file.clone(), sha256, size };
    let draft = Draft::new(word("template_imported").map_err(|error| error.tell(what))?, request, &body);
    let mut draft = draft.map_err(|error| error.tell(what))?.on(format!("template/{}", template.id));
    if let Some(acting) = people::present(app).await? {
        draft = draft.by(acting.id, acting.name);
    }
    act::write(app, vec![draft.resting_on(vec![file])], &[], what).await?;
    Ok((template.id.clone(), template.version))
}

/// Shows a template in one line.
pub(super) fn brief(shelf: &Shelf, kept: &Kept) -> TemplateBrief {
    let template = &kept.template;
    let runs = shelf.runs.values().filter(|story| story.run.template().id == template.id);
    TemplateBrief {
        id: template.id.clone(),
        name: template.name.clone(),
        version: template.version,
        source: match kept.origin {
            Origin::BuiltIn(_) => "built_in",
            Origin::Imported { .. } => "imported",
            Origin::Own { .. } => "own",
        }
        .to_owned(),
        counts: view::counts(template),
        rows: view::number(template.rows.len()),
        hash: short(kept.hash),
        saved_at: match kept.origin {
            Origin::BuiltIn(_) => None,
            Origin::Imported { at } | Origin::Own { at } => Some(at),
        },
        used_at: runs.map(|story| story.run.binding().started_at).max(),
    }
}

/// Writes a content hash as lists show it.
pub(super) fn short(hash: Digest) -> String {
    hash.to_string().chars().take(12).collect()
}

fn row(row: &Row) -> TemplateRow {
    TemplateRow {
        id: row.id.to_string(),
        line: row.line,
        section: row.section.clone(),
        text: row.label.clone(),
        kind: row.kind.to_string(),
        parent: row.parent.as_ref().map(ToString::to_string),
        probe: row.proof.as_ref().map(ToString::to_string),
        is_suggested: row.suggested,
        rule: row.rule.clone(),
        limit: row.limit.as_ref().map(ToString::to_string),
        strength: view::strength(row),
        may_be_na: row.optional,
        freshness: view::freshness(row),
    }
}

/// Says what is odd about a source.
#[must_use]
pub fn problems(preview: &Preview) -> Vec<Problem> {
    let problem = |problem: &import::Problem| {
        let severity = if problem.severity == Severity::Note { "notice" } else { problem.severity.as_ref() };
        let more = if problem.text.is_empty() { String::new() } else { format!(" ({})", problem.text) };
        let text = format!("{}{more}", problem.code.sentence());
        Problem { line: problem.line, severity: severity.to_owned(), text }
    };
    preview.problems.iter().map(problem).collect()
}
