//! Measures the simulator: how long a company takes to invent, how much memory it needs, how fast it answers.
//!
//! `cargo run --release -p countersign-demo --example measure -- 50000 /tmp/billing.db`
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

use std::time::{Duration, Instant};

use countersign_demo::{Options, Simulator, WorldOptions, serve};

/// How many pages are read one after the other.
const PAGES: u32 = 50;
/// How long small reads are counted.
const COUNTED: Duration = Duration::from_secs(3);
/// How many of them are under way at a time.
const PARALLEL: usize = 8;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let customers = std::env::args().nth(1).map_or(Ok(4_000), |text| text.parse())?;
    let world = WorldOptions { customers, ..WorldOptions::at("2026-11-20T12:00:00Z".parse()?) };
    let started = Instant::now();
    let billing_db = std::env::args().nth(2).map(Into::into);
    let what = if billing_db.is_some() { "invented and written down" } else { "invented" };
    let simulator = serve(Options { billing_db, ..Options::of(world) }, "127.0.0.1:0".parse()?).await?;
    println!("{customers} customers {what} in {:?}, {} MiB resident", started.elapsed(), resident_mib());
    let started = Instant::now();
    let truth = simulator.truth();
    println!("truth told in {:?}; {} subscriptions not fully told by the API", started.elapsed(), truth.unseen.len());
    println!("{:?}", truth.counts);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    for path in ["invoices", "customers", "subscriptions?status=all", "charges", "events"] {
        pages(&simulator, &client, path).await?;
    }
    small_reads(&simulator, &client).await?;
    println!("{} MiB resident at the end", resident_mib());
    Ok(())
}

async fn pages(simulator: &Simulator, client: &reqwest::Client, path: &str) -> Result<(), Failure> {
    let glue = if path.contains('?') { '&' } else { '?' };
    let url = format!("{}/v1/{path}{glue}limit=100", simulator.url);
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..PAGES {
        let started = Instant::now();
        let body = client.get(&url).bearer_auth(&simulator.keys.full).send().await?.error_for_status()?.bytes().await?;
        times.push(started.elapsed());
        bytes = body.len();
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let best = times.first().copied().unwrap_or_default();
    println!("{path}: a page of 100 in {median:?} (median, best {best:?}, over the wire), {} KiB", bytes / 1024);
    Ok(())
}

async fn small_reads(simulator: &Simulator, client: &reqwest::Client) -> Result<(), Failure> {
    let started = Instant::now();
    let reader = || async {
        let mut reads = 0_u32;
        while started.elapsed() < COUNTED {
            let url = format!("{}/v1/customers?limit=1", simulator.url);
            client.get(url).bearer_auth(&simulator.keys.full).send().await?.bytes().await?;
            reads += 1;
        }
        Ok::<_, reqwest::Error>(reads)
    };
    let reads: u32 = futures_util::future::try_join_all((0..PARALLEL).map(|_| reader())).await?.iter().sum();
    println!("{:.0} small reads a second, {PARALLEL} at a time", f64::from(reads) / started.elapsed().as_secs_f64());
    Ok(())
}

/// Memory of this process, where the system tells it.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
