//! What follows from the records and is asked for again and again: kept until an entry changes it.
//!
//! So that looking at a run costs what changed, not what was ever recorded. Deliberately absent: whatever depends on the
//! clock or on checks under way.

use std::sync::{Arc, OnceLock};

use super::super::entry::Entry;
use super::super::sign::Slot;
use super::Run;
use super::root::Leaf;

#[cfg(test)]
thread_local! {
    /// Counts the leaves that were made.
    static MADE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// What is known already.
#[derive(Debug, Clone)]
pub(super) struct Derived {
    /// The leaf of each row.
    leaves: Vec<OnceLock<Arc<Leaf>>>,
    slots: OnceLock<Arc<[Slot]>>,
}

impl Derived {
    pub fn nothing(rows: usize) -> Self {
        Self { leaves: vec![OnceLock::new(); rows], slots: OnceLock::new() }
    }

    fn forget(&mut self, at: usize) {
        if let Some(leaf) = self.leaves.get_mut(at) {
            leaf.take();
        }
    }
}

impl Run {
    /// Gives every line to sign with its state, as [`Run::slots`] does, without a copy.
    #[must_use]
    pub fn known_slots(&self) -> &[Slot] {
        self.derived.slots.get_or_init(|| self.slots_now().into())
    }

    /// Gives the leaf of a row; `None` where there is no such row.
    pub(super) fn known_leaf(&self, at: usize) -> Option<&Arc<Leaf>> {
        let row = self.row_at(at)?;
        Some(self.derived.leaves.get(at)?.get_or_init(|| {
            #[cfg(test)]
            MADE.set(MADE.get() + 1);
            Arc::new(self.leaf(at, row))
        }))
    }

    /// Forgets what an entry may have changed: an entry about a line, its leaf and those above and below it.
    pub(super) fn forget(&mut self, entry: &Entry) {
        self.derived.slots.take();
        match entry.item().and_then(|item| self.index.get(item)) {
            Some(at) => self.forget_kin(*at),
            // No leaf says what a gate was seen to be, or what was sampled for one.
            None if matches!(entry, Entry::GateEvaluated(_) | Entry::SoakSampled(_) | Entry::FirstHourSampled(_)) => {}
            None => self.derived = Derived::nothing(self.histories.len()),
        }
    }

    fn forget_kin(&mut self, at: usize) {
        let mut below = vec![at];
        while let Some(at) = below.pop() {
            self.derived.forget(at);
            below.extend(self.children_of(at));
        }
        let parent = |at: usize| self.index.get(self.row_at(at)?.parent.as_ref()?).copied();
        let above: Vec<usize> = std::iter::successors(parent(at), |at| parent(*at)).take(self.children.len()).collect();
        above.into_iter().for_each(|at| self.derived.forget(at));
    }
}

#[cfg(test)]
mod tests;
