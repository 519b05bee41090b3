//! How an older version of Stripe's API writes the same objects. Only event payloads come in it.
//!
//! Built from the pinned rendering: what moved since is moved back. So the two can never tell different facts.

use serde_json::{Map, Value, json};

use super::event::Subject;
use super::invoice::{Invoice, Standing};
use super::{Charge, No, Object, Price, Subscription, World};

/// The older version: the one the application was written against.
pub(crate) const VERSION: &str = "2024-06-20";

/// Turns the pinned rendering of a subject into the older one.
pub(crate) fn render(subject: &Subject, json: &mut Value, world: &World) {
    let Some(fields) = json.as_object_mut() else { return };
    match subject {
        Subject::Invoice(_, invoice) => invoice_back(invoice, fields, world),
        Subject::Subscription(_, subscription) => subscription_back(subscription, fields, world),
        Subject::Charge(_, charge) => put(fields, "invoice", world.id(charge.invoice)),
        Subject::PaymentIntent(_, intent) => put(fields, "invoice", world.id(intent.invoice)),
        Subject::Customer(_, customer) => {
            let discount = customer.discount.and_then(|no| discount_json(no, world));
            put(fields, "discount", discount);
        }
        _ => {}
    }
    fields.remove("customer_account");
}

fn put(fields: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    fields.insert(key.to_owned(), value.into());
}

fn drop_all(fields: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        fields.remove(*key);
    }
}

fn discount_json(no: No<super::Discount>, world: &World) -> Option<Value> {
    let discount = world.get(no)?;
    let mut json = discount.json(no, world);
    let coupon = world.get(discount.coupon)?.json(discount.coupon, world);
    let fields = json.as_object_mut()?;
    drop_all(fields, &["source", "customer_account"]);
    put(fields, "coupon", coupon);
    Some(json)
}

fn taxes_back(taxes: Option<Value>) -> Value {
    let back = |tax: &Value| {
        json!({
            "amount": tax.get("amount"),
            "inclusive": tax.get("tax_behavior").and_then(Value::as_str) == Some("inclusive"),
            "tax_rate": tax.pointer("/tax_rate_details/tax_rate"),
            "taxability_reason": tax.get("taxability_reason"),
            "taxable_amount": tax.get("taxable_amount"),
        })
    };
    taxes.as_ref().and_then(Value::as_array).into_iter().flatten().map(back).collect()
}

fn invoice_back(invoice: &Invoice, fields: &mut Map<String, Value>, world: &World) {
    let intent = invoice.intent.and_then(|no| world.get(no));
    let charge = intent.and_then(|intent| intent.latest_charge).map(|charge: No<Charge>| world.id(charge));
    let metadata = fields.get("parent").and_then(|parent| parent.pointer("/subscription_details/metadata")).cloned();
    let taxes = taxes_back(fields.remove("total_taxes"));
    let discount = invoice.discounts.first().and_then(|no| discount_json(*no, world));
    put(fields, "charge", charge);
    put(fields, "discount", discount);
    put(fields, "paid", invoice.standing == Standing::Paid);
    put(fields, "paid_out_of_band", invoice.is_paid_off_stripe);
    put(fields, "payment_intent", invoice.intent.map(|intent| world.id(intent)));
    put(fields, "quote", Value::Null);
    put(fields, "subscription", invoice.subscription.map(|subscription| world.id(subscription)));
    put(fields, "subscription_details", json!({ "metadata": metadata }));
    put(fields, "tax", invoice.tax_rate.map(|_| invoice.tax()));
    put(fields, "total_tax_amounts", taxes);
    drop_all(
        fields,
        &["amount_overpaid", "amount_paid_off_stripe", "parent", "status_details", "total_pretax_credit_amounts"],
    );
    let lines = fields.get_mut("lines").and_then(|lines| lines.get_mut("data")).and_then(Value::as_array_mut);
    for (line, json) in invoice.lines.iter().zip(lines.into_iter().flatten()) {
        let Some(fields) = json.as_object_mut() else { continue };
        let taxes = taxes_back(fields.remove("taxes"));
        let price = world.get(line.price);
        put(fields, "plan", price.map(|price| price.plan_json(line.price, world)));
        put(fields, "price", price.map(|price| price.json(line.price, world)));
        put(fields, "proration", line.is_proration());
        put(fields, "proration_details", json!({ "credited_items": null }));
        put(fields, "tax_amounts", taxes);
        put(fields, "tax_rates", json!([]));
        put(fields, "type", if line.item.is_some() { "subscription" } else { "invoiceitem" });
        if let Some(item) = line.item {
            put(fields, "subscription_item", world.id(item));
        }
        drop_all(fields, &["parent", "pretax_credit_amounts", "pricing", "quantity_decimal", "subtotal"]);
    }
}

fn subscription_back(subscription: &Subscription, fields: &mut Map<String, Value>, world: &World) {
    let first = subscription.items.first();
    let discount = subscription.discounts.first().and_then(|no| discount_json(*no, world));
    put(fields, "current_period_start", first.map(|item| item.start));
    put(fields, "current_period_end", first.map(|item| item.end));
    put(fields, "discount", discount);
    if let [item] = subscription.items.as_slice() {
        let plan = world.get(item.price).map(|price| Price::plan_json(price, item.price, world));
        put(fields, "plan", plan);
        put(fields, "quantity", item.quantity);
    }
    drop_all(fields, &["billing_mode", "billing_schedules", "managed_payments", "status_details"]);
    let items = fields.get_mut("items").and_then(|items| items.get_mut("data")).and_then(Value::as_array_mut);
    for json in items.into_iter().flatten() {
        if let Some(fields) = json.as_object_mut() {
            drop_all(fields, &["current_period_end", "current_period_start", "current_trial"]);
        }
    }
}
