//! Gates between phases: every condition, its value and its limit, and the state they add up to.
//!
//! Separate because a gate looks at the run and at measurements of the world, which come in as arguments. Inconclusive
//! holds; nothing here opens anything outside. Deliberately absent: the samples of a soak (`run`).

use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::catalogue;
use super::contacts;
use super::limit::Limit;
use super::row::{Kind, Proof, Row, Strength};
use super::run::{Run, SoakWindow, State, is_rollback_step};
use super::sign::{Scope, SlotState};
use super::template::Phase;
use crate::Instant;
use crate::ids::{ItemId, TemplateId};
use crate::metrics::registry::EXPOSURE;
use crate::rate::decimals;
use crate::workspace::Class;

/// Least share of the expected samples a soak needs. **Units**: per cent.
pub const COVERAGE_PCT_MIN: u64 = 95;
/// Items a condition names; more are counted.
const NAMED_MAX: usize = 5;
/// Items a condition leads to; its sentence counts them all.
const ITEMS_MAX: usize = 100;

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

/// One condition of a gate. Frozen: evaluations are recorded with it; a field may be added with a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its stable word: `items`, `metrics`, `soak`, `triggers`, `unknown`, `exposure`, `contacts`, `staging`, `signed`,
    /// `rollback`.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// The value, the limit and what is missing, in a sentence.
    pub sentence: String,
    /// The lines it is about, those first that the sentence names; at most 100.
    #[serde(default)]
    #[ts(type = "string[]")]
    pub items: Vec<ItemId>,
    /// What was measured, where something was.
    #[serde(default)]
    pub found: Option<String>,
    /// What it has to keep to, where that is a number.
    #[serde(default)]
    pub limit: Option<String>,
}

impl Condition {
    /// Gives what an override calls it: its name, and for one of several metrics its line.
    #[must_use]
    pub fn key(&self) -> String {
        match self.items.first().filter(|_| self.name == "metrics") {
            Some(item) => format!("{}:{item}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Lists the keys of the conditions that fail.
#[must_use]
pub fn failing(conditions: &[Condition]) -> Vec<String> {
    conditions.iter().filter(|condition| !condition.holds).map(Condition::key).collect()
}

/// What a gate needs to know of the world.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Whether a staging run of the same template and release was deployed and stands, or why none does; `None` when
    /// nobody looked.
    pub passed_on_staging: Option<Result<(), String>>,
}

/// A gate's state with everything it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The phase the gate ends.
    pub phase: u8,
    /// Its state.
    pub state: GateState,
    /// Whether it is only open because two people overrode what fails.
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

/// Says whether one of these runs deployed a release to staging: same template, same release, before an instant.
///
/// **Errors**: that none did, in a sentence.
pub fn deployed_on_staging(template: &TemplateId, release: &str, runs: &[&Run], before: Instant) -> Result<(), String> {
    let is_there = on_staging(template, release, runs, before).next().is_some();
    is_there.then_some(()).ok_or_else(|| not_on_staging(template, release, runs))
}

/// Says whether one of these runs proved a release on staging: deployed there, not given up, with no failed line and no
/// tripped indicator, now or when it ended, and with every check that belongs after a deployment made and passed.
///
/// **Errors**: why the one that came nearest does not count, in a sentence.
pub fn passed_on_staging(template: &TemplateId, release: &str, runs: &[&Run], before: Instant) -> Result<(), String> {
    let mut against = not_on_staging(template, release, runs);
    for run in on_staging(template, release, runs, before) {
        let Some(sentence) = speaks_against(run, release, before) else { return Ok(()) };
        against = sentence;
    }
    Err(against)
}

fn not_on_staging(template: &TemplateId, release: &str, runs: &[&Run]) -> String {
    let is_there = on_staging(template, release, runs, Instant::MAX_UTC).next().is_some();
    match is_there {
        true => format!("Release {release} came to staging only after it was deployed here."),
        false => format!("Release {release} was not deployed by a staging run of this list."),
    }
}

fn on_staging<'a>(
    template: &'a TemplateId,
    release: &'a str,
    runs: &'a [&'a Run],
    before: Instant,
) -> impl Iterator<Item = &'a Run> {
    runs.iter().copied().filter(move |run| {
        let binding = run.binding();
        let deployed = run.release_deployed_at().is_some_and(|at| at < before);
        binding.class == Class::Staging && run.template().id == *template && binding.release == release && deployed
    })
}

