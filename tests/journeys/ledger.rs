//! The record looked after: found by who, where and when, held against papers from elsewhere, verified by itself, and
//! asked for a checkpoint when none was exported for a week.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::audit::second::{self, ChooseSecondFolder};
use countersign_app::audit::{
    self, Audit, AuditRequest, CompareCheckpoint, Compared, ExtractEntries, TakeCheckpoint, VerifyRequest,
};
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::OperatorId;
use countersign_app::domain::ledger::{Draft, Moment};
use countersign_app::ledger::{append, word};
use countersign_app::overview::{self, OverviewRequest};
use countersign_app::{App, clock, demo};
use countersign_store::ledger::preferences;

use crate::team::{operator, told};

/// A ledger of some days, from its first look to its next checkpoint.
pub async fn looked_after() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 20).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &[]).await?;
    filtered(&app, &ana, folder.path()).await?;
    compared(&app, folder.path()).await?;
    verified_by_itself(&app).await?;
    nagged(&app, folder.path()).await?;
    kept_elsewhere(&app, &ana, folder.path()).await?;
    app.end().await;
    Ok(())
}

/// Entries of some days are found by each filter, and by several of them.
async fn filtered(app: &App, ana: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let now = clock::now();
    for back in [3, 2] {
        let draft = Draft::new(word("item_note")?, clock::name(), &serde_json::json!({ "item": "x", "text": "old" }))?;
        write(app, draft.in_environment("staging").by(ana.clone(), "Ana Lopez"), now - days(back)).await?;
    }
    let day = |back: u64| (now - days(back)).format("%Y-%m-%d").to_string();
    let every = list(app, AuditRequest::default()).await?.entries.total;
    let count = async |request: AuditRequest| list(app, request).await.map(|log| log.entries.total);
    let staging = AuditRequest { environment: "staging".to_owned(), ..AuditRequest::default() };
    ensure!(count(staging.clone()).await? == 2, "the environment");
    ensure!(count(AuditRequest { to: day(1), ..AuditRequest::default() }).await? == 2, "days until yesterday");
    ensure!(count(AuditRequest { from: day(1), ..AuditRequest::default() }).await? == every - 2, "days from yesterday");
    ensure!(
        count(AuditRequest { from: day(2), to: day(2), ..staging.clone() }).await? == 1,
        "one day, both ends in it"
    );
    let own = AuditRequest { operator: ana.as_str().to_owned(), ..AuditRequest::default() };
    ensure!(count(own.clone()).await? == 3 && count(AuditRequest { to: day(3), ..own }).await? == 1, "the operator");
    let wrong = audit::list(app, AuditRequest { from: "yesterday".to_owned(), ..AuditRequest::default() }).await;
    ensure!(wrong.is_err_and(|failure| failure.code == Code::InputInvalid), "a day that is none");
    let place = folder.join("extract.csv");
    let file = app.files().keep_for_writing(&place).handle;
    let extracted =
        audit::extract(app, clock::name(), ExtractEntries { file, entries: staging }).await.map_err(told)?;
    let table = std::fs::read_to_string(place)?;
    let has_both = table.matches("item_note").count() == 2 && table.lines().count() == 3;
    ensure!(extracted.rows == 2 && has_both && table.contains("Ana Lopez"), "{table}");
    let log = list(app, AuditRequest::default()).await?;
    ensure!(log.entries.rows.first().is_some_and(|row| row.object == "ledger/extract"), "nobody knows of the extract");
    ensure!(log.operators.iter().any(|one| one.name == "Ana Lopez"), "{:?}", log.operators);
    ensure!(log.environments.contains(&demo::ENVIRONMENT.into()), "{:?}", log.environments);
    Ok(())
}

