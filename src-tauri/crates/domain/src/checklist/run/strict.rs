//! What may be recorded from now on, beyond what the fold asks of an entry that stands in a ledger.
//!
//! Earlier versions allowed more, and what they wrote keeps its meaning: the fold does not ask these questions.

use super::super::entry::{Act, Entry, ItemAttached, ItemNote, ItemWaived, RollbackEnded, RollbackStep};
use super::super::row::{Kind, Row, Shape};
use super::acts::{REASON_CHARS_MIN, reason, signed_decision};
use super::other_dates::{DateKind, OtherDate};
use super::{Actor, Refusal, Run, WAIVER_DAYS_MAX, WAIVER_REASON_CHARS_MIN, is_rollback_step, person};
use crate::Instant;
use crate::ids::ItemId;

/// The step of going back to normal.
const ROLLBACK_CLEAR: &str = "gate.rollback_clear";
/// How long every indicator has to be clear before that. **Units**: minutes.
const CLEAR_MINUTES: i64 = 60;
/// Why nothing is added to a run that is over.
const CLOSED: &str = "The run is over: notes, files, cards and owners stay as they were signed.";

impl Run {
    /// Says whether something may be added to a line: a note, a file, a card or an owner.
    ///
    /// **Errors**: `NOT_FOUND` for a line the run has not; `STATE_CONFLICT` when it is over.
    pub fn may_add(&self, item: &ItemId) -> Result<(), Refusal> {
        self.row(item)?;
        if self.ended.is_some() { Err(Refusal::state(CLOSED)) } else { Ok(()) }
    }

    /// Says whether a note or a file may be added to a line: after the end, only the report of a rollback.
    ///
    /// **Errors**: as [`Run::may_add`].
    pub fn may_report(&self, item: &ItemId, now: Instant) -> Result<(), Refusal> {
        let is_report = |date: &OtherDate| date.kind == DateKind::PostMortem && date.item == *item;
        let may = self.may_add(item);
        if may.is_err() && self.other_dates(now).iter().any(is_report) { Ok(()) } else { may }
    }

    /// Says whether an entry may be written now.
    pub(super) fn may_record(&self, act: &Act) -> Result<(), Refusal> {
        match &act.entry {
            // The dates after a deployment go on; what a signature stands for does not change any more.
            Entry::ItemNote(ItemNote { item, .. }) | Entry::ItemAttached(ItemAttached { item, .. }) => {
                self.may_report(item, act.at)
            }
            Entry::ContactSet(_) | Entry::ItemAssigned(_) if self.ended.is_some() => Err(Refusal::state(CLOSED)),
            Entry::GateEvaluated(_)
            | Entry::SoakSampled(_)
            | Entry::FirstHourSampled(_)
            | Entry::GateOverridden(_)
            | Entry::GateOpened(_)
            | Entry::ReleaseChanged(_)
            | Entry::FingerprintsPinned(_)
            | Entry::WindowSet(_)
            | Entry::DeploymentRecorded(_)
            | Entry::RunUpgraded(_)
            | Entry::RunEnded(_)
                if self.ended.is_some() =>
            {
                Err(Refusal::state("The run is over."))
            }
            Entry::GateOverridden(body) => self.may_override(body),
            Entry::RollbackStep(RollbackStep { item, note }) => self.may_do_step(item, note, act.at),
            Entry::RollbackEnded(RollbackEnded { section, note }) => self.may_end_rollback(act, section, note),
            Entry::PersonExpected(body) => self.may_expect(body),
            Entry::DeploymentRecorded(body) => self.may_deploy(body),
            Entry::ItemConfirmed(body) => self.may_confirm(&body.item, Actor::of(person(act)?), &body.note, act.at),
            Entry::ItemWaived(ItemWaived { item, reason, until }) => {
                self.may_waive(item, Actor::of(person(act)?), reason, *until, act.at)
            }
            _ => Ok(()),
        }
    }

    /// Says whether a person may waive a line.
    ///
    /// **Errors**: `INPUT_INVALID` for a short reason or an end that is past or more than 90 days away; `STATE_CONFLICT`
    /// for the owner of the line or of an open one below it, also one who gave it to somebody else, and for lines that are
    /// complete or cannot be waived.
    pub fn may_waive(
        &self,
        item: &ItemId,
        actor: Actor<'_>,
        text: &str,
        until: Instant,
        now: Instant,
    ) -> Result<(), Refusal> {
        self.could_waive(item, actor, text, until, now)?;
        let (at, _) = self.row(item)?;
        if self.standing_at(at, Some(now)).state.is_complete() {
            return Err(Refusal::state("The line is complete; there is nothing to waive."));
        }
        // What makes the line stale alone is not recorded: read from the ledger, such a waiver would be of a complete line.
        let mut recorded = self.clone();
        recorded.see_connected(None);
        if recorded.standing_at(at, Some(now)).state.is_complete() {
            return Err(Refusal::state("Pin what is connected first; until then the line is complete in the record."));
        }
        self.may_approve(at, actor, now)
    }

