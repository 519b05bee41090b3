//! Order, separation and what has to be signed again.
//! Kept apart from the rules because each test tells a story of several people; the sample list is in `sample`.

use super::super::entry::*;
use super::super::run::{State, difference};
use super::super::sample::{Notebook, person, template};
use super::*;
use crate::ledger::KeyId;
use crate::ledger::roster::KeyRevoked;

fn wish(role: &Role, root: Digest) -> Wish<'_> {
    Wish { role, scope: Scope::Run, meaning: Meaning::Approve, comment: "", root, exception: None, reopens: &[] }
}

fn sign(book: &mut Notebook<'_>, who: &str, role: Role, change: impl Fn(&mut RunSigned)) -> Option<Code> {
    let mut body = RunSigned {
        role,
        scope: Scope::Run,
        meaning: Meaning::Approve,
        comment: String::new(),
        root: book.run().root(Scope::Run).digest,
        statement: Vec::new(),
        reopens: Vec::new(),
        exception: None,
    };
    change(&mut body);
    if let Scope::Phase(_) = body.scope {
        body.root = book.run().root(body.scope).digest;
    }
    let before = book.run().refused().len();
    book.did(Some(who), body);
    let run = book.run();
    run.refused().get(before).map(|refused| refused.refusal.code)
}

fn states(book: &Notebook<'_>) -> Vec<(String, SlotState)> {
    let slots = book.run().slots().into_iter().filter(|slot| slot.line.scope == Scope::Run);
    slots.map(|slot| (slot.line.label, slot.state)).collect()
}

#[test]
fn lines_come_from_phases_and_signature_rows() {
    let template = template();
    let lines = lines(&template);
    let run: Vec<_> = lines
        .iter()
        .filter(|line| line.scope == Scope::Run)
        .map(|line| (line.role.as_str(), line.group.as_str(), line.order))
        .collect();
    let wanted =
        [("lead_developer", "Development", 1), ("qa_engineer", "Development", 1), ("finance_manager", "Business", 2)];
    assert_eq!(run, wanted);
    let phases: Vec<_> = lines
        .iter()
        .filter(|line| line.scope != Scope::Run)
        .map(|line| (line.scope.to_string(), line.role.as_str()))
        .collect();
    let ops = "operations_manager";
    let wanted = [("phase-0", ops), ("phase-1", ops), ("phase-2", ops), ("phase-2", "finance_manager")];
    assert_eq!(phases, wanted.map(|(scope, role)| (scope.to_owned(), role)));
}

#[test]
fn two_lines_of_one_role_take_two_signatures_of_two_people() {
    let text = "# A\n\n- [ ] Look\n\n## Sign-Off\n\n### First\n\n- Reviewer: ____ Date: ____\n- Reviewer: ____ Date: ____\n\n### Second\n\n- Reviewer: ____ Date: ____\n";
    let template = crate::checklist::import::read(text.as_bytes(), "a.md", &[]).unwrap().template;
    let roles: Vec<String> = lines(&template).iter().map(|line| line.role.to_string()).collect();
    assert_eq!(roles, ["reviewer", "reviewer_2", "reviewer_3"]);
    let mut book = Notebook::open(&template);
    let [first, second, third] = ["reviewer", "reviewer_2", "reviewer_3"].map(Role::from);
    assert_eq!(sign(&mut book, "Rea", first.clone(), |_| {}), None);
    assert_eq!(states(&book)[1].1, SlotState::Open, "one signature fills one line");
    assert_eq!(sign(&mut book, "Rea", second.clone(), |_| {}), Some(Code::SignoffSamePerson));
    assert_eq!(sign(&mut book, "Sol", second, |_| {}), None);
    assert_eq!(sign(&mut book, "Sol", third.clone(), |_| {}), Some(Code::SignoffSamePerson));
    assert_eq!(sign(&mut book, "Tom", third, |_| {}), None);
    assert!(states(&book).iter().all(|(_, state)| *state == SlotState::Signed));
    assert_eq!([Role::from("reviewer_2").unnumbered(), Role::QaEngineer.unnumbered()], [first, Role::QaEngineer]);
}

#[test]
fn groups_sign_in_order_and_by_different_people() {
    let template = template();
    let mut book = Notebook::open(&template);
    assert_eq!(sign(&mut book, "Fay", Role::FinanceManager, |_| {}), Some(Code::SignoffOrder));
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, |_| {}), None);
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, |_| {}), Some(Code::SignoffDuplicate));
    assert_eq!(sign(&mut book, "Lea", Role::QaEngineer, |_| {}), Some(Code::SignoffSamePerson), "code and tests");
    assert_eq!(
        sign(&mut book, "Fay", Role::FinanceManager, |_| {}),
        Some(Code::SignoffOrder),
        "the group is not complete"
    );
    assert_eq!(sign(&mut book, "Quin", Role::QaEngineer, |_| {}), None);
    assert_eq!(sign(&mut book, "Quin", Role::FinanceManager, |_| {}), Some(Code::SignoffSamePerson), "two groups");
    assert_eq!(sign(&mut book, "Fay", Role::FinanceManager, |_| {}), None);
    assert!(states(&book).iter().all(|(_, state)| *state == SlotState::Signed));
    assert_eq!(sign(&mut book, "Ana", Role::CtoEngineeringLead, |_| {}), Some(Code::NotFound));
}

