//! The ledger's format and its verifier: what is written, what is accepted, and what is caught where.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test program")]

mod elsewhere;
mod forgery;
mod maker;

use countersign_domain::ledger::entry::{ENTRY_BYTES_MAX, EntryError};
use countersign_domain::ledger::{
    Checkpoint, Entry, Expected, Head, Line, Recorded, Report, Verifier, Warning, Witness, bundle, entry, kind,
};
use maker::Maker;
use serde_json::json;

/// Walks entries as they would be kept.
fn verify(entries: &[Recorded], expected: Expected) -> Report {
    let mut verifier = Verifier::new(expected);
    for recorded in entries {
        let signatures: Vec<u8> = recorded.signatures.iter().flat_map(|signature| signature.0).collect();
        let line = Line { seq: None, bytes: &recorded.bytes, hash: &recorded.hash.0, signatures: &signatures };
        if let Err(first_bad) = verifier.admit(line) {
            return verifier.stopped(first_bad);
        }
    }
    verifier.finished()
}

fn expecting(head: Head) -> Expected {
    Expected { head: Some(head), ..Expected::default() }
}

#[test]
fn the_bytes_of_an_entry_are_frozen() {
    let made = Maker::sample(0xab);
    let recorded = &made.recorded[5];
    let text = String::from_utf8(recorded.bytes.clone()).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"app":"0.1.0","at":"2026-09-21T14:13:27.404Z","body":{"note":"seen by émilie 🚀"},"#,
            r#""clock_regressed":false,"environment":"production","evidence":[],"kind":"item_confirmed","#,
            r#""ledger":"abababababababababababababababab","object":"run/2/item/a","offset":"+01:00","#,
            r#""prev":"PREV","request":"00000000-0000-0000-0000-000000000006","seq":"6","server_time":null,"#,
            r#""signer":{"id":"anna","key":null,"name":"Anna Andersson"},"v":"countersign-ledger-v1"}"#
        )
        .replace("PREV", &recorded.entry.prev.to_string())
    );
    assert_eq!(made.head().hash.to_string(), "f4c4ac9fdc033b9f4600393543ffcd236ac9a271a50ae20b6057803dce769681");
}

