//! What the machine must have, and how it gets it.
//!
//! On Debian and its relatives missing packages are installed; elsewhere they are named, with the way to get them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// What building and running the program takes.
const BUILD: &[&str] = &["build-essential", "pkg-config", "perl", "libwebkit2gtk-4.1-dev", "fonts-dejavu-core"];
/// What running it without a display takes.
const HEADLESS: &[&str] = &["xvfb", "xauth", "dbus", "dbus-x11", "gnome-keyring", "fonts-droid-fallback"];
/// What the tests need besides.
const TEST: &[&str] =
    &["webkit2gtk-driver", "xdotool", "libsecret-tools", "postgresql", "postgresql-contrib", "python3"];

/// The root of the project.
pub fn root() -> &'static Path {
    // The manifest lies two folders below the root, so the fallback is never taken.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Makes sure of what building takes.
pub fn ready_to_build() -> Result<()> {
    packages(BUILD)
}

/// Makes sure of what running without a display takes.
pub fn ready_to_run_headless() -> Result<()> {
    packages(&[BUILD, HEADLESS].concat())
}

/// Makes sure of what the tests take.
pub fn ready_to_test() -> Result<()> {
    packages(&[BUILD, HEADLESS, TEST].concat())
}

/// Whether there is a screen to open a window on.
pub fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn packages(wanted: &[&str]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    if !has_command("dpkg-query") {
        eprintln!("Not a Debian system: please make sure of the counterparts of {}", wanted.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing {}", missing.join(" "));
    install(&["update", "-q"]).context("reading the list of packages")?;
    let arguments = [&["install", "-q", "-y", "--no-install-recommends"], missing.as_slice()].concat();
    install(&arguments)
        .with_context(|| format!("installing {}; install them yourself and try again", missing.join(" ")))
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

fn install(arguments: &[&str]) -> Result<()> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
    if !is_root {
        command.arg("apt-get");
    }
    run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
}

fn elsewhere() -> Result<()> {
    for (command, way) in [("node", "install Node.js 20 or newer from nodejs.org"), ("perl", "install Perl")] {
        ensure!(has_command(command), "`{command}` is missing: {way}");
    }
    Ok(())
}

/// Whether a command can be started.
pub fn has_command(name: &str) -> bool {
    Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Runs a command in the foreground and insists on success.
pub fn run(command: &mut Command) -> Result<()> {
    let name = format!("{command:?}");
    let status = command.status().with_context(|| format!("starting {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Makes a cargo command that works on the project, with the toolchain that runs this.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}
