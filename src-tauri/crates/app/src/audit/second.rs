//! The second folder: a checkpoint is written there by itself, after every signature and once an hour when something was
//! written, each a file of its own that is never replaced: what stands there bears witness against any later history.
//!
//! A share that the owner of this computer cannot rewrite is the best place for it. Where it is, is a preference and no
//! entry, because a path names people; so is what was written there last, because a checkpoint that became an entry would
//! call for the next one.

use std::path::PathBuf;

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ledger::LedgerId;
use countersign_store::ledger::preferences;
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::chain::{self, Chain};
use super::{exports, short};
use crate::app::App;
use crate::bus::Topic;
use crate::failure::{Tell as _, internal, invalid};
use crate::{clock, files};

/// Name of the preference.
const FOLDER: &str = "ledger/second-folder";
/// Digits of the ledger's id in the name of a file.
const LEDGER_DIGITS: usize = 8;
/// What failed, where keeping it fails.
const WHAT: &str = "Could not keep checkpoints in the second folder";

/// Chooses the second folder, or none.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseSecondFolder {
    /// Handle of the chosen folder; `null` to write no more checkpoints by itself.
    pub folder: Option<String>,
}

/// How the second folder stands.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SecondFolder {
    /// Where it is.
    pub place: String,
    /// When a checkpoint was written there last; `null` for never.
    pub at: Option<Instant>,
    /// The entry that spoke of; 0 for none.
    #[ts(type = "number")]
    pub seq: u64,
    /// Why the newest could not be written; empty when it was.
    pub failed: String,
}

/// What is remembered of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    folder: PathBuf,
    seq: u64,
    pub(super) at: Option<Instant>,
    failed: String,
}

impl Kept {
    pub(super) fn view(self) -> SecondFolder {
        let Self { folder, seq, at, failed } = self;
        SecondFolder { place: files::tilde(&folder), at, seq, failed }
    }
}

/// Chooses the folder and writes the first checkpoint there.
///
/// **Errors**: what is no folder, or the profile's own; a folder that cannot be written, after which the one before stays.
pub async fn choose(app: &App, _request_id: Uuid, request: ChooseSecondFolder) -> Result<Chain, Failure> {
    let kept = match request.folder {
        None => None,
        Some(handle) => {
            let folder = app.files().place(&handle)?;
            if folder.starts_with(app.folder()) {
                return Err(invalid("folder", "it lies in the profile; choose one that somebody else looks after"));
            }
            if !folder.is_dir() {
                return Err(invalid("folder", "a folder that is there is expected"));
            }
            let kept = written(app, Kept { folder, seq: 0, at: None, failed: String::new() }).await?;
            if !kept.failed.is_empty() {
                return Err(invalid("folder", kept.failed));
            }
            Some(kept)
        }
    };
    keep(app, kept.as_ref()).await?;
    chain::state(app).await
}

/// Writes a checkpoint to the second folder, where there is one and entries were written since the last.
pub async fn write_if_due(app: &App) {
    let work = async {
        let Some(kept) = remembered(app).await? else { return Ok(false) };
        let newest = app.stores()?.ledger.head().await.map_or(0, |head| head.seq);
        if newest <= kept.seq && kept.failed.is_empty() {
            return Ok(false);
        }
        keep_unless_changed(app, written(app, kept).await?).await.map(|()| true)
    };
    match work.await {
        Ok(true) => app.bus().publish(&[Topic::Ledger]),
        Ok(false) => {}
        Err::<bool, Failure>(failure) => {
            tracing::warn!(event = "checkpoint_not_kept", code = %failure.code, "{}", failure.what);
        }
    }
}

/// Writes the newest checkpoint; a folder that is not there is remembered as such, and tried again.
async fn written(app: &App, kept: Kept) -> Result<Kept, Failure> {
    let made = exports::made(app).await?;
    let place = kept.folder.join(file_name(app.stores()?.ledger.id().await, made.seq, &made.head));
    Ok(match files::write_once(place, made.text.into_bytes(), WHAT).await {
        Ok(()) => Kept { seq: made.seq, at: Some(clock::now()), failed: String::new(), ..kept },
        Err(failure) => {
            tracing::warn!(event = "checkpoint_not_kept", code = %failure.code, "{}", failure.why);
            Kept { failed: failure.why, ..kept }
        }
    })
}

/// Names the file of a checkpoint: no other ledger and no other history has one of this name.
fn file_name(ledger: LedgerId, seq: u64, head: &str) -> String {
    let ledger: String = ledger.to_string().chars().take(LEDGER_DIGITS).collect();
    format!("countersign-checkpoint-{ledger}-{seq:06}-{}.txt", short(head))
}

async fn remembered(app: &App) -> Result<Option<Kept>, Failure> {
    app.stores()?.ledger.database().read(read).await.map_err(|error| error.tell(WHAT))
}

pub(super) fn read(conn: &Connection) -> Result<Option<Kept>, StoreError> {
    Ok(preferences::get(conn, FOLDER)?.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn keep(app: &App, kept: Option<&Kept>) -> Result<(), Failure> {
    let text = kept.map(serde_json::to_string).transpose().map_err(|error| internal(WHAT, &error))?;
    let stores = app.stores()?;
    let written = stores.ledger.database().write(move |tx| preferences::set(tx, FOLDER, text.as_deref()));
    written.await.map_err(|error| error.tell(WHAT))
}

/// Remembers what was written, unless another folder, or none, was chosen meanwhile.
async fn keep_unless_changed(app: &App, kept: Kept) -> Result<(), Failure> {
    let text = serde_json::to_string(&kept).map_err(|error| internal(WHAT, &error))?;
    let stores = app.stores()?;
    let written = stores.ledger.database().write(move |tx| match read(tx)? {
        Some(now) if now.folder == kept.folder => preferences::set(tx, FOLDER, Some(&text)),
        _ => Ok(()),
    });
    written.await.map_err(|error| error.tell(WHAT))
}
