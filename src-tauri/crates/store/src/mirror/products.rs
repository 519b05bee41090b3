//! Products: what is sold, by name.

use countersign_domain::stripe::{ObjectKind, Product};
use rusqlite::named_params;

use super::object::{Mirrored, Place};
use super::schema::{Fill, Table, fill};
use super::search;
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "products",
    version: 1,
    create: "CREATE TABLE products (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        is_active INTEGER NOT NULL,
        UNIQUE (scope, id)
    ) STRICT",
    drop: "DROP TABLE IF EXISTS products",
    fill: Fill::Records(fill::<Product>),
};

impl Mirrored for Product {
    const KIND: ObjectKind = ObjectKind::Product;

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO products (row, scope, id, name, is_active)
                 VALUES (:row, :scope, :id, :name, :is_active)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0, ":id": place.id,
                ":name": self.name, ":is_active": self.is_active,
            })?;
        search::index(place, &[&self.name])
    }
}
