//! Documents that travel between computers in a file: written in one form, sealed with a person's key.
//!
//! Frozen: `hash = SHA-256(version ‖ canonical JSON of the document)`, and the signature is over that hash. A file is
//! believed only if writing it again gives the same bytes. Deliberately absent: whether a key is to be believed (the
//! roster), and what the documents say.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::bytes::{Hash, LedgerId, PublicKey, Signature};
use super::canonical::{self, NotCanonical};
use super::entry::Signer;
use crate::Instant;

/// Longest file. **Units**: bytes.
pub const FILE_BYTES_MAX: usize = 1_024 * 1_024;
/// Beginning of every version's word.
const OURS: &str = "countersign-";
/// Version of the document a signature given on another computer is.
pub const SIGNATURE: &str = "countersign-signature-v1";
/// Version of one that opens items again, which it lists under `reopens`.
pub const SIGNATURE_REOPENING: &str = "countersign-signature-v2";

/// A kind of document.
pub trait Document: Serialize + DeserializeOwned {
    /// Its form; the first word under its hash, and what the file says under `v`.
    const VERSION: &'static str;
    /// What people call it.
    const NAME: &'static str;
    /// Forms that came later and say more than the first.
    const LATER: &'static [&'static str] = &[];

    /// Gives the form that what it says needs: the first that can say it.
    fn version(&self) -> &'static str {
        Self::VERSION
    }
}

/// A document with the signature over it: the whole content of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed<T> {
    /// What is signed.
    pub signed: T,
    /// The signature over its hash.
    pub signature: Signature,
}

/// Why a file is not the document that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is longer than any such file.
    #[error("it has {bytes} bytes, the limit is {FILE_BYTES_MAX}")]
    TooLarge {
        /// Its length. **Units**: bytes.
        bytes: usize,
    },
    /// Nothing says that this program wrote it.
    #[error("it is no file of this program")]
    NotOurs,
    /// It is another kind of document, or of a newer program.
    #[error("it is `{found}`, and {wanted} is expected")]
    Another {
        /// What the file says it is.
        found: String,
        /// What was expected, as people call it.
        wanted: &'static str,
    },
    /// It is not written as this program writes it, or its signature does not hold.
    #[error("it was changed after it was signed")]
    Changed,
}

/// Gives the hash of a document.
fn hash(version: &str, canonical: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update(version).chain_update(canonical).finalize().into())
}

impl<T: Document> Sealed<T> {
    /// Seals a document; its text is brought to Unicode's NFC first, so that an entry can carry it as it is.
    ///
    /// **Errors**: a number in it, or too deep a nesting.
    pub fn seal(document: &T, sign: impl FnOnce(&Hash) -> Signature) -> Result<Self, NotCanonical> {
        let unwritable = |cause: serde_json::Error| NotCanonical::Unwritable(cause.to_string());
        let signed = canonical::composed_value(serde_json::to_value(document).map_err(unwritable)?);
        let hash = hash(document.version(), &canonical::write(&signed)?);
        Ok(Self { signed: serde_json::from_value(signed).map_err(unwritable)?, signature: sign(&hash) })
    }

    /// Gives the hash that was signed.
    ///
    /// **Errors**: none for a document that was sealed or read; those of [`Self::seal`] otherwise.
    pub fn hash(&self) -> Result<Hash, NotCanonical> {
        Ok(hash(self.signed.version(), &canonical::write(&self.signed)?))
    }

    /// Says whether the signature is the key's.
    #[must_use]
    pub fn is_by(&self, key: &PublicKey) -> bool {
        self.hash().is_ok_and(|hash| key.is_sound() && key.verifies(&hash, &self.signature))
    }

    /// Writes the file.
    ///
    /// **Errors**: as [`Self::seal`].
    pub fn write(&self) -> Result<Vec<u8>, NotCanonical> {
        let mut bytes = canonical::write(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a file. Whose key must have signed it stands in the document; the caller asks [`Self::is_by`].
    ///
    /// **Errors**: [`Unreadable`]. White space at the end, which mail programs add, is no change.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Unreadable::TooLarge { bytes: bytes.len() });
        }
        let text = bytes.trim_ascii_end();
        let value: Value = serde_json::from_slice(text).map_err(|_| Unreadable::NotOurs)?;
        let version = value.get("signed").and_then(|signed| signed.get("v")).and_then(Value::as_str);
        let version = version.filter(|version| version.starts_with(OURS)).ok_or(Unreadable::NotOurs)?;
        if version != T::VERSION && !T::LATER.contains(&version) {
            return Err(Unreadable::Another { found: version.chars().take(40).collect(), wanted: T::NAME });
        }
        let version = version.to_owned();
        let is_one_form = canonical::write(&canonical::composed_value(value.clone())).is_ok_and(|again| again == text);
        let read = serde_json::from_value::<Self>(value).map_err(|_| Unreadable::Changed)?;
        let is_whole = canonical::write(&read).is_ok_and(|again| again == text) && read.signed.version() == version;
        if is_one_form && is_whole { Ok(read) } else { Err(Unreadable::Changed) }
    }
}

