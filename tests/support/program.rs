//! The built programs, started as a person would start them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::tree;

/// The folder cargo built this test into.
fn built() -> PathBuf {
    let exe = std::env::current_exe().expect("this program");
    // target/debug/deps/test-1234 → target/debug
    exe.parent().and_then(Path::parent).map_or_else(|| tree::root().join("target/debug"), Path::to_owned)
}

/// The command line alone, without a web view.
pub fn cli() -> PathBuf {
    found("countersign-cli")
}

/// The program with its window.
pub fn window() -> PathBuf {
    found("countersign")
}

fn found(name: &str) -> PathBuf {
    let path = built().join(name);
    assert!(
        path.exists(),
        "{} is not built: run `cargo xtask test`, or `cargo build --workspace` first",
        path.display()
    );
    path
}

/// One profile and the commands run on it.
pub struct Profile {
    /// Its folder.
    pub folder: PathBuf,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// Exit code; -1 when it was killed.
    pub code: i32,
    /// The JSON document on standard output, or null.
    pub json: Value,
    /// Standard output as it was.
    pub text: String,
    /// Standard error as it was.
    pub complaint: String,
}

impl Profile {
    /// Names a profile that does not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Prepares a command on this profile, with `--json`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cli());
        command.arg("--data-dir").arg(&self.folder).arg("--json").args(arguments);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).stdin(Stdio::null()).output().expect("the program starts"))
    }

    /// Runs a command that reads a secret from standard input.
    pub fn run_with(&self, secret: &str, arguments: &[&str]) -> Said {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(secret.as_bytes()).expect("the secret is read");
        said(child.wait_with_output().expect("the program ends"))
    }

    /// Runs a command that has to succeed.
    pub fn must(&self, arguments: &[&str]) -> Value {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {} {}", said.text, said.complaint);
        said.json
    }
}

fn said(output: Output) -> Said {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Said {
        code: output.status.code().unwrap_or(-1),
        json: serde_json::from_str(&text).unwrap_or(Value::Null),
        complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
        text,
    }
}

/// Something started here and stopped by its own id when it is dropped.
pub struct Running(Child);

impl Running {
    /// Starts a command in the background.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the command starts"))
    }

    /// Gives the process.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _nobody_left = self.0.wait();
    }
}
