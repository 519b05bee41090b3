//! The share of users a phase is to have, and has.

use super::*;

#[test]
fn a_share_of_users_is_within_its_points_and_of_this_hour() {
    let template = template();
    let condition = |share: Option<(Option<&str>, i64)>| {
        let mut book = Notebook::open(&template);
        begin_soak(&mut book);
        book.now += chrono::TimeDelta::hours(3);
        if let Some((value, minutes)) = share {
            let data_through = book.now - chrono::TimeDelta::minutes(minutes);
            let shown = "4 of 100 users".to_owned();
            let measured = ItemMeasured { data_through, shown, ..book.reading("measure-exposure", value) };
            book.did(None, measured);
            assert_eq!(book.refusal(), None);
        }
        let evaluation = evaluate(&book.run(), 1, &World::default(), book.now);
        let condition = evaluation.conditions.into_iter().find(|one| one.name == "exposure").unwrap();
        (condition, book.state("measure-exposure"))
    };
    for (value, minutes, holds, state, says) in [
        (Some("8/1"), 0, true, State::Verified, "4 of 100 users; meant are 10 within 2 points."),
        (Some("12/1"), 60, true, State::Verified, "meant are 10"),
        (Some("799/100"), 0, false, State::Failed, "meant are 10"),
        (Some("1201/100"), 0, false, State::Failed, "meant are 10"),
        (Some("10/1"), 61, false, State::Stale, "Read the billing database anew."),
        (None, 0, false, State::Unknown(Unknown::InsufficientData), "4 of 100 users"),
    ] {
        let (found, line) = condition(Some((value, minutes)));
        assert!(found.holds == holds && found.sentence.contains(says), "{value:?} {minutes}: {found:?}");
        assert_eq!(line, state, "{value:?} {minutes}");
    }
    assert_eq!(condition(Some((Some("4/1"), 0))).0.found.as_deref(), Some("4.00 %"));
    let (nobody, _) = condition(None);
    assert!(!nobody.holds && nobody.sentence.contains("was not measured"), "{nobody:?}");
}

#[test]
fn the_share_of_users_is_sampled_with_the_soak_and_judged_apart() {
    let template = template();
    let mut book = Notebook::open(&template);
    begin_soak(&mut book);
    book.now += chrono::TimeDelta::minutes(1);
    sample(&mut book, &[("failure-rate-2", Some("1/1")), ("measure-exposure", Some("4/1"))]);
    assert_eq!(book.refusal(), None);
    let root = book.run().root(Scope::Phase(1)).digest;
    let holds = |book: &Notebook<'_>| {
        let conditions = evaluate(&book.run(), 1, &World::default(), book.now).conditions;
        let metrics = conditions.iter().filter(|one| one.name == "metrics").count();
        assert_eq!(metrics, 1, "the share is no metric with a limit: {conditions:?}");
        conditions.into_iter().find(|one| one.name == "exposure").unwrap().holds
    };
    assert!(!holds(&book), "4 % are exposed");
    book.now += chrono::TimeDelta::minutes(SAMPLE_MINUTES);
    sample(&mut book, &[("failure-rate-2", Some("1/1")), ("measure-exposure", Some("10/1"))]);
    assert!(holds(&book), "10 % are");
    assert_eq!(book.run().root(Scope::Phase(1)).digest, root, "no signature lapses because users are let in");
}

#[test]
fn the_share_of_a_passed_phase_stays_as_it_was_passed() {
    let template = template();
    let mut book = Notebook::open(&template);
    let since = begin_soak(&mut book);
    soak(&mut book, since, 96, |_| Some(Some("1/1")));
    finish_phase(&mut book);
    let (line, heading) = ("measure-exposure", "phase-1-few-10-of-users");
    assert_eq!(book.run().may_check(&line.into()), Ok(()));
    open_gate(&mut book, 1, &World::default());
    book.later(3);
    assert_eq!((book.state(line), book.state(heading)), (State::Verified, State::Verified), "it never grows old");
    assert_eq!(book.run().fresh_until(&line.into()), None);
    book.measured(line, Some("50/1"));
    book.measured(heading, Some("50/1"));
    assert_eq!((book.state(line), book.state(heading)), (State::Verified, State::Verified), "50 % is the next phase");
    let run = book.run();
    assert_eq!(run.may_check(&line.into()).unwrap_err().code, Code::StateConflict);
    assert!(!run.checks(&[], book.now).iter().any(|(_, items)| items.contains(&line.into())));
    assert!(run.may_check(&"phase-2-all-100-of-users".into()).is_ok(), "later shares are of later phases");
    assert_eq!(run.share().unwrap().pct, Some(BigRational::from_integer(50.into())));
}
