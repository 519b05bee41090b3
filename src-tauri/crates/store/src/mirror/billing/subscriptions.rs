//! Subscriptions as the application believes them.

use countersign_domain::billing::{BillingSubscription, RowKind};
use rusqlite::types::ToSql;

use super::{BillingRow, Statements};
use crate::mirror::schema::{Fill, Table};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "billing_subscriptions",
    version: 1,
    create: "CREATE TABLE billing_subscriptions (
        environment TEXT NOT NULL,
        row_id TEXT NOT NULL,
        user TEXT NOT NULL,
        stripe_subscription TEXT,
        status TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (environment, row_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX billing_subscriptions_by_stripe ON billing_subscriptions (environment, stripe_subscription, status)",
    drop: "DROP TABLE IF EXISTS billing_subscriptions",
    fill: Fill::Nothing,
};

impl BillingRow for BillingSubscription {
    const KIND: RowKind = RowKind::BillingSubscription;
    const STATEMENTS: Statements = Statements {
        put: "INSERT OR REPLACE INTO billing_subscriptions
              (environment, row_id, user, stripe_subscription, status, seen_at, record)
            VALUES (:environment, :row_id, :user, :stripe_subscription, :status, :seen_at, :record)",
        drop_unseen: "DELETE FROM billing_subscriptions WHERE environment = :environment AND seen_at < :since",
        drop_all: "DELETE FROM billing_subscriptions WHERE environment = :environment",
        count: "SELECT count(*) FROM billing_subscriptions WHERE environment = :environment",
        all: "SELECT record FROM billing_subscriptions WHERE environment = :environment ORDER BY row_id",
        by_stripe_id: "SELECT record FROM billing_subscriptions
            WHERE environment = :environment AND stripe_subscription = :stripe_id ORDER BY row_id",
    };

    fn row_id(&self) -> &str {
        &self.row_id
    }

    fn columns(&self) -> Vec<(&'static str, Box<dyn ToSql + '_>)> {
        vec![
            (":user", Box::new(self.user.as_str())),
            (":stripe_subscription", Box::new(&self.stripe_subscription)),
            (":status", Box::new(&self.status)),
        ]
    }
}
