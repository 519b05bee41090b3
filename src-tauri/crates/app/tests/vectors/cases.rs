//! The golden bundles: what each holds, and what is to be said of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_domain::ledger::{
    Checkpoint, Draft, Entry, Hash, Head, PublicKey, Recorded, Signature, Signer, bundle, entry, kind,
};
use countersign_domain::ledger::{Evidence, KeyId};
use serde_json::json;

use crate::maker::{Dice, Maker, key, public, sign};

pub const EVIDENCE: &str = "<testsuite failures=\"0\"/>";
pub const EVIDENCE_SHA256: &str = "83ade33eabe7394988383e3389dfd2fb3ab0cfba0b7677578862f1c633e0308d";

/// One bundle.
pub struct Case {
    pub name: &'static str,
    pub lines: Vec<String>,
    /// The checkpoint it is held against.
    pub paper: Option<&'static str>,
    /// The first bad entry, or nothing.
    pub expected: Option<(u64, &'static str)>,
}

/// A short ledger: the computer, an operator, an unsigned entry, a decision, a seal, and two more.
fn sample() -> Maker {
    let mut made = Maker::new(3);
    made.operator("anna", 1);
    made.plain("item_note", json!({ "text": "a" }));
    made.signed("run_signed", "anna", json!({ "meaning": "approved" }));
    made.checkpoint();
    made.plain("item_note", json!({ "text": "b" }));
    made.signed("run_signed", "anna", json!({ "meaning": "rejected" }));
    made
}

fn lines(entries: &[Recorded]) -> Vec<String> {
    let mut lines = vec![bundle::first_line(entries[0].entry.ledger)];
    lines.extend(entries.iter().map(bundle::entry_line));
    lines.push(bundle::last_line(&entries.last().unwrap().head()));
    lines
}

/// A ledger of two runs with a file each, and the manifest of the pack of the first; gives its lines and the files.
pub fn two_runs(manifest_sha256: &str) -> (String, [Evidence; 2]) {
    let mut made = sample();
    let files = [7, 8].map(|nth: u8| {
        let content = format!("of run {nth}");
        Evidence { name: "report.txt".to_owned(), sha256: sha256(content.as_bytes()), size: content.len() as u64 }
    });
    for (run, file) in ["7", "71"].into_iter().zip(&files) {
        let draft = made.draft("item_attached", json!({})).on(format!("run/{run}/item/a"));
        let unsigned = made.next(draft.resting_on(vec![file.clone()]));
        made.keep(unsigned, Vec::new());
    }
    let draft = made.draft("run_exported", json!({ "format": "manifest", "sha256": manifest_sha256 })).on("run/7");
    let unsigned = made.next(draft);
    made.keep(unsigned, Vec::new());
    (format!("{}\n", lines(&made.recorded).join("\n")), files)
}

pub fn sha256(bytes: &[u8]) -> Hash {
    use sha2::Digest as _;
    Hash(sha2::Sha256::digest(bytes).into())
}

fn honest(name: &'static str, made: &Maker) -> Case {
    Case { name, lines: lines(&made.recorded), paper: None, expected: None }
}

fn forged(name: &'static str, entries: &[Recorded], seq: u64, reason: &'static str) -> Case {
    Case { name, lines: lines(entries), paper: None, expected: Some((seq, reason)) }
}

/// The papers some bundles are held against.
pub fn papers() -> Vec<(&'static str, String)> {
    let made = sample();
    let checkpoint = Checkpoint::of(&made.recorded[4]).unwrap();
    let mut doubtful = checkpoint.clone();
    doubtful.head.0[0] ^= 1;
    let mut other = Maker::new(4);
    let foreign = Checkpoint::of(other.checkpoint()).unwrap();
    vec![
        ("sample-checkpoint.txt", Checkpoint::of(made.recorded.last().unwrap()).unwrap().to_string()),
        ("sample-receipt.txt", format!("5 {}\n", &checkpoint.head.to_string()[..16])),
        ("doubtful-checkpoint.txt", doubtful.to_string()),
        ("foreign-checkpoint.txt", foreign.to_string()),
    ]
}

pub fn all() -> Vec<Case> {
    let mut cases = honest_ones();
    cases.extend(edited());
    cases.extend(cut_and_moved());
    cases.extend(keys());
    cases.extend(elsewhere());
    cases.extend(shapes());
    cases.extend(lines_of_the_bundle());
    cases
}

fn honest_ones() -> Vec<Case> {
    let made = sample();
    let mut keys = sample();
    keys.operator("boris", 2);
    keys.change_key("anna", 9);
    keys.signed("run_signed", "anna", json!({}));
    let since = keys.at;
    keys.revoke("boris", "anna", since);
    let changed = json!({ "operator": "boris", "name": "B", "email": "", "roles": [] });
    keys.signed(kind::OPERATOR_CHANGED, "anna", changed);
    let mut clock = sample();
    clock.at -= chrono::TimeDelta::days(400);
    clock.plain("item_note", json!({}));
    let mut text = sample();
    text.plain(
        "item_note",
        json!({ "\u{fb33}": "", "\u{1f600}": "\u{7f}\u{2028}\u{1}\"\\/\u{8}\u{c}", "e\u{301}": null, "": [[], {}, true] }),
    );
    let mut consoles = sample();
    consoles.keys.insert("laptop".to_owned(), key(50));
    let body = json!({ "label": "laptop", "public_key": public(&key(50)) });
    let draft = consoles.draft(kind::CONSOLE_ADDED, body);
    let signer = Some(Signer { id: "console".into(), key: Some(public(&key(50)).id()), name: "laptop".to_owned() });
    let unsigned = consoles.next(Draft { signer, ..draft });
    let signature = sign(&key(50), &unsigned.hash);
    consoles.keep(unsigned, vec![signature]);
    let mut evidence = sample();
    let sha256: Hash = EVIDENCE_SHA256.parse().unwrap();
    let file = Evidence { name: "junit.xml".to_owned(), sha256, size: 25 };
    let draft = evidence.draft("item_attached", json!({})).resting_on(vec![file]);
    let unsigned = evidence.next(draft);
    evidence.keep(unsigned, Vec::new());
    vec![
        honest("honest-first-entry", &Maker::new(3)),
        honest("honest-sample", &made),
        honest("honest-keys", &keys),
        honest("honest-clock-back", &clock),
        honest("honest-text", &text),
        honest("honest-two-consoles", &consoles),
        honest("honest-evidence", &evidence),
        Case { paper: Some("sample-checkpoint.txt"), ..honest("honest-against-checkpoint", &made) },
        Case { paper: Some("sample-receipt.txt"), ..honest("honest-against-receipt", &made) },
        Case { paper: Some("doubtful-checkpoint.txt"), ..honest("honest-against-doubtful", &made) },
    ]
}

/// The same entry with another content; its hash fits, its signatures are what they were.
fn rewritten(recorded: &Recorded, change: impl FnOnce(&mut Entry)) -> Recorded {
    let mut entry = recorded.entry.clone();
    change(&mut entry);
    let bytes = entry.bytes().unwrap();
    Recorded { hash: entry::hash(&bytes), bytes, entry, signatures: recorded.signatures.clone() }
}

fn edited() -> Vec<Case> {
    let made = sample().recorded;
    let body = |entry: &mut Entry| drop(entry.body.insert("text".to_owned(), json!("x")));
    let mut bytes = made.clone();
    bytes[2].bytes = rewritten(&made[2], body).bytes;
    let mut hash = made.clone();
    hash[2] = rewritten(&made[2], body);
    let mut decision = made.clone();
    decision[3] = rewritten(&made[3], body);
    let mut chained = made.clone();
    chained[2] = rewritten(&made[2], body);
    for at in 3..chained.len() {
        let prev = chained[at - 1].hash;
        chained[at] = rewritten(&chained[at], |entry| entry.prev = prev);
    }
    let mut signature = made.clone();
    signature[3].signatures = made[6].signatures.clone();
    let mut second_form = made.clone();
    second_form[3].signatures[0] = plus_order(second_form[3].signatures[0]);
    let mut bare = made.clone();
    bare[3].signatures.clear();
    vec![
        forged("forged-bytes", &bytes, 3, "HASH"),
        forged("forged-hash", &hash, 4, "PREV"),
        forged("forged-decision", &decision, 4, "SIG"),
        forged("forged-chain", &chained, 4, "SIG"),
        forged("forged-signature", &signature, 4, "SIG"),
        forged("forged-second-form", &second_form, 4, "SIG"),
        forged("forged-without-signature", &bare, 4, "SIG"),
    ]
}

/// The same signature with the group's order added to its scalar: valid for a lax verifier.
fn plus_order(signature: Signature) -> Signature {
    const ORDER: [u8; 16] =
        [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14];
    let mut order = [0; 32];
    order[..16].copy_from_slice(&ORDER);
    order[31] = 0x10;
    let (mut bytes, mut carry) = (signature.0, 0);
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    Signature(bytes)
}

fn cut_and_moved() -> Vec<Case> {
    let made = sample().recorded;
    let without = |at: usize| [&made[..at], &made[at + 1..]].concat();
    let mut swapped = made.clone();
    swapped.swap(2, 3);
    let twice = [&made[..3], &made[2..]].concat();
    let mut foreign = made.clone();
    foreign[2] = Maker::sample(9).recorded[2].clone();
    let mut lost_end = lines(&made);
    lost_end.pop();
    let mut other_end = lines(&made[..5]);
    *other_end.last_mut().unwrap() = bundle::last_line(&made[6].head());
    let against = |name, entries: &[Recorded], paper, expected| Case {
        name,
        lines: lines(entries),
        paper: Some(paper),
        expected: Some(expected),
    };
    let mut second_history = sample();
    second_history.recorded.truncate(4);
    for _ in 0..3 {
        second_history.checkpoint();
    }
    vec![
        forged("gap", &without(2), 3, "SEQ_GAP"),
        forged("twice", &twice, 3, "SEQ_DUP"),
        forged("swapped", &swapped, 3, "SEQ_GAP"),
        forged("foreign-entry", &foreign, 3, "FOREIGN_LEDGER"),
        Case { name: "lost-end", lines: lost_end, paper: None, expected: Some((8, "ROLLED_BACK")) },
        Case { name: "other-end", lines: other_end, paper: None, expected: Some((6, "ROLLED_BACK")) },
        // Nothing inside a bundle can show that its end was cut and closed again; that is what checkpoints are for.
        Case { name: "cut-unseen", lines: lines(&made[..5]), paper: None, expected: None },
        against("cut-and-closed", &made[..5], "sample-checkpoint.txt", (6, "ROLLED_BACK")),
        against("second-history", &second_history.recorded, "sample-receipt.txt", (5, "ROLLED_BACK")),
        against("another-ledger", &made, "foreign-checkpoint.txt", (2, "FOREIGN_LEDGER")),
    ]
}

/// The sample with one more entry that must not be accepted.
fn and_then(name: &'static str, reason: &'static str, signers: &[u8], draft: impl FnOnce(&mut Maker) -> Draft) -> Case {
    let mut made = sample();
    let draft = draft(&mut made);
    let unsigned = made.next(draft);
    let signatures = signers.iter().map(|seed| sign(&key(*seed), &unsigned.hash)).collect();
    made.keep(unsigned, signatures);
    forged(name, &made.recorded, 8, reason)
}

fn by(id: &str, key: Option<KeyId>) -> Option<Signer> {
    Some(Signer { id: id.into(), key, name: id.to_owned() })
}

fn keys() -> Vec<Case> {
    let decision = |id: &'static str, seed: u8| {
        move |made: &mut Maker| Draft {
            signer: by(id, Some(public(&key(seed)).id())),
            ..made.draft("run_signed", json!({}))
        }
    };
    let enrol = |operator: &'static str, key: PublicKey| {
        move |made: &mut Maker| {
            let body = json!({ "operator": operator, "name": "", "email": "", "roles": [], "public_key": key });
            Draft { signer: by(operator, Some(key.id())), ..made.draft(kind::OPERATOR_ADDED, body) }
        }
    };
    let change = |made: &mut Maker| {
        let body = json!({ "operator": "anna", "public_key": public(&key(9)) });
        Draft { signer: by("anna", Some(public(&key(1)).id())), ..made.draft(kind::KEY_CHANGE, body) }
    };
    let mut revoked = sample();
    let since = revoked.at;
    revoked.revoke("anna", "anna", since);
    revoked.signed("run_signed", "anna", json!({}));
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let order_four = [0; 32];
    vec![
        and_then("key-never-enrolled", "UNKNOWN_KEY", &[66], decision("anna", 66)),
        and_then("key-of-the-computer", "UNKNOWN_KEY", &[100], decision("console", 100)),
        and_then("key-of-somebody-else", "UNKNOWN_KEY", &[1], decision("boris", 1)),
        and_then("decision-without-key", "SIG", &[], |made| made.draft("run_signed", json!({})).by("anna".into(), "A")),
        and_then("enrolled-twice", "UNKNOWN_KEY", &[66], enrol("anna", public(&key(66)))),
        and_then("enrolled-key-of-order-one", "UNKNOWN_KEY", &[66], enrol("carol", PublicKey(neutral))),
        and_then("enrolled-key-of-order-four", "UNKNOWN_KEY", &[66], enrol("carol", PublicKey(order_four))),
        and_then("enrolled-key-off-the-curve", "UNKNOWN_KEY", &[66], enrol("carol", PublicKey([2; 32]))),
        and_then("enrolled-by-another-key", "SIG", &[67], enrol("carol", public(&key(66)))),
        and_then("key-change-half-signed", "SIG", &[1], change),
        and_then("key-change-in-wrong-order", "SIG", &[9, 1], change),
        forged("key-revoked-before", &revoked.recorded, 9, "UNKNOWN_KEY"),
        and_then("enrolment-with-more", "SCHEMA", &[66], |made| {
            let mut draft = enrol("carol", public(&key(66)))(made);
            draft.body.insert("admin".to_owned(), json!(true));
            draft
        }),
    ]
}

