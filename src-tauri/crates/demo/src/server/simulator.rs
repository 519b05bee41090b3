//! The running simulator, and the handle by which tests and the demo hold it.
//!
//! Its clock begins at the end of the history and goes on by itself; no wall clock is read.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::answer::{self, Door, Route};
use super::control::{self, Asked};
use super::keys::Keys;
use super::refusal::Refusal;
use super::resource::ENDPOINTS;
use super::traffic::{Limits, Requests, Traffic};
use crate::billing_db::{BillingDb, BillingDbError};
use crate::faults::wire::{self, Fault};
use crate::faults::{Planted, Sighting};
use crate::options::Options;
use crate::random::Random;
use crate::story::{self, Change, Live};
use crate::truth::Truth;
use crate::world::table::drawn_text;
use crate::world::{World, older};

/// How long a stopping server waits for answers under way.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What sets the draws of changes and of request ids apart from those of the history.
const CHANGE_STREAM: u64 = 0xC4A4_0000_0000_0000;
const REQUEST_STREAM: u64 = 0x4E00_0000_0000_0000;

/// How many ends of pages are remembered.
const WATCHED_MAX: usize = 8;

/// Why the simulator does not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address can be reached from other computers.
    #[error("{0} is not a loopback address; the invented company is served to this computer only")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("listening on {listen}")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// The company was not finished.
    #[error("inventing the company was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// The application's database cannot be written.
    #[error("the application's database")]
    BillingDb(#[from] BillingDbError),
}

/// What every request looks at.
struct Shared {
    world: RwLock<World>,
    billing_db: Option<Mutex<BillingDb>>,
    planted: Planted,
    options: Options,
    keys: Keys,
    host: String,
    traffic: Traffic,
    are_keys_revoked: AtomicBool,
    started: Instant,
    skipped_s: AtomicI64,
    /// How many changes were made.
    changes: AtomicU64,
    /// The ids with which the last pages ended.
    watched: Mutex<VecDeque<String>>,
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, World> {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        world.reach(self.now(world.as_of));
        world
    }

    fn write(&self) -> RwLockWriteGuard<'_, World> {
        let world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        world.reach(self.now(world.as_of));
        world
    }

    fn now(&self, as_of: i64) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(0);
        as_of + elapsed + self.skipped_s.load(Ordering::Relaxed)
    }

    fn answer(&self, request: &Request) -> Result<Value, Refusal> {
        let door = Door {
            keys: &self.keys,
            restricted_without: &self.options.restricted_without,
            are_revoked: self.are_keys_revoked.load(Ordering::Relaxed),
        };
        let answer = answer::answer(&self.read(), &door, request.headers(), request.uri())?;
        self.watch(&answer);
        Ok(answer)
    }

    /// Remembers what a page ended with, so that changes can aim at it.
    fn watch(&self, answer: &Value) {
        let last = answer.get("data").and_then(Value::as_array).and_then(|data| data.last());
        let Some(id) = last.and_then(|last| last.get("id")).and_then(Value::as_str) else { return };
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.truncate(WATCHED_MAX - 1);
        watched.push_front(id.to_owned());
    }

    fn mutate(&self, count: u32) -> Vec<Change> {
        let watched: Vec<String> =
            self.watched.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        let mut world = self.write();
        let at = world.now();
        let change = |_| {
            let number = self.changes.fetch_add(1, Ordering::Relaxed);
            let random = Random::new(world.seed ^ CHANGE_STREAM, number);
            Live { world: &mut world, random, at }.change(&watched)
        };
        let changes = (0..count).map(change).collect();
        self.write_down(&world);
        changes
    }

    fn decline(&self, count: u32) -> Vec<Change> {
        let mut world = self.write();
        let at = world.now();
        let random = Random::new(world.seed ^ CHANGE_STREAM, self.changes.load(Ordering::Relaxed));
        let changes = Live { world: &mut world, random, at }.decline(usize::try_from(count).unwrap_or(usize::MAX));
        self.write_down(&world);
        changes
    }

    fn expose(&self, pct: u32) -> Result<(), BillingDbError> {
        let Some(billing_db) = &self.billing_db else { return Ok(()) };
        billing_db.lock().unwrap_or_else(PoisonError::into_inner).expose(&self.read(), pct)
    }

    /// Has the application handle what happened.
    fn write_down(&self, world: &World) {
        let Some(billing_db) = &self.billing_db else { return };
        if let Err(cause) = billing_db.lock().unwrap_or_else(PoisonError::into_inner).follow(world) {
            tracing::warn!(%cause, "the application did not write down what happened");
        }
    }

    fn limits(&self) -> Limits {
        let Options { rps, operation_rps, max_in_flight, .. } = self.options;
        Limits { rps, operation_rps, max_in_flight }
    }

    fn fault(&self, number: u64) -> Option<Fault> {
        wire::drawn(self.options.world.seed, number, self.options.fault_rate)
    }
}

