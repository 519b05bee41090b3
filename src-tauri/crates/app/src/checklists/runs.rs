//! Runs: a template bound to an environment and a release, worked off line by line.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry, RunStarted};
use countersign_domain::checklist::run::{PREPARATION, Pin, PinState};
use countersign_domain::checklist::sign::Scope;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{EnvironmentId, ItemId, OperatorId, RunId, TemplateId};
use countersign_domain::ledger::roster::CONSOLE;
use countersign_domain::workspace::{Environment, Source};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::expected::{ExpectedPerson, RolePerson};
use super::first_hour::FirstHour;
use super::form::{DeploymentView, FormField};
use super::stories::{self, Story};
use super::{act, expected, first_hour, form, people, templates, view};
use crate::app::App;
use crate::failure::{Tell as _, invalid, not_found, told};
use crate::frame::{self, BannerKind};
use crate::overview::RunBrief;
use crate::{checks, clock, record};

/// Asks for the runs.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunsRequest {
    /// Only those of this environment.
    #[serde(default)]
    pub environment: Option<EnvironmentId>,
}

/// Runs, newest first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Runs {
    /// The runs.
    pub runs: Vec<RunBrief>,
}

/// Starts a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Which template.
    pub template: TemplateId,
    /// Where.
    pub environment: EnvironmentId,
    /// Tag of the release.
    pub release: String,
    /// Who owns it.
    pub owner: Option<OperatorId>,
    /// Who is expected for its roles; a role may have nobody.
    #[serde(default)]
    pub people: Vec<RolePerson>,
    /// Whether its dated lines keep to working days.
    #[serde(default)]
    pub business_days: bool,
}

/// Asks for one run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Which.
    pub run: RunId,
}

/// One run with all its items.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunPage {
    /// In one line.
    pub brief: RunBrief,
    /// Names of who works on it beside its owner.
    pub people: Vec<String>,
    /// Each role that signs, and who is expected for it.
    pub expected: Vec<ExpectedPerson>,
    /// Whether its dated lines keep to working days.
    pub business_days: bool,
    /// The template it was started from.
    pub template: TemplateId,
    /// Its version.
    pub template_version: u32,
    /// First 12 hex digits of the template's hash.
    pub template_hash: String,
    /// What the template says at its end; empty where it says nothing.
    pub closing: String,
    /// Sources that are pinned or connected.
    pub fingerprints: Vec<Fingerprint>,
    /// Whether a pinned source changed or is gone: every result that rests on it is then stale.
    pub has_changed_fingerprint: bool,
    /// The window in which the deployment may happen, where one is set.
    pub window: Option<DeployWindow>,
    /// When the release was deployed.
    pub deployed_at: Option<Instant>,
    /// The hour after that, minute by minute; `null` where the list has no lines for it.
    pub first_hour: Option<FirstHour>,
    /// The deployments as they were recorded, the one that counts last.
    pub deployments: Vec<DeploymentView>,
    /// Whether a deployment waits for the gate of the preparation.
    pub has_preparation: bool,
    /// When that gate was opened.
    pub prepared_at: Option<Instant>,
    /// The form every run has.
    pub form: Vec<FormField>,
    /// When the run ended; `null` while it goes on.
    pub ended_at: Option<Instant>,
    /// Sections in order.
    pub sections: Vec<SectionView>,
    /// Items in order.
    pub items: Vec<ItemView>,
    /// Counts by state.
    pub progress: Vec<StateCount>,
    /// First 16 hex digits of the evidence root.
    pub evidence_root: String,
    /// Roles and who signed.
    pub signatures: Vec<SignatureSlot>,
}

/// A source with the fingerprint a run pinned.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Fingerprint {
    /// Of what: `stripe`, `database`.
    pub source: String,
    /// What is pinned; of a source that is not pinned yet, what is connected.
    pub value: String,
    /// In words: `stripe acct_…AEAL/test`.
    pub text: String,
    /// Whether it is what is connected now.
    pub state: PinState,
    /// What is connected now; `null` for nothing.
    pub connected: Option<String>,
}

impl From<Pin> for Fingerprint {
    fn from(pin: Pin) -> Self {
        let Pin { source, pinned, connected, state } = pin;
        let value = pinned.or_else(|| connected.clone()).unwrap_or_default();
        Self { text: format!("{source} {value}"), source, value, state, connected }
    }
}

