//! A desktop session for machines without one: a virtual display, a private message bus, an unlocked keyring.
//!
//! All of it lives in a temporary folder and ends with the command it was made for.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine;

/// What runs inside the session: the keyring first, then the command, then the keyring is stopped by its own id.
const INSIDE: &str = r#"
printf 'session\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
"$@"
status=$?
for process in /proc/[0-9]*; do
    [ "$(cat "$process/comm" 2>/dev/null)" = gnome-keyring-d ] || continue
    tr '\0' '\n' <"$process/environ" 2>/dev/null | grep -qxF "HOME=$HOME" && kill "${process#/proc/}"
done
exit $status
"#;

/// Runs a command in a session of its own.
pub fn under_virtual_display(command: Command) -> Result<()> {
    let home = std::env::temp_dir().join(format!("countersign-session-{}", std::process::id()));
    let runtime = home.join("run");
    make_private(&runtime)?;
    let mut session = Command::new("xvfb-run");
    session.args([
        "-a",
        "-s",
        "-screen 0 1440x900x24 -nolisten tcp",
        "dbus-run-session",
        "--",
        "sh",
        "-c",
        INSIDE,
        "sh",
    ]);
    session.arg(command.get_program()).args(command.get_args());
    session
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME");
    let result = machine::run(&mut session);
    // The folder holds nothing but the session; what stays of it after a failure is in the way of nobody.
    let _left_behind = std::fs::remove_dir_all(&home);
    result
}

fn make_private(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
