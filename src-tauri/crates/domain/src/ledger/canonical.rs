//! The one way in which an entry is written: RFC 8785 JSON without a single JSON number.
//!
//! Frozen with the format. Numbers are decimal strings, because RFC 8785 rounds integers above 2^53 without a word.
//! Text is brought to Unicode's NFC when an entry is made; a verifier does not judge it, because the answer depends on
//! the version of Unicode it was built with, and the bytes are covered by the hash either way.

use serde::Serialize;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

/// Deepest nesting of an entry, the envelope included.
pub const DEPTH_MAX: usize = 16;

/// Why a value has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// A JSON number was found.
    #[error("a JSON number, where only strings are allowed")]
    Number,
    /// The value is nested too deeply.
    #[error("nested more than {DEPTH_MAX} deep")]
    TooDeep,
    /// The value cannot be written as JSON.
    #[error("cannot be written as JSON: {0}")]
    Unwritable(String),
}

/// Writes a value in its canonical form.
///
/// **Errors**: a number anywhere, or too deep a nesting.
pub fn write(value: &impl Serialize) -> Result<Vec<u8>, NotCanonical> {
    let unwritable = |cause: serde_json::Error| NotCanonical::Unwritable(cause.to_string());
    let value = serde_json::to_value(value).map_err(unwritable)?;
    check(&value, 1)?;
    serde_json_canonicalizer::to_vec(&value).map_err(unwritable)
}

fn check(value: &Value, depth: usize) -> Result<(), NotCanonical> {
    if depth > DEPTH_MAX {
        return Err(NotCanonical::TooDeep);
    }
    match value {
        Value::Number(_) => Err(NotCanonical::Number),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(fields) => fields.values().try_for_each(|field| check(field, depth + 1)),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Brings a text to NFC.
#[must_use]
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// Brings every text of a JSON object to NFC, the names of fields included.
#[must_use]
pub fn composed_fields(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (composed(&name), composed_value(value))).collect()
}

/// Brings every text of a JSON value to NFC.
pub(super) fn composed_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(composed(&text)),
        Value::Array(items) => items.into_iter().map(composed_value).collect(),
        Value::Object(fields) => Value::Object(composed_fields(fields)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_form_is_the_one_of_rfc_8785() {
        let value =
            json!({"\u{20ac}": "\u{7f}\u{1f}\"\\\n", "b": [true, null], "a": {}, "\u{1f600}": "", "\u{fb33}": ""});
        let text = String::from_utf8(write(&value).unwrap()).unwrap();
        // Names are ordered by UTF-16 units: the face (two surrogates) stands before U+FB33.
        assert_eq!(
            text,
            "{\"a\":{},\"b\":[true,null],\"\u{20ac}\":\"\u{7f}\\u001f\\\"\\\\\\n\",\"\u{1f600}\":\"\",\"\u{fb33}\":\"\"}"
        );
    }

    #[test]
    fn numbers_are_refused_wherever_they_stand() {
        for value in [json!(1), json!([[0.5]]), json!({"a": {"b": [-1]}})] {
            assert_eq!(write(&value), Err(NotCanonical::Number), "{value}");
        }
        assert!(write(&json!({"a": "1"})).is_ok());
    }

    #[test]
    fn nesting_has_a_floor() {
        let nested = |depth| (1..depth).fold(json!("x"), |inner, _| json!([inner]));
        assert!(write(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(write(&nested(DEPTH_MAX + 1)), Err(NotCanonical::TooDeep));
    }

    #[test]
    fn text_is_composed_in_names_and_values() {
        let Value::Object(fields) = json!({"e\u{301}": ["u\u{308}"]}) else { panic!("an object") };
        assert_eq!(Value::Object(composed_fields(fields)), json!({"\u{e9}": ["\u{fc}"]}));
    }
}
