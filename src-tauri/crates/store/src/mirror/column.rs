//! Reading columns back into the words of the domain.
//!
//! Stripe's instants are whole seconds, our own milliseconds, money is an integer beside its currency. A value that does
//! not fit is an error with the column's name, never a default.

use countersign_domain::Instant;
use countersign_domain::money::{Currency, Money};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};

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

/// Says that a stored value is not what its column promises.
pub(super) fn unfit(name: &'static str, kind: Type) -> Error {
    Error::FromSqlConversionFailure(0, kind, name.into())
}
