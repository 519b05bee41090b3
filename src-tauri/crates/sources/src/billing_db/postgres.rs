//! The billing database on a PostgreSQL server.
//!
//! Here the four legs of reading only come together: the role is audited before the first read, statements and names
//! come from `sql` and the catalog, and each read is a unit of its own. There is no method that takes SQL.

use std::time::Duration;

use countersign_domain::Instant;
use countersign_domain::billing::{RowKind, SchemaProfile, ServerSigns};
use countersign_domain::workspace::{ExposedCount, Exposure};
use secrecy::SecretString;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Timestamp, Type};

use super::address::DatabaseAddress;
use super::cells::{Cells, Rows};
use super::error::{BillingError, SchemaGap};
use super::exposure::{self, FittedRule, Holds, Operand};
use super::profile::{self, Column, Detection, Relation, RelationKind};
use super::role::{RoleFinding, Severity};
use super::session::{Door, Parameter};
use super::sql;
use super::unit::{Pool, Unit};
use super::{Answer, BillingReader, Clock, ClockOffset, Identity, PAGE_ROWS, Page, PageRequest, Standing};

/// How long the verdict on a role holds.
const AUDIT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Findings of the role audit that are told. **Units**: rows.
const FINDINGS_MAX: i64 = 50;
/// Relations of a schema that are listed. **Units**: rows.
const RELATIONS_MAX: i64 = 1_000;
/// Labels of one enumeration that are looked at. **Units**: rows.
const LABELS_MAX: i64 = 1_000;
/// Invalid indexes and constraints that are told. **Units**: rows.
const INVALID_MAX: i64 = 100;
/// The longest name of a client PostgreSQL keeps. **Units**: bytes.
const APPLICATION_BYTES_MAX: usize = 63;

/// Reads a billing database on a PostgreSQL server.
pub struct PostgresReader {
    pool: Pool,
    allow_powerful_role: bool,
    audited_at: tokio::sync::Mutex<Option<tokio::time::Instant>>,
}

impl PostgresReader {
    /// Makes a reader. Reads the CA file or the computer's trust store, and connects to nothing yet.
    ///
    /// **Shape**: `profile` is the id of this program's profile, shown to the database's administrators beside name and
    /// version. `allow_powerful_role` comes from an administrator's policy file and from nowhere else.
    /// **Errors**: `OptionRefused` for a field that is not accepted; `TlsUntrusted` for a CA file that cannot be used.
    pub fn new(
        address: DatabaseAddress,
        password: Option<SecretString>,
        profile: &str,
        allow_powerful_role: bool,
    ) -> Result<Self, BillingError> {
        let application = format!("countersign/{} {profile}", env!("CARGO_PKG_VERSION"));
        let application = application.chars().filter(char::is_ascii_graphic).take(APPLICATION_BYTES_MAX).collect();
        let pool = Pool::new(Door::new(address, password, application)?);
        Ok(Self { pool, allow_powerful_role, audited_at: tokio::sync::Mutex::new(None) })
    }

