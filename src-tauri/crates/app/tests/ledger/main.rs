//! The ledger at work, over a real file and a real keyring: what is acknowledged, what is refused, what survives.
//!
//! This program starts itself again inside a private D-Bus session for each case; the sessions are those of the keychain's
//! own tests. Linux only, as those are.
#![expect(clippy::print_stdout, clippy::panic, clippy::expect_used, clippy::unwrap_used, reason = "a test program")]

#[cfg(target_os = "linux")]
#[path = "../../../sources/tests/keychain/session.rs"]
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
