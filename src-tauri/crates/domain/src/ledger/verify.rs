//! Checking a ledger, entry by entry from the first, with nothing believed but the entries themselves.
//!
//! Takes entries one at a time and keeps no more than the roster and the end of the chain, so a million entries need no
//! more memory than ten. Where the entries come from, whether evidence lies beside them and whether a table agrees with
//! them is looked up by the caller, who reports it in the same words.

use serde::{Deserialize, Serialize};

use super::bytes::{Hash, LedgerId, Signature};
use super::checkpoint::Witness;
use super::entry::{self, Entry, Head, SIGNATURES_MAX, Tail};
use super::kind;
use super::roster::Roster;

/// Warnings that are listed; further ones are only counted.
pub const WARNINGS_MAX: usize = 100;
/// Entries that may stand after the newest signature without a word about it.
pub const UNSEALED_MAX: u64 = 100;

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::AsRefStr, strum::EnumString)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The bytes do not have their hash.
    Hash,
    /// A signature is missing or does not hold.
    Sig,
    /// The key was never enrolled, is no longer good, or is not the signer's.
    UnknownKey,
    /// It does not follow the entry before.
    Prev,
    /// An entry is missing before it.
    SeqGap,
    /// Its place is taken.
    SeqDup,
    /// It belongs to another ledger.
    ForeignLedger,
    /// It is not written as an entry, or the file is not built as a ledger.
    Schema,
    /// A column kept for searching says something else than the bytes.
    Column,
    /// A file it rests on is gone.
    EvidenceMissing,
    /// A file it rests on was changed.
    EvidenceChanged,
    /// The ledger does not hold what a head or a checkpoint elsewhere says it held.
    RolledBack,
}

impl Reason {
    /// Says whether it is about a file an entry rests on, and not about the entries: those are all as they were written.
    #[must_use]
    pub fn is_of_evidence(self) -> bool {
        matches!(self, Self::EvidenceMissing | Self::EvidenceChanged)
    }
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstBad {
    /// Its place; the place of the missing one where one is missing.
    pub seq: u64,
    /// What is wrong.
    pub reason: Reason,
}

/// Something worth knowing that is no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "word", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Warning {
    /// The clock stood before the time of the entry before.
    ClockBack {
        /// The entry.
        seq: u64,
    },
    /// A key was revoked as of a time before something it signed.
    RevokedTooLate {
        /// The newest entry it signed after that time.
        seq: u64,
    },
    /// No head is known outside the file, so a cut end would not be seen.
    HeadUnknown,
    /// The head known outside could not be asked for; the file was held to the one known inside of this program.
    HeadNotRead,
    /// The file goes on after the head known outside: the last entries were written and not yet remembered there.
    HeadBehind {
        /// How many entries.
        entries: u64,
    },
    /// Many entries stand after the newest signature.
    Unsealed {
        /// How many.
        entries: u64,
    },
    /// A checkpoint disagrees, and its own signature does not hold: the paper is at fault.
    CheckpointNotGenuine {
        /// The entry it speaks of.
        seq: u64,
    },
    /// Further warnings were not listed.
    More {
        /// How many.
        entries: u64,
    },
}

/// The verdict over a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every entry is as it was written.
    pub ok: bool,
    /// Entries found good, in a row from the first looked at.
    pub entries: u64,
    /// The newest of them.
    pub head: Option<Head>,
    /// The first that is not good.
    pub first_bad: Option<FirstBad>,
    /// Things worth knowing that are no fault.
    pub warnings: Vec<Warning>,
}

/// What is known of the ledger from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The ledger it must be.
    pub ledger: Option<LedgerId>,
    /// The newest entry this computer wrote.
    pub head: Option<Head>,
    /// Checkpoints that were mailed, printed or put elsewhere.
    pub witnesses: Vec<Witness>,
}

/// An entry as it was found, before anything of it is believed.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The place the container gives it, where it gives one.
    pub seq: Option<u64>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The hash kept beside them.
    pub hash: &'a [u8],
    /// The signatures kept beside them, one after the other.
    pub signatures: &'a [u8],
}

/// Walks a ledger.
#[derive(Debug, Clone, Default)]
pub struct Verifier {
    expected: Expected,
    roster: Roster,
    tail: Option<Tail>,
    entries: u64,
    unsealed: u64,
    warnings: Vec<Warning>,
    unlisted: u64,
}

impl Verifier {
    /// Begins at the first entry.
    #[must_use]
    pub fn new(expected: Expected) -> Self {
        Self { expected, ..Self::default() }
    }

    /// Begins after an entry that is believed, with the roster at that place: for the quick look at the newest entries.
    #[must_use]
    pub fn after(tail: Tail, roster: Roster, expected: Expected) -> Self {
        Self { expected, roster, tail: Some(tail), ..Self::default() }
    }

    /// Names the ledger the entries must belong to; says whether that fits what is known already.
    pub fn expect_ledger(&mut self, ledger: LedgerId) -> bool {
        let fits = self.expected_ledger().is_none_or(|known| known == ledger);
        self.expected.ledger = Some(ledger);
        fits
    }

