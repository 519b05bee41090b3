//! The operating system's keychain: the only place where a secret outlives the process.
//!
//! Callers wait at most for their deadline, whatever the keychain does; the platform itself is reached by one worker
//! thread (`worker`), through one store (`platform`). Random bytes for keys are made here too.
//! Deliberately absent: any fallback to a file or to memory. A keychain that is not there is said to be not there.

mod platform;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_domain::failure::Code;
use tokio::sync::oneshot;

use crate::secret::{KEY_BYTES, Secret};
use worker::{Desk, Work};

/// Under this name all items are kept; it is the program's bundle identifier.
pub const SERVICE: &str = "dev.countersign.console";
/// Longest secret: Windows keeps 2,560 bytes and base64 adds a third. **Units**: bytes.
pub const SECRET_BYTES_MAX: usize = 1_024;
/// How long a caller waits for one answer, time in the queue included.
pub const CALL_LIMIT: Duration = Duration::from_secs(10);
/// How long a caller waits while the program starts.
pub const START_LIMIT: Duration = Duration::from_secs(5);
/// After this time a call that never came back no longer keeps others from trying on a fresh thread.
pub const FRESH_THREAD_AFTER: Duration = Duration::from_secs(60);

/// What a secret is for; the first part of its item's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Key of a Stripe account.
    StripeKey,
    /// Password of a billing database role.
    DatabasePassword,
    /// Password of a broker user.
    RabbitmqPassword,
    /// Token for a health address.
    HealthToken,
    /// Key of one of the two encrypted files.
    StoreKey,
    /// An operator's signing seed, wrapped with the passphrase.
    SigningKey,
    /// The seed with which this computer seals the ledger's head.
    SealKey,
    /// The newest entry this computer wrote to a ledger; not secret, yet out of reach of whoever has only the file.
    LedgerHead,
    /// Written, read and removed again to see whether the keychain works.
    Trial,
}

impl Kind {
    /// Gives the word used in item names and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::StripeKey => "stripe-key",
            Self::DatabasePassword => "database-password",
            Self::RabbitmqPassword => "rabbitmq-password",
            Self::HealthToken => "health-token",
            Self::StoreKey => "store-key",
            Self::SigningKey => "signing-key",
            Self::SealKey => "seal-key",
            Self::LedgerHead => "ledger-head",
            Self::Trial => "trial",
        }
    }
}

/// The keychain of this platform, for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// What it is called.
    pub name: &'static str,
    /// Whether what it holds survives a restart of the computer.
    pub survives_restart: bool,
}

/// The address of one secret: what it is for, in which profile, and its name there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Item {
    /// What it is for.
    pub kind: Kind,
    /// The profile it belongs to.
    pub profile: String,
    /// Which one of its kind: an environment, a store, an operator.
    pub name: String,
}

impl Item {
    /// Names an item.
    pub fn new(kind: Kind, profile: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, profile: profile.into(), name: name.into() }
    }

    fn account(&self) -> String {
        format!("{}/{}/{}", self.kind.word(), self.profile, self.name)
    }
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.account())
    }
}

/// Why the keychain gave no secret, or took none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// The platform offers no keychain to this session.
    #[error("no keychain service answers in this session ({cause})")]
    Absent {
        /// What the platform said.
        cause: String,
    },
    /// The keychain is locked and was not unlocked.
    #[error("the keychain is locked ({cause})")]
    Locked {
        /// What the platform said.
        cause: String,
    },
    /// No answer before the deadline; the call may still be under way.
    #[error("the keychain did not answer within {limit_ms} ms")]
    Timeout {
        /// The deadline that passed. **Units**: milliseconds.
        limit_ms: u64,
    },
    /// The keychain answered and said no.
    #[error("the keychain refused ({cause})")]
    Refused {
        /// What the platform said.
        cause: String,
    },
    /// The keychain works and has no such item.
    #[error("the keychain has no item {item}")]
    Missing {
        /// The item asked for.
        item: String,
    },
    /// The item is there and its value was not written by this program.
    #[error("the value of {item} was changed by something else")]
    Changed {
        /// The item asked for.
        item: String,
    },
    /// The secret is over the limit; nothing was asked of the keychain.
    #[error("the secret has {bytes} bytes, the limit is {SECRET_BYTES_MAX}")]
    TooLong {
        /// Its length. **Units**: bytes.
        bytes: usize,
    },
}

impl KeychainError {
    /// Gives the stable word of the failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Absent { .. } => Code::KeychainAbsent,
            Self::Locked { .. } => Code::KeychainLocked,
            Self::Timeout { .. } => Code::KeychainTimeout,
            Self::Refused { .. } => Code::KeychainRefused,
            Self::Missing { .. } => Code::KeyMissing,
            Self::Changed { .. } => Code::KeyMismatch,
            Self::TooLong { .. } => Code::SecretTooLong,
        }
    }
}

