//! How the chain stands: when it was verified, when a checkpoint left this computer, and whether either is overdue.
//!
//! When all of it was verified last is a preference and no entry: it decides only when the program looks again.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_store::ledger::{entries, preferences};
use countersign_store::{Connection, StoreError};
use serde::Serialize;
use ts_rs::TS;

use super::second::{self, SecondFolder};
use super::{Verification, exports, short, verdict};
use crate::app::App;
use crate::clock;
use crate::failure::{Tell as _, internal};
use crate::ledger::verify::Depth;

/// What failed, where reading fails.
const WHAT: &str = "Could not read how the ledger stands";
/// Name of the preference with the newest verification of every entry.
const VERIFIED: &str = "ledger/verified";
/// Name of the preference with the place the newest checkpoint was written to.
const PLACE: &str = "ledger/checkpoint-place";
/// How long a verification of every entry, and a checkpoint elsewhere, are enough.
const ENOUGH: TimeDelta = TimeDelta::days(7);

/// State of the chain.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Chain {
    /// Entries in all.
    #[ts(type = "number")]
    pub entries: u64,
    /// First 16 hex digits of the head.
    pub head: String,
    /// Result of the newest verification.
    pub verified: Option<Verification>,
    /// When every entry was found as it was written; that may be longer ago.
    pub verified_whole_at: Option<Instant>,
    /// Newest checkpoint that left this computer.
    pub checkpoint_at: Option<Instant>,
    /// Where that was written to, as far as this computer knows.
    pub checkpoint_to: Option<String>,
    /// The folder where checkpoints are written by themselves.
    pub second: Option<SecondFolder>,
    /// Whether none left for 7 days.
    pub is_checkpoint_due: bool,
}

/// Tells how the chain stands.
///
/// **Errors**: closed stores, a file that cannot be read.
pub(super) async fn state(app: &App) -> Result<Chain, Failure> {
    let stores = app.stores()?;
    let head = stores.ledger.head().await;
    let read = stores.ledger.database().read(|conn| {
        let whole = preferences::get(conn, VERIFIED)?.and_then(|text| serde_json::from_str(&text).ok());
        let whole: Option<Verification> = whole;
        let given = (exports::newest_checkpoint(conn)?, preferences::get(conn, PLACE)?);
        Ok((entries::count(conn)?, given, second::read(conn)?, since(conn)?, whole))
    });
    let (entries, (given_at, place), second, since, whole) = read.await.map_err(|error| error.tell(WHAT))?;
    let second = second.map(second::Kept::view);
    let kept_at = second.as_ref().and_then(|second| second.at);
    let checkpoint_at = given_at.max(kept_at);
    let place = if kept_at > given_at { second.as_ref().map(|second| second.place.clone()) } else { place };
    Ok(Chain {
        entries,
        head: head.map(|head| short(&head.hash.to_string())).unwrap_or_default(),
        verified_whole_at: whole.as_ref().filter(|whole| whole.first_bad.is_none()).map(|whole| whole.at),
        verified: stores.verified.newest().or(whole),
        checkpoint_to: place.filter(|_| checkpoint_at.is_some()),
        checkpoint_at,
        second,
        is_checkpoint_due: since.is_some_and(|since| is_over(since, clock::now())),
    })
}

/// Gives since when no checkpoint has left this computer, where that is 7 days or more.
///
/// **Errors**: closed stores, a file that cannot be read.
pub async fn checkpoint_due(app: &App) -> Result<Option<Instant>, Failure> {
    let since = app.stores()?.ledger.database().read(since).await.map_err(|error| error.tell(WHAT))?;
    Ok(since.filter(|since| is_over(*since, clock::now())))
}

/// Verifies every entry, unless that was done in the last 7 days and found nothing; gives whether it did.
///
/// **Shape**: a fault that was found stays due until it is gone, so that a restart does not silence it.
/// **Errors**: as [`verdict::verify_with`].
pub async fn verify_if_due(app: &App) -> Result<bool, Failure> {
    let is_due =
        newest_whole(app).await?.is_none_or(|whole| whole.first_bad.is_some() || is_over(whole.at, clock::now()));
    if is_due {
        verdict::verify_with(app, Depth::Whole, Vec::new()).await?;
    }
    Ok(is_due)
}

/// Gives how much has to be looked at when the program starts: all of it where a fault was found last.
///
/// **Shape**: what the rules refuse stands in the ledger for ever, and is told again without looking.
pub(crate) async fn depth_at_start(app: &App) -> Depth {
    let is_bad = newest_whole(app).await.is_ok_and(|whole| whole.is_some_and(|whole| whole.first_bad.is_some()));
    if is_bad { Depth::Whole } else { Depth::Recent }
}

/// A clock that went back since says nothing about what was done; then it is done again.
fn is_over(since: Instant, now: Instant) -> bool {
    now - since >= ENOUGH || now < since
}

/// Gives when a checkpoint left last, or when the ledger began; nothing for an empty one.
fn since(conn: &Connection) -> Result<Option<Instant>, StoreError> {
    let kept_at = second::read(conn)?.and_then(|kept| kept.at);
    match exports::newest_checkpoint(conn)?.max(kept_at) {
        Some(at) => Ok(Some(at)),
        None => Ok(entries::at(conn, 1)?.map(|first| first.entry.at)),
    }
}

/// Gives the newest verification of every entry, of this start or one before.
pub(super) async fn newest_whole(app: &App) -> Result<Option<Verification>, Failure> {
    let read = app.stores()?.ledger.database().read(|conn| preferences::get(conn, VERIFIED)).await;
    // One that cannot be read is none: all of it is looked at again.
    Ok(read.map_err(|error| error.tell(WHAT))?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Keeps the verification of every entry for the next start.
pub(super) async fn keep(app: &App, verification: &Verification) -> Result<(), Failure> {
    let text = serde_json::to_string(verification).map_err(|error| internal(WHAT, &error))?;
    prefer(app, VERIFIED, text).await
}

/// Keeps where a checkpoint was written to.
pub(super) async fn keep_place(app: &App, place: String) -> Result<(), Failure> {
    prefer(app, PLACE, place).await
}

async fn prefer(app: &App, name: &'static str, text: String) -> Result<(), Failure> {
    let stores = app.stores()?;
    let kept = stores.ledger.database().write(move |transaction| preferences::set(transaction, name, Some(&text)));
    kept.await.map_err(|error| error.tell("Could not keep how the ledger stands"))
}
