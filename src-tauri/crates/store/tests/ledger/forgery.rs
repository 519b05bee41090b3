//! Forgeries in the file, by somebody who has its key: every column of every entry, the build of the file, its pages.

use std::fs;

use countersign_domain::ledger::{Expected, Report};
use countersign_store::ledger::{LAYOUT, verify};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::maker::{Dice, Maker};
use crate::{EVIDENCE, Kept, every_kind, sample};

pub const UNCHANGEABLE: &str = "\
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;";
const UNREMOVABLE: &str = "\
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;";
const IN_ORDER: &str = "\
CREATE TRIGGER entries_follow_each_other BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'an entry follows the one before'); END;";
const COLUMNS: &[&str] =
    &["seq", "at", "kind", "object", "environment", "signer", "request", "bytes", "hash", "signatures"];

const COPIED: &str = "at, kind, object, environment, signer, 'x', bytes, hash, signatures";

/// A ledger whose file is forged, looked at, and put back.
struct Forged {
    made: Maker,
    kept: Kept,
    forger: Connection,
}

impl Forged {
    fn new() -> Self {
        Self::of(sample())
    }

    fn of(made: Maker) -> Self {
        let kept = Kept::new(&made.recorded);
        let forger = kept.forger();
        Self { made, kept, forger }
    }

    /// Forges inside a transaction, verifies on the same connection, and takes everything back.
    fn verify(&self, forge: impl FnOnce(&Connection)) -> Report {
        self.forger.execute_batch("BEGIN").unwrap();
        for trigger in ["entries_are_never_changed", "entries_are_never_removed", "entries_follow_each_other"] {
            self.forger.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        forge(&self.forger);
        for trigger in [UNCHANGEABLE, UNREMOVABLE, IN_ORDER] {
            self.forger.execute_batch(trigger).unwrap();
        }
        let report = self.look();
        self.forger.execute_batch("ROLLBACK").unwrap();
        report
    }

    fn look(&self) -> Report {
        let expected = Expected { head: Some(self.made.head()), ..Expected::default() };
        verify::whole(&self.forger, &self.kept.evidence(), expected, &mut |_| None).unwrap()
    }

    fn caught(&self, seq: u64, reasons: &[&str], what: &str, forge: impl FnOnce(&Connection)) {
        let report = self.verify(forge);
        let first_bad = report.first_bad.unwrap_or_else(|| panic!("{what} was not seen"));
        assert_eq!(first_bad.seq, seq, "{what}: {}", first_bad.reason.as_ref());
        assert!(reasons.contains(&first_bad.reason.as_ref()), "{what}: {}", first_bad.reason.as_ref());
    }

    fn value(&self, column: &str, seq: u64) -> Value {
        let sql = format!("SELECT {column} FROM entries WHERE seq = {seq}");
        self.forger.query_row(&sql, [], |row| row.get(0)).unwrap()
    }
}

fn set(conn: &Connection, column: &str, seq: u64, value: &Value) {
    conn.execute(&format!("UPDATE entries SET {column} = ?1 WHERE seq = {seq}"), [value]).unwrap();
}

/// The reasons a change of a column may be named by: what the bytes prove themselves, and what only they can tell.
fn reasons(column: &str) -> &'static [&'static str] {
    match column {
        "bytes" | "hash" => &["HASH"],
        "signatures" => &["SIG"],
        "seq" => &["COLUMN", "SEQ_GAP", "ROLLED_BACK"],
        _ => &["COLUMN"],
    }
}

fn flipped(value: &Value, at: usize, bit: u8) -> Value {
    match value {
        Value::Null => Value::Text("x".to_owned()),
        Value::Integer(number) => Value::Integer(number ^ (1 << (20 + bit))),
        Value::Text(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let length = letters.len();
            letters[at % length] = if letters[at % length] == 'x' { 'y' } else { 'x' };
            Value::Text(letters.into_iter().collect())
        }
        Value::Blob(bytes) if bytes.is_empty() => Value::Blob(vec![bit]),
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            let length = bytes.len();
            bytes[at % length] ^= 1 << bit;
            Value::Blob(bytes)
        }
        Value::Real(_) => panic!("no column holds a float"),
    }
}

