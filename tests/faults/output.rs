//! Where an answer goes: a reader that has read enough, and a place without room.

use std::fs::OpenOptions;
use std::process::Stdio;

use anyhow::{Result, ensure};
use support::program::Profile;

/// `… | head` ends a command as it would have ended; a full disk is told, and is no success.
pub async fn unread() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = Profile::at(folder.path().join("profile"));
    let list = || {
        let mut command = profile.command(&["probe", "list"]);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let whole = list().output()?;
    let is_quiet = whole.status.code() == Some(0) && whole.stderr.is_empty();
    ensure!(is_quiet && whole.stdout.len() > 1_000, "{whole:?}");

    let mut child = list().stdout(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let left = child.wait_with_output()?;
    ensure!((left.status.code(), left.stderr.as_slice()) == (Some(0), b"".as_slice()), "{left:?}");

    let full = OpenOptions::new().write(true).open("/dev/full")?;
    let lost = list().stdout(full).output()?;
    let complaint = String::from_utf8_lossy(&lost.stderr).into_owned();
    ensure!(lost.status.code() == Some(2) && complaint.contains("could not be written"), "{lost:?}");
    Ok(())
}
