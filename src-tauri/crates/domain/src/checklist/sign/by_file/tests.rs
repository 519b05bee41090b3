//! A request and its answer: made, sealed, read back, changed field by field, and taken into the run.
//! The computers are two notebooks; whose key is good is the ledger's matter and tested there.

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::super::super::entry::NoteSet;
use super::super::super::run::State;
use super::super::super::sample::{Notebook, template};
use super::super::super::template::Template;
use super::*;
use crate::ledger::roster::KeyRevoked;
use crate::ledger::sealed::Unreadable;
use crate::ledger::{KeyId, PublicKey, Signature};

const ASKED: Uuid = Uuid::from_u128(7);

fn seal<T: Document>(document: &T, seed: u8) -> Sealed<T> {
    Sealed::seal(document, |hash| Signature(SigningKey::from_bytes(&[seed; 32]).sign(&hash.0).to_bytes())).unwrap()
}

fn public(seed: u8) -> PublicKey {
    PublicKey(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

fn asked(book: &Notebook<'_>, role: Role) -> Sealed<SignRequest> {
    let run = book.run();
    let matter = run.matter(&role, Scope::Run, book.now);
    let request = SignRequest {
        v: SignRequest::VERSION.to_owned(),
        id: ASKED,
        ledger: LedgerId([1; 16]),
        at: book.now,
        run: "run_1".into(),
        name: "Sample · v1".to_owned(),
        not_green: run.not_green(book.now),
        leaves: run.root(Scope::Run).leaves,
        matter,
        sealer: Sealer { id: "olga".into(), name: "Olga".to_owned(), key: public(1) },
    };
    seal(&request, 1)
}

/// Asks for a signature and writes it down.
fn ask(book: &mut Notebook<'_>, role: Role) -> Sealed<SignRequest> {
    let request = asked(book, role);
    let body =
        SignatureRequested { request: ASKED, hash: request.hash().unwrap(), matter: request.signed.matter.clone() };
    book.did(Some("Olga"), body);
    request
}

fn answer(request: &Sealed<SignRequest>, who: &str, meaning: Meaning, comment: &str) -> Countersignature {
    let SignRequest { id, ledger, run, matter, at, .. } = request.signed.clone();
    let statement = matter.statement(Said { signer: who, meaning, comment, exception: None, reopens: &[] });
    Countersignature {
        v: Countersignature::VERSION.to_owned(),
        request: id,
        asked: request.hash().unwrap(),
        ledger,
        run,
        role: matter.role,
        scope: matter.scope,
        meaning,
        comment: comment.to_owned(),
        root: matter.root,
        statement,
        signer: Signer { id: who.to_lowercase().as_str().into(), key: Some(KeyId([9; 16])), name: who.to_owned() },
        at,
        offset: Offset { minutes: 120 },
        app: "0.1.0".to_owned(),
        reopens: Vec::new(),
    }
}

/// A rejection that opens lines again, as the program of the signer writes it.
fn rejection(request: &Sealed<SignRequest>, who: &str, reopens: &[&str]) -> Countersignature {
    let comment = "the list is from last year";
    let reopens: Vec<ItemId> = reopens.iter().map(|item| (*item).into()).collect();
    let labels = request.signed.labels(Meaning::Reject, &reopens).unwrap();
    let said = Said { signer: who, meaning: Meaning::Reject, comment, exception: None, reopens: &labels };
    let statement = request.signed.matter.statement(said);
    let mut signed = Countersignature { reopens, statement, ..answer(request, who, Meaning::Reject, comment) };
    signed.version().clone_into(&mut signed.v);
    signed
}

/// Takes an answer in; gives why it had no effect, where it had none.
fn receive(book: &mut Notebook<'_>, signed: Countersignature) -> Option<Code> {
    let before = book.run().refused().len();
    book.did(Some("Olga"), SignatureReceived { signed, signature: Signature([0; 64]) });
    book.run().refused().get(before).map(|refused| refused.refusal.code)
}

fn state(book: &Notebook<'_>, role: &Role) -> SlotState {
    let slots = book.run().slots();
    slots.iter().find(|slot| slot.line.role == *role && slot.line.scope == Scope::Run).unwrap().state
}

/// Every field of a JSON value, one changed at a time.
fn changes(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (name, field) in fields {
                for (path, changed) in changes(field) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    all.push((format!("{name}.{path}"), Value::Object(fields)));
                }
            }
            all
        }
        Value::Array(items) if !items.is_empty() => {
            let mut all = vec![("[]".to_owned(), Value::Array(items[1..].to_vec()))];
            for (path, changed) in changes(&items[0]) {
                let rest = items[1..].iter().cloned();
                all.push((format!("[0].{path}"), std::iter::once(changed).chain(rest).collect()));
            }
            all
        }
        Value::String(text) if text.starts_with(|c: char| c.is_ascii_hexdigit()) => {
            let first = if text.starts_with('1') { "2" } else { "1" };
            vec![(String::new(), json!(format!("{first}{}", &text[1..])))]
        }
        Value::String(text) => vec![(String::new(), json!(format!("{text}x")))],
        Value::Bool(flag) => vec![(String::new(), json!(!flag))],
        _ => vec![(String::new(), json!("x"))],
    }
}

