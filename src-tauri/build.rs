//! Builds the window package: embeds the page and declares every command the page may call.

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let page = std::path::Path::new("ui/dist");
    if !page.exists() {
        // A tree without a built page must still compile; the window then says how to build it.
        std::fs::create_dir_all(page).context("making ui/dist")?;
        std::fs::write(
            page.join("index.html"),
            "The page is not built: run `cargo xtask demo` or `npm run build` in ui/.",
        )
        .context("writing the stand-in page")?;
    }
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*")),
    )
    .context("declaring commands and embedding the page")
}
