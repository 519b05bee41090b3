//! Templates: the checklists that are here, those of the program and those that were kept.

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::TemplateImported;
use countersign_domain::checklist::import::{self, Preview, ProblemCode, Refused, Severity};
use countersign_domain::checklist::revise::{self, phases, phases::PhaseDraft};
use countersign_domain::checklist::row::Row;
use countersign_domain::checklist::template::Template;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::TemplateId;
use countersign_domain::ledger::{Draft, Evidence, Hash};
use countersign_store::StoreError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::expected::{self, SigningRole};
use super::library::{Kept, Origin};
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
    /// Roles that sign it, each once.
    pub roles: Vec<SigningRole>,
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
    /// Its phases.
    pub phases: Vec<PhaseDraft>,
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
    /// What to know before doing it, or how to put it right; empty for nothing.
    pub help: String,
    /// What a person confirms beside the check; empty for nothing.
    pub remainder: String,
    /// Roles that may confirm it; empty for anyone who works on the run.
    pub confirm: Vec<String>,
    /// When it is due; empty for a line that is not dated.
    pub schedule: String,
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

/// Longest file form the entry of a template holds; a longer one is kept as evidence. **Units**: bytes.
const RECORD_BYTES_MAX: usize = 200 * 1_024;
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
        phases: kept.template.phases.iter().map(phases::draft).collect(),
        problems: problems(&read_again(&text, &kept.template.source.file)?),
        versions: shelf.library.versions(&id).iter().rev().map(|kept| kept.template.version).collect(),
    })
}

/// Gives the template a request kept before.
pub(super) async fn kept_before(app: &App, request_id: Uuid, what: &str) -> Result<Option<TemplatePage>, Failure> {
    let Some(recorded) = act::written_before(app, request_id, what).await? else { return Ok(None) };
    let body: TemplateImported = recorded.entry.body_as().map_err(|error| internal(what, &error))?;
    page(app, TemplateRequest { template: body.template, version: body.version }).await.map(Some)
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
    text_of(app, kept.template.source.sha256, &what).await
}

/// Gives the TOML of a version, from its entry or from the evidence that entry names.
///
/// **Errors**: evidence that is gone or is not what it was.
pub(super) async fn record_of(app: &App, body: &TemplateImported) -> Result<String, Failure> {
    match body.record {
        None => Ok(body.toml.clone()),
        Some(record) => text_of(app, record, &format!("Could not read the template {}", body.template)).await,
    }
}

async fn text_of(app: &App, digest: Digest, what: &str) -> Result<String, Failure> {
    let sha256 = hash_of(digest);
    let evidence = app.stores()?.ledger.database().evidence();
    let loaded = tokio::task::spawn_blocking(move || evidence.load(&sha256)).await;
    let bytes = loaded.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(what))?;
    String::from_utf8(bytes).map_err(|error| internal(what, &error))
}

/// Gives a digest as the ledger's own type has it.
pub(crate) fn hash_of(digest: Digest) -> Hash {
    // Both are 32 bytes with one written form.
    digest.to_string().parse().unwrap_or(Hash([0; Hash::LENGTH]))
}

/// Takes the name of a template.
pub(super) fn named(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        let why = format!("a name of 1 to {NAME_CHARS_MAX} characters, on one line, is expected");
        return Err(invalid("name", why));
    }
    Ok(name.to_owned())
}

/// Makes a name of a heading, or of the name of a file.
pub(super) fn shortened(heading: &str) -> String {
    let name: String = heading.trim().chars().filter(|one| !one.is_control()).collect();
    if name.chars().count() <= NAME_CHARS_MAX {
        return name;
    }
    name.chars().take(NAME_CHARS_MAX - 1).chain(['…']).collect()
}

fn read_again(markdown: &str, file: &str) -> Result<Preview, Failure> {
    let mut read = import::read(markdown.as_bytes(), file, &[]).map_err(unreadable)?;
    // It was looked at when it was kept.
    read.problems.retain(|problem| !matches!(problem.code, ProblemCode::Assigned | ProblemCode::AssignedPhases));
    Ok(read)
}

pub(super) fn unreadable(refused: Refused) -> Failure {
    let code = match &refused {
        Refused::TooLarge { .. } | Refused::TooManyRows { .. } | Refused::TextTooLong { .. } => Code::ImportTooLarge,
        Refused::NotUtf8 { .. } => Code::ImportEncoding,
        Refused::NotUnderstood { .. } => Code::ImportSyntax,
    };
    told(code, "Could not read the checklist", refused.to_string())
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
    let mut files = vec![filed(app, template.source.file.clone(), text, what).await?];
    let is_long = toml.len() > RECORD_BYTES_MAX;
    let (toml, record) = if is_long {
        let name = format!("{}.{}.toml", template.id, template.version);
        let file = filed(app, name, toml, what).await?;
        let digest = file.sha256.to_string().parse().map_err(|error| internal(what, &error))?;
        files.push(file);
        (String::new(), Some(digest))
    } else {
        (toml, None)
    };
    let body = TemplateImported {
        template: template.id.clone(),
        version: template.version,
        hash: template.content_hash(),
        toml,
        source: template.source.sha256,
        from,
        record,
    };
    let draft = Draft::new(word("template_imported").map_err(|error| error.tell(what))?, request, &body);
    let mut draft = draft.map_err(|error| error.tell(what))?.on(format!("template/{}", template.id));
    if let Some(acting) = people::present(app).await? {
        draft = draft.by(acting.id, acting.name);
    }
    act::write(app, vec![draft.resting_on(files)], &[], what).await?;
    Ok((template.id.clone(), template.version))
}

/// Keeps a text as evidence.
async fn filed(app: &App, name: String, text: String, what: &str) -> Result<Evidence, Failure> {
    let size = text.len() as u64;
    let evidence = app.stores()?.ledger.database().evidence();
    let kept = tokio::task::spawn_blocking(move || evidence.keep(text.as_bytes())).await;
    let sha256 = kept.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(what))?;
    Ok(Evidence { name, sha256, size })
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
        roles: expected::roles(template),
    }
}

/// Writes a content hash as lists show it.
pub(super) fn short(hash: Digest) -> String {
    hash.to_string().chars().take(12).collect()
}

pub(super) fn row(row: &Row) -> TemplateRow {
    let draft = revise::draft(row);
    TemplateRow {
        id: row.id.to_string(),
        line: row.line,
        section: row.section.clone(),
        text: row.label.clone(),
        kind: row.kind.to_string(),
        parent: row.parent.as_ref().map(ToString::to_string),
        probe: row.proof.as_ref().map(ToString::to_string),
        is_suggested: row.suggested,
        rule: draft.rule,
        help: draft.help,
        remainder: draft.remainder,
        confirm: draft.confirm,
        schedule: draft.schedule,
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
