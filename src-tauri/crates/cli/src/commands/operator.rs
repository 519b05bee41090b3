//! `operator …`: who signs here, and who is known of other computers. The passphrase of a signing key is read from standard
//! input and nowhere else.

use std::path::Path;

use countersign_app::domain::Instant;
use countersign_app::domain::failure::Failure;
use countersign_app::settings::operators::change::{self, ChangeKey, ChangeOperator};
use countersign_app::settings::operators::revoke::{self, RevokeKey};
use countersign_app::settings::operators::roster::{self, ListedPerson, ReadRoster, TakeRoster, WriteRoster};
use countersign_app::settings::operators::{self, AddOperator, Operator as Known, Operators, OperatorsRequest};
use countersign_app::{App, bus::Topic, clock, failure};
use serde_json::{Value, json};

use crate::arguments::Operator;
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::secret;

const TOPICS: &[Topic] = &[Topic::Settings, Topic::Ledger];

pub async fn run(app: &App, command: Operator, output: Output) -> Result<Verdict, Failure> {
    match command {
        Operator::List => show(&app.asked("operators", operators::list(app, OperatorsRequest {})).await?, output),
        Operator::Change { operator, by, name, email, role, secret_stdin: _ } => {
            let (operator, by) = (operators::find(app, &operator).await?, operators::find(app, &by).await?);
            let everybody = app.asked("operators", operators::list(app, OperatorsRequest {})).await?;
            let known = everybody.operators.into_iter().find(|known| known.id == operator);
            let known = known.ok_or_else(|| failure::not_found("operator", operator.as_str()))?;
            let (name, email) = (name.unwrap_or(known.name), email.unwrap_or(known.email));
            let roles = if role.is_empty() { known.roles } else { role };
            let request = ChangeOperator { operator, by, name, email, roles };
            let work = change::change(app, clock::name(), request, secret::read()?);
            show(&app.acted("operator_change", TOPICS, work).await?, output);
        }
        Operator::NewKey { operator, reason, request_id, secret_stdin: _ } => {
            let request_id = request_id_of(request_id)?;
            let operator = operators::find(app, &operator).await?;
            let work = change::change_key(app, request_id, ChangeKey { operator, reason }, secret::read()?);
            show(&app.acted("key_change", TOPICS, work).await?, output);
        }
        Operator::Revoke { operator, by, reason, since, secret_stdin: _ } => {
            let since: Option<Instant> = since
                .map(|text| text.parse())
                .transpose()
                .map_err(|_| failure::invalid("--since", "an instant such as 2026-11-21T10:00:00Z is expected"))?;
            let (operator, by) = (operators::find(app, &operator).await?, operators::find(app, &by).await?);
            let work = revoke::revoke(app, clock::name(), RevokeKey { operator, by, since, reason }, secret::read()?);
            show(&app.acted("key_revoke", TOPICS, work).await?, output);
        }
        Operator::Export { operator, out, days, secret_stdin: _ } => {
            export(app, &operator, (&out, days), output).await?
        }
        Operator::Import { file, operator, preview, secret_stdin: _ } => {
            let file = app.files().keep_for_reading(&file).handle;
            let Some(operator) = operator.filter(|_| !preview) else { return preview_of(app, file, output).await };
            let operator = operators::find(app, &operator).await?;
            let work = roster::take(app, clock::name(), TakeRoster { file, operator }, secret::read()?);
            show(&app.acted("roster_take", TOPICS, work).await?, output);
        }
        Operator::Add { name, email, role, request_id, secret_stdin: _ } => {
            let request_id = request_id_of(request_id)?;
            let request = AddOperator { name, email, roles: role };
            let work = operators::add(app, request_id, request, secret::read()?);
            let everybody = app.acted("operator_add", TOPICS, work).await?;
            let id = operators::id_of(request_id);
            let added = everybody.operators.iter().find(|known| known.id == id);
            let added = added.ok_or_else(|| failure::not_found("operator", id.as_str()))?;
            output.answer(&document(added), |text| {
                text.line(format!("{} signs from now on, with the key {}.", added.name, added.key_fingerprint));
                text.line(format!("Name this person as {} or {}.", added.email, added.id));
            });
        }
    }
    Ok(Verdict::Good)
}

