//! Audit log: the ledger, entry by entry, and its verification.

use countersign_domain::Instant;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Rows, Window};

/// Asks for a window of the entries, newest first.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// Keep those of this kind, or empty.
    #[serde(default)]
    pub kind: String,
    /// Keep those of this operator, or empty.
    #[serde(default)]
    pub operator: String,
    /// Keep those of this object, or empty.
    #[serde(default)]
    pub object: String,
    /// Keep signatures only.
    #[serde(default)]
    pub is_signed: bool,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The log.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Audit {
    /// State of the chain.
    pub chain: Chain,
    /// Entries.
    pub entries: Rows<EntryRow>,
    /// Kinds that occur, to filter by.
    pub kinds: Vec<String>,
}

/// State of the chain.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Chain {
    /// Entries in all.
    #[ts(type = "number")]
    pub entries: u64,
    /// First 16 hex digits of the head.
    pub head: String,
    /// Result of the newest verification.
    pub verified: Option<Verification>,
    /// Newest checkpoint that left this computer.
    pub checkpoint_at: Option<Instant>,
}

/// Result of a verification.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Verification {
    /// Whether every entry is as it was written.
    pub ok: bool,
    /// Entries looked at.
    #[ts(type = "number")]
    pub entries: u64,
    /// The head, whole.
    pub head: String,
    /// The first bad entry.
    pub first_bad: Option<FirstBad>,
    /// Things worth knowing that are no fault.
    pub warnings: Vec<String>,
    /// When it was made.
    pub at: Instant,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FirstBad {
    /// Its sequence number.
    #[ts(type = "number")]
    pub seq: u64,
    /// Stable word: `HASH`, `SIG`, `PREV`, …
    pub reason: String,
    /// The same in a sentence.
    pub text: String,
}

/// One entry in the log.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntryRow {
    /// Sequence number.
    #[ts(type = "number")]
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who, by the name they signed with; empty for the program itself.
    pub operator: String,
    /// Kind, a stable word.
    pub kind: String,
    /// What happened, one line.
    pub summary: String,
    /// The object it concerns.
    pub object: String,
    /// The environment it concerns.
    pub environment: String,
    /// First 16 hex digits of its hash.
    pub hash: String,
    /// Whether it carries a signature.
    pub is_signed: bool,
    /// Where Enter leads.
    pub route: Option<String>,
}

/// Asks for one entry.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EntryRequest {
    /// Sequence number.
    #[ts(type = "number")]
    pub seq: u64,
}

/// One entry, whole.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntryPage {
    /// The row of the log.
    pub row: EntryRow,
    /// The signed bytes, as they are.
    pub bytes: String,
    /// Hash of the entry, whole.
    pub hash: String,
    /// Hash of the entry before.
    pub prev: String,
    /// Signature, hex; `null` when the entry is not a decision.
    pub signature: Option<String>,
    /// Fingerprint of the key.
    pub key: Option<String>,
}

/// Verifies the whole ledger.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {}
