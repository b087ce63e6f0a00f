//! `sync`, as it is typed.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost sync
  claude-cost sync --from ccusage
  ccusage daily --json | claude-cost sync --from ccusage -

What another program has added up is held against our sums, and nothing of it
is taken over.")]
pub(crate) struct SyncArgs {
    /// Compare with what another program makes of the same transcripts
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) from: Option<Program>,
    /// Its report in a file, or `-`; without one the program is run
    #[arg(requires = "from")]
    pub(crate) file: Option<PathBuf>,
    /// Days and models in which both agree, too
    #[arg(long, requires = "from")]
    pub(crate) all: bool,
    /// Print JSON
    #[arg(short, long)]
    pub(crate) json: bool,
    /// Say nothing, and leave it to another who is at it; what a status line starts
    #[arg(long, hide = true, conflicts_with_all = ["from", "json"])]
    pub(crate) background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    Ccusage,
}
