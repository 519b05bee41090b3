//! Runs: a template bound to an environment and a release, worked off line by line.

use countersign_domain::Instant;
use countersign_domain::ids::{EnvironmentId, ItemId, OperatorId, RunId, TemplateId};
use countersign_domain::probe::Outcome;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::overview::RunBrief;

/// Asks for the runs.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunsRequest {
    /// Only those of this environment.
    #[serde(default)]
    pub environment: Option<EnvironmentId>,
}

/// Runs, newest first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Runs {
    /// The runs.
    pub runs: Vec<RunBrief>,
}

/// Starts a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Which template.
    pub template: TemplateId,
    /// Where.
    pub environment: EnvironmentId,
    /// Tag of the release.
    pub release: String,
    /// Who owns it.
    pub owner: Option<OperatorId>,
}

/// Asks for one run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Which.
    pub run: RunId,
}

/// One run with all its items.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunPage {
    /// In one line.
    pub brief: RunBrief,
    /// The template it was started from.
    pub template: TemplateId,
    /// Its version.
    pub template_version: u32,
    /// First 12 hex digits of the template's hash.
    pub template_hash: String,
    /// Fingerprints pinned when it began.
    pub fingerprints: Vec<Fingerprint>,
    /// Whether a fingerprint changed since: every automatic result is then stale.
    pub has_changed_fingerprint: bool,
    /// Sections in order.
    pub sections: Vec<SectionView>,
    /// Items in order.
    pub items: Vec<ItemView>,
    /// Counts by state.
    pub progress: Vec<StateCount>,
    /// First 16 hex digits of the evidence root.
    pub evidence_root: String,
    /// Roles and who signed.
    pub signatures: Vec<SignatureSlot>,
}

/// A pinned fingerprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Fingerprint {
    /// Of what: `stripe`, `database`.
    pub source: String,
    /// The value.
    pub value: String,
    /// In words: `acct_…AEAL, test`.
    pub text: String,
}

/// A section of the outline.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SectionView {
    /// Headings down to it.
    pub path: Vec<String>,
    /// Depth, 0 for the top.
    pub depth: u32,
    /// Items in it, with sections below.
    pub total: u32,
    /// Of these, complete.
    pub complete: u32,
    /// Of these, failed.
    pub failed: u32,
}

/// One item in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemView {
    /// Its id.
    pub id: ItemId,
    /// The label as it stands.
    pub text: String,
    /// Headings down to it.
    pub section: Vec<String>,
    /// The item it is nested in.
    pub parent: Option<ItemId>,
    /// Its kind.
    pub kind: String,
    /// `full`, `partial`, `assist`, `human`.
    pub strength: String,
    /// `open`, `running`, `verified`, `needs_confirmation`, `failed`, `warning`, `unknown`, `confirmed`, `waived`,
    /// `not_applicable`, `blocked`, `stale`, `reopened`, `armed`, `tripped`.
    pub state: String,
    /// The state in words, with its reason.
    pub state_text: String,
    /// Whether it counts as complete.
    pub is_complete: bool,
    /// Whether it counts at all.
    pub counts: bool,
    /// Probe or metric behind it.
    pub probe: Option<String>,
    /// Pieces of evidence.
    pub evidence: u32,
    /// When it was last looked at.
    pub checked_at: Option<Instant>,
    /// Until when that counts.
    pub fresh_until: Option<Instant>,
    /// Who has to do something about it, if anybody.
    pub needs: String,
}

/// How many items are in a state.
#[derive(Debug, Clone, Serialize, TS)]
pub struct StateCount {
    /// The state.
    pub state: String,
    /// How many.
    pub count: u32,
}

/// Asks for one item of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ItemRequest {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
}

/// One item, whole.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemPage {
    /// As in the list.
    pub view: ItemView,
    /// Line in the source.
    pub line: u32,
    /// The rule in words.
    pub rule: String,
    /// Version of the rule.
    pub rule_version: u32,
    /// Help of our own.
    pub help: String,
    /// What the check cannot prove and a person has to confirm.
    pub remainder: String,
    /// Limit, as written.
    pub limit: Option<String>,
    /// Newest result.
    pub result: Option<ResultView>,
    /// Outcomes, oldest first, at most 60.
    pub history: Vec<Outcome>,
    /// Evidence, newest first.
    pub evidence: Vec<EvidenceView>,
    /// Notes, newest first.
    pub notes: Vec<NoteView>,
    /// A command to copy; never run here.
    pub command: Option<String>,
    /// What can be done now, and why not when it cannot.
    pub acts: Vec<ItemAct>,
    /// A screen that shows the matter.
    pub route: Option<String>,
}

/// A result of a check.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ResultView {
    /// The answer.
    pub outcome: Outcome,
    /// What had to hold.
    pub expected: String,
    /// What was seen.
    pub found: String,
    /// What to do.
    pub fix: String,
    /// Values compared.
    pub facts: Vec<countersign_domain::probe::Fact>,
    /// Requests made.
    pub requests: Vec<String>,
    /// When.
    pub at: Instant,
    /// How long it took.
    #[ts(type = "number")]
    pub duration_ms: i64,
}

/// A piece of evidence.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EvidenceView {
    /// Sequence number of the entry that keeps it.
    #[ts(type = "number")]
    pub seq: u64,
    /// `check`, `confirmation`, `waiver`, `note`, `file`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// A note.
#[derive(Debug, Clone, Serialize, TS)]
pub struct NoteView {
    /// What it says.
    pub text: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Something that can be done with an item.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemAct {
    /// `check`, `confirm`, `accept`, `waive`, `not_applicable`, `note`.
    pub act: String,
    /// Why it cannot be done now; `null` when it can.
    pub refused: Option<String>,
}

/// Runs automatic items.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CheckRun {
    /// Which run.
    pub run: RunId,
    /// Which items; empty is every automatic one.
    #[serde(default)]
    pub items: Vec<ItemId>,
}

/// A person confirms an item, or accepts its warning.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConfirmItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who confirms.
    pub operator: OperatorId,
    /// What was seen or done.
    #[serde(default)]
    pub note: String,
}

/// A person marks an item as not applicable, where its text allows it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DismissItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who says so.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// A person waives an item for a time.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WaiveItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who approves; not the item's owner.
    pub operator: OperatorId,
    /// Why, 20 characters at least.
    pub reason: String,
    /// Until when, at most 90 days.
    pub until: Instant,
}

/// A person writes a note.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NoteItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who writes.
    pub operator: OperatorId,
    /// What.
    pub text: String,
}

/// A role and its signature.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignatureSlot {
    /// Stable word of the role.
    pub role: String,
    /// As people say it.
    pub name: String,
    /// The group it signs in.
    pub group: String,
    /// Order of the group, from 1.
    pub order: u32,
    /// `open`, `waiting`, `signed`, `rejected`, `outdated`.
    pub state: String,
    /// Who signed.
    pub by: Option<String>,
    /// When.
    pub at: Option<Instant>,
    /// Meaning: `approve`, `review`, `reject`.
    pub meaning: Option<String>,
    /// Comment.
    pub comment: String,
    /// Fingerprint of the key.
    pub key: Option<String>,
    /// Entry of the ledger.
    #[ts(type = "number | null")]
    pub seq: Option<u64>,
    /// What it waits for.
    pub waits_for: String,
}
