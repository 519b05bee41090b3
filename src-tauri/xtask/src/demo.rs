//! The main job on the invented company: in a window where there is a display, else with pictures of it.

use std::process::Command;

use anyhow::Result;

use crate::{machine, page, session};

/// Builds the released program and runs its main job.
pub fn run(arguments: &[String]) -> Result<()> {
    if machine::has_display() {
        machine::ready_to_build()?;
    } else {
        machine::ready_to_run_headless()?;
    }
    page::build()?;
    machine::run(machine::cargo().args(["build", "--locked", "--release", "--package", "countersign"]))?;
    let program = machine::target().join("release").join(if cfg!(windows) { "countersign.exe" } else { "countersign" });
    let mut command = Command::new(program);
    command.arg("demo").args(arguments);
    if machine::has_display() {
        return machine::run(&mut command);
    }
    let pictures = machine::target().join("demo");
    std::fs::create_dir_all(&pictures)?;
    command.arg("--screenshots").arg(&pictures);
    session::under_virtual_display(command)?;
    println!("\nPictures of the window: {}", pictures.display());
    Ok(())
}
