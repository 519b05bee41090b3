//! Why a store could not be opened, and why a read or write of an open one failed.
//!
//! Each variant of [`OpenError`] is one row of the start-up table and one stable code; none of them changes a file.

use std::path::PathBuf;

use countersign_domain::Instant;
use countersign_domain::failure::Code;
use countersign_domain::ledger::Hash;

/// Why a store was not opened. Its files are byte for byte as they were.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The profile lies on a drive that several computers may write.
    #[error("the profile lies on a network drive ({kind})")]
    NetworkDrive {
        /// The kind of file system.
        kind: String,
    },
    /// Another copy of the program works on the profile.
    #[error("another copy of the program works on this profile")]
    InstanceRunning {
        /// What the other copy wrote into the lock file: its process id and when it started.
        holder: Option<String>,
    },
    /// The file is gone, although a store was there.
    #[error("the {store} is not where it was")]
    Missing {
        /// Which store.
        store: &'static str,
        /// When it was made, where that is known.
        created_at: Option<Instant>,
    },
    /// The file is too short to be a store.
    #[error("the {store} has {bytes} bytes, too few to be one")]
    Truncated {
        /// Which store.
        store: &'static str,
        /// Its length. **Units**: bytes.
        bytes: u64,
    },
    /// The file is an SQLite database without encryption.
    #[error("the {store} is not encrypted")]
    Plaintext {
        /// Which store.
        store: &'static str,
    },
    /// The keychain works and has no key for the store.
    #[error("the key of the {store} is not in the keychain")]
    KeyMissing {
        /// Which store.
        store: &'static str,
        /// When the store was made, where that is known.
        created_at: Option<Instant>,
    },
    /// The key in the keychain belongs to another store.
    #[error("the key in the keychain is not the key of this {store}")]
    KeyMismatch {
        /// Which store.
        store: &'static str,
        /// When the store was made.
        created_at: Instant,
    },
    /// The key is right and the file is damaged.
    #[error("the {store} is damaged (pages {pages:?})")]
    Corrupt {
        /// Which store.
        store: &'static str,
        /// Every damaged page; empty when the damage has no page.
        pages: Vec<u32>,
    },
    /// The file was written by a newer version of the program.
    #[error("the {store} has version {found}, this program knows {known}")]
    TooNew {
        /// Which store.
        store: &'static str,
        /// Version of the file.
        found: u32,
        /// Newest version this program knows.
        known: u32,
    },
    /// The file is a sound store of another kind.
    #[error("the file of the {store} is another store")]
    Foreign {
        /// Which store was expected.
        store: &'static str,
    },
    /// The file can be read and not written.
    #[error("the {store} cannot be written")]
    ReadOnly {
        /// Which store.
        store: &'static str,
    },
    /// The store could not be brought to the newest version and stayed at its own.
    #[error("the {store} could not be brought from version {from} to {to}")]
    Migration {
        /// Which store.
        store: &'static str,
        /// Version it has.
        from: u32,
        /// Version it was to have.
        to: u32,
        /// The copy made before.
        copy: PathBuf,
        /// What went wrong.
        #[source]
        cause: StoreError,
    },
    /// The store's tables could not be prepared.
    #[error("the tables of the {store} could not be prepared")]
    BringUp {
        /// Which store.
        store: &'static str,
        /// What went wrong.
        #[source]
        cause: StoreError,
    },
    /// A backup cannot be used; the present file was not touched.
    #[error("the backup cannot be used: {reason}")]
    BackupInvalid {
        /// Why.
        reason: String,
    },
    /// There is too little room for what was asked.
    #[error("{needed_bytes} bytes are needed, {free_bytes} are free")]
    DiskFull {
        /// Room needed. **Units**: bytes.
        needed_bytes: u64,
        /// Room there is. **Units**: bytes.
        free_bytes: u64,
    },
    /// The SQLite in this program is older than the one it was tested with.
    #[error("{part} is {found}, at least {floor} is needed")]
    BelowFloor {
        /// SQLite or SQLCipher.
        part: &'static str,
        /// Version found.
        found: String,
        /// Version needed.
        floor: &'static str,
    },
    /// A file or folder of the profile could not be used.
    #[error("{path} could not be used")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// Opening broke off in the middle: a mistake of the program.
    #[error("opening the {store} broke off")]
    BrokeOff {
        /// Which store.
        store: &'static str,
    },
    /// SQLite failed in a way the rows above do not name.
    #[error("the {store} could not be opened")]
    Database {
        /// Which store.
        store: &'static str,
        /// What SQLite said.
        #[source]
        cause: rusqlite::Error,
    },
}

