//! Adding entries: the one order of steps in which anything is written down.
//!
//! Look at the end of the file and compare it with what this computer wrote; build; sign; hold the entry to the
//! verifier's own rules; write all of it in one transaction; then let the keychain remember the new end. Only what comes
//! back from here may be acknowledged.

use std::sync::Arc;

use chrono::Datelike as _;
use countersign_domain::Instant;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::{
    Draft, Entry, Hash, Head, LedgerId, Moment, Reason, Recorded, Roster, Signer, Standing, Tail, kind, roster,
};
use countersign_sources::keychain::KeychainError;
use countersign_sources::signing::UnlockedKey;
use countersign_store::ledger::entries::{self, Inserted};
use countersign_store::ledger::evidence::Found;
use countersign_store::ledger::verify::ends;
use countersign_store::{StoreError, space};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Ledger, LedgerError, State, word};

/// After so many entries without a signature the computer seals them.
pub const SEALED_EVERY: u64 = 100;

/// What was written down, and may now be acknowledged.
#[derive(Debug)]
pub struct Appended {
    /// The entry of each draft, in their order; where the request was written before, what stands there.
    pub entries: Vec<Recorded>,
    /// The seal that became due and stands after them.
    pub seal: Option<Recorded>,
    /// Why no seal was set although it was due; the next entry tries again.
    pub not_sealed: Option<LedgerError>,
    /// Why the keychain does not remember the new end yet; the next start accepts that.
    pub not_remembered: Option<KeychainError>,
    /// Whether the disk was full and the room kept back was used: the last warning before nothing can be written.
    pub is_reserve_used: bool,
}

/// Body of [`kind::RESTORED`]: both ends, as the keychain writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    /// Where the file ended; empty for an empty file.
    pub file: String,
    /// What this computer had written.
    pub known: String,
    /// Why it is right to go on from the older copy.
    pub reason: String,
}

/// Writes entries down, all or none.
///
/// **Shape**: `signers` is empty for what is not signed, one key for a decision, two (old, new) for a change of key; the
/// first one's id is put into every draft's signer.
/// **Errors**: [`LedgerError::RolledBack`] or [`LedgerError::Foreign`] before anything; an entry the verifier would
/// refuse; evidence that is not there; the file. The ledger is then as it was.
pub async fn append(
    ledger: &Ledger,
    drafts: Vec<Draft>,
    signers: &[&UnlockedKey],
    moment: &Moment,
) -> Result<Appended, LedgerError> {
    let mut state = ledger.state.lock().await;
    stand_well(ledger, &state)?;
    match write(ledger, &mut state, drafts.clone(), signers, moment).await {
        // A caller gave up, and its entry came to the file after this one had looked at the end: the next look sees it.
        Err(LedgerError::Store(StoreError::NotNext { .. })) => write(ledger, &mut state, drafts, signers, moment).await,
        written => written,
    }
}

/// Seals everything written so far with this computer's key, unless the newest entry is a signed one.
///
/// **Shape**: gives the newest signed entry, of which a checkpoint can be made. Called at every start and on demand.
/// **Errors**: as [`append`], and the keychain.
pub async fn seal(ledger: &Ledger, moment: &Moment) -> Result<Recorded, LedgerError> {
    let mut state = ledger.state.lock().await;
    stand_well(ledger, &state)?;
    let (tail, _) = look(ledger, &mut state, Vec::new()).await?;
    let newest = ledger.database.read(|conn| entries::newest(conn, 1)).await?.pop();
    if let Some(signed) = newest.filter(|newest| !newest.signatures.is_empty()) {
        if state.remembered != state.end {
            // The process before ended between the file and the keychain; nothing further may be written for days.
            let _not_remembered = remember(ledger, &mut state, signed.head()).await;
        }
        return Ok(signed);
    }
    let mut page = Page::after(tail, &state, moment);
    let seal = page.seal(ledger).await?;
    commit(ledger, &mut state, page).await?;
    Ok(seal)
}

