//! Connections: a Stripe key and a billing database, each checked before it is kept.

use countersign_domain::Instant;
use countersign_domain::billing::SchemaProfile;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::environment::{RoleFinding, TableFound};
use countersign_domain::workspace::{DatabasePlace, Permission, Source};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
