//! A number with a direction: the part of a line that says `> 99%` or `< 10/day`.
//!
//! Separate because three readers share it: the importer finds it in text, metric lines are decided by it, and
//! rollback indicators trip on it. Deliberately absent: where the measured value comes from.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The direction of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Comparison {
    /// The value has to be greater; equal does not pass.
    Above,
    /// The value has to be greater or equal.
    AtLeast,
    /// The value has to be smaller; equal does not pass.
    Below,
    /// The value has to be smaller or equal.
    AtMost,
}

impl Comparison {
    /// Gives the sign as it is written between a name and a number.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

/// A limit as a line states it, compared exactly as written.
///
/// **Units**: `value` counts `unit`; the unit is the text of the source in one spelling (`%`, `ms`, `per day`), empty when
/// the source gives none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Which side passes.
    pub comparison: Comparison,
    /// The bound, an exact decimal.
    #[ts(type = "string")]
    pub value: Decimal,
    /// What the value counts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

/// Words that stand for a sign when a number follows them, longest first.
const WORDS: &[(&str, Comparison)] = &[
    ("no more than ", Comparison::AtMost),
    ("no less than ", Comparison::AtLeast),
    ("greater than ", Comparison::Above),
    ("higher than ", Comparison::Above),
    ("lower than ", Comparison::Below),
    ("more than ", Comparison::Above),
    ("less than ", Comparison::Below),
    ("at least ", Comparison::AtLeast),
    ("at most ", Comparison::AtMost),
    ("above ", Comparison::Above),
    ("below ", Comparison::Below),
    ("under ", Comparison::Below),
];

/// Spellings of units, each with the one we keep; longest first among those with a common beginning.
const UNITS: &[(&str, &str)] = &[
    ("percentage points", "points"),
    ("percent", "%"),
    ("%", "%"),
    ("milliseconds", "ms"),
    ("millisecond", "ms"),
    ("ms", "ms"),
    ("seconds", "s"),
    ("second", "s"),
    ("sec", "s"),
    ("s", "s"),
    ("minutes", "min"),
    ("minute", "min"),
    ("min", "min"),
    ("hours", "h"),
    ("hour", "h"),
    ("h", "h"),
    ("days", "days"),
    ("/day", "per day"),
    ("per day", "per day"),
    ("a day", "per day"),
    ("/hour", "per hour"),
    ("per hour", "per hour"),
    ("/week", "per week"),
    ("per week", "per week"),
    ("/month", "per month"),
    ("per month", "per month"),
    ("/s", "per s"),
    ("per second", "per s"),
];

impl Limit {
    /// Finds the first limit in a line of text.
    ///
    /// **Shape**: a sign (`> >= < <= ≥ ≤`) or words that say the same, then a number, then perhaps a unit. Arrows
    /// (`->`, `=>`) and tags (`<b>`) are not limits.
    /// **Example**: `Webhook success rate > 99%` gives `> 99 %`.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        text.char_indices().find_map(|(at, _)| {
            let (before, rest) = text.split_at_checked(at)?;
            let (comparison, after) = sign(before, rest).or_else(|| word(before, rest))?;
            let (value, after) = number(after.trim_start())?;
            Some(Self { comparison, value, unit: unit(after) })
        })
    }

    /// Says whether a value passes; strict as written, so 99 does not pass `> 99`.
    #[must_use]
    pub fn allows(&self, value: &BigRational) -> bool {
        let bound = self.bound();
        match self.comparison {
            Comparison::Above => *value > bound,
            Comparison::AtLeast => *value >= bound,
            Comparison::Below => *value < bound,
            Comparison::AtMost => *value <= bound,
        }
    }

    /// Says whether greater values are on the side that passes.
    #[must_use]
    pub fn allows_more(&self) -> bool {
        matches!(self.comparison, Comparison::Above | Comparison::AtLeast)
    }

    /// Gives the bound as an exact ratio.
    #[must_use]
    pub fn bound(&self) -> BigRational {
        BigRational::new(self.value.mantissa().into(), BigInt::from(10).pow(self.value.scale()))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.comparison.sign(), self.value)?;
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
    }
}

