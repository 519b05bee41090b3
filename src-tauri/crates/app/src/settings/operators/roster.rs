//! The roster as a file: the operators of this computer for another one, and those of another one for this.
//!
//! Whoever reads a roster decides with their own signature that the keys on it are to be believed: the file proves that it
//! is whole, and only comparing fingerprints proves where it comes from.

use chrono::{Days, NaiveTime};
use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::listing::{Change, Listed, Listing, NotThisList, VALID_DAYS, VALID_DAYS_MAX};
use countersign_domain::ledger::roster::{KeyRevoked, Roster};
use countersign_domain::ledger::{Draft, Sealed, kind};
use countersign_domain::workspace::Entry;
use countersign_domain::workspace::entry::Exported;
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{Operators, OperatorsRequest, list};
use crate::app::App;
use crate::failure::{Tell as _, invalid, not_found, told};
use crate::ledger::document::{self, Read};
use crate::ledger::unlock::unlock;
use crate::ledger::{LedgerError, append, word};
use crate::{clock, files, record};

/// What failed, where reading fails.
const WHAT: &str = "Could not read the roster";

/// Writes the operators of this computer to a file. The passphrase of whoever answers for it arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WriteRoster {
    /// Who answers for it.
    pub operator: OperatorId,
    /// Days for which the keys are to be taken; a year, where nothing is said.
    #[serde(default)]
    pub valid_days: Option<u32>,
    /// Handle of the place the file is written to.
    pub file: String,
}

/// A roster that was written.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RosterFile {
    /// Its name, without its folder.
    pub name: String,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// People on it.
    pub people: u32,
    /// Until when their keys are to be taken.
    pub valid_until: Instant,
    /// Fingerprint of the key that sealed it: to be read out to whoever gets the file.
    pub key: String,
}

/// Asks who stands on a roster.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadRoster {
    /// Handle of the chosen file.
    pub file: String,
}

/// A roster of another computer.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RosterView {
    /// Its ledger.
    pub ledger: String,
    /// When it was written.
    pub at: Instant,
    /// Who answers for it.
    pub by: String,
    /// Fingerprint of their key: what to compare before believing anything else.
    pub key: String,
    /// Whether that key is known here as theirs, and good.
    pub is_known: bool,
    /// Everybody on it.
    pub people: Vec<ListedPerson>,
}

/// A person on a roster.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ListedPerson {
    /// Id there.
    pub id: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// Fingerprint of the key.
    pub key: String,
    /// Until when it is to be taken.
    pub valid_until: Instant,
    /// `new`, `changed`, `ended`, `same`, `refused`.
    pub change: String,
    /// Why they are refused.
    pub refused: Option<String>,
}

/// Takes up the people of a roster. The passphrase of whoever decides it arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TakeRoster {
    /// Handle of the chosen file.
    pub file: String,
    /// Who decides it.
    pub operator: OperatorId,
}

/// Writes the operators of this computer to a file.
///
/// **Errors**: an operator without a good key, a wrong passphrase, a place that cannot be written to; the ledger.
pub async fn write(
    app: &App,
    request_id: Uuid,
    request: WriteRoster,
    passphrase: Secret,
) -> Result<RosterFile, Failure> {
    let what = "Could not write the roster";
    let place = app.files().place(&request.file)?;
    let (stores, now) = (app.stores()?, clock::now());
    let days = request.valid_days.map_or(VALID_DAYS, i64::from);
    if !(1..=VALID_DAYS_MAX).contains(&days) {
        return Err(invalid("days", format!("1 to {VALID_DAYS_MAX} days are expected")));
    }
    // To the end of a day, so that people can say until when.
    let day = now.date_naive().checked_add_days(Days::new(days.unsigned_abs()));
    let until = day.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc());
    clock::may_sign(now, what)?;
    let key = unlock(&stores.ledger, &request.operator, passphrase, now).await.map_err(|error| error.tell(what))?;
    let (roster, own) = (stores.ledger.roster().await, stores.ledger.id().await);
    let listing = Listing::of(&roster, own, &request.operator, now, until);
    let listing = listing.ok_or_else(|| not_found("operator", request.operator.as_str()))?;
    let (sealed, bytes) = document::seal(&listing, &key, what)?;
    let written = files::write(place, bytes, what).await?;
    let by = roster.operator(&request.operator).map(|known| (known.id.clone(), known.name.clone()));
    let told = Exported {
        what: "roster".to_owned(),
        format: "json".to_owned(),
        rows: sealed.signed.people.len().to_string(),
        sha256: written.sha256.clone(),
        // Names and mail addresses stand in it as they are.
        is_masked: false,
        filter: String::new(),
    };
    let about = (Some("ledger/roster".to_owned()), None);
    files::recorded(&written, record::note_on(app, request_id, about, by, Entry::Exported(told)).await)?;
    Ok(RosterFile {
        name: written.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256: written.sha256,
        people: u32::try_from(sealed.signed.people.len()).unwrap_or(u32::MAX),
        valid_until: until,
        key: sealed.signed.sealer.key.id().to_string(),
    })
}

