//! Verifying the ledger's file: its build, every entry, every column beside an entry, every piece of evidence.
//!
//! The rules of the chain are `domain::ledger::verify`'s; here the file is held to them. Nothing in the file is believed:
//! not its tables, not its indexes, not its counts.

use std::collections::HashMap;

use countersign_domain::ledger::verify::Warning;
use countersign_domain::ledger::{
    Entry, Expected, FirstBad, Hash, Head, Line, Reason, Report, Roster, Tail, Verifier, kind,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::entries::{self, Columns};
use super::evidence::{EvidenceFolder, Found};
use crate::StoreError;

/// Entries the quick look at start-up checks.
pub const RECENT: u64 = 1_000;
/// Place named when the file itself is not built as a ledger.
const THE_FILE: u64 = 0;
/// Kinds that decide who may sign.
const ROSTER_KINDS: &[&str] = &[
    kind::CONSOLE_ADDED,
    kind::OPERATOR_ADDED,
    kind::OPERATOR_CHANGED,
    kind::OPERATOR_KNOWN,
    kind::KEY_CHANGE,
    kind::KEY_REVOKED,
];

/// Looks at every good entry in turn and may add a warning: the place for rules over several entries, such as the order
/// of signatures.
pub type Visit<'a> = &'a mut dyn FnMut(&Entry) -> Option<Warning>;

/// Verifies the whole ledger from its first entry.
///
/// **Shape**: keeps the roster and the hashes of evidence seen; memory does not grow with the number of entries.
/// **Errors**: a file that cannot be read; everything that can be read and is wrong stands in the report.
pub fn whole(
    conn: &Connection,
    evidence: &EvidenceFolder,
    expected: Expected,
    visit: Visit<'_>,
) -> Result<Report, StoreError> {
    let report = walk(conn, evidence, Verifier::new(expected), visit)?;
    if report.first_bad.is_some_and(|bad| !bad.reason.is_of_evidence()) {
        return Ok(report);
    }
    // Indexes that disagree with their table would hide entries from the lists.
    let check: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let broken = FirstBad { seq: THE_FILE, reason: Reason::Schema };
    Ok(if check == "ok" { report } else { Report { ok: false, first_bad: Some(broken), ..report } })
}

/// Verifies the newest entries and all after the head remembered elsewhere, with the roster the earlier ones add up to.
///
/// **Shape**: earlier entries are believed except those that enrol or end a key, whose signatures are checked.
/// **Errors**: as [`whole`].
pub fn recent(
    conn: &Connection,
    evidence: &EvidenceFolder,
    expected: Expected,
    visit: Visit<'_>,
) -> Result<Report, StoreError> {
    let newest = entries::count(conn)?.saturating_sub(RECENT);
    let start = expected.head.map_or(newest, |head| newest.min(head.seq.saturating_sub(1)));
    since(conn, evidence, start, expected, visit)
}

/// Verifies the entries from the head remembered elsewhere on: those that were written and are not remembered yet.
///
/// **Errors**: as [`whole`].
pub fn after(conn: &Connection, evidence: &EvidenceFolder, head: Head) -> Result<Report, StoreError> {
    let expected = Expected { head: Some(head), ..Expected::default() };
    since(conn, evidence, head.seq.saturating_sub(1), expected, &mut |_| None)
}

/// Verifies every entry after one that is believed.
fn since(
    conn: &Connection,
    evidence: &EvidenceFolder,
    start: u64,
    expected: Expected,
    visit: Visit<'_>,
) -> Result<Report, StoreError> {
    if start == 0 {
        return whole(conn, evidence, expected, visit);
    }
    match named(begun(conn, start), start)? {
        Ok((tail, roster)) => walk(conn, evidence, Verifier::after(tail, roster, expected), visit),
        Err(first_bad) => Ok(Verifier::default().stopped(first_bad)),
    }
}

/// Gives the entry at a place and who may sign after it.
fn begun(conn: &Connection, start: u64) -> Result<Result<(Tail, Roster), FirstBad>, StoreError> {
    let Some(recorded) = entries::at(conn, start)? else {
        return Ok(Err(FirstBad { seq: start, reason: Reason::SeqGap }));
    };
    Ok(roster(conn, start)?.map(|roster| (recorded.tail(), roster)))
}

/// Names the entry that could not be read because it is not what was written; what the disk or the system did stays an
/// error.
fn named<T>(read: Result<Result<T, FirstBad>, StoreError>, next: u64) -> Result<Result<T, FirstBad>, StoreError> {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    read.or_else(|error| match error {
        StoreError::Tampered { seq } => Ok(Err(FirstBad { seq, reason: Reason::Hash })),
        StoreError::Corrupt { .. }
        | StoreError::Sqlite(FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..)) => {
            Ok(Err(FirstBad { seq: next, reason: Reason::Schema }))
        }
        error => Err(error),
    })
}

