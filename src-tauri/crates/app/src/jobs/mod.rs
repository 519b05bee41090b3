//! Work that takes longer than a moment: it shows its progress, can be stopped, and runs one at a time per subject.

pub mod billing;
mod desk;
pub mod refresh;
pub mod rounds;
pub mod sync;
pub(crate) mod upkeep;

pub use desk::{Job, Jobs};

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One piece of work as the jobs panel shows it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: JobKind,
    /// Where it works.
    pub environment: Option<EnvironmentId>,
    /// What it is doing right now: `invoices, page 42`.
    pub step: String,
    /// Things done so far.
    #[ts(type = "number")]
    pub done: u64,
    /// Things expected, where known.
    #[ts(type = "number | null")]
    pub about: Option<u64>,
    /// What is counted: `objects`, `checks`.
    pub counted: String,
    /// Things per second, over the last seconds.
    pub per_second: f64,
    /// Seconds left, where it can be estimated.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    /// A remark that matters: "Stripe asked us to slow down; continuing at 5/s".
    pub remark: Option<String>,
    /// How it stands.
    pub state: JobState,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// Kinds of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Reading Stripe and the billing database into the mirror.
    Sync,
    /// Computing figures from the mirror.
    Rollup,
    /// Running the automatic items of a checklist.
    Check,
    /// Verifying the ledger.
    Verify,
    /// Writing an export.
    Export,
}

/// How a piece of work stands.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum JobState {
    /// Working.
    Running,
    /// Told to stop; finishing the current page.
    Stopping,
    /// Ended well.
    Done,
    /// Stopped by the person; what was complete is kept.
    Cancelled,
    /// Ended with a failure; what was complete is kept.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// Starts a sync of one environment.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartSync {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Whether to read everything again.
    #[serde(default)]
    pub is_full: bool,
}

/// Stops a piece of work; what is complete is kept.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CancelJob {
    /// Which.
    pub job: String,
}