/// People of another computer, and signatures that came in a file.
fn elsewhere() -> Vec<Case> {
    let mut made = sample();
    made.known("fay", 40, 10);
    let (letter, given) = (made.carried("r1", "fay", 40), made.carried("r9", "anna", 1));
    let mut honest_one = made.clone();
    honest_one.received("r1", letter.clone());
    honest_one.signed(kind::SIGNATURE_GIVEN, "anna", given.clone());
    honest_one.known("fay", 41, 20);
    let next = honest_one.carried("r1", "fay", 41);
    honest_one.received("r1", next);
    let naming = |said: &mut serde_json::Value, version: &str, items: serde_json::Value| {
        said["v"] = json!(version);
        said["reopens"] = items;
    };
    let mut reopening = made.clone();
    let mut said = made.said("r1", "fay", 40);
    naming(&mut said, "countersign-signature-v2", json!(["access-reviewed", "remarks"]));
    let rejection = made.sealed(said, 40);
    reopening.received("r1", rejection.clone());
    let mut renamed = made.clone();
    let mut other_item = rejection;
    other_item["signed"]["reopens"][1] = json!("runbook");
    renamed.received("r1", other_item);
    let received = |name, reason, change: &dyn Fn(&mut serde_json::Value)| {
        let mut made = made.clone();
        let mut said = made.said("r1", "fay", 40);
        change(&mut said);
        let body = made.sealed(said, 40);
        made.received("r1", body);
        forged(name, &made.recorded, 9, reason)
    };
    let mut changed = made.clone();
    let mut inside = letter.clone();
    inside["signed"]["meaning"] = json!("reject");
    changed.received("r1", inside);
    let mut late = made.clone();
    late.at += chrono::TimeDelta::days(11);
    late.received("r1", letter.clone());
    let mut revoked = made.clone();
    revoked.keys.insert("fay".to_owned(), key(40));
    let since = revoked.at;
    revoked.revoke("fay", "anna", since);
    let mut after = revoked.clone();
    after.received("r1", letter.clone());
    revoked.known("fay", 40, 10);
    let mut here = made.clone();
    here.keys.insert("fay".to_owned(), key(40));
    here.signed("run_signed", "fay", json!({}));
    let mut stolen = sample();
    let mut body = stolen.listed("fay", 40, 10);
    body["public_key"] = json!(public(&key(1)));
    stolen.signed(kind::OPERATOR_KNOWN, "anna", body);
    let mut given_by_other = made.clone();
    given_by_other.operator("boris", 2);
    given_by_other.signed(kind::SIGNATURE_GIVEN, "boris", given);
    vec![
        honest("honest-by-file", &honest_one),
        honest("honest-by-file-reopening", &reopening),
        forged("by-file-reopening-another", &renamed.recorded, 9, "SIG"),
        received("by-file-reopening-in-the-first-form", "SCHEMA", &|said| {
            naming(said, "countersign-signature-v1", json!(["access-reviewed"]));
        }),
        received("by-file-reopening-nothing", "SCHEMA", &|said| naming(said, "countersign-signature-v2", json!([]))),
        received("by-file-reopening-no-list", "SCHEMA", &|said| naming(said, "countersign-signature-v2", json!("all"))),
        received("by-file-of-a-later-version", "SCHEMA", &|said| {
            naming(said, "countersign-signature-v3", json!(["access-reviewed"]));
        }),
        forged("by-file-changed", &changed.recorded, 9, "SIG"),
        forged("by-file-after-validity", &late.recorded, 9, "UNKNOWN_KEY"),
        forged("by-file-after-revocation", &after.recorded, 10, "UNKNOWN_KEY"),
        forged("by-file-revoked-key-again", &revoked.recorded, 10, "UNKNOWN_KEY"),
        forged("by-file-key-signs-here", &here.recorded, 9, "UNKNOWN_KEY"),
        forged("by-file-key-of-somebody-here", &stolen.recorded, 8, "UNKNOWN_KEY"),
        forged("by-file-given-by-another", &given_by_other.recorded, 10, "SCHEMA"),
        received("by-file-of-another-run", "SCHEMA", &|said| said["run"] = json!("r2")),
        received("by-file-of-another-ledger", "FOREIGN_LEDGER", &|said| said["ledger"] = json!("00".repeat(16))),
        received("by-file-of-another-version", "SCHEMA", &|said| said["v"] = json!("countersign-signature-v2")),
        received("by-file-without-key", "SIG", &|said| said["signer"]["key"] = serde_json::Value::Null),
        received("by-file-under-another-name", "UNKNOWN_KEY", &|said| said["signer"]["id"] = json!("anna")),
        received("by-file-before-the-key", "UNKNOWN_KEY", &|said| said["at"] = json!("2026-01-01T00:00:00.000Z")),
        received("by-file-time-of-another-form", "SCHEMA", &|said| {
            said["at"] = json!(said["at"].as_str().unwrap_or_default().replace('Z', "+00:00"));
        }),
    ]
}

