//! The running program: one profile, its stores, its connections to the outside, its work in progress.
//!
//! Cheap to clone; every use case is handed one. Deliberately absent: anything a shell would have to know.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use countersign_demo::Simulator;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, OperatorId};
use countersign_sources::keychain::Keychain;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::{Bus, Topic};
use crate::files::Files;
use crate::freshness::Failures;
use crate::jobs::{self, Jobs};
use crate::stores::{self, Stores};

/// How long the end waits for work in the background to let go.
const END_WITHIN: Duration = Duration::from_secs(2);

/// How the program is started.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// Folder of the profile; the platform's own when it is not named.
    pub folder: Option<PathBuf>,
}

/// The running program.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    keychain: Keychain,
    bus: Bus,
    jobs: Jobs,
    files: Files,
    stores: RwLock<Result<Arc<Stores>, Failure>>,
    chosen: Mutex<Chosen>,
    failures: Failures,
    simulator: Mutex<Option<Arc<Simulator>>>,
    stopping: Mutex<CancellationToken>,
    background: TaskTracker,
}

/// Finds the running program again, without keeping it from ending.
pub(crate) struct Handle(Weak<Inner>);

impl Handle {
    /// Gives the program, while it runs.
    pub(crate) fn get(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

/// What the person is looking at, and who they are.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// The environment every screen shows.
    pub environment: Option<EnvironmentId>,
    /// Who works here.
    pub operator: Option<OperatorId>,
}

impl App {
    /// Starts the program on a profile.
    ///
    /// **Shape**: never fails; stores that cannot be opened leave it in limited mode, and [`App::stores`] says why.
    pub async fn start(opening: Opening) -> Self {
        let folder = opening.folder.unwrap_or_else(default_folder);
        let keychain = Keychain::default();
        let opened = stores::open(&folder, &keychain).await.map(Arc::new);
        let app = Self(Arc::new(Inner {
            folder,
            keychain,
            bus: Bus::new(),
            jobs: Jobs::default(),
            files: Files::default(),
            stores: RwLock::new(opened),
            chosen: Mutex::default(),
            failures: Failures::default(),
            simulator: Mutex::default(),
            stopping: Mutex::default(),
            background: TaskTracker::new(),
        }));
        app.taken_up().await;
        app
    }

    /// Tries once more to open the stores.
    ///
    /// **Errors**: why they stay closed.
    pub async fn reopen(&self) -> Result<(), Failure> {
        if self.stores().is_ok() {
            return Ok(());
        }
        let opened = stores::open(&self.0.folder, &self.0.keychain).await.map(Arc::new);
        let result = opened.as_ref().map(drop).map_err(Clone::clone);
        *self.0.stores.write().unwrap_or_else(PoisonError::into_inner) = opened;
        self.taken_up().await;
        self.0.bus.publish(&[Topic::Settings, Topic::Ledger, Topic::Mirror, Topic::Checklists]);
        result
    }

    /// Goes on with stores that were just opened.
    async fn taken_up(&self) {
        crate::frame::restore_choice(self).await;
        if self.stores().is_ok() {
            crate::clock::told::restore(self).await;
            crate::audit::restore(self).await;
            jobs::upkeep::begin(self);
            jobs::rounds::begin(self);
        }
    }

    /// Closes the stores and lets nobody have them until they are opened again; gives them for what is left to be done.
    pub(crate) fn close_stores(&self, why: Failure) -> Result<Arc<Stores>, Failure> {
        self.cancel();
        self.close();
        *self.0.stopping.lock().unwrap_or_else(PoisonError::into_inner) = CancellationToken::new();
        std::mem::replace(&mut *self.0.stores.write().unwrap_or_else(PoisonError::into_inner), Err(why))
    }

    /// Gives the token by which work in the background learns that the program ends.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.0.stopping.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs work beside what is asked for; the end waits for it.
    pub(crate) fn in_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.background.spawn(work);
    }

    /// Gives a handle for work that goes on in the background.
    pub(crate) fn handle(&self) -> Handle {
        Handle(Arc::downgrade(&self.0))
    }

    /// Gives the open stores.
    ///
    /// **Errors**: why they are closed.
    pub fn stores(&self) -> Result<Arc<Stores>, Failure> {
        self.0.stores.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the folder of the profile.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Gives the folder of the log.
    #[must_use]
    pub fn log_folder(&self) -> PathBuf {
        self.0.folder.join("log")
    }

    /// Gives the keychain.
    #[must_use]
    pub fn keychain(&self) -> &Keychain {
        &self.0.keychain
    }

    /// Gives the freshness loop.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }

    /// Gives the work in progress.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Gives why the newest reads failed.
    #[must_use]
    pub fn failures(&self) -> &Failures {
        &self.0.failures
    }

    /// Gives the files somebody chose.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// Gives what the person is looking at.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        self.0.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn choose(&self, change: impl FnOnce(&mut Chosen)) {
        change(&mut self.0.chosen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Gives the invented company, when it runs in this process.
    #[must_use]
    pub fn simulator(&self) -> Option<Arc<Simulator>> {
        self.0.simulator.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn keep_simulator(&self, simulator: Simulator) {
        *self.0.simulator.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(simulator));
    }

    /// Runs a question of the contract.
    ///
    /// **Errors**: those of the use case.
    pub async fn asked<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let started = std::time::Instant::now();
        let answer = work.await;
        tracing::debug!(name, ms = started.elapsed().as_millis(), ok = answer.is_ok(), "asked");
        answer
    }

    /// Runs an act of the contract, and says afterwards which topics it made stale.
    ///
    /// **Errors**: those of the use case.
    pub async fn acted<T>(
        &self,
        name: &'static str,
        topics: &[Topic],
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let answer = work.await;
        tracing::info!(name, ok = answer.is_ok(), "acted");
        // Also after a failure: an act may have come half way, and the screens must show where it is now.
        self.0.bus.publish(topics);
        answer
    }

    /// Ends the program: stops what runs, waits until it let go, though not for ever, and closes the stores.
    pub async fn end(&self) {
        self.cancel();
        self.0.background.close();
        // A task that reads while its runtime is taken down would end in a panic.
        let _hangs = tokio::time::timeout(END_WITHIN, self.0.background.wait()).await;
        self.close();
    }

    fn cancel(&self) {
        self.0.jobs.cancel_all();
        self.stopping().cancel();
    }

    fn close(&self) {
        if let Ok(stores) = self.stores() {
            stores.mirror.close();
            stores.ledger.database().close();
        }
    }
}

/// The platform's own place for a profile.
fn default_folder() -> PathBuf {
    dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join("dev.countersign.console")
}
