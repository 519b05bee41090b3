//! Files dragged over the window: what a person lets go is a handle and a name, as if it had been chosen in the picker.
//!
//! The paths come from the system and stay on this side; the page cannot name one.

use countersign_app::App;
use countersign_app::files::Files;
use serde::Serialize;
use tauri::{DragDropEvent, Emitter as _, Manager as _, Window, WindowEvent};

use crate::desk::{Chosen, chosen};

/// What the page hears.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Drag {
    /// Whether something is over the window.
    is_over: bool,
    /// The first file that was let go.
    file: Option<Chosen>,
    /// How many more were let go with it.
    others: usize,
}

/// Tells the page what happens with files over its window.
pub fn hear(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else { return };
    let Some(drag) = told(window.state::<App>().files(), event) else { return };
    if let Err(error) = window.emit("drag", drag) {
        tracing::warn!(%error, "the page could not be told of a dragged file");
    }
}

/// Says what the page hears of an event; where the pointer moves is of no matter.
fn told(files: &Files, event: &DragDropEvent) -> Option<Drag> {
    match event {
        DragDropEvent::Enter { .. } => Some(Drag { is_over: true, file: None, others: 0 }),
        DragDropEvent::Drop { paths, .. } => Some(Drag {
            is_over: false,
            file: paths.first().map(|path| chosen(files.keep_for_reading(path))),
            others: paths.len().saturating_sub(1),
        }),
        DragDropEvent::Leave => Some(Drag { is_over: false, file: None, others: 0 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tauri::PhysicalPosition;

    use super::*;

    #[test]
    fn what_is_let_go_is_a_handle_and_no_path() {
        let (files, position) = (Files::default(), PhysicalPosition::new(4.0, 4.0));
        let paths = || vec!["/home/ana/reports/lint.json".into(), "/home/ana/other.json".into()];
        let heard = |event: &DragDropEvent| told(&files, event).map(|drag| serde_json::to_value(drag).unwrap());
        let over = heard(&DragDropEvent::Enter { paths: paths(), position }).unwrap();
        assert_eq!(over, serde_json::json!({ "isOver": true, "file": null, "others": 0 }));
        assert_eq!(heard(&DragDropEvent::Over { position }), None);
        let gone = heard(&DragDropEvent::Leave).unwrap();
        assert_eq!(gone, serde_json::json!({ "isOver": false, "file": null, "others": 0 }));
        let dropped = heard(&DragDropEvent::Drop { paths: paths(), position }).unwrap();
        assert_eq!((&dropped["isOver"], &dropped["others"]), (&false.into(), &1.into()));
        assert_eq!(dropped["file"]["name"], "lint.json");
        assert!(!dropped.to_string().contains("/home"), "{dropped}");
        let source = files.source(dropped["file"]["handle"].as_str().unwrap()).unwrap();
        assert_eq!(source, std::path::Path::new("/home/ana/reports/lint.json"));
        assert!(heard(&DragDropEvent::Drop { paths: Vec::new(), position }).unwrap()["file"].is_null());
    }
}
