//! What every answer to a shell has in common: how fresh it is, where it came from, and what in it is masked.
//!
//! A screen never has to guess: a source that is not connected, not permitted, never read or failed says so here,
//! and is never drawn as empty or as zero.

use std::fmt;

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::MetricId;
use countersign_domain::money::Money;
use countersign_domain::workspace::Source;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An answer with the standing of every source it was made from.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Answer<T> {
    /// What was asked for.
    pub view: T,
    /// The sources behind it, the one that matters most first.
    pub sources: Vec<Standing>,
    /// Whether the figures are invented.
    pub is_demo: bool,
}

/// How one source stands.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Standing {
    /// Which source.
    pub source: Source,
    /// In which state.
    pub state: SourceState,
    /// Newest moment for which the answer is complete; `null` when nothing was read yet.
    pub data_through: Option<Instant>,
    /// Whether that is older than the freshness limit of this screen.
    pub is_stale: bool,
}

/// The states a source can be in.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum SourceState {
    /// Connected and read.
    Ready,
    /// Connected, and the first read is not finished.
    #[serde(rename_all = "snake_case")]
    Partial {
        /// Objects read so far.
        #[ts(type = "number")]
        have: u64,
        /// Objects expected, where that can be estimated.
        #[ts(type = "number | null")]
        about: Option<u64>,
    },
    /// Connected, and nothing was read yet.
    NeverRead,
    /// No connection is set.
    NotConnected,
    /// The source refuses this one read.
    NotPermitted {
        /// The permission the source named.
        permission: String,
    },
    /// The newest read failed; older data, if any, is shown and dated.
    Failed {
        /// Why.
        failure: Failure,
        /// Since when.
        since: Instant,
    },
}

/// A value of a person, masked unless it was revealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Masked {
    /// What may be shown: `a***@d***.com`, initials, last digits.
    pub shown: String,
    /// What to name in a reveal; `null` when there is nothing behind the mask.
    pub reveal: Option<Reveal>,
}

/// Names one masked value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// Kind of the record, for example `customer`.
    pub kind: String,
    /// Id of the record.
    pub id: String,
    /// The field, for example `email`.
    pub field: String,
}

/// A figure as a tile or heading shows it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Figure {
    /// Which metric; opens its formula and its rows.
    pub metric: MetricId,
    /// What people call it.
    pub name: String,
    /// The value, or why there is none.
    pub value: Value,
    /// The same a period earlier.
    pub before: Option<Value>,
    /// Difference to then, in words of the value's own unit.
    pub change: Option<Change>,
    /// The instant or the period's last instant the value is for.
    pub at: Instant,
    /// Whether the period is not over yet.
    pub is_provisional: bool,
    /// The limit it is held against.
    pub limit: Option<Limit>,
}

/// The value of a figure.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum Value {
    /// An amount.
    Money {
        /// Rounded once, here.
        money: Money,
    },
    /// A count.
    Count {
        /// How many.
        #[ts(type = "number")]
        count: i64,
    },
    /// A ratio.
    Rate {
        /// `n/d`.
        exact: String,
        /// Percent with two decimals, never rounded across a limit.
        pct: String,
    },
    /// A plain number: a quotient, or so many per day.
    Number {
        /// `n/d`.
        exact: String,
        /// Two decimals.
        text: String,
    },
    /// No value, which is not zero.
    None {
        /// Why, in words.
        reason: String,
    },
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money { money } => money.fmt(f),
            Self::Count { count } => count.fmt(f),
            Self::Rate { pct, .. } => write!(f, "{pct} %"),
            Self::Number { text, .. } => f.write_str(text),
            Self::None { reason } => f.write_str(reason),
        }
    }
}

/// A difference between two values.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Change {
    /// Which way.
    pub direction: Direction,
    /// How much, as text with its unit: `+1,240.00 USD`, `−0.42 pp`.
    pub text: String,
    /// Whether that is good for the business; `null` when it is neither.
    pub is_good: Option<bool>,
}

/// Which way a value moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It grew.
    Up,
    /// It fell.
    Down,
    /// It stayed.
    Level,
}

/// A limit and whether it is met.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Limit {
    /// As people write it: `> 99 %`.
    pub text: String,
    /// Whether the exact value meets it; `null` when there is not enough data.
    pub is_met: Option<bool>,
}

/// A window of a longer list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Rows<T> {
    /// The rows of the window, in order.
    pub rows: Vec<T>,
    /// How many the whole list has, after filters.
    #[ts(type = "number")]
    pub total: u64,
    /// Sums of the whole list's amounts, one per currency, where the list has amounts.
    pub totals: Vec<Money>,
}

impl<T> Rows<T> {
    /// Gives a list without rows: nothing was read yet.
    #[must_use]
    pub fn none() -> Self {
        Self { rows: Vec::new(), total: 0, totals: Vec::new() }
    }
}

/// Which window of a list, in which order. A list is never longer than 5,000 rows in one answer.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Text that rows must contain, in any searched column.
    #[serde(default)]
    pub text: String,
    /// The column to sort by; empty is the screen's own order.
    #[serde(default)]
    pub sort: String,
    /// Whether to turn the order round.
    #[serde(default)]
    pub is_reversed: bool,
    /// Rows to skip.
    #[serde(default)]
    #[ts(type = "number")]
    pub skip: u64,
    /// Rows to give.
    #[serde(default)]
    #[ts(type = "number")]
    pub take: u32,
}
