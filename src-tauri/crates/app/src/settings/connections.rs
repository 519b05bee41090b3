//! Connections: a Stripe key and a billing database, each checked before it is kept.

use countersign_domain::Instant;
use countersign_domain::billing::SchemaProfile;
use countersign_domain::ids::EnvironmentId;
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

/// One read and whether the key may do it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Permission {
    /// The read: `customers`, `webhook_endpoints`.
    pub read: String,
    /// The permission's name in Stripe.
    pub permission: String,
    /// `granted`, `denied` or `unknown`.
    pub granted: String,
    /// What depends on it: screens and checklist lines.
    pub needed_for: Vec<String>,
    /// Why it is unknown, or what Stripe said.
    pub note: String,
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

/// Where a billing database is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DatabasePlace {
    /// A PostgreSQL server.
    Postgres {
        /// Host name or address; empty with a socket folder.
        #[serde(default)]
        host: String,
        /// Port; 0 is 5432.
        #[serde(default)]
        port: u16,
        /// Role.
        user: String,
        /// Database.
        database: String,
        /// File with the certificate authority to trust.
        #[serde(default)]
        ca_file: String,
        /// Folder of a local socket.
        #[serde(default)]
        socket: String,
    },
    /// A SQLite file with the same tables.
    Sqlite {
        /// The file.
        file: String,
    },
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
    pub tables: Vec<TableRow>,
    /// Fingerprint, pinned by runs.
    pub fingerprint: String,
    /// Difference of its clock to ours. **Units**: milliseconds.
    #[ts(type = "number")]
    pub clock_offset_ms: i64,
    /// When it was checked.
    pub checked_at: Instant,
}

/// One thing a role could do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RoleFinding {
    /// `deny`, `write` or `note`.
    pub severity: String,
    /// Kind of the power.
    pub kind: String,
    /// On what.
    pub what: String,
}

/// One table of the profile.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TableRow {
    /// Name.
    pub name: String,
    /// Whether it is there.
    pub is_present: bool,
    /// Estimated rows.
    #[ts(type = "number | null")]
    pub rows: Option<i64>,
    /// What it is read for.
    pub needed_for: String,
}

/// Forgets a connection and its secret.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Disconnect {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which connection.
    pub source: crate::answer::Source,
}
