//! Verifying: the ledger of this profile or a bundle from elsewhere, and what was found last.
//!
//! What is found here is told in sentences; the rules themselves are `domain::ledger::verify`'s. A fault is an answer and
//! no failure: only a file that cannot be read at all is one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ledger::checkpoint::NotACheckpoint;
use countersign_domain::ledger::{self, Expected, Reason, Report, Warning, Witness};

use super::chain;
use super::judged::Judge;
use super::{FirstBad, Verification, VerifyRequest};
use crate::app::App;
use crate::checklists::exports::TEMPLATES;
use crate::checklists::stories;
use crate::failure::{Tell as _, internal, told};
use crate::ledger::verify::{self as walk, Depth};
use crate::ledger::{LedgerError, bundle};
use crate::{clock, files};

/// What failed, where verifying fails.
const WHAT: &str = "Could not verify the ledger";

/// What the newest verification since the program started found.
#[derive(Default)]
pub struct Verified(Mutex<Option<Verification>>);

impl Verified {
    /// Gives it; nothing before the first.
    #[must_use]
    pub fn newest(&self) -> Option<Verification> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps it, unless one that began later is there: what a slow walk found may have been put right meanwhile.
    fn keep(&self, verification: &Verification) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.as_ref().is_none_or(|kept| kept.at <= verification.at) {
            *newest = Some(verification.clone());
        }
    }
}

/// Tells that the ledger is not as it was written, if the newest verification found that: for every screen that has to
/// say so.
#[must_use]
pub fn alarm(app: &App) -> Option<Failure> {
    let verified = app.stores().ok()?.verified.newest()?;
    let bad = verified.first_bad?;
    let (code, what) = if bad.reason == Reason::RolledBack.as_ref() {
        (Code::LedgerRolledBack, format!("The ledger ends before entry {}", bad.seq))
    } else {
        (Code::LedgerTampered, format!("Entry {} of the ledger is not as it was written", bad.seq))
    };
    Some(told(code, what, bad.text))
}

/// Verifies the whole ledger, and what its entries say about runs.
///
/// **Errors**: closed stores, a file that cannot be read.
pub async fn verify(app: &App, _request: VerifyRequest) -> Result<Verification, Failure> {
    verify_with(app, Depth::Whole, Vec::new()).await
}

/// Verifies the ledger to some depth, and against what others kept of it.
///
/// **Errors**: as [`verify`].
pub async fn verify_with(app: &App, depth: Depth, witnesses: Vec<Witness>) -> Result<Verification, Failure> {
    let stores = app.stores()?;
    let (at, is_against_papers) = (clock::now(), !witnesses.is_empty());
    let mut judge = Judge::begin();
    // A ledger whose checklists cannot be read is verified all the same; its runs are then not judged, and that is told.
    if let Ok(shelf) = stories::shelf(app).await {
        judge.know(&shelf);
    }
    let judge = Arc::new(Mutex::new(judge));
    let judging = Arc::clone(&judge);
    let take_in = move |entry: &_| judging.lock().unwrap_or_else(PoisonError::into_inner).take_in(entry);
    let report = walk::verify(&stores.ledger, depth, witnesses, take_in).await;
    let mut verification = of_report(&report.map_err(|error| error.tell(WHAT))?, at);
    if verification.ok && depth == Depth::Whole {
        let judge = std::mem::take(&mut *judge.lock().unwrap_or_else(PoisonError::into_inner));
        // Folding every run anew is work for a blocking thread.
        let judging = tokio::task::spawn_blocking(move || judged(verification, judge));
        verification = judging.await.map_err(|error| internal(WHAT, &error))?;
    }
    // Papers of others are held against the ledger for whoever asked; one that disagrees accuses nobody by itself.
    if !is_against_papers {
        stores.verified.keep(&verification);
        if depth == Depth::Whole
            && let Err(failure) = chain::keep(app, &verification).await
        {
            tracing::warn!(event = "verification_not_kept", code = %failure.code, "{}", failure.why);
        }
    }
    Ok(verification)
}

