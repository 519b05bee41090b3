//! What a statement says: the run as it stands, and the words of whoever signs.
//!
//! Separate because the matter of a statement travels to another computer as it is, while the signer's words are added
//! there. Frozen: a matter is part of sealed documents and of entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::digest::Digest;
use super::super::role::Role;
use super::super::run::{Decision, Run, State, bound};
use super::{Meaning, Scope, Wish, lines};
use crate::Instant;
use crate::ids::{EnvironmentId, ItemId, OperatorId};
use crate::workspace::Class;

/// What a statement is about, apart from who signs and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// For which role.
    pub role: Role,
    /// As people say it.
    pub label: String,
    /// The group it signs in; the name of the phase, where a phase is signed.
    pub group: String,
    /// What is signed.
    pub scope: Scope,
    /// Name of the template.
    pub template: String,
    /// Its version.
    #[serde(with = "crate::text_number")]
    pub version: u32,
    /// Its content hash.
    pub template_hash: Digest,
    /// Tag of the release.
    pub release: String,
    /// Where.
    pub environment: EnvironmentId,
    /// The class of that environment.
    pub class: Class,
    /// Whether it is the invented company.
    pub is_demo: bool,
    /// Pinned fingerprints, by source.
    pub fingerprints: BTreeMap<String, String>,
    /// How far the run is, waivers and overrides, one sentence each.
    pub recorded: Vec<String>,
    /// The evidence root.
    pub root: Digest,
}

/// What a signer adds.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Who, as it is printed.
    pub signer: &'a str,
    /// What the signature shall mean.
    pub meaning: Meaning,
    /// What else they say.
    pub comment: &'a str,
    /// Why one person signs where two should.
    pub exception: Option<&'a str>,
    /// What the lines are called that a rejection opens again.
    pub reopens: &'a [String],
}

impl Matter {
    /// Gives the text a person signs, line by line.
    #[must_use]
    pub fn statement(&self, said: Said<'_>) -> Vec<String> {
        let mut text = Vec::new();
        if self.is_demo {
            text.push("DEMO: an invented company; this signature says nothing about a real one.".to_owned());
        }
        let meaning = match said.meaning {
            Meaning::Approve => "I approve",
            Meaning::Review => "I reviewed, without approving,",
            Meaning::Reject => "I reject",
        };
        let what = match self.scope {
            Scope::Run => "this run".to_owned(),
            Scope::Phase(number) => format!("phase {number} of this run ({})", self.group),
        };
        text.push(format!("{meaning} {what}, as {}: {}.", self.label, said.signer));
        text.push(format!("Template: {}, version {}, {}.", self.template, self.version, self.template_hash));
        text.push(format!("Release {} on {} ({}).", self.release, self.environment, self.class));
        text.extend(self.fingerprints.iter().map(|(source, value)| format!("Fingerprint of {source}: {value}.")));
        text.extend(self.recorded.iter().cloned());
        text.extend(said.exception.map(|reason| format!("Exception to signing by different people: {reason}")));
        if !said.comment.trim().is_empty() {
            text.push(format!("Comment: {}", said.comment.trim()));
        }
        if !said.reopens.is_empty() {
            text.push(format!("Opens again: {}.", said.reopens.join("; ")));
        }
        text.push(format!("Evidence root: {}.", self.root));
        text
    }

    /// Digests what the run is bound to, as the first leaf of the evidence root does.
    #[must_use]
    pub fn bound(&self) -> Digest {
        let Self { scope, template_hash, environment, class, is_demo, release, fingerprints, .. } = self;
        bound(*scope, *template_hash, environment, *class, *is_demo, release, fingerprints)
    }
}

