//! How every connection is set up, and what the SQLite in this program must be.
//!
//! The key is the first statement of each connection: without it SQLCipher would read and write plain files without a
//! word. No connection may attach files, load extensions or run what a schema asks for.

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, StoreKey};

/// How long a statement waits for another connection. **Units**: milliseconds.
pub(crate) const BUSY_MS: u32 = 5_000;
/// The first SQLite without the error that could damage a file while its log was being emptied.
const SQLITE_FLOOR: (i32, &str) = (3_051_003, "3.51.3");

/// Settings of every connection, after the key.
const COMMON: &str = "\
PRAGMA cipher_log_level = NONE;
PRAGMA cipher_compatibility = 4;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = ON;
PRAGMA temp_store = MEMORY;
PRAGMA mmap_size = 0;
PRAGMA busy_timeout = 5000;
";
/// Settings of the one connection that writes. With the usual 2 MiB of pages a sync takes several times as long.
const WRITING: &str = "\
PRAGMA cache_size = -65536;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA checkpoint_fullfsync = ON;
PRAGMA secure_delete = ON;
PRAGMA journal_size_limit = 67108864;
";
/// Settings of a connection that reads. There are several, and what one read once is seldom read again at once.
const READING: &str = "\
PRAGMA cache_size = -4096;
PRAGMA query_only = ON;
";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The one that writes and empties the log.
    Write,
    /// One of those that read while others write.
    Read,
}

/// Keys a connection and sets it up.
pub(crate) fn set_up(conn: &Connection, key: &StoreKey, access: Access) -> rusqlite::Result<()> {
    conn.execute_batch(&key.statement())?;
    conn.execute_batch(COMMON)?;
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.execute_batch(match access {
        Access::Write => WRITING,
        Access::Read => READING,
    })
}

/// Opens a file that must exist, only to look at it: nothing in it changes, not even its log is emptied.
pub(crate) fn look(path: &std::path::Path, key: &StoreKey) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    set_up(&conn, key, Access::Read)?;
    Ok(conn)
}

/// Opens a file that must exist, to write.
pub(crate) fn write(path: &std::path::Path, key: &StoreKey) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    set_up(&conn, key, Access::Write)?;
    Ok(conn)
}

/// Checks the SQLite and SQLCipher that were linked.
///
/// **Errors**: [`OpenError::BelowFloor`].
pub(crate) fn check_floors(conn: &Connection) -> Result<(), OpenError> {
    let (floor, name) = SQLITE_FLOOR;
    if rusqlite::version_number() < floor {
        return Err(OpenError::BelowFloor { part: "SQLite", found: rusqlite::version().to_owned(), floor: name });
    }
    // An SQLite without encryption answers this with no row at all.
    let cipher: String = conn.query_row("PRAGMA cipher_version", [], |row| row.get(0)).unwrap_or_default();
    if cipher.is_empty() {
        return Err(OpenError::BelowFloor { part: "SQLCipher", found: "absent".to_owned(), floor: "4.14" });
    }
    Ok(())
}

/// Names the SQLite and the SQLCipher that are linked.
///
/// **Errors**: a connection that answers nothing.
pub fn versions(conn: &Connection) -> Result<String, crate::StoreError> {
    let cipher: String = conn.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
    Ok(format!("SQLite {}, SQLCipher {cipher}", rusqlite::version()))
}

/// Names every damaged page of a file, on a connection of its own, because one bad page poisons later reads.
pub(crate) fn damaged_pages(path: &std::path::Path, key: &StoreKey) -> rusqlite::Result<Vec<u32>> {
    let conn = look(path, key)?;
    let mut check = conn.prepare("PRAGMA cipher_integrity_check")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(lines.iter().map(|line| page_of(line)).collect())
}

/// Reads the page's number out of a line such as "HMAC verification failed for page 3"; 0 when there is none.
fn page_of(line: &str) -> u32 {
    let digits = line.split_once("page ").map_or("", |(_, rest)| rest);
    digits.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_from_both_sentences_of_the_check() {
        assert_eq!(page_of("HMAC verification failed for page 3"), 3);
        assert_eq!(page_of("page 12 has an invalid size of 100 bytes"), 12);
        assert_eq!(page_of("something else"), 0);
    }

    #[test]
    fn the_linked_library_is_new_enough() {
        check_floors(&Connection::open_in_memory().unwrap()).unwrap();
    }

    #[test]
    fn the_busy_time_is_the_one_told_in_errors() {
        assert!(COMMON.contains(&format!("busy_timeout = {BUSY_MS};")));
    }
}
