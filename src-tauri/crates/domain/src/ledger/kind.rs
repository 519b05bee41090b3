//! What can happen, as words that never change their meaning.
//!
//! The ledger has a few kinds of its own, listed here; every other area brings its own words and bodies. Which kinds
//! count only when they are signed is said in one place, so that the verifier need not believe the file.

use serde::{Deserialize, Deserializer, Serialize};

/// Longest word. **Units**: bytes.
pub const KIND_BYTES_MAX: usize = 40;

/// A computer's own key was taken up; the first entry of every ledger.
pub const CONSOLE_ADDED: &str = "console_added";
/// An operator and their key were taken up; signed with that key.
pub const OPERATOR_ADDED: &str = "operator_added";
/// An operator's name, address or roles changed.
pub const OPERATOR_CHANGED: &str = "operator_changed";
/// A new key took the place of an operator's; signed with the old and the new one.
pub const KEY_CHANGE: &str = "key_change";
/// A key is no longer good.
pub const KEY_REVOKED: &str = "key_revoked";
/// An operator of another computer and their key were taken up, or are listed anew; signed by an operator of this one.
pub const OPERATOR_KNOWN: &str = "operator_known";
/// An operator of this computer signed what another computer asked for; carries that signature.
pub const SIGNATURE_GIVEN: &str = "signature_given";
/// A signature given on another computer was read from its file; carries it.
pub const SIGNATURE_RECEIVED: &str = "signature_received";
/// The head was sealed, and with it every entry before.
pub const CHECKPOINT: &str = "checkpoint";
/// An older copy was put in place, by a signed decision.
pub const RESTORED: &str = "restored";

/// Kinds that count only with a signature. A word once here stays here.
pub const DECISIONS: &[&str] = &[
    CONSOLE_ADDED,
    OPERATOR_ADDED,
    OPERATOR_CHANGED,
    KEY_CHANGE,
    KEY_REVOKED,
    OPERATOR_KNOWN,
    SIGNATURE_GIVEN,
    CHECKPOINT,
    RESTORED,
    "run_signed",
    "gate_overridden",
    "signature_requested",
];

/// The word for what happened: lower-case letters, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Kind(String);

/// The text is no word for a kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a word for a kind of entry")]
pub struct NotAKind;

impl Kind {
    /// Gives the word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says whether entries of this kind count only with a signature.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        DECISIONS.contains(&self.as_str())
    }
}

impl TryFrom<&str> for Kind {
    type Error = NotAKind;

    fn try_from(word: &str) -> Result<Self, NotAKind> {
        let starts_well = word.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        let goes_on_well = word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let fits = word.len() <= KIND_BYTES_MAX;
        if starts_well && goes_on_well && fits { Ok(Self(word.to_owned())) } else { Err(NotAKind) }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<&str> for Kind {
    fn eq(&self, word: &&str) -> bool {
        self.0 == *word
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?.as_str()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_plain_words() {
        assert!(DECISIONS.iter().all(|word| Kind::try_from(*word).is_ok_and(|kind| kind.is_decision())));
        assert!(!Kind::try_from("item_checked").unwrap().is_decision());
        for wrong in ["", "Run", "run-signed", "1run", "_run", "run signed", &"a".repeat(41)] {
            assert_eq!(Kind::try_from(wrong), Err(NotAKind), "{wrong}");
        }
    }
}
