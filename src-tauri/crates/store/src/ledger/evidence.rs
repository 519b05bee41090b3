//! Evidence: files kept beside the ledger under the SHA-256 of their content, encrypted with a key of the ledger.
//!
//! An entry names its evidence by that hash, so a file can be looked up, and checked, by everyone who can read it. The
//! cipher's nonce is made from the hash of the content: equal content gives an equal file, and no two different contents
//! ever share a nonce. Deliberately absent: removing evidence.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use countersign_domain::ledger::Hash;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Database, StoreError, StoreKey, sidecar};

/// Largest piece of evidence. **Units**: bytes.
pub const EVIDENCE_BYTES_MAX: usize = 100 * 1_024 * 1_024;
/// Folder inside a profile.
pub const FOLDER: &str = "evidence";
/// First byte of a file: XChaCha20-Poly1305, nonce from the content's hash.
const VERSION: u8 = 1;
const PURPOSE: &[u8] = b"countersign evidence v1";

/// What was found of a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The content with this hash.
    Same,
    /// No file.
    Missing,
    /// A file with another content, or one that cannot be read.
    Changed,
}

/// The evidence of one ledger.
///
/// **Shape**: plain calls that read and write files; a caller in an async task hands them to a blocking thread.
#[derive(Clone)]
pub struct EvidenceFolder {
    folder: PathBuf,
    key: Zeroizing<[u8; 32]>,
}

impl Database {
    /// Gives the evidence beside this ledger.
    #[must_use]
    pub fn evidence(&self) -> EvidenceFolder {
        EvidenceFolder::beside(self.folder(), self.key())
    }
}

impl EvidenceFolder {
    /// Gives the evidence in a profile's folder whose ledger has this key, open or not.
    #[must_use]
    pub fn beside(profile: &Path, key: &StoreKey) -> Self {
        Self { folder: profile.join(FOLDER), key: key.derived(PURPOSE) }
    }

    /// Keeps a content and gives the hash under which it is found; keeping it again changes nothing.
    ///
    /// **Errors**: [`StoreError::EvidenceTooLarge`], or the file.
    pub fn keep(&self, content: &[u8]) -> Result<Hash, StoreError> {
        if content.len() > EVIDENCE_BYTES_MAX {
            return Err(StoreError::EvidenceTooLarge { bytes: content.len(), limit_bytes: EVIDENCE_BYTES_MAX });
        }
        let sha256 = Hash(Sha256::digest(content).into());
        if self.look(&sha256) == Found::Same {
            return Ok(sha256);
        }
        make_private(&self.folder).map_err(StoreError::file(&self.folder))?;
        let payload = Payload { msg: content, aad: &sha256.0 };
        // The only failure is a content beyond 256 GiB.
        let sealed = self.cipher().encrypt(&nonce(&sha256), payload).map_err(|_| StoreError::Evidence { sha256 })?;
        let path = self.path(&sha256);
        sidecar::replace(&path, &[&[VERSION][..], &sealed].concat()).map_err(StoreError::file(&path))?;
        Ok(sha256)
    }

    /// Gives a content back.
    ///
    /// **Errors**: [`StoreError::Evidence`] when it is gone or is not what it was.
    pub fn load(&self, sha256: &Hash) -> Result<Vec<u8>, StoreError> {
        self.open(sha256).map_err(|_| StoreError::Evidence { sha256: *sha256 })
    }

    /// Looks whether a content is there and is what it was.
    #[must_use]
    pub fn look(&self, sha256: &Hash) -> Found {
        self.open(sha256).map_or_else(|found| found, |_| Found::Same)
    }

