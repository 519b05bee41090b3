//! What may be done with a line, and why not.
//!
//! Each act has one function that says whether it may be; a shell asks it before, the fold asks it again of what was
//! recorded. Deliberately absent: permission roles; only the roles a line names for its confirmation are asked.

use std::sync::Arc;

use super::super::entry::{
    Act, CommandRan, ItemAssigned, ItemWaived, OccurrenceDone, OccurrenceSkipped, Person, TriggerTripped,
};
use super::super::role::Role;
use super::super::row::{Kind, Proof, Row, Shape, Strength};
use super::history::{Decision, Occasion, Procedure, Seen, Waiver};
use super::state::State;
use super::{Run, decision, is_rollback_step, person};
use crate::Instant;
use crate::failure::Code;
use crate::ids::{ItemId, OperatorId};

/// Shortest reason of a waiver. **Units**: characters.
pub const WAIVER_REASON_CHARS_MIN: usize = 20;
/// Longest waiver. **Units**: days.
pub const WAIVER_DAYS_MAX: i64 = 90;
/// Shortest reason of anything else that needs one. **Units**: characters.
pub const REASON_CHARS_MIN: usize = 3;
/// How many people have to sign that a rollback is over.
pub const ENDINGS_NEEDED: usize = 2;
/// Longest note, comment or value. **Units**: characters.
pub const TEXT_CHARS_MAX: usize = 10_000;

/// Why something may not be done: a stable code, and a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    /// What to match on.
    pub code: Code,
    /// What to show.
    pub sentence: String,
}

impl Refusal {
    pub(in super::super) fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }

    pub(in super::super) fn state(sentence: impl Into<String>) -> Self {
        Self::new(Code::StateConflict, sentence)
    }

    pub(super) fn input(sentence: impl Into<String>) -> Self {
        Self::new(Code::InputInvalid, sentence)
    }
}

/// Who wants to do something. **Shape**: without `roles` the roles a line names are not asked, as when folding.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The operator.
    pub id: &'a OperatorId,
    /// Fingerprint of their key.
    pub key: Option<&'a str>,
    /// The roles they hold.
    pub roles: Option<&'a [Role]>,
}

impl<'a> Actor<'a> {
    /// Takes the person of an entry, whose roles the entry does not prove.
    #[must_use]
    pub fn of(person: &'a Person) -> Self {
        Self { id: &person.id, key: person.key.as_deref(), roles: None }
    }
}

pub(super) fn reason(text: &str, least: usize) -> Result<(), Refusal> {
    let length = text.trim().chars().count();
    if length < least {
        return Err(Refusal::input(format!("A reason of at least {least} characters is needed; this has {length}.")));
    }
    bounded(text)
}

pub(super) fn bounded(text: &str) -> Result<(), Refusal> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::input(format!("At most {TEXT_CHARS_MAX} characters fit.")));
    }
    Ok(())
}

impl Run {
    /// Says whether the check or metric of a line may be asked.
    pub fn may_check(&self, item: &ItemId) -> Result<(), Refusal> {
        let (_, row) = self.may_work(item)?;
        if self.history(item).is_some_and(|history| history.passed.is_some()) {
            return Err(Refusal::state("Its phase was passed; the share of users is compared no more."));
        }
        let asked = |proof: &str| !["signoff.", "run.note.", "trigger."].iter().any(|family| proof.starts_with(family));
        match &row.proof {
            Some(proof) if asked(proof.as_str()) => Ok(()),
            _ => Err(Refusal::state("No check decides this line.")),
        }
    }

    /// Says whether an answer may be recorded for a line: of the check or the metric that decides it.
    pub(super) fn may_answer(&self, row: &Row, seen: &Seen) -> Result<(), Refusal> {
        self.is_going_on()?;
        let decides = match (&row.proof, seen) {
            (Some(Proof::Probe(probe)), Seen::Check(result)) => *probe == result.probe,
            // A metric is measured, so that the line's own limit judges it.
            (Some(Proof::Metric(metric)), Seen::Metric(measured, _)) => *metric == measured.metric,
            _ => false,
        };
        if decides { Ok(()) } else { Err(Refusal::state(format!("This does not decide the line `{}`.", row.id))) }
    }

