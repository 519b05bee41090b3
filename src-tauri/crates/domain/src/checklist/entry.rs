//! What can be recorded about templates and runs. Frozen: these bodies are hashed and kept for ever.
//!
//! A kind never changes its meaning; a field may be added with a default, never renamed; another form gets a new kind.
//! No JSON number appears: numbers are text. Deliberately absent: who and when (the ledger's envelope) and every rule
//! about what may be recorded (`run`).

mod evidence;
mod reading;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::evidence::{CheckResult, FileFacts, MeantLoad, MinuteLine};
use super::contacts::Card;
use super::dated::Reviewed;
use super::digest::Digest;
use super::gates::{Condition, GateState};
use super::role::Role;
use super::sign::by_file::Countersignature;
use super::sign::statement::Matter;
use super::sign::{Meaning, Scope};
use crate::Instant;
use crate::ids::{EnvironmentId, ItemId, MetricId, OperatorId, TemplateId};
use crate::ledger::roster::KeyRevoked;
use crate::ledger::{Hash, Signature};
use crate::probe::{Fact, Unknown};
use crate::workspace::Class;

/// A person as the envelope of an entry names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The operator.
    pub id: OperatorId,
    /// The name printed beside what they did.
    pub name: String,
    /// Fingerprint of the key they signed with, when they signed.
    pub key: Option<String>,
}

/// An entry as a run is folded from it: what the envelope says, and the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Place in the ledger; the only order there is.
    pub seq: u64,
    /// When, by the computer's clock.
    pub at: Instant,
    /// Who, where a person did it.
    pub by: Option<Person>,
    /// What.
    pub entry: Entry,
}

