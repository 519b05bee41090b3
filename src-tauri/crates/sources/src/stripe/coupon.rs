//! Reads coupons, and the discounts that put them on somebody.
//!
//! Discounts have no endpoint of their own: they come inside customers, subscriptions and items, whole only if expanded.

use std::collections::BTreeMap;

use countersign_domain::ids::{CouponId, DiscountId, ProductId};
use countersign_domain::money::Currency;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::coupon::{Coupon, CouponDuration, Discount};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Count, Exact, Expandable, Fallbacks, Gap, Id, Stamp, Whole};

#[derive(Debug, Deserialize)]
pub(super) struct CouponWire {
    id: Id,
    name: Option<String>,
    percent_off: Option<Exact>,
    amount_off: Option<Whole>,
    currency: Option<Currency>,
    currency_options: Option<BTreeMap<Currency, AmountOff>>,
    duration: Option<CouponDuration>,
    duration_in_months: Option<Count>,
    applies_to: Option<AppliesTo>,
    #[serde(default)]
    valid: bool,
    created: Option<Stamp>,
}

#[derive(Debug, Deserialize)]
struct AmountOff {
    amount_off: Option<Whole>,
}

#[derive(Debug, Deserialize)]
struct AppliesTo {
    products: Option<Vec<Id>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DiscountWire {
    id: Option<Id>,
    source: Option<Source>,
    coupon: Option<Expandable<CouponWire>>,
    start: Option<Stamp>,
    end: Option<Stamp>,
}

#[derive(Debug, Deserialize)]
struct Source {
    coupon: Option<Expandable<CouponWire>>,
}

impl FromWire for Coupon {
    const KIND: ObjectKind = ObjectKind::Coupon;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, coupon)
    }
}

fn coupon(wire: CouponWire, _: &mut Fallbacks) -> Result<Coupon, Gap> {
    let currencies = wire.currency_options.unwrap_or_default().into_iter();
    Ok(Coupon {
        id: wire.id.to(),
        name: wire.name,
        percent_off: wire.percent_off.map(Into::into),
        amount_off: wire.amount_off.map(Into::into),
        currency: wire.currency,
        currency_options: currencies.filter_map(|(code, off)| Some((code, off.amount_off?.into()))).collect(),
        // What is left of a deleted coupon has no duration and cannot be computed with.
        duration: wire.duration.ok_or(Gap::Missing("duration"))?,
        duration_in_months: wire.duration_in_months.map(Count::small),
        applies_to: wire
            .applies_to
            .map(|applies| applies.products.unwrap_or_default().into_iter().map(Id::to::<ProductId>).collect()),
        is_valid: wire.valid,
        created_at: wire.created.map(Into::into),
    })
}

/// Understands a discount, whole or only named.
pub(super) fn discount(wire: Expandable<DiscountWire>, seen: &mut Fallbacks) -> Discount {
    let wire = match wire {
        Expandable::Id(id) => {
            return Discount { id: id.into(), coupon: None, embedded: None, start_at: None, end_at: None };
        }
        Expandable::Object(wire) => *wire,
    };
    let given = seen.or(wire.source.and_then(|source| source.coupon), || wire.coupon);
    let (coupon_id, embedded): (Option<CouponId>, _) = match given {
        None => (None, None),
        Some(Expandable::Id(id)) => (Some(id.into()), None),
        Some(Expandable::Object(wire)) => (Some(wire.id.clone().to()), coupon(*wire, seen).ok().map(Box::new)),
    };
    Discount {
        // Renderings of before 2020 gave discounts no id.
        id: wire.id.map_or_else(|| DiscountId::from(""), Id::to),
        coupon: coupon_id,
        embedded,
        start_at: wire.start.map(Into::into),
        end_at: wire.end.map(Into::into),
    }
}

/// Reads a list of discounts, else the single one that stood in its place in old renderings.
pub(super) fn discounts(
    list: Option<Vec<Expandable<DiscountWire>>>,
    single: Option<Expandable<DiscountWire>>,
    seen: &mut Fallbacks,
) -> Vec<Discount> {
    let given = seen.or(list, || single.map(|one| vec![one])).unwrap_or_default();
    given.into_iter().map(|wire| discount(wire, seen)).collect()
}

#[cfg(test)]
mod tests {
    use countersign_domain::money::Minor;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_it_applies_to_and_further_currencies_are_read() {
        let coupon = Coupon::read(json!({
            "id": "launch", "object": "coupon", "amount_off": 500, "currency": "usd", "duration": "repeating",
            "duration_in_months": 3, "valid": true, "percent_off": null,
            "applies_to": {"products": ["prod_1"]}, "currency_options": {"eur": {"amount_off": 450}},
        }))
        .unwrap()
        .value;
        assert_eq!(coupon.applies_to, Some(vec![ProductId::from("prod_1")]));
        assert_eq!(coupon.currency_options[&Currency::parse("eur").unwrap()], Minor(450));
        assert_eq!(coupon.duration, CouponDuration::Repeating);
    }

    #[test]
    fn percentages_are_exact() {
        let coupon = json!({"id": "c", "object": "coupon", "percent_off": 25.55, "duration": "forever"});
        assert_eq!(Coupon::read(coupon).unwrap().value.percent_off, Some("25.55".parse().unwrap()));
    }

    #[test]
    fn a_discount_names_its_coupon_in_one_of_two_places() {
        let coupon = json!({"id": "c", "object": "coupon", "duration": "once", "percent_off": 10});
        let table = [
            (json!({"id": "di_1", "start": 5, "source": {"type": "coupon", "coupon": "c"}}), Some("c"), false, 0),
            (json!({"id": "di_1", "start": 5, "source": {"type": "coupon", "coupon": coupon}}), Some("c"), true, 0),
            (json!({"id": "di_1", "start": 5, "coupon": coupon}), Some("c"), true, 1),
            (
                json!({"id": "di_1", "start": 5, "source": {"coupon": {"id": "c", "deleted": true}}}),
                Some("c"),
                false,
                0,
            ),
            (json!({"id": "di_1", "start": 5, "source": {"type": "coupon", "coupon": null}}), None, false, 0),
            (json!("di_1"), None, false, 0),
        ];
        for (wire, id, is_embedded, fallbacks) in table {
            let mut seen = Fallbacks::default();
            let read = discount(serde_json::from_value(wire.clone()).unwrap(), &mut seen);
            assert_eq!(read.coupon.as_ref().map(CouponId::as_str), id, "{wire}");
            assert_eq!((read.embedded.is_some(), seen.0), (is_embedded, fallbacks), "{wire}");
        }
    }
}
