//! What the recorded facts about a line mean at an instant.
//!
//! One function per question: what decides the line, is the answer still good, what stands in the way. Deliberately
//! absent: any act; asking for a state changes nothing.

use num_rational::BigRational;
use serde::Serialize;

use super::super::catalogue::{Check, CheckSource};
use super::super::contacts;
use super::super::row::{Kind, Proof, Row, Shape, Strength};
use super::super::sign::SlotState;
use super::super::suggest::CONFIRM_SUGGESTION;
use super::form::FAMILY;
use super::history::{Answer, Decision, History, Seen};
use super::{DueState, Run, check_of, is_rollback_step};
use crate::Instant;
use crate::probe::{Outcome, Unknown};

/// How long a person's word counts where the line says nothing else. **Units**: days.
pub const CONFIRMED_DAYS_MAX: i64 = 30;

/// The state of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(tag = "word", content = "reason", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// Nothing is known yet.
    Open,
    /// Its check is being made.
    Running,
    /// The check proved it.
    Verified,
    /// The check passed, and a person has to confirm what remains.
    NeedsConfirmation,
    /// The check disproved it.
    Failed,
    /// It holds with something a named person has to accept.
    Warning,
    /// The check could not be decided.
    Unknown(Unknown),
    /// A person confirmed it.
    Confirmed,
    /// It need not be complete for a time.
    Waived,
    /// It does not apply here.
    NotApplicable,
    /// Something else has to be done first.
    Blocked,
    /// What was known is too old, or about something else.
    Stale,
    /// It was opened again.
    Reopened,
    /// An indicator that has not tripped.
    Armed,
    /// An indicator that has.
    Tripped,
}

impl State {
    /// Says whether the line counts as complete.
    #[must_use]
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Verified | Self::Confirmed | Self::Waived | Self::NotApplicable)
    }

    /// Gives the stable word.
    #[must_use]
    pub fn word(self) -> String {
        self.as_ref().to_owned()
    }
}

/// A state and its reason in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Why, for people.
    pub because: String,
}

impl Standing {
    fn new(state: State, because: impl Into<String>) -> Self {
        Self { state, because: because.into() }
    }
}

impl Run {
    /// Gives the state of an item at an instant.
    #[must_use]
    pub fn standing(&self, item: &crate::ids::ItemId, now: Instant) -> Option<Standing> {
        self.index.get(item).map(|at| self.standing_at(*at, Some(now)))
    }

    /// Says until when the present answer or confirmation of an item counts.
    #[must_use]
    pub fn fresh_until(&self, item: &crate::ids::ItemId) -> Option<Instant> {
        let (at, row) = self.row(item).ok().filter(|_| self.ended.is_none())?;
        let history = self.histories.get(at)?;
        // With what a phase was passed never grows old.
        let answer = history.answer.as_ref().filter(|_| history.passed.is_none());
        let answer = answer.map(|answer| known_at(answer) + fresh_for(row));
        let word = history.confirmed.as_ref().map(|word| word.at + confirmed_for(row));
        let file = file_end(history).filter(|_| word.is_some() && answer.is_none());
        [answer, word, file].into_iter().flatten().min()
    }

    /// Says until when a file that is as old as `at` counts on a line; `None` where the rule gives files no end.
    #[must_use]
    pub fn file_counts_until(&self, item: &crate::ids::ItemId, at: Instant) -> Option<Instant> {
        let (_, row) = self.row(item).ok()?;
        check_of(row).filter(|check| check.source == CheckSource::Import).map(|_| at + fresh_for(row))
    }

    /// Says whether a row counts towards completion now.
    ///
    /// **Shape**: indicators, signatures, sentences and dated lines never count; steps of a rollback count while it is
    /// under way; an optional contact counts once somebody filled it in.
    #[must_use]
    pub fn counts(&self, row: &Row) -> bool {
        match row.kind {
            Kind::Auto | Kind::Metric | Kind::Manual | Kind::Command => true,
            Kind::Contact => !row.optional || self.history(&row.id).is_some_and(|history| history.card.is_some()),
            Kind::Note => row.shape == Shape::Field,
            Kind::Rollback => is_rollback_step(row) && self.is_rolling_back(&row.section),
            Kind::Schedule | Kind::Signoff => false,
        }
    }

