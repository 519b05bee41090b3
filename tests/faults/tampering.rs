//! Somebody with the keys changes the ledger's file, or somebody without them a bundle: the first bad entry is named.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use countersign_app::clock;
use countersign_sources::keychain::{Item, Keychain, Kind};
use countersign_store::ledger::LAYOUT;
use countersign_store::{Found, StoreKey};
use serde_json::Value;
use support::program::Profile;

use crate::company;

/// Lets a forger in, and covers the tracks afterwards.
const TRIGGERS: [&str; 2] = ["entries_are_never_changed", "entries_are_never_removed"];

/// What a forger does to the file, where that is, and the reason that is named.
const FORGERIES: &[(&str, &str, &str, &str)] = &[
    (
        "another time",
        "SELECT 2",
        "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"at\":\"2', '\"at\":\"3') AS BLOB) WHERE seq = 2",
        "HASH",
    ),
    (
        "another name of an operator",
        "SELECT min(seq) FROM entries WHERE kind = 'operator_added'",
        "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Ana', 'Eve') AS BLOB)",
        "HASH",
    ),
    (
        "a signature",
        "SELECT max(seq) FROM entries",
        "UPDATE entries SET signatures = zeroblob(64) WHERE seq = (SELECT max(seq) FROM entries)",
        "SIG",
    ),
    ("a column", "SELECT 2", "UPDATE entries SET environment = 'elsewhere' WHERE seq = 2", "COLUMN"),
    (
        "the end cut off",
        "SELECT max(seq) FROM entries",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
        "ROLLED_BACK",
    ),
    ("one taken out", "SELECT 2", "DELETE FROM entries WHERE seq = 2", "SEQ_GAP"),
    ("all gone", "SELECT 1", "DELETE FROM entries", "ROLLED_BACK"),
    ("a view", "SELECT 0", "CREATE VIEW lies AS SELECT * FROM entries", "SCHEMA"),
];

/// A ledger with an environment and two operators, whose newest entry is signed.
fn prepared(folder: &tempfile::TempDir) -> Result<Profile> {
    let profile = company::profile(folder, "profile");
    let add = |name: &str, email: &str| {
        profile
            .run_with("correct horse battery", &["operator", "add", "--name", name, "--email", email, "--secret-stdin"])
    };
    for (name, email) in [("Ana Ruiz", "ana@example.com"), ("Bo Li", "bo@example.com")] {
        let said = add(name, email);
        ensure!(said.code == 0, "{said:?}");
    }
    Ok(profile)
}

/// Each forgery ends the verification with its entry and reason, and with exit code 1; the honest file passes.
pub async fn file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = prepared(&folder)?;
    let whole = profile.must(&["ledger", "verify"]);
    let entries = whole["entries"].as_u64().context("entries")?;
    let file = profile.folder.join(LAYOUT.file);
    forge(&profile, "SELECT 1", "SELECT 1").await?;
    let honest = std::fs::read(&file)?;
    ensure!(profile.must(&["ledger", "verify"])["entries"] == entries, "looking at it changed it");
    for (what, place, statement, reason) in FORGERIES {
        let seq = forge(&profile, place, statement).await?;
        let said = profile.run(&["ledger", "verify"]);
        let bad = &said.json["first_bad"];
        ensure!(said.code == 1 && said.json["ok"] == false, "{what}: {said:?}");
        ensure!(bad["seq"] == seq && bad["reason"] == *reason, "{what}: {bad} instead of {seq} {reason}");
        refuses_to_go_on(&profile, what);
        for beside in ["-wal", "-shm"] {
            drop(std::fs::remove_file(profile.folder.join(format!("{}{beside}", LAYOUT.file))));
        }
        std::fs::write(&file, &honest)?;
    }
    ensure!(profile.must(&["ledger", "verify"])["ok"] == true, "the honest file does not pass");
    Ok(())
}

/// A ledger that lost its end takes no entry.
fn refuses_to_go_on(profile: &Profile, what: &str) {
    if what == "the end cut off" {
        let said = profile.run(&["env", "add", "more", "--class", "test"]);
        assert_eq!(said.json["error"]["code"], "LEDGER_ROLLED_BACK", "{said:?}");
    }
}