fn request_id_of(text: Option<String>) -> Result<uuid::Uuid, Failure> {
    match text {
        Some(text) => text.parse().map_err(|_| failure::invalid("--request-id", "a UUID is expected")),
        None => Ok(clock::name()),
    }
}

async fn export(
    app: &App,
    operator: &str,
    (out, valid_days): (&Path, Option<u32>),
    output: Output,
) -> Result<(), Failure> {
    let operator = operators::find(app, operator).await?;
    let file = app.files().keep_for_writing(out).handle;
    let work = roster::write(app, clock::name(), WriteRoster { operator, valid_days, file }, secret::read()?);
    let written = app.acted("roster_write", &[Topic::Ledger], work).await?;
    let path = out.display().to_string();
    let document = json!({
        "people": written.people, "valid_until": written.valid_until, "key_fingerprint": written.key,
        "files": [{ "path": path, "sha256": written.sha256 }],
    });
    output.answer(&document, |text| {
        text.line(format!("{}  {path}", written.sha256));
        text.line(format!("{} people, valid until {}.", written.people, written.valid_until.format("%Y-%m-%d")));
        text.line(format!("Read out this fingerprint to whoever gets it: {}", written.key));
    });
    Ok(())
}

async fn preview_of(app: &App, file: String, output: Output) -> Result<Verdict, Failure> {
    let found = app.asked("roster", roster::read(app, ReadRoster { file })).await?;
    output.answer(&found, |text| {
        let known = if found.is_known { "known here" } else { "not known here: compare the fingerprint" };
        text.line(format!("Roster of {}, {}, with the key {} ({known})", found.by, found.at, found.key));
        let columns = [
            ("name", Align::Left),
            ("e-mail", Align::Left),
            ("roles", Align::Left),
            ("key", Align::Left),
            ("until", Align::Left),
            ("is", Align::Left),
        ];
        let cells = |one: &ListedPerson| {
            let until = one.valid_until.format("%Y-%m-%d").to_string();
            let change = one.refused.clone().unwrap_or_else(|| one.change.clone());
            vec![one.name.clone(), one.email.clone(), one.roles.join(", "), one.key.clone(), until, change]
        };
        text.table(&columns, &found.people.iter().map(cells).collect::<Vec<_>>());
    });
    Ok(Verdict::of(found.people.iter().all(|one| one.refused.is_none())))
}

fn show(answer: &Operators, output: Output) {
    let everybody: Vec<Value> = answer.operators.iter().map(document).collect();
    let roles: Vec<Value> =
        answer.roles.iter().map(|role| json!({ "role": role.word, "name": role.name, "group": role.group })).collect();
    output.answer(&json!({ "operators": everybody, "roles": roles }), |text| {
        let columns = [
            ("name", Align::Left),
            ("e-mail", Align::Left),
            ("roles", Align::Left),
            ("key", Align::Left),
            ("id", Align::Left),
        ];
        let cells = |known: &Known| {
            let key = &known.key_fingerprint;
            let key = match (known.revoked_since, known.valid_until) {
                (Some(since), _) => format!("{key}, revoked as of {}", since.format("%Y-%m-%d %H:%M UTC")),
                (None, Some(until)) => format!("{key}, elsewhere, until {}", until.format("%Y-%m-%d")),
                (None, None) => key.clone(),
            };
            vec![known.name.clone(), known.email.clone(), known.roles.join(", "), key, known.id.to_string()]
        };
        text.table(&columns, &answer.operators.iter().map(cells).collect::<Vec<_>>());
    });
}

fn document(known: &Known) -> Value {
    json!({
        "operator": known.id, "name": known.name, "email": known.email, "roles": known.roles,
        "key_fingerprint": known.key_fingerprint, "added_at": known.added_at, "can_sign": known.can_sign,
        "origin": known.origin, "valid_until": known.valid_until, "revoked_since": known.revoked_since,
    })
}
