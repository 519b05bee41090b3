//! Every signature a run was ever given, with what its entry holds beside it: the clock and the program there, and the
//! entry before.
//!
//! The same words for the report, the text and the table, so that none says less than the others.

use chrono::TimeDelta;
use countersign_domain::checklist::entry::SignatureReceived;
use countersign_domain::checklist::run::{Run, SignatureRecord};
use countersign_domain::checklist::sign::Slot;
use countersign_domain::failure::Failure;
use countersign_domain::ids::RunId;
use countersign_domain::ledger::{Entry, Hash, Offset};
use countersign_store::ledger::entries;

use super::WHAT;
use super::paper::stamp;
use crate::app::App;
use crate::checklists::stories::Story;
use crate::failure::{Tell as _, not_found};

/// A signature as exports tell it.
pub(super) struct Signed<'s> {
    /// What was recorded.
    pub(super) record: &'s SignatureRecord,
    /// How it stands now: as its line does, or `superseded`.
    pub(super) standing: String,
    /// The signer's clock, with its distance from UTC.
    pub(super) local: String,
    /// The program it was given with.
    pub(super) app: String,
    /// Hash of the entry before the one that holds it.
    pub(super) previous: Hash,
}

/// Gives every signature of a run, oldest first.
///
/// **Errors**: closed stores, an entry that is gone or changed.
pub(super) async fn signatures<'s>(app: &App, story: &'s Story) -> Result<Vec<Signed<'s>>, Failure> {
    let places: Vec<u64> = story.run.signatures().iter().map(|record| record.seq).collect();
    let stores = app.stores()?;
    let read = stores.ledger.database().read(move |conn| {
        let entries = places.into_iter().map(|seq| entries::at(conn, seq));
        entries.collect::<Result<Vec<_>, _>>()
    });
    let read = read.await.map_err(|error| error.tell(WHAT))?;
    let told = story.run.signatures().iter().zip(read).map(|(record, recorded)| {
        let recorded = recorded.ok_or_else(|| not_found("entry", &record.seq.to_string()))?;
        Ok(Signed::of(&story.run, record, &recorded.entry))
    });
    told.collect()
}

impl<'s> Signed<'s> {
    /// Reads a signature's surroundings off its entry; of one that came by file, the clock and program of its signer.
    pub(super) fn of(run: &Run, record: &'s SignatureRecord, entry: &Entry) -> Self {
        let there = record.received.as_ref().and_then(|_| entry.body_as::<SignatureReceived>().ok());
        let (offset, app) = there.map_or_else(
            || (entry.offset, entry.app.clone()),
            |received| (received.signed.offset, received.signed.app),
        );
        Self { record, standing: standing(run, record), local: local(record, offset), app, previous: entry.prev }
    }

    /// Says who signed what, as what, when, and what they added, in one line.
    pub(super) fn sentence(&self) -> String {
        let (body, by) = (&self.record.body, &self.record.by);
        let (role, at) = (role(self.record), stamp(self.record.at));
        let head = format!("{} by {} as {role}, {}, at {at}", body.meaning, by.name, body.scope);
        format!("Signature, {}: {head} ({} there). {}", self.standing, self.local, self.said()).trim_end().to_owned()
    }

    /// Gives what was said with the signature, and why one person gave it where two should.
    pub(super) fn said(&self) -> String {
        let body = &self.record.body;
        let comment = Some(body.comment.trim()).filter(|comment| !comment.is_empty());
        let comment = comment.map(|comment| format!("Comment: {comment}"));
        let exception = body.exception.as_ref();
        let exception = exception.map(|reason| format!("Exception to signing by different people: {reason}"));
        comment.into_iter().chain(exception).collect::<Vec<_>>().join(" ")
    }

    /// Says what the record holds of it, for whoever looks it up there.
    pub(super) fn machine(&self, run: &RunId) -> String {
        let (seq, root) = (self.record.seq, self.record.body.root);
        let key = self.record.by.key.as_deref().unwrap_or_default();
        let (app, previous) = (&self.app, self.previous);
        format!("Run {run}, entry {seq}, root {root}, key {key}, {app}, after the entry with hash {previous}.")
    }
}

/// Gives the role a signature is for, as people say it.
pub(super) fn role(record: &SignatureRecord) -> String {
    record.body.role.as_str().replace('_', " ")
}

/// Gives the signer's clock when they signed.
fn local(record: &SignatureRecord, offset: Offset) -> String {
    let there = record.at + TimeDelta::minutes(offset.minutes.into());
    format!("{} {offset}", there.format("%Y-%m-%d %H:%M"))
}

