//! The variables of an environment: names, whether each is set, and a salted hash of its value. Never a value.
//!
//! `{"countersign_env":"1","at":"…","salt":"…","names":{"STRIPE_SECRET_KEY":"set:9f86d081884c7d65","OLD_FLAG":"unset"}}`

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Claim, Kind, Reading, Report, figure, header, json, named};

/// Longest hash of a value. **Units**: hex digits.
const HASH_DIGITS_MAX: usize = 64;

/// What tells a manifest from every other object.
#[derive(Deserialize)]
struct Mark {
    #[serde(rename = "countersign_env")]
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "countersign_env")]
    _version: String,
    at: Option<String>,
    commit: Option<String>,
    release: Option<String>,
    #[serde(rename = "salt")]
    _salt: Option<String>,
    names: BTreeMap<String, String>,
}

pub(super) fn read(text: &str) -> Result<Option<Reading>, String> {
    let Some(Mark { version }) = json(text) else { return Ok(None) };
    if version != "1" {
        return Err("It is an environment manifest of a form this version does not know.".to_owned());
    }
    let file: File =
        serde_json::from_str(text).map_err(|error| format!("It says it is an environment manifest, but {error}."))?;
    // A value in the place of a hash must not be kept, and is not repeated here.
    if let Some((name, _)) = file.names.iter().find(|(_, state)| !is_state(state)) {
        let name = super::shown(name);
        return Err(format!("`{name}` stands with something else than `unset`, `set` or `set:` and a hash."));
    }
    let unset: Vec<&str> =
        file.names.iter().filter(|(_, state)| *state == "unset").map(|(name, _)| name.as_str()).collect();
    let mut figures = vec![figure("names", file.names.len()), figure("set", file.names.len() - unset.len())];
    figures.push(figure("unset", unset.len()));
    if !unset.is_empty() {
        figures.push(figure("not set:", named(unset.iter().copied())));
    }
    let claim = Claim { commit: file.commit, release: file.release, made_at: header::instant(file.at.as_deref())? };
    Ok(Some(Reading::new(Kind::EnvManifest, figures, claim, Report::EnvManifest)))
}

fn is_state(state: &str) -> bool {
    let is_hash = |hash: &str| {
        (8..=HASH_DIGITS_MAX).contains(&hash.len())
            && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    matches!(state, "set" | "unset") || state.strip_prefix("set:").is_some_and(is_hash)
}
