//! How long a chart takes: laid out as a scene, and written to a file. Each sample is one the tests hold still.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program to be read by people"
)]

use std::hint::black_box;
use std::time::Instant;

use countersign_render::file::pdf::pdf;
use countersign_render::file::png::{Density, png};
use countersign_render::file::svg::svg;

#[path = "../tests/render/samples.rs"]
mod samples;

const ROUNDS: usize = 30;
const WIDTH: u32 = 1_200;

fn main() {
    let scenes = samples::scenes(WIDTH).unwrap();
    let sheet = samples::sheet().around(&scenes[0].1);
    let report = samples::report().unwrap();
    let times = [
        ("ten charts laid out", middle(|| drop(black_box(samples::scenes(WIDTH).unwrap())))),
        ("24 months as SVG file", middle(|| drop(black_box(svg(&sheet).unwrap())))),
        ("24 months as PNG file, double density", middle(|| drop(black_box(png(&sheet, Density::Double).unwrap())))),
        ("report of several pages as PDF file", middle(|| drop(black_box(pdf(&report).unwrap())))),
    ];
    for (what, ms) in times {
        println!("chart    {what}: {ms:.1} ms");
    }
}

/// The middle time of several rounds. **Units**: milliseconds.
fn middle(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}
