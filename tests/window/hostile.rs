//! Customers whose names are meant to break programs: they are text, whatever is done with them.

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};
use support::window::Window;


/// What to look for in the list, and the name as it must then stand there: what turns the direction is made visible.
const NAMES: &[(&str, &str)] = &[
    ("onerror", "<img src=x onerror=alert(1)>\"'; DROP TABLE \"User\"; --"),
    ("hyperlink", "=HYPERLINK(\"http://attacker.test\";\"Open\")"),
    ("drawkcab", "\u{fffd}drawkcab\u{fffd} Ltd"),
    ("malley", "O\\'Malley\\n{{7*7}} %s"),
];

/// Reveals each name in the list and on the page.
pub async fn names_are_text(window: &Window) -> Result<()> {
    window.page.execute("window.ran = 0; window.alert = () => { window.ran += 1; };", vec![]).await?;
    for (words, name) in NAMES {
        revealed(window, words, name).await.with_context(|| (*words).to_owned())?;
    }
    let made = "return document.querySelector('img, iframe, object, [onerror]')?.outerHTML ?? null";
    ensure!(window.page.execute(made, vec![]).await? == Value::Null, "an element was made of a name");
    ensure!(window.page.execute("return window.ran", vec![]).await? == json!(0), "a script ran");
    Ok(())
}

async fn revealed(window: &Window, words: &str, name: &str) -> Result<()> {
    window.go("/customers").await?;
    window.go(&format!("/customers?q={words}")).await?;
    let one = "document.querySelectorAll('[data-testid=customers-row]').length === 1";
    window.until("one row", one).await?;
    ensure!(!shown(window).await?.contains(name), "the name is shown before anybody asked");
    window.page.execute("document.querySelector('[role=grid]').focus()", vec![]).await?;
    window.key(Key::Down).await?;
    window.press(&['u']).await?;
    reason(window).await?;
    window.until("the name", "document.querySelector('.masked.shown') !== null").await?;
    ensure!(shown(window).await?.contains(name), "{} in the list", shown(window).await?);
    window.page.execute("document.querySelector('[role=grid]').focus()", vec![]).await?;
    window.key(Key::Enter).await?;
    window.element("identity").await?;
    ensure!(window.text("[data-testid=identity]").await?.contains(name), "{} on the page", shown(window).await?);
    Ok(())
}

/// Gives the reason that a reveal asks for.
async fn reason(window: &Window) -> Result<()> {
    window.element("reveal-reason").await?;
    window.tab_to("reveal-reason").await?;
    window.type_text("T-4182").await?;
    window.key(Key::Enter).await
}

async fn shown(window: &Window) -> Result<String> {
    window.text("main").await
}
