//! One unit of work on a PostgreSQL server: a read-only transaction that is checked before anything is read in it.
//!
//! Leg 4 of reading only, and the limit on connections. Nothing is set on a session, everything on the transaction; a
//! unit that is dropped anywhere stops what it was doing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::error::{BillingError, quoted};
use super::session::{CONNECT_LIMIT, Door, Parameter, Session};
use super::sql::{self, Text};

/// Connections to one billing database at any time. **Units**: connections.
pub(super) const CONNECTIONS_MAX: usize = 3;
/// How long a connection nobody uses is kept for the next unit.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// The connections to one database: at most three, at most one of them waiting for work.
pub(super) struct Pool {
    door: Arc<Door>,
    slots: Arc<Semaphore>,
    idle: std::sync::Mutex<Option<(Session, Instant)>>,
}

/// An open read-only transaction.
pub(super) struct Unit<'p> {
    pool: &'p Pool,
    work: &'static str,
    session: Option<Session>,
    slot: Option<OwnedSemaphorePermit>,
}

impl Pool {
    pub(super) fn new(door: Door) -> Self {
        let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { door: Arc::new(door), slots, idle: std::sync::Mutex::new(None) }
    }

    pub(super) fn door(&self) -> &Door {
        &self.door
    }

    /// Opens a transaction, on the waiting connection where there is one. `work` names it in errors.
    ///
    /// **Errors**: those of logging in; `NotReadOnly` when the transaction is not what was asked for.
    pub(super) async fn begin(&self, work: &'static str) -> Result<Unit<'_>, BillingError> {
        let closed = |error| BillingError::unreachable(&self.door.place, error);
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(closed)?;
        let mut unit = Unit { pool: self, work, session: self.take_idle(), slot: Some(slot) };
        // A waiting connection may have died without a word; then, and only then, a second one is tried.
        if unit.session.is_some() && unit.open().await.is_ok() {
            return Ok(unit);
        }
        unit.session = Some(self.door.enter(CONNECT_LIMIT).await?);
        unit.open().await?;
        Ok(unit)
    }

    fn take_idle(&self) -> Option<Session> {
        let (session, since) = self.idle.lock().ok()?.take()?;
        (!session.is_closed() && since.elapsed() < IDLE_LIMIT).then_some(session)
    }
}

impl Unit<'_> {
    /// Begins the transaction, makes its settings, and reads them back: a pooler or a role's settings may differ.
    async fn open(&self) -> Result<(), BillingError> {
        let session = self.session()?;
        let settings = sql::SETTINGS.iter().map(|setting| setting.statement);
        let texts: Vec<_> = std::iter::once(sql::BEGIN).chain(settings).map(sql::Statement::text).collect();
        // They leave in this order without waiting for each other: one round trip instead of nine.
        try_join_all(texts.iter().map(|text| session.rows(self.work, text, &[]))).await?;

        let expected: HashMap<&str, &str> =
            sql::SETTINGS.iter().map(|setting| (setting.name, setting.value)).chain(sql::TRANSACTION).collect();
        let names: Vec<_> = expected.keys().copied().collect();
        let rows = self.rows(&sql::CHECK.text(), &[(&names, Type::TEXT_ARRAY)]).await?;
        let mut confirmed = 0;
        for row in &rows {
            let (name, value): (&str, &str) = (self.cell(row, "name")?, self.cell(row, "value")?);
            if expected.get(name) != Some(&value) {
                return Err(BillingError::NotReadOnly { setting: quoted(name), found: quoted(value) });
            }
            confirmed += 1;
        }
        if confirmed == expected.len() {
            Ok(())
        } else {
            Err(BillingError::NotReadOnly { setting: "the number of settings".into(), found: "another".into() })
        }
    }

    /// Sends one statement inside the transaction.
    pub(super) async fn rows(&self, text: &Text, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, BillingError> {
        self.session()?.rows(self.work, text, parameters).await
    }

    /// Sends a statement that answers with one row.
    pub(super) async fn row(&self, text: &Text, parameters: &[Parameter<'_>]) -> Result<Row, BillingError> {
        let unreachable = || BillingError::unreachable(&self.pool.door.place, "an answer of one row has none");
        self.rows(text, parameters).await?.into_iter().next().ok_or_else(unreachable)
    }

    /// Reads a cell of a catalog answer.
    pub(super) fn cell<'r, T: tokio_postgres::types::FromSql<'r>>(
        &self,
        row: &'r Row,
        column: &str,
    ) -> Result<T, BillingError> {
        row.try_get(column).map_err(|error| BillingError::unreachable(&self.pool.door.place, error))
    }

    /// Ends the transaction and keeps the connection for the next one. What was read is read, whatever happens here.
    pub(super) async fn end(mut self) {
        if self.rows(&sql::ROLLBACK.text(), &[]).await.is_err() {
            return;
        }
        // The connection goes back before the slot does, so that a fourth is never opened beside it.
        if let (Some(session), Ok(mut idle)) = (self.session.take(), self.pool.idle.lock()) {
            idle.get_or_insert((session, Instant::now()));
        }
    }

    fn session(&self) -> Result<&Session, BillingError> {
        self.session.as_ref().ok_or_else(|| BillingError::unreachable(&self.pool.door.place, "the unit has ended"))
    }
}

impl Drop for Unit<'_> {
    fn drop(&mut self) {
        if let (Some(session), Some(slot)) = (self.session.as_mut(), self.slot.take()) {
            session.hold(slot);
        }
    }
}
