//! Every condition of a gate, held and met.
//! Kept apart from the rules because a gate needs a whole run before it; the sample list is in `sample`.

use super::super::entry::*;
use super::super::role::Role;
use super::super::sample::{Notebook, template};
use super::super::sign::Meaning;
use super::*;
use crate::failure::Code;
use crate::probe::{Outcome, Unknown};

fn ratio(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

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
    World { passed_on_staging: Some(true), ..World::default() }
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
    assert_eq!(held(&book, 0, &World { passed_on_staging: Some(false), ..World::default() }).1, ["staging", "signed"]);
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

#[test]
fn a_soak_needs_time_samples_cases_and_values_within_limits() {
    let template = template();
    let mut book = Notebook::open(&template);
    prepare(&mut book);
    sign_phase(&mut book, "Olga", Role::OperationsManager, 0);
    open_gate(&mut book, 0, &staged());
    let window = |seen: u64, cases: u64, worst: Option<BigRational>| World {
        soak: vec![SoakWindow {
            metric: "metric.payment_failure_rate".into(),
            expected: 1440,
            seen,
            cases,
            cases_min: 20,
            worst,
        }],
        exposure_pct: Some(ratio(10, 1)),
        passed_on_staging: None,
    };
    let good = window(1440, 500, Some(ratio(199, 100)));
    book.later(23);
    book.measured("failure-rate-2", Some("1/1"));
    for item in ["measure-exposure", "phase-1-few-10-of-users"] {
        book.measured(item, Some("10/1"));
    }
    sign_phase(&mut book, "Olga", Role::OperationsManager, 1);
    assert_eq!(held(&book, 1, &good).1, ["soak"], "23 of 24 hours");
    book.later(1);
    assert_eq!(held(&book, 1, &good), (GateState::Open, vec![]));
    for (world, wanted) in [
        (window(1367, 500, Some(ratio(1, 1))), "metrics"),
        (window(1440, 19, Some(ratio(1, 1))), "metrics"),
        (window(1440, 500, Some(ratio(2, 1))), "metrics"),
        (window(1440, 500, None), "metrics"),
        (World { soak: vec![], ..good.clone() }, "metrics"),
        (World { exposure_pct: None, ..good.clone() }, "exposure"),
        (World { exposure_pct: Some(ratio(1201, 100)), ..good.clone() }, "exposure"),
    ] {
        assert_eq!(held(&book, 1, &world).1, [wanted], "{world:?}");
    }
    assert_eq!(held(&book, 1, &window(1368, 20, Some(ratio(199, 100)))).1, [""; 0], "95 % exactly is enough");
    let evaluation = evaluate(&book.run(), 1, &window(1440, 19, Some(ratio(1, 1))), book.now);
    assert_eq!(evaluation.held_by(), ["Failure rate < 2%: insufficient data (19 of 20)."]);
}

#[test]
fn a_tripped_trigger_advises_rollback_whatever_else() {
    let template = template();
    let mut book = Notebook::open(&template);
    prepare(&mut book);
    sign_phase(&mut book, "Olga", Role::OperationsManager, 0);
    open_gate(&mut book, 0, &staged());
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
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
    clear(&mut book, "Bo");
    assert_eq!(held(&book, 1, &World::default()).0, GateState::Hold);
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
        book.did(Some(who), GateOverridden { phase: 0, reason: reason.to_owned() });
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
    let passed = |book: &Notebook<'_>, release: &str| passed_on_staging(&template.id, release, &[&book.run()], now);
    assert!(!passed(&staging, "v1"), "begun is not deployed");
    let at = staging.now;
    staging.did(Some("Olga"), DeploymentRecorded { at });
    assert!(passed(&staging, "v1"));
    assert!(!passed(&staging, "v2"));
    assert!(!passed_on_staging(&"other".into(), "v1", &[&staging.run()], now));
    assert!(!passed_on_staging(&template.id, "v1", &[&staging.run()], at), "not before this one");
    let mut production = Notebook::open(&template);
    production.did(Some("Olga"), DeploymentRecorded { at });
    assert!(!passed(&production, "v1"), "production proves nothing about staging");
}
