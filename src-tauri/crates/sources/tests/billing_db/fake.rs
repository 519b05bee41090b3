//! Servers that speak just enough of PostgreSQL's protocol to misbehave, and remember every byte they hear.
//!
//! Each listens on loopback and answers any number of connections by one script.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_domain::workspace::DatabasePlace;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The password that must not be heard by anybody.
pub const CANARY: &str = "canary-5up3r-s3cr3t";

pub struct Fake {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

/// One connection to a fake server; what is read is remembered.
pub struct Caller<S> {
    stream: S,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Fake {
    /// Serves every caller by the script; the script ends a call by returning.
    pub fn serve(script: impl Fn(&mut Caller<TcpStream>) -> std::io::Result<()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().map(Result::unwrap) {
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                let mut caller = Caller { stream, heard: Arc::clone(&remembered) };
                // A caller that hangs up is what most of these tests are after.
                let _ = script(&mut caller);
            }
        });
        Self { port, heard }
    }

    /// A server with this certificate that asks for the password in clear, listens, and hangs up.
    pub fn with_certificate(certificate: &Path, key: &Path) -> Self {
        let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_file(key).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        Self::serve(move |caller| {
            caller.hear(8)?;
            caller.say(b"S")?;
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let stream = StreamOwned::new(tls, caller.stream.try_clone()?);
            let mut inside = Caller { stream, heard: Arc::clone(&caller.heard) };
            inside.hear_startup()?;
            inside.say(&message(b'R', &3_u32.to_be_bytes()))?;
            inside.hear_message().map(|_| ())
        })
    }

    pub fn place(&self, host: &str, ca_file: &str) -> DatabasePlace {
        DatabasePlace::Postgres {
            host: host.to_owned(),
            port: self.port.to_string(),
            user: "reader".to_owned(),
            database: "billing".to_owned(),
            ca_file: ca_file.to_owned(),
            socket: String::new(),
        }
    }

    pub fn has_heard(&self, text: &str) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.windows(text.len()).any(|window| window == text.as_bytes())
    }

    pub fn bytes_heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

impl Caller<TcpStream> {
    /// Says no more, and waits until the caller has understood.
    pub fn hang_up(&mut self) -> std::io::Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write)?;
        self.hear_all()
    }
}

impl<S: Read + Write> Caller<S> {
    pub fn hear(&mut self, bytes: usize) -> std::io::Result<Vec<u8>> {
        let mut heard = vec![0; bytes];
        self.stream.read_exact(&mut heard)?;
        self.heard.lock().unwrap().extend(&heard);
        Ok(heard)
    }

    /// Hears until the caller hangs up or falls silent.
    pub fn hear_all(&mut self) -> std::io::Result<()> {
        loop {
            match self.hear(1) {
                Ok(_) => {}
                Err(end) if [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset].contains(&end.kind()) => {
                    return Ok(());
                }
                Err(other) => return Err(other),
            }
        }
    }

    pub fn hear_startup(&mut self) -> std::io::Result<()> {
        let length = self.length()?;
        self.hear(length).map(|_| ())
    }

    /// Hears one message and gives its letter and body.
    pub fn hear_message(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let letter = self.hear(1)?[0];
        let length = self.length()?;
        Ok((letter, self.hear(length)?))
    }

    pub fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Lets the caller in without a password.
    pub fn let_in(&mut self) -> std::io::Result<()> {
        self.hear_startup()?;
        self.say(&[message(b'R', &0_u32.to_be_bytes()), message(b'Z', b"I")].concat())
    }

    /// Agrees to every statement before the given one, then says what it was given.
    pub fn answer(&mut self, statement: usize, answer: &[u8]) -> std::io::Result<()> {
        let mut agreed = 0;
        while agreed < statement {
            if self.hear_message()?.0 == b'S' {
                self.say(&[parsed(), message(b'n', b""), message(b'C', b"SET\0"), message(b'Z', b"T")].concat())?;
                agreed += 1;
            }
        }
        while self.hear_message()?.0 != b'S' {}
        self.say(answer)
    }

    fn length(&mut self) -> std::io::Result<usize> {
        let length = u32::from_be_bytes(self.hear(4)?.try_into().unwrap());
        Ok(usize::try_from(length).unwrap() - 4)
    }
}

/// A message of the protocol: letter, length, body.
pub fn message(letter: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[letter], length.to_be_bytes().as_slice(), body].concat()
}

/// That a statement and its parameters were understood.
pub fn parsed() -> Vec<u8> {
    [message(b'1', b""), message(b'2', b"")].concat()
}

/// That rows of these columns follow, each text.
pub fn columns(names: &[&str]) -> Vec<u8> {
    let mut body = u16::try_from(names.len()).unwrap().to_be_bytes().to_vec();
    for name in names {
        body.extend(name.as_bytes());
        // No table, no column, type text, any length, no modifier, binary.
        body.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 1]);
    }
    message(b'T', &body)
}

/// A row of texts.
pub fn row(values: &[&str]) -> Vec<u8> {
    let mut body = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        body.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        body.extend(value.as_bytes());
    }
    message(b'D', &body)
}

/// That the answer is complete.
pub fn done() -> Vec<u8> {
    [message(b'C', b"SELECT 1\0"), message(b'Z', b"T")].concat()
}
