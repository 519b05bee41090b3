//! Reading over HTTP against servers that misbehave.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod fake;
mod get;
mod stripe;
