//! The demo's billing database, read through the same trait as PostgreSQL: the second real reader.
//!
//! A SQLite file with the tables of DevFlowHub. It is opened for reading only, once per answer, and never as
//! "immutable": the invented company goes on writing into it while it is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime, Utc};
use countersign_domain::billing::{RowKind, SchemaProfile, ServerSigns};
use countersign_domain::workspace::{ExposedCount, Exposure};
use countersign_sources::billing_db::exposure::{self, FittedRule, Operand};
use countersign_sources::billing_db::{
    ANY_TYPE, Answer, BillingError, BillingReader, Cells, Clock, ClockOffset, Column, Detection, Identity, PAGE_ROWS,
    Page, PageRequest, Relation, RelationKind, RoleFinding, Rows, SchemaGap, Standing, detect,
};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params};

mod sql;
#[cfg(test)]
mod tests;

/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// How long a lock of the writer is waited for.
const LOCK_LIMIT: Duration = Duration::from_secs(1);
/// Steps of SQLite's machine between two looks at the limit. **Units**: virtual machine instructions.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// Reads the billing tables of a SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteReader {
    file: PathBuf,
}

/// What went wrong while a file was read.
enum Trouble {
    Sqlite(rusqlite::Error),
    Billing(BillingError),
}

/// Ends the work on the file when the answer is no longer wanted.
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<BillingError> for Trouble {
    fn from(error: BillingError) -> Self {
        Self::Billing(error)
    }
}

impl SqliteReader {
    /// Makes a reader of a file; opens nothing yet.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// Opens the file, asks, and closes it, away from the threads that must not wait.
    async fn ask<T: Send + 'static>(
        &self,
        work: &'static str,
        question: impl FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, BillingError> {
        let unwanted = Arc::new(AtomicBool::new(false));
        let wanted = Wanted(Arc::clone(&unwanted));
        let file = self.file.clone();
        let asked = tokio::task::spawn_blocking(move || open(&file, unwanted).and_then(|file| question(&file))).await;
        drop(wanted);
        match asked {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Trouble::Billing(error))) => Err(error),
            Ok(Err(Trouble::Sqlite(error))) => Err(self.classify(error, work)),
            Err(stopped) => Err(BillingError::unreachable(&self.place(), stopped)),
        }
    }

    fn classify(&self, error: rusqlite::Error, work: &'static str) -> BillingError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BillingError::Locked { work },
            Some(ErrorCode::OperationInterrupted) => {
                BillingError::TimedOut { work, limit_ms: ANSWER_LIMIT.as_millis() }
            }
            // SQLite's general error: for a constant statement, a table or column that is not there.
            Some(ErrorCode::Unknown) => BillingError::SchemaUnknown(SchemaGap::Moved(error.to_string().into())),
            _ => BillingError::unreachable(&self.place(), error),
        }
    }

    fn place(&self) -> String {
        format!("database file {}", self.file.display())
    }

    async fn rows(
        &self,
        profile: SchemaProfile,
        kind: RowKind,
        after: Option<String>,
        changed_since: Option<DateTime<Utc>>,
        ids: Option<String>,
    ) -> Result<Rows, BillingError> {
        let statement = statement(profile, kind)?;
        self.ask("read rows", move |file| {
            let mut statement = file.prepare(statement)?;
            let since = changed_since.map(|at| at.timestamp_millis());
            let limit = i64::try_from(PAGE_ROWS).unwrap_or(i64::MAX);
            let mut found = statement.query(params![after, since, ids, limit])?;
            let mut rows = Rows::of(kind);
            while let Some(row) = found.next()? {
                rows.read(&RowCells(row))?;
            }
            Ok(rows)
        })
        .await
    }

    /// Lists the tables; `type_of` says what the declared type of a column counts as.
    async fn relations(&self, type_of: fn(&str) -> &'static str) -> Result<Vec<Relation>, BillingError> {
        self.ask("list the tables", move |file| {
            let mut tables = file.prepare(sql::TABLES)?;
            let mut columns = file.prepare(sql::COLUMNS)?;
            let mut relations = Vec::new();
            let mut found = tables.query([])?;
            while let Some(row) = found.next()? {
                let name: String = row.get("name")?;
                let column = |row: &Row<'_>| {
                    let (name, declared): (String, String) = (row.get("name")?, row.get("type")?);
                    let type_name = type_of(&declared).to_owned();
                    Ok(Column { quoted: quoted(&name), name, type_name, is_granted: true })
                };
                relations.push(Relation {
                    columns: columns.query_map([&name], column)?.collect::<Result<_, _>>()?,
                    qualified: format!("main.{}", quoted(&name)),
                    kind: match row.get_ref("kind")?.as_str().unwrap_or_default() {
                        "table" => RelationKind::Table,
                        "view" => RelationKind::View,
                        _ => RelationKind::Other,
                    },
                    rows_estimated: None,
                    name,
                });
            }
            Ok(relations)
        })
        .await
    }
}

