//! Unlocking an operator's key for one decision, with a pause after three wrong passphrases.
//!
//! The count stands in the preferences, so that it outlives the process; it slows down a person at the keyboard and is no
//! defence against somebody with the keychain.

use countersign_domain::Instant;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::passphrase::Attempts;
use countersign_sources::secret::Secret;
use countersign_sources::signing::{SigningError, UnlockedKey};
use countersign_store::ledger::preferences;

use super::{Ledger, LedgerError};

/// Opens the key the ledger knows as the operator's.
///
/// **Errors**: [`LedgerError::Paused`] after three wrong ones, without trying; a wrong passphrase; an operator without a
/// good key; the keychain.
pub async fn unlock(
    ledger: &Ledger,
    operator: &OperatorId,
    passphrase: Secret,
    now: Instant,
) -> Result<UnlockedKey, LedgerError> {
    let _one_at_a_time = ledger.unlocking.lock().await;
    let roster = ledger.roster().await;
    let own = roster.operator(operator).filter(|known| known.origin.is_none());
    let enrolled = own.and_then(|known| known.key);
    let enrolled = enrolled.ok_or_else(|| LedgerError::KeyUnknown { operator: operator.clone() })?;
    let name = format!("passphrase/{operator}");
    let attempts = attempts(ledger, name.clone()).await?;
    attempts.allow(now)?;
    let unlocked = ledger.keys.unlock(operator, &enrolled, passphrase).await;
    let next = match &unlocked {
        Err(SigningError::PassphraseWrong { .. }) => attempts.after_wrong(now),
        Ok(_) => Attempts::default(),
        Err(_) => attempts,
    };
    if next != attempts {
        keep(ledger, name, next).await?;
    }
    Ok(unlocked?)
}

async fn attempts(ledger: &Ledger, name: String) -> Result<Attempts, LedgerError> {
    let kept = ledger.database.read(move |conn| preferences::get(conn, &name)).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

async fn keep(ledger: &Ledger, name: String, attempts: Attempts) -> Result<(), LedgerError> {
    let text = (attempts != Attempts::default()).then(|| serde_json::to_string(&attempts).unwrap_or_default());
    Ok(ledger.database.write(move |transaction| preferences::set(transaction, &name, text.as_deref())).await?)
}
