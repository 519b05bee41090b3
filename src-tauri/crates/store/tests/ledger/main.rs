//! The ledger's file: what can be added and found, and that nothing in it can be changed unseen.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test program")]

mod forgery;
#[path = "../../../domain/tests/ledger/maker.rs"]
mod maker;

use std::path::Path;

use countersign_domain::ledger::bundle::BundleVerifier;
use countersign_domain::ledger::{Evidence, Expected, FirstBad, Head, LedgerId, Reason, Recorded, Report, kind};
use countersign_store::ledger::entries::{self, Filter, Inserted};
use countersign_store::ledger::evidence::EvidenceFolder;
use countersign_store::ledger::{LAYOUT, bundle, preferences, verify};
use countersign_store::{Birth, Database, Found, Profile, StoreError, StoreKey};
use maker::Maker;
use rusqlite::Connection;
use secrecy::SecretBox;
use serde_json::json;
use uuid::Uuid;

const KEY: [u8; 32] = [0xab; 32];

/// A ledger in a real, encrypted file.
struct Kept {
    place: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    database: Database,
}

impl Kept {
    fn new(entries: &[Recorded]) -> Self {
        let place = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let profile = Profile::enter(place.path(), chrono::DateTime::UNIX_EPOCH).unwrap();
        let Found::Blank(blank) = profile.inspect(&LAYOUT, false).unwrap() else { panic!("not new") };
        let birth = Birth { id: Uuid::nil(), at: chrono::DateTime::UNIX_EPOCH };
        let key = StoreKey::from(SecretBox::new(Box::new(KEY)));
        let database = runtime.block_on(async { blank.create(key, birth).unwrap() });
        let kept = Self { place, runtime, database };
        assert_eq!(kept.evidence().keep(b"<testsuite/>").map(|sha256| sha256.to_string()).unwrap(), EVIDENCE);
        kept.add(entries);
        kept
    }

    fn add(&self, entries: &[Recorded]) {
        let entries = entries.to_vec();
        let added = self.runtime.block_on(self.database.write(move |transaction| {
            entries.iter().try_for_each(|recorded| entries::insert(transaction, recorded).map(drop))
        }));
        added.unwrap();
    }

    fn evidence(&self) -> EvidenceFolder {
        self.database.evidence()
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.runtime.block_on(self.database.read(work))
    }

    fn verify(&self, head: Option<Head>) -> Report {
        let (evidence, expected) = (self.evidence(), Expected { head, ..Expected::default() });
        self.read(move |conn| verify::whole(conn, &evidence, expected, &mut |_| None)).unwrap()
    }

    /// Opens the file as somebody with its key would.
    fn forger(&self) -> Connection {
        forger(&self.place.path().join("ledger.db"))
    }
}

fn forger(file: &Path) -> Connection {
    let conn = Connection::open(file).unwrap();
    conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"; PRAGMA cipher_log_level = NONE;", "ab".repeat(32))).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
    conn
}

const EVIDENCE: &str = "55a2c4dabbdd641e56e0ce28262e1d43b8fff7534ced8580f39ba573eca56f2c";

/// A ledger with a bit of everything, whose evidence is really there.
fn sample() -> Maker {
    let mut made = Maker::new(1);
    made.operator("anna", 1);
    checked(&mut made);
    made.operator("boris", 2);
    made.signed("run_signed", "anna", json!({ "meaning": "approved" }));
    made.signed(kind::CHECKPOINT, "console", json!({}));
    checked(&mut made);
    made.signed("run_signed", "boris", json!({ "meaning": "rejected" }));
    let draft = made.draft("exported", json!({ "what": "run" }));
    let unsigned = made.next(draft);
    made.keep(unsigned, Vec::new());
    made
}

/// The same with every kind that decides who may sign, and every kind that is signed.
fn every_kind() -> Maker {
    let mut made = sample();
    made.change_key("anna", 9);
    let changed = json!({ "operator": "boris", "name": "Boris B.", "email": "", "roles": [] });
    made.signed(kind::OPERATOR_CHANGED, "anna", changed);
    made.known("fay", 40, 10);
    let (theirs, ours) = (made.carried("r1", "fay", 40), made.carried("r9", "anna", 9));
    made.received("r1", theirs);
    made.signed(kind::SIGNATURE_GIVEN, "anna", ours);
    for kind in ["signature_requested", "gate_overridden", kind::RESTORED] {
        made.signed(kind, "anna", json!({ "reason": "x" }));
    }
    let since = made.at;
    made.revoke("boris", "anna", since);
    made
}

