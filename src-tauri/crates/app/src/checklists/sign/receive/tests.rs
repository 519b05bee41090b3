//! Whose signature it is: every way in which a key does not count, each with its own word.
//! The clock is an argument here, so that a key can run out without anybody waiting for it.

use chrono::{DateTime, TimeDelta};
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::sign::{Meaning, Scope};
use countersign_domain::ledger::roster::{KeyRevoked, OperatorKnown};
use countersign_domain::ledger::{
    Document as _, Draft, Entry, Hash, LedgerId, Moment, Offset, PublicKey, Signature, Signer, kind,
};
use ed25519_dalek::{Signer as _, SigningKey};
use serde::Serialize;

use super::*;

fn start() -> Instant {
    DateTime::from_timestamp_millis(1_790_000_000_000).unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey(key(seed).verifying_key().to_bytes())
}

/// Takes an entry in as the ledger would, after its own signatures were checked.
fn take_in(roster: &mut Roster, kind: &str, body: &impl Serialize) {
    let draft = Draft::new(kind.try_into().unwrap(), Uuid::from_u128(1), body).unwrap();
    let moment = Moment { at: start(), offset: Offset { minutes: 0 }, server_time: None, app: String::new() };
    let entry = Entry::following(LedgerId([1; 16]), None, draft, &moment).unwrap().entry;
    roster.take_in(&entry).unwrap();
}

/// Fay of another computer, whose key of this seed is valid for ten days.
fn know(roster: &mut Roster, seed: u8) {
    let body = OperatorKnown {
        origin: LedgerId([2; 16]),
        listed_at: start(),
        operator: "fay".into(),
        name: "Fay".to_owned(),
        email: "fay@example.com".to_owned(),
        roles: vec!["finance_manager".to_owned()],
        public_key: public(seed),
        valid_from: start(),
        valid_until: start() + TimeDelta::days(10),
    };
    take_in(roster, kind::OPERATOR_KNOWN, &body);
}

fn signed(seed: u8, change: impl FnOnce(&mut Countersignature)) -> Sealed<Countersignature> {
    let mut document = Countersignature {
        v: Countersignature::VERSION.to_owned(),
        request: Uuid::from_u128(1),
        asked: Hash([0; 32]),
        ledger: LedgerId([1; 16]),
        run: "run_1".into(),
        role: Role::FinanceManager,
        scope: Scope::Run,
        meaning: Meaning::Approve,
        comment: String::new(),
        root: Digest::of_bytes(b"r"),
        statement: vec!["I approve".to_owned()],
        signer: Signer { id: "fay".into(), key: Some(public(seed).id()), name: "Fay".to_owned() },
        at: start() + TimeDelta::hours(1),
        offset: Offset { minutes: 60 },
        app: "0.1.0".to_owned(),
        reopens: Vec::new(),
    };
    change(&mut document);
    Sealed::seal(&document, |hash| Signature(key(seed).sign(&hash.0).to_bytes())).unwrap()
}

fn code(roster: &Roster, sealed: &Sealed<Countersignature>, after: TimeDelta) -> Option<Code> {
    is_by_somebody_known(roster, sealed, start() + after).err().map(|failure| failure.code)
}

#[test]
fn a_good_key_counts_until_it_runs_out() {
    let mut roster = Roster::default();
    know(&mut roster, 40);
    let good = signed(40, |_| {});
    for (after, wanted) in [
        (TimeDelta::hours(2), None),
        (TimeDelta::days(10) - TimeDelta::milliseconds(1), None),
        (TimeDelta::days(10), Some(Code::SignoffKeyEnded)),
        (TimeDelta::minutes(51), None),
        (TimeDelta::minutes(50), Some(Code::ClockRegressed)),
    ] {
        assert_eq!(code(&roster, &good, after), wanted, "{after}");
    }
    let early = signed(40, |document| document.at = start() - TimeDelta::milliseconds(1));
    assert_eq!(code(&roster, &early, TimeDelta::hours(2)), Some(Code::SignoffKeyEnded));
}

#[test]
fn every_other_key_is_refused_for_its_own_reason() {
    let mut roster = Roster::default();
    know(&mut roster, 40);
    let after = TimeDelta::hours(2);
    let name = |id: &'static str| signed(40, move |document| document.signer.id = id.into());
    let cases = [
        ("a key nobody knows", signed(41, |_| {}), Code::LedgerKeyUnknown),
        ("somebody else's name", name("gus"), Code::LedgerKeyUnknown),
        ("no key", signed(40, |document| document.signer.key = None), Code::LedgerKeyUnknown),
        ("another key sealed it", signed(41, |doc| doc.signer.key = Some(public(40).id())), Code::SignoffFileChanged),
        ("another role", signed(40, |document| document.role = Role::QaEngineer), Code::StateConflict),
    ];
    for (what, sealed, wanted) in cases {
        assert_eq!(code(&roster, &sealed, after), Some(wanted), "{what}");
    }
    let mut changed = signed(40, |_| {});
    changed.signed.comment = "and more".to_owned();
    assert_eq!(code(&roster, &changed, after), Some(Code::SignoffFileChanged));
}

#[test]
fn a_key_that_was_revoked_or_followed_counts_no_more() {
    let mut followed = Roster::default();
    know(&mut followed, 40);
    let old = signed(40, |_| {});
    know(&mut followed, 42);
    assert_eq!(code(&followed, &old, TimeDelta::hours(2)), Some(Code::SignoffKeyEnded));
    assert_eq!(code(&followed, &signed(42, |_| {}), TimeDelta::hours(2)), None);

    let mut revoked = Roster::default();
    know(&mut revoked, 40);
    // Even as of a time after the signature: when it was made, only the signer says.
    let since = start() + TimeDelta::hours(2);
    take_in(&mut revoked, kind::KEY_REVOKED, &KeyRevoked { key: public(40).id(), since, reason: "lost".to_owned() });
    assert_eq!(code(&revoked, &old, TimeDelta::hours(3)), Some(Code::SignoffKeyEnded));
}
