//! Writing a file so that nobody ever sees half of it.
//!
//! The bytes go into a temporary file of the target folder that only its owner can read, are synced, and take the
//! target's name in one step. A link at the target is never followed. Which folder is the caller's choice, by a dialog.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::name::FileName;

/// What happens where a file of that name exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and writing is refused.
    Keep,
    /// It is replaced; a person has been asked.
    Replace,
}

/// A file that is whole and on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl WrittenFile {
    /// Measures a file that something else wrote.
    ///
    /// **Errors**: those of the disk.
    pub fn look(path: PathBuf) -> io::Result<Self> {
        let mut counted = Counted { sink: io::sink(), hash: Sha256::new(), bytes: 0 };
        io::copy(&mut File::open(&path)?, &mut counted)?;
        Ok(Self { path, bytes: counted.bytes, sha256: hex(counted.hash) })
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a file was not written. No part of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file of that name exists and was to be kept.
    #[error("{0} exists already")]
    Exists(PathBuf),
    /// The name belongs to a link, a folder or a device.
    #[error("{0} is not an ordinary file")]
    NotAFile(PathBuf),
    /// The disk, the rights, or whoever made the bytes.
    #[error("{path} could not be written")]
    Failed {
        /// What was to be written.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
}

/// Writes a file of our own naming whole or not at all.
///
/// **Shape**: `fill` gets a buffered sink and may write as much as it likes.
/// **Errors**: `Exists`, `NotAFile`; `Failed` also when `fill` fails.
pub fn write_file(
    folder: &Path,
    name: &FileName,
    existing: Existing,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<WrittenFile, WriteError> {
    write_to(folder.join(name.as_str()), existing, fill)
}

/// Writes the file a person picked whole or not at all; its name is theirs and stays as it is.
///
/// **Errors**: as [`write_file`].
pub fn write_to(
    path: PathBuf,
    existing: Existing,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<WrittenFile, WriteError> {
    // A bare name lies in the folder the program was started in.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => return Err(WriteError::NotAFile(path)),
        Ok(_) if existing == Existing::Keep => return Err(WriteError::Exists(path)),
        Ok(_) | Err(_) => {}
    }
    let failed = |cause| WriteError::Failed { path: path.clone(), cause };
    let mut temporary = NamedTempFile::new_in(&folder).map_err(failed)?;
    let counted = Counted { sink: temporary.as_file_mut(), hash: Sha256::new(), bytes: 0 };
    let mut sink = BufWriter::new(counted);
    fill(&mut sink).map_err(failed)?;
    let Counted { hash, bytes, .. } = sink.into_inner().map_err(|cause| failed(cause.into_error()))?;
    temporary.as_file().sync_all().map_err(failed)?;
    // Taking the name in one step also decides the race with a file that came into being meanwhile.
    let taken = match existing {
        Existing::Keep => temporary.persist_noclobber(&path),
        Existing::Replace => temporary.persist(&path),
    };
    match taken {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => return Err(WriteError::Exists(path)),
        Err(refused) => return Err(failed(refused.error)),
    }
    sync_folder(&folder).map_err(failed)?;
    Ok(WrittenFile { path, bytes, sha256: hex(hash) })
}

/// Makes the new name survive a power cut; Windows has no such call and needs none.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A sink that counts and hashes what passes through it.
struct Counted<W> {
    sink: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.sink.write(bytes)?;
        self.hash.update(bytes.get(..taken).unwrap_or_default());
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> FileName {
        FileName::build(&["report"], "csv")
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_written_whole_and_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let written = write_file(folder.path(), &name(), Existing::Keep, |out| out.write_all(b"abc")).unwrap();
        assert_eq!(written.bytes, 3);
        assert_eq!(written.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(std::fs::read(&written.path).unwrap(), b"abc");
        assert_eq!(names_in(folder.path()), ["report.csv"]);
        assert_eq!(WrittenFile::look(written.path.clone()).unwrap(), written);
    }

    #[test]
    fn an_existing_file_is_kept_unless_asked() {
        let folder = tempfile::tempdir().unwrap();
        let write = |existing, text: &'static str| {
            write_file(folder.path(), &name(), existing, |out| out.write_all(text.as_bytes()))
        };
        write(Existing::Keep, "first").unwrap();
        assert!(matches!(write(Existing::Keep, "second"), Err(WriteError::Exists(_))));
        assert_eq!(std::fs::read_to_string(folder.path().join("report.csv")).unwrap(), "first");
        write(Existing::Replace, "third").unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("report.csv")).unwrap(), "third");
    }

    #[test]
    fn a_picked_name_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let picked = folder.path().join("Läufe (final).md");
        let written = write_to(picked.clone(), Existing::Replace, |out| out.write_all(b"x")).unwrap();
        assert_eq!(written.path, picked);
        assert!(picked.is_file());
        assert!(matches!(
            write_to(folder.path().to_owned(), Existing::Replace, |_| Ok(())),
            Err(WriteError::NotAFile(_))
        ));
    }

    #[test]
    fn a_failure_half_way_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = write_file(folder.path(), &name(), Existing::Replace, |out| {
            out.write_all(&[0; 100_000])?;
            Err(io::Error::other("the query was cancelled"))
        });
        assert!(matches!(outcome, Err(WriteError::Failed { .. })));
        assert!(names_in(folder.path()).is_empty());
        let lost = folder.path().join("gone");
        assert!(matches!(write_file(&lost, &name(), Existing::Keep, |_| Ok(())), Err(WriteError::Failed { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_never_followed_and_only_the_owner_can_read() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "untouched").unwrap();
        symlink(&victim, folder.path().join("report.csv")).unwrap();
        for existing in [Existing::Keep, Existing::Replace] {
            let outcome = write_file(folder.path(), &name(), existing, |out| out.write_all(b"x"));
            assert!(matches!(outcome, Err(WriteError::NotAFile(_))));
        }
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "untouched");
        std::fs::remove_file(folder.path().join("report.csv")).unwrap();
        let written = write_file(folder.path(), &name(), Existing::Keep, |out| out.write_all(b"x")).unwrap();
        assert_eq!(written.path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
