//! `kill -9` while a run is signed: an acknowledged signature is there, and no request signs twice.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;
use support::program::Profile;

use crate::company::{self, Dice};
use crate::kills::{KILLS, killed, verifies};

const SIGNER: &str = "Olive Signer";
const PASSPHRASE: &str = "correct horse battery staple";

/// Of runs that are signed under kills, each carries one signature in the end: the acknowledged one, if there was one.
pub async fn signatures() -> Result<()> {
    let (folder, mut dice) = (tempfile::tempdir()?, Dice::new());
    let profile = company::profile(&folder, "profile");
    let adding = ["operator", "add", "--name", SIGNER, "--email", "o@example.com", "--role", "operations_manager"];
    let adding = [adding.as_slice(), &["--secret-stdin"]].concat();
    ensure!(profile.run_with(PASSPHRASE, &adding).code == 0, "the operator");
    let (mut at_work, mut kept) = (0, 0);
    let first = started(&profile, 0);
    let begun = Instant::now();
    let done = profile.run_with(PASSPHRASE, &signing(&first, &request(0)));
    ensure!(done.code == 0, "the first signature: {done:?}");
    // Each round moves the next moment towards the one between writing and saying so.
    let mut middle = u64::try_from(begun.elapsed().as_millis())?;
    for round in 1..=KILLS {
        let (run, id) = (started(&profile, round), request(round));
        let after = Duration::from_millis(middle * 4 / 5 + dice.below(middle * 2 / 5));
        let killed = killed(&profile, PASSPHRASE, &signing(&run, &id), after)?;
        at_work += u64::from(killed.was_at_work);
        verifies(&profile);
        let entries = signed(&profile, &run);
        let said: Value = serde_json::from_str(&killed.said).unwrap_or_default();
        if let Some(seq) = said["ledger_seq"].as_u64() {
            ensure!(entries == [seq], "{seq} was acknowledged, the run is signed by {entries:?}");
        }
        middle = if entries.is_empty() { middle * 11 / 10 } else { middle * 9 / 10 };
        kept += u64::from(!entries.is_empty());
        let again = profile.run_with(PASSPHRASE, &signing(&run, &id));
        ensure!(again.code == 0, "{run} once more: {again:?}");
        let after = signed(&profile, &run);
        ensure!(after.len() == 1, "{run} is signed by {after:?}");
        ensure!(entries.is_empty() || entries == after, "{run} was signed by {entries:?} and now by {after:?}");
    }
    println!("{at_work} of {KILLS} kills found the program at work; {kept} signatures were written");
    ensure!(
        (3..KILLS).contains(&kept),
        "{kept} of {KILLS} were written: the kills were not around the moment of writing"
    );
    Ok(())
}

fn started(profile: &Profile, round: u64) -> String {
    let release = format!("v{round}");
    let starting =
        ["run", "start", "--template", "devflowhub-rollout", "--env", company::ENVIRONMENT, "--release", &release];
    profile.must(&starting)["run"].as_str().unwrap().to_owned()
}

fn signing<'a>(run: &'a str, request: &'a str) -> [&'a str; 12] {
    let operator = ["--role", "operations_manager", "--operator", SIGNER, "--meaning", "approve"];
    let [a, b, c, d, e, f] = operator;
    ["run", "sign", run, a, b, c, d, e, f, "--request-id", request, "--secret-stdin"]
}

/// Gives the entries that sign a run.
fn signed(profile: &Profile, run: &str) -> Vec<u64> {
    let page = profile.must(&["run", "show", run]);
    let slots = page["signatures"].as_array().unwrap();
    slots.iter().filter_map(|slot| slot["seq"].as_u64()).collect()
}

fn request(round: u64) -> String {
    format!("00000000-0000-4000-9000-{round:012}")
}
