//! The real window, driven over WebDriver in a session and on a display of its own.
//!
//! Two windows are enough: one on an empty profile, one on the invented company. The stories of a window come one after
//! another, each from where the one before left it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod figures;
mod first_run;
mod hostile;
mod keys;
mod looks;
mod policy;
mod rollout;

use anyhow::{Context as _, Result};
use support::session::{Place, enter};
use support::window::Window;

/// Customers of the invented company here: enough for every list to scroll.
const CUSTOMERS: &str = "200";

#[test]
fn an_empty_profile_is_welcomed_and_the_page_is_shut_in() {
    if enter("an_empty_profile_is_welcomed_and_the_page_is_shut_in") == Place::Inside {
        run(&[], async |window| {
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
        run(&["demo", "--customers", CUSTOMERS], async |window| {
            figures::agree(window).await.context("figures")?;
            keys::lead_everywhere(window).await.context("keys")?;
            looks::every_screen(window).await.context("looks")?;
            hostile::names_are_text(window).await.context("names")?;
            rollout::checked_and_signed(window).await.context("rollout")
        });
    }
}

/// Opens a window on a new profile and tells the stories.
fn run(arguments: &[&str], stories: impl AsyncFnOnce(&Window) -> Result<()>) {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile");
    let arguments = [&["--data-dir", profile.to_str().unwrap()], arguments].concat();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let told: Result<()> = runtime.block_on(async {
        let window = Window::open(&arguments).await?;
        let told = stories(&window).await;
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
