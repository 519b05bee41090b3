//! The links between users and Stripe customers.

use countersign_domain::billing::{BillingCustomer, RowKind};
use rusqlite::types::ToSql;

use super::{BillingRow, Statements};
use crate::mirror::schema::{Fill, Table};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_customers",
    version: 1,
    create: "CREATE TABLE billing_customers (
        environment TEXT NOT NULL,
        row_id TEXT NOT NULL,
        user TEXT NOT NULL,
        stripe_customer TEXT,
        seen_at INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (environment, row_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX billing_customers_by_stripe ON billing_customers (environment, stripe_customer);
    CREATE INDEX billing_customers_by_user ON billing_customers (environment, user)",
    drop: "DROP TABLE IF EXISTS billing_customers",
    fill: Fill::Nothing,
};

impl BillingRow for BillingCustomer {
    const KIND: RowKind = RowKind::BillingCustomer;
    const STATEMENTS: Statements = Statements {
        put: "INSERT OR REPLACE INTO billing_customers (environment, row_id, user, stripe_customer, seen_at, record)
            VALUES (:environment, :row_id, :user, :stripe_customer, :seen_at, :record)",
        drop_unseen: "DELETE FROM billing_customers WHERE environment = :environment AND seen_at < :since",
        drop_all: "DELETE FROM billing_customers WHERE environment = :environment",
        count: "SELECT count(*) FROM billing_customers WHERE environment = :environment",
        all: "SELECT record FROM billing_customers WHERE environment = :environment ORDER BY row_id",
        by_stripe_id: "SELECT record FROM billing_customers
            WHERE environment = :environment AND stripe_customer = :stripe_id ORDER BY row_id",
    };

    fn row_id(&self) -> &str {
        &self.row_id
    }

    fn columns(&self) -> Vec<(&'static str, Box<dyn ToSql + '_>)> {
        vec![(":user", Box::new(self.user.as_str())), (":stripe_customer", Box::new(&self.stripe_customer))]
    }
}
