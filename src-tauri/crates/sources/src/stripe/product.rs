//! Reads products. What they cost stands on their prices.

use countersign_domain::stripe::{ObjectKind, Product};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Fallbacks, Gap, Id, Stamp};

#[derive(Deserialize)]
struct ProductWire {
    id: Id,
    name: String,
    active: bool,
    created: Option<Stamp>,
}

impl FromWire for Product {
    const KIND: ObjectKind = ObjectKind::Product;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, product)
    }
}

fn product(wire: ProductWire, _: &mut Fallbacks) -> Result<Product, Gap> {
    Ok(Product { id: wire.id.to(), name: wire.name, is_active: wire.active, created_at: wire.created.map(Into::into) })
}
