//! Opening a store: one way in, and a name for everything that can be wrong with it.
//!
//! The order of the questions is the start-up table of the reliability notes: first what can be seen without a key, then
//! what the key shows. A store that does not pass is left byte for byte as it was; nothing is repaired, deleted or made
//! anew by itself. Where the key comes from is the caller's matter.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_domain::Instant;
use rusqlite::{Connection, ErrorCode};
use uuid::Uuid;

use crate::connection::{self, Access};
use crate::sidecar::{self, Kept, Record};
use crate::{Database, OpenError, StoreError, StoreKey, backup};

/// Shortest file that can be a store: the smallest page SQLite knows. **Units**: bytes.
const FILE_BYTES_MIN: u64 = 512;
/// First bytes of a database that is not encrypted.
const PLAINTEXT: &[u8; 16] = b"SQLite format 3\0";
/// Up to this size every page is checked when the store is opened. **Units**: bytes.
const CHECKED_BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// How the files are encrypted, as noted in the sidecar.
const CIPHER: &str = "SQLCipher 4, raw key";

/// What distinguishes one store from the other.
pub struct Layout {
    /// Its name in errors, in the sidecar and in the keychain.
    pub name: &'static str,
    /// Its file inside the profile.
    pub file: &'static str,
    /// Marks the file as this store.
    pub application_id: i32,
    /// Newest version this program knows.
    pub version: u32,
    /// Whether a verified copy is made before the version changes: for what cannot be fetched again.
    pub is_copied_before_change: bool,
    /// Brings the schema from any older version to this one, and `user_version` with it. Called at every opening; writes
    /// nothing when there is nothing to bring up, and leaves the file as it was when it fails.
    pub bring_up: fn(&mut Connection) -> Result<(), StoreError>,
}

/// What a new store is given: randomness and the clock are not made here.
#[derive(Debug, Clone, Copy)]
pub struct Birth {
    /// Random name of the store.
    pub id: Uuid,
    /// Now.
    pub at: Instant,
}

/// What was found of a store without its key.
pub enum Found {
    /// There never was one.
    Blank(Blank),
    /// There is one, to be opened with its key.
    Closed(Closed),
}

/// The place of a store that does not exist yet.
pub struct Blank {
    place: Place,
}

/// A store that exists and has not been opened.
pub struct Closed {
    place: Place,
    record: Option<Record>,
}

/// Where a store is.
#[derive(Clone)]
struct Place {
    folder: PathBuf,
    profile: String,
    layout: &'static Layout,
}

impl Place {
    fn path(&self) -> PathBuf {
        self.folder.join(self.layout.file)
    }
}

pub(crate) fn inspect(
    folder: &Path,
    profile: &str,
    layout: &'static Layout,
    head_is_known: bool,
) -> Result<Found, OpenError> {
    let place = Place { folder: folder.to_owned(), profile: profile.to_owned(), layout };
    let (record, was_there) = match sidecar::read(folder)? {
        Kept::Whole(mut sidecar) => {
            let record = sidecar.stores.remove(layout.name);
            (record.clone(), record.is_some())
        }
        // A note that cannot be read is no proof that there was nothing.
        Kept::Damaged => (None, true),
        Kept::Nothing => (None, false),
    };
    let path = place.path();
    let bytes = match path.metadata() {
        Ok(file) => file.len(),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            let created_at = record.map(|record| record.created_at);
            return if was_there || head_is_known {
                Err(OpenError::Missing { store: layout.name, created_at })
            } else {
                Ok(Found::Blank(Blank { place }))
            };
        }
        Err(cause) => return Err(OpenError::File { path, cause }),
    };
    if bytes < FILE_BYTES_MIN {
        return Err(OpenError::Truncated { store: layout.name, bytes });
    }
    if is_plaintext(&path).map_err(OpenError::file(&path))? {
        return Err(OpenError::Plaintext { store: layout.name });
    }
    Ok(Found::Closed(Closed { place, record }))
}

fn is_plaintext(path: &Path) -> std::io::Result<bool> {
    let mut header = [0; 16];
    std::fs::File::open(path)?.read_exact(&mut header)?;
    Ok(&header == PLAINTEXT)
}

impl Blank {
    /// Makes the store.
    ///
    /// **Shape**: built under another name and put in place whole, so that a crash leaves either a store or nothing.
    /// **Errors**: the file; [`OpenError::Plaintext`] should the new file turn out not to be encrypted.
    pub fn create(self, key: StoreKey, birth: Birth) -> Result<Database, OpenError> {
        let Place { folder, profile, layout } = &self.place;
        let path = self.place.path();
        let building = folder.join(format!("{}.creating", layout.file));
        let told = |cause| database(layout, cause);
        sidecar::begin(&building)?;
        let mut conn = connection::write(&building, &key).map_err(told)?;
        connection::check_floors(&conn)?;
        conn.pragma_update(None, "application_id", layout.application_id).map_err(told)?;
        (layout.bring_up)(&mut conn).map_err(|cause| refused(layout, cause))?;
        conn.close().map_err(|(_, cause)| told(cause))?;
        if is_plaintext(&building).map_err(OpenError::file(&building))? {
            return Err(OpenError::Plaintext { store: layout.name });
        }
        std::fs::File::open(&building).and_then(|file| file.sync_all()).map_err(OpenError::file(&building))?;
        sidecar::move_aside(&path, birth.at)?;
        std::fs::rename(&building, &path).map_err(OpenError::file(&path))?;
        sidecar::sync_folder(&path).map_err(OpenError::file(&path))?;
        let record =
            Record { id: Some(birth.id), created_at: birth.at, cipher: CIPHER.to_owned(), key_fp: key.fingerprint() };
        sidecar::write(folder, profile, layout.name, Some(record), birth.at)?;
        Database::open(path, layout, Arc::new(key), Access::Write)
    }
}

