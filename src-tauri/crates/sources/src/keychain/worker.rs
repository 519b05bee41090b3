//! The one thread that talks to the keychain, and the desk at which callers hand in their requests.
//!
//! Separate because its only subject is time: calls run one after the other, a call that overruns keeps the desk shut
//! instead of piling up threads, and nobody ever waits for the thread itself, at exit least of all.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::platform::Store;
use super::{KeychainError, milliseconds};
use crate::secret::Secret;

/// Requests that may wait in line.
const QUEUE_MAX: usize = 256;
/// Threads that may hang in a call that never comes back; after that the desk stays shut.
const STUCK_THREADS_MAX: usize = 4;

/// What is asked of the keychain.
pub(super) enum Work {
    /// Keep this value.
    Put(Secret),
    /// Fetch the value.
    Get,
    /// Remove the item.
    Remove,
    /// Try writing, reading and removing.
    Probe,
}

/// What comes back: a secret for [`Work::Get`], or `None` when its value is not ours.
pub(super) type Answer = Result<Option<Secret>, KeychainError>;

struct Request {
    account: String,
    work: Work,
    reply: oneshot::Sender<Answer>,
}

/// The call under way: since when, and which item it writes.
struct Call {
    since: Instant,
    writes: Option<String>,
}

struct Worker {
    requests: SyncSender<Request>,
    call: Arc<Mutex<Option<Call>>>,
    thread: JoinHandle<()>,
}

/// Takes requests, and decides which thread serves them.
pub(super) struct Desk {
    call_limit: Duration,
    fresh_after: Duration,
    worker: Option<Worker>,
    stuck: Vec<Worker>,
}

impl Desk {
    pub(super) fn new(call_limit: Duration, fresh_after: Duration) -> Self {
        Self { call_limit, fresh_after, worker: None, stuck: Vec::new() }
    }

    /// Hands a request to the worker without waiting for anything.
    ///
    /// **Errors**: `Timeout` at once while an earlier call overruns, or may still write the same item.
    pub(super) fn submit(
        &mut self,
        account: String,
        work: Work,
        reply: oneshot::Sender<Answer>,
    ) -> Result<(), KeychainError> {
        let shut = KeychainError::Timeout { limit_ms: milliseconds(self.call_limit) };
        self.stuck.retain(|worker| !worker.thread.is_finished());
        self.clear_overrun(&shut)?;
        let pending_write = |worker: &Worker| worker.writes(&account);
        if matches!(work, Work::Put(_) | Work::Remove) && self.stuck.iter().any(pending_write) {
            return Err(shut);
        }
        let worker = match self.worker.take() {
            Some(worker) if !worker.thread.is_finished() => worker,
            _ => Worker::start()?,
        };
        let sent = worker.requests.try_send(Request { account, work, reply });
        self.worker = Some(worker);
        sent.map_err(|refusal| match refusal {
            TrySendError::Full(_) => shut,
            TrySendError::Disconnected(_) => KeychainError::Refused { cause: "its thread ended".to_owned() },
        })
    }

    /// Sets a worker aside whose call has hung for longer than anyone waits for it.
    fn clear_overrun(&mut self, shut: &KeychainError) -> Result<(), KeychainError> {
        match self.worker.take_if(|worker| worker.overdue(self.call_limit)) {
            None => Ok(()),
            Some(worker) if worker.overdue(self.fresh_after) && self.stuck.len() < STUCK_THREADS_MAX => {
                self.stuck.push(worker);
                Ok(())
            }
            Some(worker) => {
                self.worker = Some(worker);
                Err(shut.clone())
            }
        }
    }
}

impl Worker {
    fn start() -> Result<Self, KeychainError> {
        let (requests, queue) = sync_channel(QUEUE_MAX);
        let call = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&call);
        let thread = std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || serve(&queue, &seen))
            .map_err(|cause| KeychainError::Refused { cause: cause.to_string() })?;
        Ok(Self { requests, call, thread })
    }

    fn overdue(&self, limit: Duration) -> bool {
        let call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        !self.thread.is_finished() && call.as_ref().is_some_and(|call| call.since.elapsed() >= limit)
    }

    fn writes(&self, account: &str) -> bool {
        let call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        call.as_ref().is_some_and(|call| call.writes.as_deref() == Some(account))
    }
}

/// Serves the queue until the desk lets go of it.
fn serve(queue: &Receiver<Request>, call: &Mutex<Option<Call>>) {
    let note = |value| *call.lock().unwrap_or_else(PoisonError::into_inner) = value;
    let mut store = Store::default();
    while let Ok(Request { account, work, reply }) = queue.recv() {
        // The caller gave up while waiting in line; doing it now would surprise them.
        if reply.is_closed() {
            continue;
        }
        let writes = matches!(work, Work::Put(_) | Work::Remove).then(|| account.clone());
        note(Some(Call { since: Instant::now(), writes }));
        let answer = store.answer(&account, &work);
        note(None);
        if reply.send(answer).is_err() {
            tracing::warn!(event = "keychain_answer_late", "a keychain call outlived its caller");
        }
    }
}