    /// Says whether a person may confirm a line, or accept its warning.
    ///
    /// **Errors**: `ITEM_NOT_CONFIRMABLE` for a failed, unknown or stale automatic line and for one a value decides;
    /// `STATE_CONFLICT` when there is nothing to confirm; `INPUT_INVALID` for a missing note or role.
    pub fn may_confirm(&self, item: &ItemId, actor: Actor<'_>, note: &str, now: Instant) -> Result<(), Refusal> {
        let (at, row) = self.may_work(item)?;
        bounded(note)?;
        self.has_role(row, actor)?;
        let not = |sentence: &str| Err(Refusal::new(Code::ItemNotConfirmable, sentence));
        let by_person = matches!(row.strength, Some(Strength::Assist | Strength::Human)) || row.proof.is_none();
        if row.is_unmeasured() {
            return not("A value decides this limit. Choose its metric in the list, or waive the line.");
        }
        match (row.kind, self.standing_at(at, Some(now)).state) {
            (Kind::Schedule, _) => not("Dated lines are done one date at a time."),
            (Kind::Signoff, _) => not("This line is signed, not confirmed."),
            (Kind::Contact | Kind::Note, _) => not("This line is filled in, not confirmed."),
            (Kind::Rollback, _) => not("Indicators trip and steps are done; neither is confirmed."),
            _ if row.is_rolled_up() => not("Its lines below decide it."),
            (_, State::Failed) => not("The check failed. It can be put right and run again, or waived."),
            (_, State::Unknown(_)) => not("The check could not be decided. It can be run again, or waived."),
            (_, State::Warning) if note.trim().is_empty() => Err(Refusal::input("Accepting a warning needs a note.")),
            (_, State::Warning | State::NeedsConfirmation) => Ok(()),
            (_, State::Waived | State::NotApplicable) => Err(Refusal::state("It is set aside; open it again first.")),
            // A word that was given can be given again, whatever became of the lines below since.
            (_, State::Blocked) if by_person && self.histories.get(at).is_some_and(|line| line.confirmed.is_some()) => {
                Ok(())
            }
            (_, State::Blocked) => Err(Refusal::state(self.standing_at(at, Some(now)).because)),
            (Kind::Manual | Kind::Command | Kind::Metric | Kind::Auto, _) if by_person => Ok(()),
            (Kind::Metric, _) => not("The value decides it."),
            (_, State::Stale) => not("The result is too old or about another release. Run the check again."),
            (_, State::Verified | State::Confirmed) => Err(Refusal::state("There is nothing left to confirm.")),
            _ => not("The check has to be run first."),
        }
    }

    /// Says whether a person may record that they ran a command, at a time that is not ahead.
    pub fn may_run(&self, item: &ItemId, output: &str, at: Option<Instant>, now: Instant) -> Result<(), Refusal> {
        let (_, row) = self.may_work(item)?;
        bounded(output)?;
        if row.kind != Kind::Command {
            return Err(Refusal::state("This line is no command."));
        }
        if at.is_some_and(|at| at > now) {
            return Err(Refusal::input("A command was run in the past."));
        }
        Ok(())
    }

    /// Says whether a line may be declared not applicable.
    pub fn may_dismiss(&self, item: &ItemId, actor: Actor<'_>, text: &str) -> Result<(), Refusal> {
        let (_, row) = self.may_work(item)?;
        if !row.optional {
            return Err(Refusal::state(
                "This line always applies; only lines that say \"if applicable\" or the like may be left out.",
            ));
        }
        self.has_role(row, actor)?;
        reason(text, REASON_CHARS_MIN)
    }

    /// Says whether a line may be opened again.
    pub fn may_reopen(&self, item: &ItemId, text: &str) -> Result<(), Refusal> {
        let (at, _) = self.may_work(item)?;
        reason(text, REASON_CHARS_MIN)?;
        let worked = self.histories.get(at).is_some_and(|history| {
            history.answer.is_some()
                || history.confirmed.is_some()
                || history.waived.is_some()
                || history.dismissed.is_some()
        });
        if worked { Ok(()) } else { Err(Refusal::state("The line is open already.")) }
    }

    /// Says whether a line may be given an owner.
    pub fn may_assign(&self, item: &ItemId) -> Result<(), Refusal> {
        self.may_work(item).map(drop)
    }