    /// Gives the state of the row at this place; without `now`, as if nothing ever grew old.
    pub(in super::super) fn standing_at(&self, at: usize, now: Option<Instant>) -> Standing {
        let (Some(row), Some(history)) = (self.row_at(at), self.histories.get(at)) else {
            return Standing::new(State::Open, "");
        };
        let now = now.map(|now| self.as_of(row, now));
        if self.running.contains(&row.id) && now.is_some() {
            return Standing::new(State::Running, "The check is being made.");
        }
        if let Some(aside) = self.set_aside(row, history, now) {
            return aside;
        }
        match row.kind {
            Kind::Signoff => self.signoff(row),
            Kind::Schedule => self.scheduled(row, now),
            Kind::Contact => contact(row, history, now),
            Kind::Note => self.note(row, history, now),
            Kind::Rollback => self.rollback(row, history),
            _ if row.is_rolled_up() && !self.children_of(at).is_empty() => self.rolled_up(at, history, now),
            _ => self.own(at, row, history, now),
        }
    }

    /// A run that is over stays as it was signed; only its dates go on.
    fn as_of(&self, row: &Row, now: Instant) -> Instant {
        self.ended.as_ref().filter(|_| row.kind != Kind::Schedule).map_or(now, |end| now.min(end.at))
    }

    /// Waived or not applicable, by itself or by the line it is nested in.
    fn set_aside(&self, row: &Row, history: &History, now: Option<Instant>) -> Option<Standing> {
        if let Some(word) = &history.dismissed {
            return Some(Standing::new(State::NotApplicable, format!("{}: {}", word.by.name, word.text)));
        }
        let counts = |until: Instant| now.is_none_or(|now| now < until);
        if let Some(waiver) = history.waived.as_ref().filter(|waiver| counts(waiver.until)) {
            let word = &waiver.decision;
            let text = format!("Waived by {} until {}: {}", word.by.name, day(waiver.until), word.text);
            return Some(Standing::new(State::Waived, text));
        }
        let parent = row.parent.as_ref().and_then(|parent| self.row(parent).ok());
        let (at, parent) = parent?;
        self.set_aside(parent, self.histories.get(at)?, now)
    }

    /// A line its children decide; the worst of them speaks for it.
    fn rolled_up(&self, at: usize, history: &History, now: Option<Instant>) -> Standing {
        if let Some(answer) = history.answer.as_ref().filter(|answer| answer.outcome == Outcome::Fail) {
            return Standing::new(State::Failed, answer.seen.found());
        }
        let states: Vec<State> = self.children_of(at).iter().map(|child| self.standing_at(*child, now).state).collect();
        let complete = states.iter().filter(|state| state.is_complete()).count();
        let because = format!("{complete} of {} below are complete.", states.len());
        let worst = states.into_iter().filter(|state| !state.is_complete()).min_by_key(|state| severity(*state));
        Standing::new(worst.unwrap_or(State::Verified), because)
    }

    /// A line with its own check or its own person.
    fn own(&self, at: usize, row: &Row, history: &History, now: Option<Instant>) -> Standing {
        let standing = match &row.strength {
            Some(Strength::Assist | Strength::Human) => self.by_person(row, history, now),
            // The value decides, and nobody said yet where it comes from. Earlier versions let a person say so.
            _ if row.is_unmeasured() && history.confirmed.is_none() && now.is_some() => {
                Standing::new(State::Unknown(Unknown::NotConfigured), "No metric is chosen that decides this limit.")
            }
            _ if row.proof.is_none() => self.by_person(row, history, now),
            strength => self.by_check(row, history, strength.as_ref(), now),
        };
        if standing.state == State::Open && history.reopened.is_some() {
            let because =
                history.reopened.as_ref().map_or_else(String::new, |word| format!("{}: {}", word.by.name, word.text));
            return Standing::new(State::Reopened, because);
        }
        // Before its phase begins, which share it has reached says nothing yet.
        let is_early =
            row.proof.as_ref().is_some_and(Proof::is_exposure) && matches!(standing.state, State::Unknown(_));
        if (is_early || standing.state == State::Open)
            && let Some(because) = self.waits_for_gate(row)
        {
            return Standing::new(State::Blocked, because);
        }
        let open =
            self.children_of(at).iter().filter(|child| !self.standing_at(**child, now).state.is_complete()).count();
        if standing.state.is_complete() && open > 0 {
            return Standing::new(State::Blocked, format!("{open} lines below are not complete."));
        }
        standing
    }