/// What the ledger's own verifier reads of a signature that an entry carries; the rest is another area's matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carried {
    /// Ledger of the computer that asked.
    pub ledger: LedgerId,
    /// The run there.
    pub run: String,
    /// Who signed.
    pub signer: Signer,
    /// When, by the signer's clock.
    pub at: Instant,
    hash: Hash,
    signature: Signature,
}

impl Carried {
    /// Reads the body of an entry that carries a signature; `None` for another form.
    pub fn read(body: &Map<String, Value>) -> Option<Self> {
        #[derive(Serialize, Deserialize)]
        struct Said {
            v: String,
            ledger: LedgerId,
            run: String,
            signer: Signer,
            #[serde(with = "super::entry::stamp")]
            at: Instant,
        }
        let Sealed { signed, signature } =
            serde_json::from_value::<Sealed<Map<String, Value>>>(Value::Object(body.clone())).ok()?;
        let canonical = canonical::write(&signed).ok()?;
        let said: Said = serde_json::from_value(Value::Object(signed.clone())).ok()?;
        // Each value has one written form, here as everywhere in an entry.
        let again = serde_json::to_value(&said).ok()?;
        let is_one_form = again.as_object()?.iter().all(|(name, value)| signed.get(name) == Some(value));
        let form = match signed.get("reopens") {
            None => SIGNATURE,
            Some(named) => {
                Vec::<String>::deserialize(named).ok().filter(|items| !items.is_empty()).map(|_| SIGNATURE_REOPENING)?
            }
        };
        let Said { v, ledger, run, signer, at } = said;
        let hash = hash(form, &canonical);
        (is_one_form && v == form).then_some(Self { ledger, run, signer, at, hash, signature })
    }

    /// Says whether the signature is the key's.
    pub fn is_by(&self, key: &PublicKey) -> bool {
        key.verifies(&self.hash, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Letter {
        v: String,
        text: String,
    }

    impl Document for Letter {
        const VERSION: &'static str = "countersign-letter-v1";
        const NAME: &'static str = "a letter";
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn sealed(text: &str) -> Sealed<Letter> {
        let letter = Letter { v: Letter::VERSION.to_owned(), text: text.to_owned() };
        Sealed::seal(&letter, |hash| Signature(key().sign(&hash.0).to_bytes())).unwrap()
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let public = PublicKey(key().verifying_key().to_bytes());
        let letter = sealed("re\u{301}sume\u{301}");
        assert_eq!(letter.signed.text, "résumé");
        let mut file = letter.write().unwrap();
        assert_eq!(Sealed::read(&file).as_ref(), Ok(&letter));
        file.extend_from_slice(b"\r\n\r\n");
        let read = Sealed::<Letter>::read(&file).unwrap();
        assert!(read.is_by(&public));
        assert!(!read.is_by(&PublicKey(SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes())));
    }

    #[test]
    fn every_other_file_says_what_it_is() {
        let file = String::from_utf8(sealed("a").write().unwrap()).unwrap();
        let changed = |from: &str, to: &str| {
            assert!(file.contains(from), "{from}");
            Sealed::<Letter>::read(file.replacen(from, to, 1).as_bytes())
        };
        for (from, to) in [
            ("{\"signature\"", "{ \"signature\""),
            ("\"text\":\"a\"", "\"text\":\"\\u0061\""),
            ("\"text\":\"a\"", "\"text\":\"a\",\"text\":\"a\""),
            ("\"text\":\"a\"", "\"more\":null,\"text\":\"a\""),
            ("\"text\":\"a\"", "\"text\":\"e\u{301}\""),
            ("\"text\":\"a\"", "\"text\":1"),
            ("\"signature\":\"", "\"signature\":\"A"),
        ] {
            assert_eq!(changed(from, to), Err(Unreadable::Changed), "{to}");
        }
        let another = |found: &str| Err(Unreadable::Another { found: found.to_owned(), wanted: "a letter" });
        assert_eq!(changed("letter-v1", "letter-v2"), another("countersign-letter-v2"));
        assert_eq!(changed("countersign-letter", "elsewhere-letter"), Err(Unreadable::NotOurs));
        for text in ["", "{}", "[1]", "PK\u{3}\u{4}", "{\"signed\":{\"v\":3}}"] {
            assert_eq!(Sealed::<Letter>::read(text.as_bytes()), Err(Unreadable::NotOurs), "{text}");
        }
        let long = vec![b' '; FILE_BYTES_MAX + 1];
        assert_eq!(Sealed::<Letter>::read(&long), Err(Unreadable::TooLarge { bytes: FILE_BYTES_MAX + 1 }));
    }

    #[test]
    fn another_text_has_another_hash() {
        let public = PublicKey(key().verifying_key().to_bytes());
        let mut letter = sealed("a");
        letter.signed.text = "b".to_owned();
        let read = Sealed::<Letter>::read(&letter.write().unwrap()).unwrap();
        assert!(!read.is_by(&public));
    }
}