fn checked(made: &mut Maker) {
    let file = Evidence { name: "report.xml".to_owned(), sha256: EVIDENCE.parse().unwrap(), size: 12 };
    let draft = made.draft("item_checked", json!({ "outcome": "pass" })).resting_on(vec![file]);
    let draft = draft.on("run/7/item/3").in_environment("production").by("anna".into(), "Anna Andersson");
    let unsigned = made.next(draft);
    made.keep(unsigned, Vec::new());
}

#[test]
fn entries_are_only_ever_added_and_each_request_once() {
    let made = sample();
    let kept = Kept::new(&made.recorded);
    let insert = |recorded: Recorded| {
        kept.runtime.block_on(kept.database.write(move |transaction| entries::insert(transaction, &recorded)))
    };
    assert_eq!(insert(made.recorded[4].clone()).unwrap(), Inserted::Before(Box::new(made.recorded[4].clone())));
    let mut ahead = made.clone();
    ahead.checkpoint();
    let second = ahead.checkpoint().clone();
    assert!(matches!(insert(second), Err(StoreError::NotNext { seq: 11 })));
    let mut beside = Maker::sample(2);
    beside.recorded.truncate(9);
    assert!(matches!(insert(beside.checkpoint().clone()), Err(StoreError::NotNext { seq: 10 })));
    for statement in [
        "UPDATE entries SET at = at WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 9",
        "INSERT INTO entries SELECT 11, at, kind, object, environment, signer, 'x', bytes, hash, signatures FROM entries LIMIT 1",
        "INSERT OR REPLACE INTO entries SELECT 9, at, kind, object, environment, signer, request, bytes, hash, signatures FROM entries WHERE seq = 9",
    ] {
        let refused = kept.runtime.block_on(kept.database.write(|conn| Ok(conn.execute(statement, [])?)));
        assert!(refused.is_err(), "{statement}");
    }
    let report = kept.verify(Some(made.head()));
    assert!(report.ok && report.entries == 9, "{report:?}");
}

#[test]
fn entries_are_found_by_what_they_are_about() {
    let mut made = sample();
    for object in ["run/7", "run/71", "run/7/sign/x", "run/6", "run/7-x", "run/8"] {
        let draft = made.draft("item_note", json!({})).on(object).in_environment("staging");
        let unsigned = made.next(draft);
        made.keep(unsigned, Vec::new());
    }
    let kept = Kept::new(&made.recorded);
    let seqs = |entries: Vec<Recorded>| entries.iter().map(|recorded| recorded.entry.seq).collect::<Vec<_>>();
    let found = |work: fn(&Connection) -> Result<Vec<Recorded>, StoreError>| seqs(kept.read(work).unwrap());
    assert_eq!(found(|conn| entries::of_object(conn, "run/7", 0, 100)), [3, 7, 10, 12]);
    assert_eq!(found(|conn| entries::of_object(conn, "run/7", 3, 2)), [7, 10]);
    assert_eq!(found(|conn| entries::of_kinds(conn, &["run_signed", "checkpoint"], 0, 100)), [5, 6, 8]);
    assert_eq!(found(|conn| entries::of_kinds(conn, &["run_signed", "checkpoint"], 5, 1)), [6]);
    assert_eq!(found(|conn| entries::after(conn, 12, 100)), [13, 14, 15]);
    assert_eq!(found(|conn| entries::newest(conn, 2)), [15, 14]);
    let window = |filter: Filter, skip, limit| {
        let (entries, total) = kept.read(move |conn| entries::window(conn, &filter, skip, limit)).unwrap();
        (seqs(entries.into_iter().map(Result::unwrap).collect()), total)
    };
    assert_eq!(window(Filter::default(), 1, 2), (vec![14, 13], 15));
    assert_eq!(window(Filter { is_signed: true, ..Filter::default() }, 0, 2), (vec![8, 6], 6));
    let to_ten = |skip| window(Filter { through: Some(10), ..Filter::default() }, skip, 2);
    assert_eq!(to_ten(0), (vec![10, 9], 10), "what came later moves nothing");
    assert_eq!(to_ten(9), (vec![1], 10));
    let runs = Filter { object: Some("run/7".to_owned()), signer: Some("anna".to_owned()), ..Filter::default() };
    assert_eq!(window(runs, 0, 9), (vec![7, 3], 2));
    let staging =
        Filter { environment: Some("staging".to_owned()), kind: Some("item_note".to_owned()), ..Filter::default() };
    assert_eq!(window(staging, 4, 9), (vec![11, 10], 6));
    let [third, tenth] = [2, 9].map(|place| made.recorded[place].entry.at);
    let between = Filter { from: Some(third), before: Some(tenth), ..Filter::default() };
    assert_eq!(window(between.clone(), 0, 9), (vec![9, 8, 7, 6, 5, 4, 3], 7), "the first instant belongs to it");
    assert_eq!(window(Filter { is_signed: true, ..between }, 0, 9).0, [8, 6, 5, 4]);
    assert_eq!(kept.read(entries::count).unwrap(), 15);
    assert_eq!(kept.read(entries::tail).unwrap(), Some(made.recorded[14].tail()));
    assert_eq!(kept.read(|conn| entries::at(conn, 16)).unwrap(), None);
    let request = made.recorded[2].entry.request;
    assert_eq!(kept.read(move |conn| entries::by_request(conn, request)).unwrap(), Some(made.recorded[2].clone()));
    assert!(kept.read(entries::kinds).unwrap().contains(&("item_checked".to_owned(), 2)));
}

