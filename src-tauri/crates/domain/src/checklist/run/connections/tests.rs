//! A connection that changes, goes or comes, and what rests on it.

use super::super::super::entry::*;
use super::super::super::gates::{World, evaluate};
use super::super::super::row::{Proof, Strength};
use super::super::super::sample::{Notebook, template};
use super::super::super::sign::Scope;
use super::super::super::template::Template;
use super::super::*;
use super::*;
use crate::probe::Outcome;

const LINES: [&str; 3] = ["account-active", "failure-rate-2", "tax-settings-if-applicable"];

/// The sample list with a line that compares both sides.
fn compared() -> Template {
    let mut template = template();
    let row = template.rows.iter_mut().find(|row| row.id.as_str() == LINES[2]).unwrap();
    (row.proof, row.strength) = (Some(Proof::from("recon.events")), Some(Strength::Full));
    template
}

fn prints(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(source, print)| ((*source).to_owned(), (*print).to_owned())).collect()
}

fn pinned(all: &[(&str, &str)]) -> FingerprintsPinned {
    FingerprintsPinned { fingerprints: prints(all), reason: "moved".to_owned() }
}

fn seeing(book: &Notebook<'_>, all: &[(&str, &str)]) -> Run {
    let mut run = book.run();
    run.see_connected(Some(prints(all)));
    run
}

fn state(run: &Run, book: &Notebook<'_>, item: &str) -> State {
    run.standing(&item.into(), book.now).unwrap().state
}

fn measured_on(book: &mut Notebook<'_>, print: &str) {
    let line = ItemMeasured { fingerprints: prints(&[("stripe", print)]), ..book.reading(LINES[1], Some("1/1")) };
    book.did(None, line);
}

#[test]
fn a_source_that_changed_makes_what_rests_on_it_stale_until_it_is_pinned_and_checked_again() {
    let template = compared();
    let mut book = Notebook::open(&template);
    let both = [("database", "db_1"), ("stripe", "acct_1")];
    book.did(Some("Olga"), pinned(&both));
    book.checked(LINES[0], Outcome::Pass);
    book.measured(LINES[1], Some("1/1"));
    book.checked(LINES[2], Outcome::Pass);
    book.checked("unit-tests-pass", Outcome::Pass);
    let same = seeing(&book, &both);
    assert!(LINES.iter().all(|item| state(&same, &book, item) == State::Verified));
    let (root, complete) = (same.root_digest(Scope::Run), same.progress(book.now).complete);

    let moved = seeing(&book, &[("database", "db_1"), ("stripe", "acct_2")]);
    for item in LINES {
        let Standing { state, because } = moved.standing(&item.into(), book.now).unwrap();
        assert_eq!(state, State::Stale, "{item}");
        assert!(because.starts_with("Stripe is acct_2 now, and acct_1 is pinned: "), "{because}");
    }
    assert_eq!(state(&moved, &book, "unit-tests-pass"), State::Verified, "a file rests on neither");
    assert_eq!(moved.progress(book.now).complete, complete - LINES.len());
    let gate = evaluate(&moved, 0, &World::default(), book.now);
    assert!(
        gate.conditions.iter().any(|one| one.name == "unknown" && !one.holds && one.items.contains(&LINES[0].into()))
    );
    assert!(moved.not_green(book.now).iter().any(|line| line.contains("acct_2")), "whoever signs is told");
    assert_eq!(moved.root_digest(Scope::Run), root, "the root is made of what is recorded");

    let replaced = seeing(&book, &[("database", "db_2"), ("stripe", "acct_1")]);
    assert_eq!(state(&replaced, &book, LINES[2]), State::Stale, "a comparison rests on both sides");
    assert_eq!(state(&replaced, &book, LINES[0]), State::Verified);
    let gone = seeing(&book, &[("database", "db_1")]).standing(&LINES[0].into(), book.now).unwrap();
    assert_eq!(gone.state, State::Stale);
    assert!(gone.because.starts_with("Stripe is pinned and not connected any more"), "{}", gone.because);

    let now = [("database", "db_1"), ("stripe", "acct_2")];
    book.did(Some("Olga"), pinned(&now));
    let run = seeing(&book, &now);
    assert!(LINES.iter().all(|item| state(&run, &book, item) == State::Stale), "pinned, and not checked again");
    measured_on(&mut book, "acct_1");
    assert_eq!(state(&seeing(&book, &now), &book, LINES[1]), State::Stale, "checked on the one that is gone");
    measured_on(&mut book, "acct_2");
    book.checked(LINES[2], Outcome::Pass);
    let run = seeing(&book, &now);
    assert_eq!((state(&run, &book, LINES[1]), state(&run, &book, LINES[2])), (State::Verified, State::Verified));
}

