//! Reading columns back into the words of the domain.
//!
//! Stripe's instants are whole seconds, our own milliseconds, money is an integer beside its currency. A value that does
//! not fit is an error with the column's name, never a default.

use std::str::FromStr;

use countersign_domain::Instant;
use countersign_domain::money::{Currency, Micro, Money};
use countersign_domain::stripe::ObjectKind;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Error, Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// A count as SQLite keeps it, in 63 bits.
pub(super) struct Count(pub u64);

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let stored = value.as_i64()?;
        u64::try_from(stored).map(Self).map_err(|_| FromSqlError::OutOfRange(stored))
    }
}

impl ToSql for Count {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

/// Reads the one count a statement gives.
pub(super) fn count(row: &Row<'_>) -> Result<u64> {
    row.get(0).map(|Count(count)| count)
}

/// Reads an instant of Stripe, in whole seconds.
pub(super) fn seconds(row: &Row<'_>, name: &'static str) -> Result<Option<Instant>> {
    let stored: Option<i64> = row.get(name)?;
    stored.map(|stored| Instant::from_timestamp(stored, 0).ok_or_else(|| unfit(name, Type::Integer))).transpose()
}

/// Reads an instant of ours, in milliseconds.
pub(super) fn millis(row: &Row<'_>, name: &'static str) -> Result<Option<Instant>> {
    let stored: Option<i64> = row.get(name)?;
    stored.map(|stored| Instant::from_timestamp_millis(stored).ok_or_else(|| unfit(name, Type::Integer))).transpose()
}

/// Reads a currency.
pub(super) fn currency(row: &Row<'_>, name: &'static str) -> Result<Currency> {
    let stored: String = row.get(name)?;
    Currency::parse(&stored).map_err(|_| unfit(name, Type::Text))
}

/// Reads an amount with its currency.
pub(super) fn money(row: &Row<'_>, amount: &'static str, currency_name: &'static str) -> Result<Money> {
    Ok(Money::new(row.get(amount)?, currency(row, currency_name)?))
}

/// Reads a word into one of our own types.
pub(super) fn word<T: From<String>>(row: &Row<'_>, name: &'static str) -> Result<T> {
    row.get::<_, String>(name).map(T::from)
}

/// Reads a word that may be missing.
pub(super) fn word_or_none<T: From<String>>(row: &Row<'_>, name: &'static str) -> Result<Option<T>> {
    Ok(row.get::<_, Option<String>>(name)?.map(T::from))
}

/// Reads a word of one of our own enumerations.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, name: &'static str) -> Result<T> {
    row.get::<_, String>(name)?.parse().map_err(|_| unfit(name, Type::Text))
}

/// Reads a word of one of our own enumerations that may be missing.
pub(super) fn parsed_or_none<T: FromStr>(row: &Row<'_>, name: &'static str) -> Result<Option<T>> {
    let stored: Option<String> = row.get(name)?;
    stored.map(|stored| stored.parse().map_err(|_| unfit(name, Type::Text))).transpose()
}

/// Reads a kind of object.
pub(super) fn kind(row: &Row<'_>, name: &'static str) -> Result<ObjectKind> {
    parsed(row, name)
}

/// Reads a record.
pub(super) fn record<T: DeserializeOwned>(row: &Row<'_>, name: &'static str) -> std::result::Result<T, StoreError> {
    let text = row.get_ref(name)?.as_str().map_err(Error::from)?;
    serde_json::from_str(text).map_err(|cause| StoreError::Record { cause })
}

/// Writes a record.
pub(super) fn json<T: Serialize>(value: &T) -> std::result::Result<String, StoreError> {
    serde_json::to_string(value).map_err(|cause| StoreError::Record { cause })
}

/// Narrows micro-units to the 64 bits a column has.
pub(super) fn whole(micro: Micro) -> std::result::Result<i64, StoreError> {
    i64::try_from(micro.0).map_err(|_| StoreError::OutOfRange)
}

/// Says that a stored value is not what its column promises.
pub(super) fn unfit(name: &'static str, kind: Type) -> Error {
    Error::FromSqlConversionFailure(0, kind, name.into())
}
