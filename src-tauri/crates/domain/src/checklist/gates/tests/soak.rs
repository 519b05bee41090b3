//! Time, samples, cases and values of a soak.

use super::*;

#[test]
fn a_soak_needs_time_samples_cases_and_values_within_limits() {
    let template = template();
    let good = Some(Some("199/100"));
    /// What each quarter of an hour says, how many pass, the measured share of users, and what holds the gate.
    type Case = (fn(i64) -> Option<Option<&'static str>>, i64, &'static str, &'static [&'static str]);
    let cases: [Case; 9] = [
        (|_| Some(Some("199/100")), 96, "10/1", &[]),
        (|_| Some(Some("199/100")), 92, "10/1", &["soak"]),
        (|at| (at >= 4).then_some(Some("1/1")), 96, "10/1", &[]),
        (|at| (at >= 5).then_some(Some("1/1")), 96, "10/1", &["metrics"]),
        (|at| Some((at >= 5).then_some("1/1")), 96, "10/1", &["metrics"]),
        (|at| Some(Some(if at == 50 { "2/1" } else { "1/1" })), 96, "10/1", &["metrics"]),
        (|_| None, 96, "10/1", &["metrics"]),
        (|_| Some(Some("1/1")), 96, "4/1", &["exposure"]),
        // What was beyond the limit has left the window of 24 hours.
        (|at| Some(Some(if at < 20 { "9/1" } else { "1/1" })), 116, "10/1", &[]),
    ];
    for (nth, (value, quarters, share, wanted)) in cases.into_iter().enumerate() {
        let mut book = Notebook::open(&template);
        let since = begin_soak(&mut book);
        soak(&mut book, since, quarters, value);
        finish_phase(&mut book);
        sample(&mut book, &[("measure-exposure", Some(share))]);
        assert_eq!(book.refusal(), None);
        assert_eq!(held(&book, 1, &World::default()).1, wanted, "case {nth}");
    }
    let mut book = Notebook::open(&template);
    let since = begin_soak(&mut book);
    soak(&mut book, since, 96, |_| good);
    finish_phase(&mut book);
    assert_eq!(held(&book, 1, &World::default()), (GateState::Open, vec![]));
}

#[test]
fn a_closed_lid_holds_the_gate_and_says_so() {
    let template = template();
    let mut book = Notebook::open(&template);
    let since = begin_soak(&mut book);
    soak(&mut book, since, 96, |at| (!(40..46).contains(&at)).then_some(Some("1/1")));
    let of_metric = |book: &Notebook<'_>| {
        let evaluation = evaluate(&book.run(), 1, &World::default(), book.now);
        evaluation.conditions.into_iter().find(|one| one.name == "metrics").unwrap()
    };
    let found = of_metric(&book);
    assert_eq!(
        found.sentence,
        "Failure rate < 2%: 90 of 96 samples have a value, and 95 % are needed. \
         None from 2026-06-01 20:00 UTC to 2026-06-01 21:30 UTC."
    );
    assert_eq!((found.holds, found.items), (false, vec!["failure-rate-2".into()]));
    assert_eq!((found.found.as_deref(), found.limit.as_deref()), (Some("1.00"), Some("< 2 %")));
    let mut book = Notebook::open(&template);
    let since = begin_soak(&mut book);
    soak(&mut book, since, 4, |_| Some(None));
    let thin = of_metric(&book).sentence;
    assert!(thin.contains("0 of 4 samples") && thin.contains("4 have insufficient data"), "{thin}");
    let waiver = ItemWaived {
        item: "failure-rate-2".into(),
        reason: "no payments are expected in this phase".to_owned(),
        until: book.now + chrono::TimeDelta::days(1),
    };
    book.did(Some("Ana"), waiver);
    assert!(of_metric(&book).holds, "a waiver is an answer somebody gives by name");
}

#[test]
fn the_soak_begins_again_when_a_rollback_ended() {
    let template = template();
    let mut book = Notebook::open(&template);
    let since = begin_soak(&mut book);
    soak(&mut book, since, 90, |_| Some(Some("9/1")));
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    // In the middle of a quarter of an hour that has its sample already.
    book.now = since + chrono::TimeDelta::minutes(90 * SAMPLE_MINUTES + 2);
    sample(&mut book, &[("failure-rate-2", Some("9/1"))]);
    book.now += chrono::TimeDelta::minutes(3);
    book.ended_rollback(&section, "the flag is off");
    let ended = book.now;
    assert_eq!(book.run().soak_window(1, &"failure-rate-2".into(), book.now), Some(SoakWindow::default()));
    let condition = |book: &Notebook<'_>, name: &str| {
        let conditions = evaluate(&book.run(), 1, &World::default(), book.now).conditions;
        conditions.into_iter().find(|one| one.name == name).unwrap()
    };
    for quarter in 91..187 {
        book.now = since + chrono::TimeDelta::minutes(quarter * SAMPLE_MINUTES + 1);
        sample(&mut book, &[("failure-rate-2", Some("1/1"))]);
        assert!(!condition(&book, "soak").holds, "{quarter}");
        let metrics = condition(&book, "metrics");
        assert_eq!(metrics.holds, quarter > 91, "what was before the rollback does not count: {metrics:?}");
    }
    assert_eq!(book.refusal(), None);
    let said = "23 of 24 hours of soak have passed since a rollback ended at 2026-06-02 08:35 UTC.";
    assert_eq!(condition(&book, "soak").sentence, said);
    book.now = ended + chrono::TimeDelta::hours(24);
    assert!(condition(&book, "soak").holds && condition(&book, "metrics").holds);
}