#[test]
fn an_entry_is_read_from_its_exact_bytes_only() {
    let made = Maker::sample(1);
    for recorded in &made.recorded {
        assert_eq!(Entry::read(&recorded.bytes).as_ref(), Ok(&recorded.entry));
    }
    let text = String::from_utf8(made.recorded[4].bytes.clone()).unwrap();
    for (from, to) in [
        ("\"clock_regressed\":false", "\"clock_regressed\":0"),
        ("\"seq\":\"5\"", "\"seq\":5"),
        ("\"seq\":\"5\"", "\"seq\":\"05\""),
        ("\"seq\":\"5\"", "\"seq\":\"+5\""),
        ("\"server_time\":null,", ""),
        ("\"object\":\"run/1/item/a\",", ""),
        (",\"v\":\"countersign-ledger-v1\"", ",\"v\":\"countersign-ledger-v2\""),
        (",\"v\":", ",\"u\":null,\"v\":"),
        ("\"app\":\"0.1.0\"", "\"app\":\"0.1.0\",\"app\":\"0.1.0\""),
        ("\"outcome\":\"pass\"", "\"outcome\":\"fail\",\"outcome\":\"pass\""),
        ("\"outcome\":\"pass\"", "\"outcome\":1"),
        ("\"app\":\"0.1.0\"", "\"app\": \"0.1.0\""),
        ("\"app\":\"0.1.0\"", "\"app\":\"\\u0030.1.0\""),
        ("Z\",\"body\"", "+00:00\",\"body\""),
        ("\"offset\":\"+01:00\"", "\"offset\":\"+00:60\""),
        ("\"offset\":\"+01:00\"", "\"offset\":\"-00:00\""),
        ("\"offset\":\"+01:00\"", "\"offset\":\"+18:01\""),
        ("2026-09-21", "2026-02-31"),
        ("T14:13", "T24:13"),
        ("2026-09-21", "1969-09-21"),
        ("\"kind\":\"item_checked\"", "\"kind\":\"Item\""),
        ("\"ledger\":\"0101", "\"ledger\":\"0A01"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(Entry::read(text.replacen(from, to, 1).as_bytes()).is_err(), "{from} -> {to}");
    }
    assert!(Entry::read(format!("{text} ").as_bytes()).is_err());
    assert!(Entry::read(b"\xef\xbb\xbf{}").is_err());
}

#[test]
fn drafts_with_numbers_or_without_measure_are_refused() {
    let mut made = Maker::new(1);
    let mut refused = |body| {
        let draft = made.draft("item_note", body);
        Entry::following(made.ledger, None, draft, &made.moment()).unwrap_err()
    };
    assert!(matches!(refused(json!({ "n": 1 })), EntryError::NotCanonical(_)));
    assert!(matches!(refused(json!({ "n": { "deep": [0.5] } })), EntryError::NotCanonical(_)));
    assert!(matches!(refused(json!({ "n": "x".repeat(ENTRY_BYTES_MAX) })), EntryError::TooLong { .. }));
}

#[test]
fn a_clock_that_steps_back_is_written_down_and_told() {
    let mut made = Maker::sample(1);
    made.at -= chrono::TimeDelta::days(2);
    made.plain("item_note", json!({ "text": "x" }));
    assert!(made.recorded.last().unwrap().entry.clock_regressed);
    let report = verify(&made.recorded, expecting(made.head()));
    assert!(report.ok);
    assert_eq!(report.warnings, [Warning::ClockBack { seq: 12 }]);
}

#[test]
fn a_thousand_honest_ledgers_raise_no_alarm() {
    for seed in 0..1_000 {
        let made = Maker::random(seed);
        let report = verify(&made.recorded, expecting(made.head()));
        assert!(report.ok, "seed {seed}: {report:?}");
        assert_eq!(report.entries, u64::try_from(made.recorded.len()).unwrap());
        assert_eq!(report.head, Some(made.head()));
        let odd = |warning: &Warning| !matches!(warning, Warning::ClockBack { .. } | Warning::RevokedTooLate { .. });
        assert!(!report.warnings.iter().any(odd), "seed {seed}: {:?}", report.warnings);
    }
}

#[test]
fn the_roster_is_what_the_entries_add_up_to() {
    let mut made = Maker::sample(1);
    made.change_key("anna", 9);
    let changed = json!({ "operator": "boris", "name": "Boris B.", "email": "b@example.com", "roles": ["finance"] });
    made.signed(kind::OPERATOR_CHANGED, "anna", changed);
    let since = made.at - chrono::TimeDelta::days(1);
    made.revoke("boris", "anna", since);
    let mut verifier = Verifier::new(Expected::default());
    for recorded in &made.recorded {
        let signatures: Vec<u8> = recorded.signatures.iter().flat_map(|signature| signature.0).collect();
        let line = Line { seq: None, bytes: &recorded.bytes, hash: &recorded.hash.0, signatures: &signatures };
        verifier.admit(line).unwrap();
    }
    let roster = verifier.roster().clone();
    let [anna, boris] = roster.operators()[..] else { panic!("two operators") };
    assert_eq!((anna.id.as_str(), anna.added_seq, anna.key), ("anna", 2, Some(maker::public(&maker::key(9)))));
    assert_eq!((boris.name.as_str(), boris.roles[0].as_str(), boris.key), ("Boris B.", "finance", None));
    let report = verifier.finished();
    assert_eq!(report.warnings, [Warning::RevokedTooLate { seq: 10 }, Warning::HeadUnknown]);
}

#[test]
fn a_checkpoint_survives_being_mailed() {
    let made = Maker::sample(1);
    let checkpoint = Checkpoint::of(&made.recorded[7]).unwrap();
    let text = checkpoint.to_string();
    assert!(text.lines().all(|line| line.len() <= 72), "{text}");
    assert_eq!(text.parse(), Ok(checkpoint.clone()));
    let quoted: String = text.lines().map(|line| format!("> > {}\r\n", line.trim())).collect();
    assert_eq!(quoted.parse(), Ok(checkpoint.clone()));
    assert_eq!(text.replace(' ', "\n   ").parse(), Ok(checkpoint.clone()));
    assert!(Checkpoint::of(&made.recorded[4]).is_none());
    for wrong in ["", "Countersign", &text[..200], &text.replace("entry 8", "entry x"), &text.replace("v1", "v2")] {
        assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong}");
    }
}

