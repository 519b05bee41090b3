//! A whole rollout in the real window, by keyboard: a list is imported and reviewed, the release proved on staging, taken to
//! production through gates that hold first, signed by nine people of whom three work on another computer, rolled back,
//! and exported as a pack that is verified without the program.
//!
//! The other computer is a profile of its own, worked with on the terminal. Nothing passes between the two but files.

mod course;
mod people;
mod proof;
mod signatures;

use std::path::Path;

use anyhow::{Context as _, Result};
use support::window::Window;

/// The release that is rolled out.
const RELEASE: &str = "v3.0.0";
/// The passphrase of everybody but the demo's own operator.
const PASSPHRASE: &str = "a passphrase of the tests";

/// The story, from a text to a proof.
pub async fn rolled_out(window: &Window, folder: &Path) -> Result<()> {
    course::imported(window, folder).await.context("import")?;
    course::phased(window).await.context("phases")?;
    let laptop = people::met(window, folder).await.context("people")?;
    people::staging_connected(window).await.context("staging environment")?;
    course::proved_on_staging(window).await.context("staging run")?;
    course::began(window, "demo").await.context("production run")?;
    course::failed_and_mended(window).await.context("a failing line")?;
    course::held_and_opened(window, folder).await.context("the first gate")?;
    course::exposed(window).await.context("the first users")?;
    course::passed(window).await.context("the second gate")?;
    course::overridden(window).await.context("the third gate")?;
    signatures::nine(window, folder, &laptop).await.context("signatures")?;
    course::rolled_back(window).await.context("rollback")?;
    let pack = course::exported(window, folder).await.context("export")?;
    proof::holds(&pack).context("the pack as it is")?;
    proof::names_each_attack(&pack).context("the pack under attack")
}
