//! The invented company itself: do its books add up, is its story told truly, is everything in it that must be.
//! How it is served is asked in `tests/api`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail like tests"
)]

mod billing_db;
mod books;
mod history;
mod rebuilt;
mod same;
mod situations;

use std::collections::BTreeMap;

use countersign_demo::{Options, Simulator, WorldOptions, serve};
use serde_json::Value;

fn options(customers: u32) -> Options {
    let as_of = "2026-11-20T12:00:00Z".parse().unwrap();
    Options::of(WorldOptions { customers, ..WorldOptions::at(as_of) })
}

async fn company(options: Options) -> Simulator {
    serve(options, "127.0.0.1:0".parse().unwrap()).await.unwrap()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is not an integer"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

/// Sums a field over a list.
fn sum(entries: &Value, field: &str) -> i64 {
    list(entries).iter().map(|entry| int(&entry[field])).sum()
}

/// Every object of a list, by id.
fn by_id(simulator: &Simulator, path: &str) -> BTreeMap<String, Value> {
    simulator.objects(path).into_iter().map(|object| (text(&object["id"]).to_owned(), object)).collect()
}
