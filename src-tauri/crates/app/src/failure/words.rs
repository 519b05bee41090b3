//! The sentences of each code: why, what is safe, and what to do, the safest step first.
//!
//! The match is exhaustive, so a new code does not compile without its words. No sentence advises deleting anything.

use countersign_domain::failure::{Action, Code};

/// A step, and the screen it is taken on.
pub struct Step(&'static str, Option<&'static str>);

impl Step {
    pub fn action(&self) -> Action {
        Action { label: self.0.to_owned(), route: self.1.map(str::to_owned) }
    }
}

/// The sentences of one code.
pub struct Words {
    pub why: &'static str,
    pub safe: &'static str,
    pub actions: &'static [Step],
}

const SETTINGS: Option<&str> = Some("/settings");
const AUDIT: Option<&str> = Some("/audit");
const NOTHING_DONE: &str = "Nothing was changed.";
const DATA_STAYS: &str = "Data read before stays as it is, with its date.";
const STORE_STAYS: &str = "The file was left exactly as it is.";
const LEDGER_STAYS: &str = "The ledger was left exactly as it is; nothing was signed.";

const fn words(why: &'static str, safe: &'static str, actions: &'static [Step]) -> Words {
    Words { why, safe, actions }
}

/// Gives the sentences of a code.
pub fn of(code: Code) -> Words {
    match code {
        Code::InputInvalid
        | Code::NotFound
        | Code::AlreadyExists
        | Code::StateConflict
        | Code::Cancelled
        | Code::UrlRefused
        | Code::ClockRegressed
        | Code::Internal => general(code),
        Code::KeychainAbsent
        | Code::KeychainLocked
        | Code::KeychainTimeout
        | Code::KeychainRefused
        | Code::KeyMissing
        | Code::KeyMismatch
        | Code::SecretTooLong
        | Code::SecretWrongKind
        | Code::SecretInUrl => keychain(code),
        Code::DbMissing
        | Code::DbTruncated
        | Code::DbPlaintext
        | Code::DbCorrupt
        | Code::DbTooNew
        | Code::DbReadonly
        | Code::DiskFull
        | Code::ProfileOnNetworkDrive
        | Code::InstanceRunning
        | Code::MigrationFailed
        | Code::BackupInvalid => store(code),
        Code::StripeKeyRejected
        | Code::StripeKeyForbidden
        | Code::StripeKeyClass
        | Code::StripePermission
        | Code::StripeRateLimited
        | Code::StripeUnreachable
        | Code::StripeBadAnswer
        | Code::AccountMismatch
        | Code::SyncLoop
        | Code::SyncPartial => stripe(code),
        Code::PgUnreachable
        | Code::PgTlsRequired
        | Code::PgTlsUntrusted
        | Code::PgAuth
        | Code::PgRoleTooPowerful
        | Code::PgNameInvalid
        | Code::PgRelationKind
        | Code::PgSchemaUnknown
        | Code::PgTimeout
        | Code::PgLocked
        | Code::PgOptionRefused
        | Code::PgNotReadOnly => database(code),
        Code::LedgerMissing
        | Code::LedgerTampered
        | Code::LedgerRolledBack
        | Code::LedgerForeign
        | Code::LedgerKeyUnknown
        | Code::EvidenceChanged
        | Code::SignoffDuplicate
        | Code::SignoffSamePerson
        | Code::SignoffOrder
        | Code::SignoffStale
        | Code::SignoffKeyEnded
        | Code::SignoffFileChanged
        | Code::SignoffOtherRun
        | Code::PassphraseWrong
        | Code::PassphrasePaused
        | Code::ItemNotConfirmable => ledger(code),
        Code::ImportTooLarge
        | Code::ImportTooDeep
        | Code::ImportTimeout
        | Code::ImportEncoding
        | Code::ImportSyntax
        | Code::ExportTarget => files(code),
    }
}

fn general(code: Code) -> Words {
    match code {
        Code::InputInvalid => {
            words("The value is missing or not of the expected form.", NOTHING_DONE, &[Step("Correct the field", None)])
        }
        Code::NotFound => {
            words("It is not known here.", NOTHING_DONE, &[Step("Check that it is there and how it is written", None)])
        }
        Code::AlreadyExists => words("The name is taken.", NOTHING_DONE, &[Step("Choose another name", None)]),
        Code::StateConflict => words(
            "It is in a state that does not allow this.",
            NOTHING_DONE,
            &[Step("Look at its present state", None)],
        ),
        Code::Cancelled => {
            words("It was stopped.", "What was complete is kept.", &[Step("Start it again: it continues", None)])
        }
        Code::UrlRefused => words(
            "The address is not allowed here.",
            "No connection was opened.",
            &[Step("Correct the address", SETTINGS)],
        ),
        Code::ClockRegressed => words(
            "The computer's clock does not agree with the clocks of the servers.",
            "Entries are ordered by their number, so none is out of place.",
            &[Step("Set the computer's clock", None), Step("Sign with a reason that will be kept", None)],
        ),
        _ => words(
            "The program met a state it should never be in.",
            "What was acknowledged before is safe; the work in hand was undone.",
            &[Step("Try the last step again", None), Step("Send the report with its trace", None)],
        ),
    }
}

