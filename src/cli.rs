//! What can be typed. Types and help only; what a command does is in `command`.

use std::path::PathBuf;

use clap::Args;
use clap::ColorChoice;
use clap::Parser;
use clap::Subcommand;

use crate::domain::estimate::Form;
use crate::domain::tokens::TokenCount;

const HELP_TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}

{subcommands}{options}{after-help}";

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