/// Seals what was left unsigned for too long, as [`append`] does with a further entry; gives the seal that was set.
///
/// **Errors**: as [`seal`].
pub async fn seal_if_due(ledger: &Ledger, moment: &Moment) -> Result<Option<Recorded>, LedgerError> {
    let mut state = ledger.state.lock().await;
    stand_well(ledger, &state)?;
    let (tail, _) = look(ledger, &mut state, Vec::new()).await?;
    let mut page = Page::after(tail, &state, moment);
    if !page.is_seal_due() {
        return Ok(None);
    }
    let seal = page.seal(ledger).await?;
    commit(ledger, &mut state, page).await?;
    Ok(Some(seal))
}

/// Goes on from a file that is older than what this computer wrote, by a signed decision that names both ends.
///
/// **Errors**: [`LedgerError::NothingToAccept`] when nothing was rolled back; [`LedgerError::Foreign`] for another
/// ledger, which nothing makes acceptable; otherwise as [`append`].
pub async fn accept_restored(
    ledger: &Ledger,
    operator: &OperatorId,
    key: &UnlockedKey,
    (request, reason): (Uuid, &str),
    moment: &Moment,
) -> Result<Appended, LedgerError> {
    let mut state = ledger.state.lock().await;
    let Standing::RolledBack { file, known } = state.standing else {
        stand_well(ledger, &state)?;
        return Err(LedgerError::NothingToAccept);
    };
    stand_untouched(ledger)?;
    let file_end = file.map(|head| head.to_string()).unwrap_or_default();
    let body = Restored { file: file_end, known: known.to_string(), reason: reason.to_owned() };
    let name = state.roster.operator(operator).map(|operator| operator.name.clone()).unwrap_or_default();
    let draft = Draft::new(word(kind::RESTORED)?, request, &body)?.by(operator.clone(), name);
    // From here on the file's own end is what counts; should writing fail, everything is as it was.
    (state.known, state.end) = (file, file);
    let written = write(ledger, &mut state, vec![draft], &[key], moment).await;
    if written.is_err() {
        (state.known, state.end) = (Some(known), Some(known));
        state.standing = Standing::RolledBack { file, known };
    }
    written
}

fn stand_well(ledger: &Ledger, state: &State) -> Result<(), LedgerError> {
    stands_well(state.standing)?;
    stand_untouched(ledger)
}

fn stand_untouched(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.fault().map_or(Ok(()), |bad| Err(LedgerError::Tampered(bad)))
}

fn stands_well(standing: Standing) -> Result<(), LedgerError> {
    match standing {
        Standing::RolledBack { file, known } => {
            Err(LedgerError::RolledBack { file: file.map_or(0, |head| head.seq), known: known.seq })
        }
        Standing::Foreign { .. } => Err(LedgerError::Foreign),
        _ => Ok(()),
    }
}

async fn write(
    ledger: &Ledger,
    state: &mut State,
    drafts: Vec<Draft>,
    signers: &[&UnlockedKey],
    moment: &Moment,
) -> Result<Appended, LedgerError> {
    let (tail, before) = look(ledger, state, drafts.iter().map(|draft| draft.request).collect()).await?;
    let mut page = Page::after(tail, state, moment);
    let mut written = Vec::with_capacity(drafts.len());
    for (draft, before) in drafts.into_iter().zip(before) {
        written.push(match before {
            Some(before) => before,
            None => page.add(draft, signers)?,
        });
    }
    check_evidence(ledger, &page.fresh).await?;
    let sealed = if page.is_seal_due() { page.seal(ledger).await.map(Some) } else { Ok(None) };
    let (seal, not_sealed) = match sealed {
        Ok(seal) => (seal, None),
        Err(error) => (None, Some(error)),
    };
    let is_fresh = !page.fresh.is_empty();
    let (is_reserve_used, not_remembered) = commit(ledger, state, page).await?;
    let warnings = [
        not_remembered.as_ref().map(|error| {
            format!("The keychain did not take the ledger's newest end: {error}. What was written counts all the same.")
        }),
        not_sealed
            .as_ref()
            .map(|error| format!("The computer's seal was not set, the next entry tries again: {error}.")),
        is_reserve_used
            .then(|| "The disk is full: the room kept back was used. Free some before the next act.".to_owned()),
    ];
    if is_fresh {
        state.warnings = warnings.into_iter().flatten().collect();
    }
    Ok(Appended { entries: written, seal, not_sealed, not_remembered, is_reserve_used })
}

