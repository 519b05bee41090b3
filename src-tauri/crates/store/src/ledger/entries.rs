//! Entries: the one function that adds them, and narrow loads by place, object, kind and request.
//!
//! What is given back comes from the bytes, whose hash is made again at every load; the columns only find them.

use countersign_domain::Instant;
use countersign_domain::ledger::{Entry, Hash, LedgerId, Recorded, Signature, Tail, entry};
use rusqlite::{Connection, OptionalExtension, Params, Row, ToSql, Transaction, named_params};
use uuid::Uuid;

use crate::StoreError;

/// Entries given by one load at most.
pub const LOAD_MAX: u32 = 5_000;

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// It stands at the end of the ledger now.
    Added,
    /// The same request was written before; this is what stands there.
    Before(Box<Recorded>),
}

/// Keeps those entries of a list that a person asked for; `None` keeps all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this object or anything below it.
    pub object: Option<String>,
    /// Of this environment.
    pub environment: Option<String>,
    /// By this operator.
    pub signer: Option<String>,
    /// With a signature.
    pub is_signed: bool,
    /// Made at this time or later.
    pub from: Option<Instant>,
    /// Made before this time.
    pub before: Option<Instant>,
    /// No further than this entry: what is appended later changes no window.
    pub through: Option<u64>,
}

/// The columns of an entry kept for searching, as its bytes say them.
pub(crate) struct Columns {
    pub at: String,
    pub kind: String,
    pub object: Option<String>,
    pub environment: Option<String>,
    pub signer: Option<String>,
    pub request: String,
}

impl Columns {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            at: stamp(entry.at),
            kind: entry.kind.to_string(),
            object: entry.object.clone(),
            environment: entry.environment.clone(),
            signer: entry.signer.as_ref().map(|signer| signer.id.to_string()),
            request: entry.request.to_string(),
        }
    }
}

/// Writes a time as the column has it: texts of this form follow each other as the times do.
fn stamp(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Adds an entry at the end of the ledger. Nothing else in the program writes entries.
///
/// **Shape**: a request that was written before is not written again, whatever the entry says now.
/// **Errors**: [`StoreError::NotNext`] when the entry was made for another end.
pub fn insert(transaction: &Transaction<'_>, recorded: &Recorded) -> Result<Inserted, StoreError> {
    if let Some(before) = by_request(transaction, recorded.entry.request)? {
        return Ok(Inserted::Before(Box::new(before)));
    }
    let entry = &recorded.entry;
    let not_next = || StoreError::NotNext { seq: entry.seq };
    let (next, prev) = match tail(transaction)? {
        Some(tail) if tail.head.ledger != entry.ledger => return Err(not_next()),
        Some(tail) => (tail.head.seq + 1, tail.head.hash),
        None => (1, Hash([0; Hash::LENGTH])),
    };
    if (entry.seq, entry.prev) != (next, prev) {
        return Err(not_next());
    }
    let columns = Columns::of(entry);
    let signatures: Vec<u8> = recorded.signatures.iter().flat_map(|signature| signature.0).collect();
    transaction.execute(
        "INSERT INTO entries (seq, at, kind, object, environment, signer, request, bytes, hash, signatures)
         VALUES (:seq, :at, :kind, :object, :environment, :signer, :request, :bytes, :hash, :signatures)",
        named_params! {
            ":seq": row_of(entry.seq), ":at": columns.at, ":kind": columns.kind, ":object": columns.object,
            ":environment": columns.environment, ":signer": columns.signer, ":request": columns.request,
            ":bytes": recorded.bytes, ":hash": recorded.hash.0, ":signatures": signatures,
        },
    )?;
    Ok(Inserted::Added)
}

/// Gives the end of the ledger; `None` for an empty one.
///
/// **Errors**: [`StoreError::Tampered`] when the last entry is not what was written.
pub fn tail(conn: &Connection) -> Result<Option<Tail>, StoreError> {
    Ok(newest(conn, 1)?.first().map(Recorded::tail))
}

/// Gives the ledger's id; `None` for an empty one.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn ledger_id(conn: &Connection) -> Result<Option<LedgerId>, StoreError> {
    Ok(at(conn, 1)?.map(|recorded| recorded.entry.ledger))
}

