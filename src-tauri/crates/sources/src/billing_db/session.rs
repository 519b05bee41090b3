//! One connection to a PostgreSQL server: logging in, sending one statement, stopping it, leaving.
//!
//! Only the extended protocol is used, with the statement and its parameters in one exchange, so that nothing can be
//! stacked behind it and a pooler in between need not remember anything. What may be sent is decided elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{CancelToken, Client, Config, Connection, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{DatabaseAddress, Encryption, Route};
use super::error::BillingError;
use super::sql::Text;
use super::tls;
use super::wire::{self, ClearPasswordDemanded, Meter, Wire};

/// The whole of connecting: name, network, TLS, login.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// A statement, by the server's own clock: what `statement_timeout` is set to.
const STATEMENT_LIMIT: Duration = Duration::from_secs(15);
/// An answer, by ours. Longer, so that a server that is well says itself that it was too slow.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// Asking the server to stop a statement.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);

/// A parameter of a statement with its type; the type is said so that the server never guesses.
pub(super) type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// Everything needed to log in, as often as necessary.
pub(super) struct Door {
    address: DatabaseAddress,
    password: Option<SecretString>,
    application: String,
    tls: Option<MakeRustlsConnect>,
    pub(super) place: Box<str>,
}

/// A logged-in connection. Dropping it closes it, and stops the statement that still runs in it.
pub(super) struct Session {
    client: Client,
    driver: JoinHandle<()>,
    door: Arc<Door>,
    meter: Arc<Meter>,
    statements_open: AtomicUsize,
    slot: Option<OwnedSemaphorePermit>,
}

impl Door {
    /// Reads what certificates are judged by; opens nothing.
    ///
    /// **Errors**: `TlsUntrusted` when the CA file cannot be used.
    pub(super) fn new(
        address: DatabaseAddress,
        password: Option<SecretString>,
        application: String,
    ) -> Result<Self, BillingError> {
        let place = address.place();
        let tls = match &address.route {
            Route::Tcp { encryption: Encryption::Verified { ca_file }, .. } => {
                let untrusted = |cause| BillingError::TlsUntrusted { place: place.clone(), cause };
                Some(tls::connector(ca_file.as_deref()).map_err(untrusted)?)
            }
            Route::Tcp { .. } | Route::Socket { .. } => None,
        };
        Ok(Self { address, password, application, tls, place })
    }

    pub(super) fn address(&self) -> &DatabaseAddress {
        &self.address
    }

    /// Connects and logs in.
    ///
    /// **Errors**: `Unreachable`, `TlsRequired`, `TlsUntrusted`, `Auth`; at the limit `Unreachable`, wherever it hangs.
    pub(super) async fn enter(self: &Arc<Self>, limit: Duration) -> Result<Session, BillingError> {
        let meter = Arc::new(Meter::default());
        meter.refill();
        let login = async {
            let wire = wire::dial(&self.address.route, &self.place, Arc::clone(&meter)).await?;
            let config = self.config();
            match self.tls.clone() {
                Some(tls) => start(config.connect_raw(wire, self.tls_for(tls)).await),
                None => start(config.connect_raw(wire, NoTls).await),
            }
            .map_err(|error| self.login_error(error))
        };
        let Ok(entered) = timeout(limit, login).await else {
            return Err(BillingError::unreachable(&self.place, format!("no answer within {limit:?}")));
        };
        let (client, driver) = entered?;
        let door = Arc::clone(self);
        Ok(Session { client, driver, door, meter, statements_open: AtomicUsize::new(0), slot: None })
    }

    fn config(&self) -> Config {
        let mut config = Config::new();
        config.user(&self.address.user).dbname(&self.address.database).application_name(&self.application);
        // The request for TLS was made on the wire already; "direct" makes the driver start the handshake at once.
        match self.tls {
            Some(_) => config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct),
            None => config.ssl_mode(SslMode::Disable),
        };
        // An empty password where there is none: so that it is the server that says it wants one. The driver keeps
        // its copy for as long as this configuration lives, which is the login.
        config.password(self.password.as_ref().map_or("", |password| password.expose_secret()));
        config
    }

    fn tls_for(&self, mut tls: MakeRustlsConnect) -> <MakeRustlsConnect as MakeTlsConnect<Wire>>::TlsConnect {
        let host = match &self.address.route {
            Route::Tcp { host, .. } => host.as_str(),
            Route::Socket { .. } => "",
        };
        let Ok(connect) = MakeTlsConnect::<Wire>::make_tls_connect(&mut tls, host);
        connect
    }

    /// Sorts what went wrong before the first statement.
    fn login_error(&self, error: tokio_postgres::Error) -> BillingError {
        let place = self.place.clone();
        if cause_of::<ClearPasswordDemanded>(&error).is_some() {
            return BillingError::TlsRequired { place, why: "asks for the password in clear without encryption" };
        }
        match cause_of::<rustls::Error>(&error) {
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
                BillingError::TlsUntrusted { place, cause: error.into() }
            }
            _ => BillingError::classify(error, &self.place, "log in", CONNECT_LIMIT.as_millis()),
        }
    }

    async fn cancel(&self, token: CancelToken) -> Result<(), BillingError> {
        let meter = Arc::new(Meter::default());
        meter.refill();
        let wire = wire::dial(&self.address.route, &self.place, meter).await?;
        match self.tls.clone() {
            Some(tls) => token.cancel_query_raw(wire, self.tls_for(tls)).await,
            None => token.cancel_query_raw(wire, NoTls).await,
        }
        .map_err(|error| BillingError::unreachable(&self.place, error))
    }
}

