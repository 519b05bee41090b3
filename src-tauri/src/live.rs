//! The freshness loop's last step: what the bus says is told to the page, which asks again for what it shows.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_app::App;
use countersign_app::bus::Topic;
use tauri::{AppHandle, Emitter as _};
use tokio::sync::broadcast::error::RecvError;

/// Topics said within this time reach the page as one message, so that a sync does not make it ask all day.
const GATHER: Duration = Duration::from_millis(120);

/// Tells the page which topics changed, for as long as the program lives.
pub async fn tell(handle: AppHandle, app: App) {
    let mut bus = app.bus().listen();
    let all = [Topic::Mirror, Topic::Metrics, Topic::Checklists, Topic::Ledger, Topic::Settings, Topic::Jobs];
    loop {
        let mut topics = BTreeSet::new();
        match bus.recv().await {
            Ok(topic) => topics.insert(topic),
            // Too far behind to know what was said: everything may have changed.
            Err(RecvError::Lagged(_)) => {
                topics.extend(all);
                true
            }
            Err(RecvError::Closed) => return,
        };
        tokio::time::sleep(GATHER).await;
        while let Ok(topic) = bus.try_recv() {
            topics.insert(topic);
        }
        if let Err(error) = handle.emit("changed", topics) {
            tracing::warn!(%error, "the page could not be told what changed");
        }
    }
}
