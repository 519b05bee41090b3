//! Signing: the statement is shown, then signed, and what was shown is what was signed.

use countersign_domain::ids::{OperatorId, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::runs::RunPage;

/// Asks for the statement an operator would sign.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignPreviewRequest {
    /// Which run.
    pub run: RunId,
    /// For which role.
    pub role: String,
    /// Who.
    pub operator: OperatorId,
    /// `approve`, `review` or `reject`.
    pub meaning: String,
    /// Comment.
    #[serde(default)]
    pub comment: String,
}

/// The statement, and what the signer should know.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignPreview {
    /// The text that will be signed, line by line.
    pub statement: Vec<String>,
    /// Root over every item and note.
    pub evidence_root: String,
    /// What is not green, one sentence each.
    pub not_green: Vec<String>,
    /// Items the signer confirmed or waived.
    pub own_items: u32,
    /// Why it cannot be signed now.
    pub refused: Option<String>,
    /// Differences since the newest signature, one sentence each.
    pub changed: Vec<String>,
}

/// Signs a run. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignRun {
    /// Which run.
    pub run: RunId,
    /// For which role.
    pub role: String,
    /// Who.
    pub operator: OperatorId,
    /// `approve`, `review` or `reject`.
    pub meaning: String,
    /// Comment.
    #[serde(default)]
    pub comment: String,
    /// The root that was shown; signing refuses when it is no longer the same. Empty takes the present one.
    #[serde(default)]
    pub evidence_root: String,
}

/// A signature given.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Signed {
    /// Signature, hex.
    pub signature: String,
    /// Root it is for.
    pub evidence_root: String,
    /// Entry of the ledger.
    #[ts(type = "number")]
    pub ledger_seq: u64,
    /// Hash of that entry, hex.
    pub hash: String,
    /// The run after it.
    pub run: RunPage,
}
