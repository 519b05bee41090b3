//! What a run is bound to: the connections it pinned, its people, its deployment and its end, on the invented company.

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::course::{self, EndRun, PinFingerprints, RecordDeployment};
use countersign_app::checklists::expected::{self, ExpectPerson, RolePerson};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::form::{self, SetConsiderations};
use countersign_app::checklists::gates::{self, GatesRequest};
use countersign_app::checklists::import::{self, ImportTemplate, RowDecision};
use countersign_app::checklists::items::{self, NoteItem};
use countersign_app::checklists::runs::{self, ItemView, RunPage, RunRequest, StartRun};
use countersign_app::checklists::schedule::{self, ScheduleRequest};
use countersign_app::domain::checklist::run::PinState;
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::domain::workspace::{DatabasePlace, Source};
use countersign_app::settings::connections::{self, ConnectDatabase, Disconnect};
use countersign_app::{App, Secret, checks, clock, demo};

use crate::team::{refused, told};

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
    app.end().await;
    Ok(())
}

/// People and working days are chosen at the start; a deployment before its gate needs a reason that every report has;
/// nothing is added after the end.
pub async fn planned_deployed_and_closed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 100).await.map_err(told)?;
    let by = demo::operator(&app).await.map_err(told)?;
    let plan = |role: &str| StartRun {
        template: "devflowhub-rollout".into(),
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(by.clone()),
        people: vec![RolePerson { role: role.to_owned(), operator: by.clone() }],
        business_days: true,
    };
    refused(runs::start(&app, clock::name(), plan("nobody")).await, Code::InputInvalid)?;
    let page = runs::start(&app, clock::name(), plan("operations_manager")).await.map_err(told)?;
    let run = page.brief.run.clone();
    let expected = |page: &RunPage| -> Vec<String> {
        let named = page.expected.iter().filter(|one| one.operator.is_some());
        named.map(|one| format!("{} {}", one.role, one.person)).collect()
    };
    let name = page.brief.owner.clone();
    ensure!(expected(&page) == [format!("operations_manager {name}")] && page.business_days, "{:?}", page.expected);
    let slot = page.signatures.iter().find(|slot| slot.role == "operations_manager").context("no slot")?;
    ensure!(slot.expected == name, "{slot:?}");
    let request =
        ExpectPerson { run: run.clone(), operator: by.clone(), role: "operations_manager".to_owned(), person: None };
    let page = expected::expect(&app, clock::name(), request).await.map_err(told)?;
    ensure!(expected(&page).is_empty(), "{:?}", page.expected);

    let deploy = |reason: Option<&str>| RecordDeployment {
        run: run.clone(),
        operator: by.clone(),
        at: clock::now(),
        reason: reason.map(str::to_owned),
    };
    refused(course::record_deployment(&app, clock::name(), deploy(None)).await, Code::InputInvalid)?;
    let why = "the old version lost invoices";
    let page = course::record_deployment(&app, clock::name(), deploy(Some(why))).await.map_err(told)?;
    let against = &page.deployments.first().context("no deployment")?.against;
    ensure!(against.starts_with("Deployed before the gate") && against.ends_with(why), "{against}");
    let value = |page: &RunPage, field: &str| -> String {
        page.form.iter().find(|one| one.field == field).map(|one| one.value.clone()).unwrap_or_default()
    };
    ensure!(value(&page, "deployed_by") == name && !value(&page, "deployment_date").is_empty(), "{:?}", page.form);
    let dates = schedule::view(&app, ScheduleRequest { run: run.clone() }).await.map_err(told)?.dates;
    let daily = dates.iter().filter(|date| date.section.last().is_some_and(|last| last == "Daily"));
    let count = daily.filter(|date| date.text == "Check error rates").count();
    ensure!((55..70).contains(&count), "{count} working days in three months");
    let special = "the ledger table is frozen";
    let request = SetConsiderations { run: run.clone(), operator: by.clone(), value: special.to_owned() };
    let page = form::set_considerations(&app, clock::name(), request).await.map_err(told)?;
    ensure!(value(&page, "special_considerations") == special, "{:?}", page.form);

    let file = app.files().keep_for_writing(&folder.path().join("run.md")).handle;
    let request = ExportRun { run: run.clone(), format: ExportFormat::Md, file, operator: None };
    exports::export(&app, clock::name(), request).await.map_err(told)?;
    let text = std::fs::read_to_string(folder.path().join("run.md"))?;
    ensure!(text.contains(&format!("AGAINST THE PLAN: {against}")) && text.contains(special), "{text}");
    let end = EndRun { run: run.clone(), operator: by.clone(), is_abandoned: true, note: "an exercise".to_owned() };
    let page = course::end(&app, clock::name(), end).await.map_err(told)?;
    let item = page.items.first().context("no line")?.id.clone();
    let note = NoteItem { run, item, operator: by.clone(), text: "an afterthought".to_owned() };
    refused(items::note(&app, clock::name(), note).await, Code::StateConflict)?;
    app.end().await;
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
    let request = ImportTemplate { markdown: MARKDOWN.to_owned(), name: String::new(), file: String::new(), decisions };
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
