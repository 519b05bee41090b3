//! The project's own commands. `demo` and `test` are all a newcomer needs; the others are for those who stay.
//!
//! Every command installs what is missing before it begins, so that a machine with only the toolchain is enough.

mod bench;
mod demo;
mod machine;
mod page;
mod session;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo       builds the program and runs its main job on the invented company
cargo xtask test       runs every test
cargo xtask bench      measures start, sync, search, charts and memory
cargo xtask contract   writes the files generated from the contract list
cargo xtask verify     formatting, lints and documentation alone";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match command.as_str() {
        "demo" => demo::run(&rest),
        "test" => test::run(&rest),
        "bench" => bench::run(),
        "bench-inside" => bench::inside(),
        "contract" => test::contract(),
        "verify" => test::verify(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
