//! Summaries of load tests: k6's `--summary-export` and `handleSummary`, Artillery's report, autocannon's JSON, and the
//! `statistics.json` of a JMeter report.

use std::collections::BTreeMap;

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::judge::{Found, Meant};
use super::{Claim, Kind, NAMED_MAX, Reading, Report, figure, json, shown};

/// Slowest answer that nineteen of twenty may have. **Units**: milliseconds.
const P95_BELOW_MS: f64 = 200.0;
/// Share of requests that may fail. **Units**: percent.
const FAILED_BELOW_PCT: f64 = 0.1;

pub(super) const EXPECTED: &str = "The figures the line asks for were reached, within the limits.";

/// What a summary shows; what it does not say stays unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Load {
    pub(super) requests: Option<f64>,
    pub(super) per_second: Option<f64>,
    pub(super) users: Option<f64>,
    pub(super) failed_pct: Option<f64>,
    pub(super) times: Times,
    /// Times of single routes, where the test kept them apart.
    pub(super) routes: BTreeMap<String, Times>,
}

/// Within which time half, 95 and 99 of a hundred answers came. **Units**: milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Times {
    pub(super) p50: Option<f64>,
    pub(super) p95: Option<f64>,
    pub(super) p99: Option<f64>,
}

// Nothing here is not a number: a report with such a figure is refused.
impl Eq for Load {}

impl Load {
    /// Says whether each figure can be one.
    ///
    /// **Errors**: in a sentence, the first that is below nothing, or a share of more than all.
    fn check(&self) -> Result<(), String> {
        let times = |times: &Times| [("p50", times.p50), ("p95", times.p95), ("p99", times.p99)];
        let own = [
            ("count of requests", self.requests),
            ("rate of requests", self.per_second),
            ("number of users", self.users),
            ("share of failed requests", self.failed_pct),
        ];
        let all = own.into_iter().chain(times(&self.times)).chain(self.routes.values().flat_map(times));
        let cannot = |value: f64| !value.is_finite() || value < 0.0;
        if let Some((what, _)) = all.into_iter().find(|(_, value)| value.is_some_and(cannot)) {
            return Err(format!("Its {what} is below nothing, or no number."));
        }
        match self.failed_pct {
            Some(pct) if pct > 100.0 => Err(format!("It says {pct:.2} % of the requests failed.")),
            _ => Ok(()),
        }
    }
}

/// Gives which share of requests failed; no number where one of both cannot be a count. **Units**: percent.
fn share(failed: f64, all: f64) -> f64 {
    if failed < 0.0 || all < 0.0 { f64::NAN } else { failed / all.max(1.0) * 100.0 }
}

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

#[derive(Deserialize)]
struct Sampler {
    #[serde(rename = "sampleCount")]
    count: f64,
    #[serde(rename = "errorCount")]
    errors: f64,
    #[serde(rename = "medianResTime")]
    median: f64,
    #[serde(rename = "pct2ResTime")]
    second: f64,
    #[serde(rename = "pct3ResTime")]
    third: f64,
    throughput: f64,
}

/// Says whether a text looks like a summary, without reading what it says: large ones may be kept.
pub(super) fn is_one(text: &str) -> bool {
    const FORMS: &[&[&str]] = &[&["metrics"], &["aggregate"], &["connections", "latency", "requests"], &["Total"]];
    let names: Option<BTreeMap<String, IgnoredAny>> = json(text);
    names.is_some_and(|names| FORMS.iter().any(|form| form.iter().all(|name| names.contains_key(*name))))
}

/// Reads a summary.
///
/// **Errors**: in a sentence, a figure that cannot be one.
pub(super) fn read(text: &str) -> Result<Option<Reading>, String> {
    let load = k6(text).or_else(|| artillery(text)).or_else(|| autocannon(text)).or_else(|| jmeter(text));
    let Some(load) = load else { return Ok(None) };
    load.check()?;
    Ok(Some(reading(load, Claim::default())))
}