impl Closed {
    /// Gives the failure to report when the keychain works and has no key for this store.
    #[must_use]
    pub fn key_missing(&self) -> OpenError {
        let created_at = self.record.as_ref().map(|record| record.created_at);
        OpenError::KeyMissing { store: self.place.layout.name, created_at }
    }

    /// Opens the store, bringing an older one to the newest version.
    ///
    /// **Errors**: each row of the start-up table that needs the key; the file is unchanged then, except that
    /// [`OpenError::Migration`] leaves a copy beside it.
    pub fn open(self, key: StoreKey, now: Instant) -> Result<Database, OpenError> {
        let Place { folder, profile, layout } = &self.place;
        let path = self.place.path();
        let version = self.look(&key)?;
        if version > layout.version {
            return Err(OpenError::TooNew { store: layout.name, found: version, known: layout.version });
        }
        let mut conn = connection::write(&path, &key).map_err(|cause| database(layout, cause))?;
        if conn.is_readonly("main").map_err(|cause| database(layout, cause))? {
            return Err(OpenError::ReadOnly { store: layout.name });
        }
        bring_up(&mut conn, &self.place, &key, version, now)?;
        drop(conn);
        if self.record.is_none() {
            // Made and put in place, then the note was lost or never written. The key has just proved itself.
            let record = Record { id: None, created_at: now, cipher: CIPHER.to_owned(), key_fp: key.fingerprint() };
            sidecar::write(folder, profile, layout.name, Some(record), now)?;
        }
        Database::open(path, layout, Arc::new(key), Access::Write)
    }

    /// Opens the store to read only, whatever its version: for a ledger written by a newer program.
    ///
    /// **Errors**: as [`Self::open`], without [`OpenError::TooNew`].
    pub fn open_read_only(self, key: StoreKey) -> Result<Database, OpenError> {
        self.look(&key)?;
        Database::open(self.place.path(), self.place.layout, Arc::new(key), Access::Read)
    }

    /// Looks at the file with the key and changes nothing; gives its version.
    fn look(&self, key: &StoreKey) -> Result<u32, OpenError> {
        let layout = self.place.layout;
        if let Some(record) = self.record.as_ref().filter(|record| record.key_fp != key.fingerprint()) {
            return Err(OpenError::KeyMismatch { store: layout.name, created_at: record.created_at });
        }
        look(&self.place.path(), layout, key)
    }
}

/// Checks that a file is this store, whole, and readable with the key; gives its version and changes nothing.
pub(crate) fn look(path: &Path, layout: &Layout, key: &StoreKey) -> Result<u32, OpenError> {
    let told = |cause| database(layout, cause);
    let conn = connection::look(path, key).map_err(told)?;
    connection::check_floors(&conn)?;
    let mark: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(told)?;
    let version: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(told)?;
    drop(conn);
    let bytes = path.metadata().map_err(OpenError::file(path))?.len();
    if bytes <= CHECKED_BYTES_MAX {
        let pages = connection::damaged_pages(path, key).map_err(told)?;
        if !pages.is_empty() {
            return Err(OpenError::Corrupt { store: layout.name, pages });
        }
    }
    if mark == layout.application_id { Ok(version) } else { Err(OpenError::Foreign { store: layout.name }) }
}

/// Brings an older store to the newest version, all steps or none.
fn bring_up(conn: &mut Connection, place: &Place, key: &StoreKey, from: u32, now: Instant) -> Result<(), OpenError> {
    let layout = place.layout;
    if from == layout.version || !layout.is_copied_before_change {
        return (layout.bring_up)(conn).map_err(|cause| refused(layout, cause));
    }
    let copy = place.folder.join(backup::FOLDER).join(format!(
        "{}-version-{from}-{}.db",
        layout.name,
        now.format("%Y%m%dT%H%M%SZ")
    ));
    backup::copy(conn, layout, key, &copy)?;
    (layout.bring_up)(conn).map_err(|cause| OpenError::Migration {
        store: layout.name,
        from,
        to: layout.version,
        copy,
        cause,
    })
}

/// Names why a store that was opened could not be brought up.
fn refused(layout: &Layout, cause: StoreError) -> OpenError {
    match cause {
        StoreError::Sqlite(cause) => database(layout, cause),
        StoreError::ReadOnly => OpenError::ReadOnly { store: layout.name },
        StoreError::Corrupt { .. } => OpenError::Corrupt { store: layout.name, pages: Vec::new() },
        cause => OpenError::BringUp { store: layout.name, cause },
    }
}

/// Names what SQLite said while a store was being opened with a key whose fingerprint is right.
pub(crate) fn database(layout: &Layout, cause: rusqlite::Error) -> OpenError {
    match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Corrupt { store: layout.name, pages: vec![1] },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { store: layout.name, pages: Vec::new() },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            OpenError::ReadOnly { store: layout.name }
        }
        _ => OpenError::Database { store: layout.name, cause },
    }
}
