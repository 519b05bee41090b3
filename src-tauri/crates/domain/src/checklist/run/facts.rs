//! What a run is, read off: its template, what it is bound to, its course, and who owns what.
//!
//! Separate from folding so that each stays short. Deliberately absent: whatever depends on the clock (`state`, `progress`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Answer, Binding, Decision, GateRecord, History, Procedure, Refused, RequestRecord, Run, SignatureRecord};
use crate::Instant;
use crate::checklist::entry::RunExported;
use crate::checklist::row::Row;
use crate::checklist::template::Template;
use crate::ids::{ItemId, OperatorId};

impl Run {
    /// Gives the template the run goes by.
    #[must_use]
    pub fn template(&self) -> &Arc<Template> {
        &self.template
    }

    /// Gives what the run is bound to.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// Gives the window in which the deployment may happen.
    #[must_use]
    pub fn window(&self) -> Option<(Instant, Instant)> {
        self.window
    }

    /// Gives the instant of the deployment.
    #[must_use]
    pub fn deployed_at(&self) -> Option<Instant> {
        self.deployed_at
    }

    /// Says whether the dated lines keep to working days.
    #[must_use]
    pub fn keeps_working_days(&self) -> bool {
        self.business_days
    }

    /// Gives who ended the run, and how it went.
    #[must_use]
    pub fn ended(&self) -> Option<&Decision> {
        self.ended.as_ref()
    }

    /// Says whether the run was given up.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.is_abandoned
    }

    /// Gives the signatures that were given, valid for the present state or not, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureRecord] {
        &self.signatures
    }

    /// Gives the signatures that were asked for on other computers, in their order.
    #[must_use]
    pub fn requests(&self) -> &[RequestRecord] {
        &self.requests
    }

    /// Gives the record of a gate.
    #[must_use]
    pub fn gate(&self, phase: u8) -> Option<&GateRecord> {
        self.gates.get(&phase)
    }

    /// Lists every rollback that was begun, those that were begun again too, the oldest first.
    #[must_use]
    pub fn rollbacks(&self) -> Vec<(&[String], &Procedure)> {
        let newest = self.procedures.iter().map(|(section, procedure)| (section.as_slice(), procedure));
        let earlier = self.earlier.iter().map(|(section, procedure)| (section.as_slice(), procedure));
        let mut all: Vec<_> = earlier.chain(newest).collect();
        all.sort_by_key(|(_, procedure)| procedure.started.seq);
        all
    }

    /// Gives the newest of each rollback procedure that was ever begun, by the section of its steps.
    #[must_use]
    pub fn procedures(&self) -> &BTreeMap<Vec<String>, Procedure> {
        &self.procedures
    }

    /// Lists entries that had no effect because they were not allowed.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Gives the place of the last entry.
    #[must_use]
    pub fn through(&self) -> u64 {
        self.through
    }

    /// Gives what is recorded about an item.
    #[must_use]
    pub fn history(&self, item: &ItemId) -> Option<&History> {
        self.histories.get(*self.index.get(item)?).map(Arc::as_ref)
    }

    /// Gives the newest answer to what a row asks, of whichever line it was recorded for.
    #[must_use]
    pub fn known_of(&self, row: &Row) -> Option<&Answer> {
        let proof = row.proof.as_ref()?;
        let same =
            self.template.rows.iter().zip(&self.histories).filter(|(other, _)| other.proof.as_ref() == Some(proof));
        same.filter_map(|(_, history)| history.answer.as_ref()).max_by_key(|answer| answer.at)
    }

    /// Lists what would call for a rollback: the lines of the template that do, or those that stand by for it.
    pub fn indicators(&self) -> impl Iterator<Item = &Row> {
        self.template.rows.iter().filter(|row| row.indicator).chain(self.standing_by.iter())
    }

    /// Finds a line of the template, or an indicator that stands by.
    #[must_use]
    pub fn line(&self, item: &ItemId) -> Option<&Row> {
        self.row_at(*self.index.get(item)?)
    }

    /// Lists what was exported of the run, the newest last.
    #[must_use]
    pub fn exported(&self) -> &[(Instant, RunExported)] {
        &self.exported
    }

    /// Says who owns an item: its own owner, or the run's.
    #[must_use]
    pub fn owner(&self, item: &ItemId) -> &OperatorId {
        self.history(item).and_then(|history| history.owner.as_ref()).unwrap_or(&self.binding.owner)
    }
}
