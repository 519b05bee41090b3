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
use rusqlite::{Connection, Row};

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
    if !report.ok {
        return Ok(report);
    }
    // Indexes that disagree with their table would hide entries from the lists.
    let check: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let broken = FirstBad { seq: THE_FILE, reason: Reason::Schema };
    Ok(if check == "ok" { report } else { Report { ok: false, first_bad: Some(broken), ..report } })
}

/// Verifies the newest entries, with the roster the earlier ones add up to.
///
/// **Shape**: earlier entries are believed except those that enrol or end a key, whose signatures are checked.
/// **Errors**: as [`whole`].
pub fn recent(
    conn: &Connection,
    evidence: &EvidenceFolder,
    expected: Expected,
    visit: Visit<'_>,
) -> Result<Report, StoreError> {
    let start = entries::count(conn)?.saturating_sub(RECENT);
    if start == 0 {
        return whole(conn, evidence, expected, visit);
    }
    let broken = |seq, reason| Verifier::default().stopped(FirstBad { seq, reason });
    let Some(tail) = entries::at(conn, start)?.map(|recorded| recorded.tail()) else {
        return Ok(broken(start, Reason::SeqGap));
    };
    match roster(conn, start)? {
        Ok(roster) => walk(conn, evidence, Verifier::after(tail, roster, expected), visit),
        Err(first_bad) => Ok(broken(first_bad.seq, first_bad.reason)),
    }
}

/// Folds who may sign after the entry at a place, from entries whose signatures are checked.
///
/// **Errors**: inside, the first of them that does not hold.
pub fn roster(conn: &Connection, through: u64) -> Result<Result<Roster, FirstBad>, StoreError> {
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

fn walk(
    conn: &Connection,
    evidence: &EvidenceFolder,
    mut verifier: Verifier,
    visit: Visit<'_>,
) -> Result<Report, StoreError> {
    if schema(conn)? != built_in()? {
        return Ok(verifier.stopped(FirstBad { seq: THE_FILE, reason: Reason::Schema }));
    }
    let mut seen = HashMap::new();
    // The unary plus keeps the walk on the table itself, whatever an index says.
    let mut statement = conn.prepare(
        "SELECT seq, at, kind, object, environment, signer, request, bytes, hash, signatures
         FROM entries NOT INDEXED WHERE seq >= ?1 ORDER BY seq",
    )?;
    let first = i64::try_from(verifier.next_seq()).unwrap_or(i64::MAX);
    // From the very first row where the walk begins at 1, so that rows before it are seen too.
    let mut rows = statement.query([if first == 1 { i64::MIN } else { first }])?;
    while let Some(row) = rows.next()? {
        if let Err(first_bad) = check_row(row, &mut verifier, evidence, &mut seen, visit)? {
            return Ok(verifier.stopped(first_bad));
        }
    }
    Ok(verifier.finished())
}

fn check_row(
    row: &Row<'_>,
    verifier: &mut Verifier,
    evidence: &EvidenceFolder,
    seen: &mut HashMap<Hash, Found>,
    visit: Visit<'_>,
) -> Result<Result<(), FirstBad>, StoreError> {
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
    for file in &entry.evidence {
        let reason = match *seen.entry(file.sha256).or_insert_with(|| evidence.look(&file.sha256)) {
            Found::Same => continue,
            Found::Missing => Reason::EvidenceMissing,
            Found::Changed => Reason::EvidenceChanged,
        };
        return Ok(Err(FirstBad { seq, reason }));
    }
    if let Some(warning) = visit(&entry) {
        verifier.warn(warning);
    }
    Ok(Ok(()))
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
