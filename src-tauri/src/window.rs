//! The one window: how it is made, where it may go (nowhere), and what happens when it stays blank.

use std::time::Duration;

use anyhow::Context as _;
use countersign_app::App;
use countersign_cli::Opening;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, WebviewUrl, WebviewWindowBuilder};
use tokio::sync::watch;

use crate::pictures::Pictures;
use crate::{commands, drag, live, pictures};

/// The page must have painted by then, or the person is told where to look.
const PAINT_LIMIT: Duration = Duration::from_secs(8);
/// Size of a first window. **Units**: CSS pixels.
const SIZE: (f64, f64) = (1_440.0, 900.0);
/// Smallest window in which every screen still works. **Units**: CSS pixels.
const SIZE_MIN: (f64, f64) = (1_024.0, 700.0);

/// Whether the page has painted.
pub struct Painted(watch::Sender<bool>);

impl Painted {
    /// Remembers that it has.
    pub fn hear(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it has.
    pub async fn heard(&self) {
        let mut painted = self.0.subscribe();
        // The sender lives as long as this, so waiting cannot fail.
        let _painted = painted.wait_for(|painted| *painted).await;
    }
}

/// Gives the program's embedded page and configuration.
#[must_use]
pub fn context() -> tauri::Context {
    tauri::generate_context!()
}

/// Whether a test drives the page. A released program cannot be driven, whatever its environment says.
#[must_use]
pub fn is_driven() -> bool {
    cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some()
}

/// Opens the window and works until it is closed.
///
/// **Errors**: no display, or the web view cannot be made.
pub fn run(opening: Opening) -> anyhow::Result<()> {
    let app = opening.app;
    let runtime = opening.runtime;
    tauri::async_runtime::set(runtime.handle().clone());
    let shots = Pictures::new(opening.screenshots);
    let work = opening.work;
    let running = app.clone();
    let mut builder = tauri::Builder::default();
    if opening.is_own {
        builder = builder.plugin(tauri_plugin_single_instance::init(|handle, _arguments, _folder| raise(handle)));
    }
    let builder = builder
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(tauri_plugin_clipboard_manager::init())
        .manage(app)
        .manage(Painted(watch::Sender::new(false)))
        .manage(shots)
        .invoke_handler(commands::answering())
        .on_window_event(drag::hear)
        .setup(|tauri| {
            make(tauri.handle())?;
            let handle = tauri.handle().clone();
            tauri::async_runtime::spawn(live::tell(handle.clone(), handle.state::<App>().inner().clone()));
            tauri::async_runtime::spawn(watch_paint(handle.clone()));
            tauri::async_runtime::spawn(pictures::take_all(handle, work));
            Ok(())
        });
    let window = builder.build(context()).context("opening the window")?;
    window.run(move |_handle, event| {
        if let tauri::RunEvent::Exit = event {
            runtime.block_on(running.end());
        }
    });
    Ok(())
}

fn make(handle: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(handle, "main", WebviewUrl::default())
        .title("Countersign")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        // A page without memory cannot be driven.
        .incognito(!is_driven())
        .zoom_hotkeys_enabled(true)
        .on_navigation(|address| {
            address.scheme() == "tauri"
                || (cfg!(windows) && address.host_str() == Some("tauri.localhost"))
                || is_workshop(address)
        })
        .on_new_window(|_address, _features| NewWindowResponse::Deny)
        .on_download(|_webview, _event| false)
        .build()
        .map(drop)
}

/// Whether the address is the development server of the page. A released program has none.
fn is_workshop(address: &tauri::Url) -> bool {
    cfg!(not(feature = "custom-protocol")) && address.host_str() == Some("localhost")
}

fn raise(handle: &AppHandle) {
    if let Some(window) = handle.get_webview_window("main") {
        let _not_minimised = window.unminimize();
        let _refused = window.set_focus();
    }
}

async fn watch_paint(handle: AppHandle) {
    if tokio::time::timeout(PAINT_LIMIT, handle.state::<Painted>().heard()).await.is_ok() {
        return;
    }
    tracing::error!(code = "UI_NO_PAINT", "the page painted nothing");
    let app = handle.state::<App>();
    rfd::AsyncMessageDialog::new()
        .set_title("Countersign")
        .set_description(format!(
            "UI_NO_PAINT: the page has not painted anything within {} s. Your data is safe, and every command works in a \
             terminal. Start the program with WEBKIT_DISABLE_DMABUF_RENDERER=1, or look into {}.",
            PAINT_LIMIT.as_secs(),
            app.log_folder().display(),
        ))
        .show()
        .await;
}
