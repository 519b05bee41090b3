//! The connections a run rests on: what is pinned, what is connected now, and what each answer came from.
//!
//! What is connected now is handed in beside the entries. It is no part of what they add up to: folding and the evidence
//! root never ask it, only how a line stands at an instant. Deliberately absent: reading connections.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::entry::{Act, ItemMeasured};
use super::super::row::Row;
use super::history::{Answer, Seen};
use super::{Refusal, Run, check_of};
use crate::workspace::Source;

/// How a source stands against what a run pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PinState {
    /// It is what was pinned.
    Pinned,
    /// Another one is connected.
    Changed,
    /// It is not connected any more.
    Gone,
    /// It was connected after the run had pinned what there was.
    NotPinned,
}

/// A source with what is pinned and what is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Which source, as `stripe`.
    pub source: String,
    /// The pinned fingerprint.
    pub pinned: Option<String>,
    /// The fingerprint of what is connected now.
    pub connected: Option<String>,
    /// How the two stand.
    pub state: PinState,
}

impl Run {
    /// Gives what is connected now, by source; `None` where nobody looked, and for a run that is over.
    #[must_use]
    pub fn connected(&self) -> Option<&BTreeMap<String, String>> {
        self.connected.as_ref()
    }

    /// Takes over what is connected now; a run that is over is judged by its records alone.
    pub fn see_connected(&mut self, connected: Option<BTreeMap<String, String>>) {
        self.connected = connected.filter(|_| self.ended.is_none());
    }

    /// Lists the sources that are pinned or connected, in the order of their names.
    #[must_use]
    pub fn pins(&self) -> Vec<Pin> {
        let pinned = &self.binding.fingerprints;
        let connected = self.connected.as_ref().unwrap_or(pinned);
        let sources: BTreeSet<&String> = pinned.keys().chain(connected.keys()).collect();
        let pin = |source: &String| {
            let (pinned, connected) = (pinned.get(source), connected.get(source));
            let state = match (pinned, connected) {
                (None, _) => PinState::NotPinned,
                (Some(_), None) => PinState::Gone,
                (Some(pinned), Some(connected)) if pinned == connected => PinState::Pinned,
                (Some(_), Some(_)) => PinState::Changed,
            };
            Pin { source: source.clone(), pinned: pinned.cloned(), connected: connected.cloned(), state }
        };
        sources.into_iter().map(pin).collect()
    }

    /// Applies an entry without what is connected now, so that it means the same whenever it is read.
    pub(super) fn apply_recorded(&mut self, act: &Act) -> Result<(), Refusal> {
        let connected = self.connected.take();
        let applied = self.apply(act);
        self.see_connected(connected);
        self.forget(&act.entry);
        applied
    }

    /// Gives the connections an answer rests on: as it names them, else as they are pinned now.
    pub(super) fn rests_on(&self, row: &Row, seen: &Seen) -> BTreeMap<String, String> {
        let from = |source: &Source| {
            let name = source.as_ref();
            let named = match seen {
                Seen::Metric(measured, _) => measured.fingerprints.get(name),
                Seen::Check(result) => {
                    let own = check_of(row).is_some_and(|check| check.source.as_ref() == name);
                    Some(&result.fingerprint).filter(|print| own && !print.is_empty())
                }
            };
            let print = named.or_else(|| self.binding.fingerprints.get(name))?;
            Some((name.to_owned(), print.clone()))
        };
        sources(row).iter().filter_map(from).collect()
    }

    /// Says why an answer is about another connection than the run: one that changed since it was pinned, or one that is
    /// not pinned any more.
    pub(super) fn is_elsewhere(&self, row: &Row, answer: &Answer) -> Option<String> {
        sources(row).iter().find_map(|source| {
            let name = source.as_ref();
            let (pinned, from) = (self.binding.fingerprints.get(name), answer.rests_on.get(name));
            // What is connected after the end says nothing about what was signed.
            let connected = self.connected.as_ref().filter(|_| self.ended.is_none()).map(|connected| connected.get(name));
            let called = called(*source);
            match (pinned, connected) {
                (Some(_), Some(None)) => Some(format!(
                    "{called} is pinned and not connected any more: connect it again, or pin what there is and check again."
                )),
                (Some(pinned), Some(Some(connected))) if pinned != connected => Some(format!(
                    "{called} is {connected} now, and {pinned} is pinned: connect the pinned one again, or pin this one and \
                     check again."
                )),
                (Some(pinned), _) if from.is_some_and(|from| from != pinned) => {
                    Some(format!("The result comes from another connection of {called} than the pinned one: check again."))
                }
                (None, Some(connected)) if from.is_some() && from != connected => {
                    Some(format!("The result comes from another connection of {called} than there is now: check again."))
                }
                _ => None,
            }
        })
    }

    /// Says whether a sample was read from what is pinned; one that does not say so was.
    pub(super) fn is_of_pinned(&self, line: &ItemMeasured) -> bool {
        let pinned = &self.binding.fingerprints;
        line.fingerprints.iter().all(|(source, print)| pinned.get(source).is_none_or(|pinned| pinned == print))
    }
}

fn sources(row: &Row) -> &'static [Source] {
    check_of(row).map_or(&[], |check| check.connections())
}

fn called(source: Source) -> &'static str {
    match source {
        Source::Stripe => "Stripe",
        Source::Database => "The billing database",
    }
}

#[cfg(test)]
mod tests;
