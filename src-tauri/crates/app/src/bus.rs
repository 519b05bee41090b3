//! The freshness loop: after a commit the topics it touched are said aloud, and whoever shows them asks again.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use ts_rs::TS;

/// What an answer can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::AsRefStr, TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Topic {
    /// The copy of Stripe and the billing database.
    Mirror,
    /// Figures computed from it.
    Metrics,
    /// Templates and runs.
    Checklists,
    /// The ledger.
    Ledger,
    /// Environments, connections, operators, workspace, preferences.
    Settings,
    /// Work in progress.
    Jobs,
}

/// Says topics to everybody who listens. Cloning gives another mouth to the same room.
#[derive(Debug, Clone)]
pub struct Bus(broadcast::Sender<Topic>);

impl Bus {
    /// Topics a slow listener may fall behind before it has to ask for everything again.
    const BACKLOG_MAX: usize = 256;

    /// Makes an empty room.
    #[must_use]
    pub fn new() -> Self {
        Self(broadcast::channel(Self::BACKLOG_MAX).0)
    }

    /// Says topics. Nobody listening is no fault.
    pub fn publish(&self, topics: &[Topic]) {
        for topic in topics {
            let _nobody_listens = self.0.send(*topic);
        }
    }

    /// Begins to listen.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Topic> {
        self.0.subscribe()
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}
