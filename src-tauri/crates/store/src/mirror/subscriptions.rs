//! Subscriptions: the columns of the list, and the list itself, Stripe's side beside the billing database's.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, InvoiceId, SubscriptionId};
use countersign_domain::money::{Currency, Micro, Money};
use countersign_domain::stripe::subscription::{SubscriptionItem, SubscriptionStatus};
use countersign_domain::stripe::{ObjectKind, Subscription};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::object::{Mirrored, Place, load_where};
use super::schema::{Fill, Table, fill};
use super::window::{Filters, Rows, Window, listed, totals};
use super::{Scope, column, subscription_items, subscription_states};
use crate::StoreError;

pub(super) const TABLE: Table = Table {
    name: "subscriptions",
    version: 1,
    create: "CREATE TABLE subscriptions (
        row INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        customer TEXT NOT NULL,
        status TEXT NOT NULL,
        currency TEXT NOT NULL,
        start_at INTEGER NOT NULL,
        period_start_at INTEGER,
        period_end_at INTEGER,
        renews_at INTEGER,
        trial_end_at INTEGER,
        ends_at INTEGER,
        is_cancelling INTEGER NOT NULL,
        latest_invoice TEXT
    ) STRICT;
    CREATE INDEX subscriptions_by_customer ON subscriptions (scope, customer);
    CREATE INDEX subscriptions_by_start ON subscriptions (scope, start_at);
    CREATE INDEX subscriptions_by_renewal ON subscriptions (scope, renews_at)",
    drop: "DROP TABLE IF EXISTS subscriptions",
    fill: Fill::Records(fill::<Subscription>),
};

impl Mirrored for Subscription {
    const KIND: ObjectKind = ObjectKind::Subscription;

    fn customer(&self) -> Option<&CustomerId> {
        Some(&self.customer)
    }

    fn index(&self, place: &Place<'_>) -> Result<(), StoreError> {
        let dates = Dates::of(self);
        let seconds = |at: Option<Instant>| at.map(|at| at.timestamp());
        place
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO subscriptions
                   (row, scope, customer, status, currency, start_at, period_start_at, period_end_at, renews_at,
                    trial_end_at, ends_at, is_cancelling, latest_invoice)
                 VALUES (:row, :scope, :customer, :status, :currency, :start_at, :period_start_at, :period_end_at,
                    :renews_at, :trial_end_at, :ends_at, :is_cancelling, :latest_invoice)",
            )?
            .execute(named_params! {
                ":row": place.row, ":scope": place.scope.0, ":customer": self.customer.as_str(),
                ":status": self.status.as_str(), ":currency": self.currency.code(),
                ":start_at": self.start_at.timestamp(), ":period_start_at": seconds(dates.period_start_at),
                ":period_end_at": seconds(dates.period_end_at), ":renews_at": seconds(dates.renews_at),
                ":trial_end_at": seconds(self.trial_end_at), ":ends_at": seconds(dates.ends_at),
                ":is_cancelling": dates.is_cancelling,
                ":latest_invoice": self.latest_invoice.as_ref().map(InvoiceId::as_str),
            })?;
        subscription_items::index(self, place)
    }

    fn observed(&self, place: &Place<'_>) -> Result<(), StoreError> {
        subscription_states::observed(self, place)
    }
}

/// The dates of a subscription that lists show.
struct Dates {
    /// `None` where the items disagree.
    period_start_at: Option<Instant>,
    /// The earliest of the items.
    period_end_at: Option<Instant>,
    /// `None` where nothing follows the period.
    renews_at: Option<Instant>,
    /// Planned or real end.
    ends_at: Option<Instant>,
    is_cancelling: bool,
}

impl Dates {
    fn of(subscription: &Subscription) -> Self {
        let starts = |item: &SubscriptionItem| item.current_period_start_at;
        let first = subscription.items.first().and_then(starts);
        let is_one = subscription.items.iter().all(|item| starts(item) == first);
        let period_end_at = subscription.items.iter().filter_map(|item| item.current_period_end_at).min();
        let last_end_at = subscription.items.iter().filter_map(|item| item.current_period_end_at).max();
        let planned = subscription.cancel_at.or(last_end_at.filter(|_| subscription.cancels_at_period_end));
        let is_over = matches!(
            subscription.status,
            SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired | SubscriptionStatus::Paused
        );
        let is_cancelling = !is_over && planned.is_some();
        Self {
            period_start_at: first.filter(|_| is_one),
            period_end_at,
            renews_at: period_end_at.filter(|end| !is_over && planned.is_none_or(|planned| *end < planned)),
            ends_at: subscription.ended_at.or(planned),
            is_cancelling,
        }
    }
}

