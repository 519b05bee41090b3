//! What is recorded about one line, one gate, one procedure: facts only, newest last.
//!
//! Separate from `state`, which says what the facts mean at an instant. Deliberately absent: any `now`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::contacts::Card;
use super::super::digest::Digest;
use super::super::entry::{CheckResult, GateEvaluated, ItemAttached, ItemMeasured, OccurrenceDone, Person, RunSigned};
use super::super::gates::{Condition, GateState, failing};
use super::soak::SoakSample;
use crate::Instant;
use crate::ids::OperatorId;
use crate::metrics::registry::{EXPOSURE, TICKETS};
use crate::probe::Outcome;

/// Most outcomes kept for the strip of an item.
pub const OUTCOMES_MAX: usize = 60;

/// What a person did or said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its place in the ledger.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Person,
    /// The note, reason or value.
    pub text: String,
    /// Digest of the answer it was about, where it was about one.
    pub evidence: Option<Digest>,
}

/// A waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Who approved it, when and why.
    pub decision: Decision,
    /// Until when.
    pub until: Instant,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its place in the ledger.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Person,
    /// What it says.
    pub text: String,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its place in the ledger.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Person,
    /// The file.
    pub file: ItemAttached,
}

/// What was looked at: a check, or a metric with the instant it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A check was made.
    Check(CheckResult),
    /// A metric was read.
    Metric(ItemMeasured, Instant),
}

impl Seen {
    /// Gives when it was seen.
    #[must_use]
    pub fn at(&self) -> Instant {
        match self {
            Self::Check(result) => result.finished_at,
            Self::Metric(_, at) => *at,
        }
    }

    /// Gives since when what was seen is so, where that is not the look itself: users were counted, a file was made, a day
    /// was over.
    #[must_use]
    pub fn data_at(&self) -> Option<Instant> {
        match self {
            Self::Check(result) => result.data_at,
            Self::Metric(measured, _) => {
                [EXPOSURE, TICKETS].contains(&measured.metric.as_str()).then_some(measured.data_through)
            }
        }
    }

    /// Gives the release of the file that was looked at.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        match self {
            Self::Check(result) => result.release.as_deref(),
            Self::Metric(..) => None,
        }
    }

    /// Gives the fingerprint of the connection, empty where none was used.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        match self {
            Self::Check(result) => &result.fingerprint,
            Self::Metric(..) => "",
        }
    }

    /// Says in a sentence what was found.
    #[must_use]
    pub fn found(&self) -> &str {
        match self {
            Self::Check(result) => &result.verdict.found,
            Self::Metric(measured, _) => &measured.shown,
        }
    }

    pub(super) fn evidence(&self) -> Digest {
        match self {
            Self::Check(result) => result.evidence(),
            Self::Metric(measured, _) => measured.evidence(),
        }
    }
}

/// An answer with what it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its place in the ledger.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// What it comes to for this line.
    pub outcome: Outcome,
    /// Digest of what was seen.
    pub evidence: Digest,
    /// The release of the run then.
    pub release: String,
    /// Fingerprints of the connections it rests on, by source.
    pub rests_on: BTreeMap<String, String>,
    /// All of it.
    pub seen: Seen,
}

/// One time of a dated line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// Who, when, and the note or the reason.
    pub decision: Decision,
    /// What was recorded of it; absent where it was left out.
    pub done: Option<OccurrenceDone>,
}

/// What happened to an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TriggerRecord {
    /// When it tripped, where in the ledger, and why; absent when it is armed.
    pub tripped: Option<(u64, Instant, String)>,
    /// Who knows of it.
    pub acknowledged: Option<Decision>,
    /// Who says that the cause is gone.
    pub cleared_by: Vec<Decision>,
    /// When it was cleared last since it tripped, and by whom.
    pub cleared: Option<(Instant, Vec<Decision>)>,
    /// How often it tripped.
    pub count: u32,
}

/// A rollback procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Who began it, when and why.
    pub started: Decision,
    /// Who signed that it is over, in their order.
    pub ending: Vec<Decision>,
    /// Who ended it, when and how.
    pub ended: Option<Decision>,
}

impl Procedure {
    /// Names who signed that it is over; of an earlier version, who said so.
    #[must_use]
    pub fn ended_by(&self) -> String {
        self.ending.iter().map(|word| word.by.name.as_str()).collect::<Vec<_>>().join(" and ")
    }
}

/// What happened to a gate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GateRecord {
    /// The newest recorded evaluation; of an opened gate, the one it was opened with.
    pub evaluated: Option<(Instant, GateState, Vec<Condition>)>,
    /// Since when the recorded state is what it is.
    pub since: Option<Instant>,
    /// Whether each condition held when the gate was evaluated last, by its key, and since when it does or does not.
    pub turned: BTreeMap<String, (bool, Instant)>,
    /// Samples of the soak of its phase, oldest first.
    pub samples: Vec<Arc<SoakSample>>,
    /// Who overrode it, each once.
    pub overrides: Vec<Decision>,
    /// What an override is of, by its place in the ledger; one of an earlier version is of whatever fails.
    pub overridden: BTreeMap<u64, BTreeSet<String>>,
    /// When it was opened.
    pub opened_at: Option<Instant>,
    /// The release it was opened for.
    pub opened_for: Option<String>,
}

