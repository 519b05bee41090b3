//! Gates between phases: every condition, its value and its limit, and the state they add up to.
//!
//! Separate because a gate looks at the run and at measurements of the world, which come in as arguments. Inconclusive
//! holds; nothing here opens anything outside. Deliberately absent: taking samples.

use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::contacts;
use super::row::{Kind, Proof};
use super::run::{Run, State};
use super::sign::{Scope, SlotState};
use super::template::Phase;
use crate::Instant;
use crate::ids::{MetricId, TemplateId};
use crate::rate::decimals;
use crate::workspace::Class;

/// Least share of the expected samples a soak needs. **Units**: per cent.
pub const COVERAGE_PCT_MIN: u64 = 95;
/// Items a condition names; more are counted.
const NAMED_MAX: usize = 5;

/// What a gate says.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::Display,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GateState {
    /// Every condition holds.
    Open,
    /// A condition does not hold, or cannot be decided.
    Hold,
    /// A trigger is tripped.
    RollbackAdvised,
}

/// One condition of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its stable word: `items`, `metrics`, `soak`, `triggers`, `unknown`, `exposure`, `contacts`, `staging`, `signed`.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// The value, the limit and what is missing, in a sentence.
    pub sentence: String,
}

/// A metric over the soak of a phase, as it was sampled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoakWindow {
    /// Which.
    pub metric: MetricId,
    /// Samples there should be.
    pub expected: u64,
    /// Samples there are.
    pub seen: u64,
    /// Cases behind the figure: attempts, requests, events.
    pub cases: u64,
    /// Cases it needs to say anything.
    pub cases_min: u64,
    /// The sample furthest out, in the unit of the line's limit.
    pub worst: Option<BigRational>,
}

/// What a gate needs to know of the world.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Metrics over the soak, each with all its samples since the phase began.
    pub soak: Vec<SoakWindow>,
    /// The measured share of users. **Units**: per cent.
    pub exposure_pct: Option<BigRational>,
    /// Whether a staging run of the same template and release got to its deployment; `None` when nobody looked.
    pub passed_on_staging: Option<bool>,
}

/// A gate's state with everything it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The phase the gate ends.
    pub phase: u8,
    /// Its state.
    pub state: GateState,
    /// Whether it is only open because two people overrode it.
    pub is_overridden: bool,
    /// Every condition.
    pub conditions: Vec<Condition>,
}

impl Evaluation {
    /// Lists the sentences of what holds the gate.
    #[must_use]
    pub fn held_by(&self) -> Vec<&str> {
        self.conditions
            .iter()
            .filter(|condition| !condition.holds)
            .map(|condition| condition.sentence.as_str())
            .collect()
    }
}

/// Says whether a measured share is what a phase is meant for.
#[must_use]
pub fn is_within(phase: &Phase, measured_pct: &BigRational) -> bool {
    let exact = |value: rust_decimal::Decimal| {
        BigRational::new(value.mantissa().into(), num_bigint::BigInt::from(10).pow(value.scale()))
    };
    let Some(meant) = phase.exposure_pct.map(exact) else { return true };
    let tolerance = phase.tolerance_points.map(exact).unwrap_or_default();
    *measured_pct >= &meant - &tolerance && *measured_pct <= &meant + &tolerance
}

/// Says whether one of these runs proved a release on staging: same template, same release, deployed.
#[must_use]
pub fn passed_on_staging(template: &TemplateId, release: &str, runs: &[&Run], before: Instant) -> bool {
    runs.iter().any(|run| {
        let binding = run.binding();
        let reached = run.deployed_at().is_some_and(|at| at < before);
        binding.class == Class::Staging && run.template().id == *template && binding.release == release && reached
    })
}