fn keychain(code: Code) -> Words {
    match code {
        Code::KeychainAbsent => words(
            "No keychain service answers in this session.",
            "No secret was stored anywhere else; there is no such fallback.",
            &[
                Step("Start the desktop's keyring (on a server: gnome-keyring in a session bus) and try again", None),
                Step("Run doctor for details", None),
            ],
        ),
        Code::KeychainLocked => words(
            "The keychain is locked.",
            "Nothing was read or written; the stores stay closed.",
            &[Step("Unlock the keychain and try again", None)],
        ),
        Code::KeychainTimeout => words(
            "The keychain did not answer in time.",
            "Nothing was waited for any longer; a late answer changes nothing.",
            &[Step("Answer the keychain's question, if it asks one, and try again", None)],
        ),
        Code::KeychainRefused => words(
            "The keychain said no.",
            NOTHING_DONE,
            &[Step("Allow this program in the keychain's settings and try again", None)],
        ),
        Code::KeyMissing => words(
            "The key is not in the keychain of this user on this computer.",
            "The encrypted file was left as it is; without its key it cannot be read.",
            &[
                Step("Log in as the user who made the profile", None),
                Step("Restore the keychain from its backup", None),
                Step("Enter the secret again in Settings", SETTINGS),
            ],
        ),
        Code::KeyMismatch => words(
            "The key in the keychain is of another store.",
            STORE_STAYS,
            &[Step("Put the store's own folder back", None), Step("Restore the keychain from its backup", None)],
        ),
        Code::SecretTooLong => words(
            "The value is longer than the limit of 1,024 bytes.",
            "It was not stored.",
            &[Step("Paste the value alone, without anything around it", None)],
        ),
        Code::SecretWrongKind => words(
            "The value is of another kind than the one asked for.",
            "It was not stored and not sent anywhere.",
            &[Step("Paste a restricted or secret Stripe key", SETTINGS)],
        ),
        _ => words(
            "An address must not carry a user name, password or key.",
            "It was not stored and not sent anywhere.",
            &[Step("Put the secret into its own field", SETTINGS)],
        ),
    }
}

fn store(code: Code) -> Words {
    match code {
        Code::DbMissing => words(
            "The file of the mirror is not where it was.",
            "Nothing was made in its place.",
            &[Step("Put the file back", None), Step("Set the store aside and read it anew", SETTINGS)],
        ),
        Code::DbTruncated => {
            words("The file is too short to be a store.", STORE_STAYS, &[Step("Restore a copy", None)])
        }
        Code::DbPlaintext => words(
            "The file is an unencrypted database.",
            STORE_STAYS,
            &[Step("Look at how it got there", None), Step("Restore a copy", None)],
        ),
        Code::DbCorrupt => words(
            "The file is damaged.",
            STORE_STAYS,
            &[Step("Restore a copy", None), Step("Run doctor for the damaged pages", None)],
        ),
        Code::DbTooNew => words(
            "The file was written by a newer version of the program.",
            STORE_STAYS,
            &[Step("Install the newer version", None)],
        ),
        Code::DbReadonly => words(
            "The file can be read and not written.",
            STORE_STAYS,
            &[Step("Give this user the right to write in the profile's folder", None)],
        ),
        Code::DiskFull => words(
            "The disk is full, or nearly so.",
            "What was acknowledged is on the disk; the work in hand was undone.",
            &[Step("Free some space and try again", None)],
        ),
        Code::ProfileOnNetworkDrive => words(
            "The profile lies on a network drive, where an encrypted store cannot be shared safely.",
            NOTHING_DONE,
            &[Step("Choose a folder on this computer with --data-dir", None)],
        ),
        Code::InstanceRunning => words(
            "Another copy of the program works on this profile.",
            NOTHING_DONE,
            &[Step("Go on in the other window", None), Step("End the other copy and try again", None)],
        ),
        Code::MigrationFailed => words(
            "The store could not be brought to this version.",
            "It stayed at its old version; the older program can use it.",
            &[Step("Free some space and try again", None), Step("Go on with the older version", None)],
        ),
        _ => words(
            "The copy cannot be read back.",
            "The present store was left as it is.",
            &[Step("Choose another copy", None)],
        ),
    }
}