/// Says why a staging run that was deployed proves nothing.
fn speaks_against(run: &Run, release: &str, now: Instant) -> Option<String> {
    if run.is_abandoned() {
        return Some(format!("The staging run of release {release} was given up."));
    }
    let at = run.ended().map_or(now, |end| end.at);
    let stands = |row: &Row| run.standing(&row.id, at).map(|standing| standing.state);
    let is = |wanted: State| move |row: &&Row| stands(row) == Some(wanted);
    let lines = run.template().rows.iter().filter(is(State::Failed));
    let rows: Vec<&Row> = lines.chain(run.indicators().filter(is(State::Tripped))).collect();
    if !rows.is_empty() {
        return Some(format!("On staging, release {release} has failed lines: {}.", named(&rows)));
    }
    let rows: Vec<&Row> = run.template().rows.iter().filter(|row| is_unproven(run, row, at)).collect();
    let sentence =
        || format!("After the deployment of release {release} to staging, not every check passed: {}.", named(&rows));
    (!rows.is_empty()).then(sentence)
}

/// Says whether a line that belongs after the deployment was not proved since then by what decides it.
///
/// **Shape**: judged when somebody last worked on it, so that a proof does not grow old before production comes.
fn is_unproven(run: &Run, row: &Row, until: Instant) -> bool {
    let is_by_person =
        matches!(row.strength, Some(Strength::Assist | Strength::Human)) || row.proof.is_none() && !row.is_unmeasured();
    let is_checked = run.counts(row) && !is_by_person && row.is_after_deployment() && !row.is_rolled_up();
    let (Some(history), Some(deployed)) = (run.history(&row.id).filter(|_| is_checked), run.release_deployed_at())
    else {
        return false;
    };
    let checked = history.answer.as_ref().map(|answer| answer.at).filter(|at| *at >= deployed);
    let confirmed = history.confirmed.as_ref().map(|word| word.at).filter(|_| checked.is_some());
    let aside =
        [history.waived.as_ref().map(|waiver| waiver.decision.at), history.dismissed.as_ref().map(|word| word.at)];
    let worked = checked.into_iter().chain(confirmed).chain(aside.into_iter().flatten()).max();
    let state = worked.and_then(|at| run.standing(&row.id, at.min(until))).map(|standing| standing.state);
    !state.is_some_and(|state| state.is_complete())
}

/// Evaluates the gate that ends a phase; in a template without phases, the one gate at the end of the run.
#[must_use]
pub fn evaluate(run: &Run, number: u8, world: &World, now: Instant) -> Evaluation {
    let phase = run.template().phase(number);
    let is_last = run.template().phases.iter().all(|phase| phase.number <= number);
    let asked = asked(run, phase, is_last, now);
    let mut conditions = vec![triggers(run, now), items(&asked), unknown(&asked)];
    if number == 0 {
        conditions.push(contacts_complete(run, now));
    }
    conditions.extend(staging(run, number, world));
    if let Some(phase) = phase {
        if phase.soak_hours > 0 {
            conditions.push(soak(run, phase, now));
            conditions.extend(metrics(run, phase, now));
        }
        if phase.exposure_pct.is_some() {
            conditions.push(exposure(run, phase, now));
        }
    }
    conditions.extend(signed(run, number, is_last));
    conditions.extend(rolled_back(run));
    let fails = |name: &str| conditions.iter().any(|condition| condition.name == name && !condition.holds);
    let (tripped, is_frozen) = (fails("triggers"), fails("rollback"));
    let failing = failing(&conditions);
    let held = !failing.is_empty();
    let is_overridden = held && run.gate(number).is_some_and(|record| record.overrides_of(&failing).count() >= 2);
    // Two people may answer for what is open, not for going on while others are going back.
    let state = match (tripped, is_frozen || held && !is_overridden) {
        (true, _) => GateState::RollbackAdvised,
        (false, true) => GateState::Hold,
        (false, false) => GateState::Open,
    };
    Evaluation { phase: number, state, is_overridden, conditions }
}

fn condition(name: &str, holds: bool, sentence: String) -> Condition {
    Condition { name: name.to_owned(), holds, sentence, items: Vec::new(), found: None, limit: None }
}

impl Condition {
    fn about<'a>(self, rows: impl IntoIterator<Item = &'a Row>) -> Self {
        Self { items: rows.into_iter().take(ITEMS_MAX).map(|row| row.id.clone()).collect(), ..self }
    }

    fn measured(self, found: Option<String>, limit: String) -> Self {
        Self { found, limit: Some(limit), ..self }
    }
}

/// Names some lines and counts the rest.
fn named(rows: &[&Row]) -> String {
    listed(&rows.iter().map(|row| row.label.trim_end_matches(':')).collect::<Vec<_>>())
}

