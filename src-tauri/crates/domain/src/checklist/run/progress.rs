//! Counts over a run: how far it is, what is due, who is needed.
//!
//! Separate because screens and reports ask these of the whole run. Deliberately absent: judging a single line.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::role::Role;
use super::super::row::{Kind, Proof, Row};
use super::super::schedule::{Calendar, HOUR, Occurrence};
use super::super::sign::SlotState;
use super::history::History;
use super::state::{State, severity};
use super::{Actor, Run};
use crate::Instant;
use crate::ids::ItemId;

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ts_rs::TS)]
pub struct Progress {
    /// Lines that count.
    pub total: usize,
    /// Of these, complete.
    pub complete: usize,
    /// Lines that count, by the word of their state.
    pub states: BTreeMap<String, usize>,
}

/// How far a section is, with the sections below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SectionProgress {
    /// Headings down to it.
    pub path: Vec<String>,
    /// Lines that count.
    pub total: usize,
    /// Of these, complete.
    pub complete: usize,
    /// Of these, failed.
    pub failed: usize,
}

/// What became of one time of a dated line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DueState {
    /// It cannot be done yet.
    Upcoming,
    /// It can be done, and is on time.
    Due,
    /// It was done in time.
    Done,
    /// It was done after it was due.
    DoneLate,
    /// It was not done, and its time is over.
    Missed,
    /// It was left out, with a reason.
    Skipped,
}

/// One time of a dated line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Due {
    /// The line.
    #[ts(type = "string")]
    pub item: ItemId,
    /// When.
    pub occurrence: Occurrence,
    /// What became of it.
    pub state: DueState,
}

impl Run {
    /// Counts the lines by state.
    #[must_use]
    pub fn progress(&self, now: Instant) -> Progress {
        let mut progress = Progress::default();
        for (at, _) in self.template.rows.iter().enumerate().filter(|(_, row)| self.counts(row)) {
            let state = self.standing_at(at, Some(now)).state;
            progress.total += 1;
            progress.complete += usize::from(state.is_complete());
            *progress.states.entry(state.word()).or_default() += 1;
        }
        progress
    }

    /// Counts the lines of every section, in the order of the template.
    #[must_use]
    pub fn sections(&self, now: Instant) -> Vec<SectionProgress> {
        let mut sections: Vec<SectionProgress> = Vec::new();
        let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (at, row) in self.template.rows.iter().enumerate() {
            let state = self.counts(row).then(|| self.standing_at(at, Some(now)).state);
            for depth in 1..=row.section.len() {
                let path = row.section.get(..depth).unwrap_or_default().to_vec();
                let place = *places.entry(path.clone()).or_insert_with(|| {
                    sections.push(SectionProgress { path, total: 0, complete: 0, failed: 0 });
                    sections.len() - 1
                });
                if let (Some(section), Some(state)) = (sections.get_mut(place), state) {
                    section.total += 1;
                    section.complete += usize::from(state.is_complete());
                    section.failed += usize::from(state == State::Failed);
                }
            }
        }
        sections
    }

    /// Lists what there is to check, each check or metric once with all items it answers, failing ones first.
    ///
    /// **Shape**: `only` narrows it to some items; empty means every automatic, measured and proved line.
    #[must_use]
    pub fn checks(&self, only: &[ItemId], now: Instant) -> Vec<(Proof, Vec<ItemId>)> {
        let mut checks: Vec<(u8, Proof, Vec<ItemId>)> = Vec::new();
        for (at, row) in self.template.rows.iter().enumerate() {
            let wanted = if only.is_empty() { is_checked(row) } else { only.contains(&row.id) };
            let Some(proof) = row.proof.as_ref().filter(|_| wanted && self.may_check(&row.id).is_ok()) else {
                continue;
            };
            let urgency = severity(self.standing_at(at, Some(now)).state);
            match checks.iter_mut().find(|(_, known, _)| known == proof) {
                Some((known, _, items)) => {
                    *known = urgency.min(*known);
                    items.push(row.id.clone());
                }
                None => checks.push((urgency, proof.clone(), vec![row.id.clone()])),
            }
        }
        checks.sort_by_key(|(urgency, ..)| *urgency);
        checks.into_iter().map(|(_, proof, items)| (proof, items)).collect()
    }

