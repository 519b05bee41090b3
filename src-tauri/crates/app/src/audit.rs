//! Audit log: the ledger, entry by entry, and how its chain stands.
//!
//! A changed entry is listed in its place and hides none of the others: this page is where somebody looks when something
//! is wrong. Verifying stands in `verdict`, what leaves the program in `exports`, the one-line summaries in `words`.

mod chain;
mod compare;
mod exports;
mod extract;
mod judged;
pub mod second;
mod verdict;
mod words;

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, OperatorId};
use countersign_domain::ledger::roster::CONSOLE;
use countersign_domain::ledger::{Entry, Recorded, kind};
use countersign_domain::zones::Zone;
use countersign_store::ledger::entries::{self, Filter, Found};
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use chain::depth_at_start;
pub use chain::{Chain, checkpoint_due, verify_if_due};
pub use compare::{CompareCheckpoint, Compared, compare};
pub use exports::{Checkpoint, ExportLedger, LedgerFile, TakeCheckpoint, checkpoint, export, signed_head};
pub use extract::{ExtractEntries, extract};
pub(crate) use verdict::restore;
pub use verdict::{Verified, alarm, verify, verify_bundle, verify_with, witness};

use crate::answer::{Rows, Window};
use crate::app::App;
use crate::checklists::stories;
use crate::failure::{Tell as _, invalid, not_found};
use crate::record;
use words::Names;

/// What failed, where reading fails.
const WHAT: &str = "Could not read the ledger";
/// Rows given when a screen does not say how many.
const ROWS_DEFAULT: u32 = 200;
/// Entries looked through for a text, from the newest; older ones are found by kind or object.
const SEARCHED_MAX: u32 = 100_000;

/// Asks for a window of the entries, newest first.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// Keep those of this kind, or empty.
    #[serde(default)]
    pub kind: String,
    /// Keep those of this operator, or empty.
    #[serde(default)]
    pub operator: String,
    /// Keep those of this object, or empty.
    #[serde(default)]
    pub object: String,
    /// Keep those of this environment, or empty.
    #[serde(default)]
    pub environment: String,
    /// Keep those made on this day of the workspace or later: `2026-11-01`; or empty.
    #[serde(default)]
    pub from: String,
    /// Keep those made on this day of the workspace or before; or empty.
    #[serde(default)]
    pub to: String,
    /// Keep signatures only.
    #[serde(default)]
    pub is_signed: bool,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The log.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Audit {
    /// State of the chain.
    pub chain: Chain,
    /// Entries.
    pub entries: Rows<EntryRow>,
    /// Kinds that occur, to filter by.
    pub kinds: Vec<String>,
    /// Operators, to filter by.
    pub operators: Vec<OperatorName>,
    /// Environments, to filter by.
    pub environments: Vec<EnvironmentId>,
}

/// An operator as a filter names them.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OperatorName {
    /// Id.
    pub id: OperatorId,
    /// Name as it is printed.
    pub name: String,
}

/// Result of a verification.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Verification {
    /// Whether every entry is as it was written, the rules refuse none, and no paper it was held against is false.
    pub ok: bool,
    /// Entries looked at.
    #[ts(type = "number")]
    pub entries: u64,
    /// The head, whole.
    pub head: String,
    /// The first bad entry.
    pub first_bad: Option<FirstBad>,
    /// Entries that are as they were written and that the rules refuse; found where every entry was looked at, and told until that is
    /// done again.
    pub findings: Vec<Finding>,
    /// Things worth knowing that are no fault.
    pub warnings: Vec<String>,
    /// When it began.
    pub at: Instant,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FirstBad {
    /// Its sequence number.
    #[ts(type = "number")]
    pub seq: u64,
    /// Stable word: `HASH`, `SIG`, `PREV`, …
    pub reason: String,
    /// The same in a sentence.
    pub text: String,
}

/// An entry that the rules refuse, or that could not be judged by them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Finding {
    /// Its sequence number; 0 for what is about all of them.
    #[ts(type = "number")]
    pub seq: u64,
    /// What it is, in a sentence.
    pub text: String,
}

/// One entry in the log.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntryRow {
    /// Sequence number.
    #[ts(type = "number")]
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who, by the name they signed with; empty for the program itself.
    pub operator: String,
    /// Kind, a stable word.
    pub kind: String,
    /// What happened, one line.
    pub summary: String,
    /// The object it concerns.
    pub object: String,
    /// The environment it concerns.
    pub environment: String,
    /// First 16 hex digits of its hash.
    pub hash: String,
    /// Whether it carries a signature.
    pub is_signed: bool,
    /// `sealed` for a seal over everything before, `exported` where a checkpoint left this computer; else `null`.
    pub checkpoint: Option<String>,
    /// Why it has no effect on its run: the rules refuse what it says; `null` for every other entry.
    pub refused: Option<String>,
    /// Where Enter leads.
    pub route: Option<String>,
}