fn listed(labels: &[&str]) -> String {
    let shown = labels.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join("; ");
    match labels.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

/// Makes a condition that holds where nothing is in its way, and names what is.
fn unless(name: &str, rows: &[&Row], fine: &str, otherwise: &str) -> Condition {
    match rows {
        [] => condition(name, true, fine.to_owned()),
        rows => condition(name, false, format!("{otherwise}: {}.", named(rows))).about(rows.iter().copied()),
    }
}

fn triggers(run: &Run, now: Instant) -> Condition {
    let tripped = |row: &&Row| run.standing(&row.id, now).is_some_and(|standing| standing.state == State::Tripped);
    let rows: Vec<&Row> = run.indicators().filter(tripped).collect();
    unless("triggers", &rows, "No rollback trigger is tripped.", "Tripped")
}

/// Says that a rollback is under way, which freezes every phase until it is ended.
fn rolled_back(run: &Run) -> Option<Condition> {
    let under_way = run.procedures().iter().find(|(_, procedure)| procedure.ended.is_none());
    let section = under_way?.0;
    let name = section.last().map_or("A rollback", String::as_str);
    let steps = run.template().rows.iter().filter(|row| is_rollback_step(row) && row.section == *section);
    Some(condition("rollback", false, format!("{name} is under way.")).about(steps))
}

/// Lists the lines a gate asks for with their states: those of its phase, at the last gate also those of no phase.
fn asked<'a>(run: &'a Run, phase: Option<&Phase>, is_last: bool, now: Instant) -> Vec<(&'a Row, State)> {
    let belongs = |row: &&Row| match (row.phase, phase) {
        (Some(number), Some(phase)) => number == phase.number,
        (None, _) => is_last,
        (Some(_), None) => true,
    };
    let rows = run.template().rows.iter().filter(|row| run.counts(row)).filter(belongs);
    rows.filter_map(|row| Some((row, run.standing(&row.id, now)?.state))).collect()
}

fn items(asked: &[(&Row, State)]) -> Condition {
    let open: Vec<&Row> = asked.iter().filter(|(_, state)| !state.is_complete()).map(|(row, _)| *row).collect();
    let sentence = format!("{} of {} lines are complete", asked.len() - open.len(), asked.len());
    unless("items", &open, &format!("{sentence}."), &format!("{sentence}; open"))
}

fn unknown(asked: &[(&Row, State)]) -> Condition {
    let undecided = |state: &State| matches!(state, State::Unknown(_) | State::Stale);
    let rows: Vec<&Row> = asked.iter().filter(|(_, state)| undecided(state)).map(|(row, _)| *row).collect();
    unless("unknown", &rows, "Nothing is unknown or stale.", "Unknown or stale")
}

fn contacts_complete(run: &Run, now: Instant) -> Condition {
    let lacking = |row: &&Row| {
        let card = run.history(&row.id).and_then(|history| history.card.as_ref()).map(|(.., card)| card);
        let waived = run.standing(&row.id, now).is_some_and(|standing| standing.state.is_complete());
        row.kind == Kind::Contact && run.counts(row) && !waived && !contacts::missing(row, card, Some(now)).is_empty()
    };
    let rows: Vec<&Row> = run.template().rows.iter().filter(lacking).collect();
    unless("contacts", &rows, "All contact cards are complete.", "Contact cards to fill in")
}

/// Asks whether the release passed on staging: before the deployment, and again where another release came after.
fn staging(run: &Run, number: u8, world: &World) -> Option<Condition> {
    let release = &run.binding().release;
    let asked_for = |number: u8| run.gate(number).and_then(|record| record.opened_for.as_ref());
    let is_asked = (0..number).rev().find_map(asked_for).is_some_and(|asked| asked == release);
    if run.binding().class != Class::Production || is_asked {
        return None;
    }
    Some(match &world.passed_on_staging {
        Some(Ok(())) => condition("staging", true, format!("Release {release} passed on staging.")),
        Some(Err(against)) => condition("staging", false, against.clone()),
        None => condition("staging", false, "Whether the release passed on staging is not known.".to_owned()),
    })
}

fn soak(run: &Run, phase: &Phase, now: Instant) -> Condition {
    let needed = i64::from(phase.soak_hours);
    match run.soaks_since(phase.number) {
        None => condition("soak", false, "The phase has not begun.".to_owned()),
        Some(since) => {
            let hours = now.signed_duration_since(since).num_hours();
            let anew = run.phase_opened_at(phase.number) != Some(since);
            let after = if anew { format!(" since a rollback ended at {}", minute(since)) } else { String::new() };
            let text = format!("{hours} of {needed} hours of soak have passed{after}.");
            condition("soak", hours >= needed, text).measured(Some(format!("{hours} h")), format!(">= {needed} h"))
        }
    }
}

