//! Dates that follow from the run and from no dated line: when a waiver or a file ends, and when a post-mortem is due.
//!
//! Separate because nobody does them off the calendar: a waiver ends by itself, a report is attached to its line.
//! Deliberately absent: how long checks and words count; that is said at each line.

use serde::Serialize;

use super::super::row::Row;
use super::super::schedule::{Calendar, Occurrence};
use super::{DueState, Run, is_rollback_step};
use crate::Instant;
use crate::ids::ItemId;

/// How long people have for the report after a rollback. **Units**: working days after the day on which it ended.
pub const POST_MORTEM_DAYS: u16 = 5;

/// What a date is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DateKind {
    /// A dated line of the list; only these are done or left out.
    Line,
    /// The end of a waiver.
    Waiver,
    /// The end of an attached file.
    File,
    /// The report after a rollback.
    PostMortem,
}

/// A date that follows from the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherDate {
    /// What it is of.
    pub kind: DateKind,
    /// The line it is about.
    pub item: ItemId,
    /// When; a waiver's end opens and is due at once.
    pub occurrence: Occurrence,
    /// What became of it.
    pub state: DueState,
    /// Why there is this date.
    pub because: String,
}

impl Run {
    /// Lists the dates that follow from waivers, files and rollbacks, the earliest due first.
    #[must_use]
    pub fn other_dates(&self, now: Instant) -> Vec<OtherDate> {
        let waived = self.template.rows.iter().filter_map(|row| self.waiver_end(row, now));
        let files = self.template.rows.iter().filter_map(|row| self.file_end(row, now));
        // What ends after the run does so without consequence; a report stays due.
        let counts = |date: &OtherDate| self.ended.as_ref().is_none_or(|end| date.occurrence.due_at <= end.at);
        let mut dates: Vec<OtherDate> = waived.chain(files).filter(counts).chain(self.post_mortems(now)).collect();
        dates.sort_by_key(|date| date.occurrence.due_at);
        dates
    }

    /// Gives the end of a waiver.
    fn waiver_end(&self, row: &Row, now: Instant) -> Option<OtherDate> {
        let waiver = self.history(&row.id)?.waived.as_ref()?;
        let until = waiver.until;
        let word = &waiver.decision;
        let because = format!("Waived by {}: {}", word.by.name, word.text);
        Some(self.end(DateKind::Waiver, "waiver", (row, until), because, now))
    }

    /// Gives the end of the newest file of a line.
    fn file_end(&self, row: &Row, now: Instant) -> Option<OtherDate> {
        let attached = self.history(&row.id)?.files.last()?;
        let until = attached.file.facts.as_ref()?.expires_at?;
        let because = format!("{}, attached by {}, counts until then.", attached.file.name, attached.by.name);
        Some(self.end(DateKind::File, "file", (row, until), because, now))
    }

    /// Gives the end of what a line rests on; once over it is missed until the line is complete without it.
    fn end(&self, kind: DateKind, word: &str, (row, at): (&Row, Instant), because: String, now: Instant) -> OtherDate {
        let is_complete = || self.standing(&row.id, now).is_some_and(|standing| standing.state.is_complete());
        let state = match now < at {
            true => DueState::Upcoming,
            false if is_complete() => DueState::Done,
            false => DueState::Missed,
        };
        let occurrence = Occurrence { key: format!("{word}-{}", self.zone.date_of(at)), opens_at: at, due_at: at };
        OtherDate { kind, item: row.id.clone(), occurrence, state, because }
    }

