//! What every command says of itself.

use std::fmt::Write as _;

use crate::sandbox::Sandbox;

/// The width that a terminal has if nobody widened it.
const COLUMNS: usize = 80;

fn help(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.claude_cost(arguments).env("COLUMNS", COLUMNS.to_string()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", sandbox.transcript(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help text lists: two spaces, the name, its description.
pub(crate) fn commands(help: &str) -> Vec<(String, String)> {
    let before_options = help.split("\nOptions:").next().unwrap();
    let list = before_options.lines().skip_while(|line| !line.starts_with("Usage:")).filter_map(|line| {
        let (name, about) = line.strip_prefix("  ")?.split_once("  ")?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_name.then(|| (name.to_owned(), about.trim().to_owned()))
    });
    list.collect()
}

/// The help of every command by its name, parents before their children.
fn every_help(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut helps = Vec::new();
    let mut open = vec![String::new()];
    while let Some(name) = open.pop() {
        let words: Vec<&str> = name.split_whitespace().chain(["--help"]).collect();
        let text = help(sandbox, &words);
        // An argument's description stands in the same form as a command's, but only these lists have a heading.
        if name.is_empty() || text.contains("\nCommands:\n") {
            let children = commands(&text).into_iter().rev();
            open.extend(children.map(|(child, _)| format!("{name} {child}").trim().to_owned()));
        }
        helps.push((name, text));
    }
    helps
}

#[test]
fn the_commands_stand_in_groups() {
    insta::assert_snapshot!(help(&Sandbox::new(), &["--help"]), @"
    Know what a piece of work with Claude Code cost

    Usage: claude-cost [OPTIONS] <COMMAND>

    Session:
      start        Name a piece of work and start its session
      log          Record an exchange with the tokens it took
      quick        Record an exchange by its kind of task
      note         Record a remark
      status       Show the running session at a glance
      end          End the session and archive its report
      pause        Stop the clock for a while
      resume       Let the clock run again
      continue     Open an ended session again
      undo         Take the last change back
      cancel       Throw the running session away
      edit         Correct an entry, a note or the session itself
      sessions     List sessions and what they came to
      show         Print the report of a session

    Usage:
      usage        Show what Claude Code used, and what it cost
      sync         Read what Claude Code used since the last time
      export       Print every exchange for other programs, one a line

    Estimates and prices:
      estimate     Estimate the tokens of text, and what they would cost
      prices       Show what models cost, or set it

    Set-up:
      doctor       Check that nothing is amiss, and tell what is
      config       Show and change settings
      init         Print a shell's short commands, completions and prompt
      statusline   Print a line of costs for Claude Code's status line
      install      Have git tell claude-cost of each commit as it is made
      uninstall    Take away what `install` put there
      completions  Print a shell's completions
      man          Print the man page, or write one page a command

    Options:
          --color <WHEN>        Colour output: auto, always or never [default: auto]
      -q, --quiet               Print only what was asked for, no messages
      -c, --config <KEY=VALUE>  Override a setting for this run, as in -c model=opus
      -h, --help                Print help
      -V, --version             Print version

    daily, weekly, monthly, session and blocks can do without the word `usage`.
    Run `claude-cost help <COMMAND>` for a command's options and examples.
    ");
}

#[test]
fn every_command_explains_itself() {
    let mut all = String::new();
    for (name, text) in every_help(&Sandbox::new()) {
        let _ = writeln!(all, "$ claude-cost {name}{}--help\n{text}", if name.is_empty() { "" } else { " " });
    }
    insta::assert_snapshot!(all);
}

#[test]
fn help_fits_into_a_terminal_with_examples_that_can_be_copied() {
    let mut wrong = Vec::new();
    for (name, text) in every_help(&Sandbox::new()) {
        for line in text.lines().filter(|line| line.chars().count() > COLUMNS) {
            wrong.push(format!("{name}: `{line}` is too long"));
        }
        let examples = text.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
        for line in examples.take_while(|line| !line.is_empty()) {
            // What does not name the program is the rest of a line that `clap` broke.
            if !line.contains("claude-cost") {
                wrong.push(format!("{name}: the example with `{line}` is broken in two"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn help_is_a_command_too() {
    let sandbox = Sandbox::new();
    assert_eq!(help(&sandbox, &["help", "log"]), help(&sandbox, &["log", "--help"]));
    assert_eq!(help(&sandbox, &["help", "prices", "set"]), help(&sandbox, &["prices", "set", "--help"]));
    assert_eq!(help(&sandbox, &["help"]), help(&sandbox, &["--help"]));
    insta::assert_snapshot!(sandbox.run(&["help", "lgo"]), @"
    exit 2
    --- stderr
    error: unrecognized subcommand 'lgo'

    Usage: claude-cost [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn nothing_typed_shows_the_help_and_a_slip_the_nearest_command() {
    let sandbox = Sandbox::new();
    let output = sandbox.claude_cost::<&str>(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("\nSession:\n  start "), "{shown}");
    insta::assert_snapshot!(sandbox.run(&["strat"]), @"
    exit 2
    --- stderr
    error: unrecognized subcommand 'strat'

      tip: some similar subcommands exist: 'statusline', 'estimate', 'status', 'start'

    Usage: claude-cost [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn a_broken_config_file_does_not_keep_help_and_completions_away() {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.config()).unwrap();
    fs_err::write(sandbox.config().join("config.toml"), "model = [").unwrap();
    help(&sandbox, &["--help"]);
    for shell in ["bash", "zsh", "fish"] {
        assert!(sandbox.stdout(&["completions", shell]).contains("quick"), "{shell}");
    }
}

#[test]
fn completions_offer_the_kinds_of_work() {
    let sandbox = Sandbox::new();
    sandbox.run(&["config", "set", "tasks.refactor", "1500 800"]);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = sandbox.stdout(&["completions", shell]);
        for task in ["refactor", "audit"] {
            // PowerShell completes commands and options only.
            assert!(script.contains(task) || shell == "powershell", "{shell} does not offer {task}");
        }
    }
    // What completions offer is not all that can be typed.
    insta::assert_snapshot!(sandbox.run(&["quick", "desing", "a cache"]), @r#"
    exit 2
    --- stderr
    error: there is no task `desing`
    hint: there are audit, chat, code, debug, docs, plan, refactor, review, test; add your own with claude-cost config set tasks.<NAME> "<IN> <OUT>"
    "#);
}

#[test]
fn every_command_has_a_man_page() {
    let sandbox = Sandbox::new();
    sandbox.stdout(&["man", "pages"]);
    let mut expected: Vec<String> = every_help(&sandbox)
        .iter()
        .map(|(name, _)| format!("claude-cost {name}").trim().replace(' ', "-") + ".1")
        .collect();
    expected.sort();
    let mut pages = Vec::new();
    for entry in fs_err::read_dir(sandbox.work().join("pages")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs_err::read_to_string(&path).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{}", path.display());
        assert!(!text.contains("help(1)"), "{}", path.display());
        pages.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    pages.sort();
    assert_eq!(pages, expected);
}
