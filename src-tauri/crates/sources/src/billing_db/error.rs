//! What can go wrong between us and the company's billing database.
//!
//! One variant for each thing a caller treats differently, with the stable code beside it. What a server says is cut
//! and cleaned before it is kept, and its DETAIL is never kept: it repeats values of rows.

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::failure::Code;
use countersign_domain::workspace::ExposureFault;
use tokio_postgres::error::SqlState;

use super::profile::RelationKind;
use super::role::RoleFinding;

/// The longest text of a server or of a person that an error repeats. **Units**: characters.
const QUOTED_CHARS_MAX: usize = 200;

/// A cause that is told in its own words.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What the billing database, or the way to it, answered instead of rows.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// Nothing that speaks the database's protocol answered there, or the connection broke.
    #[error("{place} could not be reached")]
    Unreachable {
        /// Which database on which host.
        place: Box<str>,
        /// What happened on the way.
        #[source]
        cause: Cause,
    },
    /// The way to the server is not encrypted and has to be; nothing secret was sent.
    #[error("{place} {why}")]
    TlsRequired {
        /// Which database on which host.
        place: Box<str>,
        /// What the server did.
        why: &'static str,
    },
    /// The server's certificate, or the file that should vouch for it, is not good.
    #[error("the certificate of {place} is not trusted")]
    TlsUntrusted {
        /// Which database on which host.
        place: Box<str>,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
    /// The server refused the user or the password.
    #[error("{place} refused the user or the password")]
    Auth {
        /// Which database on which host.
        place: Box<str>,
        /// What the server said.
        #[source]
        cause: Cause,
    },
    /// The role may not read what it has to; a grant is missing.
    #[error("the database role may not do this: {work}")]
    NotPermitted {
        /// What was being done, or which column was to be read.
        work: Box<str>,
        /// What the server said, where it was asked.
        #[source]
        cause: Option<Cause>,
    },
    /// The role could change the server itself, so nothing was read.
    #[error("the database role is too powerful for a console that only reads")]
    RoleTooPowerful {
        /// Everything the audit found, the worst first.
        findings: Vec<RoleFinding>,
    },
    /// A name is not a plain identifier.
    #[error(
        "{what} `{name}` is not a plain name: a letter or underscore, then letters, digits and underscores, 63 at most"
    )]
    NameInvalid {
        /// Which name.
        what: &'static str,
        /// The name, cut.
        name: Box<str>,
    },
    /// A relation is of a kind that is not read, because reading it may run somebody's code.
    #[error("`{relation}` is a {kind}, and only tables and materialised views are read")]
    RelationKind {
        /// The relation.
        relation: Box<str>,
        /// What it is.
        kind: RelationKind,
    },
    /// The schema is not one this console can read.
    #[error("the schema cannot be read")]
    SchemaUnknown(#[source] SchemaGap),
    /// A statement ran into its limit of time, or was stopped by somebody else.
    #[error("no complete answer within {limit_ms} ms: {work}")]
    TimedOut {
        /// What was being done.
        work: &'static str,
        /// The limit.
        limit_ms: u128,
    },
    /// Somebody else holds a lock, or the replica had to give way to its primary.
    #[error("held up by another session of the database: {work}")]
    Locked {
        /// What was being done.
        work: &'static str,
    },
    /// A field of the connection, or a parameter of a pasted address, is not accepted.
    #[error("the connection field `{option}` is not accepted: {why}")]
    OptionRefused {
        /// The field's name, cut.
        option: Box<str>,
        /// Why not.
        why: &'static str,
    },
    /// The measure of exposure names or compares what this database does not have or take.
    #[error("the measure of exposure cannot be used: {0}")]
    ExposureUnfit(ExposureFault),
    /// The transaction is not the read-only one that was asked for, so nothing was read.
    #[error("the database did not open a read-only transaction: {setting} is `{found}`")]
    NotReadOnly {
        /// The setting that differs.
        setting: Box<str>,
        /// What it is, cut.
        found: Box<str>,
    },
}

