//! Attaching a file: shown before anything is written, then kept as it was shown.
//!
//! What a file says of itself is read here once; the entry of the ledger names it, so that no list has to read the file
//! again. Deliberately absent: judging. Whether a file proves its line is a check like every other.

use std::time::Duration;

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{FileFacts, ItemAttached, ItemNote, MeantLoad};
use countersign_domain::checklist::run::Run;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use countersign_domain::ledger::Evidence;
use countersign_domain::metrics::registry::TICKETS;
use countersign_domain::probe::Fact;
use countersign_domain::zones::Zone;
use countersign_probes::import::{self, Claim, Deadline, Kind, READ_BYTES_MAX, Reading, Refused, TIME_MAX};
use countersign_store::ledger::evidence::EVIDENCE_BYTES_MAX;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::items::{self, ItemPage};
use super::templates::hash_of;
use super::{act, runs, stories};
use crate::app::App;
use crate::failure::{internal, invalid, not_found, told};
use crate::{clock, record};

/// Asks what a chosen file is, before it is attached.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewFile {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Handle of the chosen file.
    pub file: String,
}

/// A chosen file as it would be kept.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FilePreview {
    /// Its name, without its folder.
    pub name: String,
    /// Its size. **Units**: bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// Its kind as people call it: `ESLint report`; `any document` for one nobody reads.
    pub kind: String,
    /// Its figures; none for a document.
    pub figures: Vec<Fact>,
    /// The commit it names.
    pub commit: Option<String>,
    /// The release it names.
    pub release: Option<String>,
    /// When it says it was made.
    pub made_at: Option<Instant>,
    /// The release of the run.
    pub run_release: String,
    /// Whether a person has to say which release it is about.
    pub needs_release: bool,
    /// Whether a person may say how much load was meant.
    pub asks_load: bool,
    /// Until when it will count; `null` where the rule of the line gives it no end.
    pub expires_at: Option<Instant>,
    /// What a person should know before attaching it, in sentences.
    pub remarks: Vec<String>,
}

/// Attaches a chosen file to an item as evidence.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AttachFile {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who attaches it.
    pub operator: OperatorId,
    /// Handle of the chosen file.
    pub file: String,
    /// The release it is about, as the person says; `null` where the file says so itself.
    #[serde(default)]
    pub release: Option<String>,
    /// The load that was meant, for a summary of a load test; `null` where nobody says.
    #[serde(default)]
    pub meant: Option<MeantLoad>,
    /// SHA-256 of what was shown; another content is refused.
    #[serde(default)]
    pub sha256: Option<String>,
    /// A note beside it; empty for none.
    #[serde(default)]
    pub note: String,
}

/// A chosen file that was read.
struct Looked {
    name: String,
    bytes: Vec<u8>,
    digest: Digest,
    reading: Reading,
}

/// Shows a chosen file as it would be kept; nothing is written.
///
/// **Errors**: a run, item or handle that is not known; a file that is empty, too large, no plain file, an archive, not of
/// the form it says it has, or not read in time.
pub async fn preview(app: &App, request: PreviewFile) -> Result<FilePreview, Failure> {
    let PreviewFile { run, item, file } = request;
    let story = stories::story(app, &run).await?;
    let probe = probe_of(&story.run, &item)?;
    let Looked { name, bytes, digest, reading } = look(app, &file, probe.as_deref()).await?;
    let (release, now) = (&story.run.binding().release, clock::now());
    let about = about(&reading.claim, release);
    let expires_at = counts_until(&story.run, &item, &reading.claim, now);
    let zone = Zone::named(&record::record(app).await?.workspace.zone).unwrap_or_else(|_| Zone::utc());
    let size = bytes.len();
    let secret = searched(in_time(&name, TIME_MAX, move |until| import::secret_in(&bytes, until)).await)?;
    Ok(FilePreview {
        remarks: remarks(&reading, &zone, probe.as_deref(), (about, release), (expires_at, now), (size, secret)),
        name,
        bytes: size as u64,
        sha256: digest.to_string(),
        kind: reading.kind.name().to_owned(),
        needs_release: about.is_none() && is_of_release(probe.as_deref()),
        asks_load: reading.kind == Kind::LoadTest,
        run_release: release.clone(),
        expires_at,
        figures: reading.figures,
        commit: reading.claim.commit,
        release: reading.claim.release,
        made_at: reading.claim.made_at,
    })
}