/// Which subscriptions, in which order.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionFilter {
    /// Status in Stripe's words; `cancelling` is one more; empty keeps all.
    pub status: String,
    /// Verdict as in [`SubscriptionRow::verdict`]; empty keeps all.
    pub verdict: String,
    /// Order.
    pub sort: SubscriptionSort,
    /// Whether the order is turned round.
    pub is_reversed: bool,
}

/// Orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubscriptionSort {
    /// What needs somebody first: late ones, those about to end, then the newest.
    #[default]
    Attention,
    /// By the customer's name.
    Name,
    /// By plan.
    Plan,
    /// By status in Stripe, worst first.
    Status,
    /// By status in the billing database; those without a row last.
    DatabaseStatus,
    /// Those that differ first, then those without a row.
    Verdict,
    /// Next end of a period first; those that have ended last.
    RenewsAt,
    /// Dearest first.
    Mrr,
    /// Newest first.
    Started,
}

/// One subscription in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// Id.
    pub id: SubscriptionId,
    /// Who pays.
    pub customer: CustomerId,
    /// Their name.
    pub name: Option<String>,
    /// Status in Stripe.
    pub status: SubscriptionStatus,
    /// Status in the billing database, if there is a row.
    pub database_status: Option<String>,
    /// `equal`, `differs`, `missing` or `not_connected`: the two statuses compared.
    pub verdict: String,
    /// Products in words.
    pub plan: String,
    /// The currency it is billed in.
    pub currency: Currency,
    /// MRR as of the newest rollup.
    pub mrr: Micro,
    /// Current period from; `None` where the items disagree.
    pub period_start_at: Option<Instant>,
    /// Current period until; the earliest of the items.
    pub period_end_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Planned or real end.
    pub ends_at: Option<Instant>,
    /// Whether it ends by itself.
    pub is_cancelling: bool,
    /// When it began.
    pub start_at: Instant,
    /// Whether it is a tombstone.
    pub is_deleted: bool,
}

macro_rules! narrowed {
    () => {
        "FROM (SELECT u.*, o.id, m.micro, (CASE WHEN :environment IS NULL THEN 'not_connected'
             WHEN NOT EXISTS (SELECT 1 FROM billing_subscriptions d
               WHERE d.environment = :environment AND d.stripe_subscription = o.id) THEN 'missing'
             WHEN EXISTS (SELECT 1 FROM billing_subscriptions d
               WHERE d.environment = :environment AND d.stripe_subscription = o.id AND d.status <> u.status)
               THEN 'differs' ELSE 'equal' END) AS verdict
           FROM subscriptions u JOIN objects o ON o.row = u.row LEFT JOIN subscription_mrr m ON m.row = u.row
           WHERE u.scope = :scope AND o.is_deleted = 0) u
         WHERE (:status = '' OR u.status = :status OR (:status = 'cancelling' AND u.is_cancelling))
           AND (:verdict = '' OR u.verdict = :verdict)
           AND (:text IS NULL OR u.id = :text OR u.customer = :text OR u.customer IN (
             SELECT c.id FROM customers c WHERE c.scope = :scope AND (:parts IS NOT NULL OR :words IS NOT NULL)
               AND (:parts IS NULL OR c.row IN (SELECT rowid FROM search_parts WHERE search_parts MATCH :parts))
               AND (:words IS NULL OR c.row IN (SELECT rowid FROM search_words WHERE search_words MATCH :words))))"
    };
}

macro_rules! ordered {
    ($($order:expr),+) => {
        concat!("SELECT u.row ", narrowed!(), " ORDER BY ", $($order),+, ", u.row LIMIT :take OFFSET :skip")
    };
}