    /// Opens a unit of work for a role that has been found harmless, or allowed.
    async fn unit(&self, work: &'static str) -> Result<Unit<'_>, BillingError> {
        let mut audited_at = self.audited_at.lock().await;
        if audited_at.is_none_or(|at| at.elapsed() > AUDIT_EVERY) {
            let findings = self.findings().await?;
            let is_powerful = findings.iter().any(|finding| finding.severity == Severity::Deny);
            if is_powerful && !self.allow_powerful_role {
                return Err(BillingError::RoleTooPowerful { findings });
            }
            *audited_at = Some(tokio::time::Instant::now());
        }
        drop(audited_at);
        self.pool.begin(work).await
    }

    async fn findings(&self) -> Result<Vec<RoleFinding>, BillingError> {
        let unit = self.pool.begin("audit the role").await?;
        let rows = unit.rows(&sql::AUDIT_ROLE.text(), &[(&FINDINGS_MAX, Type::INT8)]).await?;
        let finding = |row| {
            let severity = Severity::from_word(unit.cell(row, "severity")?);
            Ok(RoleFinding { severity, kind: unit.cell(row, "kind")?, what: unit.cell(row, "what")? })
        };
        let findings = rows.iter().map(finding).collect::<Result<_, _>>()?;
        unit.end().await;
        Ok(findings)
    }

    /// Asks the catalog for relations of the schema, by name or all of them.
    async fn relations(&self, unit: &Unit<'_>, names: Option<&[&str]>) -> Result<Vec<Relation>, BillingError> {
        let schema = self.pool.door().address().schema.as_str();
        let parameters: [Parameter<'_>; 3] =
            [(&schema, Type::TEXT), (&names, Type::TEXT_ARRAY), (&RELATIONS_MAX, Type::INT8)];
        let rows = unit.rows(&sql::RELATIONS.text(), &parameters).await?;
        rows.iter().map(|row| relation(unit, row)).collect()
    }

    /// Asks the catalog for the labels of a column's enumeration.
    async fn labels(&self, unit: &Unit<'_>, table: &str, column: &str) -> Result<Vec<String>, BillingError> {
        let schema = self.pool.door().address().schema.as_str();
        let parameters: [Parameter<'_>; 4] =
            [(&schema, Type::TEXT), (&table, Type::TEXT), (&column, Type::TEXT), (&LABELS_MAX, Type::INT8)];
        let rows = unit.rows(&sql::LABELS.text(), &parameters).await?;
        rows.iter().map(|row| unit.cell(row, "label")).collect()
    }

    /// Reads rows of a kind: after a key, changed since an instant, with these ids of Stripe; each where given.
    async fn read(
        &self,
        unit: &Unit<'_>,
        text: &sql::Text,
        request: PageRequest<'_>,
        ids: Option<&[&str]>,
    ) -> Result<Rows, BillingError> {
        let since = request.changed_since.map(|at| at.naive_utc());
        let limit = i64::try_from(PAGE_ROWS).unwrap_or(i64::MAX);
        let parameters: [Parameter<'_>; 4] =
            [(&request.after, Type::TEXT), (&since, Type::TIMESTAMP), (&ids, Type::TEXT_ARRAY), (&limit, Type::INT8)];
        let mut rows = Rows::of(request.kind);
        for row in unit.rows(text, &parameters).await? {
            rows.read(&row)?;
        }
        Ok(rows)
    }
}

impl BillingReader for PostgresReader {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(async move {
            let unit = self.unit("read the database's identity").await?;
            let row = unit.row(&sql::IDENTITY.text(), &[]).await?;
            // Some hosted servers withhold it, and a refusal would end the transaction: so ask first.
            let system_identifier = if unit.cell(&row, "may_read_control")? {
                Some(unit.cell(&unit.row(&sql::CONTROL.text(), &[]).await?, "system_identifier")?)
            } else {
                None
            };
            let address = self.pool.door().address();
            let identity = Identity {
                product: format!("PostgreSQL {}", unit.cell::<&str>(&row, "version")?),
                system_identifier,
                place: address.route.to_string(),
                database: unit.cell(&row, "database")?,
                schema: address.schema.as_str().to_owned(),
                role: unit.cell(&row, "role")?,
                is_encrypted: address.route.is_encrypted(),
            };
            unit.end().await;
            Ok(identity)
        })
    }

    fn standing<'a>(&'a self, clock: &'a Clock) -> Answer<'a, Standing> {
        Box::pin(async move {
            let unit = self.unit("read the server's clock").await?;
            let before = clock();
            let row = unit.row(&sql::STANDING.text(), &[]).await?;
            let after = clock();
            let standing = Standing {
                clock: ClockOffset::between(before, unit.cell(&row, "server_at")?, after),
                is_replica: unit.cell(&row, "is_replica")?,
                replay_lag_ms: unit.cell(&row, "replay_lag_ms")?,
            };
            unit.end().await;
            Ok(standing)
        })
    }

    fn audit_role(&self) -> Answer<'_, Vec<RoleFinding>> {
        Box::pin(self.findings())
    }

    fn tables(&self) -> Answer<'_, Vec<Relation>> {
        Box::pin(async move {
            let unit = self.unit("list the tables").await?;
            let relations = self.relations(&unit, None).await?;
            unit.end().await;
            Ok(relations)
        })
    }

    fn detect(&self) -> Answer<'_, Detection> {
        Box::pin(async move {
            let unit = self.unit("recognise the schema").await?;
            let relations = self.relations(&unit, Some(profile::ALL_TABLES)).await?;
            unit.end().await;
            Ok(profile::detect(&relations))
        })
    }

