//! What README.md shows is what the program does: its sessions are run, its tables held against the program.
//!
//! A block after `<!-- tested from 09:00 -->` is run in one repository with those before it; each command is typed
//! twelve minutes after the last. `beside Claude Code`, that has answered after each. A line `…` stands for any lines left
//! out.

use std::path::Path;

use serde::Deserialize;

use crate::claude::Answer;
use crate::help;
use crate::sandbox::Sandbox;

const MARK: &str = "<!-- tested from ";
const PROMPT: &str = "$ ";
const ELISION: &str = "…";
const MINUTES_BETWEEN_COMMANDS: u32 = 12;

fn readme() -> String {
    fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

struct Block<'a> {
    /// The minute of the day at which its first command is typed.
    start: u32,
    is_beside_claude: bool,
    lines: Vec<&'a str>,
}

fn tested_blocks(readme: &str) -> Vec<Block<'_>> {
    let blocks = readme.split(MARK).skip(1).map(|rest| {
        let mut lines = rest.lines();
        let mark = lines.next().unwrap().strip_suffix(" -->").unwrap();
        let beside = mark.strip_suffix(" beside Claude Code");
        let (hour, minute) = beside.unwrap_or(mark).split_once(':').unwrap();
        let fence = lines.next().unwrap();
        assert!(fence.starts_with("```"), "{fence}");
        let start = hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap();
        Block { start, is_beside_claude: beside.is_some(), lines: lines.take_while(|line| *line != "```").collect() }
    });
    blocks.collect()
}

/// What Claude Code writes in the minutes after a command, in the directory where that was typed.
fn answer(sandbox: &Sandbox, minute: u32) {
    let directory = sandbox.work().join("payments").canonicalize().unwrap();
    let answers = [(2, 1_200), (5, 6_400), (9, 2_600)].map(|(after, output)| {
        let minute = minute + after;
        let at = format!("2026-11-23T{:02}:{:02}:00.000Z", minute / 60, minute % 60);
        Answer::new(format!("msg_{minute}"), &at, output).model("claude-sonnet-5-5").begun_in(&directory)
    });
    sandbox.answers(&answers);
}

/// Session ids are random: eight hexadecimal digits, alone or at the end of a longer id.
fn without_ids(text: &str) -> String {
    let words = text.split_inclusive(|char: char| !char.is_ascii_alphanumeric() && char != '-').map(|word| {
        let (name, end) = word.split_at(word.trim_end_matches(|char: char| !char.is_ascii_alphanumeric()).len());
        let last = name.rsplit('-').next().unwrap_or_default();
        let is_id = [8, 12].contains(&last.len())
            && last.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let shown = if !is_id {
            name.to_owned()
        } else if last.len() == 12 {
            "[ID]".to_owned()
        } else {
            format!("{}[ID]", name.strip_suffix(last).unwrap_or_default())
        };
        shown + end
    });
    words.collect()
}

/// Whether `shown` is `actual`, with lines left out where `shown` says so.
fn is_shown(shown: &[&str], actual: &[&str]) -> bool {
    match (shown.split_first(), actual.split_first()) {
        (None, None) => true,
        (Some((&ELISION, rest)), _) => (0..=actual.len()).any(|skipped| is_shown(rest, &actual[skipped..])),
        (Some((line, rest)), Some((actual_line, actual_rest))) => line == actual_line && is_shown(rest, actual_rest),
        _ => false,
    }
}

