//! What one billing period of a price costs, and how many of them make a month.
//!
//! Exact arithmetic only: nothing is rounded here. Discounts, tax and statuses are other files' business.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
use crate::stripe::Price;
use crate::stripe::price::{Amounts, Interval, Recurring, Tier, TiersMode};

/// Turns a decimal into the exact ratio it is.
#[must_use]
pub fn exact(decimal: Decimal) -> BigRational {
    BigRational::new(decimal.mantissa().into(), BigInt::from(10).pow(decimal.scale()))
}

/// Turns a whole number into an exact ratio.
#[must_use]
pub fn whole(number: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(number.into())
}

/// Why a price gives no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpriced {
    /// It has no amounts in the currency asked for.
    Currency,
    /// It has no amount: the customer chooses, or its tiers were not read.
    Amount,
}

/// Computes the amount of one billing period.
///
/// **Units**: minor units of `currency`, exact. A missing quantity is 1.
/// **Shape**: upper bounds of tiers are inclusive; a graduated tier's flat amount falls due with its first unit; quantity 0
/// pays the first tier's flat amount.
/// **Errors**: the price has no amounts in that currency, or no amount at all.
pub fn period_amount(price: &Price, currency: Currency, quantity: Option<Decimal>) -> Result<BigRational, Unpriced> {
    let amounts = amounts_in(price, currency).ok_or(Unpriced::Currency)?;
    let quantity = quantity.map_or_else(BigRational::one, exact);
    match &price.tiers_mode {
        None => {
            let unit = amounts.unit_amount.map(exact).ok_or(Unpriced::Amount)?;
            let packs = match price.transform_quantity {
                None => quantity,
                Some(pack) if pack.round_up => (quantity / whole(pack.divide_by)).ceil(),
                Some(pack) => (quantity / whole(pack.divide_by)).floor(),
            };
            Ok(unit * packs)
        }
        Some(TiersMode::Graduated) => graduated(&amounts.tiers, &quantity),
        Some(TiersMode::Volume) => volume(&amounts.tiers, &quantity),
        Some(TiersMode::Other(_)) => Err(Unpriced::Amount),
    }
}

/// Gives a price's amounts in a currency.
#[must_use]
pub fn amounts_in(price: &Price, currency: Currency) -> Option<&Amounts> {
    if price.currency == currency { Some(&price.amounts) } else { price.currency_options.get(&currency) }
}

fn graduated(tiers: &[Tier], quantity: &BigRational) -> Result<BigRational, Unpriced> {
    let first = tiers.first().ok_or(Unpriced::Amount)?;
    if quantity.is_zero() {
        return Ok(flat(first));
    }
    let mut total = BigRational::zero();
    let mut reached = BigRational::zero();
    for (tier, top) in tops(tiers) {
        let upper = top.map_or_else(|| quantity.clone(), |top| whole(top).min(quantity.clone()));
        if upper > reached {
            total += (&upper - &reached) * unit(tier) + flat(tier);
            reached = upper;
        }
    }
    Ok(total)
}

fn volume(tiers: &[Tier], quantity: &BigRational) -> Result<BigRational, Unpriced> {
    let holds = |top: Option<u64>| top.is_none_or(|top| *quantity <= whole(top));
    let (tier, _) = tops(tiers).find(|(_, top)| holds(*top)).ok_or(Unpriced::Amount)?;
    Ok(quantity * unit(tier) + flat(tier))
}

/// Pairs each tier with its inclusive upper bound. The last one is open, whatever it says.
fn tops(tiers: &[Tier]) -> impl Iterator<Item = (&Tier, Option<u64>)> {
    let last = tiers.len().saturating_sub(1);
    tiers.iter().enumerate().map(move |(place, tier)| (tier, tier.up_to.filter(|_| place < last)))
}

fn unit(tier: &Tier) -> BigRational {
    tier.unit_amount.map_or_else(BigRational::zero, exact)
}

fn flat(tier: &Tier) -> BigRational {
    tier.flat_amount.map_or_else(BigRational::zero, exact)
}

/// How often a price is billed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cadence {
    /// The unit.
    pub interval: Interval,
    /// How many of them make one billing period; at least 1.
    pub count: u32,
}

