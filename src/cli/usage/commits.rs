//! What can be typed about the cost of commits.

use chrono::NaiveDate;
use clap::Args;

use crate::cli::span::day;
use crate::cli::usage::FormArgs;
use crate::cli::zone::Zone;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost usage commits
  claude-cost usage commits main..feature
  claude-cost usage commits v1.0..v1.1 --csv
  claude-cost usage commits --since 2026-11-01 --last 50

RANGE is what git takes: main..feature, v1.0..v1.1, HEAD~5.. and the like; a
single revision is that commit alone. Without a range and without days it is
the last 20 commits of what is checked out.

A commit gets what was spent in this repository since the commit before it, on
any local branch (window). Where a transcript shows the `git commit` itself, it
gets what that conversation spent up to there, since its commit before (exact).
Nothing counts twice. What in the same time went to commits outside of RANGE,
or to none yet, stands below.

Rows are your own commits, by git's user.email, and those that the git hook saw
in a session of yours; without a range also those of them that no branch has any
more, as after a squash. Other people's commits have no row, and take no part of
what you spent.")]
pub(crate) struct CommitsArgs {
    /// The commits, as git names a stretch of history
    pub(crate) range: Option<String>,
    /// Only commits written from this day on: 2026-11-23 or 20261123
    #[arg(short, long, value_name = "DAY", value_parser = day)]
    pub(crate) since: Option<NaiveDate>,
    /// Only commits written up to and including this day
    #[arg(short, long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<NaiveDate>,
    /// At most so many commits, the last ones
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) last: Option<u32>,
    /// The zone in which days begin and end, as in Europe/Berlin [default: the setting `timezone`]
    #[arg(short = 'z', long, value_name = "ZONE")]
    pub(crate) timezone: Option<Zone>,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}
