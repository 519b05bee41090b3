//! A checklist of 10,000 lines: kept, worked with, read again, and what is left when its file is lost.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::app::Opening;
use countersign_app::checklists::import::{self, ImportTemplate, PreviewTemplate};
use countersign_app::checklists::runs::{self, RunRequest, RunsRequest, StartRun};
use countersign_app::checklists::templates::{self, TemplatesRequest};
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{RunId, TemplateId};
use countersign_app::overview::{self, OverviewRequest};
use countersign_app::{App, clock, demo};

use crate::team::told;

const LINES: usize = 10_000;
/// Between two tries to open a profile.
const PAUSE: Duration = Duration::from_millis(100);

/// From the text of a long list to a program without its file.
pub async fn kept_and_lost() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let profile = folder.path().join("profile");
    let app = demo::open(Some(profile.clone()), 60).await.map_err(told)?;
    let markdown = text();
    let read = PreviewTemplate { markdown: markdown.clone(), name: String::new(), file: String::new() };
    let read = import::preview(&app, read).await.map_err(told)?;
    ensure!(read.can_import && read.rows.len() == LINES, "{} rows", read.rows.len());
    let request = ImportTemplate { markdown, name: String::new(), file: String::new(), decisions: Vec::new() };
    let kept = import::import(&app, clock::name(), request).await.map_err(told)?;
    let long = started(&app, &kept.brief.id).await?;
    let short = started(&app, &TemplateId::from("devflowhub-rollout")).await?;
    app.end().await;
    drop(app);

    let app = again(&profile).await?;
    let page = runs::page(&app, RunRequest { run: long.clone() }).await.map_err(told)?;
    ensure!(page.items.len() == LINES && page.items[LINES - 1].text == "Task 9999 is done", "another list");
    app.end().await;
    drop(app);

    std::fs::remove_dir_all(profile.join("evidence")).context("no evidence was kept")?;
    let app = again(&profile).await?;
    let left: Vec<RunId> =
        runs::list(&app, RunsRequest::default()).await.map_err(told)?.runs.into_iter().map(|run| run.run).collect();
    ensure!(left == [short], "{left:?}");
    let lost = runs::page(&app, RunRequest { run: long.clone() }).await;
    ensure!(lost.as_ref().is_err_and(|failure| failure.code == Code::EvidenceChanged), "{lost:?}");
    let templates = templates::list(&app, TemplatesRequest::default()).await.map_err(told)?.templates;
    ensure!(templates.iter().all(|one| one.id != kept.brief.id), "a template without its content");
    let request = OverviewRequest { environment: demo::ENVIRONMENT.into() };
    let overview = overview::view(&app, request).await.map_err(told)?.view;
    ensure!(overview.attention.iter().any(|line| line.title.contains(long.as_str())), "nobody says that a run is lost");
    app.end().await;
    Ok(())
}

fn text() -> String {
    let mut text = String::from("# A long list\n");
    for line in 0..LINES {
        if line % 100 == 0 {
            let _ = write!(text, "\n## Part {}\n", line / 100);
        }
        let _ = writeln!(text, "- [ ] Task {line} is done");
    }
    text
}

async fn started(app: &App, template: &TemplateId) -> Result<RunId> {
    let request = StartRun {
        template: template.clone(),
        environment: demo::ENVIRONMENT.into(),
        release: "v2".to_owned(),
        owner: None,
        people: Vec::new(),
        business_days: false,
    };
    Ok(runs::start(app, clock::name(), request).await.map_err(told)?.brief.run)
}

/// Opens the profile again, once the work in the background of the one before has ended.
async fn again(profile: &Path) -> Result<App> {
    for _ in 0..100 {
        let app = App::start(Opening { folder: Some(profile.to_owned()) }).await;
        match app.stores() {
            Err(failure) if failure.code == Code::InstanceRunning => tokio::time::sleep(PAUSE).await,
            opened => return opened.map(|_| app.clone()).map_err(told),
        }
    }
    anyhow::bail!("the profile is never given free")
}