    /// Says whether a note counts that stands in a ledger; whether one may be written, [`Run::may_add`] says.
    pub fn may_write(&self, item: &ItemId, text: &str) -> Result<(), Refusal> {
        self.row(item)?;
        reason(text, 1)
    }

    /// Says whether a field of the form may be filled in with this value.
    pub fn may_fill(&self, item: &ItemId, value: &str) -> Result<(), Refusal> {
        let (_, row) = self.may_work(item)?;
        bounded(value)?;
        if row.shape != Shape::Field {
            return Err(Refusal::state("This line is no field of the form."));
        }
        let (name, binding) = (row.proof.as_ref().map_or("", |proof| proof.as_str()), &self.binding);
        let disagrees = |own: &str| !value.trim().is_empty() && value.trim() != own;
        if name == "run.note.environment" && disagrees(binding.environment.as_str()) {
            return Err(Refusal::input(format!(
                "The run is about `{}`, and that cannot be changed here.",
                binding.environment
            )));
        }
        if name == "run.note.version" && disagrees(&binding.release) {
            return Err(Refusal::input(format!("The run is about release `{}`.", binding.release)));
        }
        Ok(())
    }

    /// Says whether a contact card belongs to this line.
    pub fn may_set_contact(&self, item: &ItemId) -> Result<(), Refusal> {
        let (_, row) = self.row(item)?;
        if row.kind == Kind::Contact { Ok(()) } else { Err(Refusal::state("This line is no contact.")) }
    }

    /// Says whether one time of a dated line may be done or skipped; also when the run is over.
    pub(super) fn may_do_occurrence(&self, item: &ItemId, key: &str, skipped_for: Option<&str>) -> Result<(), Refusal> {
        let (at, row) = self.row(item)?;
        if row.kind != Kind::Schedule || self.deployed_at.is_none() {
            return Err(Refusal::state("Dated lines begin with the deployment."));
        }
        if self.histories.get(at).is_some_and(|history| history.occasions.contains_key(key)) {
            return Err(Refusal::state(format!("The occurrence `{key}` is done or skipped already.")));
        }
        skipped_for.map_or(Ok(()), |text| reason(text, REASON_CHARS_MIN))
    }

    /// Says whether a step of a rollback may be recorded.
    pub fn may_step(&self, item: &ItemId) -> Result<(), Refusal> {
        let (_, row) = self.row(item)?;
        if !is_rollback_step(row) {
            return Err(Refusal::state("This line is no step of a rollback."));
        }
        if self.is_rolling_back(&row.section) {
            Ok(())
        } else {
            Err(Refusal::state("This rollback has not been started."))
        }
    }

    /// Says whether a procedure is under way.
    #[must_use]
    pub fn is_rolling_back(&self, section: &[String]) -> bool {
        self.procedures.get(section).is_some_and(|procedure| procedure.ended.is_none())
    }

    pub(super) fn is_going_on(&self) -> Result<(), Refusal> {
        if self.ended.is_some() { Err(Refusal::state("The run is over.")) } else { Ok(()) }
    }

    pub(super) fn may_work(&self, item: &ItemId) -> Result<(usize, &Row), Refusal> {
        self.is_going_on()?;
        self.row(item)
    }

    pub(super) fn has_role(&self, row: &Row, actor: Actor<'_>) -> Result<(), Refusal> {
        let held = actor.roles.is_none_or(|roles| row.confirm.iter().any(|wanted| roles.contains(wanted)));
        if row.confirm.is_empty() || held {
            return Ok(());
        }
        let wanted: Vec<&str> = row.confirm.iter().map(Role::as_str).collect();
        Err(Refusal::state(format!("Only {} may do this.", wanted.join(" or "))))
    }

    pub(super) fn confirmed(&mut self, act: &Act, item: &ItemId, note: &str) -> Result<(), Refusal> {
        let (at, row) = self.row(item)?;
        let answer = self.histories.get(at).and_then(|history| history.answer.as_ref());
        let is_of_another = answer.is_some_and(|answer| answer.release != self.binding.release);
        // Earlier versions let a person confirm a limit without a metric, and a check's answer about another release.
        if row.is_unmeasured() || row.is_about_release() && is_of_another {
            self.may_work(item)?;
        } else {
            self.may_confirm(item, Actor::of(person(act)?), note, act.at)?;
        }
        let decision = decision(act, note)?;
        let history = self.history_mut(item)?;
        let evidence = history.answer.as_ref().map(|answer| answer.evidence);
        history.confirmed = Some(Decision { evidence, ..decision });
        history.reopened = None;
        Ok(())
    }

