//! Templates: checklists as they were written, read by rule and reviewed by a person.

use countersign_domain::Instant;
use countersign_domain::ids::TemplateId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for the templates.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplatesRequest {}

/// Every template, built-in ones first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Templates {
    /// Newest version of each.
    pub templates: Vec<TemplateBrief>,
}

/// A template in one line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateBrief {
    /// Its id.
    pub id: TemplateId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// `built_in`, `imported` or `own`.
    pub source: String,
    /// Rows by kind.
    pub counts: Vec<KindCount>,
    /// Rows in all.
    pub rows: u32,
    /// First 12 hex digits of its content hash.
    pub hash: String,
    /// When it was saved; `null` for built-in ones.
    pub saved_at: Option<Instant>,
    /// When a run last began with it.
    pub used_at: Option<Instant>,
}

/// How many rows are of a kind.
#[derive(Debug, Clone, Serialize, TS)]
pub struct KindCount {
    /// The kind.
    pub kind: String,
    /// How many.
    pub count: u32,
}

/// Asks for one template.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplateRequest {
    /// Which.
    pub template: TemplateId,
    /// Which version; 0 is the newest.
    #[serde(default)]
    pub version: u32,
}

/// One template with its rows.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplatePage {
    /// In one line.
    pub brief: TemplateBrief,
    /// Its rows in order.
    pub rows: Vec<TemplateRow>,
    /// What is odd in the source.
    pub problems: Vec<Problem>,
    /// Versions that exist, newest first.
    pub versions: Vec<u32>,
}

/// One row of a template.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateRow {
    /// Id inside the template.
    pub id: String,
    /// Line in the source.
    pub line: u32,
    /// Headings above it.
    pub section: Vec<String>,
    /// The label as it stands.
    pub text: String,
    /// `auto`, `metric`, `schedule`, `manual`, `rollback`, `contact`, `command`, `signoff`, `note`.
    pub kind: String,
    /// The row it is nested in.
    pub parent: Option<String>,
    /// Probe or metric that proves it.
    pub probe: Option<String>,
    /// Whether the probe is only a suggestion that nobody confirmed.
    pub is_suggested: bool,
    /// The rule in words.
    pub rule: String,
    /// The limit, as written.
    pub limit: Option<String>,
    /// `full`, `partial`, `assist`, `human`.
    pub strength: String,
    /// Whether it may be marked as not applicable.
    pub may_be_na: bool,
    /// How long a result counts, in words.
    pub freshness: String,
}

/// Something odd in a source.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Problem {
    /// Line in the source; 0 when it concerns the whole file.
    pub line: u32,
    /// How bad: `error`, `warning`, `notice`.
    pub severity: String,
    /// What it is and what was done about it.
    pub text: String,
}

/// Reads a Markdown text without keeping it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewTemplate {
    /// The text.
    pub markdown: String,
    /// The name it shall have; empty takes the first heading.
    #[serde(default)]
    pub name: String,
}

/// What a Markdown text would become.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplatePreview {
    /// The name it would have.
    pub name: String,
    /// Its rows.
    pub rows: Vec<TemplateRow>,
    /// Rows by kind.
    pub counts: Vec<KindCount>,
    /// What is odd.
    pub problems: Vec<Problem>,
    /// Whether it can be kept.
    pub can_import: bool,
}

/// Keeps a Markdown checklist as a template, with what the review decided.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportTemplate {
    /// The text.
    pub markdown: String,
    /// The name; empty takes the first heading.
    #[serde(default)]
    pub name: String,
    /// What the review changed, row by row; rows not named stay as read.
    #[serde(default)]
    pub decisions: Vec<RowDecision>,
}

/// What the review decided about one row.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RowDecision {
    /// The row.
    pub row: String,
    /// Another kind, or empty.
    #[serde(default)]
    pub kind: String,
    /// The probe or metric that proves it: an id, `none`, or empty for "as suggested".
    #[serde(default)]
    pub probe: String,
}
