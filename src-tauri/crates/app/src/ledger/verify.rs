//! Verifying the ledger: the whole file, its newest part, or against what somebody else kept.
//!
//! The head comes from the keychain each time; where the keychain cannot be asked, from what this process wrote.

use countersign_domain::ledger::verify::Warning;
use countersign_domain::ledger::{Checkpoint, Entry, Expected, Moment, Report, Witness};
use countersign_store::ledger::verify;

use super::{Ledger, LedgerError, known_head, seal};

/// How much of the ledger is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every entry, from the first.
    Whole,
    /// The newest thousand, for a start-up that should not wait.
    Recent,
}

/// Verifies the ledger's file.
///
/// **Shape**: `visit` sees every good entry in turn and may add a warning, for rules over several entries.
/// **Errors**: a file that cannot be read; what can be read and is wrong stands in the report.
pub async fn verify(
    ledger: &Ledger,
    depth: Depth,
    witnesses: Vec<Witness>,
    mut visit: impl FnMut(&Entry) -> Option<Warning> + Send + 'static,
) -> Result<Report, LedgerError> {
    let head = match known_head(&ledger.keychain, &ledger.head_item).await {
        Ok(head) => head,
        Err(LedgerError::Keychain(_)) => ledger.head().await,
        Err(error) => return Err(error),
    };
    let expected = Expected { ledger: None, head, witnesses };
    let evidence = ledger.database.evidence();
    let report = ledger.database.read(move |conn| match depth {
        Depth::Whole => verify::whole(conn, &evidence, expected, &mut visit),
        Depth::Recent => verify::recent(conn, &evidence, expected, &mut visit),
    });
    let report = report.await?;
    if let Some(bad) = report.first_bad {
        tracing::error!(event = "ledger_alarm", seq = bad.seq, reason = bad.reason.as_ref(), "the ledger was changed");
    }
    Ok(report)
}

/// Makes the checkpoint of everything written so far, to be kept where the owner of this computer cannot change it.
///
/// **Errors**: as [`seal`].
pub async fn checkpoint(ledger: &Ledger, moment: &Moment) -> Result<Checkpoint, LedgerError> {
    let sealed = seal(ledger, moment).await?;
    Checkpoint::of(&sealed).ok_or(LedgerError::Unsound(countersign_domain::ledger::Reason::Sig))
}
