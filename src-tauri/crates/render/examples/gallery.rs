//! Draws one picture of every chart kind into a folder, to be looked at after a change of the drawing.
//!
//! `cargo run -p countersign-render --example gallery -- <folder>`

use std::error::Error;
use std::path::PathBuf;

use countersign_domain::money::Currency;
use countersign_domain::zones::Month;
use countersign_render::chart::{LineChart, Reference, Series, Size, Slot, Unit};
use countersign_render::file::png::{Density, png};
use countersign_render::scene::Scene;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&folder)?;
    for (name, scene) in scenes()? {
        std::fs::write(folder.join(format!("{name}.png")), png(&scene, Density::Double)?)?;
    }
    Ok(())
}

fn scenes() -> Result<Vec<(String, Scene)>, Box<dyn Error>> {
    let mut scenes = Vec::new();
    for width in [480, 760, 1400] {
        scenes.push((format!("line-{width}"), mrr().scene(Size::new(width, 280))?));
    }
    scenes.push(("line-rate".to_owned(), retention().scene(Size::new(640, 240))?));
    Ok(scenes)
}

fn months(from: &str, count: i32) -> Vec<Slot> {
    let first = Month::parse(from).unwrap_or(Month { year: 2026, month: 1 });
    (0..count).map(|n| Slot::month(first.plus(n))).collect()
}

fn mrr() -> LineChart {
    let mut slots = months("2024-12", 24);
    if let Some(last) = slots.pop() {
        slots.push(last.provisional());
    }
    let wave = |n: i64| 1_240_000 + n * 61_000 + (n * n * 7_919 % 83_000) - 40_000;
    let values = (0..24).map(|n| if n == 9 { None } else { Some(wave(n)) }).collect();
    let before = (0..24).map(|n| Some(wave(n) * 7 / 10)).collect();
    LineChart {
        title: "Monthly recurring revenue".to_owned(),
        unit: Unit::Money(Currency::USD),
        slots,
        series: vec![Series { word: "mrr".to_owned(), label: "MRR".to_owned(), values }],
        compared: Some(Series { word: "mrr_before".to_owned(), label: "A year before".to_owned(), values: before }),
        references: vec![Reference { label: "Target".to_owned(), value: 2_500_000, is_limit: false }],
    }
}

fn retention() -> LineChart {
    let series = |word: &str, label: &str, start: i64, wave: i64| Series {
        word: word.to_owned(),
        label: label.to_owned(),
        values: (0..12).map(|n| Some(start + (n * n * wave) % 170 - 60)).collect(),
    };
    LineChart {
        title: "Retention".to_owned(),
        unit: Unit::BasisPoints,
        slots: months("2025-12", 12),
        series: vec![series("nrr", "Net", 10_180, 37), series("grr", "Gross", 9_650, 23)],
        compared: None,
        references: vec![Reference { label: "Limit".to_owned(), value: 9_500, is_limit: true }],
    }
}