    fn by_check(&self, row: &Row, history: &History, strength: Option<&Strength>, now: Option<Instant>) -> Standing {
        // The evidence root keeps to what was recorded last; what the phase was passed with is how the line stands.
        let passed = now.zip(history.passed.as_ref());
        let (now, answer) = match passed {
            Some((now, (at, answer))) => (Some(now.min(*at)), Some(answer)),
            None => (now, history.answer.as_ref()),
        };
        let Some(answer) = answer else { return Standing::new(State::Open, "Not checked yet.") };
        let found = answer.seen.found();
        if answer.outcome == Outcome::Fail {
            return Standing::new(State::Failed, found);
        }
        // The evidence root has the pinned connections in a leaf of its own, and knows nothing of the present ones.
        let elsewhere = now.filter(|_| passed.is_none()).and_then(|_| self.is_elsewhere(row, answer));
        if let Some(because) = elsewhere.or_else(|| self.is_stale(row, answer, now)) {
            return Standing::new(State::Stale, because);
        }
        let word = history.confirmed.as_ref().filter(|word| is_fresh(word.at, confirmed_for(row), now));
        let outdated = now.zip(word).and_then(|(_, word)| self.is_of_another(row, word));
        let word = word.filter(|_| outdated.is_none());
        let confirmed = |word: &Decision| Standing::new(State::Confirmed, said(word));
        match answer.outcome {
            Outcome::Fail => Standing::new(State::Failed, found),
            Outcome::Unknown(reason) => Standing::new(State::Unknown(reason), found),
            // A warning is accepted as it was seen; another one has to be accepted again.
            Outcome::Warn => match word.filter(|word| word.evidence == Some(answer.evidence)) {
                Some(word) => confirmed(word),
                None => Standing::new(State::Warning, found),
            },
            Outcome::Pass => match (remainder(row, strength), word) {
                (None, _) => Standing::new(State::Verified, found),
                (Some(_), Some(word)) => confirmed(word),
                (Some(remainder), None) => {
                    let because = outdated.map_or_else(String::new, |outdated| format!("{outdated} "));
                    Standing::new(State::NeedsConfirmation, because + remainder)
                }
            },
        }
    }

    fn is_stale(&self, row: &Row, answer: &Answer, now: Option<Instant>) -> Option<String> {
        let check = check_of(row);
        // The evidence root has the release in a leaf of its own.
        let is_about = check.is_some_and(|check| check.is_release_bound()) || now.is_some() && row.is_about_release();
        if is_about && answer.release != self.binding.release {
            return Some(format!("The result is about release {}.", answer.release));
        }
        let pinned = check.and_then(|check| self.binding.fingerprints.get(check.source.as_ref()));
        let seen = answer.seen.fingerprint();
        if pinned.is_some_and(|pinned| !seen.is_empty() && pinned != seen) {
            return Some("The result comes from another connection than the pinned one.".to_owned());
        }
        let at = known_at(answer);
        // Days before the phase began say nothing of its soak, however short that is.
        let soaks = row.phase.and_then(|number| self.template.phase(number)).filter(|phase| phase.soak_hours > 0);
        let is_by_day = now.is_some() && row.proof.as_ref().is_some_and(Proof::is_by_day);
        let began = soaks.filter(|_| is_by_day).and_then(|phase| self.soaks_since(phase.number));
        if began.is_some_and(|began| at <= began) {
            return Some("No day of the soak was counted yet.".to_owned());
        }
        (!is_fresh(at, fresh_for(row), now)).then(|| format!("The result of {} is too old.", day(at)))
    }

    /// Says that a person's word was about another release than the run is now, where the line is about the release.
    fn is_of_another(&self, row: &Row, word: &Decision) -> Option<String> {
        let release = self.releases.iter().rfind(|(since, _)| *since <= word.seq).map(|(_, release)| release);
        let release = release.filter(|release| **release != self.binding.release)?;
        let is_bound = check_of(row).is_some_and(Check::is_release_bound) || row.is_about_release();
        is_bound.then(|| format!("The word of {} is about release {release}.", word.by.name))
    }

    fn by_person(&self, row: &Row, history: &History, now: Option<Instant>) -> Standing {
        let Some(word) = &history.confirmed else { return Standing::new(State::Open, "A person decides this.") };
        // The evidence root has the release in a leaf of its own.
        if let Some(because) = now.and_then(|_| self.is_of_another(row, word)) {
            return Standing::new(State::Stale, because);
        }
        if let Some(because) = now.and_then(|now| is_file_over(history, now)) {
            return Standing::new(State::Stale, because);
        }
        if is_fresh(word.at, confirmed_for(row), now) {
            return Standing::new(State::Confirmed, said(word));
        }
        Standing::new(State::Stale, format!("The word of {} of {} is too old.", word.by.name, day(word.at)))
    }