/// Attaches a file: its bytes are kept beside the ledger, its digest and its figures stand in the entry. What the rules
/// refuse is not kept.
///
/// **Errors**: as [`preview`]; a content that is not the one shown; a line whose rule is about the release, and a file
/// that names none while the person does not either.
pub async fn attach(app: &App, request_id: Uuid, request: AttachFile) -> Result<ItemPage, Failure> {
    let AttachFile { run, item, operator, file, release, meant, sha256, note } = request;
    let what = "Could not attach the file";
    let story = stories::story(app, &run).await?;
    let probe = probe_of(&story.run, &item)?;
    let Looked { name, bytes, digest, reading } = look(app, &file, probe.as_deref()).await?;
    if sha256.is_some_and(|shown| shown != digest.to_string()) {
        return Err(told(Code::StateConflict, what, "the file changed since it was shown; choose it again"));
    }
    let size = bytes.len() as u64;
    let is_bound = counts_until(&story.run, &item, &reading.claim, clock::now()).is_some();
    let meant = load_of(reading.kind, meant)?;
    let release = release_of(&reading.claim, &story.run.binding().release, release, is_bound)?;
    drop(story);
    let story = act::perform_keeping(app, request_id, (&run, &operator), what, bytes, |story, _, now| {
        // Whoever may write beside a line may also show something for it.
        story.run.may_write(&item, &name)?;
        let critical = reading.critical();
        let Reading { kind, figures, claim, .. } = reading;
        let expires_at = counts_until(&story.run, &item, &claim, now);
        let Claim { commit, release: named, made_at } = claim;
        let (kind, release_named) = (kind.as_ref().to_owned(), named);
        let facts = FileFacts { kind, figures, commit, release: release_named, made_at, expires_at, critical };
        let (item, facts) = (item.clone(), Some(facts));
        let attached = ItemAttached { item, name: name.clone(), sha256: digest, bytes: size, release, facts, meant };
        let mut entries = vec![attached.clone().into()];
        if !note.trim().is_empty() {
            entries.push(ItemNote { item: attached.item, text: note }.into());
        }
        Ok((entries, vec![Evidence { name, sha256: hash_of(digest), size }]))
    });
    items::show(app, &*story.await?, &item).await
}

/// Finds the check of a line, which says what kind of file it reads.
fn probe_of(run: &Run, item: &ItemId) -> Result<Option<String>, Failure> {
    let row = run.template().row(item).ok_or_else(|| not_found("item", item.as_str()))?;
    Ok(row.proof.as_ref().map(|proof| proof.as_str().to_owned()))
}

async fn look(app: &App, file: &str, probe: Option<&str>) -> Result<Looked, Failure> {
    let chosen = app.files().read_bytes(file, EVIDENCE_BYTES_MAX as u64).await?;
    let (name, bytes, probe) = (chosen.name, chosen.bytes, probe.map(str::to_owned));
    let named = name.clone();
    let read = in_time(&name, TIME_MAX, move |until| {
        import::shaped(&named, &bytes, until)?;
        let (digest, reading) = (Digest::of_bytes(&bytes), import::read(&bytes, probe.as_deref(), until)?);
        Ok((bytes, digest, reading))
    });
    let (bytes, digest, reading) = read.await?;
    Ok(Looked { name, bytes, digest, reading })
}

/// Works on a file beside everything else, on a worker that stops by itself when the time is over.
///
/// **Errors**: what the work says of the file, and that it took too long.
async fn in_time<T: Send + 'static>(
    name: &str,
    limit: Duration,
    work: impl FnOnce(Deadline) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Failure> {
    let until = Deadline::after(limit);
    let done = tokio::time::timeout(limit, tokio::task::spawn_blocking(move || work(until))).await;
    let done =
        done.unwrap_or(Ok(Err(Refused::TooSlow))).map_err(|error| internal("Could not read the file", &error))?;
    done.map_err(|why| {
        let code = match why {
            Refused::Form(_) => Code::ImportSyntax,
            Refused::TooLarge(_) => Code::ImportTooLarge,
            Refused::TooDeep => Code::ImportTooDeep,
            Refused::Encoding { .. } => Code::ImportEncoding,
            Refused::TooSlow => Code::ImportTimeout,
        };
        told(code, format!("Could not use {name}"), why.to_string())
    })
}

/// Says in a sentence what a search for secrets found; one that took too long keeps nobody from attaching a file.
///
/// **Errors**: those of the search, apart from its time.
fn searched(found: Result<Option<&'static str>, Failure>) -> Result<Option<String>, Failure> {
    match found {
        Ok(kind) => Ok(kind.map(|kind| {
            let what = kind.replace('_', " ");
            format!("It seems to hold a secret ({what}). What is kept cannot be taken back: attach a copy without it.")
        })),
        Err(failure) if failure.code == Code::ImportTimeout => {
            Ok(Some("It was not searched for secrets, because that took too long.".to_owned()))
        }
        Err(failure) => Err(failure),
    }
}

