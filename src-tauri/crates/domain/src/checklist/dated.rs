//! What a person adds when a date is done: what became of each payment that failed, who took part, what was changed.
//!
//! Which of these a line asks follows from what it measures and how often it comes back. Deliberately absent: whether
//! they were answered when an entry is read again; that was asked of the person who wrote it.

use serde::{Deserialize, Serialize};

use super::row::Row;
use super::schedule::Unit;
use crate::Instant;

/// What is done about a payment that failed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Disposition {
    /// Stripe, or somebody, tries it again.
    Retrying,
    /// The customer was told.
    Contacted,
    /// The customer has to do something.
    WaitingForCustomer,
    /// It will not come.
    WrittenOff,
    /// It needs nothing.
    Ignored,
}

impl Disposition {
    /// Says it as people do.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Retrying => "retrying",
            Self::Contacted => "contacted",
            Self::WaitingForCustomer => "waiting for the customer",
            Self::WrittenOff => "written off",
            Self::Ignored => "ignored",
        }
    }
}

/// What is done about one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Disposed {
    /// The payment, by the id under which it was listed.
    pub record: String,
    /// What is done.
    pub disposition: Disposition,
}

/// A list that was gone through, so that the next one goes on where it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// Up to when what had happened was listed, this instant not included.
    pub until: Instant,
    /// What is done about each that was listed.
    pub dispositions: Vec<Disposed>,
}

/// A question to the person who does a date, beside the note.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::AsRefStr, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Question {
    /// Who took part.
    Attendees,
    /// What was changed.
    Change,
    /// The value before the change.
    Before,
    /// The value after it.
    After,
}

impl Question {
    /// Gives what it is called where it is written down.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Attendees => "Took part",
            Self::Change => "What was changed",
            Self::Before => "Before",
            Self::After => "After",
        }
    }

    /// Says whether the date cannot be done without an answer. Nobody has to name who took part.
    #[must_use]
    pub fn is_required(self) -> bool {
        self != Self::Attendees
    }
}

/// The check of a line that asks whether people can be reached, and so who they are.
const CONTACTS: &str = "contacts.complete";

/// Lists what a dated line asks of a person beside the note.
///
/// **Shape**: a line about speed that comes once asks what was changed, with the value before and after; every line that
/// does not come back each day or hour may name who took part, and so may one that asks who is there.
#[must_use]
pub fn questions(row: &Row) -> Vec<Question> {
    let rhythm = row.schedule.and_then(|rule| rule.every);
    let is_once = row.schedule.is_some() && rhythm.is_none();
    let proof = row.proof.as_ref().map_or("", |proof| proof.as_str());
    let mut questions = Vec::new();
    if is_once && is_about_speed(proof) && !is_first_hours(row) {
        questions.extend([Question::Change, Question::Before, Question::After]);
    }
    let is_reviewed = !is_first_hours(row) && rhythm.is_none_or(|every| every >= Unit::Week);
    if is_reviewed || proof == CONTACTS {
        questions.push(Question::Attendees);
    }
    questions
}

/// Says whether each payment that failed since the date before is listed and something is done about it.
#[must_use]
pub fn asks_dispositions(row: &Row) -> bool {
    row.schedule.is_some() && row.proof.as_ref().is_some_and(|proof| proof.as_str() == "metric.failed_payments")
}

/// Says whether a line without a figure of its own is about what customers wrote.
#[must_use]
pub fn asks_feedback(row: &Row) -> bool {
    row.schedule.is_some() && row.proof.is_none() && row.label.to_lowercase().contains("feedback")
}

/// Says whether a line belongs to the hours after the deployment.
#[must_use]
pub fn is_first_hours(row: &Row) -> bool {
    row.schedule.and_then(|rule| rule.window).is_some_and(|window| window.unit == Unit::Hour)
}

fn is_about_speed(proof: &str) -> bool {
    matches!(proof, "metric.api_response_time" | "metric.db_query_time" | "metric.payment_processing_time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::row::Proof;
    use crate::checklist::sample;
    use crate::checklist::schedule::ScheduleRule;

    fn line(rule: &str, proof: &str) -> Row {
        let mut row = sample::template().row(&"daily-look".into()).unwrap().clone();
        row.schedule = Some(rule.parse::<ScheduleRule>().unwrap());
        row.proof = (!proof.is_empty()).then(|| Proof::from(proof));
        row
    }

    #[test]
    fn a_line_asks_what_its_figure_and_its_rhythm_call_for() {
        use Question::{After, Attendees, Before, Change};
        let cases = [
            ("week 1", "metric.api_response_time", vec![Change, Before, After, Attendees]),
            ("month 1", "metric.db_query_time", vec![Change, Before, After, Attendees]),
            ("every day", "metric.api_response_time", vec![]),
            ("week 1 every day", "metric.webhook_success_rate", vec![]),
            ("week 2-4 every week", "metric.mrr", vec![Attendees]),
            ("month 2+ every month", "metric.mrr", vec![Attendees]),
            ("week 1", "", vec![Attendees]),
            ("hour 1", "metric.api_response_time", vec![]),
            ("hour 1", "contacts.complete", vec![Attendees]),
        ];
        for (rule, proof, expected) in cases {
            assert_eq!(questions(&line(rule, proof)), expected, "{rule} {proof}");
        }
        assert!(Change.is_required() && !Attendees.is_required());
        let feedback = |label: &str, proof: &str| Row { label: label.to_owned(), ..line("week 1", proof) };
        assert!(asks_feedback(&feedback("Customer feedback collection", "")));
        assert!(!asks_feedback(&feedback("Customer feedback collection", "metric.mrr")));
        assert!(!asks_feedback(&feedback("Feature roadmap planning", "")));
        assert!(asks_dispositions(&line("every day", "metric.failed_payments")));
        assert!(!asks_dispositions(&line("every day", "metric.payment_failure_rate")));
    }
}
