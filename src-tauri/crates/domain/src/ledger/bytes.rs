//! Hashes, ids, keys and signatures: byte strings of a fixed length, written as lower-case hex everywhere.
//!
//! Frozen: upper-case or shortened hex is refused, so that each value has exactly one written form.

/// The text is not the hex form of this many bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {bytes} bytes in lower-case hex")]
pub struct NotHex {
    /// How many bytes were expected.
    pub bytes: usize,
}

macro_rules! hex_bytes {
    ($($(#[$meta:meta])* $name:ident [$length:literal]),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
        #[ts(type = "string")]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// Length. **Units**: bytes.
            pub const LENGTH: usize = $length;

            /// Takes exactly this many bytes; `None` for any other number.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                let mut bytes = [0; $length];
                if unhex(text, &mut bytes) { Ok(Self(bytes)) } else { Err(NotHex { bytes: $length }) }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

hex_bytes! {
    /// A SHA-256 hash.
    Hash[32],
    /// Random bytes that name one ledger.
    LedgerId[16],
    /// The first half of the SHA-256 of a public key.
    KeyId[16],
    /// An Ed25519 public key.
    PublicKey[32],
    /// An Ed25519 signature.
    Signature[64],
}

fn unhex(text: &str, bytes: &mut [u8]) -> bool {
    let digit = |letter: u8| match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    };
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let fits = odd.is_empty() && pairs.len() == bytes.len();
    fits && pairs.iter().zip(bytes).all(|([high, low], byte)| match (digit(*high), digit(*low)) {
        (Some(high), Some(low)) => {
            *byte = high << 4 | low;
            true
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_written_form() {
        let id: LedgerId = "000102030405060708090a0b0c0d0eff".parse().unwrap();
        assert_eq!(id.0[15], 0xff);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
        for wrong in [
            "000102030405060708090A0B0C0D0EFF",
            "00",
            "",
            "000102030405060708090a0b0c0d0ef",
            "zz0102030405060708090a0b0c0d0eff",
        ] {
            assert_eq!(wrong.parse::<LedgerId>(), Err(NotHex { bytes: 16 }), "{wrong}");
        }
    }
}