    /// Lists the times of all dated lines that open before `until`, the earliest due first.
    #[must_use]
    pub fn schedule(&self, now: Instant, until: Instant) -> Vec<Due> {
        let mut due: Vec<Due> = self.template.rows.iter().flat_map(|row| self.due_of(row, now, until)).collect();
        due.sort_by_key(|one| one.occurrence.due_at);
        due
    }

    /// Lists the times of one line that open before `until`.
    ///
    /// **Shape**: when the time of the deployment was corrected, what had been due before, or was done, stays as it was;
    /// hours counted from another time are other ones, called `hour-1.2` after the first correction.
    pub(super) fn due_of(&self, row: &Row, now: Instant, until: Instant) -> Vec<Due> {
        let (Some(rule), Some(deployed_at), Some(history)) = (row.schedule, self.deployed_at, self.history(&row.id))
        else {
            return Vec::new();
        };
        let calendar = Calendar { zone: &self.zone, business_days: self.business_days };
        let mut times: Vec<Occurrence> = Vec::new();
        let former = self.corrected.iter().map(|(anchor, corrected_at)| (*anchor, Some(*corrected_at)));
        for (nth, (anchor, corrected_at)) in (1..).zip(former.chain([(deployed_at, None)])) {
            for mut occurrence in rule.occurrences(anchor, until, calendar) {
                if nth > 1 && occurrence.key.starts_with(HOUR) {
                    occurrence.key += &format!(".{nth}");
                }
                let was_due = corrected_at.is_none_or(|at| occurrence.due_at <= at);
                let stays = was_due || history.occasions.contains_key(&occurrence.key);
                if stays && times.iter().all(|known| known.key != occurrence.key) {
                    times.push(occurrence);
                }
            }
        }
        times
            .into_iter()
            .map(|occurrence| Due { item: row.id.clone(), state: due_state(history, &occurrence, now), occurrence })
            .collect()
    }

    /// Lists the items that wait for this person, in the order of the template.
    ///
    /// **Shape**: confirmations, warnings and manual lines they own or may confirm, fields and cards of the owner,
    /// signatures of their roles that can be given now, dated lines that are due.
    #[must_use]
    pub fn needs(&self, actor: Actor<'_>, now: Instant) -> Vec<ItemId> {
        let roles = actor.roles.unwrap_or_default();
        let ready: Vec<ItemId> = self
            .known_slots()
            .iter()
            .filter(|slot| roles.contains(&slot.line.role))
            .filter(|slot| matches!(slot.state, SlotState::Open | SlotState::Outdated | SlotState::Void))
            .filter_map(|slot| slot.line.item.clone())
            .collect();
        let waits = |at: usize, row: &Row| {
            let state = self.standing_at(at, Some(now)).state;
            let own = self.owner(&row.id) == actor.id;
            let named = !row.confirm.is_empty() && row.confirm.iter().any(|role: &Role| roles.contains(role));
            let mine = named || (own && row.confirm.is_empty());
            match row.kind {
                Kind::Signoff => ready.contains(&row.id),
                Kind::Schedule => mine && matches!(state, State::NeedsConfirmation | State::Stale),
                Kind::Auto | Kind::Metric => mine && matches!(state, State::NeedsConfirmation | State::Warning),
                Kind::Rollback => mine && self.counts(row) && state == State::Open,
                Kind::Manual | Kind::Command | Kind::Contact | Kind::Note => {
                    mine && self.counts(row) && !state.is_complete() && state != State::Blocked
                }
            }
        };
        let rows = self.template.rows.iter().enumerate();
        rows.filter(|(at, row)| waits(*at, row)).map(|(_, row)| row.id.clone()).collect()
    }
}

fn is_checked(row: &Row) -> bool {
    matches!(row.kind, Kind::Auto | Kind::Metric | Kind::Command)
}

fn due_state(history: &History, occurrence: &Occurrence, now: Instant) -> DueState {
    match history.occasions.get(&occurrence.key) {
        Some(occasion) if occasion.done.is_none() => DueState::Skipped,
        Some(occasion) if occasion.decision.at < occurrence.due_at => DueState::Done,
        Some(_) => DueState::DoneLate,
        None if now < occurrence.opens_at => DueState::Upcoming,
        None if now < occurrence.due_at => DueState::Due,
        None => DueState::Missed,
    }
}
