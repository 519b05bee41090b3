//! How long a chart takes: laid out as a scene, and written to a file. Each sample is one the tests hold still.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "a program to be read by people")]

use std::hint::black_box;
use std::time::Instant;

use countersign_render::chart::Size;
use countersign_render::file::png::{Density, png};
use countersign_render::file::svg::svg;

#[path = "../tests/render/samples.rs"]
mod samples;

const ROUNDS: usize = 60;

fn main() {
    let scene = samples::mrr().scene(Size::new(1_200, 320)).unwrap();
    let sheet = samples::sheet().around(&scene);
    let times = [
        ("scene of 24 months", middle(|| drop(black_box(samples::mrr().scene(Size::new(1_200, 320)).unwrap())))),
        ("movements of 24 months", middle(|| drop(black_box(samples::movements().scene(Size::new(1_200, 320)).unwrap())))),
        ("SVG file", middle(|| drop(black_box(svg(&sheet).unwrap())))),
        ("PNG file, double density", middle(|| drop(black_box(png(&sheet, Density::Double).unwrap())))),
    ];
    for (what, ms) in times {
        println!("chart    {what}: {ms:.2} ms");
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