fn sign<'a>(before: &str, rest: &'a str) -> Option<(Comparison, &'a str)> {
    let pairs = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        ("≥", Comparison::AtLeast),
        ("≤", Comparison::AtMost),
        (">", Comparison::Above),
        ("<", Comparison::Below),
    ];
    let found = pairs.iter().find_map(|(sign, comparison)| Some((*comparison, rest.strip_prefix(sign)?)))?;
    // `->` and `=>` are arrows; `<=` and `>=` start here, so only what stands before the sign can make it an arrow.
    (!before.ends_with(['-', '=', '<', '>']) && !ends_in_tag(before)).then_some(found)
}

/// Says whether a `>` here would close a tag such as `<b>` or `</b>`.
fn ends_in_tag(before: &str) -> bool {
    // No tag in a line of a checklist is longer, and a line may be a megabyte of signs.
    const TAG_CHARS_MAX: usize = 40;
    let name: Vec<char> = before.chars().rev().take(TAG_CHARS_MAX).take_while(|c| *c != '<').collect();
    let opened = name.len() < before.chars().rev().take(TAG_CHARS_MAX).count();
    let first = name.iter().rev().find(|c| **c != '/');
    opened && first.is_some_and(|c| c.is_alphabetic()) && !name.iter().any(|c| matches!(c, ' ' | '>'))
}

fn word<'a>(before: &str, rest: &'a str) -> Option<(Comparison, &'a str)> {
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    WORDS.iter().find_map(|(word, comparison)| Some((*comparison, rest.strip_prefix(word)?)))
}

/// Reads a number; a comma with exactly three digits behind it groups thousands, any other comma is a decimal comma.
fn number(text: &str) -> Option<(Decimal, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let trimmed = digits.trim_end_matches(['.', ',']);
    let plain = match trimmed.split_once(',') {
        Some((_, fraction)) if fraction.len() != 3 && !fraction.contains([',', '.']) => trimmed.replace(',', "."),
        _ => trimmed.replace(',', ""),
    };
    plain.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
    Some((plain.parse().ok()?, rest))
}

fn unit(after: &str) -> String {
    let after = after.trim_start();
    let whole_word = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
    UNITS
        .iter()
        .find(|(spelling, _)| after.strip_prefix(spelling).is_some_and(whole_word))
        .map_or_else(String::new, |(_, unit)| (*unit).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Option<&str>) {
        assert_eq!(Limit::find(text).map(|limit| limit.to_string()).as_deref(), wanted, "{text}");
    }

    #[test]
    fn limits_are_found_as_people_write_them() {
        check("Webhook success rate > 99%", Some("> 99 %"));
        check("API response time < 200ms", Some("< 200 ms"));
        check("Error rate < 0.1%", Some("< 0.1 %"));
        check("Customer support tickets < 10/day", Some("< 10 per day"));
        check("Payment processing failures >5%", Some("> 5 %"));
        check("Code coverage meets requirements (>80%)", Some("> 80 %"));
        check("Latency ≤ 1,500 ms", Some("<= 1500 ms"));
        check("Fehlerrate < 0,1 %", Some("< 0.1 %"));
        check("Coverage of at least 80 percent", Some(">= 80 %"));
        check("No more than 3 open incidents", Some("<= 3"));
        check("Queue depth >= 1.", Some(">= 1"));
    }

    #[test]
    fn arrows_tags_and_plain_numbers_are_not_limits() {
        for text in
            ["a -> 5", "a => 5", "<b>5</b>", "Enable for 10% of users", "above all", "i < n", "thunder 5", "> x"]
        {
            check(text, None);
        }
    }

    #[test]
    fn comparison_is_strict_as_written() {
        let of = |n: i64, d: i64| BigRational::new(n.into(), d.into());
        let above = Limit::find("> 99%").unwrap();
        assert!(!above.allows(&of(99, 1)));
        assert!(above.allows(&of(99_001, 1000)));
        let at_least = Limit::find(">= 99%").unwrap();
        assert!(at_least.allows(&of(99, 1)));
        let below = Limit::find("< 0.1%").unwrap();
        assert!(!below.allows(&of(1, 10)));
        assert!(below.allows(&of(1, 11)));
    }

    #[test]
    fn the_wire_holds_no_number() {
        let json = serde_json::to_string(&Limit::find("> 99.90 %").unwrap()).unwrap();
        assert_eq!(json, r#"{"comparison":"above","value":"99.90","unit":"%"}"#);
    }
}