/// Evaluates the gate that ends a phase; in a template without phases, the one gate at the end of the run.
#[must_use]
pub fn evaluate(run: &Run, number: u8, world: &World, now: Instant) -> Evaluation {
    let phase = run.template().phase(number);
    let is_last = run.template().phases.iter().all(|phase| phase.number <= number);
    let mut conditions = vec![triggers(run, now), items(run, phase, is_last, now), unknown(run, phase, is_last, now)];
    if number == 0 {
        conditions.push(contacts_complete(run, now));
        conditions.extend(staging(run, world));
    }
    if let Some(phase) = phase {
        if phase.soak_hours > 0 {
            conditions.push(soak(run, phase, now));
            conditions.extend(metrics(run, phase, world));
        }
        if phase.exposure_pct.is_some() {
            conditions.push(exposure(phase, world));
        }
    }
    conditions.extend(signed(run, number, is_last));
    conditions.extend(rolled_back(run));
    let fails = |name: &str| conditions.iter().any(|condition| condition.name == name && !condition.holds);
    let (tripped, is_frozen) = (fails("triggers"), fails("rollback"));
    let held = conditions.iter().any(|condition| !condition.holds);
    let is_overridden = held && run.gate(number).is_some_and(|record| record.override_of_two().is_some());
    // Two people may answer for what is open, not for going on while others are going back.
    let state = match (tripped, is_frozen || held && !is_overridden) {
        (true, _) => GateState::RollbackAdvised,
        (false, true) => GateState::Hold,
        (false, false) => GateState::Open,
    };
    Evaluation { phase: number, state, is_overridden, conditions }
}

fn condition(name: &str, holds: bool, sentence: String) -> Condition {
    Condition { name: name.to_owned(), holds, sentence }
}

/// Names some and counts the rest.
fn named(labels: &[&str]) -> String {
    let shown = labels.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join("; ");
    match labels.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

fn triggers(run: &Run, now: Instant) -> Condition {
    let tripped =
        |row: &&super::row::Row| run.standing(&row.id, now).is_some_and(|standing| standing.state == State::Tripped);
    let labels: Vec<&str> = run.template().rows.iter().filter(tripped).map(|row| row.label.as_str()).collect();
    match labels.as_slice() {
        [] => condition("triggers", true, "No rollback trigger is tripped.".to_owned()),
        labels => condition("triggers", false, format!("Tripped: {}.", named(labels))),
    }
}

/// Says that a rollback is under way, which freezes every phase until it is ended.
fn rolled_back(run: &Run) -> Option<Condition> {
    let under_way = run.procedures().iter().find(|(_, procedure)| procedure.ended.is_none());
    let name = under_way?.0.last().map_or("A rollback", String::as_str);
    Some(condition("rollback", false, format!("{name} is under way.")))
}

/// Lists label and state of the lines a gate asks for: those of its phase, at the last gate also those of no phase.
fn asked<'a>(run: &'a Run, phase: Option<&Phase>, is_last: bool, now: Instant) -> Vec<(&'a str, State)> {
    let belongs = |row: &&super::row::Row| match (row.phase, phase) {
        (Some(number), Some(phase)) => number == phase.number,
        (None, _) => is_last,
        (Some(_), None) => true,
    };
    let rows = run.template().rows.iter().filter(|row| run.counts(row)).filter(belongs);
    rows.filter_map(|row| Some((row.label.as_str(), run.standing(&row.id, now)?.state))).collect()
}

fn items(run: &Run, phase: Option<&Phase>, is_last: bool, now: Instant) -> Condition {
    let asked = asked(run, phase, is_last, now);
    let open: Vec<&str> = asked.iter().filter(|(_, state)| !state.is_complete()).map(|(label, _)| *label).collect();
    let sentence = format!("{} of {} lines are complete", asked.len() - open.len(), asked.len());
    match open.as_slice() {
        [] => condition("items", true, format!("{sentence}.")),
        open => condition("items", false, format!("{sentence}; open: {}.", named(open))),
    }
}

fn unknown(run: &Run, phase: Option<&Phase>, is_last: bool, now: Instant) -> Condition {
    let asked = asked(run, phase, is_last, now);
    let undecided = |state: &State| matches!(state, State::Unknown(_) | State::Stale);
    let labels: Vec<&str> = asked.iter().filter(|(_, state)| undecided(state)).map(|(label, _)| *label).collect();
    match labels.as_slice() {
        [] => condition("unknown", true, "Nothing is unknown or stale.".to_owned()),
        labels => condition("unknown", false, format!("Unknown or stale: {}.", named(labels))),
    }
}

