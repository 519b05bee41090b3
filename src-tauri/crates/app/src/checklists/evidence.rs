//! Kept files looked at again: whether each still is what the ledger names, and a copy of it for others.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::ItemAttached;
use countersign_domain::checklist::run::Run;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{ItemId, RunId};
use countersign_domain::ledger::Hash;
use countersign_probes::import::{Kind, says};
use countersign_store::StoreError;
use countersign_store::ledger::evidence::{EvidenceFolder, Found};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::exports::{RunFile, hand_out};
use super::stories::{self, Story};
use super::templates::hash_of;
use crate::app::App;
use crate::clock;
use crate::failure::{Tell as _, internal, not_found};

/// Asks whether a kept file is what its entry names.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VerifyEvidence {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Sequence number of the entry that names the file.
    #[ts(type = "number")]
    pub seq: u64,
}

/// What was found of a kept file.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EvidenceFound {
    /// `same`, `missing`, `changed`.
    pub found: String,
    /// SHA-256 the ledger names, hex.
    pub sha256: String,
    /// Its size; `null` where there is no content to measure. **Units**: bytes.
    #[ts(type = "number | null")]
    pub bytes: Option<u64>,
    /// When it was looked at.
    pub at: Instant,
}

/// Writes a copy of a kept file to a chosen place.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveEvidence {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Sequence number of the entry that names the file.
    #[ts(type = "number")]
    pub seq: u64,
    /// Handle of the chosen file.
    pub file: String,
}

/// What is known of an attached file.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// Its size. **Units**: bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its kind as people call it; `any document` for one nobody read.
    pub kind: String,
    /// Its figures in words; empty for a document.
    pub says: String,
    /// The commit it names.
    pub commit: Option<String>,
    /// The release it is about.
    pub release: Option<String>,
    /// Whether it says so itself, and not a person.
    pub names_release: bool,
    /// When it says it was made.
    pub made_at: Option<Instant>,
    /// Until when it counts; `null` where the rule of the line gives it no end.
    pub expires_at: Option<Instant>,
}

/// What failed, where copying fails.
const WHAT: &str = "Could not save a copy of the file";

/// Reads a kept file anew and compares its digest with the one in the ledger.
///
/// **Errors**: a run, or a file of the item, that is not known.
pub async fn verify(app: &App, request: VerifyEvidence) -> Result<EvidenceFound, Failure> {
    let what = "Could not verify the file";
    let story = stories::story(app, &request.run).await?;
    let (sha256, folder) = named(app, &story, &request.item, request.seq)?;
    let look = move || match folder.look(&sha256) {
        Found::Same => folder.load(&sha256).map_or(("changed", None), |content| ("same", Some(content.len() as u64))),
        Found::Missing => ("missing", None),
        Found::Changed => ("changed", None),
    };
    let (found, bytes) = tokio::task::spawn_blocking(look).await.map_err(|error| internal(what, &error))?;
    Ok(EvidenceFound { found: found.to_owned(), sha256: sha256.to_string(), bytes, at: clock::now() })
}

/// Writes a kept file as it was attached, and writes down that it was.
///
/// **Errors**: a run, file or handle that is not known; a kept file that is gone or changed; a place that cannot be
/// written to; what the ledger refuses.
pub async fn save(app: &App, request_id: Uuid, request: SaveEvidence) -> Result<RunFile, Failure> {
    let SaveEvidence { run, item, seq, file } = request;
    let place = app.files().place(&file)?;
    let story = stories::story(app, &run).await?;
    let (sha256, folder) = named(app, &story, &item, seq)?;
    let content = tokio::task::spawn_blocking(move || folder.load(&sha256)).await;
    let content = content.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(WHAT))?;
    let told = (format!("evidence of entry {seq}"), "file", String::new());
    hand_out(app, request_id, Some(&story), (place, content), told, WHAT).await
}

/// Gives what is known of the file that an entry attached to an item.
pub(super) fn file(run: &Run, item: &ItemId, seq: u64) -> Option<FileView> {
    let attached = run.history(item)?.files.iter().find(|attached| attached.seq == seq)?;
    Some(FileView::of(&attached.file))
}

impl FileView {
    /// Shows what an entry says of a file.
    pub(super) fn of(file: &ItemAttached) -> Self {
        let facts = file.facts.as_ref();
        let kind = facts.and_then(|facts| facts.kind.parse().ok()).unwrap_or(Kind::Document);
        Self {
            name: file.name.clone(),
            bytes: file.bytes,
            kind: kind.name().to_owned(),
            says: facts.map(|facts| says(&facts.figures)).unwrap_or_default(),
            commit: facts.and_then(|facts| facts.commit.clone()),
            release: file.release.clone(),
            names_release: facts.is_some_and(|facts| facts.release.is_some()),
            made_at: facts.and_then(|facts| facts.made_at),
            expires_at: facts.and_then(|facts| facts.expires_at),
        }
    }
}

/// Finds the digest of a file that an entry of an item names, and where it is kept.
fn named(app: &App, story: &Story, item: &ItemId, seq: u64) -> Result<(Hash, EvidenceFolder), Failure> {
    let history = story.run.history(item).ok_or_else(|| not_found("item", item.as_str()))?;
    let attached = history.files.iter().find(|attached| attached.seq == seq);
    let attached = attached.ok_or_else(|| not_found("attached file", &seq.to_string()))?;
    Ok((hash_of(attached.file.sha256), app.stores()?.ledger.database().evidence()))
}
