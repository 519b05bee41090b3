//! The bytes between us and a PostgreSQL server: finding it, asking for encryption, counting what comes.
//!
//! The driver gets a stream that is already where it has to be, so that three rules hold whatever it does: nothing is
//! sent before the way is settled, no password leaves unencrypted in clear, and no answer grows without bound.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::address::{Encryption, Route};
use super::error::BillingError;

/// What a server may send for a login or a statement. **Units**: bytes. A page of 1,000 rows is about 500 kB.
const ANSWER_BYTES_MAX: u64 = 32 << 20;

/// The eight bytes with which a client asks for TLS.
/// **Source**: PostgreSQL documentation, "Message Formats", SSLRequest.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// The first bytes of a server's demand for the password in clear: `R`, length 8, kind 3.
/// **Source**: PostgreSQL documentation, "Message Formats", AuthenticationCleartextPassword.
const CLEAR_PASSWORD_DEMAND: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 3];

/// A stream in both directions.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Counts down what a server may still send.
#[derive(Debug, Default)]
pub(super) struct Meter {
    bytes_left: AtomicU64,
}

/// The server sent more than one answer may hold.
#[derive(Debug, thiserror::Error)]
#[error("the answer is larger than {ANSWER_BYTES_MAX} bytes")]
pub(super) struct AnswerTooLarge;

/// The server wanted the password in clear on a connection that is not encrypted.
#[derive(Debug, thiserror::Error)]
#[error("the server asks for the password in clear on an unencrypted connection")]
pub(super) struct ClearPasswordDemanded;

impl Meter {
    /// Begins a new answer.
    pub(super) fn refill(&self) {
        self.bytes_left.store(ANSWER_BYTES_MAX, Ordering::Relaxed);
    }

    /// Says whether the last answer was cut off.
    pub(super) fn is_spent(&self) -> bool {
        self.bytes_left.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let left = self.bytes_left.load(Ordering::Relaxed).saturating_sub(bytes);
        self.bytes_left.store(left, Ordering::Relaxed);
        if left == 0 { Err(io::Error::other(AnswerTooLarge)) } else { Ok(()) }
    }
}

/// A connection to a server before anybody has logged in.
pub(super) struct Wire {
    stream: Box<dyn Duplex>,
    meter: Arc<Meter>,
    /// What an unencrypted server has said first, until it is long enough to be judged; `None` afterwards.
    opening: Option<Vec<u8>>,
}

/// Finds the server and settles how the way is protected. Sends nothing but the request for TLS.
///
/// **Errors**: `Unreachable`; `TlsRequired` when the server refuses TLS, or is not this computer where it has to be.
pub(super) async fn dial(route: &Route, place: &str, meter: Arc<Meter>) -> Result<Wire, BillingError> {
    let unreachable = |cause| BillingError::unreachable(place, cause);
    let (stream, opening): (Box<dyn Duplex>, _) = match route {
        Route::Tcp { host, port, encryption } => {
            let mut stream = TcpStream::connect((host.as_str(), *port)).await.map_err(unreachable)?;
            stream.set_nodelay(true).map_err(unreachable)?;
            let opening = match encryption {
                Encryption::Verified { .. } => {
                    ask_for_tls(&mut stream, place).await?;
                    None
                }
                Encryption::LoopbackOnly if stream.peer_addr().map_err(unreachable)?.ip().is_loopback() => {
                    Some(Vec::new())
                }
                Encryption::LoopbackOnly => {
                    let why = "is not on this computer, so the connection has to be encrypted";
                    return Err(BillingError::TlsRequired { place: place.into(), why });
                }
            };
            (Box::new(stream), opening)
        }
        #[cfg(unix)]
        Route::Socket { folder, port } => {
            let path = folder.join(format!(".s.PGSQL.{port}"));
            let stream = tokio::net::UnixStream::connect(path).await.map_err(unreachable)?;
            (Box::new(stream), Some(Vec::new()))
        }
        #[cfg(not(unix))]
        Route::Socket { .. } => return Err(BillingError::refused("socket", "this system has none")),
    };
    Ok(Wire { stream, meter, opening })
}

/// Asks here and not in the driver, so that a refusal is known as one and not read out of an error's words. Reads
/// exactly one byte: whatever follows belongs to the encrypted stream.
async fn ask_for_tls(stream: &mut TcpStream, place: &str) -> Result<(), BillingError> {
    let unreachable = |cause| BillingError::unreachable(place, cause);
    stream.write_all(&SSL_REQUEST).await.map_err(unreachable)?;
    match stream.read_u8().await.map_err(unreachable)? {
        b'S' => Ok(()),
        b'N' => Err(BillingError::TlsRequired { place: place.into(), why: "offers no encryption" }),
        _ => Err(BillingError::unreachable(place, "what answers there is not a PostgreSQL server")),
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let came = buf.filled().get(before..).unwrap_or_default();
        self.meter.spend(came.len())?;
        if let Some(opening) = &mut self.opening {
            opening.extend(came.iter().take(CLEAR_PASSWORD_DEMAND.len() - opening.len()));
            if opening.as_slice() == CLEAR_PASSWORD_DEMAND {
                return Poll::Ready(Err(io::Error::other(ClearPasswordDemanded)));
            }
            if opening.len() == CLEAR_PASSWORD_DEMAND.len() {
                self.opening = None;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
