//! Which mirrored objects an event is about.
//!
//! A payload is a hint in an old rendering: only ids are taken from it, and every object named is read again. Kept apart
//! from the reading of event headers because what a header keeps is less than what names an object.

use countersign_domain::stripe::ObjectKind;
use serde_json::{Value, json};

/// Where a payload of one object word names mirrored objects: the kind, and the pointer to its id.
type Names = &'static [(ObjectKind, &'static str)];

/// Lists the mirrored objects that an event may have changed, without repetition.
///
/// **Shape**: empty for events about things that are not mirrored, and for `invoice.upcoming`, whose invoice has no id yet.
/// Refunds come under three names.
#[must_use]
pub fn touched(event: &Value) -> Vec<(ObjectKind, String)> {
    let Some(object) = event.pointer("/data/object") else { return Vec::new() };
    let word = object.get("object").and_then(Value::as_str).unwrap_or_default();
    let mut found: Vec<(ObjectKind, String)> = Vec::new();
    for (kind, pointer) in names(word) {
        let named = object.pointer(pointer).and_then(id_of).map(|id| (*kind, id));
        found.extend(named.filter(|one| !found.contains(one)));
    }
    found
}

/// Gives what is needed of an event to walk its subscription back through the change, as compact JSON.
///
/// **Shape**: `None` for events that are not about a subscription's own change.
#[must_use]
pub fn subscription_change(event: &Value) -> Option<String> {
    let kind = event.get("type")?.as_str()?;
    let is_change = kind.starts_with("customer.subscription.")
        && event.pointer("/data/object/object")?.as_str()? == "subscription"
        && kind != "customer.subscription.trial_will_end";
    let change = json!({
        "id": event.get("id")?,
        "type": kind,
        "created": event.get("created")?,
        "data": {
            "object": {
                "status": event.pointer("/data/object/status"),
                "items": {"has_more": event.pointer("/data/object/items/has_more")},
            },
            "previous_attributes": event.pointer("/data/previous_attributes"),
        },
    });
    is_change.then(|| change.to_string())
}

fn names(word: &str) -> Names {
    use ObjectKind::{Charge, Coupon, Customer, Invoice, InvoicePayment, Price, Product, Subscription};
    match word {
        "customer" => &[(Customer, "/id")],
        "product" => &[(Product, "/id")],
        "price" | "plan" => &[(Price, "/id")],
        "coupon" => &[(Coupon, "/id")],
        "subscription" => &[(Subscription, "/id")],
        "subscription_schedule" => &[(Subscription, "/subscription")],
        "discount" => {
            &[(Customer, "/customer"), (Subscription, "/subscription"), (Coupon, "/source/coupon"), (Coupon, "/coupon")]
        }
        "invoice" => &[(Invoice, "/id")],
        "invoiceitem" | "credit_note" => &[(Invoice, "/invoice")],
        "invoice_payment" => &[(InvoicePayment, "/id"), (Invoice, "/invoice")],
        "charge" => &[(Charge, "/id")],
        "refund" | "dispute" | "review" => &[(Charge, "/charge")],
        "payment_intent" => &[(Charge, "/latest_charge")],
        _ => &[],
    }
}

/// Takes an id that came as text or inside the object.
fn id_of(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get("id")?.as_str()).filter(|id| !id.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_by_their_events() {
        for (object, expected) in [
            (json!({"object": "invoice", "id": "in_1"}), "invoice in_1"),
            (json!({"object": "invoice"}), ""),
            (json!({"object": "refund", "id": "re_1", "charge": "ch_1"}), "charge ch_1"),
            (json!({"object": "dispute", "id": "dp_1", "charge": {"id": "ch_2"}}), "charge ch_2"),
            (json!({"object": "payment_intent", "id": "pi_1", "latest_charge": null}), ""),
            (json!({"object": "plan", "id": "plan_1"}), "price plan_1"),
            (
                json!({"object": "discount", "customer": "cus_1", "subscription": "sub_1", "source": {"coupon": "c"}}),
                "customer cus_1, subscription sub_1, coupon c",
            ),
            (json!({"object": "discount", "customer": "cus_1", "coupon": {"id": "c"}}), "customer cus_1, coupon c"),
            (
                json!({"object": "invoice_payment", "id": "inpay_1", "invoice": "in_1"}),
                "invoice_payment inpay_1, invoice in_1",
            ),
            (json!({"object": "payout", "id": "po_1"}), ""),
            (json!({"object": "unheard_of", "id": "x"}), ""),
        ] {
            let event = json!({"id": "evt_1", "data": {"object": object}});
            let text = touched(&event).iter().map(|(kind, id)| format!("{kind} {id}")).collect::<Vec<_>>().join(", ");
            assert_eq!(text, expected, "{event}");
        }
        assert_eq!(touched(&json!({"id": "evt_1"})), []);
    }

    #[test]
    fn only_changes_of_subscriptions_are_kept_for_the_walk_back() {
        let event = json!({
            "id": "evt_1", "type": "customer.subscription.updated", "created": 5, "livemode": false,
            "data": {
                "object": {
                    "object": "subscription", "id": "sub_1", "status": "active", "customer": "cus_1",
                    "items": {"data": [{"id": "si_1"}], "has_more": true},
                },
                "previous_attributes": {"status": "trialing"},
            },
        });
        let kept = json!({
            "id": "evt_1", "type": "customer.subscription.updated", "created": 5,
            "data": {
                "object": {"status": "active", "items": {"has_more": true}},
                "previous_attributes": {"status": "trialing"},
            },
        });
        assert_eq!(subscription_change(&event), Some(kept.to_string()));
        for (kind, word) in [("customer.subscription.trial_will_end", "subscription"), ("invoice.paid", "invoice")] {
            let other = json!({"id": "evt_2", "type": kind, "created": 5, "data": {"object": {"object": word}}});
            assert_eq!(subscription_change(&other), None, "{kind}");
        }
    }
}
