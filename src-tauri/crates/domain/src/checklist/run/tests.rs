//! The states of lines, act by act.
//! Kept apart from the rules because they go through recorded entries only, as a ledger would give them.

use super::super::entry::*;
use super::super::gates::{self, GateState, World};
use super::super::row::Kind;
use super::super::sample::{Notebook, START, person, template};
use super::super::sign::Scope;
use super::*;
use crate::probe::{Outcome, Unknown};

const LONG: &str = "the vendor is closed until Monday";

fn waive(item: &str, days: i64, now: Instant) -> ItemWaived {
    ItemWaived { item: item.into(), reason: LONG.to_owned(), until: now + chrono::TimeDelta::days(days) }
}

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
    assert_eq!(lines.map(|item| book.state(item)), [State::NeedsConfirmation, State::Stale, State::Stale]);
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

    let usual = super::super::sample::template();
    let mut book = Notebook::open(&usual);
    book.confirmed("Ana", "access-reviewed", "list of 3");
    release(&mut book, "v2");
    assert_eq!(book.state("access-reviewed"), State::Confirmed, "who has access is no matter of the release");
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
fn waivers_have_a_reason_an_end_and_another_approver() {
    let template = template();
    let item = "account-active";
    let refused = |who: &str, change: fn(&mut ItemWaived)| {
        let mut book = Notebook::open(&template);
        book.checked(item, Outcome::Fail);
        let mut body = waive(item, 30, book.now);
        change(&mut body);
        book.did(Some(who), body);
        (book.state(item), book.refusal())
    };
    assert_eq!(refused("Ana", |_| {}), (State::Waived, None));
    let failed = |code| (State::Failed, Some(code));
    assert_eq!(refused("Olga", |_| {}), failed(Code::StateConflict), "the owner");
    assert_eq!(refused("Ana", |body| body.reason = "x".repeat(19)), failed(Code::InputInvalid));
    assert_eq!(refused("Ana", |body| body.reason = format!("x{}", " ".repeat(30))), failed(Code::InputInvalid));
    assert_eq!(refused("Ana", |body| body.until = START.parse().unwrap()), failed(Code::InputInvalid));
    assert_eq!(refused("Ana", |body| body.until += chrono::TimeDelta::days(60)), (State::Waived, None));
    assert_eq!(
        refused("Ana", |body| body.until += chrono::TimeDelta::seconds(60 * 86_400 + 1)),
        failed(Code::InputInvalid)
    );

    let mut book = Notebook::open(&template);
    book.checked(item, Outcome::Fail);
    book.did(Some("Ana"), waive(item, 1, book.now));
    book.later(24);
    assert_eq!(book.state(item), State::Failed, "the waiver has ended");
    book.did(Some("Olga"), ItemAssigned { item: item.into(), owner: "ana".into() });
    book.did(Some("Ana"), waive(item, 1, book.now));
    assert_eq!(book.refusal(), Some(Code::StateConflict), "Ana owns it now");
    let asked = |book: &Notebook<'_>, who: &str, item: &str| {
        let by = Some(person(who));
        let act = Act { seq: book.acts.len() as u64 + 1, at: book.now, by, entry: waive(item, 1, book.now).into() };
        let may = book.run().may_waive(
            &item.into(),
            Actor::of(&person(who)),
            LONG,
            book.now + chrono::TimeDelta::days(1),
            book.now,
        );
        assert_eq!(book.run().would_take(&[act]), may, "{who} {item}");
        may.err().map(|refusal| refusal.sentence)
    };
    let gave = "Who gave `Account active` to somebody else cannot waive it; a third person has to.";
    assert_eq!(asked(&book, "Olga", item).as_deref(), Some(gave));
    assert_eq!(asked(&book, "Bo", item), None);
    let mut earlier = Notebook { template: &template, acts: book.acts.clone(), now: book.now };
    earlier.did(Some("Olga"), waive(item, 1, book.now));
    assert_eq!(earlier.state(item), State::Waived, "what an earlier version allowed stays");

    let (parent, child) = ("events-selected", "invoice-failed");
    book.checked(child, Outcome::Fail);
    book.did(Some("Olga"), ItemAssigned { item: child.into(), owner: "bo".into() });
    let owner = "The owner of `invoice.failed` cannot waive it; somebody else has to approve.";
    assert_eq!(asked(&book, "Bo", parent).as_deref(), Some(owner), "not through the line above either");
    assert_eq!(asked(&book, "Ana", parent), None);
    book.checked(child, Outcome::Pass);
    assert_eq!(asked(&book, "Bo", parent), None, "what is done need not be waived");
}