macro_rules! entries {
    (
        $($(#[$meta:meta])* $word:literal $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })+
        elsewhere $($(#[$known_meta:meta])* $known_word:literal $known:ident,)+
    ) => {
        /// What happened to a template or a run, which the envelope names, or to a key that signed one.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "body")]
        pub enum Entry {
            $($(#[$meta])* #[serde(rename = $word)] $name($name),)+
            $($(#[$known_meta])* #[serde(rename = $known_word)] $known($known),)+
        }

        $($(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* })+

        $(impl From<$name> for Entry {
            fn from(body: $name) -> Self {
                Self::$name(body)
            }
        })+

        $(impl From<$known> for Entry {
            fn from(body: $known) -> Self {
                Self::$known(body)
            }
        })+

        impl Entry {
            /// The kinds of this family.
            pub const KINDS: &'static [&'static str] = &[$($word,)+ $($known_word),+];

            /// Gives the stable word of the entry's kind.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $word,)+ $(Self::$known(_) => $known_word,)+ }
            }
        }
    };
}

entries! {
    /// A template was kept, in the file form.
    "template_imported" TemplateImported {
        /// Its id.
        template: TemplateId,
        /// Its version.
        #[serde(with = "crate::text_number")]
        version: u32,
        /// Digest of its content; what runs name.
        hash: Digest,
        /// The template, as TOML; empty where that is kept as evidence.
        toml: String,
        /// Digest of its Markdown, kept as evidence.
        source: Digest,
        /// What it was made from by hand, as `weekly 2`; absent for one read from a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Digest of the TOML, kept as evidence because an entry does not hold it; absent where `toml` has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        record: Option<Digest>,
    }
    /// A run began.
    "run_started" RunStarted {
        /// The template.
        template: TemplateId,
        /// Its version.
        #[serde(with = "crate::text_number")]
        version: u32,
        /// Its content hash.
        hash: Digest,
        /// Where.
        environment: EnvironmentId,
        /// The class of that environment.
        class: Class,
        /// Whether it is the invented company.
        is_demo: bool,
        /// Tag of the release.
        release: String,
        /// Who owns the run, and every item without another owner.
        owner: OperatorId,
        /// Fingerprints of the connections, by source.
        fingerprints: BTreeMap<String, String>,
        /// The zone whose days its dated lines count.
        zone: String,
        /// Whether its dated lines keep to working days.
        business_days: bool,
        /// Who is expected for its roles.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        people: BTreeMap<Role, OperatorId>,
    }
    /// Somebody else, or nobody, is expected for a role of the run.
    "person_expected" PersonExpected {
        /// The role.
        role: Role,
        /// Who; absent for nobody.
        person: Option<OperatorId>,
    }
    /// The run is about another release from now on.
    "release_changed" ReleaseChanged {
        /// Tag of the release.
        release: String,
    }
    /// Other connections are right from now on.
    "fingerprints_pinned" FingerprintsPinned {
        /// Fingerprints by source.
        fingerprints: BTreeMap<String, String>,
        /// Why they changed.
        reason: String,
    }
    /// The window in which the deployment may happen.
    "window_set" WindowSet {
        /// Its beginning.
        from: Instant,
        /// Its end.
        to: Instant,
    }
    /// The release was deployed; dated lines count from here.
    "deployment_recorded" DeploymentRecorded {
        /// When.
        at: Instant,
        /// Why another time than before, what was due then stays; or why it was outside the window or before its gate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
    /// An item has an owner.
    "item_assigned" ItemAssigned {
        /// The item.
        item: ItemId,
        /// Who.
        owner: OperatorId,
    }
    /// A check was made.
    "item_checked" ItemChecked {
        /// The item.
        item: ItemId,
        /// What the check said.
        result: CheckResult,
    }
    /// A metric was read.
    "item_measured" ItemMeasured {
        /// The item.
        item: ItemId,
        /// The metric.
        metric: MetricId,
        /// Version of its formula.
        #[serde(with = "crate::text_number")]
        formula_version: u32,
        /// The exact value `n/d` in the unit of the item's limit; absent when there is none.
        value: Option<String>,
        /// Why there is no value.
        reason: Option<Unknown>,
        /// The value as it was shown, with its inputs in words.
        shown: String,
        /// The newest moment for which its sources are complete.
        data_through: Instant,
        /// Digest of its inputs.
        inputs: Option<Digest>,
        /// Fingerprints of the connections it was read from, by source; empty in entries of earlier versions.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        fingerprints: BTreeMap<String, String>,
    }
    /// A person confirmed what remained, decided an item, or accepted a warning.
    "item_confirmed" ItemConfirmed {
        /// The item.
        item: ItemId,
        /// What was seen or done.
        note: String,
        /// The role in which they did.
        role: Option<Role>,
    }
    /// An item need not be complete for a time; the approver is who recorded it.
    "item_waived" ItemWaived {
        /// The item.
        item: ItemId,
        /// Why.
        reason: String,
        /// Until when.
        until: Instant,
    }
    /// An item does not apply here.
    "item_not_applicable" ItemNotApplicable {
        /// The item.
        item: ItemId,
        /// Why.
        reason: String,
    }
    /// A note was written.
    "item_note" ItemNote {
        /// The item.
        item: ItemId,
        /// What it says.
        text: String,
    }
    /// A file was attached.
    "item_attached" ItemAttached {
        /// The item.
        item: ItemId,
        /// Its name.
        name: String,
        /// Digest of its content.
        sha256: Digest,
        /// Its size. **Units**: bytes.
        #[serde(with = "crate::text_number")]
        bytes: u64,
        /// The release it belongs to: as it says itself, else as the person says.
        release: Option<String>,
        /// What was read in it; absent for one attached by an earlier version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        facts: Option<FileFacts>,
        /// The load that was meant; absent for a file that is no summary of a load test.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        meant: Option<MeantLoad>,
    }
    /// What was known about an item no longer counts.
    "item_reopened" ItemReopened {
        /// The item.
        item: ItemId,
        /// Why.
        reason: String,
    }
    /// A person ran a command outside this program.
    "command_ran" CommandRan {
        /// The item.
        item: ItemId,
        /// What it printed, secrets taken out.
        output: String,
        /// When it was run, as the person says; absent for the time of the entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Instant>,
    }
    /// A field of the run's form was filled in.
    "note_set" NoteSet {
        /// The item.
        item: ItemId,
        /// The value.
        value: String,
    }
    /// A field of the run's form was written that no line of its list has.
    "run_noted" RunNoted {
        /// Its word.
        field: String,
        /// The value; empty takes it back.
        value: String,
    }
    /// A contact card was filled in.
    "contact_set" ContactSet {
        /// The item.
        item: ItemId,
        /// The card.
        card: Card,
    }
    /// A person signed.
    "run_signed" RunSigned {
        /// The role signed for.
        role: Role,
        /// What is signed: the whole run, or one phase.
        scope: Scope,
        /// What the signature means.
        meaning: Meaning,
        /// What the signer adds.
        comment: String,
        /// The evidence root that was signed.
        root: Digest,
        /// The statement, as it was shown.
        statement: Vec<String>,
        /// Items a rejection opens again.
        reopens: Vec<ItemId>,
        /// Why one person signs where two should, when the workspace allows it.
        exception: Option<String>,
    }
    /// The limited metrics of a phase were read while it soaks.
    "soak_sampled" SoakSampled {
        /// Which phase.
        #[serde(with = "crate::text_number")]
        phase: u8,
        /// What was read, line by line.
        lines: Vec<ItemMeasured>,
    }
    /// The lines of the first hour were looked at, once in its minute.
    "first_hour_sampled" FirstHourSampled {
        /// What was seen, line by line.
        lines: Vec<MinuteLine>,
    }
    /// Somebody on another computer was asked to sign, by file.
    "signature_requested" SignatureRequested {
        /// Names the request.
        request: uuid::Uuid,
        /// Hash of the file's document.
        hash: Hash,
        /// What is to be signed.
        matter: Matter,
    }
    /// A signature given on another computer was read from its file.
    "signature_received" SignatureReceived {
        /// What was signed there.
        signed: Countersignature,
        /// The signature over it, which the ledger's verifier checks.
        signature: Signature,
    }
    /// The state of a gate changed.
    "gate_evaluated" GateEvaluated {
        /// The phase the gate ends.
        #[serde(with = "crate::text_number")]
        phase: u8,
        /// Its state.
        state: GateState,
        /// Every condition, with its inputs in words.
        conditions: Vec<Condition>,
    }
    /// A gate was opened, and the next phase with it.
    "gate_opened" GateOpened {
        /// The phase the gate ends.
        #[serde(with = "crate::text_number")]
        phase: u8,
    }
    /// A person overrides a gate; two of them together do.
    "gate_overridden" GateOverridden {
        /// The phase the gate ends.
        #[serde(with = "crate::text_number")]
        phase: u8,
        /// Why.
        reason: String,
        /// The conditions that failed, as [`Condition::key`] calls them; absent for an override of whatever fails.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conditions: Option<Vec<String>>,
    }
    /// Something that calls for a rollback happened.
    "trigger_tripped" TriggerTripped {
        /// The indicator.
        item: ItemId,
        /// What was seen: value, limit, since when.
        cause: String,
    }
    /// A person knows of a tripped trigger.
    "trigger_acknowledged" TriggerAcknowledged {
        /// The indicator.
        item: ItemId,
        /// What they say.
        note: String,
    }
    /// A person says that the cause is gone.
    "trigger_cleared" TriggerCleared {
        /// The indicator.
        item: ItemId,
        /// Why.
        reason: String,
    }
    /// A rollback procedure began.
    "rollback_started" RollbackStarted {
        /// The section of its steps.
        section: Vec<String>,
        /// Why.
        reason: String,
    }
    /// A step of a rollback was done.
    "rollback_step" RollbackStep {
        /// The step.
        item: ItemId,
        /// What was done.
        note: String,
    }
    /// A rollback procedure ended.
    "rollback_ended" RollbackEnded {
        /// The section of its steps.
        section: Vec<String>,
        /// How.
        note: String,
    }
    /// A dated line was done.
    "occurrence_done" OccurrenceDone {
        /// The item.
        item: ItemId,
        /// Which time.
        key: String,
        /// What the person says of it.
        note: String,
        /// What was measured and shown before, in that order; absent for a line that asks nothing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        seen: Vec<Fact>,
        /// Digest of the file with all of it; absent like what was seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<Digest>,
        /// Digest of the same as a report for people; absent for a line that calls for none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Digest>,
        /// What the person answers to what the line asks beside the note, in that order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        said: Vec<Fact>,
        /// The list that was gone through; absent for a line that lists nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reviewed: Option<Reviewed>,
    }
    /// A dated line was left out once.
    "occurrence_skipped" OccurrenceSkipped {
        /// The item.
        item: ItemId,
        /// Which time.
        key: String,
        /// Why.
        reason: String,
    }
    /// The run goes on with another version of its template.
    "run_upgraded" RunUpgraded {
        /// The version.
        #[serde(with = "crate::text_number")]
        version: u32,
        /// Its content hash.
        hash: Digest,
        /// Items whose rule changed; what was known about them no longer counts.
        reset: Vec<ItemId>,
    }
    /// The run was written to a file.
    "run_exported" RunExported {
        /// The form: `md`, `pdf`, `csv`, `ics`, `pack`; `manifest` for the list of files in a pack.
        format: String,
        /// Digest of the file.
        sha256: Digest,
    }
    /// The run is over.
    "run_ended" RunEnded {
        /// Whether it was given up.
        is_abandoned: bool,
        /// Why, or how it went.
        note: String,
    }
    elsewhere
    /// A key is not to be believed any more; whoever signed with it.
    "key_revoked" KeyRevoked,
}

#[cfg(test)]
mod tests;
