//! The keychain against a real Secret Service in every state it can be in.
//!
//! This program starts itself again inside a private D-Bus session with its own home folder, brings the keyring of that
//! session into a state, and looks at what the program's callers get. No display, no mock, no shared session is used.
//! Linux only: the other platforms' keychains cannot be driven without a person (release checklist).
#![expect(clippy::print_stdout, clippy::panic, clippy::expect_used, clippy::unwrap_used, reason = "a test program")]

#[cfg(target_os = "linux")]
mod session;
#[cfg(target_os = "linux")]
mod states;

#[cfg(target_os = "linux")]
fn main() {
    match std::env::var(session::STATE) {
        Ok(state) => states::run(&state),
        Err(_) => session::run_all(),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
