//! One file a subcommand: gather, compute, show.

mod completions;
mod config;
mod estimate;
mod init;
mod man;
mod prices;

use crate::cli::Command;
use crate::cli::ConfigCommand;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, command: Command) -> Result<(), Failure> {
    match command {
        Command::Estimate(args) => estimate::run(ctx, ui, &args),
        Command::Config(args) => config::run(ctx, ui, args.command),
        Command::Init(args) => init::run(ui, &args),
        Command::Completions(args) => completions::run(ui, &args),
        Command::Man(args) => man::run(ui, &args),
        Command::Prices(args) => prices::run(ctx, ui, args),
    }
}

/// Whether a command can do without settings: then a broken file does not stop it, and it can help to mend that file.
pub(crate) fn is_independent_of_config(command: &Command) -> bool {
    match command {
        Command::Init(_) | Command::Completions(_) | Command::Man(_) => true,
        Command::Estimate(_) | Command::Prices(_) => false,
        Command::Config(args) => !matches!(args.command, ConfigCommand::List(_) | ConfigCommand::Get { .. }),
    }
}
