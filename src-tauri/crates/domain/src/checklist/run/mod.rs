//! A run: a template bound to an environment and a release, as its recorded entries make it.
//!
//! The fold believes nothing: an entry that was not allowed when it was recorded has no effect and is listed. What was
//! recorded is kept apart from what it means now (`state`), because age alone changes the meaning. Deliberately absent:
//! recording anything.

mod acts;
mod connections;
mod deployment;
mod derived;
mod facts;
mod first_hour;
mod form;
mod history;
mod marks;
mod other_dates;
mod people;
mod phases;
mod progress;
mod root;
mod soak;
mod state;
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use acts::{
    Actor, ENDINGS_NEEDED, REASON_CHARS_MIN, Refusal, TEXT_CHARS_MAX, WAIVER_DAYS_MAX, WAIVER_REASON_CHARS_MIN,
};
pub use connections::{Pin, PinState};
pub use deployment::{Deployment, Irregular, PREPARATION};
pub use first_hour::{FIRST_HOUR_MINUTES, Minute, MinuteSample};
pub use form::{CONSIDERATIONS, FormField};
pub use history::{
    Answer, Attachment, Decision, GateRecord, History, Occasion, Procedure, Received, Remark, Seen, SignatureRecord,
    TriggerRecord, Waiver,
};
pub use other_dates::{DateKind, OtherDate, POST_MORTEM_DAYS};
pub use people::roles;
pub use progress::{Due, DueState, Progress, SectionProgress};
pub use root::{Difference, Leaf, Root, bound, difference};
pub use soak::{SAMPLE_MINUTES, Share, SoakSample, SoakWindow};
pub use state::{CONFIRMED_DAYS_MAX, Standing, State};

use self::derived::Derived;
use super::catalogue::{self, Check};
use super::digest::Digest;
use super::entry::{Act, Entry, Person, PersonExpected, RunExported, RunStarted};
use super::role::Role;
use super::row::{Row, Shape};
use super::sign::by_file::RequestRecord;
use super::template::Template;
use super::triggers;
use crate::Instant;
use crate::failure::Code;
use crate::ids::{EnvironmentId, ItemId, OperatorId};
use crate::workspace::Class;
use crate::zones::Zone;

/// What a run is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub environment: EnvironmentId,
    /// The class of that environment.
    pub class: Class,
    /// Whether it is the invented company.
    pub is_demo: bool,
    /// Tag of the release.
    pub release: String,
    /// Who owns it.
    pub owner: OperatorId,
    /// Pinned fingerprints, by source.
    pub fingerprints: BTreeMap<String, String>,
    /// When it began.
    pub started_at: Instant,
    /// Content hash of the template.
    pub template_hash: Digest,
}

/// Entries that make no run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The first entry does not start a run.
    #[error("the first entry does not start a run")]
    NotStarted,
    /// The run names another template, or another version of it.
    #[error("the run goes by template {wanted}, and this one is {found}")]
    OtherTemplate {
        /// Hash the entries name.
        wanted: Digest,
        /// Hash of the template given.
        found: Digest,
    },
}

/// An entry that had no effect, because it was not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place in the ledger.
    pub seq: u64,
    /// Its kind.
    pub kind: &'static str,
    /// Why.
    pub refusal: Refusal,
}

/// A run as of its last entry.
#[derive(Debug, Clone)]
pub struct Run {
    pub(super) template: Arc<Template>,
    /// Indicators the template does not name; their places come after those of its rows.
    pub(in super::super) standing_by: Arc<[Row]>,
    pub(super) binding: Binding,
    pub(super) histories: Vec<Arc<History>>,
    pub(super) children: Arc<Vec<Vec<usize>>>,
    pub(super) index: Arc<BTreeMap<ItemId, usize>>,
    pub(super) window: Option<(Instant, Instant)>,
    pub(super) deployed_at: Option<Instant>,
    /// Times of the deployment that were corrected, each with when that was.
    corrected: Vec<(Instant, Instant)>,
    pub(super) gates: BTreeMap<u8, GateRecord>,
    /// Releases the run was about, each from a place in the ledger on.
    releases: Vec<(u64, String)>,
    share: Option<Share>,
    first_hour: Vec<Arc<MinuteSample>>,
    exported: Vec<(Instant, RunExported)>,
    /// When a rollback ended last.
    rolled_back_at: Option<Instant>,
    pub(super) procedures: BTreeMap<Vec<String>, Procedure>,
    /// Rollbacks that were begun again since, the oldest first.
    pub(super) earlier: Vec<(Vec<String>, Procedure)>,
    pub(super) signatures: Vec<SignatureRecord>,
    requests: Vec<RequestRecord>,
    /// Keys that are not to be believed any more, and since when.
    pub(super) revoked: BTreeMap<String, Instant>,
    people: BTreeMap<Role, OperatorId>,
    deployments: Vec<Deployment>,
    /// Fields of the form that no line of the list has, by their word.
    notes: BTreeMap<String, Decision>,
    pub(super) ended: Option<Decision>,
    is_abandoned: bool,
    zone: Zone,
    business_days: bool,
    running: BTreeSet<ItemId>,
    /// What is connected now, where somebody looked; like the checks under way no part of what was recorded.
    connected: Option<BTreeMap<String, String>>,
    /// Lines an upgrade reset, and where; absent for a run that goes by its first version.
    upgraded: Option<BTreeMap<ItemId, u64>>,
    refused: Vec<Refused>,
    through: u64,
    derived: Derived,
}