impl Cadence {
    /// Takes a price's own.
    #[must_use]
    pub fn of(recurring: &Recurring) -> Self {
        Self { interval: recurring.interval.clone(), count: recurring.interval_count.max(1) }
    }

    /// Gives the factor from one billing period to a month; `None` for an interval this build does not know.
    ///
    /// The factors are fixed: no leap years, no lengths of months.
    #[must_use]
    pub fn months_factor(&self) -> Option<BigRational> {
        let (numerator, denominator) = match self.interval {
            Interval::Month => (1, 1),
            Interval::Year => (1, 12),
            Interval::Week => (52, 12),
            Interval::Day => (365, 12),
            Interval::Other(_) => return None,
        };
        Some(BigRational::new(BigInt::from(numerator), BigInt::from(denominator) * self.count.max(1)))
    }
}

impl fmt::Display for Cadence {
    /// Writes `month` or `3 months`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => write!(f, "{}", self.interval),
            count => write!(f, "{count} {}s", self.interval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{Tiers, price};
    use crate::stripe::price::TransformQuantity;

    fn costs(price: &Price, quantity: i64) -> String {
        period_amount(price, Currency::USD, Some(quantity.into())).unwrap().to_string()
    }

    #[test]
    fn tiers_include_their_upper_bound() {
        let tiers: Tiers = &[(Some(10), "500", "0"), (Some(50), "400", "1000"), (None, "300", "0")];
        let mut graduated = price("p", "0");
        graduated.tiers_mode = Some(TiersMode::Graduated);
        graduated.amounts = crate::metrics::invented::tiers(tiers);
        for (quantity, amount) in [(0, "0"), (1, "500"), (10, "5000"), (11, "6400"), (60, "25000")] {
            assert_eq!(costs(&graduated, quantity), amount, "{quantity}");
        }
        let mut volume = graduated.clone();
        volume.tiers_mode = Some(TiersMode::Volume);
        for (quantity, amount) in [(0, "0"), (10, "5000"), (11, "5400"), (50, "21000"), (51, "15300")] {
            assert_eq!(costs(&volume, quantity), amount, "{quantity}");
        }
    }

    #[test]
    fn nothing_bought_pays_the_first_flat_amount() {
        let mut graduated = price("p", "0");
        graduated.tiers_mode = Some(TiersMode::Graduated);
        graduated.amounts = crate::metrics::invented::tiers(&[(Some(5), "100", "700"), (None, "50", "900")]);
        assert_eq!(costs(&graduated, 0), "700");
        assert_eq!(costs(&graduated, 6), "2150");
    }

    #[test]
    fn packs_round_as_they_say() {
        let mut packs = price("p", "1000");
        for (round_up, quantity, amount) in
            [(true, 11, "3000"), (true, 10, "2000"), (false, 14, "2000"), (false, 4, "0")]
        {
            packs.transform_quantity = Some(TransformQuantity { divide_by: 5, round_up });
            assert_eq!(costs(&packs, quantity), amount);
        }
    }

    #[test]
    fn a_missing_currency_or_amount_is_told() {
        let mut sub_cent = price("p", "0.000000000001");
        assert_eq!(costs(&sub_cent, 1_000_000), "1/1000000");
        assert_eq!(period_amount(&sub_cent, Currency::parse("eur").unwrap(), None), Err(Unpriced::Currency));
        sub_cent.amounts.unit_amount = None;
        assert_eq!(period_amount(&sub_cent, Currency::USD, None), Err(Unpriced::Amount));
    }

    #[test]
    fn cadences_have_fixed_factors() {
        let factor = |interval: &str, count| Cadence { interval: interval.into(), count }.months_factor();
        let table = [("month", 3, "1/3"), ("year", 1, "1/12"), ("week", 2, "13/6"), ("day", 30, "73/72")];
        for (interval, count, expected) in table {
            assert_eq!(factor(interval, count).unwrap().to_string(), expected);
        }
        assert_eq!(factor("fortnight", 1), None);
        assert_eq!(Cadence { interval: Interval::Month, count: 3 }.to_string(), "3 months");
    }
}
