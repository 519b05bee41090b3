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
use super::{Finding, FirstBad, Verification, VerifyRequest};
use crate::app::App;
use crate::checklists::exports::TEMPLATES;
use crate::checklists::stories;
use crate::failure::{Tell as _, internal, told};
use crate::ledger::verify::{self as walk, Depth};
use crate::ledger::{LedgerError, bundle};
use crate::{clock, files};

/// What failed, where verifying fails.
const WHAT: &str = "Could not verify the ledger";

/// What the newest verification found, of this start or one before.
#[derive(Default)]
pub struct Verified(Mutex<Option<Kept>>);

struct Kept {
    /// By a clock nobody sets.
    began: std::time::Instant,
    depth: Depth,
    verification: Verification,
}

impl Verified {
    /// Gives it; nothing before the first.
    #[must_use]
    pub fn newest(&self) -> Option<Verification> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|kept| kept.verification.clone())
    }

    /// Keeps it, unless one that began later is there: what a slow walk found may have been put right meanwhile. Says
    /// whether it did.
    ///
    /// **Shape**: a look at the newest entries neither stands in the way of a walk over all of them, nor hides what one
    /// found.
    fn keep(&self, began: std::time::Instant, depth: Depth, verification: &Verification) -> bool {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_kept = newest.as_ref().is_none_or(|kept| match (kept.depth, depth) {
            (Depth::Recent, Depth::Whole) => true,
            (Depth::Whole, Depth::Recent) if kept.verification.first_bad.is_some() => false,
            _ => kept.began <= began,
        });
        if is_kept {
            *newest = Some(Kept { began, depth, verification: verification.clone() });
        }
        is_kept
    }
}

/// Takes up what the newest verification of every entry found at an earlier start: what was found changed stays so until
/// all of it is found good.
pub(crate) async fn restore(app: &App) {
    let (Ok(stores), Ok(Some(before))) = (app.stores(), chain::newest_whole(app).await) else { return };
    if let Some(bad) = &before.first_bad
        && let Ok(reason) = bad.reason.parse()
    {
        stores.ledger.was_found(ledger::FirstBad { seq: bad.seq, reason });
    }
    stores.verified.keep(std::time::Instant::now(), Depth::Whole, &before);
}

/// Tells that the ledger is not as it was written, or that the rules refuse what it says, if that was found: for every
/// screen that has to say so.
#[must_use]
pub fn alarm(app: &App) -> Option<Failure> {
    let stores = app.stores().ok()?;
    let newest = stores.verified.newest();
    let found = newest.as_ref().and_then(|newest| newest.first_bad.clone());
    // What was seen when the file was opened is told before anything was verified.
    match found.or_else(|| stores.ledger.fault().map(first_bad)) {
        Some(bad) => Some(of_fault(bad)),
        None => newest.and_then(|newest| of_findings(&newest.findings)),
    }
}

fn of_fault(bad: FirstBad) -> Failure {
    let FirstBad { seq, reason, text } = bad;
    let (code, what) = match reason.parse() {
        Ok(Reason::RolledBack) => (Code::LedgerRolledBack, format!("The ledger was cut or rewritten at entry {seq}")),
        Ok(Reason::ForeignLedger) => (Code::LedgerForeign, format!("Entry {seq} is of another ledger")),
        Ok(Reason::EvidenceMissing | Reason::EvidenceChanged) => {
            (Code::EvidenceChanged, format!("A file that entry {seq} of the ledger rests on is not what it was"))
        }
        _ => (Code::LedgerTampered, format!("Entry {seq} of the ledger is not as it was written")),
    };
    told(code, what, text)
}

