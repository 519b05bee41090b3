//! One line of a checklist: what it looks like, what kind of work it is, and what proves it.
//!
//! Separate from the template because importer, run and exports read rows, not files. Deliberately absent: any state;
//! a row is the same before, during and after a run.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::digest::Digest;
use super::limit::Limit;
use super::role::Role;
use super::schedule::ScheduleRule;
use crate::ids::{ItemId, MetricId, ProbeId};
use crate::metrics::registry::{EXPOSURE, TICKETS};

/// What kind of work a line is.
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
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A check decides it, perhaps together with a person.
    Auto,
    /// A measured value decides it; nobody ticks it.
    Metric,
    /// Comes back on dates.
    Schedule,
    /// A person decides it.
    Manual,
    /// An indicator or a step of a rollback.
    Rollback,
    /// A person or vendor to reach.
    Contact,
    /// A command to copy; never run here.
    Command,
    /// A signature.
    Signoff,
    /// A form field, or a sentence that became a gate.
    Note,
}

/// What a line looks like in its source.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
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
pub enum Shape {
    /// `- [ ] text` or `1. [ ] text`.
    Box,
    /// `1. text`.
    Step,
    /// `- text`, in a file that has no boxes at all.
    Bullet,
    /// A line of a shell block.
    Command,
    /// `- **Primary**: DevOps Team Lead`.
    Contact,
    /// `Role: ____ Date: ____`.
    Signature,
    /// `Label: ____`.
    Field,
    /// A sentence that states a rule for the whole list.
    Policy,
    /// A heading such as `Phase 1: Soft Launch (10% of users)`.
    Phase,
}

/// How far a check alone can prove a line; written `full`, `partial: what remains`, `assist` or `human`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, strum::AsRefStr, ts_rs::TS)]
#[strum(serialize_all = "snake_case")]
#[ts(type = "string")]
pub enum Strength {
    /// The check completes or fails the line by itself.
    Full,
    /// The check has to pass and a person confirms what remains.
    Partial(String),
    /// A person decides; figures are shown beside it and kept with the decision.
    Assist,
    /// A person's note or attachment alone.
    Human,
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partial(remainder) => write!(f, "partial: {remainder}"),
            _ => f.write_str(self.as_ref()),
        }
    }
}

impl Serialize for Strength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Strength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match (text.as_str(), text.strip_prefix("partial: ")) {
            (_, Some(remainder)) => Ok(Self::Partial(remainder.to_owned())),
            ("full", _) => Ok(Self::Full),
            ("assist", _) => Ok(Self::Assist),
            ("human", _) => Ok(Self::Human),
            _ => Err(serde::de::Error::custom(format!("`{text}` is not a strength"))),
        }
    }
}

/// What decides a line: a probe (also gates, triggers, sign-off lines and form fields) or a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub enum Proof {
    /// A probe of the catalogue.
    Probe(ProbeId),
    /// A metric of the catalogue.
    Metric(MetricId),
}

impl Proof {
    /// Gives the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Probe(id) => id.as_str(),
            Self::Metric(id) => id.as_str(),
        }
    }

    /// Says whether it measures the share of users that see the release, which phases are compared with.
    #[must_use]
    pub fn is_exposure(&self) -> bool {
        self.as_str() == EXPOSURE
    }

    /// Says whether it is counted by whole days, and so cannot be sampled over the day.
    #[must_use]
    pub fn is_by_day(&self) -> bool {
        self.as_str() == TICKETS
    }
}

