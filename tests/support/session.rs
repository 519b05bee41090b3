//! A desktop session of its own for one test: a private message bus, an unlocked keyring, its own home folder.
//!
//! The test starts itself again inside the session, so that no other test, and no person's keychain, is touched. The
//! session ends with the test, whatever happens to it.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, ExitStatus};

/// Set inside a session; its value is the name of the test.
const INSIDE: &str = "COUNTERSIGN_TEST_SESSION";

/// What a session ends with where the command failed and the keyring was not there any more.
const KEYRING_GONE: i32 = 75;

/// Brings the keyring up, becomes the command, and takes the keyring down by its own id.
const SCRIPT: &str = r#"
printf 'test\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
"$@"
status=$?
found=
for process in /proc/[0-9]*; do
    [ "$(cat "$process/comm" 2>/dev/null)" = gnome-keyring-d ] || continue
    tr '\0' '\n' <"$process/environ" 2>/dev/null | grep -qxF "HOME=$HOME" && kill "${process#/proc/}" && found=yes
done
[ $status -ne 0 ] && [ -z "$found" ] && exit 75
exit $status
"#;

/// Where the test is: outside, where it only starts the session, or inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The session has run and ended well.
    Outside,
    /// Go on here.
    Inside,
}

/// Enters a session, by starting this very test again inside one.
///
/// **Example**: `if session::enter("journey") == Place::Outside { return; }`
pub fn enter(test: &str) -> Place {
    if std::env::var_os(INSIDE).is_some_and(|name| name == test) {
        return Place::Inside;
    }
    let mut status = run(test);
    // The daemon is known to abort when clients come and go quickly (gnome-keyring 196); that says nothing of the program.
    if status.code() == Some(KEYRING_GONE) {
        let said = writeln!(std::io::stderr(), "the keyring of {test} aborted; the test is made once more");
        said.expect("standard error");
        status = run(test);
    }
    assert!(status.success(), "{test} failed inside its session: {status}");
    Place::Outside
}

fn run(test: &str) -> ExitStatus {
    let home = tempfile::tempdir().expect("a temporary home");
    let exe = std::env::current_exe().expect("this program");
    let arguments: Vec<OsString> =
        vec![exe.into(), test.into(), "--exact".into(), "--nocapture".into(), "--test-threads=1".into()];
    let status = command(home.path(), &arguments).env(INSIDE, test).status();
    status.expect("dbus-run-session is missing: install the packages dbus and gnome-keyring")
}

/// Makes a command that runs another one inside a session with this home folder.
pub fn command(home: &std::path::Path, arguments: &[OsString]) -> Command {
    let runtime = home.join("run");
    std::fs::create_dir_all(&runtime).expect("a runtime folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).expect("a private runtime folder");
    }
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", SCRIPT, "sh"]).args(arguments);
    command.env("HOME", home).env("XDG_RUNTIME_DIR", &runtime);
    for name in
        ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"]
    {
        command.env_remove(name);
    }
    command
}
