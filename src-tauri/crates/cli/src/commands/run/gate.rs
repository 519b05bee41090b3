//! `run gate`: what holds a gate, opening what follows it, overriding it by two people.

use countersign_app::checklists::gates::{self, EvaluateGate, Gate, GatesRequest, OpenGate, OverrideGate};
use countersign_app::domain::checklist::gates::GateState;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::RunId;
use countersign_app::failure::{invalid, not_found};
use countersign_app::settings::operators;
use countersign_app::{App, clock};
use serde_json::json;

use super::TOPICS;
use crate::exit::Verdict;
use crate::output::Output;
use crate::secret;

pub async fn run(
    app: &App,
    (run, phase): (RunId, Option<u8>),
    (open, reason): (bool, Option<String>),
    operator: Option<&str>,
    output: Output,
) -> Result<Verdict, Failure> {
    let present = app.asked("gates", gates::view(app, GatesRequest { run: run.clone() })).await?;
    let last = present.gates.last().map(|gate| gate.phase);
    let phase = phase.or(present.phase).or(last).unwrap_or(0);
    let operator = match operator {
        Some(operator) => Some(operators::find(app, operator).await?),
        None => None,
    };
    let id = clock::name();
    let answer = match (operator, reason) {
        (Some(operator), Some(reason)) => {
            let request = OverrideGate { run: run.clone(), phase, operator, reason };
            app.acted("gate_override", TOPICS, gates::override_gate(app, id, request, secret::read()?)).await?
        }
        (Some(operator), None) if open => {
            let request = OpenGate { run: run.clone(), phase, operator };
            app.acted("gate_open", TOPICS, gates::open(app, id, request)).await?
        }
        (Some(_), None) => return Err(invalid("--operator", "it goes with --open or --override")),
        (None, _) => {
            let request = EvaluateGate { run: run.clone(), phase };
            app.acted("gate_evaluate", TOPICS, gates::evaluate(app, id, request)).await?
        }
    };
    let gate = answer.gates.iter().find(|gate| gate.phase == phase);
    let gate = gate.ok_or_else(|| not_found("phase", &phase.to_string()))?;
    show(&run, gate, output);
    Ok(Verdict::of(gate.state == GateState::Open))
}

fn show(run: &RunId, gate: &Gate, output: Output) {
    let document = json!({
        "run": run, "phase": gate.phase, "name": gate.name, "state": gate.state, "held_by": gate.held_by,
        "conditions": gate.conditions, "is_overridden": gate.is_overridden, "overrides": gate.overrides,
        "since": gate.since, "soak": gate.soak, "opened_at": gate.opened_at,
    });
    output.answer(&document, |text| {
        let opened = gate.opened_at.map(|at| format!(", opened {at}")).unwrap_or_default();
        text.line(format!("{} ({}): {}{opened}", gate.name, gate.phase, gate.state.to_string().replace('_', " ")));
        for condition in &gate.conditions {
            text.line(format!("{} {}", if condition.holds { "  ok  " } else { "  HOLD" }, condition.sentence));
        }
        if let Some(soak) = &gate.soak {
            text.line(format!("soaks until {}, {} of {} samples", soak.until, soak.seen, soak.expected));
        }
        for said in &gate.overrides {
            text.line(format!("overridden by {} on {}: {}", said.by, said.at, said.text));
        }
    });
}
