//! Headers, limits, delays and faults.
//! Times are only ever compared with bounds a loaded computer keeps.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::*;

#[tokio::test]
async fn answers_carry_their_version_and_a_request_id() {
    let api = start(options(30)).await;
    let url = format!("{}/v1/balance", api.simulator.url);
    let plain = Answer::of(api.client.get(&url).bearer_auth(&api.simulator.keys.full)).await;
    assert_eq!(plain.header("stripe-version"), Some("2024-06-20"), "the account's own");
    for version in ["2026-10-28.endive", "2025-03-31.basil"] {
        let request = api.client.get(&url).bearer_auth(&api.simulator.keys.full).header("Stripe-Version", version);
        let answer = Answer::of(request).await;
        assert_eq!(answer.header("stripe-version"), Some(version));
        assert_eq!(answer.body, plain.body, "the body is always that of the pinned version");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_ne!(answer.header("request-id"), plain.header("request-id"));
    }
}

#[tokio::test]
async fn a_rate_is_kept() {
    let api = start(Options { rps: Some(3), ..options(30) }).await;
    let answers = futures_util::future::join_all((0..12).map(|_| api.get("/v1/balance"))).await;
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(answers.iter().filter(|answer| answer.status == 200).count() >= 3 && !refused.is_empty());
    let first = &refused[0];
    assert_eq!(first.header("stripe-rate-limited-reason"), Some("global-rate"));
    assert_eq!((first.error("code"), first.header("stripe-should-retry")), (Some("rate_limit"), Some("true")));
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(api.get("/v1/balance").await.status, 200, "a second later there is room again");
    assert_eq!(api.simulator.requests().by_status[&429], u64::try_from(refused.len()).unwrap());
}

#[tokio::test]
async fn one_operation_has_a_rate_of_its_own() {
    let api = start(Options { operation_rps: Some(3), ..options(30) }).await;
    let ids = api.get("/v1/customers").await.ids();
    let paths = ids.iter().take(6).map(|id| format!("/v1/customers/{id}")).collect::<Vec<_>>();
    let answers = futures_util::future::join_all(paths.iter().map(|path| api.get(path))).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(refused[0].header("stripe-rate-limited-reason"), Some("endpoint-rate"), "other ids, the same operation");
    assert_eq!(api.get("/v1/balance").await.status, 200);
}

#[tokio::test]
async fn delays_and_parallel_requests_are_seen() {
    let api = start(Options { latency_ms: 400, max_in_flight: Some(3), ..options(30) }).await;
    let started = Instant::now();
    let answers = futures_util::future::join_all((0..6).map(|_| api.get("/v1/balance"))).await;
    assert!(started.elapsed() >= Duration::from_millis(400));
    let too_many = answers.iter().filter(|answer| answer.status == 429).collect::<Vec<_>>();
    assert_eq!(too_many[0].header("stripe-rate-limited-reason"), Some("global-concurrency"));
    let requests = api.simulator.requests();
    assert_eq!((requests.max_in_flight, requests.max_per_second, requests.total), (6, 6, 6));
    assert_eq!(requests.by_path["GET /v1/balance"], 6);
}

#[tokio::test]
async fn faults_come_in_every_form_and_always_the_same() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let api = start(Options { fault_rate: 0.5, ..options(30) }).await;
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for _ in 0..90 {
            let request = api.client.get(format!("{}/v1/customers?limit=5", api.simulator.url));
            let response = request.bearer_auth(&api.simulator.keys.full).send().await.unwrap();
            let status = response.status().as_u16();
            let is_json = response.headers()["content-type"] == "application/json";
            let limit = response.headers().contains_key("stripe-rate-limited-reason");
            let form = match (status, is_json, response.bytes().await) {
                (_, _, Err(_)) => "cut off",
                (500, true, Ok(_)) => "broken",
                (503, false, Ok(_)) => "unavailable",
                (429, true, Ok(_)) if limit => "too many",
                (429, true, Ok(_)) => "locked",
                (200, false, Ok(_)) => "wrong type",
                (200, true, Ok(body)) if body.is_empty() => "empty",
                (200, true, Ok(body)) => match serde_json::from_slice::<Value>(&body) {
                    Ok(_) => "good",
                    Err(_) => "truncated",
                },
                other => panic!("{other:?}"),
            };
            *seen.entry(form).or_default() += 1;
        }
        assert!((25..65).contains(&seen["good"]), "{seen:?}");
        assert!(seen.len() >= 8, "{seen:?}");
        assert!(api.simulator.requests().faulted > 25);
        runs.push(seen);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn changes_happen_by_themselves_and_it_stops_when_told() {
    let api = start(Options { mutate_per_sec: 100.0, ..options(30) }).await;
    let before = api.simulator.objects("events").len();
    let waiting = Instant::now();
    while api.simulator.objects("events").len() < before + 10 {
        assert!(waiting.elapsed() < Duration::from_secs(20), "no changes came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let url = api.simulator.url.clone();
    api.simulator.stop().await;
    assert!(api.client.get(url).send().await.is_err(), "nobody listens any more");
}
