//! Copies of the ledger that a person makes, and the way back.
//!
//! A copy is encrypted with the ledger's own key and holds the evidence in a folder beside it. Putting one back never
//! overwrites: the present file is set aside. Going on from a copy that is older than what this computer wrote is a
//! decision somebody signs, and never a click.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::Standing;
use countersign_render::file::write::WrittenFile;
use countersign_sources::secret::Secret;
use countersign_store::ledger::evidence::EvidenceFolder;
use countersign_store::ledger::{self, entries};
use countersign_store::{OpenError, Profile, StoreError, StoreKey};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::app::App;
use crate::audit::{self, Verification};
use crate::failure::{Tell as _, internal, invalid, told};
use crate::ledger::append::accept_restored;
use crate::ledger::unlock::unlock;
use crate::ledger::verify::Depth;
use crate::stores::{self, Stores};
use crate::{clock, files};

/// How long work in the background may take to let go of the stores. **Units**: tenths of a second.
const LETTING_GO_LIMIT_TENTHS: u32 = 50;
/// Shortest reason for going on from an older copy. **Units**: characters.
const REASON_CHARS_MIN: usize = 20;
/// Longest. **Units**: characters.
const REASON_CHARS_MAX: usize = 2_000;

/// Copies the ledger to a file somebody chose.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CreateBackup {
    /// Handle of the chosen file.
    pub file: String,
}

/// A copy that was written and verified.
#[derive(Debug, Clone, Serialize, TS)]
pub struct BackupMade {
    /// Its name, without its folder.
    pub name: String,
    /// Name of the folder beside it with the evidence; `null` where there is none.
    pub evidence: Option<String>,
    /// Entries in it.
    #[ts(type = "number")]
    pub entries: u64,
    /// Its length. **Units**: bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// Puts a copy in the ledger's place.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// Handle of the chosen file.
    pub file: String,
}

/// Goes on from a copy that is older than what this computer wrote. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AcceptRestored {
    /// Who decides it.
    pub operator: OperatorId,
    /// Why, 20 characters at least.
    pub reason: String,
}

/// How the ledger stands after a copy took its place.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Restored {
    /// Name of the file that was there before; `null` where there was none.
    pub set_aside: Option<String>,
    /// Pieces of evidence that were missing or damaged here and came from the copy.
    #[ts(type = "number")]
    pub evidence: usize,
    /// Whether the copy is older than what this computer wrote, so that a signed decision is needed to go on.
    pub is_rolled_back: bool,
    /// What verifying all of it found.
    pub verification: Verification,
}

/// Copies the ledger and its evidence.
///
/// **Shape**: no entry says that it was made, because every copy would then be older than the ledger it came from.
/// **Errors**: a file that is there already or cannot be written; too little room; a copy that cannot be read back.
pub async fn create(app: &App, _request_id: Uuid, request: CreateBackup) -> Result<BackupMade, Failure> {
    let to = app.files().place(&request.file)?;
    let what = format!("Could not write the copy {}", files::tilde(&to));
    if to.symlink_metadata().is_ok() {
        return Err(told(Code::AlreadyExists, what, "a file of that name is there; choose another name"));
    }
    let stores = app.stores()?;
    let database = stores.ledger.database();
    let copied = database.copy_to(&ledger::LAYOUT, to.clone()).await;
    copied.map_err(|error| match error {
        OpenError::File { cause, .. } => told(Code::ExportTarget, &what, cause.to_string()),
        error => error.tell(&what),
    })?;
    let (evidence, beside) = (database.evidence(), beside(&to));
    let folder = beside.clone();
    let copied = tokio::task::spawn_blocking(move || evidence.copy_to(&folder)).await;
    copied.map_err(|error| internal(&what, &error))?.map_err(|error| error.tell(&what))?;
    let entries = database.read(entries::count).await.map_err(|error| error.tell(&what))?;
    let path = to.clone();
    let looked = tokio::task::spawn_blocking(move || WrittenFile::look(path)).await;
    let written = looked.map_err(|error| internal(&what, &error))?.map_err(|error| internal(&what, &error))?;
    let evidence = beside.is_dir().then(|| name_of(&beside));
    tracing::info!(event = "ledger_copied", entries, "a copy of the ledger was written");
    Ok(BackupMade { name: name_of(&to), evidence, entries, bytes: written.bytes })
}

