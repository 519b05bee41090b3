//! Every condition of a gate, held and met.
//! Kept apart from the rules because a gate needs a whole run before it; the sample list is in `sample`.

use super::super::entry::*;
use super::super::role::Role;
use super::super::run::SAMPLE_MINUTES;
use super::super::sample::{Notebook, template};
use super::super::sign::Meaning;
use super::*;
use crate::failure::Code;
use crate::probe::{Outcome, Unknown};

fn held(book: &Notebook<'_>, phase: u8, world: &World) -> (GateState, Vec<String>) {
    let evaluation = evaluate(&book.run(), phase, world, book.now);
    let names = evaluation.conditions.iter().filter(|one| !one.holds).map(|one| one.name.clone());
    (evaluation.state, names.collect())
}

fn sign_phase(book: &mut Notebook<'_>, who: &str, role: Role, number: u8) {
    let scope = Scope::Phase(number);
    let root = book.run().root(scope).digest;
    let (meaning, comment) = (Meaning::Approve, String::new());
    let body = RunSigned { role, scope, meaning, comment, root, statement: vec![], reopens: vec![], exception: None };
    book.did(Some(who), body);
    assert_eq!(book.refusal(), None);
}

/// Completes everything before the rollout.
fn prepare(book: &mut Notebook<'_>) {
    for item in [
        "account-active",
        "backups-configured",
        "tax-settings-if-applicable",
        "invoice-paid",
        "invoice-failed",
        "unit-tests-pass",
        "npm-start",
    ] {
        book.checked(item, Outcome::Pass);
    }
    for item in ["backups-configured", "access-reviewed", "npm-start"] {
        book.confirmed("Ana", item, "seen");
    }
    let text = |text: &str| text.to_owned();
    let tested_at = Some(book.now);
    let card =
        contacts::Card { person: text("Bo"), phone: text("1"), hours: text("always"), tested_at, ..Default::default() };
    book.did(Some("Ana"), ContactSet { item: "primary".into(), card });
}

fn staged() -> World {
    World { passed_on_staging: Some(Ok(())) }
}

fn open_gate(book: &mut Notebook<'_>, phase: u8, world: &World) {
    let Evaluation { state, conditions, .. } = evaluate(&book.run(), phase, world, book.now);
    assert_eq!(state, GateState::Open, "{conditions:?}");
    book.did(None, GateEvaluated { phase, state, conditions });
    book.did(Some("Olga"), GateOpened { phase });
    assert_eq!(book.refusal(), None);
}

#[test]
fn the_first_gate_asks_for_lines_contacts_staging_and_a_signature() {
    let template = template();
    let mut book = Notebook::open(&template);
    let (state, names) = held(&book, 0, &World::default());
    assert_eq!(
        (state, names),
        (GateState::Hold, ["items", "contacts", "staging", "signed"].map(str::to_owned).to_vec())
    );
    prepare(&mut book);
    assert_eq!(held(&book, 0, &staged()).1, ["signed"]);
    assert_eq!(held(&book, 0, &World { passed_on_staging: Some(Err("no".to_owned())) }).1, ["staging", "signed"]);
    sign_phase(&mut book, "Olga", Role::OperationsManager, 0);
    assert_eq!(held(&book, 0, &staged()), (GateState::Open, vec![]));
    book.checked("unit-tests-pass", Outcome::Unknown(Unknown::Unreachable));
    assert_eq!(held(&book, 0, &staged()).1, ["items", "unknown", "signed"]);
    let on_staging = Notebook::on(&template, Class::Staging);
    assert!(
        !held(&on_staging, 0, &World::default()).1.contains(&"staging".to_owned()),
        "only production asks for staging"
    );
}

/// Opens the first phase and gives when that was.
fn begin_soak(book: &mut Notebook<'_>) -> Instant {
    prepare(book);
    sign_phase(book, "Olga", Role::OperationsManager, 0);
    open_gate(book, 0, &staged());
    book.now
}

fn sample(book: &mut Notebook<'_>, lines: &[(&str, Option<&str>)]) {
    let lines = lines.iter().map(|(item, value)| book.reading(item, *value)).collect();
    book.did(None, SoakSampled { phase: 1, lines });
}