/// Says whether files of a line are about one release; tickets are about days, whatever ran then.
fn is_of_release(probe: Option<&str>) -> bool {
    probe != Some(TICKETS)
}

/// Gives until when a file counts for a line, where its rule gives it an end. Each day of tickets counts by itself.
fn counts_until(run: &Run, item: &ItemId, claim: &Claim, now: Instant) -> Option<Instant> {
    let proof = run.template().row(item)?.proof.as_ref().map(|proof| proof.as_str());
    run.file_counts_until(item, made_at(claim, now)).filter(|_| is_of_release(proof))
}

/// Gives what a file is as old as, if it is attached now.
fn made_at(claim: &Claim, now: Instant) -> Instant {
    claim.made_at.map_or(now, |at| at.min(now))
}

/// Gives the release a file says it is about; a release that is called by its commit is named by the commit.
fn about<'a>(claim: &'a Claim, run_release: &'a str) -> Option<&'a str> {
    /// Fewest digits by which a commit is called.
    const COMMIT_DIGITS_MIN: usize = 7;
    let is_called_so = |commit: &&str| run_release.len() >= COMMIT_DIGITS_MIN && commit.starts_with(run_release);
    let by_commit = || claim.commit.as_deref().filter(is_called_so).map(|_| run_release);
    claim.release.as_deref().or_else(by_commit)
}

/// Gives the release a file is kept as being about.
fn release_of(
    claim: &Claim,
    run_release: &str,
    said: Option<String>,
    is_bound: bool,
) -> Result<Option<String>, Failure> {
    match (about(claim, run_release), said) {
        (Some(named), Some(said)) if named != said.trim() => {
            Err(invalid("release", format!("the file says it is about {named}")))
        }
        (Some(named), _) => Ok(Some(named.to_owned())),
        (None, Some(said)) => runs::tag(&said).map(Some),
        (None, None) if is_bound => Err(invalid("release", "the file names none; say which release it is about")),
        (None, None) => Ok(None),
    }
}

/// Gives the load that was meant as it is kept; `None` where nobody says.
fn load_of(kind: Kind, meant: Option<MeantLoad>) -> Result<Option<MeantLoad>, Failure> {
    /// Most digits of a count.
    const DIGITS_MAX: usize = 9;
    let Some(MeantLoad { users, per_second }) = meant else { return Ok(None) };
    let count = |field: &str, text: String| {
        let text = text.trim().to_owned();
        let is_count = text.len() <= DIGITS_MAX && text.chars().all(|c| c.is_ascii_digit());
        let is_none = !text.is_empty() && text.chars().all(|c| c == '0');
        if is_count && !is_none { Ok(text) } else { Err(invalid(field, "a whole number above 0 is expected")) }
    };
    let meant = MeantLoad { users: count("users", users)?, per_second: count("per_second", per_second)? };
    match meant {
        meant if meant == MeantLoad::default() => Ok(None),
        _ if kind != Kind::LoadTest => Err(invalid("users", "the file is no summary of a load test")),
        meant => Ok(Some(meant)),
    }
}

fn remarks(
    reading: &Reading,
    zone: &Zone,
    probe: Option<&str>,
    (about, release): (Option<&str>, &str),
    (expires_at, now): (Option<Instant>, Instant),
    (bytes, secret): (usize, Option<String>),
) -> Vec<String> {
    let wanted = probe.and_then(import::kind_of).filter(|kind| *kind != reading.kind);
    let wanted = wanted.map(|kind| {
        format!(
            "The check of this line reads a file of the kind {}. This one is kept, and decides nothing.",
            kind.name()
        )
    });
    let limit = READ_BYTES_MAX / 1_024 / 1_024;
    let large = (bytes > READ_BYTES_MAX).then(|| {
        format!("Figures are read, and secrets are looked for, in files up to {limit} MiB; this one is larger.")
    });
    let other = about.filter(|about| *about != release);
    let other =
        other.map(|about| format!("The file is about release {about}, this run about {release}: it will not count."));
    let over = expires_at.filter(|end| *end < now);
    let over = over.map(|_| "By the rule of this line the file is too old to count.".to_owned());
    [secret, wanted, reading.remark(zone, now), large, other, over].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
