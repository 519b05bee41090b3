//! Search: anything a caller says, answered from the local index.

use countersign_domain::ids::EnvironmentId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for records that match a text.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Anything: a mail address or part of it, names in any order, an id, an invoice number, an amount, last digits.
    pub text: String,
    /// Hits to give, at most 50; 0 is 20.
    #[serde(default)]
    pub limit: u16,
}

/// What was found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SearchResults {
    /// Best first.
    pub results: Vec<Hit>,
    /// Time taken. **Units**: microseconds.
    #[ts(type = "number")]
    pub elapsed_us: u64,
    /// Why nothing was searched: the text looks like a secret.
    pub refused: Option<String>,
}

/// One record found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Hit {
    /// `customer`, `subscription`, `invoice`, `charge`, `event`, `price`, `product`, `item`, `metric`, `probe`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is called, masked.
    pub label: String,
    /// A second line.
    pub detail: String,
    /// What matched: `e-mail`, `name`, `invoice number`, `amount`, `last 4`, `id`.
    pub matched: String,
    /// Where Enter leads.
    pub route: String,
}
