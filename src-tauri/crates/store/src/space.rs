//! Room on the disk: how much is free, and a little that is kept back for the last entry.
//!
//! Separate because a full disk is an ordinary day: a decision that a person has just signed must still be kept.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

/// Below this nothing large is begun. **Units**: bytes.
pub const FREE_BYTES_MIN: u64 = 200 * 1_024 * 1_024;
/// Room kept back beside the ledger. **Units**: bytes.
pub const RESERVE_BYTES: u64 = 4 * 1_024 * 1_024;
const RESERVE: &str = "ledger.reserve";

/// Gives the room an ordinary user has left on the folder's disk, or `None` where the system does not say.
///
/// **Units**: bytes.
#[cfg(unix)]
#[must_use]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Gives the room an ordinary user has left on the folder's disk, or `None` where the system does not say.
///
/// **Units**: bytes.
#[cfg(not(unix))]
#[must_use]
pub fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Keeps room back, if it is not kept back already and there is plenty.
///
/// **Errors**: those of the file; the caller goes on without a reserve.
pub fn keep_reserve(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(RESERVE);
    if path.metadata().is_ok_and(|file| file.len() == RESERVE_BYTES) {
        return Ok(());
    }
    if free_bytes(folder).is_some_and(|free| free < FREE_BYTES_MIN) {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(&path)?;
    // Written, not only set to a length: a hole in a file reserves nothing.
    let block = [0x55; 64 * 1_024];
    for _ in 0..RESERVE_BYTES / 65_536 {
        file.write_all(&block)?;
    }
    file.sync_all()
}

/// Gives the reserve up; says whether there was one.
#[must_use]
pub fn release_reserve(folder: &Path) -> bool {
    std::fs::remove_file(folder.join(RESERVE)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_takes_real_room_and_gives_it_back_once() {
        let folder = tempfile::tempdir().unwrap();
        keep_reserve(folder.path()).unwrap();
        keep_reserve(folder.path()).unwrap();
        let file = folder.path().join(RESERVE).metadata().unwrap();
        assert_eq!(file.len(), RESERVE_BYTES);
        #[cfg(unix)]
        assert!(std::os::unix::fs::MetadataExt::blocks(&file) * 512 >= RESERVE_BYTES);
        assert!(release_reserve(folder.path()));
        assert!(!release_reserve(folder.path()));
    }
}
