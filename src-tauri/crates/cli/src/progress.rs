//! Progress on standard error: a line that moves on a terminal, one JSON object per line with `--json`.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use countersign_app::jobs::{Job, JobState, JobView};

use crate::output::Output;

const EVERY: Duration = Duration::from_millis(200);

/// Runs work, telling how far it is until it ends.
pub async fn watched<T>(output: Output, job: &Arc<Job>, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut ticks = tokio::time::interval(EVERY);
    let is_terminal = std::io::stderr().is_terminal();
    let mut last = String::new();
    loop {
        tokio::select! {
            result = &mut work => {
                if is_terminal && !output.is_json && !last.is_empty() {
                    write("\r\x1b[2K");
                }
                return result;
            }
            _ = ticks.tick() => {
                let view = job.view();
                let line = if output.is_json { document(&view) } else { line(&view) };
                if line == last || line.is_empty() {
                    continue;
                }
                if output.is_json {
                    write(&format!("{line}\n"));
                } else if is_terminal {
                    write(&format!("\r\x1b[2K{line}"));
                }
                last = line;
            }
            _ = tokio::signal::ctrl_c() => job.cancel_token().cancel(),
        }
    }
}

fn line(view: &JobView) -> String {
    if view.step.is_empty() {
        return String::new();
    }
    let about = view.about.map(|about| format!(" of about {about}")).unwrap_or_default();
    let left = view.seconds_left.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
    let remark = view.remark.as_ref().map(|remark| format!("  {remark}")).unwrap_or_default();
    let state = if matches!(view.state, JobState::Stopping) { "stopping: " } else { "" };
    format!("{state}{}: {}{about} {}, {:.0}/s{left}{remark}", view.step, view.done, view.counted, view.per_second)
}

fn document(view: &JobView) -> String {
    serde_json::json!({
        "step": view.step, "done": view.done, "about": view.about, "per_second": view.per_second, "remark": view.remark,
    })
    .to_string()
}

fn write(text: &str) {
    let mut out = std::io::stderr();
    let _closed_terminal = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
