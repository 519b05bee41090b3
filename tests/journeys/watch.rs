//! What a run does by itself: its gate is evaluated, its soak sampled, and failing payments trip an indicator.
//!
//! A round is made here when the story needs one; in the program one is made every minute. Payments that fail are put into
//! the mirror: the invented company has none of the last hour.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::audit::{self, AuditRequest, VerifyRequest};
use countersign_app::checklists::gates::{self, Gate, GatesRequest, OpenGate, OverrideGate};
use countersign_app::checklists::import::{self, ImportTemplate, RowDecision};
use countersign_app::checklists::rollback::{
    self, AcknowledgeTrigger, ClearTrigger, EndRollback, Indicator, IndicatorState, Rollback, RollbackRequest,
    StartRollback, StepRollback,
};
use countersign_app::checklists::runs::{self, StartRun};
use countersign_app::domain::checklist::gates::GateState;
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{ChargeId, OperatorId, RunId};
use countersign_app::domain::ledger::Draft;
use countersign_app::domain::stripe::Charge;
use countersign_app::domain::stripe::charge::{ChargeStatus, OutcomeType};
use countersign_app::jobs::JobKind;
use countersign_app::jobs::rounds::Rounds;
use countersign_app::ledger::{append, word};
use countersign_app::overview::{self, OverviewRequest, Severity};
use countersign_app::{App, Secret, clock, demo, record};
use countersign_store::mirror::{Incoming, Scope, load_each, put};

use crate::team::{operator, refused, secret, told};

const MARKDOWN: &str = "\
# Watched rollout

## Rollout

### Phase 1: Few (10% of users)
- [ ] Fail rarely < 2%

### Phase 2: All (100% of users)
- [ ] Fail rarely still < 2%

## Rollback
### Triggers
- [ ] Payment processing failures >5%
- [ ] Performance degradation >50%
### Steps
1. Flip the flag
2. Tell people
";
/// Payments that were tried in the last hour, and how many of them failed.
const PAYMENTS: (usize, usize) = (60, 12);
/// How long the program's own timer may take, on a computer that does other things too. **Units**: seconds.
const PATIENCE_SECONDS: u32 = 150;

/// A rollout that is watched, warned of, cleared by two people and rolled back.
pub async fn watched_tripped_and_cleared() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 100).await.map_err(told)?;
    demo::read(&app).await.map_err(told)?;
    let (ana, bo) = (operator(&app, "Ana Lopez", &[]).await?, operator(&app, "Bo Chen", &[]).await?);
    let run = started(&app, &ana).await?;
    let mut rounds = Rounds::default();
    evaluated(&app, &run, &mut rounds).await?;
    opened(&app, &run, &ana, &bo).await?;
    sampled(&app, &run, &mut rounds).await?;
    tripped(&app, &run, &mut rounds).await?;
    cleared(&app, &run, (&ana, &bo), &mut rounds).await?;
    frozen(&app, &run, [&ana, &bo]).await?;
    without_effect(&app, &run).await?;
    app.end().await;
    Ok(())
}

