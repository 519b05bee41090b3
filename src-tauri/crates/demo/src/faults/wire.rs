//! Faults between two computers.
//!
//! Which request meets which fault is drawn from the seed and the number of the request, so a failing run can be
//! repeated. Refusals that Stripe itself would give are made where all refusals are made.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::{StreamExt, stream};

use crate::random::Random;

/// How long a slow body takes.
const SLOW_BODY: Duration = Duration::from_millis(800);
/// How long a connection lasts that is cut off.
const BEFORE_CUT: Duration = Duration::from_millis(20);
/// In how many pieces a slow body comes.
const SLOW_PIECES: usize = 4;

/// Something that goes wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fault {
    /// 500 with an error object.
    #[default]
    Broken,
    /// 503 with a page of a proxy.
    Unavailable,
    /// 429 without any hint at a limit.
    Locked,
    /// 429 with the limit that was met.
    TooMany,
    /// The connection ends in the middle of the body.
    CutOff,
    /// The body is complete as the wire counts it, but the JSON ends early.
    Truncated,
    /// The body comes in pieces, slowly.
    Slow,
    /// 200 with a page that is not JSON.
    WrongType,
    /// 200 with nothing.
    Empty,
}

const MIX: &[(u64, Fault)] = &[
    (3, Fault::Broken),
    (2, Fault::Unavailable),
    (1, Fault::Locked),
    (2, Fault::TooMany),
    (2, Fault::CutOff),
    (2, Fault::Truncated),
    (1, Fault::Slow),
    (1, Fault::WrongType),
    (1, Fault::Empty),
];

/// Draws the fault that a request meets, if any.
pub(crate) fn drawn(seed: u64, request: u64, rate: f64) -> Option<Fault> {
    // A share of a million; a rate is a setting, not money.
    let bound = (rate.clamp(0.0, 1.0) * 1e6).round();
    let mut random = Random::new(seed ^ 0xFA_017, request);
    let lot = u32::try_from(random.below(1_000_000)).unwrap_or(0);
    (f64::from(lot) < bound).then(|| random.weighted(MIX))
}

/// Spoils a good answer; the faults that replace it are made where refusals are made.
pub(crate) fn spoil(fault: Fault, mut answer: Response<Body>, body: &Bytes) -> Response<Body> {
    let half = body.slice(..body.len() / 2);
    match fault {
        Fault::CutOff => {
            let cut = stream::once(async {
                // What was written must be under way, or the reader would see no answer at all.
                tokio::time::sleep(BEFORE_CUT).await;
                Err(std::io::Error::other("the connection was cut"))
            });
            *answer.body_mut() = Body::from_stream(stream::iter([Ok(half)]).chain(cut));
        }
        Fault::Truncated => *answer.body_mut() = Body::from(half),
        Fault::Empty => *answer.body_mut() = Body::empty(),
        Fault::Slow => *answer.body_mut() = slow(body),
        Fault::WrongType | Fault::Unavailable => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            answer.headers_mut().insert(header::CONTENT_TYPE, html);
            if fault == Fault::Unavailable {
                *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            *answer.body_mut() = Body::from("<html><body><h1>Please sign in</h1></body></html>");
        }
        Fault::Broken | Fault::Locked | Fault::TooMany => {}
    }
    answer
}

fn slow(body: &Bytes) -> Body {
    let size = body.len().div_ceil(SLOW_PIECES).max(1);
    let pieces: Vec<Bytes> =
        (0..body.len()).step_by(size).map(|at| body.slice(at..(at + size).min(body.len()))).collect();
    Body::from_stream(stream::iter(pieces).then(|piece| async move {
        tokio::time::sleep(SLOW_BODY / 4).await;
        Ok::<_, Infallible>(piece)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_faults_is_kept_and_drawn_from_the_seed() {
        let count = |seed, rate| (0..10_000).filter(|request| drawn(seed, *request, rate).is_some()).count();
        assert_eq!((count(1, 0.0), count(1, 1.0)), (0, 10_000));
        assert!((900..1_100).contains(&count(1, 0.1)), "{}", count(1, 0.1));
        let of = |seed| (0..200).map(|request| drawn(seed, request, 0.5)).collect::<Vec<_>>();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let kinds = (0..10_000).filter_map(|request| drawn(1, request, 1.0));
        let mut seen: Vec<Fault> = Vec::new();
        kinds.for_each(|fault| {
            if !seen.contains(&fault) {
                seen.push(fault)
            }
        });
        assert_eq!(seen.len(), MIX.len());
    }
}