/// Lets quarters of an hour pass, each with what `value` says of it: nothing, no value, or a value.
fn soak<'v>(book: &mut Notebook<'_>, since: Instant, quarters: i64, value: impl Fn(i64) -> Option<Option<&'v str>>) {
    for quarter in 0..quarters {
        book.now = since + chrono::TimeDelta::minutes(quarter * SAMPLE_MINUTES + 1);
        if let Some(value) = value(quarter) {
            sample(book, &[("failure-rate-2", value)]);
        }
    }
    assert_eq!(book.refusal(), None);
    book.now = since + chrono::TimeDelta::minutes(quarters * SAMPLE_MINUTES);
}

/// Completes the lines of the first phase, and signs them.
fn finish_phase(book: &mut Notebook<'_>) {
    book.measured("failure-rate-2", Some("1/1"));
    for item in ["measure-exposure", "phase-1-few-10-of-users"] {
        book.measured(item, Some("10/1"));
    }
    sign_phase(book, "Olga", Role::OperationsManager, 1);
}

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
    book.did(Some("Ana"), RollbackEnded { section, note: "the flag is off".to_owned() });
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
fn a_tripped_trigger_advises_rollback_whatever_else() {
    let template = template();
    let mut book = Notebook::open(&template);
    prepare(&mut book);
    sign_phase(&mut book, "Olga", Role::OperationsManager, 0);
    open_gate(&mut book, 0, &staged());
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "7 of 100".to_owned() });
    assert_eq!(book.refusal(), Some(Code::StateConflict), "it trips once until it is cleared");
    assert_eq!(held(&book, 1, &World::default()).0, GateState::RollbackAdvised);
    let clear = |book: &mut Notebook<'_>, who: &str| {
        book.did(Some(who), TriggerCleared { item: "payment-failures-5".into(), reason: "bank is back".to_owned() });
    };
    clear(&mut book, "Ana");
    assert_eq!(
        held(&book, 1, &World::default()).0,
        GateState::RollbackAdvised,
        "users are exposed: two people clear it"
    );
    clear(&mut book, "Ana");
    assert_eq!(book.refusal(), Some(Code::SignoffSamePerson));
    let unsigned = |name: &str| Some(Person { key: None, ..super::super::sample::person(name) });
    let entry = TriggerCleared { item: "payment-failures-5".into(), reason: "bank is back".to_owned() }.into();
    let act = Act { seq: book.run().through() + 1, at: book.now, by: unsigned("Bo"), entry };
    assert_eq!(book.run().would_take(&[act]).unwrap_err().code, Code::InputInvalid, "a word is no signature");
    clear(&mut book, "Bo");
    assert_eq!(held(&book, 1, &World::default()).0, GateState::Hold);
    let run = book.run();
    let (at, by) = run.history(&"payment-failures-5".into()).unwrap().trigger.cleared.as_ref().unwrap();
    assert_eq!((*at, by.iter().map(|word| word.by.name.as_str()).collect::<Vec<_>>()), (book.now, vec!["Ana", "Bo"]));
}

#[test]
fn nothing_is_opened_against_a_tripped_trigger_or_a_rollback_under_way() {
    let template = template();
    let mut book = Notebook::open(&template);
    for who in ["Ana", "Bo"] {
        let reason = "the campaign starts today".to_owned();
        book.did(Some(who), GateOverridden { phase: 0, reason, conditions: None });
    }
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!((book.run().phase(), book.refusal()), (Some(0), Some(Code::StateConflict)));
    let reason = "bank is back".to_owned();
    book.did(Some("Ana"), TriggerCleared { item: "payment-failures-5".into(), reason });
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.run().phase(), Some(0), "a rollback freezes the phase, overridden or not");
    book.did(Some("Ana"), RollbackEnded { section, note: "done".to_owned() });
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.run().phase(), Some(1));
}

#[test]
fn a_rollback_under_way_freezes_the_phase() {
    let template = template();
    let mut book = Notebook::open(&template);
    let section = vec!["Rollback".to_owned(), "Steps".to_owned()];
    let is_frozen = |book: &Notebook<'_>| held(book, 1, &World::default()).1.contains(&"rollback".to_owned());
    assert!(!is_frozen(&book));
    book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "trigger".to_owned() });
    assert!(is_frozen(&book));
    book.did(Some("Ana"), RollbackEnded { section, note: "done".to_owned() });
    assert!(!is_frozen(&book));
}

