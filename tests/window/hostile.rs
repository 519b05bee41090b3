//! Customers whose names are meant to break programs: they are text, whatever is done with them.

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};
use support::window::Window;

use crate::looks;

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
    address_revealed(window).await?;
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
    // From wherever the keyboard is: into the list, then to its only row.
    window.press(&['j']).await?;
    window.key(Key::Down).await?;
    window.press(&['u']).await?;
    reason(window).await?;
    window.until("the name", "document.querySelector('.masked.shown') !== null").await?;
    ensure!(shown(window).await?.contains(name), "{} in the list", shown(window).await?);
    window.press(&['j']).await?;
    window.key(Key::Enter).await?;
    window.element("identity").await?;
    ensure!(window.text("[data-testid=identity]").await?.contains(name), "{} on the page", shown(window).await?);
    Ok(())
}

/// An address that somebody asked to see is found in the page, so one that nobody asked for would be, too.
async fn address_revealed(window: &Window) -> Result<()> {
    window.page.execute("document.querySelector('[aria-label=\"Reveal e-mail\"]').click()", vec![]).await?;
    reason(window).await?;
    window.until("the address", "document.querySelector('[aria-label=\"Hide e-mail\"]') !== null").await?;
    let found = window.page.execute(looks::ADDRESSES, vec![]).await?;
    ensure!(found.as_array().is_some_and(|all| !all.is_empty()), "an address on the page is not found");
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