/// Types `line` into a shell that finds the program by its name.
fn typed(sandbox: &Sandbox, line: &str, minute: u32) -> String {
    let at = format!("2026-11-23T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let mut command = sandbox.command("sh");
    let directory = crate::sandbox::program().parent().unwrap().to_owned();
    let inherited =
        command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).unwrap().to_owned();
    let mut path = directory.into_os_string();
    path.push(":");
    path.push(inherited);
    command
        .arg("-c")
        .arg(format!("exec 2>&1; {line}"))
        .current_dir(sandbox.work().join("payments"))
        .env("PATH", path)
        .env("CLAUDE_COST_NOW", &at)
        .env("GIT_AUTHOR_DATE", &at)
        .env("GIT_COMMITTER_DATE", &at);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{line}: {}", sandbox.transcript(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands_print_what_the_readme_shows() {
    let sandbox = Sandbox::new();
    sandbox.write("payments/src/jwt.rs", "pub fn validate() {}\n");
    let start = "git init --quiet --initial-branch=main && git config user.name Ann && \
                 git config user.email ann@example.com && git commit --quiet --allow-empty -m 'Set up the service'";
    typed(&sandbox, start, 0);
    let home = sandbox.work().canonicalize().unwrap().to_string_lossy().into_owned();

    let readme = readme();
    let blocks = tested_blocks(&readme);
    assert!(blocks.len() >= 2, "the README shows no sessions");
    for block in blocks {
        let mut minute = block.start;
        let mut lines = block.lines.into_iter().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix(PROMPT).unwrap_or_else(|| panic!("`{line}` is no command"));
            let mut shown = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with(PROMPT)) {
                shown.push(line);
            }
            let actual = typed(&sandbox, command, minute).replace(&home, "~");
            if block.is_beside_claude {
                answer(&sandbox, minute);
            }
            minute += MINUTES_BETWEEN_COMMANDS;
            let shown = without_ids(&shown.join("\n"));
            let redacted = without_ids(actual.trim_end());
            let is_same = is_shown(&shown.lines().collect::<Vec<_>>(), &redacted.lines().collect::<Vec<_>>());
            assert!(is_same, "the README shows for `{command}`\n{shown}\n\nbut it prints\n{actual}");
        }
    }
}

#[derive(Deserialize)]
struct Setting {
    key: String,
    value: Option<String>,
    about: String,
}

/// The cells of each row of the tables under the heading, their first rows left out.
fn tables(readme: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) =
        readme.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let lines: Vec<&str> = section.lines().collect();
    let is_rule = |line: &str| line.starts_with("| -");
    let rows = lines.iter().enumerate().filter(|(number, line)| {
        line.starts_with('|') && !is_rule(line) && !lines.get(number + 1).is_some_and(|next| is_rule(next))
    });
    rows.map(|(_, line)| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_readme_has_every_setting_with_its_default() {
    let settings: Vec<Setting> = serde_json::from_str(&Sandbox::new().stdout(&["config", "list", "--json"])).unwrap();
    let expected: Vec<Vec<String>> = settings
        .into_iter()
        .map(|setting| {
            let value = setting.value.map_or_else(String::new, |value| format!("`{value}`"));
            vec![format!("`{}`", setting.key), value, setting.about]
        })
        .collect();
    let mut shown = tables(&readme(), "Settings");
    // Maps have no members until someone sets one.
    shown.retain(|row| !row[0].ends_with(".*`"));
    assert_eq!(shown, expected);
}

#[test]
fn the_readme_has_every_command_as_its_help_describes_it() {
    let mut expected: Vec<(String, String)> = help::commands(&Sandbox::new().stdout(&["--help"]));
    let mut shown: Vec<(String, String)> = tables(&readme(), "Commands")
        .into_iter()
        .map(|row| (row[0].trim_matches('`').split(' ').next().unwrap().to_owned(), row[1].clone()))
        .collect();
    expected.sort();
    shown.sort();
    assert_eq!(shown, expected);
}

#[test]
fn what_the_documents_point_to_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs_err::read_to_string(root.join(document)).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            if !target.contains("://") && !path.is_empty() && !root.join(path).exists() {
                missing.push(format!("{document} points to {target}"));
            }
        }
        // `src/…` and its like, written as code.
        for path in text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("src/")) {
            if !root.join(path).exists() {
                missing.push(format!("{document} names {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}
