//! `workspace show`, `workspace set`: the settings as one JSON document; `workspace exposure`: who counts as exposed.

use countersign_app::answer::Value;
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::workspace;
use countersign_app::failure::{invalid, told};
use countersign_app::settings::exposure::{self, TryExposure};
use countersign_app::settings::workspace::{set, view};
use countersign_app::{App, bus::Topic, clock, files};
use serde_json::json;

use crate::arguments::{Exposure, InEnvironment, Measure, Workspace};
use crate::exit::Verdict;
use crate::output::Output;
use crate::session;

pub async fn run(app: &App, command: Workspace, output: Output) -> Result<Verdict, Failure> {
    match command {
        Workspace::Show => {}
        Workspace::Set { file } => {
            let bytes = files::read(&file).await?;
            let what = format!("Could not read {}", files::tilde(&file));
            let settings =
                serde_json::from_slice(&bytes).map_err(|error| told(Code::ImportSyntax, what, error.to_string()))?;
            keep(app, settings).await?;
        }
        Workspace::Exposure(Exposure::Try { environment, measure }) => {
            return attempt(app, &environment, measure, output).await;
        }
        Workspace::Exposure(Exposure::Set(measure)) => {
            let exposure = Some(read(measure)?);
            keep(app, workspace::Workspace { exposure, ..kept(app).await? }).await?;
        }
        Workspace::Exposure(Exposure::Clear) => {
            keep(app, workspace::Workspace { exposure: None, ..kept(app).await? }).await?;
        }
    }
    let settings = kept(app).await?;
    let document = serde_json::to_string_pretty(&settings).unwrap_or_default();
    output.answer(&settings, |text| document.lines().for_each(|line| text.line(line)));
    Ok(Verdict::Good)
}

async fn kept(app: &App) -> Result<workspace::Workspace, Failure> {
    app.asked("workspace", view(app, Default::default())).await
}

async fn keep(app: &App, settings: workspace::Workspace) -> Result<(), Failure> {
    let topics = [Topic::Settings, Topic::Ledger, Topic::Metrics];
    app.acted("workspace_set", &topics, set(app, clock::name(), settings)).await.map(drop)
}

async fn attempt(app: &App, environment: &InEnvironment, measure: Measure, output: Output) -> Result<Verdict, Failure> {
    let environment = session::environment(app, environment).await?;
    let exposure = if measure.table.is_some() {
        read(measure)?
    } else {
        let what = "Could not count the exposed users";
        let none = || told(Code::StateConflict, what, "nobody said who counts; give --table and --exposed");
        kept(app).await?.exposure.ok_or_else(none)?
    };
    let tried = app.asked("exposure_try", exposure::attempt(app, TryExposure { environment, exposure })).await?;
    if !tried.fault.is_empty() {
        return Err(invalid(&tried.fault, tried.sentence));
    }
    let (value, reason) = match &tried.value {
        Value::Rate { exact, pct } => (json!({ "exact": exact, "pct": pct }), None),
        _ => (serde_json::Value::Null, Some(&tried.sentence)),
    };
    let document = json!({
        "value": value, "reason": reason, "exposed": tried.exposed, "eligible": tried.eligible,
        "sentence": tried.sentence, "at": tried.at,
    });
    output.answer(&document, |text| text.line(&tried.sentence));
    Ok(if reason.is_none() { Verdict::Good } else { Verdict::No })
}

/// Reads the words of a measure.
fn read(measure: Measure) -> Result<workspace::Exposure, Failure> {
    let rule = |side: &str, words: Vec<String>| {
        let mut words = words.into_iter();
        let (column, operator) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let operator = operator.to_lowercase();
        let operator = operator.parse().map_err(|_| {
            let why = "one of =, !=, >, >=, <, <=, is null, is not null, is true, is false is expected";
            invalid(&format!("{side}.operator"), why)
        })?;
        Ok::<_, Failure>(workspace::ExposureRule { column, operator, value: words.next().unwrap_or_default() })
    };
    let Measure { table, exposed, eligible } = measure;
    let eligible = eligible.map(|words| rule("eligible", words)).transpose()?;
    let table = table.ok_or_else(|| invalid("table", "--table and --exposed say who counts"))?;
    Ok(workspace::Exposure { table, exposed: rule("exposed", exposed)?, eligible })
}
