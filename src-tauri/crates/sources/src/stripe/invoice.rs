//! Reads invoices with all their lines.
//!
//! What a line is about moved to `parent` and `pricing` in 2025; the older places are still found in event payloads.

use countersign_domain::ids::{PriceId, ProductId, SubscriptionId};
use countersign_domain::money::{Currency, Minor};
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::invoice::{Invoice, InvoiceLine, InvoiceStatus};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Count, Exact, Fallbacks, Gap, Id, List, Stamp, Whole};

#[derive(Deserialize)]
struct InvoiceWire {
    id: Id,
    number: Option<String>,
    customer: Option<Id>,
    status: Option<InvoiceStatus>,
    currency: Currency,
    billing_reason: Option<String>,
    // `None` is a rendering without the key, `Some(None)` an invoice without a parent.
    #[serde(default, deserialize_with = "present")]
    parent: Option<Option<Parent>>,
    total: Whole,
    subtotal: Whole,
    total_taxes: Option<Vec<Tax>>,
    amount_due: Whole,
    amount_paid: Whole,
    amount_remaining: Whole,
    amount_paid_off_stripe: Option<Whole>,
    attempt_count: Option<Count>,
    next_payment_attempt: Option<Stamp>,
    created: Stamp,
    due_date: Option<Stamp>,
    status_transitions: Option<Transitions>,
    webhooks_delivered_at: Option<Stamp>,
    lines: List<LineWire>,
    // Older places.
    subscription: Option<Id>,
    paid: Option<bool>,
    paid_out_of_band: Option<bool>,
    total_tax_amounts: Option<Vec<Tax>>,
    tax: Option<Whole>,
}

#[derive(Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Deserialize)]
struct SubscriptionDetails {
    subscription: Option<Id>,
}

#[derive(Default, Deserialize)]
struct Transitions {
    finalized_at: Option<Stamp>,
    paid_at: Option<Stamp>,
    voided_at: Option<Stamp>,
    marked_uncollectible_at: Option<Stamp>,
}

/// A tax on an invoice or line, in the pinned (`tax_behavior`) and the older (`inclusive`) rendering.
#[derive(Deserialize)]
struct Tax {
    amount: Whole,
    tax_behavior: Option<String>,
    inclusive: Option<bool>,
}

#[derive(Deserialize)]
struct LineWire {
    id: Id,
    amount: Whole,
    description: Option<String>,
    period: Period,
    quantity_decimal: Option<Exact>,
    quantity: Option<Exact>,
    pricing: Option<Pricing>,
    parent: Option<LineParent>,
    discount_amounts: Option<Vec<Amount>>,
    taxes: Option<Vec<Tax>>,
    // Older places.
    price: Option<PricedBy>,
    plan: Option<PricedBy>,
    subscription: Option<Id>,
    subscription_item: Option<Id>,
    proration: Option<bool>,
    tax_amounts: Option<Vec<Tax>>,
}

#[derive(Deserialize)]
struct Period {
    start: Stamp,
    end: Stamp,
}

#[derive(Deserialize)]
struct Amount {
    amount: Whole,
}

#[derive(Deserialize)]
struct Pricing {
    price_details: Option<PriceDetails>,
    unit_amount_decimal: Option<Exact>,
}

#[derive(Deserialize)]
struct PriceDetails {
    price: Option<Id>,
    product: Option<Id>,
}

/// A price or plan that an old rendering put into the line.
#[derive(Clone, Deserialize)]
struct PricedBy {
    id: Id,
    product: Option<Id>,
    unit_amount_decimal: Option<Exact>,
    unit_amount: Option<Exact>,
    amount: Option<Exact>,
}

#[derive(Deserialize)]
struct LineParent {
    subscription_item_details: Option<Origin>,
    invoice_item_details: Option<Origin>,
}

#[derive(Deserialize)]
struct Origin {
    subscription: Option<Id>,
    subscription_item: Option<Id>,
    proration: Option<bool>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Parent>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl FromWire for Invoice {
    const KIND: ObjectKind = ObjectKind::Invoice;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, invoice)
    }
}