#[test]
fn only_lines_that_say_so_may_be_left_out() {
    let template = template();
    let mut book = Notebook::open(&template);
    let leave = |item: &str, reason: &str| ItemNotApplicable { item: item.into(), reason: reason.to_owned() };
    book.did(Some("Ana"), leave("account-active", "no account"));
    assert_eq!((book.state("account-active"), book.refusal()), (State::Open, Some(Code::StateConflict)));
    book.did(Some("Ana"), leave("tax-settings-if-applicable", ""));
    assert_eq!(book.state("tax-settings-if-applicable"), State::Open);
    book.did(Some("Ana"), leave("tax-settings-if-applicable", "no tax there"));
    assert_eq!(book.standing("tax-settings-if-applicable").because, "Ana: no tax there");
    let roles = [super::super::role::Role::QaEngineer];
    let mut strict = template.clone();
    let row = strict.rows.iter_mut().find(|row| row.optional).unwrap();
    row.confirm = vec![super::super::role::Role::FinanceManager];
    let run = Notebook::open(&strict).run();
    let (id, ana) = (ItemId::from("tax-settings-if-applicable"), person("Ana"));
    let actor = Actor { id: &ana.id, key: None, roles: Some(&roles) };
    assert_eq!(run.may_dismiss(&id, actor, "no tax").unwrap_err().to_string(), "Only finance_manager may do this.");
}

