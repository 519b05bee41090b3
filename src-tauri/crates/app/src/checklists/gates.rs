//! Gates between phases: what holds each, overriding one by two people, opening the next phase.
//!
//! Looking at a gate writes nothing. A changed state is written down when somebody asks for it to be evaluated or opens
//! the phase, with every condition in words, so that the record says on what ground a phase was opened.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Act, Entry, GateEvaluated, GateOpened, GateOverridden};
use countersign_domain::checklist::gates::{self, Condition, Evaluation, GateState, SoakWindow, World};
use countersign_domain::checklist::row::{Kind, Proof};
use countersign_domain::checklist::run::{Refusal, Run};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{MetricId, OperatorId, RunId};
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::stories::{self, Shelf, Story};
use super::{act, refused};
use crate::app::App;
use crate::clock;
use crate::failure::{Tell as _, not_found};

/// Asks for the gates of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GatesRequest {
    /// Which run.
    pub run: RunId,
}

/// The gates of a run, in the order of its phases.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Gates {
    /// The phase that is being worked on; `null` when every gate is open.
    pub phase: Option<u8>,
    /// Each gate.
    pub gates: Vec<Gate>,
}

/// The gate that ends a phase.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Gate {
    /// Number of the phase.
    pub phase: u8,
    /// Its name.
    pub name: String,
    /// The share of users it is opened to; `null` for a phase that exposes nobody. **Units**: per cent.
    pub exposure_pct: Option<String>,
    /// How long its metrics have to keep within their limits. **Units**: hours.
    pub soak_hours: u32,
    /// What it says now.
    pub state: GateState,
    /// Every condition.
    pub conditions: Vec<Condition>,
    /// What holds it, one sentence each.
    pub held_by: Vec<String>,
    /// Whether two people overrode it.
    pub is_overridden: bool,
    /// Who asked for that so far.
    pub overrides: Vec<String>,
    /// When it was evaluated for the record.
    pub recorded_at: Option<Instant>,
    /// When the next phase was opened.
    pub opened_at: Option<Instant>,
}

/// Evaluates a gate for the record.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EvaluateGate {
    /// Which run.
    pub run: RunId,
    /// Which phase it ends.
    pub phase: u8,
}

/// Opens the phase behind a gate.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenGate {
    /// Which run.
    pub run: RunId,
    /// Which phase the gate ends.
    pub phase: u8,
    /// Who opens it.
    pub operator: OperatorId,
}

/// Asks for a gate to be overridden; two different people have to. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OverrideGate {
    /// Which run.
    pub run: RunId,
    /// Which phase the gate ends.
    pub phase: u8,
    /// Who overrides it.
    pub operator: OperatorId,
    /// Why, 20 characters at least.
    pub reason: String,
}

/// Gives every gate of a run as it stands now. Writes nothing.
///
/// **Errors**: a run nobody started.
pub async fn view(app: &App, request: GatesRequest) -> Result<Gates, Failure> {
    let shelf = stories::shelf(app).await?;
    let story = stories::story(app, &request.run).await?;
    let now = clock::now();
    let gates = numbers(&story.run).into_iter().map(|number| gate(&shelf, &story, number, now)).collect();
    Ok(Gates { phase: story.run.phase(), gates })
}

/// Evaluates a gate and writes its state down when it is another than the recorded one.
///
/// **Errors**: a run or phase that is not known; what the ledger refuses.
pub async fn evaluate(app: &App, request_id: Uuid, request: EvaluateGate) -> Result<Gates, Failure> {
    let what = "Could not evaluate the gate";
    let EvaluateGate { run: id, phase } = request;
    let stores = app.stores()?;
    let one_at_a_time = stores.stories.acting.lock().await;
    let shelf = stories::shelf(app).await?;
    let (story, now) = (stories::story(app, &id).await?, clock::now());
    exists(&story.run, phase)?;
    if let Some(entry) = news(&story.run, evaluation(&shelf, &story, phase, now)) {
        let act = Act { seq: story.run.through() + 1, at: now, by: None, entry: entry.clone() };
        story.run.would_take(&[act]).map_err(|refusal| refused(what, refusal))?;
        let draft = act::draft(request_id, (&id, &story.run.binding().environment), &entry, Vec::new());
        act::write(app, vec![draft.map_err(|error| error.tell(what))?], &[], what).await?;
    }
    drop(one_at_a_time);
    view(app, GatesRequest { run: id }).await
}

/// Opens the phase behind a gate, if nothing holds it or two people overrode it.
///
/// **Errors**: `STATE_CONFLICT` with what holds it; a run, phase or operator that is not known.
pub async fn open(app: &App, request_id: Uuid, request: OpenGate) -> Result<Gates, Failure> {
    let OpenGate { run: id, phase, operator } = request;
    let shelf = stories::shelf(app).await?;
    let story = stories::story(app, &id).await?;
    exists(&story.run, phase)?;
    let what = format!("Could not open what follows {}", name(&story.run, phase));
    let opened = act::perform_all(app, request_id, (&id, &operator), &what, |story, _, now| {
        let evaluation = evaluation(&shelf, story, phase, now);
        if evaluation.state != GateState::Open {
            let sentences = evaluation.held_by().join(" ");
            return Err(Refusal { code: Code::StateConflict, sentence: format!("The gate holds. {sentences}") });
        }
        let evaluated = news(&story.run, evaluation);
        Ok((evaluated.into_iter().chain([GateOpened { phase }.into()]).collect(), Vec::new()))
    });
    opened.await?;
    view(app, GatesRequest { run: id }).await
}

