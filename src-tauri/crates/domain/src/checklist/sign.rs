//! Sign-off: the lines to sign, their order, who may sign which, and the words that are signed.
//!
//! The rules hold for recorded entries as for wishes: the fold asks them again, so a verifier needs nothing but the
//! entries. Deliberately absent: keys, passphrases and the chain; that is the ledger.

pub mod by_file;
pub mod statement;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::digest::Digest;
use super::entry::{Act, Person, RunSigned};
use super::role::Role;
use super::row::Shape;
use super::run::{Actor, REASON_CHARS_MIN, Refusal, Run, SignatureRecord, WAIVER_REASON_CHARS_MIN};
use super::template::Template;
use crate::Instant;
use crate::failure::Code;
use crate::ids::ItemId;
use crate::ledger::roster::KeyRevoked;

/// What a signature means.
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
pub enum Meaning {
    /// The signer approves; only this completes a line.
    Approve,
    /// The signer looked at it, and says no more.
    Review,
    /// The signer rejects it, with a reason.
    Reject,
}

/// What is signed: the whole run or one phase; written `run` or `phase-2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub enum Scope {
    /// The whole run.
    Run,
    /// The lines of one phase.
    Phase(u8),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("run"),
            Self::Phase(number) => write!(f, "phase-{number}"),
        }
    }
}

/// The text is not `run` or `phase-…`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `run` nor a phase such as `phase-2`")]
pub struct NotAScope(pub String);

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let phase = || text.strip_prefix("phase-")?.parse().ok().map(Self::Phase);
        if text == "run" { Ok(Self::Run) } else { phase().ok_or_else(|| NotAScope(text.to_owned())) }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A line to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// For which role.
    pub role: Role,
    /// As people say it.
    pub label: String,
    /// The group it signs in.
    pub group: String,
    /// Order of the group, from 1; a group signs when all before it have.
    pub order: usize,
    /// What is signed.
    pub scope: Scope,
    /// The row it stands in, when the template has one.
    pub item: Option<ItemId>,
}

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SlotState {
    /// It can be signed now.
    Open,
    /// A group before it has to sign first.
    Waiting,
    /// It is approved for what is recorded now.
    Signed,
    /// It is rejected.
    Rejected,
    /// It was approved for something that changed since.
    Outdated,
    /// It was signed with a key that was revoked as of an earlier time; that does not count.
    Void,
}

/// A line with its newest signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The line.
    pub line: Line,
    /// How it stands.
    pub state: SlotState,
    /// The newest signature for it that counts, whatever it means; where none does, the newest.
    pub signature: Option<SignatureRecord>,
    /// The state in a sentence.
    pub sentence: String,
}

/// A wish to sign.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// For which role.
    pub role: &'a Role,
    /// What.
    pub scope: Scope,
    /// What it shall mean.
    pub meaning: Meaning,
    /// What the signer adds.
    pub comment: &'a str,
    /// The root that was shown.
    pub root: Digest,
    /// Why one person signs where two should. Whether the workspace allows it at all, the caller asks.
    pub exception: Option<&'a str>,
    /// Lines a rejection opens again.
    pub reopens: &'a [ItemId],
}

/// Lists the lines of a template: those of its phases first, then those of the whole run, group by group.
///
/// **Shape**: where several lines of the run name the same role, those after the first are numbered (`reviewer_2`), so that
/// no signature fills two of them.
#[must_use]
pub fn lines(template: &Template) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for phase in &template.phases {
        let order = usize::from(phase.number) + 1;
        lines.extend(phase.signed_by.iter().map(|role| Line {
            role: role.clone(),
            label: role.as_str().replace('_', " "),
            group: phase.name.clone(),
            order,
            scope: Scope::Phase(phase.number),
            item: None,
        }));
    }
    let mut groups: Vec<&[String]> = Vec::new();
    for row in template.rows.iter().filter(|row| row.shape == Shape::Signature) {
        if !groups.contains(&row.section.as_slice()) {
            groups.push(&row.section);
        }
        let order = groups.iter().position(|group| *group == row.section).map_or(1, |at| at + 1);
        let is_free = |role: &Role| !lines.iter().any(|line: &Line| line.scope == Scope::Run && line.role == *role);
        let role = Role::of_label(&row.label);
        let numbered = (2_u32..).map(|nth| Role::from(format!("{}_{nth}", role.as_str()).as_str()));
        let Some(role) = std::iter::once(role.clone()).chain(numbered).find(is_free) else { continue };
        lines.push(Line {
            role,
            label: row.label.clone(),
            group: row.section.last().cloned().unwrap_or_default(),
            order,
            scope: Scope::Run,
            item: Some(row.id.clone()),
        });
    }
    lines
}

