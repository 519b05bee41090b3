//! Reads subscriptions with their items and discounts.
//!
//! Items may have different intervals, so periods, prices and quantities are read per item.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::ids::{PriceId, SubscriptionItemId};
use countersign_domain::money::Currency;
use countersign_domain::stripe::subscription::{
    CancellationReason, PauseBehavior, PauseCollection, Subscription, SubscriptionItem, SubscriptionStatus, TaxRate,
};
use countersign_domain::stripe::{ObjectKind, Price};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::coupon::{DiscountWire, discounts};
use super::customer::metadata;
use super::price::{PlanWire, PriceWire, plan, price};
use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Exact, Expandable, Fallbacks, Gap, Id, List, Stamp};

#[derive(Deserialize)]
struct SubscriptionWire {
    id: Id,
    customer: Id,
    status: SubscriptionStatus,
    currency: Option<Currency>,
    created: Option<Stamp>,
    start_date: Option<Stamp>,
    billing_cycle_anchor: Option<Stamp>,
    cancel_at: Option<Stamp>,
    #[serde(default)]
    cancel_at_period_end: bool,
    canceled_at: Option<Stamp>,
    ended_at: Option<Stamp>,
    cancellation_details: Option<CancellationDetails>,
    trial_start: Option<Stamp>,
    trial_end: Option<Stamp>,
    pause_collection: Option<Pause>,
    status_details: Option<StatusDetails>,
    discounts: Option<Vec<Expandable<DiscountWire>>>,
    discount: Option<Expandable<DiscountWire>>,
    items: Option<List<ItemWire>>,
    default_tax_rates: Option<Vec<TaxRateWire>>,
    latest_invoice: Option<Id>,
    collection_method: Option<String>,
    automatic_tax: Option<AutomaticTax>,
    metadata: Option<BTreeMap<String, Option<String>>>,
    current_period_start: Option<Stamp>,
    current_period_end: Option<Stamp>,
}

#[derive(Deserialize)]
struct ItemWire {
    id: Id,
    price: Option<Expandable<PriceWire>>,
    // Read only where no price stands: placeholders and very old plans must not spoil an item that has one.
    plan: Option<Value>,
    quantity_decimal: Option<Exact>,
    quantity: Option<Exact>,
    current_period_start: Option<Stamp>,
    current_period_end: Option<Stamp>,
    discounts: Option<Vec<Expandable<DiscountWire>>>,
    tax_rates: Option<Vec<TaxRateWire>>,
    current_trial: Option<CurrentTrial>,
    created: Option<Stamp>,
}

#[derive(Deserialize)]
struct CancellationDetails {
    reason: Option<CancellationReason>,
}

#[derive(Deserialize)]
struct Pause {
    behavior: PauseBehavior,
    resumes_at: Option<Stamp>,
}

#[derive(Deserialize)]
struct StatusDetails {
    paused: Option<Paused>,
}

#[derive(Deserialize)]
struct Paused {
    transitioned_at: Option<Stamp>,
}

#[derive(Deserialize)]
struct TaxRateWire {
    percentage: Exact,
    #[serde(default)]
    inclusive: bool,
}

#[derive(Deserialize)]
struct AutomaticTax {
    enabled: bool,
}

#[derive(Deserialize)]
struct CurrentTrial {
    end_date: Option<Stamp>,
}

impl FromWire for Subscription {
    const KIND: ObjectKind = ObjectKind::Subscription;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, subscription)
    }
}

fn subscription(wire: SubscriptionWire, seen: &mut Fallbacks) -> Result<Subscription, Gap> {
    let whole_period = (wire.current_period_start, wire.current_period_end);
    let items = wire.items.ok_or(Gap::Missing("items"))?.whole("items")?;
    let items = items.into_iter().map(|wire| item(wire, whole_period, seen)).collect::<Result<Vec<_>, _>>()?;
    // Renderings of before 2022 have no currency of the subscription; then its prices have one only.
    let embedded_currency = || items.iter().find_map(|item| Some(item.embedded.as_ref()?.currency));
    Ok(Subscription {
        id: wire.id.to(),
        customer: wire.customer.to(),
        status: wire.status,
        currency: seen.or(wire.currency, embedded_currency).ok_or(Gap::Missing("currency"))?,
        created_at: wire.created.map(Into::into),
        start_at: seen.or(wire.start_date, || wire.created).ok_or(Gap::Missing("start_date"))?.into(),
        billing_cycle_anchor_at: wire.billing_cycle_anchor.map(Into::into),
        cancel_at: wire.cancel_at.map(Into::into),
        cancels_at_period_end: wire.cancel_at_period_end,
        canceled_at: wire.canceled_at.map(Into::into),
        ended_at: wire.ended_at.map(Into::into),
        cancellation_reason: wire.cancellation_details.and_then(|details| details.reason),
        trial_start_at: wire.trial_start.map(Into::into),
        trial_end_at: wire.trial_end.map(Into::into),
        pause_collection: wire
            .pause_collection
            .map(|pause| PauseCollection { behavior: pause.behavior, resumes_at: pause.resumes_at.map(Into::into) }),
        paused_since: wire
            .status_details
            .and_then(|details| details.paused)
            .and_then(|paused| paused.transitioned_at)
            .map(Into::into),
        discounts: discounts(wire.discounts, wire.discount, seen),
        items,
        default_tax_rates: tax_rates(wire.default_tax_rates),
        latest_invoice: wire.latest_invoice.map(Id::to),
        collection_method: wire.collection_method,
        has_automatic_tax: wire.automatic_tax.is_some_and(|tax| tax.enabled),
        metadata: metadata(wire.metadata),
    })
}

