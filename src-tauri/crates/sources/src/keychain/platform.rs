//! The platform's own keychain, behind `keyring`: Secret Service, macOS Keychain, Windows Credential Manager.
//!
//! The store is named and built here instead of by keyring's facade, which remembers a failed store until the program
//! ends: a keychain that appears, is unlocked or restarts later must be found by the next call.
//! Values are base64 because some stores keep text only.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyring::{Entry, Error};
use keyring_core::CredentialStore;
use zeroize::Zeroizing;

use super::worker::{Answer, Work};
use super::{KeychainError, Kind, SERVICE, random};
use crate::secret::Secret;

/// Longest text of the platform that goes into an error. **Units**: characters.
const CAUSE_CHARS_MAX: usize = 200;

/// Owns the connection to the platform's store and makes it anew after a failure.
#[derive(Default)]
pub(super) struct Store {
    store: Option<Arc<CredentialStore>>,
}

impl Store {
    /// Does one piece of work; blocks for as long as the keychain likes.
    pub(super) fn answer(&mut self, account: &str, work: &Work) -> Answer {
        match work {
            Work::Put(secret) => self.put(account, secret).map(|()| None),
            Work::Get => self.get(account),
            Work::Remove => self.call(account, Entry::delete_credential).map(|()| None),
            Work::Probe => self.probe(account).map(|()| None),
        }
    }

    fn put(&mut self, account: &str, secret: &Secret) -> Result<(), KeychainError> {
        let text = Zeroizing::new(STANDARD.encode(secret.expose()));
        self.call(account, |entry| entry.set_password(&text))
    }

    fn get(&mut self, account: &str) -> Answer {
        match self.fetch(account) {
            // A Secret Service whose keyring was never unlocked says "no such item" to reads. Only a write tells.
            Err(KeychainError::Missing { item }) => {
                self.probe(&format!("{}/{account}", Kind::Trial.word()))?;
                Err(KeychainError::Missing { item })
            }
            answer => answer,
        }
    }

    fn fetch(&mut self, account: &str) -> Answer {
        let bytes = Zeroizing::new(self.call(account, Entry::get_secret)?);
        Ok(STANDARD.decode(bytes.as_slice()).ok().map(Secret::from))
    }

    fn probe(&mut self, account: &str) -> Result<(), KeychainError> {
        let value = random::<16>()?;
        self.put(account, &Secret::from(value.to_vec()))?;
        let found = self.fetch(account)?;
        self.call(account, Entry::delete_credential)?;
        match found {
            Some(secret) if secret.expose() == value => Ok(()),
            _ => Err(KeychainError::Changed { item: account.to_owned() }),
        }
    }

    /// Calls the store; a connection that went stale since the last call is made anew once.
    fn call<T>(&mut self, account: &str, act: impl Fn(&Entry) -> keyring::Result<T>) -> Result<T, KeychainError> {
        let kept_from_before = self.store.is_some();
        match self.call_once(account, &act) {
            Err(KeychainError::Refused { .. }) if kept_from_before => self.call_once(account, &act),
            answer => answer,
        }
    }

    fn call_once<T>(&mut self, account: &str, act: &impl Fn(&Entry) -> keyring::Result<T>) -> Result<T, KeychainError> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(connect().map_err(|cause| KeychainError::Absent { cause: told(&cause) })?),
        };
        let answer = store.build(SERVICE, account, None).and_then(|inner| act(&Entry { inner }));
        answer.map_err(|error| match error {
            Error::NoEntry => KeychainError::Missing { item: account.to_owned() },
            Error::NoStorageAccess(cause) => {
                self.store = None;
                KeychainError::Locked { cause: cut(&cause.to_string()) }
            }
            other => {
                self.store = None;
                KeychainError::Refused { cause: told(&other) }
            }
        })
    }
}

/// Says what went wrong without repeating a value: two of keyring's errors carry the secret itself.
fn told(error: &Error) -> String {
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cut(&cause.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "its value is not text".to_owned(),
        Error::Ambiguous(found) => format!("{} items have this name", found.len()),
        Error::TooLong(what, limit) => format!("{what} is over the platform's limit of {limit}"),
        other => cut(&other.to_string()),
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(CAUSE_CHARS_MAX).collect()
}

/// Names the store this program is built for; all three keep their items on disk.
pub(super) const fn named() -> super::Platform {
    let name = if cfg!(target_os = "macos") {
        "macOS Keychain"
    } else if cfg!(target_os = "windows") {
        "Windows Credential Manager"
    } else {
        "Secret Service"
    };
    super::Platform { name, survives_restart: true }
}

#[cfg(target_os = "linux")]
fn connect() -> keyring::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn connect() -> keyring::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn connect() -> keyring::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_never_repeats_the_value() {
        let broken = Error::BadEncoding(b"sk_live_canary".to_vec());
        assert!(!told(&broken).contains("canary"));
        let shaped = Error::BadDataFormat(b"sk_live_canary".to_vec(), "sk_live_canary".into());
        assert!(!told(&shaped).contains("canary"));
    }

    #[test]
    fn platform_texts_are_cut_to_one_line() {
        let long = Error::PlatformFailure(format!("a\nb{}", "x".repeat(900)).into());
        assert_eq!(told(&long).chars().count(), CAUSE_CHARS_MAX);
        assert!(!told(&long).contains('\n'));
    }
}
