//! Customers: the columns of the list, and the list itself.

use countersign_domain::Instant;
use countersign_domain::ids::{ChargeId, CustomerId, EnvironmentId, UserId};
use countersign_domain::money::Money;
use countersign_domain::stripe::{Customer, ObjectKind};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::object::{Mirrored, Place};
use super::schema::{Fill, Table, fill};
use super::window::{Filters, Rows, Window, listed, totals};
use super::{Scope, column, search};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "customers",
    version: 1,
    create: "CREATE TABLE customers (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        id TEXT NOT NULL,
        name TEXT,
        email TEXT,
        user TEXT,
        country TEXT,
        created_at INTEGER,
        UNIQUE (scope, id)
    ) STRICT;
    CREATE INDEX customers_by_name ON customers (scope, name COLLATE NOCASE);
    CREATE INDEX customers_by_created ON customers (scope, created_at);
    CREATE INDEX customers_by_user ON customers (scope, user)",
    drop: "DROP TABLE IF EXISTS customers",
    fill: Fill::Records(fill::<Customer>),
};

/// Keys under which applications write their own user's id into a customer's metadata.
const USER_KEYS: [&str; 3] = ["userId", "user_id", "billingUserId"];

/// Finds the application's user in a customer's metadata.
#[must_use]
pub fn user_of(customer: &Customer) -> Option<UserId> {
    let named = USER_KEYS.iter().find_map(|key| customer.metadata.get(*key));
    named.filter(|text| !text.is_empty()).map(|text| UserId::from(text.as_str()))
}

impl Mirrored for Customer {
    const KIND: ObjectKind = ObjectKind::Customer;

    fn customer(&self) -> Option<&CustomerId> {
        Some(&self.id)
    }

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let user = user_of(self);
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO customers (row, scope, id, name, email, user, country, created_at)
                 VALUES (:row, :scope, :id, :name, :email, :user, :country, :created_at)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0, ":id": place.id, ":name": self.name,
                ":email": self.email, ":user": user.as_ref().map(|id| id.as_str()), ":country": self.country,
                ":created_at": self.created_at.map(|at| at.timestamp()),
            })?;
        let texts = [self.name.as_deref(), self.email.as_deref()];
        search::index(place, &texts.into_iter().flatten().collect::<Vec<_>>())
    }
}

/// Which customers, in which order.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Standing in one word, as in [`CustomerRow::status`]; empty keeps all.
    pub status: String,
    /// Currency of their MRR or open invoices; empty keeps all.
    pub currency: String,
    /// What the billing database says, as in [`CustomerRow::database`]; empty keeps all.
    pub database: String,
    /// Order.
    pub sort: CustomerSort,
    /// Whether the order is turned round.
    pub is_reversed: bool,
}

/// Orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerSort {
    /// Who needs somebody first: late payments, then trials about to end, then the dearest.
    #[default]
    Attention,
    /// By name.
    Name,
    /// Worst standing first.
    Status,
    /// By plan.
    Plan,
    /// Dearest first.
    Mrr,
    /// Most to pay first.
    Open,
    /// Newest first.
    Since,
    /// Newest payment attempt first.
    LastPayment,
    /// Next renewal first.
    RenewsAt,
    /// By country.
    Country,
    /// Whose rows in the billing database differ first, then those without any.
    Database,
}

/// One customer in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Id.
    pub id: CustomerId,
    /// Name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// User of the application, by the customer's metadata.
    pub user: Option<UserId>,
    /// Two-letter country.
    pub country: Option<String>,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// Whether it is a tombstone.
    pub is_deleted: bool,
    /// Worst status of the subscriptions that are not over, else of those that are, else `none`.
    pub status: String,
    /// Products in words, the dearest first.
    pub plan: String,
    /// MRR per month in each currency, the most first.
    pub mrr: Vec<Money>,
    /// Unpaid invoices in each currency, the most first.
    pub open: Vec<Money>,
    /// Next renewal.
    pub renews_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Newest payment attempt.
    pub last_payment: Option<LastPayment>,
    /// What the billing database says: `equal`, `differs`, `missing`, `other_provider` or `not_connected`.
    ///
    /// It differs where the row of a subscription is missing or has another status. A plan that is granted to somebody
    /// who never had a subscription at Stripe comes from somewhere else.
    pub database: String,
}

/// The newest attempt to take money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastPayment {
    /// What was asked for.
    pub money: Money,
    /// When.
    pub at: Instant,
    /// How it ended.
    pub status: String,
    /// The attempt.
    pub charge: ChargeId,
}

