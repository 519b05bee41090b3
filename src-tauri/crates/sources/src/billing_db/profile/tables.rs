//! The tables of each profile, column by column: the allow-list of what is ever read.
//!
//! Kept apart from the comparing because it is a list of facts about other people's systems. A column that is not
//! here appears in no statement; a test holds the statements to it.

use countersign_domain::billing::{RowKind, SchemaProfile};

use super::ColumnKind::{Flag, Instant, Integer, Number, Text, Unread, Word};
use super::{Shape, TableShape};
use crate::billing_db::sql;

/// Every profile, in the order reports name them.
pub(in crate::billing_db) const PROFILES: [SchemaProfile; 3] =
    [SchemaProfile::Devflowhub, SchemaProfile::NestModels, SchemaProfile::NestDocumented];

/// Every kind of row.
pub(in crate::billing_db) const KINDS: [RowKind; 4] =
    [RowKind::BillingCustomer, RowKind::BillingSubscription, RowKind::BillingInvoice, RowKind::BillingEvent];

/// Every table any profile names.
pub(in crate::billing_db) const ALL_TABLES: &[&str] = &[
    "StripeCustomer",
    "User",
    "Subscription",
    "Invoice",
    "BillingEvent",
    "billing_users",
    "subscriptions",
    "invoices",
];

const STRIPE_CUSTOMER: TableShape = TableShape {
    name: "StripeCustomer",
    columns: &[("id", Text), ("userId", Text), ("stripeCustomerId", Text), ("createdAt", Instant)],
};

/// Holds a password hash and a two-factor secret beside these; they are in no statement.
const USER: TableShape = TableShape { name: "User", columns: &[("id", Text), ("plan", Word)] };

const DEVFLOWHUB_SUBSCRIPTION: TableShape = TableShape {
    name: "Subscription",
    columns: &[
        ("id", Text),
        ("userId", Text),
        ("stripeSubscriptionId", Text),
        ("stripePriceId", Text),
        ("status", Word),
        ("currentPeriodStart", Instant),
        ("currentPeriodEnd", Instant),
        ("trialEnd", Instant),
        ("cancelAtPeriodEnd", Flag),
        ("canceledAt", Instant),
        ("plan", Word),
        ("createdAt", Instant),
        ("updatedAt", Instant),
    ],
};

const DEVFLOWHUB_INVOICE: TableShape = TableShape {
    name: "Invoice",
    columns: &[
        ("id", Text),
        ("userId", Text),
        ("stripeInvoiceId", Text),
        ("amountDue", Integer),
        ("amountPaid", Integer),
        ("currency", Word),
        ("status", Word),
        ("createdAt", Instant),
        ("updatedAt", Instant),
    ],
};

const BILLING_EVENT: TableShape = TableShape {
    name: "BillingEvent",
    columns: &[("id", Text), ("eventType", Text), ("stripeEventId", Text), ("createdAt", Instant)],
};

const BILLING_USERS: TableShape = TableShape {
    name: "billing_users",
    columns: &[("id", Text), ("userId", Text), ("customerId", Text), ("createdAt", Instant), ("updatedAt", Instant)],
};

/// What another table's rows need of `billing_users`: the application's own id of the user.
const BILLING_USER_LINK: TableShape = TableShape { name: "billing_users", columns: &[("id", Text), ("userId", Text)] };

const MODELS_SUBSCRIPTION: TableShape = TableShape {
    name: "Subscription",
    columns: &[
        ("id", Text),
        ("billingUserId", Text),
        ("stripeSubscriptionId", Text),
        ("stripePriceId", Text),
        ("planName", Text),
        ("status", Word),
        ("currentPeriodStart", Instant),
        ("currentPeriodEnd", Instant),
        ("cancelAtPeriodEnd", Flag),
        ("canceledAt", Instant),
        ("createdAt", Instant),
        ("updatedAt", Instant),
    ],
};

const MODELS_INVOICE: TableShape = TableShape {
    name: "Invoice",
    columns: &[
        ("id", Text),
        ("billingUserId", Text),
        ("amount", Number),
        ("currency", Word),
        ("status", Word),
        ("paidAt", Instant),
        ("createdAt", Instant),
        ("updatedAt", Instant),
    ],
};

