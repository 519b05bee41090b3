//! Files a person chose: kept here under a handle, so that no path crosses to the page.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use countersign_domain::failure::{Code, Failure};
use countersign_render::file::name::FileName;
use countersign_render::file::write::{Existing, WriteError, WrittenFile, write_to};

use crate::clock;
use crate::failure::{Tell as _, internal, told};

/// Longest text file that is read. **Units**: bytes.
pub const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// A chosen file, as the page knows it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Under this word it is asked for again.
    pub handle: String,
    /// Its name, without its folder.
    pub name: String,
}

/// A chosen file that was read.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Its name, without its folder.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Purpose {
    Read(PathBuf),
    Write(PathBuf),
}

/// The files chosen since the program started.
#[derive(Default)]
pub struct Files(Mutex<HashMap<String, Purpose>>);

impl Files {
    /// Keeps a file to be read.
    pub fn keep_for_reading(&self, path: &Path) -> Kept {
        self.keep(Purpose::Read(path.to_owned()), path)
    }

    /// Keeps a place to write to.
    pub fn keep_for_writing(&self, path: &Path) -> Kept {
        self.keep(Purpose::Write(path.to_owned()), path)
    }

    fn keep(&self, purpose: Purpose, path: &Path) -> Kept {
        let handle = clock::name().simple().to_string();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(handle.clone(), purpose);
        Kept { handle, name }
    }

    /// Gives a place to write to.
    ///
    /// **Errors**: a handle that names no such place.
    pub fn place(&self, handle: &str) -> Result<PathBuf, Failure> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(handle) {
            Some(Purpose::Write(path)) => Ok(path.clone()),
            _ => Err(told(Code::NotFound, "The file is no longer chosen", "choose it again")),
        }
    }

    /// Gives a file to read from that is not a short text.
    ///
    /// **Errors**: a handle that names no such file.
    pub fn source(&self, handle: &str) -> Result<PathBuf, Failure> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(handle) {
            Some(Purpose::Read(path)) => Ok(path.clone()),
            _ => Err(told(Code::NotFound, "The file is no longer chosen", "choose it again")),
        }
    }

    /// Reads a chosen file of any content.
    ///
    /// **Errors**: a handle that names no such file, a file over `limit` bytes or without any, not a plain file.
    pub async fn read_bytes(&self, handle: &str, limit: u64) -> Result<Chosen, Failure> {
        let path = self.source(handle)?;
        let bytes = read_up_to(&path, limit).await?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if bytes.is_empty() {
            return Err(told(Code::InputInvalid, format!("Could not use {name}"), "the file is empty"));
        }
        Ok(Chosen { name, bytes })
    }

    /// Reads a chosen text file.
    ///
    /// **Errors**: a handle that names no such file, a file over [`TEXT_BYTES_MAX`], not a plain file, or not UTF-8.
    pub async fn read_text(&self, handle: &str) -> Result<String, Failure> {
        let path = self.source(handle)?;
        let bytes = read(&path).await?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            told(Code::ImportEncoding, format!("Could not read {name}"), format!("byte {place} is not UTF-8"))
        })
    }
}

/// Reads a file that is to be imported.
///
/// **Errors**: not there, not a plain file, over [`TEXT_BYTES_MAX`].
pub async fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, TEXT_BYTES_MAX).await
}

/// Reads a file of any content, whole.
///
/// **Errors**: not there, not a plain file, over `limit` bytes.
pub async fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let what = format!("Could not read {}", tilde(path));
    let from = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read_plain(&from, limit)).await;
    read.map_err(|error| internal(&what, &error))?.map_err(|error| told(unread(&error), what, error.to_string()))
}

fn unread(error: &io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::InvalidInput => Code::InputInvalid,
        io::ErrorKind::FileTooLarge => Code::ImportTooLarge,
        _ => Code::NotFound,
    }
}

/// Reads a file through [`open_plain`]; blocks meanwhile.
///
/// **Errors**: those of [`open_plain`]; `FileTooLarge` over `limit` bytes, however long the file was when it was opened.
pub fn read_plain(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let too_long = |bytes: u64| {
        let why = format!("the file has {} KiB, the limit is {} KiB", bytes.div_ceil(1024), limit / 1024);
        io::Error::new(io::ErrorKind::FileTooLarge, why)
    };
    let file = open_plain(path)?;
    let said = file.metadata()?.len();
    if said > limit {
        return Err(too_long(said));
    }
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes)? as u64;
    if read > limit { Err(too_long(read)) } else { Ok(bytes) }
}

/// Opens a file that somebody named: the one gate for whatever comes from outside, but for a bundle named in a terminal.
///
/// **Shape**: what was looked at is what is read, because the open file is looked at and not its name; nothing waits for
/// the other end of a pipe.
/// **Errors**: those of the disk; `InvalidInput` for a link, a folder, a pipe or a device.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let not_plain = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
    let link = || not_plain("it is a link: choose the file itself");
    #[cfg(unix)]
    let file = {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = rustix::fs::open(path, flags, Mode::empty());
        File::from(opened.map_err(|error| if error == rustix::io::Errno::LOOP { link() } else { error.into() })?)
    };
    #[cfg(not(unix))]
    let file = {
        if path.symlink_metadata()?.is_symlink() {
            return Err(link());
        }
        File::open(path)?
    };
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_plain("it is not a plain file")) }
}

/// Writes a file, complete or not at all; what stood there before is replaced.
///
/// **Errors**: a place that cannot be written to.
pub async fn write(
    place: PathBuf,
    bytes: impl AsRef<[u8]> + Send + 'static,
    what: &str,
) -> Result<WrittenFile, Failure> {
    let write = move || write_to(place, Existing::Replace, |out| out.write_all(bytes.as_ref()));
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| internal(what, &error))?;
    written.map_err(|error| error.tell(what))
}