/// A customer against the rows of the billing database.
macro_rules! compared {
    () => {
        "(CASE WHEN :environment IS NULL THEN 'not_connected'
           WHEN NOT EXISTS (SELECT 1 FROM billing_customers d
             WHERE d.environment = :environment AND d.stripe_customer = c.id) THEN 'missing'
           WHEN EXISTS (SELECT 1 FROM subscriptions u JOIN objects uo ON uo.row = u.row
             LEFT JOIN billing_subscriptions d ON d.environment = :environment AND d.stripe_subscription = uo.id
             WHERE u.scope = c.scope AND u.customer = c.id AND uo.is_deleted = 0
               AND d.status IS NOT u.status) THEN 'differs'
           WHEN NOT EXISTS (SELECT 1 FROM subscriptions u WHERE u.scope = c.scope AND u.customer = c.id)
             AND EXISTS (SELECT 1 FROM billing_customers d
               WHERE d.environment = :environment AND d.stripe_customer = c.id
                 AND coalesce(json_extract(d.record, '$.plan'), 'free') <> 'free') THEN 'other_provider'
           ELSE 'equal' END)"
    };
}

/// Which customers: what the list and its count have in common.
macro_rules! narrowed {
    () => {
        concat!(
            "FROM customers c LEFT JOIN customer_summaries s ON s.row = c.row
             WHERE c.scope = :scope
               AND (:status = '' OR coalesce(s.status, 'none') = :status)
               AND (:currency = '' OR s.currency = :currency)
               AND (:text IS NULL OR c.id = :text OR c.user = :text OR instr(lower(s.plan), lower(:text)) > 0
                 OR ((:parts IS NOT NULL OR :words IS NOT NULL) AND (:parts IS NULL OR c.row IN (SELECT rowid FROM search_parts WHERE search_parts MATCH :parts))
                 AND (:words IS NULL OR c.row IN (SELECT rowid FROM search_words WHERE search_words MATCH :words))))
               AND (:database = '' OR :database = ",
            compared!(),
            ")"
        )
    };
}

/// Completes the statement by an order.
macro_rules! ordered {
    ($($order:expr),+) => {
        concat!("SELECT c.row ", narrowed!(), " ORDER BY ", $($order),+, ", c.row LIMIT :take OFFSET :skip")
    };
}

/// The customers that somebody has to look into come first.
macro_rules! by_database {
    () => {
        concat!(
            "CASE ",
            compared!(),
            " WHEN 'differs' THEN 0 WHEN 'missing' THEN 1 WHEN 'other_provider' THEN 2 ELSE 3 END"
        )
    };
}

impl CustomerSort {
    const fn statement(self, is_reversed: bool) -> &'static str {
        match (self, is_reversed) {
            (Self::Attention, false) => ordered!(
                "coalesce(s.urgency, 9), s.past_due_minor DESC, s.trial_end_at IS NULL, s.trial_end_at,
                 s.mrr_micro DESC"
            ),
            (Self::Attention, true) => ordered!("coalesce(s.urgency, 9) DESC, s.past_due_minor, s.mrr_micro"),
            (Self::Name, false) => ordered!("c.name IS NULL, c.name COLLATE NOCASE"),
            (Self::Name, true) => ordered!("c.name IS NULL, c.name COLLATE NOCASE DESC"),
            (Self::Status, false) => ordered!("coalesce(s.urgency, 9), s.status"),
            (Self::Status, true) => ordered!("coalesce(s.urgency, 9) DESC, s.status DESC"),
            (Self::Plan, false) => ordered!("coalesce(s.plan, '') = '', s.plan COLLATE NOCASE"),
            (Self::Plan, true) => ordered!("s.plan COLLATE NOCASE DESC"),
            (Self::Mrr, false) => ordered!("coalesce(s.mrr_micro, 0) DESC"),
            (Self::Mrr, true) => ordered!("coalesce(s.mrr_micro, 0)"),
            (Self::Open, false) => ordered!("coalesce(s.open_minor, 0) DESC"),
            (Self::Open, true) => ordered!("coalesce(s.open_minor, 0)"),
            (Self::Since, false) => ordered!("c.created_at DESC"),
            (Self::Since, true) => ordered!("c.created_at"),
            (Self::LastPayment, false) => ordered!("s.last_charge_at DESC"),
            (Self::LastPayment, true) => ordered!("s.last_charge_at IS NULL, s.last_charge_at"),
            (Self::RenewsAt, false) => ordered!("s.renews_at IS NULL, s.renews_at"),
            (Self::RenewsAt, true) => ordered!("s.renews_at DESC"),
            (Self::Country, false) => ordered!("c.country IS NULL, c.country"),
            (Self::Country, true) => ordered!("c.country DESC"),
            (Self::Database, false) => ordered!(by_database!()),
            (Self::Database, true) => ordered!(by_database!(), " DESC"),
        }
    }
}