/// Looks at the end of the file, holds it to what this process wrote, and finds what earlier requests wrote.
async fn look(
    ledger: &Ledger,
    state: &mut State,
    requests: Vec<Uuid>,
) -> Result<(Option<Tail>, Vec<Option<Recorded>>), LedgerError> {
    let (known, accepted) = (state.known, state.end);
    let (tail, there, accepted_there, before) = ledger
        .database
        .read(move |conn| {
            let (tail, there) = ends(conn, known)?;
            let accepted_there = accepted.map(|accepted| entries::hash_at(conn, accepted.seq)).transpose()?.flatten();
            let before = requests.iter().map(|request| entries::by_request(conn, *request));
            Ok((tail, there, accepted_there, before.collect::<Result<Vec<_>, _>>()?))
        })
        .await?;
    let end = tail.map(|tail| tail.head);
    let standing = Standing::of(end, known, there);
    stands_well(standing)?;
    // What was accepted and the keychain did not take is held to as well.
    let gone_on = Standing::of(end, accepted, accepted_there);
    stands_well(gone_on)?;
    if let (Standing::Ahead { .. }, Some(accepted)) = (gone_on, accepted) {
        // A caller gave up while its entry was being written. What it enrolled or signed counts, if it is good.
        super::follow(&ledger.database, accepted).await?;
        (state.roster, state.last_signed) = super::who_may_sign(&ledger.database).await?;
    }
    (state.standing, state.end) = (standing, end);
    Ok((tail, before))
}

/// Entries being built at the end of the ledger, before any of them is written.
struct Page<'a> {
    ledger: LedgerId,
    tail: Option<Tail>,
    roster: Roster,
    last_signed: Option<(u64, Instant)>,
    moment: &'a Moment,
    fresh: Vec<Recorded>,
}

impl<'a> Page<'a> {
    fn after(tail: Option<Tail>, state: &State, moment: &'a Moment) -> Self {
        let State { ledger, roster, last_signed, .. } = state;
        Self { ledger: *ledger, tail, roster: roster.clone(), last_signed: *last_signed, moment, fresh: Vec::new() }
    }

    /// Builds, signs and checks one entry.
    fn add(&mut self, draft: Draft, signers: &[&UnlockedKey]) -> Result<Recorded, LedgerError> {
        let key = signers.first().map(|first| first.public_key().id());
        let signer = match (draft.signer, key) {
            (Some(signer), key) => Some(Signer { key, ..signer }),
            (None, Some(_)) => return Err(LedgerError::Unsound(Reason::Sig)),
            (None, None) => None,
        };
        let unsigned = Entry::following(self.ledger, self.tail.as_ref(), Draft { signer, ..draft }, self.moment)?;
        let signatures = signers.iter().map(|signer| signer.sign(&unsigned.hash)).collect();
        let recorded = unsigned.signed(signatures);
        let entry = &recorded.entry;
        // What the verifier would refuse later is refused now, in its own words.
        let checked = self.roster.check(entry, &recorded.hash, &recorded.signatures);
        checked.and_then(|_| self.roster.take_in(entry).map(drop)).map_err(|reason| match (reason, &entry.signer) {
            (Reason::UnknownKey, Some(signer)) => LedgerError::KeyUnknown { operator: signer.id.clone() },
            (reason, _) => LedgerError::Unsound(reason),
        })?;
        self.tail = Some(recorded.tail());
        if !recorded.signatures.is_empty() {
            self.last_signed = Some((entry.seq, entry.at));
        }
        self.fresh.push(recorded.clone());
        Ok(recorded)
    }

