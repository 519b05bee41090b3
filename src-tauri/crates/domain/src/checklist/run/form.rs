//! The form every run has: when, by whom, what, where, and what was special about it.
//!
//! Where the list has lines for it, these are the form; what the records know fills in what nobody wrote. Deliberately
//! absent: any further field; a list may have more of its own.

use super::super::row::Row;
use super::{Decision, Refusal, Run};
use crate::ids::ItemId;

/// Beginning of what decides a field of the form.
pub(super) const FAMILY: &str = "run.note.";
/// The field that is written by people in every run.
pub const CONSIDERATIONS: &str = "special_considerations";
/// The fields, in their order, each with its label.
const FIELDS: [(&str, &str); 6] = [
    ("deployment_date", "Deployment date"),
    ("deployment_time", "Deployment time"),
    ("deployed_by", "Deployed by"),
    ("version", "Version"),
    ("environment", "Environment"),
    (CONSIDERATIONS, "Special considerations"),
];

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its word.
    pub word: &'static str,
    /// As people say it.
    pub label: &'static str,
    /// What was written, else what is recorded; empty where nothing is.
    pub value: String,
    /// Who wrote it; empty for what is recorded.
    pub by: String,
    /// The line of the list that has it, where one does.
    pub item: Option<ItemId>,
}

impl Run {
    /// Gives the form, field by field.
    #[must_use]
    pub fn form(&self) -> Vec<FormField> {
        let field = |(word, label): (&'static str, &'static str)| {
            let row = self.field_row(word);
            let written = match row {
                Some(row) => self.history(&row.id).and_then(|history| history.value.as_ref()),
                None => self.notes.get(word),
            };
            let written = written.filter(|word| !word.text.trim().is_empty());
            let (value, by) = match written {
                Some(said) => (said.text.clone(), said.by.name.clone()),
                None => (self.recorded_field(word).unwrap_or_default(), String::new()),
            };
            FormField { word, label, value, by, item: row.map(|row| row.id.clone()) }
        };
        FIELDS.into_iter().map(field).collect()
    }

    /// Gives what was special about the run, where somebody wrote it outside the list.
    #[must_use]
    pub fn considerations(&self) -> Option<&Decision> {
        self.notes.get(CONSIDERATIONS).filter(|said| !said.text.trim().is_empty())
    }

    /// Gives what the records say of a field.
    pub(super) fn recorded_field(&self, word: &str) -> Option<String> {
        let deployment = self.deployment();
        match word {
            "deployment_date" => Some(self.zone.date_of(deployment?.at).to_string()),
            "deployment_time" => {
                let at = deployment?.at;
                let local = at + chrono::TimeDelta::seconds(i64::from(self.zone.offset_seconds(at)));
                Some(format!("{} {}", local.format("%H:%M"), self.zone.name()))
            }
            "deployed_by" => deployment?.by.as_ref().map(|by| by.name.clone()),
            "version" => Some(self.binding.release.clone()),
            "environment" => Some(self.binding.environment.to_string()),
            _ => None,
        }
    }

    /// Says whether a field may be written that no line of the list has.
    pub(super) fn may_note(&self, field: &str, value: &str) -> Result<(), Refusal> {
        self.is_going_on()?;
        super::acts::bounded(value)?;
        match (field == CONSIDERATIONS, self.field_row(field)) {
            (true, None) => Ok(()),
            (_, Some(row)) => Err(Refusal::state(format!("The list has a line for it: `{}`.", row.id))),
            (false, None) => Err(Refusal::state("This field follows from what is recorded.")),
        }
    }

    fn field_row(&self, word: &str) -> Option<&Row> {
        let is_it = |row: &&Row| {
            row.proof.as_ref().and_then(|proof| proof.as_str().strip_prefix(FAMILY)).is_some_and(|own| own == word)
        };
        self.template.rows.iter().find(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::{Act, DeploymentRecorded, Entry, NoteSet, RunEnded, RunNoted};
    use super::super::super::sample::{Notebook, person, template};
    use super::super::super::sign::Scope;
    use super::super::State;
    use super::*;
    use crate::failure::Code;

    fn noted(value: &str) -> RunNoted {
        RunNoted { field: CONSIDERATIONS.to_owned(), value: value.to_owned() }
    }

    fn values(book: &Notebook<'_>) -> Vec<String> {
        book.run().form().into_iter().map(|field| field.value).collect()
    }

    #[test]
    fn the_records_fill_in_the_form_and_a_person_what_was_special() {
        let mut template = template();
        let at = template.rows.iter().position(|row| row.id.as_str() == "remarks").unwrap();
        template.rows[at].proof = Some("run.note.deployed_by".into());
        let mut book = Notebook::open(&template);
        assert_eq!(values(&book), ["", "", "", "v1", "prod", ""]);
        let before = book.run().root_digest(Scope::Run);
        book.did(Some("Olga"), DeploymentRecorded { at: "2026-06-01T22:15:00Z".parse().unwrap(), reason: None });
        let filled = ["2026-06-02", "00:15 Europe/Berlin", "Olga", "v1", "prod", ""];
        assert_eq!(values(&book), filled, "by the clock of the run's zone");
        assert_eq!(book.state("remarks"), State::Verified, "the line of the list too");
        assert_eq!(book.run().root_digest(Scope::Run), before, "what is signed is what somebody wrote");
        book.did(Some("Ana"), NoteSet { item: "remarks".into(), value: "Bo, at night".to_owned() });
        book.did(Some("Ana"), noted("a frozen table"));
        let form = book.run().form();
        assert_eq!((form[2].value.as_str(), form[2].by.as_str()), ("Bo, at night", "Ana"));
        assert_eq!((form[5].value.as_str(), form[5].by.as_str()), ("a frozen table", "Ana"));
        assert_eq!((form[2].item.is_some(), form[5].item.is_some()), (true, false));
    }

    #[test]
    fn what_was_special_is_signed_with_the_run_and_leaves_no_trace_when_it_is_empty() {
        let template = template();
        let mut book = Notebook::open(&template);
        let (run, phase) = (book.run().root(Scope::Run), book.run().root(Scope::Phase(1)));
        book.did(Some("Ana"), noted("a frozen table"));
        let with = book.run().root(Scope::Run);
        assert_eq!(with.digest, book.run().root_digest(Scope::Run));
        let last = with.leaves.last().unwrap();
        assert_eq!((with.leaves.len(), last.says.as_str()), (run.leaves.len() + 1, "a frozen table"));
        assert!(with.digest != run.digest && book.run().covers(Scope::Run, last.item.as_ref().unwrap()));
        assert_eq!(book.run().root(Scope::Phase(1)), phase, "a phase is not about it");
        book.did(Some("Ana"), noted(" "));
        assert_eq!(book.run().root(Scope::Run), run);
        let refused = |book: &Notebook<'_>, field: &str| {
            let entry = Entry::from(RunNoted { field: field.to_owned(), value: "x".to_owned() });
            let act = Act { seq: 99, at: book.now, by: Some(person("Ana")), entry };
            book.run().would_take(&[act]).err().map(|refusal| refusal.code)
        };
        assert_eq!(refused(&book, CONSIDERATIONS), None);
        assert_eq!(refused(&book, "version"), Some(Code::StateConflict), "the list has a line for it");
        assert_eq!(refused(&book, "deployed_by"), Some(Code::StateConflict), "it follows from the record");
        book.did(Some("Olga"), RunEnded { is_abandoned: false, note: String::new() });
        assert_eq!(refused(&book, CONSIDERATIONS), Some(Code::StateConflict));
    }
}