/// Works on the file with the key from the keychain, as its owner could; gives the place that was asked for.
async fn forge(profile: &Profile, place: &'static str, statement: &'static str) -> Result<i64> {
    let entered = countersign_store::Profile::enter(&profile.folder, clock::now())?;
    let secret = Keychain::default().get(&Item::new(Kind::StoreKey, entered.id(), LAYOUT.name)).await?;
    let key = StoreKey::from(secret.to_key().context("a key")?);
    let Found::Closed(closed) = entered.inspect(&LAYOUT, true)? else { anyhow::bail!("there is no ledger") };
    let database = closed.open(key, clock::now())?;
    let forged = database.write(move |transaction| {
        let seq = transaction.query_row(place, [], |row| row.get(0))?;
        let mut kept = Vec::new();
        for trigger in TRIGGERS {
            let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
            kept.push(transaction.query_row(sql, [trigger], |row| row.get::<_, String>(0))?);
            transaction.execute_batch(&format!("DROP TRIGGER {trigger}"))?;
        }
        transaction.execute_batch(statement)?;
        kept.iter().try_for_each(|trigger| transaction.execute_batch(trigger))?;
        Ok(seq)
    });
    let seq = forged.await?;
    database.empty_log().await?;
    database.close();
    Ok(seq)
}

/// A bundle verifies without a profile, and every change to it is named.
pub async fn bundle() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = prepared(&folder)?;
    let (bundle, paper) = (folder.path().join("ledger.jsonl"), folder.path().join("checkpoint.json"));
    let checkpoint = profile.must(&["ledger", "checkpoint"]);
    std::fs::write(&paper, checkpoint.to_string())?;
    let exported = profile.must(&["ledger", "export", "--out", &bundle.display().to_string()]);
    let stranger = Profile::at(folder.path().join("nobody"));
    let verified = verify(&stranger, &bundle, &paper);
    ensure!(verified.0 == 0 && verified.1["entries"] == exported["entries"], "{verified:?} {exported}");
    ensure!(!stranger.folder.exists(), "verifying a bundle made a profile");

    let lines: Vec<String> = std::fs::read_to_string(&bundle)?.lines().map(str::to_owned).collect();
    let last = lines.len() - 2;
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines.join("\n") + "\n"
    };
    let named = u64::try_from(last)?;
    let forged = [
        ("a letter", 3, "HASH", changed(&|lines| lines[3] = flipped(&lines[3]))),
        ("two swapped", 2, "SEQ_GAP", changed(&|lines| lines.swap(2, 3))),
        ("one left out", 3, "SEQ_GAP", changed(&|lines| drop(lines.remove(3)))),
        ("one twice", 3, "SEQ_DUP", changed(&|lines| lines.insert(4, lines[3].clone()))),
        ("the end cut off", named, "ROLLED_BACK", changed(&|lines| drop(lines.remove(last)))),
        ("no last line", named + 1, "ROLLED_BACK", changed(&|lines| drop(lines.pop()))),
        ("no entries", 1, "ROLLED_BACK", changed(&|lines| lines.truncate(1))),
    ];
    for (what, seq, reason, text) in forged {
        std::fs::write(&bundle, text)?;
        let (code, verdict) = verify(&stranger, &bundle, &paper);
        let bad = &verdict["first_bad"];
        ensure!(code == 1 && verdict["ok"] == false, "{what}: {code} {verdict}");
        ensure!(bad["reason"] == reason, "{what}: {bad} instead of {seq} {reason}");
        ensure!(bad["seq"] == seq, "{what}: {bad} instead of {seq} {reason}");
    }
    Ok(())
}

fn verify(profile: &Profile, bundle: &Path, paper: &Path) -> (i32, Value) {
    let (bundle, paper) = (bundle.display().to_string(), paper.display().to_string());
    let said = profile.run(&["ledger", "verify", "--bundle", &bundle, "--checkpoint", &paper]);
    (said.code, said.json)
}

/// Changes one letter of an entry's bytes, which stand in base64.
fn flipped(line: &str) -> String {
    let at = line.find("\"bytes\":\"").unwrap() + 200;
    let other = if &line[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &line[..at], &line[at + 1..])
}