/// The window in which a deployment may happen.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DeployWindow {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// A section of the outline.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SectionView {
    /// Headings down to it.
    pub path: Vec<String>,
    /// Depth, 0 for the top.
    pub depth: u32,
    /// Items in it, with sections below.
    pub total: u32,
    /// Of these, complete.
    pub complete: u32,
    /// Of these, failed.
    pub failed: u32,
}

/// One item in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemView {
    /// Its id.
    pub id: ItemId,
    /// The label as it stands.
    pub text: String,
    /// Headings down to it.
    pub section: Vec<String>,
    /// The item it is nested in.
    pub parent: Option<ItemId>,
    /// Its kind.
    pub kind: String,
    /// `full`, `partial`, `assist`, `human`.
    pub strength: String,
    /// `open`, `running`, `verified`, `needs_confirmation`, `failed`, `warning`, `unknown`, `confirmed`, `waived`,
    /// `not_applicable`, `blocked`, `stale`, `reopened`, `armed`, `tripped`.
    pub state: String,
    /// The state in words, with its reason.
    pub state_text: String,
    /// Whether it counts as complete.
    pub is_complete: bool,
    /// Whether it counts at all.
    pub counts: bool,
    /// Probe or metric behind it.
    pub probe: Option<String>,
    /// Where its facts come from: `stripe`, `database`, `http`, …
    pub source: Option<String>,
    /// Name of who owns it.
    pub owner: String,
    /// Pieces of evidence.
    pub evidence: u32,
    /// When it was last looked at.
    pub checked_at: Option<Instant>,
    /// Until when that counts.
    pub fresh_until: Option<Instant>,
    /// Who has to do something about it, if anybody.
    pub needs: String,
    /// Whether that is who works here.
    pub needs_me: bool,
}

/// How many items are in a state.
#[derive(Debug, Clone, Serialize, TS)]
pub struct StateCount {
    /// The state.
    pub state: String,
    /// How many.
    pub count: u32,
}

/// Runs automatic items.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CheckRun {
    /// Which run.
    pub run: RunId,
    /// Which items; empty is every automatic one.
    #[serde(default)]
    pub items: Vec<ItemId>,
}

/// A role and its signature.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignatureSlot {
    /// Stable word of the role.
    pub role: String,
    /// What is signed: `run`, or a phase such as `phase-2`.
    pub scope: String,
    /// As people say it.
    pub name: String,
    /// The group it signs in.
    pub group: String,
    /// Order of the group, from 1.
    pub order: u32,
    /// `open`, `waiting`, `signed`, `rejected`, `outdated`, `void` (signed after its key was over).
    pub state: String,
    /// Who is expected to sign; empty for nobody in particular.
    pub expected: String,
    /// Who signed.
    pub by: Option<String>,
    /// When.
    pub at: Option<Instant>,
    /// Meaning: `approve`, `review`, `reject`.
    pub meaning: Option<String>,
    /// Comment.
    pub comment: String,
    /// Fingerprint of the key.
    pub key: Option<String>,
    /// Entry of the ledger.
    #[ts(type = "number | null")]
    pub seq: Option<u64>,
    /// Root it is for, hex.
    pub root: Option<String>,
    /// The text that was signed, line by line; empty without a signature.
    pub statement: Vec<String>,
    /// Why one person signed where two should.
    pub exception: Option<String>,
    /// When the signature was taken in, where it came from another computer in a file.
    pub received_at: Option<Instant>,
    /// When somebody on another computer was asked for it, as long as that can be answered.
    pub asked_at: Option<Instant>,
    /// What it waits for; for a signature that does not count, why.
    pub waits_for: String,
}

/// Longest tag of a release. **Units**: characters.
const RELEASE_CHARS_MAX: usize = 80;
/// Digits of a run's id.
const ID_DIGITS: usize = 12;
/// Digits of a root on a screen.
const ROOT_DIGITS: usize = 16;

/// Lists the runs, the newest first.
///
/// **Errors**: closed stores.
pub async fn list(app: &App, request: RunsRequest) -> Result<Runs, Failure> {
    let mut runs = briefs(app).await?;
    runs.retain(|run| request.environment.as_ref().is_none_or(|wanted| run.environment == *wanted));
    Ok(Runs { runs })
}

