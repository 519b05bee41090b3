//! Support tickets, counted from what a help desk exports: held against a limit, shown by day, opened into their rows.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::answer::Window;
use countersign_app::checklists::attach::{self, AttachFile};
use countersign_app::checklists::items::{self, ItemRequest};
use countersign_app::checklists::runs::{self, StartRun};
use countersign_app::checklists::schedule::{self, ScheduleRequest};
use countersign_app::checklists::snapshot::{self, Snapshot, SnapshotRequest};
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::limits::{self, LimitLine, LimitsRequest};
use countersign_app::revenue::{self, FigureRowsRequest};
use countersign_app::{App, checks, clock, demo};

use crate::team::{operator, refused, told};

const METRIC: &str = "metric.support_tickets";
const LIMIT: &str = "customer-support-tickets-10-day";
/// A day, as far as tests go.
const DAY: Duration = Duration::from_secs(86_400);
const ANALYSIS: &str = "support-ticket-analysis";

/// A run and whoever works on it.
struct Desk<'a> {
    app: &'a App,
    run: RunId,
    ana: OperatorId,
    folder: &'a Path,
}

/// From no export to a limit that failed, one that is met, a day that is missing, and the report with its rows.
pub async fn counted_from_exports() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 60).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &["backend_developer"]).await?;
    let started = async |template: &str| {
        let request = StartRun {
            template: template.into(),
            environment: demo::ENVIRONMENT.into(),
            release: "v2.4.0".to_owned(),
            owner: Some(ana.clone()),
            people: Vec::new(),
            business_days: false,
        };
        runs::start(&app, clock::name(), request).await.map_err(told).map(|page| page.brief.run)
    };
    let (run, other) = (started("devflowhub-rollout").await?, started("billing-module-deployment").await?);
    let desk = Desk { app: &app, run, ana: ana.clone(), folder: folder.path() };
    desk.is_not_known().await?;
    desk.fails_by_its_worst_day().await?;
    desk.is_met_and_opens_into_its_days().await?;
    desk.is_shown_by_day_and_category().await?;
    desk.keeps_what_is_known().await?;
    desk.misses_what_was_lost().await?;
    Desk { run: other, ..desk }.lists_keys_and_access().await?;
    app.end().await;
    Ok(())
}

/// A sheet with the tickets of the days up to today; the day three days ago has another number.
fn sheet(other: u64) -> String {
    let today = clock::now();
    let day = |back: u32| (today - DAY * back).format("%Y-%m-%d").to_string();
    let row = |back: u32| match back {
        3 => format!("{},{other},billing\n", day(back)),
        _ => format!("{},2,billing\n{},1,login\n", day(back), day(back)),
    };
    format!("Day,Tickets,Category\n{}", (0..17).map(row).collect::<String>())
}

/// Lists the kept files of the profile.
fn kept(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut all = Vec::new();
    let mut folders = vec![folder.join("profile").join("evidence")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { folders.push(entry.path()) } else { all.push(entry.path()) }
        }
    }
    Ok(all)
}

