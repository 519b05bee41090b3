//! The answer of a check, and what counts as the same evidence: digests of what was seen, without when and by what.
//!
//! Frozen like the entries: signatures stand on these digests.

use serde::{Deserialize, Serialize};

use super::ItemMeasured;
use crate::Instant;
use crate::checklist::digest::Digest;
use crate::ids::ProbeId;
use crate::probe::{ProbeResult, Verdict};

/// The answer of a check as it is kept: [`crate::probe::ProbeResult`] with its version as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckResult {
    /// Which check.
    pub probe: ProbeId,
    /// Version of its rule.
    #[serde(with = "crate::text_number")]
    pub version: u32,
    /// The environment it looked at.
    pub environment: String,
    /// What it said.
    pub verdict: Verdict,
    /// The requests it made.
    pub requests: Vec<String>,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub finished_at: Instant,
    /// Fingerprint of the connection it used, empty when it used none.
    pub fingerprint: String,
}

impl From<ProbeResult> for CheckResult {
    fn from(result: ProbeResult) -> Self {
        let ProbeResult { probe, version, environment, verdict, requests, started_at, finished_at, fingerprint } =
            result;
        Self { probe, version, environment, verdict, requests, started_at, finished_at, fingerprint }
    }
}

impl CheckResult {
    /// Digests what was seen, without when and how: the same facts give the same evidence.
    #[must_use]
    pub fn evidence(&self) -> Digest {
        let seen = (&self.probe, self.version, &self.environment, &self.verdict, &self.fingerprint);
        Digest::of_value("countersign-evidence-check-v1", &seen)
    }
}

impl ItemMeasured {
    /// Digests what was measured, without when.
    #[must_use]
    pub fn evidence(&self) -> Digest {
        let seen = (&self.metric, self.formula_version, &self.value, &self.reason, &self.inputs);
        Digest::of_value("countersign-evidence-metric-v1", &seen)
    }
}
