//! What the program keeps itself, it proves itself: runs on staging, the window of a deployment, contact cards.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::contacts::{self, ContactsRequest, SetContact};
use countersign_app::checklists::course::{self, RecordDeployment, SetWindow};
use countersign_app::checklists::items::{self, WaiveItem};
use countersign_app::checklists::rollback::{self, RollbackRequest, TripTrigger};
use countersign_app::checklists::runs::{self, RunRequest, StartRun};
use countersign_app::domain::checklist::contacts::Card;
use countersign_app::domain::ids::{EnvironmentId, ItemId, OperatorId, RunId};
use countersign_app::domain::probe::{Outcome, Unknown};
use countersign_app::domain::workspace::Class;
use countersign_app::settings::environments::{self, AddEnvironment};
use countersign_app::{App, checks, clock, demo};

use crate::team::{operator, told};

const HOUR: Duration = Duration::from_hours(1);
const RELEASE: &str = "v2.4.0";
const STAGING_FIRST: &str = "deploy-to-staging-first";
const SMOKE: &str = "smoke-test-on-staging";
const WINDOW: &str = "schedule-maintenance-window";
const CARDS: &str = "on-call-rotation-schedule";
const NOT_THERE: &str = "Release v2.4.0 was not deployed by a staging run of this list.";
const THERE: &str = "Release v2.4.0 was deployed to staging.";

/// Everything fails or is unknown at first, and passes once it is so.
pub async fn proved() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 60).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &[]).await?;
    let staging = AddEnvironment { name: "rehearsal".to_owned(), class: Class::Staging };
    environments::add(&app, clock::name(), staging).await.map_err(told)?;
    let run = started(&app, &ana, demo::ENVIRONMENT.into()).await?;
    let unset = Outcome::Unknown(Unknown::NotConfigured);
    says(&app, &run, STAGING_FIRST, Outcome::Fail, NOT_THERE).await?;
    says(&app, &run, SMOKE, Outcome::Fail, NOT_THERE).await?;
    says(&app, &run, WINDOW, unset, "No window is written down.").await?;
    says(&app, &run, CARDS, Outcome::Fail, "5 of 6 cards are not complete.").await?;

    let bo = operator(&app, "Bo Chen", &[]).await?;
    rehearsed(&app, &ana, &bo, &run).await?;
    planned(&app, &ana, &run).await?;
    introduced(&app, &ana, &run).await?;
    app.end().await;
    Ok(())
}

/// The same release on staging proves the first line; the second only what was checked there after it, and did not fail.
async fn rehearsed(app: &App, by: &OperatorId, other: &OperatorId, run: &RunId) -> Result<()> {
    let there = started(app, by, "rehearsal".into()).await?;
    let not_yet = Outcome::Unknown(Unknown::InsufficientData);
    says(app, &there, STAGING_FIRST, not_yet, NOT_THERE).await?;
    let deployed = RecordDeployment {
        run: there.clone(),
        operator: by.clone(),
        at: clock::now(),
        reason: Some("a rehearsal before the gate".to_owned()),
    };
    course::record_deployment(app, clock::name(), deployed).await.map_err(told)?;
    says(app, &there, STAGING_FIRST, Outcome::Pass, THERE).await?;
    says(app, run, STAGING_FIRST, Outcome::Pass, THERE).await?;
    let (outcome, why) = made(app, run, SMOKE).await?;
    let unproved = "After the deployment of release v2.4.0 to staging, not every check passed: Health check endpoint";
    ensure!(outcome == Outcome::Fail && why.starts_with(unproved), "{why}");
    set_aside(app, other, &there).await?;
    says(app, run, SMOKE, Outcome::Pass, THERE).await?;
    let view = rollback::view(app, RollbackRequest { run: there.clone() }).await.map_err(told)?;
    let indicator = view.indicators.first().context("no indicator")?;
    let (item, cause) = (indicator.item.clone(), "6 of 100 payments failed".to_owned());
    let trip = TripTrigger { run: there, item, operator: by.clone(), cause };
    rollback::trip(app, clock::name(), trip).await.map_err(told)?;
    says(app, run, STAGING_FIRST, Outcome::Pass, THERE).await?;
    let failed = format!("On staging, release {RELEASE} has failed lines: {}.", indicator.text);
    says(app, run, SMOKE, Outcome::Fail, &failed).await
}