/// The sample whose third entry has other bytes, with a hash that fits.
fn reshaped(name: &'static str, from: &str, to: &str) -> Case {
    let mut entries = sample().recorded;
    let text = String::from_utf8(entries[2].bytes.clone()).unwrap();
    assert!(text.contains(from), "{name}: {from} is not there");
    entries[2].bytes = text.replacen(from, to, 1).into_bytes();
    entries[2].hash = entry::hash(&entries[2].bytes);
    forged(name, &entries, 3, "SCHEMA")
}

fn shapes() -> Vec<Case> {
    let deep = format!("{{\"text\":{}\"a\"{}}}", "[".repeat(14), "]".repeat(14));
    let mut first = sample().recorded;
    first.remove(0);
    first[0] = rewritten(&first[0], |entry| (entry.seq, entry.prev) = (1, Hash([0; 32])));
    vec![
        reshaped("shape-number", "\"text\":\"a\"", "\"text\":1"),
        reshaped("shape-repeated-name", "\"text\":\"a\"", "\"text\":\"b\",\"text\":\"a\""),
        reshaped("shape-unknown-field", "\"v\":", "\"u\":null,\"v\":"),
        reshaped("shape-missing-field", "\"server_time\":null,", ""),
        reshaped("shape-space", "{\"app\"", "{ \"app\""),
        reshaped("shape-escape", "\"text\":\"a\"", "\"text\":\"\\u0061\""),
        reshaped("shape-half-a-face", "\"text\":\"a\"", "\"text\":\"\\ud83d\""),
        reshaped("shape-february", "2026-09-21", "2026-02-30"),
        reshaped("shape-leap-second", "T14:13:23.702Z", "T23:59:60.000Z"),
        reshaped("shape-offset", "\"+01:00\"", "\"-00:00\""),
        reshaped("shape-place", "\"seq\":\"3\"", "\"seq\":\"03\""),
        reshaped("shape-deep", "{\"text\":\"a\"}", &deep),
        forged("shape-first-entry", &first, 1, "SCHEMA"),
    ]
}

