//! What can be typed. Types and help only; what a command does is in `command`.

pub(crate) mod doctor;
pub(crate) mod estimate;
pub(crate) mod export;
mod help;
pub(crate) mod prices;
pub(crate) mod reconcile;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod span;
pub(crate) mod statusline;
pub(crate) mod sync;
pub(crate) mod usage;
pub(crate) mod zone;

use std::ffi::OsString;

use clap::Args;
use clap::ColorChoice;
use clap::CommandFactory;
use clap::FromArgMatches;
use clap::Parser;
use clap::Subcommand;
use clap::error::ErrorKind;

use crate::cli::doctor::DoctorArgs;
use crate::cli::estimate::EstimateArgs;
use crate::cli::export::ExportArgs;
use crate::cli::prices::PricesArgs;
use crate::cli::session::CancelArgs;
use crate::cli::session::ContinueArgs;
use crate::cli::session::EditArgs;
use crate::cli::session::EndArgs;
use crate::cli::session::LogArgs;
use crate::cli::session::NoteArgs;
use crate::cli::session::PauseArgs;
use crate::cli::session::QuickArgs;
use crate::cli::session::ResumeArgs;
use crate::cli::session::SessionsArgs;
use crate::cli::session::ShowArgs;
use crate::cli::session::StartArgs;
use crate::cli::session::StatusArgs;
use crate::cli::session::UndoArgs;
use crate::cli::setup::COMPLETIONS_HELP;
use crate::cli::setup::CompletionsArgs;
use crate::cli::setup::ConfigArgs;
use crate::cli::setup::HookArgs;
use crate::cli::setup::INIT_HELP;
use crate::cli::setup::InitArgs;
use crate::cli::setup::InstallArgs;
use crate::cli::setup::MAN_HELP;
use crate::cli::setup::ManArgs;
use crate::cli::setup::UninstallArgs;
use crate::cli::statusline::StatuslineArgs;
use crate::cli::sync::SyncArgs;
use crate::cli::usage::AgentArgs;
use crate::cli::usage::BlocksArgs;
use crate::cli::usage::ConversationArgs;
use crate::cli::usage::DailyArgs;
use crate::cli::usage::MonthlyArgs;
use crate::cli::usage::UsageArgs;
use crate::cli::usage::WeeklyArgs;
use crate::cli::usage::ccusage;

/// Know what a piece of work with Claude Code cost
#[derive(Debug, Parser)]
#[command(name = "claude-cost", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The whole command line, as it can be typed.
pub(crate) fn command() -> clap::Command {
    let command = Cli::command();
    let template = help::template(&command);
    command.help_template(template)
}

/// Reads what was typed, the program's name first. Help and version come as errors.
pub(crate) fn parse<I, T>(arguments: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let arguments = ccusage::translated(arguments.into_iter().map(Into::into).collect());
    read(&arguments).or_else(|error| {
        let Some(arguments) = ccusage::with_usual_command(&arguments, &error) else { return Err(error) };
        // What is unknown there too was no option of a report.
        read(&arguments).map_err(|other| if other.kind() == ErrorKind::UnknownArgument { error } else { other })
    })
}

fn read(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Colour output: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub(crate) color: ColorChoice,
    /// Print only what was asked for, no messages
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Override a setting for this run, as in -c model=opus
    #[arg(short, long, global = true, value_name = "KEY=VALUE")]
    pub(crate) config: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Name a piece of work and start its session
    Start(StartArgs),
    /// Record an exchange with the tokens it took
    Log(LogArgs),
    /// Record an exchange by its kind of task
    Quick(QuickArgs),
    /// Record a remark
    Note(NoteArgs),
    /// Show the running session at a glance
    Status(StatusArgs),
    /// End the session and archive its report
    End(EndArgs),
    /// Stop the clock for a while
    Pause(PauseArgs),
    /// Let the clock run again
    Resume(ResumeArgs),
    /// Open an ended session again
    Continue(ContinueArgs),
    /// Take the last change back
    Undo(UndoArgs),
    /// Throw the running session away
    Cancel(CancelArgs),
    /// Correct an entry, a note or the session itself
    Edit(EditArgs),
    /// List sessions and what they came to
    Sessions(SessionsArgs),
    /// Print the report of a session
    Show(ShowArgs),
    /// Show what Claude Code used, and what it cost
    Usage(UsageArgs),
    /// The short form of `usage daily`
    #[command(hide = true)]
    Daily(DailyArgs),
    /// The short form of `usage weekly`
    #[command(hide = true)]
    Weekly(WeeklyArgs),
    /// The short form of `usage monthly`
    #[command(hide = true)]
    Monthly(MonthlyArgs),
    /// The short form of `usage session`
    #[command(hide = true)]
    Session(ConversationArgs),
    /// The short form of `usage blocks`
    #[command(hide = true)]
    Blocks(BlocksArgs),
    /// The same as `usage`, as scripts for ccusage say it
    #[command(hide = true)]
    Claude(AgentArgs),
    /// Read what Claude Code used since the last time
    Sync(SyncArgs),
    /// Print every exchange for other programs, one a line
    Export(ExportArgs),
    Estimate(EstimateArgs),
    /// Show what models cost, or set it
    Prices(PricesArgs),
    /// Check that nothing is amiss, and tell what is
    Doctor(DoctorArgs),
    /// Show and change settings
    Config(ConfigArgs),
    /// Print a shell's short commands, completions and prompt
    #[command(after_help = INIT_HELP)]
    Init(InitArgs),
    /// Print a shell's completions
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the man page, or write one page a command
    #[command(after_help = MAN_HELP)]
    Man(ManArgs),
    /// Print a line of costs for Claude Code's status line
    Statusline(StatuslineArgs),
    /// Have git tell claude-cost of each commit as it is made
    #[command(after_help = "Example:\n  claude-cost install git-hook")]
    Install(InstallArgs),
    /// Take away what `install` put there
    #[command(after_help = "Example:\n  claude-cost uninstall git-hook")]
    Uninstall(UninstallArgs),
    /// Tell claude-cost what happened in another program
    #[command(hide = true)]
    Hook(HookArgs),
}
