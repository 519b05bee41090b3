//! The dates of every run of an environment whose dates go on, as one file for a calendar program.

use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_render::file::calendar;
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use super::exports::{RunFile, hand_out};
use super::{schedule, stories};
use crate::app::App;
use crate::exports::made::Made;
use crate::record;

/// What failed, where writing fails.
const WHAT: &str = "Could not write the calendar";

/// Writes the dates of an environment to a file somebody chose.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportAgenda {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Handle of the chosen file.
    pub file: String,
}

/// Writes the dates that are not settled, of every run, and writes down that they were.
///
/// **Errors**: an environment or handle that is not known, a file that cannot be written, what the ledger refuses.
pub async fn export(app: &App, request_id: Uuid, request: ExportAgenda) -> Result<RunFile, Failure> {
    let place = app.files().place(&request.file)?;
    let environment = record::environment(app, &request.environment).await?;
    let (shelf, made) = (stories::shelf(app).await?, Made::here(app).await?);
    let roster = app.stores()?.ledger.roster().await;
    let runs = schedule::going_on(&shelf, &environment.id);
    let mut events: Vec<_> = runs.iter().flat_map(|story| schedule::events(story, &roster, made.at)).collect();
    events.sort_by_key(|event| event.to);
    let demo = if environment.is_demo { "DEMO · " } else { "" };
    let name = format!("{demo}Dates of {}", environment.id);
    let about = schedule::account(&made, events.len(), environment.is_demo);
    let content = calendar::write(&name, &about, &events, made.at).into_bytes();
    let told = (format!("dates of {}", environment.id), "ics", events.len().to_string());
    hand_out(app, request_id, None, (place, content), told, WHAT).await
}
