//! What can be typed about usage. Names and short forms of options are ccusage's, so that scripts need no change.

pub(in crate::cli) mod ccusage;
mod commits;
mod compare;
mod glance;

use self::ccusage::IgnoredArgs;
pub(crate) use self::commits::CommitsArgs;
pub(crate) use self::compare::CompareArgs;
pub(crate) use self::glance::GlanceArgs;
pub(crate) use self::glance::Step;
pub(crate) use self::glance::TopOf;
pub(crate) use self::glance::TrendArgs;

use chrono::TimeDelta;
use chrono::Weekday;
use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::reconcile::ReconcileArgs;
use crate::cli::span::DaysArgs;
use crate::cli::zone::Zone;
use crate::domain::decimal;
use crate::domain::tokens::TokenCount;

#[derive(Debug, Args)]
#[command(
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  claude-cost usage
  claude-cost usage daily --since 2026-11-01
  claude-cost usage breakdown --by project,model

daily, weekly, monthly, session and blocks can do without the word `usage`, as in
claude-cost daily --json; options and JSON are those of ccusage."
)]
pub(crate) struct UsageArgs {
    #[command(subcommand)]
    pub(crate) command: Option<UsageCommand>,
    #[command(flatten)]
    pub(crate) glance: GlanceArgs,
}