impl Run {
    /// Folds the entries of one run, in the order of the ledger.
    ///
    /// **Shape**: `template` is the version the last entry about it names; entries about lines that an upgrade removed or
    /// reset have no effect.
    /// **Errors**: [`RunError`].
    pub fn fold(template: impl Into<Arc<Template>>, acts: &[Act]) -> Result<Self, RunError> {
        let template = template.into();
        let (first, rest) = acts.split_first().ok_or(RunError::NotStarted)?;
        let Entry::RunStarted(started) = &first.entry else { return Err(RunError::NotStarted) };
        let mut wanted = started.hash;
        let mut reset: BTreeMap<ItemId, u64> = BTreeMap::new();
        for act in rest {
            if let Entry::RunUpgraded(upgraded) = &act.entry {
                wanted = upgraded.hash;
                reset.extend(upgraded.reset.iter().map(|item| (item.clone(), act.seq)));
            }
        }
        let found = template.content_hash();
        if found != wanted {
            return Err(RunError::OtherTemplate { wanted, found });
        }
        let mut run = Self::started(template, found, first, started);
        run.upgraded = (wanted != started.hash).then_some(reset);
        run.take_in(rest);
        Ok(run)
    }

    /// Goes on with the entries that were recorded since, in the order of the ledger.
    ///
    /// **Errors**: [`RunError::OtherTemplate`] when an upgrade is among them; the run is then as it was, and has to be
    /// folded with the new version.
    pub fn follow(&mut self, acts: &[Act]) -> Result<(), RunError> {
        let mut newest_first = acts.iter().rev().filter_map(|act| match &act.entry {
            Entry::RunUpgraded(upgraded) => Some(upgraded.hash),
            _ => None,
        });
        match newest_first.next() {
            Some(wanted) => Err(RunError::OtherTemplate { wanted, found: self.binding.template_hash }),
            None => {
                self.take_in(acts);
                Ok(())
            }
        }
    }

    /// Says whether entries would have an effect if they were recorded now, one after the other.
    ///
    /// **Errors**: why the first of them would not.
    pub fn would_take(&self, acts: &[Act]) -> Result<(), Refusal> {
        let mut next = self.clone();
        acts.iter().try_for_each(|act| {
            next.may_record(act)?;
            next.apply_recorded(act)
        })
    }

    fn take_in(&mut self, acts: &[Act]) {
        for act in acts {
            self.through = act.seq;
            let lapsed = act.entry.item().zip(self.upgraded.as_ref()).is_some_and(|(item, reset)| {
                !self.index.contains_key(item) || reset.get(item).is_some_and(|seq| act.seq < *seq)
            });
            if lapsed {
                continue;
            }
            if let Err(refusal) = self.apply_recorded(act) {
                self.refused.push(Refused { seq: act.seq, kind: act.entry.kind(), refusal });
            }
        }
    }

