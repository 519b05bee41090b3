//! Reading over HTTP, and nothing but reading.
//!
//! The one place that owns the HTTP library. It offers `get` and no other method, follows no redirect, and bounds every
//! answer in bytes and seconds. What an answer means is decided by its caller; retries and rates are the caller's too.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use tokio::time::timeout;
use url::Url;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many header lines an answer may have.
const HEADERS_MAX: usize = 100;

/// What a caller accepts.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The whole request, from the first byte sent to the last one read.
    pub time_max: Duration,
    /// The body, from its first byte: stops a server that sends a byte a second.
    pub body_time_max: Duration,
    /// Silence inside a body.
    pub silence_max: Duration,
    /// The body after decompression. **Units**: bytes.
    pub body_bytes_max: usize,
}

impl Bounds {
    /// The bounds of one small answer: 15 s, a body of 16 MiB in them, no silence over 10 s.
    pub const DEFAULT: Self = Self {
        time_max: Duration::from_secs(15),
        body_time_max: Duration::from_secs(30),
        silence_max: Duration::from_secs(10),
        body_bytes_max: 16 * 1024 * 1024,
    };
}

/// An answer, whatever its status. A redirect is an answer like any other.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl Answer {
    /// Gives a header's text, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Says whether the body claims to be JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
    }
}

/// Why there is no answer. Never contains the address's path or query.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// No connection: no route, no name, refused, or TLS did not come about.
    #[error("{host} could not be reached")]
    Unreachable {
        /// Host of the address.
        host: String,
        /// What the network said.
        #[source]
        cause: reqwest::Error,
    },
    /// The time was over.
    #[error("{host} gave no complete answer within {limit_ms} ms")]
    TimedOut {
        /// Host of the address.
        host: String,
        /// The limit that was reached.
        limit_ms: u64,
    },
    /// The body grew over its limit.
    #[error("the answer of {host} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// Host of the address.
        host: String,
        /// The limit that was reached.
        limit_bytes: usize,
    },
    /// The answer broke off, or was no HTTP.
    #[error("the answer of {host} broke off")]
    Broken {
        /// Host of the address.
        host: String,
        /// What the library said.
        #[source]
        cause: reqwest::Error,
    },
}

impl GetError {
    /// Says whether a limit of time was reached.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut { .. })
    }
}

/// The client could not be made: the platform's certificates or the TLS library are unusable.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client could be made")]
pub struct NoClient(#[source] reqwest::Error);

/// A client that can only read.
#[derive(Debug, Clone)]
pub struct Get {
    client: reqwest::Client,
}

impl Get {
    /// Makes a client for servers elsewhere: `https` only, through the system's proxy where there is one.
    ///
    /// **Errors**: [`NoClient`].
    pub fn elsewhere() -> Result<Self, NoClient> {
        Self::built(reqwest::Client::builder().https_only(true))
    }

    /// Makes a client for this machine: never through a proxy, plain `http` allowed.
    ///
    /// **Errors**: [`NoClient`].
    pub fn loopback() -> Result<Self, NoClient> {
        Self::built(reqwest::Client::builder().no_proxy())
    }

    fn built(builder: reqwest::ClientBuilder) -> Result<Self, NoClient> {
        let client = builder
            .redirect(Policy::none())
            .referer(false)
            // The library's own second tries would escape the caller's count.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .http1_max_headers(HEADERS_MAX)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(NoClient)?;
        Ok(Self { client })
    }

    /// Reads one address.
    ///
    /// **Errors**: every variant of [`GetError`]; a status is never an error.
    pub async fn get(
        &self,
        url: Url,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        bounds: Bounds,
    ) -> Result<Answer, GetError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let request = self.client.get(url).headers(headers.into_iter().collect());
        match timeout(bounds.time_max, read(request, &host, bounds)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(timed_out(host, bounds.time_max)),
        }
    }
}

async fn read(request: reqwest::RequestBuilder, host: &str, bounds: Bounds) -> Result<Answer, GetError> {
    let Bounds { body_time_max, silence_max, body_bytes_max: bytes_max, .. } = bounds;
    let mut answer = request.send().await.map_err(|cause| classify(cause, host))?;
    let status = answer.status().as_u16();
    let headers = std::mem::take(answer.headers_mut());
    let too_large = || GetError::TooLarge { host: host.to_owned(), limit_bytes: bytes_max };
    let body = async {
        let mut body = Vec::new();
        loop {
            let chunk = timeout(silence_max, answer.chunk()).await;
            match chunk.map_err(|_| timed_out(host.to_owned(), silence_max))? {
                Err(cause) => return Err(classify(cause, host)),
                Ok(None) => return Ok(body),
                Ok(Some(chunk)) if body.len() + chunk.len() > bytes_max => return Err(too_large()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            }
        }
    };
    let body = timeout(body_time_max, body).await.map_err(|_| timed_out(host.to_owned(), body_time_max))??;
    Ok(Answer { status, headers, body })
}

fn classify(cause: reqwest::Error, host: &str) -> GetError {
    // The library's error carries the whole address, query included.
    let cause = cause.without_url();
    let host = host.to_owned();
    match () {
        () if cause.is_timeout() && cause.is_connect() => timed_out(host, CONNECT_TIMEOUT),
        () if cause.is_connect() || cause.is_dns() => GetError::Unreachable { host, cause },
        () => GetError::Broken { host, cause },
    }
}

fn timed_out(host: String, limit: Duration) -> GetError {
    GetError::TimedOut { host, limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX) }
}
