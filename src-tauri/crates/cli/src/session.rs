//! A run of the program on the terminal: the runtime, the profile, the environment a command works on.

use std::path::PathBuf;
use std::process::ExitCode;

use countersign_app::checklists::runs;
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::ids::EnvironmentId;
use countersign_app::failure::{invalid, told};
use countersign_app::{App, record};
use tokio::runtime::Runtime;

use crate::arguments::{Arguments, InEnvironment};
use crate::exit::{self, Verdict};
use crate::output::{Output, complaint};
use crate::{Opening, Start, commands};

/// How long tasks may go on after a command has ended.
const END_LIMIT: std::time::Duration = std::time::Duration::from_secs(2);

/// Whether there is a screen to open a window on.
pub fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

pub fn runtime() -> Result<Runtime, ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        complaint(&format!("The program could not start its threads: {error}"));
        ExitCode::from(70)
    })
}

/// Prepares the window of a profile.
pub fn window(folder: Option<PathBuf>) -> Start {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(code) => return Start::Ended(code),
    };
    let is_own = folder.is_none();
    let app = runtime.block_on(async {
        let app = App::start(countersign_app::Opening { folder }).await;
        countersign_app::log::begin(&app);
        app
    });
    Start::Window(Opening { app, runtime, is_own, work: None, screenshots: None })
}

/// Runs one command to its end.
pub fn run(arguments: Arguments) -> ExitCode {
    let output = Output { is_json: arguments.json };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(code) => return code,
    };
    let result = runtime.block_on(commands::run(arguments, output));
    // A keychain that never answers must not keep the program from ending.
    runtime.shutdown_timeout(END_LIMIT);
    ended(output, result)
}

/// Says how a command ended.
pub fn ended(output: Output, result: Result<Verdict, Failure>) -> ExitCode {
    match result {
        Ok(_) if crate::output::is_lost() => ExitCode::from(exit::of(Code::ExportTarget)),
        Ok(verdict) => verdict.code(),
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(exit::of(failure.code))
        }
    }
}

/// Starts the program on a profile whose stores must open.
pub async fn open(folder: Option<PathBuf>) -> Result<App, Failure> {
    let app = App::start(countersign_app::Opening { folder }).await;
    app.stores()?;
    countersign_app::log::begin(&app);
    Ok(app)
}

/// Holds a command to the environment that was named with it: one there is, and where it is about a run, the run's.
///
/// **Errors**: an environment that is not known, a run of another one.
pub async fn is_in(app: &App, (env, run): (Option<String>, Option<String>)) -> Result<(), Failure> {
    let Some(name) = env else { return Ok(()) };
    let named = EnvironmentId::from(name.as_str());
    record::environment(app, &named).await?;
    let Some(run) = run else { return Ok(()) };
    let run = runs::find(app, &run).await?;
    let own = runs::environment(app, &run).await?;
    if own == named { Ok(()) } else { Err(invalid("--env", format!("the run {run} is in {own}, not in {named}"))) }
}

/// Finds the environment a command works on: the named one, or the only one.
pub async fn environment(app: &App, named: &InEnvironment) -> Result<EnvironmentId, Failure> {
    let record = record::record(app).await?;
    if let Some(name) = &named.env {
        let id = EnvironmentId::from(name.as_str());
        record::environment(app, &id).await?;
        return Ok(id);
    }
    let names: Vec<&EnvironmentId> = record.environments.keys().collect();
    match names.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(told(Code::NotFound, "There is no environment yet", "make one with `env add NAME --class test`")),
        several => {
            let names: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            Err(invalid("--env", format!("there are several environments: {}", names.join(", "))))
        }
    }
}
