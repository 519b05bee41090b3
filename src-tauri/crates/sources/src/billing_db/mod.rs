//! The company's own billing database, read and nothing else.
//!
//! One trait with two real readers: PostgreSQL here, the demo's SQLite file in `countersign-demo`. What is asked and
//! answered is the same for both; profiles, rows and walks do not know which one they speak to. There is no query
//! box: no function here takes SQL.

mod address;
mod cells;
mod error;
pub mod exposure;
mod name;
mod postgres;
mod profile;
mod role;
mod session;
mod sql;
mod tls;
mod unit;
mod walk;
mod wire;

use std::pin::Pin;

use countersign_domain::Instant;
use countersign_domain::billing::{RowKind, SchemaProfile, ServerSigns};
use countersign_domain::workspace::{ExposedCount, Exposure};
use sha2::{Digest, Sha256};

pub use address::{DatabaseAddress, PastedAddress};
pub use cells::{Cells, Rows};
pub use error::{BillingError, Cause, SchemaGap, ServerSaid};
pub use name::SchemaName;
pub use postgres::PostgresReader;
pub use profile::{ANY_TYPE, Column, Detection, ProfileReport, Relation, RelationKind, detect, tables_found};
pub use role::{RoleFinding, Severity, recipe};
pub use sql::{exposure_conditions, statements};
pub use walk::{ROWS_PER_WALK, Walk};

/// Rows of a page. **Units**: rows.
pub const PAGE_ROWS: usize = 1_000;

/// An answer on its way; dropping it stops the work, on the server too.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, BillingError>> + Send + 'a>>;

/// What time it is here.
pub type Clock = dyn Fn() -> Instant + Send + Sync;

/// Reads a company's billing database.
///
/// **Errors**: every method as `BillingError` says; reading methods also `RoleTooPowerful` before anything is read.
pub trait BillingReader: Send + Sync {
    /// Says which database this is.
    fn identity(&self) -> Answer<'_, Identity>;

    /// Says how its clock stands to ours and whether it is a replica.
    fn standing<'a>(&'a self, clock: &'a Clock) -> Answer<'a, Standing>;

    /// Lists what the role may do beside reading, the worst first, at most 50 findings. Never refuses the role.
    fn audit_role(&self) -> Answer<'_, Vec<RoleFinding>>;

    /// Lists the relations of the schema by name, at most 1,000.
    fn tables(&self) -> Answer<'_, Vec<Relation>>;

    /// Compares the schema with every known profile.
    fn detect(&self) -> Answer<'_, Detection>;

    /// Says what the server knows of its own health; `None` where the source is none that could say it.
    fn signs(&self) -> Answer<'_, Option<ServerSigns>>;

    /// Counts the rows of a kind, exactly.
    fn count(&self, profile: SchemaProfile, kind: RowKind) -> Answer<'_, u64>;

    /// Counts who is exposed to what is rolled out, exactly and in one look.
    ///
    /// **Errors**: also `ExposureUnfit` for a table, column, operator or value that the database does not have or take.
    fn exposed<'a>(&'a self, measure: &'a Exposure) -> Answer<'a, ExposedCount>;

    /// Reads at most `PAGE_ROWS` rows in the order of their keys.
    fn page<'a>(&'a self, profile: SchemaProfile, request: PageRequest<'a>) -> Answer<'a, Page>;

    /// Reads the rows that name these objects of Stripe, in no particular order.
    ///
    /// **Errors**: also `SchemaUnknown` where the profile keeps no Stripe id beside such rows.
    fn rows_by_stripe_id<'a>(&'a self, profile: SchemaProfile, kind: RowKind, ids: &'a [&'a str]) -> Answer<'a, Rows>;
}

/// Which page of which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<'a> {
    /// The kind of row.
    pub kind: RowKind,
    /// The key of the last row that was read; none at the beginning.
    pub after: Option<&'a str>,
    /// Only rows written at or after this instant of the database's clock, where rows of the kind tell; else all.
    ///
    /// Events tell when they were made. DevFlowHub's customers do not tell, because the plan stands in another table.
    /// The application writes the instant when a transaction begins, so ask for some minutes more than seem needed.
    pub changed_since: Option<Instant>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, by key.
    pub rows: Rows,
    /// The key after which the next page begins; none when this was the last.
    pub next: Option<String>,
}

