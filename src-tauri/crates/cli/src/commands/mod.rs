//! One file per family of commands: arguments in, a request of the contract, an answer out.

pub mod demo;

mod backup;
mod chart;
mod connect;
mod customer;
mod doctor;
mod environments;
mod export;
mod ledger;
mod metrics;
mod mirror;
mod operator;
mod probe;
mod reconcile;
mod run;
mod search;
mod sim;
mod sync;
mod template;
mod webhooks;
mod workspace;

use countersign_app::App;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::probe::Outcome;
use countersign_app::failure::invalid;

use crate::arguments::{Arguments, Command};
use crate::exit::Verdict;
use crate::output::{Output, complaint};
use crate::session;

/// Runs a command.
pub async fn run(arguments: Arguments, output: Output) -> Result<Verdict, Failure> {
    let Some(command) = arguments.command else { return Ok(Verdict::Good) };
    let (folder, meant) = (arguments.data_dir, (arguments.env, arguments.run));
    let has_profile = !matches!(command, Command::Sim(_) | Command::Doctor | Command::Demo(_) | Command::Backup(_));
    if !has_profile && meant.0.is_some() {
        return Err(invalid("--env", "this command is about no environment"));
    }
    let command = match command {
        Command::Sim(sim) => return sim::run(sim, output).await,
        Command::Doctor => return doctor::run(folder, output).await,
        Command::Demo(demo) => return demo::headless(folder, demo, output).await,
        Command::Backup(command) => return backup::run(folder, command, output).await,
        Command::Ledger(command) => match ledger::without_profile(command, output).await {
            Ok(result) => return result,
            Err(command) => Command::Ledger(command),
        },
        Command::Metrics(command) => match metrics::without_profile(command, output).await {
            Ok(result) => return result,
            Err(command) => Command::Metrics(command),
        },
        other => other,
    };
    let app = session::open(folder).await?;
    let is_verifying = matches!(command, Command::Ledger(_));
    let result = match session::is_in(&app, meant).await {
        Ok(()) => done(&app, command, output).await,
        Err(failure) => Err(failure),
    };
    if let Some(alarm) = countersign_app::audit::alarm(&app).filter(|_| !is_verifying) {
        complaint(&format!("! {} {} (see `ledger verify`)", alarm.what, alarm.why));
    }
    if let Ok(stores) = app.stores() {
        stores.ledger.warnings().await.iter().for_each(|warning| complaint(&format!("! {warning}")));
    }
    app.end().await;
    result
}

/// Does what a command asks of an open profile.
async fn done(app: &App, command: Command, output: Output) -> Result<Verdict, Failure> {
    match command {
        Command::Env(command) => environments::run(app, command, output).await,
        Command::Connect(command) => connect::run(app, command, output).await,
        Command::Sync(command) => sync::run(app, command, output).await,
        Command::Operator(command) => operator::run(app, command, output).await,
        Command::Ledger(command) => ledger::run(app, command, output).await,
        Command::Metrics(command) => metrics::run(app, command, output).await,
        Command::Chart(command) => chart::run(app, command, output).await,
        Command::Workspace(command) => workspace::run(app, command, output).await,
        Command::Template(command) => template::run(app, command, output).await,
        Command::Run(command) => run::run(app, command, output).await,
        Command::Probe(command) => probe::run(app, command, output).await,
        Command::Search(command) => search::run(app, command, output).await,
        Command::Customer(command) => customer::run(app, command, output).await,
        Command::Webhooks(command) => webhooks::run(app, command, output).await,
        Command::Reconcile(command) => reconcile::run(app, command, output).await,
        Command::Export(command) => export::run(app, command, output).await,
        Command::Mirror(command) => mirror::run(app, command, output).await,
        // Answered above, without an open profile.
        Command::Sim(_) | Command::Doctor | Command::Demo(_) | Command::Backup(_) => Ok(Verdict::Good),
    }
}

/// Gives the word of an outcome, and why it could not be decided.
fn words(outcome: Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Unknown(reason) => (outcome.word(), Some(reason.as_ref().to_owned())),
        _ => (outcome.word(), None),
    }
}