/// Tells what a summary shows.
pub(super) fn reading(load: Load, claim: Claim) -> Reading {
    let unit =
        |name: &str, value: Option<f64>, unit: &str| value.map(|value| figure(name, format!("{value:.2}{unit}")));
    let figures = [
        load.requests.map(|count| figure("requests", format!("{count:.0}"))),
        unit("at", load.per_second, " per second"),
        load.users.map(|count| figure("users", format!("{count:.0}"))),
        unit("failed", load.failed_pct, " %"),
        unit("p50", load.times.p50, " ms"),
        unit("p95", load.times.p95, " ms"),
        unit("p99", load.times.p99, " ms"),
        (!load.routes.is_empty()).then(|| figure("routes", load.routes.len().to_string())),
    ];
    let figures = figures.into_iter().flatten().collect();
    Reading::new(Kind::LoadTest, figures, claim, Report::LoadTest(load))
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
    let times = |metric: &Value| Times {
        p50: of(metric, "med").or_else(|| of(metric, "p(50)")),
        p95: of(metric, "p(95)"),
        p99: of(metric, "p(99)"),
    };
    let failed = metric("http_req_failed", "rate").or_else(|| metric("http_req_failed", "value"));
    Some(Load {
        requests: metric("http_reqs", "count"),
        per_second: metric("http_reqs", "rate"),
        // `vus_max` is how many were kept ready; `vus` tells how many there were.
        users: metric("vus", "max"),
        failed_pct: failed.map(|share| share * 100.0),
        times: times(duration),
        routes: metrics.iter().filter_map(|(name, metric)| Some((k6_route(name)?.to_owned(), times(metric)))).collect(),
    })
}

/// Reads which route a tagged metric is of: `http_req_duration{name:GET /plans}`.
fn k6_route(metric: &str) -> Option<&str> {
    let tag = metric.strip_prefix("http_req_duration{")?.strip_suffix('}')?;
    tag.split_once(':')
        .filter(|(name, _)| matches!(*name, "name" | "url" | "route" | "endpoint"))
        .map(|(_, of)| of.trim())
}

