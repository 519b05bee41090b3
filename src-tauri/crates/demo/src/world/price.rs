//! What it costs: flat, tiered, transformed, metered, in one currency or several.
//!
//! Tiers and currency options are rendered only when they are asked for, as Stripe does it.

use serde_json::{Map, Value, json};

use super::{Currency, Meter, Named, No, Object, Product, World, kept_in};
use crate::calendar::Interval;

/// One step of a tiered price. **Units**: minor units; `up_to` is inclusive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tier {
    pub(crate) up_to: Option<u32>,
    pub(crate) unit: i64,
    pub(crate) flat: i64,
}

/// How a quantity becomes an amount.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scheme {
    /// So much a unit.
    Unit(i64),
    /// So much a packet of units, begun packets count.
    Packet { size: u32, amount: i64 },
    /// Each tier's units at that tier's price.
    Graduated(&'static [Tier]),
    /// All units at the price of the tier that holds the quantity.
    Volume(&'static [Tier]),
}

impl Scheme {
    /// Gives the amount of a quantity, in minor units.
    pub(crate) fn amount(self, quantity: u32) -> i64 {
        match self {
            Self::Unit(unit) => unit * i64::from(quantity),
            Self::Packet { size, amount } => amount * i64::from(quantity.div_ceil(size.max(1))),
            Self::Graduated(tiers) => graduated(tiers, quantity),
            Self::Volume(tiers) => tiers
                .iter()
                .find(|tier| tier.up_to.is_none_or(|up_to| quantity <= up_to))
                .map_or(0, |tier| tier.unit * i64::from(quantity) + tier.flat),
        }
    }

    /// The amount of one unit, where it does not depend on the quantity.
    pub(crate) fn unit(self) -> Option<i64> {
        match self {
            Self::Unit(amount) | Self::Packet { amount, .. } => Some(amount),
            Self::Graduated(_) | Self::Volume(_) => None,
        }
    }

    fn tiers(self) -> Option<(&'static str, &'static [Tier])> {
        match self {
            Self::Unit(_) | Self::Packet { .. } => None,
            Self::Graduated(tiers) => Some(("graduated", tiers)),
            Self::Volume(tiers) => Some(("volume", tiers)),
        }
    }
}

fn graduated(tiers: &[Tier], quantity: u32) -> i64 {
    let mut from = 0;
    let mut amount = 0;
    for tier in tiers {
        let until = tier.up_to.map_or(quantity, |up_to| up_to.min(quantity));
        if until > from || from == 0 {
            amount += tier.flat + tier.unit * i64::from(until.saturating_sub(from));
        }
        from = until.max(from);
        if tier.up_to.is_none_or(|up_to| quantity <= up_to) {
            break;
        }
    }
    amount
}

/// What a price counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// What was agreed.
    Licensed,
    /// What was used, as a meter says.
    Metered(No<Meter>),
    /// Nothing that recurs.
    Once,
}

/// A price.
#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) product: No<Product>,
    pub(crate) nickname: &'static str,
    pub(crate) lookup_key: Option<&'static str>,
    pub(crate) currency: Currency,
    pub(crate) scheme: Scheme,
    /// The unit amount in further currencies.
    pub(crate) options: &'static [(Currency, i64)],
    pub(crate) interval: Interval,
    pub(crate) usage: Usage,
    pub(crate) is_tax_inclusive: bool,
    pub(crate) is_active: bool,
    /// Made together with a subscription; such prices are in no list.
    pub(crate) is_inline: bool,
    pub(crate) created: i64,
}

impl Price {
    /// Gives the scheme in a currency; a currency without an option costs nothing.
    pub(crate) fn scheme_in(&self, currency: Currency) -> Scheme {
        if currency == self.currency {
            return self.scheme;
        }
        let option = self.options.iter().find(|(option, _)| *option == currency);
        Scheme::Unit(option.map_or(0, |(_, unit)| *unit))
    }

    /// Whether it is agreed and recurs: the kind that makes MRR.
    pub(crate) fn is_licensed(&self) -> bool {
        self.usage == Usage::Licensed
    }

