//! A trigger or a rollback under way holds every gate.

use super::*;

#[test]
fn a_tripped_trigger_advises_rollback_whatever_else() {
    let template = template();
    let mut book = Notebook::open(&template);
    prepare(&mut book);
    sign_phase(&mut book, "Olga", Role::OperationsManager, 0);
    open_gate(&mut book, 0, &staged());
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "7 of 100".to_owned() });
    assert_eq!(book.refusal(), Some(Code::StateConflict), "it trips once until it is cleared");
    assert_eq!(held(&book, 1, &World::default()).0, GateState::RollbackAdvised);
    let clear = |book: &mut Notebook<'_>, who: &str| {
        book.did(Some(who), TriggerCleared { item: "payment-failures-5".into(), reason: "bank is back".to_owned() });
    };
    clear(&mut book, "Ana");
    assert_eq!(
        held(&book, 1, &World::default()).0,
        GateState::RollbackAdvised,
        "users are exposed: two people clear it"
    );
    clear(&mut book, "Ana");
    assert_eq!(book.refusal(), Some(Code::SignoffSamePerson));
    let unsigned = |name: &str| Some(Person { key: None, ..crate::checklist::sample::person(name) });
    let entry = TriggerCleared { item: "payment-failures-5".into(), reason: "bank is back".to_owned() }.into();
    let act = Act { seq: book.run().through() + 1, at: book.now, by: unsigned("Bo"), entry };
    assert_eq!(book.run().would_take(&[act]).unwrap_err().code, Code::InputInvalid, "a word is no signature");
    clear(&mut book, "Bo");
    assert_eq!(held(&book, 1, &World::default()).0, GateState::Hold);
    let run = book.run();
    let (at, by) = run.history(&"payment-failures-5".into()).unwrap().trigger.cleared.as_ref().unwrap();
    assert_eq!((*at, by.iter().map(|word| word.by.name.as_str()).collect::<Vec<_>>()), (book.now, vec!["Ana", "Bo"]));
}

#[test]
fn nothing_is_opened_against_a_tripped_trigger_or_a_rollback_under_way() {
    let template = template();
    let mut book = Notebook::open(&template);
    for who in ["Ana", "Bo"] {
        let reason = "the campaign starts today".to_owned();
        book.did(Some(who), GateOverridden { phase: 0, reason, conditions: None });
    }
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!((book.run().phase(), book.refusal()), (Some(0), Some(Code::StateConflict)));
    let reason = "bank is back".to_owned();
    book.did(Some("Ana"), TriggerCleared { item: "payment-failures-5".into(), reason });
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.run().phase(), Some(0), "a rollback freezes the phase, overridden or not");
    book.ended_rollback(&section, "done");
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.run().phase(), Some(1));
}

#[test]
fn a_rollback_under_way_freezes_the_phase() {
    let template = template();
    let mut book = Notebook::open(&template);
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    let is_frozen = |book: &Notebook<'_>| held(book, 1, &World::default()).1.contains(&"rollback".to_owned());
    assert!(!is_frozen(&book));
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    assert!(is_frozen(&book));
    book.ended_rollback(&section, "done");
    assert!(!is_frozen(&book));
}