#[test]
fn children_speak_for_a_parent_that_ends_in_a_colon() {
    let template = template();
    let mut book = Notebook::open(&template);
    let parent = "events-selected";
    book.checked("invoice-paid", Outcome::Pass);
    assert_eq!(
        (book.state(parent), book.standing(parent).because.as_str()),
        (State::Open, "1 of 2 below are complete.")
    );
    book.checked("invoice-failed", Outcome::Fail);
    assert_eq!((book.state(parent), book.state("invoice-paid")), (State::Failed, State::Verified));
    book.confirmed("Ana", parent, "fine");
    assert_eq!(book.refusal(), Some(Code::ItemNotConfirmable));
    book.checked("invoice-failed", Outcome::Pass);
    assert_eq!(book.state(parent), State::Verified);
    book.did(Some("Ana"), ItemReopened { item: "invoice-paid".into(), reason: "wrong endpoint".to_owned() });
    assert_eq!((book.state("invoice-paid"), book.state(parent)), (State::Reopened, State::Reopened));
    book.did(Some("Ana"), waive(parent, 5, book.now));
    assert_eq!((book.state(parent), book.state("invoice-paid")), (State::Waived, State::Waived));
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

#[test]
fn forms_and_cards_are_filled_in() {
    let template = template();
    let mut book = Notebook::open(&template);
    assert_eq!(book.state("version"), State::Verified, "the run knows its release");
    let set = |item: &str, value: &str| NoteSet { item: item.into(), value: value.to_owned() };
    book.did(Some("Ana"), set("version", "v9"));
    assert_eq!(book.refusal(), Some(Code::InputInvalid));
    book.did(Some("Ana"), set("remarks", "quiet"));
    assert_eq!(book.standing("remarks").because, "quiet, by Ana");
    assert_eq!(book.state("vendor"), State::Confirmed);
    assert_eq!(book.state("primary"), State::Open);
    let card = super::super::contacts::Card {
        person: "Bo".to_owned(),
        phone: "+49".to_owned(),
        hours: "always".to_owned(),
        tested_at: Some(book.now),
        ..Default::default()
    };
    book.did(Some("Ana"), ContactSet { item: "primary".into(), card });
    assert_eq!(book.state("primary"), State::Confirmed);
    book.later(91 * 24);
    assert_eq!(book.standing("primary").because, "The card lacks a test within 90 days.");
}

#[test]
fn dated_lines_are_done_one_date_at_a_time() {
    let template = template();
    let mut book = Notebook::open(&template);
    let done = |key: &str| OccurrenceDone { item: "daily-look".into(), key: key.to_owned(), note: "fine".to_owned() };
    assert_eq!(book.state("daily-look"), State::Blocked);
    book.did(Some("Ana"), done("2026-06-01"));
    assert_eq!(book.refusal(), Some(Code::StateConflict), "not before the deployment");
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    assert_eq!(book.state("daily-look"), State::NeedsConfirmation);
    book.did(Some("Ana"), done("2026-06-01"));
    book.did(Some("Ana"), done("2026-06-01"));
    assert_eq!(book.refusal(), Some(Code::StateConflict), "once");
    assert_eq!(book.state("daily-look"), State::Open);
    book.later(48);
    book.did(Some("Ana"), done("2026-06-02"));
    let skipped =
        OccurrenceSkipped { item: "daily-look".into(), key: "2026-06-03".to_owned(), reason: "holiday".to_owned() };
    book.did(Some("Ana"), skipped);
    let run = book.run();
    let due = run.schedule(book.now, "2026-07-01T00:00:00Z".parse().unwrap());
    let states: Vec<&str> = due.iter().map(|due| due.state.as_ref()).collect();
    assert_eq!(states, ["done", "done_late", "skipped", "upcoming", "upcoming", "upcoming", "upcoming"]);
    book.later(24 * 30);
    assert_eq!(book.state("daily-look"), State::Stale, "four were missed");
    for key in ["2026-06-04", "2026-06-05", "2026-06-06", "2026-06-07"] {
        book.did(Some("Ana"), done(key));
    }
    assert_eq!(book.state("daily-look"), State::Confirmed);
}

#[test]
fn a_date_is_settled_by_whoever_holds_a_role_its_line_names() {
    use super::super::role::Role;
    let mut template = template();
    let row = template.rows.iter_mut().find(|row| row.id.as_str() == "daily-look").unwrap();
    row.confirm = vec![Role::FinanceManager];
    let mut book = Notebook::open(&template);
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    let (run, item, ana) = (book.run(), ItemId::from("daily-look"), person("Ana"));
    let settle = |roles: &[Role], skipped_for| {
        let actor = Actor { id: &ana.id, key: None, roles: Some(roles) };
        run.may_settle(&item, actor, "2026-06-01", skipped_for).err().map(|refusal| refusal.to_string())
    };
    for skipped_for in [None, Some("holiday")] {
        let refused = settle(&[Role::QaEngineer], skipped_for);
        assert_eq!(refused.as_deref(), Some("Only finance_manager may do this."));
        assert_eq!(settle(&[Role::QaEngineer, Role::FinanceManager], skipped_for), None);
    }
}

#[test]
fn a_run_that_keeps_to_working_days_leaves_its_week_ends_out() {
    let template = template();
    let mut book = Notebook::open(&template);
    let keys = |book: &Notebook<'_>| -> Vec<String> {
        let due = book.run().schedule(book.now, "2026-07-01T00:00:00Z".parse().unwrap());
        due.into_iter().map(|due| due.occurrence.key).collect()
    };
    // A Thursday.
    book.did(Some("Olga"), DeploymentRecorded { at: "2026-06-04T09:00:00Z".parse().unwrap(), reason: None });
    assert_eq!(keys(&book).len(), 7);
    let Entry::RunStarted(started) = &mut book.acts[0].entry else { panic!() };
    started.business_days = true;
    assert_eq!(keys(&book), ["2026-06-04", "2026-06-05", "2026-06-08", "2026-06-09", "2026-06-10"]);
}

