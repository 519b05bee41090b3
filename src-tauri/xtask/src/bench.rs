//! Figures that are measured, not asserted: search, charts, a large run, sync, start, memory.
//!
//! The first three are programs of their crates. The others run the released program on the invented company, in a session
//! of their own, as a person would. Deliberately absent: any limit that fails; a slow machine is no broken one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{machine, page, session};

/// Customers of the company that is read.
const CUSTOMERS: &str = "4000";
/// Time each of its answers takes. **Units**: milliseconds.
const LATENCY: &str = "120";
/// Requests the sync may make. **Units**: per second.
const RATE: u32 = 25;
/// How often the window is opened; the middle value counts.
const STARTS: usize = 5;
/// How long one start may take before it is given up.
const START_LIMIT: Duration = Duration::from_secs(30);
/// When memory is looked at, after the window shows its figures.
const CALM: Duration = Duration::from_secs(3);
/// What the program logs when its first screen is drawn and every question on it is answered.
const SHOWN: &str = "the first screen shows its figures";

/// Measures everything.
pub fn run() -> Result<()> {
    machine::ready_to_run_headless()?;
    page::build()?;
    machine::run(machine::cargo().args(["build", "--locked", "--release", "--package", "countersign"]))?;
    let programs = [("countersign-store", "search"), ("countersign-render", "charts"), ("countersign-app", "run")];
    for (package, bench) in programs {
        machine::run(machine::cargo().args(["bench", "--quiet", "--locked", "--package", package, "--bench", bench]))?;
    }
    let mut inside = Command::new(std::env::current_exe().context("finding this program")?);
    inside.arg("bench-inside");
    session::under_virtual_display(inside)
}

/// Measures the running program; the session is already there.
pub fn inside() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    let _nobody_needs_it = std::fs::remove_dir_all(&folder);
    result
}

fn measure(folder: &Path) -> Result<()> {
    let billing = folder.join("billing.sqlite");
    let mut simulator = Command::new(program());
    simulator.args(["sim", "--json", "--customers", CUSTOMERS, "--latency-ms", LATENCY, "--billing-db"]).arg(&billing);
    let mut simulator = Stopped(simulator.stdout(Stdio::piped()).spawn().context("starting the simulator")?);
    let mut first = String::new();
    BufReader::new(simulator.0.stdout.take().context("it has no output")?).read_line(&mut first)?;
    let says: Value = serde_json::from_str(&first).context("the simulator's first line")?;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();

    let full = folder.join("full");
    command(&full, &["env", "add", "bench", "--class", "test"], "")?;
    let address = word(&says["url"]);
    command(&full, &["connect", "stripe", "--url", &address, "--secret-stdin"], &word(&says["keys"]["full"]))?;
    command(&full, &["connect", "database", "--sqlite", &billing.to_string_lossy()], "")?;
    sync(&full)?;
    // Opened without its simulator: what is shown comes from the mirror alone.
    drop(simulator);
    let (shown, memory) = window(&full)?;
    let (idle_shown, idle) = window(&folder.join("empty"))?;
    println!(
        "start    exec to figures of {CUSTOMERS} customers: {} ms (first run screen: {} ms)",
        ms(shown),
        ms(idle_shown)
    );
    println!("memory   {} MB with figures, {} MB idle shell: {} MB above", mb(memory), mb(idle), mb(memory) - mb(idle));
    Ok(())
}

fn sync(profile: &Path) -> Result<()> {
    let rate = RATE.to_string();
    let began = Instant::now();
    let done = command(profile, &["sync", "--rate", &rate], "")?;
    let whole = began.elapsed().as_secs_f64();
    let number = |name: &str| done[name].as_f64().unwrap_or_default();
    let objects: f64 = done["read"].as_object().into_iter().flatten().filter_map(|(_, count)| count.as_f64()).sum();
    let (requests, seconds) = (number("requests"), number("seconds"));
    println!(
        "sync     {objects} objects in {seconds:.1} s at {LATENCY} ms per answer: {:.0} objects/s, {:.1} objects per request, \
         {:.1} requests/s = {:.2} of the rate of {RATE}; with database and figures {whole:.1} s",
        objects / seconds,
        objects / requests,
        requests / seconds,
        requests / seconds / f64::from(RATE),
    );
    let again = Instant::now();
    let second = command(profile, &["sync", "--rate", &rate], "")?;
    println!("         again: {} requests, {:.1} s", second["requests"], again.elapsed().as_secs_f64());
    Ok(())
}

/// Opens the window several times: the middle time until its first screen is complete, and its memory.
fn window(profile: &Path) -> Result<(Duration, u64)> {
    let mut times = Vec::new();
    let mut memory = 0;
    for _ in 0..=STARTS {
        let seen = shown_so_far(profile);
        let began = Instant::now();
        let mut window = Command::new(program());
        window.arg("--data-dir").arg(profile).env_remove("WEBKIT_DISABLE_DMABUF_RENDERER");
        let window = Stopped(window.spawn().context("opening the window")?);
        while shown_so_far(profile) == seen {
            ensure!(began.elapsed() < START_LIMIT, "the window showed nothing within {} s", START_LIMIT.as_secs());
            std::thread::sleep(Duration::from_millis(2));
        }
        times.push(began.elapsed());
        std::thread::sleep(CALM);
        memory = proportional(window.0.id());
    }
    // The first start reads the program from the disk, and makes the profile where there is none.
    times.remove(0);
    times.sort_unstable();
    Ok((times.get(times.len() / 2).copied().unwrap_or_default(), memory))
}

fn shown_so_far(profile: &Path) -> usize {
    let Ok(files) = std::fs::read_dir(profile.join("log")) else { return 0 };
    let texts = files.flatten().filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts.map(|text| text.matches(SHOWN).count()).sum()
}

/// Memory of a process and all it started, each shared page counted in parts. **Units**: bytes.
fn proportional(root: u32) -> u64 {
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
    let ids: Vec<u32> = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let belongs = |mut id: u32| {
        while id > 1 && id != root {
            id = parent(id).unwrap_or(0);
        }
        id == root
    };
    let pss = |id: &u32| {
        let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()
    };
    ids.iter().filter(|id| belongs(**id)).filter_map(pss).sum::<u64>() * 1_024
}

fn parent(id: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

fn command(profile: &Path, arguments: &[&str], secret: &str) -> Result<Value> {
    let mut command = Command::new(program());
    command.arg("--data-dir").arg(profile).arg("--json").args(arguments).stderr(Stdio::null());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("it has no input")?.write_all(secret.as_bytes())?;
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{arguments:?} ended with {}: {text}", output.status);
    serde_json::from_str(&text).with_context(|| format!("the answer of {arguments:?}"))
}

fn program() -> PathBuf {
    machine::target().join("release/countersign")
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}

fn mb(bytes: u64) -> i64 {
    i64::try_from(bytes / 1_000_000).unwrap_or(i64::MAX)
}

/// Stopped by its own id when it is no longer needed.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _nobody_left = self.0.wait();
    }
}
