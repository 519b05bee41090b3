//! A checkpoint that was kept elsewhere, held against the ledger, with the result in words.

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ledger::{Reason, Witness};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::verdict::{read_witness, verify_with};
use super::{FirstBad, Verification};
use crate::app::App;
use crate::failure::{invalid, told};
use crate::ledger::verify::Depth;

/// Compares a checkpoint or a receipt with the ledger: of a chosen file, or as a text.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CompareCheckpoint {
    /// Handle of the chosen file; `null` takes the text.
    #[serde(default)]
    pub file: Option<String>,
    /// The text, as it was mailed or printed.
    #[serde(default)]
    pub text: String,
}

/// What a comparison found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Compared {
    /// Whether the ledger holds what the checkpoint says, and is itself as it was written.
    pub agrees: bool,
    /// The entry the checkpoint speaks of.
    #[ts(type = "number")]
    pub seq: u64,
    /// Whether the ledger has an entry of that number.
    pub is_here: bool,
    /// The result in words.
    pub text: String,
    /// When it was compared.
    pub at: Instant,
}

/// Compares a checkpoint with the whole ledger.
///
/// **Errors**: nothing to compare, a file or text that is no checkpoint, a ledger that cannot be read.
pub async fn compare(app: &App, request: CompareCheckpoint) -> Result<Compared, Failure> {
    let text = match &request.file {
        Some(handle) => app.files().read_text(handle).await?,
        None if request.text.trim().is_empty() => return Err(invalid("text", "a checkpoint or a receipt is expected")),
        None => request.text,
    };
    let witness = read_witness(&text);
    let what = "Could not read the checkpoint";
    let witness: Witness = witness.map_err(|error| told(Code::ImportSyntax, what, error.to_string()))?;
    let (seq, theirs) = (witness.seq, witness.ledger);
    let own = app.stores()?.ledger.id().await;
    let found = verify_with(app, Depth::Whole, vec![witness]).await?;
    let is_other = theirs.is_some_and(|theirs| theirs != own);
    let end = app.stores()?.ledger.head().await.map_or(0, |head| head.seq);
    let is_here = seq <= end && !is_other;
    let (agrees, text) = words(&found, seq, end, is_other);
    Ok(Compared { agrees, seq, is_here, text, at: found.at })
}

fn words(found: &Verification, seq: u64, end: u64, is_other: bool) -> (bool, String) {
    let is_cut = |bad: &FirstBad| bad.reason == Reason::RolledBack.as_ref();
    match &found.first_bad {
        _ if is_other => (false, "The checkpoint is of another ledger; it says nothing about this one.".to_owned()),
        Some(bad) if is_cut(bad) && seq > end => {
            (false, format!("The ledger ends at entry {end}, and the checkpoint speaks of entry {seq}: it was cut."))
        }
        Some(bad) if is_cut(bad) => (
            false,
            format!("The ledger holds another entry {seq} than the checkpoint says: it was rewritten since then."),
        ),
        Some(bad) => (false, format!("Entry {} of the ledger is not as it was written. {}", bad.seq, bad.text)),
        // The verifier names it as a warning: the paper is at fault, and not the ledger.
        None if found.warnings.iter().any(|warning| warning.ends_with("it is not genuine.")) => {
            (false, "The checkpoint disagrees, and its own signature does not hold: it is not genuine.".to_owned())
        }
        None => {
            let holds = "nothing up to it was changed since then";
            (true, format!("The ledger holds entry {seq} as the checkpoint says: {holds}."))
        }
    }
}
