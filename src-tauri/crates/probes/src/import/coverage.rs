//! How much of the code the tests reach: `lcov.info`, and the `coverage-summary.json` of Istanbul.

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;

use super::bounds::{Deadline, Refused};
use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json};

/// Share of lines that has to be exceeded where a line names none. **Units**: percent.
const LIMIT_PCT: u64 = 80;

pub(super) const EXPECTED: &str = "More of the lines than the limit are reached by tests.";

/// What stands at the end of each record of lcov.
const END: &str = "end_of_record";

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

    fn add(&mut self, other: &Self) {
        self.lines.add(other.lines);
        self.branches.add(other.branches);
        self.functions.add(other.functions);
    }

    /// Says whether no more is reached than there is.
    ///
    /// **Errors**: in a sentence, what is.
    fn check(&self) -> Result<(), String> {
        let parts = [("lines", self.lines), ("branches", self.branches), ("functions", self.functions)];
        match parts.into_iter().find(|(_, part)| part.covered > part.total) {
            Some((what, Part { covered, total })) => Err(format!("Of {total} {what} it says {covered} are reached.")),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Part {
    covered: u64,
    total: u64,
}

impl Part {
    fn add(&mut self, other: Self) {
        self.covered = self.covered.saturating_add(other.covered);
        self.total = self.total.saturating_add(other.total);
    }

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

/// Reads Istanbul's summary.
///
/// **Errors**: in a sentence, more that is reached than there is.
pub(super) fn read_json(text: &str) -> Result<Option<Reading>, String> {
    let Some(Summary { total: Totals { lines, branches, functions } }) = json(text) else { return Ok(None) };
    let coverage = Coverage { lines, branches, functions };
    coverage.check()?;
    Ok(Some(reading(coverage)))
}

/// Reads the sums that stand at the end of each file of an lcov record.
///
/// **Errors**: a sum that is no number, more that is reached than there is, a record without its end.
pub(super) fn read_lcov(text: &str, until: Deadline) -> Result<Option<Reading>, Refused> {
    if !text.lines().any(|line| line.trim_end() == END) {
        return Ok(None);
    }
    let (mut sum, mut of_file, mut is_open) = (Coverage::default(), Coverage::default(), false);
    for (place, line) in text.lines().enumerate() {
        until.check()?;
        if line.trim_end() == END {
            of_file.check()?;
            sum.add(&of_file);
            (of_file, is_open) = (Coverage::default(), false);
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        let into = match name {
            "SF" if is_open => return Err(format!("A record has no `{END}` before line {}.", place + 1).into()),
            "SF" => {
                is_open = true;
                continue;
            }
            "LF" => &mut of_file.lines.total,
            "LH" => &mut of_file.lines.covered,
            "BRF" => &mut of_file.branches.total,
            "BRH" => &mut of_file.branches.covered,
            "FNF" => &mut of_file.functions.total,
            "FNH" => &mut of_file.functions.covered,
            _ => continue,
        };
        let value = value.trim().parse::<u64>();
        let value = value.map_err(|_| format!("What follows `{name}` in line {} is no number.", place + 1))?;
        *into = into.saturating_add(value);
    }
    if is_open {
        return Err(format!("It is cut off: its last record has no `{END}`.").into());
    }
    Ok(Some(reading(sum)))
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
