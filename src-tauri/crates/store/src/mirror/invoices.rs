//! Invoices: the columns of the list, the list itself, and its totals per currency.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, InvoiceId, SubscriptionId};
use countersign_domain::metrics::webhooks::GRACE_MINUTES;
use countersign_domain::money::{Currency, Money};
use countersign_domain::stripe::invoice::InvoiceStatus;
use countersign_domain::stripe::{Invoice, ObjectKind};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::object::{Mirrored, Place};
use super::schema::{Fill, Table, fill};
use super::window::{Filters, Rows, Window, listed};
use super::{Scope, column, invoice_lines};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "invoices",
    version: 1,
    create: "CREATE TABLE invoices (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        customer TEXT,
        subscription TEXT,
        number TEXT COLLATE NOCASE,
        status TEXT NOT NULL,
        currency TEXT NOT NULL,
        total_minor INTEGER NOT NULL,
        tax_minor INTEGER NOT NULL,
        due_minor INTEGER NOT NULL,
        paid_minor INTEGER NOT NULL,
        remaining_minor INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER,
        reason TEXT,
        created_at INTEGER NOT NULL,
        due_at INTEGER,
        paid_at INTEGER
    ) STRICT;
    CREATE INDEX invoices_by_created ON invoices (scope, created_at);
    CREATE INDEX invoices_by_customer ON invoices (scope, customer, created_at);
    CREATE INDEX invoices_by_subscription ON invoices (scope, subscription, created_at);
    CREATE INDEX invoices_by_number ON invoices (scope, number);
    CREATE INDEX invoices_by_status ON invoices (scope, status, created_at);
    CREATE INDEX invoices_by_total ON invoices (scope, currency, total_minor)",
    drop: "DROP TABLE IF EXISTS invoices",
    fill: Fill::Records(fill::<Invoice>),
};

impl Mirrored for Invoice {
    const KIND: ObjectKind = ObjectKind::Invoice;

    fn customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let seconds = |at: Option<Instant>| at.map(|at| at.timestamp());
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO invoices
                   (row, scope, customer, subscription, number, status, currency, total_minor, tax_minor, due_minor,
                    paid_minor, remaining_minor, attempts, next_attempt_at, reason, created_at, due_at, paid_at)
                 VALUES (:row, :scope, :customer, :subscription, :number, :status, :currency, :total, :tax, :due,
                    :paid, :remaining, :attempts, :next_attempt_at, :reason, :created_at, :due_at, :paid_at)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0,
                ":customer": self.customer.as_ref().map(CustomerId::as_str),
                ":subscription": self.subscription.as_ref().map(SubscriptionId::as_str),
                ":number": self.number, ":status": self.status.as_str(), ":currency": self.currency.code(),
                ":total": self.total.0, ":tax": self.tax.0, ":due": self.amount_due.0, ":paid": self.amount_paid.0,
                ":remaining": self.amount_remaining.0, ":attempts": self.attempt_count,
                ":next_attempt_at": seconds(self.next_attempt_at), ":reason": self.billing_reason,
                ":created_at": self.created_at.timestamp(), ":due_at": seconds(self.due_at),
                ":paid_at": seconds(self.paid_at),
            })?;
        invoice_lines::index(self, place)
    }
}

/// Which invoices, in which order.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    /// Status in Stripe's words; `overdue` is one more; empty keeps all.
    pub status: String,
    /// Verdict as in [`InvoiceRow::verdict`]; empty keeps all.
    pub verdict: String,
    /// Currency; empty keeps all.
    pub currency: String,
    /// Order.
    pub sort: InvoiceSort,
    /// Whether the order is turned round.
    pub is_reversed: bool,
}

/// Orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvoiceSort {
    /// Newest first.
    #[default]
    Created,
    /// By number; drafts last.
    Number,
    /// By the customer's name.
    Name,
    /// By status: open ones first, then written off, draft, paid, void.
    Status,
    /// Those that differ first, then those without a row.
    Verdict,
    /// Most attempts first.
    Attempts,
    /// Largest amount still to pay first.
    Remaining,
    /// Longest overdue first.
    Due,
    /// Largest total first.
    Total,
}

