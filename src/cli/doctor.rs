//! `doctor`, as it is typed.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost doctor
  claude-cost doctor --share

Fails when something makes totals wrong, or lets others read them.")]
pub(crate) struct DoctorArgs {
    /// Name no person, project or model of your own, for a bug report
    #[arg(long)]
    pub(crate) share: bool,
    /// Print JSON
    #[arg(short, long)]
    pub(crate) json: bool,
}
