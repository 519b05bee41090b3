//! Verifying the ledger: the whole file, its newest part, or against what somebody else kept.
//!
//! The head comes from the keychain each time; where the keychain cannot be asked, from what this process wrote, and that is
//! told. What is found wrong with the entries keeps further ones from being added, until all of them are found good.

use countersign_domain::ledger::verify::Warning;
use countersign_domain::ledger::{Checkpoint, Entry, Expected, Moment, Report, Witness};
use countersign_store::StoreError;
use countersign_store::ledger::verify;

use super::{Began, Ledger, LedgerError, gone_on_from, is_of_chain, known_head, seal};

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
    let began = Began::now();
    let (head, is_asked) = match known_head(&ledger.keychain, &ledger.head_item).await {
        Ok(head) => (head, true),
        Err(LedgerError::Keychain(_)) => (ledger.state.lock().await.known, false),
        Err(error) => return Err(error),
    };
    let is_of_papers = !witnesses.is_empty();
    let evidence = ledger.database.evidence();
    let report = ledger.database.read(move |conn| {
        let head = match head.map(|head| gone_on_from(conn, head)).transpose() {
            Err(StoreError::Tampered { .. }) => head,
            found => found?,
        };
        let expected = Expected { ledger: None, head, witnesses };
        match depth {
            Depth::Whole => verify::whole(conn, &evidence, expected, &mut visit),
            Depth::Recent => verify::recent(conn, &evidence, expected, &mut visit),
        }
    });
    let mut report = report.await?;
    if !is_asked {
        report.warnings.push(Warning::HeadNotRead);
    }
    if let Some(bad) = report.first_bad {
        tracing::error!(event = "ledger_alarm", seq = bad.seq, reason = bad.reason.as_ref(), "the ledger was changed");
    }
    match report.first_bad {
        // Papers of others accuse nobody by themselves.
        _ if is_of_papers => {}
        Some(bad) if is_of_chain(bad.reason) => ledger.set_fault(Some(bad), Some(began)),
        // Lost evidence is told only where every entry is good.
        bad if depth == Depth::Whole && bad.is_none_or(|bad| bad.reason.is_of_evidence()) => {
            ledger.is_put_right(began).await?;
        }
        _ => {}
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
