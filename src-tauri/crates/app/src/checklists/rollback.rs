//! Rollback: indicators that call for one, and the steps of the procedures. Nothing here acts on anything outside.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{
    RollbackEnded, RollbackStarted, RollbackStep, TriggerAcknowledged, TriggerCleared, TriggerTripped,
};
use countersign_domain::checklist::run::{REASON_CHARS_MIN, Refusal, Run, State, is_rollback_step};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{act, stories};
use crate::app::App;
use crate::clock;

/// Asks for the indicators and procedures of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// Which run.
    pub run: RunId,
}

/// Indicators and procedures of a run.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Rollback {
    /// What would call for a rollback.
    pub indicators: Vec<Indicator>,
    /// What would be done.
    pub procedures: Vec<ProcedureView>,
}

/// One indicator.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Indicator {
    /// The line.
    pub item: ItemId,
    /// Its text.
    pub text: String,
    /// Whether it is tripped.
    pub is_tripped: bool,
    /// Since when, or what it is waiting for, in a sentence.
    pub sentence: String,
    /// Who knows of it; empty while nobody does.
    pub acknowledged_by: String,
    /// Who says that the cause is gone; while users are exposed, two people have to.
    pub cleared_by: Vec<String>,
    /// How often it tripped.
    pub count: u32,
}

/// One procedure with its steps.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ProcedureView {
    /// The section of its steps.
    pub section: Vec<String>,
    /// Whether it is under way.
    pub is_under_way: bool,
    /// Who began it and why; empty for one that never was.
    pub started: String,
    /// When it began.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Its steps in order.
    pub steps: Vec<StepView>,
}

/// One step.
#[derive(Debug, Clone, Serialize, TS)]
pub struct StepView {
    /// The line.
    pub item: ItemId,
    /// Its text.
    pub text: String,
    /// Whether it is done in the procedure under way or the last one.
    pub is_done: bool,
}

/// Something that calls for a rollback was seen.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TripTrigger {
    /// Which run.
    pub run: RunId,
    /// Which indicator.
    pub item: ItemId,
    /// Who saw it.
    pub operator: OperatorId,
    /// What was seen.
    pub cause: String,
}

/// Somebody knows of a tripped indicator.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeTrigger {
    /// Which run.
    pub run: RunId,
    /// Which indicator.
    pub item: ItemId,
    /// Who.
    pub operator: OperatorId,
    /// What they say.
    #[serde(default)]
    pub note: String,
}

/// Somebody says that the cause is gone.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ClearTrigger {
    /// Which run.
    pub run: RunId,
    /// Which indicator.
    pub item: ItemId,
    /// Who.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// Begins a rollback procedure.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartRollback {
    /// Which run.
    pub run: RunId,
    /// The section of its steps.
    pub section: Vec<String>,
    /// Who begins it.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// A step of a rollback is done.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StepRollback {
    /// Which run.
    pub run: RunId,
    /// Which step.
    pub item: ItemId,
    /// Who did it.
    pub operator: OperatorId,
    /// What was done.
    #[serde(default)]
    pub note: String,
}

/// Ends a rollback procedure.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EndRollback {
    /// Which run.
    pub run: RunId,
    /// The section of its steps.
    pub section: Vec<String>,
    /// Who ends it.
    pub operator: OperatorId,
    /// How it went.
    #[serde(default)]
    pub note: String,
}

/// Gives the indicators and procedures of a run.
///
/// **Errors**: a run nobody started.
pub async fn view(app: &App, request: RollbackRequest) -> Result<Rollback, Failure> {
    let story = stories::story(app, &request.run).await?;
    let (run, now) = (&story.run, clock::now());
    let indicators = run.template().rows.iter().filter(|row| row.indicator).filter_map(|row| {
        let (standing, record) = (run.standing(&row.id, now)?, &run.history(&row.id)?.trigger);
        Some(Indicator {
            item: row.id.clone(),
            text: row.label.clone(),
            is_tripped: standing.state == State::Tripped,
            sentence: standing.because,
            acknowledged_by: record.acknowledged.as_ref().map(|word| word.by.name.clone()).unwrap_or_default(),
            cleared_by: record.cleared_by.iter().map(|word| word.by.name.clone()).collect(),
            count: record.count,
        })
    });
    Ok(Rollback { indicators: indicators.collect(), procedures: procedures(run) })
}

