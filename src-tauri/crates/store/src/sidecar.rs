//! `store.json`: what is known of a profile's stores without their keys. Nothing in it is secret.
//!
//! It tells a store that was never made from one that is gone, and a wrong key from a damaged file. The file is never
//! trusted for more than that; losing it loses nothing.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use countersign_domain::Instant;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::OpenError;

const FILE: &str = "store.json";

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sidecar {
    /// The profile's name in the keychain.
    pub profile: String,
    /// What is known of each store, by its name.
    pub stores: BTreeMap<String, Record>,
}

/// What is known of one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Random name of the store; `None` when the note was lost and written again.
    pub id: Option<Uuid>,
    /// When it was made.
    pub created_at: Instant,
    /// How it is encrypted.
    pub cipher: String,
    /// Fingerprint of its key.
    pub key_fp: String,
}

/// What was found where the file belongs.
pub(crate) enum Kept {
    /// The file, as it was written.
    Whole(Sidecar),
    /// A file that is not what this program writes.
    Damaged,
    /// No file.
    Nothing,
}

pub(crate) fn read(folder: &Path) -> Result<Kept, OpenError> {
    let path = folder.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_or(Kept::Damaged, Kept::Whole)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Kept::Nothing),
        Err(cause) => Err(OpenError::File { path, cause }),
    }
}

/// Writes what is known of one store; `None` forgets it. A damaged file is moved aside first.
pub(crate) fn write(
    folder: &Path,
    profile: &str,
    store: &str,
    record: Option<Record>,
    at: Instant,
) -> Result<(), OpenError> {
    let path = folder.join(FILE);
    let mut sidecar = match read(folder)? {
        Kept::Whole(sidecar) => sidecar,
        Kept::Nothing => Sidecar { profile: profile.to_owned(), stores: BTreeMap::new() },
        Kept::Damaged => {
            std::fs::rename(&path, aside(&path, at)).map_err(OpenError::file(&path))?;
            Sidecar { profile: profile.to_owned(), stores: BTreeMap::new() }
        }
    };
    match record {
        Some(record) => drop(sidecar.stores.insert(store.to_owned(), record)),
        None => drop(sidecar.stores.remove(store)),
    }
    let text = serde_json::to_vec_pretty(&sidecar)
        .map_err(|cause| OpenError::File { path: path.clone(), cause: cause.into() })?;
    replace(&path, &text).map_err(OpenError::file(&path))
}

/// Gives the name under which a file is set aside.
pub(crate) fn aside(path: &Path, at: Instant) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(at.format(".%Y%m%dT%H%M%S%3fZ.aside").to_string());
    name.into()
}

/// Puts a file in place so that after any crash either the old or the new one is there, whole and for its owner only.
pub(crate) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    // What a crash left there; of a link it is the link that goes, and never what it leads to.
    match std::fs::remove_file(&partial) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = private(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    sync_folder(path)
}

/// Gives a file its name, unless something has it; decides the race with what came into being meanwhile.
///
/// **Errors**: `AlreadyExists`, and those of the disk.
pub(crate) fn take_name(from: &Path, to: &Path) -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // Some file systems do not know the flag.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    link_name(from, to)
}

/// Does the same by a second name for the file, and where there are none by looking first.
fn link_name(from: &Path, to: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind::AlreadyExists;
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(error) if error.kind() == AlreadyExists => Err(error),
        // File systems without links leave a moment between the look and the rename.
        Err(_) if to.symlink_metadata().is_ok() => Err(AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Begins a database file beside another, in a folder that is not ours: nothing that lies there is touched.
pub(crate) fn beside(path: &Path) -> Result<PathBuf, OpenError> {
    /// Names tried before giving up; each is what a crash may have left.
    const TRIES: u32 = 100;
    for nth in 1..=TRIES {
        let mut name = path.as_os_str().to_owned();
        name.push(if nth == 1 { ".partial".to_owned() } else { format!(".{nth}.partial") });
        let partial = PathBuf::from(name);
        // A log that lies beside a new file would be written into it.
        if family(&partial).iter().any(|one| one.symlink_metadata().is_ok()) {
            continue;
        }
        match private(&partial) {
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => return made.map(|_| partial).map_err(OpenError::file(path)),
        }
    }
    Err(OpenError::File { path: path.to_owned(), cause: std::io::ErrorKind::AlreadyExists.into() })
}

/// Names a database file and the two that SQLite keeps beside it.
pub(crate) fn family(path: &Path) -> [PathBuf; 3] {
    // The log first: a file without its log is older, a log without its file is nothing.
    ["-wal", "-shm", ""].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// Renames a database file and what lies beside it; gives the new name, or `None` when nothing was there.
///
/// A log left without its file must go too: SQLite would write it into the next file of that name.
pub(crate) fn move_aside(path: &Path, at: Instant) -> Result<Option<PathBuf>, OpenError> {
    let moved = aside(path, at);
    let mut is_moved = false;
    for (from, to) in family(path).iter().zip(family(&moved)) {
        match std::fs::rename(from, to) {
            Ok(()) => is_moved = true,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(OpenError::File { path: from.clone(), cause }),
        }
    }
    sync_folder(path).map_err(OpenError::file(path))?;
    Ok(is_moved.then_some(moved))
}

/// Removes what looking at a copy leaves beside it: an empty log and its index. A log with something in it stays.
pub(crate) fn sweep(path: &Path) {
    let [log, index, _] = family(path);
    if log.metadata().is_ok_and(|log| log.len() == 0) {
        for left in [log, index] {
            let _nobody_needs_it = std::fs::remove_file(left);
        }
    }
}

/// Begins a database file under a name of our own, without anything a crash may have left there.
pub(crate) fn begin(path: &Path) -> Result<File, OpenError> {
    for left in family(path) {
        match std::fs::remove_file(&left) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(OpenError::File { path: left, cause });
            }
            _ => {}
        }
    }
    private(path).map_err(OpenError::file(path))
}

/// Makes an empty file that only its owner can read, where there is none and no link.
pub(crate) fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a rename in a file's folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _renames_are_durable_there = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_stays_whose_it_is() {
        for take in [take_name, link_name] {
            let place = tempfile::tempdir().unwrap();
            let [from, to] = ["from", "to"].map(|name| place.path().join(name));
            std::fs::write(&from, "ours").unwrap();
            std::fs::write(&to, "theirs").unwrap();
            assert_eq!(take(&from, &to).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&to).unwrap(), b"theirs");
            std::fs::remove_file(&to).unwrap();
            take(&from, &to).unwrap();
            assert!(std::fs::read(&to).unwrap() == b"ours" && !from.exists());
        }
    }

    #[test]
    fn what_cannot_be_linked_is_renamed() {
        let place = tempfile::tempdir().unwrap();
        // A folder has one name everywhere, as a file has on some file systems.
        let [from, to] = ["from", "to"].map(|name| place.path().join(name));
        std::fs::create_dir(&from).unwrap();
        link_name(&from, &to).unwrap();
        assert!(to.is_dir() && !from.exists());
        std::fs::create_dir(&from).unwrap();
        assert_eq!(link_name(&from, &to).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    }
}
