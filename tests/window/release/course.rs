//! The course of the rollout: from the text of the list to the pack, one step of the story per function.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use countersign_app::demo;
use fantoccini::key::Key;
use serde_json::Value;
use support::window::Window;

use super::{PASSPHRASE, RELEASE, people, signatures};
use crate::{figures, hand, keys};

/// The list, as a team would write it.
const MARKDOWN: &str = include_str!("list.md");
/// The choice of it, and the name it has of its own heading.
const CHOICE: &str = "template-billing-release";
/// Lines of the list: three that a check decides, two that a person does.
const CHECKED: [&str; 3] = [
    "Stripe account verified and activated",
    "Webhook endpoints configured for production",
    "Products and prices created in Stripe Dashboard",
];
/// Lines whose suggested check is the right one.
const KEPT: [&str; 4] = [
    "Stripe account verified and activated",
    "Webhook endpoints configured for production",
    "Products and prices created in Stripe Dashboard",
    "Payment processing failures >5%",
];
/// Whether a person is chosen to prove a line.
const PERSON: &str = "document.activeElement.value === 'none'";
const READ: &str = "Support has read the release notes";
const WATCHED: &str = "Support watches the inbox";
const SEEN: &str = "Finance has seen the first invoices";
/// Most suggestions the list can have.
const SUGGESTIONS_MAX: usize = 20;

/// The list is read from a file; every suggested check is looked at, and kept or given to a person; it becomes a template.
pub async fn imported(window: &Window, folder: &Path) -> Result<()> {
    let file = folder.join("release.md");
    std::fs::write(&file, MARKDOWN)?;
    keys::command(window, "Import a checklist").await?;
    hand::push(window, "import-file").await?;
    window.choose_file(&file).await?;
    window.element("import-rows").await?;
    let mut kept = 0;
    for _ in 0..SUGGESTIONS_MAX {
        let left = "return document.querySelector('.suggested select') !== null";
        if window.page.execute(left, vec![]).await? == Value::Bool(false) {
            break;
        }
        window.tab_until(".suggested select").await?;
        let line = "return document.activeElement.closest('[role=row]').innerText";
        let line = window.page.execute(line, vec![]).await?;
        let is_right = KEPT.iter().any(|kept| line.as_str().unwrap_or_default().contains(kept));
        let wanted = if is_right { "!['', 'none'].includes(document.activeElement.value)" } else { PERSON };
        hand::arrow_until(window, Key::Down, "what proves the line", wanted).await?;
        kept += usize::from(is_right);
    }
    ensure!(kept == KEPT.len(), "{kept} suggestions were right");
    hand::push(window, "import-save").await?;
    window.until("the template", "location.hash.startsWith('#/checklists/templates/billing-release')").await?;
    window.element("template-rows").await.map(drop)
}

/// The first users are watched without a soak: the list is edited, and the next version of it is kept.
pub async fn phased(window: &Window) -> Result<()> {
    window.tab_until("a[href$='/edit']").await?;
    window.key(Key::Enter).await?;
    window.element("edit-rows-row").await?;
    window.tab_to("tab-lines").await?;
    window.key(Key::Right).await?;
    window.element("phases-row").await?;
    window.press(&['j']).await?;
    window.key(Key::Home).await?;
    window.key(Key::Down).await?;
    window.key(Key::Enter).await?;
    hand::says(window, "[data-testid=phase-form]", "Soak (hours)").await?;
    hand::fill(window, "phase-soak", "0").await?;
    window.press(&[Key::Control.into(), 's']).await?;
    hand::told(window, "Version 2").await?;
    window.until("the template", "!location.hash.endsWith('/edit')").await?;
    window.tab_until("a[href$='/compare']").await?;
    window.key(Key::Enter).await?;
    hand::says(window, "[data-testid=compare-sum]", "1 phase differs").await?;
    let changes = hand::read(window, "changes").await?;
    ensure!(changes.contains("Soft Launch") && changes.contains("Soak (hours)"), "{changes}");
    Ok(())
}

