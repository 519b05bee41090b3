//! Ledgers that no program of ours would write: every entry is as it was written, and the rules refuse some of them.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{ItemWaived, RunSigned, RunStarted};
use countersign_domain::checklist::import;
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::sign::{Meaning, Scope};
use countersign_domain::ids::{EnvironmentId, OperatorId};
use countersign_domain::ledger::{Draft, KeyId, LedgerId, Moment, Offset, Signer, Tail};
use countersign_domain::workspace::{self, Class};
use uuid::Uuid;

use super::*;
use crate::ledger::word;

const LIST: &str = "# Release\n\n- [ ] Look at the logs\n\n## Sign-Off\n\n### Development\n\n\
    - Lead Developer: ____ Date: ____\n- QA Engineer: ____ Date: ____\n\n### Business\n\n- Finance Manager: ____ Date: ____\n";

fn template() -> Template {
    import::read(LIST.as_bytes(), "release.md", &[]).unwrap().template
}

/// A ledger in the making: entries in a row, without keys and signatures, which others judge.
struct Writer {
    entries: Vec<ledger::Entry>,
    tail: Option<Tail>,
}

impl Writer {
    fn begin() -> Self {
        let mut writer = Self { entries: Vec::new(), tail: None };
        let template = template();
        let started = RunStarted {
            template: template.id.clone(),
            version: template.version,
            hash: template.content_hash(),
            environment: EnvironmentId::from("production"),
            class: Class::Production,
            is_demo: false,
            release: "v1".to_owned(),
            owner: OperatorId::from("ana"),
            fingerprints: BTreeMap::new(),
            zone: "UTC".to_owned(),
            business_days: false,
            people: BTreeMap::new(),
        };
        writer.write("ana", started.into());
        writer
    }

    fn write(&mut self, who: &str, entry: Entry) {
        let seq = self.entries.len() as u64 + 1;
        let draft = Draft::new(word(entry.kind()).unwrap(), Uuid::from_u128(seq.into()), &entry.body().unwrap());
        let key = Some(KeyId([who.as_bytes()[0]; 16]));
        let signer = Some(Signer { id: OperatorId::from(who), key, name: who.to_owned() });
        self.keep(Draft { signer, ..draft.unwrap().on("run/r") });
    }

    fn keep(&mut self, draft: Draft) {
        let at = "2026-11-20T10:00:00Z".parse::<Instant>().unwrap();
        let moment = Moment { at, offset: Offset { minutes: 0 }, server_time: None, app: String::new() };
        let unsigned = ledger::Entry::following(LedgerId([7; 16]), self.tail.as_ref(), draft, &moment);
        let recorded = unsigned.unwrap().signed(Vec::new());
        self.tail = Some(recorded.tail());
        self.entries.push(recorded.entry);
    }

    fn sign(&mut self, who: &str, role: Role) {
        self.sign_by(who, role, None);
    }

    fn sign_by(&mut self, who: &str, role: Role, exception: Option<&str>) {
        let acts: Vec<Act> = self.entries.iter().filter_map(|entry| stories::act_of(entry.clone()).ok()).collect();
        let root = Run::fold(template(), &acts).unwrap().root_digest(Scope::Run);
        let body = RunSigned {
            role,
            scope: Scope::Run,
            meaning: Meaning::Approve,
            comment: String::new(),
            root,
            statement: Vec::new(),
            reopens: Vec::new(),
            exception: exception.map(str::to_owned),
        };
        self.write(who, body.into());
    }

    /// Judges with the checklist of the run in a folder beside it, as a pack has it.
    fn judged(&self) -> Vec<(u64, String)> {
        self.told().0
    }

    fn told(&self) -> (Vec<(u64, String)>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("one.toml"), template().to_toml().unwrap()).unwrap();
        let mut judge = Judge::begin();
        judge.read(folder.path());
        for entry in &self.entries {
            judge.take_in(entry);
        }
        let (findings, exceptions) = judge.judged();
        (findings.into_iter().map(|finding| (finding.seq, finding.text)).collect(), exceptions)
    }

    fn allow(&mut self, reason: Option<&str>) {
        let workspace = Workspace { one_signer_reason: reason.map(str::to_owned), ..Workspace::devflowhub() };
        let body = workspace::Entry::WorkspaceSet(workspace).body().unwrap();
        self.keep(Draft::new(word("workspace_set").unwrap(), Uuid::nil(), &body).unwrap());
    }
}

fn found(writer: &Writer, seq: u64, said: &str) {
    let judged = writer.judged();
    let [(at, text)] = judged.as_slice() else { panic!("one finding is expected: {judged:?}") };
    assert!(*at == seq && text.contains(said), "{at}: {text}");
}

#[test]
fn different_people_in_their_order_are_no_finding() {
    let mut writer = Writer::begin();
    writer.sign("ana", Role::LeadDeveloper);
    writer.sign("bo", Role::QaEngineer);
    writer.sign("cy", Role::FinanceManager);
    assert_eq!(writer.judged(), []);
}

#[test]
fn a_group_that_signs_before_its_turn_is_named() {
    let mut writer = Writer::begin();
    writer.sign("cy", Role::FinanceManager);
    found(&writer, 2, "Development signs first");
}

#[test]
fn one_person_in_two_groups_is_named() {
    let mut writer = Writer::begin();
    writer.sign("ana", Role::LeadDeveloper);
    writer.sign("bo", Role::QaEngineer);
    writer.sign("ana", Role::FinanceManager);
    found(&writer, 4, "The same person signed as Lead Developer");
}

#[test]
fn lead_developer_and_qa_in_one_person_are_named() {
    let mut writer = Writer::begin();
    writer.sign("ana", Role::LeadDeveloper);
    writer.sign("ana", Role::QaEngineer);
    found(&writer, 3, "The same person signed as Lead Developer");
}

#[test]
fn an_exception_is_held_to_what_the_workspace_said_then() {
    const REASON: &str = "we are two people in this company";
    let mut writer = Writer::begin();
    writer.sign("ana", Role::LeadDeveloper);
    writer.allow(Some(REASON));
    writer.sign_by("ana", Role::QaEngineer, Some(REASON));
    let (findings, exceptions) = writer.told();
    assert!(findings.is_empty(), "{findings:?}");
    assert!(exceptions.len() == 1 && exceptions[0].contains(REASON), "{exceptions:?}");
    writer.allow(None);
    writer.sign_by("bo", Role::FinanceManager, Some(REASON));
    found(&writer, 6, "the workspace did not allow that then");
}

#[test]
fn a_waiver_by_the_owner_is_named() {
    let mut writer = Writer::begin();
    let item = template().rows[0].id.clone();
    let until = "2026-11-25T10:00:00Z".parse().unwrap();
    let reason = "the logs are read by somebody else today".to_owned();
    writer.write("ana", ItemWaived { item, reason, until }.into());
    found(&writer, 2, "The owner of a line cannot waive it");
}

#[test]
fn a_run_whose_checklist_is_not_there_is_not_taken_for_good() {
    let mut judge = Judge::begin();
    for entry in &Writer::begin().entries {
        judge.take_in(entry);
    }
    let (judged, _) = judge.judged();
    assert!(judged.len() == 1 && judged[0].text.contains("was not judged"), "{judged:?}");
}
