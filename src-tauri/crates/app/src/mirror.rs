//! Where an environment's rows stand in the mirror.

use std::collections::BTreeMap;

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::Environment;
use countersign_store::mirror::sync::reads;
use countersign_store::mirror::{KindDigest, ROWS_MAX, Scope, Window as Part, billing};
use countersign_store::{Connection, Database, StoreError};

use crate::answer::Window;
use crate::app::App;
use crate::failure::Tell as _;
use crate::settings::stripe::mirrored_as;
use crate::{clock, record};

/// Rows a window has when it does not say.
const ROWS_DEFAULT: u32 = 200;

/// Reads the mirror's rows of an environment; `None` before anything was read for it.
///
/// **Errors**: closed stores, a file that cannot be read.
pub async fn read<T: Send + 'static>(
    app: &App,
    environment: &Environment,
    what: &str,
    work: impl FnOnce(&Connection, Scope) -> Result<T, StoreError> + Send + 'static,
) -> Result<Option<T>, Failure> {
    let Some((account, mode)) = mirrored_as(environment) else { return Ok(None) };
    let database: Database = app.stores()?.mirror.clone();
    let found = database.read(move |conn| match Scope::find(conn, &account, mode)? {
        Some(scope) => work(conn, scope).map(Some),
        None => Ok(None),
    });
    found.await.map_err(|error| error.tell(what))
}

/// Counts the requests of an environment's account in the last 30 days.
///
/// **Errors**: as [`read`].
pub async fn reads(app: &App, environment: &Environment) -> Result<u64, Failure> {
    let now = clock::now();
    let count =
        read(app, environment, "Could not count requests", move |conn, scope| reads::in_window(conn, scope, now));
    Ok(count.await?.unwrap_or(0))
}

/// Hashes everything the mirror holds of an environment, kind by kind: equal on two computers that read the same.
///
/// **Shape**: no kinds before anything was read.
/// **Errors**: an environment nobody made; as [`read`].
pub async fn digest(app: &App, environment: &EnvironmentId) -> Result<BTreeMap<ObjectKind, KindDigest>, Failure> {
    let environment = record::environment(app, environment).await?;
    let found = read(app, &environment, "Could not hash the mirror", countersign_store::mirror::digest).await?;
    Ok(found.unwrap_or_default())
}

/// Gives the environment whose rows of a kind Stripe can be compared with; `None` where its database is not connected, was
/// not read yet, or keeps no such rows.
///
/// **Errors**: the file cannot be read.
pub fn compared(
    conn: &Connection,
    environment: &Environment,
    kind: RowKind,
) -> Result<Option<EnvironmentId>, StoreError> {
    let Some(connection) = &environment.database else { return Ok(None) };
    // The invoices of this profile name no invoice of Stripe.
    if (connection.profile, kind) == (SchemaProfile::NestModels, RowKind::BillingInvoice) {
        return Ok(None);
    }
    let read = billing::reads::get(conn, &environment.id, kind)?;
    Ok(read.filter(|read| read.fingerprint == connection.fingerprint).map(|_| environment.id.clone()))
}

/// Gives the store's window of a screen's.
#[must_use]
pub fn part(window: &Window) -> Part {
    let take = if window.take == 0 { ROWS_DEFAULT } else { window.take.min(ROWS_MAX) };
    Part { text: window.text.clone(), skip: window.skip, take }
}
