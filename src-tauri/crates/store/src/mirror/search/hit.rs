//! What a search gives: which record, what matched, and the parts of a label, unmasked.

use countersign_domain::Instant;
use countersign_domain::money::Money;
use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, Row, named_params};

use crate::StoreError;
use crate::mirror::column;

/// One record found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What kind of record.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// What of it matched.
    pub matched: Matched,
    /// What it is called.
    pub label: Label,
}

/// What of a record matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// Its id, or the id of its payment.
    Id,
    /// The user of the application.
    User,
    /// An invoice's number.
    Number,
    /// The last four digits of a card.
    Last4,
    /// A name, of a person or a product.
    Name,
    /// A mail address.
    Email,
    /// An invoice's total.
    Amount,
    /// An event's type.
    EventType,
}

/// The parts a label is made of; those that a kind does not have are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// Name of the customer concerned. Personal.
    pub name: Option<String>,
    /// Mail address of the customer concerned. Personal.
    pub email: Option<String>,
    /// An invoice's number, an event's type, a product's or price's name, a card's last digits.
    pub word: Option<String>,
    /// Status of a subscription, invoice or charge.
    pub status: Option<String>,
    /// Amount of an invoice or charge.
    pub money: Option<Money>,
    /// When the record was made.
    pub at: Option<Instant>,
    /// Whether it is a tombstone.
    pub is_deleted: bool,
}

/// Completes a row that was found.
pub(super) fn hit(conn: &Connection, row: i64, matched: Matched) -> Result<Hit, StoreError> {
    let sql = "SELECT o.kind, o.id, o.created_at, o.is_deleted,
          coalesce(u.status, i.status, ch.status) AS status,
          coalesce(i.number, e.kind, p.name, pr.nickname, ch.card_last4) AS word,
          coalesce(i.total_minor, ch.amount_minor) AS minor, coalesce(i.currency, ch.currency) AS currency,
          c.name, c.email
        FROM objects o
        LEFT JOIN subscriptions u ON u.row = o.row LEFT JOIN invoices i ON i.row = o.row
        LEFT JOIN charges ch ON ch.row = o.row LEFT JOIN events e ON e.row = o.row
        LEFT JOIN products p ON p.row = o.row LEFT JOIN prices pr ON pr.row = o.row
        LEFT JOIN customers c ON c.scope = o.scope AND c.id = CASE o.kind
          WHEN 'customer' THEN o.id ELSE coalesce(u.customer, i.customer, ch.customer, e.customer) END
        WHERE o.row = :row";
    Ok(conn.prepare_cached(sql)?.query_row(named_params! {":row": row}, |row| read(row, matched))?)
}

fn read(row: &Row<'_>, matched: Matched) -> rusqlite::Result<Hit> {
    let has_money = row.get::<_, Option<i64>>("minor")?.is_some();
    let money = if has_money { Some(column::money(row, "minor", "currency")?) } else { None };
    Ok(Hit {
        kind: column::kind(row, "kind")?,
        id: row.get("id")?,
        matched,
        label: Label {
            name: row.get("name")?,
            email: row.get("email")?,
            word: row.get("word")?,
            status: row.get("status")?,
            money,
            at: column::seconds(row, "created_at")?,
            is_deleted: row.get("is_deleted")?,
        },
    })
}
