//! The figures of the invented company as a person sees them.

use anyhow::{Result, ensure};
use support::window::Window;

/// The company is read while the window is open; then the same recurring revenue stands on both screens.
pub async fn agree(window: &Window) -> Result<()> {
    ensure!(window.text("[data-testid=banner]").await?.contains("DEMO"), "the banner does not say that it is a demo");
    window.until("the run of the demo", "document.querySelector('[data-testid=run-card]') !== null").await?;
    quiet(window).await?;
    let tile = window.text("[data-testid='tile-metric.mrr'] .value").await?;
    ensure!(tile.contains(|c: char| ('1'..='9').contains(&c)), "recurring revenue is {tile:?}");
    window.go("/revenue").await?;
    let figure = window.text("[data-testid='figure-metric.mrr'] .value").await?;
    ensure!(tile == figure, "{tile:?} on Overview, {figure:?} on Revenue");
    Ok(())
}

/// Waits until no job is running and every question on screen is answered.
pub async fn quiet(window: &Window) -> Result<()> {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while std::time::Instant::now() < deadline {
        let frame = window.call("frame", serde_json::json!({ "request": {} })).await?;
        let jobs = frame.as_ref().ok().and_then(|frame| frame["jobs"].as_array());
        if jobs.is_some_and(|jobs| jobs.iter().all(|job| job["state"]["word"] != "running")) {
            return window.until("every answer", "document.querySelector('[data-testid=loading]') === null").await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    anyhow::bail!("a job is still running")
}