/// A run is started where the window is.
pub async fn began(window: &Window, environment: &str) -> Result<()> {
    window.press(&[Key::Control.into(), 'e']).await?;
    window.element("palette").await?;
    window.type_text(environment).await?;
    window.key(Key::Enter).await?;
    hand::gone(window, "palette").await?;
    keys::command(window, "New run").await?;
    window.element(CHOICE).await?;
    window.tab_until("[name=template]").await?;
    let chosen = format!("document.querySelector('[name=template]:checked').dataset.testid === '{CHOICE}'");
    hand::arrow_until(window, Key::Down, "the list", &chosen).await?;
    let here = format!("document.querySelector('[data-testid=run-environment]').value === '{environment}'");
    window.until(environment, &here).await?;
    hand::fill(window, "run-release", RELEASE).await?;
    window.key(Key::Enter).await?;
    window.until("the run", "/^#\\/checklists\\/runs\\/[^/]+$/.test(location.hash)").await?;
    window.element("items").await?;
    hand::says(window, "main h1", RELEASE).await
}

/// The release goes through the list on staging first: checked, confirmed, its gate opened, deployed, ended.
pub async fn proved_on_staging(window: &Window) -> Result<()> {
    began(window, "staging").await?;
    checked(window).await?;
    for line in CHECKED {
        hand::open_line(window, line).await?;
        hand::says(window, "[data-item-pane]", "Verified").await.context(line)?;
    }
    hand::open_line(window, READ).await?;
    hand::confirm(window, "on staging").await?;
    card(window).await?;
    signed_and_opened(window).await?;
    window.press(&['6']).await?;
    hand::push(window, "deployed-now").await?;
    hand::push(window, "deployed-submit").await?;
    hand::says(window, "[data-testid=deployment]", "Correct it").await?;
    hand::push(window, "run-end").await?;
    asked(window, "it works", Some("end")).await?;
    hand::says(window, "[data-testid=end]", "it works").await
}

/// Somebody switches the endpoint off; its line fails and cannot be ticked by hand. Switched on and checked again, it holds.
pub async fn failed_and_mended(window: &Window) -> Result<()> {
    let address = people::address(window).await?;
    change(&address, "webhook_endpoint/disable")?;
    checked(window).await?;
    let [_, line, _] = CHECKED;
    hand::open_line(window, line).await?;
    hand::says(window, "[data-item-pane]", "Failed").await?;
    hand::says(window, "[data-testid=result]", "disabled").await?;
    window.press(&['x']).await?;
    hand::told(window, "It can be put right and run again").await?;
    let asks = window.page.execute("return document.querySelector('[data-testid=ask]')", vec![]).await?;
    ensure!(asks.is_null(), "a failed line can be confirmed by hand");
    window.press(&['2']).await?;
    let held = held(window, 0).await?;
    ensure!(held.contains(line), "the gate does not name the failed line: {held}");
    change(&address, "webhook_endpoint/enable")?;
    hand::open_line(window, line).await?;
    window.press(&['r']).await?;
    hand::says(window, "[data-item-pane]", "Verified").await
}

/// The gate of the preparation says what holds it; when all of it is done, it opens.
pub async fn held_and_opened(window: &Window, folder: &Path) -> Result<()> {
    window.press(&['2']).await?;
    let sentences = held(window, 0).await?;
    for sentence in [
        READ,
        "Contact cards to fill in: On-Call Engineer.",
        "Release v3.0.0 passed on staging.",
        "0 of 1 have signed; missing: operations manager.",
    ] {
        ensure!(sentences.contains(sentence), "{sentence:?} is not among what the gate says: {sentences}");
    }
    let notes = folder.join("release-notes.txt");
    std::fs::write(&notes, "Billing, third edition.\n")?;
    hand::open_line(window, READ).await?;
    window.press(&[Key::Shift.into(), 'M']).await?;
    window.choose_file(&notes).await?;
    // It is shown before it is kept, for the release that the run is about.
    hand::says(window, "[data-testid=attach-dialog]", "release-notes.txt").await?;
    hand::push(window, "attach-submit").await?;
    hand::gone(window, "attach-dialog").await?;
    hand::says(window, "[data-item-pane]", "release-notes.txt").await?;
    hand::confirm(window, "in the meeting on Monday").await?;
    card(window).await?;
    signed_and_opened(window).await
}