    /// Says whether a step of a rollback may be recorded now: after those before it, or with a reason; and going back to
    /// normal only when every indicator was clear for an hour.
    pub fn may_do_step(&self, item: &ItemId, note: &str, now: Instant) -> Result<(), Refusal> {
        self.may_step(item)?;
        let (_, row) = self.row(item)?;
        if row.proof.as_ref().is_some_and(|proof| proof.as_str() == ROLLBACK_CLEAR) {
            self.are_indicators_clear(now, CLEAR_MINUTES)?;
        }
        let before = self.open_steps(&row.section).find(|open| open.id != *item);
        match before.filter(|open| open.line < row.line) {
            Some(open) if reason(note, REASON_CHARS_MIN).is_err() => {
                let sentence = format!("`{}` comes before it and is not done: say why this step is first.", open.label);
                Err(Refusal::input(sentence))
            }
            _ => Ok(()),
        }
    }

    /// Says whether somebody may sign that a rollback is over: no indicator is tripped, and steps that are not done have a
    /// reason.
    fn may_end_rollback(&self, act: &Act, section: &[String], note: &str) -> Result<(), Refusal> {
        signed_decision(act, note)?;
        self.are_indicators_clear(act.at, 0)?;
        let open = self.open_steps(section).count();
        match reason(note, REASON_CHARS_MIN) {
            Err(_) if open > 0 => Err(Refusal::input(format!("{open} steps are not done: say why the rollback ends."))),
            _ => Ok(()),
        }
    }

    fn open_steps<'a>(&'a self, section: &'a [String]) -> impl Iterator<Item = &'a Row> {
        let is_done = |row: &Row| self.history(&row.id).is_some_and(|history| history.confirmed.is_some());
        self.template.rows.iter().filter(move |row| is_rollback_step(row) && row.section == *section && !is_done(row))
    }

    /// Says whether no indicator is tripped, nor was within some minutes.
    fn are_indicators_clear(&self, now: Instant, minutes: i64) -> Result<(), Refusal> {
        for row in self.indicators() {
            let Some(trigger) = self.history(&row.id).map(|history| &history.trigger) else { continue };
            if trigger.tripped.is_some() {
                return Err(Refusal::state(format!("`{}` is tripped; clear it first.", row.label)));
            }
            let cleared = trigger.cleared.as_ref().map(|(at, _)| *at + chrono::TimeDelta::minutes(minutes));
            if let Some(until) = cleared.filter(|until| now < *until) {
                let sentence = format!(
                    "`{}` has to be clear for {minutes} minutes; that is at {}.",
                    row.label,
                    until.format("%Y-%m-%d %H:%M UTC")
                );
                return Err(Refusal::state(sentence));
            }
        }
        Ok(())
    }

    /// Says whether a person may do or skip one time of a dated line: whoever holds a role the line names.
    pub fn may_settle(
        &self,
        item: &ItemId,
        actor: Actor<'_>,
        key: &str,
        skipped_for: Option<&str>,
    ) -> Result<(), Refusal> {
        self.may_do_occurrence(item, key, skipped_for)?;
        let (_, row) = self.row(item)?;
        self.has_role(row, actor)
    }

    /// Says whether a waiver counts that stands in a ledger.
    pub(super) fn could_waive(
        &self,
        item: &ItemId,
        actor: Actor<'_>,
        text: &str,
        until: Instant,
        now: Instant,
    ) -> Result<(), Refusal> {
        let (at, row) = self.may_work(item)?;
        if !matches!(row.kind, Kind::Auto | Kind::Metric | Kind::Manual | Kind::Command | Kind::Contact)
            && row.shape != Shape::Field
        {
            return Err(Refusal::state("Lines of this kind cannot be waived."));
        }
        reason(text, WAIVER_REASON_CHARS_MIN)?;
        let days = until.signed_duration_since(now);
        if until <= now || days > chrono::TimeDelta::days(WAIVER_DAYS_MAX) {
            return Err(Refusal::input(format!(
                "A waiver ends in the future, at most {WAIVER_DAYS_MAX} days from now."
            )));
        }
        if actor.id == self.owner(item) {
            return Err(Refusal::state("The owner of a line cannot waive it; somebody else has to approve."));
        }
        // A share was still compared after its phase in earlier versions, and waived when it failed.
        let passed = self.histories.get(at).is_some_and(|history| history.passed.is_some());
        if !passed && self.standing_at(at, Some(now)).state.is_complete() {
            return Err(Refusal::state("The line is complete; there is nothing to waive."));
        }
        Ok(())
    }

    /// Says whether somebody may approve that a line stays open: neither who owns it or an open line below it, nor who
    /// gave one of these to somebody else.
    fn may_approve(&self, at: usize, actor: Actor<'_>, now: Instant) -> Result<(), Refusal> {
        let Some((row, history)) = self.template.rows.get(at).zip(self.histories.get(at)) else { return Ok(()) };
        if self.owner(&row.id) == actor.id {
            let sentence = format!("The owner of `{}` cannot waive it; somebody else has to approve.", row.label);
            return Err(Refusal::state(sentence));
        }
        if history.gave_away.contains(actor.id) {
            let sentence = format!("Who gave `{}` to somebody else cannot waive it; a third person has to.", row.label);
            return Err(Refusal::state(sentence));
        }
        let is_open = |at: &&usize| !self.standing_at(**at, Some(now)).state.is_complete();
        self.children_of(at).iter().filter(is_open).try_for_each(|at| self.may_approve(*at, actor, now))
    }
}
