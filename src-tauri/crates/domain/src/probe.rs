//! What a check answers, whoever makes it.
//!
//! A probe gathers facts (on another floor) and judges them (a pure function). The answer is PASS, WARN, FAIL or
//! UNKNOWN with a reason; unknown is never green.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::ProbeId;

/// Why a check could not be decided.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unknown {
    /// A connection or an expected value is not set.
    NotConfigured,
    /// The source refused this one read.
    NotPermitted,
    /// The source did not answer at all.
    Unreachable,
    /// The source did not answer in time.
    Timeout,
    /// Too few rows to say anything.
    InsufficientData,
    /// This build has no such check.
    NotSupported,
    /// The person stopped it.
    Cancelled,
}

/// The answer of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "word", content = "reason", rename_all = "snake_case")]
pub enum Outcome {
    /// Proved.
    Pass,
    /// Holds, with something a named person has to accept.
    Warn,
    /// Disproved.
    Fail,
    /// Not decided, and why.
    Unknown(Unknown),
}

impl Outcome {
    /// Gives its word: `pass`, `warn`, `fail` or `unknown`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// What a judge says of the facts.
///
/// **Shape**: `expected` and `found` are sentences for people, without secrets or personal data; `facts` are the values
/// that were compared, numbers as strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The answer.
    pub outcome: Outcome,
    /// What had to hold.
    pub expected: String,
    /// What was seen.
    pub found: String,
    /// What to do when it does not hold; empty when nothing.
    pub fix: String,
    /// What the check cannot prove and a person has to confirm; empty when nothing remains.
    pub remainder: String,
    /// The values compared, name and value, in a fixed order.
    pub facts: Vec<Fact>,
}

/// One compared value of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What the value is.
    pub name: String,
    /// The value, as text.
    pub value: String,
}

/// A verdict with everything needed to read it years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ProbeResult {
    /// Which check.
    pub probe: ProbeId,
    /// Version of its rule; grows whenever the rule changes.
    pub version: u32,
    /// Name of the environment it looked at.
    pub environment: String,
    /// What it said.
    pub verdict: Verdict,
    /// The requests it made: method, host and path template, never a query value or a secret.
    pub requests: Vec<String>,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub finished_at: Instant,
    /// Fingerprint of the connection it used, empty when it used none.
    pub fingerprint: String,
    /// The release of the file it looked at; absent where it looked at none.
    pub release: Option<String>,
    /// Since when what it looked at is so; absent where it looked at the present.
    pub data_at: Option<Instant>,
}