fn procedures(run: &Run) -> Vec<ProcedureView> {
    let mut procedures: Vec<ProcedureView> = Vec::new();
    for row in run.template().rows.iter().filter(|row| is_rollback_step(row)) {
        let is_done = run.history(&row.id).is_some_and(|history| history.confirmed.is_some());
        let step = StepView { item: row.id.clone(), text: row.coverage_label(), is_done };
        if let Some(known) = procedures.iter_mut().find(|known| known.section == row.section) {
            known.steps.push(step);
            continue;
        }
        let record = run.procedures().get(&row.section);
        let started = record.map(|record| format!("{}: {}", record.started.by.name, record.started.text));
        procedures.push(ProcedureView {
            section: row.section.clone(),
            is_under_way: run.is_rolling_back(&row.section),
            started: started.unwrap_or_default(),
            started_at: record.map(|record| record.started.at),
            ended_at: record.and_then(|record| record.ended.as_ref()).map(|word| word.at),
            steps: vec![step],
        });
    }
    procedures
}

/// Writes down that something calls for a rollback; gates hold from then on.
///
/// **Errors**: a line that is no indicator, one that is tripped already, no cause.
pub async fn trip(app: &App, request_id: Uuid, request: TripTrigger) -> Result<Rollback, Failure> {
    let TripTrigger { run: id, item, operator, cause } = request;
    let written = act::perform(app, request_id, (&id, &operator), "Could not trip the indicator", |run, _, now| {
        if cause.trim().chars().count() < REASON_CHARS_MIN {
            return Err(Refusal { code: Code::InputInvalid, sentence: "Say what was seen.".to_owned() });
        }
        if run.standing(&item, now).is_some_and(|standing| standing.state == State::Tripped) {
            let sentence = "The indicator is tripped already.".to_owned();
            return Err(Refusal { code: Code::StateConflict, sentence });
        }
        Ok(TriggerTripped { item, cause }.into())
    });
    written.await?;
    view(app, RollbackRequest { run: id }).await
}

/// Writes down that somebody knows of a tripped indicator.
///
/// **Errors**: an indicator that is not tripped.
pub async fn acknowledge(app: &App, request_id: Uuid, request: AcknowledgeTrigger) -> Result<Rollback, Failure> {
    let AcknowledgeTrigger { run: id, item, operator, note } = request;
    let what = "Could not acknowledge the indicator";
    let entry = |_: &Run, _: &_, _| Ok(TriggerAcknowledged { item, note }.into());
    act::perform(app, request_id, (&id, &operator), what, entry).await?;
    view(app, RollbackRequest { run: id }).await
}

/// Writes down that somebody says the cause is gone; while users are exposed, two people have to.
///
/// **Errors**: an indicator that is not tripped, no reason, the same person twice.
pub async fn clear(app: &App, request_id: Uuid, request: ClearTrigger) -> Result<Rollback, Failure> {
    let ClearTrigger { run: id, item, operator, reason } = request;
    let what = "Could not clear the indicator";
    let entry = |_: &Run, _: &_, _| Ok(TriggerCleared { item, reason }.into());
    act::perform(app, request_id, (&id, &operator), what, entry).await?;
    view(app, RollbackRequest { run: id }).await
}

/// Begins a rollback procedure; its steps count from then on.
///
/// **Errors**: a section without steps, one that is under way.
pub async fn start(app: &App, request_id: Uuid, request: StartRollback) -> Result<Rollback, Failure> {
    let StartRollback { run: id, section, operator, reason } = request;
    let what = "Could not begin the rollback";
    let entry = |_: &Run, _: &_, _| Ok(RollbackStarted { section, reason }.into());
    act::perform(app, request_id, (&id, &operator), what, entry).await?;
    view(app, RollbackRequest { run: id }).await
}

/// Writes down that a step is done.
///
/// **Errors**: a line that is no step of a rollback under way.
pub async fn step(app: &App, request_id: Uuid, request: StepRollback) -> Result<Rollback, Failure> {
    let StepRollback { run: id, item, operator, note } = request;
    let what = "Could not record the step";
    let entry = |_: &Run, _: &_, _| Ok(RollbackStep { item, note }.into());
    act::perform(app, request_id, (&id, &operator), what, entry).await?;
    view(app, RollbackRequest { run: id }).await
}

/// Ends a rollback procedure.
///
/// **Errors**: one that is not under way.
pub async fn end(app: &App, request_id: Uuid, request: EndRollback) -> Result<Rollback, Failure> {
    let EndRollback { run: id, section, operator, note } = request;
    let what = "Could not end the rollback";
    let entry = |_: &Run, _: &_, _| Ok(RollbackEnded { section, note }.into());
    act::perform(app, request_id, (&id, &operator), what, entry).await?;
    view(app, RollbackRequest { run: id }).await
}