impl Run {
    /// Gives every line to sign with its state.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        self.known_slots().to_vec()
    }

    pub(super) fn slots_now(&self) -> Vec<Slot> {
        let lines = lines(self.template());
        let mut scopes: Vec<Scope> = lines.iter().map(|line| line.scope).collect();
        scopes.dedup();
        let roots: Vec<(Scope, Digest)> = scopes.into_iter().map(|scope| (scope, self.root_digest(scope))).collect();
        let mut slots: Vec<Slot> = Vec::with_capacity(lines.len());
        for line in lines {
            let root = roots.iter().find(|(scope, _)| *scope == line.scope).map(|(_, root)| *root);
            let before = slots.iter().filter(|slot| comes_before(&slot.line, &line));
            let waits_for =
                before.filter(|slot| slot.state != SlotState::Signed).map(|slot| slot.line.group.clone()).next();
            slots.push(self.slot(line, root, waits_for));
        }
        slots
    }

    fn slot(&self, line: Line, root: Option<Digest>, waits_for: Option<String>) -> Slot {
        let own = |record: &&SignatureRecord| record.body.role == line.role && record.body.scope == line.scope;
        let counts = |record: &&SignatureRecord| own(record) && self.revoked_before(record).is_none();
        let newest = self.signatures().iter().rev();
        let signature = newest.clone().find(counts).cloned();
        if let Some(void) = newest.clone().find(own).filter(|_| signature.is_none()) {
            let sentence = self.void(void).unwrap_or_default();
            return Slot { line, state: SlotState::Void, signature: Some(void.clone()), sentence };
        }
        let passed = matches!(line.scope, Scope::Phase(number) if self.is_open(number));
        let said = signature.as_ref().map(|record| {
            let same = passed || Some(record.body.root) == root;
            (record.body.meaning, same, record.by.name.as_str(), record.body.root.short())
        });
        let (state, sentence) = match (said, waits_for) {
            (Some((Meaning::Approve, true, name, _)), _) => (SlotState::Signed, format!("Approved by {name}.")),
            (Some((Meaning::Reject, _, name, _)), _) => (SlotState::Rejected, format!("Rejected by {name}.")),
            (Some((Meaning::Approve, false, name, root)), _) => {
                (SlotState::Outdated, format!("Signed by {name} for root {root}; something changed since."))
            }
            (_, Some(group)) => (SlotState::Waiting, format!("{group} signs first.")),
            (Some((Meaning::Review, _, name, _)), None) => {
                (SlotState::Open, format!("Reviewed by {name}, not approved yet."))
            }
            (None, None) => (SlotState::Open, "Can be signed.".to_owned()),
        };
        Slot { line, state, signature, sentence }
    }

    /// Takes in that a key is over. An override that waits for its gate counts no more; what was opened stays open.
    pub(super) fn key_revoked(&mut self, body: &KeyRevoked) {
        let key = body.key.to_string();
        for record in self.gates.values_mut().filter(|record| record.opened_at.is_none()) {
            record.overrides.retain(|word| word.by.key.as_ref() != Some(&key) || word.at < body.since);
        }
        self.revoked.insert(key, body.since);
    }

    /// Says since when the key of a signature is not to be believed, where that is before the signature.
    fn revoked_before(&self, signature: &SignatureRecord) -> Option<Instant> {
        let since = *self.revoked.get(signature.by.key.as_ref()?)?;
        // When one from a file was made, only its signer says; it counts by when it was read.
        let read = signature.received.as_ref().map(|received| received.at);
        (signature.at >= since || read.is_some_and(|read| read >= since)).then_some(since)
    }

    /// Says why a signature does not count, where its key was revoked as of an earlier time.
    fn void(&self, signature: &SignatureRecord) -> Option<String> {
        let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC");
        let since = self.revoked_before(signature)?;
        let read =
            signature.received.as_ref().map(|received| format!(", read from a file at {},", minute(received.at)));
        let (name, at, read) = (&signature.by.name, minute(signature.at), read.unwrap_or_default());
        let since = minute(since);
        Some(format!("Signed by {name} at {at}{read} with a key that was revoked as of {since}; it does not count."))
    }

    /// Says whether a person may sign.
    ///
    /// **Errors**: `NOT_FOUND` for a role without a line; `SIGNOFF_STALE` when another root was shown;
    /// `SIGNOFF_DUPLICATE` when the line is approved for this root; `SIGNOFF_ORDER` while a group before has not signed;
    /// `SIGNOFF_SAME_PERSON`; `INPUT_INVALID` for a rejection or an exception without a reason, and for lines to open
    /// again where nothing is rejected; `NOT_FOUND` for one that is not among what is signed.
    pub fn may_sign(&self, wish: Wish<'_>, actor: Actor<'_>) -> Result<(), Refusal> {
        let slots = self.known_slots();
        let slot = self.slot_of(slots, wish.role, wish.scope)?;
        if actor.roles.is_some_and(|roles| !roles.contains(wish.role)) {
            return Err(Refusal::state(format!("You do not hold the role {}.", slot.line.label)));
        }
        let short = |text: &str, least: usize| text.trim().chars().count() < least;
        if wish.meaning == Meaning::Reject && short(wish.comment, REASON_CHARS_MIN) {
            return Err(Refusal::new(Code::InputInvalid, "A rejection needs a reason."));
        }
        if wish.meaning != Meaning::Reject && !wish.reopens.is_empty() {
            return Err(Refusal::new(Code::InputInvalid, "Only a rejection opens lines again."));
        }
        if let Some(item) = wish.reopens.iter().find(|item| !self.covers(wish.scope, item)) {
            return Err(Refusal::new(Code::NotFound, format!("The line {item} is not among what is signed.")));
        }
        if wish.exception.is_some_and(|reason| short(reason, WAIVER_REASON_CHARS_MIN)) {
            return Err(Refusal::new(Code::InputInvalid, "An exception needs a reason of at least 20 characters."));
        }
        if self.root_digest(wish.scope) != wish.root {
            return Err(Refusal::new(Code::SignoffStale, "Something changed since this was shown. Look at it again."));
        }
        if slot.state == SlotState::Signed {
            return Err(Refusal::new(Code::SignoffDuplicate, format!("{} has signed this already.", slot.line.label)));
        }
        if wish.meaning != Meaning::Reject {
            in_order(slots, slot)?;
        }
        match slots
            .iter()
            .find(|other| is_same_person(other, slot, wish.root, actor))
            .filter(|_| wish.exception.is_none())
        {
            Some(other) => {
                let text = format!("The same person signed as {}; somebody else has to sign here.", other.line.label);
                Err(Refusal::new(Code::SignoffSamePerson, text))
            }
            None => Ok(()),
        }
    }

    /// Finds a line to sign in a run that goes on.
    fn slot_of<'s>(&self, slots: &'s [Slot], role: &Role, scope: Scope) -> Result<&'s Slot, Refusal> {
        let own = |slot: &&Slot| slot.line.role == *role && slot.line.scope == scope;
        let Some(slot) = slots.iter().find(own) else {
            return Err(Refusal::new(Code::NotFound, format!("Nobody signs as {role} here.")));
        };
        if self.ended().is_some() { Err(Refusal::state("The run is over.")) } else { Ok(slot) }
    }

    /// Records a signature, if it was allowed then; a rejection opens the named items again.
    pub(super) fn signed(&mut self, act: &Act, body: &RunSigned) -> Result<(), Refusal> {
        let by: &Person = super::run::person(act)?;
        if by.key.is_none() {
            return Err(Refusal::new(Code::InputInvalid, "A signature without a key is none."));
        }
        let wish = Wish {
            role: &body.role,
            scope: body.scope,
            meaning: body.meaning,
            comment: &body.comment,
            root: body.root,
            exception: body.exception.as_deref(),
            reopens: &body.reopens,
        };
        self.may_sign(wish, Actor::of(by))?;
        let (seq, at, by, body) = (act.seq, act.at, by.clone(), body.clone());
        self.push_signature(SignatureRecord { seq, at, by, body: body.clone(), received: None });
        self.reopen_named(act, &body);
        Ok(())
    }

    /// Opens again the lines a rejection names; nobody may have worked on some of them yet.
    fn reopen_named(&mut self, act: &Act, body: &RunSigned) {
        for item in &body.reopens {
            let _is_open_already = self.reopened(act, item, &body.comment);
        }
    }
}

