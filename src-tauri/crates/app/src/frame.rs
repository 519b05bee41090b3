//! The frame around every screen: environment banner, connections, people, running work, preferences.

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{EnvironmentId, OperatorId};
use countersign_domain::ledger::roster;
use countersign_domain::stripe::Mode;
use countersign_domain::workspace::{Environment, Source, Workspace};
use countersign_store::ledger::preferences;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::answer::SourceState;
use crate::app::{App, Chosen};
use crate::clock::VERSION;
use crate::failure::{Tell as _, internal, not_found};
use crate::files::tilde;
use crate::jobs::{JobKind, JobView};
use crate::stores::Stores;
use crate::{freshness, record};

/// Asks for the frame.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FrameRequest {}

/// Everything the frame shows.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Frame {
    /// Version of the program.
    pub version: String,
    /// Folder of the profile, with the home folder as `~`.
    pub profile: String,
    /// Why the stores are closed, when they are: the program is then in limited mode.
    pub limited: Option<Failure>,
    /// Every environment, the chosen one marked.
    pub environments: Vec<EnvironmentBrief>,
    /// The chosen environment; `null` before the first one exists.
    pub environment: Option<EnvironmentId>,
    /// Every operator.
    pub operators: Vec<OperatorBrief>,
    /// Who works here now.
    pub operator: Option<OperatorId>,
    /// Work in progress and the newest that ended.
    pub jobs: Vec<JobView>,
    /// Reporting zone and currency of the workspace.
    pub workspace: WorkspaceBrief,
    /// What this person set for the window.
    pub preferences: Preferences,
}

/// An environment in the frame.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EnvironmentBrief {
    /// Its name.
    pub id: EnvironmentId,
    /// Its banner.
    pub banner: Banner,
    /// Its connections.
    pub connections: Vec<ConnectionDot>,
}

/// The strip at the top: icon, words and pattern, never colour alone.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Banner {
    /// Which strip.
    pub kind: BannerKind,
    /// What it says: `LIVE · PRODUCTION · DevFlowHub · acct …AEAL`.
    pub text: String,
    /// Disagreeing fingerprints of a mismatch, one sentence each.
    pub reasons: Vec<String>,
}

/// The kinds of banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BannerKind {
    /// Real money.
    Live,
    /// Test mode or a sandbox.
    Test,
    /// Nothing is connected.
    Local,
    /// Invented data.
    Demo,
    /// Live and test are mixed; runs and signing are locked.
    Mismatch,
}

/// One connection as a dot with words.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ConnectionDot {
    /// Which source.
    pub source: Source,
    /// Its standing in one word.
    pub word: DotWord,
    /// The standing in a sentence.
    pub text: String,
    /// Newest moment it is complete for.
    pub data_through: Option<Instant>,
}

/// One-word standing of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DotWord {
    /// Working and fresh.
    Ok,
    /// Working, older than its freshness limit.
    Stale,
    /// The last read failed.
    Failing,
    /// Being read now.
    Reading,
    /// Not set.
    None,
}

/// An operator in the frame.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OperatorBrief {
    /// Their id.
    pub id: OperatorId,
    /// Their name.
    pub name: String,
    /// Up to two letters.
    pub initials: String,
}

/// The workspace's reporting settings.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceBrief {
    /// Name of the billed product.
    pub name: String,
    /// IANA name of the reporting zone.
    pub zone: String,
    /// Reporting currency.
    pub currency: String,
}

/// What a person set for the window. Not part of the record.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Row height.
    pub density: Density,
    /// Whether single-letter shortcuts work.
    pub has_letter_keys: bool,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Strongest contrast.
    Contrast,
}

/// Row height of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// More air.
    Comfortable,
    /// More rows.
    Compact,
}

/// Chooses the environment every screen shows.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseEnvironment {
    /// Which.
    pub environment: EnvironmentId,
}

/// Chooses who works here.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseOperator {
    /// Who.
    pub operator: OperatorId,
}

/// Names of what is kept between starts; no part of the record.
const KEPT_PREFERENCES: &str = "window/preferences";
const KEPT_ENVIRONMENT: &str = "window/environment";
const KEPT_OPERATOR: &str = "window/operator";