/// Shows who stands on a roster, and what each means here.
///
/// **Errors**: a file that is no roster, was changed, is this computer's own, or is older than one that was read.
pub async fn read(app: &App, request: ReadRoster) -> Result<RosterView, Failure> {
    let Opened { read, changes, roster } = opened(app, &request.file).await?;
    let Listing { ledger, at, people, sealer, .. } = read.sealed.signed;
    let is_good = roster.operator(&sealer.id).and_then(|known| known.key) == Some(sealer.key);
    let person = |(one, change): (Listed, Change)| ListedPerson {
        id: one.operator,
        name: one.name,
        email: one.email,
        roles: one.roles,
        key: one.key.id().to_string(),
        valid_until: one.valid_until,
        change: change_word(&change).to_owned(),
        refused: if let Change::Refused(why) = change { Some(why) } else { None },
    };
    Ok(RosterView {
        ledger: ledger.to_string(),
        at,
        by: sealer.name,
        key: sealer.key.id().to_string(),
        is_known: is_good,
        people: people.into_iter().zip(changes).map(person).collect(),
    })
}

/// Takes up the people of a roster: those that are new or changed, and the end of keys that are over.
///
/// **Shape**: all or none of those that are not refused; a roster that says nothing new adds nothing.
/// **Errors**: as [`read`]; a roster nobody of which is taken; a wrong passphrase; the ledger.
pub async fn take(app: &App, request_id: Uuid, request: TakeRoster, passphrase: Secret) -> Result<Operators, Failure> {
    let what = "Could not take up the roster";
    let stores = app.stores()?;
    let _one_at_a_time = stores.stories.acting.lock().await;
    let Opened { read, changes, roster } = opened(app, &request.file).await?;
    if let [Change::Refused(why)] = changes.as_slice() {
        return Err(told(Code::StateConflict, what, why.as_str()));
    }
    if changes.iter().all(|change| matches!(change, Change::Refused(_))) {
        return Err(told(Code::StateConflict, what, "nobody on it can be taken up; the file says why for each"));
    }
    let now = clock::moment();
    let by = roster.operator(&request.operator).filter(|known| known.origin.is_none());
    let by = by.ok_or_else(|| not_found("operator", request.operator.as_str()))?;
    clock::may_sign(now.at, what)?;
    let key = unlock(&stores.ledger, &by.id, passphrase, now.at).await.map_err(|error| error.tell(what))?;
    let drafts = drafts(&read.sealed, &changes, request_id).map_err(|error| error.tell(what))?;
    if !drafts.is_empty() {
        let file = document::keep(&stores.ledger, &read.name, read.bytes, what).await?;
        let drafts =
            drafts.into_iter().map(|draft| draft.by(by.id.clone(), by.name.clone()).resting_on(vec![file.clone()]));
        let written = append(&stores.ledger, drafts.collect(), &[&key], &now).await;
        written.map_err(|error| error.tell(what))?;
    }
    list(app, OperatorsRequest {}).await
}

/// A roster that was read, with what each person on it means here.
struct Opened {
    read: Read<Listing>,
    changes: Vec<Change>,
    roster: Roster,
}

async fn opened(app: &App, file: &str) -> Result<Opened, Failure> {
    let read = document::read::<Listing>(app, file).await?;
    let stores = app.stores()?;
    let (own, roster) = (stores.ledger.id().await, stores.ledger.roster().await);
    if !read.sealed.is_by(&read.sealed.signed.sealer.key) {
        return Err(told(Code::SignoffFileChanged, WHAT, "the signature does not hold: the file was changed"));
    }
    let changes = read.sealed.signed.changes(&roster, own, clock::now()).map_err(|wrong| {
        let code = match wrong {
            NotThisList::Own | NotThisList::Older { .. } => Code::StateConflict,
            NotThisList::People(_) => Code::InputInvalid,
            NotThisList::Sealer => Code::SignoffFileChanged,
        };
        told(code, WHAT, wrong.to_string())
    })?;
    Ok(Opened { read, changes, roster })
}

/// Drafts the entries a roster comes to; each has a request of its own, made from the one.
fn drafts(sealed: &Sealed<Listing>, changes: &[Change], request: Uuid) -> Result<Vec<Draft>, LedgerError> {
    let listing = &sealed.signed;
    let mut drafts = Vec::new();
    for (nth, (one, change)) in (0_u128..).zip(listing.people.iter().zip(changes)) {
        let request = Uuid::from_u128(request.as_u128().wrapping_add(nth));
        match change {
            Change::New | Change::Other => {
                let draft = Draft::new(word(kind::OPERATOR_KNOWN)?, request, &listing.known(one))?;
                drafts.push(draft.on(format!("operator/{}", one.operator)));
            }
            Change::Ended(since) => {
                let reason = format!("revoked in the roster of {}", listing.sealer.name);
                let body = KeyRevoked { key: one.key.id(), since: *since, reason };
                drafts.push(Draft::new(word(kind::KEY_REVOKED)?, request, &body)?.on(format!("key/{}", body.key)));
            }
            Change::Same | Change::Refused(_) => {}
        }
    }
    Ok(drafts)
}

fn change_word(change: &Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Other => "changed",
        Change::Ended(_) => "ended",
        Change::Same => "same",
        Change::Refused(_) => "refused",
    }
}
