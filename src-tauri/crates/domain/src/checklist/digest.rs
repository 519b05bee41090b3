//! Digests of templates, rules, evidence and runs.
//!
//! The bytes hashed are frozen: a name with a version, a line feed, then RFC 8785 JSON in which every number is a
//! string. Whoever changes the form of a hashed value gives it a new name. Deliberately absent: the ledger's own chain.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests raw bytes, as `sha256sum` would.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Digests a value under a versioned name.
    #[must_use]
    pub fn of_value(name: &str, value: &impl Serialize) -> Self {
        let mut hash = Sha256::new();
        hash.update(name.as_bytes());
        hash.update(b"\n");
        hash.update(canonical(value));
        Self(hash.finalize().into())
    }

    /// Joins two digests of a tree into their parent, under a name that no leaf has.
    #[must_use]
    pub fn of_pair(name: &str, left: Self, right: Self) -> Self {
        let mut hash = Sha256::new();
        hash.update(name.as_bytes());
        hash.update(b"\n");
        hash.update(left.0);
        hash.update(right.0);
        Self(hash.finalize().into())
    }

    /// Gives the first 16 hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(16).collect()
    }
}

/// Writes RFC 8785 JSON with numbers as strings.
///
/// Our own types have text keys and no maps from outside, so this does not fail; if it ever did, the text of the
/// error is hashed, which equals no digest of a value.
fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_value(value)
        .and_then(|value| serde_json_canonicalizer::to_vec(&text_only(value)))
        .unwrap_or_else(|error| format!("not canonical: {error}").into_bytes())
}

fn text_only(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => items.into_iter().map(text_only).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, text_only(value))).collect(),
        other => other,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a SHA-256 of 64 hexadecimal digits in lower case")]
pub struct NotADigest(pub String);

impl std::str::FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let not = || NotADigest(text.to_owned());
        let digit = |byte: &u8| char::from(*byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
        let mut bytes = [0_u8; 32];
        let pairs = text.as_bytes().chunks_exact(2);
        if text.len() != 64 {
            return Err(not());
        }
        for (slot, pair) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (pair.first().and_then(digit), pair.last().and_then(digit));
            let (high, low) = high.zip(low).ok_or_else(not)?;
            *slot = u8::try_from(high * 16 + low).map_err(|_| not())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_frozen() {
        // printf 'test-v1\n{"a":"1","b":[true,"é"]}' | sha256sum
        let value = serde_json::json!({"b": [true, "é"], "a": 1});
        let wanted = Digest::of_bytes("test-v1\n{\"a\":\"1\",\"b\":[true,\"é\"]}".as_bytes());
        assert_eq!(Digest::of_value("test-v1", &value), wanted);
        assert_eq!(
            Digest::of_bytes(b"").to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn hexadecimal_round_trips_and_nothing_else_is_read() {
        let digest = Digest::of_bytes(b"x");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
        assert!("00".parse::<Digest>().is_err());
        assert!("zz".repeat(32).parse::<Digest>().is_err());
        assert!("é".repeat(32).parse::<Digest>().is_err());
    }
}
