//! Signing on another computer: the file that asks for a signature, the file that answers, and what a run makes of both.
//!
//! Frozen forms `countersign-sign-request-v1`, `countersign-signature-v1`, and `-v2` for a rejection that opens lines
//! again. One request is answered once, for the run
//! and the root it was made for. Deliberately absent: whose key is good, which the ledger's roster says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::digest::Digest;
use super::super::entry::{Act, Person, RunSigned, SignatureReceived, SignatureRequested};
use super::super::role::Role;
use super::super::run::{Actor, Leaf, REASON_CHARS_MIN, Received, Refusal, Root, Run, SignatureRecord, TEXT_CHARS_MAX};
use super::statement::{Matter, Said};
use super::{Meaning, Scope, SlotState, Wish};
use crate::Instant;
use crate::failure::Code;
use crate::ids::{ItemId, RunId};
use crate::ledger::listing::Sealer;
use crate::ledger::{Document, Hash, LedgerId, Offset, Sealed, Signer, entry, sealed};

/// Asks somebody on another computer to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// Form.
    pub v: String,
    /// Names the request.
    pub id: Uuid,
    /// Ledger of the computer that asks.
    pub ledger: LedgerId,
    /// When, by its clock.
    #[serde(with = "entry::stamp")]
    pub at: Instant,
    /// The run there.
    pub run: RunId,
    /// What people call the run.
    pub name: String,
    /// What the statement is about.
    pub matter: Matter,
    /// What is not green, one sentence each.
    pub not_green: Vec<String>,
    /// The leaves under the evidence root.
    pub leaves: Vec<Leaf>,
    /// Who asks.
    pub sealer: Sealer,
}

impl Document for SignRequest {
    const VERSION: &'static str = "countersign-sign-request-v1";
    const NAME: &'static str = "a request to sign";
}

/// A signature given on another computer than the run's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersignature {
    /// Form.
    pub v: String,
    /// The request it answers.
    pub request: Uuid,
    /// Hash of that request as it was read.
    pub asked: Hash,
    /// Ledger of the computer that asked.
    pub ledger: LedgerId,
    /// The run there.
    pub run: RunId,
    /// For which role.
    pub role: Role,
    /// What is signed.
    pub scope: Scope,
    /// What the signature means.
    pub meaning: Meaning,
    /// What the signer adds.
    pub comment: String,
    /// The evidence root.
    pub root: Digest,
    /// The statement, as it was shown.
    pub statement: Vec<String>,
    /// Who signed, with the key.
    pub signer: Signer,
    /// When, by the signer's clock.
    #[serde(with = "entry::stamp")]
    pub at: Instant,
    /// That clock's distance from UTC.
    pub offset: Offset,
    /// Version of the program there.
    pub app: String,
    /// Lines a rejection opens again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopens: Vec<ItemId>,
}

impl Document for Countersignature {
    const VERSION: &'static str = sealed::SIGNATURE;
    const NAME: &'static str = "a signature";
    const LATER: &'static [&'static str] = &[sealed::SIGNATURE_REOPENING];

    fn version(&self) -> &'static str {
        if self.reopens.is_empty() { sealed::SIGNATURE } else { sealed::SIGNATURE_REOPENING }
    }
}

/// Why a request to sign is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARequest {
    /// The signature is not the one of whoever it names.
    #[error("it was changed after it was signed")]
    Forged,
    /// Its items do not add up to the evidence root, or the root is of another release or environment.
    #[error("its items do not give the evidence root it names")]
    OtherRoot,
}

impl SignRequest {
    /// Checks that a request says one thing only: its seal, its items, and the root over them.
    ///
    /// **Errors**: [`NotARequest`].
    pub fn check(request: &Sealed<Self>) -> Result<(), NotARequest> {
        let Self { matter, leaves, sealer, .. } = &request.signed;
        if !request.is_by(&sealer.key) {
            return Err(NotARequest::Forged);
        }
        let is_bound = leaves.first().is_some_and(|first| first.item.is_none() && first.digest == matter.bound());
        if is_bound && Root::of(leaves.clone()).digest == matter.root { Ok(()) } else { Err(NotARequest::OtherRoot) }
    }

    /// Names the lines a rejection would open again, as the request calls them.
    ///
    /// **Errors**: `NOT_FOUND` for one that is not among what is signed; `INPUT_INVALID` where nothing is rejected.
    pub fn labels(&self, meaning: Meaning, reopens: &[ItemId]) -> Result<Vec<String>, Refusal> {
        if meaning != Meaning::Reject && !reopens.is_empty() {
            return Err(Refusal::new(Code::InputInvalid, "Only a rejection opens lines again."));
        }
        let leaf = |item: &ItemId| self.leaves.iter().find(|leaf| leaf.item.as_ref() == Some(item));
        let none =
            |item: &ItemId| Refusal::new(Code::NotFound, format!("The line {item} is not among what is signed."));
        reopens.iter().map(|item| leaf(item).map(|leaf| leaf.label.clone()).ok_or_else(|| none(item))).collect()
    }

    /// Says whether a signer's words are enough for their meaning.
    ///
    /// **Errors**: `INPUT_INVALID` for a rejection without a reason and for a comment that is too long.
    pub fn may_say(meaning: Meaning, comment: &str) -> Result<(), Refusal> {
        let chars = comment.trim().chars().count();
        if chars > TEXT_CHARS_MAX {
            return Err(Refusal::new(Code::InputInvalid, format!("At most {TEXT_CHARS_MAX} characters fit.")));
        }
        if meaning == Meaning::Reject && chars < REASON_CHARS_MIN {
            return Err(Refusal::new(Code::InputInvalid, "A rejection needs a reason."));
        }
        Ok(())
    }
}

