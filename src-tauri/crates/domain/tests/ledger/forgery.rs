//! Forgeries: each is made, and the verifier must name the first bad entry and why.

use countersign_domain::ledger::bundle;
use countersign_domain::ledger::{
    Draft, Entry, Expected, Hash, KeyId, PublicKey, Recorded, Signature, Signer, entry, kind,
};
use serde_json::{Value, json};

use crate::maker::{Dice, Maker, key, public, sign};
use crate::{expecting, verify};

/// Checks that the forged entries are caught at this place for this reason, and that the maker's own are not.
fn caught(made: &Maker, forged: &[Recorded], seq: u64, reason: &str) {
    let report = verify(forged, expecting(made.head()));
    let first_bad = report.first_bad.unwrap_or_else(|| panic!("not caught: {reason} at {seq}"));
    assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (seq, reason));
    assert!(!report.ok && report.entries < seq);
}

/// Gives the same entry with another content, its hash made to fit.
fn rewritten(recorded: &Recorded, change: impl FnOnce(&mut Entry)) -> Recorded {
    let mut entry = recorded.entry.clone();
    change(&mut entry);
    let bytes = entry.bytes().unwrap();
    Recorded { hash: entry::hash(&bytes), bytes, entry, signatures: recorded.signatures.clone() }
}

/// Chains the entries from a place on anew, as a forger with the file would; signatures stay what they were.
fn rechained(entries: &mut [Recorded], from: usize) {
    for at in from..entries.len() {
        let prev = entries[at - 1].hash;
        entries[at] = rewritten(&entries[at], |entry| entry.prev = prev);
    }
}

