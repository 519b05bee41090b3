//! The contract as the window's commands, one per line of the list, made by expanding it.

use countersign_app::domain as countersign_domain;
use countersign_app::domain::failure::Failure;
use countersign_app::*;
use tauri::State;
use uuid::Uuid;

/// Makes one command from one line.
macro_rules! command {
    (ask $name:ident, $($function:ident)::+, $request:ty, , $answer:ty, [$($topic:ident),*]) => {
        #[tauri::command]
        pub async fn $name(app: State<'_, App>, request: $request) -> Result<$answer, Failure> {
            app.asked(stringify!($name), countersign_app::$($function)::+(&app, request)).await
        }
    };
    (act $name:ident, $($function:ident)::+, $request:ty, , $answer:ty, [$($topic:ident),*]) => {
        #[tauri::command]
        pub async fn $name(app: State<'_, App>, request_id: Uuid, request: $request) -> Result<$answer, Failure> {
            let topics = &[$(bus::Topic::$topic),*];
            app.acted(stringify!($name), topics, countersign_app::$($function)::+(&app, request_id, request)).await
        }
    };
    (act $name:ident, $($function:ident)::+, $request:ty, secret, $answer:ty, [$($topic:ident),*]) => {
        #[tauri::command]
        pub async fn $name(
            app: State<'_, App>,
            request_id: Uuid,
            request: $request,
            secret: String,
        ) -> Result<$answer, Failure> {
            let topics = &[$(bus::Topic::$topic),*];
            let work = countersign_app::$($function)::+(&app, request_id, request, secret.into());
            app.acted(stringify!($name), topics, work).await
        }
    };
}

/// Makes every command, and the list Tauri answers by.
macro_rules! commands {
    ($($verb:ident $name:ident = $($function:ident)::+ ($request:ty $(, $secret:ident)?) -> $answer:ty, $word:ident [$($topic:ident),*];)+) => {
        $(command!($verb $name, $($function)::+, $request, $($secret)?, $answer, [$($topic),*]);)+

        /// Gives what answers the page.
        pub fn answering() -> impl Fn(tauri::ipc::Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
            use crate::desk::*;
            tauri::generate_handler![
                $($name,)+
                pick_open, pick_save, pick_folder, read_text, open_link, copy_text, painted, shown, report, start_demo,
            ]
        }
    };
}
countersign_app::contract!(commands);
