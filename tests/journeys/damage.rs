//! A billing database that gets damaged while users are exposed: a new orphan trips the indicator, once.
//!
//! The row is put into the mirror as if it had been read: the invented company's own file stays whole.

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::rollback::{self, Indicator, IndicatorState, RollbackRequest};
use countersign_app::checklists::runs::{self, StartRun};
use countersign_app::domain::billing::BillingSubscription;
use countersign_app::domain::ids::RunId;
use countersign_app::jobs::rounds::Rounds;
use countersign_app::{App, clock, demo};
use countersign_store::mirror::billing;

use crate::team::told;

/// A file says what it cannot tell; orphans are counted there too, and one more of them trips.
pub async fn looked_for_and_tripped() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 100).await.map_err(told)?;
    let request = StartRun {
        template: "devflowhub-rollout".into(),
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(demo::operator(&app).await.map_err(told)?),
        people: Vec::new(),
        business_days: false,
    };
    let run = runs::start(&app, clock::name(), request).await.map_err(told)?.brief.run;
    let unread = corruption(&app, &run).await?;
    ensure!(unread.state == IndicatorState::NotMeasured && unread.sentence.contains("was not read"), "{unread:?}");
    demo::read(&app).await.map_err(told)?;
    let before = corruption(&app, &run).await?;
    ensure!(
        before.state == IndicatorState::NotMeasured && before.sentence.contains("tells no checksums"),
        "{before:?}"
    );
    orphan(&app).await?;
    demo::read(&app).await.map_err(told)?;
    let mut rounds = Rounds::default();
    rounds.make(&app).await;
    rounds.make(&app).await;
    let tripped = corruption(&app, &run).await?;
    ensure!(tripped.state == IndicatorState::Tripped && tripped.count == 1, "{tripped:?}");
    ensure!(tripped.sentence.contains("1 more orphans"), "{tripped:?}");
    app.end().await;
    Ok(())
}

async fn corruption(app: &App, run: &RunId) -> Result<Indicator> {
    let view = rollback::view(app, RollbackRequest { run: run.clone() }).await.map_err(told)?;
    let found = view.indicators.into_iter().find(|one| one.item.as_str() == "trigger.db_corruption");
    found.context("no indicator of damage")
}

/// Puts a subscription of nobody into the mirror, an old one and one that may only be younger than its user's row.
async fn orphan(app: &App) -> Result<()> {
    let environment = demo::ENVIRONMENT.into();
    let mirror = app.stores().map_err(told)?.mirror.clone();
    let write = mirror.write(move |tx| {
        let all: Vec<BillingSubscription> = billing::all(tx, &environment)?;
        let Some(like) = all.into_iter().next() else { return Ok(false) };
        let row = |id: &str, hours| BillingSubscription {
            row_id: id.to_owned(),
            user: "nobody".to_owned().into(),
            created_at: Some(clock::now() - hours_long(hours)),
            ..like.clone()
        };
        billing::put(tx, &environment, &[row("orphan_old", 48), row("orphan_young", 0)], clock::now())?;
        Ok(true)
    });
    ensure!(write.await?, "the mirror has no subscription");
    Ok(())
}

fn hours_long(hours: u64) -> std::time::Duration {
    std::time::Duration::from_secs(hours * 3_600)
}
