//! Which part of a list is shown: the text it is narrowed to, its order, and its window.
//!
//! Every list asks with constant statements; what differs between two requests is a parameter. The text is turned here
//! into the questions that the statements put to the search index.

use countersign_domain::money::{Micro, Money};
use rusqlite::{Connection, ToSql};

use super::column;
use super::search::Words;
use crate::StoreError;

/// Rows of one window at most.
pub const ROWS_MAX: u32 = 5_000;

/// A window of a list.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// Text that rows must contain, in any searched column; empty keeps all.
    pub text: String,
    /// Rows to skip.
    pub skip: u64,
    /// Rows to give, at most [`ROWS_MAX`].
    pub take: u32,
}

impl Window {
    /// Gives the text without surrounding blanks, if there is any.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    pub(super) fn words(&self) -> Words {
        Words::of(&self.text)
    }
}

/// A window of a longer list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows<T> {
    /// The rows of the window, in order.
    pub rows: Vec<T>,
    /// How many the whole list has, after filters.
    pub total: u64,
}

/// The parameters that narrow a list, by name.
pub(super) type Filters<'a> = [(&'a str, &'a dyn ToSql)];

/// Reads a window in two steps: which rows, in order and counted, then each of them.
///
/// The columns of a row cost several look-ups. In one statement SQLite would do them for every row it sorts.
pub(super) fn listed<T>(
    conn: &Connection,
    (rows_sql, count_sql): (&'static str, &'static str),
    filters: &Filters<'_>,
    window: &Window,
    detail: impl Fn(i64) -> Result<T, StoreError>,
) -> Result<Rows<T>, StoreError> {
    let (take, skip) = (window.take.min(ROWS_MAX), i64::try_from(window.skip).unwrap_or(i64::MAX));
    let mut parameters = filters.to_vec();
    parameters.extend([(":take", &take as &dyn ToSql), (":skip", &skip)]);
    let mut statement = conn.prepare_cached(rows_sql)?;
    let found = statement.query_map(parameters.as_slice(), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let rows = found.into_iter().map(detail).collect::<Result<_, _>>()?;
    let total = conn.prepare_cached(count_sql)?.query_row(filters, column::count)?;
    Ok(Rows { rows, total })
}

/// Reads sums of micro-units, each with its currency, and rounds each of them once.
pub(super) fn totals(conn: &Connection, sql: &'static str, params: &Filters<'_>) -> Result<Vec<Money>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| {
        let micro: i64 = row.get("micro")?;
        Ok(Micro(micro.into()).to_money(column::currency(row, "currency")?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
