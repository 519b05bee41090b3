//! Ending a key: what it signed before stays good, what it signs from now on is refused.

use countersign_domain::Instant;
use countersign_domain::checklist::run::REASON_CHARS_MIN;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::OperatorId;
use countersign_sources::secret::Secret;
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use super::{Operators, OperatorsRequest, list};
use crate::app::App;
use crate::clock;
use crate::failure::{Tell as _, invalid, not_found, told};
use crate::ledger::operators;
use crate::ledger::unlock::unlock;

/// Longest reason. **Units**: characters.
pub(super) const REASON_CHARS_MAX: usize = 1_000;

/// Ends an operator's key. The passphrase of whoever decides it arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Whose key.
    pub operator: OperatorId,
    /// Who decides it.
    pub by: OperatorId,
    /// Since when it is not to be believed; now, where nothing is said.
    #[serde(default)]
    pub since: Option<Instant>,
    /// Why.
    pub reason: String,
}

/// Ends an operator's key.
///
/// **Shape**: a key that is over already stays so, and nothing is added.
/// **Errors**: nobody of that id, a time to come, a reason that is too short, a wrong passphrase, the ledger.
pub async fn revoke(app: &App, request_id: Uuid, request: RevokeKey, passphrase: Secret) -> Result<Operators, Failure> {
    let what = "Could not revoke the key";
    let RevokeKey { operator, by, since, reason } = request;
    let (stores, now) = (app.stores()?, clock::moment());
    let mut reason = reason.trim().to_owned();
    if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        return Err(invalid("reason", format!("{REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters are expected")));
    }
    // A key that may be stolen does not wait for the clock.
    clock::beside(&mut reason, now.at);
    let since = since.unwrap_or(now.at);
    if since > now.at {
        return Err(invalid("since", "a key is revoked as of now or an earlier time"));
    }
    let roster = stores.ledger.roster().await;
    let known = roster.operator(&operator).ok_or_else(|| not_found("operator", operator.as_str()))?;
    let Some(key) = known.key else {
        let why = format!("the key of {} is over already", known.name);
        return Err(told(Code::StateConflict, what, why));
    };
    let signer = unlock(&stores.ledger, &by, passphrase, now.at).await.map_err(|error| error.tell(what))?;
    let revoked = operators::revoke(&stores.ledger, (key.id(), since, reason), (&by, &signer), request_id, &now).await;
    revoked.map_err(|error| error.tell(what))?;
    list(app, OperatorsRequest {}).await
}
