//! `kill -9` at random moments: what was acknowledged is there, once, and what was begun is finished by the next call.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use countersign_app::audit::{self, AuditRequest};
use serde_json::Value;
use support::program::Profile;

use crate::company::{self, Dice};

/// How often syncing and adding operators are killed.
const KILLS: u64 = 20;
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

/// Work that ends with one entry.
pub struct Work<'a> {
    /// Where it is done.
    pub profile: &'a Profile,
    /// What its command reads from standard input.
    pub secret: &'a str,
    /// The command of a round; giving the same round twice gives the same request.
    pub command: &'a dyn Fn(u64) -> Vec<String>,
    /// Reads the entry off what the command said.
    pub acknowledged: fn(&Value) -> Option<String>,
    /// The entries a round left behind.
    pub written: &'a dyn Fn(u64) -> Vec<String>,
}

/// Does work under kills, round by round from the first: what was acknowledged is there, once, and repeating the request
/// adds nothing.
///
/// The moment that matters is the one between writing and saying so. Each round moves the next one towards it.
pub fn around_the_write(work: &Work<'_>, kills: u64, dice: &mut Dice) -> Result<()> {
    let Work { profile, secret, command, acknowledged, written } = work;
    let run = |round: u64| {
        let command = command(round);
        profile.run_with(secret, &command.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let begun = Instant::now();
    let first = run(0);
    ensure!(first.code == 0 && written(0).len() == 1, "undisturbed: {first:?}");
    let mut middle = u64::try_from(begun.elapsed().as_millis())?;
    let (mut at_work, mut said_so, mut kept) = (0, 0, 0);
    for round in 1..=kills {
        let command = command(round);
        let after = Duration::from_millis(middle * 4 / 5 + dice.below(middle * 2 / 5));
        let killed = killed(profile, secret, &command.iter().map(String::as_str).collect::<Vec<_>>(), after)?;
        at_work += u64::from(killed.was_at_work);
        verifies(profile);
        let before = written(round);
        if let Some(entry) = acknowledged(&serde_json::from_str(&killed.said).unwrap_or_default()) {
            said_so += 1;
            ensure!(before == [entry.clone()], "{entry} was acknowledged in round {round}, and {before:?} is there");
        }
        middle = if before.is_empty() { middle * 11 / 10 } else { middle * 9 / 10 };
        kept += u64::from(!before.is_empty());
        let again = run(round);
        ensure!(again.code == 0, "round {round} once more: {again:?}");
        let after = written(round);
        ensure!(after.len() == 1, "round {round} left {after:?}");
        ensure!(before.is_empty() || before == after, "round {round} left {before:?} and now {after:?}");
    }
    println!("{at_work} of {kills} kills found the program at work; {kept} were written, {said_so} acknowledged");
    ensure!(at_work >= kills * 3 / 10, "only {at_work} of {kills} kills found the program at work");
    // Fewer on either side, and the kills were not around the moment of writing.
    let least = kills / 10;
    ensure!((least..=kills - least).contains(&kept), "{kept} of {kills} were written");
    Ok(())
}

/// Of operators that are added under kills, the acknowledged are there, and repeating the request adds none twice.
pub async fn appends() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = company::profile(&folder, "profile");
    let name = |round: u64| format!("Operator {round}");
    let work = Work {
        profile: &profile,
        secret: "correct horse battery staple",
        command: &|round| {
            let request = format!("00000000-0000-4000-8000-{round:012}");
            words(&["operator", "add", "--name", &name(round), "--email", "o@example.com", "--secret-stdin"], &request)
        },
        acknowledged: |said| said["operator"].as_str().map(str::to_owned),
        written: &|round| {
            let known = profile.must(&["operator", "list"]);
            let named =
                known["operators"].as_array().unwrap().iter().filter(|operator| operator["name"] == name(round));
            named.map(|operator| operator["operator"].as_str().unwrap().to_owned()).collect()
        },
    };
    around_the_write(&work, KILLS, &mut Dice::new())?;
    counted(&profile, "operator_added", KILLS + 1).await
}

/// Gives the words of a command that can be repeated.
pub fn words(command: &[&str], request: &str) -> Vec<String> {
    command.iter().chain(&["--request-id", request]).map(ToString::to_string).collect()
}

/// Fails unless the ledger has this many entries of a kind.
pub async fn counted(profile: &Profile, kind: &str, expected: u64) -> Result<()> {
    let app = company::open(profile).await?;
    let request = AuditRequest { kind: kind.to_owned(), ..AuditRequest::default() };
    let entries = audit::list(&app, request).await.map_err(company::told)?.entries;
    ensure!(entries.total == expected, "{} entries {kind} instead of {expected}", entries.total);
    app.end().await;
    Ok(())
}
