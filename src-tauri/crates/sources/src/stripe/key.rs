//! A Stripe key, told apart by its prefix alone.
//!
//! The field it was typed into decides nothing. What the key may read is found out by `permissions`, and whether Stripe
//! knows it by the first answer.

use countersign_domain::stripe::Mode;
use secrecy::{ExposeSecret, SecretString};

/// Longest text that is looked at. **Units**: bytes.
pub const KEY_BYTES_MAX: usize = 1024;
/// Fewest characters after the prefix; shorter ones are a slip of copying.
const BODY_CHARS_MIN: usize = 8;

/// How much a key can do by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyClass {
    /// A restricted key: it can be limited to reading.
    Restricted,
    /// An unrestricted secret key: it could change everything, although this program never does.
    Secret,
}

/// A key that may be sent to Stripe. It cannot be printed, compared, cloned or serialised.
///
/// ```compile_fail
/// let (key, _) = countersign_sources::stripe::Key::read("sk_test_0123456789abcdef").unwrap();
/// println!("{key:?}");
/// ```
pub struct Key {
    secret: SecretString,
    class: KeyClass,
    mode: Mode,
    shown: String,
}

/// Why a text is not used as a key. The text itself is in none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// `pk_…`.
    #[error("this is a publishable key: it can read nothing; a restricted key (rk_…) is needed")]
    Publishable,
    /// `whsec_…`.
    #[error("this is a webhook signing secret, not an API key")]
    SigningSecret,
    /// `ek_…`.
    #[error("this is an ephemeral key of one customer; a restricted key (rk_…) is needed")]
    Ephemeral,
    /// `sk_org_…`.
    #[error("this is a key of an organisation: make a restricted key (rk_…) in the account itself")]
    Organisation,
    /// Nothing Stripe hands out, or cut short in copying.
    #[error("this is not a Stripe key: those begin with rk_live_, rk_test_, sk_live_ or sk_test_")]
    Unknown,
    /// Longer than [`KEY_BYTES_MAX`].
    #[error("the text has {0} bytes; a key has at most {KEY_BYTES_MAX}")]
    TooLong(usize),
}

/// Something done to the text before it was used, to be said to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNote {
    /// Spaces, line breaks or quotation marks were taken off.
    Trimmed,
}

impl Key {
    /// Reads what a person pasted.
    ///
    /// **Errors**: [`KeyRefused`], with the reason in words.
    pub fn read(text: &str) -> Result<(Self, Option<KeyNote>), KeyRefused> {
        if text.len() > KEY_BYTES_MAX {
            return Err(KeyRefused::TooLong(text.len()));
        }
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`')).collect();
        let note = (plain.len() != text.len()).then_some(KeyNote::Trimmed);
        let (class, mode, prefix) = classified(&plain)?;
        let body = plain.get(prefix.len()..).unwrap_or_default();
        if body.len() < BODY_CHARS_MIN || !body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(KeyRefused::Unknown);
        }
        let shown = format!("{prefix}…{}", body.get(body.len() - 4..).unwrap_or_default());
        Ok((Self { secret: plain.into(), class, mode, shown }, note))
    }

    /// Gives prefix and last four characters, `rk_live_…7xQ2`: the only form in which a key is ever shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Says what kind of key it is.
    #[must_use]
    pub fn class(&self) -> KeyClass {
        self.class
    }

    /// Says which mode the prefix promises.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Gives the secret to the one header it belongs in.
    pub(super) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

fn classified(text: &str) -> Result<(KeyClass, Mode, &'static str), KeyRefused> {
    const ACCEPTED: [(&str, KeyClass, Mode); 5] = [
        ("rk_live_", KeyClass::Restricted, Mode::Live),
        ("rk_test_", KeyClass::Restricted, Mode::Test),
        ("rkcs_test_", KeyClass::Restricted, Mode::Test),
        ("sk_live_", KeyClass::Secret, Mode::Live),
        ("sk_test_", KeyClass::Secret, Mode::Test),
    ];
    const REFUSED: [(&str, KeyRefused); 5] = [
        ("pk_", KeyRefused::Publishable),
        ("whsec_", KeyRefused::SigningSecret),
        ("ek_", KeyRefused::Ephemeral),
        ("sk_org_", KeyRefused::Organisation),
        ("rk_org_", KeyRefused::Organisation),
    ];
    if let Some((_, why)) = REFUSED.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return Err(*why);
    }
    let found = ACCEPTED.iter().find(|(prefix, ..)| text.starts_with(prefix));
    found.map(|(prefix, class, mode)| (*class, *mode, *prefix)).ok_or(KeyRefused::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_decides() {
        for (text, class, mode, shown) in [
            ("rk_live_51Habcdefg7xQ2", KeyClass::Restricted, Mode::Live, "rk_live_…7xQ2"),
            ("rkcs_test_51Habcdefg7xQ2", KeyClass::Restricted, Mode::Test, "rkcs_test_…7xQ2"),
            ("sk_test_51Habcdefg7xQ2", KeyClass::Secret, Mode::Test, "sk_test_…7xQ2"),
            ("sk_live_51Habcdefg7xQ2", KeyClass::Secret, Mode::Live, "sk_live_…7xQ2"),
        ] {
            let (key, note) = Key::read(text).unwrap();
            assert_eq!((key.class(), key.mode(), key.shown(), note), (class, mode, shown, None));
        }
    }

    #[test]
    fn what_surrounds_a_key_is_taken_off_and_said() {
        let (key, note) = Key::read(" 'rk_test_0123\n456789ab'\r\n").unwrap();
        assert_eq!((key.secret(), note), ("rk_test_0123456789ab", Some(KeyNote::Trimmed)));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, why) in [
            ("pk_live_0123456789", KeyRefused::Publishable),
            ("whsec_0123456789", KeyRefused::SigningSecret),
            ("ek_test_0123456789", KeyRefused::Ephemeral),
            ("sk_org_live_0123456789", KeyRefused::Organisation),
            ("rk_test_short", KeyRefused::Unknown),
            ("rk_test_0123456789\u{7f}", KeyRefused::Unknown),
            ("SK_TEST_0123456789", KeyRefused::Unknown),
            ("hunter2", KeyRefused::Unknown),
            ("", KeyRefused::Unknown),
        ] {
            assert_eq!(Key::read(text).err(), Some(why), "{text}");
        }
        assert_eq!(Key::read(&"x".repeat(2000)).err(), Some(KeyRefused::TooLong(2000)));
    }
}
