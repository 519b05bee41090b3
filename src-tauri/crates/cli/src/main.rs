//! The command line alone, for servers without a web view.

use std::process::ExitCode;

use countersign_cli::Start;

fn main() -> ExitCode {
    match countersign_cli::start(std::env::args_os()) {
        Start::Ended(code) => code,
        Start::Window(_) => {
            countersign_cli::complain(&"this build has no window; name a command, or see --help");
            ExitCode::from(2)
        }
    }
}
