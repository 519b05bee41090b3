//! `run sign-request`, `run sign-show`, `run sign-answer`, `run sign-import`: a signature from another computer.

use std::path::Path;

use countersign_app::checklists::runs;
use countersign_app::checklists::sign::answer::{self, AnswerSignRequest, ReadSignRequest, SignRequestView};
use countersign_app::checklists::sign::receive::{self, ReadSignature, SignatureView, TakeSignature};
use countersign_app::checklists::sign::request::{self, AskToSign};
use countersign_app::domain::failure::Failure;
use countersign_app::settings::operators;
use countersign_app::{App, bus::Topic, clock};
use serde_json::json;

use super::{TOPICS, request_id_of};
use crate::arguments::{ByFile, Meaning};
use crate::exit::Verdict;
use crate::output::{Output, Text};
use crate::secret;

pub async fn run(app: &App, command: ByFile, output: Output) -> Result<Verdict, Failure> {
    match command {
        ByFile::Request { run, role, scope, operator, out, request_id, secret_stdin: _ } => {
            let run = runs::find(app, &run).await?;
            let operator = operators::find(app, &operator).await?;
            let file = app.files().keep_for_writing(&out).handle;
            ask(app, AskToSign { run, role, scope, operator, file }, request_id, &out, output).await
        }
        ByFile::Show { file, operator, meaning, comment, reopen } => {
            let operator = match operator {
                Some(operator) => Some(operators::find(app, &operator).await?),
                None => operators::only(app).await.ok(),
            };
            let file = app.files().keep_for_reading(&file).handle;
            let reopens = answer::find(app, &file, &reopen).await?;
            let request = ReadSignRequest { file, operator, meaning: meaning.word().to_owned(), comment, reopens };
            let asked = app.asked("sign_request", answer::read(app, request)).await?;
            output.answer(&asked, |text| told(text, &asked));
            Ok(Verdict::of(asked.refused.is_none()))
        }
        ByFile::Answer { file, operator, meaning, comment, reopen, out, secret_stdin: _ } => {
            sign(app, (&file, &out), &operator, (meaning, comment, reopen), output).await
        }
        ByFile::Import { file, run, operator, preview } => {
            let run = match run {
                Some(run) => Some(runs::find(app, &run).await?),
                None => None,
            };
            let file = app.files().keep_for_reading(&file).handle;
            if preview {
                let found = app.asked("signature", receive::read(app, ReadSignature { file, run })).await?;
                output.answer(&found, |text| found_told(text, &found));
                return Ok(Verdict::of(found.refused.is_none()));
            }
            let operator = match operator {
                Some(operator) => Some(operators::find(app, &operator).await?),
                None => None,
            };
            let request = TakeSignature { file, operator, run };
            let taken = app.acted("signature_take", TOPICS, receive::take(app, clock::name(), request)).await?;
            let document = json!({
                "run": taken.run.brief.run, "signature": taken.signature, "evidence_root": taken.evidence_root,
                "ledger_seq": taken.ledger_seq, "hash": taken.hash, "signatures": taken.run.signatures,
            });
            output.answer(&document, |text| text.line(format!("{} {}", taken.ledger_seq, taken.hash)));
            Ok(Verdict::Good)
        }
    }
}

async fn ask(
    app: &App,
    request: AskToSign,
    request_id: Option<String>,
    out: &Path,
    output: Output,
) -> Result<Verdict, Failure> {
    let request_id = request_id_of(request_id)?.unwrap_or_else(clock::name);
    let work = request::ask(app, request_id, request, secret::read()?);
    let asked = app.acted("sign_ask", TOPICS, work).await?;
    let path = out.display().to_string();
    let document = json!({
        "run": asked.run.brief.run, "request": asked.request, "evidence_root": asked.evidence_root,
        "ledger_seq": asked.ledger_seq, "at": asked.at, "files": [{ "path": path, "sha256": asked.sha256 }],
    });
    output.answer(&document, |text| {
        text.line(format!("{}  {path}", asked.sha256));
        text.line("Send the file to whoever shall sign; `run sign-import` reads what comes back.");
    });
    Ok(Verdict::Good)
}

async fn sign(
    app: &App,
    (file, out): (&Path, &Path),
    operator: &str,
    (meaning, comment, reopen): (Meaning, String, Vec<String>),
    output: Output,
) -> Result<Verdict, Failure> {
    let operator = operators::find(app, operator).await?;
    let file = app.files().keep_for_reading(file).handle;
    let reopens = answer::find(app, &file, &reopen).await?;
    let request = AnswerSignRequest {
        request: file,
        operator,
        meaning: meaning.word().to_owned(),
        comment,
        reopens,
        statement: Vec::new(),
        file: app.files().keep_for_writing(out).handle,
    };
    let work = answer::sign(app, clock::name(), request, secret::read()?);
    let signed = app.acted("sign_answer", &[Topic::Ledger], work).await?;
    let path = out.display().to_string();
    let document = json!({
        "signature": signed.signature, "evidence_root": signed.evidence_root, "ledger_seq": signed.ledger_seq,
        "hash": signed.hash, "files": [{ "path": path, "sha256": signed.sha256 }],
    });
    output.answer(&document, |text| {
        text.line(format!("{}  {path}", signed.sha256));
        text.line(format!("Entry {} of this ledger records it; send the file back.", signed.ledger_seq));
    });
    Ok(Verdict::Good)
}

fn told(text: &mut Text, asked: &SignRequestView) {
    let known = if asked.is_known { "known here" } else { "not known here: compare the fingerprint" };
    text.line(format!("{} asks, with the key {} ({known})", asked.asked_by, asked.key));
    text.line(format!("{} in {}, as {} ({})", asked.name, asked.environment, asked.label, asked.scope));
    text.gap();
    asked.statement.iter().for_each(|line| text.line(line));
    if !asked.not_green.is_empty() {
        text.gap();
        asked.not_green.iter().for_each(|line| text.line(format!("! {line}")));
    }
    text.gap();
    text.line(asked.refused.as_deref().unwrap_or("It can be signed here with `run sign-answer`."));
}

fn found_told(text: &mut Text, found: &SignatureView) {
    let role = found.role.replace('_', " ");
    text.line(format!("{} as {role} ({}): {}, {}", found.by, found.scope, found.meaning, found.at));
    text.line(format!("key {}", found.key));
    text.gap();
    found.statement.iter().for_each(|line| text.line(line));
    for change in &found.changed {
        text.line(format!("! changed since: {change}"));
    }
    text.gap();
    let refused = found.refused.as_ref().map(|failure| format!("{} ({})", failure.why, failure.code));
    text.line(refused.unwrap_or_else(|| "It counts; `run sign-import` takes it in.".to_owned()));
}
