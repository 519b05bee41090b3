//! What the ledger's entries add up to, read once and then only what is new.
//!
//! Environments, connections and settings have no table of their own; this is where they are found.

use std::sync::Arc;

use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, OperatorId};
use countersign_domain::ledger::Draft;
use countersign_domain::workspace::{Entry, Environment, Record};
use countersign_store::ledger::entries;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::failure::{Tell as _, internal, not_found};
use crate::ledger::{Appended, LedgerError, append, word};

/// Entries read in one go.
const PAGE: u32 = 1_000;

/// The record as far as it was read.
#[derive(Default)]
pub(crate) struct Cached(Mutex<(u64, Arc<Record>)>);

/// Gives environments and settings as of now.
///
/// **Errors**: closed stores, a file that cannot be read, an entry that is not of its kind's form.
pub async fn record(app: &App) -> Result<Arc<Record>, Failure> {
    let what = "Could not read the settings";
    let stores = app.stores()?;
    let head = stores.ledger.head().await.map_or(0, |head| head.seq);
    let mut cached = stores.cached.0.lock().await;
    while cached.0 < head {
        let after = cached.0;
        let page = stores.ledger.database().read(move |conn| entries::of_kinds(conn, Entry::KINDS, after, PAGE));
        let page = page.await.map_err(|error| error.tell(what))?;
        let record = Arc::make_mut(&mut cached.1);
        let mut through = head;
        if page.len() == PAGE as usize {
            through = page.last().map_or(head, |last| last.entry.seq);
        }
        for recorded in page {
            let entry = recorded.entry;
            let environment = entry.environment.as_deref().map(EnvironmentId::from);
            let body = serde_json::Value::Object(entry.body);
            if let Some(read) = Entry::read(entry.kind.as_str(), &body) {
                let read = read.map_err(|error| internal(what, &error))?;
                record.apply(environment.as_ref(), entry.at, read);
            }
        }
        cached.0 = through;
    }
    Ok(Arc::clone(&cached.1))
}

/// Gives one environment.
///
/// **Errors**: as [`record`], and an environment nobody made.
pub async fn environment(app: &App, id: &EnvironmentId) -> Result<Environment, Failure> {
    record(app).await?.environments.get(id).cloned().ok_or_else(|| not_found("environment", id.as_str()))
}

/// Writes down that something happened to the workspace or an environment.
///
/// **Shape**: the same request writes once.
/// **Errors**: what the ledger refuses.
pub async fn note(app: &App, request: Uuid, environment: Option<&EnvironmentId>, entry: Entry) -> Result<(), Failure> {
    let object = environment.map(|environment| format!("environment/{environment}"));
    let by = acting(app).await?;
    note_on(app, request, (object, environment), by, entry).await
}

/// Writes down that something happened to an object, by somebody.
///
/// **Shape**: as [`note`].
/// **Errors**: what the ledger refuses.
pub(crate) async fn note_on(
    app: &App,
    request: Uuid,
    (object, environment): (Option<String>, Option<&EnvironmentId>),
    by: Option<(OperatorId, String)>,
    entry: Entry,
) -> Result<(), Failure> {
    let what = "Could not write this down";
    let mut draft = draft(request, &entry).map_err(|error| error.tell(what))?;
    if let Some(object) = object {
        draft = draft.on(object);
    }
    if let Some(environment) = environment {
        draft = draft.in_environment(environment.as_str());
    }
    if let Some((id, name)) = by {
        draft = draft.by(id, name);
    }
    write(app, vec![draft]).await.map(drop).map_err(|error| error.tell(what))
}

fn draft(request: Uuid, entry: &Entry) -> Result<Draft, LedgerError> {
    let body = entry.body().unwrap_or_default();
    Ok(Draft::new(word(entry.kind())?, request, &body)?)
}

/// Adds unsigned entries to the ledger.
pub(crate) async fn write(app: &App, drafts: Vec<Draft>) -> Result<Appended, LedgerError> {
    // Closed stores were told before anything was drafted; here they are only possible at shutdown.
    let stores = app.stores().map_err(|_| countersign_store::StoreError::Closed)?;
    append(&stores.ledger, drafts, &[], &clock::moment()).await
}

/// Who works here now, by the name they are printed with.
pub(crate) async fn acting(app: &App) -> Result<Option<(OperatorId, String)>, Failure> {
    let Some(id) = app.chosen().operator else { return Ok(None) };
    let roster = app.stores()?.ledger.roster().await;
    Ok(roster.operator(&id).map(|operator| (id, operator.name.clone())))
}
