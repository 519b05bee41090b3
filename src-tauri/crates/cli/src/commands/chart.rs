//! `chart`: the chart of a metric as a file, as the window draws it.

use countersign_app::App;
use countersign_app::domain::failure::Failure;
use countersign_app::figures::course;
use serde_json::json;

use super::metrics::asked;
use crate::arguments::Chart;
use crate::exit::Verdict;
use crate::output::Output;
use crate::session;

pub async fn run(app: &App, command: Chart, output: Output) -> Result<Verdict, Failure> {
    let environment = session::environment(app, &command.environment).await?;
    let written = course::chart(app, &environment, &command.id, &asked(&command.span), command.out).await?;
    let document = json!({ "file": written.path, "bytes": written.bytes, "sha256": written.sha256 });
    output.answer(&document, |text| text.line(format!("{} ({} bytes)", written.path.display(), written.bytes)));
    Ok(Verdict::Good)
}