/// Refuses a line while a group before it has not signed.
fn in_order(slots: &[Slot], slot: &Slot) -> Result<(), Refusal> {
    let waiting = |other: &&Slot| comes_before(&other.line, &slot.line) && other.state != SlotState::Signed;
    slots.iter().find(waiting).map_or(Ok(()), |first| {
        Err(Refusal::new(Code::SignoffOrder, format!("{} signs first: {}", first.line.group, first.line.label)))
    })
}

/// Says whether one line's group has to sign before the other's.
fn comes_before(first: &Line, second: &Line) -> bool {
    let both_phases = matches!((first.scope, second.scope), (Scope::Phase(_), Scope::Phase(_)));
    (first.scope == second.scope || both_phases) && first.order < second.order
}

/// Says whether the person gave a signature, for what is signed now, that keeps them from signing this line.
///
/// Nobody signs in two groups of a run, nor as lead developer and as QA engineer, nor two lines of one role, nor twice for
/// one phase.
fn is_same_person(other: &Slot, slot: &Slot, root: Digest, actor: Actor<'_>) -> bool {
    let given = other.signature.as_ref().filter(|_| other.state != SlotState::Void);
    let Some(signature) = given.filter(|signature| signature.body.root == root) else {
        return false;
    };
    let same_key = actor.key.is_some() && signature.by.key.as_deref() == actor.key;
    let same = signature.by.id == *actor.id || same_key;
    let pair = [&other.line.role, &slot.line.role];
    let code_and_tests = pair.contains(&&Role::LeadDeveloper) && pair.contains(&&Role::QaEngineer);
    let one_role = other.line.label == slot.line.label;
    let is_of_phase = matches!(slot.line.scope, Scope::Phase(_));
    let apart = other.line.order != slot.line.order || code_and_tests || one_role || is_of_phase;
    same && other.line.scope == slot.line.scope && other.line.role != slot.line.role && apart
}

#[cfg(test)]
mod tests;
