//! What can be typed about settings, shells and other programs.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

pub(super) const CONFIG_SET_HELP: &str = "\
Examples:
  claude-cost config set model opus
  claude-cost config set rate 85
  claude-cost config set tasks.refactor '1500 800'
  claude-cost config set --project project.name 'Payment API'";

pub(super) const CONFIG_HELP: &str = "\
Examples:
  claude-cost config list --show-origin
  claude-cost config set model opus

The last counts of: default, your file, the project's, CLAUDE_COST_<KEY>, -c.";

pub(super) const INIT_HELP: &str = "\
Put the line of your shell into its rc file:
  ~/.bashrc                    eval \"$(claude-cost init bash)\"
  ~/.zshrc                     eval \"$(claude-cost init zsh)\"
  ~/.config/fish/config.fish   claude-cost init fish | source

They define claude-start, claude-log, claude-quick, claude-note, claude-status and claude-end.
With --prompt the running session and its cost stand in the prompt.";

pub(super) const COMPLETIONS_HELP: &str = "\
`claude-cost init` loads these already; this is for other shells and packages.

Examples:
  claude-cost completions powershell >> $PROFILE
  claude-cost completions bash > /etc/bash_completion.d/claude-cost";

pub(super) const MAN_HELP: &str = "\
Examples:
  claude-cost man | man -l -
  claude-cost man ~/.local/share/man/man1";

#[derive(Debug, Args)]
#[command(disable_help_subcommand = true, after_help = CONFIG_HELP)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show all settings in effect here
    #[command(after_help = "Example:\n  claude-cost config list --show-origin")]
    List(ConfigListArgs),
    /// Print one setting; fails when it has no value
    #[command(after_help = "Examples:\n  claude-cost config get model\n  claude-cost config get tasks")]
    Get {
        /// A setting, or `models` or `tasks` for the names in it
        key: String,
    },
    /// Change a setting in your file
    #[command(after_help = CONFIG_SET_HELP)]
    Set {
        /// A setting, as `claude-cost config list` names it
        key: String,
        /// Its new value
        #[arg(allow_hyphen_values = true)]
        value: String,
        /// Change the project's `.claude-cost.toml`
        #[arg(long)]
        project: bool,
    },
    /// Drop a setting from your file
    #[command(after_help = "Example:\n  claude-cost config unset rate")]
    Unset {
        /// A setting, as `claude-cost config list` names it
        key: String,
        /// Change the project's `.claude-cost.toml`
        #[arg(long)]
        project: bool,
    },
    /// Open your file in `VISUAL` or `EDITOR`, and check it afterwards
    #[command(after_help = "Example:\n  EDITOR='code --wait' claude-cost config edit")]
    Edit {
        /// Edit the project's `.claude-cost.toml`
        #[arg(long)]
        project: bool,
    },
    /// Print where your file lies
    #[command(after_help = "Example:\n  cp \"$(claude-cost config path)\" ~/dotfiles/")]
    Path {
        /// The project's `.claude-cost.toml`
        #[arg(long)]
        project: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigListArgs {
    /// Name the file and line, variable or flag that each comes from
    #[arg(long)]
    pub(crate) show_origin: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The shell to print for
    pub(crate) shell: Shell,
    /// Show the running session and its cost in the prompt
    #[arg(long)]
    pub(crate) prompt: bool,
}

/// The shells that `init` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to print for
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write one page a command into this directory
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct HookArgs {
    pub(crate) event: HookEvent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookEvent {
    /// Git made a commit
    PostCommit,
}

#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct InstallArgs {
    #[command(subcommand)]
    pub(crate) target: InstallTarget,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InstallTarget {
    /// Note commits in the running session by a post-commit hook; one that is there already still runs
    #[command(after_help = "Example:\n  claude-cost install git-hook")]
    GitHook(GitHookArgs),
}

#[derive(Debug, Args)]
pub(crate) struct GitHookArgs {
    /// Print the hook instead, for those who keep their hooks elsewhere
    #[arg(long)]
    pub(crate) print: bool,
    /// Install it even where core.hooksPath makes it act in other repositories too
    #[arg(long)]
    pub(crate) force: bool,
    /// Run this program in the hook
    #[arg(long, hide = true, value_name = "PATH")]
    pub(crate) binary: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct UninstallArgs {
    #[command(subcommand)]
    pub(crate) target: UninstallTarget,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UninstallTarget {
    /// Take our part out of the post-commit hook and leave the rest as it was
    #[command(after_help = "Example:\n  claude-cost uninstall git-hook")]
    GitHook,
}
