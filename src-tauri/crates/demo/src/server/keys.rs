//! Who may read what: the two keys of the account, and the refusals of everyone else.
//!
//! The keys are made from the seed and open this simulator only. There is nothing they could write.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::refusal::Refusal;
use crate::random::Random;
use crate::world::World;
use crate::world::account::ACCOUNT;
use crate::world::table::drawn_text;

/// Characters of a key after its prefix.
const KEY_LENGTH: usize = 32;

/// The keys of the invented account. They open nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The secret key: reads everything.
    pub full: String,
    /// The restricted key: lacks the permissions named in the options.
    pub restricted: String,
}

impl Keys {
    /// Draws the keys of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed, 0x4B45_5953);
        let full = format!("sk_test_{}", drawn_text(&mut random, KEY_LENGTH));
        Self { full, restricted: format!("rk_test_{}", drawn_text(&mut random, KEY_LENGTH)) }
    }
}

/// What an accepted key may do.
pub(super) struct Access<'a> {
    key: String,
    lacks: &'a [String],
}

/// Reads the key of a request and says what it may do, or refuses it.
pub(super) fn access<'a>(
    authorization: Option<&str>,
    keys: &Keys,
    lacks: &'a [String],
    are_revoked: bool,
) -> Result<Access<'a>, Refusal> {
    let Some(key) = authorization.and_then(key_of) else {
        let message = "You did not provide an API key. Send it in the Authorization header, as a Bearer token.";
        return Err(Refusal::key(None, message));
    };
    let shown = masked(&key);
    if are_revoked && (key == keys.full || key == keys.restricted) {
        return Err(Refusal::key(Some("api_key_expired"), format!("Expired API Key provided: {shown}")));
    }
    if key == keys.full {
        Ok(Access { key, lacks: &[] })
    } else if key == keys.restricted {
        Ok(Access { key, lacks })
    } else if key.starts_with("pk_") {
        let message = "This API call cannot be made with a publishable API key. Use a secret API key.";
        Err(Refusal::key(Some("secret_key_required"), message))
    } else {
        Err(Refusal::key(None, format!("Invalid API Key provided: {shown}")))
    }
}

fn key_of(authorization: &str) -> Option<String> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        credentials.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        pair.split_once(':').map_or_else(|| pair.clone(), |(user, _)| user.to_owned())
    } else {
        return None;
    };
    (!key.is_empty()).then_some(key)
}

fn masked(key: &str) -> String {
    let tail: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    let head: String = key.chars().take(8).collect();
    format!("{head}****{tail}")
}

impl Access<'_> {
    /// Refuses what the key lacks the permission for, in one of the three wordings that are met in the field.
    pub(super) fn may(&self, permission: &str, world: &World) -> Result<(), Refusal> {
        let Some(place) = self.lacks.iter().position(|lacking| lacking == permission) else { return Ok(()) };
        let (key, account) = (masked(&self.key), world.id(ACCOUNT));
        let message = match place % 3 {
            0 => format!(
                "The provided key '{key}' does not have the required permissions for this endpoint on account \
                 '{account}'. Having the 'rak_{permission}' permission would allow this request to continue."
            ),
            1 => format!(
                "The provided key '{key}' does not have access to account '{account}'. Having more permissions would \
                 allow this request to continue."
            ),
            _ => format!(
                "Permission denied for key '{key}' on account '{account}'. This can be granted by enabling \"{}\" \
                 (`{permission}`) for the key.",
                label(permission)
            ),
        };
        Err(Refusal::plain(403, message))
    }
}

/// Writes a permission as the Dashboard shows it, `Prices Read`.
fn label(permission: &str) -> String {
    let name = if permission == "plan_read" { "prices_read" } else { permission };
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('_').map(word).collect::<Vec<_>>().join(" ")
}