/// One invoice in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    /// Id.
    pub id: InvoiceId,
    /// Number; a draft has none.
    pub number: Option<String>,
    /// Who was billed.
    pub customer: Option<CustomerId>,
    /// Their name.
    pub name: Option<String>,
    /// The subscription it belongs to.
    pub subscription: Option<SubscriptionId>,
    /// Status in Stripe.
    pub status: InvoiceStatus,
    /// Status in the billing database, if there is a row.
    pub database_status: Option<String>,
    /// `equal`, `differs`, `missing`, `not_expected` or `not_connected`: status and paid amount compared. The application
    /// records an invoice when it was paid, so without a row only one paid long enough ago is missing.
    pub verdict: String,
    /// Total.
    pub total: Money,
    /// Tax in it.
    pub tax: Money,
    /// Paid so far.
    pub paid: Money,
    /// Still to pay.
    pub remaining: Money,
    /// When it was made.
    pub created_at: Instant,
    /// When it is due.
    pub due_at: Option<Instant>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// Payment attempts.
    pub attempts: u32,
    /// When the next is planned.
    pub next_attempt_at: Option<Instant>,
    /// Why it was made, in Stripe's word.
    pub reason: Option<String>,
    /// Whether it is a tombstone.
    pub is_deleted: bool,
}

/// Sums of one currency over a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceTotals {
    /// Sum of the totals.
    pub total: Money,
    /// Sum of what is still to pay.
    pub remaining: Money,
}

/// An invoice with its row of the billing database, if it has one; the best row where it has several.
macro_rules! compared {
    () => {
        "(CASE WHEN :environment IS NULL THEN 'not_connected'
           WHEN EXISTS (SELECT 1 FROM billing_invoices d
             WHERE d.environment = :environment AND d.stripe_invoice = i.id AND d.status = i.status
               AND (d.paid_minor IS NULL OR d.paid_minor = i.paid_minor)) THEN 'equal'
           WHEN EXISTS (SELECT 1 FROM billing_invoices d
             WHERE d.environment = :environment AND d.stripe_invoice = i.id) THEN 'differs'
           WHEN i.status = 'paid' AND coalesce(i.paid_at, 0) <= :awaited THEN 'missing'
           ELSE 'not_expected' END)"
    };
}

macro_rules! narrowed {
    () => {
        concat!(
            "FROM (SELECT i.*, o.id FROM invoices i JOIN objects o ON o.row = i.row
               WHERE i.scope = :scope AND o.is_deleted = 0) i
             WHERE (:status = '' OR i.status = :status
                 OR (:status = 'overdue' AND i.status = 'open' AND i.due_at < :now))
               AND (:verdict = '' OR :verdict = ",
            compared!(),
            ") AND (:currency = '' OR i.currency = :currency)
               AND (:text IS NULL OR i.id = :text OR i.number = :text OR i.customer = :text
                 OR (i.number >= :text AND i.number < :text || char(1114111))
                 OR i.customer IN (SELECT c.id FROM customers c
                   WHERE c.scope = :scope AND (:parts IS NOT NULL OR :words IS NOT NULL)
                   AND (:parts IS NULL
                     OR c.row IN (SELECT rowid FROM search_parts WHERE search_parts MATCH :parts))
                   AND (:words IS NULL
                     OR c.row IN (SELECT rowid FROM search_words WHERE search_words MATCH :words))))"
        )
    };
}

macro_rules! ordered {
    ($($order:expr),+) => {
        concat!("SELECT i.row ", narrowed!(), " ORDER BY ", $($order),+, ", i.row LIMIT :take OFFSET :skip")
    };
}

macro_rules! name {
    () => {
        "(SELECT c.name FROM customers c WHERE c.scope = i.scope AND c.id = i.customer) COLLATE NOCASE"
    };
}

macro_rules! by_status {
    () => {
        "CASE i.status WHEN 'open' THEN 0 WHEN 'uncollectible' THEN 1 WHEN 'draft' THEN 2 WHEN 'paid' THEN 3
           WHEN 'void' THEN 4 ELSE 5 END"
    };
}

