//! What completes a line: checks, people, values, commands, and how long each counts.

use super::*;

#[test]
fn a_check_alone_decides_a_full_line() {
    let template = template();
    let mut book = Notebook::open(&template);
    let item = "account-active";
    assert_eq!(book.state(item), State::Open);
    for (outcome, wanted) in [
        (Outcome::Pass, State::Verified),
        (Outcome::Fail, State::Failed),
        (Outcome::Warn, State::Warning),
        (Outcome::Unknown(Unknown::NotPermitted), State::Unknown(Unknown::NotPermitted)),
        (Outcome::Pass, State::Verified),
    ] {
        book.checked(item, outcome);
        assert_eq!(book.state(item), wanted, "{outcome:?}");
    }
    let running = book.run().with_running([ItemId::from(item)]);
    assert_eq!(running.standing(&item.into(), book.now).unwrap().state, State::Running);
    assert_eq!(book.run().history(&item.into()).unwrap().outcomes.len(), 5);
}

#[test]
fn a_partial_line_needs_its_check_and_its_person() {
    let template = template();
    let mut book = Notebook::open(&template);
    let item = "backups-configured";
    book.confirmed("Ana", item, "looked");
    assert_eq!((book.state(item), book.refusal()), (State::Open, Some(Code::ItemNotConfirmable)));
    book.checked(item, Outcome::Pass);
    assert_eq!(
        book.standing(item),
        Standing { state: State::NeedsConfirmation, because: "They are the right ones".to_owned() }
    );
    book.confirmed("Ana", item, "looked");
    assert_eq!(book.standing(item).because, "Ana: looked");
    book.checked(item, Outcome::Pass);
    assert_eq!(book.state(item), State::Confirmed, "a new pass keeps the person's word");
    book.checked(item, Outcome::Unknown(Unknown::Unreachable));
    book.checked(item, Outcome::Pass);
    assert_eq!(book.state(item), State::Confirmed, "so does an unreachable source in between");
    book.checked(item, Outcome::Fail);
    book.checked(item, Outcome::Pass);
    assert_eq!(book.state(item), State::NeedsConfirmation, "a failure in between takes it away");
}

#[test]
fn failed_and_unknown_checks_cannot_be_ticked_by_hand() {
    let template = template();
    for outcome in [Outcome::Fail, Outcome::Unknown(Unknown::Timeout)] {
        let mut book = Notebook::open(&template);
        book.checked("account-active", outcome);
        book.confirmed("Ana", "account-active", "it is fine, trust me");
        assert_eq!(book.refusal(), Some(Code::ItemNotConfirmable));
        assert!(!book.state("account-active").is_complete());
    }
}

#[test]
fn a_warning_is_accepted_by_name_and_note_as_it_was_seen() {
    let template = template();
    let mut book = Notebook::open(&template);
    let item = "account-active";
    book.checked_as(item, Outcome::Warn, "unrestricted key");
    book.confirmed("Ana", item, "  ");
    assert_eq!((book.state(item), book.refusal()), (State::Warning, Some(Code::InputInvalid)));
    book.confirmed("Ana", item, "known, replaced next week");
    assert_eq!(book.state(item), State::Confirmed);
    book.checked_as(item, Outcome::Warn, "unrestricted key");
    assert_eq!(book.state(item), State::Confirmed, "the same warning stays accepted");
    book.checked_as(item, Outcome::Warn, "two endpoints");
    assert_eq!(book.state(item), State::Warning, "another one is not");
}

#[test]
fn values_decide_measured_lines() {
    let template = template();
    let mut book = Notebook::open(&template);
    let item = "failure-rate-2";
    assert_eq!(book.state(item), State::Blocked, "its phase has not begun");
    for (value, wanted) in [
        (Some("199/100"), State::Verified),
        (Some("2/1"), State::Failed),
        (Some("1999999/1000000"), State::Verified),
        (None, State::Unknown(Unknown::InsufficientData)),
        (Some("many"), State::Unknown(Unknown::InsufficientData)),
    ] {
        book.measured(item, value);
        assert_eq!(book.state(item), wanted, "{value:?}");
    }
    book.confirmed("Ana", item, "nearly");
    assert_eq!(book.refusal(), Some(Code::ItemNotConfirmable));
    // Nobody has to be let into a phase that has not begun; in one that has, `gates` says what fails.
    for (value, wanted) in
        [("8/1", State::Verified), ("12/1", State::Verified), ("121/10", State::Blocked), ("0/1", State::Blocked)]
    {
        book.measured("measure-exposure", Some(value));
        assert_eq!(book.state("measure-exposure"), wanted, "{value}");
    }
}

#[test]
fn answers_grow_old_and_releases_change() {
    let template = template();
    let mut book = Notebook::open(&template);
    for item in ["account-active", "unit-tests-pass", "npm-start"] {
        book.checked(item, Outcome::Pass);
    }
    book.later(1);
    assert_eq!(book.state("npm-start"), State::NeedsConfirmation, "health counts an hour");
    book.later(1);
    assert_eq!(book.state("npm-start"), State::Stale);
    book.later(22);
    assert_eq!(book.state("account-active"), State::Verified, "a configuration counts a day");
    book.later(1);
    assert_eq!(book.state("account-active"), State::Stale);
    assert_eq!(book.state("unit-tests-pass"), State::Verified, "a report counts a fortnight");
    book.did(Some("Olga"), ReleaseChanged { release: "v2".to_owned() });
    assert_eq!(book.standing("unit-tests-pass").because, "The result is about release v1.");
    book.checked("account-active", Outcome::Pass);
    let fingerprints = [("stripe".to_owned(), "acct_2".to_owned())].into();
    book.did(Some("Olga"), FingerprintsPinned { fingerprints, reason: "moved".to_owned() });
    assert_eq!(book.state("account-active"), State::Stale);
    book.checked("account-active", Outcome::Fail);
    book.later(1000);
    assert_eq!(book.state("account-active"), State::Failed, "a failure does not go away by waiting");
}

