//! The first line of a text file of ours: `# countersign-backup: kind=restore at=2026-11-20T03:00:00Z result=ok`.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use serde::de::DeserializeOwned;

/// Longest first line that is looked at. **Units**: bytes.
const LINE_BYTES_MAX: usize = 2_048;

/// Reads the values of the first line, where it is one of this kind.
///
/// **Errors**: a line of this kind that is not of its form.
pub(super) fn read<T: DeserializeOwned>(text: &str, kind: &str) -> Result<Option<T>, String> {
    let line = text.lines().next().unwrap_or_default();
    let Some(rest) = line.strip_prefix("# countersign-").and_then(|rest| rest.strip_prefix(kind)) else {
        return Ok(None);
    };
    let Some(rest) = rest.strip_prefix(':') else { return Ok(None) };
    let fault = |why: String| format!("Its first line says it is a countersign-{kind} file, but {why}.");
    if line.len() > LINE_BYTES_MAX {
        return Err(fault(format!("is longer than {LINE_BYTES_MAX} bytes")));
    }
    let mut values = BTreeMap::new();
    for word in rest.split_whitespace() {
        let (name, value) = word.split_once('=').ok_or_else(|| fault(format!("`{word}` is not name=value")))?;
        if values.insert(name, value).is_some() {
            return Err(fault(format!("`{name}` stands twice")));
        }
    }
    let value = serde_json::to_value(values).map_err(|error| fault(error.to_string()))?;
    serde_json::from_value(value).map(Some).map_err(|error| fault(error.to_string()))
}

/// Reads a number that stands as text.
///
/// **Errors**: a text that is no number.
pub(super) fn number<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, String> {
    let read = text.map(|text| text.parse().map_err(|_| format!("Its {name} is `{text}`, which is no number.")));
    read.transpose()
}

/// Reads an instant that stands as text.
///
/// **Errors**: a text that is no instant.
pub(super) fn instant(text: Option<&str>) -> Result<Option<Instant>, String> {
    let fault = |text: &str| format!("Its time is `{text}`; one such as 2026-11-20T03:00:00Z is expected.");
    text.map(|text| text.parse().map_err(|_| fault(text))).transpose()
}
