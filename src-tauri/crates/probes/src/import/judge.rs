//! What an attached file comes to for a line: the checks `evidence.*` that have a reader.
//!
//! A file proves only the release it is about; one of another release is named and decides nothing. How old it may be is
//! the line's own rule, which the run applies.

use countersign_domain::Instant;
use countersign_domain::metrics::registry::TICKETS;
use countersign_domain::probe::{Fact, Outcome, Unknown, Verdict};

use super::bounds::{Deadline, Refused};
use super::routes::Routes;
use super::{
    Kind, Reading, Report, backup, ci_job, coverage, eslint, load_test, log_extract, npm_audit, npm_outdated, read,
    tests_run, tsc, zap,
};
use crate::Answer;

/// The checks, the kind of file that answers each, and the version of each rule.
const CHECKS: &[(&str, Kind, u32)] = &[
    ("evidence.tsc", Kind::Tsc, 1),
    ("evidence.eslint", Kind::Eslint, 1),
    ("evidence.npm_audit", Kind::NpmAudit, 1),
    ("evidence.npm_outdated", Kind::NpmOutdated, 1),
    ("evidence.sast", Kind::Zap, 2),
    ("evidence.junit", Kind::Tests, 2),
    ("evidence.coverage", Kind::Coverage, 1),
    ("evidence.load_test", Kind::LoadTest, 2),
    ("evidence.build", Kind::CiJob, 1),
    ("evidence.backup_restore", Kind::Backup, 1),
    ("evidence.log_extract", Kind::LogExtract, 1),
];

/// Gives the version of a check's rule; `None` when no file here answers it.
#[must_use]
pub fn version(probe: &str) -> Option<u32> {
    CHECKS.iter().find(|(id, ..)| *id == probe).map(|(.., version)| *version)
}

/// Gives the kind of file that answers a check, or that a metric is counted from.
#[must_use]
pub fn kind_of(probe: &str) -> Option<Kind> {
    if probe == TICKETS {
        return Some(Kind::Tickets);
    }
    CHECKS.iter().find(|(id, ..)| *id == probe).map(|(_, kind, _)| *kind)
}

/// The line a file is to prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub label: String,
    /// The release of its run.
    pub release: String,
    /// Since when the deployment may happen.
    pub window_from: Option<Instant>,
}

/// The load a test was meant to put on, as far as somebody said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meant {
    /// Users at once.
    pub users: Option<u32>,
    /// Requests a second.
    pub per_second: Option<u32>,
}

/// A file as it was attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// SHA-256 of its content, hex.
    pub sha256: String,
    /// The release it is about.
    pub release: Option<String>,
    /// The load that was meant, where it is a summary of a load test.
    pub meant: Meant,
    /// Its content; absent where the kept file is gone or changed.
    pub content: Option<Vec<u8>>,
    /// Content of the newest description of the API, where one is attached to the run.
    pub beside: Option<Vec<u8>>,
}

/// What was found, before it is said.
#[derive(Debug)]
pub(super) struct Found {
    outcome: Outcome,
    found: String,
    fix: String,
}

impl Found {
    pub fn new(outcome: Outcome, found: impl Into<String>, fix: &str) -> Self {
        Self { outcome, found: found.into(), fix: fix.to_owned() }
    }

    fn unknown(reason: Unknown, found: String, fix: &str) -> Self {
        Self::new(Outcome::Unknown(reason), found, fix)
    }
}

/// Answers a check from the file that was attached for it; without one, or without the time for it, it is not decided.
#[must_use]
pub fn answer(probe: &str, line: &Line, file: Option<&Attached>, until: Deadline) -> Answer {
    let (Some(version), Some(kind)) = (version(probe), kind_of(probe)) else {
        return Answer { version: 0, verdict: crate::not_supported(), requests: Vec::new() };
    };
    let (found, facts) = match file {
        None => {
            let found = format!("No {} is attached to a line of this run.", kind.name());
            (Found::unknown(Unknown::InsufficientData, found, "Attach one to this line."), Vec::new())
        }
        Some(file) => judged(kind, probe, line, file, until),
    };
    let verdict = Verdict {
        outcome: found.outcome,
        expected: expected(kind, &line.label).to_owned(),
        found: found.found,
        fix: found.fix,
        remainder: String::new(),
        facts,
    };
    Answer { version, verdict, requests: Vec::new() }
}