#[test]
fn a_changed_entry_is_never_handed_out() {
    let made = sample();
    let kept = Kept::new(&made.recorded);
    let forger = kept.forger();
    forger.execute_batch("DROP TRIGGER entries_are_never_changed").unwrap();
    forger
        .execute_batch(
            "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'pass', 'fail') AS BLOB) WHERE seq = 3",
        )
        .unwrap();
    drop(forger);
    assert!(matches!(kept.read(|conn| entries::at(conn, 3)), Err(StoreError::Tampered { seq: 3 })));
    assert!(matches!(kept.read(|conn| entries::newest(conn, 100)), Err(StoreError::Tampered { seq: 3 })));
}

#[test]
fn preferences_come_and_go_and_are_no_record() {
    let made = sample();
    let kept = Kept::new(&made.recorded);
    let set = |value: Option<&'static str>| {
        kept.runtime.block_on(kept.database.write(move |conn| preferences::set(conn, "operator", value))).unwrap();
        kept.read(|conn| preferences::get(conn, "operator")).unwrap()
    };
    assert_eq!(set(None), None);
    assert_eq!(set(Some("anna")).as_deref(), Some("anna"));
    assert_eq!(set(Some("boris")).as_deref(), Some("boris"));
    assert!(kept.verify(Some(made.head())).ok);
    assert_eq!(set(None), None);
}

#[test]
fn the_bundle_of_a_file_is_checked_without_it() {
    let made = sample();
    let kept = Kept::new(&made.recorded);
    let written = kept.read(|conn| {
        let mut out = Vec::new();
        Ok((bundle::write(conn, LedgerId([1; 16]), &mut out)?, out))
    });
    let (head, out) = written.unwrap();
    assert_eq!(head, Some(made.head()));
    let mut reader = BundleVerifier::new(Expected { head, ..Expected::default() });
    for line in String::from_utf8(out).unwrap().lines() {
        reader.take_in(line).unwrap();
    }
    assert!(reader.finished().ok);
}

#[test]
fn a_changed_file_leaves_as_a_bundle_that_says_so() {
    for (statement, seq, reason) in [
        ("UPDATE entries SET bytes = x'00' WHERE seq = 3", 3, Reason::Hash),
        ("UPDATE entries SET hash = x'00' WHERE seq = 4", 4, Reason::Schema),
        ("UPDATE entries SET signatures = x'00' WHERE seq = 5", 5, Reason::Schema),
        ("UPDATE entries SET seq = 99 WHERE seq = 6", 6, Reason::SeqGap),
    ] {
        let kept = Kept::new(&sample().recorded);
        let forger = kept.forger();
        forger.execute_batch("DROP TRIGGER entries_are_never_changed").unwrap();
        forger.execute_batch(statement).unwrap();
        let mut out = Vec::new();
        bundle::write(&forger, LedgerId([1; 16]), &mut out).unwrap();
        let mut reader = BundleVerifier::new(Expected::default());
        let found = String::from_utf8(out).unwrap().lines().find_map(|line| reader.take_in(line).err());
        assert_eq!(found, Some(FirstBad { seq, reason }), "{statement}");
    }
}

