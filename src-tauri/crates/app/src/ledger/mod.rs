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

use std::sync::PoisonError;

use countersign_domain::Instant;
use countersign_domain::ledger::{
    Draft, FirstBad, Head, Kind, LedgerId, Moment, Reason, Roster, Standing, kind, roster,
};
use countersign_sources::keychain::{self, Item, Keychain, KeychainError};
use countersign_sources::secret::Secret;
use countersign_sources::signing::{SigningKeys, UnlockedKey};
use countersign_store::ledger::entries;
use countersign_store::ledger::verify::{after, ends, roster as roster_of};
use countersign_store::{Connection, Database, StoreError, space};
use tokio::sync::Mutex;
use uuid::Uuid;

use append::Restored;
pub use append::{Appended, append, seal, seal_if_due};
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
    /// The entry that keeps anything from being added until it is put right: one without which nothing can be, or one that
    /// a verification found. Beside the state, so that no screen waits for somebody who signs.
    fault: std::sync::Mutex<Fault>,
    /// Passphrases are tried one at a time, so that three wrong ones are three wherever they come from.
    unlocking: Mutex<()>,
}

/// The entry that keeps anything from being added, and when the verification that said so began; nothing for what was seen
/// before any.
#[derive(Default)]
struct Fault {
    bad: Option<FirstBad>,
    began: Option<Began>,
}

/// When a verification began, by a clock nobody sets.
type Began = std::time::Instant;

/// What is known between two entries; the file is asked again before each.
struct State {
    ledger: LedgerId,
    /// What the file is held to: the head the keychain remembered at the start, then the newest entry this process wrote.
    known: Option<Head>,
    /// The newest entry that was accepted: the file's own end, also where the keychain did not follow.
    end: Option<Head>,
    /// What the keychain is known to remember.
    remembered: Option<Head>,
    standing: Standing,
    roster: Roster,
    last_signed: Option<(u64, Instant)>,
    /// What was to be said of the file's end when it was opened.
    opened: Vec<String>,
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
        let (state, fault) = match look_at(&database, known).await {
            Ok(found) => (State::of(found, beginning.ledger, known), None),
            Err(LedgerError::Tampered(bad)) => {
                let ledger = match known {
                    Some(known) => Some(known.ledger),
                    // What is to leave this computer names the ledger it is of, as long as the file can say it.
                    None => database.read(entries::ledger_id).await.ok().flatten(),
                };
                let (standing, who) = (Standing::Unwitnessed, WhoMaySign::default());
                let state = State::of(Looked { ledger, known, end: known, standing, who }, beginning.ledger, known);
                (State { opened: Vec::new(), ..state }, Some(bad))
            }
            Err(error) => return Err(error),
        };
        let is_new = state.standing == Standing::Empty;
        keep_reserve(&database).await;
        let keys = SigningKeys::new(keychain.clone(), profile);
        let Beginning { label, request, .. } = beginning;
        let fault = std::sync::Mutex::new(Fault { bad: fault, began: None });
        let (state, unlocking) = (Mutex::new(state), Mutex::new(()));
        let this = Self { database, keychain, keys, head_item, label, state, fault, unlocking };
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

    /// Gives the newest entry there is, whether or not the keychain remembers it; `None` only before the first.
    ///
    /// **Shape**: of a file that does not hold what this computer wrote, the newest entry it wrote.
    pub async fn head(&self) -> Option<Head> {
        self.state.lock().await.end
    }

    /// Tells what was not as it should be when the file was opened and when the newest entry was written, in sentences;
    /// nothing when all was well.
    pub async fn warnings(&self) -> Vec<String> {
        let state = self.state.lock().await;
        [state.opened.as_slice(), &state.warnings].concat()
    }

