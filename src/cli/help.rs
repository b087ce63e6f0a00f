//! The top-level help: commands in groups, in the order in which one meets them.

use std::fmt::Write as _;

use clap::Command;

/// Each visible command stands in one group; its text is the one of its own help.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Session",
        &[
            "start", "log", "quick", "note", "status", "end", "pause", "resume", "continue", "undo", "cancel", "edit",
            "sessions", "show",
        ],
    ),
    ("Usage", &["usage", "sync", "export"]),
    ("Estimates and prices", &["estimate", "prices"]),
    ("Set-up", &["doctor", "config", "init", "statusline", "install", "uninstall", "completions", "man"]),
];

const AFTER: &str = "\
daily, weekly, monthly, session and blocks can do without the word `usage`.
Run `claude-cost help <COMMAND>` for a command's options and examples.";

/// `clap` knows one list of subcommands only, so the template has them written out.
pub(super) fn template(command: &Command) -> String {
    let header = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let names = || GROUPS.iter().flat_map(|(_, names)| names.iter().copied());
    let width = names().map(str::len).max().unwrap_or(0);

    let mut template = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (group, names) in GROUPS {
        let _ = writeln!(template, "\n{header}{group}:{header:#}");
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(template, "  {literal}{name:width$}{literal:#}  {}", about.unwrap_or_default());
        }
    }
    let _ = write!(template, "\n{header}Options:{header:#}\n{{options}}\n\n{AFTER}");
    template
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_visible_command_stands_in_one_group() {
        let cli = Cli::command();
        let mut visible: Vec<&str> =
            cli.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name).collect();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        visible.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(grouped, visible);
    }

    #[test]
    fn the_command_line_is_well_formed() {
        crate::cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_described_and_shown_in_an_example() {
        let mut wrong = Vec::new();
        let mut commands = vec![("claude-cost".to_owned(), Cli::command())];
        while let Some((name, command)) = commands.pop() {
            for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
                commands.push((format!("{name} {}", child.get_name()), child.clone()));
            }
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            if about.is_empty() || about.ends_with('.') || !about.starts_with(char::is_uppercase) {
                wrong.push(format!("{name} is described as `{about}`"));
            }
            let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let is_shown = example.lines().any(|line| line.starts_with("  ") && line.contains(&name));
            if command.get_name() != "claude-cost" && !is_shown {
                wrong.push(format!("{name} has no example of itself"));
            }
            for argument in command.get_arguments().filter(|argument| argument.get_help().is_none()) {
                wrong.push(format!("{name} does not say what {} is", argument.get_id()));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
