//! Reading transcripts beside what someone waits for: a process of its own brings the ledger up to date, and fits estimates
//! to what it has.

use std::process::Command;
use std::process::Stdio;

use crate::command::gather;
use crate::context::Context;
use crate::error::Failure;
use crate::source::transcript;
use crate::store::background;
use crate::ui::Ui;

/// Has the ledger brought up to date, unless that was done a moment ago; waits for nothing.
pub(crate) fn refresh(ctx: &Context) -> Result<(), Failure> {
    if ctx.config.statusline_sync && background::is_due(&ctx.paths.data, ctx.now)? {
        start(ctx)?;
    }
    Ok(())
}

/// What the process does: nothing while another is at it, or where it would be in vain.
pub(crate) fn run(ctx: &Context, ui: &Ui) -> Result<(), Failure> {
    let Some(_turn) = background::begin(&ctx.paths.data)? else { return Ok(()) };
    let mut ledger = gather::ledger::whole(ctx)?;
    if ledger.is_lasting() {
        let found = transcript::find(&ctx.paths.claude, &ctx.paths.claude_desktop);
        gather::import::take_in(ctx, ui, &mut ledger, found)?;
        gather::calibration::refresh(ctx, &mut ledger)?;
    }
    Ok(())
}

fn start(ctx: &Context) -> Result<(), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["sync", "--background"]).current_dir(&ctx.paths.directory);
    // Claude Code reads the status line's output until nobody has it open.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: what is sent to the status line's, as on ^C, is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // Nobody waits for it: this process ends at once, and the system takes it over.
    command.spawn()?;
    Ok(())
}
