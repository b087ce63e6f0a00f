//! What can be typed. Types and help only; what a command does is in `command`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use clap::ColorChoice;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use crate::domain::estimate::Form;
use crate::domain::money::Rate;
use crate::domain::tokens::TokenCount;

const HELP_TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}

{subcommands}{options}{after-help}";

const CONFIG_SET_HELP: &str = "\
Examples:
  claude-cost config set model opus
  claude-cost config set rate 85
  claude-cost config set tasks.refactor '1500 800'
  claude-cost config set --project project.name 'Payment API'";

const INIT_HELP: &str = "\
Put the line of your shell into its rc file:
  ~/.bashrc                    eval \"$(claude-cost init bash)\"
  ~/.zshrc                     eval \"$(claude-cost init zsh)\"
  ~/.config/fish/config.fish   claude-cost init fish | source

They define claude-start, claude-log, claude-quick, claude-note, claude-status and claude-end.
With --prompt the running session and its cost stand in the prompt.";

const COMPLETIONS_HELP: &str = "\
`init` loads these already; for other shells and packages:
  claude-cost completions powershell >> $PROFILE";

const MAN_HELP: &str = "\
Examples:
  claude-cost man | man -l -
  claude-cost man ~/.local/share/man/man1";

/// Know what a piece of work with Claude Code cost
#[derive(Debug, Parser)]
#[command(name = "claude-cost", version, help_template = HELP_TEMPLATE, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Colour the output: `auto` asks the terminal and NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub(crate) color: ColorChoice,
    /// Print only what was asked for, no messages
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Override one setting for this run, as in `-c model=opus`
    #[arg(short, long, global = true, value_name = "KEY=VALUE")]
    pub(crate) config: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Estimate(EstimateArgs),
    /// Show and change settings
    Config(ConfigArgs),
    /// Print the commands and completions that a shell's rc file loads
    #[command(after_help = INIT_HELP)]
    Init(InitArgs),
    /// Print a shell's completions
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the man page, or write one page a command
    #[command(after_help = MAN_HELP)]
    Man(ManArgs),
    /// Show what models cost, or set it
    Prices(PricesArgs),
}

/// Estimate the tokens of text, and what they would cost
///
/// Offline, with the error to expect. Each file counts as a prompt of its own. Directories are read as git sees them:
/// without what is ignored; binary files are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost estimate prompt.md
  claude-cost estimate src --model claude-opus-5-5 --model claude-haiku-4-5
  git diff | claude-cost estimate --output 2k")]
pub(crate) struct EstimateArgs {
    /// Files and directories to read; `-` is standard input, also read when it is piped and nothing is named
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Estimate for this model; can be given several times
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Vec<String>,
    /// What the text is to the model
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Prompt)]
    pub(crate) form: Form,
    /// Also show the cost with an answer of so many tokens (`1500`, `2k`)
    #[arg(short, long, value_name = "TOKENS")]
    pub(crate) output: Option<TokenCount>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
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
        key: String,
        #[arg(allow_hyphen_values = true)]
        value: String,
        /// Change the project's `.claude-cost.toml`
        #[arg(long)]
        project: bool,
    },
    /// Drop a setting from your file
    #[command(after_help = "Example:\n  claude-cost config unset rate")]
    Unset {
        key: String,
        /// Change the project's `.claude-cost.toml`
        #[arg(long)]
        project: bool,
    },
    /// Print where your file lies
    #[command(after_help = "Example:\n  $EDITOR \"$(claude-cost config path)\"")]
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
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
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
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write one page a command into this directory
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claude-cost prices show claude-opus-5-5")]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    pub(crate) action: PricesAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PricesAction {
    /// List the prices that hold now
    List(PricesListArgs),
    /// Show all that is known of one model's price
    Show(PricesShowArgs),
    /// State a model's price, in US dollars a million tokens
    Set(PricesSetArgs),
    /// Remove a price that you set or imported
    Remove {
        /// The model's name
        model: String,
    },
    /// Take over new prices from a price file of `LiteLLM`
    Import {
        /// A copy of `model_prices_and_context_window.json`
        file: PathBuf,
    },
    /// Download the price file of `LiteLLM` and import it
    #[cfg(feature = "net")]
    Update {
        /// Download from here instead
        #[arg(long)]
        url: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claude-cost prices list opus --vendor anthropic")]
pub(crate) struct PricesListArgs {
    /// Only models in whose name or vendor this occurs
    pub(crate) filter: Option<String>,
    /// Only models of this vendor
    #[arg(long)]
    pub(crate) vendor: Option<String>,
    /// List what hosting costs instead of models
    #[arg(long, conflicts_with_all = ["filter", "vendor"])]
    pub(crate) infra: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claude-cost prices show us.anthropic.claude-opus-5")]
pub(crate) struct PricesShowArgs {
    /// A model's name in any form, a family's short name, or an item such as vercel/bandwidth
    pub(crate) model: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --from the price counts for all time; with it, history keeps its own.
Cache prices that are not given stay as they were. The price holds for prompts of any length.

Example:
  claude-cost prices set my-deployment --input 3 --output 15 --cache-read 0.30")]
pub(crate) struct PricesSetArgs {
    /// The model's name, as it stands in transcripts
    pub(crate) model: String,
    /// US dollars a million input tokens
    #[arg(long, value_name = "USD")]
    pub(crate) input: Rate,
    /// US dollars a million output tokens
    #[arg(long, value_name = "USD")]
    pub(crate) output: Rate,
    /// The same for tokens read from the cache
    #[arg(long, value_name = "USD")]
    pub(crate) cache_read: Option<Rate>,
    /// The same for tokens written to the cache for five minutes
    #[arg(long, value_name = "USD")]
    pub(crate) cache_write_5m: Option<Rate>,
    /// The same for tokens written to the cache for an hour
    #[arg(long, value_name = "USD")]
    pub(crate) cache_write_1h: Option<Rate>,
    /// The day (UTC) from which the price holds
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
}
