//! Dates that ask more than a look: failed payments disposed of, a review with its report, a change with its values.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::course::{self, RecordDeployment};
use countersign_app::checklists::report::save::{self, SaveReport};
use countersign_app::checklists::runs::{self, StartRun};
use countersign_app::checklists::schedule::{self, DateAnswer, DateView, DoOccurrence, ScheduleRequest};
use countersign_app::checklists::snapshot::{self, Snapshot, SnapshotRequest};
use countersign_app::domain::checklist::dated::{Disposed, Disposition, Question};
use countersign_app::domain::checklist::run::DueState;
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::ledger::verify::{self, Depth};
use countersign_app::{App, clock, demo};

use crate::team::{operator, refused, told};

/// The list of the first seed, on the day of its deployment.
pub async fn disposed_reviewed_and_reported() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 200).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &[]).await?;
    let request = StartRun {
        template: "devflowhub-rollout".into(),
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(ana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let run = runs::start(&app, clock::name(), request).await.map_err(told)?.brief.run;
    let (at, reason) = (clock::now(), Some("a rehearsal".to_owned()));
    let deploy = RecordDeployment { run: run.clone(), operator: ana.clone(), at, reason };
    course::record_deployment(&app, clock::name(), deploy).await.map_err(told)?;
    payments(&app, &run, &ana).await?;
    review(&app, &run, &ana, folder.path()).await?;
    speed(&app, &run, &ana).await?;
    tables(&app, &run).await?;
    feedback(&app, &run).await?;
    let stores = app.stores().map_err(told)?;
    let report = verify::verify(&stores.ledger, Depth::Whole, Vec::new(), |_| None).await?;
    ensure!(report.first_bad.is_none(), "{:?}", report.first_bad);
    app.end().await;
    Ok(())
}

/// Has the bank decline payments and reads them.
async fn declined(app: &App, count: u32) -> Result<()> {
    // The company's clock knows whole seconds and may be two behind: what is to come after something happens later.
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    let declined = app.simulator().context("no company")?.decline(count);
    ensure!(declined.len() == count as usize, "too few open invoices: {declined:?}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    demo::read(app).await.map_err(told).map(drop)
}

/// Every payment that failed since the deployment needs a word; the next list begins where this one ended.
async fn payments(app: &App, run: &RunId, by: &OperatorId) -> Result<()> {
    declined(app, 3).await?;
    let dates = open(app, run, "Review failed payments").await?;
    let first = dates.first().context("not due")?;
    let shown = look(app, first).await?;
    let list = shown.failed.clone().context("no list")?;
    let until = list.until.context("the payments are not known")?;
    ensure!((list.payments.len(), list.left, shown.has_report) == (3, 0, true), "{list:#?}");
    ensure!(list.payments.iter().all(|one| one.failed_at >= list.since && one.failed_at < until), "{list:#?}");
    let of = |record: &str| Disposed { record: record.to_owned(), disposition: Disposition::Contacted };
    let all: Vec<Disposed> = list.payments.iter().map(|one| of(&one.record)).collect();
    let done = |dispositions| DoOccurrence { shown: shown.sha256.clone(), dispositions, ..done_of(first, by) };
    refused(schedule::done(app, clock::name(), done(all[1..].to_vec())).await, Code::InputInvalid)?;
    let with_other = all.iter().cloned().chain([of("pi_of_nobody")]).collect();
    refused(schedule::done(app, clock::name(), done(with_other)).await, Code::InputInvalid)?;
    let after = schedule::done(app, clock::name(), done(all.clone())).await.map_err(told)?;
    let settled = after.dates.iter().find(|date| date.item == first.item && date.key == first.key).context("gone")?;
    let kept: Vec<_> = settled.said.iter().map(|fact| (fact.name.as_str(), fact.value.as_str())).collect();
    let wanted: Vec<_> = all.iter().map(|one| (one.record.as_str(), "contacted")).collect();
    ensure!(kept == wanted && settled.state == DueState::Done, "{settled:#?}");
    let tomorrow = after.dates.iter().find(|date| date.item == first.item && date.key > first.key).context("once")?;
    let next = look(app, tomorrow).await?.failed.context("no list")?;
    ensure!(next.since == until && next.payments.is_empty(), "a payment is listed again: {next:#?}");
    declined(app, 1).await?;
    let next = look(app, tomorrow).await?.failed.context("no list")?;
    let again: Vec<_> = next.payments.iter().map(|one| (one.before, one.attempts > 1)).collect();
    ensure!(again == [(Some(Disposition::Contacted), true)], "it failed again and was contacted: {next:#?}");
    Ok(())
}

/// A review has a report that can be read before it is done and is kept with it, and names who took part.
async fn review(app: &App, run: &RunId, by: &OperatorId, folder: &Path) -> Result<()> {
    let dates = open(app, run, "Review business metrics").await?;
    let first = dates.first().context("no review is due")?;
    let shown = look(app, first).await?;
    let titles: Vec<&str> = shown.tables.iter().map(|table| table.title.as_str()).collect();
    ensure!(titles[0] == "Before and after" && titles[1].starts_with("Movements of MRR"), "{titles:?}");
    let heads: Vec<&str> = shown.tables[0].columns.iter().map(|column| column.label.as_str()).collect();
    ensure!(heads.len() == 5 && heads[1].starts_with("A week before, "), "{heads:?}");
    ensure!(heads[2].starts_with("Before the deployment, ") && heads[4].starts_with("Change since "), "{heads:?}");
    let mrr = &shown.tables[0].rows[0];
    ensure!(mrr[0] == "MRR" && mrr[1] != mrr[3] && mrr.iter().all(|cell| cell != "not known"), "{mrr:?}");
    ensure!(shown.asks.len() == 1 && !shown.asks[0].is_required && shown.has_report, "{:?}", shown.asks);
    let before = saved(app, first, &shown.sha256, &folder.join("before.pdf")).await?;
    let said = vec![DateAnswer { question: Question::Attendees, text: " Ana Lopez, Bo Chen ".to_owned() }];
    let request = clock::name();
    let done = || DoOccurrence { shown: shown.sha256.clone(), said: said.clone(), ..done_of(first, by) };
    let after = schedule::done(app, request, done()).await.map_err(told)?;
    let settled = after.dates.iter().find(|date| date.item == first.item && date.key == first.key).context("gone")?;
    let said: Vec<_> = settled.said.iter().map(|fact| (fact.name.as_str(), fact.value.as_str())).collect();
    ensure!(said == [("Took part", "Ana Lopez, Bo Chen")] && settled.has_report, "{settled:#?}");
    ensure!(saved(app, first, "", &folder.join("after.pdf")).await? == before, "another report was kept");
    // The same request again adds nothing, also when what was shown is not remembered any more.
    let again = DoOccurrence { shown: "0".repeat(64), ..done() };
    ensure!(schedule::done(app, request, again).await.is_ok(), "a repeated request is refused");
    Ok(())
}

/// A line about speed asks what was changed, before and after.
async fn speed(app: &App, run: &RunId, by: &OperatorId) -> Result<()> {
    let dates = open(app, run, "Performance optimization").await?;
    let date = dates.first().context("not due")?;
    let said = |question, text: &str| DateAnswer { question, text: text.to_owned() };
    let mut all = vec![said(Question::Change, "an index"), said(Question::Before, "p95 240 ms")];
    let done = |said: &[DateAnswer]| DoOccurrence { said: said.to_vec(), ..done_of(date, by) };
    refused(schedule::done(app, clock::name(), done(&all)).await, Code::InputInvalid)?;
    all.push(said(Question::After, "p95 130 ms"));
    let after = schedule::done(app, clock::name(), done(&all)).await.map_err(told)?;
    let settled = after.dates.iter().find(|one| one.item == date.item).context("gone")?;
    let said: Vec<&str> = settled.said.iter().map(|fact| fact.value.as_str()).collect();
    ensure!(said == ["an index", "p95 240 ms", "p95 130 ms"], "{settled:#?}");
    Ok(())
}

/// What failed in the run, what did not arrive, and who was lost are shown where their line asks.
async fn tables(app: &App, run: &RunId) -> Result<()> {
    for (text, title) in [
        ("Bug fixes and improvements", "Lines that do not hold"),
        ("Daily monitoring of key metrics", "Events that were not delivered"),
        ("Churn analysis", "Lost customers by reason"),
    ] {
        let dates = open(app, run, text).await?;
        let shown = look(app, dates.first().with_context(|| format!("{text} is not due"))?).await?;
        let found = shown.tables.iter().any(|table| table.title.starts_with(title));
        ensure!(found, "{text}: {:?}", shown.tables.iter().map(|table| &table.title).collect::<Vec<_>>());
    }
    Ok(())
}

/// What people wrote is counted where the application keeps it, and never read.
async fn feedback(app: &App, run: &RunId) -> Result<()> {
    let dates = open(app, run, "Customer feedback collection").await?;
    let date = dates.first().context("not due")?;
    let new = async || -> Result<u32> {
        let shown = look(app, date).await?;
        let line = shown.lines.first().context("nothing was counted")?;
        ensure!(shown.lines.len() == 1 && line.outcome.is_empty() && line.found.contains(" new since "), "{line:?}");
        Ok(line.found.split(' ').next().context("no count")?.parse()?)
    };
    ensure!(new().await? == 0, "what was written before the deployment is new");
    app.simulator().context("no company")?.mutate(400);
    ensure!(new().await? > 0, "nobody of those who left wrote anything");
    Ok(())
}

async fn open(app: &App, run: &RunId, text: &str) -> Result<Vec<DateView>> {
    let all = schedule::view(app, ScheduleRequest { run: run.clone() }).await.map_err(told)?.dates;
    let is_open = |date: &DateView| date.state == DueState::Due && date.text == text;
    Ok(all.into_iter().filter(is_open).collect())
}

async fn look(app: &App, date: &DateView) -> Result<Snapshot> {
    let request = SnapshotRequest { run: date.run.clone(), item: date.item.clone(), key: date.key.clone() };
    snapshot::view(app, request).await.map_err(told)
}

async fn saved(app: &App, date: &DateView, shown: &str, place: &Path) -> Result<Vec<u8>> {
    let file = app.files().keep_for_writing(place).handle;
    let (run, item, key) = (date.run.clone(), date.item.clone(), date.key.clone());
    let request = SaveReport { run, item, key, shown: shown.to_owned(), file };
    save::save(app, clock::name(), request).await.map_err(told)?;
    let bytes = std::fs::read(place)?;
    ensure!(bytes.starts_with(b"%PDF-"), "not a report");
    Ok(bytes)
}

fn done_of(date: &DateView, by: &OperatorId) -> DoOccurrence {
    let (run, item, key, operator) = (date.run.clone(), date.item.clone(), date.key.clone(), by.clone());
    let (note, shown) = ("gone through".to_owned(), String::new());
    DoOccurrence { run, item, key, operator, note, shown, said: Vec::new(), dispositions: Vec::new() }
}
