//! Gates between phases: what holds each, overriding one by two people, opening the next phase.
//!
//! Looking at a gate writes nothing. Once a minute, and when somebody asks or opens the phase, what the run saw by itself
//! is written down, and a changed state with every condition: so the record says on what ground a phase was opened.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry, GateEvaluated, GateOpened, GateOverridden};
use countersign_domain::checklist::gates::{self, Condition, Evaluation, GateState, World};
use countersign_domain::checklist::run::{Refusal, Run};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{OperatorId, RunId};
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::stories::{self, Shelf, Story};
use super::{Said, act, first_hour, watch};
use crate::app::App;
use crate::failure::not_found;
use crate::figures::ground;
use crate::{clock, record};

/// What failed, where evaluating fails.
const WHAT: &str = "Could not evaluate the gate";

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
    /// How far that is; `null` before the phase began, and where it does not soak.
    pub soak: Option<SoakClock>,
    /// What it says now.
    pub state: GateState,
    /// Every condition.
    pub conditions: Vec<Condition>,
    /// For each condition, since when it is as it is; `null` where that is not on record.
    pub turned_at: Vec<Option<Instant>>,
    /// What holds it, one sentence each.
    pub held_by: Vec<String>,
    /// Whether two people overrode it.
    pub is_overridden: bool,
    /// Who signed that so far of everything that fails now, and why; the first two count.
    pub overrides: Vec<Said>,
    /// Since when the recorded state is what it is.
    pub since: Option<Instant>,
    /// When it was evaluated for the record.
    pub recorded_at: Option<Instant>,
    /// When the next phase was opened.
    pub opened_at: Option<Instant>,
}

/// How far the soak of a phase is.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SoakClock {
    /// When the phase began, or a rollback since then ended.
    pub since: Instant,
    /// When it will have soaked long enough.
    pub until: Instant,
    /// Samples the window should have by now.
    #[ts(type = "number")]
    pub expected: u64,
    /// Samples with a value of the line that has the fewest.
    #[ts(type = "number")]
    pub seen: u64,
    /// The longest stretch without samples, where there is one.
    pub gap: Option<Gap>,
}

/// A stretch without samples.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Gap {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub until: Instant,
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
/// **Shape**: what the run sees by itself is written down before, as the program does once a minute.
/// **Errors**: a run or phase that is not known; what the ledger refuses.
pub async fn evaluate(app: &App, request_id: Uuid, request: EvaluateGate) -> Result<Gates, Failure> {
    let EvaluateGate { run: id, phase } = request;
    let story = stories::story(app, &id).await?;
    exists(&story.run, phase)?;
    if story.run.ended().is_none() {
        look(app, &story, clock::now()).await?;
    }
    record(app, request_id, &id, phase).await?;
    view(app, GatesRequest { run: id }).await
}

/// Writes down what a run sees by itself: indicators that trip, and the next sample of its soak; says whether there was
/// anything.
///
/// **Errors**: a mirror that cannot be read; what the ledger refuses.
pub(crate) async fn look(app: &App, story: &Story, now: Instant) -> Result<bool, Failure> {
    let run = &story.run;
    let environment = record::environment(app, &run.binding().environment).await?;
    let ground = ground::load(app, &environment, "").await?;
    let mut seen = watch::trips(app, run, now).await?;
    if ground.is_read {
        seen.extend(watch::sample(app, run, ground.now, now).await?);
    }
    act::note(app, clock::name(), &story.id, WHAT, |_, _| seen).await
}

/// Writes down what a run sees in a minute of its first hour; says whether there was anything.
///
/// **Errors**: a run that is not known; what the ledger refuses.
pub(crate) async fn look_at_minute(app: &App, story: &Story, now: Instant) -> Result<bool, Failure> {
    match first_hour::sample(app, story, now).await {
        // What was seen is of its minute, and of no later one.
        Some(seen) => {
            let of = |story: &Story, at| {
                if story.run.minute_of(at) == story.run.minute_of(now) { vec![seen] } else { Vec::new() }
            };
            act::note(app, clock::name(), &story.id, WHAT, of).await
        }
        None => Ok(false),
    }
}

/// Writes down the state of a gate when it is another than the recorded one; says whether it was.
///
/// **Errors**: a run that is not known; what the ledger refuses.
pub(crate) async fn record(app: &App, request: Uuid, id: &RunId, phase: u8) -> Result<bool, Failure> {
    let shelf = stories::shelf(app).await?;
    let decide = |story: &Story, now| news(&story.run, evaluation(&shelf, story, phase, now)).into_iter().collect();
    act::note(app, request, id, WHAT, decide).await
}

/// Says in a word where the gate of a run stands, for lists.
///
/// **Shape**: a run that is over is not evaluated again; empty where its gate was never recorded.
pub(super) fn word(shelf: &Shelf, story: &Story, now: Instant) -> String {
    let run = &story.run;
    let Some(number) = run.present_gate() else { return "passed".to_owned() };
    let recorded = || run.gate(number)?.evaluated.as_ref().map(|(_, state, _)| *state);
    let is_over = run.ended().is_some();
    let state = if is_over { recorded() } else { Some(evaluation(shelf, story, number, now).state) };
    state.map_or_else(String::new, |state| state.as_ref().to_owned())
}

