//! Who is expected for the roles of a run.
//!
//! A plan, not a right: whoever holds a role may sign for it, whoever was expected. So it is no part of the evidence root.
//! Deliberately absent: who holds which role, which the ledger's roster says.

use super::super::entry::PersonExpected;
use super::super::role::Role;
use super::super::row::Row;
use super::super::sign::{Line, lines};
use super::super::template::Template;
use super::{Refusal, Run};
use crate::ids::OperatorId;

/// Lists the lines to sign whose role is met for the first time: each role a run needs somebody for, once.
#[must_use]
pub fn roles(template: &Template) -> Vec<Line> {
    let mut roles: Vec<Line> = Vec::new();
    for line in lines(template) {
        if roles.iter().all(|known| known.role != line.role) {
            roles.push(line);
        }
    }
    roles
}

impl Run {
    /// Gives who is expected to act in a role.
    #[must_use]
    pub fn expected(&self, role: &Role) -> Option<&OperatorId> {
        self.people.get(role)
    }

    /// Lists who is expected to act on a line: to sign it, or in one of the roles it names for its confirmation.
    #[must_use]
    pub fn expected_for(&self, row: &Row) -> Vec<&OperatorId> {
        let slot = self.known_slots().iter().find(|slot| slot.line.item.as_ref() == Some(&row.id));
        let roles = slot.map(|slot| &slot.line.role).into_iter().chain(&row.confirm);
        let mut people: Vec<&OperatorId> = roles.filter_map(|role| self.expected(role)).collect();
        people.dedup();
        people
    }

    /// Says whether somebody may be expected for a role now: one of the run's, while it goes on.
    pub(super) fn may_expect(&self, body: &PersonExpected) -> Result<(), Refusal> {
        if roles(&self.template).iter().any(|line| line.role == body.role) {
            return self.is_going_on();
        }
        Err(Refusal::state(format!("Nobody signs as {} here.", body.role)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::{Entry, RunEnded};
    use super::super::super::sample::{Notebook, template};
    use super::super::super::sign::Scope;
    use super::*;

    #[test]
    fn somebody_is_expected_until_somebody_else_is_and_no_signature_rests_on_it() {
        let mut template = template();
        let item = "access-reviewed";
        let row = template.rows.iter_mut().find(|row| row.id.as_str() == item).unwrap();
        row.confirm = vec![Role::QaEngineer, Role::FinanceManager];
        let mut book = Notebook::open(&template);
        let Entry::RunStarted(started) = &mut book.acts[0].entry else { panic!() };
        started.people.insert(Role::FinanceManager, "fay".into());
        let root = book.run().root_digest(Scope::Run);
        let people = |book: &Notebook<'_>, item: &str| -> Vec<String> {
            let (run, row) = (book.run(), book.template.row(&item.into()).unwrap());
            run.expected_for(row).into_iter().map(ToString::to_string).collect()
        };
        let is_row = |line: &Line| line.role == Role::FinanceManager && line.item.is_some();
        let line = lines(&template).into_iter().find(is_row).and_then(|line| line.item).unwrap();
        assert_eq!((people(&book, item), people(&book, line.as_str())), (vec!["fay".into()], vec!["fay".into()]));
        let expect = |role: Role, person: Option<&str>| PersonExpected { role, person: person.map(Into::into) };
        book.did(Some("Olga"), expect(Role::QaEngineer, Some("quin")));
        book.did(Some("Olga"), expect(Role::FinanceManager, None));
        assert_eq!((people(&book, item), people(&book, line.as_str())), (vec!["quin".into()], Vec::<String>::new()));
        assert_eq!(book.run().root_digest(Scope::Run), root);
        let asked = |book: &Notebook<'_>, role: Role| {
            let entry = expect(role, Some("ana")).into();
            let act = crate::checklist::entry::Act { seq: 99, at: book.now, by: book.acts[0].by.clone(), entry };
            book.run().would_take(&[act])
        };
        assert_eq!(asked(&book, Role::QaEngineer), Ok(()));
        assert!(asked(&book, Role::SystemAdministrator).is_err(), "nobody signs as that");
        book.did(Some("Olga"), RunEnded { is_abandoned: false, note: String::new() });
        assert!(asked(&book, Role::QaEngineer).is_err(), "it is over");
    }
}
