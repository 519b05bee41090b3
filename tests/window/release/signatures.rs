//! Nine people sign the run, group after group; three of them on another computer, by file.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use countersign_app::demo;
use fantoccini::key::Key;
use support::window::Window;

use super::PASSPHRASE;
use super::people::{self, ELSEWHERE, Laptop};
use crate::hand;

/// Every role in the order in which they sign, with who holds it here; nobody does for those of the other computer.
const ROLES: [(&str, Option<&str>); 9] = [
    ("lead_developer", Some("Ana Lopez")),
    ("qa_engineer", None),
    ("devops_engineer", Some("Ana Lopez")),
    ("operations_manager", Some("Dana Demo")),
    ("system_administrator", None),
    ("product_manager", Some("Bo Chen")),
    ("finance_manager", Some("Bo Chen")),
    ("cto_engineering_lead", Some("Cleo Park")),
    ("ceo_authorized_signatory", None),
];

/// All nine sign.
pub async fn nine(window: &Window, folder: &Path, laptop: &Laptop) -> Result<()> {
    window.press(&['1']).await?;
    hand::push(window, "to-sign").await?;
    for (role, by) in ROLES {
        match by {
            Some(name) => here(window, role, name).await,
            None => by_file(window, role, folder, laptop).await,
        }
        .with_context(|| role.to_owned())?;
    }
    let signed =
        "return [...document.querySelectorAll('[data-testid^=slot-run-]')].map(({ dataset }) => dataset.state)";
    let states = window.page.execute(signed, vec![]).await?;
    ensure!(states.as_array().is_some_and(|all| all.len() == 9 && all.iter().all(|one| one == "signed")), "{states}");
    let page = window.text("main").await?;
    let received = page.matches("read from a file").count();
    ensure!(received == ELSEWHERE.len(), "{received} signatures came by file");
    window.key(Key::Escape).await?;
    window.element("items").await.map(drop)
}

/// Somebody of this computer signs.
async fn here(window: &Window, role: &str, name: &str) -> Result<()> {
    people::works(window, name).await?;
    let passphrase = if name == "Dana Demo" { demo::PASSPHRASE } else { PASSPHRASE };
    sign(window, &format!("run-{role}"), passphrase).await
}

/// A request goes out in a file, the other computer answers it, and the signature is read.
async fn by_file(window: &Window, role: &str, folder: &Path, laptop: &Laptop) -> Result<()> {
    let slot = format!("run-{role}");
    choose(window, &slot).await?;
    let request = folder.join(format!("{role}-request.json"));
    people::works(window, "Dana Demo").await?;
    window.press(&[Key::Shift.into(), 'A']).await?;
    window.element("ask-dialog").await?;
    hand::fill(window, "ask-passphrase", demo::PASSPHRASE).await?;
    window.key(Key::Enter).await?;
    window.choose_file(&request).await?;
    window.element("ask-file").await?;
    window.key(Key::Escape).await?;
    hand::gone(window, "ask-dialog").await?;
    let answer = laptop.answer(&request, role)?;
    window.press(&[Key::Shift.into(), 'S']).await?;
    window.choose_file(&answer).await?;
    window.element("take-by").await?;
    hand::push(window, "take-submit").await?;
    hand::gone(window, "take-dialog").await?;
    is_signed(window, &slot).await
}

/// Signs what a slot stands for, with the passphrase of who works here.
pub async fn sign(window: &Window, slot: &str, passphrase: &str) -> Result<()> {
    choose(window, slot).await?;
    window.element("statement").await?;
    hand::fill(window, "sign-passphrase", passphrase).await?;
    window.until("the statement", "!document.querySelector('[data-testid=sign-submit]').ariaDisabled").await?;
    window.key(Key::Enter).await?;
    window.element("signed-seq").await?;
    is_signed(window, slot).await
}

async fn choose(window: &Window, slot: &str) -> Result<()> {
    window.tab_until(&format!("[data-testid=slot-{slot}] > button")).await?;
    window.key(Key::Enter).await
}

async fn is_signed(window: &Window, slot: &str) -> Result<()> {
    let signed = format!("document.querySelector('[data-testid=slot-{slot}]')?.dataset.state === 'signed'");
    window.until(slot, &signed).await
}
