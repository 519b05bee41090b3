//! Every statement that reads the demo's billing database.
//!
//! Constants, with the same parameters and the same columns in the answer as the PostgreSQL reader's: 1 after this
//! key, 2 changed since (milliseconds), 3 these ids of Stripe (a JSON list), 4 rows at most. Who is exposed is counted by
//! one statement of a fixed shape, over names that were found in the file.

use countersign_domain::billing::RowKind;
use countersign_domain::workspace::ExposureOperator;
use countersign_sources::billing_db::exposure::{FittedExposure, FittedRule, Holds};

/// SQLite's version.
pub(super) const VERSION: &str = "SELECT sqlite_version()";

/// Tables and views, with what they are.
pub(super) const TABLES: &str = "
    SELECT name, CASE WHEN sql LIKE 'CREATE VIRTUAL%' THEN 'virtual' ELSE type END AS kind
    FROM sqlite_schema
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY name
    LIMIT 1000";

/// The columns of a table.
pub(super) const COLUMNS: &str = "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid";

/// Writes an instant of either form as milliseconds.
macro_rules! millis {
    ($column:literal) => {
        concat!(
            "CASE typeof(",
            $column,
            ") WHEN 'integer' THEN ",
            $column,
            " ELSE CAST(round((julianday(",
            $column,
            ") - 2440587.5) * 86400000) AS INTEGER) END"
        )
    };
}

const CUSTOMERS: &str = r#"
    SELECT r."id" AS row_id, r."userId" AS user_id, r."stripeCustomerId" AS stripe_customer, u."plan" AS plan,
           r."createdAt" AS created_at
    FROM "StripeCustomer" AS r
    LEFT JOIN "User" AS u ON u."id" = r."userId"
    WHERE (?1 IS NULL OR r."id" > ?1)
      AND (?3 IS NULL OR r."stripeCustomerId" IN (SELECT value FROM json_each(?3)))
    ORDER BY r."id"
    LIMIT ?4"#;

const SUBSCRIPTIONS: &str = concat!(
    r#"
    SELECT r."id" AS row_id, r."userId" AS user_id, r."stripeSubscriptionId" AS stripe_subscription,
           r."stripePriceId" AS stripe_price, r."status" AS status, r."currentPeriodStart" AS period_start_at,
           r."currentPeriodEnd" AS period_end_at, r."trialEnd" AS trial_end_at,
           r."cancelAtPeriodEnd" AS cancels_at_period_end, r."canceledAt" AS canceled_at, r."plan" AS plan,
           r."createdAt" AS created_at, r."updatedAt" AS updated_at
    FROM "Subscription" AS r
    WHERE (?1 IS NULL OR r."id" > ?1)
      AND (?2 IS NULL OR "#,
    millis!(r#"r."updatedAt""#),
    r#" >= ?2)
      AND (?3 IS NULL OR r."stripeSubscriptionId" IN (SELECT value FROM json_each(?3)))
    ORDER BY r."id"
    LIMIT ?4"#
);

const INVOICES: &str = concat!(
    r#"
    SELECT r."id" AS row_id, r."userId" AS user_id, r."stripeInvoiceId" AS stripe_invoice, r."status" AS status,
           r."currency" AS currency, r."amountDue" AS amount_due_minor, r."amountPaid" AS amount_paid_minor,
           NULL AS amount_due_major, NULL AS paid_at, r."createdAt" AS created_at, r."updatedAt" AS updated_at
    FROM "Invoice" AS r
    WHERE (?1 IS NULL OR r."id" > ?1)
      AND (?2 IS NULL OR "#,
    millis!(r#"r."updatedAt""#),
    r#" >= ?2)
      AND (?3 IS NULL OR r."stripeInvoiceId" IN (SELECT value FROM json_each(?3)))
    ORDER BY r."id"
    LIMIT ?4"#
);

const EVENTS: &str = concat!(
    r#"
    SELECT r."id" AS row_id, r."stripeEventId" AS stripe_event, r."eventType" AS event_type,
           r."createdAt" AS created_at
    FROM "BillingEvent" AS r
    WHERE (?1 IS NULL OR r."id" > ?1)
      AND (?2 IS NULL OR "#,
    millis!(r#"r."createdAt""#),
    r#" >= ?2)
      AND (?3 IS NULL OR r."stripeEventId" IN (SELECT value FROM json_each(?3)))
    ORDER BY r."id"
    LIMIT ?4"#
);

/// Gives the statement that reads rows of a kind.
pub(super) fn rows(kind: RowKind) -> &'static str {
    match kind {
        RowKind::BillingCustomer => CUSTOMERS,
        RowKind::BillingSubscription => SUBSCRIPTIONS,
        RowKind::BillingInvoice => INVOICES,
        RowKind::BillingEvent => EVENTS,
    }
}

/// Gives the statement that counts rows of a kind.
pub(super) fn count(kind: RowKind) -> &'static str {
    match kind {
        RowKind::BillingCustomer => r#"SELECT count(*) FROM "StripeCustomer""#,
        RowKind::BillingSubscription => r#"SELECT count(*) FROM "Subscription""#,
        RowKind::BillingInvoice => r#"SELECT count(*) FROM "Invoice""#,
        RowKind::BillingEvent => r#"SELECT count(*) FROM "BillingEvent""#,
    }
}

/// Gives the statement that counts who is exposed.
///
/// **Shape**: the parameters are the value of the exposed, then that of the eligible; instants in milliseconds.
pub(super) fn exposure(fitted: &FittedExposure<'_>) -> String {
    let exposed = condition(&fitted.exposed, "?1");
    let eligible = fitted.eligible.as_ref().map_or_else(|| "TRUE".to_owned(), |rule| condition(rule, "?2"));
    let relation = &fitted.relation.qualified;
    format!(
        "SELECT count(*) FILTER (WHERE {exposed}) AS exposed, count(*) AS eligible FROM {relation} AS r WHERE {eligible}"
    )
}

fn condition(rule: &FittedRule<'_>, value: &str) -> String {
    let column = format!("r.{}", rule.column.quoted);
    let compared = match rule.holds {
        Holds::Instant => format!(
            "CASE typeof({column}) WHEN 'integer' THEN {column} \
             ELSE CAST(round((julianday({column}) - 2440587.5) * 86400000) AS INTEGER) END"
        ),
        _ => column.clone(),
    };
    match rule.operator {
        ExposureOperator::Equal => format!("{compared} = {value}"),
        ExposureOperator::Other => format!("{compared} <> {value}"),
        ExposureOperator::Above => format!("{compared} > {value}"),
        ExposureOperator::AtLeast => format!("{compared} >= {value}"),
        ExposureOperator::Below => format!("{compared} < {value}"),
        ExposureOperator::AtMost => format!("{compared} <= {value}"),
        ExposureOperator::IsNull => format!("{column} IS NULL"),
        ExposureOperator::IsNotNull => format!("{column} IS NOT NULL"),
        ExposureOperator::IsTrue => format!("{column} IS TRUE"),
        ExposureOperator::IsFalse => format!("{column} IS FALSE"),
    }
}
