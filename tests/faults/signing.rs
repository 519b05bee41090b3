//! `kill -9` while lines are confirmed and runs are signed: what was acknowledged is there, and no request counts twice.

use anyhow::{Result, ensure};
use serde_json::Value;
use support::program::Profile;

use crate::company::{self, Dice};
use crate::kills::{Work, around_the_write, counted, words};

const SIGNER: &str = "Olive Signer";
const PASSPHRASE: &str = "correct horse battery staple";

/// How often each of the two is killed: half of `COUNTERSIGN_KILLS`, which is 50 where nobody says otherwise.
fn kills() -> u64 {
    std::env::var("COUNTERSIGN_KILLS").map_or(50, |text| text.parse::<u64>().unwrap()) / 2
}

fn prepared(folder: &tempfile::TempDir) -> Result<Profile> {
    let profile = company::profile(folder, "profile");
    let adding = ["operator", "add", "--name", SIGNER, "--email", "o@example.com", "--role", "operations_manager"];
    let said = profile.run_with(PASSPHRASE, &[adding.as_slice(), &["--secret-stdin"]].concat());
    ensure!(said.code == 0, "the operator: {said:?}");
    Ok(profile)
}

/// Of runs that are signed under kills, each carries one signature in the end: the acknowledged one, if there was one.
pub async fn signatures() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = prepared(&folder)?;
    let template = list(&folder, &profile, 1)?;
    let runs: Vec<String> = (0..=kills()).map(|round| started(&profile, &template, round)).collect();
    let run = |round: u64| runs[usize::try_from(round).unwrap()].as_str();
    let work = Work {
        profile: &profile,
        secret: PASSPHRASE,
        command: &|round| {
            let who = ["--role", "operations_manager", "--operator", SIGNER, "--meaning", "approve", "--secret-stdin"];
            words(&[["run", "sign", run(round)].as_slice(), &who].concat(), &request(round))
        },
        acknowledged: |said| said["ledger_seq"].as_u64().map(|seq| seq.to_string()),
        written: &|round| {
            let page = profile.must(&["run", "show", run(round)]);
            let slots = page["signatures"].as_array().unwrap();
            slots.iter().filter_map(|slot| Some(slot["seq"].as_u64()?.to_string())).collect()
        },
    };
    around_the_write(&work, kills(), &mut Dice::new())?;
    counted(&profile, "run_signed", kills() + 1).await
}

/// Of lines that are confirmed under kills, each is confirmed once in the end.
pub async fn confirmations() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = prepared(&folder)?;
    let template = list(&folder, &profile, kills() + 1)?;
    let run = started(&profile, &template, 0);
    let work = Work {
        profile: &profile,
        secret: "",
        command: &|round| {
            let said = ["--operator", SIGNER, "--note", "seen and in order"];
            words(&[["run", "confirm", &run, &line(round)].as_slice(), &said].concat(), &request(round))
        },
        acknowledged: |said| confirmed(said).pop(),
        written: &|round| {
            let page = profile.must(&["run", "show", &run]);
            let items = page["items"].as_array().unwrap();
            confirmed(items.iter().find(|item| item["text"] == line(round)).unwrap())
        },
    };
    around_the_write(&work, kills(), &mut Dice::new())?;
    counted(&profile, "item_confirmed", kills() + 1).await
}

/// Gives the entries that confirm an item.
fn confirmed(item: &Value) -> Vec<String> {
    let evidence = item["evidence"].as_array().into_iter().flatten();
    evidence.filter(|one| one["kind"] == "confirmation").map(|one| one["seq"].to_string()).collect()
}

/// Imports a list with this many lines and one to sign, and gives its id.
fn list(folder: &tempfile::TempDir, profile: &Profile, lines: u64) -> Result<String> {
    let lines: String = (0..lines).map(|round| format!("- [ ] {}\n", line(round))).collect();
    let file = folder.path().join("list.md");
    let to_sign = "- [ ] Operations Manager: ________________ Date: ________";
    std::fs::write(&file, format!("# Killed\n\n## Lines\n\n{lines}\n## Sign-Off\n\n{to_sign}\n"))?;
    let imported = profile.must(&["template", "import", file.to_str().unwrap()]);
    Ok(imported["template"].as_str().unwrap().to_owned())
}

fn line(round: u64) -> String {
    format!("Look at number {round}.")
}

fn started(profile: &Profile, template: &str, round: u64) -> String {
    let release = format!("v{round}");
    let starting = ["run", "start", "--template", template, "--env", company::ENVIRONMENT, "--release", &release];
    profile.must(&starting)["run"].as_str().unwrap().to_owned()
}

fn request(round: u64) -> String {
    format!("00000000-0000-4000-9000-{round:012}")
}
