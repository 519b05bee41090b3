//! Numbers as decimal strings, for everything that is hashed, signed, or read by a page.
//!
//! A JSON number may be rounded on its way (RFC 8785 rounds above 2^53, and so does every page), a string is not.
//! Used as `#[serde(with = "crate::text_number")]`.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer};

/// Writes a number as text.
///
/// **Errors**: those of the serializer.
pub fn serialize<T: Display, S: Serializer>(number: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Reads a number from text.
///
/// **Errors**: anything but the text of such a number.
pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
