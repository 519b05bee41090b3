//! Environments and what they are connected to. No secret is here: those are in the keychain, under the same names.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::billing::SchemaProfile;
use crate::ids::{AccountId, EnvironmentId};
use crate::stripe::Mode;

/// The class of an environment.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::Display,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Class {
    /// For trying things.
    Test,
    /// Where a release is proved before production.
    Staging,
    /// Real customers.
    Production,
}

impl Class {
    /// Gives the mode a Stripe key must have here.
    #[must_use]
    pub fn mode(self) -> Mode {
        match self {
            Self::Test | Self::Staging => Mode::Test,
            Self::Production => Mode::Live,
        }
    }
}

/// A system outside this computer.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::Display,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    /// Stripe's API.
    Stripe,
    /// The company's billing database.
    Database,
}

/// An environment as the ledger's entries add up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub id: EnvironmentId,
    /// Its class.
    pub class: Class,
    /// Whether it is the invented company.
    pub is_demo: bool,
    /// The address its webhook endpoint must have.
    pub webhook_url: Option<String>,
    /// Stripe, when connected.
    pub stripe: Option<StripeConnection>,
    /// Since when its key is in use here; a check of the same key does not begin anew.
    pub stripe_key_since: Option<Instant>,
    /// The billing database, when connected.
    pub database: Option<DatabaseConnection>,
    /// Since when it is that database; connecting it again does not begin anew.
    pub database_since: Option<Instant>,
    /// When it was made.
    pub added_at: Instant,
}

impl Environment {
    /// Gives the mode a key must have here. The invented company answers to test keys only, whatever it plays.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.is_demo { Mode::Test } else { self.class.mode() }
    }
}

/// A checked Stripe connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeConnection {
    /// The account; `None` when the key may not read it.
    pub account: Option<AccountId>,
    /// Name of the account, empty when it has none.
    pub account_name: String,
    /// Mode of the key, as the account answered.
    pub mode: Mode,
    /// The key as it may be shown: `rk_live_…7xQ2`.
    pub key: String,
    /// Whether the key is restricted.
    pub is_restricted: bool,
    /// Address, when it is not Stripe's own.
    pub url: Option<String>,
    /// Every read this program wants.
    pub permissions: Vec<Permission>,
    /// Remarks: what was trimmed, what is risky.
    pub notes: Vec<String>,
    /// When the key was checked.
    pub checked_at: Instant,
}

impl StripeConnection {
    /// Gives what a run pins: another value later means that another account or mode is behind the same name.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let account = self.account.as_ref().map_or("unknown account", AccountId::as_str);
        format!("{account}/{}", self.mode)
    }
}

/// One read and whether the key may do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The read: `customers`, `webhook_endpoints`.
    pub read: String,
    /// The permission's name in Stripe; empty where it is not established.
    pub permission: String,
    /// `granted`, `denied` or `unknown`.
    pub granted: String,
    /// What depends on it: screens and checklist lines.
    pub needed_for: Vec<String>,
    /// Why it is unknown, or what Stripe said.
    pub note: String,
}

/// Where a billing database is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DatabasePlace {
    /// A PostgreSQL server.
    Postgres {
        /// Host name or address; empty with a socket folder.
        #[serde(default)]
        host: String,
        /// Port, a decimal string; empty is 5432.
        #[serde(default)]
        port: String,
        /// Role.
        user: String,
        /// Database.
        database: String,
        /// File with the certificate authority to trust; empty is the platform's own list.
        #[serde(default)]
        ca_file: String,
        /// Folder of a local socket; empty is a network connection.
        #[serde(default)]
        socket: String,
    },
    /// A SQLite file with the same tables.
    Sqlite {
        /// The file.
        file: String,
    },
}

impl std::fmt::Display for DatabasePlace {
    /// Writes the place in words, without a password: there is none in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Postgres { socket, user, database, .. } if !socket.is_empty() => {
                write!(f, "{database} as {user} through {socket}")
            }
            Self::Postgres { host, port, user, database, .. } => {
                let port = if port.is_empty() { "5432" } else { port };
                write!(f, "{database} as {user} on {host}:{port}")
            }
            Self::Sqlite { file } => f.write_str(file),
        }
    }
}

/// A checked database connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConnection {
    /// Where it is.
    pub place: DatabasePlace,
    /// The schema its tables are in.
    pub schema: String,
    /// How its rows are read.
    pub profile: SchemaProfile,
    /// What a run pins.
    pub fingerprint: String,
    /// Whether it is a replica.
    pub is_replica: bool,
    /// What the role could do beyond reading.
    pub role_audit: Vec<RoleFinding>,
    /// Tables the profile reads.
    pub tables: Vec<TableFound>,
    /// Its clock minus ours. **Units**: milliseconds.
    #[serde(with = "crate::text_number")]
    pub clock_offset_ms: i64,
    /// When it was checked.
    pub checked_at: Instant,
}

/// One thing a role could do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RoleFinding {
    /// `deny`, `write` or `note`.
    pub severity: String,
    /// Kind of the power.
    pub kind: String,
    /// On what.
    pub what: String,
}

/// One table of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct TableFound {
    /// Its name.
    pub name: String,
    /// Whether it is there.
    pub is_present: bool,
    /// Estimated rows, a decimal string; empty when unknown.
    pub rows: String,
    /// What it is read for.
    pub needed_for: String,
}
