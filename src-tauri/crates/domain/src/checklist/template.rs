//! A template: a named, numbered, content-hashed list of rows, and the file form it is kept in.
//!
//! Separate from the run because a template never changes while it is used. Deliberately absent: reading Markdown
//! (`import`) and the built-in files (`app/templates`).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::catalogue;
use super::digest::Digest;
use super::role::Role;
use super::row::{Kind, Row, Shape, Strength};
use crate::ids::{ItemId, TemplateId};

/// Most rows one template may have.
pub const ROWS_MAX: usize = 20_000;
/// Deepest nesting of rows.
pub const DEPTH_MAX: usize = 64;

/// A stage of the work that ends in a gate.
///
/// **Shape**: number 0 is the preparation, everything before the first phase heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its number, from 0.
    pub number: u8,
    /// Its heading.
    pub name: String,
    /// The share of users it is opened to. **Units**: per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub exposure_pct: Option<Decimal>,
    /// How far the measured share may be from it. **Units**: percentage points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub tolerance_points: Option<Decimal>,
    /// How long its metrics have to stay within their limits before the gate opens. **Units**: hours.
    pub soak_hours: u32,
    /// Who signs it before the next one opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_by: Vec<Role>,
}

/// The Markdown a template was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the file, without its folder.
    pub file: String,
    /// Digest of the text as the importer understood it: line feeds, no byte order mark, certain repairs made.
    pub sha256: Digest,
}

/// A checklist definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable across versions.
    #[ts(type = "string")]
    pub id: TemplateId,
    /// Grows with every change.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// Where its text came from.
    pub source: Source,
    /// What a finished run is greeted with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub closing: String,
    /// Its stages, preparation first; empty when the text shows none.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "phase")]
    pub phases: Vec<Phase>,
    /// Its lines, in the order of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "row")]
    pub rows: Vec<Row>,
}

/// The file is not a template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The text is not TOML of this form.
    #[error("the template file is not understood")]
    Syntax(#[source] Box<toml::de::Error>),
    /// A template could not be written as TOML.
    #[error("the template cannot be written")]
    Unwritable(#[source] Box<toml::ser::Error>),
    /// The text is well formed and contradicts itself.
    #[error("the template contradicts itself: {}", .0.join("; "))]
    Faults(Vec<String>),
}

impl Template {
    /// Reads the file form and checks it.
    ///
    /// **Errors**: [`TemplateError::Syntax`] for anything but this form (unknown fields too), [`TemplateError::Faults`]
    /// for a template that contradicts itself.
    pub fn from_toml(text: &str) -> Result<Self, TemplateError> {
        let template: Self = toml::from_str(text).map_err(|error| TemplateError::Syntax(Box::new(error)))?;
        let faults = template.faults();
        if faults.is_empty() { Ok(template) } else { Err(TemplateError::Faults(faults)) }
    }

    /// Writes the file form.
    ///
    /// **Errors**: [`TemplateError::Unwritable`], which no template of ours gives.
    pub fn to_toml(&self) -> Result<String, TemplateError> {
        toml::to_string(self).map_err(|error| TemplateError::Unwritable(Box::new(error)))
    }

    /// Digests the whole template; runs and signatures name it.
    #[must_use]
    pub fn content_hash(&self) -> Digest {
        Digest::of_value("countersign-template-v1", self)
    }

    /// Finds a row.
    #[must_use]
    pub fn row(&self, id: &ItemId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == *id)
    }

    /// Finds a phase.
    #[must_use]
    pub fn phase(&self, number: u8) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.number == number)
    }

    /// Counts the rows of each kind.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.kind).or_default() += 1;
        }
        counts
    }

    /// Lists what contradicts itself; empty for a sound template.
    ///
    /// **Shape**: ids are distinct, parents stand before their children, phases exist, every proof is in the catalogue,
    /// and a row has what its kind needs.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut seen: BTreeMap<&ItemId, usize> = BTreeMap::new();
        if self.rows.len() > ROWS_MAX {
            faults.push(format!("{} rows, and {ROWS_MAX} is the most", self.rows.len()));
        }
        for (expected, phase) in (0_u8..).zip(&self.phases) {
            if phase.number != expected {
                faults.push(format!("phase {} stands where phase {expected} belongs", phase.number));
            }
        }
        for row in &self.rows {
            let mut fault = |text: String| faults.push(format!("row `{}`: {text}", row.id));
            let depth = row.parent.as_ref().map_or(Some(0), |parent| seen.get(parent).map(|depth| depth + 1));
            match depth {
                None => fault("its parent does not stand before it".to_owned()),
                Some(depth) if depth > DEPTH_MAX => fault(format!("it is nested more than {DEPTH_MAX} deep")),
                Some(_) => {}
            }
            if row.id.as_str().is_empty() || seen.insert(&row.id, depth.unwrap_or(0)).is_some() {
                fault("its id is empty or used twice".to_owned());
            }
            if row.phase.is_some_and(|number| self.phase(number).is_none()) {
                fault("its phase does not exist".to_owned());
            }
            if let Some(proof) = row.proof.as_ref().filter(|proof| catalogue::find(proof.as_str()).is_none()) {
                fault(format!("`{proof}` is not in the catalogue"));
            }
            if let Some(missing) = missing(row) {
                fault(missing.to_owned());
            }
        }
        faults
    }
}

/// Names what a row of this kind needs and does not have.
fn missing(row: &Row) -> Option<&'static str> {
    let strong = |wanted: fn(&Strength) -> bool| row.strength.as_ref().is_some_and(wanted);
    match row.kind {
        Kind::Auto if row.proof.is_none() => Some("a check decides it, and none is named"),
        Kind::Auto if !strong(|strength| matches!(strength, Strength::Full | Strength::Partial(_))) => {
            Some("a check decides it, and how far is not said")
        }
        Kind::Manual if !strong(|strength| matches!(strength, Strength::Assist | Strength::Human)) => {
            Some("a person decides it, and its strength says otherwise")
        }
        Kind::Schedule if row.schedule.is_none() => Some("it comes back, and no schedule is given"),
        Kind::Signoff if row.shape != Shape::Signature => Some("a signature needs a line for one"),
        _ if strong(|strength| matches!(strength, Strength::Partial(remainder) if remainder.is_empty())) => {
            Some("a person confirms a remainder, and it is not said")
        }
        _ => None,
    }
}
