//! Private D-Bus sessions with a real keyring daemon, started and stopped by their own process ids.

#![allow(dead_code, reason = "each of the two test programs that use these sessions needs another part")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::states::{Bus, STATES};

/// The variable that tells a started copy which state it is to make.
pub const STATE: &str = "COUNTERSIGN_KEYCHAIN_STATE";
/// The password of every keyring made here.
const PASSWORD: &str = "correct horse\n";
/// A state that takes longer than this hangs.
const STATE_LIMIT: Duration = Duration::from_secs(60);

/// Runs every state in a session of its own and ends with an error if one does not hold.
pub fn run_all() {
    let packages = [
        ("gnome-keyring-daemon", "gnome-keyring"),
        ("dbus-run-session", "dbus"),
        ("dbus-send", "dbus"),
        ("secret-tool", "libsecret-tools"),
    ];
    for (program, package) in packages {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(found.is_ok(), "{program} is missing: install the package {package}");
    }
    let wanted = std::env::args().nth(1).filter(|word| !word.starts_with('-'));
    let mut broken = Vec::new();
    for (state, bus, _) in STATES {
        if wanted.as_deref().is_some_and(|word| !state.contains(word)) {
            continue;
        }
        let begun = Instant::now();
        let holds = run_one(state, *bus);
        println!("{state} ... {} ({} ms)", if holds { "ok" } else { "FAILED" }, begun.elapsed().as_millis());
        if !holds {
            broken.push(*state);
        }
    }
    assert!(broken.is_empty(), "states that do not hold: {broken:?}");
}

fn run_one(state: &str, bus: Bus) -> bool {
    let home = tempfile::tempdir().expect("a private home");
    let runtime = home.path().join("run");
    std::fs::create_dir(&runtime).expect("a runtime folder");
    std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("its permissions");
    let this = std::env::current_exe().expect("the path of this program");
    let mut command =
        Command::new(if matches!(bus, Bus::None) { this.as_os_str() } else { "dbus-run-session".as_ref() });
    if matches!(bus, Bus::WithoutServices) {
        command.arg(format!("--config-file={}", bus_without_services(home.path())));
    }
    match bus {
        Bus::None => command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"),
        _ => command.env_remove("DBUS_SESSION_BUS_ADDRESS").arg("--").arg(&this),
    };
    command.env(STATE, state).env("HOME", home.path()).env("XDG_RUNTIME_DIR", &runtime);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "GNOME_KEYRING_CONTROL"] {
        command.env_remove(name);
    }
    // The bus and the daemons talk a lot; what they said is shown only where it explains a failure.
    let log = home.path().join("stderr");
    let writer = std::fs::File::create(&log).expect("a file for the session's messages");
    let holds = ends_well(command.stdin(Stdio::null()).stderr(writer).spawn().expect("the session starts"));
    if !holds {
        println!("{}", std::fs::read_to_string(&log).unwrap_or_default());
    }
    holds
}

fn ends_well(mut child: Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < STATE_LIMIT {
        if let Some(status) = child.try_wait().expect("the session can be waited for") {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.kill());
    drop(child.wait());
    false
}

fn bus_without_services(folder: &Path) -> String {
    let path = folder.join("bus.conf");
    let text = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
        folder.display()
    );
    std::fs::write(&path, text).expect("the bus configuration");
    path.display().to_string()
}

/// A keyring daemon in the foreground, unlocked with the password; stopped when dropped.
pub struct Daemon(Child);

impl Daemon {
    /// Starts the daemon and waits until it owns its name on the bus.
    pub fn unlocked() -> Self {
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the keyring daemon starts");
        child.stdin.take().expect("its input").write_all(PASSWORD.as_bytes()).expect("it reads the password");
        let begun = Instant::now();
        while owner() != Some(child.id()) {
            assert!(begun.elapsed() < Duration::from_secs(10), "the keyring daemon does not appear on the bus");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self(child)
    }

    /// Kills it the hard way and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// Gives its process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    fn end(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}

/// Gives the process id of whoever answers as the Secret Service, without starting one.
pub fn owner() -> Option<u32> {
    let answer = Command::new("dbus-send")
        .args(["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
        .args(["org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets"])
        .output()
        .expect("dbus-send runs");
    String::from_utf8_lossy(&answer.stdout).trim().strip_prefix("uint32 ")?.parse().ok()
}

/// Stops a daemon the bus itself has started.
pub fn stop_activated() {
    if let Some(process) = owner() {
        signal(process, "KILL");
    }
}

/// Sends a signal to one process.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status().expect("kill runs");
    assert!(sent.success(), "process {process} takes no {name}");
}

/// Locks the login keyring.
pub fn lock() {
    let answer = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .args(["org.freedesktop.Secret.Service.Lock"])
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .output()
        .expect("dbus-send runs");
    assert!(answer.status.success(), "the keyring does not lock");
}

/// Runs secret-tool on the item of this name.
pub fn secret_tool(verb: &str, account: &str, input: &[u8]) -> Output {
    let mut command = Command::new("secret-tool");
    command.arg(verb);
    if verb == "store" {
        command.arg("--label=changed");
    }
    let mut child = command
        .args(["service", countersign_sources::keychain::SERVICE, "username", account])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("secret-tool starts");
    child.stdin.take().expect("its input").write_all(input).expect("it reads");
    child.wait_with_output().expect("it ends")
}