#[test]
fn a_corrected_deployment_keeps_what_was_due_before() {
    let mut template = template();
    let at = template.rows.iter().position(|row| row.id.as_str() == "daily-look").unwrap();
    let mut hour = template.rows[at].clone();
    (hour.id, hour.schedule) = ("first-look".into(), Some("hour 1".parse().unwrap()));
    template.rows.insert(at + 1, hour);
    let mut book = Notebook::open(&template);
    let first = book.now;
    let record = |at, reason: Option<&str>| DeploymentRecorded { at, reason: reason.map(str::to_owned) };
    let done = |item: &str, key: &str| OccurrenceDone { item: item.into(), key: key.to_owned(), note: String::new() };
    book.did(Some("Olga"), record(first, None));
    book.did(Some("Ana"), done("first-look", "hour-1"));
    book.did(Some("Ana"), done("daily-look", "2026-06-01"));
    book.later(3 * 24);
    let second = book.now;
    let refused = |book: &Notebook<'_>, reason: Option<&str>| {
        let (seq, entry) = (book.acts.len() as u64 + 1, record(second, reason).into());
        let act = Act { seq, at: book.now, by: Some(person("Olga")), entry };
        book.run().would_take(&[act]).err().map(|refusal| refusal.code)
    };
    for short in [None, Some(""), Some(" x ")] {
        assert_eq!(refused(&book, short), Some(Code::InputInvalid), "{short:?}");
    }
    assert_eq!(refused(&book, Some("it was only staged before")), None);
    let states = |book: &Notebook<'_>| {
        let due = book.run().schedule(book.now, "2026-07-01T00:00:00Z".parse().unwrap());
        let of = |item: &str| -> Vec<String> {
            let due = due.iter().filter(|due| due.item.as_str() == item);
            due.map(|due| format!("{} {}", due.occurrence.key, due.state.as_ref())).collect()
        };
        (of("first-look"), of("daily-look"))
    };
    let mut earlier = Notebook { template: &template, acts: book.acts.clone(), now: book.now };
    earlier.did(Some("Olga"), record(second, None));
    assert_eq!(states(&earlier).1[0], "2026-06-04 due", "without a reason, as earlier versions meant it");

    book.did(Some("Olga"), record(second, Some("it was only staged before")));
    assert_eq!(book.run().deployed_at(), Some(second));
    let (hours, days) = states(&book);
    assert_eq!(hours, ["hour-1 done", "hour-1.2 due"], "the first hour is another one now");
    let kept = ["2026-06-01 done", "2026-06-02 missed", "2026-06-03 missed", "2026-06-04 due", "2026-06-05 upcoming"];
    assert_eq!(days[..5], kept);
    assert_eq!(days.len(), 10, "seven days from the fourth on");
    book.did(Some("Ana"), done("first-look", "hour-1.2"));
    assert_eq!((book.refusal(), states(&book).0[1].as_str()), (None, "hour-1.2 done"));
}

#[test]
fn progress_counts_what_counts() {
    let template = template();
    let mut book = Notebook::open(&template);
    let progress = book.run().progress(book.now);
    // 9 before the rollout, 5 in it with the two shares, 2 cards, 2 fields.
    assert_eq!((progress.total, progress.complete), (18, 2));
    assert_eq!(progress.states.values().sum::<usize>(), progress.total);
    book.checked("account-active", Outcome::Pass);
    book.checked("backups-configured", Outcome::Fail);
    let run = book.run();
    let sections = run.sections(book.now);
    let pre = sections.iter().find(|section| section.path == ["Pre"]).unwrap();
    assert_eq!((pre.total, pre.complete, pre.failed), (9, 1, 1));
    let rollout = sections.iter().find(|section| section.path == ["Rollout"]).unwrap();
    assert_eq!(rollout.total, 5, "sections count those below them");
}

#[test]
fn each_check_is_made_once_failing_ones_first() {
    let mut template = template();
    template.rows.iter_mut().find(|row| row.id.as_str() == "unit-tests-pass").unwrap().proof =
        Some("db.backup.archiving".into());
    let mut book = Notebook::open(&template);
    book.checked("account-active", Outcome::Pass);
    book.checked("invoice-failed", Outcome::Fail);
    let checks = book.run().checks(&[], book.now);
    let told: Vec<_> = checks.iter().map(|(proof, items)| (proof.as_str(), items.len())).collect();
    assert_eq!(told[..2], [("stripe.webhooks.events_selected", 1), ("stripe.webhooks.event.invoice.failed", 1)]);
    assert!(told.contains(&("db.backup.archiving", 2)), "{told:?}");
    assert!(!told.iter().any(|(proof, _)| proof.starts_with("trigger.") || proof.starts_with("signoff.")));
    let some = book.run().checks(&["account-active".into(), "lead-developer".into()], book.now);
    assert_eq!(some, [("stripe.account.activated".into(), vec!["account-active".into()])]);
}

