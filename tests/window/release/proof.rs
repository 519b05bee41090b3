//! The pack on a machine without the program: a folder, Python, and an empty environment. Then somebody changes single bytes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Signatures of the run: nine for the whole of it, one for its preparation and one for its first users.
const SIGNATURES: usize = 11;

/// The instructions of the pack say that it is whole, and so it is.
pub fn holds(pack: &Path) -> Result<()> {
    let verdict = verdict(pack)?;
    ensure!(verdict["ok"] == true && verdict["first_bad"].is_null(), "{verdict}");
    ensure!(sums(pack)?.is_empty(), "a digest is wrong");
    let results: Value = serde_json::from_str(&std::fs::read_to_string(pack.join("results.json"))?)?;
    let signed = results["statements"].as_array().context("no statements")?;
    ensure!(signed.len() == SIGNATURES, "{} signatures are in the pack", signed.len());
    Ok(())
}

/// A changed byte is named, wherever it is: in an entry, in a signature, in a file, in the report.
pub fn names_each_attack(pack: &Path) -> Result<()> {
    let ledger = std::fs::read_to_string(pack.join("ledger.txt"))?;
    let lines: Vec<&str> = ledger.lines().collect();
    let signed = lines.iter().rposition(|line| line.contains("\"signatures\":[\"")).context("no signed entry")?;
    let place = |field: &str| -> Result<usize> {
        let before: usize = lines[..signed].iter().map(|line| line.len() + 1).sum();
        Ok(before + lines[signed].find(field).context("no such field")? + field.len() + 12)
    };
    let entry = signed as u64;
    attacked(pack, "ledger.txt", place("\"bytes\":\"")?, entry, "HASH")?;
    attacked(pack, "ledger.txt", place("\"signatures\":[\"")?, entry, "SIG")?;
    let names = std::fs::read_to_string(pack.join("evidence.txt"))?;
    let line = names.lines().find(|line| line.ends_with("release-notes.txt")).context("the file is not listed")?;
    let (sha256, rest) = line.split_once("  entry ").context("no entry is named")?;
    let named: u64 = rest.split(' ').next().unwrap_or_default().parse()?;
    attacked(pack, &format!("evidence/{sha256}"), 3, named, "EVIDENCE_CHANGED")?;
    // The checkpoint follows the entry that names the manifest, and ends the ledger.
    let listing = lines.len() as u64 - 3;
    attacked(pack, "run.pdf", 100, listing, "FILE_CHANGED")?;
    attacked(pack, "manifest.json", 30, listing, "MANIFEST_CHANGED")?;
    holds(pack)
}

/// Changes one byte, asks both ways of checking what they find, and puts the byte back.
fn attacked(pack: &Path, file: &str, at: usize, entry: u64, reason: &str) -> Result<()> {
    let path = pack.join(file);
    let whole = std::fs::read(&path)?;
    let mut changed = whole.clone();
    let byte = changed.get_mut(at).context("the file is shorter")?;
    // Another letter of base64 and of hex, so that only what it says is wrong.
    *byte = if *byte == b'a' { b'b' } else { b'a' };
    std::fs::write(&path, changed)?;
    let verdict = verdict(pack)?;
    ensure!(verdict["ok"] == false, "{file}: {verdict}");
    let bad = &verdict["first_bad"];
    ensure!(bad["reason"] == reason && bad["seq"] == entry, "{file}: {bad}, expected entry {entry} with {reason}");
    ensure!(sums(pack)? == [file], "the digests do not name {file}");
    std::fs::write(&path, whole)?;
    Ok(())
}

/// Asks the pack's verifier, as the pack's instructions say and with nothing around it.
fn verdict(pack: &Path) -> Result<Value> {
    let readme = std::fs::read_to_string(pack.join("README.txt"))?;
    let words = readme.lines().find_map(|line| line.split_once("python3 ")).context("no instructions")?.1;
    let python = which("python3")?;
    let ran = Command::new(python).arg("-I").args(words.split_whitespace()).current_dir(pack).env_clear().output()?;
    let verdict = serde_json::from_slice(&ran.stdout);
    let verdict: Value = verdict.with_context(|| String::from_utf8_lossy(&ran.stderr).into_owned())?;
    ensure!(ran.status.success() == (verdict["ok"] == true), "the exit code says otherwise: {verdict}");
    Ok(verdict)
}

/// Names the files whose digest is not the listed one.
fn sums(pack: &Path) -> Result<Vec<String>> {
    let ran = Command::new(which("sha256sum")?)
        .args(["-c", "--quiet", "SHA256SUMS"])
        .current_dir(pack)
        .env_clear()
        .output()?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    Ok(said.lines().filter_map(|line| line.strip_suffix(": FAILED")).map(str::to_owned).collect())
}

/// Finds a program before the environment is taken away.
fn which(name: &str) -> Result<std::path::PathBuf> {
    let path = std::env::var_os("PATH").context("no path")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists()).context(name.to_owned())
}