/// Who answers for the preparation signs it, and what follows is opened.
async fn signed_and_opened(window: &Window) -> Result<()> {
    people::works(window, "Dana Demo").await?;
    hand::push(window, "to-sign").await?;
    signatures::sign(window, "phase-0-operations_manager", demo::PASSPHRASE).await?;
    window.key(Key::Escape).await?;
    window.press(&['2']).await?;
    open(window, 0).await
}

/// Users see the first phase: the head of the run says so, with its lamps.
pub async fn exposed(window: &Window) -> Result<()> {
    hand::says(window, "[data-testid=head-phase]", "10 % of users").await?;
    let lamps = hand::read(window, "head-lamp").await?;
    ensure!(lamps.contains("Payment processing failures"), "{lamps}");
    window.press(&['2']).await?;
    let sentences = held(window, 1).await?;
    for sentence in [WATCHED, "10.00 %, 20 of 200 users", "0 of 1 have signed; missing: operations manager."] {
        ensure!(sentences.contains(sentence), "{sentence:?} is not among what the gate says: {sentences}");
    }
    hand::open_line(window, WATCHED).await?;
    hand::confirm(window, "three people, in shifts").await
}

/// The share of users is counted and right, and the phase is signed: its gate opens, and half of the users follow.
pub async fn passed(window: &Window) -> Result<()> {
    hand::push(window, "to-sign").await?;
    signatures::sign(window, "phase-1-operations_manager", demo::PASSPHRASE).await?;
    window.key(Key::Escape).await?;
    window.press(&['2']).await?;
    open(window, 1).await?;
    hand::says(window, "[data-testid=head-phase]", "50 % of users").await?;
    hand::says(window, "[data-testid=head-soak]", "of 72 h left").await?;
    hand::open_line(window, SEEN).await?;
    hand::confirm(window, "the first twenty").await
}

/// Half of the users are let in and counted, but three days of soak have not passed; two people answer for going on.
pub async fn overridden(window: &Window) -> Result<()> {
    window.press(&['2']).await?;
    let sentences = held(window, 2).await?;
    ensure!(sentences.contains("meant are 50 within"), "{sentences}");
    change(&people::address(window).await?, "exposure/50")?;
    keys::command(window, "Sync now").await?;
    figures::quiet(window).await?;
    window.press(&['r']).await?;
    hand::says(window, "[data-testid=conditions]", "50.00 %, 100 of 200 users").await?;
    let sentences = held(window, 2).await?;
    ensure!(sentences.contains("0 of 72 hours of soak have passed"), "{sentences}");
    for (passphrase, then) in [(demo::PASSPHRASE, "One person asked"), (PASSPHRASE, "Two people overrode this gate")] {
        window.press(&[Key::Shift.into(), 'V']).await?;
        window.element("override-dialog").await?;
        hand::fill(window, "override-reason", "a rehearsal that the whole team knows about").await?;
        hand::fill(window, "override-passphrase", passphrase).await?;
        window.key(Key::Enter).await?;
        hand::gone(window, "override-dialog").await?;
        hand::says(window, "[data-testid=gate-overridden]", then).await?;
    }
    open(window, 2).await?;
    hand::says(window, "[data-testid=head-phase]", "100 % of users").await
}

