//! What can be typed about how good estimates were.

use clap::Args;

use crate::cli::span::DaysArgs;
use crate::cli::usage::FilterArgs;
use crate::cli::usage::FormArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage compare
  claude-cost usage compare --since 2026-11-01 --project shop --json

Compared are costs: what entries of log and quick said, and what was measured
from the entry before up to them. An --extra is no estimate, and where nothing
was measured is nothing to compare. Options choose entries: by their day and
model, and by the project and branch of their session.

Estimators are where an entry's tokens are from: typed (by you), preset (of the
kind of work) and history (of your own entries), both by quick, and text
(counted from it).")]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}