macro_rules! by_status {
    () => {
        "CASE u.status WHEN 'unpaid' THEN 0 WHEN 'past_due' THEN 1 WHEN 'incomplete' THEN 2 WHEN 'paused' THEN 3
           WHEN 'trialing' THEN 4 WHEN 'active' THEN 5 WHEN 'canceled' THEN 7 WHEN 'incomplete_expired' THEN 8 ELSE 6 END"
    };
}

macro_rules! by_verdict {
    () => {
        "CASE u.verdict WHEN 'differs' THEN 0 WHEN 'missing' THEN 1 ELSE 2 END"
    };
}

macro_rules! name {
    () => {
        "(SELECT c.name FROM customers c WHERE c.scope = u.scope AND c.id = u.customer) COLLATE NOCASE"
    };
}

macro_rules! recorded {
    () => {
        "(SELECT min(d.status) FROM billing_subscriptions d
           WHERE d.environment = :environment AND d.stripe_subscription = u.id)"
    };
}

/// Names of what is sold, each once.
macro_rules! plan {
    () => {
        "coalesce((SELECT group_concat(name, ', ') FROM (SELECT DISTINCT coalesce(pr.name, p.nickname, t.price) AS name
            FROM subscription_items t LEFT JOIN prices p ON p.scope = t.scope AND p.id = t.price
            LEFT JOIN products pr ON pr.scope = t.scope AND pr.id = coalesce(t.product, p.product)
            WHERE t.row = u.row ORDER BY name)), '')"
    };
}

impl SubscriptionSort {
    const fn statement(self, is_reversed: bool) -> &'static str {
        match (self, is_reversed) {
            (Self::Attention, false) => ordered!(
                "CASE u.status WHEN 'unpaid' THEN 0 WHEN 'past_due' THEN 1 WHEN 'incomplete' THEN 2 ELSE 3 END,
                 u.is_cancelling DESC, u.start_at DESC"
            ),
            (Self::Attention, true) => ordered!(
                "CASE u.status WHEN 'unpaid' THEN 0 WHEN 'past_due' THEN 1 WHEN 'incomplete' THEN 2 ELSE 3 END DESC,
                 u.is_cancelling, u.start_at"
            ),
            (Self::Name, false) => ordered!(name!(), " NULLS LAST"),
            (Self::Name, true) => ordered!(name!(), " DESC NULLS LAST"),
            (Self::Plan, false) => ordered!(plan!(), " COLLATE NOCASE"),
            (Self::Plan, true) => ordered!(plan!(), " COLLATE NOCASE DESC"),
            (Self::Status, false) => ordered!(by_status!()),
            (Self::Status, true) => ordered!(by_status!(), " DESC"),
            (Self::DatabaseStatus, false) => ordered!(recorded!(), " NULLS LAST"),
            (Self::DatabaseStatus, true) => ordered!(recorded!(), " DESC NULLS LAST"),
            (Self::Verdict, false) => ordered!(by_verdict!()),
            (Self::Verdict, true) => ordered!(by_verdict!(), " DESC"),
            (Self::RenewsAt, false) => ordered!("u.renews_at IS NULL, u.renews_at"),
            (Self::RenewsAt, true) => ordered!("u.renews_at DESC"),
            (Self::Mrr, false) => ordered!("coalesce(u.micro, 0) DESC"),
            (Self::Mrr, true) => ordered!("coalesce(u.micro, 0)"),
            (Self::Started, false) => ordered!("u.start_at DESC"),
            (Self::Started, true) => ordered!("u.start_at"),
        }
    }
}

/// Lists a window of the subscriptions that are not deleted, with the MRR of the whole list per currency.
///
/// **Shape**: MRR is as of the newest rollup.
/// **Errors**: the file cannot be read.
pub fn list(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    filter: &SubscriptionFilter,
    window: &Window,
) -> Result<(Rows<SubscriptionRow>, Vec<Money>), StoreError> {
    let (text, words) = (window.text(), window.words());
    let filters: &Filters<'_> = named_params! {
        ":scope": scope.0, ":environment": environment.map(EnvironmentId::as_str), ":status": filter.status,
        ":verdict": filter.verdict, ":text": text, ":parts": words.parts, ":words": words.beginnings,
    };
    let statements = (filter.sort.statement(filter.is_reversed), concat!("SELECT count(*) ", narrowed!()));
    let rows = listed(conn, statements, filters, window, |row| detail(conn, environment, row))?;
    let sql = concat!(
        "SELECT u.currency, sum(u.micro) AS micro ",
        narrowed!(),
        " GROUP BY u.currency HAVING micro > 0 ORDER BY micro DESC"
    );
    Ok((rows, totals(conn, sql, filters)?))
}