#[test]
fn two_limits_on_one_metric_are_judged_apart() {
    let mut template = template();
    let at = template.rows.iter().position(|row| row.id.as_str() == "failure-rate-2").unwrap();
    let mut floor = template.rows[at].clone();
    (floor.id, floor.label) = ("some-fail".into(), "Failure rate > 0.1%".to_owned());
    floor.limit = Limit::find(&floor.label);
    template.rows.insert(at + 1, floor);
    let mut book = Notebook::open(&template);
    begin_soak(&mut book);
    for value in ["5/100", "150/100"] {
        book.now += chrono::TimeDelta::minutes(SAMPLE_MINUTES);
        sample(&mut book, &[("failure-rate-2", Some(value)), ("some-fail", Some(value))]);
    }
    book.now += chrono::TimeDelta::minutes(SAMPLE_MINUTES - 1);
    let evaluation = evaluate(&book.run(), 1, &World::default(), book.now);
    let judged: Vec<_> = evaluation.conditions.iter().filter(|one| one.name == "metrics").collect();
    let worst: Vec<_> = judged.iter().map(|one| (one.items[0].as_str(), one.found.as_deref().unwrap())).collect();
    assert_eq!(worst, [("failure-rate-2", "1.50"), ("some-fail", "0.05")]);
}

#[test]
fn a_sample_is_of_its_own_quarter_of_an_hour() {
    let template = template();
    let mut early = Notebook::open(&template);
    sample(&mut early, &[("failure-rate-2", Some("1/1"))]);
    assert_eq!(early.refusal(), Some(Code::StateConflict), "the phase has not begun");
    let mut book = Notebook::open(&template);
    begin_soak(&mut book);
    let refused = |book: &Notebook<'_>| book.run().refused().len();
    let already = refused(&book);
    sample(&mut book, &[("failure-rate-2", Some("1/1"))]);
    assert_eq!(refused(&book), already);
    book.now += chrono::TimeDelta::minutes(1);
    sample(&mut book, &[("failure-rate-2", Some("1/1"))]);
    assert_eq!(refused(&book), already + 1, "it has its sample");
    book.now += chrono::TimeDelta::minutes(60);
    let old = ItemMeasured {
        data_through: book.now - chrono::TimeDelta::minutes(16),
        ..book.reading("failure-rate-2", None)
    };
    book.did(None, SoakSampled { phase: 1, lines: vec![old] });
    assert_eq!(refused(&book), already + 2, "nobody adds what was not sampled then");
    sample(&mut book, &[("watch-errors-1", Some("1/1"))]);
    sample(&mut book, &[]);
    assert_eq!(refused(&book), already + 4, "a line of another phase, and none at all");
    sample(&mut book, &[("failure-rate-2", Some("1/1"))]);
    assert_eq!(refused(&book), already + 4);
    let root = book.run().root(Scope::Phase(1)).digest;
    book.now += chrono::TimeDelta::minutes(SAMPLE_MINUTES);
    sample(&mut book, &[("failure-rate-2", Some("3/1"))]);
    assert_eq!(book.run().root(Scope::Phase(1)).digest, root, "no signature lapses because time goes by");
}

#[test]
fn what_is_counted_by_day_is_no_sample_and_needs_a_day_of_the_soak() {
    let mut template = template();
    let line = ItemId::from("failure-rate-2");
    let row = template.rows.iter_mut().find(|row| row.id == line).unwrap();
    row.proof = Some("metric.support_tickets".into());
    row.fresh_hours = Some(1_000);
    let mut book = Notebook::open(&template);
    let since = begin_soak(&mut book);
    assert_eq!(book.run().soak_lines(1).count(), 0, "it cannot be sampled over the day");
    let counted = |book: &mut Notebook<'_>, data_through: Instant| {
        let line = ItemMeasured { data_through, ..book.reading("failure-rate-2", Some("1/1")) };
        book.did(None, line);
    };
    book.now = since + chrono::TimeDelta::hours(2);
    counted(&mut book, since - chrono::TimeDelta::hours(3));
    let state = |book: &Notebook<'_>| book.run().standing(&"failure-rate-2".into(), book.now).unwrap().state;
    assert_eq!(state(&book), State::Stale, "days before the phase say nothing of it");
    book.now = since + chrono::TimeDelta::hours(30);
    counted(&mut book, since + chrono::TimeDelta::hours(20));
    assert_eq!(book.refusal(), None);
    assert_eq!(state(&book), State::Verified);
}
