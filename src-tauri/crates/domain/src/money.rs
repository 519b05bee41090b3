//! Money: whole minor units of a named currency.
//!
//! No float anywhere. The number of minor digits is Stripe's (not ISO 4217's), because the amounts are Stripe's.
//! MRR is kept finer, in micro-units, and rounded once where it is shown.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency by its three-letter code, lower case as Stripe writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub struct Currency([u8; 3]);

/// Currencies that Stripe writes without minor digits.
/// **Source**: docs.stripe.com/currencies, zero-decimal. UGX and ISK stand there too, but are written with two digits.
const ZERO_DECIMAL: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
/// Currencies that Stripe writes with three minor digits.
const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// The text is not a three-letter currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a three-letter currency code")]
pub struct NotACurrency(pub String);

impl Currency {
    /// US dollar, the default reporting currency.
    pub const USD: Self = Self(*b"usd");

    /// Reads a code without regard to case.
    ///
    /// **Errors**: anything but three ASCII letters.
    pub fn parse(code: &str) -> Result<Self, NotACurrency> {
        let not = || NotACurrency(code.to_owned());
        let bytes: [u8; 3] = code.trim().as_bytes().try_into().map_err(|_| not())?;
        if bytes.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(bytes.map(|b| b.to_ascii_lowercase())))
        } else {
            Err(not())
        }
    }

    /// Gives the code in lower case, as Stripe writes it.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only ASCII letters get in, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Gives the code in upper case, as people read it.
    #[must_use]
    pub fn iso(&self) -> String {
        self.code().to_ascii_uppercase()
    }

    /// Says how many minor digits Stripe writes: 0, 2 or 3.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        match self.code() {
            code if ZERO_DECIMAL.contains(&code) => 0,
            code if THREE_DECIMAL.contains(&code) => 3,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

/// An amount in whole minor units; the currency is named beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Minor(pub i64);

impl Minor {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Adds, and gives `None` where the sum leaves 64 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl Serialize for Minor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Minor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// An amount together with its currency, as it crosses every wire: `{"minor": "2900", "currency": "usd"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
pub struct Money {
    /// Whole minor units, a decimal string on the wire.
    #[ts(type = "string")]
    pub minor: Minor,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// Names an amount's currency.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor: Minor(minor), currency }
    }
}

impl fmt::Display for Money {
    /// Writes the amount as people read it: thousands set apart, all minor digits, the ISO code, `1,290.00 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.currency.exponent());
        let amount = self.minor.0.unsigned_abs();
        let (major, minor) = ((amount / unit).to_string(), amount % unit);
        f.write_str(if self.minor.0 < 0 { "-" } else { "" })?;
        for (place, digit) in major.char_indices() {
            let is_thousand = place > 0 && (major.len() - place).is_multiple_of(3);
            write!(f, "{}{digit}", if is_thousand { "," } else { "" })?;
        }
        match self.currency.exponent() {
            0 => write!(f, " {}", self.currency.iso()),
            digits => write!(f, ".{minor:0width$} {}", self.currency.iso(), width = digits as usize),
        }
    }
}

/// An amount in millionths of a minor unit: the grain in which MRR is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micro(pub i128);

impl Micro {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Micro-units in one minor unit.
    pub const PER_MINOR: i128 = 1_000_000;

    /// Rounds to whole minor units, halves away from zero. The one rounding of a shown figure.
    #[must_use]
    pub fn to_minor(self) -> Minor {
        let half = Self::PER_MINOR / 2;
        let shifted = if self.0 < 0 { self.0 - half } else { self.0 + half };
        let minor = shifted / Self::PER_MINOR;
        Minor(i64::try_from(minor).unwrap_or(if minor < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Names the currency of the rounded amount.
    #[must_use]
    pub fn to_money(self, currency: Currency) -> Money {
        Money { minor: self.to_minor(), currency }
    }

    /// Takes whole minor units.
    #[must_use]
    pub fn from_minor(minor: Minor) -> Self {
        Self(i128::from(minor.0) * Self::PER_MINOR)
    }
}

impl Add for Micro {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Micro {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Micro {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Micro {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Micro {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Micro {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Micro {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_digits_are_stripes() {
        for (code, digits) in [("usd", 2), ("JPY", 0), ("mga", 0), ("isk", 2), ("ugx", 2), ("kwd", 3), ("huf", 2)] {
            assert_eq!(Currency::parse(code).map(|c| c.exponent()), Ok(digits), "{code}");
        }
        assert!(Currency::parse("us").is_err());
        assert!(Currency::parse("u$d").is_err());
    }

    #[test]
    fn money_reads_as_people_write_it() {
        let of = |minor, code: &str| Currency::parse(code).map(|c| Money::new(minor, c).to_string());
        assert_eq!(of(2900, "usd").as_deref(), Ok("29.00 USD"));
        assert_eq!(of(-5, "usd").as_deref(), Ok("-0.05 USD"));
        assert_eq!(of(1200, "jpy").as_deref(), Ok("1,200 JPY"));
        assert_eq!(of(-123_456_789, "usd").as_deref(), Ok("-1,234,567.89 USD"));
        assert_eq!(of(99_900, "usd").as_deref(), Ok("999.00 USD"));
        assert_eq!(of(1, "kwd").as_deref(), Ok("0.001 KWD"));
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        for (micro, minor) in [(499_999, 0), (500_000, 1), (-500_000, -1), (1_500_000, 2), (-1_499_999, -1)] {
            assert_eq!(Micro(micro).to_minor(), Minor(minor));
        }
    }
}