/// Asks for one entry.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EntryRequest {
    /// Sequence number.
    #[ts(type = "number")]
    pub seq: u64,
}

/// One entry, whole.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntryPage {
    /// The row of the log.
    pub row: EntryRow,
    /// The signed bytes, as they are.
    pub bytes: String,
    /// Hash of the entry, whole.
    pub hash: String,
    /// Hash of the entry before.
    pub prev: String,
    /// Signature, hex; `null` when the entry is not a decision.
    pub signature: Option<String>,
    /// Fingerprint of the key.
    pub key: Option<String>,
}

/// Verifies the whole ledger.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {}

/// Lists the entries, newest first, with the state of the chain.
///
/// **Errors**: closed stores, a file that cannot be read.
pub async fn list(app: &App, request: AuditRequest) -> Result<Audit, Failure> {
    through(app, request, None).await
}

/// Lists the entries up to one of them; `None` for all.
async fn through(app: &App, request: AuditRequest, newest: Option<u64>) -> Result<Audit, Failure> {
    let stores = app.stores()?;
    let roster = stores.ledger.roster().await;
    // Names make the lines readable; a ledger whose checklists cannot be folded is still listed.
    let shelf = stories::shelf(app).await.ok();
    let record = record::record(app).await?;
    let operators = roster.operators().into_iter().map(|known| match known.id.as_str() {
        CONSOLE => OperatorName { id: known.id.clone(), name: "This computer".to_owned() },
        _ => OperatorName { id: known.id.clone(), name: known.name.clone() },
    });
    let operators = operators.collect();
    let filter = Filter { through: newest, ..filter(&request, &record.workspace.zone)? };
    let read = stores.ledger.database().read(move |conn| {
        let names = Names { shelf: shelf.as_deref(), roster: &roster };
        let entries = rows(conn, &filter, &request.window, &names)?;
        Ok((entries, entries::kinds(conn)?.into_iter().map(|(kind, _)| kind).collect()))
    });
    let (entries, kinds) = read.await.map_err(|error| error.tell(WHAT))?;
    let environments = record.environments.keys().cloned().collect();
    Ok(Audit { chain: chain::state(app).await?, entries, kinds, operators, environments })
}

/// Reads what is asked for; days are those of the workspace.
///
/// **Errors**: a day that is none.
fn filter(request: &AuditRequest, zone: &str) -> Result<Filter, Failure> {
    let AuditRequest { kind, operator, object, environment, from, to, is_signed, .. } = request;
    let zone = Zone::named(zone).unwrap_or_else(|_| Zone::utc());
    let day = |field: &str, text: &String| match zone.day_named(text) {
        _ if text.is_empty() => Ok(None),
        None => Err(invalid(field, "a day such as 2026-12-04 is expected")),
        Some(day) => Ok(Some(day)),
    };
    let named = |text: &String| (!text.is_empty()).then(|| text.clone());
    Ok(Filter {
        kind: named(kind),
        object: named(object),
        environment: named(environment),
        signer: named(operator),
        is_signed: *is_signed,
        from: day("from", from)?.map(|day| day.opening_at()),
        before: day("to", to)?.map(|day| day.closing_at()),
        through: None,
    })
}

/// Gives one entry as it was written.
///
/// **Errors**: closed stores, no such entry, one that is not what was written.
pub async fn entry(app: &App, request: EntryRequest) -> Result<EntryPage, Failure> {
    let stores = app.stores()?;
    let seq = request.seq;
    let found = stores.ledger.database().read(move |conn| entries::at(conn, seq)).await;
    let found = found.map_err(|error| error.tell(format!("Could not read entry {seq} of the ledger")))?;
    let recorded = found.ok_or_else(|| not_found("entry", &seq.to_string()))?;
    let shelf = stories::shelf(app).await.ok();
    let roster = stores.ledger.roster().await;
    let signatures: Vec<String> = recorded.signatures.iter().map(ToString::to_string).collect();
    let signer = recorded.entry.signer.as_ref();
    Ok(EntryPage {
        row: row(&recorded, &Names { shelf: shelf.as_deref(), roster: &roster }),
        bytes: String::from_utf8_lossy(&recorded.bytes).into_owned(),
        hash: recorded.hash.to_string(),
        prev: recorded.entry.prev.to_string(),
        signature: (!signatures.is_empty()).then(|| signatures.join(" ")),
        key: signer.and_then(|signer| signer.key).map(|key| key.to_string()),
    })
}

