//! Every kind of entry, written and read back.
//! Kept apart from the words because a sample of each takes room. What is tested is the wire, not the meaning.

use serde_json::Value;

use super::super::dated::{Disposed, Disposition};
use super::super::sample::{Notebook, template};
use super::*;
use crate::ledger::{KeyId, LedgerId, Offset, Signer};
use crate::probe::{Fact, Outcome};

fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(has_number),
        Value::Object(fields) => fields.values().any(has_number),
        _ => false,
    }
}

/// One entry of every kind.
fn samples() -> Vec<Entry> {
    let (list, at) = (template(), Instant::UNIX_EPOCH);
    let mut book = Notebook::open(&list);
    book.checked("account-active", Outcome::Unknown(Unknown::Timeout));
    book.measured("failure-rate-2", Some("1/3"));
    book.measured("failure-rate-2", None);
    let measured = book.acts.iter().filter_map(|act| match &act.entry {
        Entry::ItemMeasured(body) => Some(body.clone()),
        _ => None,
    });
    let sampled = SoakSampled { phase: 1, lines: measured.collect() };
    let mut entries: Vec<Entry> = book.acts.into_iter().map(|act| act.entry).collect();
    entries.push(sampled.into());
    let (item, hash) = (ItemId::from("account-active"), list.content_hash());
    let text = |text: &str| text.to_owned();
    let toml = list.to_toml().unwrap();
    let (template, version) = (list.id.clone(), 3);
    entries.push(TemplateImported { template, version, hash, toml, source: hash, from: None, record: None }.into());
    entries.push(ReleaseChanged { release: text("v2") }.into());
    entries.push(FingerprintsPinned { fingerprints: BTreeMap::new(), reason: text("x") }.into());
    entries.push(PersonExpected { role: Role::QaEngineer, person: Some("ana".into()) }.into());
    entries.push(RunNoted { field: text("special_considerations"), value: text("v") }.into());
    entries.push(WindowSet { from: at, to: at }.into());
    entries.push(DeploymentRecorded { at, reason: Some(text("r")) }.into());
    entries.push(ItemAssigned { item: item.clone(), owner: "ana".into() }.into());
    entries.push(ItemConfirmed { item: item.clone(), note: text(""), role: Some(Role::QaEngineer) }.into());
    entries.push(ItemWaived { item: item.clone(), reason: text("r"), until: at }.into());
    entries.push(ItemNotApplicable { item: item.clone(), reason: text("r") }.into());
    entries.push(ItemNote { item: item.clone(), text: text("n") }.into());
    let (name, release) = (text("a.xml"), Some(text("v1")));
    let facts = FileFacts {
        kind: text("eslint"),
        figures: vec![Fact { name: text("errors"), value: text("0") }],
        commit: Some(text("4f2a91c")),
        release: release.clone(),
        made_at: Some(at),
        expires_at: Some(at),
        critical: None,
    };
    let facts = Some(facts);
    let meant = Some(MeantLoad { users: text("200"), per_second: String::new() });
    entries
        .push(ItemAttached { item: item.clone(), name, sha256: hash, bytes: u64::MAX, release, facts, meant }.into());
    entries.push(ItemReopened { item: item.clone(), reason: text("r") }.into());
    entries.push(CommandRan { item: item.clone(), output: text("ok"), at: None }.into());
    entries.push(NoteSet { item: item.clone(), value: text("v") }.into());
    entries.push(ContactSet { item: item.clone(), card: Card { tested_at: Some(at), ..Card::default() } }.into());
    let signed = RunSigned {
        role: Role::QaEngineer,
        scope: Scope::Phase(1),
        meaning: Meaning::Review,
        comment: text("c"),
        root: hash,
        statement: vec![text("I")],
        reopens: vec![item.clone()],
        exception: None,
    };
    entries.push(signed.into());
    entries.extend(by_file());
    let since = "2026-01-01T00:00:00.123Z".parse().unwrap();
    entries.push(KeyRevoked { key: KeyId([3; 16]), since, reason: text("lost") }.into());
    let condition = Condition {
        name: text("items"),
        holds: false,
        sentence: text("s"),
        items: vec![item.clone()],
        found: Some(text("1 %")),
        limit: None,
    };
    entries.push(GateEvaluated { phase: 1, state: GateState::Hold, conditions: vec![condition] }.into());
    let outcome = Some(Outcome::Unknown(Unknown::NotSupported));
    let line = MinuteLine { item: item.clone(), outcome, shown: text("s"), data_through: None };
    entries.push(FirstHourSampled { lines: vec![line] }.into());
    entries.push(GateOpened { phase: 1 }.into());
    entries.push(GateOverridden { phase: 1, reason: text("r"), conditions: Some(vec![text("items")]) }.into());
    entries.push(TriggerTripped { item: item.clone(), cause: text("c") }.into());
    entries.push(TriggerAcknowledged { item: item.clone(), note: text("n") }.into());
    entries.push(TriggerCleared { item: item.clone(), reason: text("r") }.into());
    entries.push(RollbackStarted { section: vec![text("s")], reason: text("r") }.into());
    entries.push(RollbackStep { item: item.clone(), note: text("n") }.into());
    entries.push(RollbackEnded { section: vec![text("s")], note: text("n") }.into());
    let seen = vec![Fact { name: text("MRR"), value: text("EUR 5.00") }];
    let (key, note, snapshot) = (text("k"), text("n"), Some(hash));
    let said = vec![Fact { name: text("Took part"), value: text("Dana") }];
    let disposed = Disposed { record: text("pi_1"), disposition: Disposition::WaitingForCustomer };
    let reviewed = Some(Reviewed { until: "2026-01-01T00:00:00Z".parse().unwrap(), dispositions: vec![disposed] });
    entries.push(
        OccurrenceDone { item: item.clone(), key, note, seen, snapshot, report: Some(hash), said, reviewed }.into(),
    );
    entries.push(OccurrenceSkipped { item: item.clone(), key: text("k"), reason: text("r") }.into());
    entries.push(RunUpgraded { version: 2, hash, reset: vec![item] }.into());
    entries.push(RunExported { format: text("md"), sha256: hash }.into());
    entries.push(RunEnded { is_abandoned: true, note: text("n") }.into());
    entries
}

