//! Connecting the billing database: the role is audited and the schema recognised before anything is kept.

use countersign_demo::billing_reader::SqliteReader;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::workspace::{DatabaseConnection as Connection, DatabasePlace, Entry, Environment as Known};
use countersign_sources::billing_db::{
    BillingError, BillingReader, DatabaseAddress, PostgresReader, Severity, tables_found,
};
use countersign_sources::keychain::{Item, Kind};
use countersign_sources::secret::Secret;
use uuid::Uuid;

use super::connections::ConnectDatabase;
use super::environments::{self, Environment};
use crate::app::App;
use crate::failure::{Tell as _, told};
use crate::{clock, policy, record};

/// Checks a billing database and keeps the connection.
///
/// **Errors**: a field that is not accepted, a server that is not reached or not trusted, a role that is too powerful, a
/// schema that is not recognised. Then nothing was kept.
pub async fn connect(
    app: &App,
    request_id: Uuid,
    request: ConnectDatabase,
    password: Secret,
) -> Result<Environment, Failure> {
    let id = request.environment.clone();
    let environment = record::environment(app, &id).await?;
    let what = format!("Could not connect the billing database of {id}");
    let profile = app.stores()?.profile.id().to_owned();
    let reader = open(&request.place, &request.schema, &password, &profile).await.map_err(|error| error.tell(&what))?;
    let connection = check(reader.as_ref(), &request).await.map_err(|error| error.tell(&what))?;
    if !password.is_empty() {
        let kept = app.keychain().put(&item(app, &environment)?, password).await;
        kept.map_err(|error| error.tell(&what))?;
    }
    record::note(app, request_id, Some(&id), Entry::DatabaseConnected(connection)).await?;
    environments::view(app, &record::environment(app, &id).await?).await
}

/// Makes a reader for a place; nothing is connected to yet.
async fn open(
    place: &DatabasePlace,
    schema: &str,
    password: &Secret,
    profile: &str,
) -> Result<Box<dyn BillingReader>, BillingError> {
    if let DatabasePlace::Sqlite { file } = place {
        return Ok(Box::new(SqliteReader::new(file)));
    }
    let address = DatabaseAddress::of(place, schema)?;
    let password =
        password.expose_text().filter(|text| !text.is_empty()).map(|text| text.trim_end_matches(['\r', '\n']).into());
    let (profile, allow) = (profile.to_owned(), policy::allows_powerful_role());
    // The trust store or the CA file is read from disk.
    let made = tokio::task::spawn_blocking(move || PostgresReader::new(address, password, &profile, allow));
    let reader = made.await.map_err(|error| BillingError::unreachable("the billing database", error))??;
    Ok(Box::new(reader))
}

async fn check(reader: &dyn BillingReader, request: &ConnectDatabase) -> Result<Connection, BillingError> {
    let findings = reader.audit_role().await?;
    if findings.iter().any(|finding| finding.severity == Severity::Deny) && !policy::allows_powerful_role() {
        return Err(BillingError::RoleTooPowerful { findings });
    }
    let identity = reader.identity().await?;
    let profile = reader.detect().await?.choose(request.profile)?;
    let standing = reader.standing(&clock::now).await?;
    let relations = reader.tables().await?;
    Ok(Connection {
        place: request.place.clone(),
        schema: request.schema.clone(),
        profile,
        fingerprint: identity.fingerprint(),
        is_replica: standing.is_replica,
        role_audit: findings.into_iter().map(Into::into).collect(),
        tables: tables_found(profile, &relations),
        clock_offset_ms: standing.clock.ahead_ms,
        checked_at: clock::now(),
    })
}

/// The keychain item of an environment's database password.
pub(crate) fn item(app: &App, environment: &Known) -> Result<Item, Failure> {
    Ok(Item::new(Kind::DatabasePassword, app.stores()?.profile.id(), environment.id.as_str()))
}

/// Gives the reader of a connected environment. Connects to nothing yet.
///
/// **Errors**: no connection, or a keychain that does not give the password.
pub async fn reader(app: &App, environment: &Known) -> Result<Box<dyn BillingReader>, Failure> {
    let what = format!("Could not read the billing database of {}", environment.id);
    let Some(connection) = &environment.database else {
        return Err(told(Code::StateConflict, what, "the billing database is not connected in this environment"));
    };
    let password = match app.keychain().get(&item(app, environment)?).await {
        Ok(secret) => secret,
        // Local sockets and files need none.
        Err(countersign_sources::keychain::KeychainError::Missing { .. }) => Secret::from(String::new()),
        Err(error) => return Err(error.tell(what)),
    };
    let profile = app.stores()?.profile.id().to_owned();
    open(&connection.place, &connection.schema, &password, &profile).await.map_err(|error| error.tell(what))
}
