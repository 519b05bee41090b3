//! What is kept of an answer: the whole object, without what this program has no business holding.
//!
//! One table decides, by the name of a key at any depth. Keys are sorted, so equal objects give equal bytes.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// What happens to the value under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// It stays, and the table is asked again for its keys.
    Whole,
    /// It goes.
    Nothing,
    /// Only these keys of it stay.
    Only(&'static [&'static str]),
    /// A whole object shrinks to these keys; an id or a plain map stays.
    OfObject(&'static [&'static str]),
}

/// Decides by name. Links are bearer secrets: whoever has one sees the invoice or receipt without signing in.
fn keep(key: &str) -> Keep {
    match key {
        key if key.contains("secret") => Keep::Nothing,
        "billing_details" | "shipping" | "shipping_details" | "customer_shipping" | "owner" => Keep::Nothing,
        "tax_id" | "tax_ids" | "customer_tax_ids" | "account_tax_ids" => Keep::Nothing,
        "receipt_url" | "receipt_email" | "hosted_invoice_url" | "invoice_pdf" => Keep::Nothing,
        "customer_email" | "customer_name" | "customer_phone" | "customer_details" => Keep::Nothing,
        "company" | "individual" | "external_accounts" | "tos_acceptance" | "sources" => Keep::Nothing,
        "previous_attributes" => Keep::Nothing,
        "address" | "customer_address" | "support_address" => Keep::Only(&["country"]),
        "payment_method_details" => Keep::Only(&["type", "card"]),
        "card" => Keep::Only(&["brand", "last4"]),
        "payment_method" | "default_payment_method" | "source" | "default_source" => Keep::OfObject(&["id", "object"]),
        _ => Keep::Whole,
    }
}

/// Writes the kept part of an object as compact JSON with sorted keys.
///
/// **Shape**: of an event's object only its id, its kind and its customer stay.
pub(super) fn text(object: &Value) -> String {
    let is_event = object.get("object").and_then(Value::as_str) == Some("event");
    let kept = Kept { value: object, only: None, is_event };
    // A tree of JSON values has nothing that JSON cannot write.
    serde_json::to_string(&kept).unwrap_or_default()
}

struct Kept<'a> {
    value: &'a Value,
    only: Option<&'static [&'static str]>,
    is_event: bool,
}

impl<'a> Kept<'a> {
    fn under(&self, key: &str, value: &'a Value) -> Option<Self> {
        if self.is_event && key == "object" && value.is_object() {
            return Some(Self { value, only: Some(&["id", "object", "customer"]), is_event: false });
        }
        // The flag reaches `data.object` through `data` and no further.
        let is_event = self.is_event && key == "data";
        let only = match keep(key) {
            Keep::Whole => None,
            Keep::Nothing => return None,
            Keep::Only(keys) => Some(keys),
            Keep::OfObject(keys) => value.get("object").map(|_| keys),
        };
        Some(Self { value, only, is_event })
    }
}

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(map) => {
                let sorted: BTreeMap<_, _> = map
                    .iter()
                    .filter(|(key, _)| self.only.is_none_or(|only| only.contains(&key.as_str())))
                    .filter_map(|(key, value)| Some((key, self.under(key, value)?)))
                    .collect();
                let mut out = serializer.serialize_map(Some(sorted.len()))?;
                for (key, kept) in sorted {
                    out.serialize_entry(key, &kept)?;
                }
                out.end()
            }
            Value::Array(values) => serializer.collect_seq(values.iter().map(|value| Self {
                value,
                only: self.only,
                is_event: self.is_event,
            })),
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_must_not_be_kept_is_gone_at_any_depth() {
        let charge = json!({
            "id": "ch_1", "object": "charge", "amount": 2900,
            "billing_details": {"name": "Anna"}, "receipt_url": "https://pay.stripe.com/receipts/x",
            "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242", "fingerprint": "f"}},
            "payment_method": {"id": "pm_1", "object": "payment_method", "card": {"exp_month": 1}},
            "nested": [{"client_secret": "s", "address": {"line1": "Main St", "country": "DE"}, "metadata": {"a": "b"}}],
            "secret_token": {"a": 1},
        });
        assert_eq!(
            text(&charge),
            concat!(
                r#"{"amount":2900,"id":"ch_1","nested":[{"address":{"country":"DE"},"metadata":{"a":"b"}}],"object":"charge","#,
                r#""payment_method":{"id":"pm_1","object":"payment_method"},"#,
                r#""payment_method_details":{"card":{"brand":"visa","last4":"4242"},"type":"card"}}"#
            )
        );
    }

    #[test]
    fn a_discounts_source_is_no_payment_source() {
        let discount = json!({"source": {"type": "coupon", "coupon": {"id": "c", "object": "coupon"}}});
        assert_eq!(text(&discount), r#"{"source":{"coupon":{"id":"c","object":"coupon"},"type":"coupon"}}"#);
    }

    #[test]
    fn an_events_object_shrinks_to_its_name() {
        let event = json!({
            "object": "event", "id": "evt_1", "type": "customer.updated",
            "data": {
                "object": {"id": "cus_1", "object": "customer", "email": "anna@example.com", "customer": "cus_1"},
                "previous_attributes": {"email": "old@example.com"},
            },
        });
        assert_eq!(
            text(&event),
            concat!(
                r#"{"data":{"object":{"customer":"cus_1","id":"cus_1","object":"customer"}},"#,
                r#""id":"evt_1","object":"event","type":"customer.updated"}"#
            )
        );
    }

    #[test]
    fn equal_objects_give_equal_bytes() {
        let one: Value = serde_json::from_str(r#"{"b":1,"a":{"d":[1,2],"c":null}}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"a":{"c":null,"d":[1,2]},"b":1}"#).unwrap();
        assert_eq!(text(&one), text(&two));
    }
}
