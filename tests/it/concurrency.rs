//! Many processes at once: whatever is acknowledged is there, once, and nobody waits for ever.

use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::sandbox::Sandbox;
use crate::sandbox::is_torture;

/// The sandbox's only journal, wherever it lies.
fn journal(sandbox: &Sandbox) -> PathBuf {
    let mut found = Vec::new();
    for directory in ["active", "ended/2026"] {
        let Ok(entries) = fs_err::read_dir(sandbox.data().join("sessions").join(directory)) else { continue };
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn lines(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let text = fs_err::read_to_string(journal(sandbox)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn shown(sandbox: &Sandbox) -> serde_json::Value {
    serde_json::from_str(&sandbox.stdout(&["show", "--format", "json"])).unwrap()
}

/// A process that has the store's lock until it is killed, and does not run.
struct StoppedHolder(Child);

impl StoppedHolder {
    fn new(sandbox: &Sandbox) -> Self {
        let script = "exec 9>>\"$1\"; flock 9; echo held; kill -STOP $$; sleep 60";
        let mut command = sandbox.command("sh");
        command.args(["-c", script, "sh"]).arg(sandbox.data().join("sessions/lock")).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = [0; 5];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
        Self(child)
    }
}

impl Drop for StoppedHolder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn many_processes_that_log_lose_nothing_and_tear_nothing() {
    let (processes, each) = if is_torture() { (100, 100) } else { (20, 25) };
    let sandbox = Sandbox::new();
    sandbox.run(&["start", "Crowd"]);
    let script = "i=0; while [ $i -lt \"$2\" ]; do \"$1\" log 10 1 \"from $3, $i\" --quiet || exit 1; i=$((i+1)); done";
    let children: Vec<Child> = (0..processes)
        .map(|process| {
            let mut command = sandbox.command("sh");
            command.args(["-c", script, "sh"]).arg(crate::sandbox::program());
            spawn({
                command.args([each.to_string(), process.to_string()]);
                command
            })
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
    }

    let total = processes * each;
    assert_eq!(lines(&sandbox).len(), total + 1);
    let report = shown(&sandbox);
    assert_eq!(report["tokens"]["input"], 10 * total);
    assert_eq!(report["activity"].as_array().unwrap().len(), total);
    let texts: std::collections::BTreeSet<_> =
        report["activity"].as_array().unwrap().iter().map(|row| row["text"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), total);
}

#[test]
fn of_many_that_start_at_once_one_wins() {
    for round in 0..if is_torture() { 100 } else { 3 } {
        let sandbox = Sandbox::new();
        let children: Vec<Child> =
            (0..12).map(|number| spawn(sandbox.claude_cost(&["start", &format!("Try {number}")]))).collect();
        let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        let won = outputs.iter().filter(|output| output.status.success()).count();
        let all: Vec<_> = outputs.iter().map(|output| sandbox.transcript(output)).collect();
        assert_eq!(won, 1, "round {round}: {all:#?}");
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let said = sandbox.transcript(output);
            assert!(said.contains("` is running in work") && said.contains("hint: end it first"), "{said}");
        }
        journal(&sandbox);
    }
}

#[test]
fn what_is_logged_while_a_session_ends_is_in_its_report_or_refused() {
    for round in 0..if is_torture() { 300 } else { 12 } {
        let mut sandbox = Sandbox::new();
        sandbox.run(&["start", "Race"]);
        sandbox.set_now("12:10");
        let mut logs = Vec::new();
        let mut end = None;
        for number in 0..6 {
            if number == round % 6 {
                end = Some(spawn(sandbox.claude_cost(&["end"])));
            }
            logs.push((number, spawn(sandbox.claude_cost(&["log", "100", "1", &format!("entry {number}")]))));
        }
        let ended = end.unwrap().wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", sandbox.transcript(&ended));
        let acknowledged: Vec<String> = logs
            .into_iter()
            .filter_map(|(number, child)| {
                let output = child.wait_with_output().unwrap();
                output.status.success().then(|| format!("entry {number}"))
            })
            .collect();

        let page = String::from_utf8(ended.stdout).unwrap();
        let archived = fs_err::read_to_string(PathBuf::from(page.trim_end()).with_extension("json")).unwrap();
        for report in [serde_json::from_str(&archived).unwrap(), shown(&sandbox)] {
            let mut texts: Vec<_> =
                report["activity"].as_array().unwrap().iter().map(|row| row["text"].clone()).collect();
            texts.sort_by_key(ToString::to_string);
            assert_eq!(texts, acknowledged, "round {round}");
        }
    }
}

#[test]
fn a_stopped_process_with_the_lock_stops_no_entry_and_no_commit() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.run(&["start", "Held"]);
    sandbox.commit("a", "", "One", "12:01");
    sandbox.set_now("12:05");
    let holder = StoppedHolder::new(&sandbox);

    let began = Instant::now();
    insta::assert_snapshot!(sandbox.run(&["hook", "post-commit"]), @"exit 0");
    assert!(began.elapsed() < Duration::from_secs(2), "the hook waited for the lock");
    insta::assert_snapshot!(sandbox.run(&["log", "100", "20", "put aside"]), @"
    exit 0
    --- stderr
    logged 100 in, 20 out, $0.0004; Held is at $0.0004
    ");
    // What is put aside is already part of the session.
    insta::assert_snapshot!(sandbox.run(&["status", "--format", "short"]), @"
    exit 0
    --- stdout
    Held: $0.0004 in 5m
    ");
    insta::assert_snapshot!(sandbox.run(&["end"]), @"
    exit 1
    --- stderr
    error: another claude-cost command has held the session store for five seconds
    hint: try again; if a stopped process holds it, end that one
    ");
    let spool = || fs_err::read_dir(sandbox.data().join("sessions/spool")).unwrap().count();
    assert_eq!((spool(), lines(&sandbox).len()), (2, 1));

    drop(holder);
    insta::assert_snapshot!(sandbox.run(&["log", "1", "1", "next"]), @"
    exit 0
    --- stderr
    logged 1 in, 1 out, <$0.0001; Held is at $0.0004
    ");
    assert_eq!((spool(), lines(&sandbox).len()), (0, 4));
    assert_eq!(shown(&sandbox)["tokens"]["input"], 101);
}

#[test]
fn a_lock_file_that_is_removed_is_made_anew() {
    let sandbox = Sandbox::new();
    sandbox.run(&["start", "Unlocked"]);
    let _holder = StoppedHolder::new(&sandbox);
    fs_err::remove_file(sandbox.data().join("sessions/lock")).unwrap();
    sandbox.stdout(&["log", "1", "1", "a"]);
    assert_eq!(lines(&sandbox).len(), 2);
}

#[test]
fn two_copies_of_a_data_directory_can_be_put_together_again() {
    let mut sandbox = Sandbox::new();
    sandbox.run(&["start", "Shared"]);
    sandbox.stdout(&["log", "1", "0", "before"]);
    let copy = |from: PathBuf, to: PathBuf| {
        let output = sandbox.command("cp").arg("-a").args([from, to]).output().unwrap();
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
    };
    let other = Sandbox::new();
    fs_err::create_dir_all(other.data().parent().unwrap()).unwrap();
    copy(sandbox.data(), other.data());
    // Both machines know the project by the same path.
    let there = |arguments: &[&str]| {
        let mut command = sandbox.claude_cost(arguments);
        assert!(command.env("CLAUDE_COST_HOME", other.data()).output().unwrap().status.success());
    };
    sandbox.stdout(&["log", "10", "0", "here"]);
    there(&["log", "100", "0", "there"]);

    let name = journal(&sandbox);
    let theirs = fs_err::read(journal(&other)).unwrap();
    let mut both = fs_err::read(&name).unwrap();
    both.extend(b"=======\n");
    both.extend(theirs);
    fs_err::write(&name, both).unwrap();
    let report = shown(&sandbox);
    assert_eq!(report["tokens"]["input"], 111);
    assert_eq!(report["unread_lines"], 1);

    // Another session of the same project, from the other machine: which one is meant has to be said.
    there(&["cancel"]);
    let mut later = sandbox.claude_cost(&["start", "Second"]);
    later.env("CLAUDE_COST_HOME", other.data()).env("CLAUDE_COST_NOW", "2026-11-23T12:05:00Z");
    assert!(later.output().unwrap().status.success());
    let theirs = other.data().join("sessions/active");
    let second = fs_err::read_dir(&theirs).unwrap().next().unwrap().unwrap().file_name();
    copy(theirs.join(&second), name.with_file_name(&second));
    sandbox.set_now("12:30");
    let ids = |text: String| {
        let mut text = text;
        for path in [name.file_stem().unwrap(), std::path::Path::new(&second).file_stem().unwrap()] {
            let id = path.to_string_lossy().into_owned();
            text = text.replace(&id[id.len() - 8..], "[ID]");
        }
        text
    };
    insta::assert_snapshot!(ids(sandbox.run(&["log", "1", "1", "for whom"])), @"
    exit 1
    --- stderr
    error: 2 sessions are running in work
    hint: say which one; running: Shared in work (--session [ID]), Second in work (--session [ID])
    ");
    let id = second.to_string_lossy().into_owned();
    insta::assert_snapshot!(ids(sandbox.run(&["end", "--session", &id[..36]])).replace(&id[28..36], "[ID]"), @"
    exit 0
    --- stdout
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-second-[ID].md
    --- stderr
    ended Second: $0.00 in 25m ($0.00 an hour), 0 entries
    ");
    sandbox.stdout(&["log", "1", "1", "clear again"]);
}