#[test]
fn one_key_is_one_person_whatever_the_name() {
    let template = template();
    let mut book = Notebook::open(&template);
    sign(&mut book, "Lea", Role::LeadDeveloper, |_| {});
    let root = book.run().root(Scope::Run).digest;
    let other = person("Quin");
    let actor = Actor { id: &other.id, key: Some("key-Lea"), roles: None };
    assert_eq!(book.run().may_sign(wish(&Role::QaEngineer, root), actor).unwrap_err().code, Code::SignoffSamePerson);
    let actor = Actor { key: other.key.as_deref(), ..actor };
    assert_eq!(book.run().may_sign(wish(&Role::QaEngineer, root), actor), Ok(()));
    let roles = [Role::FinanceManager];
    let actor = Actor { roles: Some(&roles), ..actor };
    assert_eq!(book.run().may_sign(wish(&Role::QaEngineer, root), actor).unwrap_err().code, Code::StateConflict);
}

#[test]
fn an_exception_needs_a_reason_that_is_printed() {
    let template = template();
    let mut book = Notebook::open(&template);
    sign(&mut book, "Lea", Role::LeadDeveloper, |_| {});
    let exception = |text: &'static str| move |body: &mut RunSigned| body.exception = Some(text.to_owned());
    assert_eq!(sign(&mut book, "Lea", Role::QaEngineer, exception("short")), Some(Code::InputInvalid));
    assert_eq!(sign(&mut book, "Lea", Role::QaEngineer, exception("we are only two people here")), None);
    let root = book.run().root(Scope::Run).digest;
    let wish = Wish { exception: Some("we are only two people here"), ..wish(&Role::QaEngineer, root) };
    let text = book.run().statement(wish, "Lea", book.now);
    assert!(text.iter().any(|line| line.contains("we are only two people here")), "{text:?}");
}

#[test]
fn a_change_after_signing_asks_for_new_signatures_and_lists_itself() {
    let template = template();
    let mut book = Notebook::open(&template);
    sign(&mut book, "Lea", Role::LeadDeveloper, |_| {});
    sign(&mut book, "Quin", Role::QaEngineer, |_| {});
    let signed = book.run().root(Scope::Run);
    book.did(Some("Ana"), NoteSet { item: "remarks".into(), value: "moved to Tuesday".to_owned() });
    let outdated = |label: &str| (label.to_owned(), SlotState::Outdated);
    assert_eq!(states(&book)[..2], [outdated("Lead Developer"), outdated("QA Engineer")]);
    assert_eq!(states(&book)[2].1, SlotState::Waiting);
    let differences = difference(&signed, &book.run().root(Scope::Run));
    assert_eq!(differences.iter().map(|one| one.label.as_str()).collect::<Vec<_>>(), ["Remarks"]);
    assert_eq!(book.run().signatures().len(), 2, "the earlier ones stay visible");
    let stale = signed.digest;
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, |body| body.root = stale), Some(Code::SignoffStale));
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, |_| {}), None);
    assert_eq!(states(&book)[0].1, SlotState::Signed);
}

#[test]
fn a_review_is_no_approval_and_a_rejection_opens_lines_again() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.confirmed("Ana", "access-reviewed", "ok");
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, |body| body.meaning = Meaning::Review), None);
    assert_eq!(states(&book)[0].1, SlotState::Open);
    let reject = |body: &mut RunSigned| {
        body.meaning = Meaning::Reject;
        body.reopens = vec!["access-reviewed".into()];
    };
    assert_eq!(sign(&mut book, "Quin", Role::QaEngineer, reject), Some(Code::InputInvalid), "no reason");
    let told = |body: &mut RunSigned| {
        reject(body);
        body.comment = "the list is from last year".to_owned();
    };
    let approving = |body: &mut RunSigned| (told(body), body.meaning = Meaning::Approve).1;
    assert_eq!(
        sign(&mut book, "Quin", Role::QaEngineer, approving),
        Some(Code::InputInvalid),
        "an approval opens nothing"
    );
    let unknown = |body: &mut RunSigned| (told(body), body.reopens.push("no-such-line".into())).1;
    assert_eq!(sign(&mut book, "Quin", Role::QaEngineer, unknown), Some(Code::NotFound));
    assert_eq!(sign(&mut book, "Quin", Role::QaEngineer, told), None);
    assert_eq!(states(&book)[1].1, SlotState::Rejected);
    assert_eq!(book.state("access-reviewed"), State::Reopened);
    assert_eq!(sign(&mut book, "Quin", Role::QaEngineer, |_| {}), None, "who rejected may approve later");
}

