//! The workspace: what is sold for how much, in which zone and currency it is reported, and what is expected.

use serde::Deserialize;
use ts_rs::TS;

/// Asks for the workspace.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceRequest {}
