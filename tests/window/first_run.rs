//! The first start of all: what the program is, and the two ways to begin.

use anyhow::{Result, ensure};
use support::window::Window;

/// An empty profile leads to the welcome, which offers both ways; the first leads on.
pub async fn welcomed(window: &Window) -> Result<()> {
    window.until("the welcome", "location.hash === '#/setup/welcome'").await?;
    for (way, says) in [("setup-start", "Set up"), ("demo-start", "Try the demo company")] {
        let said = window.text(&format!("[data-testid={way}]")).await?;
        ensure!(said == says, "{way} says {said:?}");
    }
    ensure!(window.text("[data-testid=banner]").await?.contains("NO ENVIRONMENT"));
    window.element("setup-start").await?.click().await?;
    window.until("the next step", "location.hash.startsWith('#/setup/') && !location.hash.endsWith('/welcome')").await
}