#[test]
fn a_signature_without_key_or_person_is_none() {
    let template = template();
    let mut book = Notebook::open(&template);
    sign(&mut book, "Lea", Role::LeadDeveloper, |_| {});
    let mut act = book.acts.pop().unwrap();
    act.by.as_mut().unwrap().key = None;
    book.acts.push(act.clone());
    assert_eq!(book.refusal(), Some(Code::InputInvalid));
    book.acts.pop();
    book.acts.push(Act { by: None, ..act });
    assert_eq!((book.refusal(), book.run().signatures().len()), (Some(Code::InputInvalid), 0));
}

#[test]
fn phases_are_signed_one_after_the_other_for_their_own_lines() {
    let template = template();
    let mut book = Notebook::open(&template);
    let phase = |number: u8| move |body: &mut RunSigned| body.scope = Scope::Phase(number);
    assert_eq!(sign(&mut book, "Olga", Role::OperationsManager, phase(1)), Some(Code::SignoffOrder));
    assert_eq!(sign(&mut book, "Olga", Role::OperationsManager, phase(0)), None);
    book.measured("failure-rate-2", Some("1/1"));
    assert_eq!(sign(&mut book, "Olga", Role::OperationsManager, phase(1)), None, "a later phase does not outdate it");
    assert_eq!(sign(&mut book, "Olga", Role::OperationsManager, phase(2)), None);
    assert_eq!(sign(&mut book, "Olga", Role::FinanceManager, phase(2)), Some(Code::SignoffSamePerson));
    assert_eq!(sign(&mut book, "Fay", Role::FinanceManager, phase(2)), None);
}

#[test]
fn the_statement_says_what_is_signed() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("account-active", crate::probe::Outcome::Fail);
    let until = book.now + chrono::TimeDelta::days(7);
    let reason = "the bank answers on Monday".to_owned();
    book.did(Some("Ana"), ItemWaived { item: "account-active".into(), reason, until });
    let run = book.run();
    let root = run.root(Scope::Run).digest;
    let text =
        run.statement(Wish { comment: "with the waiver", ..wish(&Role::LeadDeveloper, root) }, "Lea Li", book.now);
    let wanted = [
        "I approve this run, as Lead Developer: Lea Li.".to_owned(),
        format!("Template: Sample, version 1, {}.", template.content_hash()),
        "Release v1 on prod (production).".to_owned(),
        "Fingerprint of stripe: acct_1.".to_owned(),
        "3 of 18 lines are complete: 5 blocked, 1 confirmed, 10 open, 1 verified, 1 waived.".to_owned(),
        "Waived until 2026-06-08 by Ana: Account active. the bank answers on Monday".to_owned(),
        "Comment: with the waiver".to_owned(),
        format!("Evidence root: {root}."),
    ];
    assert_eq!(text, wanted);
    assert_eq!(run.decided_by(&"ana".into()), 1);
    let open = run.not_green(book.now);
    assert!(open.contains(&"Access reviewed: open. A person decides this.".to_owned()), "{open:?}");
}

#[test]
fn scopes_are_written_as_words() {
    for scope in [Scope::Run, Scope::Phase(0), Scope::Phase(12)] {
        assert_eq!(scope.to_string().parse(), Ok(scope));
    }
    assert!("phase-x".parse::<Scope>().is_err());
}

/// Nine signatures of nine people on the second seed; a note after four of them asks for new ones.
#[test]
fn nine_people_sign_the_deployment_checklist() {
    let path = format!("{}/../../../tests/fixtures/seeds/billing-module-deployment.md", env!("CARGO_MANIFEST_DIR"));
    let template = super::super::import::read(&std::fs::read(path).unwrap(), "b.md", &[]).unwrap().template;
    let mut book = Notebook::open(&template);
    let lines = lines(&template);
    let orders: Vec<_> = lines.iter().map(|line| (line.group.as_str(), line.order)).collect();
    let groups = ["Development Team", "Operations Team", "Business Team", "Executive Approval"];
    assert_eq!(orders.len(), 9);
    assert!(orders.iter().all(|(group, order)| groups[*order - 1] == *group), "{orders:?}");
    assert_eq!(sign(&mut book, "P8", lines[8].role.clone(), |_| {}), Some(Code::SignoffOrder));
    for (at, line) in lines.iter().enumerate().take(4) {
        assert_eq!(sign(&mut book, &format!("P{at}"), line.role.clone(), |_| {}), None, "{}", line.label);
    }
    let item = template.rows[0].id.clone();
    book.did(Some("Ana"), ItemNote { item, text: "one more thing".to_owned() });
    let outdated = book.run().slots().iter().filter(|slot| slot.state == SlotState::Outdated).count();
    assert_eq!(outdated, 4);
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(sign(&mut book, &format!("P{at}"), line.role.clone(), |_| {}), None, "{}", line.label);
    }
    assert!(book.run().slots().iter().all(|slot| slot.state == SlotState::Signed));
    assert_eq!(book.run().signatures().len(), 13);
}