/// A rollback is begun: its first step is done, and the phase is frozen.
pub async fn rolled_back(window: &Window) -> Result<()> {
    window.press(&['3']).await?;
    hand::push(window, "rollback-start").await?;
    asked(window, "payments fail for some", Some("rollback")).await?;
    hand::says(window, "[data-testid=head-frozen]", "Rollback Steps is under way").await?;
    hand::push(window, "step-done").await?;
    asked(window, "the flag is off", None).await?;
    hand::says(window, "[data-testid=head-frozen]", "1 of 2 steps").await?;
    window.press(&['2']).await?;
    let sentences = held(window, 3).await?;
    ensure!(sentences.contains("Rollback Steps is under way."), "{sentences}");
    let opens = "return document.querySelector('[data-testid=gate-open]:not([aria-disabled])')";
    ensure!(window.page.execute(opens, vec![]).await?.is_null(), "a frozen phase can be opened");
    Ok(())
}

/// The evidence of the run is written to a place of one's choice; gives the folder it is unpacked in.
pub async fn exported(window: &Window, folder: &Path) -> Result<PathBuf> {
    let (archive, pack) = (folder.join("evidence.zip"), folder.join("pack"));
    hand::push(window, "export").await?;
    hand::push(window, "export-pack").await?;
    window.choose_file(&archive).await?;
    hand::told(window, "evidence.zip written").await?;
    let unpacked = std::process::Command::new("python3").args(["-m", "zipfile", "-e"]).args([&archive, &pack]).status();
    ensure!(unpacked?.success(), "the pack is no archive");
    Ok(pack)
}

/// Every check of the run is made, and the answers are on screen.
async fn checked(window: &Window) -> Result<()> {
    window.press(&['1']).await?;
    window.element("items").await?;
    window.press(&[Key::Shift.into(), 'R']).await?;
    window.element("state-verified").await?;
    figures::quiet(window).await
}

/// The one card that the list asks for is filled in.
async fn card(window: &Window) -> Result<()> {
    window.press(&['5']).await?;
    hand::push(window, "contact-edit").await?;
    window.element("card-dialog").await?;
    for (field, text) in [("person", "Ana Lopez"), ("phone", "+1 555 0100"), ("hours", "always")] {
        hand::fill(window, &format!("card-{field}"), text).await?;
    }
    hand::tick(window, "card-tested").await?;
    hand::push(window, "card-submit").await?;
    hand::gone(window, "card-dialog").await
}

/// Answers a question of the program: a text, and a word where it must be deliberate.
async fn asked(window: &Window, text: &str, word: Option<&str>) -> Result<()> {
    window.element("ask").await?;
    hand::fill(window, "ask-text", text).await?;
    if let Some(word) = word {
        hand::fill(window, "ask-word", word).await?;
    }
    hand::push(window, "ask-submit").await?;
    hand::gone(window, "ask").await
}

/// Evaluates the gate that is on screen, which has to hold; gives all it says.
async fn held(window: &Window, phase: u8) -> Result<String> {
    window.until("the gate holds", &stage(phase, "hold")).await?;
    hand::read(window, "conditions").await
}

/// Opens what follows a gate whose conditions all hold, or which was overridden.
async fn open(window: &Window, phase: u8) -> Result<()> {
    window.element("conditions").await?;
    window.press(&['r']).await?;
    window.until("the gate lets through", &stage(phase, "open")).await?;
    window.press(&[Key::Shift.into(), 'O']).await?;
    window.element("gate-open-dialog").await?;
    hand::push(window, "gate-open-submit").await?;
    hand::gone(window, "gate-open-dialog").await?;
    window.until("the gate is passed", &stage(phase, "passed")).await
}

fn stage(phase: u8, state: &str) -> String {
    format!("document.querySelector('[data-testid=stage-{phase}]')?.dataset.state === '{state}'")
}

/// Changes something of the company at its simulator, as somebody would in Stripe's dashboard or with a flag.
fn change(address: &str, word: &str) -> Result<()> {
    let host = address.strip_prefix("http://").context("an address of this computer")?;
    let mut stream = TcpStream::connect(host)?;
    let path = format!("/simulator/{word}");
    write!(stream, "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    ensure!(said.starts_with("HTTP/1.1 200"), "{said}");
    Ok(())
}