impl From<&str> for Proof {
    fn from(text: &str) -> Self {
        if text.starts_with("metric.") { Self::Metric(text.into()) } else { Self::Probe(text.into()) }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Proof {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Proof {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

/// One line of a template.
///
/// **Shape**: in the order of the source; a child stands behind its parent. Empty texts and absent values are left out
/// of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Stable inside the template, made from the label.
    #[ts(type = "string")]
    pub id: ItemId,
    /// Where it stands in the source, from 1.
    pub line: u32,
    /// The headings above it, outermost first, without the title of the file.
    pub section: Vec<String>,
    /// The bold line or bullet it stands under, when that is no heading.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
    /// The text as it stands, without marks of its shape.
    pub label: String,
    /// What the source gives for a contact: a role, an address, or nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given: String,
    /// What it looks like.
    pub shape: Shape,
    /// Its number, in a numbered list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// What kind of work it is.
    pub kind: Kind,
    /// What decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Whether the proof is only a suggestion nobody has confirmed yet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub suggested: bool,
    /// How far the proof reaches; only for lines a check or a person decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
    /// The rule in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// What to know before doing it, or how to put it right.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// The bound a value is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// How long an answer counts, when the rule differs from the catalogue. **Units**: hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_hours: Option<u32>,
    /// Who may confirm it; empty means everyone who works on the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirm: Vec<Role>,
    /// Whether it may be declared not applicable: "(if applicable)".
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// The row it is nested in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub parent: Option<ItemId>,
    /// The phase it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u8>,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleRule>,
    /// Whether it is a rollback indicator: ticking it means something bad happened.
    #[serde(default, skip_serializing_if = "is_false")]
    pub indicator: bool,
    /// Who the source mentions beside it (`@ana`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// Further text under it, as it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Row {
    /// Starts a row that has a place and a text and nothing else.
    #[must_use]
    pub fn of_text(line: u32, section: Vec<String>, label: String, shape: Shape, kind: Kind) -> Self {
        Self {
            id: ItemId::new(""),
            line,
            section,
            caption: String::new(),
            label,
            given: String::new(),
            shape,
            number: None,
            kind,
            proof: None,
            suggested: false,
            strength: None,
            rule: String::new(),
            help: String::new(),
            limit: None,
            fresh_hours: None,
            confirm: Vec::new(),
            optional: false,
            parent: None,
            phase: None,
            schedule: None,
            indicator: false,
            mentions: Vec::new(),
            detail: String::new(),
        }
    }

    /// Gives the headings above it as one text.
    #[must_use]
    pub fn section_path(&self) -> String {
        self.section.join(" / ")
    }

    /// Writes the line with the marks of its shape, as inventories of checklists list it.
    ///
    /// **Example**: `(nested) billing_queue`, `1. Stop new deployments`, `Lead Developer: (name) Date: (date)`,
    /// `On-Call Engineer: (blank)`, `Phase 1: Soft Launch (10% of users) - exposure threshold`.
    #[must_use]
    pub fn coverage_label(&self) -> String {
        let label = &self.label;
        match self.shape {
            Shape::Signature => format!("{label}: (name) Date: (date)"),
            Shape::Field => format!("{label}: (blank)"),
            Shape::Contact if self.given.is_empty() => format!("{label}: (blank)"),
            Shape::Contact => format!("{label}: {}", self.given),
            Shape::Phase => format!("{label} - exposure threshold"),
            Shape::Box | Shape::Step | Shape::Bullet | Shape::Command | Shape::Policy => {
                let nested = if self.parent.is_some() { "(nested) " } else { "" };
                let number = self.number.map(|number| format!("{number}. ")).unwrap_or_default();
                format!("{nested}{number}{label}")
            }
        }
    }

    /// Says whether its children decide it: a parent whose text ends in a colon.
    #[must_use]
    pub fn is_rolled_up(&self) -> bool {
        self.shape == Shape::Box && self.label.ends_with(':')
    }

    /// Says whether the line is about the release that is deployed, so that a person's word on it is about that release
    /// alone.
    ///
    /// **Shape**: a command; a line whose text names a deployment, a migration or a release; a line under a heading that
    /// does, a rollout or a launch also, but not under one for what comes before (`Pre-Deployment`). What a check proves
    /// has its own rule in the catalogue.
    #[must_use]
    pub fn is_about_release(&self) -> bool {
        let stems = ["deploy", "migrat", "release"];
        let names = |text: &str, more: &[&str]| {
            let words = super::role::words(text, ' ');
            let is_before = words.starts_with("pre ") || words.starts_with("before ");
            let mut words = words.split(' ');
            words.any(|word| stems.iter().chain(more).any(|stem| word.starts_with(stem)))
                && (more.is_empty() || !is_before)
        };
        let under = self.section.iter().chain(std::iter::once(&self.caption));
        self.kind == Kind::Command
            || names(&self.label, &[])
            || under.into_iter().any(|heading| names(heading, &["rollout", "launch"]))
    }

    /// Says whether the line is a limit that no metric was chosen for, and no person either.
    #[must_use]
    pub fn is_unmeasured(&self) -> bool {
        let by_person = matches!(self.strength, Some(Strength::Assist | Strength::Human));
        self.kind == Kind::Metric && self.proof.is_none() && !by_person
    }

    /// Says whether the line belongs after the deployment: under a heading that begins with `Post-Deployment`.
    #[must_use]
    pub fn is_after_deployment(&self) -> bool {
        let is_post = |heading: &String| super::role::words(heading, ' ').starts_with("post deploy");
        self.section.iter().any(is_post)
    }

    /// Digests everything that decides the line, so that a changed rule is seen and an unchanged one keeps its results.
    ///
    /// **Shape**: place, help and further text are left out; label, kind, proof and rule are in.
    #[must_use]
    pub fn rule_version(&self) -> Digest {
        let decides = (
            (&self.label, &self.given, self.shape, self.kind, &self.proof, self.suggested),
            (&self.strength, &self.rule, &self.limit, self.fresh_hours, &self.confirm, self.optional),
            (&self.parent, self.phase, &self.schedule, self.indicator),
        );
        Digest::of_value("countersign-row-rule-v1", &decides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_version_sees_the_rule_and_not_the_place() {
        let row = Row::of_text(7, vec!["A".to_owned()], "Do it".to_owned(), Shape::Box, Kind::Manual);
        let moved = Row { line: 9, section: vec!["B".to_owned()], help: "Look".to_owned(), ..row.clone() };
        assert_eq!(row.rule_version(), moved.rule_version());
        let proved = Row { proof: Some("stripe.key.mode".into()), ..row.clone() };
        assert_ne!(row.rule_version(), proved.rule_version());
        let stronger = Row { strength: Some(Strength::Full), ..row.clone() };
        assert_ne!(row.rule_version(), stronger.rule_version());
    }

    #[test]
    fn lines_about_a_release_are_told_by_their_words() {
        let is_bound = |section: &[&str], label: &str, kind: Kind| {
            let section = section.iter().map(|heading| (*heading).to_owned()).collect();
            Row::of_text(1, section, label.to_owned(), Shape::Box, kind).is_about_release()
        };
        for (section, label, wanted) in [
            (&["Pre-Deployment", "Configuration"][..], "Environment variables configured", false),
            (&["Pre-Deployment", "Database"], "Migration scripts tested", true),
            (&["Deployment", "Pre-Deployment Steps"], "Update CHANGELOG", true),
            (&["Deployment", "Database Migration"], "Verify data integrity", true),
            (&["Post-Deployment"], "Look at the logs", true),
            (&["Before Launch"], "Access reviewed", false),
            (&["Launch"], "Tell the customers", true),
            (&["Training"], "Team knows how to deploy", true),
            (&[], "Access reviewed", false),
        ] {
            assert_eq!(is_bound(section, label, Kind::Manual), wanted, "{section:?} {label}");
        }
        assert!(is_bound(&[], "npm start", Kind::Command));
    }

    #[test]
    fn words_of_kinds_round_trip() {
        use strum::IntoEnumIterator;
        for kind in Kind::iter() {
            assert_eq!(serde_json::to_value(kind).unwrap(), serde_json::Value::from(kind.as_ref()));
            assert_eq!(kind.as_ref().parse(), Ok(kind));
        }
    }
}
