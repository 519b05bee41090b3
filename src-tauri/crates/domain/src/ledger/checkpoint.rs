//! Checkpoints: a signed entry's place, hash and signature as a short text for a mail, a page or another folder.
//!
//! A checkpoint is what binds the owner of a ledger to it: who has the file and its keys can write another history, but
//! not into somebody else's mailbox. Any signed entry can serve as one. The text is read back tolerantly (wrapped,
//! quoted, indented) and written in one frozen form.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};

use super::bytes::{Hash, KeyId, LedgerId, Signature};
use super::entry::Recorded;
use super::roster::Roster;
use crate::Instant;

const TITLE: &str = "Countersign checkpoint v1";
/// Digits of a hash on a receipt.
pub const RECEIPT_DIGITS: usize = 16;
/// Longest text read as a checkpoint. **Units**: bytes.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// Digits of the signature on one line, so that no mail program breaks it.
const LINE_DIGITS: usize = 64;

/// A signed entry, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger.
    pub ledger: LedgerId,
    /// The entry.
    pub seq: u64,
    /// When it was made.
    pub at: Instant,
    /// Its hash, which covers every entry before.
    pub head: Hash,
    /// The key that signed it.
    pub key: KeyId,
    /// The signature over the hash.
    pub signature: Signature,
}

impl Checkpoint {
    /// Makes the checkpoint of a signed entry; `None` for one without a signature.
    #[must_use]
    pub fn of(recorded: &Recorded) -> Option<Self> {
        let entry = &recorded.entry;
        let key = entry.signer.as_ref()?.key?;
        let signature = *recorded.signatures.first()?;
        Some(Self { ledger: entry.ledger, seq: entry.seq, at: entry.at, head: recorded.hash, key, signature })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = self.signature.to_string();
        let (first, second) = signature.split_at_checked(LINE_DIGITS).unwrap_or((&signature, ""));
        writeln!(f, "{TITLE}")?;
        writeln!(f, "ledger {}", self.ledger)?;
        writeln!(f, "entry {}", self.seq)?;
        writeln!(f, "time {}", self.at.to_rfc3339_opts(SecondsFormat::Millis, true))?;
        writeln!(f, "head {}", self.head)?;
        writeln!(f, "key {}", self.key)?;
        writeln!(f, "sign {first}")?;
        writeln!(f, "     {second}")
    }
}

/// The text is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint: {0}")]
pub struct NotACheckpoint(&'static str);

impl FromStr for Checkpoint {
    type Err = NotACheckpoint;

    fn from_str(text: &str) -> Result<Self, NotACheckpoint> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(NotACheckpoint("too long"));
        }
        // A reply may quote and wrap it: marks at line starts are dropped and the rest is read word by word.
        let mut words = text.lines().flat_map(|line| line.trim_start_matches(['>', '|', ' ', '\t']).split_whitespace());
        let title: Vec<_> = TITLE.split(' ').collect();
        if !title.iter().all(|part| words.next() == Some(part)) {
            return Err(NotACheckpoint("the first line is missing"));
        }
        let mut field = |name: &'static str| (words.next() == Some(name)).then(|| words.next()).flatten();
        let (ledger, entry, time) = (field("ledger"), field("entry"), field("time"));
        let (head, key, sign) = (field("head"), field("key"), field("sign"));
        let signature = [sign.unwrap_or_default(), words.next().unwrap_or_default()].concat();
        let at = time.and_then(|time| DateTime::parse_from_rfc3339(time).ok()).ok_or(NotACheckpoint("its time"))?;
        Ok(Self {
            ledger: read(ledger, "its ledger")?,
            seq: read(entry, "its entry")?,
            at: at.with_timezone(&Utc),
            head: read(head, "its head")?,
            key: read(key, "its key")?,
            signature: read(Some(&signature), "its signature")?,
        })
    }
}

fn read<T: FromStr>(word: Option<&str>, what: &'static str) -> Result<T, NotACheckpoint> {
    word.and_then(|word| word.parse().ok()).ok_or(NotACheckpoint(what))
}

/// Writes the receipt of an entry: the short form that is read back as a [`Witness`].
///
/// **Example**: `118 ` and the 64 digits of the hash.
#[must_use]
pub fn receipt(seq: u64, hash: &Hash) -> String {
    format!("{seq} {hash}")
}

/// What somebody outside says a ledger held: a checkpoint, or the short form on a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The ledger, where it is named.
    pub ledger: Option<LedgerId>,
    /// The entry.
    pub seq: u64,
    head_digits: String,
    signed: Option<(KeyId, Hash, Signature)>,
}

impl From<&Checkpoint> for Witness {
    fn from(of: &Checkpoint) -> Self {
        let signed = Some((of.key, of.head, of.signature));
        Self { ledger: Some(of.ledger), seq: of.seq, head_digits: of.head.to_string(), signed }
    }
}

impl FromStr for Witness {
    type Err = NotACheckpoint;

    /// Reads a checkpoint, or the short form `118 0123456789abcdef` of a receipt.
    fn from_str(text: &str) -> Result<Self, NotACheckpoint> {
        let mut words = text.split_whitespace();
        let (seq, digits) = (words.next().and_then(|word| word.parse().ok()), words.next().unwrap_or_default());
        let is_hex = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let is_short = is_hex && (RECEIPT_DIGITS..=2 * Hash::LENGTH).contains(&digits.len());
        match seq {
            Some(seq) if is_short => Ok(Self { ledger: None, seq, head_digits: digits.to_owned(), signed: None }),
            _ => Checkpoint::from_str(text).map(|checkpoint| Self::from(&checkpoint)),
        }
    }
}

impl Witness {
    /// Says whether an entry's hash is the one that was witnessed.
    #[must_use]
    pub fn agrees_with(&self, hash: &Hash) -> bool {
        hash.to_string().starts_with(&self.head_digits)
    }

    /// Says whether its own signature holds; `None` where it has none, or the key is not known.
    #[must_use]
    pub fn is_genuine(&self, roster: &Roster) -> Option<bool> {
        let (key, head, signature) = self.signed.as_ref()?;
        Some(roster.key(key)?.verifies(head, signature))
    }
}
