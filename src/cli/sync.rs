//! `sync`, as it is typed.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claude-cost sync")]
pub(crate) struct SyncArgs {
    /// Print JSON
    #[arg(short, long)]
    pub(crate) json: bool,
}
