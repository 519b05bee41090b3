//! An open store: one connection that writes, a few that read, and work handed to them as plain functions.
//!
//! Separate from opening because everything here may assume a sound file and the right key. Work runs on the blocking
//! threads; if it panics, its connection is thrown away and the transaction with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deadpool_sqlite::{Config, Hook, HookError, InteractError, Manager, Pool, PoolError, Runtime};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::runtime::Handle;

use crate::connection::{self, Access};
use crate::open::Layout;
use crate::{OpenError, StoreError, StoreKey};

/// Connections that read at the same time.
const READERS: usize = 4;
/// How long a caller waits for a connection.
const WAIT: Duration = Duration::from_secs(30);

/// An open store; cheap to clone.
#[derive(Clone)]
pub struct Database {
    path: PathBuf,
    key: Arc<StoreKey>,
    pools: Arc<Pools>,
}

/// The connections. The runtime they belong to is kept, because the pools need it even to be dropped, and the last clone
/// of a store may well be dropped elsewhere.
struct Pools {
    writer: Option<Pool>,
    readers: Option<Pool>,
    runtime: Option<Handle>,
}

impl Drop for Pools {
    fn drop(&mut self) {
        let _entered = self.runtime.as_ref().map(Handle::enter);
        drop((self.writer.take(), self.readers.take()));
    }
}

impl Database {
    pub(crate) fn open(path: PathBuf, layout: &Layout, key: Arc<StoreKey>, access: Access) -> Result<Self, OpenError> {
        let writer = match access {
            Access::Write => Some(pool(&path, layout, &key, Access::Write, 1)?),
            Access::Read => None,
        };
        let readers = Some(pool(&path, layout, &key, Access::Read, READERS)?);
        let pools = Pools { writer, readers, runtime: Handle::try_current().ok() };
        Ok(Self { path, key, pools: Arc::new(pools) })
    }

    /// Gives the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder the file is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    pub(crate) fn key(&self) -> &StoreKey {
        &self.key
    }

    /// Reads: all statements of the work see the store at one moment.
    ///
    /// **Errors**: what the work returns; [`StoreError::Busy`] when no connection becomes free.
    /// **Example**: `database.read(|conn| Ok(conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)).await`
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        with(self.readers()?, move |conn| {
            let snapshot = conn.transaction_with_behavior(TransactionBehavior::Deferred)?;
            work(&snapshot)
        })
        .await
    }

    /// Writes in one transaction, which is on the disk when this returns, or left no trace.
    ///
    /// **Errors**: what the work returns, after rolling back; [`StoreError::ReadOnly`] for a store opened to read only.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.with_writer(move |conn| {
            let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }

    /// Works on the writing connection outside a transaction: for copies and for emptying the log.
    pub(crate) async fn with_writer<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let writer = self.pools.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        with(writer, work).await
    }

    /// Names every damaged page of the file; empty when all are whole.
    ///
    /// **Errors**: a file that cannot be read at all.
    pub async fn damaged_pages(&self) -> Result<Vec<u32>, StoreError> {
        let (path, key) = (self.path.clone(), Arc::clone(&self.key));
        // On a blocking thread of the pool, though not on its connection.
        with(self.readers()?, move |_| Ok(connection::damaged_pages(&path, &key)?)).await
    }

    /// Closes every connection; later calls answer [`StoreError::Closed`].
    pub fn close(&self) {
        self.pools.writer.iter().chain(&self.pools.readers).for_each(Pool::close);
    }

    fn readers(&self) -> Result<&Pool, StoreError> {
        self.pools.readers.as_ref().ok_or(StoreError::Closed)
    }
}

fn pool(path: &Path, layout: &Layout, key: &Arc<StoreKey>, access: Access, size: usize) -> Result<Pool, OpenError> {
    let place = address(path).ok_or_else(|| OpenError::File {
        path: path.to_owned(),
        cause: std::io::Error::new(std::io::ErrorKind::InvalidFilename, "the path has no form SQLite could open"),
    })?;
    let key = Arc::clone(key);
    Pool::builder(Manager::from_config(&Config::new(place), Runtime::Tokio1))
        .max_size(size)
        .wait_timeout(Some(WAIT))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(move |wrapper, _| {
            let key = Arc::clone(&key);
            Box::pin(async move {
                let ready = wrapper.interact(move |conn| connection::set_up(conn, &key, access)).await;
                ready.map_err(|broken| HookError::message(broken.to_string()))?.map_err(HookError::Backend)
            })
        }))
        .build()
        .map_err(|cause| OpenError::File { path: layout.file.into(), cause: std::io::Error::other(cause) })
}

/// Gives the address by which SQLite opens the file only if it exists: a file that vanished must not be made anew.
fn address(path: &Path) -> Option<String> {
    let mut address = url::Url::from_file_path(path).ok()?;
    address.set_query(Some("mode=rw"));
    Some(address.into())
}

async fn with<T, F>(pool: &Pool, work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
{
    let connection = pool.get().await.map_err(|failure| match failure {
        PoolError::Timeout(_) => StoreError::Busy { limit_ms: u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX) },
        PoolError::Backend(cause) | PoolError::PostCreateHook(HookError::Backend(cause)) => cause.into(),
        PoolError::Closed => StoreError::Closed,
        PoolError::PostCreateHook(HookError::Message(_)) | PoolError::NoRuntimeSpecified => StoreError::Panicked,
    })?;
    match connection.interact(work).await {
        Ok(answer) => answer,
        Err(InteractError::Panic(_)) => {
            tracing::error!(event = "store_work_panicked", "work on a store broke off and was rolled back");
            Err(StoreError::Panicked)
        }
        Err(InteractError::Cancelled) => Err(StoreError::Closed),
    }
}
