//! Two people override a gate, for the conditions they saw.

use super::*;

#[test]
fn two_people_override_a_gate_and_it_stays_told() {
    let template = template();
    let mut book = Notebook::open(&template);
    let override_by = |book: &mut Notebook<'_>, who: &str, reason: &str| {
        book.did(Some(who), GateOverridden { phase: 0, reason: reason.to_owned(), conditions: None });
    };
    let reason = "the campaign starts today";
    override_by(&mut book, "Ana", "why not");
    assert_eq!(book.refusal(), Some(Code::InputInvalid));
    override_by(&mut book, "Ana", reason);
    override_by(&mut book, "Ana", reason);
    assert_eq!(book.refusal(), Some(Code::SignoffSamePerson));
    assert_eq!(held(&book, 0, &World::default()).0, GateState::Hold);
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.refusal(), Some(Code::StateConflict), "one is not enough");
    override_by(&mut book, "Bo", reason);
    let evaluation = evaluate(&book.run(), 0, &World::default(), book.now);
    assert_eq!((evaluation.state, evaluation.is_overridden), (GateState::Open, true));
    assert!(!evaluation.held_by().is_empty(), "what was overridden is still said");
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.run().phase(), Some(1));
    let marks = book.run().marks(book.now);
    assert!(marks.head.iter().any(|line| line.starts_with("OVERRIDDEN: the gate of phase 0, by Ana and Bo")));
}

#[test]
fn what_is_signed_says_that_a_gate_was_overridden_with_phases_and_without() {
    let (mut template, reason) = (template(), "the campaign starts today");
    for gate in ["Preparation", "the run"] {
        let mut book = Notebook::open(&template);
        for who in ["Ana", "Bo"] {
            book.did(Some(who), GateOverridden { phase: 0, reason: reason.to_owned(), conditions: None });
        }
        let said = book.run().matter(&Role::LeadDeveloper, Scope::Run, book.now).recorded;
        let wanted = format!("Gate of {gate} overridden by Ana and Bo: {reason}");
        assert!(said.contains(&wanted), "{said:?}");
        template.phases.clear();
        template.rows.iter_mut().for_each(|row| row.phase = None);
    }
}

#[test]
fn an_override_is_of_the_conditions_that_failed_when_it_was_given() {
    let template = template();
    let mut book = Notebook::open(&template);
    prepare(&mut book);
    let over = |book: &Notebook<'_>, phase: u8, who: &str, conditions: &[&str]| {
        let conditions = Some(conditions.iter().map(|name| (*name).to_owned()).collect());
        let body = GateOverridden { phase, reason: "the campaign starts today".to_owned(), conditions };
        let by = Some(crate::checklist::sample::person(who));
        Act { seq: book.acts.len() as u64 + 1, at: book.now, by, entry: body.into() }
    };
    let refused = |book: &Notebook<'_>, act: Act| book.run().would_take(&[act]).err().map(|refusal| refusal.sentence);
    let state = |book: &Notebook<'_>| evaluate(&book.run(), 0, &World::default(), book.now).state;
    let names: &[&str] = &["staging", "signed"];
    let later = refused(&book, over(&book, 1, "Ana", names));
    assert_eq!(later.as_deref(), Some("Only the gate of the present phase can be overridden."));
    assert_eq!(refused(&book, over(&book, 0, "Ana", &[])).as_deref(), Some("Nothing holds this gate."));
    for who in ["Ana", "Bo"] {
        assert_eq!(state(&book), GateState::Hold, "{who}");
        let act = over(&book, 0, who, names);
        assert_eq!(refused(&book, act.clone()), None);
        book.acts.push(act);
    }
    assert_eq!(state(&book), GateState::Open);
    assert!(refused(&book, over(&book, 0, "Ana", names)).is_some(), "once");

    book.checked("unit-tests-pass", Outcome::Fail);
    assert_eq!(state(&book), GateState::Hold, "what fails newly was not overridden");
    let all: &[&str] = &["items", "staging", "signed"];
    for who in ["Ana", "Bo"] {
        assert_eq!(state(&book), GateState::Hold, "both halves are of it: {who}");
        let act = over(&book, 0, who, all);
        assert_eq!(refused(&book, act.clone()), None);
        book.acts.push(act);
    }
    let evaluation = evaluate(&book.run(), 0, &World::default(), book.now);
    assert_eq!((evaluation.state, evaluation.is_overridden), (GateState::Open, true));
    assert_eq!(book.run().gate(0).unwrap().overrides.len(), 2);
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!((book.refusal(), book.run().present_gate()), (None, Some(1)));
    assert!(refused(&book, over(&book, 0, "Cy", all)).is_some(), "it is open");
}
