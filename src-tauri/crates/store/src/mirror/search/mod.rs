//! Search: anything a caller says, answered from the mirror.
//!
//! Names, mails and words are in two full-text tables, one of three-letter parts and one of word beginnings; everything
//! else is found through the ordinary indexes. Nothing here is masked: who asks masks the labels.

mod hit;
mod text;
mod words;

use std::collections::BTreeSet;

use countersign_domain::ids::EnvironmentId;
use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, named_params};

pub use hit::{Hit, Label, Matched};
pub(super) use words::Words;

use super::object::Place;
use super::schema::{Fill, Table};
use super::{Scope, invoices};
use crate::StoreError;
use text::{Amount, kinds_of, last4_of, plain};

/// Hits of one search at most.
pub const HITS_MAX: u32 = 50;
/// Names looked at before the best are chosen. A text that fits more people than this is too short to rank them.
const CANDIDATES_MAX: u32 = 200;
/// Shortest text that is compared with the beginnings of ids, numbers and users. **Units**: characters.
const PREFIX_CHARS_MIN: usize = 3;

/// Three letters in a row, without accents and case: finds any part of a name or mail.
pub(super) const PARTS: Table = Table {
    name: "search_parts",
    version: 1,
    create: "CREATE VIRTUAL TABLE search_parts USING fts5 (text, tokenize = 'trigram remove_diacritics 1');
        INSERT INTO search_parts (search_parts, rank) VALUES ('secure-delete', 1)",
    drop: "DROP TABLE IF EXISTS search_parts",
    fill: Fill::Records(fill),
};

/// Beginnings of words, for texts too short for three letters.
pub(super) const WORDS: Table = Table {
    name: "search_words",
    version: 1,
    create: "CREATE VIRTUAL TABLE search_words USING fts5 (
          text, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2', detail = none);
        INSERT INTO search_words (search_words, rank) VALUES ('secure-delete', 1)",
    drop: "DROP TABLE IF EXISTS search_words",
    fill: Fill::Records(fill),
};

fn fill(conn: &Connection) -> Result<(), StoreError> {
    use countersign_domain::stripe::{Customer, Price, Product};
    super::schema::fill::<Customer>(conn)?;
    super::schema::fill::<Product>(conn)?;
    super::schema::fill::<Price>(conn)
}

/// Writes the words an object is found by, in place of any older ones.
pub(super) fn index(place: &Place<'_>, texts: &[&str]) -> Result<(), StoreError> {
    let text = texts.join("\n");
    let params = named_params! {":row": place.row};
    place.conn.prepare_cached("DELETE FROM search_parts WHERE rowid = :row")?.execute(params)?;
    place.conn.prepare_cached("DELETE FROM search_words WHERE rowid = :row")?.execute(params)?;
    let params = named_params! {":row": place.row, ":text": text};
    place.conn.prepare_cached("INSERT INTO search_parts (rowid, text) VALUES (:row, :text)")?.execute(params)?;
    place.conn.prepare_cached("INSERT INTO search_words (rowid, text) VALUES (:row, :text)")?.execute(params)?;
    Ok(())
}

/// Finds records by anything: an id or its beginning, a mail address or a part of it, names in any order, a user of the
/// application, an invoice number, an amount, the last four digits of a card, a type of event.
///
/// **Shape**: best first, each record once, at most [`HITS_MAX`]; accents and case do not matter in names.
/// **Errors**: the file cannot be read.
pub fn search(
    conn: &Connection,
    scope: Scope,
    environment: Option<&EnvironmentId>,
    text: &str,
    limit: u32,
) -> Result<Vec<Hit>, StoreError> {
    let text = plain(text);
    let limit = limit.clamp(1, HITS_MAX);
    let mut found = Found { conn, scope, limit, rows: Vec::new(), seen: BTreeSet::new() };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    found.by_id(&text)?;
    found.by_user(environment, &text)?;
    found.by_number(&text)?;
    found.by_last4(&text)?;
    found.by_name(&text)?;
    found.by_amount(&text)?;
    found.by_event_type(&text)?;
    found.rows.into_iter().map(|(row, matched)| hit::hit(conn, row, matched)).collect()
}

/// What was found so far, best first.
struct Found<'a> {
    conn: &'a Connection,
    scope: Scope,
    limit: u32,
    rows: Vec<(i64, Matched)>,
    seen: BTreeSet<i64>,
}