/// Ends the key somebody has signed with, as of some hours before now.
fn revoke(book: &mut Notebook<'_>, who: &str, hours: i64) {
    let key = KeyId([who.len() as u8; 16]);
    for act in &mut book.acts {
        let by = act.by.iter_mut().filter(|by| by.name == who);
        by.for_each(|by| by.key = Some(key.to_string()));
    }
    let since = book.now - chrono::TimeDelta::hours(hours);
    book.did(Some("Olga"), KeyRevoked { key, since, reason: "the laptop was lost".to_owned() });
}

#[test]
fn a_signature_after_the_end_of_its_key_does_not_count() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.later(1);
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, |_| {}), None);
    book.later(1);
    assert_eq!(sign(&mut book, "Quin", Role::QaEngineer, |_| {}), None);
    assert_eq!(states(&book)[2].1, SlotState::Open, "the next group may sign");
    book.later(1);
    let before = book.run();
    // From an hour ago on: Quin signed at that very moment, Lea an hour before it.
    revoke(&mut book, "Lea", 1);
    assert_eq!(states(&book)[0].1, SlotState::Signed, "what was signed before stays");
    revoke(&mut book, "Quin", 1);
    let slots = book.run().slots();
    let slot = slots.iter().find(|slot| slot.line.role == Role::QaEngineer && slot.line.scope == Scope::Run).unwrap();
    assert_eq!(slot.state, SlotState::Void);
    assert!(
        slot.sentence.starts_with("Signed by Quin at ") && slot.sentence.contains("revoked as of"),
        "{}",
        slot.sentence
    );
    assert!(slot.signature.is_some(), "the signature stays to be seen");
    assert_eq!(states(&book)[2].1, SlotState::Waiting, "the next group waits again");
    let condition = |run: &Run| {
        let evaluation = super::super::gates::evaluate(run, 9, &super::super::gates::World::default(), book.now);
        evaluation.conditions.into_iter().find(|condition| condition.name == "signed").unwrap().sentence
    };
    assert!(!condition(&before).contains("revoked"), "{}", condition(&before));
    assert!(condition(&book.run()).contains(&slot.sentence), "{}", condition(&book.run()));
    assert_eq!(sign(&mut book, "Uma", Role::QaEngineer, |_| {}), None, "somebody else signs");
    assert_eq!((states(&book)[1].1, states(&book)[2].1), (SlotState::Signed, SlotState::Open));
}

#[test]
fn a_rejection_with_a_key_that_was_over_leaves_the_approval_before_it() {
    let template = template();
    let mut book = Notebook::open(&template);
    let reject = |body: &mut RunSigned| {
        (body.meaning, body.comment) = (Meaning::Reject, "not like this, sorry".to_owned());
    };
    assert_eq!(sign(&mut book, "Lea", Role::LeadDeveloper, reject), None);
    assert_eq!(sign(&mut book, "Ida", Role::LeadDeveloper, |_| {}), None);
    assert_eq!(states(&book)[0].1, SlotState::Signed);
    revoke(&mut book, "Lea", 2);
    assert_eq!(states(&book)[0].1, SlotState::Signed, "of the two, Ida's counts");
    revoke(&mut book, "Ida", 2);
    assert_eq!(states(&book)[0].1, SlotState::Void);
}

#[test]
fn an_override_with_a_key_that_was_over_counts_until_its_gate_is_open() {
    let template = template();
    let mut book = Notebook::open(&template);
    for who in ["Lea", "Quin"] {
        book.did(
            Some(who),
            GateOverridden { phase: 0, reason: "the audit is tomorrow morning".to_owned(), conditions: None },
        );
    }
    let overridden =
        |book: &Notebook<'_>| book.run().gate(0).and_then(|record| record.override_of_two().map(drop)).is_some();
    assert!(overridden(&book), "{:?}", book.run().refused());
    let mut opened = Notebook { template: &template, acts: book.acts.clone(), now: book.now };
    opened.did(Some("Olga"), GateOpened { phase: 0 });
    for book in [&mut book, &mut opened] {
        revoke(book, "Quin", 2);
    }
    assert!(!overridden(&book), "one of two is left");
    assert!(overridden(&opened), "what was opened stays so: {:?}", opened.run().refused());
}