#[test]
fn witnesses_agree_with_the_ledger_they_saw_and_with_no_other() {
    let made = Maker::sample(1);
    let paper = Checkpoint::of(&made.recorded[7]).unwrap().to_string();
    let receipt = format!("8 {}", &made.recorded[7].hash.to_string()[..16]);
    for text in [&paper, &receipt] {
        let expected = Expected { witnesses: vec![text.parse::<Witness>().unwrap()], ..expecting(made.head()) };
        assert!(verify(&made.recorded, expected).ok, "{text}");
    }
    // The owner writes another history with the same keys, from the entry before the checkpoint.
    let mut other = made.clone();
    other.recorded.truncate(6);
    for _ in 0..4 {
        other.checkpoint();
    }
    for text in [&paper, &receipt] {
        let expected = Expected { witnesses: vec![text.parse::<Witness>().unwrap()], ..expecting(other.head()) };
        let first_bad = verify(&other.recorded, expected.clone()).first_bad.unwrap();
        assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (8, "ROLLED_BACK"), "{text}");
        let cut = Expected { head: None, ..expected };
        let first_bad = verify(&made.recorded[..7], cut).first_bad.unwrap();
        assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (8, "ROLLED_BACK"), "{text}");
    }
    // A paper that somebody wrote himself accuses nobody.
    let mut forged = Checkpoint::of(&made.recorded[7]).unwrap();
    forged.head.0[0] ^= 1;
    let expected = Expected { witnesses: vec![Witness::from(&forged)], ..expecting(made.head()) };
    let report = verify(&made.recorded, expected);
    assert!(report.ok && report.warnings == [Warning::CheckpointNotGenuine { seq: 8 }], "{report:?}");
    let foreign = Checkpoint::of(&Maker::sample(2).recorded[7]).unwrap();
    let expected = Expected { witnesses: vec![Witness::from(&foreign)], ..expecting(made.head()) };
    assert!(!verify(&made.recorded, expected).ok);
}

#[test]
fn a_bundle_holds_everything_needed_to_check_it() {
    let made = Maker::sample(1);
    let mut lines = vec![bundle::first_line(made.ledger)];
    lines.extend(made.recorded.iter().map(bundle::entry_line));
    lines.push(bundle::last_line(&made.head()));
    let read = |lines: &[String]| {
        let mut bundle = bundle::BundleVerifier::new(Expected::default());
        for line in lines {
            if let Err(first_bad) = bundle.take_in(line) {
                return bundle.stopped(first_bad);
            }
        }
        bundle.finished()
    };
    let report = read(&lines);
    assert!(report.ok && report.entries == 11 && report.head == Some(made.head()), "{report:?}");
    for cut in 0..lines.len() {
        let report = read(&lines[..cut]);
        let first_bad = report.first_bad.unwrap();
        let seq = u64::try_from(cut.max(1)).unwrap();
        assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (seq, "ROLLED_BACK"), "cut before line {cut}");
    }
}

#[test]
fn the_hash_is_the_one_anyone_can_make() {
    assert_eq!(entry::hash(b"").to_string(), "b91dc96911e842a8cc3d0682c5f9e4f66fcf8154174b79e5703139a71646c858");
}
