//! The binary: all it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    claude_cost::run(std::env::args_os())
}
