//! A person's part in a line: deciding it, and adding to it.

use std::path::Path;

use countersign_app::checklists::attach::{self, AttachFile, PreviewFile};
use countersign_app::checklists::fields::{self, AssignItem, RecordCommand, ReopenItem, SetField};
use countersign_app::checklists::items::{self, ConfirmItem, DismissItem, NoteItem, WaiveItem};
use countersign_app::checklists::runs;
use countersign_app::domain::Instant;
use countersign_app::domain::checklist::entry::MeantLoad;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{ItemId, OperatorId, RunId};
use countersign_app::domain::zones::Zone;
use countersign_app::failure::invalid;
use countersign_app::settings::operators;
use countersign_app::{App, clock, files, record};
use uuid::Uuid;

use super::{TOPICS, request_id_of, show};
use crate::arguments::RunItem;
use crate::exit::Verdict;
use crate::output::{Output, complaint};

/// Finds the line and the person a command names, and the id its caller gave the request, or a new one.
pub(super) async fn meant(app: &App, named: RunItem) -> Result<(Uuid, RunId, ItemId, OperatorId), Failure> {
    let id = request_id_of(named.request_id)?.unwrap_or_else(clock::name);
    let run = runs::find(app, &named.run).await?;
    let item = items::find(app, &run, &named.item).await?;
    Ok((id, run, item, operators::find(app, &named.operator).await?))
}

pub async fn confirm(app: &App, named: RunItem, note: String, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = ConfirmItem { run, item, operator, note };
    show::item(&app.acted("item_confirm", TOPICS, items::confirm(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn waive(
    app: &App,
    named: RunItem,
    (reason, until): (String, String),
    output: Output,
) -> Result<Verdict, Failure> {
    let until = end_of(app, &until).await?;
    let (id, run, item, operator) = meant(app, named).await?;
    let request = WaiveItem { run, item, operator, reason, until };
    show::item(&app.acted("item_waive", TOPICS, items::waive(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn dismiss(app: &App, named: RunItem, reason: String, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = DismissItem { run, item, operator, reason };
    show::item(&app.acted("item_dismiss", TOPICS, items::dismiss(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn note(app: &App, named: RunItem, text: String, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = NoteItem { run, item, operator, text };
    show::item(&app.acted("item_note", TOPICS, items::note(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

/// Reads when something ends: an instant, or a local day of the workspace, which is taken in whole.
async fn end_of(app: &App, text: &str) -> Result<Instant, Failure> {
    let zone = Zone::named(&record::record(app).await?.workspace.zone).unwrap_or_else(|_| Zone::utc());
    let day = || zone.day_named(text).map(|day| day.end);
    text.parse().ok().or_else(day).ok_or_else(|| invalid("--until", "a date such as 2026-12-31 is expected"))
}

pub async fn attach(
    app: &App,
    named: RunItem,
    (file, release): (&Path, Option<String>),
    meant_load: MeantLoad,
    output: Output,
) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let file = app.files().keep_for_reading(file).handle;
    let shown = attach::preview(app, PreviewFile { run: run.clone(), item: item.clone(), file: file.clone() }).await?;
    // Said before it is kept, as the window says it: what is kept cannot be taken back.
    shown.remarks.iter().for_each(|remark| complaint(remark));
    let (meant, sha256, note) = (Some(meant_load), Some(shown.sha256), String::new());
    let request = AttachFile { run, item, operator, file, release, meant, sha256, note };
    let page = app.acted("item_attach", TOPICS, attach::attach(app, id, request)).await?;
    show::attached(&page, &shown.remarks, output);
    Ok(Verdict::Good)
}

pub async fn reopen(app: &App, named: RunItem, reason: String, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = ReopenItem { run, item, operator, reason };
    show::item(&app.acted("item_reopen", TOPICS, fields::reopen(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn assign(app: &App, named: RunItem, owner: &str, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = AssignItem { run, item, operator, owner: operators::find(app, owner).await? };
    show::item(&app.acted("item_assign", TOPICS, fields::assign(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn set(app: &App, named: RunItem, value: String, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = SetField { run, item, operator, value };
    show::item(&app.acted("field_set", TOPICS, fields::set(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

pub async fn ran(
    app: &App,
    named: RunItem,
    (printed, at): (Option<&Path>, Option<String>),
    output: Output,
) -> Result<Verdict, Failure> {
    let at = at.map(|at| super::course::instant("--at", &at)).transpose()?;
    let bytes = match printed {
        Some(file) => files::read(file).await?,
        None => Vec::new(),
    };
    let (id, run, item, operator) = meant(app, named).await?;
    let request = RecordCommand { run, item, operator, output: String::from_utf8_lossy(&bytes).into_owned(), at };
    show::item(&app.acted("command_record", TOPICS, fields::ran(app, id, request)).await?, output);
    Ok(Verdict::Good)
}