fn contacts_complete(run: &Run, now: Instant) -> Condition {
    let lacking = |row: &&super::row::Row| {
        let card = run.history(&row.id).and_then(|history| history.card.as_ref()).map(|(.., card)| card);
        let waived = run.standing(&row.id, now).is_some_and(|standing| standing.state.is_complete());
        row.kind == Kind::Contact && run.counts(row) && !waived && !contacts::missing(row, card, Some(now)).is_empty()
    };
    let labels: Vec<&str> = run.template().rows.iter().filter(lacking).map(|row| row.label.as_str()).collect();
    match labels.as_slice() {
        [] => condition("contacts", true, "All contact cards are complete.".to_owned()),
        labels => condition("contacts", false, format!("Contact cards to fill in: {}.", named(labels))),
    }
}

fn staging(run: &Run, world: &World) -> Option<Condition> {
    if run.binding().class != Class::Production {
        return None;
    }
    let release = &run.binding().release;
    Some(match world.passed_on_staging {
        Some(true) => condition("staging", true, format!("Release {release} passed on staging.")),
        Some(false) => {
            condition("staging", false, format!("Release {release} was not deployed by a staging run of this list."))
        }
        None => condition("staging", false, "Whether the release passed on staging is not known.".to_owned()),
    })
}

fn soak(run: &Run, phase: &Phase, now: Instant) -> Condition {
    let needed = i64::from(phase.soak_hours);
    match run.phase_opened_at(phase.number) {
        None => condition("soak", false, "The phase has not begun.".to_owned()),
        Some(since) => {
            let hours = now.signed_duration_since(since).num_hours();
            condition("soak", hours >= needed, format!("{hours} of {needed} hours of soak have passed."))
        }
    }
}

/// Judges every limited metric of the phase over the whole soak; what cannot be said holds.
fn metrics(run: &Run, phase: &Phase, world: &World) -> Vec<Condition> {
    let rows = run.template().rows.iter().filter(|row| row.kind == Kind::Metric && row.phase == Some(phase.number));
    rows.filter_map(|row| {
        let (Some(Proof::Metric(metric)), Some(limit)) = (&row.proof, &row.limit) else { return None };
        if metric.as_str() == "metric.rollout_exposure_pct" {
            return None;
        }
        let Some(window) = world.soak.iter().find(|window| window.metric == *metric) else {
            return Some(condition("metrics", false, format!("{}: no samples of the soak.", row.label)));
        };
        let covered = u128::from(window.seen) * 100 >= u128::from(window.expected) * u128::from(COVERAGE_PCT_MIN);
        let (holds, found) = match &window.worst {
            _ if window.expected == 0 || !covered => {
                (false, format!("{} of {} samples, and {COVERAGE_PCT_MIN} % are needed", window.seen, window.expected))
            }
            _ if window.cases < window.cases_min => {
                (false, format!("insufficient data ({} of {})", window.cases, window.cases_min))
            }
            None => (false, "no value".to_owned()),
            Some(worst) => (limit.allows(worst), format!("at worst {}, limit {limit}", decimals(worst, 2))),
        };
        Some(condition("metrics", holds, format!("{}: {found}.", row.label)))
    })
    .collect()
}

fn exposure(phase: &Phase, world: &World) -> Condition {
    let meant = phase.exposure_pct.unwrap_or_default();
    let tolerance = phase.tolerance_points.unwrap_or_default();
    match &world.exposure_pct {
        None => condition("exposure", false, "The share of exposed users was not measured.".to_owned()),
        Some(share) => {
            let text = format!("{} % of the users, meant are {meant} within {tolerance} points.", decimals(share, 2));
            condition("exposure", is_within(phase, share), text)
        }
    }
}

/// Asks for the signatures of the phase; at the last gate also for those of the whole run.
fn signed(run: &Run, number: u8, is_last: bool) -> Option<Condition> {
    let asked = |scope: Scope| scope == Scope::Phase(number) || (is_last && scope == Scope::Run);
    let slots: Vec<_> = run.slots().into_iter().filter(|slot| asked(slot.line.scope)).collect();
    let open: Vec<&str> =
        slots.iter().filter(|slot| slot.state != SlotState::Signed).map(|slot| slot.line.label.as_str()).collect();
    match (slots.len(), open.as_slice()) {
        (0, _) => None,
        (count, []) => Some(condition("signed", true, format!("All {count} have signed."))),
        (count, open) => Some(condition(
            "signed",
            false,
            format!("{} of {count} have signed; missing: {}.", count - open.len(), named(open)),
        )),
    }
}

#[cfg(test)]
mod tests;