#[test]
fn a_person_sees_what_waits_for_them() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("backups-configured", Outcome::Pass);
    let run = book.run();
    let (olga, ana) = (person("Olga"), person("Ana"));
    let lead = [super::super::role::Role::LeadDeveloper];
    let needs = |person: &Person, roles: &[super::super::role::Role]| {
        let actor = Actor { id: &person.id, key: None, roles: Some(roles) };
        run.needs(actor, book.now).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(needs(&olga, &[]), ["backups-configured", "access-reviewed", "npm-start", "primary", "remarks"]);
    assert_eq!(needs(&ana, &lead), ["lead-developer"]);
}

#[test]
fn entries_that_were_not_allowed_are_listed() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.did(None, ItemConfirmed { item: "access-reviewed".into(), note: String::new(), role: None });
    book.did(Some("Ana"), ItemNote { item: "nowhere".into(), text: "x".to_owned() });
    book.did(Some("Ana"), ReleaseChanged { release: "v1".to_owned() });
    let wrong = Notebook::open(&template).acts.remove(0).entry;
    book.did(Some("Ana"), wrong);
    let run = book.run();
    let refused: Vec<_> =
        run.refused().iter().map(|refused| (refused.seq, refused.kind, refused.refusal.code)).collect();
    let wanted = [
        (2, "item_confirmed", Code::InputInvalid),
        (3, "item_note", Code::NotFound),
        (5, "run_started", Code::StateConflict),
    ];
    assert_eq!(refused, wanted);
    assert_eq!(Run::fold(template.clone(), &[]).unwrap_err(), RunError::NotStarted);
    assert_eq!(Run::fold(template.clone(), &book.acts[1..]).unwrap_err(), RunError::NotStarted);
    let mut other = template.clone();
    other.name.push('!');
    assert!(matches!(Run::fold(other, &book.acts), Err(RunError::OtherTemplate { .. })));
}

#[test]
fn nothing_is_worked_on_after_the_end() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.did(Some("Olga"), RunEnded { is_abandoned: false, note: "done".to_owned() });
    book.checked("account-active", Outcome::Pass);
    assert_eq!((book.state("account-active"), book.refusal()), (State::Open, Some(Code::StateConflict)));
    book.did(Some("Ana"), ItemNote { item: "account-active".into(), text: "afterthought".to_owned() });
    assert_eq!(book.run().refused().len(), 1);
}

