//! The invented company, tried without connecting anything real.

use serde::Deserialize;
use ts_rs::TS;

/// Starts the invented company in a profile of its own.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartDemo {}
