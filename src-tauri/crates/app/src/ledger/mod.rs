//! The ledger at work: what is written down goes through here, in one order of steps, and nowhere else.
//!
//! What an entry is stands in `domain::ledger`, the file in `store::ledger`, the keys in `sources::signing`. Here they are
//! brought together: build on the end of the file, sign, write, and let the keychain remember the new end.

pub mod append;
pub mod bundle;
pub mod document;
pub mod error;
pub mod operators;
pub mod unlock;
pub mod verify;

use countersign_domain::Instant;
use countersign_domain::ledger::{
    Draft, FirstBad, Head, Kind, LedgerId, Moment, Reason, Roster, Standing, kind, roster,
};
use countersign_sources::keychain::{self, Item, Keychain, KeychainError};
use countersign_sources::secret::Secret;
use countersign_sources::signing::{SigningKeys, UnlockedKey};
use countersign_store::ledger::entries;
use countersign_store::ledger::verify::{ends, roster as roster_of};
use countersign_store::{Database, StoreError, space};
use tokio::sync::Mutex;
use uuid::Uuid;

pub use append::{Appended, append, seal};
pub use error::LedgerError;

/// Name of the head's item in the keychain.
const HEAD: &str = "ledger";

/// The first lines of a ledger that does not exist yet; made from randomness and the clock, which are read elsewhere.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// 16 random bytes.
    pub ledger: LedgerId,
    /// What people call this computer.
    pub label: String,
    /// Names the request that writes the first entry.
    pub request: Uuid,
}

/// An open ledger: the file, the keychain that remembers its end, and what its entries say about who may sign.
pub struct Ledger {
    database: Database,
    keychain: Keychain,
    keys: SigningKeys,
    head_item: Item,
    label: String,
    state: Mutex<State>,
    /// Passphrases are tried one at a time, so that three wrong ones are three wherever they come from.
    unlocking: Mutex<()>,
}

/// What is known between two entries; the file is asked again before each.
struct State {
    ledger: LedgerId,
    known: Option<Head>,
    standing: Standing,
    /// The entry without which nothing can be added: the end, or one that decides who may sign.
    changed: Option<FirstBad>,
    roster: Roster,
    last_signed: Option<(u64, Instant)>,
    /// What was not as it should be when the newest entry was written.
    warnings: Vec<String>,
}

impl Ledger {
    /// Takes up an open file: compares its end with the keychain's, and begins the ledger if there is none.
    ///
    /// **Shape**: a file that was rolled back, changed, or is another ledger is taken up too, so that it can be looked at
    /// and verified; it takes no entry until that is put right.
    /// **Errors**: the keychain, or a file that cannot be read.
    pub async fn open(
        database: Database,
        keychain: Keychain,
        profile: &str,
        beginning: Beginning,
        moment: &Moment,
    ) -> Result<Self, LedgerError> {
        let head_item = Item::new(keychain::Kind::LedgerHead, profile, HEAD);
        let known = known_head(&keychain, &head_item).await?;
        let found = look_at(&database, known).await;
        let (state, is_new) = match found {
            Ok((ledger, standing, (roster, last_signed))) => {
                let ledger = ledger.unwrap_or(beginning.ledger);
                let (changed, warnings) = (None, Vec::new());
                (State { ledger, known, standing, changed, roster, last_signed, warnings }, standing == Standing::Empty)
            }
            Err(LedgerError::Tampered(bad)) => {
                let state = State {
                    ledger: known.map_or(beginning.ledger, |known| known.ledger),
                    known,
                    standing: Standing::Unwitnessed,
                    changed: Some(bad),
                    roster: Roster::default(),
                    last_signed: None,
                    warnings: Vec::new(),
                };
                (state, false)
            }
            Err(error) => return Err(error),
        };
        keep_reserve(&database).await;
        let keys = SigningKeys::new(keychain.clone(), profile);
        let Beginning { label, request, .. } = beginning;
        let (state, unlocking) = (Mutex::new(state), Mutex::new(()));
        let this = Self { database, keychain, keys, head_item, label, state, unlocking };
        if is_new {
            let seal = this.keys.seal_key().await?;
            append(&this, vec![this.enrolment(&seal, request)?], &[&seal], moment).await?;
        }
        Ok(this)
    }