    /// Says whether the unsigned entries at the end have become too many, or a day old.
    fn is_seal_due(&self) -> bool {
        let last = self.tail.map_or(0, |tail| tail.head.seq);
        let (sealed, at) = self.last_signed.unwrap_or((0, Instant::UNIX_EPOCH));
        let is_yesterday = at.num_days_from_ce() < self.moment.at.num_days_from_ce();
        last - sealed >= SEALED_EVERY || (last > sealed && is_yesterday)
    }

    /// Sets the computer's seal under everything so far, taking up its key where the ledger does not know it.
    async fn seal(&mut self, ledger: &Ledger) -> Result<Recorded, LedgerError> {
        let key = ledger.keys.seal_key().await?;
        let end = self.tail.map_or(Hash([0; Hash::LENGTH]), |tail| tail.head.hash);
        let [first_half, second_half] = halves(end);
        if self.roster.key(&key.public_key().id()).is_none() {
            self.add(ledger.enrolment(&key, first_half)?, &[&key])?;
        }
        let body = Map::<String, Value>::new();
        let draft = Draft::new(word(kind::CHECKPOINT)?, second_half, &body)?;
        self.add(draft.by(roster::CONSOLE.into(), &ledger.label), &[&key])
    }
}

/// Names the requests of a seal after the end it seals, so that one end is sealed once.
fn halves(end: Hash) -> [Uuid; 2] {
    let (halves, _) = end.0.as_chunks::<16>();
    let half = |at: usize| Uuid::from_bytes(halves.get(at).copied().unwrap_or_default());
    [half(0), half(1)]
}

/// Looks for every file the new entries rest on.
async fn check_evidence(ledger: &Ledger, fresh: &[Recorded]) -> Result<(), LedgerError> {
    let wanted: Vec<_> = fresh.iter().flat_map(|new| &new.entry.evidence).map(|file| file.sha256).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let evidence = ledger.database.evidence();
    let missing = move || wanted.into_iter().find(|sha256| evidence.look(sha256) != Found::Same);
    let missing = tokio::task::spawn_blocking(missing).await.map_err(|_| StoreError::Panicked)?;
    missing.map_or(Ok(()), |sha256| Err(StoreError::Evidence { sha256 }.into()))
}

/// Writes the page in one transaction and lets the keychain remember its end.
async fn commit(
    ledger: &Ledger,
    state: &mut State,
    page: Page<'_>,
) -> Result<(bool, Option<KeychainError>), LedgerError> {
    let Page { roster, last_signed, fresh, .. } = page;
    let Some(head) = fresh.last().map(Recorded::head) else { return Ok((false, None)) };
    let fresh = Arc::new(fresh);
    let insert = || {
        let fresh = Arc::clone(&fresh);
        ledger.database.write(move |transaction| {
            fresh.iter().try_for_each(|recorded| match entries::insert(transaction, recorded)? {
                Inserted::Added => Ok(()),
                Inserted::Before(_) => Err(StoreError::NotNext { seq: recorded.entry.seq }),
            })
        })
    };
    let is_reserve_used = match insert().await {
        Ok(()) => false,
        Err(StoreError::DiskFull) if space::release_reserve(ledger.database.folder()) => {
            insert().await?;
            tracing::warn!(event = "ledger_reserve_used", "the disk is full; the room kept back was used");
            true
        }
        Err(error) => return Err(error.into()),
    };
    (state.roster, state.last_signed) = (roster, last_signed);
    Ok((is_reserve_used, remember(ledger, state, head).await))
}

/// Has the keychain remember the newest entry, and holds the file to it from here on; gives why it did not take it.
async fn remember(ledger: &Ledger, state: &mut State, head: Head) -> Option<KeychainError> {
    (state.known, state.end, state.standing) = (Some(head), Some(head), Standing::Level);
    match ledger.remember(head).await {
        Ok(()) => {
            state.remembered = Some(head);
            None
        }
        Err(error) => {
            tracing::warn!(event = "ledger_head_not_remembered", seq = head.seq, "{error}");
            Some(error)
        }
    }
}