#[test]
fn two_people_override_a_gate_and_it_stays_told() {
    let template = template();
    let mut book = Notebook::open(&template);
    let override_by = |book: &mut Notebook<'_>, who: &str, reason: &str| {
        book.did(Some(who), GateOverridden { phase: 0, reason: reason.to_owned(), conditions: None });
    };
    let reason = "the campaign starts today";
    override_by(&mut book, "Ana", "why not");
    assert_eq!(book.refusal(), Some(Code::InputInvalid));
    override_by(&mut book, "Ana", reason);
    override_by(&mut book, "Ana", reason);
    assert_eq!(book.refusal(), Some(Code::SignoffSamePerson));
    assert_eq!(held(&book, 0, &World::default()).0, GateState::Hold);
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.refusal(), Some(Code::StateConflict), "one is not enough");
    override_by(&mut book, "Bo", reason);
    let evaluation = evaluate(&book.run(), 0, &World::default(), book.now);
    assert_eq!((evaluation.state, evaluation.is_overridden), (GateState::Open, true));
    assert!(!evaluation.held_by().is_empty(), "what was overridden is still said");
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!(book.run().phase(), Some(1));
    let marks = book.run().marks(book.now);
    assert!(marks.head.iter().any(|line| line.starts_with("OVERRIDDEN: the gate of phase 0, by Ana and Bo")));
}

#[test]
fn an_override_is_of_the_conditions_that_failed_when_it_was_given() {
    let template = template();
    let mut book = Notebook::open(&template);
    prepare(&mut book);
    let over = |book: &Notebook<'_>, phase: u8, who: &str, conditions: &[&str]| {
        let conditions = Some(conditions.iter().map(|name| (*name).to_owned()).collect());
        let body = GateOverridden { phase, reason: "the campaign starts today".to_owned(), conditions };
        let by = Some(super::super::sample::person(who));
        Act { seq: book.acts.len() as u64 + 1, at: book.now, by, entry: body.into() }
    };
    let refused = |book: &Notebook<'_>, act: Act| book.run().would_take(&[act]).err().map(|refusal| refusal.sentence);
    let state = |book: &Notebook<'_>| evaluate(&book.run(), 0, &World::default(), book.now).state;
    let names: &[&str] = &["staging", "signed"];
    let later = refused(&book, over(&book, 1, "Ana", names));
    assert_eq!(later.as_deref(), Some("Only the gate of the present phase can be overridden."));
    assert_eq!(refused(&book, over(&book, 0, "Ana", &[])).as_deref(), Some("Nothing holds this gate."));
    for who in ["Ana", "Bo"] {
        assert_eq!(state(&book), GateState::Hold, "{who}");
        let act = over(&book, 0, who, names);
        assert_eq!(refused(&book, act.clone()), None);
        book.acts.push(act);
    }
    assert_eq!(state(&book), GateState::Open);
    assert!(refused(&book, over(&book, 0, "Ana", names)).is_some(), "once");

    book.checked("unit-tests-pass", Outcome::Fail);
    assert_eq!(state(&book), GateState::Hold, "what fails newly was not overridden");
    let all: &[&str] = &["items", "staging", "signed"];
    for who in ["Ana", "Bo"] {
        assert_eq!(state(&book), GateState::Hold, "both halves are of it: {who}");
        let act = over(&book, 0, who, all);
        assert_eq!(refused(&book, act.clone()), None);
        book.acts.push(act);
    }
    let evaluation = evaluate(&book.run(), 0, &World::default(), book.now);
    assert_eq!((evaluation.state, evaluation.is_overridden), (GateState::Open, true));
    assert_eq!(book.run().gate(0).unwrap().overrides.len(), 2);
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert_eq!((book.refusal(), book.run().present_gate()), (None, Some(1)));
    assert!(refused(&book, over(&book, 0, "Cy", all)).is_some(), "it is open");
}

#[test]
fn gates_open_in_order() {
    let template = template();
    let mut book = Notebook::open(&template);
    let conditions = Vec::new();
    book.did(None, GateEvaluated { phase: 1, state: GateState::Open, conditions });
    book.did(Some("Olga"), GateOpened { phase: 1 });
    assert_eq!(book.refusal(), Some(Code::StateConflict));
    assert_eq!(book.run().phase(), Some(0));
}

