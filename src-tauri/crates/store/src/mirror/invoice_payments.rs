//! Payments of invoices: the only join between invoices and charges at the pinned version.

use countersign_domain::Instant;
use countersign_domain::ids::InvoiceId;
use countersign_domain::stripe::invoice_payment::PaidBy;
use countersign_domain::stripe::{InvoicePayment, ObjectKind};
use rusqlite::{Connection, named_params};

use super::object::{Mirrored, Place, load_where};
use super::schema::{Fill, Table, fill};
use super::{Scope, column};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "invoice_payments",
    version: 1,
    create: "CREATE TABLE invoice_payments (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        invoice TEXT NOT NULL,
        status TEXT NOT NULL,
        paid_by TEXT NOT NULL,
        created_at INTEGER
    ) STRICT;
    CREATE INDEX invoice_payments_by_invoice ON invoice_payments (scope, invoice);
    CREATE INDEX invoice_payments_by_payment ON invoice_payments (scope, paid_by);
    CREATE INDEX invoice_payments_by_created ON invoice_payments (scope, created_at)",
    drop: "DROP TABLE IF EXISTS invoice_payments",
    fill: Fill::Records(fill::<InvoicePayment>),
};

impl Mirrored for InvoicePayment {
    const KIND: ObjectKind = ObjectKind::InvoicePayment;

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let paid_by = match &self.paid_by {
            PaidBy::PaymentIntent(id) => id.as_str(),
            PaidBy::Charge(id) => id.as_str(),
            PaidBy::PaymentRecord(word) | PaidBy::Other(word) => word,
        };
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO invoice_payments (row, scope, invoice, status, paid_by, created_at)
                 VALUES (:row, :scope, :invoice, :status, :paid_by, :created_at)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0, ":invoice": self.invoice.as_str(),
                ":status": self.status.as_str(), ":paid_by": paid_by,
                ":created_at": self.created_at.map(|at| at.timestamp()),
            })?;
        Ok(())
    }
}

/// Loads the payments of an invoice, oldest first.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn of_invoice(conn: &Connection, scope: Scope, invoice: &InvoiceId) -> Result<Vec<InvoicePayment>, StoreError> {
    let sql = "SELECT b.record FROM invoice_payments p INDEXED BY invoice_payments_by_invoice
        JOIN objects o ON o.row = p.row JOIN bodies b ON b.row = p.row
        WHERE p.scope = :scope AND p.invoice = :invoice AND o.is_deleted = 0 ORDER BY p.created_at, o.id";
    load_where(conn, sql, named_params! {":scope": scope.0, ":invoice": invoice.as_str()})
}

/// Gives when the newest payment was made.
///
/// **Errors**: the file cannot be read.
pub fn newest_at(conn: &Connection, scope: Scope) -> Result<Option<Instant>, StoreError> {
    let sql = "SELECT max(created_at) AS at FROM invoice_payments WHERE scope = :scope";
    let params = named_params! {":scope": scope.0};
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| column::seconds(row, "at"))?)
}