fn stripe(code: Code) -> Words {
    match code {
        Code::StripeKeyRejected => words(
            "Stripe does not accept the key: it was revoked, has expired or is wrong.",
            DATA_STAYS,
            &[Step("Connect a valid key", SETTINGS)],
        ),
        Code::StripeKeyForbidden => words(
            "Stripe forbids the key for this account.",
            DATA_STAYS,
            &[Step("Connect a key of this account", SETTINGS)],
        ),
        Code::StripeKeyClass => words(
            "The key's mode does not fit: a live key goes to Stripe alone, and to a production environment alone.",
            "The key was not stored and not sent anywhere.",
            &[Step("Use a key of the right mode", SETTINGS), Step("Make an environment of the key's mode", SETTINGS)],
        ),
        Code::StripePermission => words(
            "The key lacks a permission.",
            "Everything else is read; only this part is missing.",
            &[Step("Give the key the permission named and try again", SETTINGS)],
        ),
        Code::StripeRateLimited => words(
            "Stripe is limiting requests.",
            "Nothing was lost: reading continues where it stopped.",
            &[Step("Wait, then start the sync again", None), Step("Lower the rate in Settings", SETTINGS)],
        ),
        Code::StripeUnreachable => words(
            "Stripe could not be reached.",
            DATA_STAYS,
            &[Step("Check the network and try again", None), Step("Look at Stripe's status page", None)],
        ),
        Code::StripeBadAnswer => words(
            "What came back is not an answer Stripe gives.",
            DATA_STAYS,
            &[Step("Try again", None), Step("Check whether a proxy stands in between", None)],
        ),
        Code::AccountMismatch => words(
            "The key belongs to another account, or to another mode, than the one this environment was made for.",
            "Nothing of the other account was written.",
            &[Step("Connect a key of the recorded account", SETTINGS), Step("Make another environment", SETTINGS)],
        ),
        Code::SyncLoop => words(
            "A list did not come to its end.",
            "What was read is kept; the sync stopped by itself.",
            &[Step("Start the sync again", None), Step("Read everything again with --full", None)],
        ),
        _ => words(
            "The sync ended before it was complete.",
            "What was read is kept and dated; it continues where it stopped.",
            &[Step("Start the sync again", None)],
        ),
    }
}

fn database(code: Code) -> Words {
    match code {
        Code::PgUnreachable => words(
            "The billing database could not be reached.",
            DATA_STAYS,
            &[Step("Check host, port and network", SETTINGS)],
        ),
        Code::PgTlsRequired => words(
            "The server offers no encrypted connection.",
            "No password was sent.",
            &[Step("Switch TLS on at the server", None), Step("Connect through a local socket", SETTINGS)],
        ),
        Code::PgTlsUntrusted => words(
            "The server's certificate is not trusted.",
            "No password was sent.",
            &[Step("Name the file of the certificate authority", SETTINGS), Step("Check the host name", SETTINGS)],
        ),
        Code::PgAuth => words(
            "The server refused the user, the password or a grant.",
            DATA_STAYS,
            &[Step("Correct user and password", SETTINGS), Step("Ask for the grants in the recipe", SETTINGS)],
        ),
        Code::PgRoleTooPowerful => words(
            "The role could change the server itself.",
            "Nothing was read with it.",
            &[Step("Make a role by the recipe shown and connect with it", SETTINGS)],
        ),
        Code::PgNameInvalid => words(
            "A name is not a plain identifier.",
            "Nothing was sent to the database.",
            &[Step("Correct the name", SETTINGS)],
        ),
        Code::PgRelationKind => words(
            "A relation is of a kind that is not read.",
            "Nothing was read from it.",
            &[Step("Name the table itself", SETTINGS)],
        ),
        Code::PgSchemaUnknown => words(
            "The tables fit no known schema profile, or more than one.",
            "Nothing was read.",
            &[Step("Choose the profile", SETTINGS), Step("Check the schema's name", SETTINGS)],
        ),
        Code::PgTimeout => words(
            "A statement ran into its time limit.",
            "It was cancelled on the server as well.",
            &[Step("Try again when the server has less to do", None), Step("Connect to a replica", SETTINGS)],
        ),
        Code::PgLocked => words(
            "Another session holds a lock.",
            "The wait was given up; nobody was held up by it.",
            &[Step("Try again in a minute", None)],
        ),
        Code::PgOptionRefused => words(
            "The address carries a parameter that is not accepted.",
            "Nothing was sent.",
            &[Step("Enter host, port, user and database in their fields", SETTINGS)],
        ),
        _ => words(
            "The session turned out to be writable.",
            "Nothing was read; the connection was closed.",
            &[Step("Check the pooler between here and the server", None)],
        ),
    }
}

