//! Rollback: indicators that call for one, and the steps of the procedures. Nothing here acts on anything outside.
//!
//! What an indicator shows is measured (`watch`); what is tripped, known of and cleared is the record.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{
    Entry, RollbackEnded, RollbackStarted, RollbackStep, TriggerAcknowledged, TriggerCleared, TriggerTripped,
};
use countersign_domain::checklist::row::Row;
use countersign_domain::checklist::run::{ENDINGS_NEEDED, Run, is_rollback_step};
use countersign_domain::checklist::triggers::{Lamp, Sign};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{Said, act, stories, watch};
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
    /// What it shows.
    pub state: IndicatorState,
    /// Whether it is tripped on the record.
    pub is_tripped: bool,
    /// Since when and why, what was measured, or why nobody measures it, in a sentence.
    pub sentence: String,
    /// When it tripped.
    pub tripped_at: Option<Instant>,
    /// Who knows of it; `null` while nobody does.
    pub acknowledged: Option<Said>,
    /// Who signed that the cause is gone: of a tripped one so far, of a cleared one all.
    pub cleared_by: Vec<Said>,
    /// How many have to.
    pub clearings_needed: u32,
    /// How often it tripped.
    pub count: u32,
}

/// What an indicator shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorState {
    /// Nobody measures it now; a person can trip it.
    NotMeasured,
    /// Measured, and all is well.
    Armed,
    /// Something may be wrong, and there is too little to say so.
    Watch,
    /// A person has to decide.
    Proposed,
    /// It is tripped, and nobody said that they know.
    Tripped,
    /// It is tripped, and somebody looks after it.
    Acknowledged,
    /// It was tripped, and the cause is gone.
    Cleared,
}

/// One procedure with its steps.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ProcedureView {
    /// The section of its steps.
    pub section: Vec<String>,
    /// Whether it is under way.
    pub is_under_way: bool,
    /// Who began it, when and why; `null` for one that never was.
    pub started: Option<Said>,
    /// Who ended it, when and how.
    pub ended: Option<Said>,
    /// Who signed that it is over.
    pub ending: Vec<Said>,
    /// How many have to.
    pub endings_needed: u32,
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
    /// Who did it, when and what, in the procedure under way or the last one; `null` while it is not done.
    pub done: Option<Said>,
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

/// Somebody says that the cause is gone. The passphrase arrives beside the request.
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

/// Says that a rollback procedure is over; two different people have to. The passphrase arrives beside the request.
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
/// **Errors**: a run nobody started, a mirror that cannot be read.
pub async fn view(app: &App, request: RollbackRequest) -> Result<Rollback, Failure> {
    let story = stories::story(app, &request.run).await?;
    let run = &story.run;
    let mut lamps = watch::lamps(app, run, clock::now()).await?;
    let indicators = run.indicators().filter_map(|row| Some(indicator(run, row, lamps.remove(&row.id)?)));
    Ok(Rollback { indicators: indicators.collect(), procedures: procedures(run) })
}

fn indicator(run: &Run, row: &Row, lamp: Lamp) -> Indicator {
    let record = run.history(&row.id).map(|history| history.trigger.clone()).unwrap_or_default();
    let cleared = record.cleared.as_ref().filter(|_| matches!(lamp.sign, Sign::Armed | Sign::NotMeasured));
    let state = match (&record.tripped, &record.acknowledged, cleared) {
        (Some(_), Some(_), _) => IndicatorState::Acknowledged,
        (Some(_), None, _) => IndicatorState::Tripped,
        (None, _, Some(_)) => IndicatorState::Cleared,
        (None, _, None) => match lamp.sign {
            Sign::NotMeasured => IndicatorState::NotMeasured,
            Sign::Armed => IndicatorState::Armed,
            Sign::Watch => IndicatorState::Watch,
            Sign::Proposed => IndicatorState::Proposed,
            Sign::Tripped => IndicatorState::Tripped,
        },
    };
    let words = if record.tripped.is_some() { &record.cleared_by } else { cleared.map_or(&[][..], |(_, by)| by) };
    Indicator {
        item: row.id.clone(),
        text: row.label.clone(),
        state,
        is_tripped: record.tripped.is_some(),
        sentence: record.tripped.as_ref().map_or(lamp.sentence, |(.., cause)| cause.clone()),
        tripped_at: record.tripped.as_ref().map(|(_, at, _)| *at),
        acknowledged: record.acknowledged.as_ref().map(Said::from),
        cleared_by: words.iter().map(Said::from).collect(),
        clearings_needed: u32::try_from(run.clearings_needed()).unwrap_or(u32::MAX),
        count: record.count,
    }
}

