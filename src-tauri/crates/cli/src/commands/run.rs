//! `run …`: a checklist in progress, from its start to its signatures.

mod acts;
mod by_file;
mod contacts;
pub(super) mod course;
mod gate;
mod rollback;
mod schedule;
pub(super) mod show;

use std::path::Path;
use std::str::FromStr;

use countersign_app::checklists::expected::{self, ExpectPerson, RolePerson};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::runs::{self, RunsRequest, StartRun};
use countersign_app::checklists::sign::{self, SignPreviewRequest, SignRun};
use countersign_app::checklists::{items, templates};
use countersign_app::domain::checklist::entry::MeantLoad;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::failure::invalid;
use countersign_app::overview::RunBrief;
use countersign_app::settings::operators;
use countersign_app::{App, bus::Topic, checks, clock};
use serde_json::{Value, json};

use crate::arguments::{Format, InEnvironment, Run};
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::{progress, secret, session};

const TOPICS: &[Topic] = &[Topic::Checklists, Topic::Ledger];

pub async fn run(app: &App, command: Run, output: Output) -> Result<Verdict, Failure> {
    match command {
        Run::Start { template, environment, release, operator, people, business_days } => {
            let template = templates::find(app, &template).await?.template.id.clone();
            let environment = session::environment(app, &environment).await?;
            let owner = match operator {
                Some(operator) => Some(operators::find(app, &operator).await?),
                None => None,
            };
            let people = named(app, &people).await?;
            start(app, StartRun { template, environment, release, owner, people, business_days }, output).await
        }
        Run::Expect { run, role, person, operator } => {
            let person = match person {
                Some(person) => Some(operators::find(app, &person).await?),
                None => None,
            };
            let (run, operator) = (runs::find(app, &run).await?, operators::find(app, &operator).await?);
            let request = ExpectPerson { run, operator, role, person };
            let page = app.acted("person_expect", TOPICS, expected::expect(app, clock::name(), request)).await?;
            show::page(app, &page.brief.run, output).await
        }
        Run::List { env } => list(app, env, output).await,
        Run::Show { run } => show::page(app, &runs::find(app, &run).await?, output).await,
        Run::Check { run, items } => check(app, &run, &items, output).await,
        Run::Confirm { item, note } => acts::confirm(app, item, note, output).await,
        Run::Waive { item, reason, until } => acts::waive(app, item, (reason, until), output).await,
        Run::Na { item, reason } => acts::dismiss(app, item, reason, output).await,
        Run::Note { item, text } => acts::note(app, item, text, output).await,
        Run::Attach { item, file, release, users, per_second } => {
            acts::attach(app, item, (&file, release), MeantLoad { users, per_second }, output).await
        }
        Run::Reopen { item, reason } => acts::reopen(app, item, reason, output).await,
        Run::Assign { item, owner } => acts::assign(app, item, &owner, output).await,
        Run::Set { item, value } => acts::set(app, item, value, output).await,
        Run::Contact { item, card } => contacts::set(app, item, &card, output).await,
        Run::Contacts { run, take_from: Some(from), operator: Some(operator) } => {
            contacts::take(app, (&run, &from), &operator, output).await
        }
        Run::Contacts { run, .. } => contacts::list(app, &run, output).await,
        Run::Ran { item, output: printed, at } => acts::ran(app, item, (printed.as_deref(), at), output).await,
        Run::Gate { run, phase, open, reason, operator, secret_stdin: _ } => {
            let run = runs::find(app, &run).await?;
            gate::run(app, (run, phase), (open, reason), operator.as_deref(), output).await
        }
        Run::Trigger(command) => rollback::trigger(app, command, output).await,
        Run::Rollback(command) => rollback::procedure(app, command, output).await,
        Run::Dates(command) => schedule::run(app, command, output).await,
        Run::Course(command) => course::run(app, command, output).await,
        Run::Sign {
            run,
            role,
            scope,
            operator,
            meaning,
            comment,
            reopen,
            request_id,
            clock_reason,
            preview,
            secret_stdin: _,
        } => {
            let run = runs::find(app, &run).await?;
            let operator = operators::find(app, &operator).await?;
            let mut reopens = Vec::new();
            for item in &reopen {
                reopens.push(items::find(app, &run, item).await?);
            }
            let meaning = meaning.word().to_owned();
            if preview {
                let request =
                    SignPreviewRequest { run, role, scope, operator, meaning, comment, reopens, clock_reason };
                return previewed(app, request, output).await;
            }
            let (evidence_root, statement) = (String::new(), Vec::new());
            let request = SignRun {
                run,
                role,
                scope,
                operator,
                meaning,
                comment,
                reopens,
                clock_reason,
                evidence_root,
                statement,
            };
            signed(app, request, request_id, output).await
        }
        Run::ByFile(command) => by_file::run(app, command, output).await,
        Run::Export { run, format, out, operator } => {
            let operator = match &operator {
                Some(named) => Some(operators::find(app, named).await?),
                None => None,
            };
            export(app, (&run, operator), format, &out, output).await
        }
    }
}

/// Reads who is expected for which role, each as `role=operator`.
async fn named(app: &App, people: &[String]) -> Result<Vec<RolePerson>, Failure> {
    let mut named = Vec::with_capacity(people.len());
    for text in people {
        let wrong = || invalid("--person", "a role and an operator such as finance_manager=fay are expected");
        let (role, operator) = text.split_once('=').ok_or_else(wrong)?;
        named.push(RolePerson { role: role.to_owned(), operator: operators::find(app, operator).await? });
    }
    Ok(named)
}

