//! How the application itself does: response times, errors, uptime, degradation.
//!
//! Only arithmetic on samples that something else measured.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::rank::nearest_rank;
use crate::rate::Rate;

/// Percentiles of durations. **Units**: milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// Half are not slower.
    pub p50_ms: u64,
    /// 95 % are not slower.
    pub p95_ms: u64,
    /// 99 % are not slower.
    pub p99_ms: u64,
    /// How many there were.
    pub samples: u64,
}

/// Computes percentiles by nearest rank; `None` without samples.
#[must_use]
pub fn latency(mut durations_ms: Vec<u64>) -> Option<Latency> {
    durations_ms.sort_unstable();
    let rank = |percent| nearest_rank(&durations_ms, percent).copied();
    Some(Latency {
        p50_ms: rank(50)?,
        p95_ms: rank(95)?,
        p99_ms: rank(99)?,
        samples: u64::try_from(durations_ms.len()).unwrap_or(u64::MAX),
    })
}

/// Gives good ÷ all, of probes for uptime, of requests for success; `None` without any.
#[must_use]
pub fn share(part: u64, all: u64) -> Option<Rate> {
    Rate::of(part, all)
}

/// Gives (p95 now − baseline) ÷ baseline; negative is faster. `None` without a baseline.
#[must_use]
pub fn degradation(now: Latency, baseline: Latency) -> Option<Rate> {
    let slower = BigInt::from(now.p95_ms) - BigInt::from(baseline.p95_ms);
    (baseline.p95_ms > 0).then(|| Rate::exact(BigRational::new(slower, baseline.p95_ms.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_degradation() {
        let now = latency((1..=200).rev().collect()).unwrap();
        assert_eq!((now.p50_ms, now.p95_ms, now.p99_ms, now.samples), (100, 190, 198, 200));
        let baseline = latency(vec![100; 100]).unwrap();
        assert_eq!(degradation(now, baseline).unwrap().pct(), "90.00");
        assert_eq!(degradation(baseline, now).unwrap().pct(), "-47.37");
        assert_eq!(degradation(now, latency(vec![0]).unwrap()), None);
        assert_eq!(latency(Vec::new()), None);
        assert_eq!(share(0, 0), None);
    }
}
