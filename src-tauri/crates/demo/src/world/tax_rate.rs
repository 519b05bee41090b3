//! What the state takes, inside a price or on top of it.
//!
//! Whole percentages only; rounding is the same for every share of an amount in this company.

use serde_json::{Value, json};

use super::{Named, No, Object, World, kept_in};

/// A tax rate.
#[derive(Debug, Clone)]
pub(crate) struct TaxRate {
    pub(crate) display_name: &'static str,
    pub(crate) country: &'static str,
    /// Whole percent.
    pub(crate) percentage: u32,
    pub(crate) is_inclusive: bool,
    pub(crate) tax_type: &'static str,
    pub(crate) created: i64,
}

impl TaxRate {
    /// Gives the tax on an amount, in or on top of it, rounded half up.
    pub(crate) fn tax_on(&self, amount: i64) -> i64 {
        let percentage = i64::from(self.percentage);
        let base = if self.is_inclusive { 100 + percentage } else { 100 };
        rounded_share(amount, percentage, base)
    }
}

/// Gives `amount * part / whole` rounded to the nearest unit, halves away from zero.
pub(crate) fn rounded_share(amount: i64, part: i64, whole: i64) -> i64 {
    let whole = i128::from(whole.max(1));
    let doubled = 2 * i128::from(amount) * i128::from(part);
    let rounded = (doubled.abs() + whole) / (2 * whole) * doubled.signum();
    i64::try_from(rounded).unwrap_or(0)
}

impl Named for TaxRate {
    const PREFIX: &'static str = "txr_1";
    const LENGTH: usize = 23;
}

impl Object for TaxRate {
    const WORD: &'static str = "tax_rate";
    kept_in!(tax_rates);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active": true,
            "country": self.country,
            "created": self.created,
            "description": null,
            "display_name": self.display_name,
            "effective_percentage": f64::from(self.percentage),
            "flat_amount": null,
            "inclusive": self.is_inclusive,
            "jurisdiction": self.country,
            "jurisdiction_level": "country",
            "livemode": false,
            "metadata": {},
            "percentage": f64::from(self.percentage),
            "rate_type": "percentage",
            "state": null,
            "tax_type": self.tax_type,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::rounded_share;

    #[test]
    fn shares_are_rounded_half_away_from_zero() {
        for (amount, part, whole, share) in
            [(100, 19, 119, 16), (5, 1, 2, 3), (-5, 1, 2, -3), (0, 7, 9, 0), (29_000, 15, 30, 14_500), (7, 1, 0, 7)]
        {
            assert_eq!(rounded_share(amount, part, whole), share, "{amount} * {part} / {whole}");
        }
    }
}
