//! How a failure is told: what failed, why, what is safe, what can be done, in that order.
//!
//! Errors of the floors below become a [`Failure`] here and nowhere else. The sentence of a code stands in `words`; what
//! is particular about this time is added by the error itself.

mod words;

use countersign_domain::failure::{Code, Failure};
use countersign_domain::ledger::entry::EntryError;
use countersign_sources::billing_db::BillingError;
use countersign_sources::keychain::KeychainError;
use countersign_sources::signing::SigningError;
use countersign_sources::stripe::{AddressRefused, ConnectError, KeyRefused, StripeError};
use countersign_store::{OpenError, StoreError};

use crate::clock;
use crate::jobs::sync::SyncError;
use crate::ledger::LedgerError;

/// An error that can be told to a person.
pub trait Tell: std::error::Error {
    /// Gives the stable word.
    fn code(&self) -> Code;

    /// Gives when trying again makes sense. **Units**: milliseconds from now.
    fn retry_after_ms(&self) -> Option<u64> {
        None
    }

    /// Tells what failed, on what: "Could not read invoices from Stripe".
    ///
    /// The whole chain of causes goes to the log once, here; the person gets its first link.
    fn tell(&self, what: impl Into<String>) -> Failure
    where
        Self: Sized,
    {
        let failure = Failure { retry_after_ms: self.retry_after_ms(), ..told(self.code(), what, self.to_string()) };
        tracing::warn!(code = %failure.code, trace = failure.trace, cause = chain(self), "{}", failure.what);
        failure
    }
}

/// Tells a failure that no error of a floor below stands behind.
#[must_use]
pub fn told(code: Code, what: impl Into<String>, why: impl Into<String>) -> Failure {
    let words = words::of(code);
    let why = sentence(&why.into());
    let why = if why.is_empty() { words.why.to_owned() } else { why };
    Failure {
        code,
        what: sentence(&what.into()),
        why,
        safe: words.safe.to_owned(),
        actions: words.actions.iter().map(words::Step::action).collect(),
        retry_after_ms: None,
        trace: clock::trace(),
    }
}

/// Tells that a request is wrong: which field, and what it may be.
#[must_use]
pub fn invalid(field: &str, why: impl Into<String>) -> Failure {
    told(Code::InputInvalid, format!("The field {field} cannot be used"), why)
}

/// Tells that a named thing is not here.
#[must_use]
pub fn not_found(kind: &str, name: &str) -> Failure {
    told(Code::NotFound, format!("There is no {kind} {name}"), "")
}

/// Tells that a promise of the program itself is broken.
#[must_use]
pub fn internal(what: impl Into<String>, cause: &dyn std::error::Error) -> Failure {
    let failure = told(Code::Internal, what, "");
    tracing::error!(code = %failure.code, trace = failure.trace, cause = chain(cause), "{}", failure.what);
    failure
}

/// Writes an error with all its causes on one line, redacted.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    countersign_sources::redact::redacted(&text)
}

/// Makes a sentence of a clause: a capital in front, a full stop behind.
fn sentence(text: &str) -> String {
    let text = countersign_sources::redact::redacted(text.trim());
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let rest = letters.as_str();
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{rest}{stop}", first.to_uppercase())
}

impl Tell for StripeError {
    fn code(&self) -> Code {
        match self {
            Self::KeyRejected { .. } => Code::StripeKeyRejected,
            Self::NotPermitted { .. } => Code::StripePermission,
            Self::Missing { .. } => Code::NotFound,
            Self::CursorGone { .. } | Self::Endless { .. } => Code::SyncLoop,
            Self::RateLimited { .. } => Code::StripeRateLimited,
            Self::NoAnswer { .. } => Code::StripeUnreachable,
            Self::NotOffered { .. } | Self::Refused { .. } | Self::ServerFailed { .. } | Self::BadAnswer { .. } => {
                Code::StripeBadAnswer
            }
        }
    }

    fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after: Some(after), .. } => u64::try_from(after.as_millis()).ok(),
            _ => None,
        }
    }
}

impl Tell for ConnectError {
    fn code(&self) -> Code {
        match self {
            Self::Address(refused) => refused.code(),
            Self::NoClient(_) => Code::Internal,
        }
    }
}

impl Tell for AddressRefused {
    fn code(&self) -> Code {
        match self {
            Self::LiveKey => Code::StripeKeyClass,
            Self::NotAnAddress | Self::NotLoopback => Code::UrlRefused,
        }
    }
}

impl Tell for KeyRefused {
    fn code(&self) -> Code {
        match self {
            Self::TooLong(_) => Code::SecretTooLong,
            _ => Code::SecretWrongKind,
        }
    }
}

impl Tell for KeychainError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for SigningError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for BillingError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for OpenError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for StoreError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for SyncError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for LedgerError {
    fn code(&self) -> Code {
        self.code()
    }
}

impl Tell for EntryError {
    fn code(&self) -> Code {
        Code::InputInvalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_words() {
        let forbidden = ["unknown error", "something went wrong", "please try again later", "delete the database"];
        for code in Code::all() {
            let failure = told(code, "Could not do it", "");
            assert!(!failure.why.is_empty() && !failure.safe.is_empty(), "{code}");
            assert!((1..=3).contains(&failure.actions.len()), "{code} offers {} steps", failure.actions.len());
            let text = format!("{} {} {:?}", failure.why, failure.safe, failure.actions).to_lowercase();
            for phrase in forbidden {
                assert!(!text.contains(phrase), "{code}: {phrase}");
            }
            for part in [&failure.why, &failure.safe] {
                assert!(part.ends_with('.'), "{code}: {part}");
            }
        }
    }

    #[test]
    fn a_secret_in_an_error_does_not_get_out() {
        let failure = told(
            Code::Internal,
            concat!("Could not use sk_li", "ve_abcdefghijklmnop"),
            "postgres://u:hunter2@h/d failed",
        );
        assert!(!failure.what.contains("abcdefghijklmnop"), "{}", failure.what);
        assert!(!failure.why.contains("hunter2"), "{}", failure.why);
    }
}