/// What asks for a signature on another computer, and what answers.
fn by_file() -> [Entry; 2] {
    let text = |text: &str| text.to_owned();
    let (hash, request) = (Hash([1; 32]), uuid::Uuid::from_u128(1));
    let matter = Matter {
        role: Role::FinanceManager,
        label: text("Finance Manager"),
        group: text("Business"),
        scope: Scope::Run,
        template: text("t"),
        version: 3,
        template_hash: Digest::of_bytes(b"t"),
        release: text("v1"),
        environment: "prod".into(),
        class: Class::Production,
        is_demo: false,
        fingerprints: BTreeMap::from([(text("stripe"), text("acct_1"))]),
        recorded: vec![text("r")],
        root: Digest::of_bytes(b"r"),
    };
    let signed = Countersignature {
        v: text(crate::ledger::sealed::SIGNATURE),
        request,
        asked: hash,
        ledger: LedgerId([2; 16]),
        run: "run_1".into(),
        role: matter.role.clone(),
        scope: matter.scope,
        meaning: Meaning::Approve,
        comment: text("c"),
        root: matter.root,
        statement: vec![text("I")],
        signer: Signer { id: "fay".into(), key: Some(KeyId([3; 16])), name: text("Fay") },
        at: "2026-01-01T00:00:00.123Z".parse().unwrap(),
        offset: Offset { minutes: 60 },
        app: text("0.1.0"),
        reopens: Vec::new(),
    };
    let asked = SignatureRequested { request, hash, matter };
    [asked.into(), SignatureReceived { signed, signature: Signature([4; 64]) }.into()]
}

#[test]
fn every_kind_comes_back_without_a_number_and_refuses_unknown_fields() {
    let samples = samples();
    for entry in &samples {
        let body = entry.body().unwrap();
        assert!(!has_number(&body), "{}: {body}", entry.kind());
        assert_eq!(Entry::read(entry.kind(), &body).unwrap().unwrap(), *entry, "{}", entry.kind());
        let mut more = body.clone();
        more.as_object_mut().unwrap().insert("surprise".to_owned(), Value::Null);
        assert!(Entry::read(entry.kind(), &more).unwrap().is_err(), "{}", entry.kind());
    }
    let kinds: std::collections::BTreeSet<_> = samples.iter().map(Entry::kind).collect();
    assert_eq!(kinds.len(), Entry::KINDS.len(), "every kind has a sample");
    assert!(Entry::read("operator_added", &Value::Null).is_none());
}

/// What is hashed stays readable for ever: these bytes never change.
#[test]
fn recorded_bytes_are_frozen() {
    let confirmed = ItemConfirmed { item: "a".into(), note: "n".to_owned(), role: None };
    assert_eq!(Entry::from(confirmed).body().unwrap().to_string(), r#"{"item":"a","note":"n","role":null}"#);
    // A field that came later is not in the bytes of an entry that does not have it.
    let ran = r#"{"item":"a","output":"ok"}"#;
    let read = Entry::read("command_ran", &serde_json::from_str(ran).unwrap()).unwrap().unwrap();
    assert_eq!(read.body().unwrap().to_string(), ran);
    let overridden = r#"{"phase":"1","reason":"r"}"#;
    let read = Entry::read("gate_overridden", &serde_json::from_str(overridden).unwrap()).unwrap().unwrap();
    assert_eq!(read.body().unwrap().to_string(), overridden);
    let done = r#"{"item":"a","key":"k","note":"n"}"#;
    let read = Entry::read("occurrence_done", &serde_json::from_str(done).unwrap()).unwrap().unwrap();
    assert_eq!(read.body().unwrap().to_string(), done);
    let deployed = r#"{"at":"2026-01-01T00:00:00Z"}"#;
    let read = Entry::read("deployment_recorded", &serde_json::from_str(deployed).unwrap()).unwrap().unwrap();
    assert_eq!(read.body().unwrap().to_string(), deployed);
    let digest = Digest::of_bytes(b"a").to_string();
    let attached = serde_json::json!({"bytes": "4", "item": "a", "name": "a.xml", "release": null, "sha256": digest});
    let read = Entry::read("item_attached", &attached).unwrap().unwrap();
    assert_eq!(read.body().unwrap(), attached, "a file of an earlier version has no facts");
    let checked = samples().into_iter().find(|entry| matches!(entry, Entry::ItemChecked(_))).unwrap().body().unwrap();
    assert_eq!(checked["result"].get("release").or(checked["result"].get("data_at")), None, "a check of no file");
    let [_, received] = by_file();
    assert!(
        received.body().unwrap()["signed"].get("reopens").is_none(),
        "the first form of a signature has no such field"
    );
    let body = serde_json::json!({"phase": "1", "state": "rollback_advised", "conditions": []});
    let read = Entry::read("gate_evaluated", &body).unwrap().unwrap();
    assert_eq!(read, GateEvaluated { phase: 1, state: GateState::RollbackAdvised, conditions: Vec::new() }.into());
}
