//! `export`, as it is typed.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::cli::span::DaysArgs;
use crate::cli::usage::FilterArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost export --since 2026-11-01 > november.jsonl
  claude-cost export --format csv --project shop --output shop.csv

There is nothing of any conversation in it: counts, costs, names and places.")]
pub(crate) struct ExportArgs {
    /// The form of a line
    #[arg(short, long, default_value = "jsonl")]
    pub(crate) format: ExportFormat,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Jsonl,
    Csv,
}