#[test]
fn a_request_adds_up_and_no_field_of_it_can_be_changed() {
    let template = template();
    let book = Notebook::open(&template);
    let request = asked(&book, Role::LeadDeveloper);
    let file = request.write().unwrap();
    let read = Sealed::<SignRequest>::read(&file).unwrap();
    assert_eq!((SignRequest::check(&read), &read), (Ok(()), &request));
    let all = changes(&serde_json::from_slice(&file).unwrap());
    assert!(all.len() >= 30, "{} fields", all.len());
    for (path, changed) in all {
        let file = serde_json_canonicalizer::to_vec(&changed).unwrap();
        let believed = Sealed::<SignRequest>::read(&file).is_ok_and(|read| SignRequest::check(&read).is_ok());
        assert!(!believed, "{path} was changed and nobody saw it");
    }
}

#[test]
fn a_requester_who_lies_about_the_items_is_not_believed_either() {
    let template = template();
    let book = Notebook::open(&template);
    let honest = asked(&book, Role::LeadDeveloper).signed;
    type Lie = fn(&mut SignRequest);
    let lies: [(&str, Lie); 5] = [
        ("an item left out", |request| drop(request.leaves.pop())),
        ("two items swapped", |request| request.leaves.swap(1, 2)),
        ("another release", |request| request.matter.release = "v2".to_owned()),
        ("another environment", |request| request.matter.environment = "staging".into()),
        ("another root", |request| request.matter.root = Digest::of_bytes(b"x")),
    ];
    for (what, lie) in lies {
        let mut request = honest.clone();
        lie(&mut request);
        assert_eq!(SignRequest::check(&seal(&request, 1)), Err(NotARequest::OtherRoot), "{what}");
    }
    let mut stolen = honest;
    stolen.sealer.key = public(2);
    assert_eq!(SignRequest::check(&seal(&stolen, 1)), Err(NotARequest::Forged));
}

#[test]
fn an_answer_signs_the_line_it_was_asked_for_once() {
    let template = template();
    let mut book = Notebook::open(&template);
    let request = ask(&mut book, Role::LeadDeveloper);
    let signed = answer(&request, "Lea", Meaning::Approve, "well done");
    assert_eq!(receive(&mut book, signed.clone()), None);
    assert_eq!(state(&book, &Role::LeadDeveloper), SlotState::Signed);
    let run = book.run();
    let record = &run.signatures()[0];
    assert_eq!((record.by.name.as_str(), record.at), ("Lea", signed.at));
    assert_eq!(
        record.received.as_ref().map(|received| received.by.as_ref().map(|by| by.name.as_str())),
        Some(Some("Olga"))
    );
    assert_eq!(run.requests()[0].answered, Some(record.seq));
    assert_eq!(receive(&mut book, signed), Some(Code::SignoffDuplicate), "the same file again");
    assert_eq!(book.run().signatures().len(), 1);
}

#[test]
fn an_answer_counts_whoever_read_its_file() {
    let template = template();
    let mut book = Notebook::open(&template);
    let request = ask(&mut book, Role::LeadDeveloper);
    let signed = answer(&request, "Lea", Meaning::Approve, "well done");
    book.did(None, SignatureReceived { signed, signature: Signature([0; 64]) });
    assert_eq!(book.refusal(), None);
    assert_eq!(state(&book, &Role::LeadDeveloper), SlotState::Signed);
    assert!(book.run().signatures()[0].received.as_ref().is_some_and(|received| received.by.is_none()));
}

