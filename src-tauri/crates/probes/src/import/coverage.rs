//! How much of the code the tests reach: `lcov.info`, and the `coverage-summary.json` of Istanbul.

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json};

/// Share of lines that has to be exceeded where a line names none. **Units**: percent.
const LIMIT_PCT: u64 = 80;

pub(super) const EXPECTED: &str = "More of the lines than the limit are reached by tests.";

/// Reached and present lines, branches and functions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    lines: Part,
    branches: Part,
    functions: Part,
}

impl Coverage {
    /// Gives each share that was counted; one of nothing is none.
    fn parts(&self) -> impl Iterator<Item = (&'static str, Part)> {
        let Self { lines, branches, functions } = *self;
        let parts = [("of the lines", lines), ("of the branches", branches), ("of the functions", functions)];
        parts.into_iter().filter(|(_, part)| part.total > 0)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Part {
    covered: u64,
    total: u64,
}

impl Part {
    /// Writes the share with two decimals, rounded down so that a limit is never rounded across.
    fn pct(self) -> String {
        let hundredths = u128::from(self.covered) * 10_000 / u128::from(self.total.max(1));
        format!("{}.{:02} %", hundredths / 100, hundredths % 100)
    }

    fn is_above(self, pct: u64) -> bool {
        u128::from(self.covered) * 100 > u128::from(self.total) * u128::from(pct)
    }
}

#[derive(Deserialize)]
struct Summary {
    total: Totals,
}

#[derive(Deserialize)]
struct Totals {
    lines: Part,
    branches: Part,
    functions: Part,
}

pub(super) fn read_json(text: &str) -> Option<Reading> {
    let Summary { total: Totals { lines, branches, functions } } = json(text)?;
    Some(reading(Coverage { lines, branches, functions }))
}

/// Reads the sums that stand at the end of each file of an lcov record.
pub(super) fn read_lcov(text: &str) -> Option<Reading> {
    if !text.contains("end_of_record") {
        return None;
    }
    let mut sum = Coverage::default();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let Ok(value) = value.trim().parse::<u64>() else { continue };
        let into = match name {
            "LF" => &mut sum.lines.total,
            "LH" => &mut sum.lines.covered,
            "BRF" => &mut sum.branches.total,
            "BRH" => &mut sum.branches.covered,
            "FNF" => &mut sum.functions.total,
            "FNH" => &mut sum.functions.covered,
            _ => continue,
        };
        *into = into.saturating_add(value);
    }
    Some(reading(sum))
}

fn reading(coverage: Coverage) -> Reading {
    let figures = coverage.parts().map(|(name, part)| figure(name, part.pct()));
    Reading::new(Kind::Coverage, figures.collect(), Claim::default(), Report::Coverage(coverage.clone()))
}

/// Judges the share of lines by the limit the line names: `(>80%)`.
pub(super) fn judge(report: &Coverage, label: &str) -> Found {
    let limit = limit_of(label).unwrap_or(LIMIT_PCT);
    let lines = report.lines;
    if lines.total == 0 {
        let found = "The report counts no line.";
        return Found::new(
            Outcome::Unknown(Unknown::InsufficientData),
            found,
            "Attach one of the code of the release.",
        );
    }
    let parts: Vec<String> = report.parts().map(|(name, part)| format!("{} {name}", part.pct())).collect();
    let found = format!("{}; the limit is more than {limit} % of the lines.", parts.join(", "));
    match lines.is_above(limit) {
        true => Found::new(Outcome::Pass, found, ""),
        false => Found::new(Outcome::Fail, found, "Test what is not reached, and attach the new report."),
    }
}

fn limit_of(label: &str) -> Option<u64> {
    let (before, _) = label.split_once('%')?;
    let digits: String = before.trim_end().chars().rev().take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().ok().filter(|pct| *pct <= 100)
}
