//! Disks that are full, cut writes short or take none, and stores that are damaged: a clear error, and nothing lost.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::sandbox::Sandbox;
use crate::sandbox::is_torture;
use crate::sandbox::program;

fn journal(sandbox: &Sandbox) -> PathBuf {
    let mut entries = fs_err::read_dir(sandbox.data().join("sessions/active")).unwrap();
    entries.next().unwrap().unwrap().path()
}

fn sum(sandbox: &Sandbox) -> u64 {
    let shown: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["show", "--format", "json"])).unwrap();
    assert_eq!(shown["unread_lines"], 0);
    shown["tokens"]["input"].as_u64().unwrap()
}

/// Runs a command whose files may not grow beyond so many bytes.
fn limited(sandbox: &Sandbox, bytes: u64, arguments: &[&str]) -> Command {
    let mut command = sandbox.command("prlimit");
    // SIGXFSZ would kill it before it could say anything; a shell that ignores the signal hands that on.
    command.arg(format!("--fsize={bytes}")).args(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    command.arg(program()).args(arguments);
    command
}

/// Runs a command that may not write where permissions forbid it, even if the tests are root's.
pub(crate) fn unprivileged(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let probe = sandbox.home().join("probe");
    fs_err::create_dir_all(&probe).unwrap();
    fs_err::set_permissions(&probe, std::fs::Permissions::from_mode(0o500)).unwrap();
    if fs_err::write(probe.join("x"), "").is_err() {
        return sandbox.claude_cost(arguments);
    }
    let mut command = sandbox.command("setpriv");
    command.args(["--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]);
    command.arg(program()).args(arguments);
    command
}

pub(crate) fn read_only(directory: &Path, is_read_only: bool) {
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        let mode = if is_read_only { 0o500 } else { 0o700 };
        fs_err::set_permissions(&directory, std::fs::Permissions::from_mode(mode)).unwrap();
        for entry in fs_err::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let mode = if is_read_only { 0o400 } else { 0o600 };
                fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
}

#[test]
fn a_write_that_is_cut_short_at_any_byte_is_taken_back() {
    let sandbox = Sandbox::new();
    sandbox.stdout(&["start", "Short"]);
    let before = fs_err::metadata(journal(&sandbox)).unwrap().len();
    sandbox.stdout(&["log", "1", "1", "é日"]);
    let whole = fs_err::read(journal(&sandbox)).unwrap();
    let length = whole.len() as u64;
    let step = if is_torture() { 1 } else { 7 };
    for bytes in (length..length * 2 - before).step_by(step) {
        let output = limited(&sandbox, bytes, &["log", "1", "1", "é日"]).output().unwrap();
        let said = sandbox.transcript(&output);
        assert!(
            said.starts_with("exit 1\n") && said.contains(".jsonl") && said.contains("hint: free some space"),
            "{said}"
        );
        assert_eq!(fs_err::read(journal(&sandbox)).unwrap(), whole, "at {bytes}");
    }
    sandbox.stdout(&["log", "1", "1", "after"]);
    assert_eq!(sum(&sandbox), 2);
}

#[test]
fn a_disk_that_takes_nothing_more_is_a_clear_error_for_every_command() {
    let mut sandbox = Sandbox::new();
    sandbox.stdout(&["start", "Full"]);
    sandbox.stdout(&["log", "1", "1", "x"]);
    sandbox.set_now("12:30");
    for arguments in
        [&["log", "1", "1", "y"] as &[&str], &["quick", "code", "y"], &["note", "y"], &["end"], &["cancel"], &["pause"]]
    {
        let output = limited(&sandbox, 0, arguments).output().unwrap();
        let said = sandbox.transcript(&output);
        assert!(said.starts_with("exit 1\n") && said.contains("[ROOT]/"), "{arguments:?}: {said}");
        assert!(said.contains("hint: "), "{arguments:?}: {said}");
    }
    insta::assert_snapshot!(
        sandbox
            .transcript(&limited(&sandbox, 0, &["note", "y"]).output().unwrap())
            .replace(&*journal(&sandbox).file_name().unwrap().to_string_lossy(), "[ID].jsonl"), @"
    exit 1
    --- stderr
    error: it could not be recorded: failed to write to file `[ROOT]/home/.local/share/claude-cost/sessions/active/[ID].jsonl`: File too large (os error 27)
    hint: free some space there, then type it again; what was recorded before is safe
    ");
    insta::assert_snapshot!(sandbox.transcript(&limited(&sandbox, 0, &["hook", "post-commit"]).output().unwrap()), @"exit 0");
    assert_eq!(sum(&sandbox), 1);
    sandbox.stdout(&["end"]);
}

#[test]
fn a_full_file_system_loses_nothing_and_goes_on_when_there_is_space() {
    let mut sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.data()).unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=128k,mode=0700", "claude-cost-test"];
    let mounted = sandbox.command("mount").args(mount).arg(sandbox.data()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        skipped("a file system can only be mounted by root");
        return;
    }
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sandbox.stdout(&["start", "Full"]);
        let filler = sandbox.data().join("filler");
        // What is left is less than a page.
        let script = "head -c 1000000 /dev/zero >\"$1\"; true";
        sandbox.command("sh").args(["-c", script, "sh"]).arg(&filler).output().unwrap();
        sandbox.set_now("12:30");
        let mut recorded = 0;
        for _ in 0..40 {
            let output = sandbox.claude_cost(&["log", "1", "0", &"long ".repeat(100)]).output().unwrap();
            if !output.status.success() {
                let said = sandbox.transcript(&output);
                assert!(said.contains("No space left") && said.contains("hint: free some space"), "{said}");
                break;
            }
            recorded += 1;
        }
        assert!(recorded < 40);
        let output = sandbox.claude_cost(&["hook", "post-commit"]).output().unwrap();
        assert_eq!(sandbox.transcript(&output), "exit 0\n");
        // The ledger finds no space either: reports do without it.
        assert_eq!(sum(&sandbox), recorded);
        fs_err::remove_file(filler).unwrap();
        sandbox.stdout(&["log", "1", "0", "after"]);
        sandbox.stdout(&["end"]);
        assert_eq!(sum(&sandbox), recorded + 1);
    }));
    sandbox.command("umount").arg(sandbox.data()).output().unwrap();
    assert!(outcome.is_ok());
}