/// Counts the entries.
///
/// **Errors**: those of the file.
pub fn count(conn: &Connection) -> Result<u64, StoreError> {
    // The places are continuous; the verifier holds them to that.
    let last: Option<i64> = conn.query_row("SELECT max(seq) FROM entries", [], |row| row.get(0))?;
    Ok(last.and_then(|last| u64::try_from(last).ok()).unwrap_or(0))
}

/// Gives the hash of the entry at a place.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn hash_at(conn: &Connection, seq: u64) -> Result<Option<Hash>, StoreError> {
    Ok(at(conn, seq)?.map(|recorded| recorded.hash))
}

/// Gives the entry at a place.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn at(conn: &Connection, seq: u64) -> Result<Option<Recorded>, StoreError> {
    one(conn, "SELECT seq, bytes, hash, signatures FROM entries WHERE seq = ?1", [row_of(seq)])
}

/// Gives the entry of a request.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn by_request(conn: &Connection, request: Uuid) -> Result<Option<Recorded>, StoreError> {
    let sql = "SELECT seq, bytes, hash, signatures FROM entries WHERE request = ?1";
    one(conn, sql, [request.to_string()])
}

/// Gives the entries after a place, oldest first.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn after(conn: &Connection, seq: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
    let sql = "SELECT seq, bytes, hash, signatures FROM entries WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    many(conn, sql, (row_of(seq), limit.min(LOAD_MAX)))
}

/// Gives the newest entries, newest first.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn newest(conn: &Connection, limit: u32) -> Result<Vec<Recorded>, StoreError> {
    let sql = "SELECT seq, bytes, hash, signatures FROM entries ORDER BY seq DESC LIMIT ?1";
    many(conn, sql, [limit.min(LOAD_MAX)])
}

/// Gives the entries of an object and of everything below it after a place, oldest first.
///
/// **Errors**: [`StoreError::Tampered`].
/// **Example**: `run/7` gives `run/7` and `run/7/item/3`, and not `run/71`.
pub fn of_object(conn: &Connection, object: &str, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
    // '0' is the character after '/'; the two ranges together are the object and everything below it.
    let sql = "SELECT seq, bytes, hash, signatures FROM (
                 SELECT * FROM entries WHERE object = ?1 AND seq > ?2
                 UNION ALL
                 SELECT * FROM entries WHERE object > ?1 || '/' AND object < ?1 || '0' AND seq > ?2
               ) ORDER BY seq LIMIT ?3";
    many(conn, sql, (object, row_of(after), limit.min(LOAD_MAX)))
}

/// Gives the entries of some kinds after a place, oldest first.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn of_kinds(conn: &Connection, kinds: &[&str], after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
    let sql = "SELECT seq, bytes, hash, signatures FROM entries
               WHERE kind IN (SELECT value FROM json_each(?1)) AND seq > ?2 ORDER BY seq LIMIT ?3";
    let kinds = serde_json::Value::from(kinds.to_vec()).to_string();
    many(conn, sql, (kinds, row_of(after), limit.min(LOAD_MAX)))
}

/// Gives the entries of the kinds there are, with how often each occurs.
///
/// **Errors**: those of the file.
pub fn kinds(conn: &Connection) -> Result<Vec<(String, u64)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT kind, count(*) FROM entries GROUP BY kind ORDER BY kind")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, u64::from(row.get::<_, u32>(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A statement that counts what a filter keeps and one that lists it; the first condition is the one with an index.
macro_rules! kept_by_filter {
    ($found_by:literal) => {
        (
            kept_by_filter!("SELECT count(*) FROM entries WHERE ", $found_by, ""),
            kept_by_filter!(
                "SELECT seq, bytes, hash, signatures FROM entries WHERE ",
                $found_by,
                " ORDER BY seq DESC LIMIT :limit OFFSET :skip"
            ),
        )
    };
    ($before:literal, $found_by:literal, $after:literal) => {
        concat!(
            $before,
            $found_by,
            " AND (:kind IS NULL OR kind = :kind)
              AND (:object IS NULL OR object = :object OR (object > :object || '/' AND object < :object || '0'))
              AND (:environment IS NULL OR environment = :environment)
              AND (:signer IS NULL OR signer = :signer)
              AND (:from IS NULL OR at >= :from) AND (:before IS NULL OR at < :before)
              AND (:through IS NULL OR seq <= :through)
              AND (NOT :is_signed OR signatures <> x'')",
            $after
        )
    };
}

