//! Every test, in the order in which they are cheapest to fail.

use anyhow::Result;

use crate::{machine, page};

/// Runs every test. Further arguments go to the Rust tests.
pub fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_test()?;
    page::packages()?;
    step("The page: types, lints, tests");
    page::npm(&["run", "check"])?;
    page::npm(&["test"])?;
    page::build()?;
    verify()?;
    step("Building the program that the window tests drive");
    machine::run(machine::cargo().args(["build", "--locked", "--workspace"]))?;
    step("Tests");
    machine::run(machine::cargo().args(["test", "--locked", "--workspace", "--no-fail-fast"]).args(arguments))
}

/// Formatting and lints.
pub fn verify() -> Result<()> {
    step("Formatting and lints");
    machine::run(machine::cargo().args(["fmt", "--all", "--check"]))?;
    machine::run(machine::cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// Writes the files generated from the contract list.
pub fn contract() -> Result<()> {
    let mut command = machine::cargo();
    command.args(["test", "--quiet", "--package", "countersign-app", "--test", "contract"]);
    machine::run(command.env("COUNTERSIGN_WRITE_CONTRACT", "1"))
}

fn step(title: &str) {
    println!("\n== {title}");
}
