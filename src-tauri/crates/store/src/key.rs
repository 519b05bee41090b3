//! The key of a store: 32 random bytes that live in the keychain and, while a store is open, here.
//!
//! Making keys and fetching them is done in `sources`; this crate only uses them. The key is never shown, and its
//! fingerprint, kept beside the file, tells a wrong key from a damaged file.

use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// Goes in front of the key when its fingerprint is made; frozen.
const FINGERPRINT_OF: &[u8] = b"countersign store key v1";
/// Digits of a fingerprint.
const FINGERPRINT_BYTES: usize = 8;

/// Holds the key of one store; wiped when dropped, and without any way to print it.
pub struct StoreKey(SecretBox<[u8; KEY_BYTES]>);

impl From<SecretBox<[u8; KEY_BYTES]>> for StoreKey {
    fn from(key: SecretBox<[u8; KEY_BYTES]>) -> Self {
        Self(key)
    }
}

impl StoreKey {
    /// Gives the 16 hex digits by which the key is recognised; they tell nothing about it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::new().chain_update(FINGERPRINT_OF).chain_update(self.0.expose_secret()).finalize();
        hash.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Gives the statement that keys a connection. It cannot carry parameters, so the text is wiped after use.
    pub(crate) fn statement(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(96));
        text.push_str("PRAGMA key = \"x'");
        for byte in self.0.expose_secret() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text.push_str("'\";");
        text
    }

    /// Derives another key from this one, for one named purpose (HKDF-SHA-256).
    pub(crate) fn derived(&self, purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        // The only failure is a length over 255 hashes.
        let _filled = Hkdf::<Sha256>::new(None, self.0.expose_secret()).expand(purpose, key.as_mut_slice());
        key
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn key(byte: u8) -> StoreKey {
        StoreKey::from(SecretBox::new(Box::new([byte; KEY_BYTES])))
    }

    #[test]
    fn a_fingerprint_and_a_derived_key_are_frozen() {
        assert_eq!(key(1).fingerprint(), "004b60446abb3cba");
        assert_ne!(key(1).fingerprint(), key(2).fingerprint());
        assert_ne!(*key(1).derived(b"a"), *key(1).derived(b"b"));
        assert_ne!(*key(1).derived(b"a"), [0; 32]);
    }

    #[test]
    fn the_keying_statement_is_a_raw_key() {
        let expected = format!("PRAGMA key = \"x'{}'\";", "ab".repeat(32));
        assert_eq!(*key(0xab).statement(), expected);
    }
}
