//! One file a subcommand: gather, compute, show.

mod estimate;

use crate::cli::Command;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, command: Command) -> Result<(), Failure> {
    match command {
        Command::Estimate(args) => estimate::run(ctx, ui, &args),
    }
}