/// Says how a signature stands: as its line does, or that another took its place.
fn standing(run: &Run, signature: &SignatureRecord) -> String {
    let is_its = |slot: &&Slot| slot.signature.as_ref().is_some_and(|newest| newest.seq == signature.seq);
    run.known_slots().iter().find(is_its).map_or_else(|| "superseded".to_owned(), |slot| slot.state.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use countersign_domain::checklist::entry::{self, Act, ItemNote, Person, RunSigned, RunStarted};
    use countersign_domain::checklist::import;
    use countersign_domain::checklist::role::Role;
    use countersign_domain::checklist::sign::{Meaning, Scope};
    use countersign_domain::ids::{EnvironmentId, ItemId};
    use countersign_domain::ledger::{Draft, LedgerId, Moment};
    use countersign_domain::workspace::Class;
    use uuid::Uuid;

    use super::super::{Made, sheet};
    use super::*;

    const LIST: &str = "# Rollout\n\n- [ ] Look\n\n### Phase 1: Few (10% of users)\n- [ ] Measure\n";

    /// A run whose first phase was approved for what it was, and then rejected.
    fn run() -> Run {
        let template = import::read(LIST.as_bytes(), "rollout.md", &[]).unwrap().template;
        let mut acts: Vec<Act> = Vec::new();
        let add = |acts: &mut Vec<Act>, entry: entry::Entry| {
            let person = Person { id: "ana".into(), name: "Ana".to_owned(), key: Some("k".to_owned()) };
            let at = "2026-06-01T10:00:00Z".parse().unwrap();
            acts.push(Act { seq: acts.len() as u64 + 1, at, by: Some(person), entry });
        };
        let started = RunStarted {
            template: template.id.clone(),
            version: template.version,
            hash: template.content_hash(),
            environment: EnvironmentId::from("production"),
            class: Class::Production,
            is_demo: false,
            release: "v1".to_owned(),
            owner: "ana".into(),
            fingerprints: BTreeMap::new(),
            zone: "UTC".to_owned(),
            business_days: false,
            people: BTreeMap::new(),
        };
        add(&mut acts, started.into());
        for (meaning, comment) in [(Meaning::Approve, "all seen"), (Meaning::Reject, "the flag was on for everybody")] {
            let scope = Scope::Phase(0);
            let body = RunSigned {
                role: Role::OperationsManager,
                scope,
                meaning,
                comment: comment.to_owned(),
                root: Run::fold(template.clone(), &acts).unwrap().root_digest(scope),
                statement: vec!["I sign.".to_owned()],
                reopens: Vec::new(),
                exception: None,
            };
            add(&mut acts, body.into());
            add(&mut acts, ItemNote { item: ItemId::from("look"), text: "looked again".to_owned() }.into());
        }
        Run::fold(template, &acts).unwrap()
    }

    fn entry(seq: u64) -> Entry {
        let moment = Moment {
            at: "2026-06-01T10:00:00Z".parse().unwrap(),
            offset: Offset { minutes: -90 },
            server_time: None,
            app: "countersign 0.1".to_owned(),
        };
        let draft = Draft::new(
            crate::ledger::word("run_signed").unwrap(),
            Uuid::from_u128(seq.into()),
            &serde_json::Map::new(),
        );
        Entry::following(LedgerId([7; 16]), None, draft.unwrap(), &moment).unwrap().signed(Vec::new()).entry
    }

    #[test]
    fn signatures_of_phases_are_told_whatever_became_of_them() {
        let story = Story::of("r".into(), run());
        let records = story.run.signatures();
        let signed: Vec<Signed<'_>> =
            records.iter().map(|record| Signed::of(&story.run, record, &entry(record.seq))).collect();
        let said: Vec<String> = signed.iter().map(Signed::sentence).collect();
        let wanted = [
            "Signature, superseded: approve by Ana as operations manager, phase-0, at 2026-06-01 10:00 UTC \
             (2026-06-01 08:30 -01:30 there). Comment: all seen",
            "Signature, rejected: reject by Ana as operations manager, phase-0, at 2026-06-01 10:00 UTC \
             (2026-06-01 08:30 -01:30 there). Comment: the flag was on for everybody",
        ];
        assert_eq!(said, wanted);
        let machine = signed[1].machine(&story.id);
        assert!(
            machine.starts_with("Run r, entry 4, root ") && machine.contains("countersign 0.1, after"),
            "{machine}"
        );

        let made = Made { at: "2026-06-02T10:00:00Z".parse().unwrap(), by: None, head: None, key: None };
        let table = String::from_utf8(sheet::csv(&story, &signed, &made).unwrap()).unwrap();
        let rows = table.lines().filter(|row| row.contains("\"signature\"")).collect::<Vec<_>>();
        let told = |row: &&str| row.contains("\"phase-0\"") && row.contains("08:30 -01:30");
        assert!(rows.len() == 2 && rows.iter().all(told), "{table}");
        assert!(rows[1].contains("\"the flag was on for everybody\",\"rejected\""), "{}", rows[1]);
    }
}
