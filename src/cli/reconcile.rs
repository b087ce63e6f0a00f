//! `usage reconcile`, as it is typed.

use clap::Args;

use crate::cli::span::SpanArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage reconcile --since 2026-11-01
  claude-cost usage reconcile --by-model --json")]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    pub(crate) span: SpanArgs,
    /// A line for each model, too
    #[arg(long)]
    pub(crate) by_model: bool,
    /// Print JSON
    #[arg(short, long)]
    pub(crate) json: bool,
}
