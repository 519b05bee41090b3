//! Operators: who works here, and the keys they sign with; and who is known of other computers.

pub mod change;
pub mod revoke;
pub mod roster;

use countersign_domain::Instant;
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::sign;
use countersign_domain::failure::Failure;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::roster::{CONSOLE, Operator as Known};
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::app::App;
use crate::failure::{Tell as _, invalid, not_found};
use crate::ledger::operators::{self, Person};
use crate::{checklists, clock};

/// Makes an operator and their signing key. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddOperator {
    /// Name as it will be printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles, words of the catalogue.
    pub roles: Vec<String>,
}

/// Asks for the operators.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OperatorsRequest {}

/// Every operator.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Operators {
    /// In order of being added.
    pub operators: Vec<Operator>,
    /// Sign-off roles that exist.
    pub roles: Vec<RoleName>,
}

/// One operator.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Operator {
    /// Id.
    pub id: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// Fingerprint of the public key.
    pub key_fingerprint: String,
    /// Since when.
    pub added_at: Instant,
    /// Whether they sign on this computer: the private key is here and good.
    pub can_sign: bool,
    /// Ledger of the computer they work on, where that is another one.
    pub origin: Option<String>,
    /// Until when their key is to be taken, for somebody of another computer.
    pub valid_until: Option<Instant>,
    /// Since when their key is not to be believed, once it was revoked.
    pub revoked_since: Option<Instant>,
}

/// A sign-off role.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RoleName {
    /// Stable word: `lead_developer`.
    pub word: String,
    /// As people say it.
    pub name: String,
    /// The group it signs in.
    pub group: String,
}

/// Longest printed name. **Units**: characters.
const NAME_CHARS_MAX: usize = 80;
/// Roles one person may hold.
const ROLES_MAX: usize = 20;

/// Lists the operators, in the order in which they were taken up.
///
/// **Errors**: closed stores.
pub async fn list(app: &App, _request: OperatorsRequest) -> Result<Operators, Failure> {
    let roster = app.stores()?.ledger.roster().await;
    let operators =
        roster.operators().into_iter().filter(|operator| operator.id.as_str() != CONSOLE).map(view).collect();
    Ok(Operators { operators, roles: role_names(app).await? })
}

/// Takes up an operator and makes their signing key.
///
/// **Shape**: the same request takes up one operator.
/// **Errors**: a field that is not of its form, a short passphrase, the keychain.
pub async fn add(app: &App, request_id: Uuid, request: AddOperator, passphrase: Secret) -> Result<Operators, Failure> {
    let what = "Could not make the operator";
    let AddOperator { name, email, roles } = request;
    let person = checked(id_of(request_id), &name, &email, &roles)?;
    let id = person.id.clone();
    let stores = app.stores()?;
    if stores.ledger.roster().await.operator(&id).is_some() {
        return list(app, OperatorsRequest {}).await;
    }
    let now = clock::moment();
    clock::may_sign(now.at, what)?;
    let enrolled = operators::enrol(&stores.ledger, person, passphrase, request_id, &now).await;
    enrolled.map_err(|error| error.tell(what))?;
    if app.chosen().operator.is_none() {
        app.choose(|chosen| chosen.operator = Some(id));
    }
    list(app, OperatorsRequest {}).await
}

fn checked(id: OperatorId, name: &str, email: &str, roles: &[String]) -> Result<Person, Failure> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(invalid("name", format!("a name of 1 to {NAME_CHARS_MAX} characters is expected")));
    }
    let email = email.trim().to_owned();
    let is_email = email.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'))
        && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    if !is_email {
        return Err(invalid("e-mail", "an address such as ana@example.com is expected"));
    }
    if roles.len() > ROLES_MAX {
        return Err(invalid("roles", format!("at most {ROLES_MAX} roles")));
    }
    let roles = roles.iter().map(|role| Role::of_label(role).as_str().to_owned()).collect();
    Ok(Person { id, name, email, roles })
}

/// Gives the id of the operator a request takes up: made from the request, so that repeating it is recognised.
#[must_use]
pub fn id_of(request_id: Uuid) -> OperatorId {
    OperatorId::from(format!("op_{}", request_id.simple()))
}

fn view(operator: &Known) -> Operator {
    Operator {
        id: operator.id.clone(),
        name: operator.name.clone(),
        email: operator.email.clone(),
        roles: operator.roles.clone(),
        key_fingerprint: operator.newest_key.id().to_string(),
        added_at: operator.added_at,
        can_sign: operator.key.is_some() && operator.origin.is_none(),
        origin: operator.origin.map(|origin| origin.ledger.to_string()),
        valid_until: operator.origin.map(|origin| origin.valid_until),
        revoked_since: operator.revoked_since,
    }
}

/// The sign-off roles of the templates that are here, in the order in which they sign.
async fn role_names(app: &App) -> Result<Vec<RoleName>, Failure> {
    let mut names: Vec<RoleName> = Vec::new();
    for kept in checklists::shelf(app).await?.library.newest() {
        for line in sign::lines(&kept.template) {
            let word = line.role.unnumbered().to_string();
            if !names.iter().any(|known| known.word == word) {
                names.push(RoleName { word, name: line.label, group: line.group });
            }
        }
    }
    Ok(names)
}

/// Gives the only operator of this computer.
///
/// **Errors**: nobody, or several, of whom one has to be named.
pub async fn only(app: &App) -> Result<OperatorId, Failure> {
    let roster = app.stores()?.ledger.roster().await;
    match roster.own_operators().as_slice() {
        [one] => Ok(one.id.clone()),
        own => Err(invalid("operator", format!("{} people work here; name one", own.len()))),
    }
}

/// Finds an operator by id, mail address or name.
///
/// **Errors**: nobody, or more than one of that name.
pub async fn find(app: &App, text: &str) -> Result<OperatorId, Failure> {
    let roster = app.stores()?.ledger.roster().await;
    let wanted = text.trim().to_lowercase();
    let is_meant = |known: &&Known| {
        known.id.as_str() == text || known.email.to_lowercase() == wanted || known.name.to_lowercase() == wanted
    };
    // Who works here comes first: somebody of another computer can only be meant where nobody here is.
    let mut found: Vec<_> = roster.own_operators().into_iter().filter(is_meant).collect();
    if found.is_empty() {
        let elsewhere = roster.operators().into_iter().filter(|known| known.origin.is_some());
        found = elsewhere.filter(is_meant).collect();
    }
    match found.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(not_found("operator", text)),
        _ => Err(invalid("operator", format!("{} operators are called {text}; use the e-mail or the id", found.len()))),
    }
}