/// Gives every run in one line, the newest first.
///
/// **Errors**: closed stores.
pub async fn briefs(app: &App) -> Result<Vec<RunBrief>, Failure> {
    let (shelf, now) = (stories::shelf(app).await?, clock::now());
    let (roster, acting) = (app.stores()?.ledger.roster().await, people::present(app).await?);
    let eyes = view::Eyes { roster: &roster, acting: acting.as_ref() };
    let mut briefs: Vec<RunBrief> = shelf.runs.values().map(|story| view::brief(&shelf, story, eyes, now)).collect();
    briefs.sort_by_key(|brief| std::cmp::Reverse(brief.started_at));
    Ok(briefs)
}

/// Gives one run.
///
/// **Errors**: a run nobody started.
pub async fn page(app: &App, request: RunRequest) -> Result<RunPage, Failure> {
    let story = stories::story(app, &request.run).await?;
    show(app, &story).await
}

/// Starts a run: binds a template to an environment and a release, and pins what is connected there.
///
/// **Shape**: the owner is the one named, else who works here, else the computer itself where nobody is known.
/// **Errors**: a template, environment or operator that is not known; a tag that is no tag; mixed modes.
pub async fn start(app: &App, request_id: Uuid, request: StartRun) -> Result<RunPage, Failure> {
    let what = "Could not start the run";
    let id = RunId::from(format!("run_{}", digits(&request_id)));
    let stores = app.stores()?;
    let acting_lock = stores.stories.acting.lock().await;
    if act::written_before(app, request_id, what).await?.is_none() {
        let environment = record::environment(app, &request.environment).await?;
        let (started, by) = started(app, request, &environment, what).await?;
        let entry = Entry::from(started);
        let draft = act::draft_of_person(request_id, (&id, &environment.id), &entry, Vec::new());
        let mut draft = draft.map_err(|error| error.tell(what))?;
        if let Some(by) = by {
            draft = draft.by(by.id, by.name);
        }
        act::write(app, vec![draft], &[], what).await?;
    }
    drop(acting_lock);
    page(app, RunRequest { run: id }).await
}

async fn started(
    app: &App,
    request: StartRun,
    environment: &Environment,
    what: &str,
) -> Result<(RunStarted, Option<people::Acting>), Failure> {
    let release = tag(&request.release)?;
    let settings = record::record(app).await?.workspace.clone();
    are_modes_right(environment, &settings.name, what)?;
    let shelf = stories::shelf(app).await?;
    let kept = shelf.library.get(&request.template, 0);
    let kept = kept.ok_or_else(|| not_found("template", request.template.as_str()))?;
    let present = people::present(app).await?;
    let (owner, by) = match (request.owner, present) {
        (Some(owner), present) => {
            let owner = people::named(app, &owner).await?;
            (owner.id.clone(), present.or(Some(owner)))
        }
        (None, Some(present)) => (present.id.clone(), Some(present)),
        (None, None) => (OperatorId::from(CONSOLE), None),
    };
    let started = RunStarted {
        template: kept.template.id.clone(),
        version: kept.template.version,
        hash: kept.hash,
        environment: environment.id.clone(),
        class: environment.class,
        is_demo: environment.is_demo,
        release,
        owner,
        fingerprints: fingerprints(environment),
        zone: settings.zone,
        business_days: request.business_days,
        people: expected::taken(app, &kept.template, request.people).await?,
    };
    Ok((started, by))
}

/// Takes the tag of a release.
pub(super) fn tag(text: &str) -> Result<String, Failure> {
    let release = text.trim();
    if release.is_empty() || release.chars().count() > RELEASE_CHARS_MAX || release.chars().any(char::is_control) {
        return Err(invalid("release", format!("a tag of 1 to {RELEASE_CHARS_MAX} characters is expected")));
    }
    Ok(release.to_owned())
}

/// Runs automatic items, and does not wait for it: the page shows them as running.
///
/// **Errors**: a run or item that is not known, a line without a check, checks under way in this environment.
pub async fn check(app: &App, _request_id: Uuid, request: CheckRun) -> Result<RunPage, Failure> {
    let run = request.run.clone();
    let (batch, job) = checks::begin(app, &request.run, &request.items).await?;
    let working = app.clone();
    app.in_background(async move {
        // What failed is told by the job.
        let _told = checks::run(&working, batch, &job).await;
    });
    page(app, RunRequest { run }).await
}