/// Why a schema cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaGap {
    /// No profile fits.
    #[error("it fits none of the known profiles")]
    NoProfile,
    /// Several profiles fit, and guessing is not allowed.
    #[error("it fits more than one profile: {}", .0.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "))]
    SeveralProfiles(Vec<SchemaProfile>),
    /// A table is not there.
    #[error("table `{0}` is missing")]
    Table(&'static str),
    /// A column is not there, or is of a type that is not read.
    #[error("column `{column}` of `{table}` is {found}")]
    Column {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// `missing`, or the type it has.
        found: Box<str>,
    },
    /// A cell that a row cannot do without is empty or unreadable.
    #[error("a row has no readable `{0}`")]
    Cell(&'static str),
    /// The profile keeps no such rows, or no Stripe id beside them.
    #[error("{profile} keeps no {what} for {kind}")]
    NotKept {
        /// The profile.
        profile: SchemaProfile,
        /// The kind asked for.
        kind: RowKind,
        /// `table` or `Stripe id`.
        what: &'static str,
    },
    /// The server's catalog and the statement disagree: somebody is changing the schema.
    #[error("the server does not know what the catalog named: {0}")]
    Moved(Box<str>),
}

/// The words of a server, cut and cleaned.
#[derive(Debug, thiserror::Error)]
#[error("{sqlstate}: {words}")]
pub struct ServerSaid {
    /// The five characters of the SQL standard.
    pub sqlstate: Box<str>,
    /// The message, without detail and hint.
    pub words: Box<str>,
}

impl BillingError {
    /// Gives the stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Unreachable { .. } => Code::PgUnreachable,
            Self::TlsRequired { .. } => Code::PgTlsRequired,
            Self::TlsUntrusted { .. } => Code::PgTlsUntrusted,
            Self::Auth { .. } | Self::NotPermitted { .. } => Code::PgAuth,
            Self::RoleTooPowerful { .. } => Code::PgRoleTooPowerful,
            Self::NameInvalid { .. } => Code::PgNameInvalid,
            Self::RelationKind { .. } => Code::PgRelationKind,
            Self::SchemaUnknown(_) => Code::PgSchemaUnknown,
            Self::TimedOut { .. } => Code::PgTimeout,
            Self::Locked { .. } => Code::PgLocked,
            Self::OptionRefused { .. } => Code::PgOptionRefused,
            Self::ExposureUnfit(_) => Code::InputInvalid,
            Self::NotReadOnly { .. } => Code::PgNotReadOnly,
        }
    }

    /// Says that the connection to a place failed.
    pub fn unreachable(place: &str, cause: impl Into<Cause>) -> Self {
        Self::Unreachable { place: place.into(), cause: cause.into() }
    }

    /// Says that a row lacks a cell it cannot do without.
    #[must_use]
    pub fn cell(column: &'static str) -> Self {
        Self::SchemaUnknown(SchemaGap::Cell(column))
    }

    /// Says why a connection field is refused.
    pub(super) fn refused(option: &str, why: &'static str) -> Self {
        Self::OptionRefused { option: quoted(option), why }
    }

    /// Sorts an error of the driver; `work` is what was being done, `limit_ms` what it was given.
    pub(super) fn classify(error: tokio_postgres::Error, place: &str, work: &'static str, limit_ms: u128) -> Self {
        let Some(said) = error.as_db_error() else {
            return Self::unreachable(place, error);
        };
        let state = said.code().clone();
        let cause = ServerSaid { sqlstate: state.code().into(), words: quoted(said.message()) };
        if state == SqlState::QUERY_CANCELED {
            Self::TimedOut { work, limit_ms }
        } else if state == SqlState::LOCK_NOT_AVAILABLE || state == SqlState::T_R_SERIALIZATION_FAILURE {
            Self::Locked { work }
        } else if state == SqlState::INSUFFICIENT_PRIVILEGE {
            Self::NotPermitted { work: work.into(), cause: Some(cause.into()) }
        } else if state == SqlState::UNDEFINED_TABLE || state == SqlState::UNDEFINED_COLUMN {
            Self::SchemaUnknown(SchemaGap::Moved(cause.words))
        } else if state == SqlState::READ_ONLY_SQL_TRANSACTION {
            Self::NotReadOnly { setting: work.into(), found: cause.words }
        } else if state == SqlState::INVALID_PASSWORD || state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            Self::Auth { place: place.into(), cause: cause.into() }
        } else {
            Self::unreachable(place, cause)
        }
    }
}

/// Cuts a text of somebody else to a length that can be shown, without control characters.
pub(super) fn quoted(text: &str) -> Box<str> {
    text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARS_MAX).collect::<String>().into()
}
