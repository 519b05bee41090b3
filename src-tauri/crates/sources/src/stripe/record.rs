//! Reading one object: its meaning, its header and the text that is kept of it.
//!
//! The way is the same for every kind: private wire shape, then the object's own file turns it into `domain`. What went
//! wrong is told by place and expectation, never by the value found there, because values may be personal.

use std::str::FromStr;

use countersign_domain::Instant;
use countersign_domain::stripe::{Mode, ObjectKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kept;
use super::wire::{Fallbacks, Gap};

/// Reads Stripe's JSON into one of the eleven objects that are mirrored.
///
/// **Shape**: embedded lists (items, lines) must be whole; whoever fetched a cut one splices the rest in first.
pub trait FromWire: Sized {
    /// Which kind of object this is.
    const KIND: ObjectKind;

    /// Reads one object.
    ///
    /// **Errors**: a fact without which the object means nothing is missing, of the wrong type, or in a cut list.
    fn read(object: Value) -> Result<Record<Self>, ShapeError>;
}

/// An object as it was understood, with what the mirror keeps beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<T> {
    /// What it means.
    pub value: T,
    /// Its id.
    pub id: String,
    /// When it was made, where it says so; a few very old objects do not.
    pub created_at: Option<Instant>,
    /// Test or live, where it says so.
    pub mode: Option<Mode>,
    /// Compact JSON of what may be kept, keys sorted: equal objects give equal bytes.
    pub raw: String,
    /// Facts that stood only in the place of an older rendering. In an answer to our own request: the pin failed.
    pub fallbacks: u32,
}

/// An object could not be understood. It names the place and what was expected there, never what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {}: `{path}`: {what}", id.as_deref().unwrap_or("without id"))]
pub struct ShapeError {
    /// Kind that was expected.
    pub kind: ObjectKind,
    /// Its id, where it had one.
    pub id: Option<String>,
    /// Place inside the object, for example `items.data[0].price.currency`.
    pub path: String,
    /// What was expected there.
    pub what: String,
}

/// Recognises what is left of a deleted object: `{id, object, deleted: true}`.
///
/// **Shape**: the kind is `None` for a word this build does not mirror.
#[must_use]
pub fn deleted(object: &Value) -> Option<(Option<ObjectKind>, String)> {
    let is_deleted = object.get("deleted").and_then(Value::as_bool)?;
    let id = id_of(object)?;
    let kind = object.get("object").and_then(Value::as_str).and_then(|word| ObjectKind::from_str(word).ok());
    is_deleted.then_some((kind, id))
}

/// Reads one object through its wire shape `W`.
pub(super) fn record<W: DeserializeOwned, T>(
    kind: ObjectKind,
    object: &Value,
    understand: impl FnOnce(W, &mut Fallbacks) -> Result<T, Gap>,
) -> Result<Record<T>, ShapeError> {
    let id = id_of(object);
    let error = |path: String, what: String| ShapeError { kind, id: id.clone(), path, what };
    // Read from what is kept: what may not be kept cannot reach a value either, and a value can always be made again.
    let raw = kept::text(object);
    let wire = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&raw))
        .map_err(|cause| error(cause.path().to_string(), without_value(&cause.inner().to_string())))?;
    let mut fallbacks = Fallbacks::default();
    let value = understand(wire, &mut fallbacks).map_err(|gap| match gap {
        Gap::Missing(place) => error(place.to_owned(), "missing".to_owned()),
        Gap::Cut(place) => error(place.to_owned(), "the list was cut; its rest has to be read first".to_owned()),
    })?;
    Ok(Record {
        value,
        id: id.clone().ok_or_else(|| error("id".to_owned(), "missing".to_owned()))?,
        created_at: object
            .get("created")
            .and_then(Value::as_i64)
            .and_then(|seconds| Instant::from_timestamp(seconds, 0)),
        mode: object.get("livemode").and_then(Value::as_bool).map(Mode::of_livemode),
        raw,
        fallbacks: fallbacks.0,
    })
}

fn id_of(object: &Value) -> Option<String> {
    object.get("id").and_then(Value::as_str).map(str::to_owned)
}

/// Cuts the value out of a reader's message: it stands before `, expected …` or between backticks.
fn without_value(message: &str) -> String {
    let (message, _) = message.rsplit_once(" at line ").unwrap_or((message, ""));
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if message.starts_with("missing field") => message.to_owned(),
        None => message.rsplit('`').next().unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_what_was_expected_and_loses_what_was_found() {
        let table = [
            ("invalid type: string \"anna\", expected i64 at line 1 column 20", "expected i64"),
            ("missing field `currency` at line 1 column 9", "missing field `currency`"),
            ("`dollars` is not a three-letter currency code at line 1 column 9", "is not a three-letter currency code"),
            ("not an exact decimal at line 1 column 9", "not an exact decimal"),
        ];
        for (message, expected) in table {
            assert_eq!(without_value(message), expected);
        }
    }
}