#[expect(clippy::print_stderr, reason = "a test that could not run says so")]
pub(crate) fn skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}

#[test]
fn a_data_directory_that_cannot_be_written_can_be_read() {
    let mut sandbox = Sandbox::new();
    sandbox.stdout(&["start", "Past"]);
    sandbox.set_now("12:20");
    sandbox.stdout(&["end"]);
    sandbox.stdout(&["start", "Now"]);
    sandbox.stdout(&["log", "1", "1", "x"]);
    read_only(&sandbox.data(), true);
    for arguments in [&["status"] as &[&str], &["sessions"], &["sessions", "--json"], &["show"], &["show", "Past"]] {
        let output = unprivileged(&sandbox, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", sandbox.transcript(&output));
        assert!(!output.stdout.is_empty());
    }
    insta::assert_snapshot!(sandbox.transcript(&unprivileged(&sandbox, &["log", "1", "1", "y"]).output().unwrap()), @"
    exit 1
    --- stderr
    error: failed to open file `[ROOT]/home/.local/share/claude-cost/sessions/lock`: Permission denied (os error 13)
    hint: set CLAUDE_COST_HOME to a directory that can be written
    ");
    insta::assert_snapshot!(sandbox.transcript(&unprivileged(&sandbox, &["hook", "post-commit"]).output().unwrap()), @"exit 0");
    read_only(&sandbox.data(), false);
    sandbox.stdout(&["log", "1", "1", "y"]);
    assert_eq!(sum(&sandbox), 2);
}

#[test]
fn a_repository_that_takes_no_report_does_not_keep_a_session_from_ending() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "", "One", "11:00");
    sandbox.stdout(&["start", "Locked"]);
    sandbox.set_now("12:30");
    fs_err::set_permissions(sandbox.work(), std::fs::Permissions::from_mode(0o500)).unwrap();
    let output = unprivileged(&sandbox, &["end"]).output().unwrap();
    fs_err::set_permissions(sandbox.work(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let said = sandbox.transcript(&output);
    assert!(
        said.starts_with("exit 0\n") && said.contains("warning: the repository does not take the report"),
        "{said}"
    );
    assert!(PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end()).starts_with(sandbox.data()));
}

/// A sandbox with one ended and one running session.
fn two_sessions() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.stdout(&["start", "Past"]);
    sandbox.stdout(&["log", "5", "5", "x"]);
    sandbox.set_now("12:20");
    sandbox.stdout(&["end"]);
    sandbox.stdout(&["start", "Now"]);
    sandbox.stdout(&["log", "1", "1", "x"]);
    sandbox.set_now("12:40");
    sandbox
}

