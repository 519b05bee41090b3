//! The tamper-evident record: what an entry is, how entries are chained, and how anyone checks the chain.
//!
//! Frozen format `countersign-ledger-v1`. Pure: files live in `store`, keys in `sources`, the order of steps in `app`.
//! Tamper-evident, not tamper-proof: who owns the file and its keys can write another one; checkpoints elsewhere tell.

pub mod bundle;
pub mod bytes;
pub mod canonical;
pub mod checkpoint;
pub mod clock;
pub mod entry;
pub mod keys;
pub mod kind;
pub mod listing;
pub mod passphrase;
pub mod roster;
pub mod sealed;
pub mod standing;
pub mod verify;

pub use bytes::{Hash, KeyId, LedgerId, PublicKey, Signature};
pub use checkpoint::{Checkpoint, Witness};
pub use entry::{Draft, Entry, Evidence, Head, Moment, Offset, Recorded, ServerTime, Signer, Tail, Unsigned};
pub use kind::Kind;
pub use roster::Roster;
pub use sealed::{Document, Sealed, Unreadable};
pub use standing::Standing;
pub use verify::{Expected, FirstBad, Line, Reason, Report, Verifier, Warning};