    /// Says what gate stands before a line of an exposed phase.
    fn waits_for_gate(&self, row: &Row) -> Option<String> {
        let phase = self.template.phase(row.phase?).filter(|phase| phase.exposure_pct.is_some())?;
        let before = phase.number.checked_sub(1)?;
        (!self.is_open(before)).then(|| format!("The gate before {} is not open.", phase.name))
    }

    /// Judges what was seen by the line's own rule.
    pub(super) fn judge(&self, row: &Row, seen: &Seen) -> Outcome {
        let measured = match seen {
            Seen::Check(result) => return result.verdict.outcome,
            Seen::Metric(measured, _) => measured,
        };
        let Some(value) = measured.value.as_deref().and_then(|text| text.parse::<BigRational>().ok()) else {
            return Outcome::Unknown(measured.reason.unwrap_or(Unknown::InsufficientData));
        };
        if row.kind != Kind::Metric {
            return Outcome::Pass;
        }
        let holds = match &row.limit {
            Some(limit) => limit.allows(&value),
            None => self.is_exposed_as_meant(row, &value),
        };
        let is_share = row.proof.as_ref().is_some_and(Proof::is_exposure);
        match holds {
            true => Outcome::Pass,
            // Nobody is let into a phase that has not begun.
            false if is_share && self.waits_for_gate(row).is_some() => Outcome::Unknown(Unknown::InsufficientData),
            false => Outcome::Fail,
        }
    }

    /// Compares a measured exposure with the share its phase is meant for; other values without a limit only have to exist.
    fn is_exposed_as_meant(&self, row: &Row, value: &BigRational) -> bool {
        let exposure = row.proof.as_ref().is_some_and(Proof::is_exposure);
        let phase = row.phase.and_then(|number| self.template.phase(number)).filter(|_| exposure);
        phase.is_none_or(|phase| super::super::gates::is_within(phase, value))
    }

    fn signoff(&self, row: &Row) -> Standing {
        let slot = self.known_slots().iter().find(|slot| slot.line.item.as_ref() == Some(&row.id));
        let Some(slot) = slot else { return Standing::new(State::Open, "") };
        let state = match slot.state {
            SlotState::Signed => State::Confirmed,
            SlotState::Outdated => State::Stale,
            SlotState::Rejected => State::Failed,
            SlotState::Waiting => State::Blocked,
            SlotState::Open | SlotState::Void => State::Open,
        };
        Standing::new(state, slot.sentence.as_str())
    }

    fn scheduled(&self, row: &Row, now: Option<Instant>) -> Standing {
        if self.deployed_at.is_none() {
            return Standing::new(State::Blocked, "It begins with the deployment.");
        }
        let Some(now) = now else { return Standing::new(State::Open, "") };
        let endless = row.schedule.is_some_and(|rule| rule.window.is_none_or(|window| window.last.is_none()));
        // A bounded line is looked at whole, so that "all done" can be said; an endless one up to now.
        let due = self.due_of(row, now, if endless { now } else { Instant::MAX_UTC });
        let count = |wanted: &[DueState]| due.iter().filter(|one| wanted.contains(&one.state)).count();
        let (missed, open) = (count(&[DueState::Missed]), count(&[DueState::Due]));
        let settled = count(&[DueState::Done, DueState::DoneLate, DueState::Skipped]);
        let text = format!("{settled} settled, {open} due, {missed} missed.");
        let state = match (missed, open, count(&[DueState::Upcoming])) {
            (1.., ..) => State::Stale,
            (0, 1.., _) => State::NeedsConfirmation,
            (0, 0, 0) if !endless && settled > 0 => State::Confirmed,
            _ => State::Open,
        };
        Standing::new(state, text)
    }

    fn note(&self, row: &Row, history: &History, now: Option<Instant>) -> Standing {
        if row.shape == Shape::Policy {
            let open = self.template.phases.iter().filter(|phase| !self.is_open(phase.number)).count();
            return Standing::new(State::Open, format!("A rule for the gates; {open} are not open yet."));
        }
        if let Some(value) = history.value.as_ref().filter(|value| !value.text.trim().is_empty()) {
            return Standing::new(State::Confirmed, format!("{}, by {}", value.text, value.by.name));
        }
        let word = row.proof.as_ref().and_then(|proof| proof.as_str().strip_prefix(FAMILY)).unwrap_or_default();
        // In the evidence root a field is what was written, and what binds the run; the deployment is neither.
        let known = now.is_some() || matches!(word, "environment" | "version");
        match self.recorded_field(word).filter(|_| known) {
            Some(recorded) => Standing::new(State::Verified, recorded),
            None => Standing::new(State::Open, "Not filled in yet."),
        }
    }

