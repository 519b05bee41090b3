//! What the TypeScript compiler prints. A first line may say how it ended and what it was run on.

use std::sync::LazyLock;

use countersign_domain::probe::Outcome;
use regex::Regex;
use serde::Deserialize;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, header, json, many};

/// A diagnostic, as `src/a.ts(1,2): error TS2322: …` or, for people, `src/a.ts:1:2 - error TS2322: …`.
static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\berror TS\d+:").ok());
/// The sum at the end.
static SUM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?m)\bFound (\d+) errors?\b").ok());

/// `# countersign-tsc: exit=0 commit=4f2a91c`, before the output.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    exit: String,
    commit: Option<String>,
    release: Option<String>,
    at: Option<String>,
}

/// The same as one object: `{"tool":"tsc","errors":0,"exit":0,"commit":"4f2a91c"}`.
#[derive(Deserialize)]
struct Summary {
    tool: String,
    errors: u64,
    exit: Option<i64>,
    commit: Option<String>,
    release: Option<String>,
    at: Option<String>,
}

/// What a check of types came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tsc {
    errors: u64,
    exit: Option<i64>,
}

pub(super) fn read(text: &str) -> Result<Option<Reading>, String> {
    let head: Option<Head> = header::read(text, "tsc")?;
    let lines = ERROR.as_ref().map_or(0, |pattern| pattern.find_iter(text).count() as u64);
    let sum = SUM.as_ref().and_then(|pattern| pattern.captures(text)?.get(1)?.as_str().parse::<u64>().ok());
    if head.is_none() && lines == 0 && sum.is_none() {
        return Ok(None);
    }
    let errors = lines.max(sum.unwrap_or(0));
    let Some(head) = head else { return Ok(Some(reading(Tsc { errors, exit: None }, Claim::default()))) };
    let exit = header::number("exit code", Some(&head.exit))?;
    let made_at = header::instant(head.at.as_deref())?;
    Ok(Some(reading(Tsc { errors, exit }, Claim { commit: head.commit, release: head.release, made_at })))
}

pub(super) fn read_json(text: &str) -> Option<Reading> {
    let summary: Summary = json(text).filter(|summary: &Summary| summary.tool == "tsc")?;
    let made_at = header::instant(summary.at.as_deref()).ok()?;
    let claim = Claim { commit: summary.commit, release: summary.release, made_at };
    Some(reading(Tsc { errors: summary.errors, exit: summary.exit }, claim))
}

fn reading(report: Tsc, claim: Claim) -> Reading {
    let mut figures = vec![figure("errors", report.errors)];
    figures.extend(report.exit.map(|exit| figure("exit code", format!("is {exit}"))));
    Reading::new(Kind::Tsc, figures, claim, Report::Tsc(report))
}

pub(super) const EXPECTED: &str = "The type check found no errors and ended with exit code 0.";

pub(super) fn judge(report: &Tsc) -> Found {
    const AGAIN: &str = "Correct them, check again and attach the new output.";
    match (report.errors, report.exit) {
        (1.., _) => Found::new(Outcome::Fail, format!("{}.", many(report.errors, "error")), AGAIN),
        (0, Some(0)) => Found::new(Outcome::Pass, "No errors, exit code 0.", ""),
        (0, Some(exit)) => Found::new(Outcome::Fail, format!("It ended with exit code {exit}."), AGAIN),
        (0, None) => {
            let found = "No errors are listed, but the file does not say how the check ended.";
            Found::new(Outcome::Warn, found, "Attach an output that begins with `# countersign-tsc: exit=…`.")
        }
    }
}
