//! Why something was not written down, or could not be checked.
//!
//! Each variant is one thing a caller does differently; in every one of them the ledger is as it was.

use std::path::PathBuf;

use countersign_domain::failure::Code;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::entry::EntryError;
use countersign_domain::ledger::passphrase::Paused;
use countersign_domain::ledger::{FirstBad, Reason};
use countersign_render::file::write::WriteError;
use countersign_sources::keychain::KeychainError;
use countersign_sources::signing::SigningError;
use countersign_store::StoreError;

/// Why the ledger did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file ends before an entry this computer wrote, or holds another in its place.
    #[error("{}", of_rollback(*file, *known))]
    RolledBack {
        /// Where the file ends.
        file: u64,
        /// The newest entry the keychain remembers.
        known: u64,
    },
    /// The file is another ledger than the one this computer wrote.
    #[error("the ledger's file is another ledger than the one this computer wrote to")]
    Foreign,
    /// An entry that decides who may sign does not hold.
    #[error("entry {} of the ledger does not hold ({})", .0.seq, .0.reason.as_ref())]
    Tampered(FirstBad),
    /// The operator has no key the ledger knows as good.
    #[error("the ledger knows no good signing key of {operator}")]
    KeyUnknown {
        /// Who wanted to sign.
        operator: OperatorId,
    },
    /// The entry would not pass the ledger's own verification.
    #[error("the entry would not pass verification ({})", .0.as_ref())]
    Unsound(Reason),
    /// What a person wrote holds a secret, which would stay in the ledger and in every copy of it.
    #[error("{field} holds what looks like a secret ({kind}); take it out, nothing was written down")]
    HoldsSecret {
        /// The field of the entry.
        field: String,
        /// What kind of secret; never the secret.
        kind: &'static str,
    },
    /// What is to be written is no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The operator exists already.
    #[error("the operator {operator} exists already")]
    OperatorExists {
        /// Who.
        operator: OperatorId,
    },
    /// Signing pauses after wrong passphrases.
    #[error(transparent)]
    Paused(#[from] Paused),
    /// There is nothing to restore: the file stands as this computer left it.
    #[error("the ledger's file stands as this computer left it")]
    NothingToAccept,
    /// The file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keychain failed.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// A signing key could not be had.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A bundle could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A bundle could not be read.
    #[error("{path} could not be used")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// Tells a file that was cut from one that was written anew.
fn of_rollback(file: u64, known: u64) -> String {
    if file < known {
        return format!("the ledger's file ends at entry {file}, this computer wrote up to {known}");
    }
    format!("entry {known} of the ledger's file is another one than this computer wrote: it was rewritten since then")
}

impl LedgerError {
    /// Gives the stable word of the failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::RolledBack { .. } => Code::LedgerRolledBack,
            Self::Foreign => Code::LedgerForeign,
            Self::Tampered(_) => Code::LedgerTampered,
            Self::KeyUnknown { .. } | Self::Unsound(Reason::UnknownKey) => Code::LedgerKeyUnknown,
            Self::Unsound(_) => Code::Internal,
            Self::Entry(_) | Self::HoldsSecret { .. } => Code::InputInvalid,
            Self::OperatorExists { .. } => Code::AlreadyExists,
            Self::Paused(_) => Code::PassphrasePaused,
            Self::NothingToAccept => Code::StateConflict,
            Self::Store(cause) => cause.code(),
            Self::Keychain(cause) => cause.code(),
            Self::Signing(cause) => cause.code(),
            Self::File { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound => Code::NotFound,
            Self::File { .. } => Code::InputInvalid,
            Self::Write(_) => Code::ExportTarget,
        }
    }

    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_cut_is_told_from_one_that_was_rewritten() {
        for (file, known, words) in [(9, 10, "ends at entry 9"), (10, 10, "rewritten"), (12, 10, "rewritten")] {
            let told = LedgerError::RolledBack { file, known }.to_string();
            assert!(told.contains(words), "{told}");
        }
    }
}
