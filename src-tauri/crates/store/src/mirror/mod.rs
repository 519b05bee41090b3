//! The mirror: a disposable copy of what Stripe and the billing database own, and what was computed from it.
//!
//! Every object has one row in `objects`, its text and its record beside it, and the columns that lists, figures and
//! search need in a table of its kind. Tables are derived: one whose version changed is dropped and filled again, so there
//! are no migrations. Nothing here knows the network or the clock.

mod charges;
mod column;
pub mod customers;
mod digest;
pub mod events;
mod invoice_lines;
mod invoice_payments;
pub mod invoices;
mod object;
mod prices;
mod products;
mod schema;
mod scope;
mod subscription_items;
pub mod subscription_states;
pub mod subscriptions;

pub use digest::{KindDigest, digest};
pub use object::{Incoming, Mirrored, Place, Written, bury, count, load, load_each, put, stored};
pub use schema::prepare;
pub use scope::Scope;

use countersign_domain::stripe::ObjectKind;

/// The mirror could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// SQLite said no; what it said is the source.
    #[error("the mirror could not be read or written")]
    Sqlite(#[from] rusqlite::Error),
    /// A record does not read back: it was written by another version.
    #[error("a stored record of kind {kind} cannot be understood")]
    Record {
        /// Kind of the record.
        kind: ObjectKind,
        /// What the reader said.
        #[source]
        cause: serde_json::Error,
    },
    /// A number is outside what the file can hold.
    #[error("{what} is outside what the mirror can hold")]
    OutOfRange {
        /// Which number.
        what: &'static str,
    },
}
