//! One profile, one process: an exclusive lock on `profile.lock` for as long as the profile is in use.
//!
//! The system releases it when the process ends, however it ends, so a file left behind never blocks. What stands in
//! the file is information for people and decides nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use countersign_domain::Instant;

use crate::OpenError;

const FILE: &str = "profile.lock";
/// Longest note read from a lock file. **Units**: bytes.
const NOTE_BYTES_MAX: u64 = 200;

/// The held lock; released when dropped.
pub(crate) struct ProfileLock(#[expect(dead_code, reason = "holding the open file is holding the lock")] File);

impl ProfileLock {
    /// Takes the lock of a folder without waiting.
    ///
    /// **Errors**: [`OpenError::InstanceRunning`] when another process holds it.
    pub(crate) fn take(folder: &Path, now: Instant) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let mut file = open(&path).map_err(OpenError::file(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut note = String::new();
                let read = file.take(NOTE_BYTES_MAX).read_to_string(&mut note);
                return Err(OpenError::InstanceRunning { holder: read.ok().map(|_| note.trim().to_owned()) });
            }
            Err(TryLockError::Error(cause)) => return Err(OpenError::File { path, cause }),
        }
        let note = format!("process {} since {}\n", std::process::id(), now.format("%Y-%m-%dT%H:%M:%SZ"));
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(note.as_bytes()));
        written.map_err(OpenError::file(&path))?;
        Ok(Self(file))
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it_and_a_stale_file_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "process 1 since long ago, and a longer line than ours\n").unwrap();
        let first = ProfileLock::take(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        let second = ProfileLock::take(folder.path(), DateTime::UNIX_EPOCH).map(drop).unwrap_err();
        let OpenError::InstanceRunning { holder: Some(note) } = second else { panic!("{second}") };
        assert_eq!(note, format!("process {} since 1970-01-01T00:00:00Z", std::process::id()));
        drop(first);
        ProfileLock::take(folder.path(), DateTime::UNIX_EPOCH).unwrap();
    }
}
