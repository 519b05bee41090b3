//! The evidence root: one digest over everything a signature stands for.
//!
//! Frozen: `countersign-evidence-leaf-v1`, `-node-v1`, `-empty-v1`, `countersign-evidence-note-v1`. Leaves stand in the order of the rows; two make a
//! node, a left-over one goes up as it is. Age is not part of it: what was recorded does not change by waiting.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::digest::Digest;
use super::super::row::{Kind, Row};
use super::super::sign::Scope;
use super::Run;
use super::form::{CONSIDERATIONS, FAMILY};
use super::history::Decision;
use super::state::State;
use crate::ids::{EnvironmentId, ItemId, OperatorId};
use crate::workspace::Class;

/// One leaf of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// The item; absent for what the run is bound to.
    #[ts(type = "string | null")]
    pub item: Option<ItemId>,
    /// What it is called.
    pub label: String,
    /// Its digest.
    pub digest: Digest,
    /// What it says, in a few words.
    pub says: String,
}

/// The root and the leaves under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Root {
    /// What is signed.
    pub digest: Digest,
    /// The leaves, in the order of the rows.
    pub leaves: Vec<Leaf>,
}

impl Root {
    /// Builds the root over leaves.
    #[must_use]
    pub fn of(leaves: Vec<Leaf>) -> Self {
        Self { digest: Self::over(leaves.iter().map(|leaf| leaf.digest).collect()), leaves }
    }

    /// Builds the digest over those of leaves.
    fn over(mut level: Vec<Digest>) -> Digest {
        while level.len() > 1 {
            let pairs = level.chunks(2).filter_map(|pair| match pair {
                [left, right] => Some(Digest::of_pair("countersign-evidence-node-v1", *left, *right)),
                other => other.first().copied(),
            });
            level = pairs.collect();
        }
        level.first().copied().unwrap_or_else(|| Digest::of_value("countersign-evidence-empty-v1", &()))
    }
}

/// What is different about one item between two roots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Difference {
    /// The item; absent for what the run is bound to.
    #[ts(type = "string | null")]
    pub item: Option<ItemId>,
    /// What it is called.
    pub label: String,
    /// What it said; empty when it was not there.
    pub before: String,
    /// What it says; empty when it is gone.
    pub after: String,
}

/// Lists the differences between two roots, in the order of the newer one; empty when they are equal.
#[must_use]
pub fn difference(before: &Root, after: &Root) -> Vec<Difference> {
    let find = |leaves: &[Leaf], item: &Option<ItemId>| leaves.iter().find(|leaf| leaf.item == *item).cloned();
    let changed = after.leaves.iter().filter_map(|leaf| {
        let old = find(&before.leaves, &leaf.item);
        let differs = old.as_ref().is_none_or(|old| old.digest != leaf.digest);
        let before = old.map_or_else(String::new, |old| old.says);
        differs.then(|| Difference {
            item: leaf.item.clone(),
            label: leaf.label.clone(),
            before,
            after: leaf.says.clone(),
        })
    });
    let gone = before.leaves.iter().filter(|leaf| find(&after.leaves, &leaf.item).is_none()).map(|leaf| Difference {
        item: leaf.item.clone(),
        label: leaf.label.clone(),
        before: leaf.says.clone(),
        after: String::new(),
    });
    changed.chain(gone).collect()
}

/// What a leaf digests. The order of the fields is of no matter; their names are frozen.
#[derive(Serialize)]
struct Evidence<'a> {
    item: &'a ItemId,
    state: String,
    rule: Digest,
    answer: Option<Digest>,
    confirmed: Option<Word<'a>>,
    waived: Option<(Word<'a>, String)>,
    dismissed: Option<Word<'a>>,
    value: Option<&'a str>,
    card: Option<Digest>,
    trips: u32,
    notes: Vec<(&'a OperatorId, &'a str)>,
    files: Vec<Digest>,
}

/// Who said what.
#[derive(Serialize)]
struct Word<'a> {
    by: &'a OperatorId,
    text: &'a str,
}

impl<'a> Word<'a> {
    fn of(decision: &'a Decision) -> Self {
        Self { by: &decision.by.id, text: &decision.text }
    }
}

impl Run {
    /// Gives the root of what a signature of this scope stands for.
    ///
    /// **Shape**: the whole run covers every line except signatures and dated lines, which come after signing; a phase
    /// covers its own lines. The first leaf is what the run is bound to; the last of the whole run are indicators that the
    /// template does not name and that tripped, and what was special about it, where somebody wrote that outside the list.
    #[must_use]
    pub fn root(&self, scope: Scope) -> Root {
        let rows = self.covered(scope).map(|leaf| Leaf::clone(leaf));
        Root::of(std::iter::once(self.bound_leaf(scope)).chain(rows).chain(self.note_leaf(scope)).collect())
    }

