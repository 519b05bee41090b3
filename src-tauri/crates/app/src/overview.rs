//! Overview: what needs somebody, then the figures, then what is under way.

mod attention;
mod tiles;

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, RunId};
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::{Environment, Source};
use countersign_render::scene::Scene;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Answer, Figure};
use crate::app::App;
use crate::checklists::{self, runs};
use crate::figures::ground;
use crate::settings::operators::{self, OperatorsRequest};
use crate::{freshness, record};

/// Age up to which the overview is fresh. **Units**: minutes.
const FRESH_MINUTES: i64 = 24 * 60;

/// Asks for the overview of an environment.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OverviewRequest {
    /// Which environment.
    pub environment: EnvironmentId,
}

/// The overview.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Overview {
    /// One line per cause, worst and oldest first.
    pub attention: Vec<Attention>,
    /// Figures with their last twelve months.
    pub tiles: Vec<Tile>,
    /// Runs in progress.
    pub runs: Vec<RunBrief>,
    /// What is left of setting up; empty when done.
    pub setup: Vec<SetupStep>,
    /// When everything was last looked at.
    pub checked_at: Option<Instant>,
}

/// One thing that needs somebody.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Attention {
    /// How bad.
    pub severity: Severity,
    /// What it is, one line.
    pub title: String,
    /// What it means or what to do, one line.
    pub detail: String,
    /// How many things have this cause.
    #[ts(type = "number")]
    pub count: u64,
    /// Since when.
    pub since: Option<Instant>,
    /// Where Enter leads.
    pub route: String,
}

/// Asks for what calls for a rollback, wherever it is.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AlarmsRequest {}

/// What stands on every screen until it is settled.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Alarms {
    /// Tripped indicators of runs under way, the oldest first, each with the page of its rollback.
    pub tripped: Vec<Attention>,
    /// What was not as it should be when the newest entry was written, in sentences.
    pub ledger: Vec<String>,
}

/// Lists the tripped indicators of every environment, because whoever looks at another one must not miss it, and what
/// came of writing the newest entry.
///
/// **Errors**: closed stores.
pub async fn alarms(app: &App, _: AlarmsRequest) -> Result<Alarms, Failure> {
    let shelf = checklists::shelf(app).await?;
    let mut tripped: Vec<Attention> = shelf.runs.values().flat_map(attention::of_indicators).collect();
    tripped.sort_by_key(|line| line.since);
    Ok(Alarms { tripped, ledger: app.stores()?.ledger.warnings().await })
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Act now.
    Critical,
    /// Act today.
    Warning,
    /// Good to know.
    Notice,
}

/// A figure with its recent course.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Tile {
    /// The figure.
    pub figure: Figure,
    /// Its last months, drawn small; `null` when there is no history.
    pub spark: Option<Scene>,
    /// Where Enter leads.
    pub route: String,
}

/// A run in one line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunBrief {
    /// The run.
    pub run: RunId,
    /// Its name: template and release.
    pub name: String,
    /// Environment.
    pub environment: EnvironmentId,
    /// Release tag.
    pub release: String,
    /// Version of its template.
    pub template_version: u32,
    /// Name of the phase that is worked on; `null` when every gate is open, and where the template has no phases.
    pub phase: Option<String>,
    /// Its gate: `open`, `hold`, `rollback_advised`, `passed`; of a run that is over as it was recorded last, empty where
    /// it never was.
    pub gate: String,
    /// Whether two people overrode any gate of the run.
    pub is_overridden: bool,
    /// Name of who owns it.
    pub owner: String,
    /// Whether who works here owns it, or a line of it.
    pub is_mine: bool,
    /// End of the window of the deployment, where one is set.
    pub due_at: Option<Instant>,
    /// Items that count as complete.
    pub complete: u32,
    /// Items that have to be.
    pub total: u32,
    /// Items that failed.
    pub failed: u32,
    /// Items nobody can decide yet.
    pub unknown: u32,
    /// Items a check proved.
    pub verified: u32,
    /// Items a person confirmed.
    pub confirmed: u32,
    /// Items that are waived.
    pub waived: u32,
    /// Items that are neither complete nor failed nor unknown.
    pub open: u32,
    /// Signatures given.
    pub signatures: u32,
    /// Signatures asked for.
    pub signatures_needed: u32,
    /// When it began.
    pub started_at: Instant,
    /// What it waits for, in a sentence; of a run that is over, how it ended.
    pub waits_for: String,
    /// Whether it is over.
    pub is_over: bool,
}

