//! People of other computers: who takes them up, what their keys are good for, and what is caught.

use chrono::TimeDelta;
use countersign_domain::ledger::{Draft, LedgerId, Signature, Signer, Warning, kind};
use serde_json::{Value, json};

use crate::maker::{Maker, key, public, sign, stamp};
use crate::{expecting, verify};

/// Anna and Boris here, Fay elsewhere, whose key is valid for ten days.
fn desk() -> Maker {
    let mut made = Maker::new(1);
    made.operator("anna", 1);
    made.operator("boris", 2);
    made.known("fay", 40, 10);
    made
}

/// Checks that a ledger holds up to its last entry, which is caught for this reason.
fn caught(made: &Maker, what: &str, reason: &str) {
    let report = verify(&made.recorded, expecting(made.head()));
    let first_bad = report.first_bad.unwrap_or_else(|| panic!("{what} was not seen"));
    assert_eq!((first_bad.reason.as_ref(), first_bad.seq), (reason, made.head().seq), "{what}");
}

fn holds(made: &Maker, what: &str) {
    let report = verify(&made.recorded, expecting(made.head()));
    assert!(report.ok, "{what}: {:?}", report.first_bad);
}

/// Takes in a signature whose document somebody changed, sealed again by a key.
fn received(made: &Maker, what: &str, seed: u8, reason: &str, change: impl FnOnce(&mut Value)) {
    let mut made = made.clone();
    let mut said = made.said("r1", "fay", 40);
    change(&mut said);
    let body = made.sealed(said, seed);
    made.received("r1", body);
    caught(&made, what, reason);
}

#[test]
fn a_signature_from_elsewhere_is_checked_like_one_from_here() {
    let mut made = desk();
    let body = made.carried("r1", "fay", 40);
    made.received("r1", body.clone());
    holds(&made, "an honest one");

    let unsigned = made.clone();
    for (name, value) in body["signed"].as_object().unwrap() {
        let mut made = desk();
        let mut forged = body.clone();
        forged["signed"][name] = match value {
            Value::String(text) if name != "v" => json!(text.replacen(['1', 'a', '2'], "3", 1)),
            _ => json!("other"),
        };
        assert_ne!(forged, body, "{name}");
        made.received("r1", forged);
        let report = verify(&made.recorded, expecting(made.head()));
        assert_eq!(report.first_bad.map(|bad| bad.seq), Some(5), "{name} was changed and nobody saw it");
    }
    let mut made = desk();
    let mut forged = body;
    forged["signature"] = json!(Signature([7; 64]));
    made.received("r1", forged);
    caught(&made, "another signature", "SIG");
    assert_eq!(unsigned.recorded.len(), 5);
}

#[test]
fn every_field_the_ledger_reads_has_its_reason() {
    let made = desk();
    received(&made, "another version", 40, "SCHEMA", |said| said["v"] = json!("countersign-signature-v2"));
    received(&made, "no time", 40, "SCHEMA", |said| drop(said.as_object_mut().unwrap().remove("at")));
    received(&made, "a time in another form", 40, "SCHEMA", |said| {
        said["at"] = json!(said["at"].as_str().unwrap().replace('Z', "+00:00"));
    });
    received(&made, "no key", 40, "SIG", |said| said["signer"]["key"] = Value::Null);
    received(&made, "another key seals", 41, "SIG", |_| {});
    received(&made, "an unknown key", 66, "UNKNOWN_KEY", |said| said["signer"]["key"] = json!(public(&key(66)).id()));
    received(&made, "somebody else's name", 40, "UNKNOWN_KEY", |said| said["signer"]["id"] = json!("anna"));
    received(&made, "before the key", 40, "UNKNOWN_KEY", |said| {
        said["at"] = json!(stamp(made.at - TimeDelta::days(2)));
    });
    received(&made, "another ledger", 40, "FOREIGN_LEDGER", |said| said["ledger"] = json!(LedgerId([9; 16])));
    received(&made, "another run", 40, "SCHEMA", |said| said["run"] = json!("r2"));
    let mut console = made.clone();
    let body = console.carried("r1", "console", 100);
    console.received("r1", body);
    caught(&console, "the computer's own key", "UNKNOWN_KEY");
}

#[test]
fn a_key_that_is_over_signs_nothing_more_whatever_date_it_claims() {
    let mut late = desk();
    let body = late.carried("r1", "fay", 40);
    late.at += TimeDelta::days(11);
    late.received("r1", body.clone());
    caught(&late, "a key that ran out", "UNKNOWN_KEY");

    let mut renewed = desk();
    renewed.at += TimeDelta::days(11);
    renewed.known("fay", 40, 10);
    let fresh = renewed.carried("r1", "fay", 40);
    renewed.received("r1", fresh);
    holds(&renewed, "a key listed anew");

    let mut revoked = desk();
    revoked.received("r1", body.clone());
    revoked.keys.insert("fay".to_owned(), key(40));
    let since = revoked.at;
    revoked.revoke("fay", "anna", since);
    holds(&revoked, "what came before stays good");
    revoked.received("r1", body);
    caught(&revoked, "a revoked key", "UNKNOWN_KEY");

    let mut back = desk();
    back.keys.insert("fay".to_owned(), key(40));
    let since = back.at;
    back.revoke("fay", "anna", since);
    back.known("fay", 40, 10);
    caught(&back, "a revoked key listed anew", "UNKNOWN_KEY");
}

