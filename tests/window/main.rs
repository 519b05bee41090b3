//! The real window, driven over WebDriver in a session and on a display of its own.
//!
//! Three windows are enough: one on an empty profile, two on the invented company. The stories of a window come one after
//! another, each from where the one before left it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod editing;
mod figures;
mod first_run;
mod hand;
mod hostile;
mod keys;
mod looks;
mod policy;
mod release;
mod rollout;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use support::session::{Place, enter};
use support::window::Window;

/// Customers of the invented company here: enough for every list to scroll.
const CUSTOMERS: &str = "200";

#[test]
fn an_empty_profile_is_welcomed_and_the_page_is_shut_in() {
    if enter("an_empty_profile_is_welcomed_and_the_page_is_shut_in") == Place::Inside {
        run(&[], async |window, _| {
            first_run::welcomed(window).await.context("first run")?;
            policy::commands_refused(window).await.context("commands")?;
            policy::scripts_refused(window).await.context("scripts")?;
            policy::ways_out_refused(window).await.context("ways out")
        });
    }
}

#[test]
fn the_invented_company_is_shown_checked_and_signed_for() {
    if enter("the_invented_company_is_shown_checked_and_signed_for") == Place::Inside {
        run(&["demo", "--customers", CUSTOMERS], async |window, _| {
            figures::agree(window).await.context("figures")?;
            keys::lead_everywhere(window).await.context("keys")?;
            looks::every_screen(window).await.context("looks")?;
            hostile::names_are_text(window).await.context("names")?;
            editing::kept_as_a_copy(window).await.context("editing")?;
            rollout::checked_and_signed(window).await.context("rollout")
        });
    }
}

#[test]
fn a_release_is_rolled_out_signed_rolled_back_and_proved_by_keyboard() {
    if enter("a_release_is_rolled_out_signed_rolled_back_and_proved_by_keyboard") == Place::Inside {
        run(&["demo", "--customers", CUSTOMERS], async |window, folder| {
            figures::quiet(window).await?;
            release::rolled_out(window, folder).await
        });
    }
}

/// Opens a window on a new profile and tells the stories, with a folder for their files.
fn run(arguments: &[&str], stories: impl AsyncFnOnce(&Window, &Path) -> Result<()>) {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile");
    let arguments = [&["--data-dir", profile.to_str().unwrap()], arguments].concat();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let told: Result<()> = runtime.block_on(async {
        let window = Window::open(&arguments).await?;
        let told = stories(&window, folder.path()).await;
        let told = told.and_then(|()| complaints(&profile));
        if told.is_err() {
            // What the window showed then; the folder is what CI keeps of a failed run.
            let picture = std::env::temp_dir().join("countersign-window-test.png");
            let _no_picture = window.picture(&picture).await;
        }
        window.close().await?;
        told
    });
    told.unwrap();
}

/// Looks into the log for what the page complained about: scripts that failed while nobody looked.
fn complaints(profile: &Path) -> Result<()> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(profile.join("log"))? {
        let text = std::fs::read_to_string(file?.path())?;
        // What the stories of the policy provoke is not the page's own.
        let own = text.lines().filter(|line| line.contains("the page complains") && !line.contains("Content Security"));
        found.extend(own.map(str::to_owned));
    }
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}