/// Folds who may sign after the entry at a place, from entries whose signatures are checked.
///
/// **Shape**: the column of kinds is held to the bytes for the newest [`RECENT`] entries only, so that a start does not
/// read every entry; [`whole`] holds every column of every entry to them.
/// **Errors**: inside, the first of them that does not hold, or that the column of kinds would hide.
pub fn roster(conn: &Connection, through: u64) -> Result<Result<Roster, FirstBad>, StoreError> {
    if let Some(seq) = misfiled(conn, entries::count(conn)?.saturating_sub(RECENT), through)? {
        // Bytes that do not have their hash are named as that.
        entries::at(conn, seq)?;
        return Ok(Err(FirstBad { seq, reason: Reason::Column }));
    }
    let (mut roster, mut last) = (Roster::default(), 0);
    loop {
        let found = entries::of_kinds(conn, ROSTER_KINDS, last, entries::LOAD_MAX)?;
        let Some(newest) = found.last() else { return Ok(Ok(roster)) };
        last = newest.entry.seq;
        for recorded in &found {
            let (entry, seq) = (&recorded.entry, recorded.entry.seq);
            if seq > through {
                return Ok(Ok(roster));
            }
            let checked = roster.check(entry, &recorded.hash, &recorded.signatures);
            if let Err(reason) = checked.and_then(|_| roster.take_in(entry).map(drop)) {
                return Ok(Err(FirstBad { seq, reason }));
            }
        }
    }
}

/// Finds the first of some entries whose column of kinds says something else than its bytes: an ended key would come alive again
/// behind it.
fn misfiled(conn: &Connection, after: u64, through: u64) -> Result<Option<u64>, StoreError> {
    let row = |seq| i64::try_from(seq).unwrap_or(i64::MAX);
    let mut statement = conn.prepare_cached(
        "SELECT seq FROM entries NOT INDEXED
         WHERE seq > ?1 AND seq <= ?2 AND CASE WHEN json_valid(CAST(bytes AS TEXT))
           THEN kind IS NOT json_extract(CAST(bytes AS TEXT), '$.kind') ELSE TRUE END
         ORDER BY seq LIMIT 1",
    )?;
    let seq: Option<i64> = statement.query_row([row(after), row(through)], |row| row.get(0)).optional()?;
    Ok(seq.map(|seq| u64::try_from(seq).unwrap_or(0)))
}