#[test]
fn every_column_of_every_entry_is_held_to_the_bytes() {
    let forged = Forged::of(every_kind());
    assert!(forged.look().ok);
    let last = u64::try_from(forged.made.recorded.len()).unwrap();
    for seq in 1..=last {
        for column in COLUMNS {
            let value = forged.value(column, seq);
            let what = format!("{column} of {seq}");
            let flip = flipped(&value, 3, 2);
            forged.caught(seq, reasons(column), &what, |conn| set(conn, column, seq, &flip));
            let emptied = match &value {
                Value::Null => Some(Value::Text(String::new())),
                Value::Text(_) if ["object", "environment", "signer"].contains(column) => Some(Value::Null),
                Value::Text(_) => Some(Value::Text(String::new())),
                Value::Blob(bytes) if !bytes.is_empty() => Some(Value::Blob(Vec::new())),
                _ => None,
            };
            if let Some(emptied) = emptied {
                forged.caught(seq, reasons(column), &what, |conn| set(conn, column, seq, &emptied));
            }
            if seq < last {
                let next = forged.value(column, seq + 1);
                if next != value {
                    forged.caught(seq, reasons(column), &format!("{what} swapped"), |conn| {
                        swap(conn, column, seq, &value, &next);
                    });
                }
            }
        }
    }
    assert!(forged.look().ok);
}

/// Puts the values of two neighbours in each other's places.
fn swap(conn: &Connection, column: &str, seq: u64, value: &Value, next: &Value) {
    if column == "seq" {
        let moves = format!(
            "UPDATE entries SET seq = -1 WHERE seq = {seq};
                             UPDATE entries SET seq = {seq} WHERE seq = {seq} + 1;
                             UPDATE entries SET seq = {seq} + 1 WHERE seq = -1;"
        );
        return conn.execute_batch(&moves).unwrap();
    }
    if column == "request" {
        // No two entries may have the same one, not even for a moment.
        set(conn, column, seq, &Value::Text("moved out of the way".to_owned()));
    }
    set(conn, column, seq + 1, value);
    set(conn, column, seq, next);
}

#[test]
fn rows_left_out_added_or_cut_off_are_caught() {
    let forged = Forged::new();
    for seq in 1..=9_u64 {
        let reason = if seq == 9 { "ROLLED_BACK" } else { "SEQ_GAP" };
        forged.caught(seq, &[reason], "a row left out", |conn| {
            conn.execute_batch(&format!("DELETE FROM entries WHERE seq = {seq}")).unwrap();
        });
        forged.caught(seq, &["ROLLED_BACK"], "a cut end", |conn| {
            conn.execute_batch(&format!("DELETE FROM entries WHERE seq >= {seq}")).unwrap();
        });
    }
    for (place, seq, reason) in [(0, 0, "COLUMN"), (-5, 1, "COLUMN"), (10, 10, "COLUMN"), (99, 10, "COLUMN")] {
        forged.caught(seq, &[reason], "a row added", |conn| {
            conn.execute_batch(&format!("INSERT INTO entries SELECT {place}, {COPIED} FROM entries WHERE seq = 3"))
                .unwrap();
        });
    }
    // A whole other ledger, honest in itself.
    let other = Maker::sample(2);
    forged.caught(1, &["FOREIGN_LEDGER"], "another ledger", |conn| {
        conn.execute_batch("DELETE FROM entries").unwrap();
        let first = &other.recorded[0];
        conn.execute(
            "INSERT INTO entries VALUES (1, 'a', 'k', NULL, NULL, NULL, 'r', ?1, ?2, ?3)",
            (&first.bytes, first.hash.0, first.signatures[0].0),
        )
        .unwrap();
    });
}

#[test]
fn the_build_of_the_file_is_part_of_it() {
    let forged = Forged::new();
    for statement in [
        "CREATE TABLE more (n INTEGER)",
        "CREATE VIEW shown AS SELECT * FROM entries WHERE seq < 5",
        "CREATE TRIGGER quiet BEFORE INSERT ON preferences BEGIN SELECT 1; END",
        "CREATE INDEX by_signer ON entries (signer)",
        "DROP INDEX entries_by_kind",
        "DROP TABLE preferences",
        "ALTER TABLE entries ADD COLUMN more TEXT",
        "ALTER TABLE preferences RENAME COLUMN value TO text",
    ] {
        forged.caught(0, &["SCHEMA"], statement, |conn| conn.execute_batch(statement).unwrap());
    }
    let report = {
        forged.forger.execute_batch("BEGIN; DROP TRIGGER entries_are_never_removed").unwrap();
        let report = forged.look();
        forged.forger.execute_batch("ROLLBACK").unwrap();
        report
    };
    assert_eq!(report.first_bad.unwrap().reason.as_ref(), "SCHEMA");
    let harmless = forged.verify(|conn| conn.execute_batch("INSERT INTO preferences VALUES ('a', 'b')").unwrap());
    assert!(harmless.ok);
}

