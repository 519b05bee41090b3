//! Operators' signing keys: made here, wrapped with the operator's passphrase, kept as one keychain item each.
//!
//! Separate from the keychain because two things must come together to sign: the keychain's item and the passphrase.
//! The computer's own seal key lies in the keychain without one; it signs the ledger's head and never a decision.
//! Deliberately absent: the count of wrong passphrases (`domain::ledger::passphrase`), and any way to get a seed out.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use countersign_domain::failure::Code;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::passphrase::{self, TooShort};
use countersign_domain::ledger::{Hash, PublicKey, Signature};
use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use crate::keychain::{Item, Keychain, KeychainError, Kind, random};
use crate::secret::{KEY_BYTES, Secret};

/// Memory of the key derivation. **Units**: KiB.
const MEMORY_KIB: u32 = 64 * 1_024;
/// Passes of the key derivation.
const PASSES: u32 = 3;
/// Lanes of the key derivation.
const LANES: u32 = 4;
/// First byte of a wrapped seed: the derivation above and XChaCha20-Poly1305.
const WRAP_VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// Name of the computer's own key inside a profile.
const SEAL_NAME: &str = "console";

/// Why a signing key could not be made or unlocked.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The passphrase does not open this key.
    #[error("the passphrase does not open the signing key")]
    PassphraseWrong {
        /// Whose key was asked for.
        operator: OperatorId,
    },
    /// A passphrase that someone wants to use is too short.
    #[error(transparent)]
    PassphraseShort(#[from] TooShort),
    /// The operator has a key; making another would lose it.
    #[error("{operator} has a signing key already")]
    KeyExists {
        /// Whose key is there.
        operator: OperatorId,
    },
    /// The key in the keychain is not the one the ledger knows.
    #[error("the ledger knows another signing key of {operator}")]
    NotEnrolled {
        /// Whose key was asked for.
        operator: OperatorId,
    },
    /// The keychain did not take or give the key.
    #[error("the signing key of {operator} could not be reached")]
    Keychain {
        /// Whose key was asked for.
        operator: String,
        /// What the keychain said.
        #[source]
        cause: KeychainError,
    },
    /// The key derivation did not run.
    #[error("the passphrase could not be worked on: {0}")]
    Derivation(String),
}

impl SigningError {
    /// Gives the stable word of the failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::PassphraseWrong { .. } => Code::PassphraseWrong,
            Self::PassphraseShort(_) => Code::InputInvalid,
            Self::KeyExists { .. } => Code::AlreadyExists,
            Self::NotEnrolled { .. } => Code::LedgerKeyUnknown,
            Self::Keychain { cause, .. } => cause.code(),
            Self::Derivation(_) => Code::Internal,
        }
    }
}

/// A signing key in use; wiped when dropped.
pub struct UnlockedKey(SigningKey);

impl UnlockedKey {
    /// Gives the public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a hash.
    #[must_use]
    pub fn sign(&self, hash: &Hash) -> Signature {
        Signature(self.0.sign(&hash.0).to_bytes())
    }
}

/// The signing keys of one profile.
#[derive(Clone)]
pub struct SigningKeys {
    keychain: Keychain,
    profile: String,
}

impl SigningKeys {
    /// Names the keys of a profile; nothing is contacted.
    #[must_use]
    pub fn new(keychain: Keychain, profile: impl Into<String>) -> Self {
        Self { keychain, profile: profile.into() }
    }

    /// Makes an operator's key, wraps it and keeps it; gives it unlocked, so that it can sign its own enrolment.
    ///
    /// **Errors**: a short passphrase, an operator who has a key, or the keychain.
    pub async fn create(&self, operator: &OperatorId, passphrase: Secret) -> Result<UnlockedKey, SigningError> {
        check(&passphrase)?;
        match self.keychain.get(&self.item(operator)).await {
            Ok(_) => return Err(SigningError::KeyExists { operator: operator.clone() }),
            Err(KeychainError::Missing { .. }) => {}
            Err(cause) => return Err(unreachable(operator, cause)),
        }
        self.keep(operator, self.item(operator), fresh(operator)?, passphrase).await
    }

    /// Opens an operator's key with the passphrase: the one whose public half the ledger has enrolled.
    ///
    /// **Errors**: [`SigningError::PassphraseWrong`], told apart from a key that is missing, changed or not enrolled.
    pub async fn unlock(
        &self,
        operator: &OperatorId,
        enrolled: &PublicKey,
        passphrase: Secret,
    ) -> Result<UnlockedKey, SigningError> {
        let (key, passphrase) = self.open(operator, self.item(operator), passphrase).await?;
        if key.public_key() == *enrolled {
            return Ok(key);
        }
        // A change of key that was written to the ledger and broke off before the keychain followed.
        match self.open(operator, self.next_item(operator), passphrase).await {
            Ok((next, _)) if next.public_key() == *enrolled => self.adopt(operator).await.map(|()| next),
            Ok(_) | Err(SigningError::Keychain { cause: KeychainError::Missing { .. }, .. }) => {
                Err(SigningError::NotEnrolled { operator: operator.clone() })
            }
            Err(other) => Err(other),
        }
    }