    /// Copies every file as it is, encrypted, into another folder; files that are there already are left.
    ///
    /// **Errors**: the files.
    pub fn copy_to(&self, folder: &Path) -> Result<usize, StoreError> {
        let files = match std::fs::read_dir(&self.folder) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            files => files.map_err(StoreError::file(&self.folder))?,
        };
        make_private(folder).map_err(StoreError::file(folder))?;
        let mut copied = 0;
        for file in files {
            let from = file.map_err(StoreError::file(&self.folder))?.path();
            let Some(name) = from.file_name().filter(|name| name.to_string_lossy().parse::<Hash>().is_ok()) else {
                continue;
            };
            let to = folder.join(name);
            if !to.exists() {
                let content = std::fs::read(&from).map_err(StoreError::file(&from))?;
                sidecar::replace(&to, &content).map_err(StoreError::file(&to))?;
                copied += 1;
            }
        }
        Ok(copied)
    }

    /// Takes in the files of a copy that are missing or damaged here; what is whole here is left.
    ///
    /// **Shape**: gives how many were taken in; a file that is damaged in the copy too is left out.
    /// **Errors**: the files.
    pub fn take_from(&self, folder: &Path) -> Result<usize, StoreError> {
        let files = match std::fs::read_dir(folder) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            files => files.map_err(StoreError::file(folder))?,
        };
        let copy = Self { folder: folder.to_owned(), key: self.key.clone() };
        let mut taken = 0;
        for file in files {
            let name = file.map_err(StoreError::file(folder))?.file_name();
            let Ok(sha256) = name.to_string_lossy().parse::<Hash>() else { continue };
            if self.look(&sha256) == Found::Same {
                continue;
            }
            if let Ok(content) = copy.load(&sha256) {
                self.keep(&content)?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    fn open(&self, sha256: &Hash) -> Result<Vec<u8>, Found> {
        let sealed = std::fs::read(self.path(sha256)).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::NotFound => Found::Missing,
            _ => Found::Changed,
        })?;
        let Some((&VERSION, sealed)) = sealed.split_first() else { return Err(Found::Changed) };
        let payload = Payload { msg: sealed, aad: &sha256.0 };
        let content = self.cipher().decrypt(&nonce(sha256), payload).map_err(|_| Found::Changed)?;
        if Sha256::digest(&content)[..] == sha256.0 { Ok(content) } else { Err(Found::Changed) }
    }

    fn path(&self, sha256: &Hash) -> PathBuf {
        self.folder.join(sha256.to_string())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

fn nonce(sha256: &Hash) -> XNonce {
    let mut nonce = XNonce::default();
    nonce.iter_mut().zip(sha256.0).for_each(|(to, from)| *to = from);
    nonce
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(place: &Path) -> EvidenceFolder {
        EvidenceFolder { folder: place.join(FOLDER), key: Zeroizing::new([7; 32]) }
    }

    #[test]
    fn a_content_comes_back_by_its_hash_and_lies_there_unreadable() {
        let place = tempfile::tempdir().unwrap();
        let evidence = folder(place.path());
        let content = b"<testsuite failures=\"0\">needle</testsuite>";
        let sha256 = evidence.keep(content).unwrap();
        assert_eq!(sha256.0, <[u8; 32]>::from(Sha256::digest(content)));
        assert_eq!(evidence.load(&sha256).unwrap(), content);
        let path = evidence.path(&sha256);
        let kept = std::fs::read(&path).unwrap();
        assert!(!kept.windows(6).any(|part| part == b"needle"));
        evidence.keep(content).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), kept);
        assert_eq!(evidence.copy_to(&place.path().join("elsewhere")).unwrap(), 1);
        assert_eq!(evidence.copy_to(&place.path().join("elsewhere")).unwrap(), 0);
        std::fs::write(&path, b"damaged").unwrap();
        assert_eq!(evidence.take_from(&place.path().join("elsewhere")).unwrap(), 1);
        assert_eq!(evidence.load(&sha256).unwrap(), content);
        assert_eq!(evidence.take_from(&place.path().join("elsewhere")).unwrap(), 0);
        assert_eq!(evidence.take_from(&place.path().join("nowhere")).unwrap(), 0);
    }

    #[test]
    fn every_changed_byte_is_seen_and_keeping_again_repairs() {
        let place = tempfile::tempdir().unwrap();
        let evidence = folder(place.path());
        let sha256 = evidence.keep(b"content").unwrap();
        let other = evidence.keep(b"another").unwrap();
        let path = evidence.path(&sha256);
        let kept = std::fs::read(&path).unwrap();
        for at in 0..kept.len() {
            let mut changed = kept.clone();
            changed[at] ^= 1;
            std::fs::write(&path, changed).unwrap();
            assert_eq!(evidence.look(&sha256), Found::Changed, "byte {at}");
        }
        std::fs::copy(evidence.path(&other), &path).unwrap();
        assert_eq!(evidence.look(&sha256), Found::Changed);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(evidence.look(&sha256), Found::Missing);
        assert!(matches!(evidence.load(&sha256), Err(StoreError::Evidence { .. })));
        evidence.keep(b"content").unwrap();
        assert_eq!(evidence.look(&sha256), Found::Same);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_way_is_not_written_through() {
        let place = tempfile::tempdir().unwrap();
        let evidence = folder(place.path());
        let sha256 = evidence.keep(b"content").unwrap();
        let (copy, victim) = (place.path().join("copy"), place.path().join("victim"));
        std::fs::create_dir(&copy).unwrap();
        std::fs::write(&victim, "untouched").unwrap();
        std::os::unix::fs::symlink(&victim, copy.join(format!("{sha256}.partial"))).unwrap();
        assert_eq!(evidence.copy_to(&copy).unwrap(), 1);
        assert_eq!(std::fs::read(&victim).unwrap(), b"untouched");
        assert!(copy.join(sha256.to_string()).symlink_metadata().unwrap().is_file());
    }

    #[test]
    fn another_ledgers_key_opens_nothing() {
        let place = tempfile::tempdir().unwrap();
        let sha256 = folder(place.path()).keep(b"content").unwrap();
        let stranger = EvidenceFolder { key: Zeroizing::new([8; 32]), ..folder(place.path()) };
        assert_eq!(stranger.look(&sha256), Found::Changed);
    }
}
