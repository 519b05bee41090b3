//! One file per family of commands: arguments in, a request of the contract, an answer out.

pub mod demo;

mod connect;
mod customer;
mod doctor;
mod environments;
mod export;
mod mirror;
mod probe;
mod run;
mod search;
mod sim;
mod sync;
mod template;
mod webhooks;
mod workspace;

use countersign_app::domain::failure::Failure;
use countersign_app::domain::probe::Outcome;

use crate::arguments::{Arguments, Command};
use crate::exit::Verdict;
use crate::output::Output;
use crate::session;

/// Runs a command.
pub async fn run(arguments: Arguments, output: Output) -> Result<Verdict, Failure> {
    let Some(command) = arguments.command else { return Ok(Verdict::Good) };
    let folder = arguments.data_dir;
    match command {
        Command::Sim(sim) => return sim::run(sim, output).await,
        Command::Doctor => return doctor::run(folder, output).await,
        Command::Demo(demo) => return demo::headless(folder, demo, output).await,
        _ => {}
    }
    let app = session::open(folder).await?;
    let result = match command {
        Command::Env(command) => environments::run(&app, command, output).await,
        Command::Connect(command) => connect::run(&app, command, output).await,
        Command::Sync(command) => sync::run(&app, command, output).await,
        Command::Workspace(command) => workspace::run(&app, command, output).await,
        Command::Template(command) => template::run(&app, command, output).await,
        Command::Run(command) => run::run(&app, command, output).await,
        Command::Probe(command) => probe::run(&app, command, output).await,
        Command::Search(command) => search::run(&app, command, output).await,
        Command::Customer(command) => customer::run(&app, command, output).await,
        Command::Webhooks(command) => webhooks::run(&app, command, output).await,
        Command::Export(command) => export::run(&app, command, output).await,
        Command::Mirror(command) => mirror::run(&app, command, output).await,
        _ => Ok(Verdict::Good),
    };
    app.stop();
    result
}

/// Gives the word of an outcome, and why it could not be decided.
fn words(outcome: Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Unknown(reason) => (outcome.word(), Some(reason.as_ref().to_owned())),
        _ => (outcome.word(), None),
    }
}
