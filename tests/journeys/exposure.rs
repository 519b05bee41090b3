//! How many users a rollout has reached: tried, kept, counted with every read, and what the gate of a phase makes of it.
//!
//! The invented application moves its flag; a round is made here where the program makes one every minute. A day of soak
//! cannot pass here, so what the gate is opened on is read off its condition; that nothing else holds it is said too.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::answer::Value;
use countersign_app::checklists::gates::{self, Gate, GatesRequest, OpenGate, OverrideGate};
use countersign_app::checklists::import::{self, ImportTemplate, RowDecision};
use countersign_app::checklists::items::{self, ItemRequest};
use countersign_app::checklists::runs::{self, StartRun};
use countersign_app::domain::checklist::gates::Condition;
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::domain::workspace::{Exposure, ExposureOperator, ExposureRule, Workspace};
use countersign_app::jobs::JobKind;
use countersign_app::jobs::rounds::Rounds;
use countersign_app::settings::exposure::{self, TryExposure};
use countersign_app::settings::workspace;
use countersign_app::{App, checks, clock, demo, figures};

use crate::team::{operator, secret, told};

const CUSTOMERS: u32 = 200;
const MARKDOWN: &str = "\
# Counted rollout

## Rollout

### Phase 1: Few (10% of users)
- [ ] Let few in

### Phase 2: All (100% of users)
- [ ] Let all in
";

/// A setting that fits, a gate that holds at 4 per cent and no longer does at 10, and a setting that was taken away.
pub async fn measured_held_and_let_through() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), CUSTOMERS).await.map_err(told)?;
    demo::read(&app).await.map_err(told)?;
    tried(&app).await?;
    let (ana, bo) = (operator(&app, "Ana Lopez", &[]).await?, operator(&app, "Bo Chen", &[]).await?);
    let run = started(&app, (&ana, &bo)).await?;
    held_and_let_through(&app, &run).await?;
    beside_the_flag(&app, &ana).await?;
    taken_away(&app).await?;
    app.end().await;
    Ok(())
}

/// Before it is kept, a setting can be tried; what does not fit names its field, and nothing is kept that has no form.
async fn tried(app: &App) -> Result<()> {
    let kept = kept(app).await?.exposure.context("the demo measures no exposure")?;
    let count =
        |exposure: Exposure| exposure::attempt(app, TryExposure { environment: demo::ENVIRONMENT.into(), exposure });
    let now = count(kept.clone()).await.map_err(told)?;
    ensure!(now.sentence == "20 of 200 users = 10.00 %" && now.fault.is_empty(), "{now:?}");
    let named = count(Exposure { table: "user".to_owned(), ..kept.clone() }).await.map_err(told)?;
    ensure!(named.fault == "table" && named.sentence.contains("near it: `User`"), "{named:?}");
    let rule = |column: &str, operator, value: &str| ExposureRule {
        column: column.to_owned(),
        operator,
        value: value.to_owned(),
    };
    let nobody = Some(rule("plan", ExposureOperator::Equal, "NO SUCH PLAN"));
    let nobody = count(Exposure { eligible: nobody, ..kept.clone() }).await.map_err(told)?;
    ensure!(matches!(nobody.value, Value::None { .. }) && nobody.sentence.contains("unknown, not 0"), "{nobody:?}");
    let form = Exposure { exposed: rule("plan", ExposureOperator::Equal, ""), ..kept };
    let refused =
        workspace::set(app, clock::name(), Workspace { exposure: Some(form), ..self::kept(app).await? }).await;
    let refused = refused.err().context("a comparison with nothing was kept")?;
    ensure!(refused.code == Code::InputInvalid && refused.what.contains("exposure.exposed.value"), "{refused:?}");
    Ok(())
}

/// The phase is measured by the program itself, with every read; a person moves the flag and nothing else.
async fn held_and_let_through(app: &App, run: &RunId) -> Result<()> {
    let mut rounds = Rounds::default();
    let before = exposure_of(&gate(app, run, 1).await?)?;
    ensure!(!before.holds && before.sentence.contains("was not measured"), "{before:?}");
    let simulator = app.simulator().context("no company")?;
    simulator.expose(4)?;
    rounds.make(app).await;
    idle(app).await;
    rounds.make(app).await;
    let held = exposure_of(&gate(app, run, 1).await?)?;
    ensure!(!held.holds && held.sentence.contains("4.00 %, 8 of 200 users"), "{held:?}");
    ensure!(held.found.as_deref() == Some("4.00 %"), "{held:?}");
    // A quarter of an hour has its sample already, so a check brings the next count.
    simulator.expose(10)?;
    demo::read(app).await.map_err(told)?;
    let (batch, job) = checks::begin(app, run, &[]).await.map_err(told)?;
    let checked = checks::run(app, batch, &job).await.map_err(told)?;
    ensure!(checked.iter().any(|one| one.answer.seen.found().contains("10.00 %, 20 of 200 users")), "{checked:?}");
    let gate = gate(app, run, 1).await?;
    let through = exposure_of(&gate)?;
    ensure!(through.holds && through.items.len() == 2, "{through:?}");
    for item in &through.items {
        let page = items::item(app, ItemRequest { run: run.clone(), item: item.clone() }).await.map_err(told)?;
        ensure!(page.view.state == "verified", "{} {}", page.view.state, page.view.state_text);
    }
    let others: Vec<&str> = gate.conditions.iter().filter(|one| !one.holds).map(|one| one.name.as_str()).collect();
    ensure!(others == ["soak", "signed"], "a day of soak and a signature are left: {others:?}");
    Ok(())
}

