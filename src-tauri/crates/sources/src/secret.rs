//! Secret values in memory: wiped when dropped, shown by nothing.
//!
//! Separate from the keychain because every reader of a secret needs the type and none of the machinery.
//! Deliberately absent: `Debug`, `Display`, `Serialize` and `Clone`, so that no log, error or answer can hold a secret.

use secrecy::{ExposeSecret, SecretBox, SecretSlice};
use zeroize::Zeroize;

/// Length of a store key and of a signing seed. **Units**: bytes.
pub const KEY_BYTES: usize = 32;

/// Holds a secret until it is dropped, then wipes it.
///
/// **Example**
/// ```
/// let secret = countersign_sources::secret::Secret::from(String::from("rk_test_1"));
/// assert_eq!(secret.expose_text(), Some("rk_test_1"));
/// ```
/// It cannot be printed:
/// ```compile_fail,E0277
/// let secret = countersign_sources::secret::Secret::from(String::from("rk_test_1"));
/// println!("{secret:?}");
/// ```
/// nor shown:
/// ```compile_fail,E0277
/// let secret = countersign_sources::secret::Secret::from(String::from("rk_test_1"));
/// let text = secret.to_string();
/// ```
/// nor copied:
/// ```compile_fail,E0599
/// let secret = countersign_sources::secret::Secret::from(String::from("rk_test_1"));
/// let copy = secret.clone();
/// ```
/// nor written out:
/// ```compile_fail,E0277
/// let secret = countersign_sources::secret::Secret::from(String::from("rk_test_1"));
/// let text = serde_json::to_string(&secret);
/// ```
pub struct Secret(SecretSlice<u8>);

impl Secret {
    /// Lends the bytes for the moment of use.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Lends the text for the moment of use; `None` when the bytes are not UTF-8.
    #[must_use]
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(self.expose()).ok()
    }

    /// Gives the secret as a key of 32 bytes; `None` when it has another length.
    #[must_use]
    pub fn to_key(&self) -> Option<SecretBox<[u8; KEY_BYTES]>> {
        let mut key = <[u8; KEY_BYTES]>::try_from(self.expose()).ok()?;
        let kept = SecretBox::init_with_mut(|place: &mut [u8; KEY_BYTES]| place.copy_from_slice(&key));
        key.zeroize();
        Some(kept)
    }

    /// Gives the length. **Units**: bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// Says whether nothing was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<Vec<u8>> for Secret {
    fn from(mut bytes: Vec<u8>) -> Self {
        // Shrinking in place could leave an unwiped copy behind, so the bytes are copied once and the source wiped.
        let exact: Box<[u8]> = bytes.as_slice().into();
        bytes.zeroize();
        Self(exact.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_bytes_are_a_key() {
        assert!(Secret::from(vec![7; 31]).to_key().is_none());
        assert!(Secret::from(vec![7; 33]).to_key().is_none());
        let key = Secret::from(vec![7; 32]).to_key().unwrap();
        assert_eq!(key.expose_secret(), &[7; 32]);
    }

    #[test]
    fn bytes_that_are_not_text_are_not_guessed_at() {
        assert!(Secret::from(vec![0xff, 0xfe]).expose_text().is_none());
        assert_eq!(Secret::from(vec![0xff, 0xfe]).len(), 2);
    }
}
