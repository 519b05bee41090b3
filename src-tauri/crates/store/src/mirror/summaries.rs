//! The standing of each customer in one row, for the list: worst status, plan, MRR, what is late, what comes next.
//!
//! Put together from the other tables by one statement whenever a customer's figures were computed anew; it adds nothing
//! that could not be found there, only speed.

use countersign_domain::Instant;
use countersign_domain::ids::CustomerId;
use rusqlite::{Connection, named_params};

use super::Scope;
use super::schema::{Fill, Table};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "customer_summaries",
    version: 2,
    create: "CREATE TABLE customer_summaries (
        row INTEGER PRIMARY KEY,
        status TEXT NOT NULL,
        urgency INTEGER NOT NULL,
        plan TEXT NOT NULL,
        currency TEXT,
        mrr_micro INTEGER NOT NULL,
        open_minor INTEGER NOT NULL,
        past_due_minor INTEGER NOT NULL,
        renews_at INTEGER,
        trial_end_at INTEGER,
        last_charge INTEGER,
        last_charge_at INTEGER
    ) STRICT",
    drop: "DROP TABLE IF EXISTS customer_summaries",
    fill: Fill::Rollup,
};

/// Writes the standing of a customer anew.
///
/// **Shape**: the worst of the running subscriptions decides; ended ones only when none runs. The currency is the one with
/// most MRR, else the one of the open invoices.
/// **Deliberate**: the index is named, or SQLite would read every invoice there is to have them in order of currency.
pub(super) fn refresh(conn: &Connection, scope: Scope, customer: &CustomerId, now: Instant) -> Result<(), StoreError> {
    let sql = "WITH
        worst AS (
          SELECT u.status, u.renews_at, u.trial_end_at,
            CASE u.status WHEN 'unpaid' THEN 0 WHEN 'past_due' THEN 1 WHEN 'incomplete' THEN 2 WHEN 'paused' THEN 3
              WHEN 'trialing' THEN 4 WHEN 'active' THEN 5 WHEN 'canceled' THEN 7 WHEN 'incomplete_expired' THEN 8
              ELSE 6 END AS urgency
          FROM subscriptions u JOIN objects o ON o.row = u.row
          WHERE u.scope = :scope AND u.customer = :customer AND o.is_deleted = 0),
        mrr AS (
          SELECT g.currency, sum(g.micro) AS micro FROM mrr_segments g
          WHERE g.scope = :scope AND g.customer = :customer
            AND g.start_at <= :now AND (g.end_at IS NULL OR g.end_at > :now)
          GROUP BY g.currency ORDER BY micro DESC),
        late AS (
          SELECT i.currency, sum(i.remaining_minor) AS minor FROM invoices i INDEXED BY invoices_by_customer
          JOIN objects o ON o.row = i.row
          WHERE i.scope = :scope AND i.customer = :customer AND i.status = 'open' AND o.is_deleted = 0
          GROUP BY i.currency ORDER BY minor DESC),
        sold AS (
          SELECT coalesce(d.name, p.nickname, t.price) AS name,
            max(coalesce((SELECT sum(g.micro) FROM mrr_segments g
              WHERE g.scope = :scope AND g.customer = :customer AND g.item = t.item
                AND g.start_at <= :now AND (g.end_at IS NULL OR g.end_at > :now)), 0)) AS micro
          FROM subscriptions u JOIN subscription_items t ON t.row = u.row
          LEFT JOIN prices p ON p.scope = u.scope AND p.id = t.price
          LEFT JOIN products d ON d.scope = u.scope AND d.id = coalesce(t.product, p.product)
          WHERE u.scope = :scope AND u.customer = :customer
            AND u.status NOT IN ('canceled', 'incomplete_expired')
          GROUP BY name),
        paid AS (
          SELECT c.row, c.created_at FROM charges c
          WHERE c.scope = :scope AND c.customer = :customer ORDER BY c.created_at DESC, c.row DESC LIMIT 1)
      INSERT OR REPLACE INTO customer_summaries
        (row, status, urgency, plan, currency, mrr_micro, open_minor, past_due_minor, renews_at, trial_end_at,
         last_charge, last_charge_at)
      SELECT c.row,
        coalesce((SELECT status FROM worst ORDER BY urgency, status LIMIT 1), 'none'),
        coalesce((SELECT min(urgency) FROM worst), 9),
        coalesce((SELECT group_concat(name, ', ' ORDER BY micro DESC, name) FROM sold), ''),
        coalesce((SELECT currency FROM mrr LIMIT 1), (SELECT currency FROM late LIMIT 1)),
        coalesce((SELECT micro FROM mrr LIMIT 1), 0),
        coalesce((SELECT minor FROM late LIMIT 1), 0),
        CASE WHEN (SELECT min(urgency) FROM worst) <= 1 THEN coalesce((SELECT minor FROM late LIMIT 1), 0) ELSE 0 END,
        (SELECT min(renews_at) FROM worst WHERE urgency IN (1, 4, 5)),
        (SELECT min(trial_end_at) FROM worst WHERE urgency = 4),
        (SELECT row FROM paid), (SELECT created_at FROM paid)
      FROM customers c WHERE c.scope = :scope AND c.id = :customer";
    conn.prepare_cached(sql)?.execute(named_params! {
        ":scope": scope.0, ":customer": customer.as_str(), ":now": now.timestamp_millis(),
    })?;
    Ok(())
}
