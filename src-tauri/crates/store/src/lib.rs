//! The two SQLite files: opening them, keeping them whole, and all SQLite text of the program.
//!
//! `mirror.db` is a copy of what others own and may be fetched again; `ledger.db` is what we own and may not be lost.
//! Separate from `sources` so that nothing outside the process is reached from here; keys are handed in.
#![deny(missing_docs)]

pub mod backup;
mod connection;
pub mod error;
pub mod key;
pub mod ledger;
mod lock;
pub mod mirror;
mod network;
pub mod open;
pub mod pool;
pub mod profile;
mod sidecar;
pub mod space;

pub use connection::versions;
pub use error::{OpenError, StoreError};
pub use key::StoreKey;
pub use open::{Birth, Blank, Closed, Found, Layout};
pub use pool::Database;
pub use profile::Profile;

/// A connection and a transaction as work on an open store is handed them; what they are made of stays in this crate.
pub use rusqlite::{Connection, Transaction};
