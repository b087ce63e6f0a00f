//! The part of the ledger that is meant: days and a project.

use chrono::NaiveDate;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;

#[derive(Debug, Args)]
pub(crate) struct SpanArgs {
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    /// Only this project, by its directory or the name of that
    #[arg(short, long, allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project: Option<String>,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct DaysArgs {
    /// Only from this day on: 2026-11-23 or 20261123
    #[arg(short, long, value_name = "DAY", value_parser = day)]
    pub(crate) since: Option<NaiveDate>,
    /// Only up to and including this day
    #[arg(short, long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<NaiveDate>,
}

/// A day as it is typed: ccusage's users leave the hyphens out.
pub(super) fn day(typed: &str) -> Result<NaiveDate, &'static str> {
    let is_short = typed.len() == 8 && typed.bytes().all(|byte| byte.is_ascii_digit());
    let form = if is_short { "%Y%m%d" } else { "%Y-%m-%d" };
    NaiveDate::parse_from_str(typed, form).map_err(|_| "not a day; write it as 2026-11-23 or 20261123")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_both_forms() {
        let expected = NaiveDate::from_ymd_opt(2026, 11, 23);
        for (typed, is_day) in [
            ("2026-11-23", true),
            ("20261123", true),
            ("2026-11-31", false),
            ("20261131", false),
            ("2026112", false),
            ("", false),
        ] {
            assert_eq!(day(typed).ok(), expected.filter(|_| is_day), "{typed}");
        }
    }
}
