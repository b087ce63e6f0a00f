//! `claude-cost init`: the script that a shell's rc file evaluates.

use anyhow::Context as _;

use crate::cli::setup::InitArgs;
use crate::error::Failure;
use crate::shell;
use crate::ui::Ui;

pub(crate) fn run(ui: &mut Ui, args: &InitArgs) -> Result<(), Failure> {
    let binary = std::env::current_exe().context("cannot find where this program lies")?;

    let script = shell::script(args.shell, &binary, args.prompt);

    ui.data(&script)
}
