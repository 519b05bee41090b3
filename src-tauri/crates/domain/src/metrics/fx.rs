//! Exchange rates, and sums that need them.
//!
//! Rates come from a table that a person fills. A currency without a rate is left out of a total and named beside it:
//! it never counts one to one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use rust_decimal::Decimal;

use super::amount::{exact, whole};
use crate::money::{Currency, Micro};
use crate::rate::round_half_away;

/// One line of the table: one major unit of `base` costs `rate` major units of `quote`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FxRate {
    /// The local date it is of.
    pub date: Date,
    /// What is bought.
    pub base: Currency,
    /// What is paid.
    pub quote: Currency,
    /// Its price.
    pub rate: Decimal,
}

/// Rates into one reporting currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fx {
    reporting: Currency,
    by_currency: BTreeMap<Currency, BTreeMap<Date, Factor>>,
}

/// Minor units of the reporting currency for one minor unit of another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Factor {
    exact: BigRational,
    /// The same, where it fits: whole books are converted with it.
    small: Option<(i128, i128)>,
}

impl Fx {
    /// Takes a table.
    ///
    /// **Shape**: rates into the reporting currency are used, else rates out of it, turned round; all others are not.
    #[must_use]
    pub fn new(reporting: Currency, table: &[FxRate]) -> Self {
        let mut by_currency = BTreeMap::<Currency, BTreeMap<Date, Factor>>::new();
        for line in table.iter().filter(|line| line.rate > Decimal::ZERO) {
            let rate = exact(line.rate);
            if line.quote == reporting && line.base != reporting {
                let of_base = by_currency.entry(line.base).or_default();
                of_base.insert(line.date, Factor::new(rate, line.base, reporting));
            } else if line.base == reporting && line.quote != reporting {
                let of_quote = by_currency.entry(line.quote).or_default();
                of_quote.entry(line.date).or_insert_with(|| Factor::new(rate.recip(), line.quote, reporting));
            }
        }
        Self { reporting, by_currency }
    }

    /// Gives the reporting currency.
    #[must_use]
    pub fn reporting(&self) -> Currency {
        self.reporting
    }

    /// Gives the rates of a date; where a currency has none on it, its latest earlier one.
    #[must_use]
    pub fn on(&self, date: Date) -> Rates<'_> {
        let latest = |(currency, by_date): (&Currency, &'_ BTreeMap<Date, Factor>)| {
            by_date.range(..=date).next_back().map(|(date, _)| (*currency, *date))
        };
        let dates: Vec<(Currency, Date)> = self.by_currency.iter().filter_map(latest).collect();
        let factor = |(currency, date): (Currency, Date)| {
            self.by_currency.get(&currency).and_then(|by_date| by_date.get(&date)).map(|factor| (currency, factor))
        };
        Rates { reporting: self.reporting, factors: dates.into_iter().filter_map(factor).collect() }
    }
}

impl Factor {
    fn new(major: BigRational, from: Currency, to: Currency) -> Self {
        let ten = BigInt::from(10);
        let exact = major * whole(ten.pow(to.exponent())) / whole(ten.pow(from.exponent()));
        let small = exact.numer().to_i128().zip(exact.denom().to_i128());
        Self { exact, small }
    }

    fn convert(&self, micro: Micro) -> Option<Micro> {
        let small = self.small.and_then(|(numerator, denominator)| {
            let product = micro.0.checked_mul(numerator)?;
            let (whole, rest) = (product / denominator, product % denominator);
            let is_half = rest.unsigned_abs() >= denominator.unsigned_abs() - rest.unsigned_abs();
            Some(whole + if is_half { product.signum() } else { 0 })
        });
        small.or_else(|| round_half_away(&(whole(micro.0) * &self.exact))).map(Micro)
    }
}

/// The rates of one date.
#[derive(Debug, Clone)]
pub struct Rates<'a> {
    reporting: Currency,
    factors: Vec<(Currency, &'a Factor)>,
}

