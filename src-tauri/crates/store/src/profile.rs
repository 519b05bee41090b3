//! A profile: one folder with the two stores, used by one process at a time.
//!
//! Deliberately absent: anything that deletes. A store that is in the way is set aside under a new name.

use std::path::{Path, PathBuf};

use countersign_domain::Instant;
use sha2::{Digest, Sha256};

use crate::lock::ProfileLock;
use crate::open::{Found, Layout};
use crate::sidecar::{self, Kept};
use crate::{OpenError, network};

/// Folder names by which programs that copy folders between computers are recognised.
const SYNCED: &[&str] = &["Dropbox", "OneDrive", "Google Drive", "iCloud Drive", "Mobile Documents", "Nextcloud"];

/// A folder this process has to itself.
pub struct Profile {
    folder: PathBuf,
    id: String,
    _lock: ProfileLock,
}

impl Profile {
    /// Enters a profile: makes its folder, refuses network drives, takes the lock.
    ///
    /// **Shape**: a new or empty folder is closed to other users; one with other things in it is left as it is.
    /// **Errors**: [`OpenError::NetworkDrive`], [`OpenError::InstanceRunning`], or the folder itself.
    pub fn enter(folder: &Path, now: Instant) -> Result<Self, OpenError> {
        if let Some(kind) =
            folder.ancestors().find_map(|place| place.canonicalize().ok()).and_then(|p| network::kind(&p))
        {
            return Err(OpenError::NetworkDrive { kind });
        }
        make(folder).map_err(OpenError::file(folder))?;
        // The resolved path, so that a link to the folder leads to the same lock and the same keys.
        let folder = folder.canonicalize().map_err(OpenError::file(folder))?;
        let lock = ProfileLock::take(&folder, now)?;
        let id = match sidecar::read(&folder)? {
            Kept::Whole(sidecar) => sidecar.profile,
            Kept::Damaged | Kept::Nothing => id_of(&folder),
        };
        Ok(Self { folder, id, _lock: lock })
    }

    /// Gives the folder, resolved.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives the profile's name in the keychain.
    ///
    /// **Shape**: made from the folder's path when the profile is made, and kept with it when the folder moves; so the
    /// keychain is found again even when everything in the folder is gone.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Gives the name of the program that copies this folder to other computers, if its path shows one.
    #[must_use]
    pub fn synced_by(&self) -> Option<&'static str> {
        let parts = || self.folder.components().map(|part| part.as_os_str().to_string_lossy());
        SYNCED.iter().find(|name| parts().any(|part| part.starts_with(**name))).copied()
    }

    /// Looks at a store without its key.
    ///
    /// **Shape**: `head_is_known` says that the keychain remembers such a store, so that a deleted folder is not taken
    /// for a first run.
    /// **Errors**: `Missing`, `Truncated`, `Plaintext`.
    pub fn inspect(&self, layout: &'static Layout, head_is_known: bool) -> Result<Found, OpenError> {
        crate::open::inspect(&self.folder, &self.id, layout, head_is_known)
    }

    /// Renames a store's files out of the way and forgets them, so that the store can be made anew or restored.
    ///
    /// **Shape**: nothing is deleted; gives the new name of the file, or `None` when there was no file.
    /// **Errors**: the files.
    pub fn set_aside(&self, layout: &Layout, at: Instant) -> Result<Option<PathBuf>, OpenError> {
        let moved = sidecar::move_aside(&self.folder.join(layout.file), at)?;
        sidecar::write(&self.folder, &self.id, layout.name, None, at)?;
        Ok(moved)
    }
}

/// Makes the folder, and closes it to other users where nobody else's things are in it.
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    if std::fs::read_dir(folder)?.next().is_none() {
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    }
    Ok(())
}

/// Names a profile after its folder.
fn id_of(folder: &Path) -> String {
    let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_link_to_a_profile_is_the_same_profile() {
        let place = tempfile::tempdir().unwrap();
        let real = place.path().join("profile");
        let profile = Profile::enter(&real, DateTime::UNIX_EPOCH).unwrap();
        #[cfg(unix)]
        {
            let link = place.path().join("link");
            std::os::unix::fs::symlink(&real, &link).unwrap();
            let second = Profile::enter(&link, DateTime::UNIX_EPOCH).map(drop).unwrap_err();
            assert!(matches!(second, OpenError::InstanceRunning { .. }), "{second}");
            let mode = std::os::unix::fs::PermissionsExt::mode(&real.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o700);
        }
        let id = profile.id().to_owned();
        drop(profile);
        assert_eq!(Profile::enter(&real, DateTime::UNIX_EPOCH).unwrap().id(), id);
    }

    #[test]
    fn a_folder_with_other_things_in_it_keeps_its_permissions() {
        let place = tempfile::tempdir().unwrap();
        let shared = place.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        std::fs::write(shared.join("letter.txt"), "x").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o755)).unwrap();
            let _profile = Profile::enter(&shared, DateTime::UNIX_EPOCH).unwrap();
            assert_eq!(shared.metadata().unwrap().permissions().mode() & 0o777, 0o755);
        }
    }

    #[test]
    fn a_synced_folder_is_recognised_by_its_path() {
        let place = tempfile::tempdir().unwrap();
        let profile = Profile::enter(&place.path().join("OneDrive - Acme/x"), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(profile.synced_by(), Some("OneDrive"));
    }
}
