//! What Stripe told of the time, kept with the profile: the command that signs is seldom the one that read.

use countersign_domain::ledger::clock::Comparison;
use countersign_store::ledger::preferences;

use super::{compared, recall};
use crate::app::App;

/// Name of the preference.
const NAME: &str = "clock/compared";

/// Keeps the newest comparison for the next start. Failing to is no reason not to go on.
pub(crate) async fn keep(app: &App) {
    let (Some(newest), Ok(stores)) = (compared(), app.stores()) else { return };
    let text = serde_json::to_string(&newest).unwrap_or_default();
    let kept = stores.ledger.database().write(move |transaction| preferences::set(transaction, NAME, Some(&text)));
    if let Err(error) = kept.await {
        tracing::warn!(event = "clock_not_kept", "{error}");
    }
}

/// Takes up the comparison an earlier start left.
pub(crate) async fn restore(app: &App) {
    let Ok(stores) = app.stores() else { return };
    let kept = stores.ledger.database().read(|conn| preferences::get(conn, NAME)).await;
    let kept: Option<Comparison> = kept.ok().flatten().and_then(|text| serde_json::from_str(&text).ok());
    kept.into_iter().for_each(recall);
}