macro_rules! by_verdict {
    () => {
        concat!("CASE ", compared!(), " WHEN 'differs' THEN 0 WHEN 'missing' THEN 1 ELSE 2 END")
    };
}

impl InvoiceSort {
    const fn statement(self, is_reversed: bool) -> &'static str {
        match (self, is_reversed) {
            (Self::Created, false) => ordered!("i.created_at DESC"),
            (Self::Created, true) => ordered!("i.created_at"),
            (Self::Number, false) => ordered!("i.number IS NULL, i.number"),
            (Self::Number, true) => ordered!("i.number IS NULL, i.number DESC"),
            (Self::Name, false) => ordered!(name!(), " NULLS LAST"),
            (Self::Name, true) => ordered!(name!(), " DESC NULLS LAST"),
            (Self::Status, false) => ordered!(by_status!(), ", i.created_at DESC"),
            (Self::Status, true) => ordered!(by_status!(), " DESC, i.created_at"),
            (Self::Verdict, false) => ordered!(by_verdict!(), ", i.created_at DESC"),
            (Self::Verdict, true) => ordered!(by_verdict!(), " DESC, i.created_at"),
            (Self::Attempts, false) => ordered!("i.attempts DESC"),
            (Self::Attempts, true) => ordered!("i.attempts"),
            (Self::Remaining, false) => ordered!("i.remaining_minor DESC"),
            (Self::Remaining, true) => ordered!("i.remaining_minor"),
            (Self::Due, false) => ordered!("i.status <> 'open', i.due_at IS NULL, i.due_at"),
            (Self::Due, true) => ordered!("i.status <> 'open', i.due_at DESC"),
            (Self::Total, false) => ordered!("i.total_minor DESC"),
            (Self::Total, true) => ordered!("i.total_minor"),
        }
    }
}

/// Lists a window of the invoices that are not deleted, with the sums of the whole list per currency.
///
/// **Errors**: the file cannot be read, or a sum leaves 64 bits.
pub fn list(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    filter: &InvoiceFilter,
    window: &Window,
    now: Instant,
) -> Result<(Rows<InvoiceRow>, Vec<InvoiceTotals>), StoreError> {
    let (text, words) = (window.text(), window.words());
    let filters: &Filters<'_> = named_params! {
        ":scope": scope.0, ":environment": environment.map(EnvironmentId::as_str), ":status": filter.status,
        ":verdict": filter.verdict, ":currency": filter.currency, ":now": now.timestamp(), ":awaited": awaited_since(now),
        ":text": text, ":parts": words.parts, ":words": words.beginnings,
    };
    let statements = (filter.sort.statement(filter.is_reversed), concat!("SELECT count(*) ", narrowed!()));
    let rows = listed(conn, statements, filters, window, |row| detail(conn, environment, row, now))?;
    let mut statement = conn.prepare_cached(concat!(
        "SELECT i.currency, sum(i.total_minor) AS total, sum(i.remaining_minor) AS remaining ",
        narrowed!(),
        " GROUP BY i.currency ORDER BY i.currency"
    ))?;
    let totals = statement.query_map(filters, |row| {
        Ok(InvoiceTotals {
            total: column::money(row, "total", "currency")?,
            remaining: column::money(row, "remaining", "currency")?,
        })
    })?;
    Ok((rows, totals.collect::<Result<_, _>>()?))
}

/// Gives one invoice as the list shows it, deleted or not.
///
/// **Errors**: as [`list`].
pub fn row(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    id: &InvoiceId,
    now: Instant,
) -> Result<Option<InvoiceRow>, StoreError> {
    let sql = "SELECT row FROM objects WHERE scope = :scope AND kind = 'invoice' AND id = :id";
    let params = named_params! {":scope": scope.0, ":id": id.as_str()};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    found.map(|row| detail(conn, environment, row, now)).transpose()
}

/// Gives the newest invoices of a customer as the list shows them, newest first.
///
/// **Errors**: as [`list`].
pub fn of_customer(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    customer: &CustomerId,
    limit: u32,
    now: Instant,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let sql = "SELECT i.row FROM invoices i JOIN objects o ON o.row = i.row
        WHERE i.scope = :scope AND i.customer = :customer AND o.is_deleted = 0
        ORDER BY i.created_at DESC, i.row LIMIT :limit";
    let params = named_params! {":scope": scope.0, ":customer": customer.as_str(), ":limit": limit};
    details(conn, environment, sql, params, now)
}

