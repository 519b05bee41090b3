//! Summaries of load tests: k6's `--summary-export` and `handleSummary`, Artillery's report, autocannon's JSON.

use std::collections::BTreeMap;

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;
use serde_json::Value;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json};

/// Slowest answer that nineteen of twenty may have. **Units**: milliseconds.
const P95_BELOW_MS: f64 = 200.0;
/// Share of requests that may fail. **Units**: percent.
const FAILED_BELOW_PCT: f64 = 0.1;

pub(super) const EXPECTED: &str = "The figures the line asks for were reached, within the limits.";

/// What a summary shows; what it does not say stays unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Load {
    requests: Option<f64>,
    per_second: Option<f64>,
    users: Option<f64>,
    failed_pct: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

// Nothing here is not a number: figures come from JSON, which has no such value.
impl Eq for Load {}

#[derive(Deserialize)]
struct K6 {
    metrics: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Artillery {
    aggregate: Aggregate,
}

#[derive(Deserialize)]
struct Aggregate {
    counters: BTreeMap<String, f64>,
    #[serde(default)]
    rates: BTreeMap<String, f64>,
    summaries: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Autocannon {
    connections: f64,
    errors: f64,
    non2xx: f64,
    requests: BTreeMap<String, Value>,
    latency: BTreeMap<String, Value>,
}

pub(super) fn read(text: &str) -> Option<Reading> {
    let load = k6(text).or_else(|| artillery(text)).or_else(|| autocannon(text))?;
    let unit =
        |name: &str, value: Option<f64>, unit: &str| value.map(|value| figure(name, format!("{value:.2}{unit}")));
    let figures = [
        load.requests.map(|count| figure("requests", format!("{count:.0}"))),
        unit("at", load.per_second, " per second"),
        load.users.map(|count| figure("users", format!("{count:.0}"))),
        unit("failed", load.failed_pct, " %"),
        unit("p50", load.p50, " ms"),
        unit("p95", load.p95, " ms"),
        unit("p99", load.p99, " ms"),
    ];
    let figures = figures.into_iter().flatten().collect();
    Some(Reading::new(Kind::LoadTest, figures, Claim::default(), Report::LoadTest(load)))
}

fn k6(text: &str) -> Option<Load> {
    let K6 { metrics } = json(text)?;
    let duration = metrics.get("http_req_duration")?;
    // `handleSummary` puts the values one floor lower than `--summary-export`.
    let of = |metric: &Value, name: &str| {
        let floor = metric.get("values").unwrap_or(metric);
        floor.get(name).and_then(Value::as_f64)
    };
    let metric = |name: &str, value: &str| of(metrics.get(name)?, value);
    let failed = metric("http_req_failed", "rate").or_else(|| metric("http_req_failed", "value"));
    Some(Load {
        requests: metric("http_reqs", "count"),
        per_second: metric("http_reqs", "rate"),
        users: metric("vus_max", "max").or_else(|| metric("vus_max", "value")),
        failed_pct: failed.map(|share| share * 100.0),
        p50: of(duration, "med").or_else(|| of(duration, "p(50)")),
        p95: of(duration, "p(95)"),
        p99: of(duration, "p(99)"),
    })
}

fn artillery(text: &str) -> Option<Load> {
    let Artillery { aggregate: Aggregate { counters, rates, summaries } } = json(text)?;
    let times = summaries.get("http.response_time")?;
    let time = |name: &str| times.get(name).and_then(Value::as_f64);
    let (requests, answers) = (counters.get("http.requests").copied(), counters.get("http.responses").copied());
    let good: f64 = counters.iter().filter(|(name, _)| is_good(name)).map(|(_, count)| count).sum();
    let failed_pct = requests.zip(answers).map(|(requests, _)| (requests - good).max(0.0) / requests.max(1.0) * 100.0);
    Some(Load {
        requests,
        per_second: rates.get("http.request_rate").copied(),
        // It counts users over the whole run, and not how many there were at once.
        users: None,
        failed_pct,
        p50: time("p50").or_else(|| time("median")),
        p95: time("p95"),
        p99: time("p99"),
    })
}

/// Says whether a counter of Artillery is of answers that are no errors: `http.codes.200`.
fn is_good(name: &str) -> bool {
    name.strip_prefix("http.codes.").is_some_and(|code| code.starts_with('2') || code.starts_with('3'))
}

fn autocannon(text: &str) -> Option<Load> {
    let Autocannon { connections, errors, non2xx, requests, latency } = json(text)?;
    let number = |of: &BTreeMap<String, Value>, name: &str| of.get(name).and_then(Value::as_f64);
    let total = number(&requests, "total");
    Some(Load {
        requests: total,
        per_second: number(&requests, "average"),
        users: Some(connections),
        failed_pct: total.map(|total| (errors + non2xx) / (total + errors).max(1.0) * 100.0),
        p50: number(&latency, "p50"),
        // It gives no 95th; the next above it is stricter.
        p95: number(&latency, "p95").or_else(|| number(&latency, "p97_5")),
        p99: number(&latency, "p99"),
    })
}

/// Says that the limits were kept under a load nobody can compare: no summary says how much was meant.
fn unmeant(found: String) -> Found {
    let found = format!("{found} How much load was meant, the summary does not say.");
    Found::new(Outcome::Warn, found, "Accept it with a note that says how much was meant.")
}

/// Judges what the line asks: users, requests a second, times, or all of it within the limits.
pub(super) fn judge(report: &Load, label: &str) -> Found {
    let label = label.to_lowercase();
    let missing = |what: &str| {
        let found = format!("The summary does not say {what}.");
        Found::new(Outcome::Unknown(Unknown::InsufficientData), found, "Attach one that does.")
    };
    let is_of_another =
        ["database", "query", "rabbitmq", "queue", "throughput"].iter().any(|word| label.contains(word));
    if is_of_another {
        return missing("how a database or a queue did; it measures requests");
    }
    let Some(failed) = report.failed_pct else { return missing("how many requests failed") };
    if failed >= FAILED_BELOW_PCT {
        let found = format!("{failed:.2} % of the requests failed; the limit is less than {FAILED_BELOW_PCT} %.");
        return Found::new(Outcome::Fail, found, "Find out why, test again and attach the new summary.");
    }
    if label.contains("concurrent") || label.contains("user load") {
        let Some(users) = report.users else { return missing("how many users there were") };
        return unmeant(format!("{users:.0} users at once, {failed:.2} % failed."));
    }
    if label.contains("volume") || label.contains("peak") {
        let Some(rate) = report.per_second else { return missing("how many requests a second there were") };
        return unmeant(format!("{rate:.1} requests a second, {failed:.2} % failed."));
    }
    if label.contains("measured") {
        return match (report.p50, report.p95, report.p99) {
            (Some(p50), Some(p95), Some(p99)) => {
                let found = format!("p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms, of all routes together.");
                Found::new(Outcome::Warn, found, "Accept it with a note that says where each route was measured.")
            }
            _ => missing("p50, p95 and p99"),
        };
    }
    let Some(p95) = report.p95 else { return missing("p95") };
    let found =
        format!("p95 {p95:.1} ms, {failed:.2} % failed; the limits are {P95_BELOW_MS} ms and {FAILED_BELOW_PCT} %.");
    match p95 < P95_BELOW_MS {
        true => unmeant(found),
        false => Found::new(Outcome::Fail, found, "Make it faster, test again and attach the new summary."),
    }
}