#[test]
fn a_damaged_ledger_is_set_aside_and_made_anew() {
    for damage in ["no database at all", "damaged pages", "cut in half"] {
        let sandbox = two_sessions();
        let before = sandbox.stdout(&["sessions"]);
        let path = sandbox.data().join("ledger.db");
        let _ = fs_err::remove_file(sandbox.data().join("ledger.db-wal"));
        let _ = fs_err::remove_file(sandbox.data().join("ledger.db-shm"));
        let mut bytes = fs_err::read(&path).unwrap();
        match damage {
            "no database at all" => bytes = b"garbage ".repeat(1000),
            "damaged pages" => bytes[4096..].fill(0xa5),
            _ => bytes.truncate(bytes.len() / 2),
        }
        fs_err::write(&path, &bytes).unwrap();

        let output = sandbox.claude_cost(&["end"]).output().unwrap();
        let output = if output.status.success() { output } else { sandbox.claude_cost(&["end"]).output().unwrap() };
        assert!(output.status.success(), "{damage}: {}", sandbox.transcript(&output));
        sandbox.stdout(&["undo"]);
        assert_eq!(sandbox.stdout(&["sessions"]), before, "{damage}");
        assert_eq!(fs_err::read(sandbox.data().join("ledger.damaged-1.db")).unwrap().len(), bytes.len(), "{damage}");
        assert!(!sandbox.data().join("ledger.damaged-2.db").exists());
        sandbox.stdout(&["end"]);
        sandbox.stdout(&["start", "Next"]);
    }
}

