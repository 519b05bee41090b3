//! Preferences: small texts by name that are no record, such as the operator chosen last.
//!
//! Nothing that decided a result may stand here: it is neither hashed nor signed, and may be changed at any time.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::StoreError;

/// Gives a preference.
///
/// **Errors**: those of the file.
pub fn get(conn: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT value FROM preferences WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Sets a preference; `None` forgets it.
///
/// **Errors**: those of the file.
pub fn set(transaction: &Transaction<'_>, name: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => {
            let sql = "INSERT INTO preferences (name, value) VALUES (?1, ?2)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            transaction.execute(sql, (name, value))?;
        }
        None => drop(transaction.execute("DELETE FROM preferences WHERE name = ?1", [name])?),
    }
    Ok(())
}