fn item(
    wire: ItemWire,
    (whole_start, whole_end): (Option<Stamp>, Option<Stamp>),
    seen: &mut Fallbacks,
) -> Result<SubscriptionItem, Gap> {
    let (price_id, embedded) = match wire.price {
        Some(Expandable::Id(id)) => (PriceId::from(id), None),
        Some(Expandable::Object(wire)) => {
            let read = price(*wire, seen)?;
            (read.id.clone(), Some(read))
        }
        None => {
            let older = wire.plan.and_then(|value| PlanWire::deserialize(value).ok()).map(plan);
            let read = seen.or(None::<Price>, || older).ok_or(Gap::Missing("items.data[].price"))?;
            (read.id.clone(), Some(read))
        }
    };
    let stamp = |pinned: Option<Stamp>, older: Option<Stamp>, seen: &mut Fallbacks| -> Option<Instant> {
        seen.or(pinned, || older).map(Into::into)
    };
    Ok(SubscriptionItem {
        id: wire.id.to::<SubscriptionItemId>(),
        price: price_id,
        embedded: embedded.map(Box::new),
        quantity: wire.quantity_decimal.or(wire.quantity).map(Decimal::from),
        current_period_start_at: stamp(wire.current_period_start, whole_start, seen),
        current_period_end_at: stamp(wire.current_period_end, whole_end, seen),
        discounts: discounts(wire.discounts, None, seen),
        tax_rates: tax_rates(wire.tax_rates),
        trial_end_at: wire.current_trial.and_then(|trial| trial.end_date).map(Into::into),
        created_at: wire.created.map(Into::into),
    })
}

fn tax_rates(wire: Option<Vec<TaxRateWire>>) -> Vec<TaxRate> {
    let read = |rate: TaxRateWire| TaxRate { percentage: rate.percentage.into(), is_inclusive: rate.inclusive };
    wire.unwrap_or_default().into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn minimal() -> Value {
        json!({
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "currency": "usd",
            "created": 10, "start_date": 10, "livemode": false, "discounts": [],
            "items": {"object": "list", "has_more": false, "data": [{
                "id": "si_1", "price": {"id": "price_1", "object": "price", "currency": "usd"}, "quantity": 2,
                "current_period_start": 20, "current_period_end": 30,
            }]},
        })
    }

    fn read(change: impl FnOnce(&mut Value)) -> Record<Subscription> {
        let mut object = minimal();
        change(&mut object);
        Subscription::read(object).unwrap()
    }

    fn at(seconds: i64) -> Option<Instant> {
        Instant::from_timestamp(seconds, 0)
    }

    #[test]
    fn the_pinned_rendering_needs_no_fallback() {
        let record = read(|_| ());
        assert_eq!(record.fallbacks, 0);
        assert_eq!(record.value.items[0].current_period_end_at, at(30));
        assert_eq!(record.value.items[0].quantity, Some(Decimal::TWO));
    }

    #[test]
    fn a_period_of_the_whole_subscription_is_copied_to_its_items() {
        let record = read(|object| {
            object["items"]["data"][0] = json!({"id": "si_1", "price": "price_1", "quantity": "2"});
            object["current_period_start"] = json!(21);
            object["current_period_end"] = json!(31);
        });
        let item = &record.value.items[0];
        assert_eq!((item.current_period_start_at, item.current_period_end_at), (at(21), at(31)));
        assert_eq!((record.fallbacks, &item.embedded), (2, &None));
    }

    #[test]
    fn a_plan_stands_in_for_a_price_and_a_discount_for_the_list() {
        let record = read(|object| {
            object["items"]["data"][0] = json!({
                "id": "si_1", "quantity": 1, "current_period_start": 20, "current_period_end": 30,
                "plan": {"id": "gold", "object": "plan", "amount": 900, "currency": "usd", "interval": "year"},
            });
            object.as_object_mut().unwrap().remove("discounts");
            object["discount"] = json!({"id": "di_1", "start": 10, "coupon": {"id": "c", "duration": "forever"}});
        });
        let item = &record.value.items[0];
        assert_eq!(item.price, PriceId::from("gold"));
        assert_eq!(item.embedded.as_ref().unwrap().amounts.unit_amount, Some(Decimal::from(900)));
        assert_eq!(record.value.discounts[0].coupon, Some("c".into()));
        assert_eq!(record.fallbacks, 3, "plan, discount, coupon");
    }

    #[test]
    fn metered_items_have_no_quantity_and_pauses_come_in_two_kinds() {
        let record = read(|object| {
            object["items"]["data"][0].as_object_mut().unwrap().remove("quantity");
            object["items"]["data"][0]["current_trial"] = json!({"start_date": 1, "end_date": 99});
            object["status"] = json!("paused");
            object["status_details"] = json!({"paused": {"type": "x", "transitioned_at": 25}});
            object["pause_collection"] = json!({"behavior": "void", "resumes_at": null});
        });
        assert_eq!(record.value.items[0].quantity, None);
        assert_eq!(record.value.items[0].trial_end_at, at(99));
        assert_eq!(record.value.paused_since, at(25));
        assert_eq!(record.value.pause_collection.unwrap().behavior, PauseBehavior::Void);
    }

    #[test]
    fn half_a_list_is_refused() {
        let mut object = minimal();
        object["items"]["has_more"] = json!(true);
        let error = Subscription::read(object).unwrap_err();
        assert_eq!((error.path.as_str(), error.id.as_deref()), ("items", Some("sub_1")));
    }
}
