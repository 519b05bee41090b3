//! Who takes part: the people of this computer, those of another one, and the environment that comes before production.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use countersign_app::{clock, demo};
use countersign_demo::{Options, WorldOptions, serve};
use fantoccini::key::Key;
use serde_json::{Value, json};
use support::program::Profile;
use support::window::Window;

use super::PASSPHRASE;
use crate::{hand, keys};

/// Who is added here, with the roles they sign in.
const HERE: [(&str, &[&str]); 3] = [
    ("Ana Lopez", &["lead_developer", "devops_engineer"]),
    ("Bo Chen", &["product_manager", "finance_manager"]),
    ("Cleo Park", &["cto_engineering_lead"]),
];
/// Who works on the other computer.
pub const ELSEWHERE: [(&str, &str); 3] =
    [("Quinn Adler", "qa_engineer"), ("Sam Osei", "system_administrator"), ("Eve Marsh", "ceo_authorized_signatory")];

/// The other computer.
pub struct Laptop {
    profile: Profile,
    folder: PathBuf,
}

impl Laptop {
    /// Answers a request on the terminal; gives the file to send back.
    pub fn answer(&self, asked: &Path, role: &str) -> Result<PathBuf> {
        let answer = self.folder.join(format!("{role}-signature.json"));
        let (from, to, by) = (asked.to_str().context("path")?, answer.to_str().context("path")?, mail(role));
        let shown = self.profile.run(&["run", "sign-show", from, "--operator", &by]);
        ensure!(shown.code == 0 && shown.text.contains("Billing release"), "{shown:?}");
        self.said(&["run", "sign-answer", from, "--operator", &by, "--meaning", "approve", "--out", to])?;
        Ok(answer)
    }

    fn said(&self, words: &[&str]) -> Result<()> {
        let said = self.profile.run_with(PASSPHRASE, &[words, &["--secret-stdin"]].concat());
        ensure!(said.code == 0, "{words:?}: {} {}", said.text, said.complaint);
        Ok(())
    }
}

fn mail(role: &str) -> String {
    format!("{role}@example.com")
}

/// Three people are added here, three on the other computer, whose roster is taken up here.
pub async fn met(window: &Window, folder: &Path) -> Result<Laptop> {
    for (name, roles) in HERE {
        added(window, name, roles).await.with_context(|| name.to_owned())?;
    }
    let laptop = Laptop { profile: Profile::at(folder.join("laptop")), folder: folder.to_owned() };
    for (name, role) in ELSEWHERE {
        laptop.said(&["operator", "add", "--name", name, "--email", &mail(role), "--role", role])?;
    }
    let roster = folder.join("roster.json");
    let by = mail(ELSEWHERE[0].1);
    laptop.said(&["operator", "export", "--operator", &by, "--out", roster.to_str().context("path")?])?;
    keys::command(window, "Work as Dana").await?;
    window.type_text("g,").await?;
    keys::on_screen(window, "settings").await?;
    window.tab_to("tab-environments").await?;
    window.key(Key::Right).await?;
    window.element("operator-row").await?;
    window.press(&[Key::Shift.into(), 'O']).await?;
    window.choose_file(&roster).await?;
    window.element("listed").await?;
    hand::fill(window, "roster-passphrase", demo::PASSPHRASE).await?;
    window.key(Key::Enter).await?;
    hand::gone(window, "roster-in").await?;
    let rows = format!("document.querySelectorAll('[data-testid=operator-row]').length === {}", 1 + 3 + 3);
    window.until("everybody", &rows).await?;
    Ok(laptop)
}

async fn added(window: &Window, name: &str, roles: &[&str]) -> Result<()> {
    keys::command(window, "Add an operator").await?;
    hand::fill(window, "operator-name", name).await?;
    hand::fill(window, "operator-email", &format!("{}@example.com", name.split(' ').next().unwrap_or(name))).await?;
    for role in roles {
        hand::tick(window, &format!("role-{role}")).await?;
    }
    hand::fill(window, "operator-passphrase", PASSPHRASE).await?;
    hand::fill(window, "operator-repeat", PASSPHRASE).await?;
    window.key(Key::Enter).await?;
    window.until("the next step", "location.hash.startsWith('#/setup/environment')").await
}

/// An environment for staging, connected to the company's simulator like a real one.
pub async fn staging_connected(window: &Window) -> Result<()> {
    let url = address(window).await?;
    keys::command(window, "Add an environment").await?;
    window.tab_until("[name=class]").await?;
    let staging = "document.querySelector('[data-testid=class-staging]').checked";
    hand::arrow_until(window, Key::Down, "staging", staging).await?;
    hand::fill(window, "environment-name", "staging").await?;
    window.key(Key::Enter).await?;
    hand::fill(window, "stripe-key", &key().await?).await?;
    window.tab_until("summary").await?;
    window.key(Key::Enter).await?;
    hand::fill(window, "stripe-url", &url).await?;
    window.key(Key::Enter).await?;
    window.until("the permissions", "location.hash.startsWith('#/setup/permissions')").await?;
    window.type_text("g,").await?;
    keys::on_screen(window, "settings").await?;
    hand::fill(window, "webhook-url", "https://app.devflowhub.example/api/billing/webhook").await?;
    window.key(Key::Enter).await?;
    hand::told(window, "Address kept").await
}

/// The address of the simulator, as Settings show it.
pub async fn address(window: &Window) -> Result<String> {
    let answer = window.call("environments", json!({ "request": {} })).await?;
    let environments = answer.map_err(|refused| anyhow::anyhow!("{refused}"))?;
    let all = environments["environments"].as_array().context("no environments")?;
    let own = all.iter().find(|one| one["id"] == demo::ENVIRONMENT).context("no demo")?;
    own["stripe"]["url"].as_str().map(str::to_owned).context("no address")
}

/// The key of the invented company, which is drawn from its seed.
async fn key() -> Result<String> {
    let world = WorldOptions { customers: 1, ..WorldOptions::at(clock::now()) };
    let simulator = serve(Options::of(world), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let key = simulator.keys.full.clone();
    simulator.stop().await;
    Ok(key)
}

/// Who works here now.
pub async fn works(window: &Window, name: &str) -> Result<()> {
    keys::command(window, &format!("Work as {name}")).await?;
    let here = format!("document.querySelector('[data-testid=operator]').ariaLabel.endsWith({})", Value::from(name));
    window.until(name, &here).await
}