/// Nothing answers on this staging: somebody else approves that what would be looked at there is not.
async fn set_aside(app: &App, by: &OperatorId, run: &RunId) -> Result<()> {
    let page = runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?;
    let after = page.items.iter().filter(|item| item.section.iter().any(|part| part == "Post-Deployment Verification"));
    for item in after.filter(|item| !item.is_complete && item.kind == "auto") {
        let waive = WaiveItem {
            run: run.clone(),
            item: item.id.clone(),
            operator: by.clone(),
            reason: "nothing of it runs on this staging".to_owned(),
            until: clock::now() + 24 * HOUR,
        };
        items::waive(app, clock::name(), waive).await.map_err(told)?;
    }
    Ok(())
}

async fn planned(app: &App, by: &OperatorId, run: &RunId) -> Result<()> {
    let from = clock::now() + 2 * HOUR;
    let window = SetWindow { run: run.clone(), operator: by.clone(), from, to: from + HOUR };
    course::set_window(app, clock::name(), window).await.map_err(told)?;
    let answer = made(app, run, WINDOW).await?;
    ensure!(answer.0 == Outcome::Pass && answer.1.starts_with("From "), "{answer:?}");
    Ok(())
}

/// A card counts once it names somebody who can be reached and was, not longer ago than 90 days.
async fn introduced(app: &App, by: &OperatorId, run: &RunId) -> Result<()> {
    let contacts = contacts::contacts(app, ContactsRequest { run: run.clone() }).await.map_err(told)?.contacts;
    for days in [91, 89] {
        for contact in contacts.iter().filter(|contact| !contact.missing.is_empty()) {
            let card = Card {
                person: "Bo Chen".to_owned(),
                chat: "@bo".to_owned(),
                hours: "always".to_owned(),
                tested_at: Some(clock::now() - days * 24 * HOUR),
                ..Card::default()
            };
            let request = SetContact { run: run.clone(), item: contact.item.clone(), operator: by.clone(), card };
            contacts::set_contact(app, clock::name(), request).await.map_err(told)?;
        }
        let (outcome, found) = match days {
            91 => (Outcome::Fail, "5 of 6 cards are not complete."),
            _ => (Outcome::Pass, "All 6 cards are complete."),
        };
        says(app, run, CARDS, outcome, found).await?;
    }
    Ok(())
}

async fn started(app: &App, by: &OperatorId, environment: EnvironmentId) -> Result<RunId> {
    let request = StartRun {
        template: "billing-module-deployment".into(),
        environment,
        release: RELEASE.to_owned(),
        owner: Some(by.clone()),
        people: Vec::new(),
        business_days: false,
    };
    Ok(runs::start(app, clock::name(), request).await.map_err(told)?.brief.run)
}

/// Makes the check of a line.
async fn made(app: &App, run: &RunId, item: &str) -> Result<(Outcome, String)> {
    let (batch, job) = checks::begin(app, run, &[ItemId::from(item)]).await.map_err(told)?;
    let checked = checks::run(app, batch, &job).await.map_err(told)?;
    let answer = &checked.iter().find(|one| one.item.as_str() == item).context("it was not checked")?.answer;
    Ok((answer.outcome, answer.seen.found().to_owned()))
}

async fn says(app: &App, run: &RunId, item: &str, outcome: Outcome, found: &str) -> Result<()> {
    let answer = made(app, run, item).await?;
    ensure!(answer == (outcome, found.to_owned()), "{item}: {answer:?}, and not {outcome:?} {found}");
    Ok(())
}
