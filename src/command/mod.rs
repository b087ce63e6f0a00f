//! One file a subcommand: gather, compute, show.

use crate::cli::Command;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;

pub(crate) fn run(_ctx: &Context, _ui: &mut Ui, command: Command) -> Result<(), Failure> {
    match command {}
}