/// A running simulator. It stops when this is dropped, or sooner by `stop`.
///
/// **Example**: `serve(Options::of(WorldOptions::at(as_of)), "127.0.0.1:0".parse()?)`
pub struct Simulator {
    /// Where it answers, `http://127.0.0.1:49152`.
    pub url: String,
    /// Its keys.
    pub keys: Keys,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    changes: JoinHandle<()>,
}

/// Invents the company and serves it.
///
/// **Errors**: an address that is not loopback, or that cannot be listened on; a database file that cannot be written
/// or is not ours.
pub async fn serve(options: Options, listen: SocketAddr) -> Result<Simulator, DemoError> {
    if !listen.ip().is_loopback() {
        return Err(DemoError::NotLoopback(listen));
    }
    let failed = |cause| DemoError::Listen { listen, cause };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let host = listener.local_addr().map_err(failed)?.to_string();
    let keys = Keys::of(options.world.seed);
    // The company's clock goes on while it is invented, so that it is never behind the computer's.
    let started = Instant::now();
    let (world, billing_db) = invented(&options).await?;
    let shared = Arc::new(Shared {
        planted: Planted::of(&world),
        world: RwLock::new(world),
        billing_db: billing_db.map(Mutex::new),
        options,
        keys: keys.clone(),
        host: host.clone(),
        traffic: Traffic::default(),
        are_keys_revoked: AtomicBool::new(false),
        started,
        skipped_s: AtomicI64::new(0),
        changes: AtomicU64::new(0),
        watched: Mutex::default(),
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let app = Router::new().fallback(respond).with_state(Arc::clone(&shared));
    let server = tokio::spawn(async move {
        let until = async {
            // An error means that the handle is gone, which is a reason to stop as good as being asked to.
            let _ = stopped.await;
        };
        if let Err(cause) = axum::serve(listener, app).with_graceful_shutdown(until).await {
            tracing::warn!(%cause, "the simulator ended");
        }
    });
    let changes = tokio::spawn(change_by_itself(Arc::clone(&shared)));
    Ok(Simulator { url: format!("http://{host}"), keys, shared, stop: Some(stop), server, changes })
}

/// Invents the company and has its application write it down, away from the threads that must not wait.
async fn invented(options: &Options) -> Result<(World, Option<BillingDb>), DemoError> {
    let (world, path) = (options.world.clone(), options.billing_db.clone());
    let work = move || {
        let world = story::invent(&world);
        let billing_db = path.map(|path| BillingDb::create(&path, &world)).transpose()?;
        Ok((world, billing_db))
    };
    tokio::task::spawn_blocking(work).await.map_err(DemoError::Interrupted)?
}

/// Makes changes at the rate asked for, for ever.
async fn change_by_itself(shared: Arc<Shared>) {
    let rate = shared.options.mutate_per_sec;
    if rate <= 0.0 {
        return;
    }
    let pause = Duration::from_secs_f64((1.0 / rate).clamp(1e-3, 1e6));
    loop {
        tokio::time::sleep(pause).await;
        shared.mutate(1);
    }
}

async fn respond(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    if request.uri().path().starts_with(control::PATHS) {
        return changed(&shared, &request);
    }
    let template = Route::of(request.uri().path()).template();
    let (number, _flight) = shared.traffic.arrive(request.method().as_str(), &template);
    if shared.options.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(shared.options.latency_ms)).await;
    }
    let fault = shared.fault(number);
    let result = answer::guard(request.headers(), &shared.host)
        .and_then(|()| answer::only_read(request.method()))
        .and_then(|()| shared.traffic.admit(shared.limits(), &template))
        .and_then(|()| match fault {
            Some(Fault::Broken) => Err(Refusal::broken()),
            Some(Fault::Locked) => Err(Refusal::locked()),
            Some(Fault::TooMany) => Err(Refusal::too_many("global-rate")),
            _ => shared.answer(&request),
        });
    let (answer, body) = written(&shared, number, request.headers(), result);
    shared.traffic.answered(answer.status().as_u16(), fault.is_some());
    match fault {
        Some(fault) => wire::spoil(fault, answer, &body),
        None => answer,
    }
}

