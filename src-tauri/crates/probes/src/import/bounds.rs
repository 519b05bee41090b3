//! How long reading a file may last, and why one is not read.

use std::fmt;
use std::time::{Duration, Instant};

use countersign_domain::json::{Trouble, VALUES_MAX};
use countersign_sources::redact;

use super::one_line;

/// Longest time that reading or judging one file may take, or any other check.
pub const TIME_MAX: Duration = Duration::from_secs(10);
/// Longest sentence about a file that is refused. **Units**: characters.
const WHY_CHARS_MAX: usize = 400;

/// When whoever reads a file stops by itself.
///
/// **Shape**: asked in every loop over what a file holds, so that a worker nobody waits for any more does not go on.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// Gives the deadline that is this far from now.
    #[must_use]
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// Says whether the time is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }

    /// Goes on only while there is time.
    ///
    /// **Errors**: [`Refused::TooSlow`].
    pub fn check(self) -> Result<(), Refused> {
        if self.is_over() { Err(Refused::TooSlow) } else { Ok(()) }
    }
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is not of its form, or holds what it must not; in a sentence.
    Form(String),
    /// It is larger than files of its kind may be, or holds more; in a sentence.
    TooLarge(String),
    /// It goes deeper than any report does.
    TooDeep,
    /// It is text in another encoding than UTF-8.
    Encoding {
        /// Where the first wrong byte stands, from 0.
        offset: usize,
    },
    /// The time was over.
    TooSlow,
}

impl Refused {
    /// Gives the same without what must not be kept or shown: a sentence may repeat a part of the file.
    pub(super) fn shown(self) -> Self {
        let clean = |why: String| {
            let start: String = one_line(&why).chars().take(WHY_CHARS_MAX).collect();
            redact::pasted(&start).0
        };
        match self {
            Self::Form(why) => Self::Form(clean(why)),
            Self::TooLarge(why) => Self::TooLarge(clean(why)),
            other => other,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(why) | Self::TooLarge(why) => text.write_str(why),
            Self::TooDeep => text.write_str("It is nested deeper than any report."),
            Self::Encoding { offset } => write!(text, "Byte {offset} is not UTF-8."),
            Self::TooSlow => write!(text, "It was not read within {} seconds.", TIME_MAX.as_secs()),
        }
    }
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self::Form(why)
    }
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::TooDeep => Self::TooDeep,
            Trouble::TooMany => Self::TooLarge(format!("It holds more than {VALUES_MAX} values.")),
            Trouble::TooSlow => Self::TooSlow,
        }
    }
}
