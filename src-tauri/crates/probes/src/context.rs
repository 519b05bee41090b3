//! What a batch of checks looks at: one environment, what is expected of it, and the answers it gave so far.

use countersign_domain::workspace::{Environment, Workspace};
use countersign_sources::stripe::Client;

use crate::stripe::Gathered;

/// One batch of checks against one environment.
pub struct Context<'a> {
    /// The environment, with what was recorded when it was connected.
    pub environment: &'a Environment,
    /// What the workspace sells and expects.
    pub workspace: &'a Workspace,
    /// Stripe, where it is connected.
    pub stripe: Option<&'a Client>,
    /// Whether the release the checks are about is deployed: what belongs to an earlier one is then in the way.
    pub is_deployed: bool,
    /// What Stripe answered in this batch.
    pub gathered: Gathered,
}

impl<'a> Context<'a> {
    /// Starts a batch that has asked nothing yet.
    #[must_use]
    pub fn new(environment: &'a Environment, workspace: &'a Workspace, stripe: Option<&'a Client>) -> Self {
        Self { environment, workspace, stripe, is_deployed: false, gathered: Gathered::default() }
    }
}
