//! The first start of all: what the program is, and the two ways to begin.

use anyhow::{Result, ensure};
use support::window::Window;

/// An empty profile leads to the welcome, which offers both ways; the first leads on.
pub async fn welcomed(window: &Window) -> Result<()> {
    window.until("the welcome", "location.hash === '#/setup/welcome'").await?;
    ensure!(window.element("setup-start").await?.text().await? == "Set up");
    ensure!(window.element("demo-start").await?.text().await? == "Try the demo company");
    ensure!(window.text("[data-testid=banner]").await?.contains("NO ENVIRONMENT"));
    window.element("setup-start").await?.click().await?;
    window.until("the next step", "location.hash.startsWith('#/setup/') && !location.hash.endsWith('/welcome')").await
}
