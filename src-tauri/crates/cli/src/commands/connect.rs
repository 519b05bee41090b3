//! `connect stripe`, `connect database`, `connect remove`.

use countersign_app::Secret;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::workspace::{DatabasePlace, Source};
use countersign_app::failure::invalid;
use countersign_app::settings::connections::{self, ConnectDatabase as Request, ConnectStripe, Disconnect};
use countersign_app::settings::environments::Environment;
use countersign_app::{App, bus::Topic, clock};
use serde_json::json;

use crate::arguments::{Connect, ConnectDatabase};
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::{secret, session};

const TOPICS: &[Topic] = &[Topic::Settings, Topic::Ledger, Topic::Checklists];

pub async fn run(app: &App, command: Connect, output: Output) -> Result<Verdict, Failure> {
    match command {
        Connect::Stripe { environment, url, secret_stdin: _ } => {
            let environment = session::environment(app, &environment).await?;
            let request = ConnectStripe { environment, url: url.unwrap_or_default() };
            let work = connections::stripe(app, clock::name(), request, secret::read()?);
            stripe(&app.acted("stripe_connect", TOPICS, work).await?, output);
        }
        Connect::Database(command) => {
            let secret = if command.secret_stdin { secret::read()? } else { Secret::from(String::new()) };
            let request = request(app, command).await?;
            let work = connections::database(app, clock::name(), request, secret);
            database(&app.acted("database_connect", TOPICS, work).await?, output);
        }
        Connect::Remove { environment, source } => {
            let environment = session::environment(app, &environment).await?;
            let source: Source = source.parse().map_err(|_| invalid("source", "stripe or database is expected"))?;
            let work = connections::disconnect(app, clock::name(), Disconnect { environment, source });
            let left = app.acted("disconnect", TOPICS, work).await?;
            let document = json!({ "environment": left.id, "removed": source });
            output.answer(&document, |text| text.line(format!("{source} is no longer connected in {}", left.id)));
        }
    }
    Ok(Verdict::Good)
}

async fn request(app: &App, command: ConnectDatabase) -> Result<Request, Failure> {
    let text = |path: Option<std::path::PathBuf>| path.map(|path| path.display().to_string()).unwrap_or_default();
    let place = match command.sqlite {
        Some(file) => DatabasePlace::Sqlite { file: file.display().to_string() },
        None => DatabasePlace::Postgres {
            host: command.host.unwrap_or_default(),
            port: command.port.map(|port| port.to_string()).unwrap_or_default(),
            user: command.user.unwrap_or_default(),
            database: command.dbname.unwrap_or_default(),
            ca_file: text(command.ca),
            socket: text(command.socket),
        },
    };
    let profile = match command.schema.as_deref() {
        None => None,
        Some(word) => Some(
            word.parse()
                .map_err(|_| invalid("--schema", "one of devflowhub, nest-models, nest-documented is expected"))?,
        ),
    };
    let environment = session::environment(app, &command.environment).await?;
    Ok(Request { environment, place, schema: command.in_schema, profile })
}

fn stripe(environment: &Environment, output: Output) {
    let Some(stripe) = &environment.stripe else { return };
    let document = json!({
        "environment": environment.id, "account": stripe.account, "account_name": stripe.account_name,
        "mode": stripe.mode, "key": stripe.key, "is_restricted": stripe.is_restricted, "notes": stripe.notes,
        "permissions": stripe.permissions,
    });
    output.answer(&document, |text| {
        text.line(format!("Connected {} in {} mode with {}", stripe.account, stripe.mode, stripe.key));
        for note in &stripe.notes {
            text.line(format!("! {note}"));
        }
        text.gap();
        let columns =
            [("read", Align::Left), ("granted", Align::Left), ("permission", Align::Left), ("needed for", Align::Left)];
        let rows = stripe
            .permissions
            .iter()
            .map(|row| vec![row.read.clone(), row.granted.clone(), row.permission.clone(), row.needed_for.join(", ")]);
        text.table(&columns, &rows.collect::<Vec<_>>());
    });
}

fn database(environment: &Environment, output: Output) {
    let Some(database) = &environment.database else { return };
    let document = json!({
        "environment": environment.id, "place": database.place, "profile": database.profile,
        "is_replica": database.is_replica, "role_audit": database.role_audit, "tables": database.tables,
        "fingerprint": database.fingerprint, "clock_offset_ms": database.clock_offset_ms,
    });
    output.answer(&document, |text| {
        text.line(format!("Connected {} as schema profile {}", database.place, database.profile));
        for finding in &database.role_audit {
            text.line(format!("! {}: {} {}", finding.severity, finding.kind, finding.what));
        }
        text.gap();
        let columns =
            [("table", Align::Left), ("there", Align::Left), ("rows", Align::Right), ("needed for", Align::Left)];
        let rows = database.tables.iter().map(|table| {
            let there = if table.is_present { "yes" } else { "no" };
            vec![table.name.clone(), there.to_owned(), table.rows.clone(), table.needed_for.clone()]
        });
        text.table(&columns, &rows.collect::<Vec<_>>());
    });
}