    /// Gives the reports that are due: at the line that names one, else at the last step. It is done by a file or a note
    /// that was added to that line after the rollback had ended.
    fn post_mortems(&self, now: Instant) -> impl Iterator<Item = OtherDate> {
        let calendar = Calendar { zone: &self.zone, business_days: true };
        self.procedures.iter().filter_map(move |(section, procedure)| {
            let ended = procedure.ended.as_ref()?;
            let mut steps = self.template.rows.iter().filter(|row| is_rollback_step(row) && row.section == *section);
            let named = |row: &&Row| row.label.to_lowercase().contains("post-mortem");
            let row = steps.clone().find(named).or_else(|| steps.next_back())?;
            let history = self.history(&row.id)?;
            let opens_at = ended.at;
            let due_at = calendar.end_of_working_day(opens_at, POST_MORTEM_DAYS)?;
            let added = history.files.iter().map(|file| file.at).chain(history.notes.iter().map(|note| note.at));
            let state = match added.filter(|at| *at >= opens_at).min() {
                Some(at) if at < due_at => DueState::Done,
                Some(_) => DueState::DoneLate,
                None if now < due_at => DueState::Due,
                None => DueState::Missed,
            };
            let key = format!("post-mortem-{}", self.zone.date_of(opens_at));
            let because = format!(
                "The rollback was ended by {}; its report is due within {POST_MORTEM_DAYS} working days.",
                ended.by.name
            );
            let occurrence = Occurrence { key, opens_at, due_at };
            Some(OtherDate { kind: DateKind::PostMortem, item: row.id.clone(), occurrence, state, because })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::digest::Digest;
    use super::super::super::entry::{FileFacts, ItemAttached, ItemNote, ItemWaived, RollbackStarted};
    use super::super::super::sample::{Notebook, template};
    use super::*;
    use crate::probe::Outcome;

    fn dates(book: &Notebook<'_>) -> Vec<(String, String, String)> {
        let told = |date: OtherDate| {
            let due = date.occurrence.due_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            (date.item.to_string(), due, date.state.as_ref().to_owned())
        };
        book.run().other_dates(book.now).into_iter().map(told).collect()
    }

    #[test]
    fn a_waiver_ends_on_its_day_and_stays_in_sight_until_the_line_holds() {
        let template = template();
        let mut book = Notebook::open(&template);
        let until = book.now + chrono::TimeDelta::days(3);
        let reason = "the vendor is closed until Monday".to_owned();
        book.did(Some("Ana"), ItemWaived { item: "account-active".into(), reason, until });
        let date =
            |state: &str| vec![("account-active".to_owned(), "2026-06-04T10:00:00Z".to_owned(), state.to_owned())];
        assert_eq!(dates(&book), date("upcoming"));
        book.later(24 * 3);
        assert_eq!(dates(&book), date("missed"));
        book.checked("account-active", Outcome::Pass);
        assert_eq!(dates(&book), date("done"));
    }

    #[test]
    fn an_attached_file_ends_when_its_rule_says() {
        let template = template();
        let mut book = Notebook::open(&template);
        let expires_at = Some(book.now + chrono::TimeDelta::days(3));
        let (figures, commit, release, made_at) = (Vec::new(), None, None, None);
        let facts =
            FileFacts { kind: "eslint".to_owned(), figures, commit, release, made_at, expires_at, critical: None };
        let file = |facts| ItemAttached {
            item: "account-active".into(),
            name: "lint.json".to_owned(),
            sha256: Digest::of_bytes(b"lint"),
            bytes: 4,
            release: None,
            facts,
            meant: None,
        };
        book.did(Some("Ana"), file(None));
        assert_eq!(dates(&book), [], "a document has no end");
        book.did(Some("Ana"), file(Some(facts)));
        let date =
            |state: &str| vec![("account-active".to_owned(), "2026-06-04T10:00:00Z".to_owned(), state.to_owned())];
        assert_eq!(dates(&book), date("upcoming"));
        book.later(24 * 3);
        assert_eq!(dates(&book), date("missed"));
        book.checked("account-active", Outcome::Pass);
        assert_eq!(dates(&book), date("done"));
    }

    #[test]
    fn a_report_is_due_five_working_days_after_a_rollback() {
        let mut template = template();
        template.rows.iter_mut().find(|row| row.id.as_str() == "tell-people").unwrap().label = "Post-mortem".to_owned();
        let section = template.row(&"flip-the-flag".into()).unwrap().section.clone();
        let mut book = Notebook::open(&template);
        // Thursday, the fourth of June.
        book.later(24 * 3);
        book.did(Some("Ana"), RollbackStarted { section: section.clone(), reason: "payments fail".to_owned() });
        assert_eq!(dates(&book), [], "it is not over");
        book.ended_rollback(&section, "back");
        let date = |state: &str| vec![("tell-people".to_owned(), "2026-06-11T22:00:00Z".to_owned(), state.to_owned())];
        assert_eq!(dates(&book), date("due"), "to the end of Thursday, the eleventh, in Berlin");
        let mut late = Notebook { template: &template, acts: book.acts.clone(), now: book.now };
        let note = |text: &str| ItemNote { item: "tell-people".into(), text: text.to_owned() };
        book.did(Some("Ana"), note("it is in the folder"));
        assert_eq!(dates(&book), date("done"));
        late.later(24 * 9);
        assert_eq!(dates(&late), date("missed"));
        late.did(Some("Ana"), note("it is in the folder"));
        assert_eq!(dates(&late), date("done_late"));
    }
}
