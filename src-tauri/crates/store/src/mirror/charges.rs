//! Charges: one row per attempt to take money.

use countersign_domain::ids::{CustomerId, InvoiceId};
use countersign_domain::stripe::{Charge, ObjectKind};
use countersign_domain::zones::Period;
use rusqlite::{Connection, named_params};

use super::Scope;
use super::object::{Mirrored, Place, load_where};
use super::schema::{Fill, Table, fill};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "charges",
    version: 1,
    create: "CREATE TABLE charges (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        customer TEXT,
        payment_intent TEXT,
        status TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        card_last4 TEXT,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX charges_by_created ON charges (scope, created_at);
    CREATE INDEX charges_by_customer ON charges (scope, customer, created_at);
    CREATE INDEX charges_by_payment ON charges (scope, payment_intent);
    CREATE INDEX charges_by_last4 ON charges (scope, card_last4, created_at)",
    drop: "DROP TABLE IF EXISTS charges",
    fill: Fill::Records(fill::<Charge>),
};

impl Mirrored for Charge {
    const KIND: ObjectKind = ObjectKind::Charge;

    fn customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO charges
                   (row, scope, customer, payment_intent, status, currency, amount_minor, card_last4, created_at)
                 VALUES (:row, :scope, :customer, :payment_intent, :status, :currency, :amount_minor, :card_last4,
                   :created_at)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0,
                ":customer": self.customer.as_ref().map(|id| id.as_str()),
                ":payment_intent": self.payment_intent.as_ref().map(|id| id.as_str()),
                ":status": self.status.as_str(), ":currency": self.currency.code(),
                ":amount_minor": self.amount.0, ":card_last4": self.card_last4,
                ":created_at": self.created_at.timestamp(),
            })?;
        Ok(())
    }
}

/// Loads the attempts made in a period, oldest first.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn in_period(conn: &Connection, scope: Scope, period: Period) -> Result<Vec<Charge>, StoreError> {
    let sql = "SELECT b.record FROM charges c JOIN objects o ON o.row = c.row JOIN bodies b ON b.row = c.row
        WHERE c.scope = :scope AND c.created_at >= :start AND c.created_at < :end AND o.is_deleted = 0
        ORDER BY c.created_at, o.id";
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    load_where(conn, sql, named_params! {":scope": scope.0, ":start": start, ":end": end})
}

/// Loads the newest attempts to take money from a customer, newest first.
///
/// **Errors**: as [`in_period`].
pub fn of_customer(
    conn: &Connection,
    scope: Scope,
    customer: &CustomerId,
    limit: u32,
) -> Result<Vec<Charge>, StoreError> {
    let sql = "SELECT b.record FROM charges c JOIN objects o ON o.row = c.row JOIN bodies b ON b.row = c.row
        WHERE c.scope = :scope AND c.customer = :customer AND o.is_deleted = 0
        ORDER BY c.created_at DESC, o.id LIMIT :limit";
    load_where(conn, sql, named_params! {":scope": scope.0, ":customer": customer.as_str(), ":limit": limit})
}

/// Loads the attempts to collect an invoice, newest first: through its payments, by intent or by charge.
///
/// **Errors**: as [`in_period`].
pub fn of_invoice(conn: &Connection, scope: Scope, invoice: &InvoiceId) -> Result<Vec<Charge>, StoreError> {
    let sql = "SELECT b.record FROM charges c JOIN objects o ON o.row = c.row JOIN bodies b ON b.row = c.row
        WHERE o.is_deleted = 0 AND c.row IN (
          SELECT by_intent.row FROM invoice_payments p
            JOIN charges by_intent ON by_intent.scope = p.scope AND by_intent.payment_intent = p.paid_by
            WHERE p.scope = :scope AND p.invoice = :invoice
          UNION SELECT by_id.row FROM invoice_payments p
            JOIN objects by_id ON by_id.scope = p.scope AND by_id.kind = 'charge' AND by_id.id = p.paid_by
            WHERE p.scope = :scope AND p.invoice = :invoice)
        ORDER BY c.created_at DESC, o.id";
    load_where(conn, sql, named_params! {":scope": scope.0, ":invoice": invoice.as_str()})
}