/// A step of setting up.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SetupStep {
    /// Stable word: `operator`, `environment`, `stripe`, `database`, `sync`, `run`.
    pub step: String,
    /// What to do.
    pub title: String,
    /// Why.
    pub detail: String,
    /// Whether it is done.
    pub is_done: bool,
    /// Where to do it.
    pub route: String,
}

/// Gives the overview of an environment.
///
/// **Errors**: an environment nobody made, closed stores, a mirror that cannot be read.
pub async fn view(app: &App, request: OverviewRequest) -> Result<Answer<Overview>, Failure> {
    let known = record::record(app).await?;
    let environment = record::environment(app, &request.environment).await?;
    let ground = ground::load(app, &environment, "").await?;
    let mut runs = runs::briefs(app).await?;
    let has_run = !runs.is_empty();
    runs.retain(|run| run.environment == environment.id && is_active(run));
    let sources = [Source::Stripe, Source::Database];
    let mut answer = freshness::answer(app, &environment, &sources, FRESH_MINUTES, ()).await?;
    freshness::needs(app, &environment, &mut answer.sources, &[ObjectKind::Subscription, ObjectKind::Invoice]).await?;
    let (attention, tiles, setup) = tokio::try_join!(
        attention::lines(app, &environment, &known.workspace, &ground, &answer.sources, &runs),
        tiles::tiles(app, &environment, &ground),
        setup(app, &environment, ground.is_read, has_run),
    )?;
    let view = Overview {
        attention,
        tiles,
        setup,
        checked_at: answer.sources.iter().filter_map(|standing| standing.data_through).min(),
        runs,
    };
    Ok(Answer { view, sources: answer.sources, is_demo: answer.is_demo })
}

/// Says whether a run still goes on.
fn is_active(run: &RunBrief) -> bool {
    !run.waits_for.is_empty() && !run.is_over
}

/// Lists the steps of setting up; nothing once all are done.
async fn setup(app: &App, environment: &Environment, is_read: bool, has_run: bool) -> Result<Vec<SetupStep>, Failure> {
    let has_operator = !operators::list(app, OperatorsRequest {}).await?.operators.is_empty();
    let step = |step: &str, title: &str, detail: &str, is_done: bool, route: &str| SetupStep {
        step: step.to_owned(),
        title: title.to_owned(),
        detail: detail.to_owned(),
        is_done,
        route: route.to_owned(),
    };
    let (stripe, database) = (environment.stripe.is_some(), environment.database.is_some());
    let steps = vec![
        step("operator", "Create an operator", "Decisions carry a name and a key.", has_operator, "/setup/operator"),
        step("environment", "Name an environment", "Where your billing runs.", true, "/setup/environment"),
        step("stripe", "Connect Stripe", "A restricted key that can only read.", stripe, "/setup/stripe"),
        step(
            "database",
            "Connect the billing database",
            "To see whether both sides agree.",
            database,
            "/setup/database",
        ),
        step("sync", "Read for the first time", "Figures come with it.", is_read, "/settings/environments"),
        step("run", "Start a first checklist", "Choose the one that fits your system.", has_run, "/checklists/new"),
    ];
    Ok(if steps.iter().all(|step| step.is_done) { Vec::new() } else { steps })
}