    fn rollback(&self, row: &Row, history: &History) -> Standing {
        if row.indicator {
            return match &history.trigger.tripped {
                Some((_, at, cause)) => Standing::new(State::Tripped, format!("Since {}: {cause}", day(*at))),
                None => Standing::new(State::Armed, "Nothing seen that calls for a rollback."),
            };
        }
        match &history.confirmed {
            Some(word) => Standing::new(State::Confirmed, said(word)),
            None if self.is_rolling_back(&row.section) => {
                Standing::new(State::Open, "A step of the rollback under way.")
            }
            None => Standing::new(State::Open, "Ready, should a rollback begin."),
        }
    }

    pub(super) fn children_of(&self, at: usize) -> &[usize] {
        self.children.get(at).map_or(&[], Vec::as_slice)
    }
}

fn contact(row: &Row, history: &History, now: Option<Instant>) -> Standing {
    // A vendor's own report of trouble is news, an address that does not answer is a fault of the card.
    let of_card = check_of(row).is_some_and(|check| check.source == CheckSource::Contacts);
    if let Some(answer) = history.answer.as_ref().filter(|answer| of_card && answer.outcome == Outcome::Fail) {
        return Standing::new(State::Failed, answer.seen.found());
    }
    let missing = contacts::missing(row, history.card.as_ref().map(|(.., card)| card), now);
    if missing.is_empty() {
        return Standing::new(State::Confirmed, "The card is complete.");
    }
    Standing::new(State::Open, format!("The card lacks {}.", missing.join(", ")))
}

/// Gives what a person has to confirm after a passed check.
fn remainder<'a>(row: &Row, strength: Option<&'a Strength>) -> Option<&'a str> {
    match strength {
        Some(Strength::Partial(remainder)) => Some(remainder),
        _ if row.suggested => Some(CONFIRM_SUGGESTION),
        _ => None,
    }
}

/// Orders states from the one that speaks loudest for a parent.
pub(super) fn severity(state: State) -> u8 {
    match state {
        State::Failed | State::Tripped => 0,
        State::Running => 1,
        State::Unknown(_) => 2,
        State::Stale => 3,
        State::Warning => 4,
        State::Reopened => 5,
        State::NeedsConfirmation => 6,
        State::Blocked => 7,
        _ => 8,
    }
}

/// Gives what an answer is as old as: the share of users as the read that counted them, a file as the file.
fn known_at(answer: &Answer) -> Instant {
    answer.seen.data_at().map_or(answer.at, |at| at.min(answer.at))
}

fn fresh_for(row: &Row) -> chrono::TimeDelta {
    let hours = row.fresh_hours.or_else(|| check_of(row).map(|check| check.fresh_hours)).unwrap_or(24);
    chrono::TimeDelta::hours(i64::from(hours))
}

/// Gives until when the newest file of a line counts, where its rule gave it an end.
fn file_end(history: &History) -> Option<Instant> {
    history.files.last()?.file.facts.as_ref()?.expires_at
}

/// Says that the newest file of a line no longer counts.
fn is_file_over(history: &History, now: Instant) -> Option<String> {
    let end = file_end(history).filter(|end| now > *end)?;
    history.files.last().map(|newest| format!("The file {} counted until {}.", newest.file.name, day(end)))
}

fn confirmed_for(row: &Row) -> chrono::TimeDelta {
    let by_person = matches!(row.strength, Some(Strength::Assist | Strength::Human));
    match row.fresh_hours.filter(|_| by_person) {
        Some(hours) => chrono::TimeDelta::hours(i64::from(hours)),
        None => chrono::TimeDelta::days(CONFIRMED_DAYS_MAX),
    }
}

fn is_fresh(at: Instant, counts_for: chrono::TimeDelta, now: Option<Instant>) -> bool {
    now.is_none_or(|now| now.signed_duration_since(at) <= counts_for)
}

fn said(word: &Decision) -> String {
    if word.text.trim().is_empty() { word.by.name.clone() } else { format!("{}: {}", word.by.name, word.text) }
}

pub(super) fn day(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
