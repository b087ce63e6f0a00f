//! Commands that are killed: what was acknowledged is there, what was not is there or not, and the next command works.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::permissions::assert_private;
use crate::sandbox::Sandbox;
use crate::sandbox::is_torture;
use crate::sandbox::program;

/// Calls that change something, or come right before; the long form takes the ones that only look as well.
const CALLS: &str = "mkdir,write,pwrite64,fsync,fdatasync,rename,unlink,ftruncate,flock";
const MORE_CALLS: &str = "openat,close,read,pread64,lseek,fcntl,statx,newfstatat,fstat,getdents64,munmap";

/// What sessions come to, as far as a kill may change it: name, state, entries and tokens in.
type Sum = Vec<(String, String, u64, u64)>;

fn sum(sandbox: &Sandbox) -> Sum {
    let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["sessions", "--json"])).unwrap();
    let mut sum = Sum::new();
    for row in json["sessions"].as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let shown: serde_json::Value =
            serde_json::from_str(&sandbox.stdout(&["show", id, "--format", "json"])).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let tokens = shown["tokens"]["input"].as_u64().unwrap();
        assert!(shown["unread_lines"].as_u64().unwrap() <= 1, "{shown:#}");
        sum.push((text(&row["name"]), text(&row["state"]), row["entries"].as_u64().unwrap(), tokens));
    }
    sum
}

pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = fs_err::remove_dir_all(to);
    if from.exists() {
        fs_err::create_dir_all(to.parent().unwrap()).unwrap();
        let output = std::process::Command::new("cp").arg("-a").args([from, to]).output().unwrap();
        assert!(output.status.success());
    }
}

fn temporary_files(directory: &Path) -> usize {
    let Ok(entries) = fs_err::read_dir(directory) else { return 0 };
    let count = |path: &Path| usize::from(path.extension().is_some_and(|extension| extension == "tmp"));
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { temporary_files(&path) } else { count(&path) })
        .sum()
}

pub(crate) fn has_strace(sandbox: &Sandbox) -> bool {
    sandbox.command("strace").args(["-o", "/dev/null", "true"]).output().is_ok_and(|output| output.status.success())
}

/// How often the command makes each call, and what it leaves.
pub(crate) fn calls(sandbox: &Sandbox, arguments: &[&str], names: &str) -> BTreeMap<String, usize> {
    let log = sandbox.home().join("trace");
    let mut command = sandbox.command("strace");
    command.args(["-f", "-qq", "-e", &format!("trace={names}"), "-o"]).arg(&log).arg(program()).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", sandbox.transcript(&output));
    let mut calls = BTreeMap::new();
    for line in fs_err::read_to_string(log).unwrap().lines() {
        let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
        if let Some((name, _)) = call.split_once('(') {
            *calls.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    calls
}

/// A session, what came before, and the command that is killed at each of its calls.
fn kill_at_every_call(before: &[&[&str]], arguments: &[&str]) {
    let mut sandbox = Sandbox::new();
    if !has_strace(&sandbox) {
        eprintln_once("strace cannot be run here: commands are killed at random times only");
        return;
    }
    sandbox.init_repository();
    sandbox.commit("a", "", "One", "11:00");
    for (minute, arguments) in before.iter().enumerate() {
        sandbox.set_now(&format!("12:{:02}", minute + 1));
        sandbox.stdout(arguments);
    }
    sandbox.set_now("12:30");
    let old = sum(&sandbox);
    let (saved, reports) = (sandbox.home().join("saved"), sandbox.work().join(".claude-cost"));
    let saved_reports = sandbox.home().join("saved-reports");
    copy(&sandbox.data(), &saved);
    copy(&reports, &saved_reports);

    let names = if is_torture() { format!("{CALLS},{MORE_CALLS}") } else { CALLS.to_owned() };
    let calls = calls(&sandbox, arguments, &names);
    let new = sum(&sandbox);
    assert_ne!(old, new);

    let mut kills = 0;
    for (name, &count) in &calls {
        for number in 1..=count {
            copy(&saved, &sandbox.data());
            copy(&saved_reports, &reports);
            let mut command = sandbox.command("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={name}"), "-e"]);
            command.arg(format!("inject={name}:signal=SIGKILL:when={number}")).arg(program()).args(arguments);
            let output = command.output().unwrap();
            kills += usize::from(output.status.signal() == Some(9));

            let place = format!("{arguments:?} killed at {name} {number}: {}", sandbox.transcript(&output));
            assert!(temporary_files(&sandbox.data()) + temporary_files(&reports) <= 1, "{place}");
            let is_acknowledged = output.status.success() || !output.stderr.is_empty();
            let left = sum(&sandbox);
            assert!(
                left == new || (left == old && !is_acknowledged),
                "{place}\nleft {left:?}\nold {old:?}\nnew {new:?}"
            );
            if left == old {
                let again = sandbox.claude_cost(arguments).output().unwrap();
                assert!(again.status.success(), "{place}\nagain: {}", sandbox.transcript(&again));
                assert_eq!(sum(&sandbox), new, "{place}");
            }
            if sandbox.data().exists() {
                assert_private(&sandbox.data());
            }
        }
    }
    assert!(kills * 10 >= calls.values().sum::<usize>() * 9, "only {kills} kills at {calls:?}");
}

