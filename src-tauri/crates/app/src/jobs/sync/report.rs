//! What a sync says while it works and when it ends.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::failure::Code;
use countersign_domain::ids::AccountId;
use countersign_domain::stripe::{Mode, ObjectKind};
use countersign_sources::stripe::StripeError;
use countersign_store::StoreError;
use serde::Serialize;

/// What a sync is doing right now.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The kind that was just read.
    pub kind: ObjectKind,
    /// Pages of that kind in this phase; 0 while single objects are read.
    pub pages: u64,
    /// Objects read so far, of all kinds.
    pub objects: u64,
    /// Objects there were at the last complete sync, where there was one.
    pub about: Option<u64>,
    /// Objects per second since the sync began.
    pub objects_per_second: f64,
    /// Requests sent so far.
    pub requests: u64,
    /// How many of them were second and further tries.
    pub retries: u64,
    /// Requests per second Stripe is asked at most at this moment.
    pub per_second: u32,
    /// Whether that is less than was set, because Stripe asked to slow down.
    pub is_slowed: bool,
}

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SyncReport {
    /// Objects in the mirror, by kind, deleted ones left out.
    pub objects: BTreeMap<ObjectKind, u64>,
    /// Objects this sync read, by kind.
    pub read: BTreeMap<ObjectKind, u64>,
    /// Pages of lists.
    pub pages: u64,
    /// Requests sent.
    pub requests: u64,
    /// How many of them were second and further tries.
    pub retries: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
    /// How long it took.
    pub seconds: f64,
    /// Whether it went on where an earlier one had stopped.
    pub resumed: bool,
    /// Whether everything that can be read is in the mirror; `false` after a cancellation.
    pub complete: bool,
    /// Newest moment for which each kind is complete.
    pub data_through: BTreeMap<ObjectKind, Option<Instant>>,
    /// Kinds the key may not read, with the permission or Stripe's words.
    pub not_permitted: BTreeMap<ObjectKind, String>,
    /// Kinds the server does not have.
    pub not_offered: Vec<ObjectKind>,
    /// Objects that came and could not be understood.
    pub unread: Vec<UnreadObject>,
}

/// An object that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id; empty when it had none.
    pub id: String,
    /// The place and what was expected there.
    pub says: String,
}

/// Why a sync ended before it was complete. What it had read is kept, and the next one goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The key belongs to another account. Nothing was written.
    #[error("the key belongs to account {found}, the mirror to {expected}")]
    AccountMismatch {
        /// Whose mirror it is.
        expected: AccountId,
        /// Whose key it is.
        found: AccountId,
    },
    /// An object came in another mode than the key's. Its page was not written.
    #[error("{kind}: an object came in {found} mode, the key is in {expected} mode")]
    ModeMismatch {
        /// Kind of the object.
        kind: ObjectKind,
        /// Mode of the mirror.
        expected: Mode,
        /// Mode of the object.
        found: Mode,
    },
    /// A read failed for good.
    #[error("reading {}", kind.map_or_else(|| "account".to_owned(), |kind| kind.to_string()))]
    Stripe {
        /// What was read; `None` for the account.
        kind: Option<ObjectKind>,
        /// Why it failed.
        #[source]
        cause: StripeError,
    },
    /// A list went round in circles.
    #[error("the list of {kind} does not end")]
    Endless {
        /// Which list.
        kind: ObjectKind,
    },
    /// The mirror could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk is nearly full.
    #[error("{free_bytes} bytes are free, {needed_bytes} are needed to begin")]
    DiskFull {
        /// Room there is. **Units**: bytes.
        free_bytes: u64,
        /// Room needed. **Units**: bytes.
        needed_bytes: u64,
    },
}

impl SyncError {
    /// Gives the stable word of the failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::AccountMismatch { .. } | Self::ModeMismatch { .. } => Code::AccountMismatch,
            Self::Endless { .. } => Code::SyncLoop,
            Self::Store(cause) => cause.code(),
            Self::DiskFull { .. } => Code::DiskFull,
            Self::Stripe { cause, .. } => match cause {
                StripeError::KeyRejected { .. } => Code::StripeKeyRejected,
                StripeError::NotPermitted { .. } => Code::StripePermission,
                StripeError::RateLimited { .. } => Code::StripeRateLimited,
                StripeError::NoAnswer { .. } => Code::StripeUnreachable,
                StripeError::Endless { .. } => Code::SyncLoop,
                StripeError::Missing { .. }
                | StripeError::NotOffered { .. }
                | StripeError::CursorGone { .. }
                | StripeError::Refused { .. }
                | StripeError::ServerFailed { .. }
                | StripeError::BadAnswer { .. } => Code::StripeBadAnswer,
            },
        }
    }
}
