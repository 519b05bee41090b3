//! What billing things are and what follows from them.
//!
//! Pure: no clock, disk, network, randomness or async lives here; `now`, seeds and settings are arguments.
//! Everything that can fail because of the world is on the floors above.
#![deny(missing_docs)]
#![deny(clippy::float_arithmetic)]

pub mod billing;
pub mod checklist;
pub mod failure;
pub mod ids;
pub mod json;
pub mod ledger;
pub mod metrics;
pub mod money;
pub mod open_enum;
pub mod probe;
pub mod rate;
pub mod reconcile;
pub mod stripe;
pub mod text_number;
pub mod workspace;
pub mod zones;

/// An instant in UTC. Stripe speaks whole seconds, our own records milliseconds.
pub type Instant = chrono::DateTime<chrono::Utc>;