#[expect(clippy::print_stderr, reason = "a test that could not run says so")]
pub(crate) fn eprintln_once(reason: &str) {
    eprintln!("skipped: {reason}");
}

const START: &[&str] = &["start", "Work"];
const LOG: &[&str] = &["log", "100", "10", "first"];
const END: &[&str] = &["end"];

#[test]
fn start_may_be_killed_at_any_call() {
    kill_at_every_call(&[], &["start", "Work"]);
}

#[test]
fn log_may_be_killed_at_any_call() {
    kill_at_every_call(&[START], &["log", "10", "1", "x"]);
}

#[test]
fn quick_may_be_killed_at_any_call() {
    kill_at_every_call(&[START, LOG], &["quick", "code", "x"]);
}

#[test]
fn end_may_be_killed_at_any_call() {
    kill_at_every_call(&[START, LOG], END);
}

#[test]
fn cancel_may_be_killed_at_any_call() {
    kill_at_every_call(&[START, LOG], &["cancel"]);
}

#[test]
fn continue_may_be_killed_at_any_call() {
    kill_at_every_call(&[START, LOG, END], &["continue"]);
}

#[test]
fn undo_may_be_killed_at_any_call() {
    kill_at_every_call(&[START, LOG, END], &["undo"]);
}

#[test]
fn an_edit_of_an_ended_session_may_be_killed_at_any_call() {
    kill_at_every_call(&[START, LOG, END], &["edit", "1", "--in", "7"]);
}

#[test]
fn no_kill_at_any_time_loses_an_acknowledged_entry() {
    let kills = if is_torture() { 3000 } else { 320 };
    let sandbox = Sandbox::new();
    sandbox.run(&["start", "Killed"]);
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut acknowledged = Vec::new();
    for batch in 0..kills / 8 {
        let children: Vec<_> = (0..8)
            .map(|number| {
                let text = format!("entry {batch} {number}");
                let mut command = sandbox.claude_cost(&["log", "1", "1", &text]);
                (text, command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
            })
            .collect();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_micros((random >> 33) % 60_000));
        for (text, mut child) in children {
            let _ = child.kill();
            let output = child.wait_with_output().unwrap();
            if String::from_utf8_lossy(&output.stderr).starts_with("logged ") {
                acknowledged.push(text);
            }
        }
    }

    sandbox.stdout(&["log", "1", "1", "last"]);
    let shown: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["show", "--format", "json"])).unwrap();
    let mut texts: Vec<_> =
        shown["activity"].as_array().unwrap().iter().map(|row| row["text"].as_str().unwrap()).collect();
    assert!(acknowledged.iter().all(|text| texts.contains(&text.as_str())), "{acknowledged:?}\n{texts:?}");
    let all = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), all, "something is there twice");
    assert_private(&sandbox.data());
}
