//! The simulator asked over its real wire, as a client of Stripe would ask.
//! Whether the company behind it makes sense is asked in `tests/company`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod control;
mod expansions;
mod lists;
mod refusals;
mod shapes;
mod wire;

use countersign_demo::{Options, Simulator, WorldOptions, serve};
use serde_json::Value;

/// An answer: status, headers, body.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.json().await.unwrap() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.body.pointer(&format!("/error/{field}")).and_then(Value::as_str)
    }

    fn ids(&self) -> Vec<String> {
        let data = self.body.get("data").and_then(Value::as_array).into_iter().flatten();
        data.map(|object| object["id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn has_more(&self) -> bool {
        self.body["has_more"].as_bool().unwrap()
    }
}

fn options(customers: u32) -> Options {
    let as_of = "2026-11-20T12:00:00Z".parse().unwrap();
    Options::of(WorldOptions { customers, ..WorldOptions::at(as_of) })
}

/// A simulator and a client of it.
struct Api {
    simulator: Simulator,
    client: reqwest::Client,
}

async fn start(options: Options) -> Api {
    let simulator = serve(options, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    // No certificates are needed on loopback, and reading the system's takes seconds in a debug build.
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    Api { simulator, client }
}

impl Api {
    async fn get(&self, path: &str) -> Answer {
        self.get_as(&self.simulator.keys.full, path).await
    }

    async fn get_as(&self, key: &str, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.simulator.url)).bearer_auth(key);
        Answer::of(request.header("Stripe-Version", "2026-10-28.endive")).await
    }

    /// Reads a list to its end, forward, with a page size.
    async fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let glue = if path.contains('?') { '&' } else { '?' };
        loop {
            let after = all.last().map(|last| format!("&starting_after={}", last["id"].as_str().unwrap()));
            let answer = self.get(&format!("{path}{glue}limit={limit}{}", after.unwrap_or_default())).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            all.extend(answer.body["data"].as_array().unwrap().iter().cloned());
            if !answer.has_more() {
                return all;
            }
        }
    }
}
