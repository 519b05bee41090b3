//! Checks: one file each. A check gathers facts (async, read-only) and judges them (pure), and the two never mix.
//!
//! What a check looks at is asked once per batch (`gathered`), so that eight lines about one endpoint cost one request.
//! Checks that this build does not have are answered `UNKNOWN (not_supported)`; they are never left out and never green.
#![deny(missing_docs)]

pub mod context;
pub mod import;
pub mod stripe;

use countersign_domain::ids::ProbeId;
use countersign_domain::probe::{Outcome, Unknown, Verdict};

pub use context::Context;

/// What a check said, and what it asked to say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Version of its rule; 0 for a check this build does not have.
    pub version: u32,
    /// What it said.
    pub verdict: Verdict,
    /// Method, host and path template of each request it needed.
    pub requests: Vec<String>,
}

/// Says whether this build has the check.
#[must_use]
pub fn is_supported(probe: &ProbeId) -> bool {
    asks_stripe(probe) || import::version(probe.as_str()).is_some()
}

/// Says whether a check asks Stripe.
#[must_use]
pub fn asks_stripe(probe: &ProbeId) -> bool {
    stripe::version(probe.as_str()).is_some()
}

/// Runs one check of a connection; those that look at attached files are answered by [`import::answer`].
///
/// **Shape**: never fails; what keeps it from an answer is the answer's reason.
pub async fn run(probe: &ProbeId, context: &Context<'_>) -> Answer {
    match stripe::version(probe.as_str()) {
        Some(version) => stripe::run(probe.as_str(), version, context).await,
        None => {
            let until = import::Deadline::after(import::TIME_MAX);
            import::answer(probe.as_str(), &import::Line::default(), None, until)
        }
    }
}

fn not_supported() -> Verdict {
    Verdict {
        outcome: Outcome::Unknown(Unknown::NotSupported),
        expected: String::new(),
        found: "This version has no such check yet.".to_owned(),
        fix: "Prove the line in another way and attach what shows it; the line stays open until then.".to_owned(),
        remainder: String::new(),
        facts: Vec::new(),
    }
}
