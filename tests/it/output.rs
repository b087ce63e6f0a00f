//! Where output goes wrong: pipes that close, full devices, closed streams, odd terminals.

use std::process::Command;

use crate::sandbox::Sandbox;
use crate::sandbox::program;

/// Commands that print on stdout, in a sandbox where there is something to print.
const PRINTING: &[&[&str]] = &[
    &["status"],
    &["status", "--json"],
    &["status", "--check"],
    &["sessions"],
    &["sessions", "--json"],
    &["show"],
    &["show", "--format", "json"],
    &["show", "--format", "html"],
    &["show", "--format", "csv"],
    &["usage"],
    &["daily"],
    &["session", "--json"],
    &["usage", "breakdown", "--by", "model", "--csv"],
    &["sync"],
    &["export"],
    &["estimate", "prompt.md"],
    &["prices", "list"],
    &["config", "list"],
    &["init", "bash"],
    &["completions", "bash"],
    &["man"],
    &["--help"],
    &["--version"],
    &["log", "--help"],
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.stdout(&["start", "Work"]);
    sandbox.stdout(&["log", "1500", "800", "token validation"]);
    sandbox.write("prompt.md", "Please review this.");
    sandbox
}

/// Runs `claude-cost` with a redirection of the shell's; `PIPESTATUS` needs bash.
fn redirected(sandbox: &Sandbox, arguments: &[&str], redirection: &str) -> Command {
    let mut command = sandbox.command("bash");
    command.args(["-c", &format!("\"$@\" {redirection}"), "bash"]).arg(program()).args(arguments);
    command
}

#[test]
fn a_pipe_that_closes_is_no_error() {
    let sandbox = sandbox();
    for arguments in PRINTING {
        let output = redirected(&sandbox, arguments, "| head -c 0; exit ${PIPESTATUS[0]}").output().unwrap();
        assert_eq!(sandbox.transcript(&output), "exit 0\n", "{arguments:?}");
    }
}

#[test]
fn a_full_device_behind_stdout_is_an_error_and_behind_stderr_is_none() {
    let sandbox = sandbox();
    for arguments in PRINTING {
        let output = redirected(&sandbox, arguments, ">/dev/full").output().unwrap();
        let said = sandbox.transcript(&output);
        assert!(said.starts_with("exit 1\n"), "{arguments:?}: {said}");
        let output = redirected(&sandbox, arguments, "2>/dev/full").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", sandbox.transcript(&output));
    }
    let output = redirected(&sandbox, &["log", "1", "1", "x"], "2>/dev/full").output().unwrap();
    assert!(output.status.success(), "what is recorded has succeeded, told or not");
    insta::assert_snapshot!(sandbox.transcript(&redirected(&sandbox, &["status"], ">/dev/full").output().unwrap()), @"
    exit 1
    --- stderr
    error: what was asked for could not be printed: No space left on device (os error 28)
    hint: free some space there, then type it again; what was recorded before is safe
    ");
}

#[test]
fn closed_streams_make_nothing_panic() {
    let sandbox = sandbox();
    for arguments in PRINTING.iter().chain(&[&["log", "1", "1", "x"] as &[&str], &["note", "x"], &["undo"]]) {
        for redirection in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let output = redirected(&sandbox, arguments, redirection).output().unwrap();
            let said = sandbox.transcript(&output);
            assert!(output.status.success() && !said.contains("panicked"), "{arguments:?} {redirection}: {said}");
        }
    }
}

#[test]
fn no_width_of_a_terminal_makes_anything_panic() {
    let sandbox = sandbox();
    for columns in ["0", "1", "20", "-1", "99999999999999999999", "x"] {
        for arguments in PRINTING {
            let output = sandbox.claude_cost(arguments).env("COLUMNS", columns).env("TERM", "dumb").output().unwrap();
            assert!(output.status.success(), "{arguments:?} {columns}: {}", sandbox.transcript(&output));
        }
    }
    let narrow = sandbox.claude_cost(&["status"]).env("COLUMNS", "20").output().unwrap();
    assert!(String::from_utf8(narrow.stdout).unwrap().lines().all(|line| line.chars().count() <= 20));
    // No width is no knowledge of one.
    let unknown = sandbox.claude_cost(&["status"]).env("COLUMNS", "0").output().unwrap();
    assert_eq!(String::from_utf8(unknown.stdout).unwrap(), sandbox.stdout(&["status"]));
}

#[test]
fn colours_are_ours_alone() {
    let sandbox = Sandbox::new();
    sandbox.stdout(&["start", "\u{1b}[31mred\u{1b}[0m \u{1b}[8mhidden"]);
    let output = sandbox.claude_cost(&["status", "--color", "always"]).env_remove("NO_COLOR").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for colour in text.split('\u{1b}').skip(1) {
        assert!(["[0m", "[1m", "[2m"].iter().any(|ours| colour.starts_with(ours)), "{text:?}");
    }
    assert!(text.contains("␛[31mred"), "{text:?}");
    for color in ["always", "never"] {
        let arguments = ["status", "--session", "\u{1b}[31mx\u{9b}2J", "--color", color];
        let said = String::from_utf8(sandbox.claude_cost(&arguments).output().unwrap().stderr).unwrap();
        assert!(said.contains("`␛[31mx\\u{9b}2J`"), "{said:?}");
    }
    let output = sandbox.claude_cost(&["status"]).env_remove("NO_COLOR").env("TERM", "dumb").output().unwrap();
    assert!(!output.stdout.contains(&0x1b));
}
