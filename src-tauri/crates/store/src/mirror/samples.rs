//! Narrow reads for figures: the records of one window of time, and names for the rows behind a figure.
//!
//! Each figure says what its sample is; finding it is a matter of columns and stands here. Nothing is counted or summed.

use std::collections::HashMap;

use countersign_domain::Instant;
use countersign_domain::ids::CustomerId;
use countersign_domain::money::Money;
use countersign_domain::stripe::{Charge, Invoice, Subscription};
use countersign_domain::zones::Period;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::object::load_where;
use super::{Scope, column};
use crate::StoreError;

/// Finds the names of some customers; those without one are absent.
///
/// **Errors**: the file cannot be read.
pub fn names<'a>(
    conn: &Connection,
    scope: Scope,
    customers: impl IntoIterator<Item = &'a CustomerId>,
) -> Result<HashMap<CustomerId, String>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT name FROM customers WHERE scope = :scope AND id = :id")?;
    let mut names = HashMap::new();
    for customer in customers {
        let params = named_params! {":scope": scope.0, ":id": customer.as_str()};
        let found: Option<Option<String>> = statement.query_row(params, |row| row.get(0)).optional()?;
        if let Some(name) = found.flatten() {
            names.insert(customer.clone(), name);
        }
    }
    Ok(names)
}

/// Loads every attempt, whenever it was made, of the payments that were tried in a period, oldest first.
///
/// **Shape**: earlier attempts tell that a payment belongs to an earlier period, later ones whether it was recovered.
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn charges_of_payments(conn: &Connection, scope: Scope, period: Period) -> Result<Vec<Charge>, StoreError> {
    let sql = "SELECT b.record FROM charges c JOIN objects o ON o.row = c.row JOIN bodies b ON b.row = c.row
        WHERE o.is_deleted = 0 AND c.row IN (
          SELECT row FROM charges WHERE scope = :scope AND created_at >= :start AND created_at < :end
          UNION SELECT others.row FROM charges tried
            JOIN charges others ON others.scope = tried.scope AND others.payment_intent = tried.payment_intent
            WHERE tried.scope = :scope AND tried.created_at >= :start AND tried.created_at < :end)
        ORDER BY c.created_at, o.id";
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    load_where(conn, sql, named_params! {":scope": scope.0, ":start": start, ":end": end})
}

/// Loads every attempt of the payments of which one was made since an instant and failed, oldest first.
///
/// **Errors**: as [`charges_of_payments`].
pub fn charges_of_failed(conn: &Connection, scope: Scope, since: Instant) -> Result<Vec<Charge>, StoreError> {
    let sql = "SELECT b.record FROM charges c JOIN objects o ON o.row = c.row JOIN bodies b ON b.row = c.row
        WHERE o.is_deleted = 0 AND c.row IN (
          SELECT row FROM charges WHERE scope = :scope AND created_at >= :since AND status = 'failed'
          UNION SELECT others.row FROM charges tried
            JOIN charges others ON others.scope = tried.scope AND others.payment_intent = tried.payment_intent
            WHERE tried.scope = :scope AND tried.created_at >= :since AND tried.status = 'failed')
        ORDER BY c.created_at, o.id";
    load_where(conn, sql, named_params! {":scope": scope.0, ":since": since.timestamp()})
}

