//! Where the program starts: with a command it is a terminal program, without one it opens the window.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

use countersign_cli::Start;

fn main() -> ExitCode {
    forget_inherited_switches();
    match countersign_cli::start(std::env::args_os()) {
        Start::Ended(code) => code,
        Start::Window(opening) => match countersign_window::run(opening) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                countersign_cli::complain(&error);
                ExitCode::FAILURE
            }
        },
    }
}

/// Removes what the environment could switch on in the web view: its inspector, and modules loaded into it.
fn forget_inherited_switches() {
    let is_driven = countersign_window::is_driven();
    for name in ["WEBKIT_INSPECTOR_SERVER", "WEBKIT_INSPECTOR_HTTP_SERVER", "GTK_DEBUG", "GTK_MODULES"] {
        if is_driven && name == "WEBKIT_INSPECTOR_SERVER" {
            // It is how the driver of the tests speaks to the page.
            continue;
        }
        #[expect(unsafe_code, reason = "no second thread exists yet")]
        unsafe {
            std::env::remove_var(name);
        }
    }
    let is_pictured = std::env::args_os().any(|argument| argument == "--screenshots");
    let name = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if cfg!(target_os = "linux") && std::env::var_os(name).is_none() && !is_driven && !is_pictured {
        // Some graphics drivers show a blank window otherwise. With it pictures of the page never come back, so it stays
        // unset where pictures are taken.
        #[expect(unsafe_code, reason = "no second thread exists yet")]
        unsafe {
            std::env::set_var(name, "1");
        }
    }
}
