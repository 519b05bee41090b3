//! Reads prices, and the plans that stood in their place in old renderings.
//!
//! A price inside a subscription item comes without tiers and further currencies; the price list has them.

use std::collections::BTreeMap;

use countersign_domain::ids::ProductId;
use countersign_domain::money::Currency;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::price::{
    Amounts, Interval, Price, Recurring, TaxBehavior, Tier, TiersMode, TransformQuantity, UsageType,
};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Count, Exact, Fallbacks, Gap, Id, Stamp};

#[derive(Debug, Deserialize)]
pub(super) struct PriceWire {
    id: Id,
    product: Option<Id>,
    #[serde(default)]
    active: bool,
    nickname: Option<String>,
    lookup_key: Option<String>,
    currency: Option<Currency>,
    unit_amount_decimal: Option<Exact>,
    unit_amount: Option<Exact>,
    tiers: Option<Vec<TierWire>>,
    tax_behavior: Option<TaxBehavior>,
    currency_options: Option<BTreeMap<Currency, AmountsWire>>,
    recurring: Option<RecurringWire>,
    tiers_mode: Option<TiersMode>,
    transform_quantity: Option<TransformWire>,
    created: Option<Stamp>,
}

#[derive(Debug, Deserialize)]
struct AmountsWire {
    unit_amount_decimal: Option<Exact>,
    unit_amount: Option<Exact>,
    tiers: Option<Vec<TierWire>>,
    tax_behavior: Option<TaxBehavior>,
}

#[derive(Debug, Deserialize)]
struct TierWire {
    up_to: Option<Count>,
    unit_amount_decimal: Option<Exact>,
    unit_amount: Option<Exact>,
    flat_amount_decimal: Option<Exact>,
    flat_amount: Option<Exact>,
}

#[derive(Debug, Deserialize)]
struct RecurringWire {
    interval: Interval,
    interval_count: Option<Count>,
    usage_type: Option<UsageType>,
    meter: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TransformWire {
    divide_by: Count,
    round: String,
}

/// A plan: the older name of a recurring price, with its fields one level up.
#[derive(Debug, Deserialize)]
pub(super) struct PlanWire {
    id: Id,
    product: Option<Id>,
    #[serde(default)]
    active: bool,
    nickname: Option<String>,
    currency: Currency,
    amount_decimal: Option<Exact>,
    amount: Option<Exact>,
    tiers: Option<Vec<TierWire>>,
    tiers_mode: Option<TiersMode>,
    transform_usage: Option<TransformWire>,
    interval: Interval,
    interval_count: Option<Count>,
    usage_type: Option<UsageType>,
    meter: Option<String>,
    created: Option<Stamp>,
}

impl FromWire for Price {
    const KIND: ObjectKind = ObjectKind::Price;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, price)
    }
}

/// Understands a price.
pub(super) fn price(wire: PriceWire, seen: &mut Fallbacks) -> Result<Price, Gap> {
    let own = AmountsWire {
        unit_amount_decimal: wire.unit_amount_decimal,
        unit_amount: wire.unit_amount,
        tiers: wire.tiers,
        tax_behavior: None,
    };
    Ok(Price {
        id: wire.id.to(),
        product: wire.product.map(Id::to::<ProductId>),
        is_active: wire.active,
        nickname: wire.nickname,
        lookup_key: wire.lookup_key,
        currency: wire.currency.ok_or(Gap::Missing("currency"))?,
        amounts: amounts(own, seen),
        currency_options: wire
            .currency_options
            .unwrap_or_default()
            .into_iter()
            .map(|(currency, wire)| (currency, amounts(wire, seen)))
            .collect(),
        recurring: wire.recurring.map(recurring),
        tiers_mode: wire.tiers_mode,
        transform_quantity: wire.transform_quantity.map(transform),
        tax_behavior: wire.tax_behavior,
        created_at: wire.created.map(Into::into),
    })
}

/// Understands a plan as the price it is; the caller counts the fallback.
pub(super) fn plan(wire: PlanWire) -> Price {
    let mut uncounted = Fallbacks::default();
    Price {
        id: wire.id.to(),
        product: wire.product.map(Id::to::<ProductId>),
        is_active: wire.active,
        nickname: wire.nickname,
        lookup_key: None,
        currency: wire.currency,
        amounts: Amounts {
            unit_amount: wire.amount_decimal.or(wire.amount).map(Into::into),
            tiers: tiers(wire.tiers, &mut uncounted),
            tax_behavior: None,
        },
        currency_options: BTreeMap::new(),
        recurring: Some(recurring(RecurringWire {
            interval: wire.interval,
            interval_count: wire.interval_count,
            usage_type: wire.usage_type,
            meter: wire.meter,
        })),
        tiers_mode: wire.tiers_mode,
        transform_quantity: wire.transform_usage.map(transform),
        tax_behavior: None,
        created_at: wire.created.map(Into::into),
    }
}