fn procedures(run: &Run) -> Vec<ProcedureView> {
    let mut procedures: Vec<ProcedureView> = Vec::new();
    for row in run.template().rows.iter().filter(|row| is_rollback_step(row)) {
        let done = run.history(&row.id).and_then(|history| history.confirmed.as_ref());
        let step = StepView { item: row.id.clone(), text: row.coverage_label(), done: done.map(Said::from) };
        if let Some(known) = procedures.iter_mut().find(|known| known.section == row.section) {
            known.steps.push(step);
            continue;
        }
        let record = run.procedures().get(&row.section);
        procedures.push(ProcedureView {
            section: row.section.clone(),
            is_under_way: run.is_rolling_back(&row.section),
            started: record.map(|record| Said::from(&record.started)),
            ended: record.and_then(|record| record.ended.as_ref()).map(Said::from),
            ending: record.into_iter().flat_map(|record| &record.ending).map(Said::from).collect(),
            endings_needed: u32::try_from(ENDINGS_NEEDED).unwrap_or(u32::MAX),
            steps: vec![step],
        });
    }
    procedures
}

/// Writes down that something calls for a rollback; gates hold from then on.
///
/// **Errors**: a line that is no indicator, one that is tripped already, no cause.
pub async fn trip(app: &App, request_id: Uuid, request: TripTrigger) -> Result<Rollback, Failure> {
    let TripTrigger { run, item, operator, cause } = request;
    written(app, request_id, (run, operator), "Could not trip the indicator", TriggerTripped { item, cause }).await
}

/// Writes down that somebody knows of a tripped indicator.
///
/// **Errors**: an indicator that is not tripped.
pub async fn acknowledge(app: &App, request_id: Uuid, request: AcknowledgeTrigger) -> Result<Rollback, Failure> {
    let AcknowledgeTrigger { run, item, operator, note } = request;
    let entry = TriggerAcknowledged { item, note };
    written(app, request_id, (run, operator), "Could not acknowledge the indicator", entry).await
}

/// Writes down that somebody says the cause is gone, signed with their key; while users are exposed, two people have to.
///
/// **Errors**: an indicator that is not tripped, no reason, the same person twice, a wrong passphrase.
pub async fn clear(
    app: &App,
    request_id: Uuid,
    request: ClearTrigger,
    passphrase: Secret,
) -> Result<Rollback, Failure> {
    let ClearTrigger { run, item, operator, reason } = request;
    let entry = |_: &Run, _: &_, _| Ok(TriggerCleared { item, reason }.into());
    let what = "Could not clear the indicator";
    act::perform_signed(app, request_id, (&run, &operator), what, passphrase, entry).await?;
    view(app, RollbackRequest { run }).await
}

/// Begins a rollback procedure; its steps count from then on, and the phase is frozen.
///
/// **Errors**: a section without steps, one that is under way.
pub async fn start(app: &App, request_id: Uuid, request: StartRollback) -> Result<Rollback, Failure> {
    let StartRollback { run, section, operator, reason } = request;
    let entry = RollbackStarted { section, reason };
    written(app, request_id, (run, operator), "Could not begin the rollback", entry).await
}

/// Writes down that a step is done.
///
/// **Errors**: a line that is no step of a rollback under way.
pub async fn step(app: &App, request_id: Uuid, request: StepRollback) -> Result<Rollback, Failure> {
    let StepRollback { run, item, operator, note } = request;
    written(app, request_id, (run, operator), "Could not record the step", RollbackStep { item, note }).await
}

/// Writes down that somebody says a rollback is over, signed with their key; with the second of two it ends.
///
/// **Errors**: one that is not under way, a tripped indicator, open steps without a reason, the same person twice, a wrong
/// passphrase.
pub async fn end(app: &App, request_id: Uuid, request: EndRollback, passphrase: Secret) -> Result<Rollback, Failure> {
    let EndRollback { run, section, operator, note } = request;
    let entry = |_: &Run, _: &_, _| Ok(RollbackEnded { section, note }.into());
    let what = "Could not end the rollback";
    act::perform_signed(app, request_id, (&run, &operator), what, passphrase, entry).await?;
    view(app, RollbackRequest { run }).await
}

/// Writes down one entry of a person, whose rules are those of the run, and gives the page again.
async fn written(
    app: &App,
    request_id: Uuid,
    (run, operator): (RunId, OperatorId),
    what: &str,
    entry: impl Into<Entry>,
) -> Result<Rollback, Failure> {
    let entry = entry.into();
    act::perform(app, request_id, (&run, &operator), what, |_, _, _| Ok(entry)).await?;
    view(app, RollbackRequest { run }).await
}