    /// The word Stripe uses: whether it recurs.
    pub(crate) fn kind(&self) -> &'static str {
        if self.usage == Usage::Once { "one_time" } else { "recurring" }
    }

    /// The word Stripe uses for what a recurring price counts.
    pub(crate) fn usage_type(&self) -> Option<&'static str> {
        match self.usage {
            Usage::Licensed => Some("licensed"),
            Usage::Metered(_) => Some("metered"),
            Usage::Once => None,
        }
    }

    /// The meter of a metered price.
    pub(crate) fn meter(&self) -> Option<No<Meter>> {
        match self.usage {
            Usage::Metered(meter) => Some(meter),
            Usage::Licensed | Usage::Once => None,
        }
    }

    fn tax_behavior(&self) -> &'static str {
        if self.is_tax_inclusive { "inclusive" } else { "exclusive" }
    }

    /// Renders the tiers; `None` for a price without.
    pub(crate) fn tiers_json(&self) -> Option<Value> {
        let (_, tiers) = self.scheme.tiers()?;
        Some(tiers.iter().map(|tier| tier_json(*tier)).collect())
    }

    /// Renders the amounts in every currency, the price's own among them.
    pub(crate) fn currency_options_json(&self) -> Value {
        let own = (self.currency, self.scheme);
        let further = self.options.iter().map(|(currency, unit)| (*currency, Scheme::Unit(*unit)));
        let options = std::iter::once(own).chain(further).map(|(currency, scheme)| {
            let mut option = json!({
                "custom_unit_amount": null,
                "tax_behavior": self.tax_behavior(),
                "unit_amount": scheme.unit(),
                "unit_amount_decimal": scheme.unit().map(|unit| unit.to_string()),
            });
            if let (Some((_, tiers)), Some(fields)) = (scheme.tiers(), option.as_object_mut()) {
                fields.insert("tiers".to_owned(), tiers.iter().map(|tier| tier_json(*tier)).collect());
            }
            (currency.code().to_owned(), option)
        });
        Value::Object(options.collect::<Map<_, _>>())
    }

    fn recurring_json(&self, world: &World) -> Value {
        let Some(usage_type) = self.usage_type() else { return Value::Null };
        json!({
            "interval": self.interval.word(),
            "interval_count": 1,
            "meter": self.meter().map(|meter| world.id(meter)),
            "trial_period_days": null,
            "usage_type": usage_type,
        })
    }

    fn transform_json(&self) -> Value {
        match self.scheme {
            Scheme::Packet { size, .. } => json!({ "divide_by": size, "round": "up" }),
            _ => Value::Null,
        }
    }

    /// Renders the plan that old renderings and subscription items carry beside the price.
    pub(crate) fn plan_json(&self, no: No<Self>, world: &World) -> Value {
        let unit = self.scheme.unit();
        json!({
            "id": world.id(no),
            "object": "plan",
            "active": self.is_active,
            "amount": unit,
            "amount_decimal": unit.map(|unit| unit.to_string()),
            "billing_scheme": if unit.is_some() { "per_unit" } else { "tiered" },
            "created": self.created,
            "currency": self.currency.code(),
            "interval": self.interval.word(),
            "interval_count": 1,
            "livemode": false,
            "metadata": {},
            "meter": self.meter().map(|meter| world.id(meter)),
            "nickname": self.nickname,
            "product": world.id(self.product),
            "tiers_mode": self.scheme.tiers().map(|(mode, _)| mode),
            "transform_usage": self.transform_json(),
            "trial_period_days": null,
            "usage_type": self.usage_type().unwrap_or("licensed"),
        })
    }
}

fn tier_json(tier: Tier) -> Value {
    json!({
        "flat_amount": tier.flat,
        "flat_amount_decimal": tier.flat.to_string(),
        "unit_amount": tier.unit,
        "unit_amount_decimal": tier.unit.to_string(),
        "up_to": tier.up_to,
    })
}

impl Named for Price {
    const PREFIX: &'static str = "price_";
    const LENGTH: usize = 24;
}

impl Object for Price {
    const WORD: &'static str = "price";
    kept_in!(prices);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let unit = self.scheme.unit();
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active": self.is_active,
            "billing_scheme": if unit.is_some() { "per_unit" } else { "tiered" },
            "created": self.created,
            "currency": self.currency.code(),
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": {},
            "nickname": self.nickname,
            "product": world.id(self.product),
            "recurring": self.recurring_json(world),
            "tax_behavior": self.tax_behavior(),
            "tiers_mode": self.scheme.tiers().map(|(mode, _)| mode),
            "transform_quantity": self.transform_json(),
            "type": self.kind(),
            "unit_amount": unit,
            "unit_amount_decimal": unit.map(|unit| unit.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_become_amounts() {
        const TIERS: &[Tier] = &[
            Tier { up_to: Some(5), unit: 0, flat: 4_900 },
            Tier { up_to: Some(20), unit: 800, flat: 0 },
            Tier { up_to: None, unit: 600, flat: 100 },
        ];
        let cases = [
            (Scheme::Unit(2_900), 2, 5_800),
            (Scheme::Packet { size: 10, amount: 500 }, 20, 1_000),
            (Scheme::Packet { size: 10, amount: 500 }, 21, 1_500),
            (Scheme::Graduated(TIERS), 0, 4_900),
            (Scheme::Graduated(TIERS), 5, 4_900),
            (Scheme::Graduated(TIERS), 6, 5_700),
            (Scheme::Graduated(TIERS), 20, 16_900),
            (Scheme::Graduated(TIERS), 22, 16_900 + 1_300),
            (Scheme::Volume(TIERS), 5, 4_900),
            (Scheme::Volume(TIERS), 6, 4_800),
            (Scheme::Volume(TIERS), 100, 60_100),
        ];
        for (scheme, quantity, amount) in cases {
            assert_eq!(scheme.amount(quantity), amount, "{scheme:?} of {quantity}");
        }
    }
}
