//! What the company sells.
//!
//! The catalogue itself is in `price_list`.

use serde_json::{Value, json};

use super::{Named, No, Object, Price, World, kept_in};

/// A product.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) unit_label: Option<&'static str>,
    pub(crate) is_active: bool,
    pub(crate) default_price: Option<No<Price>>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

impl Named for Product {
    const PREFIX: &'static str = "prod_";
    const LENGTH: usize = 14;
}

impl Object for Product {
    const WORD: &'static str = "product";
    kept_in!(products);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active": self.is_active,
            "created": self.created,
            "default_price": self.default_price.map(|price| world.id(price)),
            "description": self.description,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": {},
            "name": self.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": null,
            "tax_code": "txcd_10103001",
            "tax_details": null,
            "type": "service",
            "unit_label": self.unit_label,
            "updated": self.updated,
            "url": null,
        })
    }
}
