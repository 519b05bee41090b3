//! What a listed person means here: one table of lists, and one of people.
//! The roster is folded from entries as the ledger does it, without their signatures.

use chrono::{DateTime, TimeDelta};
use ed25519_dalek::SigningKey;
use serde::Serialize;
use uuid::Uuid;

use super::super::entry::{Draft, Entry, Moment, Offset};
use super::super::kind;
use super::super::roster::{KeyRevoked, OperatorAdded};
use super::*;

const HERE: LedgerId = LedgerId([1; 16]);
const THERE: LedgerId = LedgerId([2; 16]);

fn start() -> Instant {
    DateTime::from_timestamp_millis(1_790_000_000_000).unwrap()
}

fn public(seed: u8) -> PublicKey {
    PublicKey(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

fn take_in(roster: &mut Roster, kind: &str, body: &impl Serialize) {
    let draft = Draft::new(kind.try_into().unwrap(), Uuid::from_u128(1), body).unwrap();
    let moment = Moment { at: start(), offset: Offset { minutes: 0 }, server_time: None, app: String::new() };
    roster.take_in(&Entry::following(HERE, None, draft, &moment).unwrap().entry).unwrap();
}

/// A computer on which these people work, by name and seed of the key.
fn computer(people: &[(&str, u8)]) -> Roster {
    let mut roster = Roster::default();
    for (name, seed) in people {
        let body = OperatorAdded {
            operator: OperatorId::from(*name),
            name: name.to_uppercase(),
            email: format!("{name}@example.com"),
            roles: vec!["finance_manager".to_owned()],
            public_key: public(*seed),
        };
        take_in(&mut roster, kind::OPERATOR_ADDED, &body);
    }
    roster
}

fn listing(people: &[(&str, u8)]) -> Listing {
    let until = start() + TimeDelta::days(30);
    Listing::of(&computer(people), THERE, &people[0].0.into(), start(), until).unwrap()
}

/// Takes a list up as the use case does.
fn taken(listing: &Listing, into: &mut Roster) {
    for one in &listing.people {
        take_in(into, kind::OPERATOR_KNOWN, &listing.known(one));
    }
}

fn changes(listing: &Listing, roster: &Roster) -> Vec<Change> {
    listing.changes(roster, HERE, start()).unwrap()
}

#[test]
fn a_list_names_the_people_of_its_own_computer() {
    let mut there = computer(&[("fay", 40), ("gus", 41)]);
    let elsewhere = listing(&[("hal", 42)]);
    taken(&Listing { ledger: LedgerId([3; 16]), ..elsewhere }, &mut there);
    let list = Listing::of(&there, THERE, &"fay".into(), start(), start()).unwrap();
    assert_eq!(list.people.iter().map(|one| one.operator.as_str()).collect::<Vec<_>>(), ["fay", "gus"]);
    assert_eq!((list.sealer.id.as_str(), list.sealer.key), ("fay", public(40)));
    assert!(Listing::of(&there, THERE, &"hal".into(), start(), start()).is_none(), "who works elsewhere");
    take_in(&mut there, kind::KEY_REVOKED, &KeyRevoked { key: public(40).id(), since: start(), reason: String::new() });
    assert!(Listing::of(&there, THERE, &"fay".into(), start(), start()).is_none(), "whose key was revoked");
    let list = Listing::of(&there, THERE, &"gus".into(), start(), start()).unwrap();
    assert_eq!(list.people[0].revoked, Some(Revoked { since: start() }));
}

#[test]
fn a_list_of_the_wrong_kind_is_not_read_at_all() {
    let here = computer(&[("anna", 1)]);
    let good = listing(&[("fay", 40)]);
    assert_eq!(changes(&good, &here), [Change::New]);
    let refused = |change: fn(&mut Listing)| {
        let mut list = good.clone();
        change(&mut list);
        list.changes(&here, HERE, start()).unwrap_err()
    };
    assert_eq!(refused(|list| list.ledger = HERE), NotThisList::Own);
    assert_eq!(refused(|list| list.people.clear()), NotThisList::People(0));
    assert_eq!(refused(|list| list.people = vec![list.people[0].clone(); 501]), NotThisList::People(501));
    assert_eq!(refused(|list| list.sealer.id = "gus".into()), NotThisList::Sealer);
    assert_eq!(refused(|list| list.sealer.key = public(41)), NotThisList::Sealer);
    assert_eq!(refused(|list| list.people[0].revoked = Some(Revoked { since: start() })), NotThisList::Sealer);
    let mut knows = here.clone();
    taken(&Listing { at: start() + TimeDelta::hours(1), ..good.clone() }, &mut knows);
    let newest = start() + TimeDelta::hours(1);
    assert_eq!(good.changes(&knows, HERE, start()), Err(NotThisList::Older { newest }));
}

#[test]
fn each_person_is_new_changed_ended_known_or_refused() {
    let mut here = computer(&[("anna", 1)]);
    let list = listing(&[("fay", 40), ("gus", 41)]);
    taken(&list, &mut here);
    assert_eq!(changes(&list, &here), [Change::Same, Change::Same]);
    type Edit = fn(&mut Listed);
    let cases: [(&str, Edit, Change); 6] = [
        ("another name", |one| one.name = "G".to_owned(), Change::Other),
        ("another role", |one| one.roles.clear(), Change::Other),
        ("a longer validity", |one| one.valid_until += TimeDelta::days(1), Change::Other),
        ("the next key", |one| one.key = public(43), Change::Other),
        ("a revoked key", |one| one.revoked = Some(Revoked { since: start() }), Change::Ended(start())),
        (
            "somebody new",
            |one| (one.operator, one.key, one.email) = ("hal".into(), public(44), "h@h.h".into()),
            Change::New,
        ),
    ];
    for (what, edit, wanted) in cases {
        let mut list = list.clone();
        edit(&mut list.people[1]);
        assert_eq!(changes(&list, &here)[1], wanted, "{what}");
    }
    let refused: [(&str, Edit); 9] = [
        ("an operator of this computer", |one| one.operator = "anna".into()),
        ("the mail address of somebody here", |one| one.email = "ANNA@example.com".to_owned()),
        ("the key of somebody here", |one| one.key = public(1)),
        ("the key of somebody there", |one| one.key = public(40)),
        ("the person listed before", |one| (one.operator, one.key) = ("fay".into(), public(45))),
        ("no key", |one| one.key = PublicKey([0; 32])),
        ("a key that ran out", |one| one.valid_until = start()),
        ("a key for ever", |one| one.valid_until += TimeDelta::days(3_000)),
        ("a key of no time", |one| one.valid_from = one.valid_until),
    ];
    for (what, edit) in refused {
        let mut list = list.clone();
        edit(&mut list.people[1]);
        assert!(matches!(changes(&list, &here)[1], Change::Refused(_)), "{what}");
    }
    let other = Listing { ledger: LedgerId([3; 16]), ..list.clone() };
    assert!(
        changes(&other, &here).iter().all(|change| matches!(change, Change::Refused(_))),
        "another computer's word"
    );
    take_in(&mut here, kind::KEY_REVOKED, &KeyRevoked { key: public(41).id(), since: start(), reason: String::new() });
    assert!(matches!(changes(&list, &here)[1], Change::Refused(_)), "a key revoked here");
}
