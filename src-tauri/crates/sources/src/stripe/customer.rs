//! Reads customers, also what is left of deleted ones: their history stays.

use std::collections::BTreeMap;

use countersign_domain::money::{Currency, Minor};
use countersign_domain::stripe::{Customer, ObjectKind};
use serde::Deserialize;
use serde_json::Value;

use super::coupon::{DiscountWire, discount};
use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Expandable, Fallbacks, Gap, Id, Stamp, Whole};

#[derive(Deserialize)]
struct CustomerWire {
    id: Id,
    created: Option<Stamp>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    address: Option<Address>,
    currency: Option<Currency>,
    balance: Option<Whole>,
    delinquent: Option<bool>,
    discount: Option<Expandable<DiscountWire>>,
    metadata: Option<BTreeMap<String, Option<String>>>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct Address {
    country: Option<String>,
}

impl FromWire for Customer {
    const KIND: ObjectKind = ObjectKind::Customer;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, customer)
    }
}

fn customer(wire: CustomerWire, seen: &mut Fallbacks) -> Result<Customer, Gap> {
    Ok(Customer {
        id: wire.id.to(),
        created_at: wire.created.map(Into::into),
        name: wire.name,
        email: wire.email,
        phone: wire.phone,
        country: wire.address.and_then(|address| address.country),
        currency: wire.currency,
        balance: wire.balance.map_or(Minor::ZERO, Into::into),
        is_delinquent: wire.delinquent.unwrap_or(false),
        discount: wire.discount.map(|wire| discount(wire, seen)),
        metadata: metadata(wire.metadata),
        is_deleted: wire.deleted,
    })
}

/// Leaves out keys whose value is null: that is how a rewound object says that a key was not there.
pub(super) fn metadata(wire: Option<BTreeMap<String, Option<String>>>) -> BTreeMap<String, String> {
    wire.unwrap_or_default().into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deleted_customer_is_still_one() {
        let read = Customer::read(json!({"id": "cus_1", "object": "customer", "deleted": true})).unwrap();
        assert!(read.value.is_deleted);
        assert_eq!((read.id.as_str(), read.created_at, read.mode), ("cus_1", None, None));
    }

    #[test]
    fn only_the_country_of_an_address_is_read() {
        let read = Customer::read(json!({
            "id": "cus_1", "object": "customer", "created": 5, "livemode": true, "balance": -500, "delinquent": true,
            "email": "anna@example.com", "address": {"country": "DE", "line1": "Hauptstr. 1"},
            "metadata": {"userId": "u1", "gone": null},
        }))
        .unwrap();
        assert_eq!(read.value.country.as_deref(), Some("DE"));
        assert_eq!(read.value.balance, Minor(-500));
        assert_eq!(read.value.metadata.len(), 1);
        assert!(!read.raw.contains("Hauptstr"));
    }
}
