//! What advises a rollback, and the lines that count only while one is under way.

use super::*;

#[test]
fn a_list_that_names_no_indicator_has_those_of_the_catalogue() {
    let mut template = template();
    let named = Notebook::open(&template).run();
    assert!(named.indicators().all(|row| template.row(&row.id).is_some()), "its own are enough");
    template.rows.retain(|row| !row.indicator);
    let mut book = Notebook::open(&template);
    let untouched = book.run().root(Scope::Run);
    let ids: Vec<String> = book.run().indicators().map(|row| row.id.to_string()).collect();
    assert_eq!(ids.len(), 5, "{ids:?}");
    assert_eq!(
        untouched.leaves.len(),
        1 + template.rows.iter().filter(|row| root::is_covered(row, Scope::Run)).count()
    );
    let total = book.run().progress(book.now).total;
    let item = || ItemId::from("trigger.payment_failure");
    book.did(None, TriggerTripped { item: item(), cause: "6 of 100 payments failed".to_owned() });
    let run = book.run();
    assert_eq!((run.refused(), run.is_tripped(), run.progress(book.now).total), (&[][..], true, total));
    assert_eq!(run.standing(&item(), book.now).map(|standing| standing.state), Some(State::Tripped));
    assert!(run.not_green(book.now).iter().any(|line| line.starts_with("Payments fail: tripped.")));
    let changed = difference(&untouched, &run.root(Scope::Run));
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(gates::evaluate(&run, 0, &World::default(), book.now).state, GateState::RollbackAdvised);
    assert_eq!((changed[0].label.as_str(), changed[0].before.as_str()), ("Payments fail", ""));
    book.did(Some("Ana"), TriggerCleared { item: item(), reason: "the provider is back".to_owned() });
    assert!(!book.run().is_tripped());
    template.rows.retain(|row| row.kind != Kind::Rollback);
    assert_eq!(Notebook::open(&template).run().indicators().count(), 0, "nothing could be rolled back");
}

#[test]
fn indicators_trip_and_never_count() {
    let template = template();
    let mut book = Notebook::open(&template);
    let item = "payment-failures-5";
    let total = book.run().progress(book.now).total;
    assert_eq!(book.state(item), State::Armed);
    book.did(None, TriggerTripped { item: item.into(), cause: "6 of 100".to_owned() });
    assert_eq!(book.state(item), State::Tripped);
    assert_eq!(book.run().progress(book.now).total, total);
    book.confirmed("Ana", item, "seen");
    assert_eq!(book.refusal(), Some(Code::ItemNotConfirmable));
    book.did(Some("Ana"), TriggerAcknowledged { item: item.into(), note: "looking".to_owned() });
    assert_eq!(book.state(item), State::Tripped);
    book.did(Some("Ana"), TriggerCleared { item: item.into(), reason: "bank is back".to_owned() });
    assert_eq!(book.state(item), State::Armed, "outside a rollout one person is enough");
}

#[test]
fn a_rollback_ends_with_two_signatures_and_its_steps_go_in_order() {
    let mut template = template();
    let row = template.rows.iter_mut().find(|row| row.id.as_str() == "tell-people").unwrap();
    row.proof = Some("gate.rollback_clear".into());
    let mut book = Notebook::open(&template);
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    let asked = |book: &Notebook<'_>, by: Person, entry: Entry| {
        let refused = book.run().would_take(&[Act { seq: 99, at: book.now, by: Some(by), entry }]).err();
        refused.map_or_else(String::new, |refusal| refusal.sentence)
    };
    let step = |item: &str, note: &str| RollbackStep { item: item.into(), note: note.to_owned() }.into();
    let end = |note: &str| RollbackEnded { section: section.clone(), note: note.to_owned() }.into();
    let tripped = "`Payment failures >5%` is tripped; clear it first.";
    assert_eq!(asked(&book, person("Ana"), step("tell-people", "early")), tripped, "nobody goes on while it calls");
    assert_eq!(asked(&book, person("Ana"), end("it is over")), tripped);
    book.did(Some("Ana"), TriggerCleared { item: "payment-failures-5".into(), reason: "bank is back".to_owned() });
    let hour = asked(&book, person("Ana"), step("tell-people", "early"));
    assert!(
        hour.starts_with("`Payment failures >5%` has to be clear for 60 minutes; that is at 2026-06-01 11:00"),
        "{hour}"
    );
    book.later(1);
    let order = "`Flip the flag` comes before it and is not done: say why this step is first.";
    assert_eq!(asked(&book, person("Ana"), step("tell-people", " ")), order);
    assert_eq!(asked(&book, person("Ana"), step("tell-people", "they asked")), "");
    assert_eq!(asked(&book, person("Ana"), step("flip-the-flag", "")), "");
    assert_eq!(asked(&book, person("Ana"), end("")), "2 steps are not done: say why the rollback ends.");
    let unsigned = Person { key: None, ..person("Ana") };
    assert_eq!(asked(&book, unsigned.clone(), end("over")), "This counts only with the signature of who says it.");
    assert_eq!(asked(&book, person("Ana"), end("over")), "");
    book.did(Some("Ana"), RollbackEnded { section: section.clone(), note: "over".to_owned() });
    assert!(book.run().is_rolling_back(&section), "one of two");
    book.did(Some("Ana"), RollbackEnded { section: section.clone(), note: "over".to_owned() });
    assert_eq!((book.refusal(), book.run().is_rolling_back(&section)), (Some(Code::SignoffSamePerson), true));
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "7 of 100".to_owned() });
    book.did(Some("Ana"), TriggerCleared { item: "payment-failures-5".into(), reason: "bank is back".to_owned() });
    book.did(Some("Bo"), RollbackEnded { section: section.clone(), note: "over".to_owned() });
    assert!(book.run().is_rolling_back(&section), "what Ana said was before it failed again");
    book.did(Some("Ana"), RollbackEnded { section: section.clone(), note: "over".to_owned() });
    assert!(!book.run().is_rolling_back(&section));
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "again".to_owned() });
    let entry = RollbackEnded { section: section.clone(), note: String::new() }.into();
    book.acts.push(Act { seq: book.acts.len() as u64 + 1, at: book.now, by: Some(unsigned), entry });
    assert!(!book.run().is_rolling_back(&section), "as an earlier version ended it");
}

#[test]
fn rollback_steps_count_while_a_rollback_is_under_way() {
    let template = template();
    let mut book = Notebook::open(&template);
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    let step = || RollbackStep { item: "flip-the-flag".into(), note: "off".to_owned() };
    let total = book.run().progress(book.now).total;
    book.did(Some("Ana"), step());
    assert_eq!((book.state("flip-the-flag"), book.refusal()), (State::Open, Some(Code::StateConflict)));
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    assert_eq!(book.run().progress(book.now).total, total + 2);
    book.did(Some("Ana"), step());
    assert_eq!(book.state("flip-the-flag"), State::Confirmed);
    book.ended_rollback(&section, "done");
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "again".to_owned() });
    assert_eq!(book.state("flip-the-flag"), State::Open, "a second rollback begins at its first step");
    book.did(Some("Ana"), RollbackStarted { section: vec!["Elsewhere".to_owned()], reason: "x".to_owned() });
    assert_eq!(book.refusal(), Some(Code::NotFound));
}
