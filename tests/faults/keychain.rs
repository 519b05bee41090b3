//! A keychain that is locked, or not there: each is told by its own code, in time, and nothing is touched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;
use support::program::Profile;

use crate::company;

/// How long a person may be left without an answer.
const LIMIT: Duration = Duration::from_secs(10);
/// Commands of which each has to tell it.
const COMMANDS: &[&[&str]] = &[&["env", "list"], &["sync"], &["ledger", "verify"], &["operator", "list"]];

/// A profile made before the keyring was locked.
pub async fn locked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = company::profile(&folder, "profile");
    let answer = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .arg("org.freedesktop.Secret.Service.Lock")
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .output()?;
    ensure!(answer.status.success(), "the keyring does not lock: {answer:?}");
    let before = contents(&profile.folder);
    for arguments in COMMANDS {
        told(&mut profile.command(arguments), ("KEYCHAIN_LOCKED", 4))?;
    }
    ensure!(contents(&profile.folder) == before, "a store was touched");
    Ok(())
}

/// No bus at all, and a bus on which nobody keeps secrets.
pub async fn absent() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = company::profile(&folder, "profile");
    let before = contents(&profile.folder);
    let bus = bus_without_services(folder.path())?;
    for arguments in COMMANDS {
        let mut command = profile.command(arguments);
        told(command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"), ("KEYCHAIN_ABSENT", 3))?;
        told(&mut on_bus(&bus, &profile, arguments), ("KEYCHAIN_ABSENT", 3))?;
    }
    ensure!(contents(&profile.folder) == before, "a store was touched");
    // With the keyring back, everything is as it was.
    profile.must(&["ledger", "verify"]);
    Ok(())
}

fn told(command: &mut Command, (code, exit): (&str, i32)) -> Result<()> {
    let begun = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = begun.elapsed();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    ensure!(document["error"]["code"] == code, "{command:?}: {document} instead of {code}");
    ensure!(output.status.code() == Some(exit), "{command:?}: {:?} instead of {exit}", output.status);
    ensure!(took < LIMIT, "{command:?} took {took:?}");
    Ok(())
}

fn on_bus(bus: &Path, profile: &Profile, arguments: &[&str]) -> Command {
    let program = profile.command(arguments);
    let mut command = Command::new("dbus-run-session");
    command.arg(format!("--config-file={}", bus.display())).arg("--").arg(program.get_program());
    command.args(program.get_args()).env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

fn bus_without_services(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("bus.conf");
    let text = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
        folder.display()
    );
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Reads the stores, byte for byte.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let stores = ["ledger.db", "mirror.db", "store.json"];
    stores.iter().map(|name| ((*name).to_owned(), std::fs::read(folder.join(name)).unwrap())).collect()
}
