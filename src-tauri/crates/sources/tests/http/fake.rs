//! A server that answers by script, down to the byte, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does with one request.
pub enum Act {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes and then one more byte each so often.
    Drip(Vec<u8>, Duration),
    /// Takes the request and says nothing.
    Hang,
}

/// A running server.
pub struct Fake {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts a server; the script gets the number of the request and its head.
    pub async fn start(script: impl Fn(usize, &str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (heads.clone(), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, script) = (log.clone(), script.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
                            return;
                        }
                        head.push(byte[0]);
                    }
                    let head = String::from_utf8(head).unwrap();
                    let number = {
                        let mut log = log.lock().unwrap();
                        log.push(head.clone());
                        log.len() - 1
                    };
                    match script(number, &head) {
                        Act::Send(bytes) => drop(stream.write_all(&bytes).await),
                        Act::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
                        Act::Drip(bytes, pause) => {
                            let _gone = stream.write_all(&bytes).await;
                            while stream.write_all(b" ").await.is_ok() {
                                tokio::time::sleep(pause).await;
                            }
                        }
                    }
                    let _gone = stream.shutdown().await;
                });
            }
        });
        Self { url, heads }
    }

    /// Gives the heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Gives the request lines so far, percent-decoded where brackets are concerned.
    pub fn lines(&self) -> Vec<String> {
        let line = |head: &String| head.lines().next().unwrap_or_default().replace("%5B", "[").replace("%5D", "]");
        self.heads().iter().map(line).collect()
    }
}

/// Builds an answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    [text.as_bytes(), body].concat()
}

/// Builds a JSON answer.
pub fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, &[("content-type", "application/json")], body.as_bytes())
}