fn of_findings(findings: &[Finding]) -> Option<Failure> {
    let Finding { seq, text } = findings.first()?;
    let what = match (seq, findings.len()) {
        (0, _) => "The rules could not be held against all of the ledger".to_owned(),
        (seq, 1) => format!("The rules refuse what entry {seq} of the ledger says"),
        (seq, more) => format!("The rules refuse what {more} entries of the ledger say, first entry {seq}"),
    };
    Some(told(Code::StateConflict, what, text))
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
    let (at, began) = (clock::now(), std::time::Instant::now());
    let is_against_papers = !witnesses.is_empty();
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
    if verification.first_bad.is_none() && depth == Depth::Whole {
        let judge = std::mem::take(&mut *judge.lock().unwrap_or_else(PoisonError::into_inner));
        // Folding every run anew is work for a blocking thread.
        let judging = tokio::task::spawn_blocking(move || judged(verification, judge));
        verification = judging.await.map_err(|error| internal(WHAT, &error))?;
    } else {
        // What the rules refused stays refused until all of it is judged anew.
        let before = chain::newest_whole(app).await.ok().flatten();
        verification = verification.unjudged(stores.verified.newest().or(before));
    }
    // Papers of others are held against the ledger for whoever asked; one that disagrees accuses nobody by itself.
    if !is_against_papers
        && stores.verified.keep(began, depth, &verification)
        && depth == Depth::Whole
        && let Err(failure) = chain::keep(app, &verification).await
    {
        tracing::warn!(event = "verification_not_kept", code = %failure.code, "{}", failure.why);
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
    Ok(if verification.first_bad.is_none() { judged(verification, judge) } else { verification })
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
    verification.warnings.extend(exceptions);
    verification.finding(findings)
}

impl Verification {
    /// Carries over what the verification before found, where this one judged nothing.
    fn unjudged(self, before: Option<Self>) -> Self {
        self.finding(before.map(|before| before.findings).unwrap_or_default())
    }

    fn finding(mut self, findings: Vec<Finding>) -> Self {
        self.ok &= findings.is_empty();
        self.findings = findings;
        self
    }
}

/// Tells a report in words.
fn of_report(report: &Report, at: Instant) -> Verification {
    // A paper that is not genuine accuses nobody, and proves nothing either.
    let is_doubtful = report.warnings.iter().any(|warning| matches!(warning, Warning::CheckpointNotGenuine { .. }));
    Verification {
        ok: report.ok && !is_doubtful,
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
        Warning::HeadNotRead => {
            "The keychain could not be asked for the ledger's end: the file was held to the one this program wrote last."
                .to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(first_bad: Option<(u64, Reason)>, warnings: Vec<Warning>) -> Verification {
        let first_bad = first_bad.map(|(seq, reason)| ledger::FirstBad { seq, reason });
        of_report(&Report { ok: first_bad.is_none(), entries: 9, head: None, first_bad, warnings }, Instant::UNIX_EPOCH)
    }

    #[test]
    fn a_finding_or_a_false_paper_is_not_well_and_accuses_no_entry() {
        let found = || vec![Finding { seq: 7, text: "It has no effect on run r: the same person.".to_owned() }];
        assert!(verified(None, vec![Warning::HeadNotRead]).finding(Vec::new()).ok);
        for not_well in [
            verified(None, Vec::new()).finding(found()),
            verified(None, vec![Warning::CheckpointNotGenuine { seq: 3 }]),
        ] {
            assert!(!not_well.ok && not_well.first_bad.is_none(), "{not_well:?}");
        }
        // The look at the start judges nothing, and clears nothing.
        let before = || Some(verified(None, Vec::new()).finding(found()));
        let looks = [verified(None, Vec::new()), verified(Some((3, Reason::Hash)), Vec::new())];
        for look in looks.map(|look| look.unjudged(before())) {
            assert!(!look.ok && look.findings.len() == 1, "{look:?}");
        }
        assert!(verified(None, Vec::new()).unjudged(None).ok);
        let alarm = of_findings(&found()).unwrap();
        assert!(alarm.what.contains("entry 7") && alarm.why.contains("no effect"), "{alarm:?}");
        assert!(of_findings(&[]).is_none());
    }

    #[test]
    fn what_began_later_stands_and_a_look_hides_no_fault() {
        let (first, later) = (std::time::Instant::now(), std::time::Instant::now() + std::time::Duration::from_secs(1));
        let (good, bad) = (verified(None, Vec::new()), verified(Some((3, Reason::Hash)), Vec::new()));
        let (whole, recent) = (Depth::Whole, Depth::Recent);
        for (kept, next, is_kept) in [
            ((later, whole, &good), (first, whole, &bad), false),
            ((first, whole, &bad), (later, whole, &good), true),
            ((first, whole, &bad), (later, recent, &good), false),
            ((first, whole, &good), (later, recent, &good), true),
            // Whoever begins a walk while the look of the start is made has it kept.
            ((later, recent, &good), (first, whole, &bad), true),
        ] {
            let verified = Verified::default();
            assert!(verified.keep(kept.0, kept.1, kept.2));
            assert_eq!(verified.keep(next.0, next.1, next.2), is_kept, "{kept:?}, then {next:?}");
            let stands = if is_kept { next.2 } else { kept.2 };
            assert_eq!(verified.newest().unwrap().ok, stands.ok);
        }
    }

    #[test]
    fn each_fault_has_its_code() {
        for (reason, code) in [
            (Reason::Hash, Code::LedgerTampered),
            (Reason::Schema, Code::LedgerTampered),
            (Reason::ForeignLedger, Code::LedgerForeign),
            (Reason::RolledBack, Code::LedgerRolledBack),
            (Reason::EvidenceMissing, Code::EvidenceChanged),
            (Reason::EvidenceChanged, Code::EvidenceChanged),
        ] {
            let alarm = of_fault(verified(Some((4, reason)), Vec::new()).first_bad.unwrap());
            assert!(alarm.code == code && alarm.what.contains("entry 4") | alarm.what.contains("Entry 4"), "{alarm:?}");
        }
    }
}