    fn signs(&self) -> Answer<'_, Option<ServerSigns>> {
        Box::pin(async move {
            let unit = self.unit("look for signs of damage").await?;
            let schema = self.pool.door().address().schema.as_str();
            let parameters: [Parameter<'_>; 2] = [(&schema, Type::TEXT), (&INVALID_MAX, Type::INT8)];
            let row = unit.row(&sql::DAMAGE.text(), &parameters).await?;
            let failures: Option<i64> = unit.cell(&row, "checksum_failures")?;
            let invalid = unit.cell(&row, "invalid")?;
            unit.end().await;
            let checksum_failures = failures.map(|count| u64::try_from(count).unwrap_or_default());
            Ok(Some(ServerSigns { checksum_failures, invalid }))
        })
    }

    fn count(&self, profile: SchemaProfile, kind: RowKind) -> Answer<'_, u64> {
        Box::pin(async move {
            let unit = self.unit("count rows").await?;
            let relations = self.relations(&unit, Some(profile::ALL_TABLES)).await?;
            let text = sql::COUNT.on_any(profile::leading(profile, kind, &relations)?);
            let rows: i64 = unit.cell(&unit.row(&text, &[]).await?, "rows")?;
            unit.end().await;
            Ok(u64::try_from(rows).unwrap_or_default())
        })
    }

    fn exposed<'a>(&'a self, measure: &'a Exposure) -> Answer<'a, ExposedCount> {
        Box::pin(async move {
            let unit = self.unit("count who is exposed").await?;
            let mut relations = self.relations(&unit, Some(&[measure.table.as_str()])).await?;
            if relations.is_empty() {
                // For the names that are near it.
                relations = self.relations(&unit, None).await?;
            }
            let fitted = exposure::fit(measure, &relations)?;
            let rules = [("exposed", Some(&fitted.exposed)), ("eligible", fitted.eligible.as_ref())];
            for (side, rule) in rules.into_iter().filter_map(|(side, rule)| Some((side, rule?))) {
                if rule.holds == Holds::Word && rule.operand.is_some() {
                    let labels = self.labels(&unit, &measure.table, &rule.column.name).await?;
                    exposure::check_label(side, rule, &labels)?;
                }
            }
            let parameters = [parameter(Some(&fitted.exposed)), parameter(fitted.eligible.as_ref())];
            let row = unit.row(&sql::exposure(&fitted), &parameters).await?;
            let (exposed, eligible): (i64, i64) = (unit.cell(&row, "exposed")?, unit.cell(&row, "eligible")?);
            unit.end().await;
            let count = |rows| u64::try_from(rows).unwrap_or_default();
            Ok(ExposedCount { exposed: count(exposed), eligible: count(eligible) })
        })
    }

    fn page<'a>(&'a self, profile: SchemaProfile, request: PageRequest<'a>) -> Answer<'a, Page> {
        Box::pin(async move {
            let unit = self.unit("read a page of rows").await?;
            let relations = self.relations(&unit, Some(profile::ALL_TABLES)).await?;
            let text = profile::text_for(profile, request.kind, &relations)?;
            let rows = self.read(&unit, &text, request, None).await?;
            unit.end().await;
            Ok(Page::of(rows))
        })
    }

    fn rows_by_stripe_id<'a>(&'a self, profile: SchemaProfile, kind: RowKind, ids: &'a [&'a str]) -> Answer<'a, Rows> {
        Box::pin(async move {
            if !profile::require(profile, kind)?.has_stripe_id {
                return Err(BillingError::SchemaUnknown(SchemaGap::NotKept { profile, kind, what: "Stripe id" }));
            }
            let unit = self.unit("look up rows by their Stripe ids").await?;
            let relations = self.relations(&unit, Some(profile::ALL_TABLES)).await?;
            let text = profile::text_for(profile, kind, &relations)?;
            let mut found = Rows::of(kind);
            for ids in ids.chunks(PAGE_ROWS) {
                // More rows than ids where a profile lets two rows name the same object: hence pages here too.
                let mut after: Option<String> = None;
                loop {
                    let request = PageRequest { kind, after: after.as_deref(), changed_since: None };
                    let page = Page::of(self.read(&unit, &text, request, Some(ids)).await?);
                    found.append(page.rows);
                    let Some(next) = page.next else { break };
                    after = Some(next);
                }
            }
            unit.end().await;
            Ok(found)
        })
    }
}

