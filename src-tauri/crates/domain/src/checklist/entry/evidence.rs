//! The answer of a check, what was read in a file, and what counts as the same evidence: digests of what was seen,
//! without when and by what.
//!
//! Frozen like the entries: signatures stand on these digests.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ItemMeasured;
use crate::Instant;
use crate::checklist::digest::Digest;
use crate::ids::{ItemId, ProbeId};
use crate::probe::{Fact, Outcome, ProbeResult, Verdict};

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
    /// The release of the file it looked at; absent where it looked at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Since when what it looked at is so; absent where it looked at the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_at: Option<Instant>,
}

/// What the program read in an attached file, and until when the file counts by the rule of its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Stable word of its kind: `eslint`, `npm_audit`; `document` for one nobody reads.
    pub kind: String,
    /// Its figures, in the order in which they are shown.
    pub figures: Vec<Fact>,
    /// The commit the file itself names.
    pub commit: Option<String>,
    /// The release the file itself names.
    pub release: Option<String>,
    /// When the file itself says it was made.
    pub made_at: Option<Instant>,
    /// Until when it counts; absent where the rule of the line gives it no end.
    pub expires_at: Option<Instant>,
    /// What an audit of the dependencies names as critical, by package and advisory; absent where it does not name all it
    /// counts, for other kinds, and in entries from before it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<BTreeSet<String>>,
}

/// The load a test was meant to put on, as the person who attaches its summary says; digits, empty for what was not said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MeantLoad {
    /// Users at once.
    #[serde(default)]
    pub users: String,
    /// Requests a second.
    #[serde(default)]
    pub per_second: String,
}

/// What was seen of one line in a minute of the first hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinuteLine {
    /// The line.
    pub item: ItemId,
    /// How that is judged; absent for a figure without a bound.
    pub outcome: Option<Outcome>,
    /// What was seen, in words.
    pub shown: String,
    /// How far the data reached; absent where the present itself was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_through: Option<Instant>,
}

impl From<ProbeResult> for CheckResult {
    fn from(result: ProbeResult) -> Self {
        Self {
            probe: result.probe,
            version: result.version,
            environment: result.environment,
            verdict: result.verdict,
            requests: result.requests,
            started_at: result.started_at,
            finished_at: result.finished_at,
            fingerprint: result.fingerprint,
            release: result.release,
            data_at: result.data_at,
        }
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