impl BillingReader for SqliteReader {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(async move {
            let version: String =
                self.ask("read the version", |file| Ok(file.query_row(sql::VERSION, [], |row| row.get(0))?)).await?;
            Ok(Identity {
                product: format!("SQLite {version}"),
                system_identifier: None,
                place: self.file.display().to_string(),
                database: self.file.file_name().map(|name| name.to_string_lossy().into()).unwrap_or_default(),
                schema: "main".to_owned(),
                role: String::new(),
                is_encrypted: false,
            })
        })
    }

    /// The file is on this computer and goes by its clock.
    fn standing<'a>(&'a self, clock: &'a Clock) -> Answer<'a, Standing> {
        Box::pin(async move {
            let now = clock();
            Ok(Standing { clock: ClockOffset::between(now, now, now), is_replica: false, replay_lag_ms: None })
        })
    }

    /// A file has no roles; that it is opened for reading is our own doing.
    fn audit_role(&self) -> Answer<'_, Vec<RoleFinding>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn tables(&self) -> Answer<'_, Vec<Relation>> {
        Box::pin(self.relations(any))
    }

    fn detect(&self) -> Answer<'_, Detection> {
        Box::pin(async move { Ok(detect(&self.relations(any).await?)) })
    }

    /// A file has no server that could say anything of its health.
    fn signs(&self) -> Answer<'_, Option<ServerSigns>> {
        Box::pin(async { Ok(None) })
    }

    fn count(&self, profile: SchemaProfile, kind: RowKind) -> Answer<'_, u64> {
        Box::pin(async move {
            statement(profile, kind)?;
            let count = self.ask("count rows", move |file| Ok(file.query_row(sql::count(kind), [], |row| row.get(0))?));
            count.await.map(|rows: i64| u64::try_from(rows).unwrap_or_default())
        })
    }

    fn exposed<'a>(&'a self, measure: &'a Exposure) -> Answer<'a, ExposedCount> {
        Box::pin(async move {
            let relations = self.relations(declared).await?;
            let fitted = exposure::fit(measure, &relations)?;
            let (text, values) = (sql::exposure(&fitted), [Some(&fitted.exposed), fitted.eligible.as_ref()].map(value));
            let counted = self.ask("count who is exposed", move |file| {
                // The statement may have no room for either value, so each is bound by its number.
                let mut statement = file.prepare(&text)?;
                for (at, value) in values.iter().enumerate().take(statement.parameter_count()) {
                    statement.raw_bind_parameter(at + 1, value)?;
                }
                let mut rows = statement.raw_query();
                let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
                Ok((row.get("exposed")?, row.get("eligible")?))
            });
            let (exposed, eligible): (i64, i64) = counted.await?;
            let count = |rows| u64::try_from(rows).unwrap_or_default();
            Ok(ExposedCount { exposed: count(exposed), eligible: count(eligible) })
        })
    }

    fn page<'a>(&'a self, profile: SchemaProfile, request: PageRequest<'a>) -> Answer<'a, Page> {
        Box::pin(async move {
            let after = request.after.map(str::to_owned);
            self.rows(profile, request.kind, after, request.changed_since, None).await.map(Page::of)
        })
    }

    fn rows_by_stripe_id<'a>(&'a self, profile: SchemaProfile, kind: RowKind, ids: &'a [&'a str]) -> Answer<'a, Rows> {
        Box::pin(async move {
            let mut found = Rows::of(kind);
            // Stripe's ids are unique in this profile, so a page of ids never brings more than a page of rows.
            for ids in ids.chunks(PAGE_ROWS) {
                let ids = serde_json::Value::from(ids).to_string();
                found.append(self.rows(profile, kind, None, None, Some(ids)).await?);
            }
            Ok(found)
        })
    }
}

