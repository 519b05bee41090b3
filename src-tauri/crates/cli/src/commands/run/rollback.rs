//! `run trigger …`, `run rollback …`: indicators and procedures.

use countersign_app::checklists::rollback::{
    self, AcknowledgeTrigger, ClearTrigger, EndRollback, Indicator, IndicatorState, ProcedureView, Rollback as View,
    RollbackRequest, StartRollback, StepRollback, TripTrigger,
};
use countersign_app::checklists::runs;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::RunId;
use countersign_app::failure::{invalid, not_found};
use countersign_app::settings::operators;
use countersign_app::{App, clock};
use serde_json::json;

use super::TOPICS;
use super::acts::meant;
use crate::arguments::{Rollback, Trigger};
use crate::exit::Verdict;
use crate::output::{Align, Output, Text};
use crate::secret;

pub async fn trigger(app: &App, command: Trigger, output: Output) -> Result<Verdict, Failure> {
    let answer = match command {
        Trigger::List { run } => view(app, runs::find(app, &run).await?).await?,
        Trigger::Trip { item, cause } => {
            let (id, run, item, operator) = meant(app, item).await?;
            let request = TripTrigger { run, item, operator, cause };
            app.acted("trigger_trip", TOPICS, rollback::trip(app, id, request)).await?
        }
        Trigger::Ack { item, note } => {
            let (id, run, item, operator) = meant(app, item).await?;
            let request = AcknowledgeTrigger { run, item, operator, note };
            app.acted("trigger_acknowledge", TOPICS, rollback::acknowledge(app, id, request)).await?
        }
        Trigger::Clear { item, reason, secret_stdin: _ } => {
            let (id, run, item, operator) = meant(app, item).await?;
            let request = ClearTrigger { run, item, operator, reason };
            app.acted("trigger_clear", TOPICS, rollback::clear(app, id, request, secret::read()?)).await?
        }
    };
    let is_calling = |state| matches!(state, IndicatorState::Tripped | IndicatorState::Acknowledged);
    let is_tripped = answer.indicators.iter().any(|indicator| is_calling(indicator.state));
    output.answer(&json!({ "indicators": answer.indicators }), |text| indicators(text, &answer));
    Ok(Verdict::of(!is_tripped))
}

pub async fn procedure(app: &App, command: Rollback, output: Output) -> Result<Verdict, Failure> {
    let id = clock::name();
    let mut ended = None;
    let answer = match command {
        Rollback::List { run } => view(app, runs::find(app, &run).await?).await?,
        Rollback::Start { run, section, operator, reason } => {
            let (run, section) = section_of(app, &run, &section).await?;
            let operator = operators::find(app, &operator).await?;
            let request = StartRollback { run, section, operator, reason };
            app.acted("rollback_start", TOPICS, rollback::start(app, id, request)).await?
        }
        Rollback::Step { item, note } => {
            let (id, run, item, operator) = meant(app, item).await?;
            let request = StepRollback { run, item, operator, note };
            app.acted("rollback_step", TOPICS, rollback::step(app, id, request)).await?
        }
        Rollback::End { run, section, operator, note, secret_stdin: _ } => {
            let (run, section) = section_of(app, &run, &section).await?;
            let operator = operators::find(app, &operator).await?;
            ended = Some(section.clone());
            let request = EndRollback { run, section, operator, note };
            app.acted("rollback_end", TOPICS, rollback::end(app, id, request, secret::read()?)).await?
        }
    };
    output.answer(&json!({ "procedures": answer.procedures }), |text| procedures(text, &answer));
    // One of two signatures ends nothing yet.
    let is_open = |known: &ProcedureView| known.is_under_way && ended.as_ref() == Some(&known.section);
    Ok(Verdict::of(!answer.procedures.iter().any(is_open)))
}

async fn view(app: &App, run: RunId) -> Result<View, Failure> {
    app.asked("rollback", rollback::view(app, RollbackRequest { run })).await
}

/// Finds a procedure by its last heading.
async fn section_of(app: &App, run: &str, heading: &str) -> Result<(RunId, Vec<String>), Failure> {
    let run = runs::find(app, run).await?;
    let answer = view(app, run.clone()).await?;
    let wanted = heading.trim().to_lowercase();
    let is_meant = |known: &&ProcedureView| known.section.last().is_some_and(|last| last.to_lowercase() == wanted);
    let found: Vec<&ProcedureView> = answer.procedures.iter().filter(is_meant).collect();
    match found.as_slice() {
        [only] => Ok((run, only.section.clone())),
        [] => Err(not_found("rollback procedure", heading)),
        several => Err(invalid("section", format!("{} procedures are called {heading}", several.len()))),
    }
}

fn indicators(text: &mut Text, answer: &View) {
    let columns = [("item", Align::Left), ("state", Align::Left), ("text", Align::Left), ("why", Align::Left)];
    let cells = |one: &Indicator| {
        let state = match one.state {
            IndicatorState::NotMeasured => "not measured",
            IndicatorState::Armed => "armed",
            IndicatorState::Watch => "watch",
            IndicatorState::Proposed => "proposed",
            IndicatorState::Tripped => "TRIPPED",
            IndicatorState::Acknowledged => "TRIPPED, known",
            IndicatorState::Cleared => "cleared",
        };
        vec![one.item.to_string(), state.to_owned(), one.text.clone(), one.sentence.clone()]
    };
    text.table(&columns, &answer.indicators.iter().map(cells).collect::<Vec<_>>());
}

fn procedures(text: &mut Text, answer: &View) {
    for procedure in &answer.procedures {
        let state = if procedure.is_under_way { "under way" } else { "ready" };
        let began =
            procedure.started.as_ref().map(|said| format!(", begun by {} on {}: {}", said.by, said.at, said.text));
        text.line(format!("{}: {state}{}", procedure.section.join(" / "), began.unwrap_or_default()));
        let signed: Vec<&str> = procedure.ending.iter().map(|said| said.by.as_str()).collect();
        if procedure.is_under_way && !signed.is_empty() {
            let more = procedure.endings_needed.saturating_sub(u32::try_from(signed.len()).unwrap_or(u32::MAX));
            text.line(format!("  {} signed that it is over; {more} more has to.", signed.join(" and ")));
        }
        for step in &procedure.steps {
            let (mark, by) = match &step.done {
                Some(said) => ("x", format!(", {} on {}", said.by, said.at)),
                None => (" ", String::new()),
            };
            text.line(format!("  [{mark}] {}  {}{by}", step.item, step.text));
        }
    }
}