/// An agent's usage, where a script names the agent.
#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    #[command(subcommand)]
    pub(crate) command: UsageCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsageCommand {
    /// Show the usage of each day
    Daily(DailyArgs),
    /// Show the usage of each week
    Weekly(WeeklyArgs),
    /// Show the usage of each month
    Monthly(MonthlyArgs),
    /// Show the usage of each conversation
    Session(ConversationArgs),
    /// Show the usage of each five-hour block
    Blocks(BlocksArgs),
    /// Show usage by whatever you like
    Breakdown(BreakdownArgs),
    /// Show what was spent before each commit
    Commits(CommitsArgs),
    /// Hold the sums against Claude Code's own, and say why they differ
    Reconcile(ReconcileArgs),
    /// Show how usage goes up and down
    Trend(TrendArgs),
    /// Hold estimates against what was measured
    Compare(CompareArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage daily
  claude-cost usage daily --last 7 --breakdown
  claude-cost usage daily --instances --json")]
pub(crate) struct DailyArgs {
    /// A table for each project
    #[arg(short, long)]
    pub(crate) instances: bool,
    /// Only the last so many days, today included
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u32>,
    /// A line for each model, too
    #[arg(short, long)]
    pub(crate) breakdown: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost usage weekly --last 4 --start-of-week monday")]
pub(crate) struct WeeklyArgs {
    /// The day with which weeks begin
    #[arg(short = 'w', long, value_name = "DAY", default_value = "sunday")]
    pub(crate) start_of_week: Weekday,
    /// Only the last so many weeks, this one included
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u32>,
    /// A line for each model, too
    #[arg(short, long)]
    pub(crate) breakdown: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost usage monthly --project shop")]
pub(crate) struct MonthlyArgs {
    /// Only the last so many months, this one included
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u32>,
    /// A line for each model, too
    #[arg(short, long)]
    pub(crate) breakdown: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage session --last 7
  claude-cost usage session --id 3f2a9c1e-1b6f-4a55-9d0e-6a1f0c7b2d11 --json")]
pub(crate) struct ConversationArgs {
    /// Only this conversation, exchange by exchange; the start of its id will do
    #[arg(short, long)]
    pub(crate) id: Option<String>,
    /// Only what was used on the last so many days, today included
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u32>,
    /// A line for each model, too
    #[arg(short, long)]
    pub(crate) breakdown: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage blocks --recent
  claude-cost usage blocks --active --token-limit max")]
pub(crate) struct BlocksArgs {
    /// Only the block that is running, and where it will end
    #[arg(short, long)]
    pub(crate) active: bool,
    /// Only the last three days, and the block that is running
    #[arg(short, long)]
    pub(crate) recent: bool,
    /// Compare with so many tokens a block; `max` is the most that a block has had
    #[arg(short, long, value_name = "COUNT")]
    pub(crate) token_limit: Option<TokenLimit>,
    /// The length of a block in hours, to the quarter [default: 5]
    #[arg(short = 'n', long, value_name = "HOURS", value_parser = hours)]
    pub(crate) session_length: Option<TimeDelta>,
    /// The models stand in the table in any case
    #[arg(short, long, hide = true)]
    breakdown: bool,
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage breakdown --by model
  claude-cost usage breakdown --by project,branch --since 2026-11-01
  claude-cost usage breakdown --by task,model

What belongs to several rows (a session with two tags, an exchange that called two tools) is split
evenly over them, what is left over going to the first, so that all rows come to the total.")]
pub(crate) struct BreakdownArgs {
    /// What the rows are; a second one divides each row of the first
    #[arg(long, value_name = "WHAT", value_delimiter = ',', num_args = 1.., required = true)]
    pub(crate) by: Vec<Dimension>,
    /// Only the last so many days, today included
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u32>,
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dimension {
    Day,
    Week,
    Month,
    Hour,
    Project,
    Branch,
    Conversation,
    Model,
    Agent,
    Skill,
    /// Your own session, from `start` to `end`
    Session,
    /// The kind of work, by the entry whose time it was
    Task,
    /// The session's tags
    Tag,
    Tool,
    /// The MCP server of the tools
    Mcp,
    Commit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// The first day first, or what cost the least
    Asc,
    /// The last day first, or what cost the most
    Desc,
}

/// What a report is printed as, if not as a table for people.
#[derive(Debug, Args)]
pub(crate) struct FormArgs {
    /// Print JSON
    #[arg(short, long, conflicts_with_all = ["csv", "markdown"])]
    pub(crate) json: bool,
    /// Print CSV
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) csv: bool,
    /// Print a markdown table
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// What every report of usage takes.
#[derive(Debug, Args)]
pub(crate) struct SharedArgs {
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Which comes first [default: asc for times, desc for all else]
    #[arg(short, long)]
    pub(crate) order: Option<Order>,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Leave out what a small screen has no place for
    #[arg(long)]
    pub(crate) compact: bool,
    /// Leave out what it cost
    #[arg(long)]
    pub(crate) no_cost: bool,
    /// No colours; the same as --color never
    #[arg(long, hide = true)]
    pub(crate) no_color: bool,
    #[command(flatten)]
    pub(crate) ignored: IgnoredArgs,
}

/// Of which usage a report is, besides its time.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Only this project, by its directory or the name of that
    #[arg(short, long, allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project: Option<String>,
    /// Only this branch
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) branch: Option<String>,
    /// Only models in whose name this occurs
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) model: Option<String>,
    /// Only what belongs to this session of yours, by its name or the start of its id
    #[arg(long, value_name = "NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) session: Option<String>,
    /// Only what belongs to sessions with this tag: all of it, where a breakdown splits it between several tags
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) tag: Option<String>,
    /// The zone in which days begin and end, as in Europe/Berlin [default: the setting `timezone`]
    #[arg(short = 'z', long, value_name = "ZONE")]
    pub(crate) timezone: Option<Zone>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenLimit {
    /// The most tokens that a block has had.
    Most,
    Tokens(u64),
}

impl std::str::FromStr for TokenLimit {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        if typed == "max" {
            return Ok(Self::Most);
        }
        let count = typed.parse::<TokenCount>().map(|count| Self::Tokens(count.0));
        count.map_err(|_| "not a count of tokens; write it as 500000, 2M or `max`")
    }
}

/// Blocks begin with whole hours and are made of quarters of an hour.
fn hours(typed: &str) -> Result<TimeDelta, &'static str> {
    const WRONG: &str = "not a length in hours; write it as 5 or 2.5, to the quarter and at most 168";
    let hundredths = decimal::parse(typed, 2).map_err(|_| WRONG)?;
    let quarters = i64::try_from(hundredths / 25).map_err(|_| WRONG)?;
    let is_length = hundredths % 25 == 0 && (1..=672).contains(&quarters);
    is_length.then(|| TimeDelta::try_minutes(quarters * 15)).flatten().ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_whole_quarters() {
        for (typed, minutes) in [
            ("5", Some(300)),
            ("2.5", Some(150)),
            ("0.25", Some(15)),
            ("168", Some(10_080)),
            ("0", None),
            ("-5", None),
            ("0.1", None),
            ("169", None),
            ("5h", None),
            ("1e36", None),
        ] {
            assert_eq!(hours(typed).ok().map(|length| length.num_minutes()), minutes, "{typed}");
        }
    }

    #[test]
    fn a_limit_is_a_count_or_the_most_so_far() {
        for (typed, limit) in [
            ("500000", Some(TokenLimit::Tokens(500_000))),
            ("2M", Some(TokenLimit::Tokens(2_000_000))),
            ("max", Some(TokenLimit::Most)),
            ("-1", None),
            ("many", None),
        ] {
            assert_eq!(typed.parse().ok(), limit, "{typed}");
        }
    }
}