    /// Wraps an operator's key with another passphrase; the key itself stays the same.
    ///
    /// **Errors**: as [`Self::unlock`] for the present one, and a short new one.
    pub async fn change_passphrase(
        &self,
        operator: &OperatorId,
        enrolled: &PublicKey,
        present: Secret,
        next: Secret,
    ) -> Result<UnlockedKey, SigningError> {
        check(&next)?;
        let key = self.unlock(operator, enrolled, present).await?;
        self.keep(operator, self.item(operator), key, next).await
    }

    /// Makes the key that is to follow an operator's present one and keeps it beside that one.
    ///
    /// **Shape**: the change counts once an entry signed by both keys stands in the ledger; then [`Self::adopt`] is called.
    /// **Errors**: a short passphrase, or the keychain.
    pub async fn successor(&self, operator: &OperatorId, passphrase: Secret) -> Result<UnlockedKey, SigningError> {
        self.keep(operator, self.next_item(operator), fresh(operator)?, passphrase).await
    }

    /// Puts the successor in the place of the operator's key; it stays wrapped as it is.
    ///
    /// **Errors**: the keychain; then the next [`Self::unlock`] does it.
    pub async fn adopt(&self, operator: &OperatorId) -> Result<(), SigningError> {
        let told = |cause| unreachable(operator, cause);
        let wrapped = self.keychain.get(&self.next_item(operator)).await.map_err(told)?;
        self.keychain.put(&self.item(operator), wrapped).await.map_err(told)?;
        self.keychain.remove(&self.next_item(operator)).await.map_err(told)
    }

    /// Forgets an operator's key for good: one that was never enrolled, or when the profile itself is removed.
    ///
    /// **Errors**: the keychain; a key that was not there is no error.
    pub async fn forget(&self, operator: &OperatorId) -> Result<(), SigningError> {
        for item in [self.item(operator), self.next_item(operator)] {
            match self.keychain.remove(&item).await {
                Ok(()) | Err(KeychainError::Missing { .. }) => {}
                Err(cause) => return Err(unreachable(operator, cause)),
            }
        }
        Ok(())
    }

    async fn open(
        &self,
        operator: &OperatorId,
        item: Item,
        passphrase: Secret,
    ) -> Result<(UnlockedKey, Secret), SigningError> {
        let wrapped = self.keychain.get(&item).await.map_err(|cause| unreachable(operator, cause))?;
        let owner = operator.clone();
        let (seed, passphrase) = derived(move || Ok((unwrap(&owner, &wrapped, &passphrase)?, passphrase))).await?;
        match seed {
            Unwrapped::Seed(seed) => Ok((UnlockedKey(SigningKey::from_bytes(&seed)), passphrase)),
            Unwrapped::WrongPassphrase => Err(SigningError::PassphraseWrong { operator: operator.clone() }),
            Unwrapped::NotOurs => Err(unreachable(operator, KeychainError::Changed { item: item.to_string() })),
        }
    }

    async fn keep(
        &self,
        operator: &OperatorId,
        item: Item,
        key: UnlockedKey,
        passphrase: Secret,
    ) -> Result<UnlockedKey, SigningError> {
        check(&passphrase)?;
        let salt = random::<SALT_BYTES>().map_err(|cause| unreachable(operator, cause))?;
        let nonce = random::<NONCE_BYTES>().map_err(|cause| unreachable(operator, cause))?;
        let owner = operator.clone();
        let (key, wrapped) = derived(move || {
            let wrapped = wrap(&owner, &key, &passphrase, salt, nonce)?;
            Ok((key, wrapped))
        })
        .await?;
        self.keychain.put(&item, wrapped).await.map(|()| key).map_err(|cause| unreachable(operator, cause))
    }

    /// Gives this computer's own key, made at the first call.
    ///
    /// **Errors**: the keychain.
    pub async fn seal_key(&self) -> Result<UnlockedKey, SigningError> {
        let item = Item::new(Kind::SealKey, &self.profile, SEAL_NAME);
        let told = |cause| SigningError::Keychain { operator: SEAL_NAME.to_owned(), cause };
        let seed = match self.keychain.get(&item).await {
            Err(KeychainError::Missing { .. }) => self.keychain.create_key(&item).await.map_err(told)?,
            found => found.map_err(told)?,
        };
        let seed = seed.to_key().ok_or_else(|| told(KeychainError::Changed { item: item.to_string() }))?;
        Ok(UnlockedKey(SigningKey::from_bytes(secrecy::ExposeSecret::expose_secret(&seed))))
    }

    fn item(&self, operator: &OperatorId) -> Item {
        Item::new(Kind::SigningKey, &self.profile, operator.as_str())
    }

    fn next_item(&self, operator: &OperatorId) -> Item {
        Item::new(Kind::SigningKey, &self.profile, format!("{operator}/next"))
    }
}