/// The keychain as the program sees it: cheap to clone, safe to call from any task.
///
/// **Shape**: calls are answered one after the other; a call never blocks its thread.
/// **Errors**: every variant of [`KeychainError`] is a state of the keychain, and every one can pass: call again.
#[derive(Clone)]
pub struct Keychain {
    desk: Arc<Mutex<Desk>>,
    limit: Duration,
}

impl Default for Keychain {
    fn default() -> Self {
        Self::new(CALL_LIMIT, FRESH_THREAD_AFTER)
    }
}

impl Keychain {
    /// Names the platform's keychain; nothing is contacted before the first call.
    #[must_use]
    pub fn new(call_limit: Duration, fresh_thread_after: Duration) -> Self {
        Self { desk: Arc::new(Mutex::new(Desk::new(call_limit, fresh_thread_after))), limit: call_limit }
    }

    /// Gives the same keychain with another deadline for its callers.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        Self { desk: Arc::clone(&self.desk), limit }
    }

    /// Keeps a secret, replacing the one of the same name.
    ///
    /// **Errors**: [`KeychainError::TooLong`] before anything is asked; otherwise the state of the keychain.
    pub async fn put(&self, item: &Item, secret: Secret) -> Result<(), KeychainError> {
        if secret.len() > SECRET_BYTES_MAX {
            return Err(KeychainError::TooLong { bytes: secret.len() });
        }
        self.ask(item, Work::Put(secret)).await.map(drop)
    }

    /// Fetches a secret.
    ///
    /// **Errors**: [`KeychainError::Missing`] only from a keychain that took a trial item, because a locked Secret
    /// Service can look empty.
    pub async fn get(&self, item: &Item) -> Result<Secret, KeychainError> {
        let changed = || KeychainError::Changed { item: item.account() };
        self.ask(item, Work::Get).await?.ok_or_else(changed)
    }

    /// Removes a secret for good.
    ///
    /// **Errors**: [`KeychainError::Missing`] when there was none.
    pub async fn remove(&self, item: &Item) -> Result<(), KeychainError> {
        self.ask(item, Work::Remove).await.map(drop)
    }

    /// Writes a trial item, reads it back, compares and removes it.
    ///
    /// **Errors**: the state of the keychain; [`KeychainError::Changed`] when it gives back something else.
    pub async fn probe(&self, profile: &str) -> Result<Platform, KeychainError> {
        self.ask(&Item::new(Kind::Trial, profile, "probe"), Work::Probe).await.map(|_| platform::named())
    }

    /// Makes 32 random bytes, keeps them under the name and gives them back.
    ///
    /// **Errors**: the state of the keychain; then the key exists nowhere and must not be used.
    pub async fn create_key(&self, item: &Item) -> Result<Secret, KeychainError> {
        let key = random::<KEY_BYTES>()?;
        self.put(item, Secret::from(key.to_vec())).await?;
        Ok(Secret::from(key.to_vec()))
    }

    async fn ask(&self, item: &Item, work: Work) -> Result<Option<Secret>, KeychainError> {
        let (reply, answer) = oneshot::channel();
        // The lock is held only to hand the request over; the worker never takes it.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).submit(item.account(), work, reply)?;
        match tokio::time::timeout(self.limit, answer).await {
            Ok(Ok(answer)) => answer,
            // The worker's thread ended in the middle of a call: a panic below us.
            Ok(Err(_)) => Err(KeychainError::Refused { cause: "the call broke off".to_owned() }),
            Err(_) => Err(KeychainError::Timeout { limit_ms: milliseconds(self.limit) }),
        }
    }
}

/// Makes random bytes from the operating system's source.
///
/// **Errors**: [`KeychainError::Refused`] where the system has no randomness to give.
#[expect(clippy::disallowed_methods, reason = "one of the two places where random bytes are made")]
pub fn random<const N: usize>() -> Result<[u8; N], KeychainError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|cause| KeychainError::Refused { cause: cause.to_string() })?;
    Ok(bytes)
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_items_are_frozen() {
        let item = Item::new(Kind::StoreKey, "p1", "ledger");
        assert_eq!(item.to_string(), "store-key/p1/ledger");
        assert_eq!(SERVICE, "dev.countersign.console");
    }

    #[tokio::test]
    async fn a_secret_over_the_limit_never_reaches_the_keychain() {
        let keychain = Keychain::new(Duration::ZERO, FRESH_THREAD_AFTER);
        let item = Item::new(Kind::StripeKey, "p1", "live");
        let refused = keychain.put(&item, Secret::from(vec![b'x'; 4_096])).await;
        assert_eq!(refused, Err(KeychainError::TooLong { bytes: 4_096 }));
    }

    #[test]
    fn random_bytes_differ() {
        assert_ne!(random::<32>().unwrap(), random::<32>().unwrap());
    }
}