    pub(super) fn command_ran(&mut self, act: &Act, body: &CommandRan) -> Result<(), Refusal> {
        let CommandRan { item, output, at } = body;
        self.may_run(item, output, *at, act.at)?;
        let decision = decision(act, output)?;
        let history = self.history_mut(item)?;
        history.confirmed = Some(decision);
        history.reopened = None;
        Ok(())
    }

    /// Gives a line to somebody; an owner who does so himself is remembered.
    pub(super) fn assigned(&mut self, act: &Act, body: &ItemAssigned) -> Result<(), Refusal> {
        let gave = act.by.as_ref().filter(|by| by.id == *self.owner(&body.item) && by.id != body.owner);
        let history = self.history_mut(&body.item)?;
        history.gave_away.extend(gave.map(|by| by.id.clone()));
        history.owner = Some(body.owner.clone());
        Ok(())
    }

    pub(super) fn waived(&mut self, act: &Act, body: &ItemWaived) -> Result<(), Refusal> {
        self.could_waive(&body.item, Actor::of(person(act)?), &body.reason, body.until, act.at)?;
        let waiver = Waiver { decision: decision(act, &body.reason)?, until: body.until };
        let history = self.history_mut(&body.item)?;
        history.waived = Some(waiver);
        history.reopened = None;
        Ok(())
    }

    pub(super) fn dismissed(&mut self, act: &Act, item: &ItemId, text: &str) -> Result<(), Refusal> {
        self.may_dismiss(item, Actor::of(person(act)?), text)?;
        let decision = decision(act, text)?;
        let history = self.history_mut(item)?;
        history.dismissed = Some(decision);
        history.reopened = None;
        Ok(())
    }

    pub(in super::super) fn reopened(&mut self, act: &Act, item: &ItemId, text: &str) -> Result<(), Refusal> {
        self.may_reopen(item, text)?;
        let decision = decision(act, text)?;
        self.history_mut(item)?.reopened(decision);
        Ok(())
    }

    pub(super) fn occasion_done(&mut self, act: &Act, body: &OccurrenceDone) -> Result<(), Refusal> {
        let OccurrenceDone { item, key, note, .. } = body;
        self.may_do_occurrence(item, key, None)?;
        let occasion = Occasion { decision: decision(act, note)?, done: Some(body.clone()) };
        self.history_mut(item)?.occasions.insert(key.clone(), occasion);
        Ok(())
    }

    pub(super) fn occasion_skipped(&mut self, act: &Act, body: &OccurrenceSkipped) -> Result<(), Refusal> {
        let OccurrenceSkipped { item, key, reason } = body;
        self.may_do_occurrence(item, key, Some(reason))?;
        let occasion = Occasion { decision: decision(act, reason)?, done: None };
        self.history_mut(item)?.occasions.insert(key.clone(), occasion);
        Ok(())
    }

    pub(super) fn stepped(&mut self, act: &Act, item: &ItemId, note: &str) -> Result<(), Refusal> {
        self.may_step(item)?;
        let decision = decision(act, note)?;
        self.history_mut(item)?.confirmed = Some(decision);
        Ok(())
    }

    pub(super) fn tripped(&mut self, act: &Act, body: &TriggerTripped) -> Result<(), Refusal> {
        let (_, row) = self.row(&body.item)?;
        if !row.indicator {
            return Err(Refusal::state("This line is no indicator."));
        }
        reason(&body.cause, REASON_CHARS_MIN)?;
        let trigger = &mut self.history_mut(&body.item)?.trigger;
        if trigger.tripped.is_some() {
            return Err(Refusal::state("The indicator is tripped already."));
        }
        trigger.tripped = Some((act.seq, act.at, body.cause.clone()));
        trigger.cleared = None;
        trigger.count = trigger.count.saturating_add(1);
        // What was said of the end before is not about this.
        for procedure in self.procedures.values_mut().filter(|procedure| procedure.ended.is_none()) {
            procedure.ending.clear();
        }
        Ok(())
    }

