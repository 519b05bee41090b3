//! Reading over HTTP against servers that misbehave: every bound holds and every failure has its name.

use std::time::{Duration, Instant};

use crate::fake::{Act, Fake, answer, json};
use countersign_sources::get::{Bounds, Get, GetError};

/// The spaces of twenty mebibytes, as brotli.
const TWENTY_MIB_OF_SPACES: &[u8] = &[
    207, 255, 255, 127, 248, 37, 64, 226, 177, 64, 32, 247, 254, 63, 255, 255, 127, 240, 75, 0, 196, 97, 1, 128, 238,
    253, 15,
];

const QUICK: Bounds = Bounds {
    time_max: Duration::from_millis(600),
    body_time_max: Duration::from_millis(300),
    silence_max: Duration::from_millis(150),
    body_bytes_max: 1024,
};

async fn read(fake: &Fake, bounds: Bounds) -> Result<(u16, Vec<u8>), GetError> {
    let answer = Get::loopback().unwrap().get(fake.url.parse().unwrap(), [], bounds).await?;
    Ok((answer.status, answer.body))
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Fake::start(|_, _| Act::Send(json(200, "{}"))).await;
    let target = elsewhere.url.clone();
    let fake = Fake::start(move |_, _| Act::Send(answer(302, &[("location", &target)], b""))).await;
    assert_eq!(read(&fake, QUICK).await.unwrap().0, 302);
    assert_eq!(elsewhere.heads().len(), 0);
}

#[tokio::test]
async fn a_body_over_its_limit_is_refused_while_it_comes() {
    let fake = Fake::start(|_, _| Act::Send(json(200, &" ".repeat(1025)))).await;
    assert!(matches!(read(&fake, QUICK).await, Err(GetError::TooLarge { limit_bytes: 1024, .. })));
    let headers = [("content-encoding", "br"), ("content-type", "application/json")];
    let bomb = Fake::start(move |_, _| Act::Send(answer(200, &headers, TWENTY_MIB_OF_SPACES))).await;
    let roomy = Bounds { body_bytes_max: 16 * 1024 * 1024, time_max: Duration::from_secs(20), ..Bounds::DEFAULT };
    assert!(matches!(read(&bomb, roomy).await, Err(GetError::TooLarge { .. })));
    let wide = Bounds { body_bytes_max: 32 * 1024 * 1024, ..roomy };
    assert_eq!(read(&bomb, wide).await.unwrap().1.len(), 20 * 1024 * 1024, "the bomb is one");
}

#[tokio::test]
async fn slow_and_silent_servers_are_left() {
    let head = b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n".to_vec();
    for (act, name) in [(0, "hangs"), (1, "falls silent"), (2, "drips")] {
        let head = head.clone();
        let fake = Fake::start(move |_, _| match act {
            0 => Act::Hang,
            1 => Act::Drip(head.clone(), Duration::from_secs(60)),
            _ => Act::Drip(head.clone(), Duration::from_millis(50)),
        })
        .await;
        let start = Instant::now();
        assert!(matches!(read(&fake, QUICK).await, Err(GetError::TimedOut { .. })), "{name}");
        assert!(start.elapsed() < Duration::from_millis(900), "{name} took {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn broken_answers_are_told_from_unreachable_servers() {
    let cut = Fake::start(|_, _| Act::Send(b"HTTP/1.1 200 X\r\ncontent-length: 50\r\n\r\n{\"a\":".to_vec())).await;
    assert!(matches!(read(&cut, QUICK).await, Err(GetError::Broken { .. })));
    let noise = Fake::start(|_, _| Act::Send(b"SSH-2.0-OpenSSH\r\n".to_vec())).await;
    assert!(matches!(read(&noise, QUICK).await, Err(GetError::Broken { .. })));
    let flood = Fake::start(|_, _| {
        let lines: String = (0..500).map(|n| format!("x-{n}: y\r\n")).collect();
        Act::Send(format!("HTTP/1.1 200 X\r\n{lines}content-length: 0\r\n\r\n").into_bytes())
    })
    .await;
    assert!(matches!(read(&flood, QUICK).await, Err(GetError::Broken { .. })));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}/?secret=1");
    let error = Get::loopback().unwrap().get(url.parse().unwrap(), [], QUICK).await.unwrap_err();
    assert!(matches!(error, GetError::Unreachable { .. }));
    let chain = format!("{error} {:?}", std::error::Error::source(&error));
    assert!(!chain.contains("secret"), "{chain}");
}

#[tokio::test]
async fn elsewhere_means_https() {
    let fake = Fake::start(|_, _| Act::Send(json(200, "{}"))).await;
    let outcome = Get::elsewhere().unwrap().get(fake.url.parse().unwrap(), [], QUICK).await;
    assert!(outcome.is_err());
    assert_eq!(fake.heads().len(), 0);
}
