//! Reading the company's billing database into the mirror, kind by kind, page by page.
//!
//! Rows that tell when they were written are read from there on; once a day everything is read, so that what vanished
//! there vanishes here. Where the workspace says who counts as exposed, they are counted with every read, and
//! signs of damage are looked for.

use std::sync::Arc;

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::billing::{DamageSigns, RowKind};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::{DatabaseConnection, Environment, Exposure};
use countersign_sources::billing_db::{BillingError, BillingReader, Rows, SchemaGap, Walk};
use countersign_store::mirror::billing::exposure::ExposureRead;
use countersign_store::mirror::billing::{self, damage, exposure, reads};
use countersign_store::{Database, StoreError, Transaction};
use strum::IntoEnumIterator as _;

use super::Job;
use crate::app::App;
use crate::failure::{Tell as _, told};
use crate::settings::database;
use crate::{clock, record};

/// Everything is read again after this time.
const WHOLE_EVERY: TimeDelta = TimeDelta::hours(24);
/// The application writes a row's instant when its transaction begins, so a little more is read than seems needed.
const OVERLAP: TimeDelta = TimeDelta::minutes(15);

/// Reads what changed in an environment's billing database.
///
/// **Shape**: gives the rows read.
/// **Errors**: no connection, a database that does not answer, a cancelled job.
pub async fn read(app: &App, environment: &Environment, job: Option<&Arc<Job>>) -> Result<u64, Failure> {
    let Some(connection) = &environment.database else { return Ok(0) };
    let reader = database::reader(app, environment).await?;
    let mirror = app.stores()?.mirror.clone();
    let began_at = clock::now();
    let mut rows = 0;
    for kind in RowKind::iter() {
        rows += read_kind(&mirror, reader.as_ref(), (&environment.id, connection), kind, job).await?;
    }
    if let Some(measure) = &record::record(app).await?.workspace.exposure {
        count_exposed(&mirror, reader.as_ref(), (&environment.id, connection), measure).await?;
    }
    look_for_damage(&mirror, reader.as_ref(), (&environment.id, connection), began_at).await?;
    Ok(rows)
}

/// Keeps the signs of damage. A server that does not tell them keeps nothing else from being read.
async fn look_for_damage(
    mirror: &Database,
    reader: &dyn BillingReader,
    (environment, connection): (&EnvironmentId, &DatabaseConnection),
    began_at: Instant,
) -> Result<(), Failure> {
    let what = format!("Could not look for damage in the billing database of {environment}");
    let server = match reader.signs().await {
        Ok(server) => server,
        Err(error) => {
            tracing::warn!(event = "damage_not_looked_for", code = %error.code(), "{error}");
            return Ok(());
        }
    };
    let (id, fingerprint, at) = (environment.clone(), connection.fingerprint.clone(), clock::now());
    let kept = mirror.write(move |tx| {
        let orphans = damage::orphans(tx, &id, began_at - OVERLAP)?;
        damage::keep(tx, &id, &fingerprint, &DamageSigns { server, orphans }, at)
    });
    kept.await.map_err(|error| error.tell(what))
}

/// Counts the exposed users. What keeps them from being counted is kept too, and keeps nothing else from being read.
async fn count_exposed(
    mirror: &Database,
    reader: &dyn BillingReader,
    (environment, connection): (&EnvironmentId, &DatabaseConnection),
    measure: &Exposure,
) -> Result<(), Failure> {
    let what = format!("Could not count the exposed users of {environment}");
    let at = clock::now();
    let counted = reader.exposed(measure).await.map_err(|error| {
        let why = error.to_string();
        tracing::warn!(event = "exposure_not_counted", code = %error.code(), "{why}");
        why
    });
    let read = ExposureRead { fingerprint: connection.fingerprint.clone(), at, measure: measure.clone(), counted };
    let id = environment.clone();
    mirror.write(move |tx| exposure::set(tx, &id, &read)).await.map_err(|error| error.tell(what))
}