    fn started(template: Arc<Template>, template_hash: Digest, act: &Act, started: &RunStarted) -> Self {
        let standing_by: Arc<[Row]> = triggers::standing_by(&template).into();
        let rows = template.rows.iter().chain(standing_by.iter()).enumerate();
        let index: BTreeMap<ItemId, usize> = rows.map(|(at, row)| (row.id.clone(), at)).collect();
        let mut children = vec![Vec::new(); index.len()];
        for (at, row) in template.rows.iter().enumerate() {
            let parent =
                row.parent.as_ref().and_then(|parent| index.get(parent)).and_then(|parent| children.get_mut(*parent));
            if let Some(parent) = parent {
                parent.push(at);
            }
        }
        let histories = vec![Arc::default(); index.len()];
        let derived = Derived::nothing(index.len());
        Self {
            template,
            standing_by,
            binding: Binding {
                environment: started.environment.clone(),
                class: started.class,
                is_demo: started.is_demo,
                release: started.release.clone(),
                owner: started.owner.clone(),
                fingerprints: started.fingerprints.clone(),
                started_at: act.at,
                template_hash,
            },
            histories,
            children: Arc::new(children),
            index: Arc::new(index),
            window: None,
            deployed_at: None,
            corrected: Vec::new(),
            gates: BTreeMap::new(),
            releases: vec![(act.seq, started.release.clone())],
            share: None,
            first_hour: Vec::new(),
            exported: Vec::new(),
            rolled_back_at: None,
            procedures: BTreeMap::new(),
            earlier: Vec::new(),
            signatures: Vec::new(),
            requests: Vec::new(),
            revoked: BTreeMap::new(),
            people: started.people.clone(),
            deployments: Vec::new(),
            notes: BTreeMap::new(),
            ended: None,
            is_abandoned: false,
            zone: Zone::named(&started.zone).unwrap_or_else(|_| Zone::utc()),
            business_days: started.business_days,
            running: BTreeSet::new(),
            connected: None,
            upgraded: None,
            refused: Vec::new(),
            through: act.seq,
            derived,
        }
    }

    /// Applies one entry, if it was allowed then.
    fn apply(&mut self, act: &Act) -> Result<(), Refusal> {
        let (seq, at) = (act.seq, act.at);
        match &act.entry {
            Entry::ItemChecked(body) => self.answered(seq, &body.item, Seen::Check(body.result.clone()))?,
            Entry::ItemMeasured(body) => {
                self.answered(seq, &body.item, Seen::Metric(body.clone(), at))?;
                self.counted(std::slice::from_ref(body));
            }
            Entry::ItemConfirmed(body) => self.confirmed(act, &body.item, &body.note)?,
            Entry::CommandRan(body) => self.command_ran(act, body)?,
            Entry::ItemWaived(body) => self.waived(act, body)?,
            Entry::ItemNotApplicable(body) => self.dismissed(act, &body.item, &body.reason)?,
            Entry::ItemReopened(body) => self.reopened(act, &body.item, &body.reason)?,
            Entry::ItemNote(body) => {
                self.may_write(&body.item, &body.text)?;
                let remark = Remark { seq, at, by: person(act)?.clone(), text: body.text.clone() };
                self.history_mut(&body.item)?.notes.push(remark);
            }
            Entry::ItemAttached(body) => {
                let attachment = Attachment { seq, at, by: person(act)?.clone(), file: body.clone() };
                self.history_mut(&body.item)?.files.push(attachment);
            }
            Entry::ItemAssigned(body) => self.assigned(act, body)?,
            Entry::NoteSet(body) => {
                self.may_fill(&body.item, &body.value)?;
                let decision = decision(act, &body.value)?;
                self.history_mut(&body.item)?.value = Some(decision);
            }
            Entry::ContactSet(body) => {
                self.may_set_contact(&body.item)?;
                self.history_mut(&body.item)?.card = Some((seq, at, body.card.clone()));
            }
            Entry::OccurrenceDone(body) => self.occasion_done(act, body)?,
            Entry::OccurrenceSkipped(body) => self.occasion_skipped(act, body)?,
            Entry::TriggerTripped(body) => self.tripped(act, body)?,
            Entry::TriggerAcknowledged(body) => self.acknowledged(act, &body.item, &body.note)?,
            Entry::TriggerCleared(body) => self.cleared(act, &body.item, &body.reason)?,
            Entry::RollbackStarted(body) => self.rollback_started(act, &body.section, &body.reason)?,
            Entry::RollbackStep(body) => self.stepped(act, &body.item, &body.note)?,
            Entry::RollbackEnded(body) => self.rollback_ended(act, &body.section, &body.note)?,
            Entry::GateEvaluated(body) => self.gates.entry(body.phase).or_default().evaluated(at, body),
            Entry::SoakSampled(body) => self.sampled(act, body)?,
            Entry::FirstHourSampled(body) => self.looked_at(act, body)?,
            Entry::GateOverridden(body) => self.overridden(act, body)?,
            Entry::GateOpened(body) => self.gate_opened(act, body.phase)?,
            Entry::RunSigned(body) => self.signed(act, body)?,
            Entry::SignatureRequested(body) => self.requested(act, body)?,
            Entry::SignatureReceived(body) => self.received(act, body)?,
            Entry::ReleaseChanged(body) => {
                self.binding.release.clone_from(&body.release);
                self.releases.push((seq, body.release.clone()));
            }
            Entry::FingerprintsPinned(body) => self.binding.fingerprints.clone_from(&body.fingerprints),
            Entry::WindowSet(body) => self.window = Some((body.from, body.to)),
            Entry::DeploymentRecorded(body) => self.deployed(act, body),
            Entry::RunNoted(body) => {
                self.may_note(&body.field, &body.value)?;
                drop(self.notes.insert(body.field.clone(), decision(act, &body.value)?));
            }
            Entry::PersonExpected(PersonExpected { role, person }) => match person {
                Some(person) => drop(self.people.insert(role.clone(), person.clone())),
                None => drop(self.people.remove(role)),
            },
            Entry::KeyRevoked(body) => self.key_revoked(body),
            Entry::RunEnded(body) => {
                self.ended = Some(decision(act, &body.note)?);
                self.is_abandoned = body.is_abandoned;
            }
            Entry::RunStarted(_) => return Err(Refusal::state("A run starts once.")),
            Entry::RunExported(body) => self.exported.push((at, body.clone())),
            Entry::TemplateImported(_) | Entry::RunUpgraded(_) => {}
        }
        Ok(())
    }

