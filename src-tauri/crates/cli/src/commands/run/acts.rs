//! A person's part: confirming, waiving, setting aside, writing a note.

use countersign_app::checklists::items::{self, ConfirmItem, DismissItem, NoteItem, WaiveItem};
use countersign_app::checklists::runs;
use countersign_app::domain::Instant;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{ItemId, OperatorId, RunId};
use countersign_app::domain::zones::Zone;
use countersign_app::failure::invalid;
use countersign_app::settings::operators;
use countersign_app::{App, clock, record};

use super::{TOPICS, show};
use crate::arguments::RunItem;
use crate::exit::Verdict;
use crate::output::Output;

async fn meant(app: &App, named: &RunItem) -> Result<(RunId, ItemId, OperatorId), Failure> {
    let run = runs::find(app, &named.run).await?;
    let item = items::find(app, &run, &named.item).await?;
    Ok((run, item, operators::find(app, &named.operator).await?))
}

pub async fn confirm(app: &App, named: RunItem, note: String, output: Output) -> Result<Verdict, Failure> {
    let (run, item, operator) = meant(app, &named).await?;
    let request = ConfirmItem { run, item, operator, note };
    show::item(&app.acted("item_confirm", TOPICS, items::confirm(app, clock::name(), request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn waive(
    app: &App,
    named: RunItem,
    (reason, until): (String, String),
    output: Output,
) -> Result<Verdict, Failure> {
    let until = end_of(app, &until).await?;
    let (run, item, operator) = meant(app, &named).await?;
    let request = WaiveItem { run, item, operator, reason, until };
    show::item(&app.acted("item_waive", TOPICS, items::waive(app, clock::name(), request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn dismiss(app: &App, named: RunItem, reason: String, output: Output) -> Result<Verdict, Failure> {
    let (run, item, operator) = meant(app, &named).await?;
    let request = DismissItem { run, item, operator, reason };
    show::item(&app.acted("item_dismiss", TOPICS, items::dismiss(app, clock::name(), request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn note(app: &App, named: RunItem, text: String, output: Output) -> Result<Verdict, Failure> {
    let (run, item, operator) = meant(app, &named).await?;
    let request = NoteItem { run, item, operator, text };
    show::item(&app.acted("item_note", TOPICS, items::note(app, clock::name(), request)).await?, output);
    Ok(Verdict::Good)
}

/// Reads when something ends: an instant, or a local day of the workspace, which is taken in whole.
async fn end_of(app: &App, text: &str) -> Result<Instant, Failure> {
    let zone = Zone::named(&record::record(app).await?.workspace.zone).unwrap_or_else(|_| Zone::utc());
    let day = || zone.day_named(text).map(|day| day.end);
    text.parse().ok().or_else(day).ok_or_else(|| invalid("--until", "a date such as 2026-12-31 is expected"))
}