const DOCUMENTED_SUBSCRIPTION: TableShape = TableShape {
    name: "subscriptions",
    columns: &[
        ("id", Text),
        ("billingUserId", Text),
        ("stripeSubscriptionId", Text),
        ("stripePriceId", Text),
        ("planName", Text),
        ("status", Word),
        ("currentPeriodStart", Instant),
        ("currentPeriodEnd", Instant),
        ("trialEnd", Instant),
        ("cancelAtPeriodEnd", Flag),
        ("canceledAt", Instant),
        ("createdAt", Instant),
        ("updatedAt", Instant),
    ],
};

const DOCUMENTED_INVOICE: TableShape = TableShape {
    name: "invoices",
    columns: &[
        ("id", Text),
        ("billingUserId", Text),
        ("stripeInvoiceId", Text),
        ("amount", Number),
        ("currency", Word),
        ("status", Word),
        ("paidAt", Instant),
        ("createdAt", Instant),
        ("updatedAt", Instant),
    ],
};

/// Names the tables and columns by which a profile is recognised.
pub(super) fn mark(profile: SchemaProfile) -> &'static [TableShape] {
    match profile {
        SchemaProfile::Devflowhub => &[
            TableShape { name: "StripeCustomer", columns: &[] },
            TableShape { name: "BillingEvent", columns: &[("stripeEventId", Unread)] },
        ],
        SchemaProfile::NestModels => &[
            TableShape { name: "billing_users", columns: &[] },
            TableShape { name: "Subscription", columns: &[("billingUserId", Unread)] },
        ],
        SchemaProfile::NestDocumented => {
            &[TableShape { name: "billing_users", columns: &[] }, TableShape { name: "subscriptions", columns: &[] }]
        }
    }
}

/// Gives what is read for a kind of row; `None` where the profile has no such table.
pub(in crate::billing_db) fn shape(profile: SchemaProfile, kind: RowKind) -> Option<Shape> {
    use RowKind::{BillingCustomer, BillingEvent, BillingInvoice, BillingSubscription};
    use SchemaProfile::{Devflowhub, NestDocumented, NestModels};
    let (tables, statement): (&'static [TableShape], _) = match (profile, kind) {
        (Devflowhub, BillingCustomer) => (&[STRIPE_CUSTOMER, USER], sql::DEVFLOWHUB_CUSTOMERS),
        (Devflowhub, BillingSubscription) => (&[DEVFLOWHUB_SUBSCRIPTION], sql::DEVFLOWHUB_SUBSCRIPTIONS),
        (Devflowhub, BillingInvoice) => (&[DEVFLOWHUB_INVOICE], sql::DEVFLOWHUB_INVOICES),
        (Devflowhub, BillingEvent) => (&[BILLING_EVENT], sql::DEVFLOWHUB_EVENTS),
        (NestModels, BillingCustomer) => (&[BILLING_USERS], sql::NEST_CUSTOMERS),
        (NestModels, BillingSubscription) => {
            (&[MODELS_SUBSCRIPTION, BILLING_USER_LINK], sql::NEST_MODELS_SUBSCRIPTIONS)
        }
        (NestModels, BillingInvoice) => (&[MODELS_INVOICE, BILLING_USER_LINK], sql::NEST_MODELS_INVOICES),
        (NestDocumented, BillingCustomer) => (&[BILLING_USERS], sql::NEST_CUSTOMERS),
        (NestDocumented, BillingSubscription) => {
            (&[DOCUMENTED_SUBSCRIPTION, BILLING_USER_LINK], sql::NEST_DOCUMENTED_SUBSCRIPTIONS)
        }
        (NestDocumented, BillingInvoice) => (&[DOCUMENTED_INVOICE, BILLING_USER_LINK], sql::NEST_DOCUMENTED_INVOICES),
        (NestModels | NestDocumented, BillingEvent) => return None,
    };
    Some(Shape { tables, statement, has_stripe_id: (profile, kind) != (NestModels, BillingInvoice) })
}

/// Lists each table of a profile once with every column that is read from it.
pub(in crate::billing_db) fn columns_read(profile: SchemaProfile) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut read: Vec<(&str, Vec<&str>)> = Vec::new();
    for table in KINDS.iter().filter_map(|&kind| shape(profile, kind)).flat_map(|shape| shape.tables) {
        let columns = table.columns.iter().map(|&(column, _)| column);
        match read.iter_mut().find(|(name, _)| *name == table.name) {
            Some((_, known)) => {
                for column in columns {
                    if !known.contains(&column) {
                        known.push(column);
                    }
                }
            }
            None => read.push((table.name, columns.collect())),
        }
    }
    read
}
