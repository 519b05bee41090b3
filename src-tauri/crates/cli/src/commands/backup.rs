//! `backup create`, `backup restore`, `backup accept`.

use std::path::PathBuf;

use countersign_app::backup::{self, AcceptRestored, CreateBackup, RestoreBackup, Restored};
use countersign_app::domain::failure::Failure;
use countersign_app::settings::operators;
use countersign_app::{App, Opening, bus::Topic, clock, log};
use serde_json::json;

use crate::arguments::Backup;
use crate::exit::Verdict;
use crate::output::Output;
use crate::{secret, session};

pub async fn run(folder: Option<PathBuf>, command: Backup, output: Output) -> Result<Verdict, Failure> {
    // A copy is put back most of all where the present ledger does not open.
    let app = match &command {
        Backup::Restore { .. } => {
            let app = App::start(Opening { folder }).await;
            log::begin(&app);
            app
        }
        _ => session::open(folder).await?,
    };
    let result = match command {
        Backup::Create { file } => create(&app, file, output).await,
        Backup::Restore { file } => restore(&app, file, output).await,
        Backup::Accept { operator, reason, secret_stdin: _ } => accept(&app, (operator, reason), output).await,
    };
    app.end().await;
    result
}

async fn create(app: &App, file: PathBuf, output: Output) -> Result<Verdict, Failure> {
    let handle = app.files().keep_for_writing(&file).handle;
    let work = backup::create(app, clock::name(), CreateBackup { file: handle });
    let made = app.acted("backup_create", &[Topic::Ledger], work).await?;
    let path = file.display().to_string();
    let evidence = made.evidence.as_ref().map(|name| file.with_file_name(name).display().to_string());
    let document = json!({ "file": path, "evidence": evidence, "entries": made.entries, "bytes": made.bytes });
    output.answer(&document, |text| {
        text.line(format!("{} entries in {path}, written and read back", made.entries));
        if let Some(evidence) = &evidence {
            text.line(format!("evidence in {evidence}"));
        }
        text.line("It opens only with the ledger's key, which stays in this computer's keychain.");
    });
    Ok(Verdict::Good)
}

async fn restore(app: &App, file: PathBuf, output: Output) -> Result<Verdict, Failure> {
    let handle = app.files().keep_for_reading(&file).handle;
    let topics = [Topic::Settings, Topic::Ledger, Topic::Checklists];
    let work = backup::restore(app, clock::name(), RestoreBackup { file: handle });
    Ok(told(&app.acted("backup_restore", &topics, work).await?, output))
}

async fn accept(app: &App, (operator, reason): (String, String), output: Output) -> Result<Verdict, Failure> {
    let operator = operators::find(app, &operator).await?;
    let request = AcceptRestored { operator, reason };
    let work = backup::accept(app, clock::name(), request, secret::read()?);
    Ok(told(&app.acted("restored_accept", &[Topic::Ledger], work).await?, output))
}

fn told(restored: &Restored, output: Output) -> Verdict {
    let verified = &restored.verification;
    let first_bad = verified.first_bad.as_ref();
    let document = json!({
        "ok": verified.ok, "entries": verified.entries, "head": verified.head,
        "first_bad": first_bad.map(|bad| json!({ "seq": bad.seq, "reason": bad.reason, "text": bad.text })),
        "is_rolled_back": restored.is_rolled_back, "set_aside": restored.set_aside, "evidence": restored.evidence,
        "warnings": verified.warnings,
    });
    output.answer(&document, |text| {
        if let Some(name) = &restored.set_aside {
            text.line(format!("The ledger that was here is now {name}."));
        }
        if restored.evidence > 0 {
            text.line(format!("{} pieces of evidence came from the copy.", restored.evidence));
        }
        match first_bad {
            None => text.line(format!("The ledger holds {} entries, every one as it was written.", verified.entries)),
            Some(bad) => text.line(format!("Entry {}: {} ({})", bad.seq, bad.text, bad.reason)),
        }
        if restored.is_rolled_back {
            text.line("This copy is older than what this computer wrote. Nothing is added to it until somebody signs");
            text.line("that this is right: backup accept --operator O --reason TEXT --secret-stdin");
        }
    });
    Verdict::of(verified.ok)
}
