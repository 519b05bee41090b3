//! What is kept between entries is what a fresh look gives, and an entry costs what it changed.

use super::super::super::entry::*;
use super::super::super::gates::GateState;
use super::super::super::role::Role;
use super::super::super::sample::{Notebook, template};
use super::super::super::sign::{Meaning, Scope};
use super::*;
use crate::probe::Outcome;

fn note(item: &str) -> ItemNote {
    ItemNote { item: item.into(), text: "seen".to_owned() }
}

fn evaluated(phase: u8) -> GateEvaluated {
    GateEvaluated { phase, state: GateState::Open, conditions: Vec::new() }
}

/// Follows a run entry by entry, looking at everything in between, and gives how many leaves each entry made anew.
fn followed(book: &Notebook<'_>) -> Vec<usize> {
    let mut run = Run::fold(book.template.clone(), &book.acts[..1]).unwrap();
    let mut made = Vec::new();
    for (at, act) in book.acts.iter().enumerate().skip(1) {
        let _everything_is_known = (run.root(Scope::Run), run.root(Scope::Phase(1)), run.slots());
        run.follow(std::slice::from_ref(act)).unwrap();
        MADE.set(0);
        let (root, phase, slots) = (run.root(Scope::Run), run.root_digest(Scope::Phase(1)), run.slots());
        made.push(MADE.get());
        let fresh = Run::fold(book.template.clone(), &book.acts[..=at]).unwrap();
        assert_eq!(root, fresh.root(Scope::Run), "{act:?}");
        assert_eq!((phase, slots), (fresh.root(Scope::Phase(1)).digest, fresh.slots()), "{act:?}");
    }
    made
}

#[test]
fn an_entry_makes_the_leaves_anew_that_it_changes() {
    let template = template();
    let mut book = Notebook::open(&template);
    let all = book.run().root(Scope::Run).leaves.len() - 1;
    book.confirmed("Ana", "access-reviewed", "ok");
    book.checked("invoice-paid", Outcome::Pass);
    book.did(Some("Ana"), note("events-selected"));
    book.did(None, evaluated(0));
    book.did(Some("Olga"), ReleaseChanged { release: "v2".to_owned() });
    assert!(all > 15, "{all} leaves");
    assert_eq!(followed(&book), [1, 2, 3, 0, all], "itself; with its parent; with both children; none; all");
}

#[test]
fn what_is_kept_is_what_a_fresh_look_gives() {
    let template = template();
    let mut book = Notebook::open(&template);
    let reason = || "somebody looked at it closely".to_owned();
    for item in ["invoice-paid", "invoice-failed", "account-active", "unit-tests-pass"] {
        book.checked(item, Outcome::Pass);
    }
    book.checked("invoice-failed", Outcome::Fail);
    book.did(
        Some("Ana"),
        ItemWaived { item: "events-selected".into(), reason: reason(), until: book.now + chrono::TimeDelta::days(3) },
    );
    book.did(Some("Ana"), ItemReopened { item: "events-selected".into(), reason: reason() });
    book.did(Some("Ana"), NoteSet { item: "remarks".into(), value: "moved".to_owned() });
    book.did(None, evaluated(0));
    book.did(Some("Olga"), GateOpened { phase: 0 });
    book.measured("failure-rate-2", Some("1/2"));
    let section = template.row(&"flip-the-flag".into()).unwrap().section.clone();
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: reason() });
    book.did(Some("Ana"), RollbackStep { item: "flip-the-flag".into(), note: "done".to_owned() });
    book.ended_rollback(&section, "done");
    let signed = |book: &Notebook<'_>, role: Role, meaning: Meaning| RunSigned {
        role,
        scope: Scope::Run,
        meaning,
        comment: "not like this, sorry".to_owned(),
        root: book.run().root(Scope::Run).digest,
        statement: Vec::new(),
        reopens: if meaning == Meaning::Reject { vec!["account-active".into()] } else { Vec::new() },
        exception: None,
    };
    for (who, role, meaning) in
        [("Lea", Role::LeadDeveloper, Meaning::Approve), ("Quin", Role::QaEngineer, Meaning::Reject)]
    {
        let body = signed(&book, role, meaning);
        book.did(Some(who), body);
    }
    book.did(Some("Ana"), note("access-reviewed"));
    assert_eq!(book.run().refused(), [], "every entry has an effect");
    let made = followed(&book);
    assert!(made.contains(&1) && made.len() + 1 == book.acts.len(), "{made:?}");
}