    /// Gives the digest of [`Run::root`] alone.
    #[must_use]
    pub fn root_digest(&self, scope: Scope) -> Digest {
        let rows = self.covered(scope).map(|leaf| leaf.digest);
        let note = self.note_leaf(scope).map(|leaf| leaf.digest);
        Root::over(std::iter::once(self.bound_leaf(scope).digest).chain(rows).chain(note).collect())
    }

    fn covered(&self, scope: Scope) -> impl Iterator<Item = &Arc<Leaf>> {
        let rows = self.template.rows.iter().enumerate().filter(move |(_, row)| is_covered(row, scope));
        let tripped = (self.template.rows.len()..self.histories.len()).filter(move |at| self.has_tripped(*at, scope));
        rows.map(|(at, _)| at).chain(tripped).filter_map(|at| self.known_leaf(at))
    }

    /// Says whether a line is among what a signature of this scope stands for.
    #[must_use]
    pub fn covers(&self, scope: Scope, item: &ItemId) -> bool {
        let is_note = || self.note_leaf(scope).is_some_and(|leaf| leaf.item.as_ref() == Some(item));
        self.template.row(item).map_or_else(is_note, |row| is_covered(row, scope))
    }

    /// Gives the leaf of what was special about the run; there is none while nobody wrote anything.
    fn note_leaf(&self, scope: Scope) -> Option<Leaf> {
        let said = self.considerations().filter(|_| scope == Scope::Run)?;
        let item = ItemId::from(format!("{FAMILY}{CONSIDERATIONS}").as_str());
        let digest = Digest::of_value("countersign-evidence-note-v1", &(CONSIDERATIONS, &said.by.id, &said.text));
        Some(Leaf { item: Some(item), label: "Special considerations".to_owned(), digest, says: said.text.clone() })
    }

    /// Says whether an indicator that the template does not name tripped once; only then is there something to sign for.
    fn has_tripped(&self, at: usize, scope: Scope) -> bool {
        scope == Scope::Run && self.histories.get(at).is_some_and(|history| history.trigger.count > 0)
    }

    fn bound_leaf(&self, scope: Scope) -> Leaf {
        let binding = &self.binding;
        let digest = bound(
            scope,
            binding.template_hash,
            &binding.environment,
            binding.class,
            binding.is_demo,
            &binding.release,
            &binding.fingerprints,
        );
        let says = format!("release {} on {}", binding.release, binding.environment);
        Leaf { item: None, label: "The run".to_owned(), digest, says }
    }

    pub(super) fn leaf(&self, at: usize, row: &Row) -> Leaf {
        let state = self.standing_at(at, None).state;
        let word = match state {
            State::Unknown(reason) => format!("unknown({})", reason.as_ref()),
            state => state.word(),
        };
        let empty = super::History::default();
        let history = self.histories.get(at).map_or(&empty, Arc::as_ref);
        let evidence = Evidence {
            item: &row.id,
            state: word.clone(),
            rule: row.rule_version(),
            answer: history.answer.as_ref().map(|answer| answer.evidence),
            confirmed: history.confirmed.as_ref().map(Word::of),
            waived: history.waived.as_ref().map(|waiver| (Word::of(&waiver.decision), waiver.until.to_rfc3339())),
            dismissed: history.dismissed.as_ref().map(Word::of),
            value: history.value.as_ref().map(|value| value.text.as_str()),
            card: history.card.as_ref().map(|(.., card)| Digest::of_value("countersign-contact-v1", card)),
            trips: history.trigger.count,
            notes: history.notes.iter().map(|note| (&note.by.id, note.text.as_str())).collect(),
            files: history.files.iter().map(|file| file.file.sha256).collect(),
        };
        let digest = Digest::of_value("countersign-evidence-leaf-v1", &evidence);
        let said = [(evidence.notes.len(), "note"), (evidence.files.len(), "file")];
        let said = said
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| if *count == 1 { format!(", 1 {what}") } else { format!(", {count} {what}s") });
        let says = format!("{}{}", word.replace('_', " "), said.collect::<String>());
        Leaf { item: Some(row.id.clone()), label: row.label.clone(), digest, says }
    }
}

/// Digests what a run is bound to.
#[must_use]
pub fn bound(
    scope: Scope,
    template_hash: Digest,
    environment: &EnvironmentId,
    class: Class,
    is_demo: bool,
    release: &str,
    fingerprints: &BTreeMap<String, String>,
) -> Digest {
    let bound = (scope, template_hash, environment, class, is_demo, release, fingerprints);
    Digest::of_value("countersign-evidence-bound-v1", &bound)
}

pub(super) fn is_covered(row: &Row, scope: Scope) -> bool {
    let lasting = !matches!(row.kind, Kind::Signoff | Kind::Schedule);
    match scope {
        Scope::Run => lasting,
        Scope::Phase(number) => lasting && row.phase == Some(number),
    }
}
