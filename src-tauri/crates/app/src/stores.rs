//! The two stores of a profile, opened with their keys from the keychain, or the one reason why they are not.
//!
//! What stands in the way is never worked round: the program goes on in limited mode, says what is wrong, and tries again
//! when it is asked to.

use std::path::Path;
use std::time::Duration;

use countersign_domain::failure::Failure;
use countersign_domain::ledger::LedgerId;
use countersign_sources::keychain::{Item, Keychain, KeychainError, Kind, START_LIMIT, random};
use countersign_store::{Birth, Database, Found, Layout, OpenError, Profile, StoreKey, ledger, mirror};

use crate::audit::Verified;
use crate::checklists::Stories;
use crate::clock;
use crate::failure::Tell as _;
use crate::figures::Books;
use crate::figures::tickets::Desk;
use crate::ledger::{Beginning, Ledger, LedgerError};
use crate::record::Cached;

/// How long a program that is ending may still hold the profile. **Units**: tenths of a second.
const LEAVING_LIMIT_TENTHS: u32 = 10;

/// The stores of a profile, open.
pub struct Stores {
    /// The folder, held for this process alone.
    pub profile: Profile,
    /// The copy of what others own.
    pub mirror: Database,
    /// Everybody's segments in memory.
    pub(crate) books: Books,
    /// Tickets by day, of the exports that were read.
    pub(crate) desk: Desk,
    /// The record of what was decided here.
    pub ledger: Ledger,
    /// What the record adds up to, as far as it was read.
    pub(crate) cached: Cached,
    /// Templates and runs, as far as they were read.
    pub(crate) stories: Stories,
    /// What was found when the ledger was last verified.
    pub(crate) verified: Verified,
}

/// Why the stores are closed.
#[derive(Debug, thiserror::Error)]
enum Closed {
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Opens the stores of a profile, making them on the first run.
///
/// **Errors**: every row of the start-up table, and every state of the keychain, as a failure to show.
pub async fn open(folder: &Path, keychain: &Keychain) -> Result<Stores, Failure> {
    let what = format!("Could not open the profile {}", crate::files::tilde(folder));
    try_open(folder, keychain).await.map_err(|closed| match closed {
        Closed::Store(error) => error.tell(what),
        Closed::Keychain(error) => error.tell(what),
        Closed::Ledger(error) => error.tell(what),
    })
}

async fn try_open(folder: &Path, keychain: &Keychain) -> Result<Stores, Closed> {
    let profile = enter(folder).await?;
    let at_start = keychain.within(START_LIMIT);
    let has_head = has_head(&at_start, profile.id()).await?;
    // The ledger first: a mirror can be fetched again and must not hide what is wrong with the record.
    let file = open_one(&profile, &at_start, &ledger::LAYOUT, has_head).await?;
    let mirror = open_one(&profile, &at_start, &mirror::MIRROR, false).await?;
    let beginning = Beginning { ledger: LedgerId(random()?), label: computer(), request: clock::name() };
    let ledger = Ledger::open(file, keychain.clone(), profile.id(), beginning, &clock::moment()).await?;
    Ok(Stores {
        profile,
        mirror,
        books: Books::default(),
        desk: Desk::default(),
        ledger,
        cached: Cached::default(),
        stories: Stories::default(),
        verified: Verified::default(),
    })
}

/// Enters a profile. Whoever is just leaving it is waited for a moment, so that one command can follow another.
///
/// **Errors**: as [`Profile::enter`].
pub(crate) async fn enter(folder: &Path) -> Result<Profile, OpenError> {
    for _ in 0..LEAVING_LIMIT_TENTHS {
        match Profile::enter(folder, clock::now()) {
            Err(OpenError::InstanceRunning { .. }) => tokio::time::sleep(Duration::from_millis(100)).await,
            entered => return entered,
        }
    }
    Profile::enter(folder, clock::now())
}

/// Gives the keychain's item with the key of a store.
pub(crate) fn key_item(profile: &Profile, layout: &Layout) -> Item {
    Item::new(Kind::StoreKey, profile.id(), layout.name)
}

/// Whether the keychain remembers a ledger of this profile: then a missing file is a loss and not a first run.
async fn has_head(keychain: &Keychain, profile: &str) -> Result<bool, Closed> {
    match keychain.get(&Item::new(Kind::LedgerHead, profile, "ledger")).await {
        Ok(_) => Ok(true),
        Err(KeychainError::Missing { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn open_one(
    profile: &Profile,
    keychain: &Keychain,
    layout: &'static Layout,
    head_is_known: bool,
) -> Result<Database, Closed> {
    let item = key_item(profile, layout);
    let found = profile.inspect(layout, head_is_known)?;
    let secret = match (&found, keychain.get(&item).await) {
        (_, Ok(secret)) => secret,
        (Found::Blank(_), Err(KeychainError::Missing { .. })) => keychain.create_key(&item).await?,
        (Found::Closed(closed), Err(KeychainError::Missing { .. })) => return Err(closed.key_missing().into()),
        (_, Err(error)) => return Err(error.into()),
    };
    let key = secret.to_key().ok_or_else(|| KeychainError::Changed { item: item.to_string() })?;
    let now = clock::now();
    // Opening checks pages and may copy a file; that is work for a blocking thread.
    let opened = tokio::task::spawn_blocking(move || match found {
        Found::Blank(blank) => blank.create(StoreKey::from(key), Birth { id: clock::name(), at: now }),
        Found::Closed(closed) => closed.open(StoreKey::from(key), now),
    });
    Ok(opened.await.unwrap_or_else(|_| Err(OpenError::BrokeOff { store: layout.name }))?)
}

/// What people call this computer.
fn computer() -> String {
    std::fs::read_to_string("/etc/hostname")
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this computer".to_owned())
}