/// A checkpoint agrees with the ledger it is of, in a file or pasted; anything else is told apart in words.
async fn compared(app: &App, folder: &std::path::Path) -> Result<()> {
    let taken = checkpoint(app, folder).await?;
    let log = list(app, AuditRequest::default()).await?;
    let marks: Vec<_> = log.entries.rows.iter().filter_map(|row| row.checkpoint.as_deref()).take(2).collect();
    ensure!(marks == ["exported", "sealed"], "newest first: {marks:?}");
    ensure!(log.chain.checkpoint_to.is_some_and(|to| to.ends_with("checkpoint.txt")), "where it was written to");
    let of_text = async |text: &str| -> Result<Compared> {
        let request = CompareCheckpoint { file: None, text: text.to_owned() };
        audit::compare(app, request).await.map_err(told)
    };
    let quoted: String = taken.text.lines().map(|line| format!("> {line}\n")).collect();
    for text in [&taken.text, &quoted, &format!("{} {}", taken.seq, taken.head)] {
        let found = of_text(text).await?;
        ensure!(found.agrees && found.seq == taken.seq && found.is_here, "{text}: {found:?}");
    }
    let file = app.files().keep_for_reading(&folder.join("checkpoint.txt")).handle;
    let of_file = audit::compare(app, CompareCheckpoint { file: Some(file), text: String::new() }).await;
    ensure!(of_file.map_err(told)?.agrees, "the file");
    let zeros = "0".repeat(64);
    for (text, words) in [
        (format!("{} {zeros}", taken.seq), "it was rewritten"),
        (format!("{} {}", taken.seq + 1_000, taken.head), "it was cut"),
        (taken.text.replace(&taken.head, &zeros), "it is not genuine"),
        (other_ledger(&taken.text), "of another ledger"),
    ] {
        let found = of_text(&text).await?;
        ensure!(!found.agrees && found.text.contains(words), "{words}: {found:?}");
    }
    let no_paper = audit::compare(app, CompareCheckpoint { file: None, text: "hello".to_owned() }).await;
    ensure!(no_paper.is_err_and(|failure| failure.code == Code::ImportSyntax), "a text that is no checkpoint");
    ensure!(audit::alarm(app).is_none(), "a paper that disagrees raised the alarm by itself");
    Ok(())
}

/// Every entry is walked once a week, and again as long as a fault stands.
async fn verified_by_itself(app: &App) -> Result<()> {
    audit::verify(app, VerifyRequest {}).await.map_err(told)?;
    ensure!(!audit::verify_if_due(app).await.map_err(told)?, "it was verified a moment ago");
    let chain = list(app, AuditRequest::default()).await?.chain;
    let (whole_at, kept) = (chain.verified_whole_at.context("nothing was kept")?, chain.verified.context("no result")?);
    let stores = app.stores().map_err(told)?;
    let keep = async |verification: &audit::Verification| -> Result<()> {
        let text = serde_json::to_string(verification)?;
        let kept = stores.ledger.database().write(move |tx| preferences::set(tx, "ledger/verified", Some(&text)));
        Ok(kept.await?)
    };
    keep(&audit::Verification { at: whole_at - days(8), ..kept.clone() }).await?;
    ensure!(audit::verify_if_due(app).await.map_err(told)?, "8 days are more than a week");
    ensure!(list(app, AuditRequest::default()).await?.chain.verified_whole_at >= Some(whole_at), "it was kept");
    let first_bad = Some(audit::FirstBad { seq: 2, reason: "HASH".to_owned(), text: String::new() });
    keep(&audit::Verification { ok: false, first_bad, ..kept }).await?;
    ensure!(audit::verify_if_due(app).await.map_err(told)?, "a fault that was found is looked at again");
    Ok(())
}

