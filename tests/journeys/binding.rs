//! What a run is bound to: the connections it pinned, and what changes them, on the invented company.

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::course::{self, PinFingerprints};
use countersign_app::checklists::gates::{self, GatesRequest};
use countersign_app::checklists::import::{self, ImportTemplate, RowDecision};
use countersign_app::checklists::runs::{self, ItemView, RunPage, RunRequest, StartRun};
use countersign_app::domain::checklist::run::PinState;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::domain::workspace::{DatabasePlace, Source};
use countersign_app::settings::connections::{self, ConnectDatabase, Disconnect};
use countersign_app::{App, Secret, checks, clock, demo};

use super::told;

const MARKDOWN: &str = "\
# Bound

## Before
- [ ] Share of users
- [ ] Account active
";
const SHARE: &str = "share-of-users";
const ACCOUNT: &str = "account-active";

/// A database that goes makes what it proved stale at once; pinned and checked again it counts; one that comes later is
/// named and not pinned by itself.
pub async fn pinned_gone_and_pinned_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 100).await.map_err(told)?;
    demo::read(&app).await.map_err(told)?;
    let by = demo::operator(&app).await.map_err(told)?;
    let run = started(&app, &by).await?;
    check(&app, &run).await?;
    let page = page(&app, &run).await?;
    ensure!(!page.has_changed_fingerprint && states(&page) == ["verified", "verified"], "{:?}", states(&page));
    let place = place(&app).await?;

    let gone = Disconnect { environment: demo::ENVIRONMENT.into(), source: Source::Database };
    connections::disconnect(&app, clock::name(), gone).await.map_err(told)?;
    let page = self::page(&app, &run).await?;
    ensure!(page.has_changed_fingerprint && states(&page) == ["stale", "verified"], "{:?}", states(&page));
    let text = &item(&page, SHARE)?.state_text;
    ensure!(text.contains("The billing database is pinned and not connected any more"), "{text}");
    let gate = gates::view(&app, GatesRequest { run: run.clone() }).await.map_err(told)?.gates.remove(0);
    ensure!(gate.held_by.iter().any(|why| why.starts_with("Unknown or stale: Share of users")), "{:?}", gate.held_by);

    pin(&app, &run, &by, "the database moves").await?;
    ensure!(states(&self::page(&app, &run).await?)[0] == "stale", "pinned, and not checked again");
    let again = ConnectDatabase { environment: demo::ENVIRONMENT.into(), place, schema: String::new(), profile: None };
    let none = Secret::from(String::new());
    connections::database(&app, clock::name(), again, none).await.map_err(told)?;
    let page = self::page(&app, &run).await?;
    let pins: Vec<PinState> = page.fingerprints.iter().map(|print| print.state).collect();
    ensure!(pins == [PinState::NotPinned, PinState::Pinned] && !page.has_changed_fingerprint, "{pins:?}");
    pin(&app, &run, &by, "it is back").await?;
    demo::read(&app).await.map_err(told)?;
    check(&app, &run).await?;
    let page = self::page(&app, &run).await?;
    ensure!(page.fingerprints.iter().all(|print| print.state == PinState::Pinned), "{:?}", page.fingerprints);
    ensure!(states(&page) == ["verified", "verified"], "{:?}", states(&page));
    app.stop();
    Ok(())
}

async fn started(app: &App, owner: &OperatorId) -> Result<RunId> {
    let decisions = [(SHARE, "metric", "metric.rollout_exposure_pct"), (ACCOUNT, "auto", "stripe.account.activated")];
    let decision = |(row, kind, probe): (&str, &str, &str)| RowDecision {
        row: row.to_owned(),
        kind: kind.to_owned(),
        probe: probe.to_owned(),
        limit: None,
    };
    let decisions = decisions.into_iter().map(decision).collect();
    let request = ImportTemplate { markdown: MARKDOWN.to_owned(), name: String::new(), decisions };
    let template = import::import(app, clock::name(), request).await.map_err(told)?.brief.id;
    let environment = demo::ENVIRONMENT.into();
    let request = StartRun {
        template,
        environment,
        release: "v2.4.0".to_owned(),
        owner: Some(owner.clone()),
        people: Vec::new(),
        business_days: false,
    };
    Ok(runs::start(app, clock::name(), request).await.map_err(told)?.brief.run)
}

async fn pin(app: &App, run: &RunId, by: &OperatorId, reason: &str) -> Result<()> {
    let request = PinFingerprints { run: run.clone(), operator: by.clone(), reason: reason.to_owned() };
    course::pin(app, clock::name(), request).await.map(drop).map_err(told)
}

async fn check(app: &App, run: &RunId) -> Result<()> {
    let (batch, job) = checks::begin(app, run, &[]).await.map_err(told)?;
    checks::run(app, batch, &job).await.map(drop).map_err(told)
}

async fn page(app: &App, run: &RunId) -> Result<RunPage> {
    runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)
}

fn item<'a>(page: &'a RunPage, id: &str) -> Result<&'a ItemView> {
    page.items.iter().find(|item| item.id.as_str() == id).with_context(|| format!("no line {id}"))
}

fn states(page: &RunPage) -> Vec<&str> {
    page.items.iter().map(|item| item.state.as_str()).collect()
}

/// Where the invented company keeps its billing database.
async fn place(app: &App) -> Result<DatabasePlace> {
    let record = countersign_app::record::environment(app, &demo::ENVIRONMENT.into()).await.map_err(told)?;
    Ok(record.database.context("no database")?.place)
}
