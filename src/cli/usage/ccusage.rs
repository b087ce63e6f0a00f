//! What ccusage takes and changes nothing here, and what it takes and is not here, with the way out.

use std::ffi::OsString;

use clap::Args;
use clap::error::ErrorKind;

/// Options of ccusage that change nothing here: prices are always at hand, costs always come from tokens.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that may be typed")]
pub(crate) struct IgnoredArgs {
    /// Costs are calculated in any case
    #[arg(short, long, hide = true, value_parser = mode)]
    mode: Option<()>,
    /// Nothing is downloaded in any case
    #[arg(short = 'O', long, hide = true)]
    offline: bool,
    /// Nothing is downloaded in any case
    #[arg(long, hide = true)]
    no_offline: bool,
    /// What is wrong is always said
    #[arg(short, long, hide = true)]
    debug: bool,
    /// What is wrong is always said
    #[arg(long, hide = true)]
    debug_samples: Option<u32>,
    /// The result is the same
    #[arg(long, hide = true)]
    single_thread: bool,
    /// Claude Code is the only agent
    #[arg(long, hide = true)]
    all: bool,
    /// Claude Code is the only agent
    #[arg(long, hide = true)]
    by_agent: bool,
    /// Days are written in one way
    #[arg(short, long, hide = true)]
    locale: Option<String>,
    /// Projects are called as their directories are
    #[arg(long, hide = true)]
    project_aliases: Option<String>,
    /// That is jq's work
    #[arg(long, hide = true, value_parser = jq)]
    jq: Option<()>,
    /// A report at a time
    #[arg(long, hide = true, value_parser = sections)]
    sections: Option<()>,
}

/// Of ccusage's ways to find costs those that lead to ours.
fn mode(typed: &str) -> Result<(), &'static str> {
    match typed {
        "auto" | "calculate" => Ok(()),
        "display" => Err("costs are always calculated; what old transcripts state is in claude-cost export"),
        _ => Err("costs are always calculated, as with `calculate`"),
    }
}

fn jq(typed: &str) -> Result<(), String> {
    let quoted = typed.replace('\'', r"'\''");
    Err(format!("there is no jq built in; print JSON and pipe it: claude-cost daily --json | jq '{quoted}'"))
}

fn sections(typed: &str) -> Result<(), String> {
    let first = typed.split(',').next().unwrap_or_default();
    Err(format!("each report is a command of its own, as in claude-cost {first} --json"))
}

const REPORTS: [&str; 5] = ["daily", "weekly", "monthly", "session", "blocks"];

/// Writes what people type for ccusage as it is written here.
pub(in crate::cli) fn translated(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut translated: Vec<OsString> = Vec::with_capacity(arguments.len());
    let mut is_report = false;
    let mut open = arguments.into_iter().peekable();
    while let Some(argument) = open.next() {
        let next = open.peek().and_then(|next| next.to_str());
        is_report |= translated.len() < 3 && REPORTS.iter().any(|report| argument == *report);
        let is_bare_color = || !next.is_some_and(|next| matches!(next, "auto" | "always" | "never"));
        // Where no report takes anything but options, what follows is not for our own `--quiet`.
        let is_jq = || is_report && next.is_some_and(|next| !next.starts_with('-'));
        translated.push(match argument.to_str() {
            Some("--color") if is_bare_color() => "--color=always".into(),
            Some("-q") if is_jq() => "--jq".into(),
            Some("-v") if translated.len() == 1 => "--version".into(),
            _ => argument,
        });
    }
    translated
}

/// The same with ccusage's usual command where none was typed, but only its options.
pub(in crate::cli) fn with_usual_command(arguments: &[OsString], error: &clap::Error) -> Option<Vec<OsString>> {
    let is_agent = arguments.get(1).is_some_and(|word| word == "claude");
    let place = if is_agent { 2 } else { 1 };
    let first = arguments.get(place).and_then(|first| first.to_str());
    let is_open = match first {
        Some(first) => first.starts_with('-'),
        None => is_agent,
    };
    let is_meant = match error.kind() {
        ErrorKind::UnknownArgument => true,
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => is_agent,
        // `-q .totals`
        ErrorKind::InvalidSubcommand => first == Some("-q") && second_is_expression(arguments, place),
        _ => false,
    };
    if !(is_open && is_meant) {
        return None;
    }
    let mut arguments = arguments.to_vec();
    arguments.insert(place, "daily".into());
    Some(translated(arguments))
}

fn second_is_expression(arguments: &[OsString], place: usize) -> bool {
    arguments.get(place + 1).and_then(|word| word.to_str()).is_some_and(|word| word.starts_with(['.', '[', '{', '"']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_for_ccusage_is_written_as_here() {
        for (typed, written) in [
            ("x daily --json", "x daily --json"),
            ("x daily -q .totals", "x daily --jq .totals"),
            ("x claude daily -q .totals", "x claude daily --jq .totals"),
            ("x daily -q --json", "x daily -q --json"),
            ("x -q start daily", "x -q start daily"),
            ("x start -q daily", "x start -q daily"),
            ("x daily --color", "x daily --color=always"),
            ("x --color daily", "x --color=always daily"),
            ("x daily --color never", "x daily --color never"),
        ] {
            let arguments = typed.split(' ').map(OsString::from).collect();
            let translated: Vec<_> =
                translated(arguments).iter().map(|word| word.to_str().unwrap().to_owned()).collect();
            assert_eq!(translated.join(" "), written, "{typed}");
        }
    }

    #[test]
    fn options_without_a_command_are_those_of_days() {
        for (typed, is_daily) in [
            ("x --json", true),
            ("x -O", true),
            ("x --since 20261101 --until 20261102", true),
            ("x -z utc --color", true),
            ("x claude", true),
            ("x claude --json", true),
            ("x -c model=opus --json", true),
            ("x", false),
            ("x --quiet", false),
            ("x --nosuch", false),
            ("x nosuch --json", false),
            ("x claude nosuch", false),
        ] {
            let parsed = crate::cli::parse(typed.split(' ').map(OsString::from));
            assert_eq!(parsed.is_ok(), is_daily, "{typed}: {:?}", parsed.err().map(|error| error.kind()));
        }
    }
}
