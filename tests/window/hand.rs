//! What a hand on the keyboard does, over and over: go somewhere, fill a field in, pick from a list, see what came of it.

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};
use support::window::Window;

/// Most presses of an arrow a list of choices needs.
const ARROWS_MAX: usize = 20;

/// Goes to a button with Tab and presses it.
pub async fn push(window: &Window, id: &str) -> Result<()> {
    window.tab_to(id).await?;
    window.key(Key::Enter).await
}

/// Goes to a field with Tab and leaves this text in it.
pub async fn fill(window: &Window, id: &str, text: &str) -> Result<()> {
    window.tab_to(id).await?;
    window.press(&[Key::Control.into(), 'a']).await?;
    window.type_text(text).await
}

/// Presses an arrow until a script answers `true`: in a list of choices, along tabs, down a list.
pub async fn arrow_until(window: &Window, arrow: Key, what: &str, script: &str) -> Result<()> {
    for _ in 0..ARROWS_MAX {
        if window.page.execute(&format!("return {script}"), vec![]).await? == Value::Bool(true) {
            return Ok(());
        }
        window.key(arrow).await?;
    }
    anyhow::bail!("{what} was not reached with {ARROWS_MAX} presses of an arrow")
}

/// Ticks a box that the keyboard is led to.
pub async fn tick(window: &Window, id: &str) -> Result<()> {
    window.tab_to(id).await?;
    window.press(&[' ']).await?;
    window.until(id, &format!("document.querySelector('[data-testid={id}]').checked")).await
}

/// Waits until a dialog or a page is gone.
pub async fn gone(window: &Window, id: &str) -> Result<()> {
    window.until(&format!("{id} gone"), &format!("document.querySelector('[data-testid={id}]') === null")).await
}

/// Waits until an element says something.
pub async fn says(window: &Window, selector: &str, text: &str) -> Result<()> {
    let script = format!("(document.querySelector({})?.innerText ?? '').includes({})", json!(selector), json!(text));
    let waited = window.until(text, &script).await;
    if waited.is_err() {
        let said = window.page.execute("return document.querySelector(arguments[0])?.innerText", vec![json!(selector)]);
        waited.with_context(|| format!("{selector} does not say {text:?}")).context(said.await?.to_string())?;
    }
    Ok(())
}

/// Waits until one of the short remarks at the edge says something.
pub async fn told(window: &Window, text: &str) -> Result<()> {
    let remarks = "[...document.querySelectorAll('[data-testid=toast]')]";
    window.until(text, &format!("{remarks}.some((one) => one.innerText.includes({}))", json!(text))).await
}

/// Opens a line of the run that is on screen, by its text, and gives the keyboard to it.
pub async fn open_line(window: &Window, text: &str) -> Result<()> {
    window.press(&['1']).await?;
    window.element("items").await?;
    window.press(&['j']).await?;
    window.key(Key::Home).await?;
    let here = format!(
        "(document.querySelector('[data-testid=item][aria-selected=true]')?.innerText ?? '').includes({})",
        json!(text)
    );
    arrow_until(window, Key::Down, text, &here).await?;
    says(window, "[data-item-pane]", text).await?;
    window.until("its acts", "document.querySelector('[data-item-pane] [data-testid=act-note]') !== null").await
}

/// Confirms the line that is open, with a note.
pub async fn confirm(window: &Window, note: &str) -> Result<()> {
    window.press(&['x']).await?;
    window.element("ask").await?;
    fill(window, "ask-text", note).await?;
    push(window, "ask-submit").await?;
    gone(window, "ask").await?;
    says(window, "[data-item-pane]", "Confirmed").await
}

/// Gives a text of the page that has to be there.
pub async fn read(window: &Window, id: &str) -> Result<String> {
    let text = window.text(&format!("[data-testid={id}]")).await?;
    ensure!(!text.is_empty(), "{id} says nothing");
    Ok(text)
}