/// Finds a run by its id, the beginning of its id, its name or its release.
///
/// **Errors**: none, or more than one.
pub async fn find(app: &App, text: &str) -> Result<RunId, Failure> {
    let shelf = stories::shelf(app).await?;
    if shelf.runs.contains_key(&RunId::from(text)) {
        return Ok(RunId::from(text));
    }
    let is_meant = |story: &Story| {
        story.id.as_str().starts_with(text) || story.run.binding().release == text || story.name() == text
    };
    let found: Vec<&RunId> = shelf.runs.values().filter(|story| is_meant(story)).map(|story| &story.id).collect();
    match found.as_slice() {
        _ if text.is_empty() => Err(not_found("run", text)),
        [only] => Ok((*only).clone()),
        [] => Err(not_found("run", text)),
        several => {
            let ids: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            Err(invalid("run", format!("{text} is said of several runs: {}", ids.join(", "))))
        }
    }
}

/// Gives the environment a run is in.
///
/// **Errors**: a run nobody started.
pub async fn environment(app: &App, run: &RunId) -> Result<EnvironmentId, Failure> {
    Ok(stories::story(app, run).await?.run.binding().environment.clone())
}

/// Refuses work where live and test are mixed.
pub(crate) fn are_modes_right(environment: &Environment, product: &str, what: &str) -> Result<(), Failure> {
    let banner = frame::banner(environment, product);
    if banner.kind == BannerKind::Mismatch {
        return Err(told(Code::StripeKeyClass, what, banner.reasons.join(" ")));
    }
    Ok(())
}

/// Gives what a run pins, by source.
pub(crate) fn fingerprints(environment: &Environment) -> BTreeMap<String, String> {
    let stripe = environment.stripe.as_ref().map(|stripe| (Source::Stripe.to_string(), stripe.fingerprint()));
    let database = environment.database.as_ref().map(|one| (Source::Database.to_string(), one.fingerprint.clone()));
    stripe.into_iter().chain(database).collect()
}

pub(super) async fn show(app: &App, story: &Story) -> Result<RunPage, Failure> {
    let now = clock::now();
    let stores = app.stores()?;
    let (roster, acting) = (stores.ledger.roster().await, people::present(app).await?);
    let eyes = view::Eyes { roster: &roster, acting: acting.as_ref() };
    let run = story.with_running(&stores.stories);
    let template = run.template();
    let fingerprints: Vec<Fingerprint> = run.pins().into_iter().map(Fingerprint::from).collect();
    Ok(RunPage {
        brief: view::brief(&*stories::shelf(app).await?, story, eyes, now),
        people: view::people(&run, &roster),
        expected: expected::view(&run, &roster),
        business_days: run.keeps_working_days(),
        template: template.id.clone(),
        template_version: template.version,
        template_hash: templates::short(run.binding().template_hash),
        closing: template.closing.clone(),
        has_changed_fingerprint: fingerprints
            .iter()
            .any(|print| matches!(print.state, PinState::Changed | PinState::Gone)),
        fingerprints,
        window: run.window().map(|(from, to)| DeployWindow { from, to }),
        deployed_at: run.deployed_at(),
        first_hour: first_hour::first_hour(&run, now),
        deployments: form::deployments(&run),
        has_preparation: template.phase(PREPARATION).is_some(),
        prepared_at: run.gate(PREPARATION).and_then(|gate| gate.opened_at),
        form: form::fields(&run),
        ended_at: run.ended().map(|end| end.at),
        sections: view::sections(&run, now),
        items: template.rows.iter().map(|row| view::item(story, &run, row, eyes, now)).collect(),
        progress: view::states(&run, now),
        evidence_root: run.root_digest(Scope::Run).to_string().chars().take(ROOT_DIGITS).collect(),
        signatures: view::signatures(&run, &roster),
    })
}

/// The digits of a request that name what it makes.
fn digits(request: &Uuid) -> String {
    request.simple().to_string().chars().take(ID_DIGITS).collect()
}