/// Gives one subscription as the list shows it, deleted or not.
///
/// **Errors**: as [`list`].
pub fn row(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    id: &SubscriptionId,
) -> Result<Option<SubscriptionRow>, StoreError> {
    let sql = "SELECT row FROM objects WHERE scope = :scope AND kind = 'subscription' AND id = :id";
    let params = named_params! {":scope": scope.0, ":id": id.as_str()};
    let found = conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    found.map(|row| detail(conn, environment, row)).transpose()
}

/// Loads the subscriptions of a customer that are not deleted, the newest first.
///
/// **Errors**: the file cannot be read, or a record is of another version.
pub fn of_customer(conn: &Connection, scope: Scope, customer: &CustomerId) -> Result<Vec<Subscription>, StoreError> {
    let sql = "SELECT b.record FROM subscriptions u INDEXED BY subscriptions_by_customer
        JOIN objects o ON o.row = u.row JOIN bodies b ON b.row = u.row
        WHERE u.scope = :scope AND u.customer = :customer AND o.is_deleted = 0 ORDER BY u.start_at DESC, o.id";
    load_where(conn, sql, named_params! {":scope": scope.0, ":customer": customer.as_str()})
}

/// Gives the ids of a customer's subscriptions that are not over: those end with the customer.
///
/// **Errors**: the file cannot be read.
pub fn running_of_customer(
    conn: &Connection,
    scope: Scope,
    customer: &CustomerId,
) -> Result<Vec<SubscriptionId>, StoreError> {
    let sql = "SELECT o.id FROM subscriptions u JOIN objects o ON o.row = u.row
        WHERE u.scope = :scope AND u.customer = :customer AND u.status NOT IN ('canceled', 'incomplete_expired')";
    let mut statement = conn.prepare_cached(sql)?;
    let params = named_params! {":scope": scope.0, ":customer": customer.as_str()};
    let rows = statement.query_map(params, |row| column::word(row, "id"))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn detail(conn: &Connection, environment: Option<&EnvironmentId>, row: i64) -> Result<SubscriptionRow, StoreError> {
    let sql = concat!(
        "SELECT o.id, o.is_deleted, u.*, c.name, coalesce(m.micro, 0) AS micro,
           d.status AS database_status,
           CASE WHEN :environment IS NULL THEN 'not_connected' WHEN d.status IS NULL THEN 'missing'
             WHEN d.status = u.status THEN 'equal' ELSE 'differs' END AS verdict, ",
        plan!(),
        " AS plan
         FROM subscriptions u JOIN objects o ON o.row = u.row
         LEFT JOIN customers c ON c.scope = u.scope AND c.id = u.customer
         LEFT JOIN subscription_mrr m ON m.row = u.row
         LEFT JOIN billing_subscriptions d ON d.environment = :environment AND d.stripe_subscription = o.id
         WHERE u.row = :row ORDER BY d.status = u.status LIMIT 1"
    );
    let params = named_params! {":row": row, ":environment": environment.map(EnvironmentId::as_str)};
    Ok(conn.prepare_cached(sql)?.query_row(params, read)?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SubscriptionRow> {
    let micro: i64 = row.get("micro")?;
    Ok(SubscriptionRow {
        id: column::word(row, "id")?,
        customer: column::word(row, "customer")?,
        name: row.get("name")?,
        status: SubscriptionStatus::from(row.get::<_, String>("status")?.as_str()),
        currency: column::currency(row, "currency")?,
        database_status: row.get("database_status")?,
        verdict: row.get("verdict")?,
        plan: row.get("plan")?,
        mrr: Micro(micro.into()),
        period_start_at: column::seconds(row, "period_start_at")?,
        period_end_at: column::seconds(row, "period_end_at")?,
        trial_end_at: column::seconds(row, "trial_end_at")?,
        ends_at: column::seconds(row, "ends_at")?,
        is_cancelling: row.get("is_cancelling")?,
        start_at: column::seconds(row, "start_at")?.unwrap_or_default(),
        is_deleted: row.get("is_deleted")?,
    })
}
