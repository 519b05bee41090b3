//! The rule for passphrases, and the pause after three wrong ones.
//!
//! Pure: the text is looked at and never kept; where the count of wrong ones is stored is the caller's matter.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;

/// Shortest passphrase accepted. **Units**: characters.
pub const PASSPHRASE_CHARS_MIN: usize = 12;
/// Wrong passphrases in a row before signing pauses.
pub const WRONG_MAX: u8 = 3;
/// How long signing pauses. **Units**: minutes.
pub const PAUSE_MINUTES: i64 = 15;

/// The passphrase is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the passphrase has {chars} characters, at least {PASSPHRASE_CHARS_MIN} are needed")]
pub struct TooShort {
    /// Its length. **Units**: characters.
    pub chars: usize,
}

/// Checks a passphrase that someone wants to use from now on.
///
/// **Errors**: fewer than [`PASSPHRASE_CHARS_MIN`] characters; white space at either end does not count.
pub fn check(passphrase: &str) -> Result<(), TooShort> {
    let chars = passphrase.trim().chars().count();
    if chars < PASSPHRASE_CHARS_MIN { Err(TooShort { chars }) } else { Ok(()) }
}

/// Signing pauses after wrong passphrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("three wrong passphrases: signing pauses until {until}")]
pub struct Paused {
    /// When it may be tried again.
    pub until: Instant,
}

/// What is remembered of an operator's wrong passphrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attempts {
    /// Wrong ones in a row.
    pub wrong: u8,
    /// When the last wrong one was entered.
    pub last_wrong_at: Option<Instant>,
}

impl Attempts {
    /// Says whether a passphrase may be tried now.
    ///
    /// **Errors**: [`Paused`] for [`PAUSE_MINUTES`] after the third wrong one. A clock set back does not end the pause:
    /// it ends when that much time has passed on either side of the last wrong one.
    pub fn allow(self, now: Instant) -> Result<(), Paused> {
        let pause = TimeDelta::minutes(PAUSE_MINUTES);
        match self.last_wrong_at {
            Some(last) if self.wrong >= WRONG_MAX && (now - last).abs() < pause => Err(Paused { until: last + pause }),
            _ => Ok(()),
        }
    }

    /// Counts a wrong passphrase; after a pause the count starts again.
    #[must_use]
    pub fn after_wrong(self, now: Instant) -> Self {
        let wrong = if self.wrong >= WRONG_MAX { 1 } else { self.wrong + 1 };
        Self { wrong, last_wrong_at: Some(now) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn eleven_characters_are_too_few_however_they_are_padded() {
        assert_eq!(check("elevenchars"), Err(TooShort { chars: 11 }));
        assert_eq!(check("   short    "), Err(TooShort { chars: 5 }));
        assert_eq!(check("zwölf zeiche"), Ok(()));
    }

    #[test]
    fn the_third_wrong_one_in_a_row_pauses_for_a_quarter_of_an_hour() {
        let start = DateTime::UNIX_EPOCH;
        let minute = |n| start + TimeDelta::minutes(n);
        let two = Attempts::default().after_wrong(minute(0)).after_wrong(minute(1));
        assert_eq!(two.allow(minute(1)), Ok(()));
        let three = two.after_wrong(minute(2));
        assert_eq!(three.allow(minute(2)), Err(Paused { until: minute(17) }));
        assert_eq!(three.allow(minute(16)), Err(Paused { until: minute(17) }));
        assert_eq!(three.allow(minute(17)), Ok(()));
        let again = three.after_wrong(minute(17));
        assert_eq!((again.wrong, again.allow(minute(17))), (1, Ok(())));
    }

    #[test]
    fn a_clock_that_steps_back_a_little_does_not_end_the_pause() {
        let at = DateTime::UNIX_EPOCH;
        let three = Attempts { wrong: 3, last_wrong_at: Some(at) };
        assert!(three.allow(at - TimeDelta::minutes(5)).is_err());
    }
}