fn artillery(text: &str) -> Option<Load> {
    let Artillery { aggregate: Aggregate { counters, rates, summaries } } = json(text)?;
    let times = |of: &BTreeMap<String, Value>| {
        let time = |name: &str| of.get(name).and_then(Value::as_f64);
        Times { p50: time("p50").or_else(|| time("median")), p95: time("p95"), p99: time("p99") }
    };
    let all = times(summaries.get("http.response_time")?);
    let route = |(name, of): (&String, &BTreeMap<String, Value>)| {
        let route = name.strip_prefix("plugins.metrics-by-endpoint.response_time.")?;
        Some((route.to_owned(), times(of)))
    };
    let (requests, answers) = (counters.get("http.requests").copied(), counters.get("http.responses").copied());
    let good: f64 = counters.iter().filter(|(name, _)| is_good(name)).map(|(_, count)| count).sum();
    let can_be = counters.values().all(|count| *count >= 0.0);
    let failed = |requests: f64| if can_be { share((requests - good).max(0.0), requests) } else { f64::NAN };
    let failed_pct = requests.zip(answers).map(|(requests, _)| failed(requests));
    Some(Load {
        requests,
        per_second: rates.get("http.request_rate").copied(),
        // It counts users over the whole run, and not how many there were at once.
        users: None,
        failed_pct,
        times: all,
        routes: summaries.iter().filter_map(route).collect(),
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
    let failed = if errors < 0.0 || non2xx < 0.0 { f64::NAN } else { errors + non2xx };
    Some(Load {
        requests: total,
        per_second: number(&requests, "average"),
        users: Some(connections),
        failed_pct: total.map(|total| share(failed, total + errors)),
        times: Times {
            p50: number(&latency, "p50"),
            // It gives no 95th; the next above it is stricter.
            p95: number(&latency, "p95").or_else(|| number(&latency, "p97_5")),
            p99: number(&latency, "p99"),
        },
        routes: BTreeMap::new(),
    })
}

/// Reads a report of JMeter: one object for each request it made, and `Total`.
fn jmeter(text: &str) -> Option<Load> {
    let all: BTreeMap<String, Sampler> = json(text)?;
    let total = all.get("Total")?;
    // Its second and third percentile are the 95th and 99th, unless somebody set them otherwise.
    let times = |of: &Sampler| Times { p50: Some(of.median), p95: Some(of.second), p99: Some(of.third) };
    let route = |(name, of): (&String, &Sampler)| (name != "Total").then(|| (name.clone(), times(of)));
    Some(Load {
        requests: Some(total.count),
        per_second: Some(total.throughput),
        users: None,
        failed_pct: Some(share(total.errors, total.count)),
        times: times(total),
        routes: all.iter().filter_map(route).collect(),
    })
}

/// Judges what the line asks: users, requests a second, times of each route, or all of it within the limits.
pub(super) fn judge(report: &Load, label: &str, meant: Meant) -> Found {
    let label = label.to_lowercase();
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
        return reached(format!("{users:.0} users at once, {failed:.2} % failed."), &[(Some(users), meant.users)]);
    }
    if label.contains("volume") || label.contains("peak") {
        let Some(rate) = report.per_second else { return missing("how many requests a second there were") };
        let found = format!("{rate:.1} requests a second, {failed:.2} % failed.");
        return reached(found, &[(Some(rate), meant.per_second)]);
    }
    if label.contains("measured") {
        return measured(report);
    }
    let Some(p95) = report.times.p95 else { return missing("p95") };
    let found =
        format!("p95 {p95:.1} ms, {failed:.2} % failed; the limits are {P95_BELOW_MS} ms and {FAILED_BELOW_PCT} %.");
    if p95 >= P95_BELOW_MS {
        return Found::new(Outcome::Fail, found, "Make it faster, test again and attach the new summary.");
    }
    reached(found, &[(report.users, meant.users), (report.per_second, meant.per_second)])
}

fn missing(what: &str) -> Found {
    let found = format!("The summary does not say {what}.");
    Found::new(Outcome::Unknown(Unknown::InsufficientData), found, "Attach one that does.")
}

/// Compares what was reached with what was meant; a load that nobody meant is a person's to accept.
fn reached(found: String, loads: &[(Option<f64>, Option<u32>)]) -> Found {
    let meant: Vec<(Option<f64>, u32)> = loads.iter().filter_map(|(had, meant)| Some((*had, (*meant)?))).collect();
    if meant.is_empty() {
        let found = format!("{found} Nobody said how much load was meant.");
        let fix = "Attach it again with the load that was meant, or accept it with a note that says so.";
        return Found::new(Outcome::Warn, found, fix);
    }
    for (had, meant) in meant {
        match had {
            None => return missing(&format!("whether {meant} were reached, as was meant")),
            // A tenth of a request a second is no other load.
            Some(had) if had.round() < f64::from(meant) => {
                let found = format!("{found} {meant} were meant, {had:.1} were reached.");
                return Found::new(Outcome::Fail, found, "Test again with the load that is meant.");
            }
            Some(_) => {}
        }
    }
    Found::new(Outcome::Pass, format!("{found} The load that was meant was reached."), "")
}

/// Names a route as it is shown: what follows a question mark may be anybody's secret.
fn route(name: &str) -> String {
    shown(name.split('?').next().unwrap_or_default())
}

/// Judges whether the times of each route are known.
fn measured(report: &Load) -> Found {
    let said = |times: &Times| {
        let (p50, p95, p99) = (times.p50?, times.p95?, times.p99?);
        Some(format!("p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms"))
    };
    let Some(all) = said(&report.times) else { return missing("p50, p95 and p99") };
    if report.routes.is_empty() {
        let found = format!("{all}, of all routes together.");
        return Found::new(Outcome::Warn, found, "Accept it with a note that says where each route was measured.");
    }
    let silent: Vec<&str> =
        report.routes.iter().filter(|(_, times)| said(times).is_none()).map(|(name, _)| name.as_str()).collect();
    if let Some(first) = silent.first() {
        return missing(&format!("p50, p95 and p99 of {} routes, the first is {}", silent.len(), route(first)));
    }
    let each = report.routes.iter().take(NAMED_MAX);
    let each: Vec<String> =
        each.filter_map(|(name, times)| Some(format!("{}: {}", route(name), said(times)?))).collect();
    let more = report.routes.len().saturating_sub(each.len());
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Found::new(Outcome::Pass, format!("{} routes. {}{more}.", report.routes.len(), each.join("; ")), "")
}