/// Gives a rule's value in the type its column is compared with, so that nothing is cast; nothing where none is.
fn parameter<'p>(rule: Option<&'p FittedRule<'_>>) -> Parameter<'p> {
    match rule.and_then(|rule| rule.operand.as_ref()) {
        Some(Operand::Text(text)) => (text, Type::TEXT),
        Some(Operand::Whole(number)) => (number, Type::INT8),
        Some(Operand::Number(number)) => (number, Type::FLOAT8),
        Some(Operand::Instant(at)) => (at, Type::TIMESTAMPTZ),
        None => (&None::<String>, Type::TEXT),
    }
}

fn relation(unit: &Unit<'_>, row: &Row) -> Result<Relation, BillingError> {
    let names: Vec<String> = unit.cell(row, "column_names")?;
    let quoted: Vec<String> = unit.cell(row, "column_quoted")?;
    let types: Vec<String> = unit.cell(row, "column_types")?;
    let grants: Vec<bool> = unit.cell(row, "column_grants")?;
    let columns = names.into_iter().zip(quoted).zip(types.into_iter().zip(grants));
    let column = |((name, quoted), (type_name, is_granted))| Column { name, quoted, type_name, is_granted };
    Ok(Relation {
        name: unit.cell(row, "name")?,
        qualified: unit.cell(row, "qualified")?,
        kind: match unit.cell(row, "kind")? {
            "r" => RelationKind::Table,
            "p" => RelationKind::PartitionedTable,
            "m" => RelationKind::MaterializedView,
            "v" => RelationKind::View,
            "f" => RelationKind::ForeignTable,
            _ => RelationKind::Other,
        },
        rows_estimated: unit.cell(row, "rows_estimated")?,
        columns: columns.map(column).collect(),
    })
}

impl Cells for Row {
    fn text(&self, column: &'static str) -> Result<Option<String>, BillingError> {
        typed(self, column)
    }

    fn integer(&self, column: &'static str) -> Result<Option<i64>, BillingError> {
        typed(self, column)
    }

    fn number(&self, column: &'static str) -> Result<Option<f64>, BillingError> {
        typed(self, column)
    }

    fn flag(&self, column: &'static str) -> Result<Option<bool>, BillingError> {
        typed(self, column)
    }

    fn instant(&self, column: &'static str) -> Result<Option<Instant>, BillingError> {
        let found = self.columns().iter().find(|found| found.name() == column);
        let type_name = found.map(tokio_postgres::Column::type_).ok_or_else(|| BillingError::cell(column))?;
        // The type is known to fit, so what still fails is a date no calendar here holds, or infinity: no instant.
        if *type_name == Type::TIMESTAMP {
            let at: Option<Timestamp<chrono::NaiveDateTime>> = self.try_get(column).ok().flatten();
            Ok(at.and_then(finite).map(|at| at.and_utc()))
        } else if *type_name == Type::TIMESTAMPTZ {
            let at: Option<Timestamp<Instant>> = self.try_get(column).ok().flatten();
            Ok(at.and_then(finite))
        } else {
            Err(BillingError::cell(column))
        }
    }
}

fn typed<'r, T: FromSql<'r>>(row: &'r Row, column: &'static str) -> Result<Option<T>, BillingError> {
    row.try_get(column).map_err(|_| BillingError::cell(column))
}

fn finite<T>(at: Timestamp<T>) -> Option<T> {
    match at {
        Timestamp::Value(at) => Some(at),
        Timestamp::PosInfinity | Timestamp::NegInfinity => None,
    }
}