/// Lists a window of the customers, deleted ones included, with the MRR of the whole list per currency.
///
/// **Shape**: standing and plan are as of the newest rollup, MRR as of `now`.
/// **Errors**: the file cannot be read.
pub fn list(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    filter: &CustomerFilter,
    window: &Window,
    now: Instant,
) -> Result<(Rows<CustomerRow>, Vec<Money>), StoreError> {
    let (text, words) = (window.text(), window.words());
    let filters: &Filters<'_> = named_params! {
        ":scope": scope.0, ":environment": environment.map(EnvironmentId::as_str), ":status": filter.status,
        ":currency": filter.currency, ":database": filter.database, ":text": text, ":parts": words.parts, ":words": words.beginnings,
    };
    let statements = (filter.sort.statement(filter.is_reversed), concat!("SELECT count(*) ", narrowed!()));
    let rows = listed(conn, statements, filters, window, |row| detail(conn, environment, row, now))?;
    let now = now.timestamp_millis();
    let mut totalled = filters.to_vec();
    totalled.push((":now", &now));
    let sql = concat!(
        "SELECT g.currency, sum(g.micro) AS micro FROM mrr_segments g
         WHERE g.scope = :scope AND g.start_at <= :now AND (g.end_at IS NULL OR g.end_at > :now)
           AND g.customer IN (SELECT c.id ",
        narrowed!(),
        ") GROUP BY g.currency ORDER BY micro DESC"
    );
    Ok((rows, totals(conn, sql, totalled.as_slice())?))
}

/// Gives one customer as the list shows it.
///
/// **Errors**: as [`list`].
pub fn row(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    id: &CustomerId,
    now: Instant,
) -> Result<Option<CustomerRow>, StoreError> {
    let sql = "SELECT row FROM customers WHERE scope = :scope AND id = :id";
    let params = named_params! {":scope": scope.0, ":id": id.as_str()};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    found.map(|row| detail(conn, environment, row, now)).transpose()
}

fn detail(
    conn: &Connection,
    environment: Option<&EnvironmentId>,
    row: i64,
    now: Instant,
) -> Result<CustomerRow, StoreError> {
    let sql = concat!(
        "SELECT c.id, c.name, c.email, c.user, c.country, c.created_at, o.is_deleted,
           coalesce(s.status, 'none') AS status, coalesce(s.plan, '') AS plan, s.renews_at, s.trial_end_at,
           p.amount_minor, p.currency, p.created_at AS paid_at, p.status AS payment_status,
           (SELECT id FROM objects WHERE row = p.row) AS charge, ",
        compared!(),
        " AS database
         FROM customers c JOIN objects o ON o.row = c.row
         LEFT JOIN customer_summaries s ON s.row = c.row LEFT JOIN charges p ON p.row = s.last_charge
         WHERE c.row = :row"
    );
    let params = named_params! {":row": row, ":environment": environment.map(EnvironmentId::as_str)};
    let mut customer = conn.prepare_cached(sql)?.query_row(params, read)?;
    let mrr = "SELECT g.currency, sum(g.micro) AS micro FROM mrr_segments g
        JOIN customers c ON c.scope = g.scope AND c.id = g.customer
        WHERE c.row = :row AND g.start_at <= :now AND (g.end_at IS NULL OR g.end_at > :now)
        GROUP BY g.currency ORDER BY micro DESC";
    customer.mrr = totals(conn, mrr, named_params! {":row": row, ":now": now.timestamp_millis()})?;
    // Without the index's name SQLite reads every invoice there is to have them in order of currency.
    let open = "SELECT i.currency, sum(i.remaining_minor) AS minor FROM customers c
        JOIN invoices i INDEXED BY invoices_by_customer ON i.scope = c.scope AND i.customer = c.id AND i.status = 'open'
        JOIN objects o ON o.row = i.row AND o.is_deleted = 0
        WHERE c.row = :row GROUP BY i.currency ORDER BY minor DESC";
    let mut statement = conn.prepare_cached(open)?;
    let rows = statement.query_map(named_params! {":row": row}, |row| column::money(row, "minor", "currency"))?;
    customer.open = rows.collect::<Result<_, _>>()?;
    Ok(customer)
}

fn read(row: &Row<'_>) -> rusqlite::Result<CustomerRow> {
    let last_payment = match column::seconds(row, "paid_at")? {
        None => None,
        Some(at) => Some(LastPayment {
            money: column::money(row, "amount_minor", "currency")?,
            at,
            status: row.get("payment_status")?,
            charge: column::word(row, "charge")?,
        }),
    };
    Ok(CustomerRow {
        id: column::word(row, "id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        user: column::word_or_none(row, "user")?,
        country: row.get("country")?,
        created_at: column::seconds(row, "created_at")?,
        is_deleted: row.get("is_deleted")?,
        status: row.get("status")?,
        plan: row.get("plan")?,
        mrr: Vec::new(),
        open: Vec::new(),
        renews_at: column::seconds(row, "renews_at")?,
        trial_end_at: column::seconds(row, "trial_end_at")?,
        last_payment,
        database: row.get("database")?,
    })
}
