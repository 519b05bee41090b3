//! Invoices as the application recorded them.

use countersign_domain::billing::{BillingInvoice, RowKind};
use rusqlite::types::ToSql;

use super::{BillingRow, Statements};
use crate::mirror::schema::{Fill, Table};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_invoices",
    version: 1,
    create: "CREATE TABLE billing_invoices (
        environment TEXT NOT NULL,
        row_id TEXT NOT NULL,
        user TEXT NOT NULL,
        stripe_invoice TEXT,
        status TEXT NOT NULL,
        paid_minor INTEGER,
        seen_at INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (environment, row_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX billing_invoices_by_stripe ON billing_invoices (environment, stripe_invoice, status, paid_minor)",
    drop: "DROP TABLE IF EXISTS billing_invoices",
    fill: Fill::Nothing,
};

impl BillingRow for BillingInvoice {
    const KIND: RowKind = RowKind::BillingInvoice;
    const STATEMENTS: Statements = Statements {
        put: "INSERT OR REPLACE INTO billing_invoices
              (environment, row_id, user, stripe_invoice, status, paid_minor, seen_at, record)
            VALUES (:environment, :row_id, :user, :stripe_invoice, :status, :paid_minor, :seen_at, :record)",
        drop_unseen: "DELETE FROM billing_invoices WHERE environment = :environment AND seen_at < :since",
        drop_all: "DELETE FROM billing_invoices WHERE environment = :environment",
        count: "SELECT count(*) FROM billing_invoices WHERE environment = :environment",
        all: "SELECT record FROM billing_invoices WHERE environment = :environment ORDER BY row_id",
        by_stripe_id: "SELECT record FROM billing_invoices
            WHERE environment = :environment AND stripe_invoice = :stripe_id ORDER BY row_id",
    };

    fn row_id(&self) -> &str {
        &self.row_id
    }

    fn columns(&self) -> Vec<(&'static str, Box<dyn ToSql + '_>)> {
        vec![
            (":user", Box::new(self.user.as_str())),
            (":stripe_invoice", Box::new(&self.stripe_invoice)),
            (":status", Box::new(&self.status)),
            (":paid_minor", Box::new(self.amount_paid.map(|minor| minor.0))),
        ]
    }
}