    /// Marks items whose check is being made right now; this is not recorded.
    #[must_use]
    pub fn with_running(mut self, items: impl IntoIterator<Item = ItemId>) -> Self {
        self.running.extend(items);
        self
    }

    pub(super) fn row_at(&self, at: usize) -> Option<&Row> {
        let by = |past: usize| self.standing_by.get(past);
        self.template.rows.get(at).or_else(|| at.checked_sub(self.template.rows.len()).and_then(by))
    }

    pub(super) fn row(&self, item: &ItemId) -> Result<(usize, &Row), Refusal> {
        let found = self.index.get(item).and_then(|at| Some((*at, self.row_at(*at)?)));
        found.ok_or_else(|| Refusal::new(Code::NotFound, format!("There is no line `{item}` in this run.")))
    }

    pub(super) fn history_mut(&mut self, item: &ItemId) -> Result<&mut History, Refusal> {
        let (at, _) = self.row(item)?;
        let history = self.histories.get_mut(at).map(Arc::make_mut);
        history.ok_or_else(|| Refusal::new(Code::NotFound, format!("There is no line `{item}` in this run.")))
    }

    /// Records an answer: a check's, or a metric's judged by the line's limit.
    fn answered(&mut self, seq: u64, item: &ItemId, seen: Seen) -> Result<(), Refusal> {
        let (_, row) = self.row(item)?;
        self.may_answer(row, &seen)?;
        let outcome = self.judge(row, &seen);
        let release = seen.release().unwrap_or(&self.binding.release).to_owned();
        let rests_on = self.rests_on(row, &seen);
        let answer = Answer { seq, at: seen.at(), outcome, evidence: seen.evidence(), release, rests_on, seen };
        self.history_mut(item)?.answered(answer);
        Ok(())
    }

    pub(super) fn push_signature(&mut self, record: SignatureRecord) {
        self.signatures.push(record);
    }

    pub(super) fn push_request(&mut self, record: RequestRecord) {
        self.requests.push(record);
    }

    pub(super) fn answer(&mut self, request: uuid::Uuid, seq: u64) {
        let asked = self.requests.iter_mut().find(|record| record.body.request == request);
        asked.into_iter().for_each(|record| record.answered = Some(seq));
    }
}

/// Gives the person behind an act.
pub(super) fn person(act: &Act) -> Result<&Person, Refusal> {
    act.by
        .as_ref()
        .ok_or_else(|| Refusal::new(Code::InputInvalid, "A person has to do this, and the entry names none."))
}

fn decision(act: &Act, text: &str) -> Result<Decision, Refusal> {
    Ok(Decision { seq: act.seq, at: act.at, by: person(act)?.clone(), text: text.to_owned(), evidence: None })
}

/// Finds the catalogue's entry of what decides a row.
fn check_of(row: &Row) -> Option<&'static Check> {
    row.proof.as_ref().and_then(|proof| catalogue::find(proof.as_str()))
}

/// Says whether a row is a step of a rollback, not an indicator.
#[must_use]
pub fn is_rollback_step(row: &Row) -> bool {
    row.kind == super::row::Kind::Rollback && !row.indicator && row.shape != Shape::Policy
}

#[cfg(test)]
mod tests;
