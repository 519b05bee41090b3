//! `kill -9` at random moments: what was acknowledged is there, once, and what was begun is finished by the next call.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use countersign_app::answer::Window;
use countersign_app::audit::{self, AuditRequest};
use serde_json::Value;
use support::program::Profile;

use crate::company::{self, Dice};

/// How often each kind of work is killed.
pub const KILLS: u64 = 20;
/// Kills that have to find the program still at work, or the moments say nothing.
const AT_WORK_MIN: u64 = KILLS * 3 / 10;

/// What became of a call that was to be killed.
pub struct Killed {
    /// Whether it was still at work.
    pub was_at_work: bool,
    /// What it had said by then.
    pub said: String,
}

/// Starts a command, hands it a secret, and kills it after a while.
pub fn killed(profile: &Profile, secret: &str, arguments: &[&str], after: Duration) -> Result<Killed> {
    let mut command = profile.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    child.stdin.take().unwrap().write_all(secret.as_bytes())?;
    std::thread::sleep(after);
    let was_at_work = child.try_wait()?.is_none();
    child.kill()?;
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said)?;
    child.wait()?;
    Ok(Killed { was_at_work, said })
}

/// Fails unless every entry of the ledger is as it was written.
pub fn verifies(profile: &Profile) {
    let verified = profile.must(&["ledger", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
}

/// A sync that is killed again and again, over a company that changes, ends with the mirror an undisturbed one has.
pub async fn sync() -> Result<()> {
    let (folder, mut dice) = (tempfile::tempdir()?, Dice::new());
    let mut options = company::small();
    options.latency_ms = 10;
    let simulator = company::company(options).await?;
    let profile = company::connected(&folder, "killed", &simulator)?;
    let undisturbed = company::connected(&folder, "undisturbed", &simulator)?;
    let begun = Instant::now();
    company::read_all(&undisturbed);
    let whole = u64::try_from(begun.elapsed().as_millis())?;
    let mut at_work = 0;
    for round in 0..KILLS {
        // Now a sync that goes on where it was, now one that reads everything again.
        let arguments: &[&str] = if round % 3 == 0 {
            &["sync", "--full", "--rate", company::RATE]
        } else {
            &["sync", "--rate", company::RATE]
        };
        let after = Duration::from_millis(dice.below(whole));
        at_work += u64::from(killed(&profile, "", arguments, after)?.was_at_work);
        verifies(&profile);
        simulator.mutate(5);
    }
    println!("{at_work} of {KILLS} kills found a sync at work, which takes {whole} ms");
    ensure!(at_work >= AT_WORK_MIN, "only {at_work} kills found a sync at work");
    for finished in [&profile, &undisturbed] {
        company::read_all(finished);
    }
    company::equal(&company::held(&profile).await?, &company::held(&undisturbed).await?)?;
    simulator.stop().await;
    Ok(())
}

/// Of operators that are added under kills, the acknowledged are there, and repeating the request adds none twice.
pub async fn appends() -> Result<()> {
    let (folder, mut dice) = (tempfile::tempdir()?, Dice::new());
    let profile = company::profile(&folder, "profile");
    let passphrase = "correct horse battery staple";
    let begun = Instant::now();
    ensure!(profile.run_with(passphrase, &adding("first", &request(0))).code == 0, "the first operator");
    let whole = u64::try_from(begun.elapsed().as_millis())?;
    let (mut at_work, mut acknowledged, mut kept) = (0, 0, 0);
    // The moment that matters is the one between writing and saying so. Each round moves the next one towards it.
    let mut middle = whole;
    for round in 1..=KILLS {
        let (name, id) = (format!("Operator {round}"), request(round));
        let after = Duration::from_millis(middle * 4 / 5 + dice.below(middle * 2 / 5));
        let killed = killed(&profile, passphrase, &adding(&name, &id), after)?;
        at_work += u64::from(killed.was_at_work);
        let said: Value = serde_json::from_str(&killed.said).unwrap_or_default();
        verifies(&profile);
        let there = listed(&profile, &name);
        if said["operator"].is_string() {
            acknowledged += 1;
            ensure!(there == 1, "{name} was acknowledged and is there {there} times");
        }
        middle = if there == 1 { middle * 9 / 10 } else { middle * 11 / 10 };
        kept += there;
        let again = profile.run_with(passphrase, &adding(&name, &id));
        ensure!(again.code == 0, "{name} once more: {again:?}");
        ensure!(listed(&profile, &name) == 1, "{name} is not there once");
    }
    println!("{at_work} of {KILLS} kills found the program at work; {kept} were written, {acknowledged} acknowledged");
    ensure!(at_work >= AT_WORK_MIN, "only {at_work} kills found the program at work");
    ensure!(
        (3..=17).contains(&kept),
        "{kept} of {KILLS} were written: the kills were not around the moment of writing"
    );
    let app = company::open(&profile).await?;
    let request = AuditRequest {
        kind: "operator_added".to_owned(),
        operator: String::new(),
        object: String::new(),
        is_signed: false,
        window: Window::default(),
    };
    let entries = audit::list(&app, request).await.map_err(company::told)?.entries;
    ensure!(entries.total == KILLS + 1, "{} entries for {} operators", entries.total, KILLS + 1);
    app.stop();
    Ok(())
}

fn request(round: u64) -> String {
    format!("00000000-0000-4000-8000-{round:012}")
}

fn adding<'a>(name: &'a str, request: &'a str) -> [&'a str; 9] {
    ["operator", "add", "--name", name, "--email", "o@example.com", "--request-id", request, "--secret-stdin"]
}

fn listed(profile: &Profile, name: &str) -> usize {
    let operators = profile.must(&["operator", "list"]);
    operators["operators"].as_array().unwrap().iter().filter(|operator| operator["name"] == name).count()
}
