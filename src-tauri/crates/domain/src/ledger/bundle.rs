//! A whole ledger as one text file that anyone can check without the program: JSON, one object per line.
//!
//! Frozen: a first line that names the ledger, one line per entry (its bytes in base64, hash and signatures in hex), a
//! last line that says where it ends. Keys and the hashes of evidence need no lines of their own; they stand in the
//! entries, where the chain covers them. Nothing outside the entries is believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::bytes::{Hash, LedgerId, Signature};
use super::entry::{ENTRY_BYTES_MAX, Entry, Head, Recorded};
use super::verify::{Expected, FirstBad, Line, Reason, Report, Verifier};

/// Version of the file.
pub const VERSION: &str = "countersign-bundle-v1";
/// Longest line: an entry in base64, and what stands around it. **Units**: bytes.
pub const LINE_BYTES_MAX: usize = ENTRY_BYTES_MAX / 3 * 4 + 1_024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstLine {
    bundle: String,
    ledger: LedgerId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    bytes: String,
    hash: Hash,
    signatures: Vec<Signature>,
}

/// The same as it is found, before anything of it is believed.
#[derive(Serialize)]
struct FoundLine {
    bytes: String,
    hash: String,
    signatures: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastLine {
    #[serde(with = "crate::text_number")]
    entries: u64,
    head: Hash,
}

/// Writes the first line of a bundle, without its line break.
#[must_use]
pub fn first_line(ledger: LedgerId) -> String {
    line(&FirstLine { bundle: VERSION.to_owned(), ledger })
}

/// Writes the line of an entry, without its line break.
#[must_use]
pub fn entry_line(recorded: &Recorded) -> String {
    let bytes = STANDARD.encode(&recorded.bytes);
    line(&EntryLine { bytes, hash: recorded.hash, signatures: recorded.signatures.clone() })
}

/// Writes the line of an entry as it was found, without its line break.
///
/// **Shape**: what is not as it was written stays so, and whoever checks the bundle finds it.
#[must_use]
pub fn found_line(found: &Line<'_>) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let signatures = found.signatures.chunks(Signature::LENGTH).map(hex).collect();
    line(&FoundLine { bytes: STANDARD.encode(found.bytes), hash: hex(found.hash), signatures })
}

/// Writes the last line of a bundle, without its line break.
#[must_use]
pub fn last_line(head: &Head) -> String {
    line(&LastLine { entries: head.seq, head: head.hash })
}

fn line(of: &impl Serialize) -> String {
    // Text, hex and vectors of hex always have a JSON form.
    serde_json::to_string(of).unwrap_or_default()
}

/// Reads a line that is written exactly as this program writes it; nothing else is one.
fn read<T: Serialize + serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok().filter(|found| line(found) == text)
}

/// Reads a bundle line by line and checks it.
///
/// **Shape**: a line that is none of the three forms counts as a broken entry (`SCHEMA`); a bundle without its last
/// line, or with one that names another end, was cut (`ROLLED_BACK`).
pub struct BundleVerifier {
    verifier: Verifier,
    is_begun: bool,
    end: Option<LastLine>,
}

impl BundleVerifier {
    /// Begins before the first line.
    #[must_use]
    pub fn new(expected: Expected) -> Self {
        Self { verifier: Verifier::new(expected), is_begun: false, end: None }
    }

    /// Takes in one line without its line break; gives the entry, where it was one.
    ///
    /// **Errors**: the first thing that is wrong; [`Self::stopped`] then makes the report.
    pub fn take_in(&mut self, text: &str) -> Result<Option<Entry>, FirstBad> {
        let broken = FirstBad { seq: self.verifier.next_seq(), reason: Reason::Schema };
        if text.len() > LINE_BYTES_MAX || self.end.is_some() {
            return Err(broken);
        }
        if !self.is_begun {
            let first: FirstLine = read(text).ok_or(broken)?;
            if first.bundle != VERSION {
                return Err(broken);
            }
            if !self.verifier.expect_ledger(first.ledger) {
                return Err(FirstBad { reason: Reason::ForeignLedger, ..broken });
            }
            self.is_begun = true;
            return Ok(None);
        }
        if let Some(last) = read(text) {
            self.end = Some(last);
            return Ok(None);
        }
        let found: EntryLine = read(text).ok_or(broken)?;
        let bytes = STANDARD.decode(&found.bytes).map_err(|_| broken)?;
        let signatures: Vec<u8> = found.signatures.iter().flat_map(|signature| signature.0).collect();
        self.verifier.admit(Line { seq: None, bytes: &bytes, hash: &found.hash.0, signatures: &signatures }).map(Some)
    }

    /// Gives the walk so far: who may sign, and where it stands.
    pub fn verifier(&mut self) -> &mut Verifier {
        &mut self.verifier
    }

    /// Ends at a broken line.
    #[must_use]
    pub fn stopped(self, first_bad: FirstBad) -> Report {
        self.verifier.stopped(first_bad)
    }

    /// Ends after the last line.
    #[must_use]
    pub fn finished(self) -> Report {
        let next = self.verifier.next_seq();
        let report = self.verifier.clone().finished();
        let said = self.end.map(|end| (end.entries, Some(end.head)));
        let found = (report.entries, report.head.map(|head| head.hash));
        if report.ok && said != Some(found) {
            return self.verifier.stopped(FirstBad { seq: next, reason: Reason::RolledBack });
        }
        report
    }
}
