//! Ratios that stay exact until they are shown.
//!
//! A comparison with a limit uses the exact ratio; the text beside a limit never rounds across it.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::money::{Micro, Minor};

/// An exact ratio, on the wire `{"exact": "n/d", "pct": "12.34"}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(BigRational);

impl Rate {
    /// Divides, and gives `None` for an empty denominator: such a rate is "n/a", never 0 and never 100 %.
    #[must_use]
    pub fn of(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Option<Self> {
        let denominator = denominator.into();
        (!denominator.is_zero()).then(|| Self(BigRational::new(numerator.into(), denominator)))
    }

    /// Takes an exact ratio.
    #[must_use]
    pub fn exact(ratio: BigRational) -> Self {
        Self(ratio)
    }

    /// Gives the exact ratio.
    #[must_use]
    pub fn ratio(&self) -> &BigRational {
        &self.0
    }

    /// Writes the percentage with two decimals, halves away from zero.
    #[must_use]
    pub fn pct(&self) -> String {
        decimals(&(&self.0 * BigRational::from_integer(100.into())), 2)
    }

    /// Writes the percentage with two decimals, on the side of `limit` where the exact value lies.
    #[must_use]
    pub fn pct_beside(&self, limit: &Self) -> String {
        let hundred = BigRational::from_integer(100.into());
        let shown = self.pct();
        let step = BigRational::new(1.into(), 100.into());
        let value = &self.0 * &hundred;
        let bound = &limit.0 * &hundred;
        let rounded = (&value / &step).round() * &step;
        match (value.cmp(&bound), rounded.cmp(&bound)) {
            (Ordering::Less, Ordering::Less) | (Ordering::Greater, Ordering::Greater) | (Ordering::Equal, _) => shown,
            (Ordering::Less, _) => decimals(&((&value / &step).floor() * &step), 2),
            (Ordering::Greater, _) => decimals(&((&value / &step).ceil() * &step), 2),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0.numer(), self.0.denom())
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rate = serializer.serialize_struct("Rate", 2)?;
        rate.serialize_field("exact", &self.to_string())?;
        rate.serialize_field("pct", &self.pct())?;
        rate.end()
    }
}

/// An amount that is a quotient and not a sum, in minor units, on the wire `{"exact": "n/d", "minor": "123"}`.
///
/// **Units**: minor units of the currency named beside it, exact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Average(BigRational);

impl Average {
    /// Divides an amount by a count, and gives `None` for nothing to divide by.
    #[must_use]
    pub fn of(amount: Micro, count: u64) -> Option<Self> {
        let denominator = BigInt::from(Micro::PER_MINOR) * count;
        (count > 0).then(|| Self(BigRational::new(amount.0.into(), denominator)))
    }

    /// Takes an exact amount in minor units.
    #[must_use]
    pub fn exact(minor: BigRational) -> Self {
        Self(minor)
    }

    /// Gives the exact amount in minor units.
    #[must_use]
    pub fn ratio(&self) -> &BigRational {
        &self.0
    }

    /// Rounds to whole minor units, halves away from zero; `None` where they leave 64 bits.
    #[must_use]
    pub fn to_minor(&self) -> Option<Minor> {
        self.0.round().to_integer().to_i64().map(Minor)
    }
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Average {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut average = serializer.serialize_struct("Average", 2)?;
        average.serialize_field("exact", &self.to_string())?;
        average.serialize_field("minor", &self.to_minor())?;
        average.end()
    }
}

/// Writes an exact number with a fixed count of decimals, halves away from zero.
#[must_use]
pub fn decimals(value: &BigRational, places: u32) -> String {
    let scale = BigInt::from(10).pow(places);
    let scaled = (value * BigRational::from_integer(scale)).round().to_integer();
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.abs(), width = places as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places as usize));
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// Rounds an exact number to an integer, halves away from zero; `None` where it leaves 128 bits.
#[must_use]
pub fn round_half_away(value: &BigRational) -> Option<i128> {
    value.round().to_integer().to_i128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_rate_never_crosses_its_limit() {
        let limit = Rate::of(99, 100).unwrap();
        let just_under = Rate::of(98_996, 100_000).unwrap();
        assert_eq!(just_under.pct(), "99.00");
        assert_eq!(just_under.pct_beside(&limit), "98.99");
        let just_over = Rate::of(99_004, 100_000).unwrap();
        assert_eq!(just_over.pct_beside(&limit), "99.01");
        assert_eq!(limit.pct_beside(&limit), "99.00");
    }

    #[test]
    fn an_empty_denominator_is_no_rate() {
        assert_eq!(Rate::of(0, 0), None);
    }

    #[test]
    fn the_wire_form_is_exact_and_readable() {
        let rate = Rate::of(50, 150).unwrap();
        assert_eq!(serde_json::to_string(&rate).unwrap(), r#"{"exact":"1/3","pct":"33.33"}"#);
    }
}
