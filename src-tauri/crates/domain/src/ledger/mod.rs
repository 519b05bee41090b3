//! The tamper-evident record: what an entry is, how entries are chained, and how anyone checks the chain.
//!
//! Frozen format `countersign-ledger-v1`. Pure: files live in `store`, keys in `sources`, the order of steps in `app`.

pub mod bytes;
pub mod keys;
pub mod passphrase;

pub use bytes::{Hash, KeyId, LedgerId, PublicKey, Signature};
