//! What a run as a whole says: progress, what waits for whom, its end, its export.

use super::*;

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
    let lead = [crate::checklist::role::Role::LeadDeveloper];
    let needs = |person: &Person, roles: &[crate::checklist::role::Role]| {
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
    book.did(None, GateEvaluated { phase: 0, state: crate::checklist::gates::GateState::Open, conditions: vec![] });
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
            meant: None,
        }
        .into(),
        ContactSet { item: "primary".into(), card: crate::checklist::contacts::Card::default() }.into(),
        ItemAssigned { item: line(), owner: "ana".into() }.into(),
    ];
    for entry in added {
        let sentence = refused(&book, entry.clone()).unwrap_or_default();
        assert!(sentence.starts_with("The run is over: notes, files, cards"), "{}: {sentence}", entry.kind());
    }
    let seen = GateEvaluated { phase: 0, state: crate::checklist::gates::GateState::Hold, conditions: vec![] };
    assert!(refused(&book, seen.into()).is_some(), "its gates are evaluated no more");
    let (key, note) = ("2026-06-01".to_owned(), String::new());
    assert_eq!(
        refused(
            &book,
            OccurrenceDone {
                item: "daily-look".into(),
                key,
                note,
                seen: Vec::new(),
                snapshot: None,
                report: None,
                said: Vec::new(),
                reviewed: None,
            }
            .into()
        ),
        None
    );
    book.did(Some("Olga"), ReleaseChanged { release: "v2".to_owned() });
    assert_eq!(book.run().binding().release, "v2", "what an earlier version wrote stays");
}

#[test]
fn an_export_says_who_and_when() {
    use crate::checklist::export_markdown::markdown;
    use crate::checklist::{import, sample};
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("backups-configured", Outcome::Pass);
    book.confirmed("Ana", "backups-configured", "looked at [the](x) *report*");
    let card = crate::checklist::contacts::Card { person: "Bo".to_owned(), ..Default::default() };
    book.did(Some("Ana"), ContactSet { item: "primary".into(), card });
    book.did(Some("Ana"), waive("unit-tests-pass", 10, book.now));
    let section = template.rows.iter().find(|row| is_rollback_step(row)).unwrap().section.clone();
    for reason in ["payments fail", "they fail again"] {
        book.did(Some("Olga"), RollbackStarted { section: section.clone(), reason: reason.to_owned() });
        book.ended_rollback(&section, "restored");
    }
    assert_eq!(book.refusal(), None);
    let text = markdown(&template, sample::LIST, &book.run().marks(book.now));
    for wanted in [
        "Bo, card of 20",
        "never tested.",
        "Decided by Ana at 20",
        "payments fail Ended by Ana and Bo",
        "they fail again",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
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

#[test]
fn what_was_signed_stays_as_it_was_and_only_the_report_of_a_rollback_is_added() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("account-active", Outcome::Pass);
    book.confirmed("Ana", "access-reviewed", "looked");
    book.did(Some("Ana"), waive("unit-tests-pass", 10, book.now));
    let section = template.rows.iter().find(|row| is_rollback_step(row)).unwrap().section.clone();
    book.did(Some("Olga"), RollbackStarted { section: section.clone(), reason: "payments fail".to_owned() });
    book.ended_rollback(&section, "restored");
    book.did(Some("Olga"), RunEnded { is_abandoned: true, note: "rolled back".to_owned() });
    assert_eq!(book.refusal(), None);
    let before = book.run().progress(book.now);
    let ended = book.now;
    book.now = ended + chrono::TimeDelta::days(60);
    assert_eq!(book.run().progress(book.now).states, before.states, "sixty days later");
    assert_eq!(book.state("account-active"), State::Verified);
    assert_eq!(book.state("unit-tests-pass"), State::Waived);
    assert_eq!(book.run().fresh_until(&"account-active".into()), None);
    let dates = book.run().other_dates(book.now);
    let kinds: Vec<_> = dates.iter().map(|date| (date.kind, date.state)).collect();
    assert_eq!(kinds, [(DateKind::PostMortem, DueState::Missed)], "a waiver that ends later ends nothing");
    let report = dates[0].item.clone();
    let run = book.run();
    assert!(run.may_report(&"account-active".into(), book.now).is_err());
    assert!(run.may_report(&report, book.now).is_ok() && run.may_add(&report).is_err());
    book.did(Some("Ana"), ItemNote { item: report, text: "what we learned".to_owned() });
    assert_eq!(book.run().other_dates(book.now)[0].state, DueState::DoneLate);
}
