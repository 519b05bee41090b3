//! Exit codes: 0 done and good, 1 the answer is no or not known, 2 usage or input, 3 a source is unreachable, 4 refused,
//! 5 a store is damaged or not ours, 130 cancelled.

use std::process::ExitCode;

use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::probe::{Outcome, Unknown};
use countersign_app::failure::told;

use crate::output::Output;

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done, and good.
    Good,
    /// Done, and the answer is no: a check failed or decided nothing, a gate holds, a verification found a fault.
    No,
    /// Done, and a source that was asked did not answer.
    Unreachable,
    /// Stopped by the user; the answer says what is complete.
    Stopped,
}

impl Verdict {
    /// Gives the verdict of a condition.
    pub fn of(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::No }
    }

    /// Gives the verdict of work that was cancelled: whatever it answered, not all of it was done.
    pub fn or_stopped(self, is_cancelled: bool) -> Self {
        if is_cancelled { Self::Stopped } else { self }
    }

    /// Gives the verdict of several checks: what is not known is never good.
    pub fn of_checks(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        // A check that failed says more than one that got no answer, and that more than one that could not be made.
        let rank = |outcome| match outcome {
            Outcome::Pass | Outcome::Warn => (0, Self::Good),
            Outcome::Unknown(Unknown::Unreachable | Unknown::Timeout) => (2, Self::Unreachable),
            Outcome::Unknown(_) => (1, Self::No),
            Outcome::Fail => (3, Self::No),
        };
        let worst = outcomes.into_iter().map(rank).max_by_key(|(rank, _)| *rank);
        worst.map_or(Self::Good, |(_, verdict)| verdict)
    }

    pub fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }

    fn number(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::No => 1,
            Self::Unreachable => 3,
            Self::Stopped => of(Code::Cancelled),
        }
    }
}

/// Says what clap has to say, and gives the code for it: help and version are no mistakes, and are always text.
pub fn usage(error: &clap::Error, output: Output) -> ExitCode {
    if !error.use_stderr() {
        let _closed_terminal = error.print();
        return ExitCode::SUCCESS;
    }
    if output.is_json {
        output.failure(&misused(error));
    } else {
        let _closed_terminal = error.print();
    }
    ExitCode::from(of(Code::InputInvalid))
}

/// Tells a command line that was not understood like any other failure.
fn misused(error: &clap::Error) -> Failure {
    let text = error.to_string();
    // clap's first paragraph is the reason; what follows it is the usage and advice for a person at a terminal.
    let why = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    told(Code::InputInvalid, "The command was not understood", why.split_whitespace().collect::<Vec<_>>().join(" "))
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn a_command_that_was_not_understood_is_told_like_any_failure() {
        for (words, named) in [
            (vec!["countersign", "--json", "run", "sing"], "sing"),
            (vec!["countersign", "ledger", "verify", "--bundel", "x"], "--bundel"),
            (vec!["countersign", "run", "show"], "<RUN>"),
        ] {
            let failure = misused(&Arguments::try_parse_from(words).err().unwrap());
            assert_eq!((failure.code, of(failure.code)), (Code::InputInvalid, 2));
            assert!(failure.why.contains(named) && !failure.why.contains("Usage"), "{}", failure.why);
        }
    }

    #[test]
    fn an_environment_may_be_named_with_every_command_and_anywhere() {
        let read = |words: &str| Arguments::read(words.split(' ').map(Into::into)).unwrap();
        for (words, run) in [
            ("countersign --env staging run show R", Some("R")),
            ("countersign run show R --env staging", Some("R")),
            ("countersign run trigger trip R item --cause x --operator o --env staging", Some("R")),
            ("countersign run sign-import f.json --run R --env staging", Some("R")),
            ("countersign run sign-import f.json --env staging", None),
            ("countersign run check --env staging R a b", Some("R")),
            ("countersign template list --env staging", None),
            ("countersign run list --env staging", None),
        ] {
            let read = read(words);
            assert_eq!((read.env.as_deref(), read.run.as_deref()), (Some("staging"), run), "{words}");
        }
        for words in ["countersign --env staging sync", "countersign sync --env staging"] {
            let Some(Command::Sync(sync)) = read(words).command else { panic!("{words}") };
            assert_eq!(sync.environment.env.as_deref(), Some("staging"), "{words}");
        }
    }

    #[test]
    fn a_preview_takes_no_passphrase_and_a_signature_needs_one() {
        let signing = ["countersign", "run", "sign", "R", "--role", "x", "--operator", "o", "--meaning", "approve"];
        let is_read = |more: &[&str]| Arguments::try_parse_from(signing.iter().chain(more)).is_ok();
        assert!(is_read(&["--preview"]) && is_read(&["--secret-stdin"]));
        assert!(!is_read(&[]) && !is_read(&["--preview", "--secret-stdin"]));
    }

    #[test]
    fn work_that_was_stopped_ends_as_cancelled_whatever_it_answered() {
        for verdict in [Verdict::Good, Verdict::No, Verdict::Unreachable] {
            assert_eq!(verdict.or_stopped(true).number(), 130, "{verdict:?}");
            assert_eq!(verdict.or_stopped(false), verdict);
        }
    }

    #[test]
    fn what_is_not_known_is_never_good() {
        let unknown = |reason| Outcome::Unknown(reason);
        let (unset, silent) = (unknown(Unknown::NotConfigured), unknown(Unknown::Unreachable));
        let cases: [(&[Outcome], u8); 9] = [
            (&[], 0),
            (&[Outcome::Pass, Outcome::Warn], 0),
            (&[Outcome::Pass, Outcome::Fail], 1),
            (&[unset], 1),
            (&[Outcome::Pass, unset, Outcome::Warn], 1),
            (&[Outcome::Pass, silent], 3),
            (&[unknown(Unknown::Timeout)], 3),
            (&[unset, silent, Outcome::Pass], 3),
            (&[silent, Outcome::Fail, silent], 1),
        ];
        for (outcomes, code) in cases {
            assert_eq!(Verdict::of_checks(outcomes.iter().copied()).number(), code, "{outcomes:?}");
        }
    }
}