/// The text of a refusal is for people; the code is what a program matches.
#[test]
fn every_other_answer_is_refused_for_its_own_reason() {
    let template = template();
    let mut book = Notebook::open(&template);
    let request = ask(&mut book, Role::LeadDeveloper);
    let good = answer(&request, "Lea", Meaning::Approve, "");
    type Change = fn(&mut Countersignature);
    let cases: [(&str, Change, Code); 7] = [
        ("another request", |signed| signed.request = Uuid::from_u128(8), Code::SignoffOtherRun),
        ("another file", |signed| signed.asked = Hash([0; 32]), Code::SignoffFileChanged),
        ("another role", |signed| signed.role = Role::QaEngineer, Code::SignoffFileChanged),
        ("another scope", |signed| signed.scope = Scope::Phase(0), Code::SignoffFileChanged),
        ("another root", |signed| signed.root = Digest::of_bytes(b"x"), Code::SignoffFileChanged),
        ("another text", |signed| signed.statement[0].push('!'), Code::SignoffFileChanged),
        ("a comment that was not shown", |signed| signed.comment = "but".to_owned(), Code::SignoffFileChanged),
    ];
    for (what, change, code) in cases {
        let mut signed = good.clone();
        change(&mut signed);
        assert_eq!(receive(&mut book, signed), Some(code), "{what}");
    }
    let mute = answer(&request, "Lea", Meaning::Reject, "");
    assert_eq!(receive(&mut book, mute), Some(Code::InputInvalid), "a rejection without a reason");
    let mut nameless = good.clone();
    nameless.signer.key = None;
    assert_eq!(receive(&mut book, nameless), Some(Code::InputInvalid), "no key");
    assert_eq!(receive(&mut book, good), None, "nothing was lost on the way");
}

#[test]
fn a_rejection_from_a_file_opens_the_lines_it_names_again() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.confirmed("Ana", "access-reviewed", "ok");
    let request = ask(&mut book, Role::LeadDeveloper);
    let signed = rejection(&request, "Lea", &["access-reviewed"]);
    assert!(signed.statement.iter().any(|line| line == "Opens again: Access reviewed."), "{:?}", signed.statement);
    type Change = fn(&mut Countersignature);
    let cases: [(&str, Change, Code); 4] = [
        ("a line that was not shown", |signed| signed.reopens.push("remarks".into()), Code::SignoffFileChanged),
        ("no line", |signed| signed.reopens.clear(), Code::SignoffFileChanged),
        (
            "a line nobody asked about",
            |signed| {
                signed.reopens = vec!["no-such-line".into()];
                signed.statement.iter_mut().for_each(|line| *line = line.replace("Access reviewed", "no-such-line"));
            },
            Code::NotFound,
        ),
        (
            "an approval",
            |signed| {
                signed.meaning = Meaning::Approve;
                signed.statement.iter_mut().for_each(|line| *line = line.replace("I reject", "I approve"));
            },
            Code::InputInvalid,
        ),
    ];
    for (what, change, code) in cases {
        let mut changed = signed.clone();
        change(&mut changed);
        assert_eq!(receive(&mut book, changed), Some(code), "{what}");
        assert_ne!(book.state("access-reviewed"), State::Reopened, "{what}");
    }
    assert_eq!(receive(&mut book, signed), None);
    assert_eq!(state(&book, &Role::LeadDeveloper), SlotState::Rejected);
    assert_eq!(book.state("access-reviewed"), State::Reopened);
    let run = book.run();
    let reopened = run.history(&"access-reviewed".into()).unwrap().reopened.as_ref().unwrap();
    assert_eq!((reopened.by.name.as_str(), reopened.text.as_str()), ("Lea", "the list is from last year"));
}

#[test]
fn a_signature_has_the_first_form_that_can_say_it() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.confirmed("Ana", "access-reviewed", "ok");
    let request = ask(&mut book, Role::LeadDeveloper);
    let plain = seal(&answer(&request, "Lea", Meaning::Reject, "the list is from last year"), 1);
    let naming = seal(&rejection(&request, "Lea", &["access-reviewed"]), 1);
    assert_eq!((plain.signed.version(), naming.signed.version()), (sealed::SIGNATURE, sealed::SIGNATURE_REOPENING));
    for sealed in [&plain, &naming] {
        let file = sealed.write().unwrap();
        let read = Sealed::<Countersignature>::read(&file).unwrap();
        assert!(read == *sealed && read.is_by(&public(1)));
        let swapped = String::from_utf8(file).unwrap().replace("signature-v1", "signature-v3");
        let swapped = swapped.replace("signature-v2", "signature-v1").replace("signature-v3", "signature-v2");
        assert_eq!(Sealed::<Countersignature>::read(swapped.as_bytes()), Err(Unreadable::Changed), "the other form");
    }
    assert!(!String::from_utf8(plain.write().unwrap()).unwrap().contains("reopens"));
}