fn fresh(operator: &OperatorId) -> Result<UnlockedKey, SigningError> {
    let seed = Zeroizing::new(random::<KEY_BYTES>().map_err(|cause| unreachable(operator, cause))?);
    Ok(UnlockedKey(SigningKey::from_bytes(&seed)))
}

fn unreachable(operator: &OperatorId, cause: KeychainError) -> SigningError {
    SigningError::Keychain { operator: operator.to_string(), cause }
}

fn check(passphrase: &Secret) -> Result<(), SigningError> {
    // Bytes that are not text can only come from a pipe; they count as no passphrase.
    Ok(passphrase::check(passphrase.expose_text().unwrap_or_default())?)
}

/// Runs the slow key derivation off the async threads.
async fn derived<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SigningError> + Send + 'static,
) -> Result<T, SigningError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(cause) => Err(SigningError::Derivation(cause.to_string())),
    }
}

enum Unwrapped {
    Seed(Zeroizing<[u8; KEY_BYTES]>),
    WrongPassphrase,
    NotOurs,
}

/// Wraps a seed: version, salt, nonce, then the seed encrypted for this operator.
fn wrap(
    operator: &OperatorId,
    key: &UnlockedKey,
    passphrase: &Secret,
    salt: [u8; SALT_BYTES],
    nonce: [u8; NONCE_BYTES],
) -> Result<Secret, SigningError> {
    let cipher = cipher(passphrase, &salt)?;
    let seed = Zeroizing::new(key.0.to_bytes());
    let payload = Payload { msg: seed.as_slice(), aad: &bound_to(operator) };
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SigningError::Derivation("the seed could not be encrypted".to_owned()))?;
    Ok(Secret::from([&[WRAP_VERSION][..], &salt, &nonce, &sealed].concat()))
}

fn unwrap(operator: &OperatorId, wrapped: &Secret, passphrase: &Secret) -> Result<Unwrapped, SigningError> {
    let Some((&WRAP_VERSION, rest)) = wrapped.expose().split_first() else { return Ok(Unwrapped::NotOurs) };
    let Some((salt, rest)) = rest.split_first_chunk::<SALT_BYTES>() else { return Ok(Unwrapped::NotOurs) };
    let Some((nonce, sealed)) = rest.split_first_chunk::<NONCE_BYTES>() else { return Ok(Unwrapped::NotOurs) };
    let payload = Payload { msg: sealed, aad: &bound_to(operator) };
    let Ok(seed) = cipher(passphrase, salt)?.decrypt(&XNonce::from(*nonce), payload) else {
        return Ok(Unwrapped::WrongPassphrase);
    };
    let seed = Zeroizing::new(seed);
    Ok(<[u8; KEY_BYTES]>::try_from(seed.as_slice())
        .map_or(Unwrapped::NotOurs, |seed| Unwrapped::Seed(Zeroizing::new(seed))))
}

fn cipher(passphrase: &Secret, salt: &[u8]) -> Result<XChaCha20Poly1305, SigningError> {
    let told = |cause: argon2::Error| SigningError::Derivation(cause.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(KEY_BYTES)).map_err(told)?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose(), salt, key.as_mut_slice())
        .map_err(told)?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

/// Binds a wrapped seed to its operator, so that one operator's item cannot be put in another's place.
fn bound_to(operator: &OperatorId) -> Vec<u8> {
    format!("countersign signing key v1 {operator}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> OperatorId {
        OperatorId::from("anna")
    }

    fn wrapped() -> Secret {
        let key = UnlockedKey(SigningKey::from_bytes(&[5; 32]));
        wrap(&anna(), &key, &Secret::from("a long passphrase".to_owned()), [1; 16], [2; 24]).unwrap()
    }

    #[test]
    fn a_wrapped_seed_opens_for_its_operator_and_passphrase_only() {
        let open = |operator: &OperatorId, wrapped: &Secret, passphrase: &str| {
            unwrap(operator, wrapped, &Secret::from(passphrase.to_owned())).unwrap()
        };
        assert!(matches!(open(&anna(), &wrapped(), "a long passphrase"), Unwrapped::Seed(seed) if *seed == [5; 32]));
        assert!(matches!(open(&anna(), &wrapped(), "a long passphrase "), Unwrapped::WrongPassphrase));
        assert!(matches!(open(&"boris".into(), &wrapped(), "a long passphrase"), Unwrapped::WrongPassphrase));
        assert!(matches!(open(&anna(), &Secret::from(vec![9; 89]), "a long passphrase"), Unwrapped::NotOurs));
        assert!(matches!(open(&anna(), &Secret::from(vec![1; 20]), "a long passphrase"), Unwrapped::NotOurs));
    }

    #[test]
    fn the_wrapped_seed_shows_nothing_of_the_seed() {
        let wrapped = wrapped();
        assert_eq!(wrapped.len(), 1 + 16 + 24 + 32 + 16);
        assert!(!wrapped.expose().windows(4).any(|part| part == [5; 4]));
    }
}
