//! `sim`: the Stripe simulator alone, until it is stopped.

use countersign_app::failure::{invalid, told};
use countersign_app::simulator::{Options, WorldOptions, serve};
use countersign_app::{clock, domain};
use domain::Instant;
use domain::failure::{Code, Failure};
use serde_json::json;

use crate::arguments::Sim;
use crate::exit::Verdict;
use crate::output::{self, Output};

pub async fn run(sim: Sim, output: Output) -> Result<Verdict, Failure> {
    let listen = sim.listen;
    let options = options(sim)?;
    let simulator = serve(options, listen).await;
    let simulator =
        simulator.map_err(|error| told(Code::InputInvalid, "The simulator did not start", error.to_string()))?;
    let keys = json!({ "full": simulator.keys.full, "restricted": simulator.keys.restricted });
    // The first line is for programs; what follows it is for people.
    output::line(&json!({ "url": simulator.url, "keys": keys }).to_string());
    if !output.is_json {
        output::complaint("The invented company answers there until Ctrl+C.");
    }
    let _stopped = tokio::signal::ctrl_c().await;
    simulator.stop().await;
    Ok(Verdict::Good)
}

fn options(sim: Sim) -> Result<Options, Failure> {
    if !(0.0..=1.0).contains(&sim.fault_rate) {
        return Err(invalid("--fault-rate", "a share from 0 to 1 is expected"));
    }
    if !(0.0..=1_000.0).contains(&sim.mutate_per_sec) {
        return Err(invalid("--mutate-per-sec", "a number from 0 to 1000 is expected"));
    }
    if !(1..=200_000).contains(&sim.customers) || !(1..=120).contains(&sim.months) {
        return Err(invalid("--customers and --months", "1 to 200000 customers and 1 to 120 months are possible"));
    }
    let world = WorldOptions {
        seed: sim.seed,
        customers: sim.customers,
        months: sim.months,
        ..WorldOptions::at(as_of(sim.as_of)?)
    };
    Ok(Options {
        rps: (sim.rps > 0).then_some(sim.rps),
        latency_ms: sim.latency_ms.into(),
        fault_rate: sim.fault_rate,
        mutate_per_sec: sim.mutate_per_sec,
        restricted_without: sim.restricted_without,
        billing_db: sim.billing_db,
        ..Options::of(world)
    })
}

/// Where the history ends: the named day, or the beginning of today, so that equal calls of one day give equal bytes.
fn as_of(day: Option<String>) -> Result<Instant, Failure> {
    let zone = domain::zones::Zone::utc();
    match day {
        None => Ok(zone.start_of_day(zone.date_of(clock::now()))),
        Some(text) => zone
            .day_named(&text)
            .map(|day| day.start)
            .ok_or_else(|| invalid("--as-of", "a date such as 2026-11-01 is expected")),
    }
}