/// Loads the subscriptions whose trial may have ended in a period, each with its invoices.
///
/// **Errors**: as [`charges_of_payments`].
pub fn trials(
    conn: &Connection,
    scope: Scope,
    period: Period,
) -> Result<Vec<(Subscription, Vec<Invoice>)>, StoreError> {
    // A trial ends with its time or earlier with the subscription, never before it began.
    let sql = "SELECT b.record FROM subscriptions u JOIN objects o ON o.row = u.row JOIN bodies b ON b.row = u.row
        WHERE u.scope = :scope AND u.trial_end_at >= :start AND u.start_at < :end AND o.is_deleted = 0 ORDER BY o.id";
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    let subscriptions: Vec<Subscription> =
        load_where(conn, sql, named_params! {":scope": scope.0, ":start": start, ":end": end})?;
    // Without the index's name SQLite reads every paid invoice there is, for each subscription.
    let sql = "SELECT b.record FROM invoices i INDEXED BY invoices_by_subscription
        JOIN objects o ON o.row = i.row JOIN bodies b ON b.row = i.row
        WHERE i.scope = :scope AND i.subscription = :subscription AND i.status = 'paid' AND i.total_minor > 0
          AND o.is_deleted = 0 ORDER BY i.created_at";
    let with_invoices = |subscription: Subscription| {
        let params = named_params! {":scope": scope.0, ":subscription": subscription.id.as_str()};
        Ok((load_where(conn, sql, params)?, subscription))
    };
    let all: Vec<(Vec<Invoice>, Subscription)> =
        subscriptions.into_iter().map(with_invoices).collect::<Result<_, StoreError>>()?;
    Ok(all.into_iter().map(|(invoices, subscription)| (subscription, invoices)).collect())
}

/// Loads the invoices that wait for payment or were written off, oldest first.
///
/// **Errors**: as [`charges_of_payments`].
pub fn unpaid_invoices(conn: &Connection, scope: Scope) -> Result<Vec<Invoice>, StoreError> {
    let sql = "SELECT b.record FROM invoices i JOIN objects o ON o.row = i.row JOIN bodies b ON b.row = i.row
        WHERE i.scope = :scope AND i.status IN ('open', 'uncollectible') AND o.is_deleted = 0
        ORDER BY i.created_at, o.id";
    load_where(conn, sql, named_params! {":scope": scope.0})
}

/// Loads the invoices that were paid in a period, oldest first.
///
/// **Errors**: as [`charges_of_payments`].
pub fn invoices_paid(conn: &Connection, scope: Scope, period: Period) -> Result<Vec<Invoice>, StoreError> {
    let sql = "SELECT b.record FROM invoices i JOIN objects o ON o.row = i.row JOIN bodies b ON b.row = i.row
        WHERE i.scope = :scope AND i.status = 'paid' AND i.paid_at >= :start AND i.paid_at < :end AND o.is_deleted = 0
        ORDER BY i.paid_at, o.id";
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    load_where(conn, sql, named_params! {":scope": scope.0, ":start": start, ":end": end})
}

/// Gives when the subscriptions that began in a period were made, oldest first.
///
/// **Errors**: the file cannot be read.
pub fn subscriptions_made(conn: &Connection, scope: Scope, period: Period) -> Result<Vec<Instant>, StoreError> {
    let sql = "SELECT o.created_at FROM objects o
        WHERE o.scope = :scope AND o.kind = 'subscription' AND o.created_at >= :start AND o.created_at < :end
        ORDER BY o.created_at";
    let mut statement = conn.prepare_cached(sql)?;
    let (start, end) = (period.start.timestamp(), period.end.timestamp());
    let rows = statement.query_map(named_params! {":scope": scope.0, ":start": start, ":end": end}, |row| {
        column::seconds(row, "created_at")
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// What is late in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Customers with a late payment.
    pub customers: u64,
    /// What they have to pay.
    pub money: Money,
}

/// Sums what customers with late payments have to pay, the largest amount first.
///
/// **Errors**: the file cannot be read.
pub fn late(conn: &Connection, scope: Scope) -> Result<Vec<Late>, StoreError> {
    let sql = "SELECT s.currency, count(*) AS customers, sum(s.past_due_minor) AS minor
        FROM customers c JOIN customer_summaries s ON s.row = c.row
        WHERE c.scope = :scope AND s.past_due_minor > 0 AND s.currency IS NOT NULL
        GROUP BY s.currency ORDER BY minor DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0}, |row| {
        let money = Money::new(row.get("minor")?, column::currency(row, "currency")?);
        Ok(Late { customers: row.get::<_, i64>("customers")?.unsigned_abs(), money })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