#[test]
fn a_key_revoked_as_of_an_earlier_time_is_told() {
    let mut made = desk();
    let body = made.carried("r1", "fay", 40);
    made.received("r1", body);
    made.keys.insert("fay".to_owned(), key(40));
    let since = made.at - TimeDelta::hours(1);
    made.revoke("fay", "anna", since);
    let report = verify(&made.recorded, expecting(made.head()));
    assert_eq!(report.warnings, [Warning::RevokedTooLate { seq: 5 }]);
}

#[test]
fn a_key_of_another_computer_decides_nothing_here() {
    let mut made = desk();
    made.keys.insert("fay".to_owned(), key(40));
    made.signed("run_signed", "fay", json!({}));
    caught(&made, "an entry signed with it", "UNKNOWN_KEY");
    let mut made = desk();
    made.keys.insert("fay".to_owned(), key(40));
    let since = made.at;
    made.revoke("anna", "fay", since);
    caught(&made, "a revocation signed with it", "UNKNOWN_KEY");
}

#[test]
fn only_their_own_computer_says_who_somebody_is() {
    let known = |made: &Maker, change: fn(&mut Value)| {
        let mut made = made.clone();
        let mut body = made.listed("gus", 41, 10);
        change(&mut body);
        made.signed(kind::OPERATOR_KNOWN, "anna", body);
        made
    };
    let made = desk();
    holds(&known(&made, |_| {}), "a new person");
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 8] = [
        ("an operator of this computer", |body| body["operator"] = json!("boris"), "UNKNOWN_KEY"),
        ("the computer itself", |body| body["operator"] = json!("console"), "UNKNOWN_KEY"),
        ("the list of this ledger", |body| body["origin"] = json!(LedgerId([1; 16])), "UNKNOWN_KEY"),
        ("a key of somebody here", |body| body["public_key"] = json!(public(&key(2))), "UNKNOWN_KEY"),
        ("a key of somebody there", |body| body["public_key"] = json!(public(&key(40))), "UNKNOWN_KEY"),
        ("no key at all", |body| body["public_key"] = json!("00".repeat(32)), "UNKNOWN_KEY"),
        ("a field too many", |body| body["admin"] = json!(true), "SCHEMA"),
        ("a field too few", |body| drop(body.as_object_mut().unwrap().remove("valid_until")), "SCHEMA"),
    ];
    for (what, change, reason) in cases {
        caught(&known(&made, change), what, reason);
    }
    let another_list = |body: &mut Value| {
        body["operator"] = json!("fay");
        body["origin"] = json!(LedgerId([0xdd; 16]));
    };
    caught(&known(&made, another_list), "another computer's word", "UNKNOWN_KEY");
    let mut unsigned = made.clone();
    let body = unsigned.listed("gus", 41, 10);
    unsigned.plain(kind::OPERATOR_KNOWN, body);
    caught(&unsigned, "nobody's word", "SIG");

    // A new key of the same person takes the old one's place.
    let mut next = made;
    let old = next.carried("r1", "fay", 40);
    next.known("fay", 42, 10);
    let fresh = next.carried("r1", "fay", 42);
    next.received("r1", fresh);
    holds(&next, "the next key");
    next.received("r1", old);
    caught(&next, "the key before", "UNKNOWN_KEY");
}

#[test]
fn whoever_signs_for_another_computer_signs_the_entry_too() {
    let mut made = desk();
    let body = made.carried("r9", "boris", 2);
    made.signed(kind::SIGNATURE_GIVEN, "boris", body.clone());
    holds(&made, "an honest one");
    let mut other = desk();
    other.signed(kind::SIGNATURE_GIVEN, "anna", body.clone());
    caught(&other, "somebody else's entry", "SCHEMA");
    let mut bare = desk();
    let draft = bare.draft(kind::SIGNATURE_GIVEN, body.clone()).by("boris".into(), "BORIS");
    let unsigned = bare.next(draft);
    bare.keep(unsigned, Vec::new());
    caught(&bare, "an entry without a signature", "SIG");
    let mut forged = desk();
    let mut inside = body;
    inside["signed"]["run"] = json!("r8");
    let signer = Signer { id: "boris".into(), key: Some(public(&key(2)).id()), name: "BORIS".to_owned() };
    let draft = forged.draft(kind::SIGNATURE_GIVEN, inside);
    let unsigned = forged.next(Draft { signer: Some(signer), ..draft });
    let signature = sign(&key(2), &unsigned.hash);
    forged.keep(unsigned, vec![signature]);
    caught(&forged, "another run inside", "SIG");
}