impl GateRecord {
    /// Takes in an evaluation; a gate that was opened stays as it was passed.
    pub(super) fn evaluated(&mut self, at: Instant, body: &GateEvaluated) {
        if self.opened_at.is_some() {
            return;
        }
        if self.evaluated.as_ref().is_none_or(|(_, state, _)| *state != body.state) {
            self.since = Some(at);
        }
        let turned = body.conditions.iter().map(|condition| {
            let before = self.turned.get(&condition.key()).filter(|(held, _)| *held == condition.holds);
            (condition.key(), (condition.holds, before.map_or(at, |(_, since)| *since)))
        });
        self.turned = turned.collect();
        self.evaluated = Some((at, body.state, body.conditions.clone()));
    }

    /// Says since when a condition is as it is; `None` where that is not on record.
    #[must_use]
    pub fn since(&self, condition: &Condition) -> Option<Instant> {
        self.turned.get(&condition.key()).filter(|(held, _)| *held == condition.holds).map(|(_, since)| *since)
    }

    /// Gives the two people whose override counts: of every condition that failed when the gate was evaluated last.
    #[must_use]
    pub fn override_of_two(&self) -> Option<(&Decision, &Decision)> {
        let conditions =
            self.evaluated.as_ref().filter(|_| self.opened_at.is_none()).map(|(.., conditions)| conditions);
        let failing = failing(conditions.map_or(&[], Vec::as_slice));
        let mut words = self.overrides_of(&failing);
        Some((words.next()?, words.next()?))
    }

    /// Lists the overrides that are of all these conditions.
    pub fn overrides_of(&self, failing: &[String]) -> impl Iterator<Item = &Decision> {
        let is_of = |word: &&Decision| {
            let conditions = self.overridden.get(&word.seq);
            conditions.is_none_or(|conditions| failing.iter().all(|key| conditions.contains(key)))
        };
        self.overrides.iter().filter(is_of)
    }
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRecord {
    /// Its place in the ledger.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Person,
    /// What was signed.
    pub body: RunSigned,
    /// For a signature given on another computer: how it came here.
    pub received: Option<Received>,
}

/// How a signature from a file came into the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// When the file was read.
    pub at: Instant,
    /// Who read it; absent where the program could not know.
    pub by: Option<Person>,
}

/// Everything recorded about one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// The newest answer.
    pub answer: Option<Answer>,
    /// For a share of users: the answer with which its phase was passed, and when that was.
    pub passed: Option<(Instant, Answer)>,
    /// Since when the answers come to the same.
    pub turned_at: Option<Instant>,
    /// Outcomes, oldest first, at most [`OUTCOMES_MAX`].
    pub outcomes: Vec<Outcome>,
    /// The confirmation that counts.
    pub confirmed: Option<Decision>,
    /// The waiver.
    pub waived: Option<Waiver>,
    /// Who said that it does not apply.
    pub dismissed: Option<Decision>,
    /// Who opened it again, since anything else was recorded.
    pub reopened: Option<Decision>,
    /// Notes, oldest first.
    pub notes: Vec<Remark>,
    /// Files, oldest first.
    pub files: Vec<Attachment>,
    /// Who owns it.
    pub owner: Option<OperatorId>,
    /// Owners who gave it to somebody else themselves.
    pub gave_away: BTreeSet<OperatorId>,
    /// The value of a form field.
    pub value: Option<Decision>,
    /// The contact card, its place in the ledger and its time.
    pub card: Option<(u64, Instant, Card)>,
    /// For an indicator.
    pub trigger: TriggerRecord,
    /// For a dated line, by the key of the occurrence.
    pub occasions: BTreeMap<String, Occasion>,
}

impl History {
    /// Takes a new answer; a confirmation of what is no longer so lapses.
    pub(super) fn answered(&mut self, answer: Answer) {
        let same = self.answer.as_ref().is_some_and(|before| before.evidence == answer.evidence);
        if matches!(answer.outcome, Outcome::Fail) || (answer.outcome == Outcome::Warn && !same) {
            self.confirmed = None;
        }
        if self.outcomes.len() >= OUTCOMES_MAX {
            self.outcomes.remove(0);
        }
        if self.outcomes.last().map(|last| last.word()) != Some(answer.outcome.word()) || self.turned_at.is_none() {
            self.turned_at = Some(answer.at);
        }
        self.outcomes.push(answer.outcome);
        self.reopened = None;
        self.answer = Some(answer);
    }

    /// Forgets what made the line complete, and keeps notes and files.
    pub(super) fn reopened(&mut self, decision: Decision) {
        self.answer = None;
        self.passed = None;
        self.confirmed = None;
        self.waived = None;
        self.dismissed = None;
        self.reopened = Some(decision);
    }
}
