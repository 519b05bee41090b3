//! `ledger verify`, `ledger export`, `ledger checkpoint`, `ledger second-folder`. A bundle is verified without a profile and without a secret.

use std::path::PathBuf;

use countersign_app::audit::second::{self, ChooseSecondFolder};
use countersign_app::audit::{self, ExportLedger, Finding, Verification, VerifyRequest};
use countersign_app::domain::failure::Failure;
use countersign_app::failure::invalid;
use countersign_app::ledger::verify::Depth;
use countersign_app::{App, bus::Topic, clock};
use serde_json::{Value, json};

use crate::arguments::Ledger;
use crate::exit::Verdict;
use crate::output::Output;

/// Verifies a bundle, which needs no open profile; gives other commands back.
pub async fn without_profile(command: Ledger, output: Output) -> Result<Result<Verdict, Failure>, Ledger> {
    match command {
        Ledger::Verify { bundle: Some(bundle), checkpoint } => Ok(of_bundle(bundle, checkpoint, output).await),
        other => Err(other),
    }
}

async fn of_bundle(bundle: PathBuf, checkpoint: Option<PathBuf>, output: Output) -> Result<Verdict, Failure> {
    let witnesses = witnesses(checkpoint).await?;
    Ok(told(&audit::verify_bundle(bundle, witnesses).await?, output))
}

pub async fn run(app: &App, command: Ledger, output: Output) -> Result<Verdict, Failure> {
    match command {
        Ledger::Verify { bundle: Some(bundle), checkpoint } => of_bundle(bundle, checkpoint, output).await,
        Ledger::Verify { bundle: None, checkpoint: None } => {
            let verified = app.asked("ledger_verify", audit::verify(app, VerifyRequest {})).await?;
            Ok(told(&verified, output))
        }
        Ledger::Verify { bundle: None, checkpoint } => {
            let work = audit::verify_with(app, Depth::Whole, witnesses(checkpoint).await?);
            Ok(told(&app.asked("ledger_verify", work).await?, output))
        }
        Ledger::Export { out } => export(app, out, output).await,
        Ledger::Checkpoint => checkpoint(app, output).await,
        Ledger::SecondFolder { folder, none: _ } => second_folder(app, folder, output).await,
    }
}

async fn second_folder(app: &App, folder: Option<PathBuf>, output: Output) -> Result<Verdict, Failure> {
    // Named as a whole, because the next command may be called from elsewhere.
    let folder = folder.map(std::path::absolute).transpose();
    let folder = folder.map_err(|error| invalid("the folder", error.to_string()))?;
    let folder = folder.map(|folder| app.files().keep_for_writing(&folder).handle);
    let chosen = second::choose(app, clock::name(), ChooseSecondFolder { folder });
    let chain = app.acted("checkpoint_folder", &[Topic::Ledger], chosen).await?;
    output.answer(&chain.second, |text| match &chain.second {
        Some(second) => text.line(format!("The checkpoint of entry {} is in {}.", second.seq, second.place)),
        None => text.line("No checkpoint is written by itself."),
    });
    Ok(Verdict::Good)
}

async fn witnesses(checkpoint: Option<PathBuf>) -> Result<Vec<countersign_app::domain::ledger::Witness>, Failure> {
    match checkpoint {
        None => Ok(Vec::new()),
        Some(file) => Ok(vec![audit::witness(&file).await?]),
    }
}

fn told(verified: &Verification, output: Output) -> Verdict {
    output.answer(&document(verified), |text| {
        match &verified.first_bad {
            None => text.line(format!("Every one of {} entries is as it was written.", verified.entries)),
            Some(bad) => {
                text.line(format!("First bad entry: {} ({}).", bad.seq, bad.reason));
                text.line(format!("{} {} entries before it are good.", bad.text, verified.entries));
            }
        }
        text.line(format!("head {}", verified.head));
        for finding in &verified.findings {
            match finding.seq {
                0 => text.line(format!("Finding: {}", finding.text)),
                seq => text.line(format!("Finding at entry {seq}: {}", finding.text)),
            }
        }
        for warning in &verified.warnings {
            text.line(format!("! {warning}"));
        }
    });
    Verdict::of(verified.ok)
}

fn document(verified: &Verification) -> Value {
    let first_bad =
        verified.first_bad.as_ref().map(|bad| json!({ "seq": bad.seq, "reason": bad.reason, "text": bad.text }));
    let found = |finding: &Finding| json!({ "seq": (finding.seq > 0).then_some(finding.seq), "text": finding.text });
    json!({
        "ok": verified.ok, "entries": verified.entries, "head": verified.head, "first_bad": first_bad,
        "findings": verified.findings.iter().map(found).collect::<Vec<_>>(),
        "warnings": verified.warnings, "at": verified.at,
    })
}

async fn export(app: &App, out: PathBuf, output: Output) -> Result<Verdict, Failure> {
    let file = app.files().keep_for_writing(&out).handle;
    let work = audit::export(app, clock::name(), ExportLedger { file });
    let written = app.acted("ledger_export", &[Topic::Ledger], work).await?;
    let path = out.display().to_string();
    let document = json!({
        "ok": true, "entries": written.entries, "head": written.head, "first_bad": null,
        "files": [{ "path": path, "sha256": written.sha256 }],
    });
    output.answer(&document, |text| {
        text.line(format!("{} entries in {path}", written.entries));
        text.line(format!("head    {}", written.head));
        text.line(format!("sha256  {}", written.sha256));
    });
    Ok(Verdict::Good)
}

async fn checkpoint(app: &App, output: Output) -> Result<Verdict, Failure> {
    let work = audit::signed_head(app, clock::name());
    let taken = app.acted("ledger_checkpoint", &[Topic::Ledger], work).await?;
    let document = json!({
        "ok": true, "entries": taken.seq, "head": taken.head, "first_bad": null, "at": taken.at, "key": taken.key,
        "checkpoint": taken.text,
    });
    output.answer(&document, |text| taken.text.lines().for_each(|line| text.line(line)));
    Ok(Verdict::Good)
}
