//! `install`: ties claude-cost to the programs that can tell it something.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::setup::GitHookArgs;
use crate::cli::setup::InstallArgs;
use crate::cli::setup::InstallTarget;
use crate::context::Context;
use crate::error::Failure;
use crate::source::git;
use crate::source::git::Head;
use crate::store::git_hook;
use crate::store::git_hook::GitHook;
use crate::store::git_hook::HookError;
use crate::store::git_hook::Installed;
use crate::ui::Ui;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &InstallArgs) -> Result<(), Failure> {
    match &args.target {
        InstallTarget::GitHook(args) => git_hook(ctx, ui, args),
    }
}

fn git_hook(ctx: &Context, ui: &mut Ui, args: &GitHookArgs) -> Result<(), Failure> {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => std::env::current_exe()?,
    };
    if args.print {
        return ui.data(&git_hook::script(&binary));
    }
    let (head, directory) = hooks_directory(ctx, args.force)?;
    let hook = GitHook::in_directory(&directory);

    let installed = hook.install(&binary).map_err(failure)?;

    let path = hook.path.display();
    ui.status(&match installed {
        Installed::New => format!("installed {path}"),
        Installed::Added => format!("installed in {path}, before what it does already"),
        Installed::Chained => format!("installed {path}; the hook there before is kept beside it and still runs"),
        Installed::Renewed => format!("renewed {path}"),
        Installed::Already => format!("{path} is installed already"),
    });
    if directory.starts_with(&head.root) && !directory.starts_with(&head.common_directory) {
        let directory = directory.display();
        ui.warning(&format!("{directory} lies in the work tree: whoever commits the hook gives it to everyone"));
    }
    Ok(())
}

/// Refuses a directory that other repositories use too, unless that is wanted.
fn hooks_directory(ctx: &Context, is_forced: bool) -> Result<(Head, PathBuf), Failure> {
    let here = &ctx.paths.directory;
    let (Some(head), Some(directory)) = (git::head(here)?, git::hooks_directory(here)?) else {
        return Err(
            Failure::new("there is no git repository here").with_hint("change to one, or make one with git init")
        );
    };
    if !is_forced && !is_own(&head, &directory) {
        return Err(Failure::new(format!(
            "core.hooksPath is {}, so the hook would act in all repositories that use it",
            directory.display()
        ))
        .with_hint("add --force if that is what you want"));
    }
    Ok((head, directory))
}

fn is_own(head: &Head, directory: &Path) -> bool {
    [&head.root, &head.project_root, &head.common_directory].iter().any(|own| directory.starts_with(own))
}

fn failure(error: HookError) -> Failure {
    let hint = match &error {
        HookError::Edited(_) => "remove the lines from `# >>> claude-cost >>>` to `# <<< claude-cost <<<` by hand",
        HookError::KeptBefore(_) => "move it away, or back to its place as post-commit",
        HookError::NoDirectory(_) => "unset core.hooksPath, or point it at a directory",
        HookError::Other(_) => return error.into(),
    };
    Failure::from(error).with_hint(hint)
}