/// Writes a file that is never replaced, complete or not at all; one of the same content that is there is this one.
///
/// **Errors**: a place that cannot be written to, or holds something else.
pub async fn write_once(place: PathBuf, bytes: Vec<u8>, what: &str) -> Result<(), Failure> {
    let write = move || match write_to(place, Existing::Keep, |out| out.write_all(&bytes)) {
        Err(WriteError::Exists(path)) if is_content(&path, &bytes) => Ok(()),
        written => written.map(drop),
    };
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| internal(what, &error))?;
    written.map_err(|error| error.tell(what))
}

fn is_content(path: &Path, bytes: &[u8]) -> bool {
    read_plain(path, bytes.len() as u64).is_ok_and(|found| found == bytes)
}

/// Takes a file away that was just written and that the ledger refused to write down: nothing leaves the program that its
/// record does not know of.
///
/// **Errors**: what the ledger said, and what became of the file.
pub fn recorded<T>(written: &WrittenFile, noted: Result<T, Failure>) -> Result<T, Failure> {
    noted.map_err(|failure| {
        let path = &written.path;
        let is_it = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == written.bytes);
        let is_gone = is_it && std::fs::remove_file(path).is_ok();
        let became = if is_gone { "was taken away again" } else { "could not be taken away: delete it" };
        let why = format!("{} The file {} {became}, because it is not in the ledger.", failure.why, tilde(path));
        Failure { why: why.trim_start().to_owned(), ..failure }
    })
}

/// Writes a path with the person's home folder as `~`, for screens and logs.
#[must_use]
pub fn tilde(path: &Path) -> String {
    match dirs::home_dir().and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

/// Makes a name of a file from any text, harmless on every system; an extension stays what it is.
#[must_use]
pub fn safe_name(name: &str) -> String {
    /// Longest extension. **Units**: characters.
    const EXTENSION_CHARS_MAX: usize = 10;
    let is_extension = |text: &str| {
        (1..=EXTENSION_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match name.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) && stem.contains(|c: char| c.is_ascii_alphanumeric()) => {
            FileName::build(&[stem], extension).as_str().to_owned()
        }
        _ => FileName::build(&[name], "").as_str().to_owned(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn names_are_harmless_everywhere_and_keep_their_extension() {
        for (given, name) in [
            ("v2.14.0-finance-request.json", "v2.14.0-finance-request.json"),
            ("Billing change (final).md", "Billing-change-final.md"),
            ("v2.14.0", "v2.14.0"),
            ("CON.md", "export_CON.md"),
            ("nul", "export_nul"),
            ("report.", "report"),
            ("../../.bashrc", "bashrc"),
            ("-rf", "rf"),
            ("", "export"),
        ] {
            assert_eq!(safe_name(given), name, "{given}");
        }
        let long = safe_name(&format!("{}.csv", "a".repeat(200)));
        assert!(long.len() == 80 && long.ends_with(".csv"), "{long}");
    }

    #[test]
    fn a_file_that_is_not_in_the_record_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("list.csv");
        let refused = || Err::<(), _>(told(Code::LedgerTampered, "Could not write this down", "entry 3 does not hold"));
        let written = write_to(place.clone(), Existing::Replace, |out| out.write_all(b"x")).unwrap();
        assert!(recorded(&written, Ok(())).is_ok() && place.exists());
        let why = recorded(&written, refused()).unwrap_err().why;
        assert!(
            !place.exists() && why.contains("Entry 3 does not hold. The file ") && why.contains("taken away again"),
            "{why}"
        );
        // What took its place meanwhile is somebody else's.
        std::fs::write(&place, "another").unwrap();
        let why = recorded(&written, refused()).unwrap_err().why;
        assert!(place.exists() && why.contains("delete it"), "{why}");
    }

    #[test]
    fn only_a_plain_file_that_is_not_too_long_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| folder.path().join(name);
        std::fs::write(named("plain"), [7; 2048]).unwrap();
        symlink(named("plain"), named("link")).unwrap();
        symlink("/dev/zero", named("zeros")).unwrap();
        std::fs::create_dir(named("folder")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            named("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        assert_eq!(read_plain(&named("plain"), 2048).unwrap(), [7; 2048]);
        for (path, limit, kind) in [
            (named("plain"), 2047, io::ErrorKind::FileTooLarge),
            (named("link"), 4096, io::ErrorKind::InvalidInput),
            (named("zeros"), 4096, io::ErrorKind::InvalidInput),
            (named("folder"), 4096, io::ErrorKind::InvalidInput),
            (named("pipe"), 4096, io::ErrorKind::InvalidInput),
            (PathBuf::from("/dev/zero"), 4096, io::ErrorKind::InvalidInput),
            (named("nothing"), 4096, io::ErrorKind::NotFound),
            // Says of itself that it is empty, as a file does that grows after it was looked at.
            (PathBuf::from("/proc/self/smaps"), 64, io::ErrorKind::FileTooLarge),
        ] {
            assert_eq!(read_plain(&path, limit).unwrap_err().kind(), kind, "{}", path.display());
        }
    }

    #[tokio::test]
    async fn a_file_that_is_a_witness_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("checkpoint.txt");
        let write = async |text: &str| write_once(place.clone(), text.as_bytes().to_vec(), "Could not write").await;
        write("one").await.unwrap();
        write("one").await.unwrap();
        let refused = write("two").await.unwrap_err();
        assert!(refused.why.contains("exists already"), "{}", refused.why);
        assert_eq!(std::fs::read(&place).unwrap(), b"one");
    }
}