async fn read_kind(
    mirror: &Database,
    reader: &dyn BillingReader,
    (environment, connection): (&EnvironmentId, &DatabaseConnection),
    kind: RowKind,
    job: Option<&Arc<Job>>,
) -> Result<u64, Failure> {
    let what = format!("Could not read the {} rows of {environment}", words(kind));
    let began_at = clock::now();
    let id = environment.clone();
    let before = mirror.read(move |conn| reads::get(conn, &id, kind)).await.map_err(|error| error.tell(&what))?;
    // Another database under the same connection starts from nothing.
    let before = before.filter(|read| read.fingerprint == connection.fingerprint);
    let is_whole = before.as_ref().is_none_or(|read| began_at - read.whole_at > WHOLE_EVERY);
    let since = before.as_ref().filter(|_| !is_whole).map(|read| read.through - OVERLAP);
    let mut walk = Walk::new(reader, connection.profile, kind).changed_since(since);
    let mut count = 0;
    loop {
        if job.is_some_and(|job| job.cancel_token().is_cancelled()) {
            return Err(told(Code::Cancelled, what, ""));
        }
        let rows = match walk.next().await {
            Ok(Some(rows)) => rows,
            Ok(None) => break,
            // Not every profile keeps every kind; that is no fault.
            Err(BillingError::SchemaUnknown(SchemaGap::NotKept { .. })) => return Ok(0),
            Err(error) => return Err(error.tell(what)),
        };
        count += rows.len() as u64;
        let id = environment.clone();
        mirror.write(move |tx| put(tx, &id, &rows, began_at)).await.map_err(|error| error.tell(&what))?;
        if let Some(job) = job {
            job.tell(|view| {
                view.step = format!("billing database, {} rows", words(kind));
                view.done += 1;
            });
        }
    }
    let id = environment.clone();
    let is_complete = walk.is_complete();
    let read = reads::Read {
        fingerprint: connection.fingerprint.clone(),
        whole_at: if is_whole { began_at } else { before.map_or(began_at, |read| read.whole_at) },
        through: began_at,
    };
    let end = mirror.write(move |tx| {
        if is_whole && is_complete {
            drop_unseen(tx, &id, kind, began_at)?;
        }
        reads::set(tx, &id, kind, &read)
    });
    end.await.map_err(|error| error.tell(what))?;
    Ok(count)
}

fn words(kind: RowKind) -> &'static str {
    match kind {
        RowKind::BillingCustomer => "customer",
        RowKind::BillingSubscription => "subscription",
        RowKind::BillingInvoice => "invoice",
        RowKind::BillingEvent => "event",
    }
}

fn put(tx: &Transaction<'_>, environment: &EnvironmentId, rows: &Rows, seen_at: Instant) -> Result<(), StoreError> {
    match rows {
        Rows::Customers(rows) => billing::put(tx, environment, rows, seen_at),
        Rows::Subscriptions(rows) => billing::put(tx, environment, rows, seen_at),
        Rows::Invoices(rows) => billing::put(tx, environment, rows, seen_at),
        Rows::Events(rows) => billing::put(tx, environment, rows, seen_at),
    }
}

fn drop_unseen(
    tx: &Transaction<'_>,
    environment: &EnvironmentId,
    kind: RowKind,
    since: Instant,
) -> Result<usize, StoreError> {
    use countersign_domain::billing::{BillingCustomer, BillingEvent, BillingInvoice, BillingSubscription};
    match kind {
        RowKind::BillingCustomer => billing::drop_unseen::<BillingCustomer>(tx, environment, since),
        RowKind::BillingSubscription => billing::drop_unseen::<BillingSubscription>(tx, environment, since),
        RowKind::BillingInvoice => billing::drop_unseen::<BillingInvoice>(tx, environment, since),
        RowKind::BillingEvent => billing::drop_unseen::<BillingEvent>(tx, environment, since),
    }
}
