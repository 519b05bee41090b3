//! An extract of a service's log, as text or as one JSON object per line: how many lines of which level, from when to
//! when, and whether something in it has the shape of a secret.
//!
//! A level counts where a log writes one (`ERROR`, `[error]`, `level=error`, `"level":50`), not where a sentence happens
//! to speak of errors.

use std::sync::LazyLock;

use chrono::DateTime;
use countersign_domain::Instant;
use countersign_domain::probe::Outcome;
use regex::Regex;

use super::bounds::{Deadline, Refused};
use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, many, secret_of};

pub(super) const EXPECTED: &str = "No line of an error level, and nothing with the shape of a secret.";

/// Words and numbers of a level, the worst first.
static FATAL: LazyLock<Option<Regex>> = LazyLock::new(|| level("FATAL|CRITICAL|CRIT|PANIC|EMERG|ALERT", "60"));
static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| level("ERROR|ERR|SEVERE", "50"));
static WARNING: LazyLock<Option<Regex>> = LazyLock::new(|| level("WARNING|WARN", "40"));
static TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)?").ok());

fn level(words: &str, number: &str) -> Option<Regex> {
    let pattern = format!(
        r#"\b(?:{words})\b|(?i:\[(?:{words})\]|\b"?(?:level|lvl|severity|levelname)"?\s*[=:]\s*"?(?:{words}|{number})\b)"#
    );
    Regex::new(&pattern).ok()
}

/// What an extract shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extract {
    fatal: u64,
    errors: u64,
    /// Kind of the first secret that was seen, and never the secret itself.
    secret: Option<&'static str>,
}

/// Reads an extract; `None` for a text without levels and times.
///
/// **Errors**: [`Refused::TooSlow`].
pub(super) fn read(text: &str, until: Deadline) -> Result<Option<Reading>, Refused> {
    let is = |pattern: &LazyLock<Option<Regex>>, line: &str| pattern.as_ref().is_some_and(|one| one.is_match(line));
    let (mut lines, mut counts, mut times) = (0_u64, [0_u64; 3], Vec::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        until.check()?;
        lines += 1;
        let of_level = [&FATAL, &ERROR, &WARNING].into_iter().zip(&mut counts).find(|(pattern, _)| is(pattern, line));
        if let Some((_, count)) = of_level {
            *count += 1;
        }
        times.extend(TIME.as_ref().and_then(|pattern| pattern.find(line)).map(|found| found.as_str()));
    }
    let [fatal, errors, warnings] = counts;
    if times.is_empty() && counts == [0; 3] {
        return Ok(None);
    }
    let secret = secret_of(text, until)?;
    let mut figures = vec![
        figure("lines", lines),
        figure("fatal", fatal),
        figure("errors", errors),
        figure("warnings", warnings),
        figure("secrets", if secret.is_some() { "seen" } else { "none seen" }),
    ];
    figures.extend(times.first().map(|first| figure("from", first)));
    figures.extend(times.last().map(|last| figure("to", last)));
    let claim = Claim { made_at: times.last().and_then(|last| instant(last)), ..Claim::default() };
    Ok(Some(Reading::new(Kind::LogExtract, figures, claim, Report::LogExtract(Extract { fatal, errors, secret }))))
}

/// Reads a time with a zone; one without says nothing for sure.
fn instant(text: &str) -> Option<Instant> {
    let text = text.replacen(' ', "T", 1).replace(',', ".");
    DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc())
}

/// Judges an extract: a secret or a fatal line fails, an error asks somebody to look.
pub(super) fn judge(report: &Extract) -> Found {
    if let Some(kind) = report.secret {
        let found = format!("It seems to hold a secret ({}).", kind.replace('_', " "));
        return Found::new(Outcome::Fail, found, "Have the service log without it, and take that secret out of use.");
    }
    match (report.fatal, report.errors) {
        (0, 0) => Found::new(Outcome::Pass, "No line of an error level.", ""),
        (0, errors) => {
            Found::new(Outcome::Warn, format!("{} of an error level.", many(errors, "line")), "Look at each of them.")
        }
        (fatal, _) => Found::new(
            Outcome::Fail,
            format!("{} of a fatal level.", many(fatal, "line")),
            "Find out what ended there.",
        ),
    }
}