#[test]
fn the_last_gate_asks_for_the_whole_run() {
    let template = template();
    let book = Notebook::open(&template);
    let evaluation = evaluate(&book.run(), 2, &World::default(), book.now);
    let signed = evaluation.conditions.iter().find(|one| one.name == "signed").unwrap();
    assert!(signed.sentence.contains("0 of 5 have signed"), "{}", signed.sentence);
    let items = evaluation.conditions.iter().find(|one| one.name == "items").unwrap();
    assert!(items.sentence.contains("Primary"), "{}", items.sentence);
}

#[test]
fn staging_counts_when_the_same_release_was_deployed_there_before() {
    let template = template();
    let mut staging = Notebook::on(&template, Class::Staging);
    let now = staging.now + chrono::TimeDelta::hours(1);
    let passed =
        |book: &Notebook<'_>, release: &str| passed_on_staging(&template.id, release, &[&book.run()], now).is_ok();
    assert!(!passed(&staging, "v1"), "begun is not deployed");
    let at = staging.now;
    staging.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    assert!(passed(&staging, "v1"));
    assert!(!passed(&staging, "v2"));
    assert!(passed_on_staging(&"other".into(), "v1", &[&staging.run()], now).is_err());
    assert!(passed_on_staging(&template.id, "v1", &[&staging.run()], at).is_err(), "not before this one");
    let mut production = Notebook::open(&template);
    production.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    assert!(!passed(&production, "v1"), "production proves nothing about staging");
}

#[test]
fn a_staging_run_that_failed_or_was_given_up_does_not_count() {
    let template = template();
    let mut staging = Notebook::on(&template, Class::Staging);
    let at = staging.now;
    staging.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    staging.later(1);
    let passed = |book: &Notebook<'_>| {
        let (run, now) = (book.run(), book.now + chrono::TimeDelta::days(3));
        let begun = Notebook::on(&template, Class::Staging).run();
        passed_on_staging(&template.id, "v1", &[&begun, &run], now)
    };
    assert_eq!(passed(&staging), Ok(()));
    staging.checked("account-active", Outcome::Fail);
    let failed = Err("On staging, release v1 has failed lines: Account active.".to_owned());
    assert_eq!(passed(&staging), failed);
    let (run, now) = (staging.run(), staging.now);
    assert_eq!(deployed_on_staging(&template.id, "v1", &[&run], now), Ok(()), "deployed it was");
    assert!(deployed_on_staging(&template.id, "v2", &[&run], now).is_err());
    let waiver = |until| ItemWaived {
        item: "account-active".into(),
        reason: "there is no account on staging".to_owned(),
        until,
    };
    staging.did(Some("Ana"), waiver(staging.now + chrono::TimeDelta::days(1)));
    assert_eq!(passed(&staging), failed, "the waiver is over");
    let mut ended = Notebook { template: &template, acts: staging.acts.clone(), now: staging.now };
    ended.did(Some("Olga"), RunEnded { is_abandoned: false, note: "done".to_owned() });
    assert_eq!(passed(&ended), Ok(()), "at its end nothing had failed");
    staging.did(Some("Olga"), RunEnded { is_abandoned: true, note: "not today".to_owned() });
    assert_eq!(passed(&staging), Err("The staging run of release v1 was given up.".to_owned()));
    let mut tripped = Notebook::on(&template, Class::Staging);
    tripped.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    tripped.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    assert!(passed(&tripped).unwrap_err().contains("Payment failures >5%"));
}

#[test]
fn a_condition_says_since_when_it_is_as_it_is() {
    let template = template();
    let mut book = Notebook::open(&template);
    let record = |book: &mut Notebook<'_>| {
        let Evaluation { phase, state, conditions, .. } = evaluate(&book.run(), 0, &World::default(), book.now);
        book.did(None, GateEvaluated { phase, state, conditions });
        book.later(1);
    };
    let since = |book: &Notebook<'_>, name: &str| {
        let run = book.run();
        let found = evaluate(&run, 0, &World::default(), book.now);
        let condition = found.conditions.iter().find(|condition| condition.name == name).unwrap();
        run.gate(0).and_then(|record| record.since(condition))
    };
    let began = book.now;
    assert_eq!(since(&book, "triggers"), None, "nothing is on record");
    record(&mut book);
    record(&mut book);
    assert_eq!(since(&book, "triggers"), Some(began), "the second evaluation said the same");
    let tripped = book.now;
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    assert_eq!(since(&book, "triggers"), None, "it turned, and that is not on record yet");
    record(&mut book);
    assert_eq!((since(&book, "triggers"), since(&book, "items")), (Some(tripped), Some(began)));
}