    /// Gives the entry that keeps anything from being added until it is put right.
    #[must_use]
    pub fn fault(&self) -> Option<FirstBad> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).bad
    }

    /// Takes up what a verification of an earlier start found, until all of it is found good.
    pub fn was_found(&self, bad: FirstBad) {
        if is_of_chain(bad.reason) && self.fault().is_none() {
            self.set_fault(Some(bad), None);
        }
    }

    /// Keeps what a verification found, unless one that began later has said: what a slow walk found may have been put
    /// right meanwhile.
    fn set_fault(&self, bad: Option<FirstBad>, began: Option<Began>) {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        if fault.began <= began {
            *fault = Fault { bad, began };
        }
    }

    /// Takes up that every entry was found as it was written, where one was not before.
    ///
    /// **Errors**: a file that cannot be read.
    async fn is_put_right(&self, began: Began) -> Result<(), LedgerError> {
        if self.fault().is_none() {
            self.set_fault(None, Some(began));
            return Ok(());
        }
        let mut state = self.state.lock().await;
        let found = look_at(&self.database, state.known).await?;
        *state = State::of(found, state.ledger, state.remembered);
        self.set_fault(None, Some(began));
        Ok(())
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

/// What a file says when it is opened.
struct Looked {
    ledger: Option<LedgerId>,
    known: Option<Head>,
    end: Option<Head>,
    standing: Standing,
    who: WhoMaySign,
}

impl State {
    fn of(found: Looked, beginning: LedgerId, remembered: Option<Head>) -> Self {
        let Looked { ledger, known, end, standing, who: (roster, last_signed) } = found;
        let opened = match standing {
            Standing::Ahead { entries } => {
                let stand =
                    if entries == 1 { "1 entry stands".to_owned() } else { format!("{entries} entries stand") };
                Some(format!(
                    "{stand} after the end of the ledger the keychain remembers: the same history goes on, and was accepted."
                ))
            }
            Standing::Unwitnessed if ledger.is_some() => Some(
                "The keychain remembers no end of this ledger, as on a new computer: an end that was cut off would not \
                 be seen. Compare the ledger with a checkpoint kept elsewhere."
                    .to_owned(),
            ),
            _ => None,
        };
        let (ledger, opened, warnings) = (ledger.unwrap_or(beginning), opened.into_iter().collect(), Vec::new());
        Self { ledger, known, end, remembered, standing, roster, last_signed, opened, warnings }
    }
}

/// Looks at the end of a file, and who may sign.
///
/// **Shape**: what stands after the remembered head is verified before it is accepted.
/// **Errors**: [`LedgerError::Tampered`] where one of the entries this rests on is not what was written.
async fn look_at(database: &Database, known: Option<Head>) -> Result<Looked, LedgerError> {
    let (tail, there, ledger, known) = database
        .read(move |conn| {
            let known = known.map(|known| gone_on_from(conn, known)).transpose()?;
            let (tail, there) = ends(conn, known)?;
            Ok((tail, there, entries::ledger_id(conn)?, known))
        })
        .await
        .map_err(tampered)?;
    let standing = Standing::of(tail.map(|tail| tail.head), known, there);
    if let (Standing::Ahead { .. }, Some(known)) = (standing, known) {
        follow(database, known).await?;
    }
    let end = if standing.may_append() { tail.map(|tail| tail.head) } else { known };
    Ok(Looked { ledger, known, end, standing, who: who_may_sign(database).await? })
}

/// Verifies what stands after the head that is remembered.
///
/// **Errors**: [`LedgerError::Tampered`] at the first entry that is not good; evidence that is gone is no reason here.
async fn follow(database: &Database, known: Head) -> Result<(), LedgerError> {
    let evidence = database.evidence();
    let report = database.read(move |conn| after(conn, &evidence, known)).await?;
    report.first_bad.filter(|bad| is_of_chain(bad.reason)).map_or(Ok(()), |bad| Err(LedgerError::Tampered(bad)))
}

/// Says whether a reason is about the entries themselves.
///
/// **Shape**: nothing may be added after an entry that was changed. Lost evidence changes no entry, and might never be
/// found again; how the file stands to the head is held against it before each entry.
fn is_of_chain(reason: Reason) -> bool {
    !reason.is_of_evidence() && reason != Reason::RolledBack
}

/// Gives the head that counts: where somebody went on from an older copy by a signed entry and the keychain did not
/// follow, the one they went on from.
///
/// **Errors**: [`StoreError::Tampered`].
fn gone_on_from(conn: &Connection, known: Head) -> Result<Head, StoreError> {
    if entries::hash_at(conn, known.seq)? == Some(known.hash) {
        return Ok(known);
    }
    let decided = entries::of_kinds(conn, &[kind::RESTORED], 0, entries::LOAD_MAX)?;
    let file = decided.iter().rev().find_map(|recorded| {
        let body = recorded.entry.body_as::<Restored>().ok().filter(|body| body.known == known.to_string())?;
        // Its own place shows where it went on from.
        let file: Head = body.file.parse().ok()?;
        (recorded.entry.seq == file.seq + 1 && recorded.entry.prev == file.hash).then_some(file)
    });
    Ok(file.unwrap_or(known))
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