fn invoice(wire: InvoiceWire, seen: &mut Fallbacks) -> Result<Invoice, Gap> {
    let lines: Vec<_> = wire.lines.whole("lines")?.into_iter().map(|wire| line(wire, seen)).collect();
    let older_subscription = match &wire.parent {
        Some(_) => None,
        None => wire.subscription.map(Id::to).or_else(|| lines.iter().find_map(|line| line.subscription.clone())),
    };
    let details = wire.parent.flatten().and_then(|parent| parent.subscription_details);
    let subscription = details.and_then(|details| details.subscription).map(Id::to);
    let moved = wire.status_transitions.unwrap_or_default();
    let paid_outside = (wire.paid_out_of_band == Some(true)).then_some(wire.amount_paid);
    let tax = wire.total_taxes.as_deref().map(sum);
    let older_tax = || wire.total_tax_amounts.as_deref().map(sum).or(wire.tax.map(Into::into));
    Ok(Invoice {
        id: wire.id.to(),
        number: wire.number,
        customer: wire.customer.map(Id::to),
        subscription: seen.or(subscription, || older_subscription),
        status: seen
            .or(wire.status, || (wire.paid == Some(true)).then_some(InvoiceStatus::Paid))
            .unwrap_or_else(|| InvoiceStatus::from("")),
        currency: wire.currency,
        billing_reason: wire.billing_reason,
        total: wire.total.into(),
        subtotal: wire.subtotal.into(),
        tax: seen.or(tax, older_tax).unwrap_or_default(),
        amount_due: wire.amount_due.into(),
        amount_paid: wire.amount_paid.into(),
        amount_remaining: wire.amount_remaining.into(),
        amount_paid_off_stripe: seen.or(wire.amount_paid_off_stripe, || paid_outside).map_or(Minor::ZERO, Into::into),
        attempt_count: wire.attempt_count.map_or(0, Count::small),
        next_attempt_at: wire.next_payment_attempt.map(Into::into),
        created_at: wire.created.into(),
        due_at: wire.due_date.map(Into::into),
        finalized_at: moved.finalized_at.map(Into::into),
        paid_at: moved.paid_at.map(Into::into),
        voided_at: moved.voided_at.map(Into::into),
        marked_uncollectible_at: moved.marked_uncollectible_at.map(Into::into),
        webhooks_delivered_at: wire.webhooks_delivered_at.map(Into::into),
        lines,
    })
}

fn line(wire: LineWire, seen: &mut Fallbacks) -> InvoiceLine {
    let pricing = wire.pricing.map(|pricing| (pricing.price_details, pricing.unit_amount_decimal));
    let (details, unit_amount) = pricing.unwrap_or((None, None));
    let (price, product) = details.map_or((None, None), |details| (details.price, details.product));
    let older = wire.price.or(wire.plan);
    let older_unit = older.as_ref().and_then(|by| by.unit_amount_decimal.or(by.unit_amount).or(by.amount));
    let (of_item, of_invoice_item) =
        wire.parent.map_or((None, None), |parent| (parent.subscription_item_details, parent.invoice_item_details));
    let (item, prorates) = of_item.as_ref().map_or((None, None), |o| (o.subscription_item.clone(), o.proration));
    let of_invoice = of_invoice_item.as_ref();
    let subscription: Option<SubscriptionId> = seen
        .or(
            of_item
                .and_then(|origin| origin.subscription)
                .or(of_invoice.and_then(|origin| origin.subscription.clone())),
            || wire.subscription,
        )
        .map(Id::to);
    let taxes = seen.or(wire.taxes, || wire.tax_amounts).unwrap_or_default();
    InvoiceLine {
        id: wire.id.to(),
        amount: wire.amount.into(),
        description: wire.description,
        period_start_at: wire.period.start.into(),
        period_end_at: wire.period.end.into(),
        quantity: wire.quantity_decimal.or(wire.quantity).map(Into::into),
        price: seen.or(price, || older.clone().map(|by| by.id)).map(Id::to::<PriceId>),
        product: seen.or(product, || older.and_then(|by| by.product)).map(Id::to::<ProductId>),
        unit_amount: seen.or(unit_amount, || older_unit).map(Into::into),
        subscription,
        subscription_item: seen.or(item, || wire.subscription_item).map(Id::to),
        is_proration: seen
            .or(prorates.or(of_invoice.and_then(|origin| origin.proration)), || wire.proration)
            .unwrap_or(false),
        discount_amount: Minor(wire.discount_amounts.unwrap_or_default().iter().map(|off| off.amount.0).sum()),
        tax_amount: sum(&taxes),
        is_tax_inclusive: taxes
            .iter()
            .any(|tax| tax.tax_behavior.as_deref() == Some("inclusive") || tax.inclusive == Some(true)),
    }
}