impl Page {
    /// Takes the rows of a page; a full one has a next.
    #[must_use]
    pub fn of(rows: Rows) -> Self {
        let next = if rows.len() < PAGE_ROWS { None } else { rows.last_key().map(str::to_owned) };
        Self { rows, next }
    }
}

/// Which database this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Product and version, as the server says.
    pub product: String,
    /// What tells one server's data from another's, also after a move; `None` where the server withholds it.
    pub system_identifier: Option<String>,
    /// Host and port, socket, or file.
    pub place: String,
    /// The database.
    pub database: String,
    /// The schema of the billing tables.
    pub schema: String,
    /// The role that reads.
    pub role: String,
    /// Whether the way there is encrypted.
    pub is_encrypted: bool,
}

impl Identity {
    /// Gives the fingerprint by which the same database is known again, whoever reads it.
    ///
    /// **Shape**: 64 hexadecimal digits of SHA-256. The bytes are frozen as version 1: length-prefixed text of where
    /// the data lives (system identifier, or place where there is none), database and schema.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let home = self.system_identifier.as_ref().unwrap_or(&self.place);
        let parts = ["countersign billing database 1", home, &self.database, &self.schema];
        let text: String = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How a server stands: its clock, and what it is to other servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its clock against ours.
    pub clock: ClockOffset,
    /// Whether it repeats what another server does.
    pub is_replica: bool,
    /// How far a replica is behind; `None` on a primary, or where it cannot be told. **Units**: milliseconds.
    pub replay_lag_ms: Option<i64>,
}

/// The difference between two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// How far the other clock is ahead of ours. **Units**: milliseconds.
    pub ahead_ms: i64,
    /// How far that may be off, because an answer takes time. **Units**: milliseconds.
    pub uncertainty_ms: i64,
}

impl ClockOffset {
    /// Compares an instant of another clock with ours just before and just after it was read.
    #[must_use]
    pub fn between(before: Instant, other: Instant, after: Instant) -> Self {
        let half_way_ms = (after - before).num_milliseconds() / 2;
        Self { ahead_ms: (other - before).num_milliseconds() - half_way_ms, uncertainty_ms: half_way_ms.abs() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_taken_from_the_middle() {
        let at = |ms: i64| Instant::from_timestamp_millis(1_800_000_000_000 + ms).unwrap();
        let offset = ClockOffset::between(at(0), at(5_050), at(100));
        assert_eq!(offset, ClockOffset { ahead_ms: 5_000, uncertainty_ms: 51 });
        assert_eq!(ClockOffset::between(at(0), at(-3_000), at(0)).ahead_ms, -3_000);
    }

    #[test]
    fn a_fingerprint_follows_the_data_and_not_the_way_there() {
        let identity = Identity {
            product: "PostgreSQL 15.1".to_owned(),
            system_identifier: Some("7301".to_owned()),
            place: "db.example:5432".to_owned(),
            database: "billing".to_owned(),
            schema: "public".to_owned(),
            role: "reader".to_owned(),
            is_encrypted: true,
        };
        let moved = Identity { place: "other:1".to_owned(), role: "x".to_owned(), ..identity.clone() };
        assert_eq!(identity.fingerprint(), moved.fingerprint());
        assert_eq!(identity.fingerprint().len(), 64);
        for other in [
            Identity { database: "billing2".to_owned(), ..identity.clone() },
            Identity { schema: "app".to_owned(), ..identity.clone() },
            Identity { system_identifier: None, ..identity.clone() },
            Identity { database: "billin".to_owned(), schema: "gpublic".to_owned(), ..identity.clone() },
        ] {
            assert_ne!(identity.fingerprint(), other.fingerprint(), "{other:?}");
        }
    }
}
