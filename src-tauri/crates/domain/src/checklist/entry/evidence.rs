//! What counts as the same evidence: digests of what was seen, without when and by what.
//!
//! Frozen like the entries: signatures stand on these digests.

use super::{CheckResult, ItemMeasured};
use crate::checklist::digest::Digest;
use crate::probe::ProbeResult;

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
