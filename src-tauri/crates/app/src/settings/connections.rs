//! Connections: a Stripe key and a billing database, each checked before it is kept.

use countersign_domain::Instant;
use countersign_domain::billing::SchemaProfile;
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::entry::Disconnected;
use countersign_domain::workspace::environment::{RoleFinding, TableFound};
use countersign_domain::workspace::{
    DatabaseConnection as KnownDatabase, DatabasePlace, Entry, Environment as Known, Permission, Source,
    StripeConnection as KnownStripe,
};
use countersign_sources::keychain::KeychainError;
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::environments::{self, Environment};
use crate::app::App;
use crate::failure::Tell as _;
use crate::{mirror, record};

/// Reads Stripe allows every account in 30 days, however few payments it has.
const READ_ALLOWANCE_MIN: u64 = 10_000;

/// Checks a Stripe key and keeps it in the keychain. The key itself arrives beside the request, never in it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConnectStripe {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Another address than Stripe's own: loopback only, test keys only; empty is Stripe's own.
    #[serde(default)]
    pub url: String,
}

/// A checked Stripe connection.
#[derive(Debug, Clone, Serialize, TS)]
pub struct StripeConnection {
    /// Account id; empty when the key may not read it.
    pub account: String,
    /// Account name.
    pub account_name: String,
    /// `live` or `test`.
    pub mode: String,
    /// `rk_live_…7xQ2`.
    pub key: String,
    /// Whether the key is restricted.
    pub is_restricted: bool,
    /// Address, when it is not Stripe's own.
    pub url: Option<String>,
    /// Every read this program wants.
    pub permissions: Vec<Permission>,
    /// When the key was checked.
    pub checked_at: Instant,
    /// Remarks: what was trimmed, what is risky.
    pub notes: Vec<String>,
    /// Requests in the last 30 days.
    #[ts(type = "number")]
    pub reads_30d: u64,
    /// Requests Stripe allows at least in 30 days.
    #[ts(type = "number")]
    pub read_allowance: u64,
}

/// Connects the billing database. The password arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConnectDatabase {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Where it is.
    pub place: DatabasePlace,
    /// The schema the tables are in; empty is `public`.
    #[serde(default)]
    pub schema: String,
    /// A profile to take instead of the detected one.
    #[serde(default)]
    pub profile: Option<SchemaProfile>,
}

/// A checked database connection.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DatabaseConnection {
    /// Where it is, in words, without a password.
    pub place: String,
    /// Detected profile.
    pub profile: SchemaProfile,
    /// Whether it is a replica.
    pub is_replica: bool,
    /// What the role could do beyond reading.
    pub role_audit: Vec<RoleFinding>,
    /// Tables the profile reads.
    pub tables: Vec<TableFound>,
    /// Fingerprint, pinned by runs.
    pub fingerprint: String,
    /// Difference of its clock to ours. **Units**: milliseconds.
    #[ts(type = "number")]
    pub clock_offset_ms: i64,
    /// When it was checked.
    pub checked_at: Instant,
}

/// Forgets a connection and its secret.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Disconnect {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which connection.
    pub source: Source,
}

/// Checks a Stripe key and keeps it.
///
/// **Errors**: as [`super::stripe::connect`].
pub async fn stripe(
    app: &App,
    request_id: Uuid,
    request: ConnectStripe,
    secret: Secret,
) -> Result<Environment, Failure> {
    super::stripe::connect(app, request_id, request, secret).await
}

/// Checks a billing database and keeps the connection.
///
/// **Errors**: as [`super::database::connect`].
pub async fn database(
    app: &App,
    request_id: Uuid,
    request: ConnectDatabase,
    secret: Secret,
) -> Result<Environment, Failure> {
    super::database::connect(app, request_id, request, secret).await
}

/// Forgets a connection and its secret.
///
/// **Errors**: an environment nobody made; a keychain that does not answer.
pub async fn disconnect(app: &App, request_id: Uuid, request: Disconnect) -> Result<Environment, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let item = match request.source {
        Source::Stripe => super::stripe::item(app, &environment)?,
        Source::Database => super::database::item(app, &environment)?,
    };
    match app.keychain().remove(&item).await {
        Ok(()) | Err(KeychainError::Missing { .. }) => {}
        Err(error) => return Err(error.tell(format!("Could not forget the secret of {}", environment.id))),
    }
    let entry = Entry::Disconnected(Disconnected { source: request.source });
    record::note(app, request_id, Some(&environment.id), entry).await?;
    environments::view(app, &record::environment(app, &environment.id).await?).await
}

pub(crate) async fn stripe_view(
    app: &App,
    environment: &Known,
    connection: &KnownStripe,
) -> Result<StripeConnection, Failure> {
    Ok(StripeConnection {
        account: connection.account.as_ref().map(ToString::to_string).unwrap_or_default(),
        account_name: connection.account_name.clone(),
        mode: connection.mode.to_string(),
        key: connection.key.clone(),
        is_restricted: connection.is_restricted,
        url: connection.url.clone(),
        permissions: connection.permissions.clone(),
        checked_at: connection.checked_at,
        notes: connection.notes.clone(),
        reads_30d: mirror::reads(app, environment).await?,
        read_allowance: READ_ALLOWANCE_MIN,
    })
}

pub(crate) fn database_view(connection: &KnownDatabase) -> DatabaseConnection {
    DatabaseConnection {
        place: connection.place.to_string(),
        profile: connection.profile,
        is_replica: connection.is_replica,
        role_audit: connection.role_audit.clone(),
        tables: connection.tables.clone(),
        fingerprint: connection.fingerprint.clone(),
        clock_offset_ms: connection.clock_offset_ms,
        checked_at: connection.checked_at,
    }
}
