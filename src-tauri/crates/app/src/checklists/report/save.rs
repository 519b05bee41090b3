//! Saving the report of a date: before it is done, to be read in the meeting, and after, as it was kept.

use countersign_domain::failure::Failure;
use countersign_domain::ids::{ItemId, RunId};
use countersign_store::StoreError;
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use crate::app::App;
use crate::checklists::exports::{RunFile, hand_out};
use crate::checklists::templates::hash_of;
use crate::checklists::{snapshot, stories};
use crate::failure::{Tell as _, not_found};

/// What failed, where saving fails.
const WHAT: &str = "Could not save the report";

/// Writes the report of a date to a chosen place.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveReport {
    /// Which run.
    pub run: RunId,
    /// Which line.
    pub item: ItemId,
    /// Which date.
    pub key: String,
    /// Digest of the snapshot that is shown, for a date that is not done.
    #[serde(default)]
    pub shown: String,
    /// Handle of the chosen file.
    pub file: String,
}

/// Writes the report of a date that is done, else of what is shown, and writes down that it was.
///
/// **Errors**: a run, line or handle that is not known; a date without a report; a kept file that is gone or changed; a
/// place that cannot be written to.
pub async fn save(app: &App, request_id: Uuid, request: SaveReport) -> Result<RunFile, Failure> {
    let SaveReport { run, item, key, shown, file } = request;
    let place = app.files().place(&file)?;
    let story = stories::story(app, &run).await?;
    let history = story.run.history(&item).ok_or_else(|| not_found("item", item.as_str()))?;
    let none = || not_found("report", &key);
    let content = match history.occasions.get(&key).map(|occasion| occasion.done.as_ref()) {
        Some(done) => {
            let sha256 = hash_of(done.and_then(|done| done.report).ok_or_else(none)?);
            let folder = app.stores()?.ledger.database().evidence();
            let content = tokio::task::spawn_blocking(move || folder.load(&sha256)).await;
            content.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(WHAT))?
        }
        None => {
            let taken = snapshot::shown(app, &story, (&item, &key), &shown).await?.ok_or_else(none)?;
            taken.report().map(<[u8]>::to_vec).ok_or_else(none)?
        }
    };
    let told = (format!("report of {item}, {key}"), "pdf", String::new());
    hand_out(app, request_id, Some(&story), (place, content), told, WHAT).await
}
