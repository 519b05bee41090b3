//! What a phase asks for before its gate opens, and the order of gates.

use super::*;

#[test]
fn the_first_gate_asks_for_lines_contacts_staging_and_a_signature() {
    let template = template();
    let mut book = Notebook::open(&template);
    let (state, names) = held(&book, 0, &World::default());
    assert_eq!(
        (state, names),
        (GateState::Hold, ["items", "contacts", "staging", "signed"].map(str::to_owned).to_vec())
    );
    prepare(&mut book);
    assert_eq!(held(&book, 0, &staged()).1, ["signed"]);
    assert_eq!(held(&book, 0, &World { passed_on_staging: Some(Err("no".to_owned())) }).1, ["staging", "signed"]);
    sign_phase(&mut book, "Olga", Role::OperationsManager, 0);
    assert_eq!(held(&book, 0, &staged()), (GateState::Open, vec![]));
    book.checked("unit-tests-pass", Outcome::Unknown(Unknown::Unreachable));
    assert_eq!(held(&book, 0, &staged()).1, ["items", "unknown", "signed"]);
    let on_staging = Notebook::on(&template, Class::Staging);
    assert!(
        !held(&on_staging, 0, &World::default()).1.contains(&"staging".to_owned()),
        "only production asks for staging"
    );
}

#[test]
fn gates_open_in_order() {
    let template = template();
    let mut book = Notebook::open(&template);
    let conditions = Vec::new();
    book.did(None, GateEvaluated { phase: 1, state: GateState::Open, conditions });
    book.did(Some("Olga"), GateOpened { phase: 1 });
    assert_eq!(book.refusal(), Some(Code::StateConflict));
    assert_eq!(book.run().phase(), Some(0));
}

#[test]
fn the_last_gate_asks_for_the_whole_run() {
    let template = template();
    let book = Notebook::open(&template);
    let evaluation = evaluate(&book.run(), 2, &World::default(), book.now);
    let signed = evaluation.conditions.iter().find(|one| one.name == "signed").unwrap();
    assert!(signed.sentence.contains("0 of 5 have signed"), "{}", signed.sentence);
    let items = evaluation.conditions.iter().find(|one| one.name == "items").unwrap();
    assert!(items.sentence.contains("Primary"), "{}", items.sentence);
}
