//! What can be typed. Types and help only; what a command does is in `command`.

use clap::Args;
use clap::ColorChoice;
use clap::Parser;
use clap::Subcommand;

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
pub(crate) enum Command {}
