//! `demo`: the main job on the invented company, in a window or on the terminal.

use std::path::PathBuf;
use std::process::ExitCode;

use countersign_app::domain::failure::Failure;
use countersign_app::{demo, log};
use serde_json::json;

use crate::arguments::{Arguments, Command, Demo};
use crate::exit::Verdict;
use crate::output::{self, Output};
use crate::session;
use crate::{Opening, Start};

/// Does the work on the terminal and prints the figures.
pub async fn headless(folder: Option<PathBuf>, arguments: Demo, output: Output) -> Result<Verdict, Failure> {
    let app = demo::open(folder, arguments.customers).await?;
    let outcome = demo::read(&app).await;
    let _ = outcome?;
    output.answer(&json!({}), |text| text.line("done"));
    demo::close(&app).await;
    Ok(Verdict::Good)
}

/// Prepares the window; the company is read while it is open.
pub fn window(arguments: &Arguments) -> Start {
    let output = Output { is_json: arguments.json };
    let Some(Command::Demo(asked)) = &arguments.command else { return Start::Ended(ExitCode::from(2)) };
    let runtime = match session::runtime() {
        Ok(runtime) => runtime,
        Err(code) => return Start::Ended(code),
    };
    let opened = runtime.block_on(async {
        let app = demo::open(arguments.data_dir.clone(), asked.customers).await?;
        log::begin(&app);
        Ok::<_, Failure>(app)
    });
    let app = match opened {
        Ok(app) => app,
        Err(failure) => return Start::Ended(session::ended(output, Err(failure))),
    };
    if asked.screenshots.is_some() {
        output::complaint("Reading the invented company and taking pictures of every screen …");
    }
    let reading = app.clone();
    runtime.spawn(async move { demo::read(&reading).await.map(drop) });
    Start::Window(Opening { app, runtime, is_own: false, screenshots: asked.screenshots.clone() })
}
