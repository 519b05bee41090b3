//! What the ledger needs without being asked: a look at its newest entries and a seal when the program opens, a seal and a
//! copy of each day, a checkpoint in the second folder, and a walk over every entry once a week.
//!
//! Works beside everything else and keeps nobody from ending: it holds the program only while it does something, and
//! what it finds is kept for the screens.

use std::time::Duration;

use countersign_domain::ledger::Recorded;
use countersign_store::ledger;

use crate::app::App;
use crate::audit;
use crate::bus::Topic;
use crate::clock;
use crate::ledger::{LedgerError, seal, seal_if_due};

/// How long the program runs before it walks over every entry.
const SETTLED_AFTER: Duration = Duration::from_secs(30);
/// How often a new day is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(60 * 60);

/// Begins the upkeep of a profile whose stores have just been opened.
pub(crate) fn begin(app: &App) {
    let (handle, stopping) = (app.handle(), app.stopping());
    app.in_background(async move {
        let work = async {
            if let Some(app) = handle.get() {
                look(&app).await;
            }
            while let Some(app) = handle.get() {
                seal_of_the_day(&app).await;
                copy(&app).await;
                audit::second::write_if_due(&app).await;
                drop(app);
                // A command that ends at once is not kept waiting by a walk over everything.
                tokio::time::sleep(SETTLED_AFTER).await;
                if let Some(app) = handle.get() {
                    verify(&app).await;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        stopping.run_until_cancelled(work).await;
    });
}

/// Verifies the newest entries, and seals what the last start left unsigned.
async fn look(app: &App) {
    let Ok(stores) = app.stores() else { return };
    let depth = audit::depth_at_start(app).await;
    match audit::verify_with(app, depth, Vec::new()).await {
        // A ledger that was found changed or rolled back takes no seal.
        Ok(_) => told(seal(&stores.ledger, &clock::moment()).await.map(Some)),
        Err(failure) => tracing::warn!(event = "ledger_not_verified", code = %failure.code, "{}", failure.what),
    }
    app.bus().publish(&[Topic::Ledger]);
}

/// Seals what was written on a day before this one, while nobody writes anything further.
async fn seal_of_the_day(app: &App) {
    let Ok(stores) = app.stores() else { return };
    told(seal_if_due(&stores.ledger, &clock::moment()).await);
}

fn told(sealed: Result<Option<Recorded>, LedgerError>) {
    if let Err(error) = sealed {
        tracing::warn!(event = "ledger_not_sealed", "{error}");
    }
}

/// Verifies every entry once a week; what is found stands on every screen that tells of a broken ledger.
async fn verify(app: &App) {
    match audit::verify_if_due(app).await {
        Ok(true) => app.bus().publish(&[Topic::Ledger]),
        Ok(false) => {}
        Err(failure) => tracing::warn!(event = "ledger_not_verified", code = %failure.code, "{}", failure.what),
    }
}

/// Makes the day's copy of the ledger.
async fn copy(app: &App) {
    let Ok(stores) = app.stores() else { return };
    if let Err(error) = stores.ledger.database().copy_of_the_day(&ledger::LAYOUT, clock::now()).await {
        tracing::warn!(event = "ledger_not_copied", "{error}");
    }
}