impl Run {
    /// Gives what a statement would be about now.
    #[must_use]
    pub fn matter(&self, role: &Role, scope: Scope, now: Instant) -> Matter {
        let (binding, template) = (self.binding(), self.template());
        let line = lines(template).into_iter().find(|line| line.role == *role && line.scope == scope);
        let (label, group) = line.map_or_else(|| (role.to_string(), String::new()), |line| (line.label, line.group));
        let progress = self.progress(now);
        let states = progress.states.iter().map(|(state, count)| format!("{count} {}", state.replace('_', " ")));
        let states = states.collect::<Vec<_>>().join(", ");
        let mut recorded = vec![format!("{} of {} lines are complete: {states}.", progress.complete, progress.total)];
        recorded.extend(self.waivers(now));
        recorded.extend(self.overrides());
        Matter {
            role: role.clone(),
            label,
            group,
            scope,
            template: template.name.clone(),
            version: template.version,
            template_hash: binding.template_hash,
            release: binding.release.clone(),
            environment: binding.environment.clone(),
            class: binding.class,
            is_demo: binding.is_demo,
            fingerprints: binding.fingerprints.clone(),
            recorded,
            root: self.root_digest(scope),
        }
    }

    /// Gives the text a person signs, line by line, for what is recorded now.
    #[must_use]
    pub fn statement(&self, wish: Wish<'_>, signer: &str, now: Instant) -> Vec<String> {
        let Wish { role, scope, meaning, comment, root, exception, reopens } = wish;
        let matter = Matter { root, ..self.matter(role, scope, now) };
        matter.statement(Said { signer, meaning, comment, exception, reopens: &self.labels(reopens) })
    }

    /// Names lines as the template does; one it does not have, by its id.
    pub(super) fn labels(&self, items: &[ItemId]) -> Vec<String> {
        let label = |item: &ItemId| self.line(item).map_or_else(|| item.to_string(), |row| row.label.clone());
        items.iter().map(label).collect()
    }

    /// Lists what is not complete, one sentence each, in the order of the template.
    #[must_use]
    pub fn not_green(&self, now: Instant) -> Vec<String> {
        let rows = self.template().rows.iter().filter(|row| self.counts(row) || row.indicator);
        let rows = rows.chain(self.standing_by.iter());
        let sentence = |row: &super::super::row::Row| {
            let standing = self.standing(&row.id, now)?;
            let green = standing.state.is_complete() || standing.state == State::Armed;
            let word = standing.state.word().replace('_', " ");
            (!green).then(|| format!("{}: {word}. {}", row.label.trim_end_matches(':'), standing.because))
        };
        rows.filter_map(sentence).collect()
    }

    /// Counts the items a person confirmed, waived or set aside.
    #[must_use]
    pub fn decided_by(&self, operator: &OperatorId) -> usize {
        let rows = self.template().rows.iter().filter_map(|row| self.history(&row.id));
        let by = |history: &&super::super::run::History| {
            let waived = history.waived.as_ref().map(|waiver| &waiver.decision);
            [history.confirmed.as_ref(), waived, history.dismissed.as_ref()]
                .into_iter()
                .flatten()
                .any(|decision| decision.by.id == *operator)
        };
        rows.filter(by).count()
    }

    fn waivers(&self, now: Instant) -> Vec<String> {
        let rows = self.template().rows.iter();
        let waived =
            rows.filter(|row| self.standing(&row.id, now).is_some_and(|standing| standing.state == State::Waived));
        waived
            .filter_map(|row| {
                let waiver = self.history(&row.id)?.waived.as_ref()?;
                let (by, until) = (&waiver.decision.by.name, waiver.until.format("%Y-%m-%d"));
                Some(format!("Waived until {until} by {by}: {}. {}", row.label, waiver.decision.text))
            })
            .collect()
    }

    /// Gives the gates two people overrode, by name, with the words of both; a list without phases has one gate.
    pub fn gates_overridden(&self) -> impl Iterator<Item = (&str, &Decision, &Decision)> {
        let phases = &self.template().phases;
        let whole = phases.is_empty().then_some((0, "the run"));
        let gates = phases.iter().map(|phase| (phase.number, phase.name.as_str())).chain(whole);
        gates.filter_map(|(number, name)| {
            let (first, second) = self.gate(number)?.override_of_two()?;
            Some((name, first, second))
        })
    }

    fn overrides(&self) -> Vec<String> {
        let sentence = |(name, first, second): (&str, &Decision, &Decision)| {
            format!("Gate of {name} overridden by {} and {}: {}", first.by.name, second.by.name, first.text)
        };
        self.gates_overridden().map(sentence).collect()
    }
}