fn lines_of_the_bundle() -> Vec<Case> {
    let made = sample().recorded;
    let broken = |name, at: usize, seq, change: fn(&str) -> String| {
        let mut lines = lines(&made);
        lines[at] = change(&lines[at]);
        Case { name, lines, paper: None, expected: Some((seq, "SCHEMA")) }
    };
    let mut more = lines(&made);
    more.push(more[1].clone());
    let nothing = Head { seq: 0, hash: Hash([0; 32]), ..made[0].head() };
    let empty = vec![bundle::first_line(nothing.ledger), bundle::last_line(&nothing)];
    vec![
        broken("bundle-of-version-two", 0, 1, |line| line.replace("-v1", "-v2")),
        broken("bundle-with-spaces", 3, 3, |line| line.replace("\":", "\": ")),
        broken("bundle-with-upper-case", 3, 3, |line| line.replace("\"hash\":\"", "\"hash\":\"A")),
        broken("bundle-with-loose-base64", 3, 3, |line| {
            line.replace("==\",\"hash\"", "\",\"hash\"").replace("=\",\"hash\"", "\",\"hash\"")
        }),
        broken("bundle-with-empty-line", 3, 3, |_| String::new()),
        Case { name: "bundle-goes-on", lines: more, paper: None, expected: Some((8, "SCHEMA")) },
        Case { name: "bundle-of-nothing", lines: empty, paper: None, expected: Some((1, "ROLLED_BACK")) },
    ]
}