/// How old figures may be until they are called stale. **Units**: minutes.
const FRESH_MINUTES: i64 = 60;

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: Theme::System, density: Density::Compact, has_letter_keys: true }
    }
}

/// Gives the frame.
///
/// **Shape**: closed stores are no error here: the frame says why they are closed.
/// **Errors**: a ledger that cannot be read.
pub async fn view(app: &App, _request: FrameRequest) -> Result<Frame, Failure> {
    let mut frame = Frame {
        version: VERSION.to_owned(),
        profile: tilde(app.folder()),
        limited: None,
        environments: Vec::new(),
        environment: None,
        operators: Vec::new(),
        operator: None,
        jobs: app.jobs().views(),
        workspace: workspace(&Workspace::devflowhub()),
        preferences: Preferences::default(),
    };
    let stores = match app.stores() {
        Ok(stores) => stores,
        Err(failure) => {
            frame.limited = Some(failure);
            return Ok(frame);
        }
    };
    let record = match record::record(app).await {
        Err(changed) if changed.code == Code::LedgerTampered => {
            frame.limited = Some(changed);
            return Ok(frame);
        }
        read => read?,
    };
    frame.workspace = workspace(&record.workspace);
    for environment in record.environments.values() {
        let connections = connections(app, environment).await?;
        let banner = banner(environment, &record.workspace.name);
        frame.environments.push(EnvironmentBrief { id: environment.id.clone(), banner, connections });
    }
    let roster = stores.ledger.roster().await;
    frame.operators = roster.own_operators().into_iter().map(brief).collect();
    let chosen = app.chosen();
    let is_known = |id: &EnvironmentId| record.environments.contains_key(id);
    frame.environment = chosen.environment.filter(is_known).or_else(|| record.environments.keys().next().cloned());
    frame.operator = chosen.operator.or_else(|| frame.operators.first().map(|first| first.id.clone()));
    frame.preferences =
        kept(&stores, KEPT_PREFERENCES).await?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(frame)
}

fn workspace(workspace: &Workspace) -> WorkspaceBrief {
    WorkspaceBrief { name: workspace.name.clone(), zone: workspace.zone.clone(), currency: workspace.currency.clone() }
}

fn brief(operator: &roster::Operator) -> OperatorBrief {
    let initials = operator.name.split_whitespace().filter_map(|part| part.chars().next()).take(2).collect::<String>();
    OperatorBrief { id: operator.id.clone(), name: operator.name.clone(), initials: initials.to_uppercase() }
}

/// Gives the strip of an environment.
#[must_use]
pub fn banner(environment: &Environment, product: &str) -> Banner {
    let class = environment.class.as_ref().to_uppercase();
    let account = match environment.stripe.as_ref().and_then(|stripe| stripe.account.as_ref()) {
        Some(account) => format!(" · acct …{}", last(account.as_str(), 4)),
        None => String::new(),
    };
    if environment.is_demo {
        let text = format!("DEMO · invented data · {class}{account}");
        return Banner { kind: BannerKind::Demo, text, reasons: Vec::new() };
    }
    let Some(stripe) = &environment.stripe else {
        let text = format!("NOT CONNECTED · {class} · {product}");
        return Banner { kind: BannerKind::Local, text, reasons: Vec::new() };
    };
    if stripe.mode != environment.mode() {
        let reason = format!("The environment is {class} and the key is a {} key.", stripe.mode);
        let text = format!("MISMATCH · {class} with a {} key", stripe.mode);
        return Banner { kind: BannerKind::Mismatch, text, reasons: vec![reason] };
    }
    let (kind, word) = match stripe.mode {
        Mode::Live => (BannerKind::Live, "LIVE"),
        Mode::Test => (BannerKind::Test, "TEST"),
    };
    Banner { kind, text: format!("{word} · {class} · {product}{account}"), reasons: Vec::new() }
}

fn last(text: &str, count: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.iter().skip(letters.len().saturating_sub(count)).collect()
}

