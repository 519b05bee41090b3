//! Bundles: the ledger as one file for others, and checking such a file without any secret.
//!
//! The second verifier, a Python program without dependencies, is carried along so that a bundle can be handed over
//! together with the means to check it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use countersign_domain::ledger::bundle::{BundleVerifier, LINE_BYTES_MAX};
use countersign_domain::ledger::verify::Warning;
use countersign_domain::ledger::{Entry, Expected, FirstBad, Head, Reason, Report};
use countersign_render::file::write::{Existing, WrittenFile, write_to};
use countersign_store::ledger::bundle;

use super::{Ledger, LedgerError};

/// The second verifier, as a file to put beside a bundle.
pub const SECOND_VERIFIER: &str = include_str!("verify_pack.py");
/// Its name.
pub const SECOND_VERIFIER_FILE: &str = "verify_pack.py";

/// A bundle that was written.
#[derive(Debug)]
pub struct Written {
    /// The newest entry in it; nothing for an empty ledger.
    pub head: Option<Head>,
    /// The file.
    pub file: WrittenFile,
}

/// Writes the whole ledger as a bundle, also one that was changed: whoever checks the bundle finds the same.
///
/// **Shape**: complete or absent, in place of what the user picked.
/// **Errors**: the file.
pub async fn export(ledger: &Ledger, to: PathBuf) -> Result<Written, LedgerError> {
    let id = ledger.id().await;
    let written = ledger.database.read(move |conn| {
        // What stopped the bundle is not the file's doing and must not be told as that.
        let mut made = Ok(None);
        let file = write_to(to, Existing::Replace, |mut out| {
            made = bundle::write(conn, id, &mut out);
            if made.is_ok() { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) }
        });
        Ok((made?, file))
    });
    let (head, file) = written.await?;
    Ok(Written { head, file: file? })
}

/// Checks a bundle. Needs neither the ledger nor a secret, and blocks while it reads.
///
/// **Shape**: never holds more than one line; a line over the limit, or not UTF-8, counts as a broken entry. The path is one
/// that somebody typed, and may be a pipe: `/dev/stdin`.
/// **Errors**: a file that cannot be read.
pub fn check(
    path: &Path,
    expected: Expected,
    visit: &mut dyn FnMut(&Entry) -> Option<Warning>,
) -> Result<Report, LedgerError> {
    let mut reader = BufReader::new(File::open(path).map_err(LedgerError::file(path))?);
    let mut bundle = BundleVerifier::new(expected);
    let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(2);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(limit).read_until(b'\n', &mut line).map_err(LedgerError::file(path))?;
        if read == 0 {
            return Ok(bundle.finished());
        }
        let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        let text = line.get(..end).unwrap_or_default();
        let taken = match std::str::from_utf8(text) {
            Ok(text) => bundle.take_in(text),
            Err(_) => Err(FirstBad { seq: bundle.verifier().next_seq(), reason: Reason::Schema }),
        };
        match taken {
            Ok(Some(entry)) => visit(&entry).into_iter().for_each(|warning| bundle.verifier().warn(warning)),
            Ok(None) => {}
            Err(first_bad) => return Ok(bundle.stopped(first_bad)),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn a_bundle_may_come_through_a_pipe() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"no bundle\n").unwrap();
        drop(writer);
        let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
        let report = check(&path, Expected::default(), &mut |_| None).unwrap();
        assert_eq!(report.first_bad.unwrap().reason, Reason::Schema);
    }
}
