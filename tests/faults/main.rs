//! Faults: the built program is killed, locked out, refused and lied to, and has to keep its promises all the same.
//!
//! Every test runs in a session of its own with a real keyring, and prints the seed its moments are drawn from. What is
//! promised stands in the name of each test; a test that cannot tell a broken promise from a kept one does not belong here.
#![expect(clippy::unwrap_used, reason = "tests")]

mod company;
mod keychain;
mod keys;
mod kills;
mod output;
mod signing;
mod tampering;
mod wire;

/// Runs a test inside a session with a runtime.
macro_rules! fault {
    ($name:ident, $path:path) => {
        #[test]
        fn $name() {
            if support::session::enter(stringify!($name)) == support::session::Place::Outside {
                return;
            }
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on($path()).unwrap();
        }
    };
}

fault!(a_killed_sync_goes_on_and_ends_with_the_same_mirror, kills::sync);
fault!(an_operator_acknowledged_before_a_kill_is_there_once, kills::appends);
fault!(a_line_confirmed_under_kills_is_confirmed_once, signing::confirmations);
fault!(a_run_signed_under_kills_is_signed_once, signing::signatures);
fault!(a_locked_keychain_is_told_within_ten_seconds, keychain::locked);
fault!(an_absent_keychain_is_told_within_ten_seconds, keychain::absent);
fault!(keys_that_do_not_fit_are_refused_with_their_reason, keys::refused);
fault!(a_revoked_key_stops_the_sync_and_keeps_the_mirror, keys::revoked);
fault!(a_key_that_may_not_read_charges_says_so_and_reads_the_rest, keys::under_privileged);
fault!(one_fault_in_ten_changes_nothing_but_the_time, wire::one_in_ten);
fault!(an_answer_nobody_reads_is_no_crash_and_a_full_disk_is_told, output::unread);
fault!(a_changed_ledger_names_its_first_bad_entry, tampering::file);
fault!(a_changed_bundle_names_its_first_bad_entry, tampering::bundle);