/// Nobody asks, and within a minute or so the gate of a run is on the record: the program's own timer does it.
pub async fn evaluated_by_itself() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 20).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &[]).await?;
    let run = started(&app, &ana).await?;
    for _ in 0..PATIENCE_SECONDS {
        if let Some(at) = gate(&app, &run, 0).await?.recorded_at {
            ensure!(entries(&app, "gate_evaluated").await? == 1 && at <= clock::now(), "{at}");
            app.end().await;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    anyhow::bail!("no gate was evaluated in {PATIENCE_SECONDS} seconds")
}

async fn started(app: &App, owner: &OperatorId) -> Result<RunId> {
    let decisions = [
        ("fail-rarely-2", "metric", "metric.payment_failure_rate"),
        ("fail-rarely-still-2", "metric", "metric.payment_failure_rate"),
        ("payment-processing-failures-5", "rollback", "trigger.payment_failure"),
        ("performance-degradation-50", "rollback", "trigger.performance"),
    ];
    let decided = |(row, kind, probe): (&str, &str, &str)| RowDecision {
        row: row.to_owned(),
        kind: kind.to_owned(),
        probe: probe.to_owned(),
        limit: None,
    };
    let request = ImportTemplate {
        markdown: MARKDOWN.to_owned(),
        name: String::new(),
        file: String::new(),
        decisions: decisions.into_iter().map(decided).collect(),
    };
    let kept = import::import(app, clock::name(), request).await.map_err(told)?;
    let request = StartRun {
        template: kept.brief.id,
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(owner.clone()),
        people: Vec::new(),
        business_days: false,
    };
    Ok(runs::start(app, clock::name(), request).await.map_err(told)?.brief.run)
}

/// The first round writes down how the gate stands; a round without news writes nothing.
async fn evaluated(app: &App, run: &RunId, rounds: &mut Rounds) -> Result<()> {
    rounds.make(app).await;
    let gate = gate(app, run, 0).await?;
    ensure!(gate.state == GateState::Hold && gate.recorded_at.is_some() && gate.since == gate.recorded_at, "{gate:?}");
    let before = entries(app, "").await?;
    rounds.make(app).await;
    rounds.make(app).await;
    ensure!(entries(app, "").await? == before, "a round without news was written down");
    Ok(())
}

/// Two people, each with their own key, override a gate; who, when and why is told.
async fn opened(app: &App, run: &RunId, ana: &OperatorId, bo: &OperatorId) -> Result<()> {
    for operator in [ana, bo] {
        let reason = "an exercise that the whole team knows about".to_owned();
        let request = OverrideGate { run: run.clone(), phase: 0, operator: operator.clone(), reason };
        gates::override_gate(app, clock::name(), request, secret()).await.map_err(told)?;
    }
    let request = OpenGate { run: run.clone(), phase: 0, operator: ana.clone() };
    gates::open(app, clock::name(), request).await.map_err(told)?;
    let gate = gate(app, run, 0).await?;
    let names: Vec<&str> = gate.overrides.iter().map(|said| said.by.as_str()).collect();
    ensure!(names == ["Ana Lopez", "Bo Chen"] && gate.overrides[1].operator == *bo, "{:?}", gate.overrides);
    ensure!(gate.overrides.iter().all(|said| said.text.starts_with("an exercise")), "{:?}", gate.overrides);
    Ok(())
}

/// A phase that began is read anew and sampled once in its quarter of an hour.
async fn sampled(app: &App, run: &RunId, rounds: &mut Rounds) -> Result<()> {
    rounds.make(app).await;
    for _ in 0..300 {
        let is_over = app.jobs().views().iter().filter(|job| job.kind == JobKind::Sync).count() >= 2
            && !app.jobs().is_running(JobKind::Sync, &demo::ENVIRONMENT.into());
        if is_over {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    failing_payments(app).await?;
    ensure!(entries(app, "soak_sampled").await? == 0, "sampled from what was read before the phase began");
    rounds.make(app).await;
    rounds.make(app).await;
    ensure!(entries(app, "soak_sampled").await? == 1, "{} samples", entries(app, "soak_sampled").await?);
    let gate = gate(app, run, 1).await?;
    let soak = gate.soak.as_ref().context("no clock of the soak")?;
    ensure!((soak.expected, soak.seen) == (0, 0) && soak.until > soak.since, "no quarter of an hour is over: {soak:?}");
    let metric = gate.conditions.iter().find(|one| one.name == "metrics").context("no condition of the metric")?;
    ensure!(!metric.holds && metric.items == ["fail-rarely-2".into()], "{metric:?}");
    ensure!(metric.found.is_some() && metric.limit.as_deref() == Some("< 2 %"), "{metric:?}");
    Ok(())
}

/// Payments that fail trip the indicator by themselves, once; every gate advises rollback and the overview says so.
async fn tripped(app: &App, run: &RunId, rounds: &mut Rounds) -> Result<()> {
    rounds.make(app).await;
    let view = seen(app, run).await?;
    let [payments, speed] = view.indicators.as_slice() else { anyhow::bail!("{:?}", view.indicators) };
    ensure!(payments.state == IndicatorState::Tripped && payments.count == 1, "{payments:?}");
    ensure!(payments.sentence.contains("12 of ") && payments.sentence.contains("in 60 minutes"), "{payments:?}");
    ensure!(speed.state == IndicatorState::NotMeasured && speed.sentence.contains("not read"), "{speed:?}");
    ensure!(entries(app, "trigger_tripped").await? == 1, "it tripped more than once");
    let gate = gate(app, run, 1).await?;
    ensure!(gate.state == GateState::RollbackAdvised && gate.since.is_some(), "{gate:?}");
    let request = OverviewRequest { environment: demo::ENVIRONMENT.into() };
    let overview = overview::view(app, request).await.map_err(told)?.view;
    let line = overview.attention.iter().find(|line| line.title.starts_with("Rollback advised: Payment processing"));
    let line = line.context("the overview does not say it")?;
    ensure!(line.severity == Severity::Critical && line.route.ends_with("?tab=rollback"), "{line:?}");
    Ok(())
}

/// While users are exposed two people sign that the cause is gone; what failed before does not trip it again.
async fn cleared(app: &App, run: &RunId, (ana, bo): (&OperatorId, &OperatorId), rounds: &mut Rounds) -> Result<()> {
    let item = seen(app, run).await?.indicators[0].item.clone();
    let (run_id, operator, note) = (run.clone(), ana.clone(), "we look at it".to_owned());
    let known = AcknowledgeTrigger { run: run_id, item: item.clone(), operator, note };
    let known = rollback::acknowledge(app, clock::name(), known).await.map_err(told)?;
    ensure!(known.indicators[0].state == IndicatorState::Acknowledged, "{:?}", known.indicators[0]);
    let clear = |operator: &OperatorId| ClearTrigger {
        run: run.clone(),
        item: item.clone(),
        operator: operator.clone(),
        reason: "the bank is back".to_owned(),
    };
    let wrong = Secret::from("not the passphrase".to_owned());
    refused(rollback::clear(app, clock::name(), clear(ana), wrong).await, Code::PassphraseWrong)?;
    let once = rollback::clear(app, clock::name(), clear(ana), secret()).await.map_err(told)?;
    let Indicator { is_tripped, cleared_by, clearings_needed, .. } = &once.indicators[0];
    ensure!(*is_tripped && cleared_by.len() == 1 && *clearings_needed == 2, "{:?}", once.indicators[0]);
    refused(rollback::clear(app, clock::name(), clear(ana), secret()).await, Code::SignoffSamePerson)?;
    let twice = rollback::clear(app, clock::name(), clear(bo), secret()).await.map_err(told)?;
    let Indicator { state, cleared_by, .. } = &twice.indicators[0];
    ensure!(*state == IndicatorState::Cleared && cleared_by.len() == 2, "{:?}", twice.indicators[0]);
    rounds.make(app).await;
    ensure!(seen(app, run).await?.indicators[0].count == 1, "what was cleared tripped again");
    ensure!(gate(app, run, 1).await?.state == GateState::Hold, "the gate still advises a rollback");
    Ok(())
}

/// A rollback that was begun freezes the phase; its steps say who did them, and when.
async fn frozen(app: &App, run: &RunId, [ana, bo]: [&OperatorId; 2]) -> Result<()> {
    let procedure = seen(app, run).await?.procedures.into_iter().next().context("no procedure")?;
    let (section, item) = (procedure.section, procedure.steps[0].item.clone());
    let (run_id, operator, reason) = (run.clone(), bo.clone(), "to be safe".to_owned());
    let start = StartRollback { run: run_id, section: section.clone(), operator, reason };
    rollback::start(app, clock::name(), start).await.map_err(told)?;
    let held = gate(app, run, 1).await?;
    ensure!(held.conditions.iter().any(|one| one.name == "rollback" && !one.holds), "{:?}", held.held_by);
    let (run_id, operator, note) = (run.clone(), bo.clone(), "the flag is off".to_owned());
    let step = StepRollback { run: run_id.clone(), item, operator: operator.clone(), note };
    let after = rollback::step(app, clock::name(), step).await.map_err(told)?;
    let done = after.procedures[0].steps[0].done.as_ref().context("the step is not done")?;
    ensure!(done.by == "Bo Chen" && done.text == "the flag is off" && done.at <= clock::now(), "{done:?}");
    ensure!(after.procedures[0].steps[1].done.is_none(), "{:?}", after.procedures[0].steps);
    let over = |operator: &OperatorId| {
        let (run, section, note) = (run_id.clone(), section.clone(), "the flag was enough".to_owned());
        rollback::end(app, clock::name(), EndRollback { run, section, operator: operator.clone(), note }, secret())
    };
    over(ana).await.map_err(told)?;
    let ended = over(bo).await.map_err(told)?;
    ensure!(ended.procedures[0].ended.as_ref().is_some_and(|said| said.by == "Bo Chen"), "{:?}", ended.procedures);
    Ok(())
}

/// An entry that the rules refuse has no effect; the verification and the log say so.
async fn without_effect(app: &App, run: &RunId) -> Result<()> {
    let body = BTreeMap::from([("phase", "1")]);
    let draft = Draft::new(word("gate_opened")?, clock::name(), &body)?.on(format!("run/{run}"));
    let stores = app.stores().map_err(told)?;
    append(&stores.ledger, vec![draft], &[], &clock::moment()).await?;
    ensure!(gate(app, run, 1).await?.opened_at.is_none(), "nobody opened it");
    let log = audit::list(app, AuditRequest { kind: "gate_opened".to_owned(), ..every() }).await.map_err(told)?;
    let told_of: Vec<bool> = log.entries.rows.iter().map(|row| row.refused.is_some()).collect();
    ensure!(told_of == [true, false], "newest first: {:?}", log.entries.rows);
    let verified = audit::verify(app, VerifyRequest {}).await.map_err(told)?;
    let names = verified.findings.iter().filter(|finding| finding.text.contains("has no effect on run")).count();
    ensure!(!verified.ok && verified.first_bad.is_none() && names == 1, "{verified:?}");
    Ok(())
}

/// Puts payments of the last hour into the mirror, as if they had just been read.
async fn failing_payments(app: &App) -> Result<()> {
    let environment = record::environment(app, &demo::ENVIRONMENT.into()).await.map_err(told)?;
    let connection = environment.stripe.context("the demo is not connected")?;
    let (account, mode) = (connection.account.context("the account is not known")?, connection.mode);
    let now = clock::now();
    let stores = app.stores().map_err(told)?;
    let write = stores.mirror.write(move |tx| {
        let Some(scope) = Scope::find(tx, &account, mode)? else { return Ok(false) };
        let Some(like) = load_each::<Charge>(tx, scope)?.into_iter().find(|one| one.is_captured) else {
            return Ok(false);
        };
        for nth in 0..PAYMENTS.0 {
            let is_failed = nth < PAYMENTS.1;
            let id = ChargeId::from(format!("ch_watch_{nth}").as_str());
            let charge = Charge {
                id: id.clone(),
                payment_intent: None,
                status: if is_failed { ChargeStatus::Failed } else { ChargeStatus::Succeeded },
                outcome_type: Some(if is_failed { OutcomeType::IssuerDeclined } else { OutcomeType::Authorized }),
                created_at: now - Duration::from_secs(600),
                ..like.clone()
            };
            let created_at = Some(charge.created_at);
            let incoming = Incoming { value: &charge, id: id.as_str(), created_at, raw: "{}", fetched_at: now };
            put(tx, scope, &incoming)?;
        }
        Ok(true)
    });
    ensure!(write.await?, "the mirror has no charge");
    Ok(())
}

async fn seen(app: &App, run: &RunId) -> Result<Rollback> {
    rollback::view(app, RollbackRequest { run: run.clone() }).await.map_err(told)
}

async fn gate(app: &App, run: &RunId, phase: u8) -> Result<Gate> {
    let view = gates::view(app, GatesRequest { run: run.clone() }).await.map_err(told)?;
    view.gates.into_iter().find(|gate| gate.phase == phase).with_context(|| format!("no gate {phase}"))
}

fn every() -> AuditRequest {
    AuditRequest::default()
}

/// Counts the entries of a kind; of every kind for an empty word.
async fn entries(app: &App, kind: &str) -> Result<u64> {
    let log = audit::list(app, AuditRequest { kind: kind.to_owned(), ..every() }).await.map_err(told)?;
    Ok(log.entries.total)
}
