//! The two stores of a profile, opened with their keys from the keychain, or the one reason why they are not.
//!
//! What stands in the way is never worked round: the program goes on in limited mode, says what is wrong, and tries again
//! when it is asked to.

use std::path::Path;

use countersign_domain::failure::Failure;
use countersign_domain::ledger::{Head, Standing};
use countersign_sources::keychain::{Item, Keychain, KeychainError, Kind, START_LIMIT};
use countersign_sources::signing::SigningKeys;
use countersign_store::{Birth, Database, Found, Layout, OpenError, Profile, StoreKey, ledger, mirror};

use crate::clock;
use crate::failure::Tell as _;

/// The stores of a profile, open.
pub struct Stores {
    /// The folder, held for this process alone.
    pub profile: Profile,
    /// The copy of what others own.
    pub mirror: Database,
    /// The record of what was decided here.
    pub ledger: Database,
    /// How the ledger's file stands to the head in the keychain.
    pub standing: Standing,
    /// The operators' keys.
    pub signing: SigningKeys,
}

/// Why the stores are closed.
#[derive(Debug, thiserror::Error)]
enum Closed {
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    #[error(transparent)]
    Ledger(#[from] countersign_store::StoreError),
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
    let now = clock::now();
    let profile = Profile::enter(folder, now)?;
    let keychain_at_start = keychain.within(START_LIMIT);
    let head = known_head(&keychain_at_start, profile.id()).await?;
    // The ledger first: a mirror can be fetched again and must not hide what is wrong with the record.
    let ledger = open_one(&profile, &keychain_at_start, &ledger::LAYOUT, head.is_some()).await?;
    let mirror = open_one(&profile, &keychain_at_start, &mirror::LAYOUT, false).await?;
    let (tail, hash_there) = ledger.read(move |conn| ledger::verify::ends(conn, head)).await?;
    let standing = Standing::of(tail.as_ref().map(countersign_domain::ledger::Tail::head), head, hash_there);
    let signing = SigningKeys::new(keychain.clone(), profile.id());
    Ok(Stores { profile, mirror, ledger, standing, signing })
}

/// The newest entry this computer wrote, as the keychain remembers it.
async fn known_head(keychain: &Keychain, profile: &str) -> Result<Option<Head>, Closed> {
    let item = Item::new(Kind::LedgerHead, profile, "ledger");
    match keychain.get(&item).await {
        Ok(text) => Ok(text.expose_text().and_then(|text| text.parse().ok())),
        Err(KeychainError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn open_one(
    profile: &Profile,
    keychain: &Keychain,
    layout: &'static Layout,
    head_is_known: bool,
) -> Result<Database, Closed> {
    let item = Item::new(Kind::StoreKey, profile.id(), layout.name);
    let found = profile.inspect(layout, head_is_known)?;
    let key = match (&found, keychain.get(&item).await) {
        (_, Ok(secret)) => secret,
        (Found::Blank(_), Err(KeychainError::Missing { .. })) => keychain.create_key(&item).await?,
        (Found::Closed(closed), Err(KeychainError::Missing { .. })) => return Err(closed.key_missing().into()),
        (_, Err(error)) => return Err(error.into()),
    };
    let key = key.to_key().ok_or_else(|| KeychainError::Changed { item: item.to_string() })?;
    let now = clock::now();
    // Opening checks pages and may copy a file; that is work for a blocking thread.
    let opened = tokio::task::spawn_blocking(move || match found {
        Found::Blank(blank) => blank.create(StoreKey::from(key), Birth { id: clock::name(), at: now }),
        Found::Closed(closed) => closed.open(StoreKey::from(key), now),
    });
    Ok(opened.await.map_err(|_| OpenError::broke_off(layout.name))??)
}
