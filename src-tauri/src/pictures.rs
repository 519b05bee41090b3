//! Pictures of the real window, one per screen and theme: for people without a display, and for the README.
//!
//! The page is told what to show and says when it shows it; then the web view itself draws the picture.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use countersign_app::{App, tour};
use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _, WebviewWindow};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::window::Painted;

/// How long a screen may take until it shows its figures.
const SHOW_LIMIT: Duration = Duration::from_secs(20);

/// Where pictures go, and how often the page has said that it shows what it should.
pub struct Pictures {
    folder: Option<PathBuf>,
    shown: watch::Sender<u64>,
}

impl Pictures {
    /// Names the folder; without one nothing is taken.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, shown: watch::Sender::new(0) }
    }

    /// Hears from the page.
    pub fn hear(&self) {
        if *self.shown.borrow() == 0 {
            tracing::info!("the first screen shows its figures");
        }
        self.shown.send_modify(|times| *times += 1);
    }
}

/// What the page is told.
#[derive(Debug, Clone, Serialize)]
struct Show<'a> {
    route: &'a str,
    theme: &'a str,
}

/// Waits for the work that fills the screens, takes every picture, then closes the window.
pub async fn take_all(handle: AppHandle, work: Option<JoinHandle<()>>) {
    let (folder, mut shown) = {
        let pictures = handle.state::<Pictures>();
        let Some(folder) = pictures.folder.clone() else { return };
        (folder, pictures.shown.subscribe())
    };
    if let Some(work) = work {
        // Work that failed is on the screens, so there is something to show in either case.
        let _done = work.await;
    }
    let code = match take(&handle, &folder, &mut shown).await {
        Ok(()) => 0,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "no pictures");
            1
        }
    };
    handle.exit(code);
}

async fn take(handle: &AppHandle, folder: &std::path::Path, shown: &mut watch::Receiver<u64>) -> Result<()> {
    let app = handle.state::<App>().inner().clone();
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let window = handle.get_webview_window("main").context("there is no window")?;
    tokio::time::timeout(SHOW_LIMIT, handle.state::<Painted>().heard()).await.context("the page did not come up")?;
    tokio::time::timeout(SHOW_LIMIT, shown.wait_for(|times| *times > 0))
        .await
        .context("the first screen stays empty")??;
    for theme in ["light", "dark"] {
        for stop in tour::stops(&app).await.map_err(|failure| anyhow!("{} {}", failure.what, failure.why))? {
            shown.mark_unchanged();
            handle.emit("show", Show { route: &stop.route, theme })?;
            tokio::time::timeout(SHOW_LIMIT, shown.changed())
                .await
                .with_context(|| format!("{} did not show within {} s", stop.route, SHOW_LIMIT.as_secs()))??;
            let file = folder.join(format!("{}-{theme}.png", stop.name));
            picture(&window, file).await.with_context(|| format!("taking {}", stop.name))?;
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
async fn picture(window: &WebviewWindow, file: PathBuf) -> Result<()> {
    use webkit2gtk::{SnapshotOptions, SnapshotRegion, WebViewExt as _};

    let (send, receive) = tokio::sync::oneshot::channel();
    window.with_webview(move |view| {
        let none = None::<&gio::Cancellable>;
        view.inner().snapshot(SnapshotRegion::Visible, SnapshotOptions::NONE, none, move |surface| {
            let _nobody_waits =
                send.send(surface.map_err(anyhow::Error::from).and_then(|surface| write(surface, &file)));
        });
    })?;
    receive.await.context("the web view gave no picture")?
}

#[cfg(target_os = "linux")]
fn write(surface: cairo::Surface, file: &std::path::Path) -> Result<()> {
    let image = cairo::ImageSurface::try_from(surface).map_err(|_| anyhow::anyhow!("the picture is not an image"))?;
    let mut out = std::fs::File::create(file)?;
    image.write_to_png(&mut out).context("writing the picture")
}

#[cfg(not(target_os = "linux"))]
async fn picture(_window: &WebviewWindow, _file: PathBuf) -> Result<()> {
    anyhow::bail!("pictures are taken on Linux only")
}