/// Answers somebody who changes the company; that is no request to Stripe, so it is not counted among those.
fn changed(shared: &Shared, request: &Request) -> Response<Body> {
    let asked = control::asked((request.method(), request.uri().path()), request.headers(), &shared.host);
    let result = asked.and_then(|asked| match asked {
        Asked::Endpoint { is_enabled } => control::switch(&mut shared.write(), is_enabled),
        Asked::Decline { count } => Ok(json!({ "declined": shared.decline(count).len() })),
        Asked::Exposure { pct } => match shared.expose(pct) {
            Ok(()) => Ok(json!({ "exposed_pct": pct })),
            Err(cause) => Err(Refusal::plain(500, format!("The application's database was not written: {cause}."))),
        },
    });
    written(shared, 0, request.headers(), result).0
}

fn written(shared: &Shared, number: u64, asked: &HeaderMap, result: Result<Value, Refusal>) -> (Response<Body>, Bytes) {
    let mut random = Random::new(shared.options.world.seed ^ REQUEST_STREAM, number);
    let request_id = format!("req_{}", drawn_text(&mut random, 14));
    let (status, json, refusal) = match result {
        Ok(json) => (200, json, None),
        Err(refusal) => (refusal.status, refusal.json(&request_id), Some(refusal)),
    };
    let body = Bytes::from(json.to_string());
    let mut answer = Response::new(Body::from(body.clone()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put("content-type", "application/json");
    put("cache-control", "no-cache, no-store");
    put("request-id", &request_id);
    // Without a version a request is answered under the account's own, which the header tells. The body is always that
    // of the pinned version: this server speaks no other.
    let version = asked.get("stripe-version").and_then(|version| version.to_str().ok());
    put("stripe-version", version.unwrap_or(older::VERSION));
    if let Some(refusal) = refusal {
        put("stripe-should-retry", if refusal.should_retry() { "true" } else { "false" });
        if let Some(limit) = refusal.limit {
            put("stripe-rate-limited-reason", limit);
        }
        if status == 401 {
            put(header::WWW_AUTHENTICATE.as_str(), "Bearer realm=\"Stripe\"");
        }
    }
    (answer, body)
}

impl Simulator {
    /// Gives every object of a list as the API shows it, embedded lists complete, oldest first.
    ///
    /// **Shape**: `path` as in `/v1/<path>`; prices made inside subscriptions are among the prices; deleted objects are
    /// left out; unknown paths have no objects.
    #[must_use]
    pub fn objects(&self, path: &str) -> Vec<Value> {
        let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| endpoint.path == path) else { return Vec::new() };
        (endpoint.all)(&self.shared.read())
    }

    /// Makes changes now: sign-ups, updates, cancellations, payments, deletions; each with its events.
    ///
    /// **Shape**: which changes is drawn from the seed, how many were made before, and what the last pages ended with.
    pub fn mutate(&self, count: u32) -> Vec<Change> {
        self.shared.mutate(count)
    }

    /// Tells what the company earned, by construction.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth::of(&self.shared.read())
    }

    /// Says where the planted faults stand.
    ///
    /// **Shape**: as they were planted at the end of the history; live changes may have mended some.
    #[must_use]
    pub fn planted(&self) -> Vec<Sighting> {
        let world = self.shared.read();
        self.shared.planted.sightings(&world)
    }

    /// Gives the counts of requests so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.shared.traffic.counts()
    }

    /// Moves the application's flag: the new billing is switched on for this share of the users.
    ///
    /// **Units**: of a hundred.
    /// **Errors**: a database that cannot be written.
    pub fn expose(&self, pct: u32) -> Result<(), BillingDbError> {
        self.shared.expose(pct)
    }

    /// Tries so many open invoices again, the newest first, and has the bank decline each.
    pub fn decline(&self, count: u32) -> Vec<Change> {
        self.shared.decline(count)
    }

    /// Lets time pass at once: nothing is billed in it, but events age.
    pub fn advance(&self, seconds: u32) {
        self.shared.skipped_s.fetch_add(i64::from(seconds), Ordering::Relaxed);
    }

    /// Revokes both keys: from here on they are refused as expired.
    pub fn revoke_keys(&self) {
        self.shared.are_keys_revoked.store(true, Ordering::Relaxed);
    }

    /// Gives the present moment of the company: the end of its history, and the time since the start.
    #[must_use]
    pub fn now(&self) -> countersign_domain::Instant {
        let now = self.shared.read().now();
        chrono::DateTime::from_timestamp(now, 0).unwrap_or_default()
    }

    /// Stops answering; answers under way are finished.
    pub async fn stop(mut self) {
        self.changes.abort();
        self.stop.take();
        if tokio::time::timeout(STOP_PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.changes.abort();
        self.server.abort();
    }
}