impl Found<'_> {
    fn add(&mut self, rows: impl IntoIterator<Item = i64>, matched: Matched) {
        for row in rows {
            let is_full = u32::try_from(self.rows.len()).is_ok_and(|len| len >= self.limit);
            if !is_full && self.seen.insert(row) {
                self.rows.push((row, matched));
            }
        }
    }

    fn ask(
        &mut self,
        sql: &'static str,
        params: &super::window::Filters<'_>,
        matched: Matched,
    ) -> Result<(), StoreError> {
        let mut all: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":scope", &self.scope.0), (":limit", &self.limit)];
        all.extend_from_slice(params);
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(all.as_slice(), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        self.add(rows, matched);
        Ok(())
    }

    fn by_id(&mut self, text: &str) -> Result<(), StoreError> {
        if text.starts_with("pi_") {
            let sql = "SELECT row FROM charges WHERE scope = :scope AND payment_intent >= :text
                AND payment_intent < :text || char(1114111) ORDER BY payment_intent, created_at DESC LIMIT :limit";
            return self.ask(sql, named_params! {":text": text}, Matched::Id);
        }
        let exact = "SELECT row FROM objects WHERE scope = :scope AND kind = :kind AND id = :text LIMIT :limit";
        let beginning = "SELECT row FROM objects WHERE scope = :scope AND kind = :kind
            AND id >= :text AND id < :text || char(1114111) ORDER BY id LIMIT :limit";
        for kind in kinds_of(text) {
            self.ask(beginning, named_params! {":kind": kind.as_ref(), ":text": text}, Matched::Id)?;
        }
        for kind in ObjectKind::all() {
            self.ask(exact, named_params! {":kind": kind.as_ref(), ":text": text}, Matched::Id)?;
        }
        Ok(())
    }

    fn by_user(&mut self, environment: Option<&EnvironmentId>, text: &str) -> Result<(), StoreError> {
        if text.chars().count() < PREFIX_CHARS_MIN {
            return Ok(());
        }
        let by_metadata = "SELECT row FROM customers WHERE scope = :scope AND user >= :text
            AND user < :text || char(1114111) ORDER BY user LIMIT :limit";
        self.ask(by_metadata, named_params! {":text": text}, Matched::User)?;
        let by_link = "SELECT c.row FROM billing_customers d
            JOIN customers c ON c.scope = :scope AND c.id = d.stripe_customer
            WHERE d.environment = :environment AND d.user >= :text AND d.user < :text || char(1114111)
            ORDER BY d.user LIMIT :limit";
        let environment = environment.map(EnvironmentId::as_str);
        self.ask(by_link, named_params! {":environment": environment, ":text": text}, Matched::User)
    }

    fn by_number(&mut self, text: &str) -> Result<(), StoreError> {
        if text.chars().count() < PREFIX_CHARS_MIN {
            return Ok(());
        }
        let sql = "SELECT row FROM invoices WHERE scope = :scope AND number >= :text
            AND number < :text || char(1114111) ORDER BY number DESC LIMIT :limit";
        self.ask(sql, named_params! {":text": text}, Matched::Number)
    }

    fn by_last4(&mut self, text: &str) -> Result<(), StoreError> {
        let Some(last4) = last4_of(text) else { return Ok(()) };
        let sql = "SELECT row FROM charges WHERE scope = :scope AND card_last4 = :last4
            ORDER BY created_at DESC LIMIT :limit";
        self.ask(sql, named_params! {":last4": last4}, Matched::Last4)
    }

    fn by_name(&mut self, text: &str) -> Result<(), StoreError> {
        let words = Words::of(text);
        let sql = match (&words.parts, &words.beginnings) {
            (None, None) => return Ok(()),
            // The rarer table leads; the other only confirms. CROSS JOIN keeps the order: without statistics SQLite would
            // begin with every object and ask the text table about each.
            (Some(_), _) => {
                "SELECT p.rowid, p.text FROM search_parts p CROSS JOIN objects o ON o.row = p.rowid
                 WHERE p.search_parts MATCH :parts AND o.scope = :scope
                   AND (:words IS NULL OR p.rowid IN (SELECT rowid FROM search_words WHERE search_words MATCH :words))
                 LIMIT :limit"
            }
            (None, Some(_)) => {
                "SELECT p.rowid, p.text FROM search_words w CROSS JOIN search_parts p ON p.rowid = w.rowid
                 CROSS JOIN objects o ON o.row = w.rowid
                 WHERE w.search_words MATCH :words AND o.scope = :scope AND :parts IS NULL LIMIT :limit"
            }
        };
        let params = named_params! {
            ":scope": self.scope.0, ":parts": words.parts, ":words": words.beginnings, ":limit": CANDIDATES_MAX,
        };
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut candidates: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
        candidates.sort_by_cached_key(|(row, stored)| (words.distance(stored), *row));
        for (row, stored) in candidates {
            self.add([row], words.matched(&stored));
        }
        Ok(())
    }

    fn by_amount(&mut self, text: &str) -> Result<(), StoreError> {
        let Some(amount) = Amount::of(text) else { return Ok(()) };
        let sql = "SELECT row FROM invoices WHERE scope = :scope AND currency = :currency AND total_minor = :minor
            ORDER BY row DESC LIMIT :limit";
        for currency in invoices::currencies(self.conn, self.scope)? {
            if let Some(minor) = amount.minor_in(currency) {
                self.ask(sql, named_params! {":currency": currency.code(), ":minor": minor}, Matched::Amount)?;
            }
        }
        Ok(())
    }

    fn by_event_type(&mut self, text: &str) -> Result<(), StoreError> {
        let is_type = text.contains('.') && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'));
        if !is_type {
            return Ok(());
        }
        let sql = "SELECT row FROM events WHERE scope = :scope AND kind >= :text AND kind < :text || char(1114111)
            ORDER BY kind, created_at DESC LIMIT :limit";
        self.ask(sql, named_params! {":text": text}, Matched::EventType)
    }
}
