//! Which customers' figures have to be computed anew, and what was computed: MRR segments and the customer's standing.
//!
//! Every write of an object marks its customer in the same transaction, so nothing is forgotten when the program ends in
//! between. The computing itself is pure and stands in the domain.

use countersign_domain::Instant;
use countersign_domain::ids::CustomerId;
use countersign_domain::stripe::{Invoice, ObjectKind, Subscription};
use rusqlite::{Connection, Transaction, named_params};

use super::object::load_where;
use super::schema::{Fill, Table};
use super::{Scope, column, subscription_states};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "changed_customers",
    version: 1,
    create: "CREATE TABLE changed_customers (
        scope INTEGER NOT NULL,
        customer TEXT NOT NULL,
        mark INTEGER NOT NULL,
        PRIMARY KEY (scope, customer)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS changed_customers",
    fill: Fill::Rollup,
};

/// A customer to be computed anew, with the mark that was current when the work was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Who.
    pub customer: CustomerId,
    mark: i64,
}

/// Everything a customer's recurring figures are computed from, besides the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Subscriptions as they are now, of every status.
    pub subscriptions: Vec<Subscription>,
    /// Subscriptions as they were observed, each with the instant from which that state held.
    pub observations: Vec<(Instant, Subscription)>,
    /// All invoices with all lines.
    pub invoices: Vec<Invoice>,
}

/// Marks a customer. A mark set while the customer is being computed survives that.
pub(super) fn mark(conn: &Connection, scope: Scope, customer: &CustomerId) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO changed_customers (scope, customer, mark) VALUES (:scope, :customer, 1)
         ON CONFLICT (scope, customer) DO UPDATE SET mark = mark + 1",
    )?
    .execute(named_params! {":scope": scope.0, ":customer": customer.as_str()})?;
    Ok(())
}

/// Marks everybody who has a price: what it costs just became known or changed.
pub(super) fn mark_of_price(conn: &Connection, scope: Scope, price: &str) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO changed_customers (scope, customer, mark)
         SELECT DISTINCT t.scope, u.customer, 1 FROM subscription_items t JOIN subscriptions u ON u.row = t.row
         WHERE t.scope = :scope AND t.price = :price
         ON CONFLICT (scope, customer) DO UPDATE SET mark = mark + 1",
    )?
    .execute(named_params! {":scope": scope.0, ":price": price})?;
    Ok(())
}

/// Marks whoever an object belonged to that was deleted.
pub(super) fn mark_of_object(conn: &Connection, scope: Scope, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO changed_customers (scope, customer, mark)
         SELECT scope, customer, 1 FROM (
           SELECT o.scope, coalesce(
             (SELECT id FROM customers WHERE row = o.row), (SELECT customer FROM subscriptions WHERE row = o.row),
             (SELECT customer FROM invoices WHERE row = o.row), (SELECT customer FROM charges WHERE row = o.row)
           ) AS customer
           FROM objects o WHERE o.scope = :scope AND o.kind = :kind AND o.id = :id)
         WHERE customer IS NOT NULL
         ON CONFLICT (scope, customer) DO UPDATE SET mark = mark + 1",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":id": id})?;
    Ok(())
}

/// Marks every customer: a method setting, a formula or a zone changed.
///
/// **Errors**: the file cannot be written.
pub fn mark_all(tx: &Transaction<'_>) -> Result<(), StoreError> {
    mark_everybody(tx)
}

pub(super) fn mark_everybody(conn: &Connection) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO changed_customers (scope, customer, mark) SELECT scope, id, 1 FROM customers WHERE true
         ON CONFLICT (scope, customer) DO UPDATE SET mark = mark + 1",
        [],
    )?;
    Ok(())
}

/// Gives some of the customers whose figures have to be computed anew.
///
/// **Errors**: the file cannot be read.
pub fn changed(conn: &Connection, scope: Scope, limit: u32) -> Result<Vec<Changed>, StoreError> {
    let sql = "SELECT customer, mark FROM changed_customers WHERE scope = :scope ORDER BY customer LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0, ":limit": limit}, |row| {
        Ok(Changed { customer: column::word(row, "customer")?, mark: row.get("mark")? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Counts them.
///
/// **Errors**: the file cannot be read.
pub fn changed_count(conn: &Connection, scope: Scope) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM changed_customers WHERE scope = :scope";
    Ok(conn.prepare_cached(sql)?.query_row(named_params! {":scope": scope.0}, column::count)?)
}

/// Loads everything a customer's recurring figures are computed from.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn book(conn: &Connection, scope: Scope, customer: &CustomerId) -> Result<Book, StoreError> {
    let subscriptions = "SELECT b.record FROM subscriptions u JOIN bodies b ON b.row = u.row
        JOIN objects o ON o.row = u.row
        WHERE u.scope = :scope AND u.customer = :customer AND o.is_deleted = 0 ORDER BY o.id";
    let invoices = "SELECT b.record FROM invoices i JOIN bodies b ON b.row = i.row
        JOIN objects o ON o.row = i.row
        WHERE i.scope = :scope AND i.customer = :customer AND o.is_deleted = 0 ORDER BY i.created_at, o.id";
    let params = named_params! {":scope": scope.0, ":customer": customer.as_str()};
    Ok(Book {
        subscriptions: load_where(conn, subscriptions, params)?,
        observations: subscription_states::of_customer(conn, scope, customer)?,
        invoices: load_where(conn, invoices, params)?,
    })
}

/// Takes a customer off the list, unless it was marked again since the work was taken.
pub(super) fn settle(conn: &Connection, scope: Scope, changed: &Changed) -> Result<(), StoreError> {
    conn.prepare_cached(
        "DELETE FROM changed_customers WHERE scope = :scope AND customer = :customer AND mark = :mark",
    )?
    .execute(named_params! {":scope": scope.0, ":customer": changed.customer.as_str(), ":mark": changed.mark})?;
    Ok(())
}
