//! Lines of invoices: what was billed for which price and period, across customers. A line itself is read from the
//! invoice's record.

use countersign_domain::stripe::Invoice;
use rusqlite::named_params;

use super::object::Place;
use super::schema::{Fill, Table, fill};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "invoice_lines",
    version: 1,
    create: "CREATE TABLE invoice_lines (
        row INTEGER NOT NULL,
        line TEXT NOT NULL,
        scope INTEGER NOT NULL,
        price TEXT,
        product TEXT,
        subscription TEXT,
        period_start_at INTEGER NOT NULL,
        period_end_at INTEGER NOT NULL,
        amount_minor INTEGER NOT NULL,
        discount_minor INTEGER NOT NULL,
        is_proration INTEGER NOT NULL,
        PRIMARY KEY (row, line)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX invoice_lines_by_price ON invoice_lines (scope, price, period_start_at)",
    drop: "DROP TABLE IF EXISTS invoice_lines",
    fill: Fill::Records(fill::<Invoice>),
};

/// Writes the lines of an invoice in place of any older ones.
pub(super) fn index(invoice: &Invoice, place: &Place<'_>) -> Result<(), StoreError> {
    let delete = "DELETE FROM invoice_lines WHERE row = :row";
    place.conn.prepare_cached(delete)?.execute(named_params! {":row": place.row})?;
    for line in &invoice.lines {
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO invoice_lines
                   (row, line, scope, price, product, subscription, period_start_at, period_end_at,
                    amount_minor, discount_minor, is_proration)
                 VALUES (:row, :line, :scope, :price, :product, :subscription, :period_start_at, :period_end_at,
                    :amount_minor, :discount_minor, :is_proration)",
            )?
            .execute(named_params! {
                ":row": place.row, ":line": line.id.as_str(), ":scope": place.scope.0,
                ":price": line.price.as_ref().map(|id| id.as_str()),
                ":product": line.product.as_ref().map(|id| id.as_str()),
                ":subscription": line.subscription.as_ref().map(|id| id.as_str()),
                ":period_start_at": line.period_start_at.timestamp(),
                ":period_end_at": line.period_end_at.timestamp(),
                ":amount_minor": line.amount.0, ":discount_minor": line.discount_amount.0,
                ":is_proration": line.is_proration,
            })?;
        if let Some(price) = &line.price {
            super::sync::changes::want_price(place, price.as_str())?;
        }
    }
    Ok(())
}