#[test]
fn the_quick_look_sees_the_newest_thousand_and_believes_no_key() {
    let mut made = sample();
    let since = made.at;
    made.revoke("boris", "anna", since);
    for _ in 0..60 {
        for _ in 0..19 {
            made.plain("item_note", json!({ "text": "x" }));
        }
        made.checkpoint();
    }
    let kept = Kept::new(&made.recorded);
    let recent = || {
        let (evidence, expected) = (kept.evidence(), Expected { head: Some(made.head()), ..Expected::default() });
        kept.read(move |conn| verify::recent(conn, &evidence, expected, &mut |_| None)).unwrap()
    };
    let report = recent();
    assert!(report.ok && report.entries == verify::RECENT, "{report:?}");
    let forge = |statement: &str| {
        let forger = kept.forger();
        forger.execute_batch("BEGIN; DROP TRIGGER entries_are_never_changed").unwrap();
        forger.execute_batch(statement).unwrap();
        forger.execute_batch(forgery::UNCHANGEABLE).unwrap();
        forger.execute_batch("COMMIT").unwrap();
    };
    let forge_at = |seq: u64, set: &str| forge(&format!("UPDATE entries SET {set} WHERE seq = {seq}"));
    forge("UPDATE entries SET kind = 'item_check' WHERE seq = 900");
    assert_eq!(recent().first_bad.map(|bad| (bad.seq, bad.reason.as_ref().to_owned())), Some((900, "COLUMN".into())));
    forge("UPDATE entries SET kind = 'item_note' WHERE seq = 900");
    // An ended key that nobody would find any more: a start sees it among the newest, the whole walk everywhere.
    let roster = || kept.read(|conn| verify::roster(conn, u64::MAX)).unwrap();
    assert!(roster().is_ok());
    forge("UPDATE entries SET kind = 'key_revoked' WHERE seq = 300");
    assert_eq!(roster().err(), Some(FirstBad { seq: 300, reason: Reason::Column }));
    forge("UPDATE entries SET kind = 'item_note' WHERE seq = 300");
    forge("UPDATE entries SET kind = 'item_note' WHERE seq = 10");
    assert!(recent().ok && roster().is_ok());
    assert_eq!(kept.verify(None).first_bad, Some(FirstBad { seq: 10, reason: Reason::Column }));
    forge("UPDATE entries SET kind = 'key_revoked' WHERE seq = 10");
    // What the look rests on is not what was written: an answer, and no failure.
    for seq in [2, 210] {
        forge_at(seq, "bytes = CAST(replace(CAST(bytes AS TEXT), '\"app\":\"0', '\"app\":\"1') AS BLOB)");
        assert_eq!(recent().first_bad, Some(FirstBad { seq, reason: Reason::Hash }));
        forge_at(seq, "bytes = CAST(replace(CAST(bytes AS TEXT), '\"app\":\"1', '\"app\":\"0') AS BLOB)");
    }
    // From a head that is further back, all after it is looked at.
    let after = |seq: usize| {
        let (evidence, head) = (kept.evidence(), made.recorded[seq - 1].head());
        kept.read(move |conn| verify::after(conn, &evidence, head)).unwrap()
    };
    assert!(after(100).ok && after(1).ok);
    forge_at(155, "environment = 'elsewhere'");
    assert!(recent().ok && after(160).ok);
    assert_eq!(after(100).first_bad, Some(FirstBad { seq: 155, reason: Reason::Column }));
    forge_at(155, "environment = 'production'");
    // An enrolment with the signature of another one, far before the part that is looked at.
    forge("UPDATE entries SET signatures = (SELECT signatures FROM entries WHERE seq = 4) WHERE seq = 2");
    assert_eq!(recent().first_bad.map(|bad| (bad.seq, bad.reason.as_ref().to_owned())), Some((2, "SIG".into())));
}
