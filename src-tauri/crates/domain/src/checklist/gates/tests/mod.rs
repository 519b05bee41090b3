//! Every condition of a gate, held and met.
//! Kept apart from the rules because a gate needs a whole run before it; the sample list is in `sample`.

mod opening;
mod overriding;
mod rollback;
mod share;
mod since;
mod soak;
mod staging;

use super::*;
use crate::checklist::entry::*;
use crate::checklist::role::Role;
use crate::checklist::run::SAMPLE_MINUTES;
use crate::checklist::sample::{Notebook, template};
use crate::checklist::sign::Meaning;
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