/// Verifies a bundle, and judges what it says about runs. Needs neither a profile nor a secret.
///
/// **Shape**: checklists are taken from the entries, from the program, and from the folder beside the bundle where a pack
/// has them.
/// **Errors**: a file that cannot be read.
pub async fn verify_bundle(bundle: PathBuf, witnesses: Vec<Witness>) -> Result<Verification, Failure> {
    let what = format!("Could not verify {}", files::tilde(&bundle));
    let at = clock::now();
    let expected = Expected { witnesses, ..Expected::default() };
    let checked = tokio::task::spawn_blocking(move || {
        let mut judge = Judge::begin();
        judge.read(&bundle.with_file_name(TEMPLATES));
        let report = bundle::check(&bundle, expected, &mut |entry| judge.take_in(entry))?;
        Ok::<_, LedgerError>((report, judge))
    });
    let checked = checked.await.map_err(|error| internal(&what, &error))?;
    let (report, judge) = checked.map_err(|error| error.tell(&what))?;
    let verification = of_report(&report, at);
    Ok(if verification.ok { judged(verification, judge) } else { verification })
}

/// Reads a checkpoint, the short form of a receipt, or the document `ledger checkpoint --json` printed.
///
/// **Errors**: a file that cannot be read, or is none of these.
pub async fn witness(path: &Path) -> Result<Witness, Failure> {
    let bytes = files::read(path).await?;
    let read = read_witness(&String::from_utf8_lossy(&bytes));
    read.map_err(|error| told(Code::ImportSyntax, format!("Could not read {}", files::tilde(path)), error.to_string()))
}

/// Reads the same from a text.
///
/// **Errors**: a text that is none of these.
pub(super) fn read_witness(text: &str) -> Result<Witness, NotACheckpoint> {
    let document: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let inside = document.as_ref().and_then(|document| document.get("checkpoint")?.as_str());
    inside.unwrap_or(text).parse::<Witness>()
}

/// Adds what the rules say of entries that are as they were written.
fn judged(mut verification: Verification, judge: Judge) -> Verification {
    let (findings, exceptions) = judge.judged();
    verification.findings = findings;
    verification.warnings.extend(exceptions);
    verification
}

/// Tells a report in words.
fn of_report(report: &Report, at: Instant) -> Verification {
    Verification {
        ok: report.ok,
        entries: report.entries,
        head: report.head.map(|head| head.hash.to_string()).unwrap_or_default(),
        first_bad: report.first_bad.map(first_bad),
        findings: Vec::new(),
        warnings: report.warnings.iter().map(warning).collect(),
        at,
    }
}

fn first_bad(bad: ledger::FirstBad) -> FirstBad {
    let text = match bad.reason {
        Reason::Hash => "Its bytes do not give its hash: they were changed after they were written.",
        Reason::Sig => "Its signature is missing or does not hold.",
        Reason::UnknownKey => {
            "It is signed with a key that was never taken up, is no longer good, or is not the signer's."
        }
        Reason::Prev => "It does not follow the entry before it.",
        Reason::SeqGap => "It is missing: later entries are there.",
        Reason::SeqDup => "Its place is taken by another entry.",
        Reason::ForeignLedger => "It belongs to another ledger.",
        Reason::Schema if bad.seq == 0 => "The file is not built as a ledger: something was added to it or taken away.",
        Reason::Schema => "It is not written as an entry of this kind is.",
        Reason::Column => "A column kept for searching says something else than the entry itself.",
        Reason::EvidenceMissing => "A file it rests on is gone.",
        Reason::EvidenceChanged => "A file it rests on was changed.",
        Reason::RolledBack => {
            "The ledger does not hold what this computer, or a checkpoint kept elsewhere, says it held."
        }
    };
    FirstBad { seq: bad.seq, reason: bad.reason.as_ref().to_owned(), text: text.to_owned() }
}

fn warning(warning: &Warning) -> String {
    match warning {
        Warning::ClockBack { seq } => format!("At entry {seq} the clock stood before the time of the entry before."),
        Warning::RevokedTooLate { seq } => {
            format!("A key was ended as of a time before entry {seq}, which it had signed already.")
        }
        Warning::HeadUnknown => {
            "No end of the ledger is known from elsewhere, so a cut end would not be seen.".to_owned()
        }
        Warning::HeadBehind { entries } => {
            format!("{entries} entries stand after the end this computer remembers; they continue the same history.")
        }
        Warning::Unsealed { entries } => format!("{entries} entries stand after the newest signature."),
        Warning::CheckpointNotGenuine { seq } => {
            format!("The checkpoint of entry {seq} disagrees, and its own signature does not hold: it is not genuine.")
        }
        Warning::More { entries } => format!("{entries} further warnings are not listed."),
    }
}
