//! `demo`: the main job on the invented company, in a window or on the terminal.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign_app::answer::Value as Amount;
use countersign_app::checklists::runs::{self, RunRequest};
use countersign_app::checks::Checked;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{EnvironmentId, ItemId};
use countersign_app::overview::{self, OverviewRequest};
use countersign_app::{App, demo, log, tour};
use serde_json::{Value, json};

use super::run::show;
use crate::arguments::{Arguments, Command, Demo};
use crate::exit::Verdict;
use crate::output::{self, Align, Output};
use crate::session;
use crate::{Opening, Start};

/// Why a check is not made that the catalogue has and this version does not.
const NOT_SUPPORTED: &str = "not_supported";

/// Does the work on the terminal and prints what it came to.
pub async fn headless(folder: Option<PathBuf>, arguments: Demo, output: Output) -> Result<Verdict, Failure> {
    let app = demo::open(folder, arguments.customers).await?;
    let outcome = work(&app, None, output).await;
    demo::close(&app).await;
    outcome.map(|()| Verdict::Good)
}

/// The main job: read, check, compute, and say what it came to.
async fn work(app: &App, pictures: Option<&Path>, output: Output) -> Result<(), Failure> {
    demo::read(app).await?;
    if pictures.is_some() {
        tour::make(app).await?;
    }
    let (run, checked) = demo::check(app).await?;
    let page = runs::page(app, RunRequest { run: run.clone() }).await?;
    let environment = EnvironmentId::from(demo::ENVIRONMENT);
    let overview = overview::view(app, OverviewRequest { environment }).await?.view;
    let text_of = |item: &ItemId| {
        page.items.iter().find(|view| view.id == *item).map_or_else(String::new, |view| view.text.clone())
    };
    let figures: Vec<_> = overview.tiles.iter().map(|tile| &tile.figure).collect();
    let checks: Vec<Value> = checked.iter().map(show::answer).collect();
    let mrr = figures.iter().find(|figure| figure.metric.as_str() == "metric.mrr").map(|figure| &figure.value);
    let (mrr, reason) = match mrr {
        Some(Amount::Money { money }) => (Some(money), None),
        Some(Amount::None { reason }) => (None, Some(reason)),
        _ => (None, None),
    };
    let document = json!({
        "mrr": mrr, "reason": reason, "figures": figures, "run": run, "checks": checks, "findings": overview.attention, "screenshots": pictures,
    });
    output.answer(&document, |text| {
        let rows: Vec<_> =
            figures.iter().map(|figure| vec![figure.name.clone(), output::value(&figure.value)]).collect();
        text.table(&[("figure", Align::Left), ("value", Align::Right)], &rows);
        text.gap();
        let is_answered = |one: &&Checked| super::words(one.answer.outcome).1.as_deref() != Some(NOT_SUPPORTED);
        let answered = checked.iter().filter(is_answered);
        let rows: Vec<_> = answered
            .map(|one| {
                let (word, _) = super::words(one.answer.outcome);
                vec![word.to_owned(), text_of(&one.item), one.answer.seen.found().to_owned()]
            })
            .collect();
        text.table(&[("check", Align::Left), ("line", Align::Left), ("found", Align::Left)], &rows);
        let later = checked.len() - rows.len();
        if later > 0 {
            text.line(format!("{later} more checks are not supported yet; they count as unknown, never as passed."));
        }
        text.gap();
        let rows: Vec<_> =
            overview.attention.iter().map(|line| vec![line.title.clone(), line.detail.clone()]).collect();
        text.table(&[("needs attention", Align::Left), ("", Align::Left)], &rows);
    });
    Ok(())
}

/// The same for somebody who looks at the window.
async fn fill(app: &App) -> Result<(), Failure> {
    demo::read(app).await?;
    demo::check(app).await.map(drop)
}

/// Prepares the window; the company is read while it is open.
pub fn window(arguments: &Arguments) -> Start {
    let output = Output { is_json: arguments.json };
    let Some(Command::Demo(asked)) = &arguments.command else { return Start::Ended(ExitCode::from(2)) };
    let runtime = match session::runtime() {
        Ok(runtime) => runtime,
        Err(code) => return Start::Ended(code),
    };
    let opened = runtime.block_on(async {
        let app = demo::open(arguments.data_dir.clone(), asked.customers).await?;
        log::begin(&app);
        Ok::<_, Failure>(app)
    });
    let app = match opened {
        Ok(app) => app,
        Err(failure) => return Start::Ended(session::ended(output, Err(failure))),
    };
    if asked.screenshots.is_some() {
        output::complaint("Reading the invented company and taking pictures of every screen …");
    }
    let reading = app.clone();
    let pictures = asked.screenshots.clone();
    let work = runtime.spawn(async move {
        let done = match &pictures {
            Some(folder) => work(&reading, Some(folder), output).await,
            None => fill(&reading).await,
        };
        if let Err(failure) = done {
            output.failure(&failure);
        }
    });
    Start::Window(Opening { app, runtime, is_own: false, work: Some(work), screenshots: asked.screenshots.clone() })
}
