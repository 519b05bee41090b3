//! What `eslint --format json` writes: an array with one object for each file.

use countersign_domain::probe::Outcome;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json, many};

#[derive(Deserialize)]
struct File {
    #[serde(rename = "filePath")]
    _path: IgnoredAny,
    #[serde(rename = "messages")]
    _messages: IgnoredAny,
    #[serde(rename = "errorCount")]
    errors: u64,
    #[serde(rename = "warningCount")]
    warnings: u64,
    /// The text after automatic fixes, where the run made any.
    output: Option<IgnoredAny>,
}

/// The sums of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Eslint {
    files: u64,
    errors: u64,
    warnings: u64,
    fixed: u64,
}

pub(super) fn read(text: &str, is_expected: bool) -> Option<Reading> {
    let files: Vec<File> = json(text)?;
    if files.is_empty() && !is_expected {
        return None;
    }
    let sum = files.iter().fold(Eslint::default(), |sum, file| Eslint {
        files: sum.files + 1,
        errors: sum.errors.saturating_add(file.errors),
        warnings: sum.warnings.saturating_add(file.warnings),
        fixed: sum.fixed + u64::from(file.output.is_some()),
    });
    let mut figures = vec![figure("files", sum.files), figure("errors", sum.errors), figure("warnings", sum.warnings)];
    if sum.fixed > 0 {
        figures.push(figure("files fixed by the run", sum.fixed));
    }
    Some(Reading::new(Kind::Eslint, figures, Claim::default(), Report::Eslint(sum)))
}

pub(super) const EXPECTED: &str = "The linter looked at one file or more and found no errors.";

pub(super) fn judge(report: &Eslint) -> Found {
    if report.files == 0 {
        return Found::new(Outcome::Fail, "No file was looked at.", "Lint the files of the release, and attach that.");
    }
    if report.errors > 0 {
        let found = format!("{} in {}.", many(report.errors, "error"), many(report.files, "file"));
        return Found::new(Outcome::Fail, found, "Correct them, lint again and attach the new report.");
    }
    let found = format!("No errors in {}, {}.", many(report.files, "file"), many(report.warnings, "warning"));
    if report.fixed > 0 {
        let found = format!("{found} The run changed {} itself.", many(report.fixed, "file"));
        return Found::new(Outcome::Warn, found, "Commit what was fixed and lint again without fixing.");
    }
    Found::new(Outcome::Pass, found, "")
}