    /// Gives the file, to read from.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Gives the operators' keys.
    #[must_use]
    pub fn keys(&self) -> &SigningKeys {
        &self.keys
    }

    /// Gives the ledger's id.
    pub async fn id(&self) -> LedgerId {
        self.state.lock().await.ledger
    }

    /// Tells how the file stands to the head the keychain remembered.
    pub async fn standing(&self) -> Standing {
        self.state.lock().await.standing
    }

    /// Gives who may sign now.
    pub async fn roster(&self) -> Roster {
        self.state.lock().await.roster.clone()
    }

    /// Gives the newest entry this computer knows of; `None` only before the first.
    pub async fn head(&self) -> Option<Head> {
        self.state.lock().await.known
    }

    /// Tells what was not as it should be when the newest entry was written, in sentences; nothing when all was well.
    pub async fn warnings(&self) -> Vec<String> {
        self.state.lock().await.warnings.clone()
    }

    /// Drafts the entry that takes up this computer's own key.
    fn enrolment(&self, seal: &UnlockedKey, request: Uuid) -> Result<Draft, LedgerError> {
        let body = roster::ConsoleAdded { label: self.label.clone(), public_key: seal.public_key() };
        let draft = Draft::new(word(kind::CONSOLE_ADDED)?, request, &body)?;
        Ok(draft.by(roster::CONSOLE.into(), &self.label))
    }

    /// Has the keychain remember the newest entry.
    async fn remember(&self, head: Head) -> Result<(), KeychainError> {
        self.keychain.put(&self.head_item, Secret::from(head.to_string())).await
    }
}

type WhoMaySign = (Roster, Option<(u64, Instant)>);

/// Looks at the end of a file just opened, and who may sign.
///
/// **Errors**: [`LedgerError::Tampered`] where one of the entries this rests on is not what was written.
async fn look_at(
    database: &Database,
    known: Option<Head>,
) -> Result<(Option<LedgerId>, Standing, WhoMaySign), LedgerError> {
    let (tail, there, ledger) = database
        .read(move |conn| {
            let (tail, there) = ends(conn, known)?;
            Ok((tail, there, entries::ledger_id(conn)?))
        })
        .await
        .map_err(tampered)?;
    let standing = Standing::of(tail.map(|tail| tail.head), known, there);
    Ok((ledger, standing, who_may_sign(database).await?))
}

/// Reads who may sign, and which entry was signed last, from the file.
async fn who_may_sign(database: &Database) -> Result<WhoMaySign, LedgerError> {
    let read = database.read(|conn| Ok((roster_of(conn, u64::MAX)?, entries::newest_signed(conn)?))).await;
    let (roster, signed) = read.map_err(tampered)?;
    let last_signed = signed.map(|recorded| (recorded.entry.seq, recorded.entry.at));
    Ok((roster.map_err(LedgerError::Tampered)?, last_signed))
}

/// Tells a changed entry in the ledger's own words.
fn tampered(error: StoreError) -> LedgerError {
    match error {
        StoreError::Tampered { seq } => LedgerError::Tampered(FirstBad { seq, reason: Reason::Hash }),
        error => error.into(),
    }
}

/// Keeps room back for the last entry on a full disk. Failing to is no reason not to go on.
async fn keep_reserve(database: &Database) {
    let folder = database.folder().to_owned();
    let kept = tokio::task::spawn_blocking(move || space::keep_reserve(&folder)).await;
    if let Ok(Err(error)) = kept {
        tracing::warn!(event = "ledger_reserve_not_kept", "{error}");
    }
}

/// Reads the head the keychain remembers.
async fn known_head(keychain: &Keychain, item: &Item) -> Result<Option<Head>, LedgerError> {
    match keychain.get(item).await {
        Ok(text) => {
            let head = text.expose_text().and_then(|text| text.parse().ok());
            head.map(Some).ok_or_else(|| KeychainError::Changed { item: item.to_string() }.into())
        }
        Err(KeychainError::Missing { .. }) => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

/// Gives a kind by its word.
///
/// **Errors**: a text that is no such word, which is a mistake of the caller.
pub fn word(word: &str) -> Result<Kind, LedgerError> {
    Kind::try_from(word).map_err(|_| LedgerError::Unsound(Reason::Schema))
}