fn sum(taxes: &[Tax]) -> Minor {
    Minor(taxes.iter().map(|tax| tax.amount.0).sum())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pinned() -> Value {
        json!({
            "id": "in_1", "object": "invoice", "customer": "cus_1", "status": "paid", "currency": "usd", "created": 5,
            "total": 1190, "subtotal": 1000, "amount_due": 1190, "amount_paid": 1190, "amount_remaining": 0,
            "total_taxes": [{"amount": 190, "tax_behavior": "exclusive"}],
            "status_transitions": {"finalized_at": 6, "paid_at": 7},
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": {"id": "sub_1"}}},
            "lines": {"object": "list", "has_more": false, "data": [{
                "id": "il_1", "amount": 1000, "period": {"start": 1, "end": 2}, "quantity": 2, "quantity_decimal": "2.5",
                "discount_amounts": [{"amount": 30, "discount": "di_1"}, {"amount": 20, "discount": "di_2"}],
                "taxes": [{"amount": 190, "tax_behavior": "inclusive"}],
                "pricing": {
                    "type": "price_details", "unit_amount_decimal": "400",
                    "price_details": {"price": "price_1", "product": "prod_1"},
                },
                "parent": {"type": "subscription_item_details", "subscription_item_details": {
                    "subscription": "sub_1", "subscription_item": "si_1", "proration": true,
                }},
            }]},
        })
    }

    fn older() -> Value {
        json!({
            "id": "in_1", "object": "invoice", "customer": {"id": "cus_1"}, "paid": true, "currency": "usd", "created": 5,
            "total": 1190, "subtotal": 1000, "amount_due": 1190, "amount_paid": 1190, "amount_remaining": 0,
            "total_tax_amounts": [{"amount": 190, "inclusive": false}], "tax": 190, "subscription": "sub_1",
            "status_transitions": {"finalized_at": 6, "paid_at": 7},
            "lines": {"object": "list", "has_more": false, "data": [{
                "id": "il_1", "amount": 1000, "period": {"start": 1, "end": 2}, "quantity": "2.5", "proration": true,
                "discount_amounts": [{"amount": 30, "discount": "di_1"}, {"amount": 20, "discount": "di_2"}],
                "tax_amounts": [{"amount": 190, "inclusive": true}], "subscription": "sub_1", "subscription_item": "si_1",
                "price": {"id": "price_1", "product": "prod_1", "unit_amount": 400},
            }]},
        })
    }

    fn read(object: Value) -> Record<Invoice> {
        Invoice::read(object).unwrap()
    }

    #[test]
    fn two_renderings_of_one_invoice_mean_the_same() {
        let (pinned, older) = (read(pinned()), read(older()));
        assert_eq!(pinned.value, older.value);
        assert_eq!(pinned.fallbacks, 0);
        // status, tax, subscription; and of the line: price, product, unit amount, subscription, item, proration, tax.
        assert_eq!(older.fallbacks, 10);
        let line = &pinned.value.lines[0];
        assert_eq!((line.discount_amount, line.tax_amount, line.is_tax_inclusive), (Minor(50), Minor(190), true));
        assert_eq!(line.quantity, Some("2.5".parse().unwrap()));
    }

    #[test]
    fn each_older_place_is_tried_in_order() {
        let change = |change: &dyn Fn(&mut Value)| {
            let mut object = older();
            change(&mut object);
            read(object).value
        };
        let plan = json!({"id": "gold", "product": "prod_2", "amount": 900});
        let of_plan = change(&|object| {
            object["lines"]["data"][0].as_object_mut().unwrap().remove("price");
            object["lines"]["data"][0]["plan"] = plan.clone();
        });
        assert_eq!(of_plan.lines[0].price, Some("gold".into()));
        assert_eq!(of_plan.lines[0].unit_amount, Some(900.into()));
        assert_eq!(change(&|object| object["subscription"] = Value::Null).subscription, Some("sub_1".into()));
        assert_eq!(change(&|object| object["total_tax_amounts"] = Value::Null).tax, Minor(190));
        assert_eq!(change(&|object| object["paid_out_of_band"] = json!(true)).amount_paid_off_stripe, Minor(1190));
        assert_eq!(change(&|object| object["paid"] = json!(false)).status, InvoiceStatus::Other("".into()));
    }

    #[test]
    fn a_loose_item_does_not_make_an_invoice_a_subscriptions() {
        let mut object = pinned();
        object["parent"] = Value::Null;
        object["lines"]["data"][0]["parent"] = json!({
            "type": "invoice_item_details", "invoice_item_details": {"subscription": "sub_9", "proration": false},
        });
        let record = read(object);
        assert_eq!((record.value.subscription, record.fallbacks), (None, 0));
        assert_eq!(record.value.lines[0].subscription, Some("sub_9".into()));
    }
}
