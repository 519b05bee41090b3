//! Exit codes: 0 done and good, 1 the answer is no, 2 usage or input, 3 a source is unreachable, 4 refused,
//! 5 a store is damaged or not ours, 130 cancelled.

use std::process::ExitCode;

use countersign_app::domain::failure::Code;

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done, and good.
    Good,
    /// Done, and the answer is no: a check failed, a gate holds, a verification found a fault.
    No,
}

impl Verdict {
    /// Gives the verdict of a condition.
    pub fn of(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::No }
    }

    pub fn code(self) -> ExitCode {
        ExitCode::from(u8::from(self == Self::No))
    }
}

/// Says what clap has to say, and gives the code for it: help and version are no mistakes.
pub fn usage(error: &clap::Error) -> ExitCode {
    let _closed_terminal = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Gives the code of a failure.
pub fn of(code: Code) -> u8 {
    match code {
        Code::Cancelled => 130,
        Code::InputInvalid
        | Code::NotFound
        | Code::AlreadyExists
        | Code::StateConflict
        | Code::UrlRefused
        | Code::SecretTooLong
        | Code::SecretWrongKind
        | Code::SecretInUrl
        | Code::PgNameInvalid
        | Code::PgOptionRefused
        | Code::PgRelationKind
        | Code::PgSchemaUnknown
        | Code::ImportTooLarge
        | Code::ImportTooDeep
        | Code::ImportTimeout
        | Code::ImportEncoding
        | Code::ImportSyntax
        | Code::ExportTarget => 2,
        Code::KeychainAbsent
        | Code::KeychainTimeout
        | Code::StripeRateLimited
        | Code::StripeUnreachable
        | Code::StripeBadAnswer
        | Code::SyncLoop
        | Code::SyncPartial
        | Code::PgUnreachable
        | Code::PgTimeout
        | Code::PgLocked => 3,
        Code::KeychainLocked
        | Code::KeychainRefused
        | Code::InstanceRunning
        | Code::ProfileOnNetworkDrive
        | Code::StripeKeyRejected
        | Code::StripeKeyForbidden
        | Code::StripeKeyClass
        | Code::StripePermission
        | Code::AccountMismatch
        | Code::PgTlsRequired
        | Code::PgTlsUntrusted
        | Code::PgAuth
        | Code::PgRoleTooPowerful
        | Code::PgNotReadOnly
        | Code::SignoffDuplicate
        | Code::SignoffSamePerson
        | Code::SignoffOrder
        | Code::SignoffStale
        | Code::SignoffKeyEnded
        | Code::SignoffFileChanged
        | Code::SignoffOtherRun
        | Code::PassphraseWrong
        | Code::PassphrasePaused
        | Code::ItemNotConfirmable
        | Code::LedgerKeyUnknown
        | Code::ClockRegressed => 4,
        Code::KeyMissing
        | Code::KeyMismatch
        | Code::DbMissing
        | Code::DbTruncated
        | Code::DbPlaintext
        | Code::DbCorrupt
        | Code::DbTooNew
        | Code::DbReadonly
        | Code::DiskFull
        | Code::MigrationFailed
        | Code::BackupInvalid
        | Code::LedgerMissing
        | Code::LedgerTampered
        | Code::LedgerRolledBack
        | Code::LedgerForeign
        | Code::EvidenceChanged => 5,
        Code::Internal => 70,
    }
}