/// Gives the newest invoices of a subscription as the list shows them, newest first.
///
/// **Errors**: as [`list`].
pub fn of_subscription(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    subscription: &SubscriptionId,
    limit: u32,
    now: Instant,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let sql = "SELECT i.row FROM invoices i JOIN objects o ON o.row = i.row
        WHERE i.scope = :scope AND i.subscription = :subscription AND o.is_deleted = 0
        ORDER BY i.created_at DESC, i.row LIMIT :limit";
    let params = named_params! {":scope": scope.0, ":subscription": subscription.as_str(), ":limit": limit};
    details(conn, environment, sql, params, now)
}

/// The row of an invoice that was paid after this may still come.
fn awaited_since(now: Instant) -> i64 {
    (now - TimeDelta::minutes(GRACE_MINUTES)).timestamp()
}

/// Gives the rows that a statement names.
fn details(
    conn: &Connection,
    environment: Option<&EnvironmentId>,
    sql: &'static str,
    params: &Filters<'_>,
    now: Instant,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    rows.into_iter().map(|row| detail(conn, environment, row, now)).collect()
}

/// Gives every currency that invoices were made in.
///
/// **Errors**: the file cannot be read.
pub fn currencies(conn: &Connection, scope: Scope) -> Result<Vec<Currency>, StoreError> {
    // Steps from currency to currency through the index instead of reading all of it.
    let sql = "WITH RECURSIVE step (currency) AS (
          SELECT min(currency) FROM invoices WHERE scope = :scope
          UNION ALL
          SELECT (SELECT min(currency) FROM invoices WHERE scope = :scope AND currency > step.currency) FROM step
          WHERE step.currency IS NOT NULL)
        SELECT currency FROM step WHERE currency IS NOT NULL";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! {":scope": scope.0}, |row| column::currency(row, "currency"))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn detail(
    conn: &Connection,
    environment: Option<&EnvironmentId>,
    row: i64,
    now: Instant,
) -> Result<InvoiceRow, StoreError> {
    let sql = concat!(
        "SELECT i.*, c.name, (SELECT coalesce(max(d.status) FILTER (WHERE d.status = i.status), min(d.status))
            FROM billing_invoices d WHERE d.environment = :environment AND d.stripe_invoice = i.id) AS database_status, ",
        compared!(),
        " AS verdict
         FROM (SELECT i.*, o.id, o.is_deleted FROM invoices i JOIN objects o ON o.row = i.row WHERE i.row = :row) i
         LEFT JOIN customers c ON c.scope = i.scope AND c.id = i.customer"
    );
    let environment = environment.map(EnvironmentId::as_str);
    let params = named_params! {":row": row, ":environment": environment, ":awaited": awaited_since(now)};
    Ok(conn.prepare_cached(sql)?.query_row(params, read)?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<InvoiceRow> {
    let money = |amount| column::money(row, amount, "currency");
    Ok(InvoiceRow {
        id: column::word(row, "id")?,
        number: row.get("number")?,
        customer: column::word_or_none(row, "customer")?,
        name: row.get("name")?,
        subscription: column::word_or_none(row, "subscription")?,
        status: InvoiceStatus::from(row.get::<_, String>("status")?.as_str()),
        database_status: row.get("database_status")?,
        verdict: row.get("verdict")?,
        total: money("total_minor")?,
        tax: money("tax_minor")?,
        paid: money("paid_minor")?,
        remaining: money("remaining_minor")?,
        created_at: column::seconds(row, "created_at")?.unwrap_or_default(),
        due_at: column::seconds(row, "due_at")?,
        paid_at: column::seconds(row, "paid_at")?,
        attempts: row.get("attempts")?,
        next_attempt_at: column::seconds(row, "next_attempt_at")?,
        reason: row.get("reason")?,
        is_deleted: row.get("is_deleted")?,
    })
}
