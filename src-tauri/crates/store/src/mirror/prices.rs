//! Prices: which product they sell and how often, for labels and filters. Amounts are read from the record.

use countersign_domain::stripe::{ObjectKind, Price};
use rusqlite::named_params;

use super::object::{Mirrored, Place};
use super::schema::{Fill, Table, fill};
use super::{rollup, search};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "prices",
    version: 1,
    create: "CREATE TABLE prices (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        id TEXT NOT NULL,
        product TEXT,
        nickname TEXT,
        currency TEXT NOT NULL,
        interval TEXT,
        interval_count INTEGER,
        is_active INTEGER NOT NULL,
        UNIQUE (scope, id)
    ) STRICT",
    drop: "DROP TABLE IF EXISTS prices",
    fill: Fill::Records(fill::<Price>),
};

impl Mirrored for Price {
    const KIND: ObjectKind = ObjectKind::Price;

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let interval = self.recurring.as_ref().map(|recurring| recurring.interval.as_str());
        let interval_count = self.recurring.as_ref().map(|recurring| recurring.interval_count);
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO prices
                   (row, scope, id, product, nickname, currency, interval, interval_count, is_active)
                 VALUES (:row, :scope, :id, :product, :nickname, :currency, :interval, :interval_count, :is_active)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0, ":id": place.id,
                ":product": self.product.as_ref().map(|id| id.as_str()), ":nickname": self.nickname,
                ":currency": self.currency.code(), ":interval": interval, ":interval_count": interval_count,
                ":is_active": self.is_active,
            })?;
        let names = [self.nickname.as_deref(), self.lookup_key.as_deref()];
        search::index(place, &names.into_iter().flatten().collect::<Vec<_>>())?;
        rollup::mark_of_price(place.conn, place.scope, place.id)
    }
}