/// Sets the connection's other half going.
fn start<S, T>(
    entered: Result<(Client, Connection<S, T>), tokio_postgres::Error>,
) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = entered?;
    let driver = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(event = "billing_db_connection_lost", is_closed = error.is_closed());
        }
    });
    Ok((client, driver))
}

/// Finds an error of a certain type among the causes, also inside the wrapping of an input or output error.
fn cause_of<E: std::error::Error + 'static>(error: &tokio_postgres::Error) -> Option<&E> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

impl Session {
    /// Says whether the server has gone away.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Keeps a connection slot taken until the statement that still runs is stopped.
    pub(super) fn hold(&mut self, slot: OwnedSemaphorePermit) {
        self.slot = Some(slot);
    }

    /// Sends one statement and reads its whole answer.
    ///
    /// **Errors**: those of `BillingError::classify`; `TimedOut` when the server stays silent beyond its own limit.
    pub(super) async fn rows(
        &self,
        work: &'static str,
        text: &Text,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, BillingError> {
        // Stays counted when this future is dropped halfway, or the server stays silent: then it has to be stopped.
        self.statements_open.fetch_add(1, Ordering::Relaxed);
        self.meter.refill();
        let Ok(answer) = timeout(ANSWER_LIMIT, self.client.query_typed(text.as_str(), parameters)).await else {
            return Err(BillingError::TimedOut { work, limit_ms: ANSWER_LIMIT.as_millis() });
        };
        self.statements_open.fetch_sub(1, Ordering::Relaxed);
        answer.map_err(|error| {
            if self.meter.is_spent() {
                BillingError::unreachable(&self.door.place, wire::AnswerTooLarge)
            } else {
                BillingError::classify(error, &self.door.place, work, STATEMENT_LIMIT.as_millis())
            }
        })
    }
}

impl Drop for Session {
    /// Stops what still runs: closing alone would leave the statement going until it next has something to say.
    /// Otherwise the driver says goodbye by itself.
    fn drop(&mut self) {
        if self.statements_open.load(Ordering::Relaxed) == 0 {
            return;
        }
        let driver = self.driver.abort_handle();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return driver.abort();
        };
        let (door, token, slot) = (Arc::clone(&self.door), self.client.cancel_token(), self.slot.take());
        runtime.spawn(async move {
            if !matches!(timeout(CANCEL_LIMIT, door.cancel(token)).await, Ok(Ok(()))) {
                tracing::warn!(event = "billing_db_cancel_failed");
            }
            driver.abort();
            drop(slot);
        });
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::workspace::DatabasePlace;

    use super::*;
    use crate::billing_db::sql;

    /// A server that takes connections and never says a word, at each of the two points where we wait for one.
    #[tokio::test]
    async fn a_silent_server_is_left_at_the_limit() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        for is_encrypted in [false, true] {
            let place = DatabasePlace::Postgres {
                host: "127.0.0.1".to_owned(),
                port: silent.local_addr().unwrap().port().to_string(),
                user: "u".to_owned(),
                database: "d".to_owned(),
                ca_file: String::new(),
                socket: String::new(),
            };
            let mut address = DatabaseAddress::of(&place, "").unwrap();
            if let (Route::Tcp { encryption, .. }, true) = (&mut address.route, is_encrypted) {
                *encryption = Encryption::Verified { ca_file: None };
            }
            let door = Arc::new(Door::new(address, Some("canary".into()), "test".to_owned()).unwrap());
            let started = tokio::time::Instant::now();
            let left = door.enter(Duration::from_millis(200)).await.err().unwrap();
            assert!(matches!(&left, BillingError::Unreachable { .. }), "{left}");
            assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        }
        assert_eq!(CONNECT_LIMIT, Duration::from_secs(10));
    }

    #[test]
    fn the_server_is_told_the_limit_that_messages_name() {
        let told = sql::SETTINGS.iter().find(|setting| setting.name == "statement_timeout").unwrap();
        assert_eq!(told.value, format!("{}s", STATEMENT_LIMIT.as_secs()));
        assert!(ANSWER_LIMIT > STATEMENT_LIMIT);
    }
}