#[test]
fn a_damaged_ledger_is_said_once() {
    let sandbox = two_sessions();
    fs_err::write(sandbox.data().join("ledger.db"), "garbage ".repeat(1000)).unwrap();
    insta::assert_snapshot!(sandbox.run(&["quick", "code", "x"]), @"
    exit 0
    --- stderr
    logged ~3,500 in, ~5,500 out, code, $0.0620 (by the preset); Now is at $0.0620
    warning: the ledger was damaged: it is kept as [ROOT]/home/.local/share/claude-cost/ledger.damaged-1.db, and a new one is made from the journals
    ");
    assert!(!sandbox.run(&["sessions"]).contains("warning"));
}

#[test]
fn a_ledger_of_a_newer_version_is_left_alone_and_caught_up_with() {
    let sandbox = two_sessions();
    let path = sandbox.data().join("ledger.db");
    let set_version = |from: u8, to: u8| {
        // The version stands at byte 60 of the file, once the log is played into it.
        let _ = fs_err::remove_file(sandbox.data().join("ledger.db-wal"));
        let mut bytes = fs_err::read(&path).unwrap();
        assert_eq!(bytes[63], from);
        bytes[63] = to;
        fs_err::write(&path, &bytes).unwrap();
        bytes
    };
    let known = fs_err::read(&path).unwrap()[63];
    let newer = set_version(known, 99);
    let ended = sandbox.claude_cost(&["end"]).output().unwrap();
    let said = sandbox.redacted(&String::from_utf8_lossy(&ended.stderr));
    insta::assert_snapshot!(said.replace(&format!("knows {known}"), "knows [KNOWN]"), @"
    ended Now: <$0.0001 in 20m (<$0.0001 an hour), 1 entry
    warning: could not open the ledger [ROOT]/home/.local/share/claude-cost/ledger.db: it was written by a newer version of claude-cost (schema 99, this one knows [KNOWN]); until that is mended, closed sessions are read from their journals
    ");
    sandbox.stdout(&["start", "Next"]);
    assert!(sandbox.stdout(&["sessions"]).contains("Past"));
    sandbox.stdout(&["cancel"]);
    assert_eq!(fs_err::read(&path).unwrap(), newer);
    set_version(99, known);
    let listed = sandbox.run(&["sessions"]);
    assert!(
        !listed.contains("warning") && ["Past", "Now", "Next"].iter().all(|name| listed.contains(name)),
        "{listed}"
    );
}

#[test]
fn a_damaged_journal_hides_nothing_else_and_is_named() {
    let sandbox = two_sessions();
    let path = journal(&sandbox);
    let text = fs_err::read_to_string(&path).unwrap();
    // Something in front of the start, as a merge leaves it, does no harm.
    fs_err::write(&path, format!("<<<<<<< HEAD\n\n\0\0\n{text}")).unwrap();
    assert!(sandbox.run(&["status"]).contains("warning: 2 lines of the session's journal could not be read"));
    fs_err::write(&path, &text[40..]).unwrap();
    let redacted = |text: String| text.replace(&*path.file_name().unwrap().to_string_lossy(), "[ID].jsonl");
    insta::assert_snapshot!(redacted(sandbox.run(&["log", "1", "1", "x"])), @"
    exit 1
    --- stderr
    error: no session is running in work
    hint: perhaps one is that cannot be read: [ROOT]/home/.local/share/claude-cost/sessions/active/[ID].jsonl has lost its first line; mend it, or move it away
    ");
    assert!(sandbox.run(&["sessions"]).contains("has lost its first line"));
    fs_err::write(&path, text).unwrap();
    sandbox.stdout(&["log", "1", "1", "x"]);
}

#[test]
fn lines_of_a_newer_version_stay_and_are_told() {
    let sandbox = two_sessions();
    let path = journal(&sandbox);
    let mut text = fs_err::read_to_string(&path).unwrap();
    text.push_str(
        "{\"v\":2,\"id\":\"019aa0e2-0000-7000-8000-000000000001\",\"moment\":{\"day\":1},\"what\":\"danced\"}\n",
    );
    fs_err::write(&path, &text).unwrap();
    sandbox.stdout(&["log", "1", "1", "x"]);
    assert!(fs_err::read_to_string(&path).unwrap().starts_with(&text));
    assert!(
        sandbox
            .run(&["status"])
            .contains("warning: 1 line of the session's journal can be read only by a newer version")
    );
}

#[test]
fn what_is_no_journal_stops_no_session() {
    let mut sandbox = two_sessions();
    let stranger = sandbox.data().join("sessions/active/019aa0e2-0000-7000-8000-000000000001.jsonl");
    fs_err::create_dir(&stranger).unwrap();
    insta::assert_snapshot!(sandbox.play("
        claude-cost log 1 1 x
        claude-cost end --quiet >/dev/null
        claude-cost sessions --json | grep -c short_id
        claude-cost status
    "), @"
    $ claude-cost log 1 1 x
    ! logged 1 in, 1 out, <$0.0001; Now is at <$0.0001
    $ claude-cost end --quiet >/dev/null
    ! warning: failed to read from file `[ROOT]/home/.local/share/claude-cost/sessions/active/[ID].jsonl`: Is a directory (os error 21): its session is in no figure
    $ claude-cost sessions --json | grep -c short_id
    2
    ! warning: failed to read from file `[ROOT]/home/.local/share/claude-cost/sessions/active/[ID].jsonl`: Is a directory (os error 21): its session is in no figure
    $ claude-cost status
    ! error: no session is running in work
    ! hint: perhaps one is that cannot be read: failed to read from file `[ROOT]/home/.local/share/claude-cost/sessions/active/[ID].jsonl`: Is a directory (os error 21); mend it, or move it away
    [exit 1]
    ");
}