fn ledger(code: Code) -> Words {
    match code {
        Code::LedgerMissing => words(
            "The ledger's file is not where it was.",
            "Nothing was made in its place.",
            &[Step("Put the file back", None), Step("Restore a copy", SETTINGS)],
        ),
        Code::LedgerTampered => words(
            "An entry is not as it was written.",
            LEDGER_STAYS,
            &[Step("Look at the entry", AUDIT), Step("Restore a copy", SETTINGS)],
        ),
        Code::LedgerRolledBack => words(
            "The ledger ends before an entry this computer wrote.",
            LEDGER_STAYS,
            &[Step("Restore a newer copy", SETTINGS), Step("Go on with a signed entry that says so", AUDIT)],
        ),
        Code::LedgerForeign => {
            words("The file is another ledger.", LEDGER_STAYS, &[Step("Put the right file back", None)])
        }
        Code::LedgerKeyUnknown => words(
            "The signing key is not on this computer, or was never enrolled.",
            LEDGER_STAYS,
            &[Step("Sign on the computer the operator was made on", None), Step("Make the operator anew", SETTINGS)],
        ),
        Code::EvidenceChanged => words(
            "A piece of evidence is missing or differs from its hash.",
            LEDGER_STAYS,
            &[Step("Restore the evidence from a copy", None), Step("Check the line again", None)],
        ),
        Code::SignoffDuplicate => {
            words("This signature was given already.", LEDGER_STAYS, &[Step("Look at it", AUDIT)])
        }
        Code::SignoffSamePerson => words(
            "One person may not sign in two groups.",
            LEDGER_STAYS,
            &[Step("Let somebody else sign for this role", None)],
        ),
        Code::SignoffOrder => {
            words("An earlier group has not signed yet.", LEDGER_STAYS, &[Step("Ask the earlier group first", None)])
        }
        Code::SignoffStale => words(
            "Something changed after the statement was shown.",
            LEDGER_STAYS,
            &[Step("Read the new statement and sign that", None)],
        ),
        Code::SignoffKeyEnded => words(
            "The key was revoked, has run out, or is not valid yet.",
            LEDGER_STAYS,
            &[Step("Read a newer roster of that computer", SETTINGS), Step("Let somebody else sign", None)],
        ),
        Code::SignoffFileChanged => words(
            "The file is not as it was signed.",
            LEDGER_STAYS,
            &[Step("Have the file sent again, as it is", None), Step("Ask for the signature anew", None)],
        ),
        Code::SignoffOtherRun => words(
            "The signature is for another run.",
            LEDGER_STAYS,
            &[Step("Choose the file for this run", None), Step("Ask for the signature anew", None)],
        ),
        Code::PassphraseWrong => words("The passphrase is wrong.", LEDGER_STAYS, &[Step("Enter it again", None)]),
        Code::PassphrasePaused => words(
            "Three wrong passphrases: signing waits for 15 minutes.",
            LEDGER_STAYS,
            &[Step("Wait, then enter it again", None)],
        ),
        _ => words(
            "The line cannot be decided in this way now.",
            NOTHING_DONE,
            &[Step("Put the cause right and check again", None), Step("Waive it with a reason and an approver", None)],
        ),
    }
}

fn files(code: Code) -> Words {
    match code {
        Code::ImportTooLarge => {
            words("The file is over its limit.", "Nothing was imported.", &[Step("Split the file", None)])
        }
        Code::ImportTooDeep => words(
            "The file is nested too deeply.",
            "Nothing was imported.",
            &[Step("Check that it is the right file", None)],
        ),
        Code::ImportTimeout => words(
            "The file took too long to read.",
            "Nothing was imported.",
            &[Step("Check that it is the right file", None)],
        ),
        Code::ImportEncoding => {
            words("The file is not UTF-8.", "Nothing was imported.", &[Step("Save it as UTF-8", None)])
        }
        Code::ImportSyntax => words(
            "The file does not follow its format.",
            "Nothing was imported.",
            &[Step("Correct the place named", None)],
        ),
        _ => words(
            "The file could not be written there.",
            "Nothing was left half written.",
            &[Step("Choose another place", None)],
        ),
    }
}