#[test]
fn a_persons_word_about_a_release_is_about_no_other() {
    let mut template = template();
    let mut set = |id: &str, section: &[&str], proof: Option<&str>| {
        let row = template.rows.iter_mut().find(|row| row.id.as_str() == id).unwrap();
        row.section = section.iter().map(|heading| (*heading).to_owned()).collect();
        row.proof = proof.map(Into::into);
    };
    set("backups-configured", &["Deployment", "Database Migration"], Some("db.backup.archiving"));
    set("access-reviewed", &["Deployment"], None);
    set("npm-start", &["Pre"], None);
    let mut book = Notebook::open(&template);
    book.checked("backups-configured", Outcome::Pass);
    for item in ["backups-configured", "access-reviewed"] {
        book.confirmed("Ana", item, "looked");
    }
    book.did(Some("Ana"), CommandRan { item: "npm-start".into(), output: "listening".to_owned(), at: None });
    let lines = ["backups-configured", "access-reviewed", "npm-start"];
    assert_eq!(lines.map(|item| book.state(item)), [State::Confirmed; 3]);
    let release = |book: &mut Notebook<'_>, tag: &str| {
        book.did(Some("Olga"), ReleaseChanged { release: tag.to_owned() });
    };
    release(&mut book, "v2");
    assert_eq!(lines.map(|item| book.state(item)), [State::Stale; 3]);
    assert_eq!(book.standing(lines[0]).because, "The result is about release v1.");
    book.checked(lines[0], Outcome::Pass);
    assert_eq!(
        (book.standing(lines[0]).because.as_str(), book.standing(lines[1]).because.as_str()),
        ("The word of Ana is about release v1. They are the right ones", "The word of Ana is about release v1.")
    );
    book.confirmed("Ana", lines[0], "again");
    book.confirmed("Ana", lines[1], "again");
    book.did(Some("Ana"), CommandRan { item: lines[2].into(), output: "listening".to_owned(), at: None });
    assert_eq!(lines.map(|item| book.state(item)), [State::Confirmed; 3]);
    assert_eq!(book.refusal(), None);
    release(&mut book, "v1");
    assert_eq!(book.standing(lines[1]).because, "The word of Ana is about release v2.");

    let usual = crate::checklist::sample::template();
    let mut book = Notebook::open(&usual);
    book.confirmed("Ana", "access-reviewed", "list of 3");
    release(&mut book, "v2");
    assert_eq!(book.state("access-reviewed"), State::Confirmed, "who has access is no matter of the release");
}

#[test]
fn a_limit_without_a_metric_is_not_known_and_nobody_ticks_it() {
    let mut template = template();
    let row = template.rows.iter_mut().find(|row| row.id.as_str() == "watch-errors-1").unwrap();
    row.proof = None;
    let mut book = Notebook::open(&template);
    assert_eq!(book.state("watch-errors-1"), State::Unknown(Unknown::NotConfigured));
    let act = |entry: ItemConfirmed| Act { seq: 99, at: book.now, by: Some(person("Ana")), entry: entry.into() };
    let word = ItemConfirmed { item: "watch-errors-1".into(), note: "looks fine".to_owned(), role: None };
    let refused = book.run().would_take(&[act(word)]).unwrap_err();
    assert_eq!(refused.code, Code::ItemNotConfirmable);
    book.confirmed("Ana", "watch-errors-1", "as an earlier version let a person say");
    assert_eq!((book.refusal(), book.state("watch-errors-1")), (None, State::Confirmed));
}

#[test]
fn a_persons_word_counts_thirty_days() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.confirmed("Ana", "access-reviewed", "list of 3");
    assert_eq!(book.state("access-reviewed"), State::Confirmed);
    book.later(30 * 24);
    assert_eq!(book.state("access-reviewed"), State::Confirmed);
    book.later(1);
    assert_eq!(book.state("access-reviewed"), State::Stale);
    book.confirmed("Ana", "access-reviewed", "again");
    assert_eq!(book.state("access-reviewed"), State::Confirmed);
}

#[test]
fn commands_are_complete_when_run_and_proved() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.did(Some("Ana"), CommandRan { item: "npm-start".into(), output: "listening".to_owned(), at: None });
    assert_eq!(book.state("npm-start"), State::Open, "what it says is not proved");
    book.checked("npm-start", Outcome::Pass);
    assert_eq!(book.state("npm-start"), State::Confirmed);
    let ahead = Some(book.now + chrono::TimeDelta::minutes(1));
    book.did(Some("Ana"), CommandRan { item: "npm-start".into(), output: String::new(), at: ahead });
    assert_eq!(book.refusal(), Some(Code::InputInvalid), "nobody ran it in the future");
    book.did(Some("Ana"), CommandRan { item: "account-active".into(), output: String::new(), at: None });
    assert_eq!(book.refusal(), Some(Code::StateConflict));
}
