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
#[cfg(fuzzing)]
pub mod fuzzing;
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
    // Claude Code takes a failure, or no line at all, as a reason to show nothing.
    let is_status_line = arguments.get(1).is_some_and(|command| command == "statusline");
    let parsed = match cli::parse(arguments.iter().cloned()) {
        Err(error) if is_status_line && error.use_stderr() => {
            error::usage(&error);
            cli::parse(arguments.into_iter().take(2))
        }
        parsed => parsed,
    };
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let code = error::usage(&error);
            return if is_hook { ExitCode::SUCCESS } else { code };
        }
    };
    let mut env = Env::read();
    if is_status_line {
        // A work tree is removed while its conversation goes on.
        env.directory.get_or_insert_with(|| std::path::MAIN_SEPARATOR_STR.into());
    }
    let mut ui = Ui::new(&env, cli.global.color, cli.global.quiet);
    let mut context = Context::new(&env, &cli.global);
    if let Err(failure) = &context
        && command::is_independent_of_config(&cli.command)
    {
        let reason = failure.message();
        context = Context::without_config(&env);
        if let (true, Ok(ctx)) = (is_status_line, &context) {
            ctx.notice(reason);
        }
    }
    let outcome = context.and_then(|ctx| command::run(&ctx, &mut ui, cli.command)).and_then(|()| ui.flush());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if is_hook => ExitCode::SUCCESS,
        Err(failure) if is_status_line => {
            ui.warning(&failure.message());
            // What cannot be printed cannot be helped.
            let _ = ui.data(view::statusline::NOTHING);
            ExitCode::SUCCESS
        }
        Err(failure) => failure.report(&mut ui),
    }
}