#[test]
fn the_course_is_not_changed_after_the_end() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    let refused = |book: &Notebook<'_>, entry: Entry| {
        let act = Act { seq: book.acts.len() as u64 + 1, at: book.now, by: Some(person("Olga")), entry };
        book.run().would_take(&[act]).err().map(|refusal| refusal.sentence)
    };
    let reason = || "the campaign starts today".to_owned();
    let course = || -> Vec<Entry> {
        vec![
            GateOverridden { phase: 0, reason: reason(), conditions: Some(vec!["items".to_owned()]) }.into(),
            ReleaseChanged { release: "v2".to_owned() }.into(),
            FingerprintsPinned { fingerprints: BTreeMap::new(), reason: reason() }.into(),
            WindowSet { from: book.now, to: book.now }.into(),
            RunEnded { is_abandoned: true, note: reason() }.into(),
        ]
    };
    let course = course();
    for entry in course.clone() {
        assert_eq!(refused(&book, entry.clone()), None, "{}", entry.kind());
    }
    book.did(None, GateEvaluated { phase: 0, state: super::super::gates::GateState::Open, conditions: vec![] });
    let opened = Entry::from(GateOpened { phase: 0 });
    assert_eq!(refused(&book, opened.clone()), None);
    book.did(Some("Olga"), RunEnded { is_abandoned: false, note: "done".to_owned() });
    for entry in course.into_iter().chain([opened, DeploymentRecorded { at: book.now, reason: None }.into()]) {
        assert_eq!(refused(&book, entry.clone()).as_deref(), Some("The run is over."), "{}", entry.kind());
    }
    let line = || ItemId::from("access-reviewed");
    let added: [Entry; 4] = [
        ItemNote { item: line(), text: "afterthought".to_owned() }.into(),
        ItemAttached {
            item: line(),
            name: "late.txt".to_owned(),
            sha256: Digest::of_bytes(b"late"),
            bytes: 4,
            release: None,
            facts: None,
        }
        .into(),
        ContactSet { item: "primary".into(), card: super::super::contacts::Card::default() }.into(),
        ItemAssigned { item: line(), owner: "ana".into() }.into(),
    ];
    for entry in added {
        let sentence = refused(&book, entry.clone()).unwrap_or_default();
        assert!(sentence.starts_with("The run is over: notes, files, cards"), "{}: {sentence}", entry.kind());
    }
    let seen = GateEvaluated { phase: 0, state: super::super::gates::GateState::Hold, conditions: vec![] };
    assert!(refused(&book, seen.into()).is_some(), "its gates are evaluated no more");
    let (key, note) = ("2026-06-01".to_owned(), String::new());
    assert_eq!(refused(&book, OccurrenceDone { item: "daily-look".into(), key, note }.into()), None);
    book.did(Some("Olga"), ReleaseChanged { release: "v2".to_owned() });
    assert_eq!(book.run().binding().release, "v2", "what an earlier version wrote stays");
}

#[test]
fn the_root_changes_with_every_fact_and_never_with_time() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("account-active", Outcome::Pass);
    let before = book.run().root(Scope::Run);
    book.later(100);
    assert_eq!(book.run().root(Scope::Run), before, "waiting changes nothing");
    book.checked("account-active", Outcome::Pass);
    assert_eq!(book.run().root(Scope::Run), before, "seeing the same again changes nothing");
    let steps: [fn(&mut Notebook<'_>); 7] = [
        |book| book.checked_as("account-active", Outcome::Pass, "other"),
        |book| book.checked("unit-tests-pass", Outcome::Fail),
        |book| book.confirmed("Ana", "access-reviewed", "x"),
        |book| book.did(Some("Ana"), ItemNote { item: "access-reviewed".into(), text: "n".to_owned() }),
        |book| book.did(Some("Ana"), NoteSet { item: "remarks".into(), value: "n".to_owned() }),
        |book| book.did(Some("Ana"), ReleaseChanged { release: "v3".to_owned() }),
        |book| book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() }),
    ];
    let mut last = before;
    for (step, act) in steps.iter().enumerate() {
        act(&mut book);
        let now = book.run().root(Scope::Run);
        assert_ne!(now.digest, last.digest, "step {step}");
        let differences = difference(&last, &now);
        assert!(!differences.is_empty() && differences.len() <= 2, "step {step}: {differences:?}");
        last = now;
    }
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    book.did(
        Some("Ana"),
        OccurrenceDone { item: "daily-look".into(), key: "2026-06-01".to_owned(), note: String::new() },
    );
    assert_eq!(book.run().root(Scope::Run), last, "dated lines come after signing");
    let phase = book.run().root(Scope::Phase(1));
    book.confirmed("Bo", "access-reviewed", "again");
    assert_eq!(book.run().root(Scope::Phase(1)), phase, "a phase covers its own lines");
}

#[test]
fn differences_are_told_in_words() {
    let template = template();
    let mut book = Notebook::open(&template);
    let before = book.run().root(Scope::Run);
    book.checked("account-active", Outcome::Unknown(Unknown::Timeout));
    book.did(Some("Ana"), ItemNote { item: "account-active".into(), text: "slow".to_owned() });
    let found = difference(&before, &book.run().root(Scope::Run));
    let wanted = Difference {
        item: Some("account-active".into()),
        label: "Account active".to_owned(),
        before: "open".to_owned(),
        after: "unknown(timeout), 1 note".to_owned(),
    };
    assert_eq!(found, [wanted]);
}

