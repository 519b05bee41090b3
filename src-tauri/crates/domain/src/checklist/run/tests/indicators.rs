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
    book.did(Some("Ana"), RollbackEnded { section: section.clone(), note: "done".to_owned() });
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "again".to_owned() });
    assert_eq!(book.state("flip-the-flag"), State::Open, "a second rollback begins at its first step");
    book.did(Some("Ana"), RollbackStarted { section: vec!["Elsewhere".to_owned()], reason: "x".to_owned() });
    assert_eq!(book.refusal(), Some(Code::NotFound));
}
