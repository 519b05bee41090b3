//! What an administrator of this computer allows beyond the rules: a file outside every profile, which the program only
//! reads. Without the file nothing more is allowed.

use std::path::PathBuf;

use serde::Deserialize;

/// Longest policy file. **Units**: bytes.
const BYTES_MAX: u64 = 64 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Policy {
    /// Read also with a role that could change the server itself. The notice in the settings stays.
    allow_powerful_database_role: bool,
}

/// Where the file is looked for.
#[must_use]
pub fn path() -> PathBuf {
    if cfg!(windows) {
        PathBuf::from(r"C:\ProgramData\Countersign\policy.json")
    } else if cfg!(target_os = "macos") {
        PathBuf::from("/Library/Application Support/Countersign/policy.json")
    } else {
        PathBuf::from("/etc/countersign/policy.json")
    }
}

/// Whether a database role that could change the server may be used all the same.
#[must_use]
pub fn allows_powerful_role() -> bool {
    read().allow_powerful_database_role
}

fn read() -> Policy {
    let path = path();
    match std::fs::metadata(&path) {
        Ok(found) if found.len() <= BYTES_MAX => {}
        Ok(_) => return Policy::default(),
        Err(_) => return Policy::default(),
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, path = %path.display(), "the policy file is not understood and allows nothing");
        Policy::default()
    })
}
