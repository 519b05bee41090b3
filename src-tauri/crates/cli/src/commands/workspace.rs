//! `workspace show`, `workspace set`: the settings as one JSON document.

use countersign_app::domain::failure::{Code, Failure};
use countersign_app::failure::told;
use countersign_app::settings::workspace::{self, WorkspaceRequest};
use countersign_app::{App, bus::Topic, clock, files};

use crate::arguments::Workspace;
use crate::exit::Verdict;
use crate::output::Output;

pub async fn run(app: &App, command: Workspace, output: Output) -> Result<Verdict, Failure> {
    if let Workspace::Set { file } = command {
        let bytes = files::read(&file).await?;
        let what = format!("Could not read {}", files::tilde(&file));
        let settings =
            serde_json::from_slice(&bytes).map_err(|error| told(Code::ImportSyntax, what, error.to_string()))?;
        let work = workspace::set(app, clock::name(), settings);
        app.acted("workspace_set", &[Topic::Settings, Topic::Ledger, Topic::Metrics], work).await?;
    }
    let settings = app.asked("workspace", workspace::view(app, WorkspaceRequest {})).await?;
    output.answer(&settings, |text| text.line(serde_json::to_string_pretty(&settings).unwrap_or_default()));
    Ok(Verdict::Good)
}
