//! Copies of a store and the way back: encrypted with the same key, verified after writing, never over anything.
//!
//! Which store is copied when, and what is written into the ledger about it, is decided above.

use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_domain::Instant;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::connection;
use crate::open::{Layout, database, look};
use crate::{Database, OpenError, Profile, StoreError, StoreKey, sidecar, space};

/// Folder inside a profile for copies the program makes by itself.
pub const FOLDER: &str = "backups";
/// Copies made by days that are kept.
const DAYS_KEPT: usize = 14;
/// Room a copy needs, as a ratio to the file: 22 / 10.
const ROOM: (u64, u64) = (22, 10);
/// Size of a page of SQLCipher 4. **Units**: bytes.
const PAGE_BYTES: u64 = 4_096;
const PAGES_PER_STEP: i32 = 4_096;

/// Copies an open store into a new file and verifies the copy.
///
/// **Errors**: [`OpenError::DiskFull`] before anything is written; [`OpenError::BackupInvalid`] when the copy does not
/// open, is damaged, or has another number of pages; an existing file of that name.
pub(crate) fn copy(conn: &Connection, layout: &Layout, key: &StoreKey, to: &Path) -> Result<(), OpenError> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder).map_err(OpenError::file(folder))?;
    if to.symlink_metadata().is_ok() {
        return Err(OpenError::File { path: to.to_owned(), cause: std::io::ErrorKind::AlreadyExists.into() });
    }
    let told = |cause| database(layout, cause);
    let pages: u32 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(told)?;
    let needed_bytes = u64::from(pages).saturating_mul(PAGE_BYTES).saturating_mul(ROOM.0) / ROOM.1;
    if let Some(free_bytes) = space::free_bytes(folder).filter(|free| *free < needed_bytes) {
        return Err(OpenError::DiskFull { needed_bytes, free_bytes });
    }
    let partial = sidecar::beside(to)?;
    let copied = filled(conn, layout, key, &partial).and_then(|()| put_in_place(&partial, to, layout, key, pages));
    if copied.is_err() {
        sidecar::family(&partial).iter().for_each(|left| drop(std::fs::remove_file(left)));
    }
    copied
}

fn filled(conn: &Connection, layout: &Layout, key: &StoreKey, partial: &Path) -> Result<(), OpenError> {
    let told = |cause| database(layout, cause);
    let mut target = connection::write(partial, key).map_err(told)?;
    Backup::new(conn, &mut target)
        .and_then(|backup| backup.run_to_completion(PAGES_PER_STEP, Duration::ZERO, None))
        .map_err(told)?;
    target.close().map_err(|(_, cause)| told(cause))
}

/// Verifies a written copy and gives it its name.
fn put_in_place(partial: &Path, to: &Path, layout: &Layout, key: &StoreKey, pages: u32) -> Result<(), OpenError> {
    std::fs::File::open(partial).and_then(|file| file.sync_all()).map_err(OpenError::file(partial))?;
    verified(partial, layout, key, Some(pages))?;
    sidecar::take_name(partial, to).map_err(OpenError::file(to))?;
    sidecar::sync_folder(to).map_err(OpenError::file(to))
}

/// Checks that a file is a whole copy of this store that the key opens; gives its version.
fn verified(file: &Path, layout: &Layout, key: &StoreKey, pages: Option<u32>) -> Result<u32, OpenError> {
    let invalid = |reason: String| OpenError::BackupInvalid { reason };
    let told = |cause: rusqlite::Error| invalid(cause.to_string());
    let version = look(file, layout, key).map_err(|failure| invalid(failure.to_string()))?;
    let damaged = connection::damaged_pages(file, key).map_err(told)?;
    if !damaged.is_empty() {
        return Err(invalid(format!("damaged pages {damaged:?}")));
    }
    let conn = connection::look(file, key).map_err(told)?;
    let found: u32 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(told)?;
    if let Some(pages) = pages.filter(|pages| *pages != found) {
        return Err(invalid(format!("{found} pages instead of {pages}")));
    }
    let check: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(told)?;
    drop(conn);
    sidecar::sweep(file);
    if check == "ok" { Ok(version) } else { Err(invalid(check)) }
}

impl Database {
    /// Copies the store into a new file, encrypted with the same key, and verifies the copy.
    ///
    /// **Errors**: as told by [`OpenError`]; nothing is left under the name then.
    pub async fn copy_to(&self, layout: &'static Layout, to: PathBuf) -> Result<(), OpenError> {
        let this = self.clone();
        let copied = self.with_writer(move |conn| Ok(copy(conn, layout, this.key(), &to))).await;
        copied.unwrap_or_else(|failure| Err(OpenError::BackupInvalid { reason: failure.to_string() }))
    }

    /// Makes the day's copy in the profile, unless it is there; drops copies older than the newest fourteen.
    ///
    /// **Errors**: as [`Self::copy_to`].
    pub async fn copy_of_the_day(&self, layout: &'static Layout, now: Instant) -> Result<PathBuf, OpenError> {
        let folder = self.folder().join(FOLDER);
        let prefix = format!("{}-day-", layout.name);
        let to = folder.join(format!("{prefix}{}.db", now.format("%Y-%m-%d")));
        if !to.exists() {
            self.copy_to(layout, to.clone()).await?;
        }
        let mut days: Vec<_> = std::fs::read_dir(&folder)
            .map_err(OpenError::file(&folder))?
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)))
            .collect();
        days.sort();
        for old in days.iter().rev().skip(DAYS_KEPT) {
            std::fs::remove_file(old).map_err(OpenError::file(old))?;
        }
        Ok(to)
    }

    /// Moves everything from the write-ahead log into the file.
    ///
    /// **Errors**: those of the disk.
    pub async fn empty_log(&self) -> Result<(), StoreError> {
        self.with_writer(|conn| Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)).await
    }
}

impl Profile {
    /// Puts a copy in the place of a store that is closed; the present file is set aside, never overwritten.
    ///
    /// **Shape**: what is read is what is verified, in the profile and under a name of its own; gives the new name of the
    /// file that was there, if one was.
    /// **Errors**: [`OpenError::BackupInvalid`] before anything is touched; [`OpenError::TooNew`].
    pub fn restore(
        &self,
        layout: &'static Layout,
        key: &StoreKey,
        mut from: impl std::io::Read,
        at: Instant,
    ) -> Result<Option<PathBuf>, OpenError> {
        let path = self.folder().join(layout.file);
        let arriving = self.folder().join(format!("{}.restoring", layout.file));
        let mut target = sidecar::begin(&arriving)?;
        let copied = std::io::copy(&mut from, &mut target).and_then(|_| target.sync_all());
        let found = copied.map_err(OpenError::file(&arriving)).and_then(|()| verified(&arriving, layout, key, None));
        let fits = found.and_then(|found| match found > layout.version {
            true => Err(OpenError::TooNew { store: layout.name, found, known: layout.version }),
            false => Ok(()),
        });
        if let Err(refused) = fits {
            sidecar::family(&arriving).iter().for_each(|left| drop(std::fs::remove_file(left)));
            return Err(refused);
        }
        let moved = sidecar::move_aside(&path, at)?;
        std::fs::rename(&arriving, &path).map_err(OpenError::file(&path))?;
        sidecar::sync_folder(&path).map_err(OpenError::file(&path))?;
        Ok(moved)
    }
}
