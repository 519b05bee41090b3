//! Forms, cards and dated lines.

use super::*;

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
    let card = crate::checklist::contacts::Card {
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
    let done = |key: &str| OccurrenceDone {
        item: "daily-look".into(),
        key: key.to_owned(),
        note: "fine".to_owned(),
        seen: Vec::new(),
        snapshot: None,
        report: None,
        said: Vec::new(),
        reviewed: None,
    };
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
    let marks = book.run().marks(book.now);
    let lines: Vec<&String> = marks.rows.values().flat_map(|mark| &mark.lines).collect();
    assert!(lines.iter().any(|line| line.contains(": done by ")), "{lines:?}");
}

#[test]
fn a_date_is_settled_by_whoever_holds_a_role_its_line_names() {
    use crate::checklist::role::Role;
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
    let done = |item: &str, key: &str| OccurrenceDone {
        item: item.into(),
        key: key.to_owned(),
        note: String::new(),
        seen: Vec::new(),
        snapshot: None,
        report: None,
        said: Vec::new(),
        reviewed: None,
    };
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
