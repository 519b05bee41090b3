//! Items of subscriptions: which price runs where. The item itself is read from the subscription's record.

use countersign_domain::stripe::Subscription;
use rusqlite::named_params;

use super::object::Place;
use super::schema::{Fill, Table, fill};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "subscription_items",
    version: 1,
    create: "CREATE TABLE subscription_items (
        row INTEGER NOT NULL,
        item TEXT NOT NULL,
        scope INTEGER NOT NULL,
        price TEXT NOT NULL,
        product TEXT,
        PRIMARY KEY (row, item)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX subscription_items_by_price ON subscription_items (scope, price)",
    drop: "DROP TABLE IF EXISTS subscription_items",
    fill: Fill::Records(fill::<Subscription>),
};

/// Writes the items of a subscription in place of any older ones: an item that was removed simply vanishes from it.
pub(super) fn index(subscription: &Subscription, place: &Place<'_>) -> Result<(), StoreError> {
    let delete = "DELETE FROM subscription_items WHERE row = :row";
    place.conn.prepare_cached(delete)?.execute(named_params! {":row": place.row})?;
    for item in &subscription.items {
        let product = item.embedded.as_ref().and_then(|price| price.product.as_ref());
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO subscription_items (row, item, scope, price, product)
                 VALUES (:row, :item, :scope, :price, :product)",
            )?
            .execute(named_params! {
                ":row": place.row, ":item": item.id.as_str(), ":scope": place.scope.0,
                ":price": item.price.as_str(), ":product": product.map(|id| id.as_str()),
            })?;
        super::sync::changes::want_price(place, item.price.as_str())?;
    }
    Ok(())
}