async fn connections(app: &App, environment: &Environment) -> Result<Vec<ConnectionDot>, Failure> {
    let mut dots = Vec::new();
    for source in [Source::Stripe, Source::Database] {
        let standing = freshness::standing(app, environment, source, FRESH_MINUTES).await?;
        let is_reading = app.jobs().is_running(JobKind::Sync, &environment.id);
        let (word, text) = match &standing.state {
            SourceState::NotConnected => (DotWord::None, "not connected".to_owned()),
            _ if is_reading => (DotWord::Reading, "being read now".to_owned()),
            SourceState::Failed { failure, .. } => (DotWord::Failing, failure.what.clone()),
            SourceState::NeverRead => (DotWord::Stale, "connected, not read yet".to_owned()),
            SourceState::Partial { .. } => (DotWord::Stale, "read in part".to_owned()),
            SourceState::NotPermitted { permission } => (DotWord::Failing, format!("needs {permission}")),
            SourceState::Ready if standing.is_stale => (DotWord::Stale, "older than an hour".to_owned()),
            SourceState::Ready => (DotWord::Ok, "connected and fresh".to_owned()),
        };
        dots.push(ConnectionDot { source, word, text, data_through: standing.data_through });
    }
    Ok(dots)
}

/// Chooses the environment every screen shows.
///
/// **Errors**: an environment nobody made.
pub async fn choose_environment(app: &App, _request_id: Uuid, request: ChooseEnvironment) -> Result<Frame, Failure> {
    record::environment(app, &request.environment).await?;
    keep(app, KEPT_ENVIRONMENT, request.environment.as_str().to_owned()).await?;
    app.choose(|chosen| chosen.environment = Some(request.environment));
    view(app, FrameRequest {}).await
}

/// Chooses who works here.
///
/// **Errors**: nobody of that id.
pub async fn choose_operator(app: &App, _request_id: Uuid, request: ChooseOperator) -> Result<Frame, Failure> {
    let roster = app.stores()?.ledger.roster().await;
    let own = roster.operator(&request.operator).filter(|known| known.origin.is_none());
    own.ok_or_else(|| not_found("operator", request.operator.as_str()))?;
    keep(app, KEPT_OPERATOR, request.operator.as_str().to_owned()).await?;
    app.choose(|chosen| chosen.operator = Some(request.operator));
    view(app, FrameRequest {}).await
}

/// Sets what a person wants of the window.
///
/// **Errors**: closed stores.
pub async fn set_preferences(app: &App, _request_id: Uuid, request: Preferences) -> Result<Frame, Failure> {
    let text = serde_json::to_string(&request).map_err(|error| internal("Could not keep the preferences", &error))?;
    keep(app, KEPT_PREFERENCES, text).await?;
    view(app, FrameRequest {}).await
}

/// Opens the stores once more, after somebody put right what was in the way.
///
/// **Errors**: why they stay closed.
pub async fn reopen(app: &App, _request_id: Uuid, _request: FrameRequest) -> Result<Frame, Failure> {
    app.reopen().await?;
    view(app, FrameRequest {}).await
}

/// Takes up what was chosen when the program was last used.
pub(crate) async fn restore_choice(app: &App) {
    let Ok(stores) = app.stores() else { return };
    let environment = kept(&stores, KEPT_ENVIRONMENT).await.ok().flatten().map(EnvironmentId::from);
    let operator = kept(&stores, KEPT_OPERATOR).await.ok().flatten().map(OperatorId::from);
    app.choose(|chosen| *chosen = Chosen { environment, operator });
}

async fn kept(stores: &Stores, name: &'static str) -> Result<Option<String>, Failure> {
    let read = stores.ledger.database().read(move |conn| preferences::get(conn, name)).await;
    read.map_err(|error| error.tell("Could not read the preferences"))
}

async fn keep(app: &App, name: &'static str, text: String) -> Result<(), Failure> {
    let stores = app.stores()?;
    let written = stores.ledger.database().write(move |tx| preferences::set(tx, name, Some(&text))).await;
    written.map_err(|error| error.tell("Could not keep the preferences"))
}
