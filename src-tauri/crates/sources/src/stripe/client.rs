//! The Stripe client: one key, one address, one budget, and `get`.
//!
//! Retries, their waits and the counters live here, because they are the same for every read. Which lists exist and how
//! they are paged is in `list`; what an answer says is in `answer`. There is no way to send anything but GET.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use countersign_domain::Instant;
use countersign_domain::stripe::{API_VERSION, Mode, ObjectKind};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};

use super::address::{Address, AddressRefused};
use super::answer::{Body, Expects, Verdict, judge};
use super::budget::{Budget, default_per_second};
use super::key::{Key, KeyClass};
use crate::get::{Bounds, Get, GetError, NoClient};

/// Tries of one request, the first included.
pub const TRIES_MAX: usize = 6;
/// Longest `Retry-After` that is waited for; a longer one ends the request.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// A list may be slow: full pages with expansions take long, and a retry would cost a second read.
const LIST_TIME_MAX: Duration = Duration::from_secs(60);

const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// How the waits between tries grow.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The first wait is between this and its double; each further one doubles.
    pub first: Duration,
    /// No wait is longer than the double of this.
    pub longest: Duration,
}

impl Patience {
    /// Half a second up to 32 seconds, each with random jitter.
    pub const DEFAULT: Self = Self { first: Duration::from_millis(250), longest: Duration::from_secs(16) };

    fn waits(self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_max_times(TRIES_MAX - 1)
            .with_jitter()
    }
}

/// Why no client was made. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The key must not go to this address.
    #[error(transparent)]
    Address(#[from] AddressRefused),
    /// The platform's TLS is unusable.
    #[error(transparent)]
    NoClient(#[from] NoClient),
}

/// Why a read brought nothing. Texts of the server in it are redacted and short.
#[derive(Debug, thiserror::Error)]
pub enum StripeError {
    /// 401: the key is wrong, revoked or expired. Every further read would fail alike.
    #[error("Stripe does not accept the key {key}: {says}")]
    KeyRejected {
        /// The key as it may be shown.
        key: String,
        /// Stripe's words.
        says: String,
    },
    /// 403: the key lacks a permission. Concerns this path only.
    #[error("the key may not read {path}: {says}")]
    NotPermitted {
        /// Path template.
        path: &'static str,
        /// The permission Stripe named, if it did.
        permission: Option<String>,
        /// Stripe's words.
        says: String,
    },
    /// 404 with `resource_missing`: the object is gone, or was never in this account and mode.
    #[error("{path}: no such object")]
    Missing {
        /// Path template.
        path: &'static str,
    },
    /// 404 for a path: the server does not have it.
    #[error("the server does not offer {path}")]
    NotOffered {
        /// Path template.
        path: &'static str,
    },
    /// 400 about the cursor: its object was deleted, aged out or left the filter.
    #[error("{path}: the cursor object is gone")]
    CursorGone {
        /// Path template.
        path: &'static str,
    },
    /// Another 4xx: the query is wrong, and would be the next time.
    #[error("{path}: refused with status {status}: {says}")]
    Refused {
        /// Path template.
        path: &'static str,
        /// HTTP status.
        status: u16,
        /// Stripe's code, if it gave one.
        code: Option<String>,
        /// Stripe's words.
        says: String,
    },
    /// 429 to the last try, or a wait longer than [`RETRY_AFTER_MAX`] asked for.
    #[error("{path}: Stripe limits requests and did not let this one through")]
    RateLimited {
        /// Path template.
        path: &'static str,
        /// When Stripe wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The server failed to the last try.
    #[error("{path}: the server failed with status {status} (request {})", request_id.as_deref().unwrap_or("unknown"))]
    ServerFailed {
        /// Path template.
        path: &'static str,
        /// HTTP status.
        status: u16,
        /// What support asks for.
        request_id: Option<String>,
    },
    /// What came is not what Stripe sends: a proxy, a captive portal, half an answer.
    #[error("{path}: not an answer Stripe gives (status {status}): {what}")]
    BadAnswer {
        /// Path template.
        path: &'static str,
        /// HTTP status.
        status: u16,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No answer to the last try.
    #[error("{path}: no answer")]
    NoAnswer {
        /// Path template.
        path: &'static str,
        /// What the network said.
        #[source]
        cause: GetError,
    },
    /// An embedded list went round in circles or was longer than any Stripe sends.
    #[error("{path}: the list does not end")]
    Endless {
        /// Path template.
        path: &'static str,
    },
}

/// What was asked so far. Counts every request that was sent, also those that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests sent.
    pub requests: u64,
    /// How many of them were second and further tries.
    pub retries: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    retries: AtomicU64,
    bytes: AtomicU64,
}

/// A connection to one Stripe account.
pub struct Client {
    get: Get,
    address: Address,
    key: Key,
    budget: Budget,
    patience: Patience,
    counters: Counters,
    /// Kinds whose expansions the key may not have.
    less_expanded: Mutex<BTreeSet<ObjectKind>>,
    /// Who wants to know what the server tells of the time.
    tells_time: Option<TellsTime>,
}

type TellsTime = Box<dyn Fn(Instant) + Send + Sync>;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// Path template, `/v1/customers/{id}`: what errors and logs name.
    pub path: &'static str,
    /// The segments of the path, ids not yet encoded.
    pub segments: &'a [&'a str],
    /// The query, not yet encoded.
    pub query: &'a [(&'a str, &'a str)],
    /// What a good answer looks like.
    pub expects: Expects,
}