/// A request that was made for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Its place in the ledger.
    pub seq: u64,
    /// When it was made.
    pub at: Instant,
    /// Who asked.
    pub by: Person,
    /// What was asked.
    pub body: SignatureRequested,
    /// The entry that holds the answer.
    pub answered: Option<u64>,
}

impl Run {
    /// Says whether somebody elsewhere may be asked for a signature.
    ///
    /// **Errors**: `NOT_FOUND` for a role without a line; `SIGNOFF_DUPLICATE` when the line is approved for what is
    /// recorded now; `SIGNOFF_ORDER` while a group before has not signed; `STATE_CONFLICT` when the run is over.
    pub fn may_ask(&self, role: &Role, scope: Scope) -> Result<(), Refusal> {
        let slots = self.known_slots();
        let slot = self.slot_of(slots, role, scope)?;
        if slot.state == SlotState::Signed {
            return Err(Refusal::new(Code::SignoffDuplicate, format!("{} has signed this already.", slot.line.label)));
        }
        super::in_order(slots, slot)
    }

    /// Finds the request a signature answers.
    ///
    /// **Errors**: `SIGNOFF_OTHER_RUN` when this run made none such; `SIGNOFF_FILE_CHANGED` when it was another one that
    /// was signed; `SIGNOFF_DUPLICATE` when it is answered.
    pub fn request_of(&self, signed: &Countersignature) -> Result<&RequestRecord, Refusal> {
        let found = self.requests().iter().find(|request| request.body.request == signed.request);
        let Some(request) = found else {
            return Err(Refusal::new(Code::SignoffOtherRun, "This run never asked for this signature."));
        };
        let matter = &request.body.matter;
        let Countersignature { role, scope, root, meaning, comment, .. } = signed;
        let reopens = &self.labels(&signed.reopens);
        let said = Said { signer: &signed.signer.name, meaning: *meaning, comment, exception: None, reopens };
        let is_same = request.body.hash == signed.asked
            && (&matter.role, matter.scope, matter.root) == (role, *scope, *root)
            && matter.statement(said) == signed.statement;
        if !is_same {
            return Err(Refusal::new(Code::SignoffFileChanged, "Another text was signed than the one asked for."));
        }
        match request.answered {
            Some(seq) => {
                Err(Refusal::new(Code::SignoffDuplicate, format!("This request was answered: entry {seq} holds it.")))
            }
            None => Ok(request),
        }
    }

    /// Says whether a signature from a file may be taken in.
    ///
    /// **Errors**: as [`Self::request_of`] and [`Self::may_sign`].
    pub fn may_receive(&self, signed: &Countersignature) -> Result<(), Refusal> {
        self.request_of(signed)?;
        if signed.signer.key.is_none() {
            return Err(Refusal::new(Code::InputInvalid, "A signature without a key is none."));
        }
        let by = signer_of(signed);
        let Countersignature { role, scope, meaning, comment, root, reopens, .. } = signed;
        let wish = Wish { role, scope: *scope, meaning: *meaning, comment, root: *root, exception: None, reopens };
        self.may_sign(wish, Actor::of(&by))
    }

    /// Records that a signature was asked for, if it was allowed then.
    pub(in super::super) fn requested(&mut self, act: &Act, body: &SignatureRequested) -> Result<(), Refusal> {
        let by = super::super::run::person(act)?.clone();
        let matter = &body.matter;
        self.may_ask(&matter.role, matter.scope)?;
        if self.root_digest(matter.scope) != matter.root {
            return Err(Refusal::new(Code::SignoffStale, "Something changed since this was shown. Look at it again."));
        }
        if self.requests().iter().any(|request| request.body.request == body.request) {
            return Err(Refusal::new(Code::SignoffDuplicate, "The request was made already."));
        }
        self.push_request(RequestRecord { seq: act.seq, at: act.at, by, body: body.clone(), answered: None });
        Ok(())
    }

    /// Records a signature from a file, if it was allowed then.
    ///
    /// **Shape**: its signer decided; nobody has to be known who read the file.
    pub(in super::super) fn received(&mut self, act: &Act, body: &SignatureReceived) -> Result<(), Refusal> {
        let signed = &body.signed;
        self.may_receive(signed)?;
        self.answer(signed.request, act.seq);
        let Countersignature { role, scope, meaning, comment, root, statement, reopens, .. } = signed.clone();
        let words = RunSigned { role, scope, meaning, comment, root, statement, reopens, exception: None };
        let (signer, received) = (signer_of(signed), Some(Received { at: act.at, by: act.by.clone() }));
        // Who rejected opens them again, not who read the file.
        self.reopen_named(&Act { by: Some(signer.clone()), ..act.clone() }, &words);
        self.push_signature(SignatureRecord { seq: act.seq, at: signed.at, by: signer, body: words, received });
        Ok(())
    }
}

fn signer_of(signed: &Countersignature) -> Person {
    let Signer { id, key, name } = signed.signer.clone();
    Person { id, name, key: key.map(|key| key.to_string()) }
}

#[cfg(test)]
mod tests;