type Change = (&'static str, fn(&mut Entry));

/// Every field of the envelope, changed.
fn changes() -> Vec<Change> {
    vec![
        ("at", |entry| entry.at += chrono::TimeDelta::milliseconds(1)),
        ("offset", |entry| entry.offset.minutes += 60),
        ("clock_regressed", |entry| entry.clock_regressed = !entry.clock_regressed),
        ("server_time", |entry| {
            entry.server_time = Some(countersign_domain::ledger::ServerTime { age_ms: 1, at: entry.at });
        }),
        ("kind", |entry| entry.kind = "item_reopened".try_into().unwrap()),
        ("object", |entry| entry.object = Some("run/other".to_owned())),
        ("environment", |entry| entry.environment = Some("staging".to_owned())),
        ("evidence", |entry| entry.evidence.clear()),
        ("request", |entry| entry.request = uuid::Uuid::from_u128(99)),
        ("app", |entry| entry.app = "9.9.9".to_owned()),
        ("body", |entry| drop(entry.body.insert("outcome".to_owned(), json!("fail")))),
        ("name", |entry| entry.signer.as_mut().unwrap().name = "Anna Anderson".to_owned()),
        ("signer", |entry| entry.signer.as_mut().unwrap().id = "boris".into()),
    ]
}

#[test]
fn an_edited_entry_is_caught_however_far_the_forger_goes() {
    let made = Maker::sample(1);
    for (at, seq) in [(4, 5_u64), (6, 7), (8, 9)] {
        let is_signed = !made.recorded[at].signatures.is_empty();
        for (field, change) in changes() {
            let mut forged = made.recorded.clone();
            let changed = rewritten(&forged[at], change);
            if changed.bytes == forged[at].bytes {
                assert_eq!(field, "evidence", "the change of {field} does nothing");
                continue;
            }
            // Only the bytes.
            forged[at].bytes = changed.bytes.clone();
            caught(&made, &forged, seq, "HASH");
            // The bytes and their hash.
            forged[at] = changed;
            let decided = if field == "signer" { "UNKNOWN_KEY" } else { "SIG" };
            let (place, reason) = if is_signed { (seq, decided) } else { (seq + 1, "PREV") };
            if is_signed && field == "kind" {
                caught(&made, &forged, seq, "SIG");
                continue;
            }
            caught(&made, &forged, place, reason);
            // The whole chain after it: the next signature no longer fits, and after the last one the head does not.
            rechained(&mut forged, at + 1);
            let next_signed = made.recorded[at..].iter().find(|recorded| !recorded.signatures.is_empty());
            let seal = next_signed.map_or(11, |recorded| recorded.entry.seq);
            caught(&made, &forged, seal, if is_signed { reason } else { "SIG" });
        }
    }
    // After the last signature only the remembered head is left to tell.
    let mut forged = made.recorded.clone();
    forged[10] = rewritten(&forged[10], |entry| entry.app = "9.9.9".to_owned());
    caught(&made, &forged, 11, "ROLLED_BACK");
}

#[test]
fn entries_left_out_put_twice_or_moved_are_caught() {
    let made = Maker::sample(1);
    for at in 0..made.recorded.len() {
        let seq = u64::try_from(at).unwrap() + 1;
        let mut forged = made.recorded.clone();
        forged.remove(at);
        caught(&made, &forged, seq, if seq == 11 { "ROLLED_BACK" } else { "SEQ_GAP" });
        let mut forged = made.recorded.clone();
        forged.insert(at, made.recorded[at].clone());
        let report = verify(&forged, expecting(made.head()));
        assert_eq!(
            report.first_bad.map(|bad| (bad.seq, bad.reason.as_ref().to_owned())),
            Some((seq, "SEQ_DUP".into()))
        );
        if at > 0 {
            let mut forged = made.recorded.clone();
            forged.swap(at, at - 1);
            caught(&made, &forged, seq - 1, "SEQ_GAP");
        }
        caught(&made, &made.recorded[..at], seq, "ROLLED_BACK");
    }
    let other = Maker::sample(2);
    caught(&made, &other.recorded, 1, "FOREIGN_LEDGER");
    let mut forged = made.recorded.clone();
    forged[4] = other.recorded[4].clone();
    caught(&made, &forged, 5, "FOREIGN_LEDGER");
}

#[test]
fn a_ledger_begins_with_its_computer() {
    let made = Maker::sample(1);
    let mut forged = vec![made.recorded[2].clone()];
    forged[0] = rewritten(&forged[0], |entry| (entry.seq, entry.prev) = (1, Hash([0; 32])));
    caught(&made, &forged, 1, "SCHEMA");
}

#[test]
fn signatures_are_neither_left_out_nor_borrowed() {
    let made = Maker::sample(1);
    let mut forged = made.recorded.clone();
    forged[6].signatures.clear();
    caught(&made, &forged, 7, "SIG");
    forged[6].signatures = vec![made.recorded[9].signatures[0]];
    caught(&made, &forged, 7, "SIG");
    forged[6].signatures = vec![made.recorded[6].signatures[0]; 2];
    caught(&made, &forged, 7, "SIG");
    forged[6].signatures = vec![Signature([0; 64])];
    caught(&made, &forged, 7, "SIG");
    // A signature on an entry that names no key proves nothing and is not let through.
    let mut forged = made.recorded.clone();
    forged[4].signatures = vec![sign(&key(1), &forged[4].hash)];
    caught(&made, &forged, 5, "SIG");
}

/// Appends an entry that should not be accepted, and gives its place.
fn appended(made: &Maker, draft: impl FnOnce(&mut Maker) -> Draft, signers: &[u8]) -> (Vec<Recorded>, u64) {
    let mut forger = made.clone();
    let draft = draft(&mut forger);
    let unsigned = forger.next(draft);
    let signatures = signers.iter().map(|seed| sign(&key(*seed), &unsigned.hash)).collect();
    forger.keep(unsigned, signatures);
    let seq = u64::try_from(forger.recorded.len()).unwrap();
    (forger.recorded, seq)
}

fn refused(made: &Maker, draft: impl FnOnce(&mut Maker) -> Draft, signers: &[u8], reason: &str) {
    let (forged, seq) = appended(made, draft, signers);
    caught(made, &forged, seq, reason);
}

fn by(id: &str, key: Option<KeyId>) -> Signer {
    Signer { id: id.into(), key, name: id.to_owned() }
}

#[test]
fn nobody_signs_for_somebody_else() {
    let made = Maker::sample(1);
    let claims = |id: &'static str, seed: u8| {
        move |forger: &mut Maker| {
            let draft = forger.draft("run_signed", json!({}));
            Draft { signer: Some(by(id, Some(public(&key(seed)).id()))), ..draft }
        }
    };
    // A key of his own, another operator's key, and the computer's.
    refused(&made, claims("anna", 66), &[66], "UNKNOWN_KEY");
    refused(&made, claims("anna", 2), &[2], "UNKNOWN_KEY");
    refused(&made, claims("anna", 100), &[100], "UNKNOWN_KEY");
    refused(&made, claims("console", 100), &[100], "UNKNOWN_KEY");
    refused(&made, claims("anna", 1), &[2], "SIG");
    // A decision without a key, and one without a person.
    let unsigned = |forger: &mut Maker| forger.draft("run_signed", json!({})).by("anna".into(), "Anna");
    refused(&made, unsigned, &[], "SIG");
    refused(&made, |forger| forger.draft("run_signed", json!({})), &[], "SIG");
}

