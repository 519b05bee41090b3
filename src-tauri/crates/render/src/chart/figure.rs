//! Writes whole numbers of a unit as people read them: in full, and short for the ticks of an axis.
//!
//! Integer arithmetic only, so that a shown figure is the figure. Number formats of other languages are the screens'
//! work; what is written here stands in drawings, where nothing reformats it.

use countersign_domain::money::Currency;

/// The true minus sign, as wide as a digit's plus.
const MINUS: char = '\u{2212}';

/// What the whole numbers of a chart count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Minor units of a currency.
    Money(Currency),
    /// Things.
    Count,
    /// Hundredths of a percent.
    BasisPoints,
    /// Thousandths of a second.
    Milliseconds,
}

impl Unit {
    /// Decimal digits between the whole number and the unit people read.
    fn digits(self) -> u32 {
        match self {
            Self::Money(currency) => currency.exponent(),
            Self::Count => 0,
            Self::BasisPoints => 2,
            Self::Milliseconds => 3,
        }
    }

    /// Names the unit where every tick would repeat it: the currency.
    #[must_use]
    pub fn caption(self) -> Option<String> {
        match self {
            Self::Money(currency) => Some(currency.iso()),
            Self::Count | Self::BasisPoints | Self::Milliseconds => None,
        }
    }

    /// Names the scope of the unit in a row key: `usd`, `count`, `rate` or `time`.
    #[must_use]
    pub fn scope(self) -> String {
        match self {
            Self::Money(currency) => currency.code().to_owned(),
            Self::Count => "count".to_owned(),
            Self::BasisPoints => "rate".to_owned(),
            Self::Milliseconds => "time".to_owned(),
        }
    }

    /// Writes a figure with all its digits.
    ///
    /// **Example**: `12,480.00 USD`, `1,204`, `98.25 %`, `1.204 s`.
    #[must_use]
    pub fn full(self, value: i64) -> String {
        match self {
            Self::Milliseconds if value.unsigned_abs() < 1000 => format!("{} ms", decimal(value.into(), 0, 0)),
            _ => format!("{}{}", decimal(value.into(), self.digits(), self.digits()), self.suffix()),
        }
    }

    fn suffix(self) -> String {
        match self {
            Self::Money(currency) => format!(" {}", currency.iso()),
            Self::Count => String::new(),
            Self::BasisPoints => " %".to_owned(),
            Self::Milliseconds => " s".to_owned(),
        }
    }

    /// Writes the ticks of an axis, all in the same thousands and with the same decimals.
    ///
    /// **Shape**: `step` is the distance of the ticks; zero is written as a bare `0`.
    #[must_use]
    pub fn ticks(self, ticks: &[i64], step: i64) -> Vec<String> {
        let largest = ticks.iter().map(|tick| tick.unsigned_abs()).max().unwrap_or(0);
        let mut digits = self.digits();
        let mut suffix = match self {
            Self::BasisPoints => "%",
            Self::Milliseconds => " s",
            Self::Money(_) | Self::Count => "",
        };
        if self == Self::Milliseconds && largest < 1000 {
            (digits, suffix) = (0, " ms");
        }
        for (power, thousands) in [(12, "T"), (9, "B"), (6, "M"), (3, "k")] {
            if suffix.is_empty() && 10_u128.pow(digits + power) <= u128::from(largest) {
                (digits, suffix) = (digits + power, thousands);
            }
        }
        let decimals = (0..digits).find(|kept| i128::from(step) % 10_i128.pow(digits - kept) == 0).unwrap_or(digits);
        ticks
            .iter()
            .map(|&tick| match tick {
                0 => "0".to_owned(),
                _ => format!("{}{suffix}", decimal(tick.into(), digits, decimals)),
            })
            .collect()
    }
}

/// Writes `value / 10^digits` with grouped thousands; digits beyond `decimals` must be zero and are left away.
fn decimal(value: i128, digits: u32, decimals: u32) -> String {
    let unit = 10_u128.pow(digits);
    let (whole, part) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { String::from(MINUS) } else { String::new() };
    let whole = grouped(&whole.to_string());
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let part = part / 10_u128.pow(digits - decimals);
    format!("{sign}{whole}.{part:0>width$}", width = decimals as usize)
}

fn grouped(digits: &str) -> String {
    let count = digits.len();
    let mut out = String::with_capacity(count + count / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (count - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(code: &str) -> Unit {
        Unit::Money(Currency::parse(code).unwrap())
    }

    #[test]
    fn figures_are_written_in_full() {
        for (unit, value, text) in [
            (money("usd"), 1_248_000, "12,480.00 USD"),
            (money("usd"), -5, "−0.05 USD"),
            (money("jpy"), 1_234_567, "1,234,567 JPY"),
            (money("kwd"), 1_234_567, "1,234.567 KWD"),
            (money("usd"), i64::MIN, "−92,233,720,368,547,758.08 USD"),
            (Unit::Count, 999, "999"),
            (Unit::Count, 1_204, "1,204"),
            (Unit::BasisPoints, 9_825, "98.25 %"),
            (Unit::Milliseconds, 250, "250 ms"),
            (Unit::Milliseconds, 1_204, "1.204 s"),
        ] {
            assert_eq!(unit.full(value), text);
        }
    }

    #[test]
    fn ticks_share_their_thousands_and_decimals() {
        for (unit, ticks, step, texts) in [
            (money("usd"), vec![0, 500_000, 1_000_000], 500_000, vec!["0", "5k", "10k"]),
            (money("usd"), vec![0, 250_000, 500_000], 250_000, vec!["0", "2.5k", "5.0k"]),
            (money("usd"), vec![-50, 0, 50], 50, vec!["−0.5", "0", "0.5"]),
            (money("jpy"), vec![0, 500_000, 1_000_000], 500_000, vec!["0", "0.5M", "1.0M"]),
            (money("kwd"), vec![0, 20_000], 20_000, vec!["0", "20"]),
            (Unit::Count, vec![0, 2, 4], 2, vec!["0", "2", "4"]),
            (Unit::Count, vec![0, 500, 1000], 500, vec!["0", "0.5k", "1.0k"]),
            (Unit::BasisPoints, vec![9_600, 9_800, 10_000], 200, vec!["96%", "98%", "100%"]),
            (Unit::BasisPoints, vec![9_950, 9_975, 10_000], 25, vec!["99.50%", "99.75%", "100.00%"]),
            (Unit::Milliseconds, vec![0, 500], 500, vec!["0", "500 ms"]),
            (Unit::Milliseconds, vec![0, 500, 1000], 500, vec!["0", "0.5 s", "1.0 s"]),
        ] {
            assert_eq!(unit.ticks(&ticks, step), texts);
        }
    }
}
