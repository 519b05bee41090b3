//! Changing an operator: who they are and what they sign for, and the key they sign with.

use countersign_domain::checklist::run::REASON_CHARS_MIN;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::OperatorId;
use countersign_sources::secret::Secret;
use countersign_store::ledger::entries;
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use super::revoke::REASON_CHARS_MAX;
use super::{Operators, OperatorsRequest, checked, list};
use crate::app::App;
use crate::clock;
use crate::failure::{Tell as _, invalid, not_found, told};
use crate::ledger::operators;
use crate::ledger::unlock::unlock;

/// Changes an operator's name, address and sign-off roles. The passphrase of whoever decides it arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChangeOperator {
    /// Who is changed.
    pub operator: OperatorId,
    /// Who decides it.
    pub by: OperatorId,
    /// Name as it will be printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles, words of the catalogue.
    pub roles: Vec<String>,
}

/// Follows an operator's key by a new one. Two lines arrive beside the request: the present passphrase and the next.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChangeKey {
    /// Whose key.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// Changes who an operator is and what they sign for; what they signed before stays as it was signed.
///
/// **Shape**: the same request changes once; what says nothing new adds nothing.
/// **Errors**: nobody of that id here, a field that is not of its form, a wrong passphrase, the ledger.
pub async fn change(
    app: &App,
    request_id: Uuid,
    request: ChangeOperator,
    passphrase: Secret,
) -> Result<Operators, Failure> {
    let what = "Could not change the operator";
    let ChangeOperator { operator, by, name, email, roles } = request;
    let (stores, now) = (app.stores()?, clock::moment());
    let person = checked(operator, &name, &email, &roles)?;
    let roster = stores.ledger.roster().await;
    let known = roster.own_operators().into_iter().find(|known| known.id == person.id);
    let known = known.ok_or_else(|| not_found("operator", person.id.as_str()))?;
    if (&known.name, &known.email, &known.roles) == (&person.name, &person.email, &person.roles) {
        return list(app, OperatorsRequest {}).await;
    }
    clock::may_sign(now.at, what)?;
    let key = unlock(&stores.ledger, &by, passphrase, now.at).await.map_err(|error| error.tell(what))?;
    let changed = operators::change(&stores.ledger, person, (&by, &key), request_id, &now).await;
    changed.map_err(|error| error.tell(what))?;
    list(app, OperatorsRequest {}).await
}

/// Gives an operator a new key and revokes the old one as of now, with the reason.
///
/// **Shape**: what the old key signed stays good; the same request changes once.
/// **Errors**: nobody of that id here, a reason that is too short, a wrong or a short passphrase, the keychain, the ledger.
pub async fn change_key(
    app: &App,
    request_id: Uuid,
    request: ChangeKey,
    passphrases: Secret,
) -> Result<Operators, Failure> {
    let what = "Could not change the key";
    let ChangeKey { operator, reason } = request;
    let reason = reason.trim().to_owned();
    if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        return Err(invalid("reason", format!("{REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters are expected")));
    }
    let [present, next] = two(&passphrases).ok_or_else(|| {
        invalid("passphrases", "two lines are expected: the present passphrase, and the one of the new key")
    })?;
    let stores = app.stores()?;
    let written = stores.ledger.database().read(move |conn| entries::by_request(conn, request_id)).await;
    if written.map_err(|error| error.tell(what))?.is_some() {
        return list(app, OperatorsRequest {}).await;
    }
    let roster = stores.ledger.roster().await;
    let known = roster.own_operators().into_iter().find(|known| known.id == operator);
    let known = known.ok_or_else(|| not_found("operator", operator.as_str()))?;
    let Some(old) = known.key else {
        return Err(told(Code::StateConflict, what, format!("the key of {} is over already", known.name)));
    };
    let moment = clock::moment();
    clock::may_sign(moment.at, what)?;
    let opened = unlock(&stores.ledger, &operator, present, moment.at).await.map_err(|error| error.tell(what))?;
    let changed = operators::change_key(&stores.ledger, &operator, &opened, next, request_id, &moment).await;
    let (_, new) = changed.map_err(|error| error.tell(what))?;
    // The old key signs nothing any more; that it is not to be believed from here on is for those who get the roster.
    let now = clock::moment();
    let revoking = (old.id(), now.at, reason);
    let revoked = operators::revoke(&stores.ledger, revoking, (&operator, &new), clock::name(), &now).await;
    revoked.map_err(|error| error.tell("The key was changed, and the old one could not be revoked"))?;
    list(app, OperatorsRequest {}).await
}

/// Takes two lines apart.
fn two(passphrases: &Secret) -> Option<[Secret; 2]> {
    let (present, next) = passphrases.expose_text()?.split_once('\n')?;
    Some([present, next].map(|line| Secret::from(line.trim_end_matches('\r').to_owned())))
}