#[test]
fn nobody_enrols_what_is_not_theirs() {
    let made = Maker::sample(1);
    let enrol = |operator: &'static str, key: PublicKey| {
        move |forger: &mut Maker| {
            let body = json!({ "operator": operator, "name": "", "email": "", "roles": [], "public_key": key });
            let draft = forger.draft(kind::OPERATOR_ADDED, body);
            Draft { signer: Some(by(operator, Some(key.id()))), ..draft }
        }
    };
    refused(&made, enrol("anna", public(&key(66))), &[66], "UNKNOWN_KEY");
    refused(&made, enrol("console", public(&key(66))), &[66], "UNKNOWN_KEY");
    refused(&made, enrol("carol", public(&key(1))), &[1], "UNKNOWN_KEY");
    refused(&made, enrol("carol", public(&key(66))), &[67], "SIG");
    refused(&made, enrol("carol", public(&key(66))), &[], "SIG");
    let mut neutral = [0; 32];
    neutral[0] = 1;
    refused(&made, enrol("carol", PublicKey(neutral)), &[66], "UNKNOWN_KEY");
    let misshapen = |forger: &mut Maker| {
        let mut draft = enrol("carol", public(&key(66)))(forger);
        draft.body.insert("admin".to_owned(), Value::Bool(true));
        draft
    };
    refused(&made, misshapen, &[66], "SCHEMA");
    // A second computer may seal; that is all it may.
    let console = |forger: &mut Maker| {
        let body = json!({ "label": "laptop", "public_key": public(&key(66)) });
        Draft { signer: Some(by("console", Some(public(&key(66)).id()))), ..forger.draft(kind::CONSOLE_ADDED, body) }
    };
    let (honest, _) = appended(&made, console, &[66]);
    assert!(verify(&honest, expecting(made.head())).ok);
}

#[test]
fn a_key_is_followed_by_the_next_only_with_both_signatures() {
    let made = Maker::sample(1);
    let change = |operator: &'static str, by_whom: &'static str, with: u8, to: u8| {
        move |forger: &mut Maker| {
            let body = json!({ "operator": operator, "public_key": public(&key(to)) });
            let draft = forger.draft(kind::KEY_CHANGE, body);
            Draft { signer: Some(by(by_whom, Some(public(&key(with)).id()))), ..draft }
        }
    };
    let (honest, _) = appended(&made, change("anna", "anna", 1, 9), &[1, 9]);
    assert!(verify(&honest, expecting(made.head())).ok);
    refused(&made, change("anna", "anna", 1, 9), &[1], "SIG");
    refused(&made, change("anna", "anna", 1, 9), &[9, 1], "SIG");
    refused(&made, change("anna", "anna", 1, 9), &[1, 8], "SIG");
    refused(&made, change("anna", "boris", 2, 9), &[2, 9], "UNKNOWN_KEY");
    refused(&made, change("anna", "anna", 1, 2), &[1, 2], "UNKNOWN_KEY");

    let mut changed = made.clone();
    changed.change_key("anna", 9);
    let late = |forger: &mut Maker| {
        let draft = forger.draft("run_signed", json!({}));
        Draft { signer: Some(by("anna", Some(public(&key(1)).id()))), ..draft }
    };
    refused(&changed, late, &[1], "UNKNOWN_KEY");
    let mut revoked = made.clone();
    let since = revoked.at;
    revoked.revoke("anna", "boris", since);
    refused(&revoked, late, &[1], "UNKNOWN_KEY");
    let ghost = |forger: &mut Maker| {
        let body = json!({ "key": KeyId([9; 16]), "since": "2026-01-01T00:00:00.000Z", "reason": "" });
        forger.signed_draft(kind::KEY_REVOKED, "anna", body)
    };
    refused(&made, ghost, &[1], "UNKNOWN_KEY");
}

#[test]
fn thousands_of_random_edits_of_a_bundle_are_caught() {
    let made = Maker::sample(1);
    let mut lines = vec![bundle::first_line(made.ledger)];
    lines.extend(made.recorded.iter().map(bundle::entry_line));
    lines.push(bundle::last_line(&made.head()));
    let whole = lines.join("\n").into_bytes();
    let mut dice = Dice(2_026);
    for round in 0..10_000 {
        let mut forged = whole.clone();
        let at = dice.below(forged.len());
        match dice.roll(3) {
            0 => forged[at] ^= 1 << dice.roll(8),
            1 => drop(forged.remove(at)),
            _ => forged.insert(at, forged[at]),
        }
        if forged == whole {
            continue;
        }
        let mut reader = bundle::BundleVerifier::new(Expected::default());
        let text = String::from_utf8_lossy(&forged);
        let broken = text.split('\n').try_for_each(|line| reader.take_in(line).map(drop)).err();
        let report = broken.map_or_else(|| reader.finished(), bundle_report);
        // The place is that of the line that was touched; the first line and the last belong to the entry beside them.
        let line = whole[..at].iter().filter(|byte| **byte == b'\n').count();
        let place = u64::try_from(line.clamp(1, 12)).unwrap();
        let first_bad = report.first_bad.unwrap_or_else(|| panic!("round {round}: an edit at {at} was not seen"));
        assert!(first_bad.seq == place || first_bad.seq == place + 1, "round {round}: {first_bad:?}, line {line}");
    }
}

fn bundle_report(first_bad: countersign_domain::ledger::FirstBad) -> countersign_domain::ledger::Report {
    bundle::BundleVerifier::new(Expected::default()).stopped(first_bad)
}
