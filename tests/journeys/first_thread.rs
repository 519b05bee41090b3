//! From an empty profile to a mirror: environment, key in the keychain, sync, and the same again after a restart.

use anyhow::{Result, ensure};
use countersign_app::domain::stripe::ObjectKind;
use countersign_app::{App, Opening, demo};

use crate::team::told;

/// Opens the demo, reads it, and looks at what is there.
pub async fn connected_read_and_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 300).await.map_err(told)?;
    let done = demo::read(&app).await.map_err(told)?;
    let report = done.stripe.as_ref().and_then(|stripe| stripe.as_ref().ok());
    let report = report.ok_or_else(|| anyhow::anyhow!("nothing was read"))?;
    ensure!(report.complete && report.unread.is_empty(), "{report:?}");
    ensure!(report.objects.get(&ObjectKind::Customer).is_some_and(|count| *count > 250), "{:?}", report.objects);
    ensure!(done.computed > 250, "{} customers computed", done.computed);
    let again = demo::read(&app).await.map_err(told)?;
    ensure!(again.computed == 0, "nothing changed, and {} customers were computed", again.computed);
    let requests = again.stripe.and_then(Result::ok).map_or(0, |report| report.requests);
    ensure!(requests < 10, "{requests} requests for nothing new");
    app.end().await;
    drop(app);
    reopened(folder.path().join("profile")).await
}

/// The stores open again with the keys in the keychain, and nothing was lost.
async fn reopened(folder: std::path::PathBuf) -> Result<()> {
    let app = App::start(Opening { folder: Some(folder) }).await;
    let record = countersign_app::record::record(&app).await.map_err(told)?;
    ensure!(record.environments.contains_key(&demo::ENVIRONMENT.into()), "the environment is gone");
    app.end().await;
    Ok(())
}