/// An entry, or [`StoreError::Tampered`] with its place where it is not what was written.
pub type Found = Result<Recorded, StoreError>;

/// Gives a window of the entries a filter keeps, newest first, and how many it keeps in all.
///
/// **Shape**: a changed entry stands in its place and hides none of the others: this is what the audit log lists.
/// **Errors**: those of the file.
pub fn window(conn: &Connection, filter: &Filter, skip: u32, limit: u32) -> Result<(Vec<Found>, u64), StoreError> {
    let Filter { kind, object, environment, signer, is_signed, from, before, through } = filter;
    let through = through.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
    let [from, before] = [from, before].map(|at| at.map(stamp));
    let (counted, listed) = if object.is_some() {
        kept_by_filter!("(object = :object OR (object > :object || '/' AND object < :object || '0'))")
    } else if kind.is_some() {
        kept_by_filter!("kind = :kind")
    } else if *is_signed {
        kept_by_filter!("signatures <> x''")
    } else {
        kept_by_filter!("TRUE")
    };
    let texts = [environment, signer, kind, object, &from, &before];
    let is_everything = texts.iter().all(|text| text.is_none()) && !is_signed && through.is_none();
    let params = named_params! {
        ":kind": kind, ":object": object, ":environment": environment, ":signer": signer, ":is_signed": is_signed,
        ":from": from, ":before": before, ":through": through,
    };
    let total = match is_everything {
        true => count(conn)?,
        false => conn.prepare_cached(counted)?.query_row(params, |row| row.get::<_, u32>(0))?.into(),
    };
    let place: [(&str, &dyn ToSql); 2] = [(":limit", &limit.min(LOAD_MAX)), (":skip", &skip)];
    let mut listed = conn.prepare_cached(listed)?;
    let entries = listed.query_map([params, &place].concat().as_slice(), |row| Ok(recorded(row)))?;
    Ok((entries.collect::<Result<_, _>>()?, total))
}

/// Gives the newest entry with a signature.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn newest_signed(conn: &Connection) -> Result<Option<Recorded>, StoreError> {
    let sql = "SELECT seq, bytes, hash, signatures FROM entries WHERE signatures <> x'' ORDER BY seq DESC LIMIT 1";
    one(conn, sql, [])
}

fn one(conn: &Connection, sql: &str, params: impl Params) -> Result<Option<Recorded>, StoreError> {
    conn.prepare_cached(sql)?.query_row(params, |row| Ok(recorded(row))).optional()?.transpose()
}

fn many(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<Recorded>, StoreError> {
    conn.prepare_cached(sql)?.query_map(params, |row| Ok(recorded(row)))?.map(|row| row?).collect()
}

/// Reads a row of `seq, bytes, hash, signatures`, and holds it to its own hash.
fn recorded(row: &Row<'_>) -> Result<Recorded, StoreError> {
    let seq = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
    let tampered = || StoreError::Tampered { seq };
    let bytes: Vec<u8> = row.get(1)?;
    let hash = entry::hash(&bytes);
    let entry = Entry::from_hashed(&bytes).map_err(|_| tampered())?;
    if row.get_ref(2)?.as_blob() != Ok(&hash.0) || entry.seq != seq {
        return Err(tampered());
    }
    let signatures: Vec<u8> = row.get(3)?;
    let (signatures, rest) = signatures.as_chunks::<{ Signature::LENGTH }>();
    let signatures = rest.is_empty().then(|| signatures.iter().copied().map(Signature).collect());
    Ok(Recorded { entry, bytes, hash, signatures: signatures.ok_or_else(tampered)? })
}

/// Gives a place as SQLite counts; places beyond its range do not exist.
fn row_of(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