impl Client {
    /// Makes a client. Opens no connection.
    ///
    /// **Errors**: [`ConnectError::Address`] for a live key and an address that is not Stripe's.
    pub fn new(key: Key, address: Address) -> Result<Self, ConnectError> {
        address.admits(&key)?;
        let get = match address {
            Address::Stripe => Get::elsewhere()?,
            Address::Loopback(_) => Get::loopback()?,
        };
        let budget = Budget::new(default_per_second(key.mode()));
        Ok(Self {
            get,
            address,
            key,
            budget,
            patience: Patience::DEFAULT,
            counters: Counters::default(),
            less_expanded: Mutex::default(),
            tells_time: None,
        })
    }

    /// Sets other waits between tries, for tests and for servers known to be near.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Hands on the time the server tells with each good answer.
    #[must_use]
    pub fn telling_time(self, to: impl Fn(Instant) + Send + Sync + 'static) -> Self {
        Self { tells_time: Some(Box::new(to)), ..self }
    }

    /// Sets the requests per second, within Stripe's own limits.
    pub fn set_per_second(&self, per_second: NonZeroU32) {
        self.budget.set_per_second(per_second.min(super::budget::most_per_second(self.mode())));
    }

    /// Lifts the budget for an invented company in this process: it has no account whose limits others share.
    ///
    /// **Shape**: without effect on any address but loopback.
    pub fn lift_budget(&self) {
        if matches!(self.address, Address::Loopback(_)) {
            self.budget.set_per_second(NonZeroU32::MAX);
        }
    }

    /// Says how many requests a second are allowed at this moment; lower than set after a 429.
    #[must_use]
    pub fn per_second(&self) -> NonZeroU32 {
        self.budget.per_second()
    }

    /// Gives the key as it may be shown.
    #[must_use]
    pub fn shown_key(&self) -> &str {
        self.key.shown()
    }

    /// Says what kind of key it is.
    #[must_use]
    pub fn key_class(&self) -> KeyClass {
        self.key.class()
    }

    /// Gives the host that is asked, with its port where it is not Stripe itself.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.host()
    }

    /// Gives the mode the key's prefix promises.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.key.mode()
    }

    /// Gives what was asked so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            requests: read(&self.counters.requests),
            retries: read(&self.counters.retries),
            bytes: read(&self.counters.bytes),
        }
    }

    pub(super) fn expands_less(&self, kind: ObjectKind) -> bool {
        self.less_expanded.lock().unwrap_or_else(PoisonError::into_inner).contains(&kind)
    }

    pub(super) fn expand_less_from_now_on(&self, kind: ObjectKind) {
        self.less_expanded.lock().unwrap_or_else(PoisonError::into_inner).insert(kind);
    }

    /// Reads one path within the budget, with retries.
    pub(super) async fn get(&self, ask: Ask<'_>) -> Result<Body, StripeError> {
        let mut tries = 0_u64;
        (|| {
            tries += 1;
            self.once(ask, tries > 1)
        })
        .retry(self.patience.waits())
        .when(|failed: &Failed| failed.is_transient)
        .adjust(|failed, wait| match (wait, failed.retry_after) {
            (Some(_), Some(asked)) if asked > RETRY_AFTER_MAX => None,
            (Some(wait), Some(asked)) => Some(wait.max(asked)),
            (wait, _) => wait,
        })
        .await
        .map_err(|failed| failed.error)
    }

    async fn once(&self, ask: Ask<'_>, is_retry: bool) -> Result<Body, Failed> {
        let mut url = self.address.url_of(ask.segments.iter().copied()).map_err(|_| Failed::unusable(ask.path))?;
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(ask.query);
        }
        let headers = [
            (AUTHORIZATION, self.authorization().ok_or_else(|| Failed::unusable(ask.path))?),
            (STRIPE_VERSION, HeaderValue::from_static(API_VERSION)),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ];
        let turn = self.budget.turn().await;
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        self.counters.retries.fetch_add(u64::from(is_retry), Ordering::Relaxed);
        let is_list = ask.expects == Expects::List;
        let bounds = if is_list { Bounds { time_max: LIST_TIME_MAX, ..Bounds::DEFAULT } } else { Bounds::DEFAULT };
        let answer = self.get.get(url, headers, bounds).await;
        if let Ok(answer) = &answer {
            self.counters.bytes.fetch_add(u64::try_from(answer.body.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        let failed = match judge(ask.path, ask.expects, answer, self.key.shown()) {
            Verdict::Good(body) => {
                if let (Some(tell), Some(at)) = (&self.tells_time, body.served_at) {
                    tell(at);
                }
                return Ok(body);
            }
            Verdict::Bad(failed) => failed,
        };
        tracing::warn!(
            path = ask.path,
            status = failed.status,
            request_id = failed.request_id,
            error = %failed.error,
            "a read of Stripe failed"
        );
        if let Some(limit) = failed.limit {
            self.budget.slow_down(turn, limit);
        }
        Err(failed)
    }

    fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.key.secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// A try that brought nothing, with what decides about the next one.
#[derive(Debug)]
pub(super) struct Failed {
    pub error: StripeError,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub is_transient: bool,
    pub retry_after: Option<Duration>,
    pub limit: Option<super::budget::Limit>,
}

impl Failed {
    /// A request that cannot be written down; a broken promise of this crate, since keys and paths are checked before.
    fn unusable(path: &'static str) -> Self {
        let error = StripeError::BadAnswer { path, status: 0, what: "the request could not be written" };
        Self { error, status: None, request_id: None, is_transient: false, retry_after: None, limit: None }
    }
}