fn rows(conn: &Connection, filter: &Filter, window: &Window, names: &Names<'_>) -> Result<Rows<EntryRow>, StoreError> {
    let take = if window.take == 0 { ROWS_DEFAULT } else { window.take.min(entries::LOAD_MAX) };
    let skip = u32::try_from(window.skip).unwrap_or(u32::MAX);
    let text = window.text.trim().to_lowercase();
    if !text.is_empty() {
        return searched(conn, filter, (&text, window.is_reversed), (skip, take), names);
    }
    let (mut found, total) = entries::window(conn, filter, skip, take)?;
    if window.is_reversed {
        // Oldest first is the same list from its other end.
        let left = u32::try_from(total).unwrap_or(u32::MAX).saturating_sub(skip);
        (found, _) = entries::window(conn, filter, left.saturating_sub(take), take.min(left))?;
        found.reverse();
    }
    Ok(Rows { rows: found.iter().map(|found| row_of(found, names)).collect(), total, totals: Vec::new() })
}

/// Keeps the entries whose line contains a text.
fn searched(
    conn: &Connection,
    filter: &Filter,
    (text, is_reversed): (&str, bool),
    (skip, take): (u32, u32),
    names: &Names<'_>,
) -> Result<Rows<EntryRow>, StoreError> {
    let mut kept = Vec::new();
    let mut looked_at = 0;
    while looked_at < SEARCHED_MAX {
        let (found, _) = entries::window(conn, filter, looked_at, entries::LOAD_MAX)?;
        if found.is_empty() {
            break;
        }
        looked_at = looked_at.saturating_add(entries::LOAD_MAX);
        kept.extend(found.iter().map(|found| row_of(found, names)).filter(|row| row.says(text)));
    }
    if is_reversed {
        kept.reverse();
    }
    let total = kept.len() as u64;
    let [skip, take] = [skip, take].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    Ok(Rows { rows: kept.into_iter().skip(skip).take(take).collect(), total, totals: Vec::new() })
}

impl EntryRow {
    fn says(&self, text: &str) -> bool {
        let Self { seq, operator, kind, summary, object, environment, hash, .. } = self;
        let seq = seq.to_string();
        [&seq, operator, kind, summary, object, environment, hash].iter().any(|of| of.to_lowercase().contains(text))
    }
}

fn row_of(found: &Found, names: &Names<'_>) -> EntryRow {
    match found {
        Ok(recorded) => row(recorded, names),
        Err(error) => EntryRow {
            seq: if let StoreError::Tampered { seq } = error { *seq } else { 0 },
            // Nothing such an entry says is believed, not even its time.
            at: Instant::UNIX_EPOCH,
            operator: String::new(),
            kind: String::new(),
            summary: "This entry is not as it was written.".to_owned(),
            object: String::new(),
            environment: String::new(),
            hash: String::new(),
            is_signed: false,
            checkpoint: None,
            refused: None,
            route: None,
        },
    }
}

fn row(recorded: &Recorded, names: &Names<'_>) -> EntryRow {
    let entry = &recorded.entry;
    EntryRow {
        seq: entry.seq,
        at: entry.at,
        operator: operator(entry),
        kind: entry.kind.to_string(),
        summary: words::line(entry, names),
        object: entry.object.clone().unwrap_or_default(),
        environment: entry.environment.clone().unwrap_or_default(),
        hash: short(&recorded.hash.to_string()),
        is_signed: !recorded.signatures.is_empty(),
        checkpoint: mark(entry).map(str::to_owned),
        refused: names.refused(entry),
        route: route(entry),
    }
}

/// Names the person; a computer that seals is the program itself.
fn operator(entry: &Entry) -> String {
    let signer = entry.signer.as_ref().filter(|signer| signer.id.as_str() != CONSOLE);
    signer.map(|signer| signer.name.clone()).unwrap_or_default()
}

/// Says what an entry has to do with checkpoints.
fn mark(entry: &Entry) -> Option<&'static str> {
    let is_given = entry.object.as_deref() == Some(exports::CHECKPOINTS);
    if entry.kind.as_str() == kind::CHECKPOINT { Some("sealed") } else { is_given.then_some("exported") }
}

/// Leads to the object's own page, where it has one.
fn route(entry: &Entry) -> Option<String> {
    let object = entry.object.as_deref()?;
    let (kind, rest) = object.split_once('/')?;
    match kind {
        "run" => rest.split('/').next().map(|run| format!("/checklists/runs/{run}")),
        "template" => rest.split('/').next().map(|template| format!("/checklists/templates/{template}")),
        "environment" => Some(format!("/settings/environments/{rest}")),
        "operator" => Some("/settings/operators".to_owned()),
        _ => None,
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(countersign_domain::ledger::checkpoint::RECEIPT_DIGITS).collect()
}