/// Asks for a gate to be overridden, signed with the person's key.
///
/// **Errors**: a short reason; the same person twice; a wrong passphrase; a run, phase or operator that is not known.
pub async fn override_gate(
    app: &App,
    request_id: Uuid,
    request: OverrideGate,
    passphrase: Secret,
) -> Result<Gates, Failure> {
    let OverrideGate { run: id, phase, operator, reason } = request;
    exists(&stories::story(app, &id).await?.run, phase)?;
    let what = "Could not override the gate";
    let entry = |_: &Run, _: &_, _| Ok(GateOverridden { phase, reason }.into());
    act::perform_signed(app, request_id, (&id, &operator), what, passphrase, entry).await?;
    view(app, GatesRequest { run: id }).await
}

/// Lists the phases; a template without any has one gate, at its end.
fn numbers(run: &Run) -> Vec<u8> {
    let numbers: Vec<u8> = run.template().phases.iter().map(|phase| phase.number).collect();
    if numbers.is_empty() { vec![0] } else { numbers }
}

fn exists(run: &Run, phase: u8) -> Result<(), Failure> {
    if numbers(run).contains(&phase) { Ok(()) } else { Err(not_found("phase", &phase.to_string())) }
}

fn name(run: &Run, phase: u8) -> String {
    run.template().phase(phase).map_or_else(|| "the run".to_owned(), |phase| phase.name.clone())
}

fn gate(shelf: &Shelf, story: &Story, number: u8, now: Instant) -> Gate {
    let (run, found) = (&story.run, evaluation(shelf, story, number, now));
    let (phase, record) = (run.template().phase(number), run.gate(number));
    let overrides = record.into_iter().flat_map(|record| &record.overrides);
    Gate {
        phase: number,
        name: name(run, number),
        exposure_pct: phase.and_then(|phase| phase.exposure_pct).map(|share| share.to_string()),
        soak_hours: phase.map_or(0, |phase| phase.soak_hours),
        state: found.state,
        held_by: found.held_by().into_iter().map(str::to_owned).collect(),
        is_overridden: found.is_overridden,
        conditions: found.conditions,
        overrides: overrides.map(|decision| format!("{}: {}", decision.by.name, decision.text)).collect(),
        recorded_at: record.and_then(|record| record.evaluated.as_ref()).map(|(at, ..)| *at),
        opened_at: record.and_then(|record| record.opened_at),
    }
}

fn evaluation(shelf: &Shelf, story: &Story, phase: u8, now: Instant) -> Evaluation {
    gates::evaluate(&story.run, phase, &world(shelf, story, phase, now), now)
}

/// Gives the entry about a gate whose state or conditions are other than the recorded ones.
fn news(run: &Run, found: Evaluation) -> Option<Entry> {
    let recorded = run.gate(found.phase).and_then(|record| record.evaluated.as_ref());
    let holds = |conditions: &[Condition]| -> Vec<(String, bool)> {
        conditions.iter().map(|condition| (condition.name.clone(), condition.holds)).collect()
    };
    let is_known = recorded
        .is_some_and(|(_, state, conditions)| *state == found.state && holds(conditions) == holds(&found.conditions));
    let Evaluation { phase, state, conditions, .. } = found;
    (!is_known).then(|| GateEvaluated { phase, state, conditions }.into())
}

/// Brings together what a gate has to know: samples since the phase began, the exposure, and other runs.
fn world(shelf: &Shelf, story: &Story, phase: u8, now: Instant) -> World {
    let (run, binding) = (&story.run, story.run.binding());
    let others: Vec<&Run> = shelf.runs.values().filter(|other| other.id != story.id).map(|other| &other.run).collect();
    let exposed = story.samples(&MetricId::new("metric.rollout_exposure_pct")).last();
    World {
        soak: soak(story, phase, now),
        exposure_pct: exposed.and_then(|sample| sample.value.clone()),
        passed_on_staging: Some(gates::passed_on_staging(&run.template().id, &binding.release, &others, now)),
    }
}

/// Gives the samples of every limited metric of a phase: one is expected for each hour of the soak.
fn soak(story: &Story, number: u8, now: Instant) -> Vec<SoakWindow> {
    let run = &story.run;
    let (Some(phase), Some(since)) = (run.template().phase(number), run.phase_opened_at(number)) else {
        return Vec::new();
    };
    let rows = run.template().rows.iter().filter(|row| row.kind == Kind::Metric && row.phase == Some(number));
    rows.filter_map(|row| {
        let (Some(Proof::Metric(metric)), Some(limit)) = (&row.proof, &row.limit) else { return None };
        let values: Vec<_> = story
            .samples(metric)
            .iter()
            .filter(|sample| sample.at >= since && sample.at <= now)
            .filter_map(|sample| Some((hours(sample.at, since), sample.value.clone()?)))
            .collect();
        let mut seen: Vec<i64> = values.iter().map(|(hour, _)| *hour).collect();
        seen.dedup();
        let lowest = values.iter().map(|(_, value)| value).min();
        let highest = values.iter().map(|(_, value)| value).max();
        let worst = if limit.allows_more() { lowest } else { highest };
        Some(SoakWindow {
            metric: metric.clone(),
            expected: u64::from(phase.soak_hours),
            seen: (seen.len() as u64).min(u64::from(phase.soak_hours)),
            // A value below its least number of cases is not among the samples: a metric without enough has none.
            cases: 0,
            cases_min: 0,
            worst: worst.cloned(),
        })
    })
    .collect()
}

fn hours(at: Instant, since: Instant) -> i64 {
    at.signed_duration_since(since).num_hours()
}
