//! Phases as the records make them: which began when, which gate was opened, and who overrode one.
//!
//! Separate because a phase begins with the gate before it, and its soak again with the end of a rollback. Deliberately
//! absent: the conditions of a gate (`gates`).

use super::super::entry::{Act, GateOverridden};
use super::super::gates::{GateState, failing};
use super::acts::{is_another, reason, signed_decision};
use super::{Decision, Refusal, Run, WAIVER_REASON_CHARS_MIN, person};
use crate::Instant;
use crate::failure::Code;

impl Run {
    /// Gives the phase that is being worked on: the first whose gate is not open yet; `None` when all are, or there is none.
    #[must_use]
    pub fn phase(&self) -> Option<u8> {
        self.template.phases.iter().map(|phase| phase.number).find(|number| !self.is_open(*number))
    }

    /// Says whether the gate behind a phase was opened.
    #[must_use]
    pub fn is_open(&self, phase: u8) -> bool {
        self.gates.get(&phase).is_some_and(|record| record.opened_at.is_some())
    }

    /// Gives the instant a phase began: when the gate before it opened.
    #[must_use]
    pub fn phase_opened_at(&self, phase: u8) -> Option<Instant> {
        match phase.checked_sub(1) {
            None => Some(self.binding.started_at),
            Some(before) => self.gates.get(&before).and_then(|record| record.opened_at),
        }
    }

    /// Gives the instant from which on a phase soaks: its beginning, or the end of a rollback since then.
    #[must_use]
    pub fn soaks_since(&self, phase: u8) -> Option<Instant> {
        let began = self.phase_opened_at(phase)?;
        Some(self.rolled_back_at.map_or(began, |ended| ended.max(began)))
    }

    /// Opens what follows a gate, if it was evaluated as open or overridden by two people.
    pub(super) fn gate_opened(&mut self, act: &Act, phase: u8) -> Result<(), Refusal> {
        person(act)?;
        if self.is_tripped() || self.procedures.values().any(|procedure| procedure.ended.is_none()) {
            return Err(Refusal::state("An indicator is tripped or a rollback under way: nothing is opened."));
        }
        let before = phase.checked_sub(1).is_none_or(|before| self.is_open(before));
        let record = self.gates.entry(phase).or_default();
        let open = record.evaluated.as_ref().is_some_and(|(_, state, _)| *state == GateState::Open);
        if !before || (!open && record.override_of_two().is_none()) {
            return Err(Refusal::state(
                "The gate holds: it was neither evaluated as open nor overridden by two people.",
            ));
        }
        if record.opened_at.is_none() {
            // An override that was not of everything had no part in it.
            let failing = failing(record.evaluated.as_ref().map_or(&[], |(.., conditions)| conditions.as_slice()));
            record.overrides = record.overrides_of(&failing).cloned().collect();
            record.opened_at = Some(act.at);
            record.opened_for = Some(self.binding.release.clone());
            self.share_passed(phase, act.at);
        }
        Ok(())
    }

    /// Takes in one half of an override; who overrode it already can only add conditions.
    pub(super) fn overridden(&mut self, act: &Act, body: &GateOverridden) -> Result<(), Refusal> {
        reason(&body.reason, WAIVER_REASON_CHARS_MIN)?;
        let decision = signed_decision(act, &body.reason)?;
        let record = self.gates.entry(body.phase).or_default();
        let others: Vec<Decision> = match &body.conditions {
            None => record.overrides.clone(),
            Some(failing) => {
                let stays = |word: &&Decision| {
                    word.by.id != decision.by.id || record.overrides_of(failing).any(|other| other.seq == word.seq)
                };
                record.overrides.iter().filter(stays).cloned().collect()
            }
        };
        if !is_another(&others, &decision.by) {
            return Err(Refusal::new(Code::SignoffSamePerson, "Two different people override a gate."));
        }
        if let Some(conditions) = &body.conditions {
            record.overridden.insert(act.seq, conditions.iter().cloned().collect());
        }
        record.overrides = others;
        record.overrides.push(decision);
        Ok(())
    }

    /// Gives the gate that is being worked on; `None` when all are open.
    #[must_use]
    pub fn present_gate(&self) -> Option<u8> {
        if self.template.phases.is_empty() { (!self.is_open(0)).then_some(0) } else { self.phase() }
    }

    /// Says whether a gate may be overridden now: the present one, of the conditions that fail.
    pub(super) fn may_override(&self, body: &GateOverridden) -> Result<(), Refusal> {
        if self.present_gate() != Some(body.phase) {
            return Err(Refusal::state("Only the gate of the present phase can be overridden."));
        }
        if self.is_tripped() {
            return Err(Refusal::state("A tripped indicator cannot be overridden; clear it first."));
        }
        match body.conditions.as_deref() {
            Some([]) => Err(Refusal::state("Nothing holds this gate.")),
            Some(_) => Ok(()),
            None => Err(Refusal::state("An override names the conditions it is of.")),
        }
    }
}
