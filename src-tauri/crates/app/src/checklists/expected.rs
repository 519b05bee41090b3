//! Who is expected for the roles of a run: chosen at its start, changed later.
//!
//! A plan that routes what waits for somebody. It forbids nothing: whoever else holds the role may sign for it.

use std::collections::BTreeMap;

use countersign_domain::checklist::entry::PersonExpected;
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::run::{self, Run};
use countersign_domain::checklist::template::Template;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{OperatorId, RunId};
use countersign_domain::ledger::Roster;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::runs::{self, RunPage};
use super::{act, people};
use crate::app::App;
use crate::failure::{invalid, not_found};

/// A person for a role.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RolePerson {
    /// Stable word of the role.
    pub role: String,
    /// Who.
    pub operator: OperatorId,
}

/// A role that signs a list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SigningRole {
    /// Its stable word.
    pub role: String,
    /// As people say it.
    pub name: String,
}

/// Who is expected for a role of a run.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ExpectedPerson {
    /// Stable word of the role.
    pub role: String,
    /// The role as people say it.
    pub name: String,
    /// Who; `null` for nobody in particular.
    pub operator: Option<OperatorId>,
    /// What they are called; empty for nobody.
    pub person: String,
}

/// Says who is expected for a role from now on.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExpectPerson {
    /// Which run.
    pub run: RunId,
    /// Who decides it.
    pub operator: OperatorId,
    /// Stable word of the role.
    pub role: String,
    /// Who is expected; `null` for nobody in particular.
    pub person: Option<OperatorId>,
}

/// Says who is expected for a role.
///
/// **Errors**: a role nobody signs in, a person nobody knows, a run that is over.
pub async fn expect(app: &App, request_id: Uuid, request: ExpectPerson) -> Result<RunPage, Failure> {
    let ExpectPerson { run, operator, role, person } = request;
    if let Some(person) = &person {
        is_known(&app.stores()?.ledger.roster().await, person)?;
    }
    let what = "Could not change who is expected";
    let story = act::perform(app, request_id, (&run, &operator), what, |_, _, _| {
        Ok(PersonExpected { role: Role::from(role.as_str()), person }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Takes the people a run is started with.
///
/// **Errors**: a role the list has not, one that is named twice, a person nobody knows.
pub(super) async fn taken(
    app: &App,
    template: &Template,
    people: Vec<RolePerson>,
) -> Result<BTreeMap<Role, OperatorId>, Failure> {
    let (roster, roles) = (app.stores()?.ledger.roster().await, run::roles(template));
    let mut taken = BTreeMap::new();
    for RolePerson { role, operator } in people {
        is_known(&roster, &operator)?;
        let known = roles.iter().find(|line| line.role.as_str() == role);
        let known = known.ok_or_else(|| invalid("people", format!("nobody signs this list as {role}")))?;
        if taken.insert(known.role.clone(), operator).is_some() {
            return Err(invalid("people", format!("{role} is named twice")));
        }
    }
    Ok(taken)
}

fn is_known(roster: &Roster, person: &OperatorId) -> Result<(), Failure> {
    roster.operator(person).map(drop).ok_or_else(|| not_found("operator", person.as_str()))
}

/// Lists the roles that sign a list, each once.
pub(super) fn roles(template: &Template) -> Vec<SigningRole> {
    let role = |line: countersign_domain::checklist::sign::Line| SigningRole {
        role: line.role.as_str().to_owned(),
        name: line.label,
    };
    run::roles(template).into_iter().map(role).collect()
}

/// Shows who is expected for each role.
pub(super) fn view(run: &Run, roster: &Roster) -> Vec<ExpectedPerson> {
    let expected = |SigningRole { role, name }: SigningRole| {
        let operator = run.expected(&Role::from(role.as_str())).cloned();
        let person = operator.as_ref().map(|id| people::name_of(roster, id)).unwrap_or_default();
        ExpectedPerson { role, name, operator, person }
    };
    roles(run.template()).into_iter().map(expected).collect()
}
