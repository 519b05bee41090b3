//! Operators and their keys: taking one up, following a key by the next, ending one.
//!
//! Each is an entry of the ledger first; what the keychain holds follows from it.

use countersign_domain::Instant;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::roster::{self, KeyChange, KeyRevoked, OperatorAdded, OperatorChanged};
use countersign_domain::ledger::{Draft, KeyId, Moment, kind};
use countersign_sources::secret::Secret;
use countersign_sources::signing::UnlockedKey;
use uuid::Uuid;

use super::{Appended, Ledger, LedgerError, append, word};

/// What is known of a person who is to be an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id, never used before.
    pub id: OperatorId,
    /// Name as it will be printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
}

/// Takes up an operator: makes their key, wraps it with the passphrase, and enrols it by an entry it signs itself.
///
/// **Errors**: an operator of that id, a short passphrase, the keychain, or what [`append`] refuses; a key whose
/// enrolment failed is removed again.
pub async fn enrol(
    ledger: &Ledger,
    person: Person,
    passphrase: Secret,
    request: Uuid,
    moment: &Moment,
) -> Result<Appended, LedgerError> {
    let Person { id, name, email, roles } = person;
    if ledger.roster().await.operator(&id).is_some() || id.as_str() == roster::CONSOLE {
        return Err(LedgerError::OperatorExists { operator: id });
    }
    if ledger.standing().await.may_append() {
        // A key without an entry is what an enrolment left that was cut off; nothing was ever signed with it.
        ledger.keys.forget(&id).await?;
    }
    let key = ledger.keys.create(&id, passphrase).await?;
    let public_key = key.public_key();
    let body = OperatorAdded { operator: id.clone(), name: name.clone(), email, roles, public_key };
    let draft = Draft::new(word(kind::OPERATOR_ADDED)?, request, &body)?;
    let draft = draft.on(object(&id)).by(id.clone(), name);
    let enrolled = append(ledger, vec![draft], &[&key], moment).await;
    if enrolled.is_err() {
        ledger.keys.forget(&id).await?;
    }
    enrolled
}

/// Changes an operator's name, address or roles; signed by any operator.
///
/// **Errors**: as [`append`].
pub async fn change(
    ledger: &Ledger,
    person: Person,
    (by, key): (&OperatorId, &UnlockedKey),
    request: Uuid,
    moment: &Moment,
) -> Result<Appended, LedgerError> {
    let Person { id: operator, name, email, roles } = person;
    let body = OperatorChanged { operator, name, email, roles };
    let draft = Draft::new(word(kind::OPERATOR_CHANGED)?, request, &body)?.on(object(&body.operator));
    append(ledger, vec![draft.by(by.clone(), name_of(ledger, by).await)], &[key], moment).await
}

/// Follows an operator's key by a new one under a new passphrase.
///
/// **Shape**: gives the new key; it lies beside the old one until the ledger has it; a crash in between loses neither.
/// **Errors**: as [`append`] and the keychain.
pub async fn change_key(
    ledger: &Ledger,
    operator: &OperatorId,
    old: &UnlockedKey,
    passphrase: Secret,
    request: Uuid,
    moment: &Moment,
) -> Result<(Appended, UnlockedKey), LedgerError> {
    let next = ledger.keys.successor(operator, passphrase).await?;
    let body = KeyChange { operator: operator.clone(), public_key: next.public_key() };
    let draft = Draft::new(word(kind::KEY_CHANGE)?, request, &body)?.on(object(operator));
    let draft = draft.by(operator.clone(), name_of(ledger, operator).await);
    let written = append(ledger, vec![draft], &[old, &next], moment).await?;
    ledger.keys.adopt(operator).await?;
    Ok((written, next))
}

/// Ends a key: what it signed before stays good, what it signs from now on is refused.
///
/// **Errors**: as [`append`].
pub async fn revoke(
    ledger: &Ledger,
    (key, since, reason): (KeyId, Instant, String),
    (by, signer): (&OperatorId, &UnlockedKey),
    request: Uuid,
    moment: &Moment,
) -> Result<Appended, LedgerError> {
    let draft = Draft::new(word(kind::KEY_REVOKED)?, request, &KeyRevoked { key, since, reason })?;
    let draft = draft.on(format!("key/{key}")).by(by.clone(), name_of(ledger, by).await);
    append(ledger, vec![draft], &[signer], moment).await
}

fn object(operator: &OperatorId) -> String {
    format!("operator/{operator}")
}

async fn name_of(ledger: &Ledger, operator: &OperatorId) -> String {
    ledger.roster().await.operator(operator).map(|operator| operator.name.clone()).unwrap_or_default()
}