#[test]
fn a_source_that_came_later_is_named_and_makes_nothing_stale() {
    let template = compared();
    let mut book = Notebook::open(&template);
    book.checked(LINES[2], Outcome::Pass);
    let both = [("database", "db_1"), ("stripe", "acct_1")];
    let run = seeing(&book, &both);
    assert_eq!(state(&run, &book, LINES[2]), State::Verified);
    let states = |run: &Run| run.pins().into_iter().map(|pin| (pin.source, pin.state)).collect::<Vec<_>>();
    let named = |database, stripe| vec![("database".to_owned(), database), ("stripe".to_owned(), stripe)];
    assert_eq!(states(&run), named(PinState::NotPinned, PinState::Pinned));
    assert_eq!(states(&seeing(&book, &[("database", "db_1")])), named(PinState::NotPinned, PinState::Gone));
    book.did(Some("Olga"), pinned(&both));
    assert_eq!(state(&seeing(&book, &both), &book, LINES[2]), State::Verified, "and stays so when it is pinned");
    assert_eq!(states(&seeing(&book, &[("database", "x"), ("stripe", "acct_1")]))[0].1, PinState::Changed);
    book.did(Some("Olga"), pinned(&[("stripe", "acct_1")]));
    let run = seeing(&book, &[("stripe", "acct_1")]);
    assert_eq!(state(&run, &book, LINES[2]), State::Verified, "it was checked without it");
    assert_eq!(book.run().pins().len(), 1, "where nobody looked, what is pinned is what there is");
}

#[test]
fn what_is_connected_changes_no_record() {
    let template = template();
    let mut book = Notebook::open(&template);
    let item = ItemId::from("account-active");
    book.checked_as(item.as_str(), Outcome::Warn, "unrestricted key");
    let mut followed = seeing(&book, &[("stripe", "acct_2")]);
    let ana = crate::checklist::sample::person("Ana");
    let asked = followed.may_confirm(&item, Actor::of(&ana), "known", book.now).unwrap_err();
    assert_eq!(asked.code, Code::ItemNotConfirmable);
    book.confirmed("Ana", item.as_str(), "known");
    let refused = followed.would_take(&book.acts[2..]).unwrap_err();
    assert_eq!(refused.code, Code::ItemNotConfirmable, "nor is it written");
    followed.follow(&book.acts[2..]).unwrap();
    assert_eq!(followed.refused(), [], "what is written counts, whatever is connected when it is read");
    assert_eq!(followed.root(Scope::Run), book.run().root(Scope::Run));
    let until = book.now + chrono::TimeDelta::days(1);
    let waived = followed.may_waive(&item, Actor::of(&ana), "a reason that is long enough", until, book.now);
    assert!(waived.unwrap_err().sentence.starts_with("Pin what is connected first"));
    book.did(Some("Ana"), RunEnded { is_abandoned: false, note: String::new() });
    followed.follow(&book.acts[3..]).unwrap();
    assert_eq!(followed.connected(), None, "a run that is over stands as it ended");
    assert_eq!(state(&followed, &book, item.as_str()), State::Confirmed);
}

#[test]
fn a_sample_of_another_connection_is_a_gap() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.did(
        None,
        GateEvaluated { phase: 0, state: super::super::super::gates::GateState::Open, conditions: Vec::new() },
    );
    book.did(Some("Olga"), GateOpened { phase: 0 });
    for print in ["acct_1", "acct_2", "acct_1"] {
        let line = ItemMeasured { fingerprints: prints(&[("stripe", print)]), ..book.reading(LINES[1], Some("1/1")) };
        book.did(None, SoakSampled { phase: 1, lines: vec![line] });
        book.now += chrono::TimeDelta::minutes(SAMPLE_MINUTES);
    }
    assert_eq!(book.run().refused(), []);
    let window = book.run().soak_window(1, &LINES[1].into(), book.now).unwrap();
    assert_eq!((window.expected, window.seen), (3, 2));
}
