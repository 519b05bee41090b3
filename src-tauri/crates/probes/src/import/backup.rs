//! The log of a backup or of its restoring; its first line says what happened:
//! `# countersign-backup: kind=restore at=2026-11-20T03:00:00Z size=41234567 rows=120345 result=ok`.

use countersign_domain::Instant;
use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, count, figure, hash, header};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    kind: Event,
    at: String,
    size: String,
    result: String,
    rows: Option<String>,
    /// Size of the backup before. **Units**: bytes.
    previous: Option<String>,
    sha256: Option<String>,
    commit: Option<String>,
    release: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    Backup,
    Restore,
}

/// What a log shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Backup {
    event: Event,
    at: Option<Instant>,
    size: u64,
    previous: Option<u64>,
    rows: Option<u64>,
    has_checksum: bool,
    result: String,
}

pub(super) fn read(text: &str) -> Result<Option<Reading>, String> {
    let Some(head): Option<Head> = header::read(text, "backup")? else { return Ok(None) };
    let at = header::instant(Some(&head.at))?;
    let size: u64 = header::number("size", Some(&head.size))?.unwrap_or(0);
    let rows: Option<u64> = header::number("row count", head.rows.as_deref())?;
    let previous = header::number("previous size", head.previous.as_deref())?;
    let event = if head.kind == Event::Backup { "a backup" } else { "a restore" };
    let mut figures = vec![figure("shows", event), count("bytes", size), figure("result", &head.result)];
    figures.extend(rows.map(|rows| count("rows", rows)));
    figures.extend(head.sha256.as_ref().map(|sha256| hash("checksum", sha256)));
    let result = head.result.to_lowercase();
    let has_checksum = head.sha256.is_some();
    let report = Backup { event: head.kind, at, size, previous, rows, has_checksum, result };
    let claim = Claim { commit: head.commit, release: head.release, made_at: at };
    Ok(Some(Reading::new(Kind::Backup, figures, claim, Report::Backup(report))))
}

/// Says whether a line asks for a backup that was restored, and not for one that was made.
fn is_about_restoring(label: &str) -> bool {
    let label = label.to_lowercase();
    ["restor", "recover", "tested", "drill"].iter().any(|word| label.contains(word))
}

pub(super) fn expected(label: &str) -> &'static str {
    match is_about_restoring(label) {
        true => "A restore ended well and counted its rows.",
        false => "A backup was made since the window began, of the usual size, with its checksum.",
    }
}

/// Judges a log by what its line asks for: a restore that counted rows, or a backup made in the window.
pub(super) fn judge(report: &Backup, label: &str, window_from: Option<Instant>) -> Found {
    let unknown = |reason, found: &str, fix: &str| Found::new(Outcome::Unknown(reason), found, fix);
    if report.result != "ok" {
        let found = format!("The result is `{}`.", super::shown(&report.result));
        return Found::new(Outcome::Fail, found, "Repeat it, and attach the new log.");
    }
    match (is_about_restoring(label), report.event) {
        (true, Event::Backup) => {
            let found = "The log shows a backup, and none that was restored.";
            unknown(Unknown::InsufficientData, found, "Restore one, and attach the log of that.")
        }
        (false, Event::Restore) => {
            let found = "The log shows a restore, and no backup.";
            unknown(Unknown::InsufficientData, found, "Attach the log of the backup.")
        }
        (true, Event::Restore) => match report.rows {
            Some(rows) if rows > 0 => Found::new(Outcome::Pass, format!("Restored, with {rows} rows."), ""),
            Some(_) => Found::new(Outcome::Fail, "Restored, without any rows.", "Look at what was backed up."),
            None => {
                let found = "Restored, but the log has no row count.";
                Found::new(Outcome::Warn, found, "Count the rows, and add `rows=…` to the first line.")
            }
        },
        (false, Event::Backup) => made(report, window_from),
    }
}

fn made(report: &Backup, window_from: Option<Instant>) -> Found {
    let (Some(from), Some(at)) = (window_from, report.at) else {
        let found = "The run has no window, so nothing says from when a backup counts.";
        return Found::new(Outcome::Unknown(Unknown::NotConfigured), found, "Set the window of the run.");
    };
    if at < from {
        let found = "The backup was made before the window began.";
        return Found::new(Outcome::Fail, found, "Make another, and attach its log.");
    }
    // Half as much more or less than the one before.
    let is_usual = |previous: u64| report.size.abs_diff(previous).saturating_mul(2) <= previous;
    match report.previous {
        _ if report.size == 0 => Found::new(Outcome::Fail, "The backup is empty.", "Look at why, and make another."),
        Some(previous) if !is_usual(previous) => {
            let found = format!("It has {} bytes, the one before had {previous}.", report.size);
            Found::new(Outcome::Fail, found, "Look at why its size changed this much.")
        }
        Some(_) if report.has_checksum => Found::new(Outcome::Pass, format!("Made, {} bytes.", report.size), ""),
        _ => {
            let found = "Made in the window, but the log lacks the size before or the checksum.";
            Found::new(Outcome::Warn, found, "Add `previous=…` and `sha256=…` to the first line.")
        }
    }
}
