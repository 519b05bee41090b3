//! Phases as the records make them: which began when, which gate was opened, and who overrode one.
//!
//! Separate because a phase begins with the gate before it, and its soak again with the end of a rollback. Deliberately
//! absent: the conditions of a gate (`gates`).

use super::super::entry::Act;
use super::super::gates::GateState;
use super::acts::{is_another, reason, signed_decision};
use super::{Refusal, Run, WAIVER_REASON_CHARS_MIN, person};
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
            record.opened_at = Some(act.at);
            self.share_passed(phase, act.at);
        }
        Ok(())
    }

    pub(super) fn overridden(&mut self, act: &Act, phase: u8, text: &str) -> Result<(), Refusal> {
        reason(text, WAIVER_REASON_CHARS_MIN)?;
        let decision = signed_decision(act, text)?;
        let record = self.gates.entry(phase).or_default();
        if !is_another(&record.overrides, &decision.by) {
            return Err(Refusal::new(Code::SignoffSamePerson, "Two different people override a gate."));
        }
        record.overrides.push(decision);
        Ok(())
    }
}
