//! How a ledger's file stands to the head the keychain remembers, and what follows for signing.
//!
//! Pure comparison; reading either side is the caller's matter. The text form of a head is frozen.

use std::str::FromStr;

use super::bytes::Hash;
use super::entry::Head;

const WORD: &str = "countersign-head-v1";

/// How the file stands to the remembered head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Neither has an entry.
    Empty,
    /// Both end at the same entry.
    Level,
    /// The file goes on after the remembered head, over the same history: the last entries were written and the keychain
    /// did not follow. Accepted.
    Ahead {
        /// How many entries.
        entries: u64,
    },
    /// The keychain remembers nothing: a new computer, or a lost item. Accepted with a word about it.
    Unwitnessed,
    /// The file ends before the remembered head, or holds another entry in its place.
    RolledBack {
        /// Where the file ends.
        file: Option<Head>,
        /// What this computer wrote.
        known: Head,
    },
    /// The file is another ledger than the remembered one.
    Foreign {
        /// Where the file ends.
        file: Head,
        /// What this computer wrote.
        known: Head,
    },
}

impl Standing {
    /// Compares the end of the file, and its entry at the remembered place, with the remembered head.
    #[must_use]
    pub fn of(file: Option<Head>, known: Option<Head>, hash_there: Option<Hash>) -> Self {
        match (file, known) {
            (None, None) => Self::Empty,
            (Some(_), None) => Self::Unwitnessed,
            (Some(file), Some(known)) if file.ledger != known.ledger => Self::Foreign { file, known },
            (Some(file), Some(known)) if hash_there == Some(known.hash) && file.seq >= known.seq => {
                match file.seq - known.seq {
                    0 => Self::Level,
                    entries => Self::Ahead { entries },
                }
            }
            (file, Some(known)) => Self::RolledBack { file, known },
        }
    }

    /// Says whether entries may be added without a signed decision about it.
    #[must_use]
    pub fn may_append(&self) -> bool {
        !matches!(self, Self::RolledBack { .. } | Self::Foreign { .. })
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{WORD} {} {} {}", self.ledger, self.seq, self.hash)
    }
}

/// The text is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the head of a ledger")]
pub struct NotAHead;

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let read = || {
            let mut words = text.split(' ');
            let (word, ledger, seq, hash) = (words.next()?, words.next()?, words.next()?, words.next()?);
            let head = Self { ledger: ledger.parse().ok()?, seq: seq.parse().ok()?, hash: hash.parse().ok()? };
            (word == WORD && words.next().is_none()).then_some(head)
        };
        read().ok_or(NotAHead)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::LedgerId;
    use super::*;

    fn head(ledger: u8, seq: u64, hash: u8) -> Head {
        Head { ledger: LedgerId([ledger; 16]), seq, hash: Hash([hash; 32]) }
    }

    #[test]
    fn the_five_ways_to_stand() {
        let known = head(1, 10, 10);
        let rolled_back = |file| Standing::RolledBack { file, known };
        for (file, known, there, expected) in [
            (None, None, None, Standing::Empty),
            (Some(head(1, 3, 3)), None, None, Standing::Unwitnessed),
            (Some(head(1, 10, 10)), Some(known), Some(Hash([10; 32])), Standing::Level),
            (Some(head(1, 12, 12)), Some(known), Some(Hash([10; 32])), Standing::Ahead { entries: 2 }),
            (Some(head(1, 9, 9)), Some(known), None, rolled_back(Some(head(1, 9, 9)))),
            (None, Some(known), None, rolled_back(None)),
            (Some(head(1, 12, 12)), Some(known), Some(Hash([66; 32])), rolled_back(Some(head(1, 12, 12)))),
            (
                Some(head(2, 12, 12)),
                Some(known),
                Some(Hash([10; 32])),
                Standing::Foreign { file: head(2, 12, 12), known },
            ),
        ] {
            let standing = Standing::of(file, known, there);
            assert_eq!(standing, expected);
            assert_eq!(
                standing.may_append(),
                !matches!(expected, Standing::RolledBack { .. } | Standing::Foreign { .. })
            );
        }
    }

    #[test]
    fn a_head_is_read_back_from_its_text_and_from_nothing_else() {
        let text = head(1, 10, 10).to_string();
        assert_eq!(text.parse(), Ok(head(1, 10, 10)));
        for wrong in ["", "countersign-head-v1", &text[1..], &format!("{text} more"), &text.replace("-v1", "-v2")] {
            assert_eq!(wrong.parse::<Head>(), Err(NotAHead), "{wrong}");
        }
    }
}
