//! The terminal shell: arguments become requests of the contract, answers become text or one JSON document.
//!
//! Nothing is decided here. The same program starts here and in the window: [`start`] says which of the two it is.

mod arguments;
mod commands;
mod exit;
mod output;
mod progress;
mod secret;
mod session;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_app::App;

use arguments::{Arguments, Command};
use output::Output;

/// What the arguments asked for.
pub enum Start {
    /// A command, which has ended.
    Ended(ExitCode),
    /// The window.
    Window(Opening),
}

/// What the window starts with.
pub struct Opening {
    /// The running program.
    pub app: App,
    /// Keeps the program's tasks running for as long as the window is open.
    pub runtime: tokio::runtime::Runtime,
    /// Whether this is the person's own profile, of which one window is enough.
    pub is_own: bool,
    /// What is done first where pictures are wanted: reading and checking the invented company.
    pub work: Option<tokio::task::JoinHandle<()>>,
    /// Folder for pictures of every screen; the window closes when they are taken.
    pub screenshots: Option<PathBuf>,
}

/// Reads the arguments; runs the command they name, or prepares the window.
#[must_use]
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> Start {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Asked for before anything else is understood; what stands after `--` is no option.
    let is_json = arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let arguments = match Arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return Start::Ended(exit::usage(&error, Output { is_json })),
    };
    match &arguments.command {
        None => session::window(arguments.data_dir),
        Some(Command::Demo(demo)) if !demo.headless && (session::has_display() || demo.screenshots.is_some()) => {
            commands::demo::window(&arguments)
        }
        Some(_) => Start::Ended(session::run(arguments)),
    }
}

/// Says on the terminal why the window did not open.
pub fn complain(error: &dyn std::fmt::Debug) {
    output::complaint(&format!("The window did not open: {error:?}"));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn unexplained(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let bare = command.get_arguments().filter(|one| one.get_help().is_none() && !one.is_hide_set());
        found.extend(bare.map(|one| format!("{path} {}", one.get_id())));
        for below in command.get_subcommands() {
            let path = format!("{path} {}", below.get_name());
            if below.get_about().is_none() {
                found.push(path.clone());
            }
            unexplained(below, &path, found);
        }
    }

    #[test]
    fn every_command_and_argument_says_what_it_is_for() {
        let mut found = Vec::new();
        unexplained(&Arguments::command(), "countersign", &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }
}
