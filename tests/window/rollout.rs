//! The program's main job from its beginning to the signature, by keyboard alone.

use anyhow::{Result, ensure};
use countersign_app::demo;
use fantoccini::key::Key;
use serde_json::json;
use support::window::Window;

use crate::{figures, keys};

/// The checklist of the rollout, among those to choose from.
const CHECKLIST: &str = "template-devflowhub-rollout";

/// A rollout is started, checked, confirmed by hand, signed, and found whole in the ledger.
pub async fn checked_and_signed(window: &Window) -> Result<()> {
    started(window).await?;
    checked(window).await?;
    confirmed(window).await?;
    let entry = signed(window).await?;
    verified(window, entry).await
}

async fn started(window: &Window) -> Result<()> {
    keys::command(window, "New run").await?;
    window.element(CHECKLIST).await?;
    let checked = "return document.querySelector('[name=template]:checked').dataset.testid";
    let first = window.page.execute(checked, vec![]).await?;
    window.tab_to(first.as_str().unwrap_or_default()).await?;
    for _ in 0..10 {
        if window.page.execute(checked, vec![]).await? == CHECKLIST {
            break;
        }
        window.key(Key::Down).await?;
    }
    ensure!(window.page.execute(checked, vec![]).await? == CHECKLIST, "the arrows do not lead to the checklist");
    window.tab_to("run-release").await?;
    window.type_text("v2.0.0").await?;
    window.key(Key::Enter).await?;
    window.until("the run", "location.hash.startsWith('#/checklists/runs/')").await?;
    window.element("items").await?;
    let head = window.text("main").await?;
    ensure!(head.contains("v2.0.0") && head.contains("DevFlowHub"), "{head}");
    Ok(())
}

/// Every check is made; a line that a check verified carries its evidence and cannot be confirmed by hand.
async fn checked(window: &Window) -> Result<()> {
    window.element("items").await?;
    window.press(&[Key::Shift.into(), 'R']).await?;
    window.element("state-verified").await?;
    figures::quiet(window).await?;
    window.tab_to("state-verified").await?;
    window.key(Key::Enter).await?;
    window.press(&['j']).await?;
    window.key(Key::Down).await?;
    window.element("result").await?;
    let seen = window.text("[data-testid=result]").await?;
    ensure!(seen.contains("Expected") && seen.contains("Found"), "{seen}");
    window.element("evidence").await?;
    window.element("act-check").await?;
    let usable = "return document.querySelector('[data-testid=act-confirm]:not([aria-disabled])') !== null";
    ensure!(window.page.execute(usable, vec![]).await? == json!(false), "a check's line can be confirmed by hand");
    window.press(&['x']).await?;
    let told = "[...document.querySelectorAll('[data-testid=toast]')].some((one) => one.innerText.includes('There is nothing left to confirm'))";
    window.until("the reason why not", told).await?;
    let asks = "return document.querySelector('[data-testid=ask]') !== null";
    ensure!(window.page.execute(asks, vec![]).await? == json!(false), "x asks for a confirmation of a check's line");
    window.key(Key::Escape).await
}

/// A line that only a person can judge is confirmed with a note.
async fn confirmed(window: &Window) -> Result<()> {
    window.tab_to("state-open").await?;
    window.key(Key::Enter).await?;
    window.press(&['j']).await?;
    let item = confirmable(window).await?;
    window.press(&['x']).await?;
    window.element("ask").await?;
    window.tab_to("ask-text").await?;
    window.type_text("seen with my own eyes").await?;
    window.tab_to("ask-submit").await?;
    window.key(Key::Enter).await?;
    window.until("the dialog gone", "document.querySelector('[data-testid=ask]') === null").await?;
    window.until("confirmed", "document.querySelector('[data-item-pane]').innerText.includes('Confirmed')").await?;
    let pane = window.text("[data-item-pane]").await?;
    ensure!(pane.contains("seen with my own eyes"), "{item} keeps no note: {pane}");
    Ok(())
}

/// Walks down the list to a line that a person may confirm.
async fn confirmable(window: &Window) -> Result<String> {
    for _ in 0..40 {
        window.key(Key::Down).await?;
        window.until("the acts", "document.querySelector('[data-item-pane] [data-testid=act-note]') !== null").await?;
        let script = "return document.querySelector('[data-testid=act-confirm]:not([aria-disabled])') && location.hash";
        if let Some(place) = window.page.execute(script, vec![]).await?.as_str() {
            return Ok(place.to_owned());
        }
    }
    anyhow::bail!("no open line can be confirmed by hand")
}

/// The demo's operator signs; the ledger entry is named.
async fn signed(window: &Window) -> Result<u64> {
    window.tab_to("to-sign").await?;
    window.key(Key::Enter).await?;
    window.element("statement").await?;
    window.tab_to("sign-passphrase").await?;
    window.type_text(demo::PASSPHRASE).await?;
    window.key(Key::Enter).await?;
    let entry = window.text("[data-testid=signed-seq]").await?;
    Ok(entry.parse()?)
}

async fn verified(window: &Window, entry: u64) -> Result<()> {
    window.type_text("gl").await?;
    keys::on_screen(window, "audit").await?;
    window.tab_to("verify").await?;
    window.key(Key::Enter).await?;
    // What was verified when the program started says nothing about this entry.
    let verified = format!(
        "(() => {{ const chain = document.querySelector('[data-testid=chain]'); \
         const [, count] = chain.innerText.match(/([\\d,]+) entr(?:y|ies), verified/) ?? []; \
         return chain.dataset.word === 'whole' && Number(count?.replaceAll(',', '')) >= {entry}; }})()"
    );
    window.until("a chain that is whole up to the signature", &verified).await
}
