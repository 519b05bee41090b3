//! Sealed documents as files: read from what somebody chose, sealed with their key, written to where they said.
//!
//! What the documents say is decided elsewhere; here a file is either exactly one of ours or refused for a named reason.

use countersign_domain::failure::{Code, Failure};
use countersign_domain::ledger::sealed::FILE_BYTES_MAX;
use countersign_domain::ledger::{Document, Evidence, Sealed, Unreadable};
use countersign_sources::signing::UnlockedKey;
use countersign_store::StoreError;

use super::Ledger;
use crate::app::App;
use crate::failure::{Tell as _, internal, told};

/// A file that was read and is one of ours.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// Its name, without its folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it says.
    pub sealed: Sealed<T>,
}

/// Reads a document from a chosen file.
///
/// **Errors**: `IMPORT_TOO_LARGE`; `IMPORT_SYNTAX` for another file; `SIGNOFF_FILE_CHANGED` for one of ours that is not
/// as it was written.
pub async fn read<T: Document>(app: &App, handle: &str) -> Result<Read<T>, Failure> {
    let limit = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let chosen = app.files().read_bytes(handle, limit).await?;
    let (name, bytes) = (chosen.name, chosen.bytes);
    let sealed = Sealed::read(&bytes).map_err(|unreadable| {
        let code = match unreadable {
            Unreadable::TooLarge { .. } => Code::ImportTooLarge,
            Unreadable::NotOurs | Unreadable::Another { .. } => Code::ImportSyntax,
            Unreadable::Changed => Code::SignoffFileChanged,
        };
        told(code, format!("Could not read {name} as {}", T::NAME), unreadable.to_string())
    })?;
    Ok(Read { name, bytes, sealed })
}

/// Seals a document with a key; gives it with the bytes of its file.
///
/// **Errors**: one that is longer than a file may be.
pub fn seal<T: Document>(document: &T, key: &UnlockedKey, what: &str) -> Result<(Sealed<T>, Vec<u8>), Failure> {
    let sealed = Sealed::seal(document, |hash| key.sign(hash)).map_err(|error| internal(what, &error))?;
    let bytes = sealed.write().map_err(|error| internal(what, &error))?;
    if bytes.len() > FILE_BYTES_MAX {
        let why = format!("the file would have {} KiB, the limit is {} KiB", bytes.len() / 1024, FILE_BYTES_MAX / 1024);
        return Err(told(Code::InputInvalid, what, why));
    }
    Ok((sealed, bytes))
}

/// Keeps a file beside the ledger, for an entry to rest on.
///
/// **Errors**: the folder.
pub async fn keep(ledger: &Ledger, name: &str, bytes: Vec<u8>, what: &str) -> Result<Evidence, Failure> {
    let evidence = ledger.database().evidence();
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let kept = tokio::task::spawn_blocking(move || evidence.keep(&bytes)).await;
    let sha256 = kept.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(what))?;
    Ok(Evidence { name: name.to_owned(), sha256, size })
}

/// Loads a file an entry rests on.
///
/// **Errors**: a file that is gone or was changed.
pub async fn kept(ledger: &Ledger, file: &Evidence, what: &str) -> Result<Vec<u8>, Failure> {
    let (evidence, sha256) = (ledger.database().evidence(), file.sha256);
    let loaded = tokio::task::spawn_blocking(move || evidence.load(&sha256)).await;
    loaded.unwrap_or(Err(StoreError::Panicked)).map(|bytes| bytes.to_vec()).map_err(|error| error.tell(what))
}
