//! How each kind stands: whether it is complete, up to when, and why not.

use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, Transaction, named_params};

use crate::StoreError;
use crate::mirror::schema::{Fill, Table};
use crate::mirror::{Scope, column};

pub(in crate::mirror) const TABLE: Table = Table {
    name: "sync_kinds",
    version: 1,
    create: "CREATE TABLE sync_kinds (
        scope INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        says TEXT NOT NULL,
        through INTEGER,
        PRIMARY KEY (scope, kind)
    ) STRICT, WITHOUT ROWID",
    drop: "DROP TABLE IF EXISTS sync_kinds",
    fill: Fill::Nothing,
};

/// How a kind stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindState {
    /// Never read to its end, or being read.
    Partial,
    /// Read to its end.
    Complete,
    /// The key may not read it; with the permission, or Stripe's words.
    NotPermitted(String),
    /// The server does not have it.
    NotOffered,
}

impl KindState {
    fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Partial => ("partial", ""),
            Self::Complete => ("complete", ""),
            Self::NotPermitted(says) => ("not_permitted", says),
            Self::NotOffered => ("not_offered", ""),
        }
    }

    fn of(word: &str, says: String) -> Self {
        match word {
            "complete" => Self::Complete,
            "not_permitted" => Self::NotPermitted(says),
            "not_offered" => Self::NotOffered,
            _ => Self::Partial,
        }
    }
}

/// A kind with its standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindStanding {
    /// Which kind.
    pub kind: ObjectKind,
    /// How it stands.
    pub state: KindState,
    /// Newest moment for which it is complete; kept when a later read fails.
    pub through: Option<Instant>,
}

/// Sets the state of a kind; what it was complete for stays known.
///
/// **Errors**: the file cannot be written.
pub fn set(tx: &Transaction<'_>, scope: Scope, kind: ObjectKind, state: &KindState) -> Result<(), StoreError> {
    let (word, says) = state.words();
    tx.prepare_cached(
        "INSERT INTO sync_kinds (scope, kind, state, says) VALUES (:scope, :kind, :state, :says)
         ON CONFLICT (scope, kind) DO UPDATE SET state = excluded.state, says = excluded.says",
    )?
    .execute(named_params! {":scope": scope.0, ":kind": kind.as_ref(), ":state": word, ":says": says})?;
    Ok(())
}

/// Says that every kind that is complete is so up to this moment.
///
/// **Errors**: the file cannot be written.
pub fn complete_through(tx: &Transaction<'_>, scope: Scope, through: Instant) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE sync_kinds SET through = :through WHERE scope = :scope AND state = 'complete'")?
        .execute(named_params! {":scope": scope.0, ":through": through.timestamp_millis()})?;
    Ok(())
}

/// Gives the standing of every kind that was ever tried, by name.
///
/// **Errors**: the file cannot be read.
pub fn all(conn: &Connection, scope: Scope) -> Result<Vec<KindStanding>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT * FROM sync_kinds WHERE scope = :scope ORDER BY kind")?;
    let rows = statement.query_map(named_params! {":scope": scope.0}, |row| {
        let (word, says): (String, String) = (row.get("state")?, row.get("says")?);
        Ok(KindStanding {
            kind: column::kind(row, "kind")?,
            state: KindState::of(&word, says),
            through: column::millis(row, "through")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