#[test]
fn an_export_says_who_and_when() {
    use super::super::export_markdown::markdown;
    use super::super::{import, sample};
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("backups-configured", Outcome::Pass);
    book.confirmed("Ana", "backups-configured", "looked at [the](x) *report*");
    let text = markdown(&template, sample::LIST, &book.run().marks(book.now));
    assert!(
        text.contains(
            "- [x] Backups configured\n  > Countersign: Confirmed. Ana: looked at \\[the\\](x) \\*report\\*\n"
        ),
        "{text}"
    );
    assert!(text.contains("- [ ] Account active\n"), "{text}");
    assert!(text.contains("Version: __v1__\nRemarks: ______\n"), "{text}");
    let again = import::read(text.as_bytes(), "sample.md", &[]).unwrap().template;
    let labels = |template: &Template| {
        template.rows.iter().map(|row| (row.id.clone(), row.coverage_label())).collect::<Vec<_>>()
    };
    assert_eq!(labels(&again), labels(&template));
}

/// What holds whatever people try, in whatever order.
fn check_invariants(book: &Notebook<'_>) {
    let run = book.run();
    let progress = run.progress(book.now);
    assert_eq!(progress.states.values().sum::<usize>(), progress.total);
    assert!(progress.complete <= progress.total);
    for row in &book.template.rows {
        let (history, standing) = (run.history(&row.id).unwrap(), run.standing(&row.id, book.now).unwrap());
        use super::super::row::Kind;
        let decided = matches!(row.kind, Kind::Auto | Kind::Metric | Kind::Command | Kind::Contact);
        let failed = decided && history.answer.as_ref().is_some_and(|answer| answer.outcome == Outcome::Fail);
        let aside = matches!(standing.state, State::Waived | State::NotApplicable);
        assert!(!(failed && standing.state.is_complete() && !aside), "{} failed and is {:?}", row.id, standing.state);
        if let Some(waiver) = history.waived.as_ref() {
            assert_ne!(waiver.decision.by.id, *run.owner(&row.id), "{} is waived by its owner", row.id);
        }
        assert!(history.dismissed.is_none() || row.optional, "{} always applies", row.id);
        assert!(row.kind != Kind::Metric || history.confirmed.is_none(), "{} is measured", row.id);
    }
    assert_eq!(run.root(Scope::Run), book.run().root(Scope::Run));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_order_of_acts_breaks_a_rule(moves in proptest::collection::vec((0_usize..13, 0_usize..40, 0_usize..3), 0..60)) {
        let template = template();
        let mut book = Notebook::open(&template);
        for (act, item, who) in moves {
            let row = &template.rows[item % template.rows.len()];
            let (id, who) = (row.id.clone(), ["Olga", "Ana", "Bo"][who]);
            let text = LONG.to_owned();
            let measured = matches!(row.proof, Some(super::super::row::Proof::Metric(_)));
            let proved = row.proof.is_some() && !row.indicator && !measured;
            match act {
                0..=3 if measured => book.measured(id.as_str(), [Some("1/2"), Some("99/1"), None, Some("10/1")][act]),
                0 if proved => book.checked(id.as_str(), Outcome::Pass),
                1 if proved => book.checked(id.as_str(), Outcome::Fail),
                2 if proved => book.checked(id.as_str(), Outcome::Warn),
                3 if proved => book.checked(id.as_str(), Outcome::Unknown(Unknown::Timeout)),
                4 => book.confirmed(who, id.as_str(), "seen"),
                5 => book.did(Some(who), waive(id.as_str(), 10, book.now)),
                6 => book.did(Some(who), ItemNotApplicable { item: id, reason: text }),
                7 => book.did(Some(who), ItemReopened { item: id, reason: text }),
                8 => book.did(Some(who), CommandRan { item: id, output: text, at: None }),
                9 => book.did(Some(who), NoteSet { item: id, value: text }),
                10 => book.did(None, TriggerTripped { item: id, cause: text }),
                11 => book.did(Some(who), TriggerCleared { item: id, reason: text }),
                _ => book.later(7),
            }
        }
        check_invariants(&book);
    }
}