/// Opens a file that exists, for reading, and watches over what is asked of it.
fn open(file: &Path, unwanted: Arc<AtomicBool>) -> Result<Connection, Trouble> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.busy_timeout(LOCK_LIMIT)?;
    let started = Instant::now();
    let is_over = move || unwanted.load(Ordering::Relaxed) || started.elapsed() > ANSWER_LIMIT;
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over))?;
    Ok(connection)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// SQLite's columns hold any type, whatever was declared.
fn any(_declared: &str) -> &'static str {
    ANY_TYPE
}

/// Names what a declared type means, by the rules of SQLite and the habits of those who write such files.
fn declared(declared: &str) -> &'static str {
    const WORDS: [(&str, &str); 11] = [
        ("bool", "bool"),
        ("int", "int8"),
        ("date", "timestamp"),
        ("time", "timestamp"),
        ("char", "text"),
        ("text", "text"),
        ("real", "float8"),
        ("floa", "float8"),
        ("doub", "float8"),
        ("num", "numeric"),
        ("dec", "numeric"),
    ];
    let declared = declared.to_ascii_lowercase();
    WORDS.iter().find(|(word, _)| declared.contains(word)).map_or("other", |(_, name)| name)
}

/// Gives a rule's value as SQLite compares it; an instant in milliseconds.
fn value(rule: Option<&FittedRule<'_>>) -> Value {
    match rule.and_then(|rule| rule.operand.as_ref()) {
        Some(Operand::Text(text)) => Value::Text(text.clone()),
        Some(Operand::Whole(number)) => Value::Integer(*number),
        Some(Operand::Number(number)) => Value::Real(*number),
        Some(Operand::Instant(at)) => Value::Integer(at.timestamp_millis()),
        None => Value::Null,
    }
}

fn statement(profile: SchemaProfile, kind: RowKind) -> Result<&'static str, BillingError> {
    if profile == SchemaProfile::Devflowhub {
        Ok(sql::rows(kind))
    } else {
        Err(BillingError::SchemaUnknown(SchemaGap::NotKept { profile, kind, what: "table in a demo file" }))
    }
}

/// A row of the file. SQLite's columns hold any type, so each value is judged as it comes.
struct RowCells<'r>(&'r Row<'r>);

impl RowCells<'_> {
    fn value(&self, column: &'static str) -> Result<ValueRef<'_>, BillingError> {
        self.0.get_ref(column).map_err(|_| BillingError::cell(column))
    }
}

impl Cells for RowCells<'_> {
    fn text(&self, column: &'static str) -> Result<Option<String>, BillingError> {
        self.value(column)?.as_str_or_null().map(|text| text.map(str::to_owned)).map_err(|_| BillingError::cell(column))
    }

    fn integer(&self, column: &'static str) -> Result<Option<i64>, BillingError> {
        self.value(column)?.as_i64_or_null().map_err(|_| BillingError::cell(column))
    }

    fn number(&self, column: &'static str) -> Result<Option<f64>, BillingError> {
        self.value(column)?.as_f64_or_null().map_err(|_| BillingError::cell(column))
    }

    fn flag(&self, column: &'static str) -> Result<Option<bool>, BillingError> {
        match self.integer(column)? {
            None => Ok(None),
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            Some(_) => Err(BillingError::cell(column)),
        }
    }

    /// Milliseconds since 1970, as Prisma writes them to SQLite, or ISO text, without a zone in UTC.
    fn instant(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, BillingError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(millis) => Ok(DateTime::from_timestamp_millis(millis)),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| BillingError::cell(column))?;
                let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
                let local = || NaiveDateTime::parse_from_str(&text.replacen('T', " ", 1), "%Y-%m-%d %H:%M:%S%.f");
                zoned.or_else(|_| local().map(|at| at.and_utc())).map(Some).map_err(|_| BillingError::cell(column))
            }
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(BillingError::cell(column)),
        }
    }
}
