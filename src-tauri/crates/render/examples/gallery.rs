//! Draws one picture of every chart kind into a folder, to be looked at after a change of the drawing.
//!
//! `cargo run -p countersign-render --example gallery -- <folder>`

use std::error::Error;
use std::path::PathBuf;

use countersign_render::file::png::{Density, png};
use countersign_render::file::svg::svg;

#[path = "../tests/samples/mod.rs"]
mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&folder)?;
    for width in [480, 760, 1400] {
        for (name, scene) in samples::scenes(width)? {
            let sheet = samples::sheet().around(&scene);
            std::fs::write(folder.join(format!("{name}-{width}-sheet.png")), png(&sheet, Density::Double)?)?;
            std::fs::write(folder.join(format!("{name}-{width}-sheet.svg")), svg(&sheet)?)?;
            std::fs::write(folder.join(format!("{name}-{width}.png")), png(&scene, Density::Double)?)?;
        }
    }
    Ok(())
}
