//! The stable codes of everything that can fail, and the shape in which a failure is told.
//!
//! A code never changes its meaning and a removed one is never used again. The sentences stand in `app/failure.rs`;
//! shells and tests match the code, never the text.

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, Display, EnumIter, EnumString, IntoEnumIterator};

/// What failed, as a word that never changes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    AsRefStr,
    EnumString,
    EnumIter,
    Serialize,
    Deserialize,
    ts_rs::TS,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The request itself is wrong: a missing, unknown or malformed field.
    InputInvalid,
    /// The named thing does not exist here.
    NotFound,
    /// The name is taken already.
    AlreadyExists,
    /// The thing is in a state that does not allow this.
    StateConflict,
    /// The person stopped the work.
    Cancelled,

    /// The platform has no keychain service.
    KeychainAbsent,
    /// The keychain is there and locked.
    KeychainLocked,
    /// The keychain did not answer within its deadline.
    KeychainTimeout,
    /// The keychain answered with a refusal.
    KeychainRefused,
    /// The key of a store, or a saved secret, is not in the keychain.
    KeyMissing,
    /// The key in the keychain belongs to another store.
    KeyMismatch,
    /// A secret is longer than the limit of 1,024 bytes.
    SecretTooLong,
    /// A secret of another kind than the one asked for, for example a publishable key.
    SecretWrongKind,
    /// A secret stands inside an address.
    SecretInUrl,

    /// A store's file is not where it was.
    DbMissing,
    /// A store's file is too short to be one.
    DbTruncated,
    /// A store's file is not encrypted.
    DbPlaintext,
    /// A store's file is damaged.
    DbCorrupt,
    /// A store was written by a newer version.
    DbTooNew,
    /// A store can be read and not written.
    DbReadonly,
    /// The disk is full, or nearly so.
    DiskFull,
    /// The profile lies on a network drive.
    ProfileOnNetworkDrive,
    /// Another copy of the program works on this profile.
    InstanceRunning,
    /// A store could not be brought to the newest version and stayed as it was.
    MigrationFailed,
    /// A backup cannot be read back.
    BackupInvalid,

    /// Stripe does not know the key, or it was revoked or has expired.
    StripeKeyRejected,
    /// Stripe forbids the key for this account or context.
    StripeKeyForbidden,
    /// The key's mode does not fit the environment, or a live key was aimed elsewhere than at Stripe.
    StripeKeyClass,
    /// The key lacks one permission.
    StripePermission,
    /// Stripe asked to slow down for longer than we wait.
    StripeRateLimited,
    /// Stripe could not be reached.
    StripeUnreachable,
    /// The answer was not one Stripe gives.
    StripeBadAnswer,
    /// The key belongs to another account than the mirror.
    AccountMismatch,
    /// A list went round in circles.
    SyncLoop,
    /// A sync ended before it was complete.
    SyncPartial,

    /// The billing database could not be reached.
    PgUnreachable,
    /// The server offers no TLS.
    PgTlsRequired,
    /// The server's certificate is not trusted.
    PgTlsUntrusted,
    /// The server refused the user or password.
    PgAuth,
    /// The role could change the server itself.
    PgRoleTooPowerful,
    /// A configured name is not a plain identifier.
    PgNameInvalid,
    /// A configured relation is of a kind that is not read.
    PgRelationKind,
    /// The schema matches no profile, or more than one.
    PgSchemaUnknown,
    /// A statement ran into its time limit.
    PgTimeout,
    /// A lock was not granted within its limit.
    PgLocked,
    /// A connection parameter is not accepted.
    PgOptionRefused,
    /// The session turned out to be writable.
    PgNotReadOnly,

    /// The ledger's file is not where it was.
    LedgerMissing,
    /// An entry of the ledger was changed.
    LedgerTampered,
    /// The ledger ends before an entry this computer signed.
    LedgerRolledBack,
    /// The file is another ledger.
    LedgerForeign,
    /// An entry is signed by a key that was never enrolled.
    LedgerKeyUnknown,
    /// A piece of evidence is missing or differs from its hash.
    EvidenceChanged,
    /// The same sign-off was made already.
    SignoffDuplicate,
    /// The same person signed in another group.
    SignoffSamePerson,
    /// An earlier group has not signed yet.
    SignoffOrder,
    /// Something changed between the preview and the signature.
    SignoffStale,
    /// A signature by file is of a key that was revoked, has run out, or is not valid yet.
    SignoffKeyEnded,
    /// A file that carries a request or a signature was changed, or is of another text.
    SignoffFileChanged,
    /// A signature by file is for another run or another ledger.
    SignoffOtherRun,
    /// The passphrase is wrong.
    PassphraseWrong,
    /// Three wrong passphrases: signing waits.
    PassphrasePaused,
    /// A failed automatic line cannot be ticked by hand.
    ItemNotConfirmable,

    /// An imported file is over its limit.
    ImportTooLarge,
    /// An imported file is nested too deeply.
    ImportTooDeep,
    /// An imported file took too long to read.
    ImportTimeout,
    /// An imported file is not UTF-8.
    ImportEncoding,
    /// An imported file does not follow its format.
    ImportSyntax,
    /// An export could not be written where it was asked for.
    ExportTarget,
    /// An address is not allowed.
    UrlRefused,
    /// The computer's clock went backwards, or differs from the servers'.
    ClockRegressed,
    /// A broken promise of the program itself.
    Internal,
}

impl Code {
    /// Lists every code, in the order of this file.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }
}

/// A step a person can take after a failure, the safest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Action {
    /// What the step is called on a button.
    pub label: String,
    /// Where the window goes for it, when it is a place in the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub route: Option<String>,
}

/// A failure as it is told: what failed, why, what is safe, what can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Failure {
    /// The stable word.
    pub code: Code,
    /// What failed, on what: "Could not read invoices from Stripe account Acme (live)".
    pub what: String,
    /// Why, in the user's words.
    pub why: String,
    /// What was kept, and what was not changed.
    pub safe: String,
    /// One to three steps, the safest first.
    pub actions: Vec<Action>,
    /// When trying again makes sense. **Units**: milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub retry_after_ms: Option<u64>,
    /// The id under which the log tells the rest.
    pub trace: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_one_way_everywhere() {
        for code in Code::all() {
            let wire = serde_json::to_value(code).unwrap();
            assert_eq!(wire, serde_json::Value::from(code.as_ref()));
            assert_eq!(code.as_ref().parse(), Ok(code));
        }
        assert_eq!(Code::KeychainAbsent.to_string(), "KEYCHAIN_ABSENT");
    }
}
