//! `run release`, `window`, `deployed`, `pin`, `upgrade`, `end`: what happens to the run as a whole.

use countersign_app::checklists::course::{
    self, ChangeRelease, EndRun, PinFingerprints, RecordDeployment, SetWindow, UpgradePreview, UpgradePreviewRequest,
    UpgradeRun,
};
use countersign_app::checklists::form::{self, SetConsiderations};
use countersign_app::checklists::runs::{self, RunPage};
use countersign_app::domain::Instant;
use countersign_app::domain::checklist::upgrade::{ChangeKind, FieldChange, PhaseChange, RowChange};
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::failure::invalid;
use countersign_app::settings::operators;
use countersign_app::{App, clock};

use super::{TOPICS, show};
use crate::arguments::Course;
use crate::exit::Verdict;
use crate::output::{Align, Output, Text};

pub async fn run(app: &App, command: Course, output: Output) -> Result<Verdict, Failure> {
    let id = clock::name();
    let page: RunPage = match command {
        Course::Release { run, release, operator } => {
            let (run, operator) = meant(app, &run, &operator).await?;
            let request = ChangeRelease { run, operator, release };
            app.acted("release_change", TOPICS, course::change_release(app, id, request)).await?
        }
        Course::Window { run, from, to, operator } => {
            let (run, operator) = meant(app, &run, &operator).await?;
            let request = SetWindow { run, operator, from: instant("--from", &from)?, to: instant("--to", &to)? };
            app.acted("window_set", TOPICS, course::set_window(app, id, request)).await?
        }
        Course::Deployed { run, at, reason, operator } => {
            let (run, operator) = meant(app, &run, &operator).await?;
            let at = at.map_or_else(|| Ok(clock::now()), |at| instant("--at", &at))?;
            let request = RecordDeployment { run, operator, at, reason };
            app.acted("deployment_record", TOPICS, course::record_deployment(app, id, request)).await?
        }
        Course::Considerations { run, text, operator } => {
            let (run, operator) = meant(app, &run, &operator).await?;
            let request = SetConsiderations { run, operator, value: text };
            app.acted("considerations_set", TOPICS, form::set_considerations(app, id, request)).await?
        }
        Course::Pin { run, reason, operator } => {
            let (run, operator) = meant(app, &run, &operator).await?;
            let request = PinFingerprints { run, operator, reason };
            app.acted("fingerprints_pin", TOPICS, course::pin(app, id, request)).await?
        }
        Course::Upgrade { run, operator } => {
            let run = runs::find(app, &run).await?;
            let shown = course::preview_upgrade(app, UpgradePreviewRequest { run: run.clone() }).await?;
            let Some(operator) = operator else {
                changes(&shown, output);
                return Ok(Verdict::Good);
            };
            let operator = operators::find(app, &operator).await?;
            let request = UpgradeRun { run, operator, version: shown.newest };
            app.acted("run_upgrade", TOPICS, course::upgrade(app, id, request)).await?
        }
        Course::End { run, abandon, note, operator } => {
            let (run, operator) = meant(app, &run, &operator).await?;
            let request = EndRun { run, operator, is_abandoned: abandon, note };
            app.acted("run_end", TOPICS, course::end(app, id, request)).await?
        }
    };
    show::page(app, &page.brief.run, output).await
}

async fn meant(app: &App, run: &str, operator: &str) -> Result<(RunId, OperatorId), Failure> {
    Ok((runs::find(app, run).await?, operators::find(app, operator).await?))
}

pub(super) fn instant(field: &str, text: &str) -> Result<Instant, Failure> {
    text.parse().map_err(|_| invalid(field, "an instant such as 2026-11-21T09:00:00Z is expected"))
}

fn changes(shown: &UpgradePreview, output: Output) {
    output.answer(shown, |text| {
        text.line(format!("version {}, the newest is {}", shown.version, shown.newest));
        differences(text, &shown.phases, &shown.changes);
    });
}

/// Writes what differs between two versions, a line for each phase and each line that does.
pub(in crate::commands) fn differences(text: &mut Text, phases: &[PhaseChange], changes: &[RowChange]) {
    let columns = [("change", Align::Left), ("item", Align::Left), ("what", Align::Left), ("text", Align::Left)];
    let fields = |fields: &[FieldChange]| {
        let told: Vec<String> = fields.iter().map(|field| field.field.replace('_', " ")).collect();
        told.join(", ")
    };
    let word = |kind: &ChangeKind| kind.as_ref().replace('_', " ");
    let phase = |change: &PhaseChange| {
        let what = fields(&change.fields);
        vec![word(&change.kind), format!("phase {}", change.number), what, change.name.clone()]
    };
    let line = |change: &RowChange| {
        vec![word(&change.kind), change.item.to_string(), fields(&change.fields), change.label.clone()]
    };
    text.table(&columns, &phases.iter().map(phase).chain(changes.iter().map(line)).collect::<Vec<_>>());
}