fn amounts(wire: AmountsWire, seen: &mut Fallbacks) -> Amounts {
    Amounts {
        unit_amount: seen.or(wire.unit_amount_decimal, || wire.unit_amount).map(Into::into),
        tiers: tiers(wire.tiers, seen),
        tax_behavior: wire.tax_behavior,
    }
}

fn tiers(wire: Option<Vec<TierWire>>, seen: &mut Fallbacks) -> Vec<Tier> {
    let read = |tier: TierWire| Tier {
        up_to: tier.up_to.map(|Count(units)| units),
        unit_amount: seen.or(tier.unit_amount_decimal, || tier.unit_amount).map(Into::into),
        flat_amount: seen.or(tier.flat_amount_decimal, || tier.flat_amount).map(Into::into),
    };
    wire.unwrap_or_default().into_iter().map(read).collect()
}

fn recurring(wire: RecurringWire) -> Recurring {
    Recurring {
        interval: wire.interval,
        interval_count: wire.interval_count.map_or(1, Count::small).max(1),
        usage_type: wire.usage_type.unwrap_or(UsageType::Licensed),
        meter: wire.meter,
    }
}

fn transform(wire: TransformWire) -> TransformQuantity {
    TransformQuantity { divide_by: wire.divide_by.0.max(1), round_up: wire.round == "up" }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde_json::json;

    use super::*;

    fn read(object: Value) -> Record<Price> {
        Price::read(object).unwrap()
    }

    #[test]
    fn sub_cent_amounts_stay_exact_and_old_ones_count_as_fallback() {
        let pinned = read(json!({
            "id": "price_1", "object": "price", "currency": "usd", "active": true,
            "unit_amount": null, "unit_amount_decimal": "0.000000000001",
        }));
        assert_eq!(pinned.value.amounts.unit_amount, Some("0.000000000001".parse().unwrap()));
        assert_eq!(pinned.fallbacks, 0);
        let old = read(json!({"id": "price_1", "object": "price", "currency": "usd", "unit_amount": 1200}));
        assert_eq!((old.value.amounts.unit_amount, old.fallbacks), (Some(Decimal::from(1200)), 1));
    }

    #[test]
    fn tiers_currencies_and_packs_are_read() {
        let price = read(json!({
            "id": "price_1", "object": "price", "currency": "usd", "product": {"id": "prod_1", "deleted": true},
            "tiers_mode": "graduated", "tax_behavior": "inclusive",
            "tiers": [
                {"up_to": 10, "unit_amount": 5, "unit_amount_decimal": "5", "flat_amount": null},
                {"up_to": null, "unit_amount_decimal": "4.5", "flat_amount_decimal": "100"},
            ],
            "currency_options": {"eur": {"unit_amount_decimal": "900", "tax_behavior": "exclusive"}},
            "transform_quantity": {"divide_by": 5, "round": "up"},
            "recurring": {"interval": "fortnight", "interval_count": 2, "usage_type": "licensed", "meter": null},
        }))
        .value;
        assert_eq!(price.product, Some(ProductId::from("prod_1")));
        assert_eq!(price.amounts.tiers.len(), 2);
        assert_eq!(price.amounts.tiers[1].up_to, None);
        assert_eq!(price.tax_behavior, Some(TaxBehavior::Inclusive));
        let eur = &price.currency_options[&Currency::parse("eur").unwrap()];
        assert_eq!(eur.tax_behavior, Some(TaxBehavior::Exclusive));
        assert_eq!(price.transform_quantity, Some(TransformQuantity { divide_by: 5, round_up: true }));
        assert_eq!(price.recurring.unwrap().interval, Interval::Other("fortnight".into()));
    }

    #[test]
    fn an_error_names_the_place_and_not_the_value() {
        let broken = json!({
            "id": "price_1", "object": "price", "currency": "usd",
            "tiers": [{"up_to": 10}, {"up_to": "anna@example.com"}],
        });
        let error = Price::read(broken).unwrap_err();
        assert_eq!(error.kind, ObjectKind::Price);
        assert_eq!(error.id.as_deref(), Some("price_1"));
        assert!(!error.to_string().contains("anna"), "{error}");
        let missing = Price::read(json!({"id": "price_1", "object": "price"})).unwrap_err();
        assert_eq!(missing.to_string(), "price price_1: `currency`: missing");
    }
}