impl Rates<'_> {
    /// Says whether a currency can be converted.
    #[must_use]
    pub fn know(&self, currency: Currency) -> bool {
        currency == self.reporting || self.factors.iter().any(|(known, _)| *known == currency)
    }

    /// Converts an amount into the reporting currency, rounded to a micro-unit; `None` without a rate.
    #[must_use]
    pub fn convert(&self, micro: Micro, currency: Currency) -> Option<Micro> {
        if currency == self.reporting {
            return Some(micro);
        }
        self.factors.iter().find(|(known, _)| *known == currency)?.1.convert(micro)
    }

    /// Keeps only currencies that other rates know too.
    #[must_use]
    pub fn known_also_to(mut self, others: &Rates<'_>) -> Self {
        self.factors.retain(|(currency, _)| others.know(*currency));
        self
    }
}

/// A sum over several currencies.
///
/// **Units**: micro-units. `converted` is of the reporting currency, without the currencies named in `unconverted`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Total {
    /// Each currency by itself.
    pub by_currency: BTreeMap<Currency, Micro>,
    /// Everything that has a rate.
    pub converted: Micro,
    /// Currencies without a rate.
    pub unconverted: BTreeSet<Currency>,
}

impl Total {
    /// Adds an amount.
    pub fn add(&mut self, micro: Micro, currency: Currency, rates: &Rates<'_>) {
        *self.by_currency.entry(currency).or_default() += micro;
        match rates.convert(micro, currency) {
            Some(converted) => self.converted += converted,
            None => {
                self.unconverted.insert(currency);
            }
        }
    }

    /// Gives the converted amount where nothing is missing from it: ratios over a partial amount would mislead.
    #[must_use]
    pub fn whole(&self) -> Option<Micro> {
        self.unconverted.is_empty().then_some(self.converted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn table() -> Fx {
        let line = |day, base, quote, rate: &str| FxRate {
            date: date(day),
            base: currency(base),
            quote: currency(quote),
            rate: rate.parse().unwrap(),
        };
        Fx::new(
            Currency::USD,
            &[
                line("2026-01-01", "eur", "usd", "1.10"),
                line("2026-01-31", "eur", "usd", "1.20"),
                line("2026-01-01", "jpy", "usd", "0.0066"),
                line("2026-01-01", "usd", "kwd", "0.25"),
                line("2026-01-01", "gbp", "eur", "1.15"),
            ],
        )
    }

    #[test]
    fn the_latest_earlier_rate_counts_and_exponents_are_minded() {
        let fx = table();
        let converted = |day, minor: i64, code| {
            let micro = Micro(i128::from(minor) * Micro::PER_MINOR);
            fx.on(date(day)).convert(micro, currency(code)).map(|micro| micro.0)
        };
        assert_eq!(converted("2026-01-30", 5000, "eur"), Some(5_500_000_000));
        assert_eq!(converted("2026-02-15", 5000, "eur"), Some(6_000_000_000));
        assert_eq!(converted("2026-01-01", 30_000, "jpy"), Some(19_800_000_000), "no minor digits");
        assert_eq!(converted("2026-01-01", 1000, "kwd"), Some(400_000_000), "three, and the rate turned round");
        assert_eq!(converted("2025-12-31", 5000, "eur"), None);
        assert_eq!(converted("2026-01-01", 5000, "gbp"), None, "no way through a third currency");
        assert_eq!(converted("2020-01-01", 7, "usd"), Some(7_000_000));
    }

    #[test]
    fn conversion_rounds_half_away_also_where_numbers_are_huge() {
        let factor = |text: &str| Factor::new(exact(text.parse().unwrap()), Currency::USD, Currency::USD);
        for (rate, micro, expected) in [("0.5", 3, 2), ("0.5", -3, -2), ("0.3", 1, 0), ("0.3", 2, 1), ("0.7", -1, -1)] {
            assert_eq!(factor(rate).convert(Micro(micro)), Some(Micro(expected)), "{rate} x {micro}");
        }
        let huge = Micro(i128::MAX / 4);
        assert_eq!(
            factor("1.5").convert(huge),
            round_half_away(&(whole(huge.0) * exact("1.5".parse().unwrap()))).map(Micro)
        );
    }

    #[test]
    fn what_has_no_rate_is_named_and_left_out() {
        let fx = table();
        let rates = fx.on(date("2026-01-01"));
        let mut total = Total::default();
        total.add(Micro(10), Currency::USD, &rates);
        assert_eq!(total.whole(), Some(Micro(10)));
        total.add(Micro(10), currency("gbp"), &rates);
        assert_eq!((total.converted, total.whole()), (Micro(10), None));
        assert_eq!(total.unconverted.len(), 1);
    }
}
