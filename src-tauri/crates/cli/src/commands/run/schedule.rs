//! `run schedule`, `run done`, `run skip`: what is due after the deployment.

use countersign_app::App;
use countersign_app::checklists::runs;
use countersign_app::checklists::schedule::{self, DateView, DoOccurrence, Schedule, ScheduleRequest, SkipOccurrence};
use countersign_app::domain::failure::Failure;

use super::TOPICS;
use super::acts::meant;
use crate::arguments::RunItem;
use crate::exit::Verdict;
use crate::output::{Align, Output};

pub async fn list(app: &App, run: &str, output: Output) -> Result<Verdict, Failure> {
    let run = runs::find(app, run).await?;
    let answer = app.asked("schedule", schedule::view(app, ScheduleRequest { run })).await?;
    Ok(show(&answer, output))
}

pub async fn done(
    app: &App,
    named: RunItem,
    (key, note): (String, String),
    output: Output,
) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = DoOccurrence { run, item, key, operator, note, shown: String::new() };
    Ok(show(&app.acted("occurrence_done", TOPICS, schedule::done(app, id, request)).await?, output))
}

pub async fn skip(
    app: &App,
    named: RunItem,
    (key, reason): (String, String),
    output: Output,
) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = SkipOccurrence { run, item, key, operator, reason };
    Ok(show(&app.acted("occurrence_skip", TOPICS, schedule::skip(app, id, request)).await?, output))
}

/// The answer is no when a date was missed.
fn show(answer: &Schedule, output: Output) -> Verdict {
    output.answer(answer, |text| {
        if answer.deployed_at.is_none() {
            text.line("The dates of the list begin with the deployment: `run deployed RUN --operator WHO`.");
        }
        let columns = [
            ("due", Align::Left),
            ("item", Align::Left),
            ("date", Align::Left),
            ("state", Align::Left),
            ("owner", Align::Left),
            ("text", Align::Left),
            ("known", Align::Left),
        ];
        let cells = |date: &DateView| {
            let due = date.due_at.format("%Y-%m-%d %H:%M UTC").to_string();
            let state = date.state.as_ref().replace('_', " ");
            let word = if date.outcome.is_empty() { String::new() } else { format!("{}: ", date.outcome) };
            let (owner, known) = (date.owner.clone(), format!("{word}{}", date.known));
            vec![due, date.item.to_string(), date.key.clone(), state, owner, date.text.clone(), known]
        };
        text.table(&columns, &answer.dates.iter().map(cells).collect::<Vec<_>>());
        text.gap();
        text.line(format!("{} due, {} missed", answer.due, answer.missed));
    });
    Verdict::of(answer.missed == 0)
}
