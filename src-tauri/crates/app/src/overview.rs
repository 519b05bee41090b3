//! Overview: what needs somebody, then the figures, then what is under way.

use countersign_domain::Instant;
use countersign_domain::ids::{EnvironmentId, RunId};
use countersign_render::scene::Scene;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::Figure;

/// Asks for the overview of an environment.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OverviewRequest {
    /// Which environment.
    pub environment: EnvironmentId,
}

/// The overview.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Overview {
    /// One line per cause, worst and oldest first.
    pub attention: Vec<Attention>,
    /// Figures with their last twelve months.
    pub tiles: Vec<Tile>,
    /// Runs in progress.
    pub runs: Vec<RunBrief>,
    /// What is left of setting up; empty when done.
    pub setup: Vec<SetupStep>,
    /// When everything was last looked at.
    pub checked_at: Option<Instant>,
}

/// One thing that needs somebody.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Attention {
    /// How bad.
    pub severity: Severity,
    /// What it is, one line.
    pub title: String,
    /// What it means or what to do, one line.
    pub detail: String,
    /// How many things have this cause.
    #[ts(type = "number")]
    pub count: u64,
    /// Since when.
    pub since: Option<Instant>,
    /// Where Enter leads.
    pub route: String,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Act now.
    Critical,
    /// Act today.
    Warning,
    /// Good to know.
    Notice,
}

/// A figure with its recent course.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Tile {
    /// The figure.
    pub figure: Figure,
    /// Its last months, drawn small; `null` when there is no history.
    pub spark: Option<Scene>,
    /// Where Enter leads.
    pub route: String,
}

/// A run in one line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunBrief {
    /// The run.
    pub run: RunId,
    /// Its name: template and release.
    pub name: String,
    /// Environment.
    pub environment: EnvironmentId,
    /// Release tag.
    pub release: String,
    /// Items that count as complete.
    pub complete: u32,
    /// Items that have to be.
    pub total: u32,
    /// Items that failed.
    pub failed: u32,
    /// Items nobody can decide yet.
    pub unknown: u32,
    /// Signatures given.
    pub signatures: u32,
    /// Signatures asked for.
    pub signatures_needed: u32,
    /// When it began.
    pub started_at: Instant,
    /// What it waits for, in a sentence.
    pub waits_for: String,
}

/// A step of setting up.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SetupStep {
    /// Stable word: `operator`, `environment`, `stripe`, `database`, `sync`, `run`.
    pub step: String,
    /// What to do.
    pub title: String,
    /// Why.
    pub detail: String,
    /// Whether it is done.
    pub is_done: bool,
    /// Where to do it.
    pub route: String,
}
