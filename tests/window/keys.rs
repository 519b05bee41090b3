//! Every way around that a keyboard has.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use support::window::Window;

/// Letters, search, palette, shortcut sheet, and a list walked with the arrows.
pub async fn lead_everywhere(window: &Window) -> Result<()> {
    window.go("/overview").await?;
    window.type_text("gr").await?;
    on_screen(window, "revenue").await?;
    window.press(&['/']).await?;
    ensure!(focus(window).await? == "search", "/ leads to {}", focus(window).await?);
    window.key(Key::Escape).await?;
    window.press(&[Key::Control.into(), 'k']).await?;
    window.element("palette").await?;
    ensure!(focus(window).await? == "pick-input", "the palette does not take the keyboard");
    closes(window, "palette").await?;
    window.press(&[Key::Shift.into(), '?']).await?;
    window.element("shortcuts").await?;
    closes(window, "shortcuts").await?;
    window.type_text("gc").await?;
    on_screen(window, "customers").await?;
    window.element("customers-row").await?;
    window.key(Key::Down).await?;
    window.key(Key::Enter).await?;
    window.until("a customer", "location.hash.startsWith('#/customers/cus_')").await?;
    window.element("sentence").await?;
    window.key(Key::Escape).await?;
    window.until("the list again", "location.hash === '#/customers'").await
}

/// Does one of the palette's commands.
pub async fn command(window: &Window, name: &str) -> Result<()> {
    window.press(&[Key::Control.into(), 'k']).await?;
    window.element("palette").await?;
    window.type_text(name).await?;
    window.key(Key::Enter).await?;
    window.until("the palette gone", "document.querySelector('[data-testid=palette]') === null").await
}

/// Waits until a screen is shown.
pub async fn on_screen(window: &Window, word: &str) -> Result<()> {
    window.until(word, &format!("document.querySelector('main').dataset.screen === '{word}'")).await
}

async fn closes(window: &Window, id: &str) -> Result<()> {
    window.key(Key::Escape).await?;
    window.until("closed by Escape", &format!("document.querySelector('[data-testid={id}]') === null")).await
}

async fn focus(window: &Window) -> Result<String> {
    let id = window.page.execute("return document.activeElement?.dataset.testid ?? ''", vec![]).await?;
    Ok(id.as_str().unwrap_or_default().to_owned())
}