/// Attaches a file that counts until an instant.
fn attached(book: &mut Notebook<'_>, item: &str, name: &str, expires_at: Option<Instant>) {
    let facts = FileFacts {
        kind: "document".to_owned(),
        figures: Vec::new(),
        commit: None,
        release: None,
        made_at: None,
        expires_at,
    };
    let (sha256, name) = (crate::checklist::digest::Digest::of_bytes(name.as_bytes()), name.to_owned());
    let body = ItemAttached { item: item.into(), name, sha256, bytes: 4, release: None, facts: Some(facts) };
    book.did(Some("Ana"), body);
}

#[test]
fn a_result_is_as_old_as_its_file_and_about_the_release_of_its_file() {
    let (template, item) = (template(), "unit-tests-pass");
    let day = chrono::TimeDelta::days(1);
    let mut book = Notebook::open(&template);
    let seen = |book: &mut Notebook<'_>, age: i32, release: &str| {
        book.checked(item, Outcome::Pass);
        let Some(Act { entry: Entry::ItemChecked(body), .. }) = book.acts.last_mut() else { unreachable!() };
        body.result.data_at = Some(book.now - day * age);
        body.result.release = Some(release.to_owned());
    };
    let release = book.run().binding().release.clone();
    seen(&mut book, 13, &release);
    assert_eq!(book.state(item), State::Verified);
    assert_eq!(book.run().fresh_until(&item.into()), Some(book.now + day));
    seen(&mut book, 15, &release);
    assert_eq!(book.state(item), State::Stale, "the file is older than a fortnight, though it was looked at now");
    seen(&mut book, 0, "v0");
    assert_eq!(book.standing(item).because, "The result is about release v0.");
    assert_eq!(book.run().file_counts_until(&item.into(), book.now), Some(book.now + day * 14));
    assert_eq!(book.run().file_counts_until(&"access-reviewed".into(), book.now), None, "no rule of files");
}

#[test]
fn a_word_counts_no_longer_than_the_newest_file_beside_it() {
    let (template, item) = (template(), "access-reviewed");
    let mut book = Notebook::open(&template);
    let end = book.now + chrono::TimeDelta::hours(24);
    attached(&mut book, item, "log.txt", Some(end));
    book.confirmed("Ana", item, "looked");
    assert_eq!((book.state(item), book.run().fresh_until(&item.into())), (State::Confirmed, Some(end)));
    book.now = end + chrono::TimeDelta::seconds(1);
    assert_eq!(book.state(item), State::Stale);
    assert!(book.standing(item).because.starts_with("The file log.txt counted until "), "{:?}", book.standing(item));
    attached(&mut book, item, "newer.txt", Some(end + chrono::TimeDelta::hours(24)));
    assert_eq!(book.state(item), State::Confirmed);
    attached(&mut book, item, "policy.pdf", None);
    assert_eq!(book.state(item), State::Confirmed);
}

#[test]
fn going_on_with_a_run_is_folding_it_anew() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("account-active", Outcome::Pass);
    book.confirmed("Ana", "access-reviewed", "looked");
    book.confirmed("Ana", "unit-tests-pass", "not checked yet");
    book.checked("unit-tests-pass", Outcome::Fail);
    let (first, rest) = book.acts.split_at(2);
    let mut followed = Run::fold(template.clone(), first).unwrap();
    followed.follow(rest).unwrap();
    let folded = book.run();
    assert_eq!(followed.root(Scope::Run), folded.root(Scope::Run));
    assert_eq!((followed.refused(), followed.through()), (folded.refused(), folded.through()));
    assert_eq!(followed.refused().len(), 1);

    let hash = crate::checklist::digest::Digest::of_bytes(b"another");
    book.did(Some("Olga"), RunUpgraded { version: 2, hash, reset: Vec::new() });
    let found = template.content_hash();
    assert_eq!(followed.follow(&book.acts[5..]), Err(RunError::OtherTemplate { wanted: hash, found }));
    assert_eq!(followed.through(), folded.through(), "an upgrade needs the new version, and leaves the run as it was");
}