/// Says whether two people overrode any gate of a run.
pub(super) fn is_overridden(run: &Run) -> bool {
    numbers(run).into_iter().filter_map(|number| run.gate(number)).any(|gate| gate.override_of_two().is_some())
}

/// Opens the phase behind a gate, if nothing holds it or two people overrode it.
///
/// **Errors**: `STATE_CONFLICT` with what holds it; a run, phase or operator that is not known.
pub async fn open(app: &App, request_id: Uuid, request: OpenGate) -> Result<Gates, Failure> {
    let OpenGate { run: id, phase, operator } = request;
    let shelf = stories::shelf(app).await?;
    let story = stories::story(app, &id).await?;
    exists(&story.run, phase)?;
    if story.run.ended().is_none() {
        look(app, &story, clock::now()).await?;
    }
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

/// Overrides the conditions that fail now, signed with the person's key.
///
/// **Errors**: a short reason; the same person twice; a wrong passphrase; a run, phase or operator that is not known.
pub async fn override_gate(
    app: &App,
    request_id: Uuid,
    request: OverrideGate,
    passphrase: Secret,
) -> Result<Gates, Failure> {
    let OverrideGate { run: id, phase, operator, reason } = request;
    let shelf = stories::shelf(app).await?;
    exists(&stories::story(app, &id).await?.run, phase)?;
    let what = "Could not override the gate";
    let entry = |run: &Run, _: &_, now| {
        let found = gates::evaluate(run, phase, &world(&shelf, &id, run, now), now);
        Ok(GateOverridden { phase, reason, conditions: Some(gates::failing(&found.conditions)) }.into())
    };
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
    let run = &story.run;
    let (phase, record) = (run.template().phase(number), run.gate(number));
    let is_open = run.is_open(number);
    let found = passed(run, number).unwrap_or_else(|| evaluation(shelf, story, number, now));
    let failing = if is_open { Vec::new() } else { gates::failing(&found.conditions) };
    let overrides = record.into_iter().flat_map(|record| record.overrides_of(&failing));
    Gate {
        phase: number,
        name: name(run, number),
        exposure_pct: phase.and_then(|phase| phase.exposure_pct).map(|share| share.to_string()),
        soak_hours: phase.map_or(0, |phase| phase.soak_hours),
        soak: soak(run, number, now),
        state: found.state,
        held_by: if is_open { Vec::new() } else { found.held_by().into_iter().map(str::to_owned).collect() },
        is_overridden: found.is_overridden,
        turned_at: found.conditions.iter().map(|condition| record?.since(condition)).collect(),
        conditions: found.conditions,
        overrides: overrides.map(Said::from).collect(),
        since: record.and_then(|record| record.since),
        recorded_at: record.and_then(|record| record.evaluated.as_ref()).map(|(at, ..)| *at),
        opened_at: record.and_then(|record| record.opened_at),
    }
}

/// Gives the evaluation a gate was passed with: what has become of it since holds nobody, and is no part of it.
fn passed(run: &Run, phase: u8) -> Option<Evaluation> {
    let record = run.gate(phase).filter(|record| record.opened_at.is_some())?;
    let (.., conditions) = record.evaluated.as_ref()?;
    let is_overridden = conditions.iter().any(|condition| !condition.holds);
    Some(Evaluation { phase, state: GateState::Open, is_overridden, conditions: conditions.clone() })
}

fn evaluation(shelf: &Shelf, story: &Story, phase: u8, now: Instant) -> Evaluation {
    gates::evaluate(&story.run, phase, &world(shelf, &story.id, &story.run, now), now)
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
    (!is_known && !run.is_open(phase)).then(|| GateEvaluated { phase, state, conditions }.into())
}

/// Brings together what a gate has to know of the world: other runs.
fn world(shelf: &Shelf, id: &RunId, run: &Run, now: Instant) -> World {
    let binding = run.binding();
    let others: Vec<&Run> = shelf.runs.values().filter(|other| other.id != *id).map(|other| &other.run).collect();
    // What came to staging after production proves nothing about it.
    let before = run.release_deployed_at().unwrap_or(now);
    World { passed_on_staging: Some(gates::passed_on_staging(&run.template().id, &binding.release, &others, before)) }
}

/// Tells how far the soak of a phase is, by the line that has the fewest samples.
fn soak(run: &Run, number: u8, now: Instant) -> Option<SoakClock> {
    let since = run.soaks_since(number)?;
    let hours = run.template().phase(number).map(|phase| phase.soak_hours).filter(|hours| *hours > 0)?;
    let windows = run.soak_lines(number).filter_map(|(row, ..)| run.soak_window(number, &row.id, now));
    let fewest = windows.min_by_key(|window| window.seen);
    Some(SoakClock {
        since,
        until: since + chrono::TimeDelta::hours(hours.into()),
        expected: fewest.as_ref().map_or(0, |window| window.expected),
        seen: fewest.as_ref().map_or(0, |window| window.seen),
        gap: fewest.and_then(|window| window.gap).map(|(from, until)| Gap { from, until }),
    })
}
