//! `probe list`, `probe run`: checks outside of any run. Nothing is written down.

use countersign_app::domain::checklist::catalogue::{self, Check};
use countersign_app::domain::checklist::row::Proof;
use countersign_app::domain::checklist::run::Seen;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::probe::{Outcome, Unknown};
use countersign_app::failure::not_found;
use countersign_app::{App, checks, record};
use serde_json::{Value, json};

use crate::arguments::{InEnvironment, Probe};
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::session;

pub async fn run(app: &App, command: Probe, output: Output) -> Result<Verdict, Failure> {
    match command {
        Probe::List => {
            list(output);
            Ok(Verdict::Good)
        }
        Probe::Run { ids, all, environment } => ask(app, (ids, all), &environment, output).await,
    }
}

fn list(output: Output) {
    let checks: Vec<&Check> = catalogue::all().collect();
    let document = |check: &&Check| {
        json!({
            "id": check.id, "source": check.source, "name": check.name, "question": check.question,
            "remainder": check.remainder, "fresh_hours": check.fresh_hours, "is_active": check.active,
            "is_supported": checks::is_supported(check.id),
        })
    };
    output.answer(&json!({ "probes": checks.iter().map(document).collect::<Vec<_>>() }), |text| {
        let columns = [("probe", Align::Left), ("in this version", Align::Left), ("question", Align::Left)];
        let cells = |check: &&Check| {
            let there = if checks::is_supported(check.id) { "yes" } else { "no" };
            vec![check.id.to_owned(), there.to_owned(), check.question.to_owned()]
        };
        text.table(&columns, &checks.iter().map(cells).collect::<Vec<_>>());
    });
}

async fn ask(
    app: &App,
    (ids, all): (Vec<String>, bool),
    environment: &InEnvironment,
    output: Output,
) -> Result<Verdict, Failure> {
    let environment = record::environment(app, &session::environment(app, environment).await?).await?;
    let proofs: Vec<Proof> =
        if all { checks::askable() } else { ids.iter().map(|id| Proof::from(id.as_str())).collect() };
    if let Some(unknown) = proofs.iter().find(|proof| catalogue::find(proof.as_str()).is_none()) {
        return Err(not_found("probe", unknown.as_str()));
    }
    let answers = checks::ask(app, &environment, proofs).await?;
    let probes: Vec<Value> = answers.iter().map(document).collect();
    output.answer(&json!({ "probes": probes }), |text| {
        let columns = [("probe", Align::Left), ("outcome", Align::Left), ("found", Align::Left)];
        let cells = |seen: &Seen| {
            let (word, reason) = super::words(outcome(seen));
            let word = reason.map_or_else(|| word.to_owned(), |reason| format!("{word} ({reason})"));
            vec![id(seen), word, seen.found().to_owned()]
        };
        text.table(&columns, &answers.iter().map(cells).collect::<Vec<_>>());
    });
    Ok(Verdict::of_checks(answers.iter().map(outcome)))
}

fn id(seen: &Seen) -> String {
    match seen {
        Seen::Check(result) => result.probe.to_string(),
        Seen::Metric(measured, _) => measured.metric.to_string(),
    }
}

/// A metric without a line has no limit; it only has a value or not.
fn outcome(seen: &Seen) -> Outcome {
    match seen {
        Seen::Check(result) => result.verdict.outcome,
        Seen::Metric(measured, _) if measured.value.is_some() => Outcome::Pass,
        Seen::Metric(measured, _) => Outcome::Unknown(measured.reason.unwrap_or(Unknown::InsufficientData)),
    }
}

fn document(seen: &Seen) -> Value {
    let (word, reason) = super::words(outcome(seen));
    match seen {
        Seen::Check(result) => json!({
            "id": result.probe, "outcome": word, "reason": reason, "expected": result.verdict.expected,
            "found": result.verdict.found, "fix": result.verdict.fix, "facts": result.verdict.facts,
            "requests": result.requests,
            "duration_ms": result.finished_at.signed_duration_since(result.started_at).num_milliseconds(),
        }),
        Seen::Metric(measured, _) => json!({
            "id": measured.metric, "outcome": word, "reason": reason, "expected": "", "found": measured.shown,
            "value": measured.value, "data_through": measured.data_through, "duration_ms": 0,
        }),
    }
}
