//! The page: its packages and its build. Both are skipped when nothing changed since the last time.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::machine;

/// Oldest Node.js the page's tools accept.
const NODE_MAJOR_MIN: u32 = 20;

/// Makes sure that the page's packages are there.
pub fn packages() -> Result<()> {
    let version =
        Command::new("node").arg("--version").output().context("Node.js is missing: install version 20 or newer")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major: u32 = version.trim_start_matches('v').split('.').next().unwrap_or_default().parse().unwrap_or(0);
    ensure!(major >= NODE_MAJOR_MIN, "Node.js {version} is too old: install version {NODE_MAJOR_MIN} or newer");
    let ui = machine::root().join("ui");
    let installed = ui.join("node_modules/.package-lock.json");
    if newest(&[&ui.join("package-lock.json"), &ui.join("package.json")]) <= modified(&installed) {
        return Ok(());
    }
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
}

/// Builds the page where it is older than its sources.
pub fn build() -> Result<()> {
    packages()?;
    let ui = machine::root().join("ui");
    let built = modified(&ui.join("dist/assets"));
    let sources = ["src", "index.html", "package-lock.json", "vite.config.ts"].map(|name| ui.join(name));
    let sources: Vec<&Path> = sources.iter().map(AsRef::as_ref).collect();
    if built.is_some() && newest(&sources) <= built {
        return Ok(());
    }
    npm(&["run", "build"])
}

/// Runs one of the page's scripts.
pub fn npm(arguments: &[&str]) -> Result<()> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    machine::run(Command::new(npm).args(arguments).current_dir(machine::root().join("ui")))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|found| found.modified()).ok()
}

/// Newest change below the paths.
fn newest(paths: &[&Path]) -> Option<SystemTime> {
    let mut newest = None;
    let mut open: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
    while let Some(path) = open.pop() {
        newest = newest.max(modified(&path));
        if let Ok(entries) = std::fs::read_dir(&path) {
            open.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    newest
}
