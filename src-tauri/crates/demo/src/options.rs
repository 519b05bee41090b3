//! What the simulator can be asked for.
//!
//! Every field has a default; nothing is read from the environment, a file or a clock.

use std::path::PathBuf;

use countersign_domain::Instant;

/// Which company is invented. Equal options give equal bytes, on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldOptions {
    /// What everything is drawn from.
    pub seed: u64,
    /// How many customers the history has.
    pub customers: u32,
    /// How many months the history has.
    pub months: u16,
    /// Where the history ends, and the simulator's clock begins.
    pub as_of: Instant,
    /// Which share of events is rendered in an older API version, of a hundred.
    pub older_renderings_pct: u8,
}

impl WorldOptions {
    /// Describes the demo company: 4,000 customers over 24 months, three of ten events in an older rendering.
    #[must_use]
    pub fn at(as_of: Instant) -> Self {
        Self { seed: 1, customers: 4_000, months: 24, as_of, older_renderings_pct: 30 }
    }
}

/// How the simulator behaves on the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The company it serves.
    pub world: WorldOptions,
    /// Requests it accepts in a second, over all keys; `None` for any number.
    pub rps: Option<u32>,
    /// Requests it accepts in a second for one operation, such as listing invoices; `None` for any number.
    pub operation_rps: Option<u32>,
    /// Requests it accepts at a time; `None` for any number.
    pub max_in_flight: Option<u32>,
    /// How long every answer takes, in milliseconds.
    pub latency_ms: u64,
    /// Which share of requests meets a fault of the wire, 0.0 to 1.0.
    pub fault_rate: f64,
    /// How many changes happen by themselves in a second.
    pub mutate_per_sec: f64,
    /// Permissions the restricted key lacks, in Stripe's words, for example `charge_read`.
    pub restricted_without: Vec<String>,
    /// Where the application's database is written; `None` for none.
    pub billing_db: Option<PathBuf>,
}

impl Options {
    /// Describes a well-behaved server for a company: no limits, no delays, no faults, no changes.
    #[must_use]
    pub fn of(world: WorldOptions) -> Self {
        Self {
            world,
            rps: None,
            operation_rps: None,
            max_in_flight: None,
            latency_ms: 0,
            fault_rate: 0.0,
            mutate_per_sec: 0.0,
            restricted_without: Vec::new(),
            billing_db: None,
        }
    }
}