/// Samples with random edits inside one entry, whose hash and line fit again.
pub fn rewrapped(dice: &mut Dice, count: usize) -> Vec<Vec<String>> {
    let mut made = sample();
    made.known("fay", 40, 10);
    let letter = made.carried("r1", "fay", 40);
    made.received("r1", letter);
    let made = made.recorded;
    let alphabet = b"\"\\{}[],:0129aefnrtuZ+-. \x00\x7f\xc3\xa9";
    let mut all = Vec::new();
    for _ in 0..count {
        let mut lines = lines(&made);
        let at = dice.below(made.len());
        let mut bytes = made[at].bytes.clone();
        for _ in 0..=dice.roll(2) {
            let place = dice.below(bytes.len());
            match dice.roll(3) {
                0 => bytes[place] = alphabet[dice.below(alphabet.len())],
                1 => bytes.insert(place, alphabet[dice.below(alphabet.len())]),
                _ => drop(bytes.remove(place)),
            }
        }
        let signatures = serde_json::to_string(&made[at].signatures).unwrap();
        let (encoded, hash) = (STANDARD.encode(&bytes), entry::hash(&bytes));
        lines[at + 1] = format!("{{\"bytes\":\"{encoded}\",\"hash\":\"{hash}\",\"signatures\":{signatures}}}");
        all.push(lines);
    }
    all
}
