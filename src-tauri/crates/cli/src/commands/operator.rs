//! `operator add`, `operator list`. The passphrase of a signing key is read from standard input and nowhere else.

use countersign_app::domain::failure::Failure;
use countersign_app::settings::operators::{self, AddOperator, Operator as Known, OperatorsRequest};
use countersign_app::{App, bus::Topic, clock, failure};
use serde_json::{Value, json};

use crate::arguments::Operator;
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::secret;

pub async fn run(app: &App, command: Operator, output: Output) -> Result<Verdict, Failure> {
    match command {
        Operator::List => list(app, output).await?,
        Operator::Add { name, email, role, request_id, secret_stdin: _ } => {
            let request_id = match request_id {
                Some(text) => text.parse().map_err(|_| failure::invalid("--request-id", "a UUID is expected"))?,
                None => clock::name(),
            };
            let request = AddOperator { name, email, roles: role };
            let work = operators::add(app, request_id, request, secret::read()?);
            let everybody = app.acted("operator_add", &[Topic::Settings, Topic::Ledger], work).await?;
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

async fn list(app: &App, output: Output) -> Result<(), Failure> {
    let answer = app.asked("operators", operators::list(app, OperatorsRequest {})).await?;
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
            let key = if known.can_sign { known.key_fingerprint.clone() } else { "ended".to_owned() };
            vec![known.name.clone(), known.email.clone(), known.roles.join(", "), key, known.id.to_string()]
        };
        text.table(&columns, &answer.operators.iter().map(cells).collect::<Vec<_>>());
    });
    Ok(())
}

fn document(known: &Known) -> Value {
    json!({
        "operator": known.id, "name": known.name, "email": known.email, "roles": known.roles,
        "key_fingerprint": known.key_fingerprint, "added_at": known.added_at, "can_sign": known.can_sign,
    })
}