/// After a week without a checkpoint both screens ask for one, and exporting ends that.
async fn nagged(app: &App, folder: &std::path::Path) -> Result<()> {
    let asks = async || -> Result<(bool, bool)> {
        let request = OverviewRequest { environment: demo::ENVIRONMENT.into() };
        let lines = overview::view(app, request).await.map_err(told)?.view.attention;
        let line = lines.iter().any(|line| line.route == "/audit?checkpoint=true");
        Ok((line, list(app, AuditRequest::default()).await?.chain.is_checkpoint_due))
    };
    ensure!(asks().await? == (false, false), "one was exported a moment ago");
    let body = serde_json::json!({ "what": "x", "format": "txt", "rows": "", "sha256": "", "is_masked": true });
    let given = Draft::new(word("exported")?, clock::name(), &body)?.on("ledger/checkpoint");
    write(app, given, clock::now() - days(8)).await?;
    ensure!(asks().await? == (true, true), "the newest is 8 days old");
    checkpoint(app, folder).await?;
    ensure!(asks().await? == (false, false), "exporting ends it");
    Ok(())
}

/// A second folder gets a checkpoint by itself; one that is gone is told, and tried again.
async fn kept_elsewhere(app: &App, ana: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let share = folder.join("share");
    let choose = async |place: Option<&std::path::Path>| {
        let folder = place.map(|place| app.files().keep_for_writing(place).handle);
        second::choose(app, clock::name(), ChooseSecondFolder { folder }).await
    };
    for wrong in [app.folder(), share.as_path(), &folder.join("checkpoint.txt")] {
        ensure!(choose(Some(wrong)).await.is_err_and(|failure| failure.code == Code::InputInvalid), "{wrong:?}");
    }
    std::fs::create_dir(&share)?;
    let count = || std::fs::read_dir(&share).map_or(0, Iterator::count);
    let kept = choose(Some(&share)).await.map_err(told)?.second.context("no folder")?;
    ensure!((count(), kept.failed.as_str()) == (1, ""), "{kept:?}");
    second::write_if_due(app).await;
    ensure!(count() == 1, "nothing was written since");
    let note = async || -> Result<()> {
        let draft = Draft::new(word("item_note")?, clock::name(), &serde_json::json!({ "item": "x", "text": "new" }))?;
        write(app, draft.in_environment("staging").by(ana.clone(), "Ana Lopez"), clock::now()).await
    };
    note().await?;
    std::fs::remove_dir_all(&share)?;
    second::write_if_due(app).await;
    let state = async || list(app, AuditRequest::default()).await?.chain.second.context("it is forgotten");
    ensure!(!state().await?.failed.is_empty(), "a folder that is gone was not told");
    std::fs::create_dir(&share)?;
    second::write_if_due(app).await;
    let now = state().await?;
    let file = kept_in(&share, now.seq).context("no file of that entry")?;
    ensure!(now.failed.is_empty() && now.seq > kept.seq, "{now:?}");
    let compare = CompareCheckpoint { file: None, text: std::fs::read_to_string(file)? };
    ensure!(audit::compare(app, compare).await.map_err(told)?.agrees, "it is of another history");
    ensure!(choose(None).await.map_err(told)?.second.is_none(), "it was given up");
    Ok(())
}

/// Finds the checkpoint of an entry in the second folder; its name also says of which ledger and history it is.
pub fn kept_in(share: &std::path::Path, seq: u64) -> Option<std::path::PathBuf> {
    let mut files = std::fs::read_dir(share).into_iter().flatten().flatten().map(|file| file.path());
    let of_entry = format!("-{seq:06}-");
    files.find(|file| file.to_string_lossy().contains(&of_entry))
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

fn other_ledger(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("ledger ")).unwrap_or_default();
    text.replace(line, &format!("ledger {}", "7".repeat(32)))
}

async fn checkpoint(app: &App, folder: &std::path::Path) -> Result<audit::Checkpoint> {
    let file = app.files().keep_for_writing(&folder.join("checkpoint.txt")).handle;
    audit::checkpoint(app, clock::name(), TakeCheckpoint { file }).await.map_err(told)
}

async fn list(app: &App, request: AuditRequest) -> Result<Audit> {
    audit::list(app, request).await.map_err(told)
}

async fn write(app: &App, draft: Draft, at: countersign_app::domain::Instant) -> Result<()> {
    let stores = app.stores().map_err(told)?;
    append(&stores.ledger, vec![draft], &[], &Moment { at, ..clock::moment() }).await?;
    Ok(())
}
