//! Who acts on a run: an operator as the ledger knows them, with the roles they hold.

use countersign_domain::checklist::entry::Person;
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::run::Actor;
use countersign_domain::failure::Failure;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::Roster;

use crate::app::App;
use crate::failure::not_found;

/// An operator who wants to do something.
#[derive(Debug, Clone)]
pub(super) struct Acting {
    pub id: OperatorId,
    pub name: String,
    key: Option<String>,
    roles: Option<Vec<Role>>,
}

impl Acting {
    /// Gives what the rules ask of a person.
    pub fn actor(&self) -> Actor<'_> {
        Actor { id: &self.id, key: self.key.as_deref(), roles: self.roles.as_deref() }
    }

    /// Gives the person as an entry names them: with their key where they sign.
    pub fn person(&self, is_signing: bool) -> Person {
        Person { id: self.id.clone(), name: self.name.clone(), key: self.key.clone().filter(|_| is_signing) }
    }

    /// Gives the first of some roles the person holds.
    pub fn role_of(&self, wanted: &[Role]) -> Option<Role> {
        let held = self.roles.as_deref().unwrap_or_default();
        wanted.iter().find(|role| held.contains(role)).cloned()
    }

    /// Says whether the person may act in one of some roles; whoever named none is not held to any.
    pub fn holds(&self, wanted: &[Role]) -> bool {
        self.roles.as_deref().is_none_or(|roles| wanted.iter().any(|role| roles.contains(role)))
    }

    fn of(roster: &Roster, id: &OperatorId) -> Option<Self> {
        let known = roster.own_operators().into_iter().find(|known| known.id == *id)?;
        // Whoever named no roles when they were taken up is not held to any; the entry names the person in each case.
        let roles = (!known.roles.is_empty()).then(|| known.roles.iter().map(|role| Role::of_label(role)).collect());
        let key = known.key.as_ref().map(|key| key.id().to_string());
        Some(Self { id: known.id.clone(), name: known.name.clone(), key, roles })
    }
}

/// Gives a named operator.
///
/// **Errors**: nobody of that id.
pub(super) async fn named(app: &App, id: &OperatorId) -> Result<Acting, Failure> {
    let roster = app.stores()?.ledger.roster().await;
    Acting::of(&roster, id).ok_or_else(|| not_found("operator", id.as_str()))
}

/// Gives who works here now: the chosen operator, or the only one; `None` where that is not clear.
pub(super) async fn present(app: &App) -> Result<Option<Acting>, Failure> {
    let roster = app.stores()?.ledger.roster().await;
    if let Some(chosen) = app.chosen().operator {
        return Ok(Acting::of(&roster, &chosen));
    }
    let known: Vec<OperatorId> = roster.own_operators().into_iter().map(|operator| operator.id.clone()).collect();
    let people: Vec<Acting> = known.iter().filter_map(|id| Acting::of(&roster, id)).collect();
    Ok(match people.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    })
}

/// Gives the printed name of an operator, or the id where there is none.
pub(super) fn name_of(roster: &Roster, id: &OperatorId) -> String {
    roster.operator(id).map_or_else(|| id.to_string(), |known| known.name.clone())
}
