//! One file a subcommand: gather, compute, show.

mod cancel;
mod completions;
mod config;
mod continue_;
mod doctor;
mod edit;
mod end;
mod estimate;
mod export;
mod gather;
mod hook;
mod init;
mod install;
mod log;
mod man;
mod note;
mod pause;
mod prices;
mod quick;
mod resume;
mod sessions;
mod show;
mod start;
mod status;
mod statusline;
mod sync;
mod undo;
mod uninstall;
mod usage;

use crate::cli::Command;
use crate::cli::setup::ConfigCommand;
use crate::cli::usage::UsageArgs;
use crate::cli::usage::UsageCommand;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, command: Command) -> Result<(), Failure> {
    let is_silent = matches!(command, Command::Hook(_));
    let outcome = dispatch(ctx, ui, command).map_err(|failure| gather::ledger::mended(ctx, failure));
    for notice in ctx.take_notices().iter().filter(|_| !is_silent) {
        ui.warning(notice);
    }
    outcome
}

fn dispatch(ctx: &Context, ui: &mut Ui, command: Command) -> Result<(), Failure> {
    match command {
        Command::Start(args) => start::run(ctx, ui, &args),
        Command::Log(args) => log::run(ctx, ui, &args),
        Command::Quick(args) => quick::run(ctx, ui, &args),
        Command::Note(args) => note::run(ctx, ui, &args),
        Command::Status(args) => status::run(ctx, ui, &args),
        Command::End(args) => end::run(ctx, ui, &args),
        Command::Pause(args) => pause::run(ctx, ui, &args),
        Command::Resume(args) => resume::run(ctx, ui, &args),
        Command::Continue(args) => continue_::run(ctx, ui, &args),
        Command::Undo(args) => undo::run(ctx, ui, &args),
        Command::Cancel(args) => cancel::run(ctx, ui, &args),
        Command::Edit(args) => edit::run(ctx, ui, &args),
        Command::Sessions(args) => sessions::run(ctx, ui, &args),
        Command::Show(args) => show::run(ctx, ui, &args),
        Command::Usage(UsageArgs { command: Some(command), .. }) => usage::run(ctx, ui, command),
        Command::Usage(args) => usage::glance::run(ctx, ui, &args.glance),
        Command::Claude(args) => usage::run(ctx, ui, args.command),
        Command::Daily(args) => usage::run(ctx, ui, UsageCommand::Daily(args)),
        Command::Weekly(args) => usage::run(ctx, ui, UsageCommand::Weekly(args)),
        Command::Monthly(args) => usage::run(ctx, ui, UsageCommand::Monthly(args)),
        Command::Session(args) => usage::run(ctx, ui, UsageCommand::Session(args)),
        Command::Blocks(args) => usage::run(ctx, ui, UsageCommand::Blocks(args)),
        Command::Sync(args) => sync::run(ctx, ui, &args),
        Command::Export(args) => export::run(ctx, ui, &args),
        Command::Estimate(args) => estimate::run(ctx, ui, &args),
        Command::Prices(args) => prices::run(ctx, ui, args),
        Command::Doctor(args) => doctor::run(ctx, ui, &args),
        Command::Config(args) => config::run(ctx, ui, args.command),
        Command::Init(args) => init::run(ui, &args),
        Command::Completions(args) => completions::run(ctx, ui, &args),
        Command::Man(args) => man::run(ui, &args),
        Command::Statusline(args) => statusline::run(ctx, ui, &args),
        Command::Install(args) => install::run(ctx, ui, &args),
        Command::Uninstall(args) => uninstall::run(ctx, ui, &args),
        Command::Hook(args) => {
            hook::run(ctx, &args);
            Ok(())
        }
    }
}

/// Whether a command can do without settings: then a broken file does not stop it, and it can help to mend that file.
pub(crate) fn is_independent_of_config(command: &Command) -> bool {
    match command {
        Command::Init(_) | Command::Completions(_) | Command::Man(_) | Command::Hook(_) | Command::Statusline(_) => {
            true
        }
        Command::Sync(args) => args.background,
        Command::Config(args) => !matches!(args.command, ConfigCommand::List(_) | ConfigCommand::Get { .. }),
        _ => false,
    }
}