/// Walks from where the verifier stands to the end.
///
/// **Shape**: a file of evidence that is lost hides nothing behind it: it is told only where every entry is good.
fn walk(
    conn: &Connection,
    evidence: &EvidenceFolder,
    mut verifier: Verifier,
    visit: Visit<'_>,
) -> Result<Report, StoreError> {
    if schema(conn)? != built_in()? {
        return Ok(verifier.stopped(FirstBad { seq: THE_FILE, reason: Reason::Schema }));
    }
    let (mut seen, mut lost) = (HashMap::new(), None);
    // On the table itself, whatever an index says.
    let mut statement = conn.prepare(
        "SELECT seq, at, kind, object, environment, signer, request, bytes, hash, signatures
         FROM entries NOT INDEXED WHERE seq >= ?1 ORDER BY seq",
    )?;
    let first = i64::try_from(verifier.next_seq()).unwrap_or(i64::MAX);
    // From the very first row where the walk begins at 1, so that rows before it are seen too.
    let mut rows = statement.query([if first == 1 { i64::MIN } else { first }])?;
    loop {
        let next = verifier.next_seq();
        let checked = match rows.next() {
            Ok(Some(row)) => check_row(row, &mut verifier, visit),
            Ok(None) => break,
            Err(error) => Err(error.into()),
        };
        let entry = match named(checked, next)? {
            Ok(entry) => entry,
            Err(first_bad) => return Ok(verifier.stopped(first_bad)),
        };
        if let (None, Some(reason)) = (&lost, look_for(&entry, evidence, &mut seen)) {
            lost = Some(verifier.clone().stopped(FirstBad { seq: entry.seq, reason }));
        }
    }
    let report = verifier.finished();
    Ok(match lost {
        Some(lost) if report.ok => Report { warnings: report.warnings, ..lost },
        _ => report,
    })
}

/// Looks for the files an entry rests on.
fn look_for(entry: &Entry, evidence: &EvidenceFolder, seen: &mut HashMap<Hash, Found>) -> Option<Reason> {
    entry.evidence.iter().find_map(|file| {
        match *seen.entry(file.sha256).or_insert_with(|| evidence.look(&file.sha256)) {
            Found::Same => None,
            Found::Missing => Some(Reason::EvidenceMissing),
            Found::Changed => Some(Reason::EvidenceChanged),
        }
    })
}

fn check_row(row: &Row<'_>, verifier: &mut Verifier, visit: Visit<'_>) -> Result<Result<Entry, FirstBad>, StoreError> {
    let Ok(seq) = u64::try_from(row.get::<_, i64>("seq")?) else {
        return Ok(Err(FirstBad { seq: verifier.next_seq(), reason: Reason::Column }));
    };
    let blob = |name| Ok::<_, StoreError>(row.get_ref(name)?.as_bytes().unwrap_or_default());
    let line = Line { seq: Some(seq), bytes: blob("bytes")?, hash: blob("hash")?, signatures: blob("signatures")? };
    let entry = match verifier.admit(line) {
        Ok(entry) => entry,
        Err(first_bad) => return Ok(Err(first_bad)),
    };
    if !columns_agree(row, &entry)? {
        return Ok(Err(FirstBad { seq, reason: Reason::Column }));
    }
    if let Some(warning) = visit(&entry) {
        verifier.warn(warning);
    }
    Ok(Ok(entry))
}

fn columns_agree(row: &Row<'_>, entry: &Entry) -> Result<bool, StoreError> {
    let Columns { at, kind, object, environment, signer, request } = Columns::of(entry);
    let said = [
        ("at", Some(at)),
        ("kind", Some(kind)),
        ("object", object),
        ("environment", environment),
        ("signer", signer),
        ("request", Some(request)),
    ];
    for (name, expected) in said {
        let agrees = match (row.get_ref(name)?, expected) {
            (ValueRef::Null, None) => true,
            (ValueRef::Text(found), Some(expected)) => found == expected.as_bytes(),
            _ => false,
        };
        if !agrees {
            return Ok(false);
        }
    }
    Ok(true)
}

type Schema = Vec<(String, String, String, Option<String>)>;

/// Gives everything a file is built of, word for word.
fn schema(conn: &Connection) -> Result<Schema, StoreError> {
    let mut statement = conn.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives what a file of this version is built of.
fn built_in() -> Result<Schema, StoreError> {
    let mut conn = Connection::open_in_memory()?;
    super::bring_up(&mut conn)?;
    schema(&conn)
}

/// Gives where the file ends, and its hash at the place of the head remembered elsewhere: what a `Standing` is made of.
///
/// **Errors**: [`StoreError::Tampered`].
pub fn ends(conn: &Connection, known: Option<Head>) -> Result<(Option<Tail>, Option<Hash>), StoreError> {
    let there = known.map(|known| entries::hash_at(conn, known.seq)).transpose()?.flatten();
    Ok((entries::tail(conn)?, there))
}