    pub(super) fn acknowledged(&mut self, act: &Act, item: &ItemId, note: &str) -> Result<(), Refusal> {
        let decision = decision(act, note)?;
        let trigger = &mut self.history_mut(item)?.trigger;
        if trigger.tripped.is_none() {
            return Err(Refusal::state("The indicator is not tripped."));
        }
        trigger.acknowledged = Some(decision);
        Ok(())
    }

    /// Clears an indicator; while a rollout phase is open, two people have to, each with their signature.
    pub(super) fn cleared(&mut self, act: &Act, item: &ItemId, text: &str) -> Result<(), Refusal> {
        reason(text, REASON_CHARS_MIN)?;
        let needed = self.clearings_needed();
        let decision = signed_decision(act, text)?;
        let trigger = &mut self.history_mut(item)?.trigger;
        if trigger.tripped.is_none() {
            return Err(Refusal::state("The indicator is not tripped."));
        }
        if !is_another(&trigger.cleared_by, &decision.by) {
            return Err(Refusal::new(Code::SignoffSamePerson, "Somebody else has to say so too."));
        }
        trigger.cleared_by.push(decision);
        if trigger.cleared_by.len() >= needed {
            trigger.tripped = None;
            trigger.acknowledged = None;
            trigger.cleared = Some((act.at, std::mem::take(&mut trigger.cleared_by)));
        }
        Ok(())
    }

    pub(super) fn rollback_started(&mut self, act: &Act, section: &[String], text: &str) -> Result<(), Refusal> {
        if !self.template.rows.iter().any(|row| is_rollback_step(row) && row.section == section) {
            return Err(Refusal::new(Code::NotFound, "There is no such rollback in this run."));
        }
        if self.is_rolling_back(section) {
            return Err(Refusal::state("This rollback is under way already."));
        }
        let started = decision(act, text)?;
        for (row, history) in self.template.rows.iter().zip(&mut self.histories) {
            if is_rollback_step(row) && row.section == section {
                Arc::make_mut(history).confirmed = None;
            }
        }
        let before = self.procedures.insert(section.to_vec(), Procedure { started, ending: Vec::new(), ended: None });
        self.earlier.extend(before.map(|procedure| (section.to_vec(), procedure)));
        Ok(())
    }

    /// Ends a rollback when two people signed that; of earlier versions one unsigned word was enough.
    pub(super) fn rollback_ended(&mut self, act: &Act, section: &[String], note: &str) -> Result<(), Refusal> {
        let word = decision(act, note)?;
        let Some(procedure) = self.procedures.get_mut(section).filter(|procedure| procedure.ended.is_none()) else {
            return Err(Refusal::state("This rollback is not under way."));
        };
        if !is_another(&procedure.ending, &word.by) {
            return Err(Refusal::new(Code::SignoffSamePerson, "Somebody else has to say so too."));
        }
        let is_signed = word.by.key.is_some();
        procedure.ending.push(word.clone());
        if !is_signed || procedure.ending.len() >= ENDINGS_NEEDED {
            procedure.ended = Some(word);
            self.rolled_back_at = Some(act.at);
        }
        Ok(())
    }

    /// Says how many people have to sign that the cause of a tripped indicator is gone.
    #[must_use]
    pub fn clearings_needed(&self) -> usize {
        if self.is_exposed() { 2 } else { 1 }
    }

    /// Says whether an indicator is tripped.
    #[must_use]
    pub fn is_tripped(&self) -> bool {
        self.histories.iter().any(|history| history.trigger.tripped.is_some())
    }

    /// Says whether users are exposed to an open phase.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let opened = |number: u8| number.checked_sub(1).is_some_and(|before| self.is_open(before));
        self.ended.is_none()
            && self.template.phases.iter().any(|phase| phase.exposure_pct.is_some() && opened(phase.number))
    }
}

/// Gives a decision that counts only with the signature of who made it.
pub(super) fn signed_decision(act: &Act, text: &str) -> Result<Decision, Refusal> {
    let decision = decision(act, text)?;
    if decision.by.key.is_none() {
        return Err(Refusal::input("This counts only with the signature of who says it."));
    }
    Ok(decision)
}

/// Says whether a person is not among those who decided, neither by id nor by key.
pub(super) fn is_another(decided: &[Decision], person: &Person) -> bool {
    decided.iter().all(|decision| {
        let same_key = decision.by.key.is_some() && decision.by.key == person.key;
        decision.by.id != person.id && !same_key
    })
}