impl Desk<'_> {
    async fn attach(&self, name: &str, content: &str) -> Result<()> {
        let place = self.folder.join(name);
        std::fs::write(&place, content)?;
        let request = AttachFile {
            run: self.run.clone(),
            item: LIMIT.into(),
            operator: self.ana.clone(),
            file: self.app.files().keep_for_reading(&place).handle,
            release: None,
            meant: None,
            sha256: None,
            note: String::new(),
        };
        attach::attach(self.app, clock::name(), request).await.map_err(told)?;
        Ok(())
    }

    async fn checked(&self) -> Result<(String, String)> {
        let (batch, job) = checks::begin(self.app, &self.run, &[LIMIT.into()]).await.map_err(told)?;
        checks::run(self.app, batch, &job).await.map_err(told)?;
        let request = ItemRequest { run: self.run.clone(), item: LIMIT.into() };
        let line = items::item(self.app, request).await.map_err(told)?.view;
        Ok((line.state, line.state_text))
    }

    async fn limit(&self) -> Result<LimitLine> {
        let request = LimitsRequest { environment: demo::ENVIRONMENT.into() };
        let limits = limits::view(self.app, request).await.map_err(told)?.view;
        limits.business.into_iter().find(|line| line.figure.metric.as_str() == METRIC).context("no such limit")
    }

    async fn is_not_known(&self) -> Result<()> {
        let limit = self.limit().await?;
        ensure!(limit.state == "no_value" && limit.sentence.contains("no help desk's export"), "{limit:?}");
        let (state, because) = self.checked().await?;
        ensure!(state == "unknown", "{state:?} {because}");
        let place = self.folder.join("bad.csv");
        std::fs::write(&place, "Created,Type\n13/11/2026,a\n")?;
        let request = attach::PreviewFile {
            run: self.run.clone(),
            item: LIMIT.into(),
            file: self.app.files().keep_for_reading(&place).handle,
        };
        refused(attach::preview(self.app, request).await, Code::ImportSyntax)?;
        let day = (clock::now() - DAY * 2).format("%Y-%m-%d").to_string();
        let gap: String = sheet(2).lines().filter(|line| !line.starts_with(&day)).collect::<Vec<_>>().join("\n");
        self.attach("gap.csv", &gap).await?;
        let (state, because) = self.checked().await?;
        ensure!(state == "unknown" && because.contains("6 of 7"), "a missing day is not none: {state} {because}");
        Ok(())
    }

    async fn fails_by_its_worst_day(&self) -> Result<()> {
        self.attach("busy.csv", &sheet(12)).await?;
        let (state, because) = self.checked().await?;
        ensure!(state == "failed" && because.contains("12 on "), "{state:?} {because}");
        let limit = self.limit().await?;
        ensure!(limit.state == "met" && limit.sentence.contains("most on one day: 12"), "the mean is below: {limit:?}");
        Ok(())
    }

    async fn is_met_and_opens_into_its_days(&self) -> Result<()> {
        self.attach("quiet.csv", &sheet(9)).await?;
        let (state, because) = self.checked().await?;
        ensure!(state == "verified", "the newer of two files counts: {state:?} {because}");
        let request = FigureRowsRequest {
            environment: demo::ENVIRONMENT.into(),
            metric: METRIC.to_owned(),
            currency: String::new(),
            month: String::new(),
            window: Window { take: 50, ..Window::default() },
        };
        let behind = revenue::figure_rows(self.app, request).await.map_err(told)?.view;
        ensure!((behind.sum.as_str(), behind.divisor.as_deref()) == ("27", Some("7")), "{behind:#?}");
        let row = behind.rows.rows.iter().find(|row| row.part == "9").context("the worst day is not there")?;
        ensure!(row.what == "9 billing; from quiet.csv", "{row:?}");
        Ok(())
    }

    async fn look(&self, item: &str) -> Result<Snapshot> {
        let dates = schedule::view(self.app, ScheduleRequest { run: self.run.clone() }).await.map_err(told)?.dates;
        let date = dates.into_iter().find(|date| date.item.as_str() == item);
        let (run, key) = (self.run.clone(), date.map_or_else(|| "before".to_owned(), |date| date.key));
        snapshot::view(self.app, SnapshotRequest { run, item: item.into(), key }).await.map_err(told)
    }

    async fn is_shown_by_day_and_category(&self) -> Result<()> {
        let shown = self.look(ANALYSIS).await?;
        let table = |title: &str| {
            let found = shown.tables.iter().find(|table| table.title == title);
            found.map(|table| &table.rows).with_context(|| format!("{title} is not among {:#?}", shown.tables))
        };
        let days = table("Tickets by day")?;
        ensure!(days.len() == 7 && days.iter().all(|row| row.len() == 4), "{days:?}");
        let categories = table("Tickets by category")?;
        let cells: Vec<Vec<&str>> = categories.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        ensure!(cells == [["billing", "21", "77.78 %", "14"], ["login", "6", "22.22 %", "7"]], "{cells:?}");
        let files = table("Counted from")?;
        ensure!(files.len() == 1 && files.iter().flatten().any(|cell| cell == "quiet.csv"), "{files:?}");
        ensure!(shown.has_report, "no report");
        Ok(())
    }

    /// A newer export of other days takes nothing away.
    async fn keeps_what_is_known(&self) -> Result<()> {
        let old = clock::now() - DAY * 40;
        self.attach("old.csv", &format!("Day,Tickets\n{},1\n", old.format("%Y-%m-%d"))).await?;
        let (state, because) = self.checked().await?;
        ensure!(state == "verified", "{state} {because}");
        Ok(())
    }

    /// What a newer file said does not fall back to what an older one says when the newer one is gone.
    async fn misses_what_was_lost(&self) -> Result<()> {
        let before = kept(self.folder)?;
        self.attach("lost.csv", &sheet(11)).await?;
        let new = kept(self.folder)?.into_iter().filter(|file| !before.contains(file)).collect::<Vec<_>>();
        ensure!(new.len() == 1, "{new:?}");
        new.iter().try_for_each(std::fs::remove_file)?;
        let (state, because) = self.checked().await?;
        ensure!(state == "unknown" && because.contains("lost.csv is gone or changed"), "{state} {because}");
        Ok(())
    }

    async fn lists_keys_and_access(&self) -> Result<()> {
        let shown = self.look("security-audit").await?;
        let keys = shown.tables.iter().find(|table| table.title == "Keys in use").context("no keys")?;
        let named = |what: &str| keys.rows.iter().any(|row| row.iter().any(|cell| cell == what));
        ensure!(named("Stripe key") && named("Signing key of Ana Lopez") && named("Key of this computer"), "{keys:#?}");
        ensure!(keys.rows.iter().all(|row| row.last().is_some_and(|state| state == "in use")), "{keys:#?}");
        let access = shown.tables.iter().find(|table| table.title == "Who reaches what from here");
        let access = access.context("no access")?;
        ensure!(access.rows.iter().any(|row| row.iter().any(|cell| cell.contains("signs on this computer"))));
        Ok(())
    }
}
