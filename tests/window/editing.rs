//! A template of the program, edited line by line: what is kept is a copy, and the two versions of a copy are compared.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use support::window::Window;

use crate::{hand, keys};

/// A line is changed and kept as a copy; changed again, it is the next version, and the comparison says what is other.
pub async fn kept_as_a_copy(window: &Window) -> Result<()> {
    window.type_text("gh").await?;
    keys::on_screen(window, "checklists").await?;
    window.tab_to("tab-runs").await?;
    window.key(Key::Right).await?;
    window.element("templates-row").await?;
    window.press(&['j']).await?;
    window.key(Key::Home).await?;
    window.key(Key::Enter).await?;
    for (text, then) in [("Account looked at by two", "Version 1"), ("Account looked at by three", "Version 2")] {
        window.element("template-rows").await?;
        window.tab_until("a[href$='/edit']").await?;
        window.key(Key::Enter).await?;
        window.element("edit-rows-row").await?;
        window.press(&['j']).await?;
        window.key(Key::Home).await?;
        window.key(Key::Enter).await?;
        window.element("row-form").await?;
        hand::fill(window, "row-text", text).await?;
        window.press(&[Key::Control.into(), 's']).await?;
        hand::told(window, then).await?;
        window.until("the template", "!location.hash.endsWith('/edit')").await?;
        hand::says(window, "[data-testid=template-rows]", text).await?;
    }
    window.tab_until("a[href$='/compare']").await?;
    window.key(Key::Enter).await?;
    let changes = hand::read(window, "changes").await?;
    ensure!(
        changes.contains("Account looked at by two") && changes.contains("Account looked at by three"),
        "{changes}"
    );
    Ok(())
}
