//! What can be typed about usage at a glance, and its trend.

use chrono::Weekday;
use clap::Args;
use clap::ValueEnum;

use crate::cli::span::DaysArgs;
use crate::cli::usage::FilterArgs;
use crate::cli::usage::FormArgs;

#[derive(Debug, Args)]
pub(crate) struct GlanceArgs {
    /// The span whose costliest are listed: by agent if there are several, else by project, else by model
    #[arg(long, value_name = "SPAN", default_value = "month")]
    pub(crate) top: TopOf,
    /// The day with which weeks begin
    #[arg(short = 'w', long, value_name = "DAY", default_value = "sunday")]
    pub(crate) start_of_week: Weekday,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TopOf {
    Day,
    Week,
    Month,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage trend
  claude-cost usage trend --by week --days 180 --project shop
  claude-cost usage trend --since 2026-10-01 --until 2026-10-31

The days, which end with today or --until, are compared with as many before them. Weeks and
months are whole ones, but for the last. The projection takes the days of this month so far, today included, as an example for
all of them.")]
pub(crate) struct TrendArgs {
    /// So many days, the last one included [default: 30; by week 84, by month 365]
    #[arg(short, long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=3660), conflicts_with = "since")]
    pub(crate) days: Option<u32>,
    #[command(flatten)]
    pub(crate) span: DaysArgs,
    /// What one step of the line is
    #[arg(long, value_name = "STEP", default_value = "day")]
    pub(crate) by: Step,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    Day,
    Week,
    Month,
}
