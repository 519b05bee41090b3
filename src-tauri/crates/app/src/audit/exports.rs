//! What of the ledger leaves this computer: checkpoints, to bind its owner, and bundles, which anybody can verify.
//!
//! Each is written whole or not at all, and becomes an entry itself: when a checkpoint was last given away is part of how
//! the chain stands.

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::failure::Code::{LedgerForeign, LedgerRolledBack, LedgerTampered};
use countersign_domain::failure::Failure;
use countersign_domain::ledger::{self, Head};
use countersign_domain::workspace::Entry;
use countersign_domain::workspace::entry::Exported;
use countersign_render::file::write::WrittenFile;
use countersign_store::ledger::entries::{self, Filter};
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::chain;
use crate::app::App;
use crate::failure::{Tell as _, not_found};
use crate::ledger::{bundle, verify};
use crate::{clock, files, record};

/// The object of the entries that say a checkpoint was given away.
pub(super) const CHECKPOINTS: &str = "ledger/checkpoint";
/// The object of the entries that say a bundle was.
const BUNDLES: &str = "ledger/bundle";
/// The object of the entries that say an extract was.
pub(super) const EXTRACTS: &str = "ledger/extract";

/// Writes a checkpoint to a file somebody chose.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TakeCheckpoint {
    /// Handle of the chosen file.
    pub file: String,
}

/// The head, signed: what to keep where the owner of this computer cannot change it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Checkpoint {
    /// The signed entry it speaks of.
    #[ts(type = "number")]
    pub seq: u64,
    /// When that was made.
    pub at: Instant,
    /// Its hash, whole.
    pub head: String,
    /// Fingerprint of the key that signed it.
    pub key: String,
    /// The text to mail, print or put elsewhere.
    pub text: String,
}

/// Writes the whole ledger to a file somebody chose.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportLedger {
    /// Handle of the chosen file.
    pub file: String,
}

/// A bundle that was written.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LedgerFile {
    /// Its name, without its folder.
    pub name: String,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// Entries in it.
    #[ts(type = "number")]
    pub entries: u64,
    /// The newest of them, whole.
    pub head: String,
}

/// Writes the checkpoint of everything so far to a file.
///
/// **Errors**: a handle that is not known, a file that cannot be written, what the ledger refuses.
pub async fn checkpoint(app: &App, request_id: Uuid, request: TakeCheckpoint) -> Result<Checkpoint, Failure> {
    let what = "Could not write the checkpoint";
    let place = app.files().place(&request.file)?;
    let checkpoint = made(app).await?;
    let (text, told_place) = (checkpoint.text.clone(), files::tilde(&place));
    let written = files::write(place, text, what).await?;
    let about = (CHECKPOINTS, "ledger checkpoint", "txt");
    files::recorded(&written, note(app, request_id, about, (String::new(), written.sha256.clone())).await)?;
    // A preference and no part of the entry: paths name people, and the ledger keeps what it is told for ever.
    chain::keep_place(app, told_place).await?;
    Ok(checkpoint)
}

/// Gives the checkpoint of everything so far, for a terminal to print.
///
/// **Errors**: what the ledger refuses.
pub async fn signed_head(app: &App, request_id: Uuid) -> Result<Checkpoint, Failure> {
    let checkpoint = made(app).await?;
    let sha256 = Digest::of_bytes(checkpoint.text.as_bytes()).to_string();
    note(app, request_id, (CHECKPOINTS, "ledger checkpoint", "txt"), (String::new(), sha256)).await?;
    chain::keep_place(app, "a terminal".to_owned()).await?;
    Ok(checkpoint)
}

/// Writes the whole ledger as a bundle that anybody can verify.
///
/// **Shape**: a ledger that takes no entry, because it was changed or rolled back, is exported as it is.
/// **Errors**: a handle that is not known, a file that cannot be written.
pub async fn export(app: &App, request_id: Uuid, request: ExportLedger) -> Result<LedgerFile, Failure> {
    let what = "Could not export the ledger";
    let place = app.files().place(&request.file)?;
    let stores = app.stores()?;
    // Sealed first, so that whoever gets the file holds a signature over all of it.
    let is_refused = match verify::checkpoint(&stores.ledger, &clock::moment()).await {
        Ok(_) => false,
        Err(error) if matches!(error.code(), LedgerTampered | LedgerRolledBack | LedgerForeign) => true,
        Err(error) => return Err(error.tell(what)),
    };
    let written = bundle::export(&stores.ledger, place).await.map_err(|error| error.tell(what))?;
    let Head { seq: entries, hash, .. } = written.head.ok_or_else(|| not_found("entry", "1"))?;
    if !is_refused {
        let about = (BUNDLES, "ledger", "bundle");
        let noted = note(app, request_id, about, (entries.to_string(), written.file.sha256.clone())).await;
        files::recorded(&written.file, noted)?;
    }
    let WrittenFile { path, sha256, .. } = written.file;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(LedgerFile { name, sha256, entries, head: hash.to_string() })
}

/// Gives when a checkpoint last left this computer.
pub(super) fn newest_checkpoint(conn: &Connection) -> Result<Option<Instant>, StoreError> {
    let given = Filter { object: Some(CHECKPOINTS.to_owned()), ..Filter::default() };
    let (newest, _) = entries::window(conn, &given, 0, 1)?;
    Ok(newest.into_iter().find_map(Result::ok).map(|recorded| recorded.entry.at))
}

/// Makes the checkpoint of everything so far; nothing is written down but the seal it speaks of.
///
/// **Errors**: what the ledger refuses.
pub(super) async fn made(app: &App) -> Result<Checkpoint, Failure> {
    let stores = app.stores()?;
    let sealed = verify::checkpoint(&stores.ledger, &clock::moment()).await;
    let made = sealed.map_err(|error| error.tell("Could not make the checkpoint"))?;
    let ledger::Checkpoint { seq, at, head, key, .. } = made;
    Ok(Checkpoint { seq, at, head: head.to_string(), key: key.to_string(), text: made.to_string() })
}

/// Writes down that something of the ledger was exported.
///
/// **Errors**: what the ledger refuses.
pub(super) async fn note(
    app: &App,
    request: Uuid,
    (object, what, format): (&str, &str, &str),
    (rows, sha256): (String, String),
) -> Result<(), Failure> {
    let (what, format) = (what.to_owned(), format.to_owned());
    // An entry names its people by what they signed with and shows no value of a customer.
    let entry = Entry::Exported(Exported { what, format, rows, sha256, is_masked: true, filter: String::new() });
    let by = record::acting(app).await?;
    record::note_on(app, request, (Some(object.to_owned()), None), by, entry).await
}