#[test]
fn a_signature_from_a_file_counts_by_when_it_was_read() {
    let template = template();
    for (hours, wanted) in [(1, SlotState::Void), (2, SlotState::Void), (3, SlotState::Signed)] {
        let mut book = Notebook::open(&template);
        let request = ask(&mut book, Role::LeadDeveloper);
        let since = book.now + chrono::TimeDelta::hours(hours);
        book.later(2);
        assert_eq!(receive(&mut book, answer(&request, "Lea", Meaning::Approve, "")), None);
        book.later(2);
        book.did(Some("Olga"), KeyRevoked { key: KeyId([9; 16]), since, reason: "lost".to_owned() });
        assert_eq!(state(&book, &Role::LeadDeveloper), wanted, "revoked as of {hours} hours after it was signed");
    }
}

#[test]
fn what_changes_in_between_makes_the_answer_stale() {
    let template = template();
    let mut book = Notebook::open(&template);
    let request = ask(&mut book, Role::LeadDeveloper);
    book.did(Some("Ana"), NoteSet { item: "remarks".into(), value: "moved to Tuesday".to_owned() });
    let signed = answer(&request, "Lea", Meaning::Approve, "");
    assert_eq!(receive(&mut book, signed), Some(Code::SignoffStale));
    assert_eq!(state(&book, &Role::LeadDeveloper), SlotState::Open);
}

#[test]
fn a_line_that_is_signed_meanwhile_takes_no_second_signature() {
    let template = template();
    let mut book = Notebook::open(&template);
    let request = ask(&mut book, Role::LeadDeveloper);
    let here = RunSigned {
        role: Role::LeadDeveloper,
        scope: Scope::Run,
        meaning: Meaning::Approve,
        comment: String::new(),
        root: request.signed.matter.root,
        statement: Vec::new(),
        reopens: Vec::new(),
        exception: None,
    };
    book.did(Some("Ana"), here);
    assert_eq!(receive(&mut book, answer(&request, "Lea", Meaning::Approve, "")), Some(Code::SignoffDuplicate));
}

#[test]
fn one_person_does_not_sign_twice_by_going_elsewhere() {
    let template = template();
    let mut book = Notebook::open(&template);
    let request = ask(&mut book, Role::LeadDeveloper);
    assert_eq!(receive(&mut book, answer(&request, "Lea", Meaning::Approve, "")), None);
    let mut second = asked(&book, Role::QaEngineer).signed;
    second.id = Uuid::from_u128(8);
    let second = seal(&second, 1);
    let (hash, matter) = (second.hash().unwrap(), second.signed.matter.clone());
    book.did(Some("Olga"), SignatureRequested { request: second.signed.id, hash, matter });
    let same_key = answer(&second, "Quin", Meaning::Approve, "");
    assert_eq!(receive(&mut book, same_key.clone()), Some(Code::SignoffSamePerson), "the key is Lea's");
    let mut own_key = same_key;
    own_key.signer.key = Some(KeyId([8; 16]));
    assert_eq!(receive(&mut book, own_key), None);
}

#[test]
fn only_what_can_be_signed_now_is_asked_for() {
    let template: Template = template();
    let mut book = Notebook::open(&template);
    let run = book.run();
    assert_eq!(run.may_ask(&Role::LeadDeveloper, Scope::Run), Ok(()));
    let code = |role: Role, scope| run.may_ask(&role, scope).unwrap_err().code;
    assert_eq!(code(Role::FinanceManager, Scope::Run), Code::SignoffOrder);
    assert_eq!(code(Role::CtoEngineeringLead, Scope::Run), Code::NotFound);
    assert_eq!(code(Role::OperationsManager, Scope::Phase(1)), Code::SignoffOrder);
    // An entry written in spite of that has no effect, and neither has its answer.
    let early = ask(&mut book, Role::FinanceManager);
    assert_eq!(book.refusal(), Some(Code::SignoffOrder));
    assert_eq!(receive(&mut book, answer(&early, "Fay", Meaning::Approve, "")), Some(Code::SignoffOtherRun));
}