/// Puts a copy in the ledger's place and verifies all of it.
///
/// **Shape**: works also where the present ledger cannot be opened; a copy that cannot be used touches nothing.
/// **Errors**: a copy that is damaged, of another ledger's key or of a newer program; the keychain.
pub async fn restore(app: &App, _request_id: Uuid, request: RestoreBackup) -> Result<Restored, Failure> {
    let from = app.files().source(&request.file)?;
    let what = format!("Could not restore {}", files::tilde(&from));
    // As long as it is: a copy is read through and never held in memory.
    let source = files::open_plain(&from).map_err(|error| told(Code::NotFound, &what, error.to_string()))?;
    let put = match held(app).await {
        Ok(held) => put(app, held, (source, from), &what).await,
        Err(failure) => Err(failure),
    };
    // Whatever became of it, the program goes on with the ledger that is there now.
    let reopened = app.reopen().await;
    let (set_aside, evidence) = put?;
    reopened?;
    tracing::warn!(event = "ledger_restored", "a copy took the ledger's place");
    standing(app, set_aside.as_deref().map(name_of), evidence).await
}

/// Goes on from an older copy by a signed entry that names both ends.
///
/// **Errors**: a reason that is too short, a wrong passphrase, a ledger that was not rolled back.
pub async fn accept(
    app: &App,
    request_id: Uuid,
    request: AcceptRestored,
    passphrase: Secret,
) -> Result<Restored, Failure> {
    let what = "Could not go on from the restored copy";
    let AcceptRestored { operator, reason } = request;
    let reason = reason.trim();
    if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        return Err(invalid("reason", format!("{REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters are expected")));
    }
    let stores = app.stores()?;
    let (ledger, now) = (&stores.ledger, clock::moment());
    let mut reason = reason.to_owned();
    clock::beside(&mut reason, now.at);
    let key = unlock(ledger, &operator, passphrase, now.at).await.map_err(|error| error.tell(what))?;
    let accepted = accept_restored(ledger, &operator, &key, (request_id, &reason), &now).await;
    accepted.map_err(|error| error.tell(what))?;
    standing(app, None, 0).await
}

async fn standing(app: &App, set_aside: Option<String>, evidence: usize) -> Result<Restored, Failure> {
    let standing = app.stores()?.ledger.standing().await;
    let is_rolled_back = matches!(standing, Standing::RolledBack { .. } | Standing::Foreign { .. });
    let verification = audit::verify_with(app, Depth::Whole, Vec::new()).await?;
    Ok(Restored { set_aside, evidence, is_rolled_back, verification })
}

/// The profile, by whichever hand it is held, with its stores closed.
enum Held {
    Closed(Arc<Stores>),
    Entered(Profile),
}

impl Held {
    fn profile(&self) -> &Profile {
        match self {
            Self::Closed(stores) => &stores.profile,
            Self::Entered(profile) => profile,
        }
    }
}

/// Closes the stores and waits until nobody works with them.
async fn held(app: &App) -> Result<Held, Failure> {
    let closed = app.close_stores(told(Code::StateConflict, "The ledger is being restored", "wait until it is done"));
    let Ok(stores) = closed else {
        let what = format!("Could not enter the profile {}", files::tilde(app.folder()));
        return stores::enter(app.folder()).await.map(Held::Entered).map_err(|error| error.tell(what));
    };
    for _ in 0..LETTING_GO_LIMIT_TENTHS {
        if Arc::strong_count(&stores) == 1 {
            return Ok(Held::Closed(stores));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(told(Code::StateConflict, "The ledger is in use", "stop what is running, then restore"))
}

/// Puts the copy and its evidence in place; gives where the present file is now, and how much evidence came along.
async fn put(
    app: &App,
    held: Held,
    (source, from): (File, PathBuf),
    what: &str,
) -> Result<(Option<PathBuf>, usize), Failure> {
    let item = stores::key_item(held.profile(), &ledger::LAYOUT);
    let secret = app.keychain().get(&item).await.map_err(|error| error.tell(what))?;
    let no_key = || told(Code::KeyMismatch, what, "what the keychain keeps as the ledger's key is no key");
    let key = StoreKey::from(secret.to_key().ok_or_else(no_key)?);
    let done = tokio::task::spawn_blocking(move || {
        let profile = held.profile();
        let moved = profile.restore(&ledger::LAYOUT, &key, source, clock::now())?;
        Ok::<_, Refused>((moved, EvidenceFolder::beside(profile.folder(), &key).take_from(&beside(&from))?))
    });
    done.await.map_err(|error| internal(what, &error))?.map_err(|refused| refused.tell(what))
}

/// Why a copy was not put in place.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Copy(#[from] OpenError),
    #[error(transparent)]
    Evidence(#[from] StoreError),
}

impl crate::failure::Tell for Refused {
    fn code(&self) -> Code {
        match self {
            Self::Copy(error) => error.code(),
            Self::Evidence(error) => error.code(),
        }
    }
}

/// Names the folder with the evidence of a copy.
fn beside(copy: &Path) -> PathBuf {
    let mut name = copy.as_os_str().to_owned();
    name.push(".evidence");
    name.into()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
