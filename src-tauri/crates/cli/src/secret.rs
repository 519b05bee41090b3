//! Secrets come in through standard input, never through an argument or the environment.

use std::io::Read as _;

use countersign_app::Secret;
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::failure::told;

/// Longest input that is looked at. **Units**: bytes.
const BYTES_MAX: u64 = 4_096;

/// Reads a secret from standard input, without the line break at its end.
pub fn read() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| told(Code::InputInvalid, "The secret could not be read", error.to_string()))?;
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    if text.is_empty() {
        return Err(told(Code::InputInvalid, "The secret is empty", "write it to the command's standard input"));
    }
    Ok(Secret::from(text))
}
