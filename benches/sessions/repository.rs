//! Repositories of any number of commits, by `git fast-import`.

use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use anyhow::Context as _;
use fs_err as fs;

use crate::world::NOW;

const FILES: u64 = 1000;
const FILES_PER_COMMIT: u64 = 3;
const LINES: u64 = 60;
/// Local branches, and branches of others, at commits all over history.
const BRANCHES: u64 = 50;
const REMOTE_BRANCHES: u64 = 500;
/// Between two commits, in an open session and before it.
const SECONDS_IN_SESSION: u64 = 300;
const SECONDS_BEFORE: u64 = 900;
const WHO: &str = "Ann <ann@example.com>";

/// A repository of `commits`, the last `recent` of which lie in the hours before now, packed as git packs.
pub(crate) fn make(directory: &Path, commits: u64, recent: u64) -> anyhow::Result<()> {
    fs::create_dir_all(directory)?;
    git(directory, &["init", "--quiet", "--initial-branch=main"])?;
    git(directory, &["config", "user.email", "ann@example.com"])?;
    git(directory, &["config", "user.name", "Ann"])?;

    let mut import = Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(directory).stdin(Stdio::piped());
    let mut import = import.spawn().context("git is needed to make repositories")?;
    let mut stream = BufWriter::new(import.stdin.take().context("fast-import has a stdin")?);
    for number in 0..commits {
        let after = commits - number;
        let age = after.min(recent) * SECONDS_IN_SESSION + after.saturating_sub(recent) * SECONDS_BEFORE;
        commit(&mut stream, number, NOW - i64::try_from(age)?)?;
    }
    for (kind, count) in [("heads/topic", BRANCHES), ("remotes/origin/topic", REMOTE_BRANCHES)] {
        for number in 0..count {
            write!(stream, "reset refs/{kind}-{number}\nfrom :{}\n\n", 1 + number * commits / count)?;
        }
    }
    drop(stream);
    anyhow::ensure!(import.wait()?.success(), "git fast-import failed");
    git(directory, &["pack-refs", "--all"])
}

/// Each commit writes a few files anew; the first ones make them.
fn commit(stream: &mut impl Write, number: u64, at: i64) -> std::io::Result<()> {
    writeln!(stream, "commit refs/heads/main\nmark :{}", number + 1)?;
    writeln!(stream, "author {WHO} {at} +0000\ncommitter {WHO} {at} +0000")?;
    let message = format!("Change {number}");
    writeln!(stream, "data {}\n{message}", message.len() + 1)?;
    for step in 0..FILES_PER_COMMIT {
        let file = (number * FILES_PER_COMMIT + step) % FILES;
        let text: String = (0..LINES).map(|line| content(number, line)).collect();
        writeln!(stream, "M 100644 inline src/part{:02}/file{file:03}.rs\ndata {}\n{text}", file % 40, text.len())?;
    }
    writeln!(stream)
}

/// Every seventh line is new with each commit.
fn content(commit: u64, line: u64) -> String {
    let version = if line.is_multiple_of(7) { commit } else { 0 };
    format!("    let value_{line} = compute({version}, \"some text\");\n")
}

fn git(directory: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("git").args(arguments).current_dir(directory).status()?;
    anyhow::ensure!(status.success(), "git {} failed", arguments.join(" "));
    Ok(())
}
