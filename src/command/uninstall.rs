//! `uninstall`: takes away what `install` put there.

use crate::cli::setup::UninstallArgs;
use crate::cli::setup::UninstallTarget;
use crate::context::Context;
use crate::error::Failure;
use crate::source::git;
use crate::store::git_hook::GitHook;
use crate::store::git_hook::HookError;
use crate::store::git_hook::Removed;
use crate::ui::Ui;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &UninstallArgs) -> Result<(), Failure> {
    match args.target {
        UninstallTarget::GitHook => git_hook(ctx, ui),
    }
}

fn git_hook(ctx: &Context, ui: &mut Ui) -> Result<(), Failure> {
    let directory = git::hooks_directory(&ctx.paths.directory)?.ok_or_else(|| {
        Failure::new("there is no git repository here").with_hint("change to the one whose hook you want removed")
    })?;
    let hook = GitHook::in_directory(&directory);

    let removed = hook.uninstall().map_err(failure)?;

    let path = hook.path.display();
    ui.status(&match removed {
        Removed::All => format!("removed {path}"),
        Removed::Restored => format!("restored {path}"),
        Removed::Nothing => format!("nothing of claude-cost is in {path}"),
    });
    Ok(())
}

fn failure(error: HookError) -> Failure {
    let is_edited = matches!(error, HookError::Edited(_));
    let failure = Failure::from(error);
    if is_edited {
        failure.with_hint("remove the lines from `# >>> claude-cost >>>` to `# <<< claude-cost <<<` by hand")
    } else {
        failure
    }
}