/// Judges every limited line of the phase over its soak; what cannot be said holds.
fn metrics(run: &Run, phase: &Phase, now: Instant) -> Vec<Condition> {
    let judged = run.soak_lines(phase.number).map(|(row, _, limit)| {
        let standing = run.standing(&row.id, now).filter(|standing| standing.state.is_complete());
        let aside = standing.filter(|standing| matches!(standing.state, State::Waived | State::NotApplicable));
        let window = run.soak_window(phase.number, &row.id, now);
        let worst = window.as_ref().and_then(|window| window.worst(limit)).map(|worst| decimals(worst, 2));
        let (holds, found) = match (aside, &window) {
            (Some(aside), _) => (true, aside.because),
            (None, Some(window)) => soaked(window, limit),
            (None, None) => (false, "the phase has not begun.".to_owned()),
        };
        let limit = limit.to_string();
        condition("metrics", holds, format!("{}: {found}", row.label)).about([row]).measured(worst, limit)
    });
    judged.collect()
}

/// Judges what was sampled of one line, and says on what ground.
fn soaked(window: &SoakWindow, limit: &Limit) -> (bool, String) {
    let SoakWindow { expected, seen, thin, .. } = window;
    let is_covered = u128::from(*seen) * 100 >= u128::from(*expected) * u128::from(COVERAGE_PCT_MIN);
    if *expected == 0 || !is_covered {
        let mut text = format!("{seen} of {expected} samples have a value, and {COVERAGE_PCT_MIN} % are needed.");
        if *thin > 0 {
            text += &format!(" {thin} have insufficient data.");
        }
        if let Some((from, until)) = window.gap {
            text += &format!(" None from {} to {}.", minute(from), minute(until));
        }
        if let Some(newest) = window.newest.as_ref().filter(|_| *thin > 0 || *seen == 0) {
            text += &format!(" The newest: {newest}");
        }
        return (false, text);
    }
    match window.worst(limit) {
        None => (false, "no value.".to_owned()),
        Some(worst) => {
            let text = format!("at worst {} in {seen} of {expected} samples, limit {limit}.", decimals(worst, 2));
            (limit.allows(worst), text)
        }
    }
}

fn minute(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Compares the share of users with what the phase is meant for; a share that is too old says nothing.
fn exposure(run: &Run, phase: &Phase, now: Instant) -> Condition {
    let meant = phase.exposure_pct.unwrap_or_default();
    let tolerance = phase.tolerance_points.unwrap_or_default();
    let hours = catalogue::find(EXPOSURE).map_or(1, |check| check.fresh_hours);
    let is_old = |at: Instant| now.signed_duration_since(at) > chrono::TimeDelta::hours(hours.into());
    let share = run.share().and_then(|seen| seen.pct.as_ref());
    let (holds, text) = match (run.share(), share) {
        (None, _) => {
            let text = "The share of exposed users was not measured. Who counts is set under Settings, Workspace.";
            (false, text.to_owned())
        }
        (Some(seen), None) => (false, seen.shown.clone()),
        (Some(seen), Some(_)) if is_old(seen.at) => {
            let text = format!("{}; that was at {}. Read the billing database anew.", seen.shown, minute(seen.at));
            (false, text)
        }
        (Some(seen), Some(share)) => {
            (is_within(phase, share), format!("{}; meant are {meant} within {tolerance} points.", seen.shown))
        }
    };
    let is_about = |row: &&Row| row.phase == Some(phase.number) && row.proof.as_ref().is_some_and(Proof::is_exposure);
    let found = share.map(|share| format!("{} %", decimals(share, 2)));
    condition("exposure", holds, text)
        .about(run.template().rows.iter().filter(is_about))
        .measured(found, format!("{meant} \u{b1} {tolerance} %"))
}

/// Asks for the signatures of the phase; at the last gate also for those of the whole run.
fn signed(run: &Run, number: u8, is_last: bool) -> Option<Condition> {
    let asked = |scope: Scope| scope == Scope::Phase(number) || (is_last && scope == Scope::Run);
    let slots: Vec<_> = run.known_slots().iter().filter(|slot| asked(slot.line.scope)).collect();
    let open: Vec<_> = slots.iter().filter(|slot| slot.state != SlotState::Signed).map(|slot| &slot.line).collect();
    let void = slots.iter().filter(|slot| slot.state == SlotState::Void);
    let void: String = void.map(|slot| format!(" {}: {}", slot.line.label, slot.sentence)).collect();
    let (all, given) = (slots.len(), slots.len() - open.len());
    let text = match open.as_slice() {
        _ if all == 0 => return None,
        [] => format!("All {all} have signed."),
        open => {
            let labels: Vec<&str> = open.iter().map(|line| line.label.as_str()).collect();
            format!("{given} of {all} have signed; missing: {}.{void}", listed(&labels))
        }
    };
    let items = open.iter().filter_map(|line| line.item.clone()).collect();
    Some(Condition { items, ..condition("signed", open.is_empty(), text) })
}

#[cfg(test)]
mod tests;
