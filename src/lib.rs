//! `claude-cost`: what a piece of work with Claude Code cost, from session to report.
//!
//! A datum goes one way: `source` reads what other programs wrote and ends in events of `domain`, `store` keeps
//! them, `report` does the sums, `view` lays them out, and a file in `command` ties these together for one
//! subcommand. `ARCHITECTURE.md` has the whole picture.

mod cli;
mod command;
mod config;
mod context;
mod domain;
mod env;
mod error;
mod paths;
mod report;
mod shell;
mod source;
mod store;
mod ui;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::context::Context;
use crate::env::Env;
use crate::ui::Ui;

/// Runs the program with the arguments typed, its name first, and returns its exit code.
pub fn run<I, T>(arguments: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    // A hook of an older or a newer version must not stop what it hangs on: its failures end as successes.
    let is_hook = arguments.get(1).is_some_and(|command| command == "hook");
    let cli = match cli::parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let code = error::usage(&error);
            return if is_hook { ExitCode::SUCCESS } else { code };
        }
    };
    let env = Env::read();
    let mut ui = Ui::new(&env, cli.global.color, cli.global.quiet);
    let mut context = Context::new(&env, &cli.global);
    if context.is_err() && command::is_independent_of_config(&cli.command) {
        context = Context::without_config(&env);
    }
    let outcome = context.and_then(|ctx| command::run(&ctx, &mut ui, cli.command)).and_then(|()| ui.flush());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if is_hook => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut ui),
    }
}
