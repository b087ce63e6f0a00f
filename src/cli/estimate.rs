//! What can be typed about estimates.

use std::path::PathBuf;

use clap::Args;

use crate::domain::estimate::Format;
use crate::domain::tokens::TokenCount;

/// Estimate the tokens of text, and what they would cost
///
/// Offline, with the error to expect. Each file counts as a prompt of its own. Directories are read as git sees them:
/// without what is ignored; binary files are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost estimate prompt.md
  claude-cost estimate src --model claude-opus-5-5 --model claude-haiku-4-5
  git diff | claude-cost estimate --output 2k
  claude-cost estimate --as message response.json")]
pub(crate) struct EstimateArgs {
    /// Files and directories to read; `-` is standard input, also read when it is piped and nothing is named
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Estimate for this model; can be given several times
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Vec<String>,
    /// What the files hold
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Format::Prompt)]
    pub(crate) format: Format,
    /// Also show the cost with an answer of so many tokens (`1500`, `2k`)
    #[arg(short, long, value_name = "TOKENS")]
    pub(crate) output: Option<TokenCount>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