async fn start(app: &App, request: StartRun, output: Output) -> Result<Verdict, Failure> {
    let started = app.acted("run_start", TOPICS, runs::start(app, clock::name(), request)).await?;
    show::page(app, &started.brief.run, output).await
}

async fn list(app: &App, env: Option<String>, output: Output) -> Result<Verdict, Failure> {
    let environment = match env {
        Some(_) => Some(session::environment(app, &InEnvironment { env }).await?),
        None => None,
    };
    let answer = app.asked("runs", runs::list(app, RunsRequest { environment })).await?;
    output.answer(&json!({ "runs": answer.runs }), |text| {
        let columns = [
            ("run", Align::Left),
            ("name", Align::Left),
            ("environment", Align::Left),
            ("phase", Align::Left),
            ("complete", Align::Right),
            ("failed", Align::Right),
            ("gate", Align::Left),
            ("owner", Align::Left),
            ("signed", Align::Right),
            ("waits for", Align::Left),
        ];
        let cells = |run: &RunBrief| {
            vec![
                run.run.to_string(),
                run.name.clone(),
                run.environment.to_string(),
                run.phase.clone().unwrap_or_default(),
                format!("{}/{}", run.complete, run.total),
                run.failed.to_string(),
                if run.is_overridden { format!("{}, overridden", run.gate) } else { run.gate.clone() },
                run.owner.clone(),
                format!("{}/{}", run.signatures, run.signatures_needed),
                run.waits_for.clone(),
            ]
        };
        text.table(&columns, &answer.runs.iter().map(cells).collect::<Vec<_>>());
    });
    Ok(Verdict::Good)
}

async fn check(app: &App, run: &str, named: &[String], output: Output) -> Result<Verdict, Failure> {
    let run = runs::find(app, run).await?;
    let mut items = Vec::new();
    for name in named {
        items.push(items::find(app, &run, name).await?);
    }
    let (batch, job) = checks::begin(app, &run, &items).await?;
    let work = app.acted("run_check", TOPICS, checks::run(app, batch, &job));
    let checked = progress::watched(output, &job, work).await?;
    let is_cancelled = job.cancel_token().is_cancelled();
    show::checked(app, &run, (&checked, is_cancelled), output).await
}

/// Prints what would be signed; the answer is no where it cannot be signed now.
async fn previewed(app: &App, request: SignPreviewRequest, output: Output) -> Result<Verdict, Failure> {
    let preview = app.asked("sign_preview", sign::preview(app, request)).await?;
    output.answer(&preview, |text| {
        preview.statement.iter().for_each(|line| text.line(line));
        text.gap();
        if preview.own_items > 0 {
            text.line(format!("{} items were confirmed or waived by the signer.", preview.own_items));
        }
        preview.clock_warning.iter().for_each(|line| text.line(line));
        preview.changed.iter().for_each(|line| text.line(format!("Changed since the last signature: {line}")));
        preview.not_green.iter().for_each(|line| text.line(format!("Not green: {line}")));
        match &preview.refused {
            Some(why) => text.line(format!("It cannot be signed now: {why}")),
            None => text.line("Nothing was signed."),
        }
    });
    Ok(Verdict::of(preview.refused.is_none()))
}

async fn signed(app: &App, request: SignRun, request_id: Option<String>, output: Output) -> Result<Verdict, Failure> {
    let request_id = request_id_of(request_id)?.unwrap_or_else(clock::name);
    let passphrase = secret::read()?;
    let signed = app.acted("run_sign", TOPICS, sign::sign(app, request_id, request, passphrase)).await?;
    let document = json!({
        "run": signed.run.brief.run, "signature": signed.signature, "evidence_root": signed.evidence_root,
        "ledger_seq": signed.ledger_seq, "hash": signed.hash, "key": signed.key,
        "request_id": request_id,
        "signatures": signed.run.signatures,
    });
    // One line, written only when the entry is on the disk: a script may wait for it.
    output.answer(&document, |text| text.line(format!("{} {}", signed.ledger_seq, signed.hash)));
    Ok(Verdict::Good)
}

/// Reads the id a caller gave its request.
fn request_id_of<Id: FromStr>(text: Option<String>) -> Result<Option<Id>, Failure> {
    text.map(|text| text.parse().map_err(|_| invalid("--request-id", "a UUID is expected"))).transpose()
}

async fn export(
    app: &App,
    (run, operator): (&str, Option<OperatorId>),
    format: Format,
    out: &Path,
    output: Output,
) -> Result<Verdict, Failure> {
    let run: RunId = runs::find(app, run).await?;
    let format = match format {
        Format::Md => ExportFormat::Md,
        Format::Csv => ExportFormat::Csv,
        Format::Pdf => ExportFormat::Pdf,
        Format::Ics => ExportFormat::Ics,
        Format::Pack => ExportFormat::Pack,
    };
    let file = app.files().keep_for_writing(out).handle;
    let request = ExportRun { run, format, file, operator };
    let written = app.acted("run_export", TOPICS, exports::export(app, clock::name(), request)).await?;
    let files: Vec<Value> = written
        .files
        .iter()
        .map(|file| json!({ "path": out.display().to_string(), "sha256": file.sha256, "bytes": file.bytes }))
        .collect();
    output.answer(&json!({ "files": files }), |text| {
        for file in &written.files {
            text.line(format!("{}  {}", file.sha256, out.display()));
        }
    });
    Ok(Verdict::Good)
}