#[test]
fn evidence_is_looked_for_and_looked_into() {
    let forged = Forged::new();
    let file = forged.kept.place.path().join("evidence").join(EVIDENCE);
    let kept = fs::read(&file).unwrap();
    let caught = |reason: &str| {
        let first_bad = forged.look().first_bad.unwrap();
        assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (3, reason));
    };
    fs::remove_file(&file).unwrap();
    caught("EVIDENCE_MISSING");
    fs::write(&file, &kept[..kept.len() - 1]).unwrap();
    caught("EVIDENCE_CHANGED");
    fs::write(&file, b"").unwrap();
    caught("EVIDENCE_CHANGED");
    // What is lost hides no forgery behind it.
    forged.caught(5, &["COLUMN"], "a column after lost evidence", |conn| {
        set(conn, "kind", 5, &"item_note".to_owned().into())
    });
    forged.caught(9, &["ROLLED_BACK"], "an end cut after lost evidence", |conn| {
        conn.execute_batch("DELETE FROM entries WHERE seq = 9").unwrap();
    });
    let report = forged.look();
    assert_eq!((report.ok, report.entries), (false, 3), "what stands before it is counted: {report:?}");
    fs::write(&file, &kept).unwrap();
    assert!(forged.look().ok);
}

#[test]
fn thousands_of_random_edits_are_each_named_at_their_entry() {
    let forged = Forged::new();
    let mut dice = Dice(15);
    for round in 0..5_000 {
        let seq = u64::from(dice.roll(9)) + 1;
        let column = COLUMNS[dice.below(COLUMNS.len())];
        let (at, bit) = (dice.below(100_000), dice.roll(8));
        let value = flipped(&forged.value(column, seq), at, bit);
        forged.caught(seq, reasons(column), &format!("round {round}: {column} of {seq}, byte {at}"), |conn| {
            set(conn, column, seq, &value);
        });
    }
}

#[test]
fn a_changed_byte_of_the_plain_file_is_seen_or_changes_nothing_that_is_read() {
    // The same tables without encryption, so that bytes of pages can be edited: indexes, free room and headers as well.
    let place = tempfile::tempdir().unwrap();
    let (plain, edited) = (place.path().join("plain.db"), place.path().join("edited.db"));
    let made = sample();
    let kept = Kept::new(&made.recorded);
    let evidence = kept.evidence();
    let mut conn = Connection::open(&plain).unwrap();
    (LAYOUT.bring_up)(&mut conn).unwrap();
    let transaction = conn.transaction().unwrap();
    for recorded in &made.recorded {
        countersign_store::ledger::entries::insert(&transaction, recorded).unwrap();
    }
    transaction.commit().unwrap();
    let honest = everything(&conn).unwrap();
    drop(conn);
    let whole = fs::read(&plain).unwrap();
    let mut dice = Dice(16);
    let (mut seen, mut harmless) = (0, 0);
    for round in 0..5_000 {
        let mut bytes = whole.clone();
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.roll(8);
        fs::write(&edited, &bytes).unwrap();
        let conn = Connection::open(&edited).unwrap();
        let expected = Expected { head: Some(made.head()), ..Expected::default() };
        let report = verify::whole(&conn, &evidence, expected, &mut |_| None);
        if report.is_ok_and(|report| report.ok) {
            assert_eq!(everything(&conn).unwrap(), honest, "round {round}: byte {at} was changed unseen");
            harmless += 1;
        } else {
            seen += 1;
        }
    }
    assert!(seen > 200 && harmless > 100, "{seen} seen, {harmless} without effect: the test proves too little");
}

/// Everything that can be shown, by every way that leads to it.
fn everything(conn: &Connection) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut all = Vec::new();
    for sql in [
        "SELECT * FROM entries NOT INDEXED ORDER BY seq",
        "SELECT * FROM entries INDEXED BY entries_by_kind ORDER BY kind, seq",
        "SELECT * FROM entries INDEXED BY entries_by_object ORDER BY object, seq",
        "SELECT seq, request FROM entries ORDER BY request",
    ] {
        let mut statement = conn.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        all.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(all)
}

#[test]
fn honest_ledgers_of_many_shapes_raise_no_alarm() {
    for seed in 0..40 {
        let mut made = Maker::random(seed);
        // Nothing of the maker's evidence is kept here.
        made.recorded.iter().for_each(|recorded| assert!(recorded.entry.evidence.is_empty()));
        made.checkpoint();
        let kept = Kept::new(&made.recorded);
        let report = kept.verify(Some(made.head()));
        assert!(report.ok, "seed {seed}: {report:?}");
    }
}

#[test]
fn an_older_copy_is_told_by_the_remembered_head() {
    let made = sample();
    let kept = Kept::new(&made.recorded[..6]);
    let report = kept.verify(Some(made.head()));
    let first_bad = report.first_bad.unwrap();
    assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (7, "ROLLED_BACK"));
    // One entry written and not yet remembered is no fault.
    let report = kept.verify(Some(made.recorded[4].head()));
    assert!(report.ok && report.warnings.len() == 1, "{report:?}");
}