    /// Gives who may sign after the entries so far.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Gives the place of the next entry.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.tail.map_or(0, |tail| tail.head.seq).saturating_add(1)
    }

    /// Checks the next entry and takes it in.
    ///
    /// **Errors**: the first thing that is wrong with it; the walk ends there.
    pub fn admit(&mut self, line: Line<'_>) -> Result<Entry, FirstBad> {
        // Whatever place a row gives itself, the first thing missing is what should have stood here.
        let place = line.seq.map_or(self.next_seq(), |seq| seq.min(self.next_seq()));
        let at_place = |reason| FirstBad { seq: place, reason };
        let hash = entry::hash(line.bytes);
        if line.hash != hash.0 {
            return Err(at_place(Reason::Hash));
        }
        let entry = Entry::read(line.bytes).map_err(|_| at_place(Reason::Schema))?;
        if self.expected_ledger().is_some_and(|ledger| ledger != entry.ledger) {
            return Err(at_place(Reason::ForeignLedger));
        }
        if line.seq.is_some_and(|seq| seq != entry.seq) {
            return Err(at_place(Reason::Column));
        }
        let next = self.next_seq();
        if entry.seq < next {
            return Err(FirstBad { seq: entry.seq, reason: Reason::SeqDup });
        }
        if entry.seq > next {
            return Err(FirstBad { seq: next, reason: Reason::SeqGap });
        }
        let prev = self.tail.map_or(Hash([0; Hash::LENGTH]), |tail| tail.head.hash);
        if entry.prev != prev {
            return Err(at_place(Reason::Prev));
        }
        if entry.seq == 1 && entry.kind != kind::CONSOLE_ADDED {
            return Err(at_place(Reason::Schema));
        }
        let (signatures, rest) = line.signatures.as_chunks::<{ Signature::LENGTH }>();
        let signatures: Vec<_> = signatures.iter().copied().take(SIGNATURES_MAX + 1).map(Signature).collect();
        let is_signed = self.roster.check(&entry, &hash, &signatures).map_err(at_place)?;
        if !rest.is_empty() {
            return Err(at_place(Reason::Sig));
        }
        self.check_witnesses(entry.ledger, entry.seq, hash).map_err(at_place)?;
        self.take_in(&entry, hash, is_signed).map_err(at_place)?;
        Ok(entry)
    }

    fn expected_ledger(&self) -> Option<LedgerId> {
        let kept = self.tail.map(|tail| tail.head.ledger).or(self.expected.ledger);
        kept.or_else(|| self.expected.head.map(|head| head.ledger))
    }

    /// Compares an entry with what is known of it from elsewhere.
    fn check_witnesses(&mut self, ledger: LedgerId, seq: u64, hash: Hash) -> Result<(), Reason> {
        if self.expected.head.is_some_and(|head| head.seq == seq && head.hash != hash) {
            return Err(Reason::RolledBack);
        }
        let mut doubtful = Vec::new();
        for witness in self.expected.witnesses.iter().filter(|witness| witness.seq == seq) {
            // One of another ledger is named at the end, as what it is.
            let is_ours = witness.ledger.is_none_or(|other| other == ledger);
            if is_ours && !witness.agrees_with(&hash) {
                match witness.is_genuine(&self.roster) {
                    Some(false) => doubtful.push(Warning::CheckpointNotGenuine { seq }),
                    _ => return Err(Reason::RolledBack),
                }
            }
        }
        doubtful.into_iter().for_each(|warning| self.warn(warning));
        Ok(())
    }

    fn take_in(&mut self, entry: &Entry, hash: Hash, is_signed: bool) -> Result<(), Reason> {
        if let Some(late) = self.roster.take_in(entry)? {
            self.warn(Warning::RevokedTooLate { seq: late.signed_seq });
        }
        let is_back = self.tail.is_some_and(|tail| entry.at < tail.at);
        // The flag is a statement of the program that wrote the entry; the times themselves are what counts.
        if is_back || entry.clock_regressed {
            self.warn(Warning::ClockBack { seq: entry.seq });
        }
        self.unsealed = if is_signed { 0 } else { self.unsealed + 1 };
        self.entries += 1;
        self.tail = Some(Tail { head: Head { ledger: entry.ledger, seq: entry.seq, hash }, at: entry.at });
        Ok(())
    }

    /// Notes something worth knowing.
    pub fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < WARNINGS_MAX { self.warnings.push(warning) } else { self.unlisted += 1 }
    }

    /// Ends the walk at a bad entry.
    #[must_use]
    pub fn stopped(self, first_bad: FirstBad) -> Report {
        self.report(Some(first_bad))
    }

    /// Ends the walk after the last entry and looks for what should have come after it.
    #[must_use]
    pub fn finished(mut self) -> Report {
        let next = self.next_seq();
        let ledger = self.tail.map(|tail| tail.head.ledger);
        for witness in std::mem::take(&mut self.expected.witnesses) {
            let reason = match witness.ledger {
                Some(other) if ledger.is_some_and(|ledger| ledger != other) => Reason::ForeignLedger,
                _ if witness.seq < next => continue,
                _ => Reason::RolledBack,
            };
            if witness.is_genuine(&self.roster) != Some(false) {
                return self.report(Some(FirstBad { seq: witness.seq.min(next), reason }));
            }
            self.warn(Warning::CheckpointNotGenuine { seq: witness.seq });
        }
        if self.expected.head.is_some_and(|head| head.seq >= next) {
            return self.report(Some(FirstBad { seq: next, reason: Reason::RolledBack }));
        }
        match self.expected.head {
            None => self.warn(Warning::HeadUnknown),
            Some(head) if head.seq + 1 < next => self.warn(Warning::HeadBehind { entries: next - 1 - head.seq }),
            Some(_) => {}
        }
        if self.unsealed > UNSEALED_MAX {
            self.warn(Warning::Unsealed { entries: self.unsealed });
        }
        self.report(None)
    }

    fn report(self, first_bad: Option<FirstBad>) -> Report {
        let Self { entries, tail, mut warnings, unlisted, .. } = self;
        if unlisted > 0 {
            warnings.push(Warning::More { entries: unlisted });
        }
        Report { ok: first_bad.is_none(), entries, head: tail.map(|tail| tail.head), first_bad, warnings }
    }
}