impl OpenError {
    /// Gives the stable word of the failure.
    ///
    /// **Shape**: a missing or foreign ledger has words of its own, because it cannot be fetched again.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NetworkDrive { .. } => Code::ProfileOnNetworkDrive,
            Self::InstanceRunning { .. } => Code::InstanceRunning,
            Self::Missing { store: LEDGER, .. } => Code::LedgerMissing,
            Self::Missing { .. } => Code::DbMissing,
            Self::Truncated { .. } => Code::DbTruncated,
            Self::Plaintext { .. } => Code::DbPlaintext,
            Self::KeyMissing { .. } => Code::KeyMissing,
            Self::KeyMismatch { .. } => Code::KeyMismatch,
            Self::Foreign { store: LEDGER } => Code::LedgerForeign,
            Self::Corrupt { .. } | Self::Foreign { .. } => Code::DbCorrupt,
            Self::TooNew { .. } => Code::DbTooNew,
            Self::ReadOnly { .. } => Code::DbReadonly,
            Self::Migration { .. } => Code::MigrationFailed,
            Self::BringUp { cause, .. } => cause.code(),
            Self::BackupInvalid { .. } => Code::BackupInvalid,
            Self::DiskFull { .. } => Code::DiskFull,
            Self::File { cause, .. } => match cause.kind() {
                std::io::ErrorKind::StorageFull => Code::DiskFull,
                std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => Code::DbReadonly,
                _ => Code::Internal,
            },
            Self::BelowFloor { .. } | Self::BrokeOff { .. } | Self::Database { .. } => Code::Internal,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

/// Name of the ledger's store in errors.
pub(crate) const LEDGER: &str = "ledger";

/// Why a read or a write failed. The transaction was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The file can be read and not written.
    #[error("the file cannot be written")]
    ReadOnly,
    /// The file is damaged.
    #[error("the file is damaged: {detail}")]
    Corrupt {
        /// What was wrong with what.
        detail: String,
    },
    /// Others held the file for too long.
    #[error("no connection became free within {limit_ms} ms")]
    Busy {
        /// How long it was waited. **Units**: milliseconds.
        limit_ms: u64,
    },
    /// The work panicked; its connection was thrown away.
    #[error("the work on the store broke off")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// An entry of the ledger is not what was written.
    #[error("entry {seq} of the ledger was changed")]
    Tampered {
        /// Its place.
        seq: u64,
    },
    /// An entry does not follow the end of the ledger: something was written in between.
    #[error("entry {seq} does not follow the end of the ledger")]
    NotNext {
        /// The place it was made for.
        seq: u64,
    },
    /// A piece of evidence is longer than is kept.
    #[error("the evidence has {bytes} bytes, the limit is {limit_bytes}")]
    EvidenceTooLarge {
        /// Its length. **Units**: bytes.
        bytes: usize,
        /// The limit. **Units**: bytes.
        limit_bytes: usize,
    },
    /// A piece of evidence is gone or is not what it was.
    #[error("the evidence {sha256} is missing or was changed")]
    Evidence {
        /// The hash it should have.
        sha256: Hash,
    },
    /// A file beside the database could not be used.
    #[error("{path} could not be used")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A stored record cannot be understood: another version wrote it.
    #[error("a stored record cannot be understood")]
    Record {
        /// What its reader said.
        #[source]
        cause: serde_json::Error,
    },
    /// An amount is larger than a column can hold.
    #[error("an amount is larger than the file can hold")]
    OutOfRange,
    /// SQLite failed in a way the others do not name.
    #[error("a statement failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// Gives the stable word of the failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::DiskFull => Code::DiskFull,
            Self::ReadOnly => Code::DbReadonly,
            Self::Corrupt { .. } => Code::DbCorrupt,
            Self::Tampered { .. } => Code::LedgerTampered,
            Self::NotNext { .. } => Code::StateConflict,
            Self::EvidenceTooLarge { .. } => Code::ImportTooLarge,
            Self::Evidence { .. } => Code::EvidenceChanged,
            Self::File { cause, .. } if cause.kind() == std::io::ErrorKind::StorageFull => Code::DiskFull,
            _ => Code::Internal,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(cause: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { detail: cause.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { limit_ms: u64::from(crate::connection::BUSY_MS) }
            }
            _ => Self::Sqlite(cause),
        }
    }
}
