//! What only a window can do for its page: choose files, open a link, fill the clipboard, say that it has painted.
//!
//! No path and no address crosses the bridge: a chosen file is a handle, a link is a kind and an id, and both become what
//! they are on this side.

use countersign_app::domain::failure::Failure;
use countersign_app::{App, files, links};
use serde::Serialize;
use tauri::{AppHandle, State};
use tauri_plugin_clipboard_manager::ClipboardExt as _;
use tauri_plugin_opener::OpenerExt as _;

use crate::pictures::Pictures;
use crate::window::Painted;

/// A file somebody chose.
#[derive(Debug, Clone, Serialize)]
pub struct Chosen {
    handle: String,
    name: String,
}

/// Lets the person choose a file to read.
#[tauri::command]
pub async fn pick_open(app: State<'_, App>, kinds: Vec<String>) -> Result<Option<Chosen>, Failure> {
    let endings: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let dialog = rfd::AsyncFileDialog::new().add_filter("Files", &endings);
    let Some(file) = dialog.pick_file().await else { return Ok(None) };
    Ok(Some(chosen(app.files().keep_for_reading(file.path()))))
}

/// Lets the person choose where to write.
#[tauri::command]
pub async fn pick_save(app: State<'_, App>, name: String) -> Result<Option<Chosen>, Failure> {
    let dialog = rfd::AsyncFileDialog::new().set_file_name(files::safe_name(&name));
    let Some(file) = dialog.save_file().await else { return Ok(None) };
    Ok(Some(chosen(app.files().keep_for_writing(file.path()))))
}

/// Lets the person choose a folder to write to.
#[tauri::command]
pub async fn pick_folder(app: State<'_, App>) -> Result<Option<Chosen>, Failure> {
    let Some(folder) = rfd::AsyncFileDialog::new().pick_folder().await else { return Ok(None) };
    Ok(Some(chosen(app.files().keep_for_writing(folder.path()))))
}

pub fn chosen(kept: files::Kept) -> Chosen {
    Chosen { handle: kept.handle, name: kept.name }
}

/// Reads a chosen text file.
#[tauri::command]
pub async fn read_text(app: State<'_, App>, handle: String) -> Result<String, Failure> {
    app.files().read_text(&handle).await
}

/// Opens a page about a record in the person's browser.
#[tauri::command]
pub async fn open_link(handle: AppHandle, app: State<'_, App>, kind: String, id: String) -> Result<(), Failure> {
    let address = links::address(&app, &kind, &id).await?;
    handle.opener().open_url(address, None::<&str>).map_err(|error| links::not_opened(&error.to_string()))
}

/// Fills the clipboard; sensitive text is taken out again after a minute, if it is still there.
#[tauri::command]
pub async fn copy_text(handle: AppHandle, text: String, is_sensitive: bool) -> Result<(), Failure> {
    handle.clipboard().write_text(text.clone()).map_err(|error| links::not_copied(&error.to_string()))?;
    if is_sensitive {
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(links::SENSITIVE_FOR).await;
            if handle.clipboard().read_text().is_ok_and(|now| now == text) {
                let _already_gone = handle.clipboard().clear();
            }
        });
    }
    Ok(())
}

/// Hears that the page has painted its first frame.
#[tauri::command]
pub fn painted(painted: State<'_, Painted>) {
    painted.hear();
}

/// Hears that the page shows what it was told to show.
#[tauri::command]
pub fn shown(pictures: State<'_, Pictures>) {
    pictures.hear();
}

/// Takes a complaint of the page into the log: scripts that failed, rules of the content policy that were hit.
#[tauri::command]
pub fn report(message: String) {
    let said: String = message.chars().filter(|c| !c.is_control()).take(400).collect();
    tracing::warn!(component = "page", said, "the page complains");
}

/// Opens the invented company in a window of its own and leaves this one.
#[tauri::command]
pub async fn start_demo(handle: AppHandle) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(|error| links::not_opened(&error.to_string()))?;
    std::process::Command::new(program).arg("demo").spawn().map_err(|error| links::not_opened(&error.to_string()))?;
    handle.exit(0);
    Ok(())
}