/// The line of the feature flags stays with a person, and shows the measured share beside it.
async fn beside_the_flag(app: &App, ana: &OperatorId) -> Result<()> {
    let request = StartRun {
        template: "devflowhub-rollout".into(),
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.1".to_owned(),
        owner: Some(ana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let run = runs::start(app, clock::name(), request).await.map_err(told)?.brief.run;
    let item = "feature-flags-configured".into();
    // Whoever runs every check gets the data beside this line too.
    let (batch, job) = checks::begin(app, &run, &[]).await.map_err(told)?;
    checks::run(app, batch, &job).await.map_err(told)?;
    let page = items::item(app, ItemRequest { run, item }).await.map_err(told)?;
    ensure!(page.view.state == "open", "a person decides it: {} {}", page.view.state, page.view.state_text);
    let shown = serde_json::to_string(&page)?;
    ensure!(shown.contains("10.00 %, 20 of 200 users"), "{shown}");
    Ok(())
}

/// Without a setting there is no share, and a sentence of what to do; another setting waits for the next read.
async fn taken_away(app: &App) -> Result<()> {
    let before = kept(app).await?;
    let mut other = before.clone();
    other.exposure.as_mut().context("no setting")?.exposed.operator = ExposureOperator::IsFalse;
    for (workspace, says) in
        [(Workspace { exposure: None, ..before }, "nobody said"), (other, "were not counted since")]
    {
        workspace::set(app, clock::name(), workspace).await.map_err(told)?;
        let metric = "metric.rollout_exposure_pct".into();
        let found = figures::value(app, &demo::ENVIRONMENT.into(), &metric).await.map_err(told)?;
        ensure!(found.value.as_ref().is_err_and(|why| why.contains(says)), "{found:?}");
    }
    Ok(())
}

async fn started(app: &App, (ana, bo): (&OperatorId, &OperatorId)) -> Result<RunId> {
    let decisions = ["let-few-in", "let-all-in"].map(|row| RowDecision {
        row: row.to_owned(),
        kind: "metric".to_owned(),
        probe: "metric.rollout_exposure_pct".to_owned(),
        limit: None,
    });
    let request = ImportTemplate {
        markdown: MARKDOWN.to_owned(),
        name: String::new(),
        file: String::new(),
        decisions: decisions.into(),
    };
    let kept = import::import(app, clock::name(), request).await.map_err(told)?;
    let request = StartRun {
        template: kept.brief.id,
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(ana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let run = runs::start(app, clock::name(), request).await.map_err(told)?.brief.run;
    for operator in [ana, bo] {
        let reason = "an exercise that the whole team knows about".to_owned();
        let request = OverrideGate { run: run.clone(), phase: 0, operator: operator.clone(), reason };
        gates::override_gate(app, clock::name(), request, secret()).await.map_err(told)?;
    }
    let request = OpenGate { run: run.clone(), phase: 0, operator: ana.clone() };
    gates::open(app, clock::name(), request).await.map_err(told)?;
    Ok(run)
}

/// Waits until nothing is read any more.
async fn idle(app: &App) {
    for _ in 0..300 {
        let is_reading = app.jobs().is_running(JobKind::Sync, &demo::ENVIRONMENT.into());
        if !is_reading && app.jobs().views().iter().filter(|job| job.kind == JobKind::Sync).count() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn kept(app: &App) -> Result<Workspace> {
    workspace::view(app, workspace::WorkspaceRequest {}).await.map_err(told)
}

async fn gate(app: &App, run: &RunId, phase: u8) -> Result<Gate> {
    let view = gates::view(app, GatesRequest { run: run.clone() }).await.map_err(told)?;
    view.gates.into_iter().find(|gate| gate.phase == phase).with_context(|| format!("no gate {phase}"))
}

fn exposure_of(gate: &Gate) -> Result<Condition> {
    gate.conditions.iter().find(|one| one.name == "exposure").cloned().context("no condition of the exposure")
}