fn expected(kind: Kind, label: &str) -> &'static str {
    match kind {
        Kind::Tsc => tsc::EXPECTED,
        Kind::Eslint => eslint::EXPECTED,
        Kind::NpmAudit => npm_audit::EXPECTED,
        Kind::NpmOutdated => npm_outdated::EXPECTED,
        Kind::Zap => zap::EXPECTED,
        Kind::Tests => tests_run::EXPECTED,
        Kind::Coverage => coverage::EXPECTED,
        Kind::LoadTest => load_test::EXPECTED,
        Kind::CiJob => ci_job::EXPECTED,
        Kind::Backup => backup::expected(label),
        Kind::LogExtract => log_extract::EXPECTED,
        Kind::EnvManifest | Kind::Routes | Kind::Tickets | Kind::Document => "",
    }
}

fn judged(kind: Kind, probe: &str, line: &Line, file: &Attached, until: Deadline) -> (Found, Vec<Fact>) {
    let fact = |name: &str, value: &str| Fact { name: name.to_owned(), value: value.to_owned() };
    let mut facts = vec![fact("file", &file.name), fact("sha256", &file.sha256)];
    facts.extend(file.release.as_deref().map(|release| fact("release", release)));
    let reading = match file.content.as_deref().map(|content| read(content, Some(probe), until)) {
        None => {
            let found = format!("The kept file {} is gone or changed.", file.name);
            return (Found::unknown(Unknown::Unreachable, found, "Attach it again."), facts);
        }
        Some(Err(why)) => return (refused(&why), facts),
        Some(Ok(reading)) => reading,
    };
    facts.extend(reading.claim.commit.as_deref().map(|commit| fact("commit", commit)));
    facts.extend(reading.figures.iter().cloned());
    facts.extend(file.meant.users.map(|users| fact("users meant", &users.to_string())));
    facts.extend(file.meant.per_second.map(|rate| fact("requests a second meant", &rate.to_string())));
    if file.release.as_deref() != Some(line.release.as_str()) {
        let about = file.release.as_deref().map_or("no release".to_owned(), |release| format!("release {release}"));
        let found = format!("{} is about {about}, this run about {}.", file.name, line.release);
        return (Found::unknown(Unknown::InsufficientData, found, "Attach one of this release."), facts);
    }
    (judge(kind, &reading, line, file, until).unwrap_or_else(|why| refused(&why)), facts)
}

/// Says that a file was not read, and why.
fn refused(why: &Refused) -> Found {
    match why {
        Refused::TooSlow => Found::unknown(Unknown::Timeout, why.to_string(), "Attach a smaller file."),
        why => Found::unknown(Unknown::InsufficientData, why.to_string(), "Attach another file."),
    }
}

/// Reads the routes of the API, where its description is attached; one that cannot be read describes nothing.
///
/// **Errors**: [`Refused::TooSlow`].
fn routes(file: &Attached, until: Deadline) -> Result<Option<Routes>, Refused> {
    let read = file.beside.as_deref().map(|beside| read(beside, None, until));
    match read.transpose() {
        Err(Refused::TooSlow) => Err(Refused::TooSlow),
        Ok(Some(Reading { report: Report::Routes(routes), .. })) => Ok(Some(routes)),
        _ => Ok(None),
    }
}

/// Judges a report by the rule of the check that reads its kind; another kind decides nothing.
///
/// **Errors**: [`Refused::TooSlow`].
fn judge(kind: Kind, reading: &Reading, line: &Line, file: &Attached, until: Deadline) -> Result<Found, Refused> {
    Ok(match &reading.report {
        Report::Tsc(report) if kind == Kind::Tsc => tsc::judge(report),
        Report::Eslint(report) if kind == Kind::Eslint => eslint::judge(report),
        Report::NpmAudit(report) if kind == Kind::NpmAudit => npm_audit::judge(report),
        Report::NpmOutdated(report) if kind == Kind::NpmOutdated => npm_outdated::judge(report),
        Report::Zap(report) if kind == Kind::Zap => zap::judge(report, &line.label),
        Report::Tests(report) if kind == Kind::Tests => {
            tests_run::judge(report, &line.label, routes(file, until)?.as_ref(), until)?
        }
        Report::Coverage(report) if kind == Kind::Coverage => coverage::judge(report, &line.label),
        Report::LoadTest(report) if kind == Kind::LoadTest => load_test::judge(report, &line.label, file.meant),
        Report::CiJob(report) if kind == Kind::CiJob => ci_job::judge(report),
        Report::Backup(report) if kind == Kind::Backup => backup::judge(report, &line.label, line.window_from),
        Report::LogExtract(report) if kind == Kind::LogExtract => log_extract::judge(report),
        _ => {
            let found = format!("The file is of the kind {}, not {}.", reading.kind.name(), kind.name());
            Found::unknown(Unknown::InsufficientData, found, "Attach another file.")
        }
    })
}
